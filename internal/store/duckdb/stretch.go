package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Stretches adds up the sightings of an entity by all of their key but source and day.
func (db *DB) Stretches(ctx context.Context, q store.StretchQuery) (found []store.Stretch, err error) {
	err = db.read(ctx, func(c *conn) error {
		found, err = db.stretches(ctx, c, q)
		return err
	})
	return found, err
}

// Activity is the stretches of an entity and its records by day, of one state of the store.
func (db *DB) Activity(ctx context.Context, q store.StretchQuery, days store.LedgerQuery) (found []store.Stretch, counts []store.DayCount, err error) {
	err = db.read(ctx, func(c *conn) error {
		if found, err = db.stretches(ctx, c, q); err != nil {
			return err
		}
		counts, err = db.dayCounts(ctx, c, days)
		return err
	})
	return found, counts, err
}

func (db *DB) stretches(ctx context.Context, c *conn, q store.StretchQuery) ([]store.Stretch, error) {
	code, ok := kindCodes[q.Kind]
	if !ok {
		return nil, fmt.Errorf("add up %q in the ledger: unknown kind of entity %q", q.Entity, q.Kind)
	}
	where, args := ledgerWhere(q.LedgerQuery, code)
	cut := cutting(q)
	further := ""
	switch {
	case q.Among != nil && q.Together:
		cut.peer = "''"
		if q.Roles == 0 {
			inside, more := insideOf(q.Among)
			where += ` AND NOT (` + inside + `)`
			args = append(args, more...)
		}
	case q.Among != nil:
		further = "entity, "
	}
	sensors := db.contexts.sensors()
	if q.Peers != nil && len(q.Peers) == 0 || q.Sensors && len(sensors) == 0 {
		return nil, nil
	}
	if q.Peers != nil {
		where += ` AND ledger.peer IN (SELECT unnest(string_split(?, ',')))`
		args = append(args, strings.Join(slices.Collect(maps.Keys(q.Peers)), ","))
		if text := cut.addPeers(q.Peers); text != "" {
			args = append([]any{text}, args...)
		}
	}
	if q.Sensors {
		where += ` AND context IN (SELECT unnest(string_split(?, ',')::INTEGER[]))`
		args = append(args, strings.Join(sensors, ","))
	}
	var found []store.Stretch
	site := validText(q.Site) // as it is stored
	err := c.each(ctx, func(v []any) error {
		of := q
		if further != "" {
			of.Entity, v = v[0].(string), v[1:]
		}
		s, err := db.scanStretch(of, cut, v)
		if site == "" || site == s.Site {
			found = append(found, s)
		}
		return err
	}, cut.sqlOf(further, where), args...)
	if err != nil {
		return nil, fmt.Errorf("add up %s %q in the ledger: %w", q.Kind, q.Entity, err)
	}
	return found, nil
}

// cuts is how days are told apart: block n is the days from n*width-shift on, and none
// goes on across a day of before.
type cuts struct {
	width, shift int32
	before       []int32
	peer         string // SQL of the peer that rows are added up by
	peers        bool   // single peers have cuts of their own
}

// cutting makes the first cut the beginning of a block, so that a period that begins
// there lies in as few as can be.
func cutting(q store.StretchQuery) cuts {
	c := cuts{width: store.StretchDays, before: q.Cuts, peer: "ledger.peer"}
	if len(q.Cuts) > 0 {
		c.shift = c.width - q.Cuts[0]%c.width
	}
	return c
}

// addPeers adds the cuts of single peers. They are the bits of a number for each peer
// and block, as the days of a stretch are; text is what the SQL reads them from.
func (c *cuts) addPeers(peers map[string][]int32) (text string) {
	var list []string
	for peer, days := range peers {
		bits := map[int32]uint32{} // by block
		for _, d := range days {
			bits[(d+c.shift)/c.width] |= 1 << ((d + c.shift) % c.width)
		}
		for block, b := range bits {
			list = append(list, fmt.Sprintf("%s,%d,%d", peer, block, b))
		}
	}
	c.peers = len(list) > 0
	return strings.Join(list, ";")
}

