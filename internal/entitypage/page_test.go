package entitypage

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/device"
	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/network"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
)

// now is the moment of the tests: noon of 2024-05-31.
var now = time.Date(2024, 5, 31, 12, 0, 0, 0, time.UTC)

// bench is pages on a real store in memory.
type bench struct {
	*testing.T
	pages *Pages
	db    *duckdb.DB
	batch store.Batch
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t}
	db, err := duckdb.Open(t.Context(), duckdb.Config{Functions: query.Functions(nil)})
	if err != nil {
		t.Fatal(err)
	}
	cases, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	networks, err := network.Open(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	geo, err := enrich.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.pages.Close()
		if err := errors.Join(db.Close(), geo.Close(), cases.Close()); err != nil {
			t.Error(err)
		}
	})
	runner := query.New(query.Config{Engine: db})
	kql := func(ctx context.Context, text string, yield func([]any)) (err error) {
		res, err := runner.Run(ctx, query.Request{Text: text})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, res.Close()) }()
		for res.Next() {
			yield(res.Row())
		}
		return res.Err()
	}
	b.db = db
	b.pages = &Pages{Ledger: db, KQL: kql, Networks: networks, Geo: geo, Now: func() time.Time { return now }, Tables: db.Tables}
	return b
}

// at is a moment of May 2024.
func at(day, hour int) schema.Ticks {
	return schema.TicksOf(time.Date(2024, 5, day, hour, 0, 0, 0, time.UTC))
}

const (
	source      = entity.RoleSource | entity.RoleLocal
	destination = entity.RoleDestination | entity.RoleRemote
)

// saw adds a row of the ledger: n records on address between two moments of one day,
// by a device or, with "", a sensor, with a peer at the other end.
func (b *bench) saw(address, kind, reporter, peer string, first, last schema.Ticks, n int64, roles entity.Roles, outcome schema.Outcome) {
	b.batch.Sightings = append(b.batch.Sightings, store.Sighting{
		SightingKey: store.SightingKey{
			Kind: entity.IP, Entity: address, SourceKind: kind, Site: "hq", Device: reporter, DeviceID: device.ID("hq", reporter),
			Peer: peer, Table: "DeviceNetworkEvents", Day: first.Day(), Roles: roles, Outcome: outcome,
		},
		Records: n, First: first, Last: last, BytesOut: 10 * n, BytesIn: 20 * n,
	})
}

// held adds a claim on 10.1.1.5.
func (b *bench) held(name string, when schema.Ticks) {
	b.batch.Claims = append(b.batch.Claims, store.Claim{
		Site: "hq", Address: "10.1.1.5", Device: name, DeviceID: device.ID("hq", name), Evidence: "sysmon.3", First: when, Last: when, Records: 1,
	})
}

// commit stores what was added.
func (b *bench) commit() {
	b.Helper()
	src := store.Source{Name: "test", Site: "hq", Format: "json", Head: []byte{1}}
	if err := b.db.CreateSource(b.Context(), &src); err != nil {
		b.Fatal(err)
	}
	src.Offset, src.Hash = 1, []byte{1}
	for i := range b.batch.Sightings {
		b.batch.Sightings[i].Source = src.ID
	}
	for i := range b.batch.Claims {
		b.batch.Claims[i].Source = src.ID
	}
	b.batch.Source = &src
	if b.batch.Records == nil {
		row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
		row.SetTime("Timestamp", at(1, 0))
		b.batch.Records = []store.Record{{Raw: []byte("x"), Kind: "zeek.conn", Rows: []schema.Row{row}}}
	}
	src.Ordinal = int64(len(b.batch.Records))
	if err := b.db.Append(b.Context(), &b.batch); err != nil {
		b.Fatal(err)
	}
	b.batch = store.Batch{}
}

func (b *bench) build(address string, from, to time.Time) *Document {
	b.Helper()
	doc, err := b.pages.Build(b.Context(), Request{ID: entity.ID{Kind: entity.IP, Value: address}, From: from, To: to})
	if err != nil {
		b.Fatal(err)
	}
	if len(doc.Errors) > 0 {
		b.Fatalf("%+v", doc.Errors)
	}
	return doc
}

