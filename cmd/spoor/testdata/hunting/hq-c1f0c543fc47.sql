SELECT {{columns "DeviceNetworkEvents"}}
FROM event."DeviceNetworkEvents"
WHERE "RemoteIP" = '198.51.100.251'
  OR contains(lower("RemoteUrl"), 'telemetry.brightpixel.example') OR contains(lower("RemoteUrl"), 'vault.dropcrate.example')
  OR contains(lower("RemoteUrl"), 'first.invalid') OR contains(lower("RemoteUrl"), 'second.invalid')
