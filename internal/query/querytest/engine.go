// Package querytest runs KQL against the real event store in memory, for the tests of
// the pipeline: query, plan, SQL, result.
package querytest

import (
	"context"
	"fmt"

	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb" //nolint:depguard // its tests run against the real engine
)

// DB is an event store in memory that holds what tests put in it.
type DB struct {
	*duckdb.DB
	catalog *schema.Catalog
	sources map[string]*store.Source // by name and site
}

// Open makes an empty store.
func Open(ctx context.Context, catalog *schema.Catalog) (*DB, error) {
	db, err := duckdb.Open(ctx, duckdb.Config{Catalog: catalog, Functions: query.Functions(nil)})
	if err != nil {
		return nil, err
	}
	return &DB{DB: db, catalog: catalog, sources: map[string]*store.Source{}}, nil
}

// Insert adds a row, given by the KQL names of its columns: text for string, guid,
// decimal and dynamic columns, bool, int64 (ticks too) or float64 for the others.
// _SourceKind is the kind of its record, _SourceName and _Site are its source's.
func (d *DB) Insert(ctx context.Context, table string, values map[string]any) error {
	t, ok := d.catalog.Table(table)
	if !ok {
		return fmt.Errorf("there is no table %s", table)
	}
	row := schema.NewRow(t)
	for name, v := range values {
		if err := set(&row, name, v); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
	}
	s, err := d.source(ctx, text(values, "_SourceName"), text(values, "_Site"))
	if err != nil {
		return err
	}
	b := &store.Batch{Source: s, From: s.Ordinal, Records: []store.Record{{Ordinal: s.Ordinal, Kind: text(values, "_SourceKind"), Rows: []schema.Row{row}}}}
	s.Ordinal++
	return d.Append(ctx, b)
}

// source is the source that rows of that name and site come from.
func (d *DB) source(ctx context.Context, name, site string) (*store.Source, error) {
	key := name + "\x00" + site
	if s, ok := d.sources[key]; ok {
		return s, nil
	}
	s := &store.Source{Name: name, Site: site}
	if err := d.CreateSource(ctx, s); err != nil {
		return nil, err
	}
	d.sources[key] = s
	return s, nil
}

func text(values map[string]any, name string) string {
	s, _ := values[name].(string)
	return s
}

// set sets a cell, unless its column is one that the source or the record gives.
func set(row *schema.Row, name string, value any) error {
	c, ok := row.Table.Column(name)
	switch {
	case !ok:
		return fmt.Errorf("there is no column %s", name)
	case name == "_SourceKind" || name == "_SourceName" || name == "_Site":
		return nil
	}
	switch v := value.(type) {
	case string:
		row.SetString(name, v)
	case bool:
		row.SetBool(name, v)
	case float64:
		row.SetReal(name, v)
	case int64:
		switch c.Type {
		case schema.DateTime, schema.TimeSpan:
			row.SetTime(name, schema.Ticks(v))
		case schema.Real:
			row.SetReal(name, float64(v))
		default:
			row.SetInt(name, v)
		}
	default:
		return fmt.Errorf("column %s: a %T cannot be stored", name, value)
	}
	return nil
}

// Merge says that two devices are one.
func (d *DB) Merge(ctx context.Context, from, to string) error {
	return d.PutAliases(ctx, []store.DeviceAlias{{From: from, To: to}})
}