func (b *bench) page(address string) *Document { return b.build(address, time.Time{}, time.Time{}) }

// names lists the devices of a document by name or address.
func names(doc *Document) []string {
	var out []string
	for _, d := range doc.Devices.Items {
		name := d.DeviceName
		if name == "" {
			name = d.Address
		}
		out = append(out, fmt.Sprintf("%s %d %s", name, d.Records, d.SourceKind))
	}
	return out
}

// A host and a sensor see the same flows: one device, two kinds side by side.
func TestDevicesAreResolvedByHolders(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 8), at(30, 9), 7, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "sysmon.3", "ws1.corp.example", "10.1.1.5", at(30, 8), at(30, 9), 5, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.6", at(30, 10), at(30, 10), 2, destination, schema.OutcomeRefused)
	b.held("ws1.corp.example", at(30, 8))
	b.commit()
	doc := b.page("203.0.113.9")
	if diff := cmp.Diff([]string{"10.1.1.6 2 zeek.conn", "ws1.corp.example 7 zeek.conn"}, names(doc)); diff != "" {
		t.Errorf("devices (-want +got):\n%s", diff)
	}
	ws1 := doc.Devices.Items[1]
	if !ws1.Contacted || ws1.BytesOut != 70 || len(ws1.BySource) != 2 || doc.Devices.Items[0].Contacted {
		t.Errorf("devices: %+v", doc.Devices.Items)
	}
	if doc.Headline.Text == "" || doc.Identity.Own {
		t.Errorf("%q, own %v", doc.Headline.Text, doc.Identity.Own)
	}
	if doc.Peers.Total != 2 {
		t.Errorf("%d peers", doc.Peers.Total)
	}
}

// The last event is the host's when the sensor saw the same one a moment later.
func TestLastEventNamesTheProcess(t *testing.T) {
	b := newBench(t)
	row := func(kind, reporter, process string, last schema.Ticks) {
		b.saw("203.0.113.9", kind, reporter, "10.1.1.5", at(30, 8), last, 1, destination, schema.OutcomeEstablished)
		n := len(b.batch.Sightings)
		b.batch.Sightings[n-1].LastEvent = store.LastEvent{RawID: schema.RawID(n), Process: process, Action: kind}
	}
	row("zeek.conn", "", "", at(30, 9)+schema.TicksPerSecond)
	row("sysmon.3", "ws1.corp.example", "curl.exe", at(30, 9))
	row("security.5156", "ws1.corp.example", "old.exe", at(30, 8)+1)
	b.held("ws1.corp.example", at(30, 8))
	b.commit()
	d := b.page("203.0.113.9").Devices.Items[0]
	if d.LastEvent.Process != "curl.exe" || !d.Last.Equal((at(30, 9) + schema.TicksPerSecond).Time()) {
		t.Errorf("%+v", d)
	}
}

