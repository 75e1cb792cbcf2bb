package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

func batchIsWhole(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	b := m.batch(200)
	h.append(b)
	c := count(b)
	tables, err := h.Tables(h.ctx())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(tables), fmt.Sprint(c.rows); got != want {
		t.Errorf("tables: got %s, want %s", got, want)
	}
	h.want("sightings", sorted(h.rows(viewSQL)), c.view()...)
	for id, want := range c.raw {
		if raw, err := h.Raw(h.ctx(), id); err != nil || string(raw) != want {
			t.Errorf("raw record %d: got %q, %v, want %q", id, raw, err, want)
		}
	}
	h.wantRows(`SELECT "SourceName", "Site", "Bytes", "Records", "Stored", "Unmapped", "Quarantined" FROM event."SpoorSources"`,
		fmt.Sprintf("a.log|north|%d|200|200|0|0", b.Source.Offset))
}

// commitsAreSeenWhole reads beside commits and merges that are large enough for an engine
// to take short cuts: each query sees all of a commit or nothing, in every table.
func commitsAreSeenWhole(t *testing.T, h *harness) {
	const records, batches = 130_000, 4
	whole := map[string]bool{}
	for n := range batches + 1 {
		whole[fmt.Sprintf("%[1]d|%[1]d", n*records)] = true
	}
	s := h.source("a.log", "north")
	address := entity.ID{Kind: entity.IP, Value: "192.0.2.9"}
	large := func() *store.Batch {
		rows := make([][]schema.Row, records)
		for i := range rows {
			rows[i] = []schema.Row{newRow(primaryTable)}
		}
		from := s.Ordinal
		s.Counts.Stored += records
		b := single(s, rows...)
		for i := range int64(records) {
			raw := schema.NewRawID(s.ID, from+i)
			b.Sightings = append(b.Sightings, store.Sighting{
				SightingKey: store.SightingKey{
					Kind: address.Kind, Entity: address.Value, SourceKind: "test.kind", Source: s.ID, Site: s.Site, Table: primaryTable,
					Peer: fmt.Sprint("peer ", from+i), Day: day0, Roles: entity.RoleRemote,
				},
				Records: 1, First: schema.Ticks(from + i), Last: schema.Ticks(from + i), LastEvent: store.LastEvent{RawID: raw},
			})
		}
		return b
	}
	h.append(large())

	ctx, stop := context.WithCancel(h.ctx())
	torn := make(chan string, 2)
	var readers sync.WaitGroup
	for _, read := range []func() (string, error){
		func() (string, error) {
			got, err := readAll(ctx, h.Engine, `SELECT (SELECT count(*) FROM event."`+primaryTable+`"), "Records" FROM event."SpoorSources"`)
			return strings.Join(got, "; "), err
		},
		func() (string, error) {
			q := store.LedgerQuery{Kind: address.Kind, Entity: address.Value}
			rows, days, err := h.Activity(ctx, store.StretchQuery{LedgerQuery: q}, q)
			var records int64
			for i := range rows {
				records += rows[i].Records
			}
			if err != nil || len(days) != 1 {
				return fmt.Sprint(days), err
			}
			return fmt.Sprintf("%d|%d", records, days[0].Records), nil
		},
	} {
		readers.Go(func() {
			for {
				got, err := read()
				if ctx.Err() != nil {
					return
				}
				if err != nil || !whole[got] {
					torn <- fmt.Sprintf("a query beside commits and merges of %d records: got %s, %v", records, got, err)
					return
				}
			}
		})
	}
	for range batches - 1 {
		h.append(large())
		if err := h.Merge(h.ctx()); err != nil {
			t.Error(err)
		}
	}
	stop()
	readers.Wait()
	close(torn)
	for what := range torn {
		t.Error(what)
	}
	h.wantRows(`SELECT sum("Records")::BIGINT FROM event."SpoorSightings"`, fmt.Sprint(batches*records))
}

func failureLeavesNothing(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(20))
	before := h.contents()
	views := schema.NewRow(schema.Default().MustTable(schema.SpoorSightings))
	views.SetString("Entity", "192.0.2.1")
	for name, spoil := range map[string]func(*store.Batch){
		"a row of a view":            func(b *store.Batch) { b.Records[9].Rows = append(b.Records[9].Rows, views) },
		"a sighting of no kind":      func(b *store.Batch) { b.Sightings[3].Kind = "planet" },
		"a sighting of another file": func(b *store.Batch) { b.Sightings[3].Source++ },
		"a claim of another file":    func(b *store.Batch) { b.Claims[3].Source++ },
		"a record left out":          func(b *store.Batch) { b.Records[9].Ordinal++ },
		"a position beyond":          func(b *store.Batch) { b.Source.Ordinal++ },
	} {
		position := *m.source
		b := m.batch(20)
		*m.source = position
		spoil(b)
		if err := h.Append(h.ctx(), b); err == nil {
			t.Errorf("%s was taken", name)
		}
		h.wantContents(h.contents(), before)
	}
	h.append(m.batch(20))
}

func cancelLeavesNothing(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(20))
	before := h.contents()
	ctx, cancel := context.WithCancel(h.ctx())
	cancel()
	b := m.batch(20)
	if err := h.Append(ctx, b); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	h.wantContents(h.contents(), before)
	h.append(b)
}

func repetitionChangesNothing(_ *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	first, second := m.batch(50), m.batch(70)
	h.append(first, second)
	before := h.contents()
	h.append(first, second, first)
	h.wantContents(h.contents(), before)
	h.reopen()
	h.append(second, first)
	h.wantContents(h.contents(), before)
}

