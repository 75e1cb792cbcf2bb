SELECT {{columns "DeviceProcessEvents"}}, "FoundIP"
FROM (
  SELECT *, regexp_extract("ProcessCommandLine", '[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}') AS "FoundIP"
  FROM event."DeviceProcessEvents"
  WHERE regexp_matches(lower("ProcessCommandLine"), '\bprofile\b') AND regexp_matches(lower("ProcessCommandLine"), '\bedge\b')
    AND regexp_matches(lower("ProcessCommandLine"), '\bdirectory\b'))
WHERE "FoundIP" <> '' AND NOT regexp_matches("FoundIP", '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)')