// An address that changes hands within one row of the ledger stands for both holders.
func TestHolderChangesWithinARow(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 23), 7, destination, schema.OutcomeEstablished)
	b.held("ws1.corp.example", at(30, 2))
	b.held("ws2.corp.example", at(30, 22))
	b.commit()
	got := map[string]string{}
	for _, d := range b.page("203.0.113.9").Devices.Items {
		got[d.DeviceName] = d.First.Format("15:04") + "-" + d.Last.Format("15:04")
	}
	// They part at noon: 10 hours from either claim, and then the tick after it.
	want := map[string]string{"ws1.corp.example": "01:00-12:00", "ws2.corp.example": "12:00-23:00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A sensor's record between two private addresses is stored with the originator's side as
// local. The page knows better when a host held the other one, whichever log came first.
func TestHoldersOrientAgain(t *testing.T) {
	b := newBench(t)
	b.saw("172.16.9.9", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 2), 7, source, schema.OutcomeEstablished)
	b.saw("10.1.1.5", "zeek.conn", "", "172.16.9.9", at(30, 1), at(30, 2), 7, destination, schema.OutcomeEstablished)
	b.commit()
	if doc := b.page("172.16.9.9"); !doc.Identity.Own || doc.Peers.Items[0].BytesOut != 70 {
		t.Errorf("nobody held either: own %v, %d bytes out, want true, 70", doc.Identity.Own, doc.Peers.Items[0].BytesOut)
	}
	b.held("ws1.corp.example", at(30, 2))
	b.commit()
	outside, inside := b.page("172.16.9.9"), b.page("10.1.1.5")
	if outside.Identity.Own || !inside.Identity.Own {
		t.Errorf("own: %v outside, %v inside", outside.Identity.Own, inside.Identity.Own)
	}
	for _, doc := range []*Document{outside, inside} {
		if peer := doc.Peers.Items[0]; peer.BytesOut != 140 || peer.BytesIn != 70 {
			t.Errorf("%d bytes out, %d in, want 140, 70", peer.BytesOut, peer.BytesIn)
		}
		if items := doc.Devices.Items; len(items) != 1 || items[0].DeviceName != "ws1.corp.example" || items[0].BytesOut != 140 {
			t.Errorf("devices: %+v", items)
		}
	}
}

func TestOwnAddress(t *testing.T) {
	b := newBench(t)
	// On the organisation's side in most of its records, though one sensor thought
	// otherwise of one flow with a private address.
	b.saw("198.51.100.1", "zeek.conn", "", "203.0.113.1", at(30, 1), at(30, 1), 50, source, schema.OutcomeEstablished)
	b.saw("198.51.100.1", "zeek.conn", "", "203.0.113.2", at(30, 1), at(30, 1), 50, entity.RoleDestination|entity.RoleLocal, schema.OutcomeRefused)
	b.saw("198.51.100.1", "zeek.conn", "", "192.168.0.3", at(30, 2), at(30, 2), 1, destination, schema.OutcomeUnanswered)
	b.saw("198.51.100.1", "zeek.conn", "", "224.0.0.251", at(30, 2), at(30, 2), 1, source, schema.OutcomeUnknown)
	b.saw("198.51.100.1", "zeek.conn", "", "198.51.100.1", at(30, 2), at(30, 2), 1, source|destination, schema.OutcomeUnknown)
	b.commit()
	doc := b.page("198.51.100.1")
	if !doc.Identity.Own || doc.Devices.Total != 1 || doc.Devices.Items[0].Address != "198.51.100.1" {
		t.Errorf("own %v, devices %+v", doc.Identity.Own, doc.Devices)
	}
	// The group and the address itself are no peers; but as hosts they are counted.
	if doc.Peers.Total != 3 || doc.Sources[0].Hosts != 5 {
		t.Errorf("%d peers, %d hosts", doc.Peers.Total, doc.Sources[0].Hosts)
	}
}

// ICMP is a class of its own: it opens nothing, and an answered ping is no contact.
func TestPingsAreNoContact(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 2), 5, destination, schema.OutcomeICMP)
	b.saw("10.1.1.5", "zeek.conn", "", "203.0.113.1", at(30, 1), at(30, 2), 5, source, schema.OutcomeICMP)
	b.commit()
	outside, inside := b.page("203.0.113.1"), b.page("10.1.1.5")
	want := "no contact: 1 own address without a name without an established connection"
	if text := outside.Headline.Text; !strings.HasPrefix(text, want) || !strings.Contains(text, "5 ICMP") {
		t.Errorf("%s", text)
	}
	if d := outside.Devices.Items[0]; d.Contacted || outside.Sources[0].Outcomes["icmp"] != 5 {
		t.Errorf("contacted %v, outcomes %v", d.Contacted, outside.Sources[0].Outcomes)
	}
	for _, term := range inside.Headline.Terms {
		if (term.Name == "reached" || term.Name == "tried") && term.Value != "0" {
			t.Errorf("%s %s", term.Name, term.Value)
		}
	}
}

