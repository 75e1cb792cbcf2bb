package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/entity"
	"spoor/internal/server"
	"spoor/internal/watch"
)

func TestNotesAndAliases(t *testing.T) {
	f := newFixture(t)
	const path = "/api/entities/ip/192.0.2.1/notes"
	f.call(account.Reader, "POST", path, `{"text":"x"}`).problem(t, http.StatusForbidden)
	f.call(account.Analyst, "POST", path, `{"text":"  "}`).problem(t, http.StatusBadRequest)
	f.call(account.Analyst, "POST", "/api/entities/ip/nonsense/notes", `{"text":"x"}`).problem(t, http.StatusBadRequest)

	var n server.Note
	f.call(account.Analyst, "POST", "/api/entities/ip/::ffff:192.0.2.1/notes", `{"text":"C2 of case 7"}`).into(t, http.StatusOK, &n)
	f.call(account.Admin, "PUT", "/api/notes/1", `{"text":"C2 of case 8"}`).into(t, http.StatusOK, &n)
	if n.Text != "C2 of case 8" || n.By != "token:test admin" || n.Author != "token:test analyst" || n.Changes != 1 {
		t.Errorf("%+v", n)
	}
	if a := f.call(account.Analyst, "PUT", "/api/entities/ip/192.0.2.1/alias", `{"alias":"Old C2"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var all server.EntityNotes
	f.call(account.Reader, "GET", path, "").into(t, http.StatusOK, &all)
	if all.Alias != "Old C2" || len(all.Notes) != 1 || len(all.Aliases) != 1 {
		t.Errorf("%+v", all)
	}
	var s server.Suggestions
	f.call(account.Reader, "GET", "/api/search?q=old+c", "").into(t, http.StatusOK, &s)
	if len(s.Items) != 1 || s.Items[0].ID != "192.0.2.1" || s.Items[0].Alias != "Old C2" {
		t.Errorf("by its alias: %+v", s.Items)
	}
	var triage server.Triage
	f.call(account.Reader, "POST", "/api/triage", `{"text":"192.0.2.1"}`).into(t, http.StatusOK, &triage)
	if triage.Items[0].Alias != "Old C2" {
		t.Errorf("in triage: %+v", triage.Items[0])
	}
	var history server.List[server.Note]
	f.call(account.Reader, "GET", "/api/notes/1/history", "").into(t, http.StatusOK, &history)
	if len(history.Items) != 2 || history.Items[1].Text != "C2 of case 7" {
		t.Errorf("%+v", history)
	}
	if a := f.call(account.Analyst, "DELETE", "/api/notes/1", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "DELETE", "/api/notes/1", "").problem(t, http.StatusNotFound)

	// Prefixes and autonomous systems have notes too.
	f.call(account.Analyst, "POST", "/api/entities/cidr/10.1.2.3%2F8/notes", `{"text":"ours"}`).into(t, http.StatusOK, &n)
	f.call(account.Reader, "GET", "/api/entities/cidr/10.0.0.0%2F8/notes", "").into(t, http.StatusOK, &all)
	if len(all.Notes) != 1 {
		t.Errorf("of the prefix: %+v", all)
	}
	f.call(account.Reader, "GET", "/api/entities/asn/AS1.5x/notes", "").problem(t, http.StatusBadRequest)

	// Who looked and who changed, under the canonical text; for administrators.
	f.call(account.Reader, "GET", "/api/entities/ip/::ffff:192.0.2.1", "")
	var page server.AuditPage
	f.call(account.Admin, "GET", "/api/entities/ip/192.0.2.1/audit", "").into(t, http.StatusOK, &page)
	var actions []string
	for _, e := range page.Items {
		actions = append(actions, e.Action+" "+e.Actor)
	}
	want := []string{
		"entity.read token:test reader", "note.remove token:test analyst", "alias.set token:test analyst", "note.change token:test admin",
		"note.add token:test analyst", "note.add token:test analyst", // one was refused
	}
	if diff := cmp.Diff(want, actions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !strings.Contains(page.Query, `where Target == "ip 192.0.2.1"`) {
		t.Error(page.Query)
	}
	f.call(account.Analyst, "GET", "/api/entities/ip/192.0.2.1/audit", "").problem(t, http.StatusForbidden)
}

func TestWatches(t *testing.T) {
	f := newFixture(t)
	f.events.seen = map[string]bool{"ip 192.0.2.1": true}
	watches := watch.New(f.db)
	watches.Now = f.clock.now
	f.call(account.Reader, "POST", "/api/watches", `{"kind":"ip","entity":"192.0.2.1","reason":"x"}`).problem(t, http.StatusForbidden)
	f.call(account.Analyst, "POST", "/api/watches", `{"kind":"ip","entity":"192.0.2.1","reason":""}`).problem(t, http.StatusBadRequest)
	var w server.Watch
	f.call(account.Analyst, "POST", "/api/watches", `{"kind":"ip","entity":"192.0.2.1:443","reason":"case 7","expires":"2100-01-01T00:00:00Z"}`).into(t, http.StatusOK, &w)
	if w.Entity != "192.0.2.1" || w.Owner != "token:test analyst" || w.Expires == nil {
		t.Errorf("%+v", w)
	}
	var list server.List[server.Watch]
	f.call(account.Reader, "GET", "/api/watches?kind=ip&entity=192.0.2.1", "").into(t, http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Reason != "case 7" {
		t.Errorf("%+v", list)
	}
	f.call(account.Reader, "GET", "/api/watches?kind=ip&entity=192.0.2.2", "").into(t, http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("of another address: %+v", list)
	}

	marks, err := watches.Marks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watches.Check(t.Context(), marks, map[entity.ID]watch.Count{
		{Kind: entity.IP, Value: "192.0.2.1"}: {Records: 9, Contacts: 2, Last: start, Devices: 4},
	}); err != nil {
		t.Fatal(err)
	}
	var notices server.Notices
	f.call(account.Analyst, "GET", "/api/notices", "").into(t, http.StatusOK, &notices)
	if notices.Unread != 1 || len(notices.Items) != 1 || notices.Items[0].Records != 9 || notices.Items[0].Watch.Reason != "case 7" {
		t.Errorf("%+v", notices)
	}
	if a := f.call(account.Analyst, "POST", "/api/notices/read", `{"upTo":1}`); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "GET", "/api/notices", "").into(t, http.StatusOK, &notices)
	if notices.Unread != 0 || !notices.Items[0].Read {
		t.Errorf("after reading: %+v", notices)
	}
	f.call(account.Admin, "GET", "/api/notices", "").into(t, http.StatusOK, &notices)
	if len(notices.Items) != 0 {
		t.Errorf("another's: %+v", notices)
	}
	if a := f.call(account.Analyst, "DELETE", "/api/watches/1", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "DELETE", "/api/watches/1", "").problem(t, http.StatusNotFound)
}

func TestPreferencesAndColumnSets(t *testing.T) {
	f := newFixture(t)
	var p server.Preferences
	f.call(account.Reader, "GET", "/api/preferences", "").into(t, http.StatusOK, &p)
	if p != (server.Preferences{TimeZone: "UTC", Theme: "system"}) {
		t.Errorf("by default: %+v", p)
	}
	if a := f.call(account.Reader, "PUT", "/api/preferences", `{"timeZone":"Europe/Oslo"}`); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	f.call(account.Reader, "PUT", "/api/preferences", `{"timeZone":"Mars"}`).problem(t, http.StatusBadRequest)
	f.call(account.Reader, "PUT", "/api/preferences", `{"theme":"pink"}`).problem(t, http.StatusBadRequest)
	f.call(account.Reader, "GET", "/api/preferences", "").into(t, http.StatusOK, &p)
	if p != (server.Preferences{TimeZone: "Europe/Oslo", Theme: "system"}) {
		t.Errorf("%+v", p)
	}

	var set server.ColumnSet
	f.call(account.Analyst, "PUT", "/api/columnsets", `{"view":"devices","name":"Short","shared":true,"columns":["name","last"]}`).into(t, http.StatusOK, &set)
	if !set.Mine || !cmp.Equal(set.Columns, []string{"name", "last"}) {
		t.Errorf("%+v", set)
	}
	var sets server.List[server.ColumnSet]
	f.call(account.Reader, "GET", "/api/columnsets?view=devices", "").into(t, http.StatusOK, &sets)
	if len(sets.Items) != 1 || sets.Items[0].Mine || sets.Items[0].Owner != "token:test analyst" {
		t.Errorf("%+v", sets)
	}
	f.call(account.Admin, "DELETE", "/api/columnsets/1", "").problem(t, http.StatusNotFound)
	if a := f.call(account.Analyst, "DELETE", "/api/columnsets/1", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
}
