package plan

import (
	"fmt"
	"slices"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

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
