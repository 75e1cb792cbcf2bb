package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// ledger is the sightings ledger. Rows of different sources are kept apart, so that a
// source can be removed.
var ledger = &runTable{
	name: "spoor.ledger",
	columns: []runColumn{
		{name: "kind", typ: "UTINYINT"},
		{name: "hi", typ: "UBIGINT"},
		{name: "lo", typ: "UBIGINT"},
		{name: "entity", typ: "VARCHAR"},
		{name: "day", typ: "INTEGER"},
		{name: "source", typ: "INTEGER"},
		{name: "context", typ: "INTEGER"},
		{name: "peer", typ: "VARCHAR"},
		{name: "roles", typ: "USMALLINT"},
		{name: "outcome", typ: "UTINYINT"},
		{name: "records", typ: "BIGINT", fold: `sum(records)::BIGINT`},
		{name: "first", typ: "BIGINT", fold: `min("first")`},
		{name: "last", typ: "BIGINT", fold: `max("last")`},
		{name: "bytes_out", typ: "BIGINT", fold: `sum(bytes_out)::BIGINT`},
		{name: "bytes_in", typ: "BIGINT", fold: `sum(bytes_in)::BIGINT`},
		{name: "last_raw", typ: "BIGINT", fold: latest("last_raw")},
		{name: "last_process", typ: "VARCHAR", fold: latest("last_process")},
		{name: "last_account", typ: "VARCHAR", fold: latest("last_account")},
		{name: "last_port", typ: "INTEGER", fold: latest("last_port")},
		{name: "last_action", typ: "VARCHAR", fold: latest("last_action")},
	},
	order: `kind, hi, lo, day, context, source, peer`,
}

// keyedSighting is a sighting with what it is sorted by.
type keyedSighting struct {
	kind    uint8
	day     int32
	context int32
	hi, lo  uint64
	rest    uint64 // hash of the rest of the key
	*store.Sighting
}

// foldSightings sorts sightings as the ledger is sorted and folds those with the same
// key. They are written over buf, and those handed in stay as they are.
func foldSightings(buf []keyedSighting, sightings []store.Sighting, contexts *contexts) ([]keyedSighting, error) {
	keyed := slices.Grow(buf[:0], len(sightings))
	intern := contexts.begin()
	defer intern.end()
	for i := range sightings {
		s := &sightings[i]
		code, ok := kindCodes[s.Kind]
		if !ok {
			return nil, fmt.Errorf("sighting of %q: unknown kind of entity %q", s.Entity, s.Kind)
		}
		hi, lo := entity.ID{Kind: s.Kind, Value: s.Entity}.Key()
		rest := xxhash.Sum64String(s.Peer) ^ uint64(s.Roles)<<8 ^ uint64(s.Outcome)
		keyed = append(keyed, keyedSighting{code, s.Day, intern.id(&s.SightingKey), hi, lo, rest, s})
	}
	slices.SortFunc(keyed, compareSightings)
	return foldSorted(keyed), nil
}

// foldSorted folds neighbors with the same key.
func foldSorted(keyed []keyedSighting) []keyedSighting {
	out := 0
	owned := false // whether keyed[out-1] is a copy of ours
	for i := range keyed {
		if out > 0 && keyed[out-1].SightingKey == keyed[i].SightingKey {
			if !owned {
				folded := *keyed[out-1].Sighting
				keyed[out-1].Sighting, owned = &folded, true
			}
			fold(keyed[out-1].Sighting, keyed[i].Sighting)
			continue
		}
		keyed[out], owned = keyed[i], false
		out++
	}
	return keyed[:out]
}

// compareSightings compares the texts of the keys only when all else is equal, as it
// is for equal keys and, once in ages, for different texts with the same hash.
func compareSightings(a, b keyedSighting) int {
	switch {
	case a.lo != b.lo || a.hi != b.hi || a.kind != b.kind:
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo))
	case a.day != b.day:
		return cmp.Compare(a.day, b.day)
	case a.context != b.context:
		return cmp.Compare(a.context, b.context)
	case a.rest != b.rest:
		return cmp.Compare(a.rest, b.rest)
	}
	return cmp.Or(
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Peer, b.Peer),
		cmp.Compare(a.Roles, b.Roles), cmp.Compare(a.Outcome, b.Outcome),
	)
}

// fold adds b to a, which has the same key.
func fold(a, b *store.Sighting) {
	a.Records += b.Records
	a.BytesOut += b.BytesOut
	a.BytesIn += b.BytesIn
	if b.Last > a.Last || b.Last == a.Last && b.LastEvent.RawID > a.LastEvent.RawID {
		a.LastEvent = b.LastEvent
	}
	a.First, a.Last = min(a.First, b.First), max(a.Last, b.Last)
}

// fillLedger sets the columns of a run, in the order of ledger.columns.
func fillLedger(columns []namedColumn, sightings []keyedSighting) {
	for row := range sightings {
		s := &sightings[row]
		next := cells{columns: columns, row: row}
		next.number(int32(s.kind))
		next.wide(s.hi)
		next.wide(s.lo)
		next.text(s.Entity)
		next.number(s.Day)
		next.number(s.Source)
		next.number(s.context)
		next.text(s.Peer)
		next.number(int32(s.Roles))
		next.number(int32(s.Outcome))
		next.wide(uint64(s.Records))
		next.wide(uint64(s.First))
		next.wide(uint64(s.Last))
		next.wide(uint64(s.BytesOut))
		next.wide(uint64(s.BytesIn))
		next.wide(uint64(s.LastEvent.RawID))
		next.text(s.LastEvent.Process)
		next.text(s.LastEvent.Account)
		next.number(s.LastEvent.Port)
		next.text(s.LastEvent.Action)
	}
}

