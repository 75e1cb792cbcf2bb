SELECT "DeviceName", count(*) AS "TotalExecutions", count(DISTINCT "ProcessCommandLine") AS "UniqueCommands",
  to_json(list(DISTINCT "ProcessCommandLine")[1:1000])::VARCHAR AS "CommandLines", count(DISTINCT "UserName") AS "UniqueUsers",
  to_json(list(DISTINCT "UserName"))::VARCHAR AS "UserNames"
FROM (
  SELECT "DeviceName", "ProcessCommandLine", regexp_extract("ProcessCommandLine", 'user(?:name)?[=\s](\w+)', 1) AS "UserName"
  FROM event."DeviceProcessEvents"
  WHERE contains(lower("ProcessCommandLine"), '--profile') AND contains("ProcessCommandLine", '"'))
GROUP BY "DeviceName"
ORDER BY "UniqueUsers" DESC, "UniqueCommands" DESC, "TotalExecutions" DESC
