package timeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store/duckdb"
	"spoor/internal/timeline"
)

// bench is timelines of a real store in memory that logs are taken into.
type bench struct {
	*testing.T
	*timeline.Timelines
	db       *duckdb.DB
	pipeline *ingest.Pipeline
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{Functions: query.Functions(nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	runner := query.New(query.Config{Engine: db})
	kql := func(ctx context.Context, text string, yield func([]any)) (err error) {
		res, err := runner.Run(ctx, query.Request{Text: text})
		if err != nil {
			return fmt.Errorf("%w in\n%s", err, text)
		}
		defer func() { err = errors.Join(err, res.Close()) }()
		for res.Next() {
			yield(res.Row())
		}
		return res.Err()
	}
	return &bench{t, &timeline.Timelines{Ledger: db, KQL: kql}, db, ingest.New(ingest.Config{Store: db, KQL: kql})}
}

func (b *bench) take(name string, lines ...string) {
	b.Helper()
	err := receive.Stream(b.Context(), name, strings.NewReader(strings.Join(lines, "\n")+"\n"), receive.Config{TempDir: b.TempDir()}, receive.Visitor{
		Input: func(in *receive.Input) error {
			_, err := b.pipeline.Run(b.Context(), in, ingest.Options{Site: "hq"})
			return err
		},
		Problem: func(p *receive.Problem) { b.Errorf("problem: %v", p) },
	})
	if err != nil {
		b.Fatal(err)
	}
}

// The logs of the tests: times are seconds after 2024-03-04 09:00.
const base = 1709542800

func conn(at float64, from, to, state string) string {
	history := map[string]string{"SF": "ShADadFf", "REJ": "Sr", "S0": "S"}[state]
	return fmt.Sprintf(`{"ts":%f,"uid":"C","id.orig_h":%q,"id.orig_p":50000,"id.resp_h":%q,"id.resp_p":443,"proto":"tcp","conn_state":%q,"history":%q,"orig_bytes":1,"resp_bytes":2}`,
		base+at, from, to, state, history)
}

func dns(at float64, name, answer string) string {
	return fmt.Sprintf(`{"ts":%f,"uid":"D","id.orig_h":"10.1.1.5","id.orig_p":40000,"id.resp_h":"10.1.0.2","id.resp_p":53,"proto":"udp","trans_id":7,"query":%q,"qtype":1,"qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":[%q]}`,
		base+at, name, answer)
}

func sysmon(at, id int, fields string) string {
	when := time.Unix(base+int64(at), 0).UTC()
	return fmt.Sprintf(`{"@timestamp":%q,"Hostname":"ws5.corp.example","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}","EventID":%d,"UtcTime":%q,"ProcessGuid":"{11111111-2222-3333-4444-%012d}","ProcessId":"4100","Image":"C:\\Windows\\rundll32.exe","User":"CORP\\ada",%s}`,
		when.Format("2006-01-02T15:04:05.000Z"), id, when.Format("2006-01-02 15:04:05.000"), id*1000+at%1000, fields)
}

const bad = "203.0.113.50"

// fill takes in what most tests look at: of 203.0.113.50 there are three connections (two
// of 10.1.1.5, established and refused, and one into 10.1.1.6), a DNS answer, a
// connection by Sysmon, a command line that mentions it, and one that only seems to.
func (b *bench) fill() {
	b.take("conn.log",
		conn(0, "10.1.1.5", bad, "SF"), conn(60, "10.1.1.5", bad, "REJ"), conn(86400, bad, "10.1.1.6", "SF"),
		conn(30, "10.1.1.5", "198.51.100.1", "SF"))
	b.take("dns.log", dns(-1, "evil.example", bad), dns(5, "50.113.0.203.in-addr.arpa", "host.example"),
		dns(6, "150.113.0.203.in-addr.arpa", "other.example"))
	b.take("sysmon.jsonl",
		sysmon(0, 3, `"Protocol":"tcp","Initiated":"true","SourceIp":"10.1.1.5","SourcePort":"50000","DestinationIp":"203.0.113.50","DestinationPort":"443"`),
		sysmon(10, 1, `"CommandLine":"ping 203.0.113.50","ParentImage":"C:\\cmd.exe","Hashes":"MD5=0123456789abcdef0123456789abcdef"`),
		sysmon(20, 1, `"CommandLine":"ping 203.0.113.5 v1.203.0.113.50","ParentImage":"C:\\cmd.exe","Hashes":"MD5=0123456789abcdef0123456789abcdef"`))
}

func (b *bench) page(req timeline.PageRequest) *timeline.Page {
	b.Helper()
	if req.ID.Kind == "" {
		req.ID = entity.ID{Kind: entity.IP, Value: bad}
	}
	if req.Limit == 0 {
		req.Limit = 100
	}
	page, err := b.Page(b.Context(), req)
	if err != nil {
		b.Fatal(err)
	}
	return page
}

// lines are the items of a page in short: seconds after the base, kind, roles, outcome.
func lines(page *timeline.Page) []string {
	var out []string
	for _, it := range page.Items {
		out = append(out, fmt.Sprintf("%d %s %s %s", it.Time.Unix()-base, it.SourceKind, strings.Join(it.Roles, ","), it.Outcome))
	}
	return out
}

var whole = []string{
	"86400 zeek.conn source,remote established",
	"60 zeek.conn destination,remote refused",
	"10 sysmon.1 mentioned ",
	"5 zeek.dns mentioned established",
	"0 sysmon.3 destination,remote established",
	"0 zeek.conn destination,remote established",
	"-1 zeek.dns answer established",
}

// All records that name the address, of every table, newest first, and no other.
func TestPage(t *testing.T) {
	b := newBench(t)
	b.fill()
	page := b.page(timeline.PageRequest{})
	if diff := cmp.Diff(whole, lines(page)); diff != "" {
		t.Error(diff)
	}
	if page.Older != "" || page.Newer != "" {
		t.Errorf("there is more: %q, %q", page.Older, page.Newer)
	}
	sysmon := page.Items[4]
	if sysmon.Device != "ws5.corp.example" || sysmon.Process != "rundll32.exe" || sysmon.Peer != "10.1.1.5" || sysmon.Port != 443 ||
		!slices.Equal(sysmon.AlsoIn, []string{"DeviceInfo", "DeviceNetworkInfo"}) {
		t.Errorf("the record of Sysmon is %+v", sysmon)
	}
	if want := "rundll32.exe 10.1.1.5 → 203.0.113.50:443, TCP connection, established"; sysmon.Summary != want {
		t.Errorf("its line is %q, want %q", sysmon.Summary, want)
	}
}

// Each part of the filter keeps what it says, on pages and in facets.
func TestFilter(t *testing.T) {
	b := newBench(t)
	b.fill()
	at := func(seconds int64) time.Time { return time.Unix(base+seconds, 0) }
	for name, c := range map[string]struct {
		req  timeline.Request
		want []int // indexes of whole
	}{
		"all":             {timeline.Request{}, []int{0, 1, 2, 3, 4, 5, 6}},
		"source":          {timeline.Request{Filter: timeline.Filter{Roles: entity.RoleSource}}, []int{0}},
		"destination":     {timeline.Request{Filter: timeline.Filter{Roles: entity.RoleDestination}}, []int{1, 4, 5}},
		"answer":          {timeline.Request{Filter: timeline.Filter{Roles: entity.RoleAnswer}}, []int{6}},
		"mentioned":       {timeline.Request{Filter: timeline.Filter{Roles: entity.RoleMentioned}}, []int{2, 3}},
		"source, answer":  {timeline.Request{Filter: timeline.Filter{Roles: entity.RoleSource | entity.RoleAnswer}}, []int{0, 6}},
		"refused":         {timeline.Request{Filter: timeline.Filter{Outcomes: []string{"refused"}}}, []int{1}},
		"no outcome":      {timeline.Request{Filter: timeline.Filter{Outcomes: []string{timeline.NoOutcome}}}, []int{2}},
		"kind":            {timeline.Request{Filter: timeline.Filter{SourceKinds: []string{"zeek.dns", "sysmon.3"}}}, []int{3, 4, 6}},
		"table":           {timeline.Request{Filter: timeline.Filter{Tables: []string{"DeviceProcessEvents"}}}, []int{2}},
		"device":          {timeline.Request{Filter: timeline.Filter{Devices: []string{"ws5.corp.example"}}}, []int{2, 4}},
		"no device":       {timeline.Request{Filter: timeline.Filter{Devices: []string{""}}}, []int{0, 1, 3, 5, 6}},
		"text":            {timeline.Request{Filter: timeline.Filter{Text: "EVIL.exa"}}, []int{6}},
		"text of files":   {timeline.Request{Filter: timeline.Filter{Text: "rundll", In: timeline.InFile}}, []int{2, 4}},
		"text of devices": {timeline.Request{Filter: timeline.Filter{Text: "ws5", In: timeline.InDevice}}, []int{2, 4}},
		"text of account": {timeline.Request{Filter: timeline.Filter{Text: "ada", In: timeline.InAccount}}, []int{2, 4}},
		"text, injection": {timeline.Request{Filter: timeline.Filter{Text: `" or true or "`}}, nil},
		"alerts":          {timeline.Request{Filter: timeline.Filter{AlertsOnly: true}}, nil},
		"period":          {timeline.Request{From: at(0), To: at(60)}, []int{2, 3, 4, 5}},
		"site":            {timeline.Request{Site: "elsewhere"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{T: t, Timelines: b.Timelines}
			var want []string
			for _, i := range c.want {
				want = append(want, whole[i])
			}
			if diff := cmp.Diff(want, lines(b.page(timeline.PageRequest{Request: c.req}))); diff != "" {
				t.Error(diff)
			}
			c.req.ID = entity.ID{Kind: entity.IP, Value: bad}
			facets, err := b.Facets(t.Context(), c.req)
			if err != nil || facets.Total != int64(len(want)) {
				t.Errorf("the facets count %d, %v", facets.Total, err)
			}
			var sum int64
			for _, bucket := range facets.Histogram.Buckets {
				sum += bucket.Records
			}
			if sum != facets.Total {
				t.Errorf("the histogram counts %d of %d", sum, facets.Total)
			}
		})
	}
}

// A facet counts what the rest of the filter keeps, so that its other values can be
// chosen.
func TestFacets(t *testing.T) {
	b := newBench(t)
	b.fill()
	req := timeline.Request{ID: entity.ID{Kind: entity.IP, Value: bad}, Filter: timeline.Filter{Outcomes: []string{"established"}, SourceKinds: []string{"zeek.conn"}}}
	got, err := b.Facets(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  []timeline.FacetCount
		want string
	}{
		"roles":    {got.Roles, "[{remote 2} {destination 1} {source 1}]"},
		"outcomes": {got.Outcomes, "[{established 2} {refused 1}]"},
		"kinds":    {got.SourceKinds, "[{zeek.conn 2} {zeek.dns 2} {sysmon.3 1}]"},
		"tables":   {got.Tables, "[{DeviceNetworkEvents 2}]"},
		"devices":  {got.Devices, "[{ 2}]"},
	} {
		if fmt.Sprint(c.got) != c.want {
			t.Errorf("%s: %v, want %s", name, c.got, c.want)
		}
	}
	if got.Total != 2 || got.Counted != "ledger" || got.First.Unix() != base || got.Last.Unix() != base+86400 {
		t.Errorf("%+v", got)
	}
}

// Facets and histogram add up to what the pages list, for each value of a part of the
// filter what they list under the rest of it, in any period and with any filter.
func TestFacetsCountThePages(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	b := newBench(t)
	const days = 6
	at := func() int { return random.IntN(days * 86400) }
	var conns, names, hosts []string
	for range 120 {
		conns = append(conns, conn(float64(at()), "10.1.1.5", bad, []string{"SF", "REJ", "S0"}[random.IntN(3)]), conn(float64(at()), bad, "10.1.1.6", "SF"))
		names = append(names, dns(float64(at()), "evil.example", bad))
		for _, fields := range []string{
			`"CommandLine":"ping 203.0.113.50","ParentImage":"C:\\cmd.exe"`,
			`"Protocol":"tcp","Initiated":"true","SourceIp":"10.1.1.5","SourcePort":"50000","DestinationIp":"203.0.113.50","DestinationPort":"443"`,
		} {
			line := sysmon(at(), map[bool]int{true: 1, false: 3}[strings.Contains(fields, "ping")], fields)
			hosts = append(hosts, strings.ReplaceAll(line, "ws5.", fmt.Sprintf("ws%d.", random.IntN(3))))
		}
	}
	b.take("conn.log", conns...)
	b.take("dns.log", names...)
	b.take("sysmon.jsonl", hosts...)
	for range 20 {
		req := timeline.Request{ID: entity.ID{Kind: entity.IP, Value: bad}}
		if random.IntN(2) == 0 {
			from := base + random.Int64N(days*86400)
			req.From, req.To = time.Unix(from, 0), time.Unix(from+random.Int64N(days*86400), 0)
		}
		chosen := func(values ...string) (some []string) {
			if random.IntN(3) > 0 {
				return nil
			}
			return values[random.IntN(len(values)):]
		}
		req.Outcomes = chosen("established", "refused", timeline.NoOutcome)
		req.SourceKinds = chosen("zeek.dns", "zeek.conn", "sysmon.1", "sysmon.3")
		req.Tables = chosen("DeviceProcessEvents", "DeviceNetworkEvents")
		req.Devices = chosen("ws2.corp.example", "", "ws1.corp.example")
		if random.IntN(3) == 0 {
			req.Roles = []entity.Roles{entity.RoleSource, entity.RoleRemote, entity.RoleAnswer, entity.RoleMentioned}[random.IntN(4)]
		}
		if random.IntN(4) == 0 {
			req.Text = "ws1"
		}
		got, err := b.Facets(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			got   []timeline.FacetCount
			but   func(*timeline.Filter)
			value func(*timeline.Item) []string
		}{
			"roles":    {got.Roles, func(f *timeline.Filter) { f.Roles = 0 }, func(i *timeline.Item) []string { return i.Roles }},
			"outcomes": {got.Outcomes, func(f *timeline.Filter) { f.Outcomes = nil }, func(i *timeline.Item) []string { return []string{outcomeOf(i)} }},
			"kinds":    {got.SourceKinds, func(f *timeline.Filter) { f.SourceKinds = nil }, func(i *timeline.Item) []string { return []string{i.SourceKind} }},
			"tables":   {got.Tables, func(f *timeline.Filter) { f.Tables = nil }, func(i *timeline.Item) []string { return []string{i.Table} }},
			"devices":  {got.Devices, func(f *timeline.Filter) { f.Devices = nil }, func(i *timeline.Item) []string { return []string{i.Device} }},
		} {
			rest := req
			c.but(&rest.Filter)
			want := map[string]int64{}
			for _, item := range b.page(timeline.PageRequest{Request: rest, Limit: 1000}).Items {
				for _, value := range c.value(&item) {
					want[value]++
				}
			}
			counted := map[string]int64{}
			for _, f := range c.got {
				counted[f.Value] = f.Records
			}
			if diff := cmp.Diff(want, counted); diff != "" {
				t.Errorf("%s of %+v (-pages +facets)\n%s", name, req, diff)
			}
		}
		var want, histogram []int64
		for _, item := range slices.Backward(b.page(timeline.PageRequest{Request: req, Limit: 1000}).Items) {
			want = append(want, item.Time.Unix()/got.Histogram.Seconds)
		}
		for _, bucket := range got.Histogram.Buckets {
			histogram = append(histogram, slices.Repeat([]int64{bucket.Start.Unix() / got.Histogram.Seconds}, int(bucket.Records))...)
		}
		if got.Total != int64(len(want)) || !slices.Equal(want, histogram) {
			t.Errorf("%+v: %d records by the pages, %d by the facets, %d in the histogram", req, len(want), got.Total, len(histogram))
		}
	}
}

func outcomeOf(item *timeline.Item) string {
	if item.Outcome == "" {
		return timeline.NoOutcome
	}
	return item.Outcome
}

// Going through a timeline in pages of any size, in either direction, from any place,
// gives every record once and in order, those of the same time too.
func TestPagingGivesEachRecordOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := newBench(t)
	const days, each = 5, 40
	var conns, names, hosts []string
	for range days * each {
		at := random.IntN(days)*86400 + random.IntN(4) // many at the same second
		if random.IntN(2) == 0 {
			at += random.IntN(15 * 3600) // to the end of the day
		}
		conns = append(conns, conn(float64(at), "10.1.1.5", bad, "SF"))
		if random.IntN(3) == 0 {
			names = append(names, dns(float64(at), "evil.example", bad))
		}
		if random.IntN(3) == 0 {
			hosts = append(hosts, sysmon(at, 1, `"CommandLine":"ping 203.0.113.50","ParentImage":"C:\\cmd.exe"`))
		}
	}
	b.take("conn.log", conns...)
	b.take("dns.log", names...)
	b.take("sysmon.jsonl", hosts...)
	total := len(conns) + len(names) + len(hosts)

	all := b.page(timeline.PageRequest{Limit: 1000}).Items
	if len(all) != total {
		t.Fatalf("%d records of %d", len(all), total)
	}
	for i := 1; i < len(all); i++ {
		if a, c := all[i-1], all[i]; a.Time.Before(c.Time) || a.Time.Equal(c.Time) && len(a.RawID) == len(c.RawID) && a.RawID <= c.RawID {
			t.Fatalf("record %s at %s stands before %s at %s", a.RawID, a.Time, c.RawID, c.Time)
		}
	}
	want := ids(all)
	for _, limit := range []int{1, 3, 7, 50, total - 1, total, total + 1} {
		if limit == 1 {
			want := want[:40] // the way is the same for the rest
			if got := b.walk(limit, false, len(want)); !slices.Equal(got, want) {
				t.Errorf("older, one by one: %d records differ from %d", len(got), len(want))
			}
			continue
		}
		if got := b.walk(limit, false, total+1); !slices.Equal(got, want) {
			t.Errorf("older, by %d: %d records, not the same as %d", limit, len(got), total)
		}
		got := b.walk(limit, true, total+1)
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Errorf("newer, by %d: %d records, not the same as %d", limit, len(got), total)
		}
	}
	for range 10 { // there and back from any record
		i := random.IntN(total - 20)
		at, err := timeline.ParseCursor(all[i].Cursor)
		if err != nil {
			t.Fatal(err)
		}
		older := b.page(timeline.PageRequest{After: &at, Limit: 9})
		if !slices.Equal(ids(older.Items), want[i+1:i+10]) {
			t.Errorf("behind record %d: %v", i, ids(older.Items))
		}
		if at, err = timeline.ParseCursor(older.Items[0].Cursor); err != nil {
			t.Fatal(err)
		}
		if newer := b.page(timeline.PageRequest{After: &at, Newer: true, Limit: 1}); newer.Items[0].RawID != want[i] {
			t.Errorf("back from record %d: %v", i+1, ids(newer.Items))
		}
	}
}

