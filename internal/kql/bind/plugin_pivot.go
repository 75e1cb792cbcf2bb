package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// pivoted are the aggregates that pivot takes, and their forms with a predicate.
var pivoted = map[string]string{
	"count": "countif", "sum": "sumif", "avg": "avgif", "min": "minif", "max": "maxif", "dcount": "dcountif",
	"count_distinct": "count_distinctif", "make_list": "make_list_if", "make_set": "make_set_if", "make_bag": "make_bag_if",
	"take_any": "take_anyif", "stdev": "stdevif", "variance": "varianceif",
}

// pivot turns the values of a column into columns: those that the output's schema
// declares, or all there are in the data. Each cell is the aggregate over the rows that
// have the value, by the columns named, or by all that the pivot does not use.
func (b *binder) pivot(in Rel, op *syntax.Evaluate) Rel {
	b.arity(op.Call, 1, 1<<15)
	x := b.expr(op.Call.Args[0])
	key, ok := x.(*Ref)
	if !ok && x.Type() == schema.Unknown {
		return b.notYet(in, op, nil)
	}
	if !ok {
		b.fail(op.Call.Args[0].Span(), "SEM0036", "pivot takes a column")
	}
	s := &Summarize{In: in}
	agg := b.pivotAggregate(s, op.Call)
	used := map[*Column]bool{key.Col: true}
	for _, x := range agg.Args {
		Rewrite(x, func(e Expr) Expr {
			if r, ok := e.(*Ref); ok {
				used[r.Col] = true
			}
			return e
		})
	}
	s.Keys = b.pivotKeys(in, op.Call, used)
	if op.Schema != nil {
		return b.declaredPivot(s, key, agg, op)
	}
	values, ok := b.pivotValues(in, key)
	if !ok {
		return b.notYet(in, op, itemColumns(s.Keys))
	}
	s.Open = true
	taken := newNames(itemColumns(s.Keys))
	for _, v := range values {
		name := v
		if name == "" {
			name = b.auto(taken, op.Call.Span())
		} else {
			name = taken.unique(name)
		}
		s.Aggregates = append(s.Aggregates, b.pivotCell(key, agg, name, v))
	}
	return s
}

// pivotAggregate binds the aggregate, which is count when there is none.
func (b *binder) pivotAggregate(s *Summarize, call *syntax.Call) Aggregate {
	count, _ := builtin.Aggregate("count")
	z := &summarizer{b: b, s: s, taken: newNames(nil)}
	if len(call.Args) < 2 {
		return z.single(count, &syntax.Call{Func: call.Func})
	}
	x, ok := syntax.Unparen(call.Args[1]).(*syntax.Call)
	if !ok {
		b.fail(call.Args[1].Span(), "SEM0036", "pivot takes an aggregate as its second argument")
	}
	f, ok := builtin.Aggregate(x.Func.Text)
	if !ok || pivoted[f.Canonical] == "" {
		b.unsupported(x.Func.Span(), "The aggregate '"+x.Func.Text+"' in pivot")
	}
	return z.results(f, x)[0].agg
}

// pivotKeys are the columns that the result's rows stand for.
func (b *binder) pivotKeys(in Rel, call *syntax.Call, used map[*Column]bool) []Item {
	var keys []Item
	if len(call.Args) > 2 {
		for _, x := range call.Args[2:] {
			r, ok := b.expr(x).(*Ref)
			if !ok {
				b.fail(x.Span(), "SEM0036", "pivot takes columns behind the aggregate")
			}
			keys = append(keys, Item{b.derive(r.Col), r})
		}
		return keys
	}
	for _, c := range visible(in.Columns()) {
		if !used[c] {
			keys = append(keys, Item{b.derive(c), NewRef(c, call.Span())})
		}
	}
	return keys
}

// pivotValues lists the values in the data as texts, in order. ok is false while they
// are not known.
func (b *binder) pivotValues(in Rel, key *Ref) (values []string, ok bool) {
	text := b.column("value", schema.String, false)
	probe := &Summarize{In: in, Keys: []Item{{text, b.convert(key, schema.String)}}}
	rows, ok := b.ask(probe, maxUnpacked)
	for _, r := range rows {
		s, _ := r[0].(string)
		values = append(values, s)
	}
	slices.Sort(values)
	return values, ok
}

// pivotCell is the aggregate over the rows with a value.
func (b *binder) pivotCell(key *Ref, agg Aggregate, name, value string) Aggregate {
	is := NewCall("==", schema.Bool, key.Span(), b.convert(key, schema.String), NewConst(schema.String, value, key.Span()))
	out := agg
	out.Col = b.column(name, agg.Col.Type, agg.Col.Nullable)
	if agg.Func == "count" {
		out.Func, out.Args = "countif", []Expr{is}
		return out
	}
	out.Func = pivoted[agg.Func]
	out.Args = slices.Insert(slices.Clone(agg.Args), 1, Expr(is))
	return out
}

// declaredPivot gives the columns that the query declares: the keys by their names,
// others are values.
func (b *binder) declaredPivot(s *Summarize, key *Ref, agg Aggregate, op *syntax.Evaluate) Rel {
	p := &Project{In: s}
	if op.Schema.Star {
		for _, k := range s.Keys {
			p.Items = append(p.Items, Item{k.Col, NewRef(k.Col, op.Span())})
		}
	}
	for _, c := range op.Schema.Columns {
		from := find(itemColumns(s.Keys), c.Name.Text)
		if from == nil {
			cell := b.pivotCell(key, agg, c.Name.Text, c.Name.Text)
			s.Aggregates = append(s.Aggregates, cell)
			from = cell.Col
		}
		v := b.convert(NewRef(from, c.Name.Span()), c.Type)
		p.Items = append(p.Items, Item{b.column(c.Name.Text, c.Type, true), v})
	}
	if len(p.Items) == 0 {
		b.fail(op.Span(), "SEM0036", fmt.Sprintf("%s: the output's schema declares no column", op.Call.Func.Text))
	}
	return p
}
