package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Tables that the batches of the tests have rows of.
const (
	primaryTable = "DeviceNetworkEvents"
	copyTable    = "SecurityEvent"
)

// day0 is the first day of the events, 2026-01-01.
const day0 = 739616

// ingested is when the first batch is ingested, a day after all events.
const ingested = schema.Ticks(day0+40) * schema.TicksPerDay

// maker makes random batches in which every record has a primary row, some a copy, and
// each is sighted as the address at the other end and as its device.
type maker struct {
	rng    *rand.Rand
	source *store.Source
}

func newMaker(seed uint64, s *store.Source) *maker {
	return &maker{rand.New(rand.NewPCG(seed, 0)), s}
}

// batch makes the next n records of the source.
func (m *maker) batch(n int) *store.Batch {
	b := &store.Batch{Source: m.source, From: m.source.Ordinal, IngestedAt: ingested + schema.Ticks(m.source.Ordinal)}
	for range n {
		m.record(b)
	}
	m.source.Counts.Stored += int64(n)
	position := *m.source // the batch keeps its own
	b.Source = &position
	return b
}

func (m *maker) record(b *store.Batch) {
	s := b.Source
	ordinal := s.Ordinal
	when := schema.Ticks(day0)*schema.TicksPerDay + schema.Ticks(m.rng.Int64N(int64(5*schema.TicksPerDay)))
	host := fmt.Sprintf("host%d.example", m.rng.IntN(4))
	remote := fmt.Sprintf("203.0.113.%d", m.rng.IntN(8))
	if m.rng.IntN(5) == 0 {
		remote = fmt.Sprintf("2001:db8::%x", 1+m.rng.IntN(4))
	}
	local := fmt.Sprintf("10.0.0.%d", 1+m.rng.IntN(6))
	outcome := []schema.Outcome{schema.OutcomeEstablished, schema.OutcomeRefused}[m.rng.IntN(2)]
	kind := []string{"zeek.conn", "sysmon.3"}[m.rng.IntN(2)]

	row := schema.NewRow(schema.Default().MustTable(primaryTable))
	row.SetTime("Timestamp", when)
	row.SetString("DeviceName", host)
	row.SetString("RemoteIP", remote)
	row.SetString("LocalIP", local)
	row.SetInt("RemotePort", int64(m.rng.IntN(1000)))
	r := store.Record{
		Ordinal: ordinal, Offset: s.Offset, Raw: fmt.Appendf(nil, "record %d of %s: %s", ordinal, s.Name, remote),
		Kind: kind, Outcome: outcome, Rows: []schema.Row{row},
	}
	if m.rng.IntN(3) == 0 {
		copied := schema.NewRow(schema.Default().MustTable(copyTable))
		copied.SetTime("TimeGenerated", when)
		copied.SetString("Computer", host)
		r.Rows = append(r.Rows, copied)
	}
	raw := schema.NewRawID(s.ID, ordinal)
	key := store.SightingKey{
		Kind: entity.IP, Entity: remote, SourceKind: kind, Source: s.ID, Site: s.Site, Device: host, DeviceID: device.ID(s.Site, host),
		Peer: local, Table: primaryTable, Day: when.Day(), Roles: entity.RoleRemote | entity.RoleDestination, Outcome: outcome,
	}
	seen := store.Sighting{
		SightingKey: key, Records: 1, First: when, Last: when, BytesOut: m.rng.Int64N(1000), BytesIn: m.rng.Int64N(1000),
		LastEvent: store.LastEvent{RawID: raw, Process: fmt.Sprintf("process %d", ordinal), Account: "corp\\user", Port: 443, Action: "ConnectionSuccess"},
	}
	b.Sightings = append(b.Sightings, seen)
	seen.Kind, seen.Entity, seen.Roles = entity.Device, host, entity.RoleLocal
	b.Sightings = append(b.Sightings, seen)
	b.Claims = append(b.Claims, store.Claim{
		Site: s.Site, Address: local, Device: host, DeviceID: device.ID(s.Site, host), Evidence: kind, Source: s.ID,
		First: when, Last: when, Records: 1, LastRaw: raw,
	})
	b.Records = append(b.Records, r)
	s.Ordinal++
	s.Offset += int64(len(r.Raw)) + 1
}

// tally counts batches with plain maps: what a store that took them must say.
type tally struct {
	sightings map[store.SightingKey]store.Sighting
	claims    map[string]store.Claim
	rows      map[string]int64
	raw       map[schema.RawID]string
}

