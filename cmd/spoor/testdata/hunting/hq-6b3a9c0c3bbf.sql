SELECT "DeviceId", "DeviceName", len(list("Details")) AS "Case", to_json(list("Details"))::VARCHAR AS "SS_DetectionList"
FROM (
  SELECT e."DeviceId", e."DeviceName",
    concat(strftime(make_timestamp(e."Timestamp" // 10 - 62135596800000000), '%Y-%-m-%d %H:%M:%S'), ' <', e.category, ' /', e."InitiatingProcessFileName", '> [', e."RemoteUrl", ' : ',
      n."RemoteIP", ' : ', n."RemotePort", ']') AS "Details"
  FROM (
    SELECT "DeviceId", "DeviceName", "Timestamp", "RemoteUrl", "InitiatingProcessFileName", json_extract_string("AdditionalFields", '$.Experience') AS category
    FROM event."DeviceEvents"
    WHERE "Timestamp" > {{ago 7}} AND "ActionType" = 'DnsQueryResponse') AS e
  LEFT JOIN (
    SELECT "RemoteUrl", "RemoteIP", "RemotePort" FROM event."DeviceNetworkEvents" WHERE "Timestamp" > {{ago 7}} AND "RemotePort" IN (80, 443)) AS n
  ON e."RemoteUrl" = n."RemoteUrl"
  WHERE e.category IN ('Exploit', 'Malicious', 'Phishing', 'Untrusted'))
GROUP BY ALL
ORDER BY "Case" DESC
