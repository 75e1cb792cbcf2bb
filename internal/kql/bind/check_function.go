package bind

import (
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// CheckFunction binds a function's body, each parameter with its default or some value
// of its type, and reports what is wrong with it; the places are those of f's text. A
// stored function of that name counts as this one.
func CheckFunction(name string, f *syntax.Function, env Env) []syntax.Diagnostic {
	b := newBinder(env)
	b.defineStored(append(slices.Clone(b.env.library().functions), storedFunction{name, f}))
	def := b.scope.def
	b.guard(func() {
		inner := b.scope
		for _, p := range f.Params {
			inner = &scope{inner, p.Name.Text, b.sample(p)}
		}
		b.within(inner, func() { b.body(def) })
	})
	return b.diags
}

// sample is what stands for the argument of a parameter.
func (b *binder) sample(p syntax.Param) definition {
	switch {
	case p.Table:
		v := &Values{Open: p.Any}
		for _, c := range p.Columns {
			v.Cols = append(v.Cols, b.column(c.Name.Text, c.Type, true))
		}
		return definition{rel: func() Rel { return v }}
	case p.Default != nil:
		return definition{value: b.coerce(b.expr(p.Default), p.Type)}
	default:
		return definition{value: NewConst(p.Type, samples[p.Type], p.Name.Span())}
	}
}

// samples are values that functions take as soon as any other.
var samples = map[schema.Type]any{
	schema.Bool: true, schema.Int: int64(1), schema.Long: int64(1), schema.Real: 1.0, schema.Decimal: "1", schema.String: "",
	schema.DateTime: schema.TicksPerDay, schema.TimeSpan: schema.TicksPerDay, schema.GUID: "00000000-0000-0000-0000-000000000000",
	schema.Dynamic: "{}",
}
