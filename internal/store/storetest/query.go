package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"spoor/internal/schema"
	"spoor/internal/store"
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

// snapshot opens a snapshot that is closed with the test.
func (h *harness) snapshot() store.Snapshot {
	h.t.Helper()
	s, err := h.Snapshot(h.ctx())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return s
}

// wantFrom compares the result of a query on a snapshot.
func (h *harness) wantFrom(s store.Snapshot, sql string, inputs []store.Input, want ...string) {
	h.t.Helper()
	r, err := s.Query(h.ctx(), sql, nil, inputs...)
	if err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	got, err := readRows(r)
	if err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	h.want(sql, got, want...)
}

// snapshotStays: what is committed after the first query of a snapshot is not seen by
// its second, and is seen by another's.
func snapshotStays(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(10))
	const count = `SELECT count(*) FROM event."` + primaryTable + `"`
	s := h.snapshot()
	h.wantFrom(s, count, nil, "10")
	h.append(m.batch(10))
	h.wantFrom(s, count, nil, "10")
	h.wantFrom(h.snapshot(), count, nil, "20")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Query(h.ctx(), count, nil); err == nil {
		t.Errorf("a closed snapshot gave %v", r)
	}
}

// queryReadsInputs: values of every type come through, more of them than one block
// holds, an input can be read twice, and is there for its own query only.
func queryReadsInputs(t *testing.T, h *harness) {
	mixed := store.Input{
		ID: 7,
		Types: []schema.Type{
			schema.Bool, schema.Int, schema.Long, schema.Real, schema.String, schema.DateTime, schema.TimeSpan, schema.GUID, schema.Dynamic, schema.Decimal,
		},
		Rows: [][]any{
			{true, int64(-1), int64(1) << 60, 0.25, "it's\x00", int64(5), int64(-5), "0b4e5a70-1c2d-4e3f-8a9b-00ff00ff00ff", `{"a":1}`, "1.5"},
			{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
		},
	}
	numbers := store.Input{ID: 8, Types: []schema.Type{schema.Long}}
	for i := range 100_000 {
		numbers.Rows = append(numbers.Rows, []any{int64(i)})
	}
	empty := store.Input{ID: 9, Types: []schema.Type{schema.String}}
	inputs := []store.Input{mixed, numbers, empty}
	s := h.snapshot()
	h.wantFrom(s, `SELECT * FROM spoor_input(7)`, inputs,
		"true|-1|1152921504606846976|0.25|it's\x00|5|-5|0b4e5a70-1c2d-4e3f-8a9b-00ff00ff00ff|{\"a\":1}|1.5",
		"null|null|null|null||null|null|null|null|null")
	h.wantFrom(s, `SELECT count(*), sum(i0) FROM spoor_input(8)`, inputs, "100000|4999950000")
	h.wantFrom(s, `SELECT count(*) FROM spoor_input(8) a JOIN spoor_input(8) b ON a.i0 = b.i0 + 1`, inputs, "99999")
	h.wantFrom(s, `SELECT count(*) FROM spoor_input(9)`, inputs, "0")
	if r, err := s.Query(h.ctx(), `SELECT * FROM spoor_input(7)`, nil); err == nil {
		t.Errorf("without its input the query gave %v", r)
	}
	r, err := s.Query(h.ctx(), `SELECT * FROM spoor_input(7)`, nil, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := h.snapshot().Query(h.ctx(), `SELECT * FROM spoor_input(7)`, nil); err == nil {
		t.Errorf("another query read the input: %v", other)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func inputOfAnotherType(t *testing.T, h *harness) {
	input := store.Input{ID: 1, Types: []schema.Type{schema.Long}, Rows: [][]any{{int64(1)}, {"two"}}}
	r, err := h.snapshot().Query(h.ctx(), `SELECT sum(i0) FROM spoor_input(1)`, nil, input)
	if err == nil {
		_, err = readRows(r)
	}
	if err == nil {
		t.Error("a text where a number is expected was taken")
	}
}
