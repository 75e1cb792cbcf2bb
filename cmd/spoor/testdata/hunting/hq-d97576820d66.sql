SELECT {{columns "DeviceNetworkEvents"}}
FROM event."DeviceNetworkEvents"
WHERE "ActionType" = 'HttpConnectionInspected' AND contains(lower("AdditionalFields"), 'get') AND "RemoteIP" = '198.51.100.39'
