package plan

import (
	"cmp"
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/syntax"
)

// What one statement may hold of a union at the top of a plan. Planning cannot be
// cancelled and takes DuckDB about a millisecond for a table with its columns.
const (
	splitParts = 16
	splitCells = 2000 // inputs times columns of the result
)

// Split takes a plan apart whose top is a wide union into the plans of its inputs, one
// or none for each; the result is their rows one after the other, and no more than most
// of them when that is not negative.
//
//	union *                    →  A; B; C …
//	search "x" | extend y = z  →  A | where … | extend y = z; B | where … | extend …
//	union * | take 10          →  A | take 10; B | take 10 …, and no more than 10
//
// Each plan gives only the columns that its table has; the others are null in its rows,
// which no engine need carry. It misses unions below anything that looks at more than
// one row at a time.
func Split(p *Plan) (plans []*Plan, most int64) {
	n, most := p.Root, int64(-1)
	var limit *Limit
	if l, ok := n.(*Limit); ok && !l.Random {
		if c, ok := l.N.(*bind.Const); ok {
			if rows, ok := c.Value.(int64); ok {
				limit, n, most = l, l.In, max(rows, 0)
			}
		}
	}
	branches := spread(n)
	if !wide(p, len(branches)) {
		return []*Plan{p}, -1
	}
	place := make(map[*bind.Column]int, len(p.Output))
	for _, o := range p.Output {
		place[o.Col] = o.At
	}
	for _, b := range branches {
		root := b.node
		if limit != nil {
			root = &Limit{In: root, N: limit.N}
		}
		plans = append(plans, &Plan{Root: root, Shared: p.Shared, Inner: p.Inner, Output: b.output(place)})
	}
	return plans, most
}

// wide reports whether a union of so many inputs is to be taken apart. One that several
// inputs of which read a shared part is not: that would be computed for each.
func wide(p *Plan, branches int) bool {
	if len(p.Shared) > 0 || len(p.Inner) > 0 {
		return branches > 16*splitParts
	}
	return branches > splitParts || branches > 1 && branches*len(p.Output) > splitCells
}

// branch is one input of a union with all that is done to its rows.
type branch struct {
	node Node
	// has are the columns that it gives, each as itself; the others that the union has
	// are null. nil: it gives all.
	has map[*bind.Column]bind.Expr
}

// spread lists the inputs of the unions at the top of a node, n itself when there is
// none.
func spread(n Node) []branch {
	var out []branch
	switch n := n.(type) { //nolint:gochecksumtype // the others are inputs
	case *Union:
		for _, p := range n.Parts {
			out = append(out, project(spread(p.In), p.Items)...)
		}
		return out
	case *Project:
		return project(spread(n.In), n.Items)
	case *Filter:
		conds := make([]*condition, len(n.Conds))
		for i, c := range n.Conds {
			conds[i] = takeApart(c)
		}
		for _, b := range spread(n.In) {
			out = append(out, branch{b.filtered(conds), b.has})
		}
		return out
	default:
		return []branch{{node: n}}
	}
}

// project computes items in each branch. Items that only pass a column on, nearly all of
// thousands, are looked at where a branch has the column.
func project(branches []branch, items []bind.Item) []branch {
	passed := map[*bind.Column][]bind.Item{}
	var computed []bind.Item
	for _, it := range items {
		if r, ok := it.X.(*bind.Ref); ok {
			passed[r.Col] = append(passed[r.Col], it)
		} else {
			computed = append(computed, it)
		}
	}
	out := make([]branch, len(branches))
	for i, b := range branches {
		p, has := &Project{In: b.node}, map[*bind.Column]bind.Expr{}
		for _, c := range b.node.Columns() {
			p.Items = append(p.Items, passed[c]...)
		}
		for _, it := range computed {
			p.Items = append(p.Items, bind.Item{Col: it.Col, X: b.known(it.X)})
		}
		for _, it := range p.Items {
			has[it.Col] = bind.NewRef(it.Col, syntax.Span{})
		}
		out[i] = branch{p, has}
	}
	return out
}

func (b *branch) filtered(conds []*condition) Node {
	f := &Filter{In: b.node}
	for _, c := range conds {
		if b.has == nil {
			f.Conds = append(f.Conds, c.whole)
		} else {
			f.Conds = append(f.Conds, c.over(b.has))
		}
	}
	return f
}

// known is an expression, folded, with nulls for the columns that the branch does not give.
func (b *branch) known(x bind.Expr) bind.Expr {
	if b.has == nil {
		return x
	}
	return known(x, b.has)
}

// output is what a branch gives of the result's columns, in their order.
func (b *branch) output(place map[*bind.Column]int) []Output {
	var out []Output
	for _, c := range b.node.Columns() {
		if at, ok := place[c]; ok {
			out = append(out, Output{Col: c, At: at})
		}
	}
	slices.SortFunc(out, func(a, b Output) int { return cmp.Compare(a.At, b.At) })
	return out
}

// Empty reports whether a plan can have no row.
func (p *Plan) Empty() bool { return empty(p.Root) }

// NestedUnions reports whether a union stands below another in a plan, a table that is
// read in stretches being one.
func NestedUnions(p *Plan) bool {
	nested := unionDepth(p.Root) > 1
	for _, s := range p.Shared {
		nested = nested || unionDepth(s.In) > 1
	}
	return nested
}

func unionDepth(n Node) int {
	depth := 0
	for _, in := range inputs(n) {
		depth = max(depth, unionDepth(in))
	}
	switch n := n.(type) { //nolint:gochecksumtype // the others are written without one
	case *Union:
		depth++
	case *Scan:
		if n.Apart() != nil {
			depth++
		}
	}
	return depth
}
