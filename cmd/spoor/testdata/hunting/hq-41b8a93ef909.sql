SELECT "RemoteIP", "Protocol", "LogonType", "AccountName", count(*) AS "LogonAttempts", count(DISTINCT "DeviceId") AS "DistinctMachines",
  count(*) FILTER (WHERE "ActionType" = 'Success') AS "Successes", any_value("RemoteDeviceName") AS "RemoteDeviceName"
FROM event."DeviceLogonEvents"
WHERE "Timestamp" > {{ago 30}} AND "AccountDomain" = "DeviceName" AND "RemoteIP" <> '' AND "RemoteIP" NOT IN ('::1', '-', '0.0.0.0')
  AND NOT starts_with("RemoteIP", '127.')
GROUP BY ALL
ORDER BY "Successes" DESC, "LogonAttempts" DESC
