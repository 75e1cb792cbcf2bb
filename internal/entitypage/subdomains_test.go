package entitypage

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/entity"
	"spoor/internal/transparency"
)

// Names below c2.example: own logs saw www in May and old in January; certificates name www,
// old, shop, a wildcard and the domain itself, and a domain that nobody here ever saw.
func TestSubdomains(t *testing.T) {
	b := newBench(t)
	logs := map[string]string{"old.log": lines(
		`{"_path":"dns","ts":"2024-01-05T10:00:00Z","uid":"D9","id.orig_h":"10.1.1.5","id.orig_p":5300,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":"old.c2.example","qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":["203.0.113.77"]}`,
	)}
	maps.Copy(logs, named)
	b.ingest(logs)
	cases, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cases.Close() })
	store := transparency.New(cases)
	imported := time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	store.Now = func() time.Time { return imported }
	b.pages.Transparency = store
	section := func(kind entity.Kind, id string) SubdomainSection {
		t.Helper()
		f, err := b.pages.Footprint(t.Context(), Request{ID: entity.ID{Kind: kind, Value: id}, From: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil || len(f.Errors) > 0 {
			t.Fatal(err, f.Errors)
		}
		return f.Subdomains
	}
	www := Subdomain{Name: "www.c2.example", First: moment(30, 11), Last: moment(30, 11), BySource: []Count{{"sysmon.22", 1}}, Logged: []LoggedName{}}
	own := SubdomainSection{
		SectionHead: SectionHead{Total: 1}, Items: []Subdomain{www}, Names: 1, Parents: []string{"c2.example"}, ParentsTotal: 1,
	}
	ignoreHead := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Query" || p.Last().String() == ".Needs" }, cmp.Ignore())
	if diff := cmp.Diff(own, section(entity.Domain, "c2.example"), ignoreHead); diff != "" {
		t.Errorf("without files, -want +got:\n%s", diff)
	}

	content, err := transparency.Read(strings.NewReader(`[
 {"issuer_ca_id":1,"issuer_name":"CN=A","name_value":"c2.example\nwww.c2.example\n*.c2.example","not_before":"2024-04-01T00:00:00","not_after":"2024-07-01T00:00:00","serial_number":"1"},
 {"issuer_ca_id":1,"issuer_name":"CN=A","name_value":"old.c2.example","not_before":"2023-04-01T00:00:00","not_after":"2023-07-01T00:00:00","serial_number":"2"},
 {"issuer_ca_id":2,"issuer_name":"CN=B","name_value":"shop.c2.example\nwww.never.example","not_before":"2024-01-01T00:00:00","not_after":"2024-04-01T00:00:00","serial_number":"3"}]`), "c2.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Import(t.Context(), content, "test"); err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, year int) time.Time { return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC) }
	logged := func(from, to time.Time, issuer string) []LoggedName {
		return []LoggedName{{"c2.json", imported, from, to, 1, []string{issuer}}}
	}
	oldSeen := time.Date(2024, 1, 5, 10, 0, 0, 0, time.UTC)
	www.Logged = logged(day(4, 2024), day(7, 2024), "CN=A")
	want := SubdomainSection{
		SectionHead: SectionHead{Total: 1}, Parents: []string{"c2.example"}, ParentsTotal: 1, Files: 1, Names: 4, Logged: 3, LoggedUnseen: 1, Wildcards: 1,
		Items: []Subdomain{
			www,
			{Name: "*.c2.example", BySource: []Count{}, Logged: logged(day(4, 2024), day(7, 2024), "CN=A")},
			{Name: "shop.c2.example", BySource: []Count{}, Logged: logged(day(1, 2024), day(4, 2024), "CN=B")},
			{Name: "old.c2.example", LastEver: &oldSeen, BySource: []Count{}, Logged: logged(day(4, 2023), day(7, 2023), "CN=A")},
		},
	}
	if diff := cmp.Diff(want, section(entity.Domain, "c2.example"), ignoreHead); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// The address was called c2.example and www.c2.example; never.example nobody saw.
	if diff := cmp.Diff(want, section(entity.IP, "203.0.113.9"), ignoreHead); diff != "" {
		t.Errorf("of the address, -want +got:\n%s", diff)
	}
	var rows int
	if err := b.pages.KQL(t.Context(), section(entity.IP, "203.0.113.9").Query, func([]any) { rows++ }); err != nil || rows != 1 {
		t.Errorf("the query gives %d rows, want 1, %v", rows, err)
	}
	// An address without a name has no domain to look below.
	if got := section(entity.IP, "203.0.113.250"); len(got.Items) != 0 || len(got.Parents) != 0 || got.Logged != 0 || got.Files != 1 || got.Needs == "" {
		t.Errorf("%+v", got)
	}
	if got := section(entity.Domain, "never.example"); got.Total != 0 || got.Logged != 1 || got.LoggedUnseen != 1 {
		t.Errorf("%+v", got)
	}
	// What is taken out is gone from a page that was asked for before.
	if err := store.Remove(t.Context(), "c2.json"); err != nil {
		t.Fatal(err)
	}
	if got := section(entity.Domain, "c2.example"); got.Logged != 0 || got.Files != 0 {
		t.Errorf("removed: %+v", got)
	}
}

func moment(day, hour int) *time.Time {
	t := at(day, hour).Time()
	return &t
}
