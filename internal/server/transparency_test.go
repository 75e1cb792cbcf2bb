package server_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/server"
)

func TestTransparency(t *testing.T) {
	f := newFixture(t)
	put := func(role account.Role, name, file string) answer {
		return f.call(role, "POST", "/api/transparency?name="+name, file, "Content-Type", "application/octet-stream")
	}
	const file = `[{"issuer_ca_id":7,"issuer_name":"CN=UT1","name_value":"www.utopia.example\nadmin@utopia.example","not_before":"2024-03-01T09:20:30","not_after":"2024-05-30T09:20:29","serial_number":"03af"}]`
	put(account.Reader, "utopia.json", file).problem(t, http.StatusForbidden)
	put(account.Analyst, "utopia.json", "<html>").problem(t, http.StatusBadRequest)
	put(account.Analyst, "a%20b.json", file).problem(t, http.StatusBadRequest)
	var got server.TransparencyFile
	put(account.Analyst, "utopia.json", file).into(t, http.StatusOK, &got)
	want := server.TransparencyFile{Name: "utopia.json", Entries: 1, Certificates: 1, Names: 1, Skipped: 1, Imported: start, By: "token:test analyst"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var all server.List[server.TransparencyFile]
	f.call(account.Reader, "GET", "/api/transparency", "").into(t, http.StatusOK, &all)
	if diff := cmp.Diff([]server.TransparencyFile{want}, all.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	f.call(account.Reader, "DELETE", "/api/transparency/utopia.json", "").problem(t, http.StatusForbidden)
	if a := f.call(account.Analyst, "DELETE", "/api/transparency/utopia.json", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "DELETE", "/api/transparency/utopia.json", "").problem(t, http.StatusNotFound)
}