// sqlOf adds up the rows of the ledger that are selected, also by further columns, which
// come first.
func (c cuts) sqlOf(further, where string) string {
	day := fmt.Sprintf("(day + %d)", c.shift)
	by := []string{fmt.Sprintf(further+"context, %s, roles, outcome, %s // %d", c.peer, day, c.width)}
	for _, cut := range c.before {
		by = append(by, fmt.Sprintf("day >= %d", cut))
	}
	if c.peers {
		// A day lies behind as many of its block's cuts as there are bits up to its own.
		by = append(by, fmt.Sprintf("bit_count(coalesce(bits, 0) & ((2::BIGINT << (%s %% %d)) - 1))", day, c.width))
		where = fmt.Sprintf(` LEFT JOIN (
			SELECT part[1] AS peer, part[2]::INTEGER AS block, part[3]::BIGINT AS bits
			FROM (SELECT string_split(unnest(string_split(?, ';')), ',') AS part)
		) AS peer_cuts ON ledger.peer = peer_cuts.peer AND %s // %d = peer_cuts.block`, day, c.width) + where
	}
	// The latest event, the record of it and whether it names a process are one number,
	// of which a group keeps the largest: see latest for what makes an event the latest.
	return fmt.Sprintf(`SELECT `+further+`context, peer, roles, outcome, block, days, records, "first", (latest >> 64)::BIGINT, bytes_out, bytes_in,
		earliest, latest_time, ((latest & 18446744073709551615) >> 1)::BIGINT, latest & 1 = 1
	FROM (SELECT `+further+`context, `+c.peer+` AS peer, roles, outcome, %[1]s // %[2]d AS block, bit_or(1::BIGINT << (%[1]s %% %[2]d)) AS days,
		sum(records)::BIGINT AS records, min("first") AS "first", sum(bytes_out)::BIGINT AS bytes_out, sum(bytes_in)::BIGINT AS bytes_in,
		min("first" - day * %[5]d) AS earliest, max("last" - day * %[5]d) AS latest_time,
		max(("last"::HUGEINT << 64) + (last_raw::HUGEINT << 1) + (last_process <> '')::HUGEINT) AS latest
	FROM spoor.ledger%[3]s GROUP BY %[4]s)`, day, c.width, where, strings.Join(by, ", "), schema.TicksPerDay)
}

func (db *DB) scanStretch(q store.StretchQuery, cut cuts, v []any) (store.Stretch, error) {
	number := func(i int) int64 { return v[i].(int64) }
	s := store.Stretch{
		SightingKey: store.SightingKey{
			Kind: q.Kind, Entity: q.Entity, Peer: v[1].(string),
			Roles: entity.Roles(number(2)), Outcome: schema.Outcome(number(3)), Day: int32(number(4))*cut.width - cut.shift,
		},
		Days: uint32(number(5)), Records: number(6), First: schema.Ticks(number(7)), Last: schema.Ticks(number(8)),
		BytesOut: number(9), BytesIn: number(10), Earliest: schema.Ticks(number(11)), Latest: schema.Ticks(number(12)),
		LastRaw: schema.RawID(number(13)), LastNamed: v[14].(bool),
	}
	return s, db.contexts.set(&s.SightingKey, int32(number(0)))
}

// dayCounts adds up the records of an entity by source kind, day and outcome, without those that
// merely mention it.
func (db *DB) dayCounts(ctx context.Context, c *conn, q store.LedgerQuery) ([]store.DayCount, error) {
	code, ok := kindCodes[q.Kind]
	if !ok {
		return nil, fmt.Errorf("count the days of %q: unknown kind of entity %q", q.Entity, q.Kind)
	}
	where, args := ledgerWhere(q, code)
	if q.Among != nil && q.Roles == 0 {
		inside, more := insideOf(q.Among)
		where += ` AND NOT (` + inside + `)`
		args = append(args, more...)
	}
	records := map[store.DayCount]int64{} // by all but Records
	site := validText(q.Site)             // as it is stored
	err := c.each(ctx, func(v []any) error {
		var key store.SightingKey
		err := db.contexts.set(&key, int32(v[0].(int64)))
		if site == "" || site == key.Site {
			records[store.DayCount{SourceKind: key.SourceKind, Day: int32(v[1].(int64)), Outcome: schema.Outcome(v[2].(int64))}] += v[3].(int64)
		}
		return err
	}, fmt.Sprintf(`SELECT context, day, outcome, sum(records)::BIGINT FROM spoor.ledger%s AND roles <> %d GROUP BY context, day, outcome`, where, entity.RoleMentioned), args...)
	if err != nil {
		return nil, fmt.Errorf("count the days of %s %q: %w", q.Kind, q.Entity, err)
	}
	counts := make([]store.DayCount, 0, len(records))
	for k, n := range records {
		k.Records = n
		counts = append(counts, k)
	}
	return counts, nil
}