func TestNetworkCatalogueDecidesFirst(t *testing.T) {
	b := newBench(t)
	b.saw("198.51.100.1", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 1), 50, destination, schema.OutcomeEstablished)
	b.commit()
	if _, err := b.pages.Networks.Add(t.Context(), network.Range{Prefix: netip.MustParsePrefix("198.51.100.0/24"), Name: "edge", Role: "servers"}); err != nil {
		t.Fatal(err)
	}
	id := b.page("198.51.100.1").Identity
	if !id.Own || id.OwnWhy != "network catalogue" || len(id.Networks) != 1 || id.Networks[0].Name != "edge" {
		t.Errorf("%+v", id)
	}
}

func TestDefaultWindow(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", at(2, 1), at(2, 1), 3, destination, schema.OutcomeEstablished)
	march := schema.TicksOf(time.Date(2024, 3, 10, 5, 0, 0, 0, time.UTC))
	b.saw("203.0.113.2", "zeek.conn", "", "10.1.1.5", march, march, 4, destination, schema.OutcomeEstablished)
	b.commit()
	for _, c := range []struct {
		address, from, to string
		shifted           bool
	}{
		{"203.0.113.1", "2024-05-02", "2024-06-01", false}, // the 30th day from the end is still in
		{"203.0.113.2", "2024-02-10", "2024-03-11", true},
		{"203.0.113.3", "2024-05-02", "2024-06-01", false}, // never seen
	} {
		r := b.page(c.address).Range
		if r.From.Format(time.DateOnly) != c.from || r.To.Format(time.DateOnly) != c.to || r.Shifted != c.shifted || (r.Note != "") != c.shifted {
			t.Errorf("%s: %+v", c.address, r)
		}
	}
}

// Without a period log activity is for all time, and devices are those of the window.
func TestPeriods(t *testing.T) {
	b := newBench(t)
	march := schema.TicksOf(time.Date(2024, 3, 10, 5, 0, 0, 0, time.UTC))
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", march, march, 4, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.6", at(30, 1), at(30, 5), 3, destination, schema.OutcomeEstablished)
	b.commit()
	doc := b.page("203.0.113.1")
	if doc.Sources[0].Records != 7 || doc.Devices.Total != 1 || doc.Prevalence.Devices != 1 || len(doc.Prevalence.Days) != 30 {
		t.Errorf("by default: %+v, %d devices, %d days", doc.Sources[0], doc.Devices.Total, len(doc.Prevalence.Days))
	}
	doc = b.build("203.0.113.1", march.Time().AddDate(0, 0, -1), march.Time().AddDate(0, 0, 1))
	if doc.Sources[0].Records != 4 || doc.Sources[0].LastEver.Month() != time.May || doc.Devices.Items[0].Address != "10.1.1.5" {
		t.Errorf("in March: %+v", doc.Sources[0])
	}
	// The ledger has no events behind it here, so a cut day is taken whole, and said so.
	doc = b.build("203.0.113.1", at(30, 3).Time(), at(30, 4).Time())
	if doc.Sources[0].Records != 3 || !strings.Contains(doc.Range.Note, "zeek.conn") {
		t.Errorf("within a day: %+v %+v", doc.Sources[0], doc.Range)
	}
}

// An edge inside a day is counted from the day's events.
func TestEdgeInsideADay(t *testing.T) {
	b := newBench(t)
	// One source has the first three records, another the last two.
	for _, hours := range [][]int{{1, 2, 2}, {5, 9}} {
		for i, hour := range hours {
			row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
			row.SetTime("Timestamp", at(30, hour))
			row.SetString("LocalIP", "10.1.1.5")
			row.SetString("RemoteIP", "203.0.113.1")
			b.batch.Records = append(b.batch.Records, store.Record{
				Ordinal: int64(i), Offset: int64(i), Raw: []byte("x"), Kind: "zeek.conn", Rows: []schema.Row{row}, Outcome: schema.OutcomeEstablished,
			})
		}
		b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", at(30, hours[0]), at(30, hours[len(hours)-1]), int64(len(hours)), destination, schema.OutcomeEstablished)
		b.commit()
	}
	for _, c := range []struct {
		from, to    int
		records     int64
		first, last int
	}{{0, 24, 5, 1, 9}, {2, 5, 2, 2, 2}, {2, 6, 3, 2, 5}, {3, 24, 2, 5, 9}} {
		doc := b.build("203.0.113.1", at(30, c.from).Time(), at(30, c.to).Time())
		s := doc.Sources[0]
		if s.Records != c.records || s.First.Hour() != c.first || s.Last.Hour() != c.last || doc.Range.Note != "" || doc.Devices.Total != 1 {
			t.Errorf("%d to %d h: %d records, %v to %v, %q", c.from, c.to, s.Records, s.First, s.Last, doc.Range.Note)
		}
	}
	if doc := b.build("203.0.113.1", at(30, 6).Time(), at(30, 8).Time()); len(doc.Sources) != 0 || doc.Devices.Total != 0 {
		t.Errorf("between the records: %+v", doc.Sources)
	}
}

