package normalize_test

import (
	"testing"

	"spoor/internal/ingest/normalize"
)

// The log is named by the record, by the file, or by fields that only it has.
func TestZeekPath(t *testing.T) {
	tests := []struct{ name, line, kind string }{
		{"", `{"_path":"conn","ts":1,"conn_state":"SF"}`, "zeek.conn"},
		{"", `{"@stream":"dns","ts":1}`, "zeek.dns"},
		{"x.zip!logs/conn.log", `{"ts":1,"uid":"C1","id.orig_h":"10.0.0.1"}`, "zeek.conn"},
		{`C:\logs\http.00:00:00-01:00:00.log`, `{"ts":1,"uid":"C1"}`, "zeek.http"},
		{"upload", `{"ts":1,"uid":"C1","id_orig_h":"10.0.0.1","conn_state":"SF"}`, "zeek.conn"},
		{"upload", `{"ts":1,"uid":"C1","id.orig_h":"10.0.0.1","qclass":1}`, "zeek.dns"},
		{"upload", `{"ts":1,"uid":"C1","id.orig_h":"10.0.0.1","something":1}`, "zeek.unknown"},
		{"conn.log", `{"_path":"../../etc/passwd","ts":1,"uid":"C1"}`, "zeek.conn"},

		{"config.json", `{"ts":1,"debug":true}`, "raw.json"},
		{"conn.log", `{"uid":"C1","id.orig_h":"10.0.0.1"}`, "raw.json"},
		{"", `{"_path":"/index.html","ts":1,"status":200}`, "raw.json"},
		{"", `{"ts":1,"msg":"started"}`, "raw.json"},
	}
	for _, tt := range tests {
		ev, ok, reason := normalize.Record(record(t, tt.line), &normalize.Source{Name: tt.name})
		if !ok || ev.Kind != tt.kind {
			t.Errorf("%s in %q: %s %s, want %s", tt.line, tt.name, ev.Kind, reason, tt.kind)
		}
	}
}
