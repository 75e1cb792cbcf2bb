package normalize_test

import (
	"fmt"
	"testing"

	"spoor/internal/ingest/normalize"
)

// The flags are those of RFC 9293: FIN 1, SYN 2, RST 4, PSH 8, ACK 16.
func TestSuricataFlowOutcome(t *testing.T) {
	tests := []struct {
		what, proto, more string
		action, outcome   string
	}{
		{"whole connection", "TCP", `"flow":{"state":"closed","pkts_toserver":5,"pkts_toclient":4},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b"}`, "ConnectionSuccess", "established"},
		{"reset after data", "TCP", `"flow":{"state":"closed","pkts_toclient":4},"tcp":{"tcp_flags_ts":"1e","tcp_flags_tc":"1a"}`, "ConnectionSuccess", "established"},
		{"refused", "TCP", `"flow":{"state":"closed","pkts_toclient":1},"tcp":{"tcp_flags_ts":"02","tcp_flags_tc":"14"}`, "ConnectionFailed", "refused"},
		{"no answer", "TCP", `"flow":{"state":"new","pkts_toclient":0},"tcp":{"tcp_flags_ts":"02","tcp_flags_tc":"00"}`, "ConnectionAttempt", "unanswered"},
		{"half-open", "TCP", `"flow":{"state":"new","pkts_toclient":1},"tcp":{"tcp_flags_ts":"06","tcp_flags_tc":"12"}`, "ConnectionAttempt", "unanswered"},
		{"seen from the middle", "TCP", `"flow":{"state":"established","pkts_toclient":9},"tcp":{"tcp_flags_ts":"18","tcp_flags_tc":"18"}`, "ConnectionSuccess", "established"},
		{"no flags, closed", "TCP", `"flow":{"state":"closed","pkts_toclient":2}`, "ConnectionSuccess", "established"},
		{"no flags, new", "TCP", `"flow":{"state":"new","pkts_toclient":0}`, "ConnectionAttempt", "unanswered"},
		{"no state", "TCP", `"flow":{}`, "ConnectionFound", "unknown"},
		{"dropped", "TCP", `"flow":{"state":"new","action":"drop"}`, "ConnectionFailed", "blocked"},
		{"answered datagram", "UDP", `"flow":{"state":"new","pkts_toclient":1}`, "ConnectionSuccess", "established"},
		{"datagram", "UDP", `"flow":{"state":"new","pkts_toclient":0}`, "ConnectionAttempt", "unanswered"},
		{"ping", "ICMP", `"icmp_type":8,"icmp_code":0,"flow":{"state":"established","pkts_toclient":1}`, "IcmpConnectionInspected", "icmp"},
		{"ping without an answer", "ICMP", `"icmp_type":8,"icmp_code":0,"flow":{"state":"new","pkts_toclient":0}`, "IcmpConnectionInspected", "icmp"},
		{"unreachable", "ICMP", `"icmp_type":3,"icmp_code":3,"flow":{"state":"established","pkts_toclient":1}`, "IcmpConnectionInspected", "icmp"},
	}
	for _, tt := range tests {
		r := record(t, fmt.Sprintf(`{"timestamp":"2024-01-02T03:04:05Z","event_type":"flow","flow_id":1,`+
			`"src_ip":"10.0.0.5","dest_ip":"203.0.113.9","proto":%q,%s}`, tt.proto, tt.more))
		ev, ok, reason := normalize.Suricata(r, &normalize.Source{})
		if !ok {
			t.Fatalf("%s: not taken: %s", tt.what, reason)
		}
		if action := ev.Rows[0].Str("ActionType"); action != tt.action || ev.Flow.Outcome.String() != tt.outcome {
			t.Errorf("%s: %s, %q; want %s, %q", tt.what, action, ev.Flow.Outcome, tt.action, tt.outcome)
		}
	}
}

// What the own side sent is out, whoever opened the flow.
func TestSuricataFlowBytes(t *testing.T) {
	for _, tt := range []struct {
		source, destination string
		out, in             int64
	}{{"10.0.0.5", "203.0.113.9", 100, 200}, {"203.0.113.9", "10.0.0.5", 200, 100}} {
		r := record(t, fmt.Sprintf(`{"timestamp":"2024-01-02T03:04:05Z","event_type":"flow","src_ip":%q,"dest_ip":%q,`+
			`"proto":"TCP","flow":{"state":"closed","bytes_toserver":100,"bytes_toclient":200}}`, tt.source, tt.destination))
		ev, _, _ := normalize.Suricata(r, &normalize.Source{})
		if ev.Flow.BytesOut != tt.out || ev.Flow.BytesIn != tt.in || ev.Flow.Source.String() != tt.source {
			t.Errorf("%s -> %s: %+v", tt.source, tt.destination, ev.Flow)
		}
	}
}
