package normalize_test

import (
	"fmt"
	"net/netip"
	"testing"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// The states and histories are Zeek's, the outcomes those of data.md §6.
func TestZeekOutcome(t *testing.T) {
	const (
		established = schema.OutcomeEstablished
		refused     = schema.OutcomeRefused
		unanswered  = schema.OutcomeUnanswered
		unknown     = schema.OutcomeUnknown
	)
	tests := []struct {
		state, history string
		outcome        schema.Outcome
		action         string // of a flow that the own side opened
		note           string
	}{
		{"SF", "ShADadFf", established, "ConnectionSuccess", ""},
		{"S1", "Sh", established, "ConnectionSuccess", ""},
		{"S2", "ShADadF", established, "ConnectionSuccess", ""},
		{"S3", "ShADadf", established, "ConnectionSuccess", ""},
		{"RSTO", "ShADadR", established, "ConnectionSuccess", ""},
		{"RSTO", "ShDadR", established, "ConnectionSuccess", ""},
		{"RSTO", "ShAR", established, "ConnectionSuccess", ""},
		{"RSTR", "ShADadFr", established, "ConnectionSuccess", ""},
		{"RSTO", "ShR", unanswered, "ConnectionAttempt", "half-open"},
		{"RSTO", "ShdaR", unanswered, "ConnectionAttempt", "half-open"}, // lower case is the responder's
		{"RSTO", "^hR", unanswered, "ConnectionAttempt", "half-open"},
		{"RSTR", "Shr", unanswered, "ConnectionAttempt", "half-open"},
		{"RSTO", "", unanswered, "ConnectionAttempt", "half-open"},
		{"REJ", "Sr", refused, "ConnectionFailed", ""},
		{"REJ", "ShADr", refused, "ConnectionFailed", ""},
		{"S0", "S", unanswered, "ConnectionAttempt", ""},
		{"SH", "SF", unanswered, "ConnectionAttempt", ""},
		{"RSTOS0", "SR", unanswered, "ConnectionAttempt", ""},
		{"SHR", "^hadf", established, "ConnectionSuccess", "one direction seen"},
		{"SHR", "^d", established, "ConnectionSuccess", "one direction seen"},
		{"SHR", "^f", unknown, "ConnectionFound", ""},
		{"OTH", "^hd", established, "ConnectionSuccess", "one direction seen"},
		{"OTH", "R", unknown, "ConnectionFound", ""},
		{"OTH", "DA", unknown, "ConnectionFound", ""},
		{"OTH", "H^", established, "ConnectionSuccess", "one direction seen"}, // before ^ the ends were taken the other way round
		{"OTH", "h^", unknown, "ConnectionFound", ""},
		{"RSTRH", "^r", unknown, "ConnectionFound", ""},
		{"RSTRH", "^hdar", established, "ConnectionSuccess", "one direction seen"},
		{"", "", unknown, "ConnectionFound", ""},
		{"NEW", "ShADad", unknown, "ConnectionFound", ""},
	}
	for _, tt := range tests {
		r := connRecord("10.0.0.1", "8.8.8.8", "tcp", "conn_state", tt.state, "history", tt.history)
		ev, ok, _ := normalize.Zeek(r, &normalize.Source{})
		if !ok {
			t.Fatalf("%s %s: not taken", tt.state, tt.history)
		}
		row := &ev.Rows[0]
		if ev.Flow.Outcome != tt.outcome || row.Str("ActionType") != tt.action {
			t.Errorf("%s %q: %v, %s; want %v, %s", tt.state, tt.history, ev.Flow.Outcome, row.Str("ActionType"), tt.outcome, tt.action)
		}
		want := ""
		if tt.note != "" {
			want = tt.note
		}
		if got := additional(t, row)["outcome_note"]; (got == nil && want != "") || (got != nil && got != want) {
			t.Errorf("%s %q: note %v, want %q", tt.state, tt.history, got, want)
		}
		// The same flow from outside.
		r = connRecord("8.8.8.8", "10.0.0.1", "tcp", "conn_state", tt.state, "history", tt.history)
		ev, _, _ = normalize.Zeek(r, &normalize.Source{})
		action := tt.action
		if action == "ConnectionSuccess" {
			action = "InboundConnectionAccepted"
		}
		if got := ev.Rows[0].Str("ActionType"); got != action {
			t.Errorf("%s %q inbound: %s, want %s", tt.state, tt.history, got, action)
		}
	}
}

// ICMP prints type and code as ports. It is a class of its own, answered or not.
func TestZeekICMP(t *testing.T) {
	tests := []struct {
		what             string
		orig, resp       string
		kind, code       string
		orPkts, respPkts string
	}{
		{"echo answered", "10.0.0.1", "8.8.8.8", "8", "0", "1", "1"},
		{"echo unanswered", "10.0.0.1", "8.8.8.8", "8", "0", "4", "0"},
		{"port unreachable", "8.8.8.8", "10.0.0.1", "3", "3", "1", "0"},
		{"unreachable both ways", "8.8.8.8", "10.0.0.1", "3", "3", "1", "1"},
		{"echo of IPv6", "2001:db8::1", "2001:db8::2", "128", "129", "1", "1"},
		{"router solicitation", "fe80::1", "ff02::2", "133", "134", "1", "0"},
	}
	for _, tt := range tests {
		r := connRecord(tt.orig, tt.resp, "icmp", "id.orig_p", tt.kind, "id.resp_p", tt.code, "conn_state", "OTH",
			"orig_pkts", tt.orPkts, "resp_pkts", tt.respPkts)
		ev, ok, _ := normalize.Zeek(r, &normalize.Source{})
		row := &ev.Rows[0]
		if !ok || ev.Flow.Outcome != schema.OutcomeICMP || row.Str("ActionType") != "IcmpConnectionInspected" || row.Str("Protocol") != "Icmp" {
			t.Errorf("%s: %v %s", tt.what, ev.Flow.Outcome, row.Str("ActionType"))
		}
		if _, ok := row.Get("LocalPort"); ok {
			t.Errorf("%s: a port", tt.what)
		}
		got := additional(t, row)
		if got["icmp_type"] == nil || got["icmp_code"] == nil || fmt.Sprint(got["resp_pkts"]) != tt.respPkts {
			t.Errorf("%s: no type and code, or not what came back, in %v", tt.what, got)
		}
	}
}

func connRecord(orig, resp, proto string, pairs ...string) *decode.Record {
	r := &decode.Record{Format: "zeek.tsv", Stream: "conn"}
	add := func(name, text string) {
		v := decode.Value{Kind: decode.String, Text: text}
		if text == "" {
			v = decode.Value{}
		}
		r.Fields = append(r.Fields, decode.Field{Name: name, Value: v})
	}
	add("ts", "1588205199.824370")
	add("id.orig_h", orig)
	add("id.resp_h", resp)
	add("proto", proto)
	for i := 0; i < len(pairs); i += 2 {
		add(pairs[i], pairs[i+1])
	}
	return r
}

func TestOrient(t *testing.T) {
	own := func(list ...string) func(netip.Addr, schema.Ticks) bool {
		return func(a netip.Addr, _ schema.Ticks) bool {
			for _, s := range list {
				if netip.MustParseAddr(s) == a {
					return true
				}
			}
			return false
		}
	}
	none := normalize.Hints{}
	both := normalize.Hints{SourceLocal: true, DestinationLocal: true}
	tests := []struct {
		what     string
		src, dst string
		hints    normalize.Hints
		own      func(netip.Addr, schema.Ticks) bool
		local    string
	}{
		{"private against public", "10.0.0.1", "8.8.8.8", none, nil, "10.0.0.1"},
		{"public against private", "8.8.8.8", "10.0.0.1", none, nil, "10.0.0.1"},
		{"two private: the originator", "10.0.0.1", "10.0.0.2", none, nil, "10.0.0.1"},
		{"two public: the originator", "8.8.8.8", "1.1.1.1", none, nil, "8.8.8.8"},
		{"one hint decides", "8.8.8.8", "64.225.56.201", normalize.Hints{DestinationLocal: true}, nil, "64.225.56.201"},
		{"a hint goes before the catalogue", "8.8.8.8", "1.1.1.1", normalize.Hints{DestinationLocal: true}, own("8.8.8.8"), "1.1.1.1"},
		{"two hints decide nothing", "8.8.8.8", "10.0.0.1", both, nil, "10.0.0.1"},
		{"two hints, the catalogue", "192.168.0.1", "10.0.0.1", both, own("10.0.0.1"), "10.0.0.1"},
		{"own destination", "192.168.0.4", "10.0.1.6", none, own("10.0.1.6"), "10.0.1.6"},
		{"an own public address against a private one", "10.0.5.13", "20.0.0.1", none, own("20.0.0.1"), "20.0.0.1"},
		{"both own: the originator", "20.0.0.2", "10.0.0.1", none, own("20.0.0.2", "10.0.0.1"), "20.0.0.2"},
		{"own says nothing", "8.8.8.8", "10.0.0.1", none, own(), "10.0.0.1"},
		{"a group has no side", "8.8.8.8", "224.0.0.1", none, nil, "8.8.8.8"},
		{"from nowhere to all", "0.0.0.0", "255.255.255.255", none, nil, "0.0.0.0"},
	}
	for _, tt := range tests {
		src, dst := netip.MustParseAddr(tt.src), netip.MustParseAddr(tt.dst)
		local, remote := normalize.Orient(src, dst, tt.hints, tt.own, 0)
		if local.String() != tt.local || (remote != src && remote != dst) || remote == local {
			t.Errorf("%s: local %v, remote %v", tt.what, local, remote)
		}
	}
	if local, remote := normalize.Orient(netip.Addr{}, netip.MustParseAddr("10.0.0.1"), none, nil, 0); local.IsValid() || remote.IsValid() {
		t.Error("one end alone was oriented")
	}
}
