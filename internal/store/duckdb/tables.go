package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// eventTables keeps which event tables exist, with which columns and how many rows.
// Writers change it under the writers' lock; it is safe for concurrent use.
type eventTables struct {
	mu      sync.Mutex
	rows    map[string]int64
	columns map[string]map[string]bool
}

// load finds out anew.
func (t *eventTables) load(ctx context.Context, c *conn) error {
	columns, rows := map[string]map[string]bool{}, map[string]int64{}
	if err := c.each(ctx, func(v []any) error {
		table := v[0].(string)
		if columns[table] == nil {
			columns[table] = map[string]bool{}
		}
		columns[table][v[1].(string)] = true
		return nil
	}, `SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = ? AND database_name = current_database()`, storedSchema); err != nil {
		return fmt.Errorf("list event tables: %w", err)
	}
	for name := range columns {
		n, err := c.number(ctx, `SELECT count(*) FROM `+storedTable(name))
		if err != nil {
			return fmt.Errorf("count the rows of %s: %w", name, err)
		}
		rows[name] = n
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows, t.columns = rows, columns
	return nil
}

// columnsOf lists the columns of a table; nil when it does not exist. The map must not
// be changed.
func (t *eventTables) columnsOf(name string) map[string]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.columns[name]
}

// names lists the tables that exist.
func (t *eventTables) names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.columns))
}

func (t *eventTables) setColumns(name string, columns map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.columns[name] = columns
}

// added notes that an insert was committed.
func (t *eventTables) added(in insert) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := in.table.table.Name
	if t.columns[name] == nil {
		t.columns[name] = in.fills
	}
	t.rows[name] += int64(in.rows)
}

// Tables lists the event tables that have rows, with their row counts.
func (db *DB) Tables(context.Context) (map[string]int64, error) {
	db.tables.mu.Lock()
	defer db.tables.mu.Unlock()
	tables := maps.Clone(db.tables.rows)
	maps.DeleteFunc(tables, func(_ string, rows int64) bool { return rows == 0 })
	return tables, nil
}

// widen adds the columns to an existing table that an insert is the first to fill. It
// is a transaction of its own: whether or not the batch is committed then, the view
// shows the same.
func (db *DB) widen(ctx context.Context, in insert) error {
	has := db.tables.columnsOf(in.table.table.Name)
	if has == nil || !anyMissing(in.fills, has) {
		return nil
	}
	all := maps.Clone(has)
	maps.Copy(all, in.fills)
	if err := db.writer.inTx(ctx, func() error {
		for _, c := range in.table.stored {
			if in.fills[c.Stored] && !has[c.Stored] {
				if _, err := db.writer.exec(ctx, in.table.addColumn(c)); err != nil {
					return fmt.Errorf("add column %s: %w", c.Stored, err)
				}
			}
		}
		_, err := db.writer.exec(ctx, in.table.view(all))
		return err
	}); err != nil {
		return fmt.Errorf("widen table %s: %w", in.table.table.Name, err)
	}
	db.tables.setColumns(in.table.table.Name, all)
	return nil
}

// anyMissing reports whether the first set has something that the second has not.
func anyMissing(wanted, has map[string]bool) bool {
	for name := range wanted {
		if !has[name] {
			return true
		}
	}
	return false
}

// createTable creates the table of an insert, in the batch's transaction.
func (db *DB) createTable(ctx context.Context, in insert) error {
	for _, sql := range []string{in.table.create(in.fills), in.table.view(in.fills)} {
		if _, err := db.writer.exec(ctx, sql); err != nil {
			return fmt.Errorf("create table %s: %w", in.table.table.Name, err)
		}
	}
	return nil
}
