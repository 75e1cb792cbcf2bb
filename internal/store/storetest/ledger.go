package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// wantLedger compares every look-up, and the view, with a recount.
func (h *harness) wantLedger(c *tally) {
	h.t.Helper()
	for _, id := range c.entities() {
		found, err := h.Ledger(h.ctx(), store.LedgerQuery{Kind: id.Kind, Entity: id.Value})
		if err != nil {
			h.t.Fatal(err)
		}
		h.want("ledger of "+id.Value, sightingLines(found), c.of(id)...)
	}
	h.want("sightings", sorted(h.rows(viewSQL)), c.view()...)
}

// randomBatches makes batches of random sizes of some sources at two sites, in an
// order in which each source's own batches follow one another.
func (h *harness) randomBatches(seed uint64) []*store.Batch {
	rng := rand.New(rand.NewPCG(seed, 1))
	var makers []*maker
	for i := range 4 {
		makers = append(makers, newMaker(seed+uint64(i), h.source(fmt.Sprintf("%d.log", i), []string{"north", "south"}[i%2])))
	}
	var batches []*store.Batch
	for range 20 {
		batches = append(batches, makers[rng.IntN(len(makers))].batch(1+rng.IntN(120)))
	}
	return batches
}

func ledgerEqualsRecount(t *testing.T, h *harness) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	batches := h.randomBatches(seed)
	h.append(batches...)
	h.wantLedger(count(batches...))
	h.wantRows(`SELECT count(*) FROM (SELECT "RemoteIP", count(*) AS n FROM event."`+primaryTable+`" GROUP BY ALL) e
		FULL JOIN (SELECT "Entity", sum("Records") AS n FROM event."SpoorSightings" WHERE "Kind" = 'ip' GROUP BY ALL) s
		ON "RemoteIP" = "Entity" AND e.n = s.n WHERE "RemoteIP" IS NULL OR "Entity" IS NULL`, "0")
}

func orderDoesNotMatter(t *testing.T, h *harness) {
	batches := h.randomBatches(7)
	h.append(batches...)
	other := start(t, h.open)
	// The same sources in the opposite order: the numbers they get differ.
	bySource := map[int32][]*store.Batch{}
	var order []int32
	for _, b := range batches {
		if bySource[b.Source.ID] == nil {
			order = append([]int32{b.Source.ID}, order...)
		}
		bySource[b.Source.ID] = append(bySource[b.Source.ID], b)
	}
	for _, id := range order {
		s := other.source(bySource[id][0].Source.Name, bySource[id][0].Source.Site)
		for _, b := range bySource[id] {
			other.append(moved(b, s.ID))
		}
	}
	other.want("sightings", sorted(other.rows(viewSQL)), sorted(h.rows(viewSQL))...)
	holders := `SELECT "Site", "Address", "DeviceName", "DeviceId", "Evidence", "FirstSeen", "LastSeen", "Records" FROM event."SpoorAddressHolders" ORDER BY ALL`
	other.want("holders", other.rows(holders), h.rows(holders)...)
}

// moved is the batch as one of another source.
func moved(b *store.Batch, source int32) *store.Batch {
	m := *b
	s := *b.Source
	s.ID = source
	m.Source = &s
	m.Sightings = append([]store.Sighting(nil), b.Sightings...)
	for i := range m.Sightings {
		sighting := &m.Sightings[i]
		sighting.Source = source
		sighting.LastEvent.RawID = schema.NewRawID(source, sighting.LastEvent.RawID.Ordinal())
	}
	m.Claims = append([]store.Claim(nil), b.Claims...)
	for i := range m.Claims {
		m.Claims[i].Source = source
		m.Claims[i].LastRaw = schema.NewRawID(source, m.Claims[i].LastRaw.Ordinal())
	}
	return &m
}

// sighted is a batch of one record with one sighting.
func sighted(s *store.Source, id entity.ID, day int32, records int64) *store.Batch {
	b := single(s, []schema.Row{newRow(primaryTable)})
	b.Sightings = []store.Sighting{{
		SightingKey: store.SightingKey{Kind: id.Kind, Entity: id.Value, SourceKind: "zeek.conn", Source: s.ID, Site: s.Site, Table: primaryTable, Day: day, Roles: entity.RoleSource | entity.RoleLocal},
		Records:     records, First: schema.DayStart(day), Last: schema.DayStart(day) + 1,
		LastEvent: store.LastEvent{RawID: schema.NewRawID(s.ID, b.From)},
	}}
	return b
}

