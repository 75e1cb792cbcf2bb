SELECT {{columns "DeviceNetworkEvents"}}
FROM event."DeviceNetworkEvents"
WHERE "RemoteIP" = '198.18.7.7'
