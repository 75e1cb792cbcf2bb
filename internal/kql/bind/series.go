package bind

import (
	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// makeSeries binds make-series: keys, aggregates as arrays, the axis as an array.
func (b *binder) makeSeries(in Rel, op *syntax.MakeSeries) Rel {
	axis := b.items(op.On)[0]
	s := &Series{In: in, On: axis.x, NonEmpty: op.Params.Word("kind") == "nonempty"}
	taken := newNames(nil)
	keys := &Summarize{In: in}
	for _, x := range op.By {
		for _, it := range b.items(x) {
			b.addKey(keys, it, taken)
		}
	}
	s.Keys = keys.Keys
	z := &summarizer{b: b, s: &Summarize{In: in}, taken: taken, plain: true}
	for _, a := range op.Aggregates {
		b.seriesAggregate(s, z, a)
	}
	name := axis.name
	if name == "" {
		name = b.auto(taken, axis.span)
	}
	s.Axis = b.column(taken.unique(name), schema.Dynamic, false)
	b.seriesRange(s, op, axis)
	return s
}

func (b *binder) seriesAggregate(s *Series, z *summarizer, a syntax.SeriesAggregate) {
	var given []syntax.Name
	x := a.X
	if n, ok := x.(*syntax.Named); ok {
		given, x = n.Names, n.X
	}
	call, ok := syntax.Unparen(x).(*syntax.Call)
	var f *builtin.Function
	if ok {
		f, ok = builtin.Aggregate(call.Func.Text)
	}
	if !ok {
		b.unsupported(x.Span(), "make-series over anything but a single aggregate")
	}
	z.aggregate(f, call, given)
	agg := z.s.Aggregates[len(z.s.Aggregates)-1]
	t := agg.Col.Type
	var def Expr = NewConst(t, zeroOf(t), x.Span())
	if a.Default != nil {
		def = b.convert(b.expr(a.Default), t)
	}
	agg.Col.Type = schema.Dynamic
	s.Aggregates = append(s.Aggregates, agg)
	s.Defaults = append(s.Defaults, def)
}

// zeroOf is what an empty bin holds when the query names no default.
func zeroOf(t schema.Type) any {
	switch t {
	case schema.Int, schema.Long:
		return int64(0)
	case schema.Real:
		return float64(0)
	default:
		return nil
	}
}

func (b *binder) seriesRange(s *Series, op *syntax.MakeSeries, axis item) {
	from, to, step := op.From, op.To, op.Step
	if len(op.InRange) == 3 {
		from, to, step = op.InRange[0], op.InRange[1], op.InRange[2]
	}
	if step == nil {
		b.unsupported(op.Span(), "make-series without a step")
	}
	t := axis.x.Type()
	if t == schema.Int {
		t = schema.Long
		s.On = b.convert(s.On, t)
	}
	stepType := t
	if t == schema.DateTime {
		stepType = schema.TimeSpan
	}
	// They hold for all rows, so that no name in them is a column's.
	if from != nil {
		b.in(nil, func() { s.From = b.convert(b.expr(from), t) })
	}
	if to != nil {
		b.in(nil, func() { s.To = b.convert(b.expr(to), t) })
		if len(op.InRange) == 3 {
			// The old form includes the end.
			s.To = NewCall("+", t, to.Span(), s.To, NewConst(stepType, one(stepType), to.Span()))
		}
	}
	b.in(nil, func() { s.Step = b.coerce(b.expr(step), stepType) })
}

// one is the smallest amount by which values of a type differ.
func one(t schema.Type) any {
	switch t {
	case schema.TimeSpan:
		return schema.Ticks(1)
	case schema.Real:
		return 1e-9
	default:
		return int64(1)
	}
}