func (h *harness) wantRecords(q store.LedgerQuery, want int64) {
	h.t.Helper()
	found, err := h.Ledger(h.ctx(), q)
	if err != nil {
		h.t.Fatal(err)
	}
	var got int64
	for _, s := range found {
		got += s.Records
	}
	if got != want {
		h.t.Errorf("%+v: got %d records, want %d", q, got, want)
	}
}

func sitesApart(_ *testing.T, h *harness) {
	id := entity.ID{Kind: entity.IP, Value: "10.0.0.1"}
	h.append(sighted(h.source("a.log", "north"), id, day0, 3), sighted(h.source("a.log", "south"), id, day0, 5))
	h.wantRecords(store.LedgerQuery{Kind: id.Kind, Entity: id.Value, Site: "north"}, 3)
	h.wantRecords(store.LedgerQuery{Kind: id.Kind, Entity: id.Value, Site: "south"}, 5)
	h.wantRecords(store.LedgerQuery{Kind: id.Kind, Entity: id.Value}, 8)
	h.wantRows(`SELECT "Site", "Records", "Roles" FROM event."SpoorSightings" ORDER BY 1`, `north|3|["source","local"]`, `south|5|["source","local"]`)
	h.wantRows(`SELECT DISTINCT "_Site" FROM event."`+primaryTable+`" ORDER BY 1`, "north", "south")
}

func ledgerBounds(_ *testing.T, h *harness) {
	s := h.source("a.log", "north")
	for _, value := range []string{"10.0.0.1", "10.0.0.2", "::1", "2001:db8::1", "fe80::1", "ff02::fb"} {
		id := entity.ID{Kind: entity.IP, Value: value}
		for i := range int32(10) {
			h.append(sighted(s, id, day0+i, 1<<i))
		}
		q := store.LedgerQuery{Kind: id.Kind, Entity: value}
		h.wantRecords(q, 1023)
		q.FromDay = day0 + 2
		h.wantRecords(q, 1020)
		q.ToDay = day0 + 3
		h.wantRecords(q, 4+8)
		q.Site = "nowhere"
		h.wantRecords(q, 0)
	}
	h.wantRecords(store.LedgerQuery{Kind: entity.Domain, Entity: "10.0.0.1"}, 0)
	h.wantRecords(store.LedgerQuery{Kind: entity.IP, Entity: "10.0.0.3"}, 0)
}

func latestEvent(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	for i, at := range []schema.Ticks{50, 90, 90, 10} {
		b := sighted(s, id, day0, 1)
		seen := &b.Sightings[0]
		seen.First, seen.Last = at, at
		seen.LastEvent.Process, seen.LastEvent.Port = fmt.Sprint("process ", i), int32(i)
		h.append(b)
	}
	for range 2 {
		found, err := h.Ledger(h.ctx(), store.LedgerQuery{Kind: id.Kind, Entity: id.Value})
		if err != nil || len(found) != 1 {
			t.Fatalf("got %v, %v, want one row", found, err)
		}
		if got := found[0]; got.First != 10 || got.Last != 90 || got.LastEvent.Process != "process 2" || got.LastEvent.RawID != schema.NewRawID(s.ID, 2) {
			t.Errorf("got %+v, want the third record", got)
		}
		h.wantRows(`SELECT "LastRawId", "_LastProcess", "_LastPort", "FirstSeen", "LastSeen" FROM event."SpoorSightings"`,
			fmt.Sprintf("%d|process 2|2|10|90", schema.NewRawID(s.ID, 2)))
		if err := h.Merge(h.ctx()); err != nil {
			t.Fatal(err)
		}
	}
}

