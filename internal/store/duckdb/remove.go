package duckdb

import (
	"context"
	"errors"
	"fmt"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// RemoveSource takes a source out as if it had never been there: rows, raw records,
// sightings, claims, coverage, keys and position, in one transaction; and the places of
// addresses that nothing else saw. Tables left empty go too.
func (db *DB) RemoveSource(ctx context.Context, id int32) error {
	err := db.rewrite(ctx, func(c *conn) error {
		n, err := c.exec(ctx, `DELETE FROM spoor.source WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return store.ErrNotFound
		}
		for _, table := range []string{ledger.name, claims.name, "spoor.page", "spoor.gap", "spoor.mark", "spoor.coverage", "spoor.applied"} {
			if _, err := c.exec(ctx, `DELETE FROM `+table+` WHERE source = ?`, id); err != nil {
				return fmt.Errorf("delete from %s: %w", table, err)
			}
		}
		if err := forgetPlaces(ctx, c); err != nil {
			return err
		}
		first, last := schema.NewRawID(id, 0), schema.NewRawID(id, maxOrdinal)
		_, err = db.deleteRows(ctx, c, quote(schema.ColRawID)+` BETWEEN ? AND ?`, int64(first), int64(last))
		return err
	})
	if err != nil {
		return fmt.Errorf("remove source %d: %w", id, err)
	}
	return nil
}

// Expire removes rows of event tables and raw records that were ingested before the
// moment, and keys of batches as old. The ledger, claims and sources stay. rows counts
// the rows of event tables.
func (db *DB) Expire(ctx context.Context, before schema.Ticks) (rows int64, err error) {
	err = db.rewrite(ctx, func(c *conn) error {
		for _, table := range []string{"spoor.page", "spoor.gap", "spoor.applied"} {
			if _, err := c.exec(ctx, `DELETE FROM `+table+` WHERE ingested < ?`, int64(before)); err != nil {
				return fmt.Errorf("delete from %s: %w", table, err)
			}
		}
		rows, err = db.deleteRows(ctx, c, quote(schema.ColIngestedAt)+` < ?`, int64(before))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("expire events ingested before %s: %w", before, err)
	}
	return rows, nil
}

// rewrite runs a transaction that deletes, while no append and no merge runs.
func (db *DB) rewrite(ctx context.Context, f func(c *conn) error) error {
	defer db.merger.pause()()
	db.write.Lock()
	defer db.write.Unlock()
	if db.closed {
		return errClosed
	}
	defer db.version.Add(1)
	defer db.excerpts.rewriting()()
	if err := db.writer.inTx(ctx, func() error { return f(db.writer) }); err != nil {
		return err
	}
	db.activity.forget()
	// What was committed holds whether or not the counts can be read: without ctx.
	ctx = context.WithoutCancel(ctx)
	return errors.Join(db.tables.load(ctx, db.writer), db.merger.load(ctx, db.writer))
}

// deleteRows deletes from every event table, and drops those that are empty then.
func (db *DB) deleteRows(ctx context.Context, c *conn, where string, args ...any) (rows int64, err error) {
	for _, name := range db.tables.names() {
		n, err := c.exec(ctx, `DELETE FROM `+storedTable(name)+` WHERE `+where, args...)
		if err != nil {
			return 0, fmt.Errorf("delete from %s: %w", name, err)
		}
		rows += n
		left, err := c.number(ctx, `SELECT count(*) FROM `+storedTable(name))
		if err != nil {
			return 0, err
		}
		if left > 0 {
			continue
		}
		for _, sql := range []string{`DROP VIEW ` + eventView(name), `DROP TABLE ` + storedTable(name)} {
			if _, err := c.exec(ctx, sql); err != nil {
				return 0, fmt.Errorf("drop %s: %w", name, err)
			}
		}
	}
	return rows, nil
}
