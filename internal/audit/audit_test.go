package audit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/schema"
	"spoor/internal/store"
)

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func newLog(t *testing.T, now func() time.Time) *Log {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return New(db, now)
}

func fixed() time.Time { return start }

func TestRecordAndList(t *testing.T) {
	log := newLog(t, fixed)
	want := Entry{
		ID: 1, Time: start, Actor: "alice", Role: "analyst", Action: "query.run", Target: "DeviceEvents",
		ClientIP: "192.0.2.1", Succeeded: true, Rows: 7, Duration: 1500 * time.Microsecond,
		Detail: map[string]string{"query": "DeviceEvents | take 7"},
	}
	e := want
	e.ID, e.Time = 0, time.Time{}
	if err := log.Record(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	got, err := log.List(t.Context(), Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entry{want}, got); diff != "" {
		t.Error(diff)
	}
}

func TestListPagesAndFilters(t *testing.T) {
	log := newLog(t, fixed)
	for _, e := range []Entry{
		{Actor: "alice", Action: "query.run"},
		{Actor: "bob", Action: "query.run"},
		{Actor: "alice", Action: "user.add"},
		{Actor: "alice", Action: "query.run"},
	} {
		if err := log.Record(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		filter Filter
		want   []int64
	}{
		"newest first":     {Filter{Limit: 10}, []int64{4, 3, 2, 1}},
		"a page":           {Filter{Limit: 2}, []int64{4, 3}},
		"the next page":    {Filter{Limit: 2, Before: 3}, []int64{2, 1}},
		"an actor":         {Filter{Limit: 10, Actor: "alice"}, []int64{4, 3, 1}},
		"actor and action": {Filter{Limit: 10, Actor: "alice", Action: "query.run"}, []int64{4, 1}},
		"quotes":           {Filter{Limit: 10, Actor: "' OR 1=1 --"}, nil},
	} {
		entries, err := log.List(t.Context(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, e := range entries {
			got = append(got, e.ID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRecordOutlivesItsRequest(t *testing.T) {
	log := newLog(t, fixed)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.Record(ctx, Entry{Action: "query.run"}); err != nil {
		t.Error(err)
	}
}

func TestRecordBoundsText(t *testing.T) {
	log := newLog(t, fixed)
	long := strings.Repeat("ü", maxDetail)
	if err := log.Record(t.Context(), Entry{Target: "x" + long, Detail: map[string]string{"query": "x" + long}}); err != nil {
		t.Fatal(err)
	}
	got, err := log.List(t.Context(), Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	// An odd number of bytes fits an x and whole two-byte letters: one less than the bound.
	if want := "x" + strings.Repeat("ü", (maxText-1)/2) + "…"; got[0].Target != want {
		t.Errorf("the target has %d bytes, want %d", len(got[0].Target), len(want))
	}
	if want := "x" + strings.Repeat("ü", (maxDetail-1)/2) + "…"; got[0].Detail["query"] != want {
		t.Errorf("the query has %d bytes, want %d", len(got[0].Detail["query"]), len(want))
	}
}

// memory is an event store that keeps batches, and the promise that matters here: the
// source's position is committed with the rows.
type memory struct {
	sources []store.Source
	batches []*store.Batch
	fail    error // of the next Append, after it has committed or before
	commit  bool
}

func (m *memory) Sources(context.Context) ([]store.Source, error) { return m.sources, nil }

func (m *memory) CreateSource(_ context.Context, s *store.Source) error {
	s.ID = int32(len(m.sources) + 1)
	m.sources = append(m.sources, *s)
	return nil
}

func (m *memory) Append(_ context.Context, b *store.Batch) error {
	fail := m.fail
	m.fail = nil
	if fail != nil && !m.commit {
		return fail
	}
	s := &m.sources[b.Source.ID-1]
	if b.From != s.Ordinal {
		return store.ErrConflict
	}
	*s = *b.Source
	m.batches = append(m.batches, b)
	return fail
}

func (m *memory) actions() []string {
	var list []string
	for _, b := range m.batches {
		for _, r := range b.Records {
			list = append(list, r.Rows[0].Str("Action"))
		}
	}
	return list
}

func record(t *testing.T, log *Log, actions ...string) {
	t.Helper()
	for _, a := range actions {
		if err := log.Record(t.Context(), Entry{Action: a}); err != nil {
			t.Fatal(err)
		}
	}
}

func auditTable(t *testing.T) *schema.Table {
	t.Helper()
	return schema.Default().MustTable(schema.SpoorAudit)
}

func TestFoldRow(t *testing.T) {
	log := newLog(t, fixed)
	err := log.Record(t.Context(), Entry{
		Actor: "alice", Role: "admin", Action: "source.remove", Target: "7", ClientIP: "192.0.2.1",
		Succeeded: true, Rows: 12, Duration: 1500 * time.Microsecond, Detail: map[string]string{"name": "conn.log"},
	})
	if err != nil {
		t.Fatal(err)
	}
	engine := &memory{}
	if n, err := NewFolder(log, engine, auditTable(t)).Fold(t.Context()); n != 1 || err != nil {
		t.Fatalf("folded %d: %v", n, err)
	}
	record := engine.batches[0].Records[0]
	if record.Kind != "spoor.audit" || !strings.Contains(string(record.Raw), `"source.remove"`) {
		t.Errorf("kind %s, raw %s", record.Kind, record.Raw)
	}
	got := map[string]string{}
	for _, c := range record.Rows[0].Cells {
		got[record.Rows[0].Table.Columns[c.Column].Name] = c.Value.Text()
	}
	want := map[string]string{
		"TimeGenerated": "2026-11-22T08:00:00.0000000Z", "Actor": "alice", "Role": "admin", "Action": "source.remove",
		"Target": "7", "ClientIP": "192.0.2.1", "Succeeded": "true", "Rows": "12",
		"Duration": "15000", // ticks of 100 ns
		"Detail":   `{"name":"conn.log"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFoldGoesOnWhereItStopped(t *testing.T) {
	log := newLog(t, fixed)
	engine := &memory{}
	record(t, log, "a", "b")
	folder := NewFolder(log, engine, auditTable(t))
	if n, err := folder.Fold(t.Context()); n != 2 || err != nil {
		t.Fatalf("folded %d: %v", n, err)
	}
	if n, err := folder.Fold(t.Context()); n != 0 || err != nil {
		t.Fatalf("folded %d again: %v", n, err)
	}
	record(t, log, "c")
	// Another process, or the same after a restart.
	if n, err := NewFolder(log, engine, auditTable(t)).Fold(t.Context()); n != 1 || err != nil {
		t.Fatalf("folded %d: %v", n, err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, engine.actions()); diff != "" {
		t.Error(diff)
	}
	if len(engine.sources) != 1 || engine.sources[0].Ordinal != 3 || engine.sources[0].Counts.Stored != 3 {
		t.Errorf("sources: %+v", engine.sources)
	}
}

// A commit whose answer was lost is not repeated; one that failed is.
func TestFoldAfterFailure(t *testing.T) {
	for name, committed := range map[string]bool{"not committed": false, "committed": true} {
		t.Run(name, func(t *testing.T) {
			log := newLog(t, fixed)
			lost := errors.New("lost")
			engine := &memory{fail: lost, commit: committed}
			record(t, log, "a", "b")
			folder := NewFolder(log, engine, auditTable(t))
			if _, err := folder.Fold(t.Context()); !errors.Is(err, lost) {
				t.Fatal(err)
			}
			if _, err := folder.Fold(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"a", "b"}, engine.actions()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFoldedEntriesAreDroppedInTime(t *testing.T) {
	now := start
	log := newLog(t, func() time.Time { return now })
	record(t, log, "old")
	now = start.Add(kept)
	record(t, log, "new")
	now = now.Add(time.Second)
	if _, err := NewFolder(log, &memory{}, auditTable(t)).Fold(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := log.List(t.Context(), Filter{Limit: 10})
	if err != nil || len(entries) != 1 || entries[0].Action != "new" {
		t.Errorf("got %+v (%v), want the new one alone", entries, err)
	}
}
