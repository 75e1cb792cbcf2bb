package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// invoke binds "T | invoke f(…)": the input becomes the first argument.
func (b *binder) invoke(in Rel, op *syntax.Invoke) Rel {
	call, ok := op.Call.(*syntax.Call)
	if !ok {
		b.unsupported(op.Call.Span(), "invoke of anything but a function")
	}
	def, ok := b.lookup(call.Func.Text)
	if !ok || def.fn == nil {
		b.unknownFunction(call)
	}
	args := call.Args
	if def.fn.Span().Start/textSize == productText {
		args = columnsByName(in, args)
	}
	out, ok := b.enter(def, in, args, call.Span()).(Rel)
	if !ok {
		b.fail(call.Span(), "SEM0034", fmt.Sprintf("The function '%s' gives no table", call.Func.Text))
	}
	return out
}

func (b *binder) invokeTabular(def definition, args []syntax.Expr, span syntax.Span) (Rel, bool) {
	out, ok := b.enter(def, nil, args, span).(Rel)
	return out, ok
}

func (b *binder) invokeScalar(def definition, args []syntax.Expr, span syntax.Span) Expr {
	out, ok := b.enter(def, nil, args, span).(Expr)
	if !ok {
		b.fail(span, "SEM0033", "A scalar value is expected here, and the function gives a table")
	}
	return out
}

// enter binds a function's body with its parameters bound to the arguments; the result
// is a Rel or an Expr.
func (b *binder) enter(def definition, piped Rel, args []syntax.Expr, span syntax.Span) (out any) {
	defer b.count(span)()
	if *def.busy {
		b.fail(span, "SEM0082", "The function calls itself")
	}
	b.entered(def.fn, span)
	inner := b.arguments(def, piped, args, span)
	b.within(inner, func() { out = b.body(def) })
	return out
}

// body binds the body of a function in the scope of its parameters.
func (b *binder) body(def definition) (out any) {
	*def.busy = true
	defer func() { *def.busy = false }()
	b.in(nil, func() { out = b.bodyResult(def) })
	return out
}

func (b *binder) bodyResult(def definition) any {
	var last syntax.Expr
	for _, s := range def.fn.Body {
		if x := b.statement(s); x != nil {
			last = x
		}
	}
	if last == nil {
		b.fail(def.fn.Span(), "SEM0083", "The function has no result")
	}
	if rel, ok := b.tabular(last); ok {
		return rel
	}
	return b.expr(last)
}

// arguments is the function's scope with its parameters defined. Arguments are bound
// where the call stands.
func (b *binder) arguments(def definition, piped Rel, args []syntax.Expr, span syntax.Span) *scope {
	params := def.fn.Params
	inner := def.scope
	add := func(name string, d definition) { inner = &scope{inner, name, d} }
	if piped != nil {
		if len(params) == 0 || !params[0].Table {
			b.fail(span, "SEM0084", "The function takes no table as its first argument")
		}
		b.checkTable(params[0], piped, span)
		add(params[0].Name.Text, definition{rel: func() Rel { return b.reuse(piped) }})
		params = params[1:]
	}
	given := make([]syntax.Expr, len(params))
	for i, a := range args {
		at := i
		if n, ok := a.(*syntax.Named); ok {
			at = paramIndex(params, n.Names[0].Text)
			a = n.X
		}
		if at < 0 || at >= len(params) || given[at] != nil {
			b.fail(a.Span(), "SEM0219", fmt.Sprintf("The function takes %d arguments", len(params)))
		}
		given[at] = a
	}
	for i, p := range params {
		switch {
		case given[i] == nil && p.Default != nil:
			add(p.Name.Text, definition{value: b.coerce(b.expr(p.Default), p.Type)})
		case given[i] == nil:
			b.fail(span, "SEM0219", fmt.Sprintf("The argument '%s' is missing", p.Name.Text))
		case p.Table:
			arg, scope, row := given[i], b.scope, b.row
			b.checkTable(p, b.rel(arg), arg.Span())
			add(p.Name.Text, definition{rel: func() Rel {
				var r Rel
				b.within(scope, func() { b.in(row, func() { r = b.rel(arg) }) })
				return r
			}})
		default:
			add(p.Name.Text, definition{value: b.convert(b.expr(given[i]), p.Type)})
		}
	}
	return inner
}

func paramIndex(params []syntax.Param, name string) int {
	for i, p := range params {
		if p.Name.Text == name {
			return i
		}
	}
	return -1
}

// checkTable reports columns that a tabular parameter declares and the argument lacks.
func (b *binder) checkTable(p syntax.Param, arg Rel, span syntax.Span) {
	for _, c := range p.Columns {
		col := find(arg.Columns(), c.Name.Text)
		if col == nil {
			b.fail(span, "SEM0085", fmt.Sprintf("The table has no column '%s', which the function needs", c.Name.Text))
		}
		if col.Type != c.Type && col.Type != schema.Unknown {
			b.fail(span, "SEM0085", fmt.Sprintf("The column '%s' is a %s; the function needs a %s", c.Name.Text, col.Type, c.Type))
		}
	}
}

// reuse gives a table that may be named several times. The first use takes it as it
// is; it is computed once.
func (b *binder) reuse(r Rel) Rel {
	if s, ok := r.(*Shared); ok {
		use := &Shared{ID: s.ID, In: s.In}
		for _, c := range s.Cols {
			use.Cols = append(use.Cols, b.derive(c))
		}
		return use
	}
	return r
}