func gapIsConflict(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	m := newMaker(1, s)
	first, second, third := m.batch(10), m.batch(10), m.batch(10)
	h.append(first)
	before := h.contents()
	if err := h.Append(h.ctx(), third); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a batch after a gap: got %v, want ErrConflict", err)
	}
	overlap := *second
	overlap.From -= 5
	overlap.Records = append(first.Records[5:10:10], second.Records...)
	if err := h.Append(h.ctx(), &overlap); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a batch that is known in part: got %v, want ErrConflict", err)
	}
	h.wantContents(h.contents(), before)
	h.append(second, third)
}

func unknownSource(t *testing.T, h *harness) {
	m := newMaker(1, &store.Source{ID: 77, Name: "a.log"})
	if err := h.Append(h.ctx(), m.batch(1)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a source that was not created: got %v, want ErrNotFound", err)
	}
	s := h.source("b.log", "north")
	m = newMaker(1, s)
	h.append(m.batch(10))
	if err := h.RemoveSource(h.ctx(), s.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Append(h.ctx(), m.batch(10)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a source that was removed: got %v, want ErrNotFound", err)
	}
}

func keyIsRemembered(t *testing.T, h *harness) {
	if _, ok, err := h.AppliedKey(h.ctx(), "k1"); ok || err != nil {
		t.Errorf("before the batch: got %v, %v, want false", ok, err)
	}
	m := newMaker(1, h.source("a.log", "north"))
	b := m.batch(10)
	b.Key = "k1"
	h.append(b, m.batch(5))
	before := h.contents()

	again := newMaker(1, h.source("a.log again", "north")).batch(10)
	again.Key = "k1"
	h.append(again)
	h.wantContents(h.contents(), before)

	h.reopen()
	counts, ok, err := h.AppliedKey(h.ctx(), "k1")
	if err != nil || !ok || counts.Stored != 10 {
		t.Errorf("after the batch: got %+v, %v, %v, want 10 stored", counts, ok, err)
	}
	if err := h.RemoveSource(h.ctx(), b.Source.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := h.AppliedKey(h.ctx(), "k1"); ok || err != nil {
		t.Errorf("after removing the source: got %v, %v, want false", ok, err)
	}
}

func sourceWithoutBatch(t *testing.T, h *harness) {
	before := h.contents()
	s := h.source("a.log", "north")
	h.wantContents(h.contents(), before)
	found, err := h.OpenSources(h.ctx(), "north", s.Head)
	if err != nil || len(found) != 0 {
		t.Errorf("found %v, %v, want none", found, err)
	}
}

func sourceKeepsPosition(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	s.ClockOffset = -3 * schema.TicksPerHour
	m := newMaker(1, s)
	first := m.batch(10)
	second := m.batch(0) // a position without records, as at the end of a file
	second.Source.Offset += 17
	second.Source.Hash = []byte{0, 1, 255}
	second.Source.State = []byte("#fields\tts\x00uid")
	second.Source.Counts = store.Counts{
		Stored: 7, Unmapped: 2, Quarantined: 1, Unresolved: 4,
		ByTable: map[string]int64{primaryTable: 7}, UnmappedTypes: map[string]int64{`odd "type"`: 2},
	}
	h.append(first, second)
	h.reopen()
	sources, err := h.Sources(h.ctx())
	if err != nil || len(sources) != 1 {
		t.Fatalf("got %d sources, %v, want 1", len(sources), err)
	}
	want := *second.Source
	want.FirstIngested, want.LastIngested = first.IngestedAt, second.IngestedAt
	if got := sources[0]; fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func sourceFoundByHead(t *testing.T, h *harness) {
	for _, s := range []*store.Source{h.source("a.log", "north"), h.source("a.log", "south"), h.source("b.log", "south")} {
		b := newMaker(1, s).batch(1)
		b.Source.Offset = store.HeadSize
		h.append(b)
	}
	found, err := h.OpenSources(h.ctx(), "south", []byte("head of a.log"))
	if err != nil || len(found) != 1 || found[0].Site != "south" || found[0].Name != "a.log" {
		t.Errorf("got %v, %v, want a.log of south", found, err)
	}
	// A source that has no whole head yet may have grown into any.
	b := newMaker(1, h.source("short.log", "south")).batch(1)
	b.Source.Offset = store.HeadSize - 1
	h.append(b)
	found, err = h.OpenSources(h.ctx(), "south", []byte("head of a.log"))
	if err != nil || len(found) != 2 || found[0].Name != "a.log" || found[1].Name != "short.log" {
		t.Errorf("got %v, %v, want a.log and short.log of south", found, err)
	}
}

func idNeverUsedAgain(t *testing.T, h *harness) {
	used := map[int32]bool{}
	for i := range 4 {
		s := h.source(fmt.Sprint(i), "north")
		if used[s.ID] {
			t.Errorf("source %d has the ID %d of an earlier one", i, s.ID)
		}
		used[s.ID] = true
		h.append(newMaker(1, s).batch(1))
		if err := h.RemoveSource(h.ctx(), s.ID); err != nil {
			t.Fatal(err)
		}
		h.reopen()
	}
}

func reopen(_ *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(300), m.batch(20))
	before := h.contents()
	h.reopen()
	h.wantContents(h.contents(), before)
	h.append(m.batch(10))
	h.reopen()
	if err := h.Merge(h.ctx()); err != nil {
		h.t.Fatal(err)
	}
	h.wantRows(`SELECT count(*) FROM event."`+primaryTable+`"`, "330")
}
