package query

// Fixed is a result of rows at hand, for answers that come from no event table (what
// management commands of foreign protocols ask). The values of a row are as Result.Row
// says.
func Fixed(columns []Column, rows [][]any) *Result { return FixedUntil(columns, rows, "", nil) }

// FixedUntil is Fixed for a result that ends early: at a limit, which truncated names in
// Kusto's words, or with an error.
func FixedUntil(columns []Column, rows [][]any, truncated string, err error) *Result {
	return &Result{Table: Table{Columns: columns}, rows: &fixedRows{rows: rows, at: -1, limit: truncated, failure: err}}
}

type fixedRows struct {
	rows    [][]any
	at      int
	limit   string
	failure error
}

func (f *fixedRows) next() bool {
	if f.at < len(f.rows) {
		f.at++
	}
	return f.at < len(f.rows)
}

func (f *fixedRows) nextTable() (Table, bool) { return Table{}, false }

func (f *fixedRows) row() []any   { return f.rows[f.at] }
func (f *fixedRows) stats() Stats { return Stats{Rows: int64(len(f.rows))} }
func (f *fixedRows) close() error { return nil }

func (f *fixedRows) err() error {
	if f.at < len(f.rows) {
		return nil
	}
	return f.failure
}

func (f *fixedRows) truncated() string {
	if f.at < len(f.rows) {
		return ""
	}
	return f.limit
}
