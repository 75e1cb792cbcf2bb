package normalize_test

import (
	"net/netip"
	"slices"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

func TestForwarded(t *testing.T) {
	tests := []struct {
		header string
		want   []string
	}{
		{"X-FORWARDED-FOR -> 203.0.113.5", []string{"203.0.113.5"}},
		{"X-FORWARDED-FOR -> 203.0.113.5, 10.9.9.9,192.0.2.1:4711", []string{"203.0.113.5", "10.9.9.9", "192.0.2.1:4711"}},
		{"CLIENT-IP -> 2001:db8::1", []string{"2001:db8::1"}},
		{`FORWARDED -> for="[2001:db8::1]:47";proto=http;by=203.0.113.43, For=198.51.100.17`, []string{"[2001:db8::1]:47", "198.51.100.17"}},
		{"X-FORWARDED-FOR -> unknown, _hidden", nil},
		{"VIA -> 1.1 192.0.2.33", nil},
	}
	trusted := &normalize.Source{TrustedProxy: func(a netip.Addr, _ schema.Ticks) bool { return a == netip.MustParseAddr("8.8.8.8") }}
	for _, tt := range tests {
		for _, from := range []string{"8.8.8.8", "8.8.4.4"} {
			r := connRecord(from, "10.0.0.80", "")
			r.Stream = "http"
			r.Fields = append(r.Fields, decode.Field{Name: "proxied", Value: decode.Value{Kind: decode.String, Text: tt.header}})
			ev, _, _ := normalize.Zeek(r, trusted)
			var got []string
			for _, o := range ev.Observables {
				if o.Roles == entity.RoleForwarded {
					got = append(got, o.Value)
				}
			}
			want := tt.want
			if from != "8.8.8.8" {
				want = nil
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s from %s: %q, want %q", tt.header, from, got, want)
			}
		}
	}
}
