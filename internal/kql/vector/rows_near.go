package vector

import (
	"context"
	"slices"
)

// RowsNear keeps the rows near those whose last column is true, and leaves that column
// out.
type RowsNear struct {
	Before, After int64
}

// String names the operator.
func (*RowsNear) String() string { return "rows_near" }

// Run keeps the rows.
func (r *RowsNear) Run(_ context.Context, inputs [][][]any) ([][]any, error) {
	rows := inputs[0]
	n := int64(len(rows))
	kept := make([]bool, n)
	for i, row := range rows {
		if row[len(row)-1] != true {
			continue
		}
		at := int64(i)
		for k := max(0, at-min(r.Before, at)); k <= at+min(r.After, n-1-at); k++ {
			kept[k] = true
		}
	}
	out := [][]any{}
	for i, row := range rows {
		if kept[i] {
			out = append(out, slices.Clip(row[:len(row)-1]))
		}
	}
	return out, nil
}