// Tallies adds up the sightings of an entity by day, roles, outcome and what the record's
// reporter is, in the order of days.
func (db *DB) Tallies(ctx context.Context, q store.TallyQuery) ([]store.Tally, error) {
	code, ok := kindCodes[q.Kind]
	if !ok {
		return nil, fmt.Errorf("tally %q: unknown kind of entity %q", q.Entity, q.Kind)
	}
	sql, args := tallySQL(q, code)
	var tallies []store.Tally
	site := validText(q.Site) // as it is stored
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			var key store.SightingKey
			number := func(i int) int64 { return v[i].(int64) }
			err := db.contexts.set(&key, int32(number(0)))
			if q.AnyDevice {
				key.Device = ""
			}
			if site == "" || site == key.Site {
				tallies = append(tallies, store.Tally{
					SourceKind: key.SourceKind, Site: key.Site, Device: key.Device, Table: key.Table,
					Day: int32(number(1)), Roles: entity.Roles(number(2)), Outcome: schema.Outcome(number(3)),
					Records: number(4), First: schema.Ticks(number(5)), Last: schema.Ticks(number(6)), Inside: v[7].(bool),
				})
			}
			return err
		}, sql, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("tally %s %q: %w", q.Kind, q.Entity, err)
	}
	return tallies, nil
}

// tallySQL adds rows of the ledger up by their contexts. Those of all devices go together
// under the first context of the same kind, site and table.
func tallySQL(q store.TallyQuery, kind uint8) (sql string, args []any) {
	inside, day, context := "false", "day", "context"
	if q.Among != nil {
		inside, args = insideOf(q.Among)
	}
	if q.AnyDay {
		day = "0"
	}
	where, more := ledgerWhere(q.LedgerQuery, kind)
	args = append(args, more...)
	if q.Devices != nil {
		where += ` AND context IN (SELECT id FROM spoor.context WHERE device IN (SELECT unnest([` + strings.Join(slices.Repeat([]string{"?"}, len(q.Devices)), ", ") + `])))`
		for _, d := range q.Devices {
			args = append(args, validText(d))
		}
	}
	from := `(SELECT *, ` + inside + ` AS inside FROM spoor.ledger` + where + `)`
	if q.AnyDevice {
		context = "alike"
		from += ` JOIN (SELECT unnest(list(id)) AS id, min(id) AS alike FROM spoor.context GROUP BY source_kind, site, "table") ON context = id`
	}
	return fmt.Sprintf(`SELECT %s AS of, %s AS on_day, roles, outcome, sum(records)::BIGINT, min("first"), max("last"), inside
		FROM %s GROUP BY of, on_day, roles, outcome, inside ORDER BY on_day`, context, day, from), args
}

// LastEvents looks up the last events of sightings by their records.
func (db *DB) LastEvents(ctx context.Context, q store.LedgerQuery, records []schema.RawID) (map[schema.RawID]store.LastEvent, error) {
	code, ok := kindCodes[q.Kind]
	if !ok {
		return nil, fmt.Errorf("look up the last events of %q: unknown kind of entity %q", q.Entity, q.Kind)
	}
	events := make(map[schema.RawID]store.LastEvent, len(records))
	if len(records) == 0 {
		return events, nil
	}
	where, args := ledgerWhere(store.LedgerQuery{Kind: q.Kind, Entity: q.Entity, Among: q.Among}, code)
	numbers := make([]string, len(records))
	for i, r := range records {
		numbers[i] = strconv.FormatInt(int64(r), 10)
	}
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			raw := schema.RawID(v[0].(int64))
			events[raw] = store.LastEvent{
				RawID: raw, Process: v[1].(string), Account: v[2].(string), Port: int32(v[3].(int64)), Action: v[4].(string),
			}
			return nil
		}, `SELECT last_raw, last_process, last_account, last_port, last_action FROM spoor.ledger`+where+
			` AND last_raw IN (`+strings.Join(numbers, ", ")+`)`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("look up %d last events of %s %q: %w", len(records), q.Kind, q.Entity, err)
	}
	return events, nil
}
