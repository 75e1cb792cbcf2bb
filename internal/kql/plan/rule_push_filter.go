package plan

import (
	"slices"

	"spoor/internal/kql/bind"
)

// pushFilters moves conditions towards the scans.
//
//	T | extend y = x | where y > 1   →  T | where x > 1 | extend y = x
//	(union A, B) | where x > 1       →  union (A | where x > 1), (B | where x > 1)
//	L | join R on k | where l > 1    →  (L | where l > 1) | join R on k
//
// A condition stays where it is above what it depends on being computed first (limits,
// windows, aggregates, taken-apart values), above what is costly to compute twice, and
// on the outer side of an outer join.
func pushFilters(n Node) Node {
	if f, ok := n.(*Filter); ok {
		in := f.In
		var rest []bind.Expr
		for _, c := range f.Conds {
			if pushed, ok := push(in, c); ok {
				in = pushed
			} else {
				rest = append(rest, c)
			}
		}
		in = pushFilters(in)
		if len(rest) == 0 {
			return in
		}
		if below, ok := in.(*Filter); ok {
			return &Filter{below.In, append(slices.Clip(below.Conds), rest...)}
		}
		return &Filter{in, rest}
	}
	in := inputs(n)
	for i := range in {
		in[i] = pushFilters(in[i])
	}
	setInputs(n, in)
	return n
}

// push puts a condition below n, if it can.
func push(n Node, c bind.Expr) (Node, bool) {
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Filter:
		if in, ok := push(n.In, c); ok {
			return &Filter{in, n.Conds}, true
		}
		return &Filter{n.In, append(slices.Clip(n.Conds), c)}, true
	case *Sort:
		return &Sort{filtered(n.In, c), n.Keys}, true
	case *Project:
		if !cheap(c, n.Items) {
			return nil, false
		}
		return &Project{filtered(n.In, bind.Rewrite(substitute(c, n.Items), fold)), n.Items}, true
	case *Union:
		return pushUnion(n, c), true
	case *Join:
		return pushJoin(n, c)
	case *Walk:
		return pushWalk(n, c)
	default:
		return nil, false
	}
}

// pushUnion puts a condition below each input of a union, with what is known of it there.
func pushUnion(n *Union, c bind.Expr) Node {
	cond := takeApart(c)
	u := &Union{Cols: n.Cols}
	for _, p := range n.Parts {
		items := make(map[*bind.Column]bind.Expr, len(p.Items))
		for _, it := range p.Items {
			items[it.Col] = it.X
		}
		u.Parts = append(u.Parts, Part{filtered(p.In, cond.over(items)), p.Items})
	}
	return foldUnion(u)
}

func filtered(in Node, c bind.Expr) Node {
	switch truth(c) {
	case alwaysTrue:
		return in
	case neverTrue:
		return &Values{Cols: in.Columns()}
	case unknownTruth:
	}
	if pushed, ok := push(in, c); ok {
		return pushed
	}
	return &Filter{in, []bind.Expr{c}}
}

func pushJoin(j *Join, c bind.Expr) (Node, bool) {
	left, right := columnSet(j.Left), columnSet(j.Right)
	n := *j
	switch {
	case usesOnly(c, left) && (j.Kind == Inner || j.Kind == LeftOuter || j.Kind == LeftSemi || j.Kind == LeftAnti):
		if _, unique := j.Left.(*First); unique {
			return nil, false // which row is kept must not depend on the condition
		}
		n.Left = filtered(j.Left, c)
		return &n, true
	case usesOnly(c, right) && (j.Kind == Inner || j.Kind == RightOuter):
		n.Right = filtered(j.Right, c)
		return &n, true
	}
	return nil, false
}

func columnSet(n Node) map[*bind.Column]bool {
	set := map[*bind.Column]bool{}
	for _, c := range n.Columns() {
		set[c] = true
	}
	return set
}

// cheap reports whether the columns a condition uses cost nothing to compute again:
// they are passed on, constants, or conversions of such.
func cheap(c bind.Expr, items []bind.Item) bool {
	by := map[*bind.Column]bind.Expr{}
	for _, it := range items {
		by[it.Col] = it.X
	}
	ok := true
	Refs(c, func(col *bind.Column) {
		if x, computed := by[col]; computed {
			ok = ok && cheapest(x)
		}
	})
	return ok
}