func TestNeverSeenAndOnlyMentioned(t *testing.T) {
	b := newBench(t)
	if text := b.page("203.0.113.1").Headline.Text; text != "Not seen · nothing has been taken in yet" {
		t.Errorf("empty store: %q", text)
	}
	b.saw("203.0.113.1", "powershell.4104", "ws1.corp.example", "", at(30, 1), at(30, 1), 2, entity.RoleMentioned, schema.OutcomeNone)
	b.commit()
	doc := b.page("203.0.113.1")
	if want := "No connection: only mentioned, in 2 records"; len(doc.Headline.Text) < len(want) || doc.Headline.Text[:len(want)] != want {
		t.Errorf("%q", doc.Headline.Text)
	}
	if doc.Sources[0].Records != 0 || doc.Sources[0].Mentioned != 2 || doc.Devices.Total != 0 {
		t.Errorf("%+v, %d devices", doc.Sources[0], doc.Devices.Total)
	}
	doc = b.page("203.0.113.99")
	if doc.Headline.Text[:len("Not seen · searched")] != "Not seen · searched" || len(doc.Coverage) != 1 || doc.Sources == nil {
		t.Errorf("%q, coverage %+v", doc.Headline.Text, doc.Coverage)
	}
}

// Over all of time the chart goes from the first to the last day with records; a mention
// years away, which may be a version number, does not stretch it.
func TestChartOfAllTimeEndsWithTheRecords(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", at(28, 1), at(28, 1), 2, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.1", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 1), 2, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.1", "raw.text", "", "", at(900, 1), at(900, 1), 1, entity.RoleMentioned, schema.OutcomeNone)
	b.commit()
	var got []string
	for _, d := range b.build("203.0.113.1", at(-5000, 0).Time(), at(5000, 0).Time()).Prevalence.Days {
		got = append(got, d.Day)
	}
	if diff := cmp.Diff([]string{"2024-05-28", "2024-05-29", "2024-05-30"}, got); diff != "" {
		t.Errorf("days of the chart (-want +got):\n%s", diff)
	}
}

// What is kept of the whole ledger goes with the next commit.
func TestKeptUntilTheStoreChanges(t *testing.T) {
	b := newBench(t)
	for n := range int64(3) {
		b.commit()
		for range 2 {
			if doc := b.page("203.0.113.1"); len(doc.Coverage) != 1 || doc.Coverage[0].Records != n+1 {
				t.Errorf("after %d commits: %+v", n+1, doc.Coverage)
			}
		}
	}
}

// The kind that speaks is the one of connections with most records; ties go by order.
func TestMainKind(t *testing.T) {
	for want, counts := range map[string]map[string]int64{
		"zeek.conn":     {"zeek.conn": 30, "sysmon.3": 30, "security.5156": 30, "zeek.http": 90},
		"sysmon.3":      {"sysmon.3": 30, "security.5156": 30},
		"security.5156": {"sysmon.3": 29, "security.5156": 30},
		"zeek.http":     {"zeek.http": 3, "zeek.ssl": 2},
		"zeek.dns":      {"zeek.dns": 2, "zeek.ssl": 2},
	} {
		k := kindTallies{}
		for name, n := range counts {
			k = append(k, kindTally{kind: name, records: n})
		}
		if got, _ := k.main(entity.IP); got != want {
			t.Errorf("%v: %s, want %s", counts, got, want)
		}
	}
	// Of a device, connections are no more than the rest.
	k := kindTallies{{kind: "zeek.conn", records: 30}, {kind: "sysmon.10", records: 90}}
	if got, _ := k.main(entity.Device); got != "sysmon.10" {
		t.Errorf("of a device: %s", got)
	}
}

