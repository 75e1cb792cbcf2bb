SELECT {{columns "DeviceFileEvents"}}
FROM event."DeviceFileEvents"
WHERE "Timestamp" > {{ago 30}} AND lower("InitiatingProcessFileName") IN ('msedge.exe', 'svchost.exe') AND lower("FileName") IN ('update.cab', 'bootsvc.dll')
  AND starts_with(lower("FolderPath"), 'c:\windows\softwaredistribution')
  AND "DeviceName" IN (
    SELECT "DeviceName" FROM event."DeviceNetworkEvents"
    WHERE "Timestamp" > {{ago 30}} AND lower("InitiatingProcessFileName") IN ('msedge.exe', 'svchost.exe', 'adobecollabsync.exe')
      AND "RemotePort" NOT IN (443, 80) AND NOT regexp_matches("RemoteIP", '^(10\.|192\.168\.|127\.|169\.254\.|172\.(1[6-9]|2[0-9]|3[01])\.)'))
