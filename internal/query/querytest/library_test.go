package querytest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/kql/bind"
	"spoor/internal/query"
	"spoor/internal/query/querytest"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// outside gives each source the rows that a test has put in under its text.
type outside map[string][][]any

func (o outside) Fetch(_ context.Context, s bind.Source) ([][]any, error) {
	rows, ok := o[s.String()]
	if !ok {
		return nil, fmt.Errorf("nothing is there: %s", s)
	}
	return rows, nil
}

// openLibrary makes a runner over an empty store, with what people keep for queries.
func openLibrary(t *testing.T, kept bind.Kept, sources query.Sources) (*query.Runner, *querytest.DB) {
	t.Helper()
	_, db := openRunner(t)
	library, err := bind.NewLibrary(kept)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return query.New(query.Config{
		Engine: db, Sources: sources, Now: func() time.Time { return now },
		Library: func(context.Context) (*bind.Library, error) { return library, nil },
	}), db
}

// wantRows runs a query and compares its rows, each printed with its values side by side.
func wantRows(t *testing.T, r *query.Runner, text string, want ...string) {
	t.Helper()
	got, err := run(t, r, text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	var rows []string
	for _, row := range got.Rows {
		for i, v := range row {
			if text, ok := v.(json.RawMessage); ok {
				row[i] = string(text)
			}
		}
		rows = append(rows, strings.TrimSuffix(fmt.Sprintln(row...), "\n"))
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}

func wantError(t *testing.T, r *query.Runner, text, want string) {
	t.Helper()
	_, err := run(t, r, text)
	if _, ok := errors.AsType[*query.CompileError](err); !ok || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %s", text, err, want)
	}
}

func TestWatchlists(t *testing.T) {
	updated := int64(schema.TicksOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	r, _ := openLibrary(t, bind.Kept{Watchlists: []bind.Watchlist{
		{Alias: "Jewels", Columns: []string{"Host", "Team"}},
		{Alias: "Old", Columns: []string{"x"}, Expires: schema.TicksOf(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))},
	}}, outside{
		"watchlist Jewels": {
			{"id1", updated, "srv1", `{"Host":"srv1","Team":"db"}`, "srv1", "db"},
			{"id2", updated, "srv2", `{"Host":"srv2","Team":"web"}`, "srv2", "web"},
		},
		"watchlist Old": {},
	})
	wantRows(t, r, `_GetWatchlist('jewels') | sort by SearchKey asc`,
		`id1 2026-01-01T00:00:00.0000000Z srv1 {"Host":"srv1","Team":"db"} srv1 db`,
		`id2 2026-01-01T00:00:00.0000000Z srv2 {"Host":"srv2","Team":"web"} srv2 web`)
	wantRows(t, r, `_GetWatchlist('Jewels', dynamic(['srv2', 'srv3'])) | project Team`, "web")
	wantRows(t, r, `let hosts = _GetWatchlist('Jewels') | project Host; datatable(h:string) ['srv1', 'pc'] | where h in (hosts)`, "srv1")
	wantRows(t, r, `_GetWatchlist('Jewels') | project T = tostring(WatchlistItem.Team) | sort by T asc`, "db", "web")
	wantRows(t, r, `_GetWatchlistAlias`, "Jewels", "Old")
	wantRows(t, r, `_GetWatchlistAlias() | count`, "2")
	wantRows(t, r, `_GetWatchlist('None') | where Whatever == 'x' | project SearchKey, Whatever`)
	wantError(t, r, `_GetWatchlist('Jewels') | project Nope`, "1:35: SEM0100")
	wantError(t, r, `_GetWatchlist(tostring(rand()))`, "SEM0036")

	for text, want := range map[string]string{
		`_GetWatchlist('None')`: "KS205: There is no watchlist 'None'; it is taken for an empty one. There are: 'Jewels', 'Old'",
		`_GetWatchlist('Old')`:  "SPR0001: The watchlist 'Old' has expired: it held until 2026-01-02T00:00:00.0000000Z",
	} {
		res, err := r.Run(t.Context(), query.Request{Text: text})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if len(res.Warnings) != 1 || res.Warnings[0].Error() != want {
			t.Errorf("%s: %v", text, res.Warnings)
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestStoredFunctions(t *testing.T) {
	r, _ := openLibrary(t, bind.Kept{Functions: []bind.StoredFunction{
		{Name: "Double", Text: "(n:long, by:long = 2) { Times(n, by) }"},
		{Name: "Times", Text: "(a:long, b:long) { a * b }"},
		{Name: "Above", Text: "(T:(x:long), n:long) { T | where x > n }"},
		{Name: "Ping", Text: "() { Pong() }"},
		{Name: "Pong", Text: "() { Ping() }"},
		{Name: "Broken", Text: "() { print Nothing }"},
		{Name: "SeenBy", Text: "(T:(*)) { T | extend Mine = 1 }"},
	}}, nil)
	wantRows(t, r, `print Double(4), Double(4, 5)`, "8 20")
	wantRows(t, r, `range x from 1 to 4 step 1 | invoke Above(2)`, "3", "4")
	wantRows(t, r, `Above((range x from 1 to 4 step 1), 3)`, "4")
	wantRows(t, r, `let Times = (a:long, b:long) { 0 }; print Double(4), Times(1, 1)`, "8 0")
	wantRows(t, r, `print n = 7 | invoke SeenBy()`, "7 1")
	wantError(t, r, `print Ping()`, "1:7: SEM0082: In the function 'Ping': In the function 'Pong'")
	wantError(t, r, "print 1\n| extend y = toscalar(Broken())", "2:23: SEM0100: In the function 'Broken'")
	wantError(t, r, `print Doubl(4)`, "did you mean 'Double'?")
}

func TestCheckFunction(t *testing.T) {
	r, _ := openLibrary(t, bind.Kept{Functions: []bind.StoredFunction{{Name: "A", Text: "() { 1 }"}, {Name: "B", Text: "() { A() }"}}}, nil)
	for text, want := range map[string]string{
		`(n:long, T:(x:long, s:string)) { T | where x > n | project s }`:        "",
		`(T:(*), d:dynamic, at:datetime = datetime(2024-01-01)) { T | take 5 }`: "",
		`(at:timespan, g:guid, i:int, m:decimal, r:real, b:bool) { ago(at) }`:   "",
		`() { DeviceInfo | where Nope == 1 }`:                                   "1:25: SEM0100",
		`() { A() }`:                                                            "SEM0082", // under the name A
		`() { B() }`:                                                            "SEM0082",
		`{ 1 }`:                                                                 "SYN0002",
		`() { 1 } and more`:                                                     "SYN0002",
		`(n:long) { n`:                                                          "SYN",
		`() { SpoorAudit }`:                                                     "SEM0100",
		`() { let y = 1; }`:                                                     "SEM0083",
		`(x:(a:long)) { x }`:                                                    "",
	} {
		err := r.CheckFunction(t.Context(), "A", text, query.Options{Denied: []string{schema.SpoorAudit}})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestExternalData(t *testing.T) {
	r, _ := openLibrary(t, bind.Kept{Locations: []bind.Location{"https://feeds.example/lists/", "https://one.example/only.csv"}}, outside{
		"externaldata https://feeds.example/lists/a.csv": {{"x", int64(1)}, {"", nil}},
		"externaldata https://one.example/only.csv":      {{"y", int64(2)}},
	})
	wantRows(t, r, `externaldata(a:string, n:long)["https://feeds.example/lists/a.csv"] with (format="csv") | where n == 1`, "x 1")
	wantRows(t, r, `externaldata(a:string, n:long)[@"https://FEEDS.example/lists/a.csv", h@"https://one.example/only.csv"] | summarize count(), sum(n)`, "2 1")
	for _, url := range []string{
		"https://feeds.example/", "https://feeds.example/lists", "https://feeds.example:8443/lists/a", "https://feeds.example.evil.example/lists/a",
		"https://feeds.example@evil.example/lists/a", "https://feeds.example/lists/../secret", "https://feeds.example/lists/..%2fsecret",
		"https://feeds.example/lists/%2e%2e/secret", "https://one.example/only.csv/more", "https://one.example/only.csv2", "file:///etc/passwd",
		"http://feeds.example/lists/a", `https://feeds.example/lists/..\secret`,
	} {
		wantError(t, r, fmt.Sprintf("externaldata(a:string)[@'%s']", url), "SPR0002: externaldata may not read")
	}
	wantError(t, r, `externaldata(a:string)["https://one.example/only.csv"] with (format="parquet")`, "the format 'parquet' is not supported")

	columns, found, err := r.Check(t.Context(), query.Request{Text: `externaldata(a:string, n:long)["https://evil.example/"]`})
	if err != nil || len(columns) != 2 || len(found) != 1 || found[0].Severity.String() != "warning" {
		t.Errorf("checked without being run: %v, %v, %v", columns, found, err)
	}
}

// A function's source says how its columns are found.
func TestExternalMapping(t *testing.T) {
	var got *bind.ExternalSource
	r, _ := openLibrary(t, bind.Kept{Locations: []bind.Location{"https://a.example/"}}, fetchFunc(func(s bind.Source) { got = s.(*bind.ExternalSource) }))
	wantRows(t, r, `externaldata(a:string, b:dynamic, c:long, d:string)["https://a.example/x.json.gz"] with (ignoreFirstRecord=true,
		ingestionMapping='[{"Column":"a","Properties":{"Path":"$.x.y"}},{"column":"b","path":"$[\'k z\']"},{"Column":"d","Properties":{"ConstantValue":"v"}}]')`)
	if got == nil {
		t.Fatal("nothing was fetched")
	}
	v := "v"
	want := &bind.ExternalSource{
		URLs: []*url.URL{{Scheme: "https", Host: "a.example", Path: "/x.json.gz"}}, Format: "json", SkipFirst: true,
		Columns: []bind.ExternalColumn{
			{Name: "a", Type: schema.String, Path: []string{"x", "y"}},
			{Name: "b", Type: schema.Dynamic, Path: []string{"k z"}, Ordinal: 1},
			{Name: "c", Type: schema.Long, Ordinal: -1},
			{Name: "d", Type: schema.String, Path: []string{"d"}, Ordinal: 3, Constant: &v},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type fetchFunc func(bind.Source)

func (f fetchFunc) Fetch(_ context.Context, s bind.Source) ([][]any, error) {
	f(s)
	return nil, nil
}

// hour is an hour of the day on which the claims of these tests are made.
func hour(h int) schema.Ticks {
	return schema.TicksOf(time.Date(2024, 5, 1, h, 0, 0, 0, time.UTC))
}

func claim(address, device string, from, to int) store.Claim {
	return store.Claim{
		Site: "hq", Address: address, Device: device + ".example", DeviceID: device, Evidence: "sysmon.3",
		First: hour(from), Last: hour(to), Records: 1,
	}
}

// Claims hold 12 hours either side, the nearest wins, and both when they are as near.
func TestAddressHolders(t *testing.T) {
	r, db := openLibrary(t, bind.Kept{}, nil)
	s := &store.Source{Name: "claims", Site: "hq", Head: []byte{1}, Hash: []byte{1}}
	if err := db.CreateSource(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	b := &store.Batch{Source: s, Claims: []store.Claim{
		claim("10.0.0.1", "a", 0, 1), claim("10.0.0.1", "b", 20, 21), claim("10.0.0.2", "a", 0, 0), claim("10.0.0.2", "c", 2, 2), claim("2001:db8::1", "b", 21, 21),
	}}
	raw := schema.Default().MustTable(schema.SpoorRaw)
	b.Records = []store.Record{{Kind: "sysmon.3", Rows: []schema.Row{schema.NewRow(raw)}}}
	for i := range b.Claims {
		b.Claims[i].Source = s.ID
	}
	s.Ordinal = 1
	if err := db.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	who := func(address, at, want string) {
		t.Helper()
		wantRows(t, r, fmt.Sprintf(`print Addr = '%s' | invoke DeviceFromIP(Addr, %s) | summarize strcat_array(array_sort_asc(make_list(DeviceId)), ' ')`, address, at), want)
	}
	who("10.0.0.1", "datetime(2024-05-01 10:00)", "a")   // 9 h after a, 10 h before b
	who("10.0.0.1", "datetime(2024-05-01 11:00)", "b")   // 10 h after a, 9 h before b
	who("10.0.0.1", "datetime(2024-05-02 10:00)", "")    // 13 h after b
	who("10.0.0.2", "datetime(2024-05-01 01:00)", "a c") // an hour from both
	who("10.0.0.1", "datetime(null)", "b")               // the last to claim it
	who("10.0.0.9", "datetime(null)", "")
	wantRows(t, r, `datatable(IP:string) ['10.0.0.1', 'x'] | invoke DeviceFromIP() | sort by IP asc | project IP, IP1, DeviceId`, "10.0.0.1 10.0.0.1 b", "x  ")

	wantRows(t, r, `AssignedIPAddresses('b') | sort by IPAddress asc`,
		"2024-05-01T21:00:00.0000000Z 10.0.0.1 Private <nil> <nil>", "2024-05-01T21:00:00.0000000Z 2001:db8::1 Public <nil> <nil>")
	wantRows(t, r, `AssignedIPAddresses('A.example', datetime(2024-05-01 00:30)) | project IPAddress | sort by IPAddress asc`, "10.0.0.1", "10.0.0.2")
	wantRows(t, r, `AssignedIPAddresses('nobody')`)
}
