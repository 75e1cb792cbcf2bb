package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// readersSeeWholeBatches compares, in one query, numbers that each commit moves
// together, while batches come in.
func readersSeeWholeBatches(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(100))
	done := make(chan error, 1)
	go func() {
		defer close(done)
		for range 30 {
			if err := h.Append(h.ctx(), m.batch(100)); err != nil {
				done <- err
				return
			}
		}
	}()
	last := int64(0)
	for reading := true; reading; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			reading = false
		default:
		}
		got := h.rows(`SELECT (SELECT count(*) FROM event."` + primaryTable + `"),
			(SELECT sum("Records") FROM event."SpoorSightings" WHERE "Kind" = 'ip'),
			(SELECT sum("Records") FROM event."SpoorAddressHolders"),
			(SELECT sum("Records") FROM event."SpoorSources")`)
		var rows, sightings, held, position int64
		if _, err := fmt.Sscanf(got[0], "%d|%d|%d|%d", &rows, &sightings, &held, &position); err != nil {
			t.Fatalf("%q: %v", got[0], err)
		}
		if rows != sightings || rows != held || rows != position || rows%100 != 0 || rows < last {
			t.Errorf("a reader saw %d rows, %d sightings, %d claims, position %d, after %d rows", rows, sightings, held, position, last)
		}
		last = rows
	}
	if last != 3100 {
		t.Errorf("the last reader saw %d rows, want 3100", last)
	}
}

// endless is a query that takes longer than anyone waits.
const endless = `SELECT count(*) FROM range(100000000) a JOIN range(100000000) b ON a.range % 7 <> b.range % 11`

func cancelQuery(t *testing.T, h *harness) {
	ctx, cancel := context.WithCancel(h.ctx())
	started := make(chan struct{})
	go func() {
		<-started
		cancel()
	}()
	close(started)
	if _, err := readAll(ctx, h.Engine, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}

	ctx, cancel = context.WithCancel(h.ctx())
	r, err := h.Query(ctx, `SELECT range FROM range(100000000)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Next() {
		t.Fatalf("no first row: %v", r.Err())
	}
	cancel()
	rows := 0
	for r.Next() {
		rows++
	}
	if err := r.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while reading: got %v after %d rows, want the context's error", err, rows)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Errorf("close twice: %v", err)
	}
	h.wantRows(`SELECT 1`, "1")
}

func queryCannotWrite(t *testing.T, h *harness) {
	h.append(newMaker(1, h.source("a.log", "north")).batch(10))
	before := h.contents()
	table := `event."` + primaryTable + `"`
	for _, sql := range []string{
		`DELETE FROM ` + table, `UPDATE ` + table + ` SET "RemoteIP" = ''`, `INSERT INTO ` + table + ` SELECT * FROM ` + table,
		`DROP TABLE ` + table, `CREATE TABLE x (i INTEGER)`, `ALTER TABLE ` + table + ` ADD COLUMN x INTEGER`, `TRUNCATE ` + table,
		`WITH x AS (SELECT 1) INSERT INTO ` + table + ` SELECT * FROM ` + table,
		`SELECT 1; DROP TABLE ` + table, `BEGIN`, `COMMIT`, ``, `;`,
	} {
		if _, err := readAll(h.ctx(), h.Engine, sql); err == nil {
			t.Errorf("%q was run", sql)
		}
	}
	h.wantContents(h.contents(), before)
}

func argumentsAreValues(t *testing.T, h *harness) {
	h.want("arguments", h.rows(`SELECT ?, ?, ?, ?, ?`, nil, true, int64(-5), 0.25, `x' OR ''='`), `null|true|-5|0.25|x' OR ''='`)
	if _, err := readAll(h.ctx(), h.Engine, `SELECT ?`); err == nil {
		t.Error("a query without its argument was run")
	}
	if _, err := readAll(h.ctx(), h.Engine, `SELECT ?`, struct{}{}); err == nil {
		t.Error("a struct was taken as an argument")
	}
}
