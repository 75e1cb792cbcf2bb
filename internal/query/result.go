package query

import (
	"strings"

	"spoor/internal/kql"
	"spoor/internal/kql/syntax"
)

// Result streams the tables of an answer, nearly always one, and their rows. It must be
// closed; it is not safe for concurrent use.
//
//	for more := true; more; more = res.NextTable() {
//		for res.Next() {
//			row := res.Row()
//		}
//	}
//	err := res.Err()
type Result struct {
	// Table is the current table.
	Table
	// Warnings are the compiler's remarks on a query that runs nevertheless.
	Warnings []syntax.Diagnostic

	rows stream
}

// Table describes one table of an answer.
type Table struct {
	// Name is that of a branch of fork; else empty.
	Name string
	// Columns are the table's columns. Names may be empty only where Kusto's are.
	Columns []Column
	// Visualization is what render asked for.
	Visualization Visualization

	parts []kql.Part
}

// Plan says in words what is run, for people.
func (t *Table) Plan() string {
	var b strings.Builder
	for i := range t.parts {
		b.WriteString(t.parts[i].Plan())
	}
	return b.String()
}

// SQL is the statements that are run, in their order, a line each.
func (t *Table) SQL() string {
	return strings.Join(append(t.statements(), ""), "\n")
}

func (t *Table) statements() []string {
	var out []string
	for i := range t.parts {
		for _, s := range t.parts[i].Statements() {
			out = append(out, s.SQL)
		}
	}
	return out
}

// stream is where a result's rows come from.
type stream interface {
	nextTable() (Table, bool)
	next() bool
	row() []any
	err() error
	truncated() string
	stats() Stats
	close() error
}

// NextTable moves to the next table, before its first row. It returns false when there
// is none, and after an error or a limit.
func (r *Result) NextTable() bool {
	t, ok := r.rows.nextTable()
	if ok {
		r.Table = t
	}
	return ok
}

// Next moves to the next row of the table. It returns false at the end, at a limit and on an error.
func (r *Result) Next() bool { return r.rows.next() }

// Row is the current row, a value for each column, valid until the next call of Next.
// By the column's type a value is: bool (Bool), int32 (Int), int64 (Long), float64
// (Real, also NaN and the infinities), string (String, GUID, Decimal),
// schema.Ticks (DateTime, TimeSpan), json.RawMessage (Dynamic), or nil for null. A
// String is never nil.
func (r *Result) Row() []any { return r.rows.row() }

// Err is the error that ended the rows early, a *Error, or nil. A limit reached is no
// error; see Truncated.
func (r *Result) Err() error { return r.rows.err() }

// Truncated says, once Next has returned false, which limit cut the answer short, in
// Kusto's words; "" when it is whole.
func (r *Result) Truncated() string { return r.rows.truncated() }

// Stats are the figures so far; final once Next has returned false.
func (r *Result) Stats() Stats { return r.rows.stats() }

// Close ends the query and frees its place. It may be called more than once.
func (r *Result) Close() error { return r.rows.close() }