// Ledger lists the sightings of an entity, folded by SightingKey, in the order of the
// ledger. Rows of different sources stay apart.
func (db *DB) Ledger(ctx context.Context, q store.LedgerQuery) ([]store.Sighting, error) {
	code, ok := kindCodes[q.Kind]
	if !ok {
		return nil, fmt.Errorf("look up %q in the ledger: unknown kind of entity %q", q.Entity, q.Kind)
	}
	where, args := ledgerWhere(q, code)
	sql := `SELECT ` + sightingColumns + ` FROM spoor.ledger` + where
	var found []store.Sighting
	site := validText(q.Site) // as it is stored
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(values []any) error {
			s, err := db.scanSighting(q.Kind, values)
			if site == "" || site == s.Site {
				found = append(found, s)
			}
			return err
		}, sql, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("look up %s %q in the ledger: %w", q.Kind, q.Entity, err)
	}
	return db.foldRuns(found)
}

// ledgerWhere selects the rows of a query by the order of the ledger. The site is not
// among its columns.
func ledgerWhere(q store.LedgerQuery, kind uint8) (where string, args []any) {
	if q.Among != nil {
		where, args = among(q.Among)
		where = ` WHERE ` + where + ` AND day >= ?`
		args = append(args, q.FromDay)
	} else {
		hi, lo := entity.ID{Kind: q.Kind, Value: q.Entity}.Key()
		where = ` WHERE kind = ? AND hi = ? AND lo = ? AND entity = ? AND day >= ?`
		args = []any{kind, hi, lo, q.Entity, q.FromDay}
	}
	if q.ToDay != 0 {
		where += ` AND day <= ?`
		args = append(args, q.ToDay)
	}
	if q.Roles != 0 {
		where += ` AND roles & ? = ?`
		args = append(args, int64(q.Roles), int64(q.Roles))
	}
	return where, args
}

// foldRuns folds the rows of different runs.
func (db *DB) foldRuns(found []store.Sighting) ([]store.Sighting, error) {
	keyed, err := foldSightings(nil, found, db.contexts)
	if err != nil {
		return nil, err
	}
	folded := make([]store.Sighting, len(keyed))
	for i := range keyed {
		folded[i] = *keyed[i].Sighting
	}
	return folded, nil
}

// sightingColumns is what scanSighting reads, in its order.
const sightingColumns = `entity, day, source, context, peer, roles, outcome,
	records, "first", "last", bytes_out, bytes_in, last_raw, last_process, last_account, last_port, last_action`

func (db *DB) scanSighting(kind entity.Kind, v []any) (store.Sighting, error) {
	number := func(i int) int64 { return v[i].(int64) }
	text := func(i int) string { return v[i].(string) }
	s := store.Sighting{
		SightingKey: store.SightingKey{
			Kind: kind, Entity: text(0), Day: int32(number(1)), Source: int32(number(2)), Peer: text(4),
			Roles: entity.Roles(number(5)), Outcome: schema.Outcome(number(6)),
		},
		Records: number(7), First: schema.Ticks(number(8)), Last: schema.Ticks(number(9)),
		BytesOut: number(10), BytesIn: number(11),
		LastEvent: store.LastEvent{
			RawID: schema.RawID(number(12)), Process: text(13), Account: text(14), Port: int32(number(15)), Action: text(16),
		},
	}
	return s, db.contexts.set(&s.SightingKey, int32(number(3)))
}

// sighted tells where the records are that name some entities; nil when that is in too
// many places. The numbers of the keys are written out: the engine then looks into the
// parts of the ledger alone that may hold them. Rows of the same day are not put together,
// which would take as long as reading them.
func (c *conn) sighted(ctx context.Context, ids []entity.ID) (map[entity.ID][]store.Sighted, error) {
	wanted := make(map[entity.ID]bool, len(ids))
	var kinds, his, los numberList
	for _, id := range ids {
		code, ok := kindCodes[id.Kind]
		if !ok {
			return nil, fmt.Errorf("unknown kind of entity %q", id.Kind)
		}
		hi, lo := id.Key()
		kinds.add(uint64(code))
		his.add(hi)
		los.add(lo)
		wanted[id] = true
	}
	of, n := map[entity.ID][]store.Sighted{}, 0
	err := c.each(ctx, func(v []any) error {
		n++
		id := entity.ID{Kind: entity.Kind(kindNames[uint8(v[0].(int64))]), Value: v[1].(string)}
		if wanted[id] { // and not another with a part of its key
			of[id] = append(of[id], store.Sighted{Source: int32(v[2].(int64)), First: schema.Ticks(v[3].(int64)), Last: schema.Ticks(v[4].(int64))})
		}
		return nil
	}, fmt.Sprintf(`SELECT kind, entity, source, "first", "last" FROM spoor.ledger WHERE kind IN (%s) AND hi IN (%s) AND lo IN (%s) LIMIT %d`,
		kinds.text(), his.text(), los.text(), store.MaxSighted+1))
	if err != nil || n > store.MaxSighted {
		return nil, err
	}
	return of, nil
}

// numberList is a list of different numbers.
type numberList []uint64

func (l *numberList) add(n uint64) {
	if !slices.Contains(*l, n) {
		*l = append(*l, n)
	}
}

// text is the list as SQL.
func (l numberList) text() string {
	out := make([]string, len(l))
	for i, n := range l {
		out[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(out, ", ")
}