// mergeChangesNothing looks up while merges run, after each of many small batches.
func mergeChangesNothing(t *testing.T, h *harness) {
	m := newMaker(3, h.source("a.log", "north"))
	var batches []*store.Batch
	for range 60 {
		batches = append(batches, m.batch(300))
	}
	total := count(batches[:30]...)
	h.append(batches[:30]...)
	h.wantLedger(total)

	merged := make(chan error, 1)
	go func() { merged <- h.Merge(h.ctx()) }()
	for _, b := range batches[30:] {
		h.append(b)
		total.add(b)
	}
	h.wantLedger(total)
	if err := <-merged; err != nil {
		t.Fatal(err)
	}
	if err := h.Merge(h.ctx()); err != nil {
		t.Fatal(err)
	}
	h.wantLedger(total)
	h.reopen()
	h.wantLedger(total)
}

func claimsEqualRecount(t *testing.T, h *harness) {
	batches := h.randomBatches(11)
	h.append(batches...)
	c := count(batches...)
	var want []store.Claim
	for _, claim := range c.claims {
		want = append(want, claim)
	}
	q := store.ClaimQuery{Addresses: []string{"192.0.2.77"}, To: schema.MaxTicks}
	for i := range 10 {
		q.Addresses = append(q.Addresses, fmt.Sprintf("10.0.0.%d", i))
	}
	for range 2 {
		got, err := h.Claims(h.ctx(), q)
		if err != nil {
			t.Fatal(err)
		}
		h.want("claims", claimLines(got), claimLines(want)...)
		h.wantRows(`SELECT sum("Records") FROM event."SpoorAddressHolders"`, fmt.Sprint(len(c.raw)))
		if err := h.Merge(h.ctx()); err != nil {
			t.Fatal(err)
		}
	}
}

