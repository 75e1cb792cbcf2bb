package duckdb

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// builder turns a batch into columns, before the writers' lock is taken. It is reused.
type builder struct {
	tables  map[string]*tableColumns
	used    []*tableColumns // by this batch
	pages   *pageWriter
	ledger  []namedColumn
	claims  []namedColumn
	covered map[coverageKey]covered

	sightings []keyedSighting
	held      int // claims
}

func newBuilder() *builder {
	return &builder{
		tables: map[string]*tableColumns{}, pages: newPageWriter(),
		ledger: ledger.newColumns(), claims: claims.newColumns(), covered: map[coverageKey]covered{},
	}
}

// fill takes a batch. Nothing of it is kept after the inserts have run.
func (b *builder) fill(catalog *schema.Catalog, contexts *contexts, batch *store.Batch) error {
	b.reset()
	for i := range batch.Records {
		if err := b.addRecord(catalog, batch, &batch.Records[i]); err != nil {
			return fmt.Errorf("record %d: %w", batch.Records[i].Ordinal, err)
		}
	}
	b.pages.fill(batch)
	var err error
	if b.sightings, err = foldSightings(b.sightings, batch.Sightings, contexts); err != nil {
		return err
	}
	fillLedger(b.ledger, b.sightings)
	b.held = fillClaims(b.claims, batch.Claims)
	return nil
}

// reset empties the builder and lets go of the batch it had.
func (b *builder) reset() {
	clear(b.sightings)
	b.used = b.used[:0]
	clear(b.covered)
	for _, columns := range [][]namedColumn{b.pages.columns, b.ledger, b.claims} {
		for _, c := range columns {
			c.reset()
		}
	}
}

func (b *builder) addRecord(catalog *schema.Catalog, batch *store.Batch, r *store.Record) error {
	raw := schema.NewRawID(batch.Source.ID, r.Ordinal)
	for i := range r.Rows {
		t, err := b.table(catalog, r.Rows[i].Table)
		if err != nil {
			return err
		}
		at, ok := t.add(&r.Rows[i], r, raw)
		if !ok {
			at = batch.IngestedAt
		}
		if i == 0 {
			b.cover(t.layout.table, r.Kind, at)
		}
	}
	return nil
}

// cover counts a record by its primary row. Quarantined ones are of no kind.
func (b *builder) cover(t *schema.Table, kind string, at schema.Ticks) {
	if t.Name == schema.SpoorQuarantine {
		return
	}
	key := coverageKey{kind, t.Name}
	b.covered[key] = b.covered[key].plus(covered{1, at, at})
}

// table is the columns of an event table, emptied when this is their first use in the
// batch.
func (b *builder) table(catalog *schema.Catalog, t *schema.Table) (*tableColumns, error) {
	columns, ok := b.tables[t.Name]
	if !ok || columns.layout.table != t {
		if known, ok := catalog.Table(t.Name); !ok || known != t || t.View {
			return nil, fmt.Errorf("rows of %s cannot be stored: it is no event table of the catalogue", t.Name)
		}
		columns = newTableColumns(newLayout(t))
		b.tables[t.Name] = columns
	}
	if !columns.inUse(b) {
		columns.reset()
		b.used = append(b.used, columns)
	}
	return columns, nil
}

// tableColumns collects the rows of one event table.
type tableColumns struct {
	layout  *layout
	columns []*arrowColumn // as layout.stored
	rows    int
}

func newTableColumns(l *layout) *tableColumns {
	t := &tableColumns{layout: l, columns: make([]*arrowColumn, len(l.stored))}
	for i, c := range l.stored {
		t.columns[i] = &arrowColumn{typ: arrowType(c.Type), nullable: c.Type != schema.String}
	}
	return t
}

// inUse reports whether the batch has a row of the table already.
func (t *tableColumns) inUse(b *builder) bool {
	return slices.Contains(b.used, t)
}

