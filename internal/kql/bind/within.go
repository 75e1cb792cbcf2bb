package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// grouping rebinds operations over some rows so that they work on each group of those
// rows apart: what mv-apply does to the elements of a row and partition to the rows of a
// value.
//
//	leaf | top 2 by x        →  leaf | number the rows of each group by x | where number <= 2
//	leaf | summarize sum(x)  →  leaf | summarize sum(x), any(carried) by key
//
// The key and the carried columns pass through every operation, so that nothing need be
// joined back afterwards.
type grouping struct {
	b *binder
	// leaf are the rows that are grouped, recognized by identity.
	leaf Rel
	// key tells the groups apart.
	key *Column
	// carried are columns with one value in each group.
	carried []*Column
	shared  map[int]*Shared
	// at is the place of the operations.
	at syntax.Span
}

// lift gives r as it works on each group apart. It is false, and gives r itself, when r
// does not read the grouped rows.
func (g *grouping) lift(r Rel) (Rel, bool) {
	if r == g.leaf {
		return r, true
	}
	switch r := r.(type) {
	case *Where:
		if in, ok := g.lift(r.In); ok {
			return &Where{in, r.Cond}, true
		}
	case *Project:
		if in, ok := g.lift(r.In); ok {
			return &Project{In: in, Items: g.passed(r.Items)}, true
		}
	case *Summarize:
		return g.summarize(r)
	case *Sort:
		if in, ok := g.lift(r.In); ok {
			return &Sort{in, append([]SortKey{{X: NewRef(g.key, syntax.Span{})}}, r.Keys...)}, true
		}
	case *Take:
		if in, ok := g.lift(r.In); ok {
			return g.first(in, r), true
		}
	case *Expand:
		if in, ok := g.lift(r.In); ok {
			e := *r
			e.In, e.Cols = in, g.listed(r.Cols)
			return &e, true
		}
	case *Window:
		if in, ok := g.lift(r.In); ok {
			return &Window{In: in, Items: r.Items, By: append([]Expr{NewRef(g.key, syntax.Span{})}, r.By...)}, true
		}
	case *Series:
		if in, ok := g.lift(r.In); ok {
			s := *r
			s.In, s.Keys = in, g.passed(r.Keys)
			return &s, true
		}
	case *Shared:
		return g.reuse(r)
	case *Join:
		return g.join(r)
	case *Union:
		return g.union(r)
	case *Foreign:
		if r.In != nil {
			if _, ok := g.lift(r.In); ok {
				g.b.unsupported(g.at, r.What+" within the rows of a group")
			}
		}
	case *Apply:
		return g.apply(r)
	case *Walk, *Graph:
		g.b.unsupported(g.at, "A graph within the rows of a group")
	case *Table, *Values, *Range, *Outside:
	}
	return r, false
}

// apply runs an operator in Go over each group.
func (g *grouping) apply(r *Apply) (Rel, bool) {
	if len(r.Ins) != 1 {
		for _, in := range r.Ins {
			if _, ok := g.lift(in); ok {
				g.b.unsupported(g.at, r.Op.String()+" within the rows of a group")
			}
		}
		return r, false
	}
	in, ok := g.lift(r.Ins[0])
	if !ok {
		return r, false
	}
	p := &Project{In: in}
	own := g.own()
	for _, c := range own {
		// Copies, for an operator is given visible columns only.
		p.Items = append(p.Items, Item{g.b.column(c.Name, c.Type, c.Nullable), NewRef(c, g.at)})
	}
	p.Items = append(p.Items, passed(visible(r.Ins[0].Columns())...)...)
	return &Apply{Ins: []Rel{p}, Op: &vector.Grouped{Operator: r.Op, Own: len(own)}, Cols: append(own, r.Cols...)}, true
}

// own are the key and the carried columns.
func (g *grouping) own() []*Column { return append([]*Column{g.key}, g.carried...) }

