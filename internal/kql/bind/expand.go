package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// mvExpand binds mv-expand: each column that is taken apart is replaced in its place,
// a new one is added.
func (b *binder) mvExpand(in Rel, op *syntax.MvExpand) Rel {
	e := &Expand{In: in}
	bags := op.Params.Word("bagexpansion") == "array" || op.Params.Word("kind") == "array"
	b.expandItems(e, op.Items, bags)
	if name := op.Params.Word("with_itemindex"); name != "" {
		e.Index = b.column(name, schema.Long, false)
		e.Cols = append(e.Cols, e.Index)
	}
	if op.Limit != nil {
		e.Limit = b.rowCount(op.Limit)
	}
	return b.typedExpand(e, op.Items)
}

func (b *binder) expandItems(e *Expand, items []syntax.ExpandItem, bags bool) {
	e.Cols = append([]*Column(nil), e.In.Columns()...)
	taken := newNames(e.In.Columns())
	for _, it := range items {
		bound := b.items(it.X)[0]
		if bound.x.Type() != schema.Dynamic && bound.x.Type() != schema.Unknown {
			if bound.x.Type() != schema.String {
				b.fail(bound.span, "SEM0054", fmt.Sprintf("mv-expand takes a dynamic value apart, not a %s", bound.x.Type()))
			}
			bound.x = NewCall("parse_json", schema.Dynamic, bound.span, bound.x)
		}
		name := bound.name
		if name == "" {
			name = taken.auto()
		}
		col := b.column(name, schema.Dynamic, true)
		if i := slices.IndexFunc(e.Cols, func(c *Column) bool { return c.Name == name }); i >= 0 {
			e.Cols[i] = col
		} else {
			taken.taken[name] = true
			e.Cols = append(e.Cols, col)
		}
		e.Items = append(e.Items, ExpandItem{col, bound.x, bags})
	}
}

// typedExpand converts the elements for which the query names a type.
func (b *binder) typedExpand(e *Expand, items []syntax.ExpandItem) Rel {
	if !slices.ContainsFunc(items, func(it syntax.ExpandItem) bool { return it.To != nil }) {
		return e
	}
	p := &Project{In: e}
	for _, c := range e.Cols {
		out, x := c, Expr(NewRef(c, syntax.Span{}))
		for i, it := range items {
			if e.Items[i].Col == c && it.To != nil && it.To.Type != schema.Unknown {
				x = b.convert(x, it.To.Type)
				out = b.column(c.Name, it.To.Type, true)
			}
		}
		p.Items = append(p.Items, Item{out, x})
	}
	return p
}

// mvApply binds mv-apply. Every row is numbered and taken apart; the body's operators
// work within the rows of one number.
func (b *binder) mvApply(in Rel, op *syntax.MvApply) Rel {
	number := b.column("$row", schema.Long, false)
	number.Hidden = true
	numbered := &Window{in, []Item{{number, NewCall("row_number", schema.Long, op.Span())}}}
	e := &Expand{In: numbered}
	b.expandItems(e, op.Items, false)
	body := b.typedExpand(e, op.Items)
	outer := in.Columns()
	for _, o := range op.Body {
		b.row = body.Columns()
		body = b.withinRow(body, o, number)
	}
	return b.applied(numbered, e, body, outer, number)
}

