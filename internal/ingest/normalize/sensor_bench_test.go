package normalize_test

import (
	"testing"

	"spoor/internal/ingest/normalize"
)

// The lines are as the products print them, every usual field there.
var benchLines = []struct{ name, line string }{
	{"ZeekConn", `{"_path":"conn","_write_ts":"2026-08-01T10:00:05.123456Z","ts":1785578400.123456,"uid":"CHhAvVGS1DHFjwGM9",` +
		`"id.orig_h":"10.20.30.40","id.orig_p":54243,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","service":"ssl",` +
		`"duration":4.527,"orig_bytes":2310,"resp_bytes":18744,"conn_state":"SF","local_orig":true,"local_resp":false,` +
		`"missed_bytes":0,"history":"ShADadFf","orig_pkts":22,"orig_ip_bytes":3489,"resp_pkts":31,"resp_ip_bytes":19996}`},
	{"ZeekDNS", `{"_path":"dns","ts":"2026-08-01T10:00:05.123456Z","uid":"CqKst53mF3det3eDV9","id.orig_h":"10.20.30.40",` +
		`"id.orig_p":41772,"id.resp_h":"10.0.0.100","id.resp_p":53,"proto":"udp","trans_id":36329,"rtt":0.00087,` +
		`"query":"www.example.com","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","rcode":0,` +
		`"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"answers":["cdn.example.net","203.0.113.16"],` +
		`"TTLs":[2230.0,41830.0],"rejected":false}`},
	{"SuricataFlow", `{"timestamp":"2026-08-01T10:00:05.123456+0000","flow_id":1258832998001901,"in_iface":"eth0",` +
		`"event_type":"flow","src_ip":"10.20.30.40","src_port":52812,"dest_ip":"203.0.113.9","dest_port":443,"proto":"TCP",` +
		`"app_proto":"tls","flow":{"pkts_toserver":12,"pkts_toclient":10,"bytes_toserver":2310,"bytes_toclient":18744,` +
		`"start":"2026-08-01T10:00:00.123456+0000","end":"2026-08-01T10:00:04.1+0000","age":4,"state":"closed",` +
		`"reason":"shutdown","alerted":false},"tcp":{"tcp_flags":"1b","tcp_flags_ts":"1b","tcp_flags_tc":"1b","state":"closed"}}`},
	{"NativeEnvelope", `{"time":"2026-08-01T10:00:07Z","category":"AdvancedHunting-DeviceNetworkEvents","properties":{` +
		`"Timestamp":"2026-08-01T10:00:05.1234567Z","DeviceId":"d1","DeviceName":"ws5.corp.example","ActionType":"ConnectionSuccess",` +
		`"RemoteIP":"203.0.113.9","RemotePort":443,"RemoteUrl":"c2.example.net","LocalIP":"10.0.0.5","LocalPort":50123,` +
		`"Protocol":"Tcp","InitiatingProcessFileName":"msedge.exe","InitiatingProcessId":1700,"ReportId":9}}`},
	{"NativeByColumns", `{"Timestamp":"2026-08-01T10:00:05.1234567Z","DeviceId":"d1","DeviceName":"ws5.corp.example",` +
		`"ActionType":"ConnectionSuccess","RemoteIP":"203.0.113.9","RemotePort":443,"LocalIP":"10.0.0.5","LocalPort":50123,` +
		`"Protocol":"Tcp","InitiatingProcessFileName":"msedge.exe","InitiatingProcessId":1700,"ReportId":9}`},
	{"Raw", `{"time":"2026-08-01T10:00:05Z","level":"info","msg":"request done","path":"/a","status":200,"took":12,"user":"alice"}`},
}

func BenchmarkRecord(b *testing.B) {
	src := &normalize.Source{Name: "sensor.json"}
	for _, bench := range benchLines {
		b.Run(bench.name, func(b *testing.B) {
			r := record(b, bench.line)
			b.SetBytes(int64(len(bench.line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, ok, _ := normalize.Record(r, src); !ok {
					b.Fatal("not taken")
				}
			}
		})
	}
}
