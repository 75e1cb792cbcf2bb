SELECT * FROM (
  SELECT {{columns "DeviceEvents"}} FROM event."DeviceEvents" UNION ALL BY NAME
  SELECT {{columns "DeviceFileEvents"}} FROM event."DeviceFileEvents" UNION ALL BY NAME
  SELECT {{columns "DeviceProcessEvents"}} FROM event."DeviceProcessEvents" UNION ALL BY NAME
  SELECT {{columns "DeviceRegistryEvents"}} FROM event."DeviceRegistryEvents" UNION ALL BY NAME
  SELECT {{columns "DeviceNetworkEvents"}} FROM event."DeviceNetworkEvents" UNION ALL BY NAME
  SELECT {{columns "DeviceImageLoadEvents"}} FROM event."DeviceImageLoadEvents")
WHERE lower("FileName") = '7za.exe' OR contains(lower("ProcessVersionInfoCompanyName"), 'igor pavlov')
  OR lower("InitiatingProcessFileName") = '7za.exe' OR contains(lower("InitiatingProcessVersionInfoCompanyName"), 'igor pavlov')
