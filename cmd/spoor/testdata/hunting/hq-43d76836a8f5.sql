SELECT {{columns "DeviceProcessEvents"}}
FROM event."DeviceProcessEvents"
WHERE lower("FileName") = 'finchtalk.exe'
  AND regexp_matches(lower("ProcessCommandLine"), '-(e|en|enc|enco|encod|encode|encoded|encodedc|encodedco|encodedcom|encodedcomm|encodedcomma|encodedcomman|minimized)($|[^a-z0-9])')
