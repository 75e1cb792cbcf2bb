package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/entitypage"
	"spoor/internal/kql/syntax"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
	"spoor/internal/store"
)

// everyType is a result with a column of every type, a row of values and one of nulls.
func everyType() *query.Result {
	columns := []query.Column{
		{Name: "b", Type: schema.Bool},
		{Name: "i", Type: schema.Int},
		{Name: "l", Type: schema.Long},
		{Name: "r", Type: schema.Real},
		{Name: "d", Type: schema.Decimal},
		{Name: "s", Type: schema.String},
		{Name: "t", Type: schema.DateTime},
		{Name: "ts", Type: schema.TimeSpan},
		{Name: "g", Type: schema.GUID},
		{Name: "dyn", Type: schema.Dynamic},
	}
	at := schema.TicksOf(time.Date(2026, 11, 22, 8, 0, 0, 123456700, time.UTC))
	span := schema.TicksPerDay + 2*schema.TicksPerHour + 3*schema.TicksPerMinute + 4*schema.TicksPerSecond + 1
	return query.Fixed(columns, [][]any{
		{
			true, int32(-7), int64(math.MaxInt64), 0.1, "12345678901234567890.123456789", "a\"b\nc<é\u2028", at, span,
			"74be27de-1e4e-49d9-b579-fe0b331d3642", json.RawMessage("{\"a\": [1,\n null]}"),
		},
		{nil, nil, nil, nil, nil, "", nil, nil, nil, nil},
		{
			false, int32(math.MinInt32), int64(math.MinInt64), math.NaN(), "0", "plain", schema.Ticks(0), -schema.TicksPerSecond,
			"00000000-0000-0000-0000-000000000000", json.RawMessage(`"text"`),
		},
		{false, int32(0), int64(0), math.Inf(-1), "-0.5", "", schema.MaxTicks, schema.Ticks(0), "00000000-0000-0000-0000-000000000000", json.RawMessage(`7`)},
		{false, int32(0), int64(0), 2.0, "1", "", schema.MaxTicks, schema.Ticks(0), "00000000-0000-0000-0000-000000000000", json.RawMessage(`true`)},
	})
}

func TestQueryValues(t *testing.T) {
	f := newFixture(t)
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) { return everyType(), nil }
	a := f.call(account.Reader, "POST", "/api/query", `{"query":"x"}`)
	var got struct {
		Columns []server.QueryColumn
		Rows    []json.RawMessage
	}
	a.into(t, 200, &got)
	want := []string{
		`[true,-7,"9223372036854775807",0.1,"12345678901234567890.123456789","a\"b\nc<é\u2028","2026-11-22T08:00:00.1234567Z","1.02:03:04.0000001","74be27de-1e4e-49d9-b579-fe0b331d3642",{"a":[1,null]}]`,
		`[null,null,null,null,null,"",null,null,null,null]`,
		`[false,-2147483648,"-9223372036854775808","NaN","0","plain","0001-01-01T00:00:00.0000000Z","-00:00:01","00000000-0000-0000-0000-000000000000","text"]`,
		`[false,0,"0","-Infinity","-0.5","","9999-12-31T23:59:59.9999999Z","00:00:00","00000000-0000-0000-0000-000000000000",7]`,
		`[false,0,"0",2,"1","","9999-12-31T23:59:59.9999999Z","00:00:00","00000000-0000-0000-0000-000000000000",true]`,
	}
	if len(got.Rows) != len(want) {
		t.Fatalf("%s", a.body)
	}
	for i := range want {
		if !sameJSON(t, string(got.Rows[i]), want[i]) {
			t.Errorf("row %d:\n%s\nwant\n%s", i, got.Rows[i], want[i])
		}
	}
	if got.Columns[2] != (server.QueryColumn{Name: "l", Type: "long"}) {
		t.Errorf("columns: %+v", got.Columns)
	}
}