// withinRow binds one operator of mv-apply's body so that it keeps the rows of different
// numbers apart.
func (b *binder) withinRow(in Rel, op syntax.Operator, number *Column) Rel {
	ref := NewRef(number, op.Span())
	switch op := op.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Where, *syntax.Extend, *syntax.ProjectNames, *syntax.ProjectRename, *syntax.ProjectReorder, *syntax.MvExpand, *syntax.ParseText:
		return b.keep(b.apply(in, op), number)
	case *syntax.Sort:
		s := b.apply(in, op).(*Sort)
		s.Keys = append([]SortKey{{X: ref}}, s.Keys...)
		return s
	case *syntax.Project:
		p := b.apply(in, op).(*Project)
		p.Items = append(p.Items, Item{number, ref})
		return p
	case *syntax.Summarize, *syntax.Count, *syntax.Distinct:
		return b.grouped(b.apply(in, op), number, ref)
	case *syntax.Top:
		return b.firstWithin(in, b.sortKeys(op.Keys), b.rowCount(op.N), ref)
	case *syntax.Take:
		return b.firstWithin(in, nil, b.rowCount(op.N), ref)
	}
	b.unsupported(op.Span(), "The operator '"+op.Word()+"' inside mv-apply")
	return nil
}

// keep makes sure that the row's number is still among the columns.
func (b *binder) keep(out Rel, number *Column) Rel {
	if p, ok := out.(*Project); ok && !slices.Contains(out.Columns(), number) {
		p.Items = append(p.Items, Item{number, NewRef(number, syntax.Span{})})
	}
	return out
}

// grouped adds the row's number to the keys of an aggregation.
func (b *binder) grouped(out Rel, number *Column, ref Expr) Rel {
	switch r := out.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Summarize:
		r.Keys = append(r.Keys, Item{number, ref})
		return r
	case *Project:
		b.grouped(r.In, number, ref)
		r.Items = append(r.Items, Item{number, NewRef(number, syntax.Span{})})
		return r
	}
	return out
}

// firstWithin keeps the first n rows of each number.
func (b *binder) firstWithin(in Rel, keys []SortKey, n, ref Expr) Rel {
	rank := b.column("$rank", schema.Long, false)
	rank.Hidden = true
	args := []Expr{ref}
	for _, k := range keys {
		args = append(args, k.X, NewConst(schema.Bool, k.Desc, syntax.Span{}), NewConst(schema.Bool, k.NullsFirst, syntax.Span{}))
	}
	w := &Window{in, []Item{{rank, NewCall("rank_within", schema.Long, syntax.Span{}, args...)}}}
	return &Where{w, NewCall("<=", schema.Bool, syntax.Span{}, NewRef(rank, syntax.Span{}), n)}
}

// applied joins the body's rows with the columns of the row they came from.
func (b *binder) applied(numbered *Window, e *Expand, body Rel, outer []*Column, number *Column) Rel {
	shared := &Shared{ID: len(b.all) + 1, In: numbered}
	b.all = append(b.all, shared)
	left := &Shared{ID: shared.ID, In: numbered}
	var row *Column
	p := &Project{}
	inBody := map[string]*Column{}
	for _, c := range body.Columns() {
		if !c.Hidden {
			inBody[c.Name] = c
		}
	}
	for _, c := range numbered.Columns() {
		d := b.derive(c)
		left.Cols = append(left.Cols, d)
		if c == number {
			row = d
		}
	}
	p.In = &Join{
		Kind: "inner", Left: left, Right: body, On: []Match{{NewRef(row, syntax.Span{}), NewRef(number, syntax.Span{})}},
		Cols: append(slices.Clip(left.Cols), body.Columns()...),
	}
	e.In = &Shared{ID: shared.ID, In: numbered, Cols: numbered.Columns()}
	expanded := map[string]bool{}
	for _, it := range e.Items {
		expanded[it.Col.Name] = true
	}
	done := map[*Column]bool{}
	for i, c := range outer {
		switch {
		case inBody[c.Name] != nil:
			p.Items = append(p.Items, Item{inBody[c.Name], NewRef(inBody[c.Name], syntax.Span{})})
			done[inBody[c.Name]] = true
		case !expanded[c.Name]:
			p.Items = append(p.Items, Item{left.Cols[i], NewRef(left.Cols[i], syntax.Span{})})
		}
	}
	for _, c := range body.Columns() {
		if !c.Hidden && !done[c] {
			p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
		}
	}
	return p
}
