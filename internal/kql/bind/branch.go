package bind

import (
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// manyTables binds a statement that ends in an operator that gives several tables.
func (b *binder) manyTables(x syntax.Expr) ([]Result, bool) {
	p, ok := syntax.Unparen(x).(*syntax.Pipeline)
	if !ok || len(p.Ops) == 0 || p.Source == nil && len(p.Ops) == 1 {
		return nil, false
	}
	before := *p
	before.Ops = p.Ops[:len(p.Ops)-1]
	switch op := p.Ops[len(p.Ops)-1].(type) { //nolint:gochecksumtype // the others give one table
	case *syntax.Fork:
		return b.fork(b.again(b.pipeline(&before)), op), true
	case *syntax.Facet:
		return b.facet(b.again(b.pipeline(&before)), op), true
	case *syntax.Evaluate:
		switch op.Call.Func.Text {
		case "preview":
			return b.preview(b.again(b.pipeline(&before)), op.Call), true
		case "funnel_sequence":
			return b.funnelTables(b.again(b.pipeline(&before)), op.Call), true
		}
		return nil, false
	case *syntax.GraphToTable:
		if len(op.Outputs) < 2 {
			return nil, false
		}
		return b.graphTables(b.pipeline(&before), op), true
	default:
		return nil, false
	}
}

// again is a table that may be read several times, computed once.
func (b *binder) again(in Rel) func() Rel {
	s := b.share(in)
	return func() Rel { return b.use(s) }
}

// fork gives a table for each branch.
func (b *binder) fork(in func() Rel, op *syntax.Fork) []Result {
	var out []Result
	for _, branch := range op.Branches {
		r := Result{}
		if branch.Name != nil {
			r.Name = branch.Name.Text
		}
		b.render = nil
		r.Rel = b.operators(in(), branch.Ops)
		r.Render = b.render
		out = append(out, r)
	}
	b.render = nil
	return out
}

// facet gives what with makes of the rows, then a table for each column: how often it
// has each value.
func (b *binder) facet(in func() Rel, op *syntax.Facet) []Result {
	var out []Result
	if op.With != nil {
		b.render = nil
		out = append(out, Result{Rel: b.operators(in(), op.With), Render: b.render})
	}
	for _, x := range op.By {
		rows := in()
		b.in(rows.Columns(), func() {
			key, ok := b.expr(x).(*Ref)
			if !ok {
				b.fail(x.Span(), "SEM0036", "facet takes columns")
			}
			s := &Summarize{In: rows, Keys: []Item{{b.derive(key.Col), key}}}
			s.Aggregates = []Aggregate{{Col: b.column("count_"+key.Col.Name, schema.Long, false), Func: "count", Span: op.Span()}}
			out = append(out, Result{Rel: s})
		})
	}
	return out
}