func (t *tableColumns) reset() {
	t.rows = 0
	for _, c := range t.columns {
		c.reset()
	}
}

// add adds a row and returns its event time; ok is false when it has none.
func (t *tableColumns) add(row *schema.Row, r *store.Record, raw schema.RawID) (when schema.Ticks, ok bool) {
	at := t.rows
	t.rows++
	for i := range row.Cells {
		cell := &row.Cells[i]
		stored := t.layout.indexOf[cell.Column]
		if stored < 0 {
			continue
		}
		column := t.columns[stored]
		if column.has(at) {
			continue // the same value under its other name
		}
		if stored == t.layout.time {
			when, ok = schema.Ticks(cell.Value.Int()), true
		}
		switch v := &cell.Value; v.Type {
		case schema.Bool:
			column.setBool(at, v.Int() != 0)
		case schema.Int:
			column.setInt(at, int32(v.Int()))
		case schema.Long, schema.DateTime, schema.TimeSpan, schema.Real:
			column.setWide(at, v.Bits())
		default:
			column.setText(at, v.Str())
		}
	}
	t.columns[t.layout.sourceKind].setText(at, r.Kind)
	t.columns[t.layout.rawID].setWide(at, uint64(raw))
	if r.Outcome != schema.OutcomeNone {
		t.columns[t.layout.outcome].setText(at, r.Outcome.String())
	}
	return when, ok
}

// insert appends the rows. Columns without a value are left to their defaults.
func (t *tableColumns) insert(view string, b *store.Batch) insert {
	l := t.layout
	in := insert{table: l, rows: t.rows, view: view, fills: map[string]bool{}}
	for _, i := range l.hidden() {
		in.fills[l.stored[i].Stored] = true
	}
	var into, from []string
	for i, c := range t.columns {
		if c.n == 0 {
			continue
		}
		c.fill(t.rows)
		name := fmt.Sprintf("c%d", i)
		in.columns = append(in.columns, namedColumn{name, c})
		in.fills[l.stored[i].Stored] = true
		into = append(into, quote(l.stored[i].Stored))
		from = append(from, name)
	}
	for _, constant := range []struct {
		column int
		sql    string
		value  any
	}{
		{l.sourceName, "?::VARCHAR", b.Source.Name},
		{l.site, "?::VARCHAR", b.Source.Site},
		{l.ingestedAt, "?::BIGINT", int64(b.IngestedAt)},
	} {
		into = append(into, quote(l.stored[constant.column].Stored))
		from = append(from, constant.sql)
		in.args = append(in.args, constant.value)
	}
	in.sql = "INSERT INTO " + storedTable(l.table.Name) + " (" + strings.Join(into, ", ") + ") " +
		committedWhole("SELECT "+strings.Join(from, ", ")+" FROM "+incoming+".main."+view, len(from))
	return in
}

// insert is one INSERT … SELECT of a batch.
type insert struct {
	table   *layout   // of an event table; nil for one of ours
	runs    *runTable // of a table with runs; nil for another
	rows    int
	fills   map[string]bool // the columns of the event table that have values
	view    string
	columns []namedColumn
	sql     string
	args    []any
}

// inserts lists what the batch writes. run is the number of its run in the ledger.
func (b *builder) inserts(batch *store.Batch, run int64) []insert {
	var list []insert
	for i, t := range b.used {
		list = append(list, t.insert(fmt.Sprintf("rows%d", i), batch))
	}
	if b.pages.pages > 0 {
		list = append(list, insert{view: "pages", columns: b.pages.columns, sql: pageInsert})
	}
	if len(b.sightings) > 0 {
		list = append(list, insert{runs: ledger, rows: len(b.sightings), view: "sightings", columns: b.ledger, sql: ledger.insertSQL("sightings"), args: []any{run}})
	}
	if b.held > 0 {
		list = append(list, insert{runs: claims, rows: b.held, view: "claims", columns: b.claims, sql: claims.insertSQL("claims"), args: []any{run}})
	}
	return list
}