// walk goes through a whole timeline, or about most records of it, in the order of going.
func (b *bench) walk(limit int, newer bool, most int) []string {
	b.Helper()
	var got []string
	req := timeline.PageRequest{Limit: limit, Newer: newer}
	for len(got) < most {
		page := b.page(req)
		next, part := page.Older, ids(page.Items)
		if newer {
			next = page.Newer
			slices.Reverse(part)
		}
		got = append(got, part...)
		if next == "" {
			return got
		}
		at, err := timeline.ParseCursor(next)
		if err != nil {
			b.Fatal(err)
		}
		req.After = &at
	}
	return got
}

func ids(items []timeline.Item) []string {
	out := make([]string, len(items))
	for i := range items {
		out[i] = items[i].RawID
	}
	return out
}

// The other kinds of entities are found by the rules of the ledger too.
func TestOtherKinds(t *testing.T) {
	b := newBench(t)
	b.fill()
	for id, want := range map[entity.ID]int{
		{Kind: entity.Device, Value: "ws5.corp.example"}:               3,
		{Kind: entity.Account, Value: `corp\ada`}:                      3,
		{Kind: entity.Domain, Value: "evil.example"}:                   1,
		{Kind: entity.Domain, Value: "example"}:                        0,
		{Kind: entity.Hash, Value: "0123456789abcdef0123456789abcdef"}: 2,
		{Kind: entity.IP, Value: "203.0.113.5"}:                        1,
		{Kind: entity.IP, Value: "192.0.2.1"}:                          0,
	} {
		if page := b.page(timeline.PageRequest{Request: timeline.Request{ID: id}}); len(page.Items) != want {
			t.Errorf("%v: %v, want %d records", id, lines(page), want)
		}
	}
}

