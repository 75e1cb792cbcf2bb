// Package querytest runs KQL against a real in-memory DuckDB laid out as the event
// store lays it out, for the tests of the pipeline: query, plan, SQL, result.
package querytest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2" //nolint:depguard // a store of its own, which tests fill by hand

	"spoor/internal/kql/dialect"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// DB is an event store in memory that holds what tests put in it.
type DB struct {
	db      *sql.DB
	catalog *schema.Catalog

	mu     sync.Mutex
	tables map[string]int64
	alias  []store.DeviceAlias
}

// Open makes an empty store.
func Open(ctx context.Context, catalog *schema.Catalog) (*DB, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("open DuckDB in memory: %w", err)
	}
	d := &DB{db: sql.OpenDB(connector), catalog: catalog, tables: map[string]int64{}}
	if err := d.prepare(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *DB) prepare(ctx context.Context) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, f := range vector.Functions() {
		if err := register(conn, f); err != nil {
			return fmt.Errorf("register %s: %w", f.SQLName(), err)
		}
	}
	for _, q := range []string{"CREATE SCHEMA event", "CREATE SCHEMA spoor", "CREATE TABLE spoor.device_alias (from_id VARCHAR, to_id VARCHAR)"} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	for _, t := range d.catalog.Tables() {
		if t.View {
			if err := d.Create(ctx, t.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close frees the store.
func (d *DB) Close() error { return d.db.Close() }

// sqlTypes are the types of stored columns.
var sqlTypes = map[schema.Type]string{
	schema.Bool: "BOOLEAN", schema.Int: "INTEGER", schema.Long: "BIGINT", schema.Real: "DOUBLE", schema.Decimal: "VARCHAR",
	schema.String: "VARCHAR NOT NULL DEFAULT ''", schema.DateTime: "BIGINT", schema.TimeSpan: "BIGINT", schema.GUID: "VARCHAR", schema.Dynamic: "VARCHAR",
}

// Create makes the physical table of an event table.
func (d *DB) Create(ctx context.Context, table string) error {
	t, ok := d.catalog.Table(table)
	if !ok {
		return fmt.Errorf("there is no table %s", table)
	}
	var cols []string
	for _, c := range t.Stored() {
		cols = append(cols, dialect.Quote(c.Stored)+" "+sqlTypes[c.Type])
	}
	q := "CREATE TABLE IF NOT EXISTS event." + dialect.Quote(table) + " (" + strings.Join(cols, ", ") + ")"
	if _, err := d.db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("create %s: %w", table, err)
	}
	return nil
}

// Insert adds a row, given by the KQL names of its columns, as the engine's values.
func (d *DB) Insert(ctx context.Context, table string, row map[string]any) error {
	if err := d.Create(ctx, table); err != nil {
		return err
	}
	t := d.catalog.MustTable(table)
	var names, marks []string
	var args []any
	for name, v := range row {
		c, ok := t.Column(name)
		if !ok {
			return fmt.Errorf("%s has no column %s", table, name)
		}
		names = append(names, dialect.Quote(c.Stored))
		marks = append(marks, "?")
		args = append(args, v)
	}
	q := "INSERT INTO event." + dialect.Quote(table) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	if _, err := d.db.ExecContext(ctx, q, args...); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	d.mu.Lock()
	d.tables[table]++
	d.mu.Unlock()
	return nil
}

// Merge says that two devices are one.
func (d *DB) Merge(ctx context.Context, from, to string) error {
	d.alias = append(d.alias, store.DeviceAlias{From: from, To: to})
	_, err := d.db.ExecContext(ctx, "INSERT INTO spoor.device_alias VALUES (?, ?)", from, to)
	return err
}

// Tables lists the tables that have rows.
func (d *DB) Tables(context.Context) (map[string]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string]int64{}
	maps.Copy(out, d.tables)
	return out, nil
}

// Aliases lists the merged devices.
func (d *DB) Aliases(context.Context) ([]store.DeviceAlias, error) { return d.alias, nil }

// Query runs SQL.
func (d *DB) Query(ctx context.Context, query string, args []any) (store.Rows, error) {
	rows, err := d.db.QueryContext(ctx, query, args...) //nolint:rowserrcheck // resultRows hands it on
	if err != nil {
		return nil, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, errors.Join(err, rows.Close()) //nolint:sqlclosecheck // else the caller closes it
	}
	r := &resultRows{rows: rows}
	for _, t := range types {
		r.cols = append(r.cols, store.Column{Name: t.Name(), Type: t.DatabaseTypeName()})
	}
	r.values = make([]any, len(r.cols))
	r.scan = make([]any, len(r.cols))
	for i := range r.values {
		r.scan[i] = &r.values[i]
	}
	return r, nil
}

type resultRows struct {
	rows         *sql.Rows
	cols         []store.Column
	values, scan []any
	err          error
}

func (r *resultRows) Columns() []store.Column { return r.cols }

func (r *resultRows) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	r.err = r.rows.Scan(r.scan...)
	for i, v := range r.values {
		if n, ok := v.(int32); ok {
			r.values[i] = int64(n)
		}
	}
	return r.err == nil
}

func (r *resultRows) Values() []any { return r.values }

func (r *resultRows) Err() error {
	if r.err != nil {
		return r.err
	}
	return r.rows.Err()
}

func (r *resultRows) Close() error { return r.rows.Close() }

// scalar makes a Go function one of DuckDB's.
type scalar struct{ f *vector.Function }

var duckTypes = map[schema.Type]duckdb.Type{
	schema.Bool: duckdb.TYPE_BOOLEAN, schema.Int: duckdb.TYPE_INTEGER, schema.Long: duckdb.TYPE_BIGINT, schema.Real: duckdb.TYPE_DOUBLE,
	schema.Decimal: duckdb.TYPE_VARCHAR, schema.String: duckdb.TYPE_VARCHAR, schema.DateTime: duckdb.TYPE_BIGINT,
	schema.TimeSpan: duckdb.TYPE_BIGINT, schema.GUID: duckdb.TYPE_VARCHAR, schema.Dynamic: duckdb.TYPE_VARCHAR,
}

func (s scalar) Config() duckdb.ScalarFuncConfig {
	info := func(t schema.Type) duckdb.TypeInfo {
		i, err := duckdb.NewTypeInfo(duckTypes[t])
		if err != nil {
			panic(err)
		}
		return i
	}
	cfg := duckdb.ScalarFuncConfig{ResultTypeInfo: info(s.f.Result), SpecialNullHandling: true}
	params := s.f.Params
	if s.f.Variadic {
		cfg.VariadicTypeInfo = info(params[len(params)-1])
		params = params[:len(params)-1]
	}
	for _, p := range params {
		cfg.InputTypeInfos = append(cfg.InputTypeInfos, info(p))
	}
	return cfg
}

func (s scalar) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		args := make([]any, len(values))
		for i, v := range values {
			args[i] = v
		}
		return s.f.Eval(args), nil
	}}
}

func register(conn *sql.Conn, f *vector.Function) error {
	return duckdb.RegisterScalarUDF(conn, f.SQLName(), scalar{f})
}
