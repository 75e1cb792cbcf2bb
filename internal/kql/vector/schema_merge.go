package vector

import (
	"cmp"
	"context"
	"slices"

	"spoor/internal/schema"
)

// SchemaMerge makes one schema of several, in the form that getschema gives: rows of a
// column's name, its ordinal, its .NET type and its type.
type SchemaMerge struct {
	// PreserveOrder: a column that stands elsewhere than where it stood first is an error.
	PreserveOrder bool
	// DotNet are the .NET types by type.
	DotNet map[string]string
}

// String names the operator.
func (*SchemaMerge) String() string { return "schema_merge" }

// mergedColumn is a column of the merged schema.
type mergedColumn struct {
	name, typ    string
	first, last  int64 // its ordinals: where it stood first, and furthest behind
	order, types bool  // what is wrong with it
}

// Run merges the schemas. An error about a column is in the column's place.
func (m *SchemaMerge) Run(_ context.Context, inputs [][][]any) ([][]any, error) {
	var cols []*mergedColumn
	by := map[string]*mergedColumn{}
	for _, row := range inputs[0] {
		name, at, typ := text(row, 0), int64(0), text(row, 3)
		at, _ = number(row, 1)
		c := by[name]
		if c == nil {
			c = &mergedColumn{name: name, typ: typ, first: at, last: at}
			by[name] = c
			cols = append(cols, c)
			continue
		}
		c.order = c.order || at != c.first
		c.last = max(c.last, at)
		common, bad := commonType(c.typ, typ)
		c.typ, c.types = common, c.types || bad
	}
	return m.rows(cols), nil
}

// commonType is the type that holds the values of both; bad: there is none.
func commonType(a, b string) (t string, bad bool) {
	if a == b {
		return a, false
	}
	for _, t := range []string{schema.Long.String(), schema.Real.String()} {
		if widens(a, t) && widens(b, t) {
			return t, false
		}
	}
	return a, true
}

func widens(from, to string) bool {
	return from == to || from == schema.Int.String() || from == schema.Long.String() && to == schema.Real.String()
}

func (m *SchemaMerge) rows(cols []*mergedColumn) [][]any {
	slices.SortStableFunc(cols, func(a, b *mergedColumn) int { return cmp.Compare(a.last, b.last) })
	out := [][]any{}
	var wrong [][]any
	for _, c := range cols {
		problem := ""
		switch {
		case c.types:
			problem = "ERROR(column types cannot be reduced to one)"
		case m.PreserveOrder && c.order:
			problem = "ERROR(columns are out of order)"
		}
		if problem != "" {
			wrong = append(wrong, []any{c.name, int64(-1), "ERROR(unknown CSL type:" + problem + ")", problem})
			continue
		}
		out = append(out, []any{c.name, int64(len(out)), m.DotNet[c.typ], c.typ})
	}
	return append(out, wrong...)
}