// The query that a page shows gives the page's records.
func TestQueryGivesTheRows(t *testing.T) {
	b := newBench(t)
	b.fill()
	for _, f := range []timeline.Filter{{}, {Roles: entity.RoleSource}, {Outcomes: []string{"refused"}}, {Text: "rundll32"}, {Tables: []string{"DeviceProcessEvents"}}} {
		page := b.page(timeline.PageRequest{Request: timeline.Request{Filter: f}})
		var got []string
		if err := b.KQL(t.Context(), page.Query+"\n| project Raw = _RawId", func(row []any) { got = append(got, fmt.Sprint(row[0])) }); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, ids(page.Items)) {
			t.Errorf("%+v: the query gives %v, the page %v", f, got, ids(page.Items))
		}
	}
}

// An event has all its fields, its copies and the entities in its columns.
func TestEvent(t *testing.T) {
	b := newBench(t)
	b.fill()
	item := b.page(timeline.PageRequest{Request: timeline.Request{Filter: timeline.Filter{SourceKinds: []string{"sysmon.3"}}}}).Items[0]
	at, err := timeline.ParseCursor(item.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.db.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var tables []string
	for name := range rows {
		tables = append(tables, name)
	}
	ev, err := b.Event(t.Context(), at.Raw, "", tables)
	if err != nil {
		t.Fatal(err)
	}
	var names, related []string
	for _, r := range ev.Rows {
		names = append(names, r.Table)
	}
	slices.Sort(names[1:])
	for _, r := range ev.Related {
		related = append(related, r.Kind+" "+r.ID)
	}
	if fmt.Sprint(names) != "[DeviceNetworkEvents DeviceInfo DeviceNetworkInfo]" {
		t.Errorf("the rows are in %v", names)
	}
	slices.Sort(related)
	if want := []string{`account corp\ada`, "device ws5.corp.example", "ip 10.1.1.5", "ip " + bad}; !slices.Equal(related, want) {
		t.Errorf("it names %v, want %v", related, want)
	}
	if i := slices.IndexFunc(ev.Rows[0].Fields, func(f timeline.EventField) bool { return f.Name == "RemotePort" }); i < 0 || ev.Rows[0].Fields[i].Value != "443" {
		t.Errorf("its fields are %v", ev.Rows[0].Fields)
	}
	if none, err := b.Event(t.Context(), schema.NewRawID(999, 1), "", tables); none != nil || err != nil {
		t.Errorf("of no record: %v, %v", none, err)
	}
}

func TestExport(t *testing.T) {
	b := newBench(t)
	b.fill()
	var got []string
	err := b.Export(t.Context(), timeline.Request{ID: entity.ID{Kind: entity.IP, Value: bad}}, func(row []any) error {
		got = append(got, row[len(row)-1].(string))
		return nil
	})
	if want := ids(b.page(timeline.PageRequest{}).Items); err != nil || !slices.Equal(got, want) {
		t.Errorf("exported %v, %v, want %v", got, err, want)
	}
}

func TestParseCursor(t *testing.T) {
	for _, s := range []string{"", "1", "1.", ".1", "x.1", "-1.1", "1.2.3", "99999999999999999999.1"} {
		if c, err := timeline.ParseCursor(s); err == nil {
			t.Errorf("%q is taken for %v", s, c)
		}
	}
}

// A translated address is found in its own role and in none of the ends of the flow.
func TestTranslatedRole(t *testing.T) {
	b := newBench(t)
	b.take("logs.json",
		`{"Type":"CommonSecurityLog","TimeGenerated":"2024-03-04T09:00:00Z","DeviceVendor":"Acme","DeviceProduct":"Wall","Activity":"traffic","DeviceAction":"allow","SourceIP":"10.1.1.5","SourceTranslatedAddress":"203.0.113.50","DestinationIP":"198.51.100.9","DestinationPort":443}`,
		`{"Type":"CommonSecurityLog","TimeGenerated":"2024-03-04T09:01:00Z","DeviceVendor":"Acme","DeviceProduct":"Wall","Activity":"traffic","DeviceAction":"allow","SourceIP":"10.1.1.5","DestinationIP":"203.0.113.50","DestinationPort":443}`)
	for role, want := range map[entity.Roles][]string{
		entity.RoleNAT:         {"0 sentinel.CommonSecurityLog nat permitted"},
		entity.RoleDestination: {"60 sentinel.CommonSecurityLog destination,remote permitted"},
		entity.RoleForwarded:   nil,
	} {
		page := b.page(timeline.PageRequest{Request: timeline.Request{Filter: timeline.Filter{Roles: role}}})
		if diff := cmp.Diff(want, lines(page)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", role, diff)
		}
	}
}
