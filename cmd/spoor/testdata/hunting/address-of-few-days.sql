SELECT {{columns "DeviceNetworkEvents"}}
FROM event."DeviceNetworkEvents"
WHERE "RemoteIP" = '198.51.100.251'
