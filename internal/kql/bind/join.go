package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// joinKinds maps the spellings of join kinds to the canonical ones.
var joinKinds = map[string]string{
	"": "innerunique", "innerunique": "innerunique", "inner": "inner", "leftouter": "leftouter", "rightouter": "rightouter",
	"fullouter": "fullouter", "leftsemi": "leftsemi", "rightsemi": "rightsemi", "leftanti": "leftanti", "rightanti": "rightanti",
	"anti": "leftanti", "leftantisemi": "leftanti", "rightantisemi": "rightanti", "semi": "leftsemi",
}

// join binds join and lookup. Left-hand columns keep their names; right-hand ones that
// are taken get a number.
func (b *binder) join(in Rel, op *syntax.Join) Rel {
	kind, ok := joinKinds[op.Params.Word("kind")]
	if op.Word() == "lookup" && op.Params.Word("kind") == "" {
		kind = "leftouter"
	}
	if !ok || op.Word() == "lookup" && kind != "leftouter" && kind != "inner" {
		b.fail(op.Params.Find("kind").Span(), "SEM0050", fmt.Sprintf("There is no %s of kind '%s'", op.Word(), op.Params.Word("kind")))
	}
	var right Rel
	b.in(nil, func() { right = b.rel(op.Right) })
	j := &Join{Kind: kind, Left: in, Right: right}
	if len(op.On) == 0 {
		b.fail(op.Span(), "SEM0051", fmt.Sprintf("%s needs the columns to match, after 'on'", op.Word()))
	}
	b.left, b.right, b.inJoin = in.Columns(), right.Columns(), true
	b.open = isOpen(in) || isOpen(right)
	defer func() { b.left, b.right, b.inJoin = nil, nil, false }()
	for _, x := range op.On {
		b.match(j, x)
	}
	b.joinColumns(j, op.Word() == "lookup")
	return j
}

// match binds one condition: a column of both sides, or $left.a == $right.b.
func (b *binder) match(j *Join, x syntax.Expr) {
	x = syntax.Unparen(x)
	if n, ok := x.(*syntax.Name); ok {
		l, r := find(b.left, n.Text), find(b.right, n.Text)
		if l != nil && r == nil && isOpen(j.Right) {
			j.On = append(j.On, Match{NewRef(l, n.Span()), NewConst(l.Type, nil, n.Span())})
			return
		}
		for _, side := range []struct {
			col  *Column
			cols []*Column
			name string
		}{{l, b.left, "left"}, {r, b.right, "right"}} {
			if side.col == nil {
				b.fail(n.Span(), "SEM0100", fmt.Sprintf("The %s side of the join has no column '%s'%s", side.name, n.Text, syntax.Suggest(n.Text, columnNames(side.cols))))
			}
		}
		j.On = append(j.On, b.matched(NewRef(l, n.Span()), NewRef(r, n.Span()), n.Span()))
		return
	}
	e, ok := x.(*syntax.Binary)
	if ok && e.Op == "and" {
		b.match(j, e.X)
		b.match(j, e.Y)
		return
	}
	if !ok || e.Op != "==" {
		b.fail(x.Span(), "SEM0052", "A join's condition is the name of a column or $left.a == $right.b")
	}
	l, r := b.expr(e.X), b.expr(e.Y)
	ls, rs := side(b, l), side(b, r)
	if ls > rs {
		l, r, ls, rs = r, l, rs, ls
	}
	if (ls != leftSide || rs != rightSide) && !b.open {
		b.fail(x.Span(), "SEM0052", "A join's condition compares a column of the left side with one of the right")
	}
	j.On = append(j.On, b.matched(l, r, x.Span()))
}

func columnNames(cols []*Column) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.Name)
	}
	return out
}

const (
	noSide = iota
	leftSide
	rightSide
)

func side(b *binder, x Expr) int {
	s := noSide
	Rewrite(x, func(e Expr) Expr {
		if r, ok := e.(*Ref); ok {
			if slices.Contains(b.left, r.Col) {
				s = max(s, leftSide)
			} else {
				s = rightSide
			}
		}
		return e
	})
	return s
}

// matched makes both sides of a condition one type.
func (b *binder) matched(l, r Expr, span syntax.Span) Match {
	lt, rt := l.Type(), r.Type()
	switch {
	case lt == rt || lt == schema.Unknown || rt == schema.Unknown:
	case isNumber(lt) && isNumber(rt):
		t := widest(lt, rt)
		l, r = b.convert(l, t), b.convert(r, t)
	case lt == schema.Dynamic:
		l = b.convert(l, rt)
	case rt == schema.Dynamic:
		r = b.convert(r, lt)
	default:
		b.fail(span, "SEM0053", fmt.Sprintf("The join compares a %s with a %s; convert one of them first", lt, rt))
	}
	return Match{l, r}
}

// joinColumns lists the result's columns. lookup leaves out the right side's keys.
func (b *binder) joinColumns(j *Join, lookup bool) {
	left, right := j.Left.Columns(), visible(j.Right.Columns())
	switch j.Kind {
	case "leftsemi", "leftanti":
		j.Cols = left
		return
	case "rightsemi", "rightanti":
		j.Cols = right
		return
	}
	left = slices.DeleteFunc(slices.Clone(left), func(c *Column) bool { return c.Local && find(right, c.Name) != nil })
	taken := newNames(left)
	for _, c := range right {
		if !taken.taken[c.Name] {
			taken.taken[c.Name] = true
		}
	}
	used := newNames(left)
	j.Cols = append(j.Cols, left...)
	for _, c := range right {
		if lookup && isMatchKey(j, c) {
			continue
		}
		if used.taken[c.Name] {
			c.Name = taken.unique(c.Name)
		} else {
			used.taken[c.Name] = true
		}
		j.Cols = append(j.Cols, c)
	}
	if j.Kind == "leftouter" || j.Kind == "fullouter" {
		nullable(right)
	}
	if j.Kind == "rightouter" || j.Kind == "fullouter" {
		nullable(left)
	}
}

func isMatchKey(j *Join, c *Column) bool {
	return slices.ContainsFunc(j.On, func(m Match) bool {
		r, ok := m.Right.(*Ref)
		return ok && r.Col == c
	})
}

// nullable marks columns that an outer join fills with nulls; strings become empty.
func nullable(cols []*Column) {
	for _, c := range cols {
		c.Nullable = c.Type != schema.String
	}
}
