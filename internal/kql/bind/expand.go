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
	b.expand(e, op.Params, op.Items, op.Limit)
	return b.typedExpand(e, op.Items)
}

// expand binds what mv-expand and mv-apply have in common.
func (b *binder) expand(e *Expand, params syntax.Params, items []syntax.ExpandItem, limit syntax.Expr) {
	b.expandItems(e, items, params.Word("bagexpansion") == "array" || params.Word("kind") == "array")
	if name := params.Word("with_itemindex"); name != "" {
		e.Index = b.column(name, schema.Long, false)
		e.Cols = append(e.Cols, e.Index)
	}
	if limit != nil {
		e.Limit = b.rowCount(limit)
	}
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
			name = b.auto(taken, bound.span)
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

// mvApply binds mv-apply. Every row is numbered and taken apart; the body works on the
// elements of each number apart, and the row's other columns are carried along.
func (b *binder) mvApply(in Rel, op *syntax.MvApply) Rel {
	number := b.hidden("$row", schema.Long, false)
	e := &Expand{In: &Window{In: in, Items: []Item{{number, NewCall("row_number", schema.Long, op.Span())}}}}
	b.expand(e, op.Params, op.Items, op.Limit)
	leaf := b.typedExpand(e, op.Items)
	expanded := map[string]bool{}
	for _, it := range e.Items {
		expanded[it.Col.Name] = true
	}
	var carried []*Column
	for _, c := range in.Columns() {
		if !expanded[c.Name] {
			carried = append(carried, c)
		}
	}
	body, cols := b.perGroup(leaf, op.Body, number, carried)
	return applied(body, cols, in.Columns(), carried)
}

// applied puts the columns of mv-apply in order: those of the row, in the body's version
// where it has one, then what else the body gives.
func applied(body Rel, cols, outer, carried []*Column) Rel {
	p := &Project{In: body}
	done := map[*Column]bool{}
	for _, c := range outer {
		same := find(cols, c.Name)
		if same == nil && slices.Contains(carried, c) {
			same = c
		}
		if same != nil {
			p.Items = append(p.Items, Item{same, NewRef(same, syntax.Span{})})
			done[same] = true
		}
	}
	for _, c := range cols {
		if !done[c] {
			p.Items = append(p.Items, Item{c, NewRef(c, syntax.Span{})})
		}
	}
	return p
}