func count(batches ...*store.Batch) *tally {
	c := &tally{map[store.SightingKey]store.Sighting{}, map[string]store.Claim{}, map[string]int64{}, map[schema.RawID]string{}}
	for _, b := range batches {
		c.add(b)
	}
	return c
}

func (c *tally) add(b *store.Batch) {
	for _, r := range b.Records {
		c.raw[schema.NewRawID(b.Source.ID, r.Ordinal)] = string(r.Raw)
		for _, row := range r.Rows {
			c.rows[row.Table.Name]++
		}
	}
	for _, s := range b.Sightings {
		c.addSighting(s)
	}
	for _, claim := range b.Claims {
		c.addClaim(claim)
	}
}

func (c *tally) addSighting(s store.Sighting) {
	old, ok := c.sightings[s.SightingKey]
	if !ok {
		c.sightings[s.SightingKey] = s
		return
	}
	old.Records += s.Records
	old.BytesOut += s.BytesOut
	old.BytesIn += s.BytesIn
	if s.Last > old.Last || s.Last == old.Last && s.LastEvent.RawID > old.LastEvent.RawID {
		old.LastEvent = s.LastEvent
	}
	old.First, old.Last = min(old.First, s.First), max(old.Last, s.Last)
	c.sightings[s.SightingKey] = old
}

func (c *tally) addClaim(claim store.Claim) {
	key := fmt.Sprint(claim.Site, claim.Address, claim.DeviceID, claim.Evidence, claim.Source, claim.First/schema.TicksPerHour)
	old, ok := c.claims[key]
	if !ok {
		c.claims[key] = claim
		return
	}
	old.Records += claim.Records
	if claim.Last > old.Last || claim.Last == old.Last && claim.LastRaw > old.LastRaw {
		old.LastRaw = claim.LastRaw
	}
	old.First, old.Last = min(old.First, claim.First), max(old.Last, claim.Last)
	c.claims[key] = old
}

// entities lists the entities sighted.
func (c *tally) entities() []entity.ID {
	ids := map[entity.ID]bool{}
	for key := range c.sightings {
		ids[entity.ID{Kind: key.Kind, Value: key.Entity}] = true
	}
	return slices.Collect(maps.Keys(ids))
}

// of lists the sightings of an entity as text, in order.
func (c *tally) of(id entity.ID) []string {
	var list []store.Sighting
	for key, s := range c.sightings {
		if key.Kind == id.Kind && key.Entity == id.Value {
			list = append(list, s)
		}
	}
	return sightingLines(list)
}

func sightingLines(list []store.Sighting) []string {
	lines := make([]string, len(list))
	for i, s := range list {
		lines[i] = fmt.Sprintf("%+v", s)
	}
	slices.Sort(lines)
	return lines
}

// view is what the sightings table must show: the sources added up, without the column
// LastRawId, whose value depends on the numbers of the sources.
func (c *tally) view() []string {
	sums := map[store.SightingKey]store.Sighting{}
	for _, s := range c.sightings {
		key := s.SightingKey
		key.Source = 0
		sum, ok := sums[key]
		if !ok {
			sums[key] = s
			continue
		}
		sum.Records += s.Records
		sum.BytesOut += s.BytesOut
		sum.BytesIn += s.BytesIn
		sum.First, sum.Last = min(sum.First, s.First), max(sum.Last, s.Last)
		sums[key] = sum
	}
	var lines []string
	for key, s := range sums {
		roles := `["` + strings.Join(key.Roles.Names(), `","`) + `"]`
		lines = append(lines, line([]any{
			string(key.Kind), key.Entity, key.SourceKind, key.Site, key.Device, key.Peer, key.Table, int64(schema.DayStart(key.Day)),
			roles, key.Outcome.String(), s.Records, int64(s.First), int64(s.Last), s.BytesOut, s.BytesIn, key.DeviceID,
		}))
	}
	slices.Sort(lines)
	return lines
}

// viewSQL reads what tally.view gives.
const viewSQL = `SELECT "Kind", "Entity", "SourceKind", "Site", "DeviceName", "Peer", "TableName", "Day", "Roles", "Outcome",
	"Records", "FirstSeen", "LastSeen", "BytesOut", "BytesIn", "_DeviceId" FROM event."SpoorSightings"`

func sorted(lines []string) []string {
	slices.Sort(lines)
	return lines
}

// claimLines are claims as text, in order.
func claimLines(claims []store.Claim) []string {
	lines := make([]string, len(claims))
	for i, c := range claims {
		lines[i] = fmt.Sprintf("%+v", c)
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return lines
}
