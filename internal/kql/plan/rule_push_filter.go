package plan

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
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

// condition is a condition taken apart where it says and, or and not, so that it is
// quickly told for an input that has few of its columns: of the thousands that * stands
// for, a table has some dozen.
type condition struct {
	whole bind.Expr
	op    string // and, or, not; none: it is not taken apart
	sides []*condition
	by    map[*bind.Column][]int // the sides that read a column
	// missing is the condition where all its columns are null. Sides that are the same
	// then are told once for all of which an input has no column.
	missing bind.Expr
	forms   []form
	formOf  []int // by side
}

// form is what some sides of a condition are where their columns are null.
type form struct {
	x     bind.Expr
	sides int
}

func takeApart(c bind.Expr) *condition {
	d := &condition{whole: c}
	call, ok := c.(*bind.Call)
	switch {
	case ok && (call.Op == "and" || call.Op == "or"):
		d.op = call.Op
		forms := map[string]int{}
		d.by = map[*bind.Column][]int{}
		for i, side := range call.Chain() {
			s := takeApart(side)
			d.sides = append(d.sides, s)
			Refs(side, func(col *bind.Column) { d.by[col] = append(d.by[col], i) })
			text, known := textOf(s.missing)
			at, ok := forms[text]
			if !ok || !known {
				at = len(d.forms)
				forms[text], d.forms = at, append(d.forms, form{x: s.missing})
			}
			d.forms[at].sides++
			d.formOf = append(d.formOf, at)
		}
		d.missing = d.over(nil)
	case ok && call.Op == "not":
		d.op, d.sides = call.Op, []*condition{takeApart(call.Args[0])}
		d.missing = d.over(nil)
	default:
		d.missing = known(c, nil)
	}
	return d
}

// textOf is the same for the same calls of the same constants, types included; false when
// there is more in an expression.
func textOf(x bind.Expr) (string, bool) {
	switch x := x.(type) { //nolint:gochecksumtype // what else there is depends on more
	case *bind.Const:
		return fmt.Sprintf("%d:%#v", x.Type(), x.Value), true
	case *bind.Call:
		var b strings.Builder
		fmt.Fprintf(&b, "%d:%s(", x.Type(), x.Op)
		for _, a := range x.Args {
			text, ok := textOf(a)
			if !ok {
				return "", false
			}
			b.WriteString(text + ",")
		}
		return b.String() + ")", true
	}
	return "", false
}

// over is the condition, folded, where its columns are computed by items; those that are
// not among them are null.
func (d *condition) over(items map[*bind.Column]bind.Expr) bind.Expr {
	switch d.op {
	case "":
		return known(d.whole, items)
	case "not":
		return fold(bind.NewCall("not", schema.Bool, d.whole.Span(), d.sides[0].over(items)))
	}
	var read []int
	for c := range items {
		read = append(read, d.by[c]...)
	}
	slices.Sort(read)
	read = slices.Compact(read)
	unread := make([]int, len(d.forms))
	for i, f := range d.forms {
		unread[i] = f.sides
	}
	var out bind.Expr = bind.NewConst(schema.Bool, d.op == "and", d.whole.Span())
	join := func(x bind.Expr) { out = fold(bind.NewCall(d.op, schema.Bool, d.whole.Span(), out, x)) }
	for _, i := range read {
		unread[d.formOf[i]]--
		join(d.sides[i].over(items))
	}
	for i, n := range unread {
		if n > 0 {
			join(d.forms[i].x)
		}
	}
	return out
}

// known is a condition, folded, where its columns are computed by items; those that are
// not among them are null.
func known(c bind.Expr, items map[*bind.Column]bind.Expr) bind.Expr {
	return bind.Rewrite(c, func(e bind.Expr) bind.Expr {
		r, ok := e.(*bind.Ref)
		if !ok {
			return fold(e)
		}
		if x, ok := items[r.Col]; ok {
			return x
		}
		return bind.NewConst(r.Col.Type, nil, r.Span())
	})
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