// listed adds the group's columns to cols.
func (g *grouping) listed(cols []*Column) []*Column {
	out := slices.Clone(cols)
	for _, c := range g.own() {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// passed adds the group's columns to items.
func (g *grouping) passed(items []Item) []Item {
	out := slices.Clone(items)
	for _, c := range g.own() {
		if !slices.ContainsFunc(out, func(it Item) bool { return it.Col == c }) {
			out = append(out, Item{c, NewRef(c, syntax.Span{})})
		}
	}
	return out
}

func (g *grouping) summarize(r *Summarize) (Rel, bool) {
	in, ok := g.lift(r.In)
	if !ok {
		return r, false
	}
	s := &Summarize{In: in, Keys: append(slices.Clone(r.Keys), passed(g.key)...), Aggregates: slices.Clone(r.Aggregates)}
	// A grouping inside of this one carries its key along.
	s.Aggregates = slices.DeleteFunc(s.Aggregates, func(a Aggregate) bool { return a.Col == g.key })
	for _, c := range g.carried {
		if !slices.Contains(s.Columns(), c) {
			s.Aggregates = append(s.Aggregates, anyOf(c))
		}
	}
	return s, true
}

// anyOf is the value of a column that has one value in each group.
func anyOf(c *Column) Aggregate {
	return Aggregate{Col: c, Func: "take_any", Args: []Expr{NewRef(c, syntax.Span{})}}
}

// first keeps the first rows of each group.
func (g *grouping) first(in Rel, r *Take) Rel {
	none := syntax.Span{}
	number := g.b.hidden("$number", schema.Long, false)
	w := &Window{In: in, Items: []Item{{number, NewCall("row_number", schema.Long, none)}}, By: []Expr{NewRef(g.key, none)}}
	w.Random = r.Sample
	return &Where{w, NewCall("<=", schema.Bool, none, NewRef(number, none), r.N)}
}

// reuse lifts a shared part once, and renames the group's columns for this reader.
func (g *grouping) reuse(r *Shared) (Rel, bool) {
	lifted, known := g.shared[r.ID]
	if !known {
		if in, ok := g.lift(r.In); ok {
			all := &Project{In: in, Items: g.passed(passed(visible(r.In.Columns())...))}
			g.b.all = slices.DeleteFunc(g.b.all, func(s *Shared) bool { return s.ID == r.ID })
			lifted = g.b.share(all)
		}
		g.shared[r.ID] = lifted
	}
	if lifted == nil {
		return r, false
	}
	use := &Shared{ID: lifted.ID, In: lifted.In, Cols: slices.Clone(r.Cols)}
	for _, c := range lifted.In.Columns()[len(r.Cols):] {
		use.Cols = append(use.Cols, g.b.derive(c))
	}
	p := &Project{In: use, Items: passed(r.Cols...)}
	for _, c := range g.own() {
		at := slices.Index(lifted.In.Columns(), c)
		p.Items = append(p.Items, Item{c, NewRef(use.Cols[at], syntax.Span{})})
	}
	return p, true
}

// join lifts the left side. Where the right side reads the grouped rows too, only rows
// of one group meet.
func (g *grouping) join(r *Join) (Rel, bool) {
	left, ok := g.lift(r.Left)
	right, rightToo := g.lift(r.Right)
	if !ok && !rightToo {
		return r, false
	}
	j := &Join{Kind: r.Kind, Left: left, Right: right, On: slices.Clone(r.On), Cols: g.listed(r.Cols), Unique: r.Unique}
	switch r.Kind {
	case "inner", "innerunique", "leftouter", "leftsemi", "leftanti":
	default:
		ok = false
	}
	if !ok {
		g.b.unsupported(g.at, fmt.Sprintf("A join of kind '%s' within the rows of a group", r.Kind))
	}
	j.Unique = append(slices.Clone(r.Unique), NewRef(g.key, syntax.Span{}))
	if rightToo {
		key := g.b.derive(g.key)
		j.Right = &Project{In: right, Items: append(passed(r.Right.Columns()...), Item{key, NewRef(g.key, syntax.Span{})})}
		j.On = append(j.On, Match{NewRef(g.key, syntax.Span{}), NewRef(key, syntax.Span{})})
	}
	return j, true
}

func (g *grouping) union(r *Union) (Rel, bool) {
	u := &Union{Cols: g.listed(r.Cols), Parts: slices.Clone(r.Parts)}
	lifted := make([]bool, len(r.Parts))
	for i, p := range r.Parts {
		u.Parts[i].In, lifted[i] = g.lift(p.In)
	}
	if !slices.Contains(lifted, true) {
		return r, false
	}
	for i := range u.Parts {
		p := &u.Parts[i]
		if !lifted[i] {
			p.In = g.repeat(p.In)
		}
		p.Items = append(slices.Clone(p.Items), passed(u.Cols[len(r.Cols):]...)...)
	}
	return u, true
}

// repeat gives rows that do not depend on the group once for each group.
func (g *grouping) repeat(r Rel) Rel {
	if len(g.carried) > 0 {
		g.b.unsupported(g.at, "A union with other rows inside mv-apply")
	}
	groups := &Summarize{In: g.leaf, Keys: passed(g.key)}
	one := NewConst(schema.Long, int64(1), g.at)
	return &Join{Kind: "inner", Left: groups, Right: r, On: []Match{{one, one}}, Cols: append(slices.Clone(r.Columns()), g.key)}
}

// share makes the rows of r ready to be read several times.
func (b *binder) share(r Rel) *Shared {
	b.nextShared++
	s := &Shared{ID: b.nextShared, In: r}
	b.all = append(b.all, s)
	return s
}

// use reads shared rows under columns of the reader's own.
func (b *binder) use(s *Shared) *Shared {
	use := &Shared{ID: s.ID, In: s.In}
	for _, c := range visible(s.In.Columns()) {
		use.Cols = append(use.Cols, b.derive(c))
	}
	return use
}

// perGroup binds operators over in so that they work on the rows of each value of key
// apart. The rows it gives have the key and the carried columns beside cols, the
// columns that the operators leave.
func (b *binder) perGroup(in Rel, ops []syntax.Operator, key *Column, carried []*Column) (out Rel, cols []*Column) {
	body := b.operators(in, ops)
	g := &grouping{b: b, leaf: in, key: key, carried: carried, shared: map[int]*Shared{}, at: ops[0].Span().To(ops[len(ops)-1].Span())}
	out, ok := g.lift(body)
	if !ok {
		b.unsupported(g.at, "A subquery that does not use the rows of its group")
	}
	return out, visible(body.Columns())
}

// partition binds partition by: the subquery's rows for each value, put below one
// another.
func (b *binder) partition(in Rel, op *syntax.Partition) Rel {
	key, ok := b.expr(op.By).(*Ref)
	if !ok {
		b.fail(op.By.Span(), "SEM0036", "partition takes the name of a column")
	}
	body, ok := op.Body.(*syntax.Pipeline)
	if !ok || body.Source != nil {
		b.unsupported(op.Span(), "partition with a subquery that names its own table")
	}
	out, cols := b.perGroup(in, body.Ops, key.Col, nil)
	return &Project{In: out, Items: passed(cols...)}
}
