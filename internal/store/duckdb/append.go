package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math"

	"spoor/internal/store"
)

// maxOrdinal is the highest ordinal that a RawID holds.
const maxOrdinal = math.MaxUint32

// Append commits a batch: rows, raw records, sightings, claims and the position of the
// source together. A batch that was applied before changes nothing and is no error.
// See store.Engine.
func (db *DB) Append(ctx context.Context, b *store.Batch) error {
	if err := db.append(ctx, b); err != nil {
		return fmt.Errorf("append %d records to source %d from %d: %w", len(b.Records), b.Source.ID, b.From, err)
	}
	return nil
}

func (db *DB) append(ctx context.Context, b *store.Batch) error {
	if err := checkBatch(b); err != nil {
		return err
	}
	if err := db.Room(0); err != nil {
		return err
	}
	build := db.takeBuilder()
	defer db.giveBuilder(build)
	if err := build.fill(db.catalog, db.contexts, b); err != nil {
		return err
	}
	db.write.Lock()
	defer db.write.Unlock()
	if db.closed {
		return errClosed
	}
	defer db.version.Add(1)
	return db.commit(ctx, b, build)
}

// idleBuilders is how many builders are kept: one is filled while the other is written.
const idleBuilders = 2

// takeBuilder lends a builder, the one used before if it is free: its columns have
// grown to the size of a batch.
func (db *DB) takeBuilder() *builder {
	select {
	case b := <-db.builders:
		return b
	default:
		return newBuilder()
	}
}

func (db *DB) giveBuilder(b *builder) {
	b.reset()
	select {
	case db.builders <- b:
	default:
	}
}

// checkBatch verifies what the keys of rows and raw records rely on.
func checkBatch(b *store.Batch) error {
	if end := b.From + int64(len(b.Records)); b.From < 0 || end > maxOrdinal || b.Source.Ordinal != end {
		return fmt.Errorf("the batch holds the records %d to %d, but leaves its source at %d", b.From, end, b.Source.Ordinal)
	}
	for i := range b.Records {
		if got, want := b.Records[i].Ordinal, b.From+int64(i); got != want {
			return fmt.Errorf("record %d stands where record %d follows", got, want)
		}
	}
	if b.Gaps != nil {
		var records int64
		for i := range b.Gaps {
			records += b.Gaps[i].Records
		}
		if records != int64(len(b.Records)) {
			return fmt.Errorf("the gaps are those of %d records, the batch has %d", records, len(b.Records))
		}
	}
	for i := range b.Sightings {
		if got := b.Sightings[i].Source; got != b.Source.ID {
			return fmt.Errorf("a sighting is of source %d", got)
		}
	}
	for i := range b.Claims {
		if got := b.Claims[i].Source; got != b.Source.ID {
			return fmt.Errorf("a claim is of source %d", got)
		}
	}
	return nil
}

// errKnown ends the transaction of a batch that was applied before.
var errKnown = errors.New("the batch was applied before")

// commit writes what was built in one transaction.
func (db *DB) commit(ctx context.Context, b *store.Batch, build *builder) (err error) {
	run := db.lastRun.Add(1)
	inserts := build.inserts(b, run)
	for _, in := range inserts {
		if in.table != nil {
			if err := db.widen(ctx, in); err != nil {
				return err
			}
		}
	}
	views, err := db.offer(inserts)
	defer func() {
		for _, v := range views {
			err = errors.Join(err, v.release())
		}
	}()
	if err != nil {
		return err
	}
	var contexts int
	err = db.writer.inTx(ctx, func() error {
		at, known, err := db.position(ctx, b)
		if err != nil {
			return err
		}
		if known {
			return errKnown
		}
		for _, in := range inserts {
			if err := db.insert(ctx, in); err != nil {
				return err
			}
		}
		if contexts, err = db.writeContexts(ctx); err != nil {
			return err
		}
		if err := db.writeCoverage(ctx, b.Source.ID, build.covered); err != nil {
			return fmt.Errorf("write coverage: %w", err)
		}
		if err := db.writeSource(ctx, b, at); err != nil {
			return fmt.Errorf("write position: %w", err)
		}
		if err := db.writeContent(ctx, b, at); err != nil {
			return fmt.Errorf("write gaps and marks: %w", err)
		}
		return nil
	})
	if errors.Is(err, errKnown) {
		return nil
	}
	if err != nil {
		return err
	}
	delete(db.created, b.Source.ID)
	db.contexts.commit(contexts)
	db.activity.add(build.sightings)
	for _, in := range inserts {
		switch {
		case in.table != nil:
			db.tables.added(in)
		case in.runs != nil:
			db.merger.add(in.runs, run, int64(in.rows))
		}
	}
	select {
	case db.appended <- struct{}{}:
	default:
	}
	return nil
}

// offer makes the views that the inserts read. They must be released, also after an
// error.
func (db *DB) offer(inserts []insert) ([]*arrowView, error) {
	var views []*arrowView
	for _, in := range inserts {
		v, err := db.views.view(in.view, in.columns)
		if err != nil {
			return views, err
		}
		views = append(views, v)
	}
	return views, nil
}

// insert runs one insert, and creates the event table it needs.
func (db *DB) insert(ctx context.Context, in insert) error {
	if in.table != nil && db.tables.columnsOf(in.table.table.Name) == nil {
		if err := db.createTable(ctx, in); err != nil {
			return err
		}
	}
	if _, err := db.writer.exec(ctx, in.sql, in.args...); err != nil {
		if in.table != nil {
			return fmt.Errorf("write %d rows to %s: %w", in.rows, in.table.table.Name, err)
		}
		return fmt.Errorf("write %s: %w", in.view, err)
	}
	return nil
}
