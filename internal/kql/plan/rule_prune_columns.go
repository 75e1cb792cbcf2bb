package plan

import (
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/syntax"
)

// pruneColumns takes out what no one reads.
//
//	DeviceEvents | extend x = … | summarize count() by DeviceName
//
// reads DeviceName alone. Constants in the result's columns are filled in behind the
// engine: a union of many tables has thousands of columns that no input has.
func pruneColumns(p *Plan) {
	pr := &pruner{need: map[*bind.Column]bool{}}
	known := constants(p.Root)
	for i := range p.Output {
		o := &p.Output[i]
		if o.Const != nil {
			continue
		}
		if o.Const = known(o.Col); o.Const == nil {
			pr.need[o.Col] = true
		}
	}
	pr.node(p.Root)
	for _, n := range p.Inner {
		pr.all(n.Columns())
		pr.node(n)
	}
	// Shared parts may read one another, later ones the earlier.
	for _, v := range slices.Backward(p.Shared) {
		pr.node(v.In)
	}
}

// constants tells which columns of a node have the same known value in every row, nil
// for the others.
func constants(n Node) func(*bind.Column) *bind.Const {
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Project:
		return constantItems(n)
	case *Filter:
		return constants(n.In)
	case *Sort:
		return constants(n.In)
	case *Limit:
		return constants(n.In)
	case *Union:
		return nullsOfAll(n)
	}
	return func(*bind.Column) *bind.Const { return nil }
}

func constantItems(p *Project) func(*bind.Column) *bind.Const {
	in, by := constants(p.In), make(map[*bind.Column]bind.Expr, len(p.Items))
	for _, it := range p.Items {
		by[it.Col] = it.X
	}
	return func(c *bind.Column) *bind.Const {
		switch x := by[c].(type) { //nolint:gochecksumtype // the others need nothing here
		case *bind.Const:
			return x
		case *bind.Ref:
			return in(x.Col)
		}
		return nil
	}
}

// nullsOfAll knows the columns that are null in all inputs of a union.
func nullsOfAll(u *Union) func(*bind.Column) *bind.Const {
	filled := map[*bind.Column]bool{}
	for _, p := range u.Parts {
		for _, it := range p.Items {
			if v, ok := it.X.(*bind.Const); !ok || v.Value != nil && v.Value != "" {
				filled[it.Col] = true
			}
		}
	}
	return func(c *bind.Column) *bind.Const {
		if filled[c] {
			return nil
		}
		return bind.NewConst(c.Type, nil, syntax.Span{})
	}
}

type pruner struct {
	need map[*bind.Column]bool
}

func (pr *pruner) all(cols []*bind.Column) {
	for _, c := range cols {
		pr.need[c] = true
	}
}

func (pr *pruner) expr(x bind.Expr) {
	if x != nil {
		Refs(x, func(c *bind.Column) { pr.need[c] = true })
	}
}

func (pr *pruner) items(items []bind.Item) []bind.Item {
	var kept []bind.Item
	for _, it := range items {
		if pr.need[it.Col] {
			kept = append(kept, it)
			pr.expr(it.X)
		}
	}
	return kept
}

func (pr *pruner) aggregates(aggs []bind.Aggregate) []bind.Aggregate {
	var kept []bind.Aggregate
	for _, a := range aggs {
		if pr.need[a.Col] {
			kept = append(kept, a)
			for _, x := range a.Args {
				pr.expr(x)
			}
		}
	}
	return kept
}

func (pr *pruner) keys(keys []bind.SortKey) {
	for _, k := range keys {
		pr.expr(k.X)
	}
}

// node prunes n, all of whose readers have said what they need, and what is below it.
func (pr *pruner) node(n Node) {
	switch n := n.(type) {
	case *Scan:
		pr.scan(n)
	case *Values:
		pr.values(n)
	case *Range:
	case *Filter:
		for _, c := range n.Conds {
			pr.expr(c)
		}
	case *Project:
		n.Items = pr.items(n.Items)
	case *Aggregate:
		for _, k := range n.Keys {
			pr.expr(k.X)
		}
		n.Aggs = pr.aggregates(n.Aggs)
		pr.keys(n.Order)
	case *First:
		for _, k := range n.Keys {
			pr.expr(k)
		}
	case *Sort:
		pr.keys(n.Keys)
	case *Limit:
		pr.expr(n.N)
	case *Join:
		pr.join(n)
	case *Walk:
		pr.walk(n)
	case *Union:
		pr.union(n)
	case *Expand:
		for _, it := range n.Items {
			pr.expr(it.X)
		}
		pr.expr(n.Limit)
		n.Cols = pr.kept(n.Cols, func(c *bind.Column) bool { return expanded(n, c) })
	case *Window:
		n.Items = pr.items(n.Items)
		if len(n.Items) == 0 {
			break
		}
		pr.keys(n.Order)
		for _, x := range n.By {
			pr.expr(x)
		}
	case *Ref:
		pr.ref(n)
	case *Input:
		pr.input(n)
	case *Apply:
		for _, in := range n.Ins {
			pr.all(in.Columns())
		}
	case *Outside:
	case *Series:
		for _, k := range n.Keys {
			pr.expr(k.X)
		}
		for _, a := range n.Aggs {
			for _, x := range a.Args {
				pr.expr(x)
			}
		}
		pr.expr(n.On)
	}
	for _, in := range inputs(n) {
		pr.node(in)
	}
}

func expanded(e *Expand, c *bind.Column) bool {
	for _, it := range e.Items {
		if it.Col == c {
			return true
		}
	}
	return false
}

func (pr *pruner) kept(cols []*bind.Column, always func(*bind.Column) bool) []*bind.Column {
	var out []*bind.Column
	for _, c := range cols {
		if pr.need[c] || always(c) {
			out = append(out, c)
		}
	}
	return out
}

func (pr *pruner) scan(n *Scan) {
	var kept []bind.Scan
	for _, s := range n.Scans {
		if pr.need[s.Col] {
			kept = append(kept, s)
		}
	}
	n.Scans = kept
}

func (pr *pruner) values(n *Values) {
	var cols []*bind.Column
	rows := make([][]bind.Expr, len(n.Rows))
	for j, c := range n.Cols {
		if !pr.need[c] {
			continue
		}
		cols = append(cols, c)
		for i := range rows {
			rows[i] = append(rows[i], n.Rows[i][j])
		}
	}
	n.Cols, n.Rows = cols, rows
}

func (pr *pruner) join(n *Join) {
	for _, m := range n.On {
		pr.expr(m.Left)
		pr.expr(m.Right)
	}
	n.Cols = pr.kept(n.Cols, func(*bind.Column) bool { return false })
}

func (pr *pruner) union(n *Union) {
	n.Cols = pr.kept(n.Cols, func(*bind.Column) bool { return false })
	for i := range n.Parts {
		n.Parts[i].Items = pr.items(n.Parts[i].Items)
	}
}

func (pr *pruner) input(n *Input) {
	var from []int
	var cols []*bind.Column
	for i, c := range n.Cols {
		if pr.need[c] {
			from, cols = append(from, n.From[i]), append(cols, c)
		}
	}
	n.From, n.Cols = from, cols
}

func (pr *pruner) ref(n *Ref) {
	var from, cols []*bind.Column
	for i, c := range n.Cols {
		if pr.need[c] {
			from, cols = append(from, n.From[i]), append(cols, c)
			pr.need[n.From[i]] = true
		}
	}
	n.From, n.Cols = from, cols
}
