package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// sourceColumns is what scanSource reads, in its order.
const sourceColumns = `id, name, site, format, ordinal, "offset", hash, head, state, clock_offset, counts, first_ingested, last_ingested`

func scanSource(v []any) (store.Source, error) {
	s := store.Source{
		ID: int32(v[0].(int64)), Name: v[1].(string), Site: v[2].(string), Format: v[3].(string),
		Ordinal: v[4].(int64), Offset: v[5].(int64), Hash: v[6].([]byte), Head: v[7].([]byte), State: v[8].([]byte),
		ClockOffset:   schema.Ticks(v[9].(int64)),
		FirstIngested: schema.Ticks(v[11].(int64)), LastIngested: schema.Ticks(v[12].(int64)),
	}
	if err := json.Unmarshal([]byte(v[10].(string)), &s.Counts); err != nil {
		return s, fmt.Errorf("read the counts of source %d: %w", s.ID, err)
	}
	return s, nil
}

// CreateSource gives a new source its ID and sets it in s. Nothing is written before
// the first batch.
func (db *DB) CreateSource(_ context.Context, s *store.Source) error {
	db.write.Lock()
	defer db.write.Unlock()
	s.ID = db.nextSource
	db.nextSource++
	db.nextSources.Store(db.nextSource)
	created := *s
	created.Ordinal = 0
	db.created[s.ID] = created
	return nil
}

// OpenSources lists the sources of a site whose head is this one or that are too short
// to have a whole head, oldest first.
func (db *DB) OpenSources(ctx context.Context, site string, head []byte) ([]store.Source, error) {
	return db.sources(ctx, `WHERE site = ? AND (head = ? OR "offset" < ?)`, site, head, int64(store.HeadSize))
}

// LongerSources lists the sources of a site that are longer than size and begin as the
// mark says, oldest first.
func (db *DB) LongerSources(ctx context.Context, site string, m store.Mark, size int64) ([]store.Source, error) {
	return db.sources(ctx, `WHERE site = ? AND "offset" > ? AND id IN (SELECT source FROM spoor.mark WHERE "offset" = ? AND hash = ?)`,
		site, size, m.Offset, m.Hash)
}

// Sources lists all sources that have a batch, oldest first.
func (db *DB) Sources(ctx context.Context) ([]store.Source, error) { return db.sources(ctx, "") }

func (db *DB) sources(ctx context.Context, where string, args ...any) ([]store.Source, error) {
	var found []store.Source
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			s, err := scanSource(v)
			found = append(found, s)
			return err
		}, `SELECT `+sourceColumns+` FROM spoor.source `+where+` ORDER BY id`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return found, nil
}

// position is where a source stands before a batch.
type position struct {
	ordinal int64
	offset  int64
	isNew   bool // no batch of it was committed
}

// position finds out whether the batch follows on. known: it was applied before.
func (db *DB) position(ctx context.Context, b *store.Batch) (at position, known bool, err error) {
	at.ordinal = -1
	if err := db.writer.each(ctx, func(v []any) error {
		at.ordinal, at.offset = v[0].(int64), v[1].(int64)
		return nil
	}, `SELECT ordinal, "offset" FROM spoor.source WHERE id = ?`, b.Source.ID); err != nil {
		return at, false, err
	}
	if at.ordinal < 0 {
		if _, ok := db.created[b.Source.ID]; !ok {
			return at, false, fmt.Errorf("source %d: %w", b.Source.ID, store.ErrNotFound)
		}
		at = position{isNew: true}
	}
	if b.Key != "" {
		n, err := db.writer.number(ctx, `SELECT count(*) FROM spoor.applied WHERE key = ? AND source <> ?`, b.Key, b.Source.ID)
		if err != nil || n > 0 {
			return at, n > 0, err
		}
	}
	end := b.From + int64(len(b.Records))
	if end <= at.ordinal && len(b.Records) > 0 {
		return at, true, nil
	}
	if b.From != at.ordinal {
		return at, false, fmt.Errorf("%w: it is at record %d, the batch begins at %d", store.ErrConflict, at.ordinal, b.From)
	}
	return at, false, nil
}

