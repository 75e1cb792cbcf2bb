package query

// Fixed is a result of rows at hand, for answers that come from no event table (what
// management commands of foreign protocols ask). The values of a row are as Result.Row
// says.
func Fixed(columns []Column, rows [][]any) *Result {
	return &Result{Columns: columns, rows: &fixedRows{rows: rows, at: -1}}
}

type fixedRows struct {
	rows [][]any
	at   int
}

func (f *fixedRows) next() bool {
	if f.at < len(f.rows) {
		f.at++
	}
	return f.at < len(f.rows)
}

func (f *fixedRows) row() []any        { return f.rows[f.at] }
func (f *fixedRows) err() error        { return nil }
func (f *fixedRows) truncated() string { return "" }
func (f *fixedRows) stats() Stats      { return Stats{Rows: int64(len(f.rows))} }
func (f *fixedRows) close() error      { return nil }