func claimsByTime(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	b := single(s, nil)
	for i, address := range []string{"10.0.0.1", "10.0.0.1", "10.0.0.2", "fe80::1"} {
		at := schema.Ticks(i) * schema.TicksPerDay
		b.Claims = append(b.Claims, store.Claim{Site: "north", Address: address, Device: fmt.Sprint(i), Source: s.ID, First: at, Last: at + 10, Records: 1})
	}
	h.append(b)
	for _, c := range []struct {
		q    store.ClaimQuery
		want []string
	}{
		{store.ClaimQuery{Addresses: []string{"10.0.0.1"}, To: schema.MaxTicks}, []string{"0", "1"}},
		{store.ClaimQuery{Addresses: []string{"10.0.0.1"}, From: 11, To: schema.MaxTicks}, []string{"1"}},
		{store.ClaimQuery{Addresses: []string{"10.0.0.1"}, From: 10, To: 10}, []string{"0"}},
		{store.ClaimQuery{Addresses: []string{"fe80::1", "10.0.0.2", "10.0.0.2"}, To: schema.MaxTicks}, []string{"2", "3"}},
		{store.ClaimQuery{Addresses: []string{"10.0.0.1"}, To: schema.MaxTicks, Site: "south"}, nil},
		{store.ClaimQuery{To: schema.MaxTicks}, nil},
	} {
		held, err := h.Claims(h.ctx(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, claim := range held {
			got = append(got, claim.Device)
		}
		h.want(fmt.Sprintf("%+v", c.q), sorted(got), c.want...)
	}
}

func coverage(t *testing.T, h *harness) {
	north, south := h.source("a.log", "north"), h.source("b.log", "south")
	at := func(table string, when schema.Ticks) schema.Row {
		row := newRow(table)
		row.SetTime("TimeGenerated", when)
		return row
	}
	copied := []schema.Row{at(primaryTable, 700), at(copyTable, 700)}
	h.append(
		single(north, []schema.Row{at(primaryTable, 900)}, copied),
		single(south, copied, []schema.Row{at(copyTable, 5)}),
		single(north, []schema.Row{at(primaryTable, 800)}, []schema.Row{at(schema.SpoorQuarantine, 1)}),
	)
	h.reopen()
	got, err := h.Coverage(h.ctx())
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Coverage{
		{SourceKind: "test.kind", Site: "north", Table: primaryTable, Records: 3, First: 700, Last: 900},
		{SourceKind: "test.kind", Site: "south", Table: primaryTable, Records: 1, First: 700, Last: 700},
		{SourceKind: "test.kind", Site: "south", Table: copyTable, Records: 1, First: 5, Last: 5},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func (h *harness) wantActive(site string, from, to int32, want int64) {
	h.t.Helper()
	got, err := h.ActiveDevices(h.ctx(), site, from, to)
	if err != nil || got != want {
		h.t.Errorf("active devices of site %q from %d to %d: got %d, %v, want %d", site, from, to, got, err, want)
	}
}

func activeDevices(t *testing.T, h *harness) {
	h.wantActive("", 0, 0, 0)
	for _, site := range []string{"north", "south"} {
		s := h.source("a.log", site)
		for i, name := range []string{"alpha", "alpha.example", "beta"} {
			b := sighted(s, entity.ID{Kind: entity.Device, Value: name}, day0+int32(i), 1)
			b.Sightings[0].Device, b.Sightings[0].DeviceID = name, site+"/"+name
			h.append(b)
		}
		h.append(sighted(s, entity.ID{Kind: entity.IP, Value: "10.0.0.9"}, day0, 1))
	}
	h.wantActive("", 0, 0, 6)
	h.wantActive("north", 0, 0, 3)
	h.wantActive("north", day0+1, 0, 2)
	h.wantActive("", day0, day0+1, 4)
	if err := h.PutAliases(h.ctx(), []store.DeviceAlias{{From: "north/alpha", To: "north/alpha.example"}}); err != nil {
		t.Fatal(err)
	}
	h.wantActive("north", 0, 0, 2)
	h.wantActive("", 0, 0, 5)

	// Over months, and when a source has grown or gone.
	rng := rand.New(rand.NewPCG(3, 1))
	type report struct {
		source int32
		device string
		day    int32
	}
	var all []report
	recount := func() {
		h.t.Helper()
		for range 20 {
			from := day0 + rng.Int32N(130)
			to := from + rng.Int32N(40)
			devices := map[string]bool{}
			for _, r := range all {
				if r.day >= from && r.day <= to {
					devices[r.device] = true
				}
			}
			h.wantActive("west", from, to, int64(len(devices)))
		}
	}
	for n := range 4 {
		s := h.source(fmt.Sprint("west ", n), "west")
		for range 20 {
			r := report{s.ID, fmt.Sprint("host", rng.IntN(12)), day0 + rng.Int32N(150)}
			b := sighted(s, entity.ID{Kind: entity.Device, Value: r.device}, r.day, 1)
			b.Sightings[0].Device, b.Sightings[0].DeviceID = r.device, "west/"+r.device
			h.append(b)
			all = append(all, r)
		}
		recount()
		if n == 2 {
			if err := h.RemoveSource(h.ctx(), s.ID); err != nil {
				t.Fatal(err)
			}
			all = slices.DeleteFunc(all, func(r report) bool { return r.source == s.ID })
			recount()
		}
	}
	h.reopen()
	recount()
}

func aliases(t *testing.T, h *harness) {
	put := func(pairs ...store.DeviceAlias) error { return h.PutAliases(h.ctx(), pairs) }
	if err := put(store.DeviceAlias{From: "a", To: "b"}, store.DeviceAlias{From: "x", To: "y"}); err != nil {
		t.Fatal(err)
	}
	if err := put(store.DeviceAlias{From: "b", To: "c"}, store.DeviceAlias{From: "z", To: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := put(store.DeviceAlias{From: "c", To: "a"}); err == nil {
		t.Error("an alias in a circle was taken")
	}
	h.reopen()
	got, err := h.Aliases(h.ctx())
	if err != nil {
		t.Fatal(err)
	}
	want := []store.DeviceAlias{{From: "a", To: "c"}, {From: "b", To: "c"}, {From: "x", To: "y"}, {From: "z", To: "c"}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func viewsExist(t *testing.T, h *harness) {
	for _, name := range []string{schema.SpoorSightings, schema.SpoorAddressHolders, schema.SpoorPlaces, schema.SpoorSources} {
		var want, got []string
		for _, c := range schema.Default().MustTable(name).Stored() {
			want = append(want, c.Stored)
		}
		r, err := h.Query(h.ctx(), `SELECT * FROM event."`+name+`"`, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Columns() {
			got = append(got, c.Name)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		h.want(name, sorted(got), sorted(want)...)
	}
}
