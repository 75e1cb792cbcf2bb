package vector

import (
	"context"
	"fmt"
)

// Grouped runs an operator over each group of rows apart. The first column of the input
// tells the groups apart, the first Own have one value in each group and stand before the
// columns that the operator gives; it is given the columns behind them.
type Grouped struct {
	Operator
	Own int
}

// Run computes the groups in the order of their first rows.
func (g *Grouped) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	type group struct {
		own  []any
		rows [][]any
	}
	var order []*group
	groups := map[any]*group{}
	for _, row := range inputs[0] {
		of := groups[row[0]]
		if of == nil {
			of = &group{own: row[:g.Own:g.Own]}
			groups[row[0]] = of
			order = append(order, of)
		}
		of.rows = append(of.rows, row[g.Own:])
	}
	var out [][]any
	for _, of := range order {
		rows, err := g.Operator.Run(ctx, [][][]any{of.rows})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			out = append(out, append(of.own, row...))
		}
	}
	return out, nil
}

// String names the operator.
func (g *Grouped) String() string { return fmt.Sprintf("%s of each group", g.Operator) }
