package duckdb

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// among is the condition that a row of the ledger is of one of the addresses. Addresses
// are keys in order, so that a run of them is read as one entity is.
func among(a *store.Addresses) (where string, args []any) {
	where = fmt.Sprintf("kind = %d AND %s", kindCodes[entity.IP], keysBetween(a.First, a.Last))
	if a.List != nil {
		return where + ` AND entity IN (SELECT unnest(string_split(?, ',')))`, []any{strings.Join(a.List, ",")}
	}
	if a.First.Is6() { // among whose keys are those of all of IPv4
		from, to := netip.IPv4Unspecified(), netip.MustParseAddr("255.255.255.255")
		where += " AND NOT (" + keysBetween(from, to) + ")"
	}
	return where, nil
}

// keysBetween is the condition that a key is that of an address from first to last.
func keysBetween(first, last netip.Addr) string {
	fromHi, fromLo := entity.AddressKey(first)
	toHi, toLo := entity.AddressKey(last)
	if fromHi == toHi {
		return fmt.Sprintf("hi = %d AND lo BETWEEN %d AND %d", fromHi, fromLo, toLo)
	}
	return fmt.Sprintf("hi BETWEEN %d AND %d AND (hi > %[1]d OR lo >= %[3]d) AND (hi < %[2]d OR lo <= %[4]d)", fromHi, toHi, fromLo, toLo)
}

// insideOf is the condition that a row tells of the destination of records of which both
// ends are among the addresses: there is a row of their source, or local side, too.
func insideOf(a *store.Addresses) (condition string, args []any) {
	where, args := among(a)
	const ends = entity.RoleSource | entity.RoleDestination
	return fmt.Sprintf(`peer <> entity AND (roles & %d = %d OR roles & %[1]d = 0 AND roles & %[3]d <> 0)
		AND peer IN (SELECT entity FROM spoor.ledger WHERE %[4]s)`, ends, entity.RoleDestination, entity.RoleRemote, where), args
}

// Span adds up the addresses from first to last that have sightings at a site; "": at any.
func (db *DB) Span(ctx context.Context, first, last netip.Addr, site string) (store.Span, error) {
	e, err := db.Extent(ctx, store.LedgerQuery{Kind: entity.IP, Among: &store.Addresses{First: first, Last: last}, Site: site})
	return store.Span{Addresses: e.Addresses, First: e.First, Last: e.Last}, err
}

// Extent tells how much a query selects.
func (db *DB) Extent(ctx context.Context, q store.LedgerQuery) (store.Extent, error) {
	var e store.Extent
	where, args := db.sightedWhere(q)
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			if e.Rows = v[0].(int64); e.Rows > 0 {
				e.Addresses, e.First, e.Last = v[1].(int64), schema.Ticks(v[2].(int64)), schema.Ticks(v[3].(int64))
			}
			return nil
		}, `SELECT count(*), count(DISTINCT entity), min("first"), max("last") FROM spoor.ledger`+where, args...)
	})
	if err != nil {
		return e, fmt.Errorf("measure what is known of %s: %w", said(q), err)
	}
	return e, nil
}

// sightedWhere is ledgerWhere for what is more than a mention, at the site.
func (db *DB) sightedWhere(q store.LedgerQuery) (where string, args []any) {
	where, args = ledgerWhere(q, kindCodes[q.Kind])
	where += fmt.Sprintf(` AND roles <> %d`, entity.RoleMentioned)
	if q.Site != "" {
		where += ` AND context IN (SELECT id FROM spoor.context WHERE site = ?)`
		args = append(args, validText(q.Site))
	}
	return where, args
}

// said names what a query asks for, in errors.
func said(q store.LedgerQuery) string {
	if q.Among == nil {
		return fmt.Sprintf("%s %q", q.Kind, q.Entity)
	}
	return fmt.Sprintf("the addresses from %s to %s", q.Among.First, q.Among.Last)
}

