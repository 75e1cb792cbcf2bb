package query

import (
	"spoor/internal/kql"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// tableRows are the rows of a table, of one part after the other.
type tableRows struct {
	x     *execution
	parts []kql.Part // the current one first; its rows are in
	in    store.Rows // nil: the first part has not begun
	nulls []any
	row   []any
	left  int64 // how many rows may still come; negative: any number
	err   error
}

// read begins to read a table.
func (x *execution) read(t *kql.Table) *tableRows {
	r := &tableRows{x: x, parts: t.Parts, left: t.Most, nulls: make([]any, len(t.Columns)), row: make([]any, len(t.Columns))}
	for i, c := range t.Columns {
		if c.Type == schema.String {
			r.nulls[i] = ""
		}
	}
	return r
}

// start runs the first part, if it does not run yet; it tells whether there is one.
func (r *tableRows) start() bool {
	if r.in != nil || len(r.parts) == 0 || r.err != nil {
		return r.in != nil && r.err == nil
	}
	if r.in, r.err = r.x.run(&r.parts[0].Program); r.err != nil {
		return false
	}
	copy(r.row, r.nulls)
	for _, f := range r.parts[0].Fixed {
		r.row[f.At] = f.Value
	}
	return true
}

// Next goes to the next row.
func (r *tableRows) Next() bool {
	for r.left != 0 && r.start() {
		if r.in.Next() {
			for i, v := range r.in.Values() {
				if i < len(r.parts[0].Places) { // a statement has at least one column
					r.row[r.parts[0].Places[i]] = v
				}
			}
			if r.left > 0 {
				r.left--
			}
			return true
		}
		if r.err = r.in.Err(); r.err == nil {
			r.err = r.in.Close()
		}
		if r.err == nil {
			r.in, r.parts = nil, r.parts[1:]
		}
	}
	return false
}

// Values is the current row, valid until the next call of Next.
func (r *tableRows) Values() []any { return r.row }

// Err is the error that ended the rows early.
func (r *tableRows) Err() error { return r.err }

// Close ends the statement that runs. It may be called twice.
func (r *tableRows) Close() error {
	r.parts = nil
	if r.in == nil {
		return nil
	}
	return r.in.Close()
}
