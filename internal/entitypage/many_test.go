package entitypage

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/network"
	"spoor/internal/schema"
)

const (
	established = schema.OutcomeEstablished
	refused     = schema.OutcomeRefused
)

// fillMany stores what two addresses of 198.51.100.0/24 did, with own hosts and with one
// another, a third that is merely mentioned, and one of the next prefix.
func fillMany(b *bench) {
	// ws1 reached .7; a sensor saw it too, and another own address that nobody claims.
	b.flow("10.1.1.5", "198.51.100.7", "zeek.conn", "", at(20, 8), at(20, 9), 4, established)
	b.flow("10.1.1.5", "198.51.100.7", "sysmon.3", "ws1.example.org", at(20, 8), at(20, 9), 3, established)
	b.flow("10.1.1.6", "198.51.100.7", "zeek.conn", "", at(22, 7), at(22, 7), 2, established)
	// .9 was refused.
	b.flow("10.1.1.6", "198.51.100.9", "zeek.conn", "", at(21, 7), at(21, 7), 5, refused)
	// .7 and .9 talked to one another past the sensor: three records, six sightings.
	b.flow("198.51.100.7", "198.51.100.9", "zeek.conn", "", at(23, 1), at(23, 2), 3, established)
	b.saw("198.51.100.20", "zeek.http", "", "", at(23, 1), at(23, 1), 9, entity.RoleMentioned, schema.OutcomeNone)
	b.flow("10.1.1.5", "198.51.101.1", "zeek.conn", "", at(24, 1), at(24, 1), 50, established)
	b.held("ws1.example.org", at(20, 8))
	b.commit()
}

// flow adds what the ledger has of n records of connections from one address to another.
func (b *bench) flow(from, to, kind, reporter string, first, last schema.Ticks, n int64, outcome schema.Outcome) {
	b.saw(from, kind, reporter, to, first, last, n, source, outcome)
	b.saw(to, kind, reporter, from, first, last, n, destination, outcome)
}

func (b *bench) buildMany(kind entity.Kind, id string) *Document {
	b.Helper()
	doc, err := b.pages.Build(b.Context(), Request{ID: entity.ID{Kind: kind, Value: id}})
	if err != nil {
		b.Fatal(err)
	}
	if len(doc.Errors) > 0 {
		b.Errorf("%s: %+v", id, doc.Errors)
	}
	return doc
}

// TestPrefix adds the addresses of a prefix up: kinds apart, and what they did with one
// another once.
func TestPrefix(t *testing.T) {
	b := newBench(t)
	fillMany(b)
	doc := b.buildMany(entity.CIDR, "198.51.100.0/24")

	const want = "2 of its 256 addresses seen, 2 in contact: 1 device and 3 own addresses without a name were in contact with it (all established, opened from both sides), " +
		"first 2024-05-20 08:00:00 from ws1.example.org, last 2024-05-23 02:00:00"
	if !strings.HasPrefix(doc.Headline.Text, want) {
		t.Errorf("headline:\ngot  %s\nwant %s …", doc.Headline.Text, want)
	}
	// 4 + 2 + 5 + 3 of the sensor; the three of the host are the same flows.
	records := map[string]int64{}
	for _, s := range doc.Sources {
		records[s.SourceKind] = s.Records
	}
	if diff := cmp.Diff(map[string]int64{"zeek.conn": 14, "sysmon.3": 3, "zeek.http": 0}, records); diff != "" {
		t.Errorf("records by kind: %s", diff)
	}
	// The three inside play both roles.
	for _, s := range doc.Sources {
		if s.SourceKind == "zeek.conn" && (s.AsSource != 3 || s.AsDestination != 14) {
			t.Errorf("%d as source and %d as destination", s.AsSource, s.AsDestination)
		}
	}
	perDay := map[string]int64{}
	for _, d := range doc.Prevalence.Days {
		if d.Records > 0 {
			perDay[d.Day] = d.Records
		}
	}
	if diff := cmp.Diff(map[string]int64{"2024-05-20": 4, "2024-05-21": 5, "2024-05-22": 2, "2024-05-23": 3}, perDay); diff != "" {
		t.Errorf("zeek.conn by day: %s", diff)
	}
	m := doc.Many
	if m.First != "198.51.100.0" || m.Last != "198.51.100.255" || m.Size != "256" || m.Seen != 2 || m.Contacted != 2 || m.Wide != "" {
		t.Errorf("many: %+v", m)
	}
	if doc.Identity == nil || doc.Identity.Class != "documentation" || doc.Identity.Own {
		t.Errorf("identity: %+v", doc.Identity)
	}
	devices := map[string]int64{}
	for _, d := range doc.Devices.Items {
		devices[d.DeviceName+" "+d.Address] = d.Records
	}
	// Neither of the two is known to be own: each stands at the other end of the other's.
	if diff := cmp.Diff(map[string]int64{"ws1.example.org 10.1.1.5": 4, " 10.1.1.6": 7, " 198.51.100.9": 3, " 198.51.100.7": 0}, devices); diff != "" {
		t.Errorf("devices: %s", diff)
	}
}