// addressOrders are the orders in SQL.
var addressOrders = map[store.AddressOrder]string{
	store.ByAddress: `hi UP, lo UP`,
	store.ByLast:    `max("last") DOWN`,
	store.ByFirst:   `min("first") DOWN`,
	store.ByRecords: `coalesce(max(records) FILTER (counts), max(records)) DOWN`,
}

// edges are the days that a query's period begins or ends within.
func edges(q store.AddressQuery) (days []int32) {
	for _, at := range []schema.Ticks{q.From, q.To} {
		if q.To != 0 && at != schema.DayStart(at.Day()) {
			days = append(days, at.Day())
		}
	}
	return days
}

// edged is the rows of the ledger in the period of a query: those of the days at its edges
// are folded first, for it is what all sources say that reaches into it or does not.
func edged(where string, args []any, q store.AddressQuery, days []int32) (rows string, twice []any) {
	var list numberList
	for _, d := range days {
		list.add(uint64(d))
	}
	at := ` AND day IN (` + list.text() + `)`
	return fmt.Sprintf(`(SELECT hi, lo, entity, context, records, "first", "last" FROM spoor.ledger%s AND NOT (true%s)
		UNION ALL SELECT hi, lo, entity, context, sum(records), min("first"), max("last") FROM spoor.ledger%[1]s%[2]s
		GROUP BY hi, lo, entity, context, peer, roles, outcome, day HAVING max("last") >= %[3]d AND min("first") < %[4]d)`,
		where, at, q.From, q.To), slices.Concat(args, args)
}

// AddressesBy lists addresses of the ledger in an order.
func (db *DB) AddressesBy(ctx context.Context, q store.AddressQuery) ([]string, error) {
	order, ok := addressOrders[q.Order]
	if !ok {
		return nil, fmt.Errorf("list addresses: there is no order by %q", q.Order)
	}
	up, down := "ASC", "DESC"
	if q.Reverse {
		up, down = down, up
	}
	where, args := db.sightedWhere(q.LedgerQuery)
	rows := `spoor.ledger` + where
	if days := edges(q); len(days) > 0 {
		rows, args = edged(where, args, q, days)
	}
	if q.Order == store.ByRecords {
		rows = `(SELECT hi, lo, entity, source_kind IN (SELECT unnest(string_split(?, ','))) AS counts, sum(records) AS records
			FROM (SELECT hi, lo, entity, context, records FROM ` + rows + `) JOIN spoor.context ON context = id GROUP BY hi, lo, entity, source_kind)`
		args = append([]any{strings.Join(q.Counting, ",")}, args...)
	}
	if q.Order != store.ByAddress {
		order += ", hi, lo"
	}
	page := fmt.Sprintf(" OFFSET %d", q.Offset)
	if q.Limit > 0 {
		page = fmt.Sprintf(" LIMIT %d", q.Limit) + page
	}
	var found []string
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			found = append(found, v[0].(string))
			return nil
		}, `SELECT entity FROM `+rows+` GROUP BY hi, lo, entity ORDER BY `+strings.NewReplacer("UP", up, "DOWN", down).Replace(order)+page, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", said(q.LedgerQuery), err)
	}
	return found, nil
}

// AddressSpans tells from when to when a source kind names addresses, by site.
func (db *DB) AddressSpans(ctx context.Context, sourceKind string, fromDay, toDay int32) (map[string]store.TimeSpan, error) {
	spans := map[string]store.TimeSpan{}
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			spans[v[0].(string)] = store.TimeSpan{First: schema.Ticks(v[1].(int64)), Last: schema.Ticks(v[2].(int64))}
			return nil
		}, `SELECT site, min("first"), max("last") FROM spoor.ledger JOIN spoor.context ON context = id
			WHERE kind = ? AND day BETWEEN ? AND ? AND source_kind = ? GROUP BY site`, kindCodes[entity.IP], fromDay, toDay, validText(sourceKind))
	})
	if err != nil {
		return nil, fmt.Errorf("look up when %s names addresses: %w", sourceKind, err)
	}
	return spans, nil
}
