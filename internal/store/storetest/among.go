package storetest

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// amongMany asks for many addresses at once: those of a run, and those of a list.
func amongMany(t *testing.T, h *harness) {
	north, south := h.source("a.log", "north"), h.source("b.log", "south")
	const from, to = entity.RoleSource | entity.RoleLocal, entity.RoleDestination | entity.RoleRemote
	add := func(s *store.Source, address, peer, kind string, day int32, roles entity.Roles, records int64) {
		b := sighted(s, entity.ID{Kind: entity.IP, Value: address}, day, records)
		b.Sightings[0].Peer, b.Sightings[0].Roles, b.Sightings[0].SourceKind = peer, roles, kind
		h.append(b)
	}
	// Both ends in 192.0.2.0/24: seven records, which both of them name.
	add(north, "192.0.2.1", "192.0.2.9", "zeek.conn", day0, from, 7)
	add(north, "192.0.2.9", "192.0.2.1", "zeek.conn", day0, to, 7)
	// Nobody says which of two logon servers is the source.
	add(south, "192.0.2.1", "192.0.2.9", "okta", day0, entity.RoleLocal, 2)
	add(south, "192.0.2.9", "192.0.2.1", "okta", day0, entity.RoleRemote, 2)
	add(north, "192.0.2.9", "10.0.0.1", "zeek.conn", day0+1, to, 5)
	add(north, "192.0.2.9", "192.0.2.9", "zeek.dns", day0+1, from|to, 30) // talks to itself
	add(south, "192.0.2.10", "10.0.0.1", "zeek.dns", day0+2, to, 11)
	add(south, "192.0.2.200", "", "zeek.http", day0+2, entity.RoleMentioned, 90)
	add(north, "192.0.3.0", "10.0.0.1", "zeek.conn", day0, to, 100) // the next prefix
	add(north, "2001:db8::1", "10.0.0.1", "zeek.conn", day0, to, 200)
	if err := h.Merge(h.ctx()); err != nil {
		t.Fatal(err)
	}
	run := func(first, last string, list ...string) store.LedgerQuery {
		return store.LedgerQuery{Kind: entity.IP, Among: &store.Addresses{First: netip.MustParseAddr(first), Last: netip.MustParseAddr(last), List: list}}
	}
	prefix := run("192.0.2.0", "192.0.2.255")
	pair := run("192.0.2.1", "2001:db8::1", "192.0.2.9", "2001:db8::1", "192.0.2.77")

	for _, c := range []struct {
		q    store.LedgerQuery
		want string
	}{
		{prefix, "192.0.2.1 2, 192.0.2.1 7, 192.0.2.10 11, 192.0.2.200 90, 192.0.2.9 2, 192.0.2.9 30, 192.0.2.9 5, 192.0.2.9 7"},
		{pair, "192.0.2.9 2, 192.0.2.9 30, 192.0.2.9 5, 192.0.2.9 7, 2001:db8::1 200"},
		{run("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "2001:db8::1 200"},
	} {
		found, err := h.Stretches(h.ctx(), store.StretchQuery{LedgerQuery: c.q})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range found {
			got = append(got, fmt.Sprint(s.Entity, " ", s.Records))
		}
		slices.Sort(got)
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("stretches of %+v:\ngot  %s\nwant %s", c.q.Among, text, c.want)
		}
	}

	found, err := h.Stretches(h.ctx(), store.StretchQuery{LedgerQuery: prefix, Together: true})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int64{}
	for _, s := range found {
		if s.Entity != "" || s.Peer != "" {
			t.Errorf("%q and %q are named in what is added up over both", s.Entity, s.Peer)
		}
		sums[s.SourceKind] += s.Records
	}
	if text := fmt.Sprint(sums); text != "map[okta:2 zeek.conn:12 zeek.dns:41 zeek.http:90]" {
		t.Errorf("together: %s", text)
	}

	asDestination := prefix
	asDestination.Roles = entity.RoleDestination
	southern := prefix
	southern.Site = "south"
	for _, c := range []struct {
		q    store.LedgerQuery
		want string
	}{
		{prefix, "okta 0 2, zeek.conn 0 7, zeek.conn 1 5, zeek.dns 1 30, zeek.dns 2 11"}, // seven, not fourteen
		{asDestination, "zeek.conn 0 7, zeek.conn 1 5, zeek.dns 1 30, zeek.dns 2 11"},
		{southern, "okta 0 2, zeek.dns 2 11"},
		{pair, "okta 0 2, zeek.conn 0 207, zeek.conn 1 5, zeek.dns 1 30"}, // the peer is not asked for
	} {
		_, counts, err := h.Activity(h.ctx(), store.StretchQuery{LedgerQuery: c.q}, c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, n := range counts {
			got = append(got, fmt.Sprint(n.SourceKind, " ", n.Day-day0, " ", n.Records))
		}
		slices.Sort(got)
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("day counts of %+v: got %s, want %s", c.q, text, c.want)
		}
	}

	tallies, err := h.Tallies(h.ctx(), store.TallyQuery{LedgerQuery: prefix})
	if err != nil {
		t.Fatal(err)
	}
	var inside, outside int64
	for i := range tallies {
		if tallies[i].Inside {
			inside += tallies[i].Records
		} else {
			outside += tallies[i].Records
		}
	}
	if inside != 7+2 || outside != 7+2+5+30+11+90 {
		t.Errorf("tallies: %d inside and %d else", inside, outside)
	}

	for _, c := range []struct {
		kind     string
		from, to int32
		want     map[string]store.TimeSpan
	}{
		{"zeek.conn", day0, day0 + 9, map[string]store.TimeSpan{"north": {First: schema.DayStart(day0), Last: schema.DayStart(day0+1) + 1}}},
		{"zeek.dns", day0 + 1, day0 + 2, map[string]store.TimeSpan{
			"north": {First: schema.DayStart(day0 + 1), Last: schema.DayStart(day0+1) + 1}, "south": {First: schema.DayStart(day0 + 2), Last: schema.DayStart(day0+2) + 1},
		}},
		{"zeek.dns", day0, day0, map[string]store.TimeSpan{}},
	} {
		if got, err := h.AddressSpans(h.ctx(), c.kind, c.from, c.to); err != nil || !maps.Equal(got, c.want) {
			t.Errorf("spans of %s from %d to %d: got %v, %v, want %v", c.kind, c.from, c.to, got, err, c.want)
		}
	}

	want := store.Extent{Rows: 7, Addresses: 3, First: schema.DayStart(day0), Last: schema.DayStart(day0+2) + 1}
	if got, err := h.Extent(h.ctx(), prefix); err != nil || got != want {
		t.Errorf("extent: %+v, %v; want %+v", got, err, want)
	}
	if got, err := h.Extent(h.ctx(), run("198.51.100.0", "198.51.100.255")); err != nil || got != (store.Extent{}) {
		t.Errorf("extent of what nobody saw: %+v, %v", got, err)
	}

	for _, c := range []struct {
		q    store.AddressQuery
		want string
	}{
		{store.AddressQuery{Order: store.ByAddress, Limit: 9}, "192.0.2.1 192.0.2.9 192.0.2.10"},
		{store.AddressQuery{Order: store.ByAddress, Reverse: true, Limit: 1, Offset: 1}, "192.0.2.9"},
		{store.AddressQuery{Order: store.ByLast, Limit: 9}, "192.0.2.10 192.0.2.9 192.0.2.1"},
		{store.AddressQuery{Order: store.ByFirst, Limit: 9}, "192.0.2.10 192.0.2.1 192.0.2.9"},
		{store.AddressQuery{Order: store.ByRecords, Limit: 9}, "192.0.2.9 192.0.2.10 192.0.2.1"},
		{store.AddressQuery{Order: store.ByRecords, Counting: []string{"zeek.conn", "sysmon.3"}, Limit: 9}, "192.0.2.9 192.0.2.10 192.0.2.1"},
		{store.AddressQuery{Order: store.ByRecords, Counting: []string{"okta"}, Reverse: true, Limit: 9}, "192.0.2.1 192.0.2.9 192.0.2.10"},
		// A sighting here lasts from the first moment of its day to the one after that.
		{store.AddressQuery{Order: store.ByRecords, From: schema.DayStart(day0) + 1, To: schema.DayStart(day0+2) + 1}, "192.0.2.9 192.0.2.10 192.0.2.1"},
		{store.AddressQuery{Order: store.ByRecords, From: schema.DayStart(day0) + 2, To: schema.DayStart(day0+2) + 1}, "192.0.2.9 192.0.2.10"},
		{store.AddressQuery{Order: store.ByLast, From: schema.DayStart(day0) + 2, To: schema.DayStart(day0 + 2)}, "192.0.2.10 192.0.2.9"}, // the days are not bounded
	} {
		c.q.LedgerQuery = prefix
		got, err := h.AddressesBy(h.ctx(), c.q)
		if text := strings.Join(got, " "); err != nil || text != c.want {
			t.Errorf("by %s, %v, reversed %v: got %s, %v; want %s", c.q.Order, c.q.Counting, c.q.Reverse, text, err, c.want)
		}
	}
}