// TestPrefixSaysWhatPagesSay holds the list of addresses against the page of each.
func TestPrefixSaysWhatPagesSay(t *testing.T) {
	b := newBench(t)
	fillMany(b)
	list, err := b.pages.Addresses(t.Context(), Request{ID: entity.ID{Kind: entity.CIDR, Value: "198.51.100.0/24"}}, List{Sort: "name"})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, item := range list.Items {
		doc := b.build(item.Address, time.Time{}, time.Time{})
		var first, last string
		var records string
		for _, term := range doc.Headline.Terms {
			switch term.Name {
			case "first":
				first = term.Value
			case "last":
				last = term.Value
			case "records":
				records = term.Value + " " + term.Unit
			}
		}
		got := []any{item.Devices, schema.TicksOf(item.First).String(), schema.TicksOf(item.Last).String()}
		want := []any{doc.Prevalence.Devices, first, last}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", item.Address, diff)
		}
		if text := fmt.Sprint(item.Records, " ", item.SourceKind); text != records {
			t.Errorf("%s: %s, its page says %s", item.Address, text, records)
		}
	}
}

// TestAddressList sorts, matches and pages.
func TestAddressList(t *testing.T) {
	b := newBench(t)
	fillMany(b)
	req := Request{ID: entity.ID{Kind: entity.Range, Value: "198.51.100.1-198.51.101.9"}}
	for _, c := range []struct {
		list List
		want string
	}{
		{List{}, "198.51.101.1 198.51.100.7 198.51.100.9"},
		{List{Sort: "name"}, "198.51.100.7 198.51.100.9 198.51.101.1"},
		{List{Sort: "records"}, "198.51.101.1 198.51.100.7 198.51.100.9"},
		{List{Sort: "-first"}, "198.51.100.7 198.51.100.9 198.51.101.1"},
		{List{Sort: "devices", Limit: 1}, "198.51.100.7"},
		{List{Sort: "bytes", Limit: 1, Offset: 1}, "198.51.100.7"},
		{List{Match: "100.9"}, "198.51.100.9"},
	} {
		list, err := b.pages.Addresses(t.Context(), req, c.list)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range list.Items {
			got = append(got, item.Address)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%+v: %s, want %s", c.list, text, c.want)
		}
	}
	if _, err := b.pages.Addresses(t.Context(), Request{ID: entity.ID{Kind: entity.IP, Value: "198.51.100.7"}}, List{}); !errors.Is(err, ErrNotMany) {
		t.Errorf("of a single address: %v", err)
	}
}

