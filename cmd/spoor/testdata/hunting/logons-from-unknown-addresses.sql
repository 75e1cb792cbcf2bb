SELECT "AccountDomain", "AccountName", "LogonType", "RemoteIP", "ActionType", min("Timestamp") AS "EarliestEvent", max("Timestamp") AS "LatestEvent",
  count(*) AS "Instances", count(DISTINCT "DeviceId") AS "DistinctMachines"
FROM event."DeviceLogonEvents" AS l
WHERE "RemoteIPType" = 'Private'
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT json_extract_string(unnest(json_extract("IPAddresses", '$[*]')), '$.IPAddress') AS ip FROM event."DeviceNetworkInfo") AS i
    WHERE i.ip = l."RemoteIP")
  AND NOT EXISTS (SELECT 1 FROM event."IdentityLogonEvents" AS d WHERE d."ISP" <> 'INTERNAL_NETWORK' AND d."IPAddress" = l."RemoteIP")
GROUP BY ALL
