package normalize_test

import (
	"testing"

	"spoor/internal/ingest/normalize"
)

// connLine is a connection as Zeek's JSON writer prints it, every usual field there.
const connLine = `{"_path":"conn","_write_ts":"2026-08-01T10:00:05.123456Z","ts":1785578400.123456,"uid":"CHhAvVGS1DHFjwGM9",` +
	`"id.orig_h":"10.20.30.40","id.orig_p":54243,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","service":"ssl",` +
	`"duration":4.527,"orig_bytes":2310,"resp_bytes":18744,"conn_state":"SF","local_orig":true,"local_resp":false,` +
	`"missed_bytes":0,"history":"ShADadFf","orig_pkts":22,"orig_ip_bytes":3489,"resp_pkts":31,"resp_ip_bytes":19996}`

func BenchmarkZeekConn(b *testing.B) {
	r := record(b, connLine)
	src := &normalize.Source{Name: "conn.log"}
	b.SetBytes(int64(len(connLine)))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok, _ := normalize.Record(r, src); !ok {
			b.Fatal("not taken")
		}
	}
}