// TestAutonomousSystem is about the addresses that the database gives to it.
func TestAutonomousSystem(t *testing.T) {
	b := newBench(t)
	b.asn(`8.8.8.0,8.8.8.127,64500,Example Net
8.8.8.128,8.8.8.255,64501,Other Net
9.9.0.0,9.9.255.255,64500,Example Net
`)
	for address, records := range map[string]int64{"8.8.8.1": 1, "8.8.8.200": 10, "9.9.9.9": 100} {
		b.saw(address, "zeek.conn", "", "10.1.1.5", at(20, 8), at(20, 9), records, destination, established)
	}
	b.commit()
	doc := b.buildMany(entity.ASN, "AS64500")
	if doc.Prevalence.SourceKind != "zeek.conn" || doc.Sources[0].Records != 101 || doc.Many.Seen != 2 {
		t.Errorf("%+v, %+v", doc.Sources, doc.Many)
	}
	if diff := cmp.Diff([]PlaceCount{{ID: "8.8.8.0/25", Addresses: 1}, {ID: "9.9.0.0/16", Addresses: 1}}, doc.Many.Prefixes); diff != "" {
		t.Errorf("prefixes: %s", diff)
	}
	list, err := b.pages.Addresses(t.Context(), Request{ID: entity.ID{Kind: entity.CIDR, Value: "8.8.8.0/24"}}, List{Match: "other NET"})
	if err != nil || len(list.Items) != 1 || list.Items[0].Address != "8.8.8.200" || list.Items[0].ASN != 64501 {
		t.Errorf("those of the other: %+v, %v", list, err)
	}
	if !strings.HasPrefix(doc.Headline.Text, "2 addresses of it seen, 2 in contact: ") {
		t.Errorf("headline: %s", doc.Headline.Text)
	}
	if got := b.sum(doc.Prevalence.Query, 1); got != 101 {
		t.Errorf("its query gives %d records", got)
	}
	if got := b.buildMany(entity.ASN, "AS64999"); got.Many.Seen != 0 || !strings.HasPrefix(got.Headline.Text, "Not seen") {
		t.Errorf("one of which nothing was seen: %s", got.Headline.Text)
	} else if got.Identity.Class != "" {
		t.Errorf("its addresses, of which none is known, are %s", got.Identity.Class)
	}
}

// TestQueriesOfMany opens the queries of a page: they give its numbers.
func TestQueriesOfMany(t *testing.T) {
	b := newBench(t)
	fillMany(b)
	b.flow("2001:db8::5", "2001:db8:1::5", "zeek.conn", "", at(20, 8), at(20, 9), 70, established)
	b.commit()
	for _, id := range []entity.ID{
		{Kind: entity.CIDR, Value: "198.51.100.0/24"},
		{Kind: entity.CIDR, Value: "198.51.100.0/25"},
		{Kind: entity.CIDR, Value: "198.51.100.0/28"},
		{Kind: entity.CIDR, Value: "198.48.0.0/12"},
		{Kind: entity.CIDR, Value: "0.0.0.0/0"},
		{Kind: entity.CIDR, Value: "2001:db8::/32"},
		{Kind: entity.CIDR, Value: "2001:db8:1::/64"},
		{Kind: entity.CIDR, Value: "::/0"},
		{Kind: entity.Range, Value: "198.51.100.7-198.51.100.8"},
		{Kind: entity.Range, Value: "198.51.100.1-198.51.101.200"},
	} {
		doc := b.buildMany(id.Kind, id.Value)
		var want int64
		for _, d := range doc.Prevalence.Days {
			want += d.Records
		}
		if got := b.sum(doc.Prevalence.Query, 1); got != want || want == 0 {
			t.Errorf("%s: the query gives %d records, the page %d", id.Value, got, want)
		}
		for _, term := range doc.Headline.Terms {
			if (term.Name == "addresses" || term.Name == "addressesContacted") && b.sum(term.Query, 0) != amount(t, term.Value) {
				t.Errorf("%s: %s is %s, its query gives %d", id.Value, term.Name, term.Value, b.sum(term.Query, 0))
			}
		}
		for _, query := range []string{doc.Many.Addresses.Query, doc.Devices.Query, doc.Peers.Query, doc.Alerts.Query, doc.Hunts.Columns, doc.Hunts.Everything} {
			b.each(query, func([]any) {})
		}
		contacts, err := b.pages.Contacts(t.Context(), Request{ID: id})
		if err != nil || contacts.Total == 0 {
			t.Errorf("%s: contacts %+v, %v", id.Value, contacts, err)
		}
	}
}

