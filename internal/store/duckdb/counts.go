package duckdb

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// tableCounts keeps the row counts of the event tables that exist.
type tableCounts struct {
	mu   sync.Mutex
	rows map[string]int64
}

// load counts anew.
func (t *tableCounts) load(ctx context.Context, c *conn) error {
	counts := map[string]int64{}
	if err := c.each(ctx, func(v []any) error {
		counts[v[0].(string)] = 0
		return nil
	}, `SELECT table_name FROM duckdb_tables() WHERE schema_name = ? AND database_name = current_database()`, eventSchema); err != nil {
		return err
	}
	for name := range counts {
		n, err := c.number(ctx, `SELECT count(*) FROM `+eventTable(name))
		if err != nil {
			return err
		}
		counts[name] = n
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = counts
	return nil
}

// has reports whether the table exists.
func (t *tableCounts) has(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.rows[name]
	return ok
}

// names lists the tables that exist.
func (t *tableCounts) names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.rows))
}

func (t *tableCounts) add(name string, rows int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[name] += rows
}

// Tables lists the event tables that have rows, with their row counts.
func (db *DB) Tables(context.Context) (map[string]int64, error) {
	db.counts.mu.Lock()
	defer db.counts.mu.Unlock()
	tables := maps.Clone(db.counts.rows)
	maps.DeleteFunc(tables, func(_ string, rows int64) bool { return rows == 0 })
	return tables, nil
}
