package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/server"
)

func TestTriage(t *testing.T) {
	f := newFixture(t)
	f.events.seen = map[string]bool{"ip 192.0.2.1": true, "device web01.example.org": true, "domain evil.example": true}
	var got server.Triage
	f.call(account.Reader, "POST", "/api/triage",
		`{"items":["10.0.0.0/8"],"text":"192[.]0[.]2[.]1, hxxp://evil[.]example/x web01.example.org\n192.0.2.1 203.0.113.9 AS64500"}`).into(t, http.StatusOK, &got)
	at := start.UTC()
	seen := server.Sighted{
		Seen: true, First: &at, Last: &at, Records: 7, SourceKind: "zeek.conn", Devices: 4, Contacted: true, Outcome: "established",
	}
	var rows []string
	for _, r := range got.Items {
		line := fmt.Sprintf("%s %s → %s %s", r.Form, r.Value, r.Kind, r.ID)
		switch {
		case r.Addresses > 0:
			line += fmt.Sprintf(", %d addresses", r.Addresses)
		case r.Seen:
			if diff := cmp.Diff(seen, r.Sighted); diff != "" {
				t.Errorf("%s: -want +got:\n%s", r.Value, diff)
			}
			line += ", seen"
		}
		rows = append(rows, line+" "+r.CountryCode)
	}
	want := []string{
		"cidr 10.0.0.0/8 →  , 2 addresses ",
		"ip 192.0.2.1 → ip 192.0.2.1, seen NO",
		"url http://evil.example/x → domain evil.example, seen ", // its host
		"domain web01.example.org → device web01.example.org, seen ",
		"ip 203.0.113.9 → ip 203.0.113.9 NO",
		"asn AS64500 →   ",
	}
	if diff := cmp.Diff(want, rows); diff != "" || got.Total != 6 || got.Seen != 4 {
		t.Errorf("total %d, seen %d, -want +got:\n%s", got.Total, got.Seen, diff)
	}
	if got.Items[1].Defanged != "192[.]0[.]2[.]1" || got.Items[1].Text != "192[.]0[.]2[.]1" {
		t.Errorf("%+v", got.Items[1])
	}

	f.call(account.Reader, "POST", "/api/triage", `{"text":"10.0.0.0/8","site":"elsewhere"}`).into(t, http.StatusOK, &got)
	if got.Total != 1 || got.Seen != 0 {
		t.Errorf("at another site: %+v", got)
	}
	f.call(account.Reader, "POST", "/api/triage", `{"text":"nothing to see"}`).into(t, http.StatusOK, &got)
	if len(got.Items) != 0 || got.Total != 0 {
		t.Errorf("of a text without observables: %+v", got)
	}
	f.call(account.Reader, "POST", "/api/triage", `{"text":"`+strings.Repeat("a", 1<<20)+`"}`).problem(t, http.StatusRequestEntityTooLarge)
	f.call(account.Ingest, "POST", "/api/triage", `{"text":"192.0.2.1"}`).problem(t, http.StatusForbidden)
}