func TestListsArePagedSortedAndFiltered(t *testing.T) {
	b := newBench(t)
	for i := range 120 {
		b.saw("203.0.113.1", "zeek.conn", "", fmt.Sprintf("10.1.1.%d", i+1), at(1+i%30, 1), at(1+i%30, 2), int64(i+1), destination, schema.OutcomeEstablished)
	}
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.1"}, From: at(1, 0).Time(), To: now}
	seen := map[string]bool{}
	for offset := 0; offset < 120; offset += 50 {
		list, err := b.pages.Devices(t.Context(), req, List{Limit: 50, Offset: offset, Sort: "-records"})
		if err != nil || list.Total != 120 {
			t.Fatalf("%d devices, %v", list.Total, err)
		}
		for i, d := range list.Items {
			if d.Records != int64(offset+i+1) {
				t.Errorf("item %d has %d records", offset+i, d.Records)
			}
			seen[d.Address] = true
		}
	}
	if len(seen) != 120 {
		t.Errorf("the pages hold %d devices", len(seen))
	}
	list, err := b.pages.Peers(t.Context(), req, List{Match: "10.1.1.11"})
	if err != nil || list.Total != 11 || list.Items[0].Address != "10.1.1.119" {
		t.Errorf("%d peers match: %v", list.Total, err) // .11 and .110 to .119
	}
}

