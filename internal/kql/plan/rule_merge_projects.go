package plan

import (
	"slices"

	"spoor/internal/kql/bind"
)

// mergeProjects makes one projection of two that stand above one another, where that
// puts no expression inside of another: an engine binds every column of each anew.
//
//	T | extend x = f(a) | extend y = g(b) | project x, y  →  T | project x = f(a), y = g(b)
//	T | extend x = f(a) | extend y = g(x)                 →  the same
//
// It goes into the inputs of unions likewise.
func mergeProjects(n Node) Node {
	in := inputs(n)
	for i := range in {
		in[i] = mergeProjects(in[i])
	}
	setInputs(n, in)
	switch n := n.(type) { //nolint:gochecksumtype // the others compute no columns
	case *Project:
		if below, ok := n.In.(*Project); ok {
			if items, ok := merged(n.Items, below.Items); ok {
				return &Project{below.In, items}
			}
		}
	case *Union:
		for i := range n.Parts {
			p := &n.Parts[i]
			if below, ok := p.In.(*Project); ok {
				if items, ok := merged(p.Items, below.Items); ok {
					p.In, p.Items = below.In, items
				}
			}
		}
	}
	return n
}

// passOutput takes a projection off the top that only orders or renames columns: the
// result has an order and names of its own.
func passOutput(p *Plan) {
	for {
		top, ok := p.Root.(*Project)
		if !ok || slices.ContainsFunc(top.Items, func(it bind.Item) bool { _, ref := it.X.(*bind.Ref); return !ref }) {
			return
		}
		by := make(map[*bind.Column]*bind.Column, len(top.Items))
		for _, it := range top.Items {
			by[it.Col] = it.X.(*bind.Ref).Col
		}
		for i := range p.Output {
			if o := &p.Output[i]; o.Const == nil {
				o.Col = by[o.Col]
			}
		}
		p.Root = top.In
	}
}

// merged are the items of the upper of two projections over the input of the lower.
// Where an expression is computed below, it must be passed on as it is, and once.
func merged(upper, lower []bind.Item) ([]bind.Item, bool) {
	by := make(map[*bind.Column]bind.Expr, len(lower))
	for _, it := range lower {
		by[it.Col] = it.X
	}
	passed := map[*bind.Column]bool{}
	items := make([]bind.Item, len(upper))
	for i, it := range upper {
		if ref, ok := it.X.(*bind.Ref); ok {
			x, known := by[ref.Col]
			if !known || !cheapest(x) && passed[ref.Col] {
				return nil, false
			}
			passed[ref.Col] = true
			items[i] = bind.Item{Col: it.Col, X: x}
			continue
		}
		ok := true
		Refs(it.X, func(c *bind.Column) { ok = ok && by[c] != nil && cheapest(by[c]) })
		if !ok {
			return nil, false
		}
		items[i] = bind.Item{Col: it.Col, X: substitute(it.X, lower)}
	}
	return items, true
}

// cheapest tells a column that is passed on and a constant.
func cheapest(x bind.Expr) bool {
	switch x.(type) { //nolint:gochecksumtype // the others are computed
	case *bind.Ref, *bind.Const:
		return true
	}
	return false
}