// writeSource stores the position after the batch.
func (db *DB) writeSource(ctx context.Context, b *store.Batch, at position) error {
	s := b.Source
	counts, err := json.Marshal(s.Counts)
	if err != nil {
		return err
	}
	c := db.writer
	if at.isNew {
		if _, err := c.exec(ctx, `INSERT INTO spoor.source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			s.ID, s.Name, s.Site, s.Format, s.Ordinal, s.Offset, s.Hash, s.Head, s.State, int64(s.ClockOffset),
			s.Counts.Stored, s.Counts.Unmapped, s.Counts.Quarantined, string(counts), int64(b.IngestedAt), int64(b.IngestedAt)); err != nil {
			return err
		}
		_, err = c.exec(ctx, `UPDATE spoor.meta SET next_source = ?`, db.nextSource)
	} else {
		_, err = c.exec(ctx, `UPDATE spoor.source SET name = ?, format = ?, ordinal = ?, "offset" = ?, hash = ?, head = ?, state = ?,
			clock_offset = ?, stored = ?, unmapped = ?, quarantined = ?, counts = ?, last_ingested = ? WHERE id = ?`,
			s.Name, s.Format, s.Ordinal, s.Offset, s.Hash, s.Head, s.State, int64(s.ClockOffset),
			s.Counts.Stored, s.Counts.Unmapped, s.Counts.Quarantined, string(counts), int64(b.IngestedAt), s.ID)
	}
	if err != nil || b.Key == "" {
		return err
	}
	_, err = c.exec(ctx, `INSERT INTO spoor.applied VALUES (?, ?, ?, ?)`, b.Key, s.ID, string(counts), int64(b.IngestedAt))
	return err
}

// AppliedKey reports whether a batch with that key was committed, with the counts its
// source had then.
func (db *DB) AppliedKey(ctx context.Context, key string) (counts store.Counts, ok bool, err error) {
	err = db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			ok = true
			counts = store.Counts{}
			return json.Unmarshal([]byte(v[0].(string)), &counts)
		}, `SELECT counts FROM spoor.applied WHERE key = ? ORDER BY ingested, rowid`, key)
	})
	if err != nil {
		return counts, false, fmt.Errorf("look up the key of a batch: %w", err)
	}
	return counts, ok, nil
}

// covered is what a batch adds to the coverage of its source.
type covered struct {
	records     int64
	first, last schema.Ticks
}

type coverageKey struct{ kind, table string }

// writeCoverage adds to the coverage of the batch's source. A source has few kinds of
// records, so its rows are written anew.
func (db *DB) writeCoverage(ctx context.Context, source int32, add map[coverageKey]covered) error {
	if len(add) == 0 {
		return nil
	}
	all := maps.Clone(add)
	c := db.writer
	if err := c.each(ctx, func(v []any) error {
		key := coverageKey{v[0].(string), v[1].(string)}
		old := covered{v[2].(int64), schema.Ticks(v[3].(int64)), schema.Ticks(v[4].(int64))}
		all[key] = old.plus(all[key])
		return nil
	}, `SELECT source_kind, "table", records, "first", "last" FROM spoor.coverage WHERE source = ?`, source); err != nil {
		return err
	}
	if _, err := c.exec(ctx, `DELETE FROM spoor.coverage WHERE source = ?`, source); err != nil {
		return err
	}
	var args []any
	for key, v := range all {
		args = append(args, source, key.kind, key.table, v.records, int64(v.first), int64(v.last))
	}
	_, err := c.exec(ctx, `INSERT INTO spoor.coverage VALUES `+tuples(len(all), 6), args...)
	return err
}

func (c covered) plus(d covered) covered {
	switch {
	case c.records == 0:
		return d
	case d.records == 0:
		return c
	}
	return covered{c.records + d.records, min(c.first, d.first), max(c.last, d.last)}
}

// Coverage says what of each source kind there is, by site, over all time: expired
// events count too, as they do in the ledger.
func (db *DB) Coverage(ctx context.Context) ([]store.Coverage, error) {
	var list []store.Coverage
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			list = append(list, store.Coverage{
				SourceKind: v[0].(string), Site: v[1].(string), Table: v[2].(string), Records: v[3].(int64),
				First: schema.Ticks(v[4].(int64)), Last: schema.Ticks(v[5].(int64)),
			})
			return nil
		}, `SELECT source_kind, site, "table", sum(records)::BIGINT, min("first"), max("last")
			FROM spoor.coverage c JOIN spoor.source s ON c.source = s.id
			GROUP BY source_kind, site, "table" ORDER BY source_kind, site, "table"`)
	})
	if err != nil {
		return nil, fmt.Errorf("list coverage: %w", err)
	}
	return list, nil
}
