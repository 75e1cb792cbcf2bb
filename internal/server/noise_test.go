package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/server"
)

func TestNoise(t *testing.T) {
	f := newFixture(t)
	put := func(role account.Role, source, file string) answer {
		return f.call(role, "POST", "/api/noise?source="+source, file, "Content-Type", "application/octet-stream")
	}
	const list = `{"name":"Scanners","description":"d","type":"cidr","version":20260811,"list":["192.0.2.0/24","198.51.100.1"]}`
	put(account.Reader, "shodan.json", list).problem(t, http.StatusForbidden)
	var got server.NoiseList
	put(account.Analyst, "shodan.json", list).into(t, http.StatusOK, &got)
	want := server.NoiseList{
		Slug: "shodan", Name: "Scanners", Description: "d", Type: "cidr", Class: "scanner", Version: 20260811, Dated: got.Dated, Entries: 2,
		Source: "shodan.json", Imported: start, By: "token:test analyst",
	}
	if diff := cmp.Diff(want, got); diff != "" || got.Dated.Format("20060102") != "20260811" {
		t.Errorf("dated %s, -want +got:\n%s", got.Dated, diff)
	}
	var plain server.NoiseList
	put(account.Analyst, "mobile-asns.txt", "AS64500\n").into(t, http.StatusOK, &plain)
	if plain.Slug != "mobile-asns" || plain.Class != "mobile" || plain.Line != "mobile" || plain.Entries != 1 {
		t.Errorf("%+v", plain)
	}
	if a := f.call(account.Analyst, "DELETE", "/api/noise/mobile-asns", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	put(account.Analyst, "bad.json", `{"type":"cidr","list":["x"]}`).problem(t, http.StatusBadRequest)

	var all server.List[server.NoiseList]
	f.call(account.Reader, "GET", "/api/noise", "").into(t, http.StatusOK, &all)
	if diff := cmp.Diff([]server.NoiseList{want}, all.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a := f.call(account.Analyst, "DELETE", "/api/noise/shodan", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "DELETE", "/api/noise/shodan", "").problem(t, http.StatusNotFound)
}
