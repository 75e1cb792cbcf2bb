package query_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"spoor/internal/entity"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store"
)

var errAsked = errors.New("the engine was asked")

// engine has a row in every table and runs nothing.
type engine struct{}

func (*engine) Snapshot(context.Context) (store.Snapshot, error) { return &snapshot{}, nil }

// snapshot keeps the SQL it is asked.
type snapshot struct{ sql string }

func (s *snapshot) Query(_ context.Context, sql string, _ []any, _ ...store.Input) (store.Rows, error) {
	s.sql = sql
	return nil, errAsked
}

func (*snapshot) Sighted(context.Context, []entity.ID) (*store.Sightings, error) { return nil, nil }

func (*snapshot) Excerpt(context.Context, string, string) (string, error) { return "", nil }

func (*snapshot) Close() error { return nil }

func (*engine) Tables(context.Context) (map[string]int64, error) {
	tables := map[string]int64{}
	for _, t := range schema.Default().Tables() {
		tables[t.Name] = 1
	}
	return tables, nil
}

func (*engine) Aliases(context.Context) ([]store.DeviceAlias, error) { return nil, nil }

// A denied table does not exist, however a query names it; without the denial all of
// these queries reach the engine.
func TestDenied(t *testing.T) {
	r := query.New(query.Config{Engine: &engine{}})
	for _, text := range []string{
		"SpoorAudit",
		"SpoorAudit | take 1",
		"union SpoorAudit, SpoorRaw",
		"SpoorRaw | where Message in (SpoorAudit | project Actor)",
		"let a = SpoorAudit; a | count",
		`table("SpoorAudit") | count`,
		`table("Spoor\u0041udit") | count`,
		"SpoorRaw | join kind=inner (SpoorAudit) on $left.Message == $right.Actor",
	} {
		if _, err := r.Run(t.Context(), query.Request{Text: text}); !errors.Is(err, errAsked) {
			t.Errorf("%s: %v, want it to reach the engine", text, err)
		}
		_, err := r.Run(t.Context(), query.Request{Text: text, Options: query.Options{Denied: []string{schema.SpoorAudit}}})
		if _, ok := errors.AsType[*query.CompileError](err); !ok {
			t.Errorf("%s with the table denied: %v", text, err)
		}
	}
}

type sqlEngine struct {
	engine
	snapshot
}

func (e *sqlEngine) Snapshot(context.Context) (store.Snapshot, error) { return &e.snapshot, nil }

// now() is the moment that the caller names.
func TestNow(t *testing.T) {
	e := &sqlEngine{}
	r := query.New(query.Config{Engine: e, Now: func() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }})
	run := func(o query.Options) string {
		e.sql = ""
		if _, err := r.Run(t.Context(), query.Request{Text: "SpoorRaw | where TimeGenerated < now()", Options: o}); !errors.Is(err, errAsked) {
			t.Fatal(err)
		}
		return e.sql
	}
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	if run(query.Options{Now: at}) == run(query.Options{}) {
		t.Error("the caller's now is not used")
	}
}
