SELECT "Timestamp" AS "TimeGenerated", "FileName", "FolderPath", "AccountName", "AccountUpn", "ProcessVersionInfoProductName"
FROM event."DeviceProcessEvents"
WHERE "AccountName" <> 'system'
  AND (regexp_matches("FolderPath", '^[A-Z]:\\') OR starts_with("FolderPath", '\'))
  AND NOT starts_with("FolderPath", 'C:\Windows\') AND NOT starts_with("FolderPath", 'C:\Program Files\')
  AND NOT starts_with("FolderPath", 'C:\Program Files (x86)\') AND NOT starts_with("FolderPath", 'C:\ProgramData\')
  AND NOT starts_with(lower("AccountSid"), 's-1-5-18') AND NOT starts_with(lower("AccountSid"), 's-1-5-20')