// A column says what its values name; half of an account names nobody.
func TestQueryColumnsNameEntities(t *testing.T) {
	text := func(names ...string) (columns []query.Column) {
		for _, n := range names {
			columns = append(columns, query.Column{Name: n, Type: schema.String})
		}
		return columns
	}
	for _, c := range []struct {
		columns []query.Column
		want    []server.QueryColumn
	}{
		{text("RemoteIP", "Note"), []server.QueryColumn{{Name: "RemoteIP", Type: "string", Entity: "ip"}, {Name: "Note", Type: "string"}}},
		{text("AccountName"), []server.QueryColumn{{Name: "AccountName", Type: "string"}}},
		{text("AccountDomain", "AccountName"), []server.QueryColumn{
			{Name: "AccountDomain", Type: "string"}, {Name: "AccountName", Type: "string", Entity: "account", Domain: "AccountDomain"},
		}},
		{[]query.Column{{Name: "RemoteIP", Type: schema.Long}}, []server.QueryColumn{{Name: "RemoteIP", Type: "long"}}},
	} {
		f := newFixture(t)
		f.kql.run = func(context.Context, query.Request) (*query.Result, error) { return query.Fixed(c.columns, nil), nil }
		var got server.QueryResult
		f.call(account.Reader, "POST", "/api/query", `{"query":"x"}`).into(t, 200, &got)
		if diff := cmp.Diff(c.want, got.Columns); diff != "" {
			t.Errorf("%v: %s", c.columns, diff)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	decode := func(text string, into *any) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	decode(a, &x)
	decode(b, &y)
	return cmp.Equal(x, y)
}

func TestQueryLimits(t *testing.T) {
	f := newFixture(t)
	f.call(account.Reader, "POST", "/api/query", `{"query":"x"}`)
	if f.kql.last.Options.MaxRows != 10_000 || f.kql.last.Options.Timeout != 4*time.Minute {
		t.Errorf("by default: %+v", f.kql.last.Options)
	}
	f.call(account.Reader, "POST", "/api/query", `{"query":"x","maxRows":5,"parameters":{"p":"datetime(2026-01-01)"}}`)
	if f.kql.last.Options.MaxRows != 5 || f.kql.last.Parameters["p"] != "datetime(2026-01-01)" {
		t.Errorf("as asked: %+v", f.kql.last)
	}
	if a := f.call(account.Reader, "POST", "/api/query", `{"query":"x","maxRows":100001}`); a.status != 400 {
		t.Errorf("more rows than there may be: %d", a.status)
	}
}

func TestQueryErrorHasPlaces(t *testing.T) {
	f := newFixture(t)
	const text = "T\n| wheré x"
	f.kql.run = func(_ context.Context, req query.Request) (*query.Result, error) {
		return nil, &query.CompileError{Text: req.Text, Diagnostics: []syntax.Diagnostic{
			{Code: "SEM0100", Message: "there is no x", Span: syntax.Span{Start: 11, End: 12}, Severity: syntax.Error},
		}}
	}
	body, _ := json.Marshal(map[string]string{"query": text})
	p := f.call(account.Reader, "POST", "/api/query", string(body)).problem(t, 400)
	// The é takes two bytes and is one character: x is the ninth of its line.
	want := []server.Diagnostic{{
		Code: "SEM0100", Severity: "error", Message: "there is no x", Start: 11, End: 12, Line: 2, Column: 9, EndLine: 2, EndColumn: 10,
	}}
	if diff := cmp.Diff(want, p.Diagnostics); diff != "" {
		t.Error(diff)
	}
}

func TestValidate(t *testing.T) {
	f := newFixture(t)
	var v server.Validation
	f.call(account.Reader, "POST", "/api/kql/validate", `{"query":"fine"}`).into(t, 200, &v)
	if diff := cmp.Diff(server.Validation{Columns: []server.QueryColumn{{Name: "n", Type: "long"}}, Diagnostics: []server.Diagnostic{}}, v); diff != "" {
		t.Error(diff)
	}
	a := f.call(account.Reader, "POST", "/api/kql/validate", `{"query":"| nonsense"}`)
	a.into(t, 200, &v)
	if len(v.Diagnostics) != 1 || v.Diagnostics[0].Column != 3 || v.Diagnostics[0].EndColumn != 11 || !strings.Contains(a.body, `"columns":[]`) {
		t.Errorf("%s", a.body)
	}
}

func TestEntity(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]entitypage.Document{
		"/api/entities/ip/::ffff:192.0.2.1":                             {Kind: "ip", ID: "192.0.2.1"},
		"/api/entities/url/https:%2F%2FEvil.example%2Fa%2F%2Fb?site=hq": {Kind: "url", ID: "https://evil.example/a//b", Site: "hq"},
		"/api/entities/account/CORP%5CAlice":                            {Kind: "account", ID: `corp\alice`},
		"/api/entities/domain/Example.ORG.?from=2026-01-01T00:00:00Z":   {Kind: "domain", ID: "example.org", Range: entitypage.Range{From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: start}},
		"/api/entities/ip/192.0.2.1?role=nat":                           {Kind: "ip", ID: "192.0.2.1", Role: "nat"},
		"/api/entities/ip/192.0.2.1?role=any":                           {Kind: "ip", ID: "192.0.2.1"},
		"/api/entities/hash/D41D8CD98F00B204E9800998ECF8427E":           {Kind: "hash", ID: "d41d8cd98f00b204e9800998ecf8427e"},
		"/api/entities/ip/192.0.2.1?from=2026-01-01T00:00:00%2B02:00&to=2026-01-02T00:00:00Z": {Kind: "ip", ID: "192.0.2.1", Range: entitypage.Range{
			From: time.Date(2025, 12, 31, 22, 0, 0, 0, time.UTC), To: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
		}},
	} {
		var got entitypage.Document
		f.call(account.Reader, "GET", path, "").into(t, 200, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestEntityLists(t *testing.T) {
	p := &pages{}
	f := newFixture(t, func(c *server.Config) { c.Entities = p })
	var devices entitypage.DeviceList
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/devices", "").into(t, 200, &devices)
	if want := (entitypage.List{Limit: 50, Sort: "last"}); p.last != want || devices.Total != 3 {
		t.Errorf("by default: %+v, %+v", p.last, devices)
	}
	var addresses entitypage.AddressList
	f.call(account.Reader, "GET", "/api/entities/cidr/192.0.2.128%2F24/addresses?sort=-devices&q=NL", "").into(t, 200, &addresses)
	if want := (entitypage.List{Limit: 50, Sort: "-devices", Match: "NL"}); p.last != want || addresses.Total != 5 {
		t.Errorf("of a prefix: %+v, %+v", p.last, addresses)
	}
	a := f.call(account.Reader, "GET", "/api/entities/asn/AS64500/addresses/export?format=csv", "")
	if a.status != 200 || !strings.Contains(a.body, "192.0.2.7,false,0,false,refused,") {
		t.Errorf("as a file: %d %s", a.status, a.body)
	}
	for _, path := range []string{
		"ip/192.0.2.1/addresses", "cidr/192.0.2.1%2F32", "cidr/192.0.2.1%2F33", "range/192.0.2.9-192.0.2.1", "asn/64500",
		"cidr/192.0.2.0%2F24/own", "asn/AS64500/dns", "range/192.0.2.1-192.0.2.9/related/neighbours",
	} {
		if a := f.call(account.Reader, "GET", "/api/entities/"+path, ""); a.status != 400 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	var peers entitypage.PeerList
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/peers?limit=7&offset=14&sort=-records&q=web", "").into(t, 200, &peers)
	if want := (entitypage.List{Limit: 7, Offset: 14, Sort: "-records", Match: "web"}); p.last != want || peers.Total != 4 {
		t.Errorf("as asked: %+v, %+v", p.last, peers)
	}
}

func TestSearch(t *testing.T) {
	f := newFixture(t)
	f.events.seen = map[string]bool{"device web01.example.org": true, "ip 192.0.2.1": true}
	for text, want := range map[string][]string{
		"192.0.2.1":                        {"ip 192.0.2.1 seen"},
		" 192.0.2[.]1:443 ":                {"ip 192.0.2.1 seen"},
		"2001:DB8::1":                      {"ip 2001:db8::1"},
		"web01.example.org":                {"device web01.example.org seen", "domain web01.example.org", "account web01.example.org"},
		"hxxps://evil[.]example/x":         {"url https://evil.example/x", "domain evil.example"},
		"web0":                             {"device web01.example.org seen", "device web0", "account web0"},
		"192.0.2":                          {"ip 192.0.2.1 seen"},
		"10.0.0.0/8":                       {"cidr 10.0.0.0/8 seen"},
		"192.0.2.1-192.0.2.9":              {"range 192.0.2.1-192.0.2.9"},
		"as64500":                          {"asn AS64500"},
		"http://192.0.2.1/x":               {"ip 192.0.2.1 seen", "url http://192.0.2.1/x"},
		"d41d8cd98f00b204e9800998ecf8427e": {"hash d41d8cd98f00b204e9800998ecf8427e"},
		`CORP\alice`:                       {`account corp\alice`},
		"alice@example.org":                {"account alice@example.org"},
		"WORKSTATION5":                     {"device workstation5", "account workstation5"},
		"what is this":                     nil,
		"<script>alert(1)</script>":        nil,
	} {
		req := f.request("GET", "/api/search", "", "Authorization", "Bearer "+f.token(account.Reader))
		req.URL.RawQuery = "q=" + strings.NewReplacer(" ", "+", `\`, "%5C", "<", "%3C", ">", "%3E").Replace(text)
		var s server.Suggestions
		f.do(req).into(t, 200, &s)
		var got []string
		for _, item := range s.Items {
			line := item.Kind + " " + item.ID
			if item.Seen {
				line += " seen"
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

func TestSources(t *testing.T) {
	f := newFixture(t)
	f.events.sources = []store.Source{
		{ID: 1, Name: "conn.log", Site: "hq", Format: "zeek.tsv", Ordinal: 10, Offset: 99, ClockOffset: -schema.TicksPerHour, Counts: store.Counts{Stored: 8, Unmapped: 1, Quarantined: 1}},
		{ID: 2, Name: "audit", Format: audit.SourceKind},
	}
	var list struct{ Items []server.LogSource }
	f.call(account.Reader, "GET", "/api/sources", "").into(t, 200, &list)
	if len(list.Items) != 1 || list.Items[0].Records != 10 || list.Items[0].Bytes != 99 || list.Items[0].ClockOffset != "-01:00:00" {
		t.Errorf("%+v", list)
	}
	if a := f.call(account.Admin, "DELETE", "/api/sources/2", ""); a.status != http.StatusForbidden {
		t.Errorf("removing the audit log: %d", a.status)
	}
	if a := f.call(account.Admin, "DELETE", "/api/sources/3", ""); a.status != http.StatusNotFound {
		t.Errorf("removing what there is not: %d", a.status)
	}
	if a := f.call(account.Admin, "DELETE", "/api/sources/1", ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	if e := f.lastAudit(); e.Action != "source.remove" || e.Target != "1" || e.Rows != 10 || e.Detail["name"] != "conn.log" {
		t.Errorf("audit: %+v", e)
	}
	if len(f.events.sources) != 1 {
		t.Errorf("left: %+v", f.events.sources)
	}
	var coverage struct{ Items []entitypage.Coverage }
	f.call(account.Reader, "GET", "/api/coverage", "").into(t, 200, &coverage)
	if len(coverage.Items) != 1 || coverage.Items[0].SourceKind != "zeek.conn" || !coverage.Items[0].First.Equal(start) {
		t.Errorf("%+v", coverage)
	}
}

// A raw record is bytes to be saved: no browser shows it as a page.
func TestRaw(t *testing.T) {
	f := newFixture(t)
	f.events.sources = []store.Source{{ID: 3, Format: "json"}, {ID: 4, Format: audit.SourceKind}}
	id := schema.NewRawID(3, 5)
	f.events.raw[id] = []byte("<script>alert(1)</script>\xff\x00")
	a := f.call(account.Reader, "GET", fmt.Sprintf("/api/raw/%d", id), "")
	if a.status != 200 || a.body != "<script>alert(1)</script>\xff\x00" {
		t.Errorf("%d %q", a.status, a.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": `attachment; filename="record-12884901893.txt"`,
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	f.call(account.Reader, "GET", "/api/raw/1", "").problem(t, 404)
	f.call(account.Reader, "GET", fmt.Sprintf("/api/raw/%d", id+1), "").problem(t, 404)

	entry := schema.NewRawID(4, 0)
	f.events.raw[entry] = []byte(`{"Action":"user.reset"}`)
	f.call(account.Analyst, "GET", fmt.Sprintf("/api/raw/%d", entry), "").problem(t, 404)
	if a := f.call(account.Admin, "GET", fmt.Sprintf("/api/raw/%d", entry), ""); a.status != 200 {
		t.Errorf("an administrator reads the audit log's record: %d", a.status)
	}
}

func TestNetworks(t *testing.T) {
	f := newFixture(t)
	var made server.NetworkRange
	f.call(account.Analyst, "POST", "/api/networks", `{"cidr":"10.1.0.0/16","name":"clients","role":"clients","validFrom":"2026-01-01T02:00:00+02:00"}`).into(t, 200, &made)
	if made.ID == 0 || made.CIDR != "10.1.0.0/16" || made.ValidFrom == nil || !made.ValidFrom.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", made)
	}
	if e := f.lastAudit(); e.Action != "network.add" || e.Target != "10.1.0.0/16 clients" {
		t.Errorf("audit: %+v", e)
	}
	if p := f.call(account.Analyst, "POST", "/api/networks", `{"cidr":"10.1.0.1/16","name":"x"}`).problem(t, 400); !strings.Contains(p.Detail, "10.1.0.0/16") {
		t.Errorf("host bits: %+v", p)
	}
	f.call(account.Analyst, "POST", "/api/networks", `{"cidr":"10.1.0.0/16","name":"clients","validFrom":"2026-01-01T00:00:00Z"}`).problem(t, 409)
	var done struct{ Added, Changed, Same int }
	f.call(account.Analyst, "POST", "/api/networks/import", "cidr,name,role\n10.2.0.0/16,servers,servers\n10.3.0.0/16,guest,guest\n", "Content-Type", "text/csv").into(t, 200, &done)
	if done.Added != 2 {
		t.Errorf("%+v", done)
	}
	f.call(account.Analyst, "POST", "/api/networks/import", `[{"cidr":"10.4.0.0/16","name":"vpn"}]`, "Content-Type", "application/json").into(t, 200, &done)
	if done.Added != 1 {
		t.Errorf("%+v", done)
	}
	f.call(account.Analyst, "POST", "/api/networks/import", "cidr,name\nnonsense,x\n", "Content-Type", "text/csv").problem(t, 400)
	var list struct{ Items []server.NetworkRange }
	f.call(account.Reader, "GET", "/api/networks", "").into(t, 200, &list)
	if len(list.Items) != 4 {
		t.Errorf("%+v", list)
	}
	if a := f.call(account.Analyst, "DELETE", fmt.Sprintf("/api/networks/%d", made.ID), ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	f.call(account.Analyst, "DELETE", fmt.Sprintf("/api/networks/%d", made.ID), "").problem(t, 404)
}

func TestIngest(t *testing.T) {
	f := newFixture(t)
	var got server.IngestAnswer
	f.call(account.Ingest, "POST", "/api/ingest?name=conn.log&site=hq&format=zeek.tsv&clockOffset=-2h", "one\ntwo\n",
		"Content-Type", "application/octet-stream", "Idempotency-Key", "k1").into(t, 200, &got)
	if len(got.Logs) != 1 || got.Logs[0].Stored != 2 || got.Logs[0].Name != "conn.log" {
		t.Errorf("%+v", got)
	}
	up := f.ingester.uploads[0]
	if up.Name != "conn.log" || up.Site != "hq" || up.Format != "zeek.tsv" || up.Key != "k1" || up.ClockOffset == nil || *up.ClockOffset != -2*time.Hour {
		t.Errorf("%+v", up)
	}
	if e := f.lastAudit(); e.Action != "source.ingest" || e.Target != "conn.log" || e.Rows != 2 || e.Role != "ingest" {
		t.Errorf("audit: %+v", e)
	}
	f.call(account.Ingest, "POST", "/api/ingest?clockOffset=soon", "x\n").problem(t, 400)
}

func TestIngestMultipart(t *testing.T) {
	f := newFixture(t)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, file := range []struct{ name, text string }{{"a.log", "1\n"}, {"b.log", "1\n2\n"}} {
		part, err := form.CreateFormFile("file", file.name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(part, file.text)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	whole := body.String()
	var got server.IngestAnswer
	f.call(account.Analyst, "POST", "/api/ingest?site=hq", whole, "Content-Type", form.FormDataContentType(), "Idempotency-Key", "k").into(t, 200, &got)
	if len(got.Logs) != 2 || got.Logs[0].Name != "a.log" || got.Logs[1].Stored != 2 {
		t.Errorf("%+v", got)
	}
	if ups := f.ingester.uploads; ups[0].Key != "k/0" || ups[1].Key != "k/1" || ups[1].Site != "hq" {
		t.Errorf("%+v", ups)
	}
	// One that breaks off is refused, with what was whole taken in.
	p := f.call(account.Analyst, "POST", "/api/ingest", whole[:len(whole)-60], "Content-Type", form.FormDataContentType()).problem(t, 400)
	if p.Code != server.CodeInvalid {
		t.Errorf("%+v", p)
	}
}

func TestIngestStream(t *testing.T) {
	f := newFixture(t)
	a := f.call(account.Ingest, "POST", "/api/ingest?name=x", "1\n2\n3\n", "Accept", server.IngestStream)
	if a.status != 200 || a.header.Get("Content-Type") != server.IngestStream {
		t.Fatalf("%d %v", a.status, a.header)
	}
	lines := strings.Split(strings.TrimSpace(a.body), "\n")
	var log, done server.IngestLine
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &log) != nil || json.Unmarshal([]byte(lines[1]), &done) != nil {
		t.Fatalf("%s", a.body)
	}
	if log.Log == nil || log.Log.Stored != 3 || !done.Done {
		t.Errorf("%s", a.body)
	}
	if e := f.lastAudit(); e.Action != "source.ingest" || e.Rows != 3 || !e.Succeeded {
		t.Errorf("audit: %+v", e)
	}
}

// Below the free space that the store keeps, ingest says 507, streamed or not.
func TestIngestDiskFull(t *testing.T) {
	for _, accept := range []string{"application/json", server.IngestStream} {
		f := newFixture(t)
		f.ingester.err = fmt.Errorf("append 5 records: %w", store.ErrDiskFull)
		p := f.call(account.Ingest, "POST", "/api/ingest?name=x", "1\n", "Accept", accept).problem(t, http.StatusInsufficientStorage)
		if p.Code != server.CodeDiskFull || !strings.Contains(p.Detail, "free disk space") {
			t.Errorf("%+v", p)
		}
		if e := f.lastAudit(); e.Action != "source.ingest" || e.Succeeded {
			t.Errorf("audit: %+v", e)
		}
	}
}

func TestUsersAndTokens(t *testing.T) {
	f := newFixture(t)
	var oneTime server.OneTimePassword
	f.call(account.Admin, "POST", "/api/users", `{"name":"Alice","role":"analyst"}`).into(t, 200, &oneTime)
	f.signIn("alice", oneTime.OneTimePassword)
	f.call(account.Admin, "POST", "/api/users", `{"name":"alice","role":"reader"}`).problem(t, 409)
	f.call(account.Admin, "POST", "/api/users/alice/reset", "").into(t, 200, &oneTime)
	f.signIn("alice", oneTime.OneTimePassword)
	f.call(account.Admin, "POST", "/api/users/nobody/reset", "").problem(t, 404)
	f.call(account.Admin, "POST", "/api/users/admin/disable", "").problem(t, 409)
	var users struct{ Items []server.User }
	f.call(account.Admin, "GET", "/api/users", "").into(t, 200, &users)
	if len(users.Items) != 2 || users.Items[1].Name != "alice" || users.Items[1].LastSignIn == nil || !users.Items[1].MustChangePassword {
		t.Errorf("%+v", users)
	}

	var made server.NewToken
	f.call(account.Admin, "POST", "/api/tokens", `{"name":"grafana","role":"reader","expires":"2027-01-01T00:00:00Z"}`).into(t, 200, &made)
	if a := f.do(f.request("GET", "/api/version", "", "Authorization", "Bearer "+made.Text)); a.status != 200 {
		t.Errorf("the new token: %d", a.status)
	}
	if a := f.call(account.Admin, "GET", "/api/tokens", ""); strings.Contains(a.body, made.Text) || !strings.Contains(a.body, "grafana") {
		t.Errorf("%s", a.body)
	}
	if a := f.call(account.Admin, "DELETE", fmt.Sprintf("/api/tokens/%d", made.ID), ""); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	if e := f.lastAudit(); e.Action != "token.revoke" || e.Target != "grafana" {
		t.Errorf("audit: %+v", e)
	}
	if a := f.do(f.request("GET", "/api/version", "", "Authorization", "Bearer "+made.Text)); a.status != http.StatusUnauthorized {
		t.Errorf("the revoked token: %d", a.status)
	}
}

func TestAuditPage(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		f.call(account.Reader, "POST", "/api/query", `{"query":"x"}`)
	}
	var page server.AuditPage
	f.call(account.Admin, "GET", "/api/audit?limit=2&action=query.run", "").into(t, 200, &page)
	if len(page.Items) != 2 || page.Items[0].ID <= page.Items[1].ID {
		t.Fatalf("%+v", page)
	}
	f.call(account.Admin, "GET", fmt.Sprintf("/api/audit?limit=2&before=%d", page.Items[1].ID), "").into(t, 200, &page)
	if len(page.Items) != 1 || page.Items[0].Actor != "token:test reader" || page.Items[0].Rows != 1 {
		t.Errorf("%+v", page)
	}
}

func TestWebApp(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]string{"/": "no-cache", "/hunt?q=1": "no-cache", "/assets/app-1234.js": "public, max-age=31536000, immutable"} {
		if a := f.do(f.request("GET", path, "")); a.header.Get("Cache-Control") != want {
			t.Errorf("%s: %q", path, a.header.Get("Cache-Control"))
		}
	}
	if a := f.do(f.request("GET", "/assets/app-0000.js", "")); a.status != 404 {
		t.Errorf("a file of an older build: %d %q", a.status, a.body)
	}
	if a := f.do(f.request("GET", "/assets/../../../etc/passwd", "")); strings.Contains(a.body, "root") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := f.do(f.request("POST", "/", "{}")); a.status != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %d", a.status)
	}
	packed := f.request("GET", "/assets/app-1234.js", "")
	packed.Header.Set("Accept-Encoding", "gzip")
	a := f.do(packed)
	script, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil || a.header.Get("Content-Encoding") != "gzip" || len(a.body) > len(appScript)/10 {
		t.Fatalf("%v, %v, %d bytes", err, a.header, len(a.body))
	}
	if text, err := io.ReadAll(script); err != nil || string(text) != appScript {
		t.Errorf("the script is another one: %v, %d bytes", err, len(text))
	}
	bare := newFixture(t, func(c *server.Config) { c.Web = nil })
	if a := bare.do(bare.request("GET", "/", "")); a.status != 404 {
		t.Errorf("without the app: %d", a.status)
	}
}

func TestEntitySections(t *testing.T) {
	f := newFixture(t)
	var compared entitypage.Comparison
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/compare?from=2026-01-02&to=2026-01-03&with=192.0.2.2&withFrom=2026-01-01&withTo=2026-01-02", "").into(t, 200, &compared)
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	want := entitypage.Comparison{
		A: entitypage.Side{ID: "192.0.2.1", From: day(2), To: day(3)}, B: entitypage.Side{ID: "192.0.2.2", From: day(1), To: day(2)},
	}
	if diff := cmp.Diff(want, compared); diff != "" {
		t.Error(diff)
	}
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/compare", "").into(t, 200, &compared)
	if compared.B.ID != "192.0.2.1" || !compared.B.From.IsZero() {
		t.Errorf("with nothing named: %+v", compared.B)
	}
	var after entitypage.Aftermath
	f.call(account.Reader, "GET", "/api/devices/WS1.example.org/aftermath?at=2026-01-01T10:00:00Z&minutes=5", "").into(t, 200, &after)
	if after.Device != "ws1.example.org" || after.To.Sub(after.From) != 5*time.Minute || after.From.Hour() != 10 {
		t.Errorf("%+v", after)
	}
	for _, path := range []string{
		"/api/entities/ip/192.0.2.1/related/colour", "/api/devices/ws1/aftermath", "/api/entities/ip/192.0.2.1?role=boss",
		"/api/devices/ws1/aftermath?at=noon",
	} {
		f.call(account.Reader, "GET", path, "").problem(t, 400)
	}
}