// Of five external addresses with 1, 1, 2, 3 and 3 devices, the one with 2 is rarer
// than two of five.
func TestRarity(t *testing.T) {
	b := newBench(t)
	for address, devices := range map[string]int{"203.0.113.1": 1, "203.0.113.2": 1, "203.0.113.3": 2, "203.0.113.4": 3, "203.0.113.5": 3} {
		for i := range devices {
			own := fmt.Sprintf("10.1.1.%d", i+1)
			b.saw(address, "zeek.conn", "", own, at(30, 1), at(30, 2), 1, destination, schema.OutcomeEstablished)
			b.saw(own, "zeek.conn", "", address, at(30, 1), at(30, 2), 1, source, schema.OutcomeEstablished)
		}
	}
	b.commit()
	v, err := b.pages.view(t.Context(), Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.3"}})
	if err != nil {
		t.Fatal(err)
	}
	b.pages.rarity.busy.Lock() // the count waits
	var got Prevalence
	b.pages.rarer(v, &got)
	if got.RarerThan != nil || !got.RarerPending {
		t.Errorf("before it is counted: rarer than %v, pending %v", got.RarerThan, got.RarerPending)
	}
	b.pages.rarity.busy.Unlock()
	b.pages.rarity.counts.Wait()
	got = Prevalence{}
	b.pages.rarer(v, &got)
	if got.RarerThan == nil || *got.RarerThan != 0.4 || !got.RarerAsOf.Equal(now) || got.RarerPending {
		t.Errorf("rarer than %v as of %v, pending %v, want 0.4", got.RarerThan, got.RarerAsOf, got.RarerPending)
	}
}

// The role filter counts the records whose role set holds the role, in every number;
// whose the address is, and who held it, does not depend on it.
func TestRole(t *testing.T) {
	b := newBench(t)
	remoteSource := entity.RoleSource | entity.RoleRemote
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 10), 5, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.6", at(30, 11), at(30, 12), 2, remoteSource, schema.OutcomeRefused)
	b.saw("203.0.113.9", "zeek.http", "", "10.1.1.6", at(29, 8), at(29, 8), 1, entity.RoleForwarded, schema.OutcomeNone)
	b.saw("203.0.113.9", "sysmon.1", "ws1", "", at(28, 8), at(28, 8), 9, entity.RoleMentioned, schema.OutcomeNone)
	b.commit()

	type counts struct {
		Records, AsSource, AsDestination, Devices, Peers, OnDay int64
		Own                                                     bool
	}
	for _, c := range []struct {
		role entity.Roles
		want counts
	}{
		{0, counts{Records: 8, AsSource: 2, AsDestination: 5, Devices: 2, Peers: 2, OnDay: 7}},
		{entity.RoleSource, counts{Records: 2, AsSource: 2, Devices: 1, Peers: 1, OnDay: 2}},
		{entity.RoleDestination, counts{Records: 5, AsDestination: 5, Devices: 1, Peers: 1, OnDay: 5}},
		{entity.RoleForwarded, counts{Records: 1}},
		{entity.RoleNAT, counts{}},
	} {
		req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.9"}, Role: c.role}
		doc, err := b.pages.Build(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		got := counts{Devices: doc.Devices.Total, Peers: doc.Peers.Total, Own: doc.Identity.Own}
		for _, s := range doc.Sources {
			got.Records += s.Records
			got.AsSource += s.AsSource
			got.AsDestination += s.AsDestination
		}
		for _, d := range doc.Prevalence.Days {
			if d.Day == "2024-05-30" {
				got.OnDay = d.Records
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("role %q: %s", c.role, diff)
		}
		if c.role != 0 && !strings.Contains(doc.Devices.Query, fmt.Sprintf("Roles has %q", c.role)) {
			t.Errorf("role %q: the query counts something else: %s", c.role, doc.Devices.Query)
		}
		if devices, err := b.pages.Devices(t.Context(), req, List{}); err != nil || devices.Total != c.want.Devices {
			t.Errorf("role %q: the list has %d devices, %v", c.role, devices.Total, err)
		}
		if peers, err := b.pages.Peers(t.Context(), req, List{}); err != nil || peers.Total != c.want.Peers {
			t.Errorf("role %q: the list has %d peers, %v", c.role, peers.Total, err)
		}
	}
}

// TestTakenIn: each kind says when the log of its latest record last had something taken in.
func TestTakenIn(t *testing.T) {
	b := newBench(t)
	conn := func(hour int) string {
		return fmt.Sprintf(`{"_path":"conn","ts":"2024-05-30T%02d:00:00Z","uid":"C%[1]d","id.orig_h":"10.1.1.5","id.orig_p":5300,"id.resp_h":"203.0.113.1","id.resp_p":443,"proto":"tcp","conn_state":"SF"}`+"\n", hour)
	}
	b.ingest(map[string]string{"late.log": conn(5) + conn(9)})
	b.ingest(map[string]string{"early.log": conn(7)})
	sources, err := b.db.Sources(t.Context())
	if err != nil || len(sources) != 2 || sources[0].LastIngested == sources[1].LastIngested {
		t.Fatalf("%+v, %v", sources, err)
	}
	doc := b.page("203.0.113.1")
	if got := doc.Sources[0].TakenIn; got == nil || !got.Equal(sources[0].LastIngested.Time()) {
		t.Errorf("taken in at %v, want %v", got, sources[0].LastIngested.Time())
	}
	if err := b.db.RemoveSource(t.Context(), sources[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := b.page("203.0.113.1").Sources[0].TakenIn; got == nil || !got.Equal(sources[1].LastIngested.Time()) {
		t.Errorf("without the late log: %v, want %v", got, sources[1].LastIngested.Time())
	}
}

func TestRarerWords(t *testing.T) {
	for share, want := range map[float64]string{
		0:      "no external address of the period was on more devices",
		0.0004: "rarer than less than 0.1 % of external addresses in the period",
		0.4:    "rarer than 40 % of external addresses in the period",
		0.9732: "rarer than 97.3 % of external addresses in the period",
		0.9999: "rarer than 99.9 % of external addresses in the period",
	} {
		if got := rarerWords(share); got != want {
			t.Errorf("%g: %q, want %q", share, got, want)
		}
	}
}