// TestWidePrefix asks for more sightings than are told apart: what is added up is the
// same, and so is the list of addresses.
func TestWidePrefix(t *testing.T) {
	b, w := newBench(t), newBench(t)
	fillMany(b)
	fillMany(w)
	w.pages.WideRows = 1
	req := Request{ID: entity.ID{Kind: entity.CIDR, Value: "198.51.100.0/23"}}
	narrow := b.buildMany(req.ID.Kind, req.ID.Value)
	lists := map[string]AddressList{}
	for _, sort := range []string{"", "-last", "first", "records", "-name"} {
		list, err := b.pages.Addresses(t.Context(), req, List{Sort: sort, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		lists[sort] = list
	}
	wide := w.buildMany(req.ID.Kind, req.ID.Value)
	if wide.Many.Wide == "" || wide.Many.Seen != 3 || wide.Many.Addresses.Total != 3 {
		t.Errorf("%+v", wide.Many)
	}
	if diff := cmp.Diff(narrow.Sources[0].Records, wide.Sources[0].Records); diff != "" {
		t.Errorf("records: %s", diff)
	}
	for i := range narrow.Prevalence.Days {
		n, w := narrow.Prevalence.Days[i], wide.Prevalence.Days[i]
		if n.Records != w.Records || !cmp.Equal(n.Outcomes, w.Outcomes) {
			t.Errorf("%+v told apart, %+v not", n, w)
		}
	}
	if d := wide.Devices; d.Total != 1 || d.Items[0].DeviceName != "ws1.example.org" {
		t.Errorf("devices that report themselves: %+v", d)
	}
	for sort, want := range lists {
		got, err := w.pages.Addresses(t.Context(), req, List{Sort: sort, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("by %q: %s", sort, diff)
		}
	}
	if _, err := w.pages.Addresses(t.Context(), req, List{Sort: "devices"}); !errors.Is(err, ErrWide) {
		t.Errorf("by devices: %v", err)
	}
	var all []string
	err := w.pages.EachAddress(t.Context(), req, List{Sort: "name"}, func(a *AddressItem) error {
		all = append(all, a.Address)
		return nil
	})
	if diff := cmp.Diff([]string{"198.51.100.7", "198.51.100.9", "198.51.101.1"}, all); err != nil || diff != "" {
		t.Errorf("all: %v %s", err, diff)
	}
	if _, err := w.pages.Contacts(t.Context(), req); !errors.Is(err, ErrWide) {
		t.Errorf("contacts: %v", err)
	}
}

// TestNamedRangesOfAPrefix says in which it lies, and which lie in it.
func TestNamedRangesOfAPrefix(t *testing.T) {
	b := newBench(t)
	for cidr, name := range map[string]string{"10.0.0.0/8": "everything", "10.1.0.0/16": "offices", "10.1.2.0/24": "printers", "10.1.3.0/24": "doors", "10.2.0.0/16": "servers"} {
		if _, err := b.pages.Networks.Add(t.Context(), network.Range{Prefix: netip.MustParsePrefix(cidr), Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	names := func(list []Network) string {
		var all []string
		for _, n := range list {
			all = append(all, n.Name)
		}
		return strings.Join(all, " ")
	}
	doc := b.buildMany(entity.CIDR, "10.1.0.0/16")
	if in, holds := names(doc.Identity.Networks), names(doc.Many.Holds); in != "offices everything" || holds != "printers doors" || !doc.Identity.Own {
		t.Errorf("it lies in %q and holds %q; own: %v", in, holds, doc.Identity.Own)
	}
}

func TestBeginning(t *testing.T) {
	for prefix, want := range map[string]string{
		"198.51.100.0/24": "198.51.100.", "198.51.96.0/20": "198.51.", "10.0.0.0/8": "10.", "0.0.0.0/0": "", "198.51.100.128/25": "198.51.100.",
		"2001:db8::/32": "2001:db8:", "2001:db8::/48": "2001:db8:", "2001:db8:1::/48": "2001:db8:1:", "2001:db8:0:1::/64": "2001:db8:", "::/0": "", "fe80::/10": "",
	} {
		if got := beginning(netip.MustParsePrefix(prefix)); got != want {
			t.Errorf("all of %s begin with %q, want %q", prefix, got, want)
		}
	}
}

// each runs a query of a page.
func (b *bench) each(query string, yield func(row []any)) {
	b.Helper()
	if err := b.pages.KQL(b.Context(), query, yield); err != nil {
		b.Errorf("%v in\n%s", err, query)
	}
}

// sum adds a column of a query's rows up.
func (b *bench) sum(query string, column int) (total int64) {
	b.Helper()
	b.each(query, func(row []any) { total += number(row[column]) })
	return total
}

func amount(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// asn opens a database of ranges as its publishers write them.
func (b *bench) asn(ranges string) {
	b.Helper()
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asn-ipv4.csv"), []byte(ranges), 0o600); err != nil {
		b.Fatal(err)
	}
	geo, err := enrich.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	b.pages.Geo = geo
}

// Who watches many addresses is told what their page says: each record once, and mentions
// not at all.
func TestWatched(t *testing.T) {
	b := newBench(t)
	fillMany(b)
	address := entity.ID{Kind: entity.IP, Value: "198.51.100.7"}
	prefix := entity.ID{Kind: entity.CIDR, Value: "198.51.100.0/24"}
	span := entity.ID{Kind: entity.Range, Value: "198.51.100.8-198.51.101.4"}
	unseen := entity.ID{Kind: entity.CIDR, Value: "192.0.2.0/24"}
	mentioned := entity.ID{Kind: entity.CIDR, Value: "198.51.100.16/28"}
	found, err := b.pages.Watched(t.Context(), []entity.ID{address, prefix, span, unseen, mentioned})
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		Records, Contacts, Devices int64
		Last                       schema.Ticks
	}
	got := map[entity.ID]told{}
	for id, s := range found {
		got[id] = told{s.AllRecords, s.Contacts, s.Devices, s.Last}
	}
	want := map[entity.ID]told{
		address:   {12, 12, 3, at(23, 2)}, // 4 and 2 of the sensor, 3 of the host, 3 with .9
		prefix:    {17, 12, 4, at(23, 2)}, // and 5 refused ones of .9
		span:      {58, 53, 3, at(24, 1)}, // 5 refused, 3 of .9 with .7, 50 of the next prefix; 10.1.1.5, 10.1.1.6 and .7
		mentioned: {0, 0, 0, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A prefix of which all were refused was in contact with nobody, which is said once, and its
// knocks were on the own host.
func TestPrefixThatNobodyLetIn(t *testing.T) {
	b := newBench(t)
	b.flow("198.51.100.7", "10.1.1.5", "zeek.conn", "", at(20, 8), at(20, 9), 4, refused)
	b.held("ws1.example.org", at(20, 8))
	b.commit()
	doc := b.buildMany(entity.CIDR, "198.51.100.0/24")
	const want = "1 of its 256 addresses seen, none in contact: 1 device without an established connection, " +
		"first 2024-05-20 08:00:00 on ws1.example.org, last 2024-05-20 09:00:00 on ws1.example.org; 4 zeek.conn records (4 refused)"
	if !strings.HasPrefix(doc.Headline.Text, want) {
		t.Errorf("headline:\ngot  %s\nwant %s …", doc.Headline.Text, want)
	}
}
