package bind

import (
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// nestedLevel is a level of top-nested while it is bound.
type nestedLevel struct {
	value   *Column // what the level groups by, a column of the rows
	agg     syntax.Expr
	aggName string
	n       Expr // nil: all values
	others  Expr // nil: what is not among the first is left out
	desc    bool
	// top and shown are columns of the rows of deeper levels: whether the row is among
	// the level's first, and the value the level shows for it.
	top, shown *Column
}

// nester binds top-nested. The rows are computed once; each level ranks the values
// within the values of the levels above.
type nester struct {
	b      *binder
	in     []*Column
	levels []*nestedLevel
}

// topNested binds top-nested.
func (b *binder) topNested(in Rel, op *syntax.TopNested) Rel {
	t := &nester{b: b, in: in.Columns()}
	rows := &Project{In: in, Items: passed(in.Columns()...)}
	taken := newNames(nil)
	others := false
	for i := range op.Levels {
		l := t.level(&op.Levels[i], rows, taken)
		others = others || l.others != nil
		t.levels = append(t.levels, l)
	}
	if others {
		return t.withOthers(b.share(rows))
	}
	return t.firstOnly(b.share(rows))
}

func (t *nester) level(l *syntax.NestedLevel, rows *Project, taken *names) *nestedLevel {
	b := t.b
	it := b.items(l.Of)[0]
	out := &nestedLevel{desc: l.Order != "asc", agg: l.By, aggName: "aggregated_" + it.name}
	out.value = b.column(taken.unique(it.name), it.x.Type(), it.x.Nullable())
	rows.Items = append(rows.Items, Item{out.value, it.x})
	if named, ok := l.By.(*syntax.Named); ok {
		out.agg, out.aggName = named.X, named.Names[0].Text
	}
	out.aggName = taken.unique(out.aggName)
	if l.N != nil {
		out.n = b.rowCount(l.N)
	}
	if l.Others != nil {
		out.others = b.convert(b.expr(l.Others), it.x.Type())
	}
	return out
}

// reread reads shared rows under their own columns; two readings must not meet in one
// join.
func (b *binder) reread(s *Shared) Rel {
	cols := s.In.Columns()
	use := &Shared{ID: s.ID, In: s.In}
	p := &Project{In: use}
	for _, c := range cols {
		d := b.derive(c)
		use.Cols = append(use.Cols, d)
		p.Items = append(p.Items, Item{c, NewRef(d, syntax.Span{})})
	}
	return p
}

// aggregate groups rows by columns and computes the level's aggregate.
func (t *nester) aggregate(rows Rel, keys []*Column, l *nestedLevel) (Rel, *Column) {
	b := t.b
	z := &summarizer{b: b, s: &Summarize{In: rows, Keys: passed(keys...)}, taken: newNames(nil), plain: true, outer: passed(keys...)}
	b.in(t.in, func() { z.column(l.agg) })
	agg := z.outer[len(keys)].Col
	agg.Name = l.aggName
	if z.plain {
		return z.s, agg
	}
	return &Project{In: z.s, Items: z.outer}, agg
}

func (t *nester) values(n int) []*Column {
	var cols []*Column
	for _, l := range t.levels[:n] {
		cols = append(cols, l.value)
	}
	return cols
}

// tops are the first values of level i within those of the levels above, whose rows are
// given, with the aggregate behind.
func (t *nester) tops(rows Rel, i int) *Shared {
	l, none := t.levels[i], syntax.Span{}
	keys := t.values(i + 1)
	ranked, agg := t.aggregate(rows, keys, l)
	cols := append(slices.Clone(keys), agg)
	if l.n == nil {
		return t.b.share(&Project{In: ranked, Items: passed(cols...)})
	}
	number := t.b.hidden("$number", schema.Long, false)
	w := &Window{
		In:    &Sort{ranked, []SortKey{{X: NewRef(agg, none), Desc: l.desc, NullsFirst: !l.desc}}},
		Items: []Item{{number, NewCall("row_number", schema.Long, none)}},
	}
	for _, k := range keys[:i] {
		w.By = append(w.By, NewRef(k, none))
	}
	first := &Where{w, NewCall("<=", schema.Bool, none, NewRef(number, none), l.n)}
	return t.b.share(&Project{In: first, Items: passed(cols...)})
}

// matchPath pairs columns of one side with those of the other, one by one.
func matchPath(left, right []*Column) []Match {
	var on []Match
	for i, c := range left {
		on = append(on, Match{NewRef(c, syntax.Span{}), NewRef(right[i], syntax.Span{})})
	}
	return on
}

// firstOnly binds top-nested where no level keeps its others: each level looks at the
// rows of the level above's first values.
func (t *nester) firstOnly(rows *Shared) Rel {
	var tops []*Shared
	for i := range t.levels {
		in := t.b.reread(rows)
		if i > 0 {
			above := t.b.use(tops[i-1])
			in = &Join{Kind: "leftsemi", Left: in, Right: above, On: matchPath(t.values(i), above.Cols), Cols: in.Columns()}
		}
		tops = append(tops, t.tops(in, i))
	}
	last := len(tops) - 1
	out := t.b.reread(tops[last])
	aggs := make([]*Column, len(tops))
	aggs[last] = out.Columns()[last+1]
	for i, s := range tops[:last] {
		use := t.b.use(s)
		out = &Join{Kind: "inner", Left: out, Right: use, On: matchPath(t.values(i+1), use.Cols), Cols: append(slices.Clone(out.Columns()), use.Cols...)}
		aggs[i] = use.Cols[i+1]
	}
	return t.shown(out, t.values(len(tops)), aggs)
}

// withOthers binds top-nested where a level keeps its others: each row is marked level
// by level as among the first or not, and the marks are what is grouped by in the end.
func (t *nester) withOthers(rows *Shared) Rel {
	b, none := t.b, syntax.Span{}
	marked := make([]*Shared, len(t.levels))
	for i, l := range t.levels {
		in := b.reread(rows)
		if i > 0 {
			in = &Where{in, NewRef(t.levels[i-1].top, none)}
		}
		tops := b.use(t.tops(in, i))
		flag := b.column("$first", schema.Bool, true)
		right := &Project{In: tops, Items: append(passed(tops.Cols[:i+1]...), Item{flag, NewConst(schema.Bool, true, none)})}
		left := b.reread(rows)
		join := &Join{Kind: "leftouter", Left: left, Right: right, On: matchPath(t.values(i+1), tops.Cols), Cols: append(slices.Clone(left.Columns()), tops.Cols[:i+1]...)}
		join.Cols = append(join.Cols, flag)
		l.top = b.column("$top", schema.Bool, false)
		l.shown = b.column(l.value.Name, l.value.Type, true)
		p := &Project{In: join, Items: passed(left.Columns()...)}
		top := NewCall("isnotnull", schema.Bool, none, NewRef(flag, none))
		others := l.others
		if others == nil {
			others = NewConst(l.value.Type, nil, none)
		}
		p.Items = append(p.Items, Item{l.top, top}, Item{l.shown, NewCall("iff", l.value.Type, none, top, NewRef(l.value, none), others)})
		rows = b.share(p)
		marked[i] = rows
	}
	last := len(t.levels) - 1
	paths := t.paths(len(t.levels))
	var out Rel = &Summarize{In: t.kept(marked[last], last), Keys: passed(paths...)}
	aggs := make([]*Column, len(t.levels))
	for i, l := range t.levels {
		totals, agg := t.aggregate(t.kept(marked[i], i), t.paths(i+1), l)
		use := b.use(b.share(&Project{In: totals, Items: append(passed(t.paths(i+1)...), Item{agg, NewRef(agg, none)})}))
		out = &Join{Kind: "leftouter", Left: out, Right: use, On: matchPath(t.paths(i+1), use.Cols), Cols: append(slices.Clone(out.Columns()), use.Cols...)}
		aggs[i] = use.Cols[2*(i+1)]
		nullable(aggs[i : i+1])
	}
	var shown []*Column
	for _, l := range t.levels {
		shown = append(shown, l.shown)
	}
	return t.shown(out, shown, aggs)
}

// paths are the marks of the first n levels.
func (t *nester) paths(n int) []*Column {
	var cols []*Column
	for _, l := range t.levels[:n] {
		cols = append(cols, l.top, l.shown)
	}
	return cols
}

// kept are the rows that level i shows: those of its first values, and of its others if
// it has a name for them.
func (t *nester) kept(rows *Shared, i int) Rel {
	in := t.b.reread(rows)
	if t.levels[i].others != nil {
		return in
	}
	return &Where{in, NewRef(t.levels[i].top, syntax.Span{})}
}

// shown is the result: each level's value and aggregate.
func (t *nester) shown(in Rel, values, aggs []*Column) Rel {
	p := &Project{In: in}
	for i, l := range t.levels {
		v, a := t.b.derive(values[i]), t.b.derive(aggs[i])
		v.Name, a.Name = l.value.Name, l.aggName
		p.Items = append(p.Items, Item{v, NewRef(values[i], syntax.Span{})}, Item{a, NewRef(aggs[i], syntax.Span{})})
	}
	return p
}

// topHitters binds top-hitters: the values with the most rows, or the largest sum. It is
// exact, where Kusto's may be approximate.
func (b *binder) topHitters(in Rel, op *syntax.TopHitters) Rel {
	value := b.items(op.Of)[0]
	s := &Summarize{In: in, Keys: []Item{{b.column(value.name, value.x.Type(), value.x.Nullable()), value.x}}}
	agg := Aggregate{Func: "count", Col: b.column("approximate_count_"+value.name, schema.Long, false), Span: op.Span()}
	if op.By != nil {
		x := b.expr(op.By)
		name := "approximate_sum_" + resultName(op.By)
		agg = Aggregate{Func: "sum", Col: b.column(name, x.Type(), true), Args: []Expr{x}, Span: op.Span()}
	}
	s.Aggregates = []Aggregate{agg}
	return &Take{In: &Sort{s, []SortKey{{X: NewRef(agg.Col, op.Span()), Desc: true}}}, N: b.rowCount(op.N)}
}
