SELECT {{columns "DeviceNetworkEvents"}}
FROM event."DeviceNetworkEvents"
WHERE "RemotePort" = 443 AND "Protocol" = 'Tcp' AND "ActionType" = 'ConnectionSuccess' AND "Timestamp" > {{ago 7}}
  AND "RemoteIP" IN ('203.0.113.77', '2001:db8:74:4::75', '198.51.100.213', '203.0.113.116', '203.0.113.139')
