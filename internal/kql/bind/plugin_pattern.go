package bind

import (
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// patternArgs are the arguments of the plugins that find patterns. "~" stands for the
// default of an argument.
type patternArgs struct {
	*binder
	args []syntax.Expr
}

// next takes the next argument; ok is false where the default is meant.
func (p *patternArgs) next() (x Expr, ok bool) {
	if len(p.args) == 0 {
		return nil, false
	}
	x = p.expr(p.args[0])
	p.args = p.args[1:]
	c, isConst := x.(*Const)
	return x, !isConst || c.Value != "~"
}

// number takes a constant number from low to high.
func (p *patternArgs) number(standard, low, high float64) float64 {
	x, ok := p.next()
	if !ok {
		return standard
	}
	if c, ok := p.convert(x, schema.Real).(*Const); ok {
		if n, ok := plainValue(c).(float64); ok && n >= low && n <= high {
			return n
		}
	}
	p.fail(x.Span(), "SEM0086", "The value of this argument is out of its range, or no constant")
	return 0
}

// wildcards are the values that stand for any, by the type of their columns.
func (p *patternArgs) wildcards(cols []*Column) []any {
	given := map[schema.Type]any{}
	for len(p.args) > 0 {
		at := p.args[0].Span()
		x, ok := p.next()
		c, isConst := x.(*Const)
		if ok && !isConst {
			p.fail(at, "SEM0086", "A wildcard is a constant")
		}
		if ok {
			given[c.Type()] = plainValue(c)
		}
	}
	out := make([]any, len(cols))
	for i, c := range cols {
		out[i] = vector.Typed(c.Type, given[c.Type])
	}
	return out
}

// patternInput are the visible columns, and behind them those that an operator reads
// besides.
func (b *binder) patternInput(in Rel, more ...Expr) *Project {
	p := &Project{In: in, Items: passed(visible(in.Columns())...)}
	for _, x := range more {
		if x != nil {
			p.Items = append(p.Items, Item{b.column("", x.Type(), x.Nullable()), x})
		}
	}
	return p
}

// segmentColumns are the columns of a result: counts and percentages, then those of the
// input.
func (b *binder) segmentColumns(in Rel, counts, percents []string) []*Column {
	cols := []*Column{b.column("SegmentId", schema.Long, false)}
	for _, name := range counts {
		cols = append(cols, b.column(name, schema.Long, false))
	}
	for _, name := range percents {
		cols = append(cols, b.column(name, schema.Real, false))
	}
	for _, c := range visible(in.Columns()) {
		cols = append(cols, b.column(c.Name, c.Type, true))
	}
	return cols
}

func (b *binder) basket(in Rel, call *syntax.Call) Rel {
	p := &patternArgs{b, call.Args}
	op := &vector.Basket{Threshold: p.number(0.05, 0.015, 1)}
	weight, weighted := p.weight()
	op.Weighted = weighted
	op.MaxDims = int(p.number(5, 1, 100))
	op.Wild = p.wildcards(visible(in.Columns()))
	return &Apply{
		Ins: []Rel{b.patternInput(in, weight)}, Op: op,
		Cols: b.segmentColumns(in, []string{"Count"}, []string{"Percent"}),
	}
}

// weight takes the column with the rows' weights.
func (p *patternArgs) weight() (Expr, bool) {
	x, ok := p.next()
	if !ok {
		return nil, false
	}
	if !isNumber(x.Type()) || x.Type() == schema.Decimal {
		p.fail(x.Span(), "SEM0086", "The weight of a row is a whole number or a real one")
	}
	return x, true
}

func (b *binder) autocluster(in Rel, call *syntax.Call) Rel {
	p := &patternArgs{b, call.Args}
	op := &vector.AutoCluster{SizeWeight: p.number(0.5, 0, 1)}
	weight, weighted := p.weight()
	op.Weighted = weighted
	p.number(25, 1, 1000) // how many seeds: here all patterns are looked at
	op.Wild = p.wildcards(visible(in.Columns()))
	return &Apply{
		Ins: []Rel{b.patternInput(in, weight)}, Op: op,
		Cols: b.segmentColumns(in, []string{"Count"}, []string{"Percent"}),
	}
}

// diffPatterns binds the plugin that compares the rows of two values of a column.
func (b *binder) diffPatterns(in Rel, call *syntax.Call) Rel {
	b.arity(call, 3, 1<<15)
	split := b.expr(call.Args[0])
	column, ok := split.(*Ref)
	if !ok {
		b.fail(split.Span(), "SEM0036", "The name of the column that splits the rows is expected here")
	}
	text := b.convert(split, schema.String)
	set := func(i int) Expr {
		return NewCall("==", schema.Bool, call.Span(), text, b.coerce(b.expr(call.Args[i]), schema.String))
	}
	inA, inB := set(1), set(2)
	p := &patternArgs{b, call.Args[3:]}
	op := &vector.DiffPatterns{}
	weight, weighted := p.weight()
	op.Weighted = weighted
	op.Threshold = p.number(0.05, 0.015, 1)
	op.MaxDims = int(p.number(100, 1, 100))
	cols := visible(in.Columns())
	op.Wild = p.wildcards(cols)
	input := b.patternInput(&Where{in, NewCall("or", schema.Bool, call.Span(), inA, inB)}, weight, inA)
	for i, c := range cols {
		if c == column.Col { // what splits the rows is no pattern
			input.Items[i].X = NewConst(c.Type, nil, call.Span())
			input.Items[i].Col = b.column(c.Name, c.Type, true)
		}
	}
	return &Apply{
		Ins: []Rel{input}, Op: op,
		Cols: b.segmentColumns(in, []string{"CountA", "CountB"}, []string{"PercentA", "PercentB", "PercentDiffAB"}),
	}
}

// rowsNear binds the plugin that keeps rows near those that meet a condition.
func (b *binder) rowsNear(in Rel, call *syntax.Call) Rel {
	b.arity(call, 2, 3)
	cond := b.condition(call.Args[0])
	p := &patternArgs{b, call.Args[1:]}
	before := p.number(0, 0, 1<<31)
	op := &vector.RowsNear{Before: int64(before), After: int64(p.number(before, 0, 1<<31))}
	a := &Apply{Ins: []Rel{b.patternInput(in, cond)}, Op: op}
	for _, c := range visible(in.Columns()) {
		a.Cols = append(a.Cols, b.derive(c))
	}
	return a
}

// schemaMerge binds the plugin that makes one of the schemas that getschema gives.
func (b *binder) schemaMerge(in Rel, call *syntax.Call) Rel {
	b.arity(call, 0, 1)
	op := &vector.SchemaMerge{PreserveOrder: true, DotNet: map[string]string{}}
	if len(call.Args) == 1 {
		c, ok := b.expr(call.Args[0]).(*Const)
		if !ok || c.Type() != schema.Bool {
			b.fail(call.Args[0].Span(), "SEM0036", "PreserveOrder is true or false")
		}
		op.PreserveOrder = c.Value == true
	}
	for t, name := range dotNet {
		op.DotNet[t.String()] = name
	}
	p := &Project{In: in}
	a := &Apply{Ins: []Rel{p}, Op: op}
	for _, col := range []struct {
		name string
		typ  schema.Type
	}{{"ColumnName", schema.String}, {"ColumnOrdinal", schema.Long}, {"DataType", schema.String}, {"ColumnType", schema.String}} {
		c := find(in.Columns(), col.name)
		if c == nil {
			b.fail(call.Span(), "SEM0100", "schema_merge reads what getschema gives: there is no column '"+col.name+"'")
		}
		p.Items = append(p.Items, Item{b.column(col.name, col.typ, true), b.convert(ref(c), col.typ)})
		a.Cols = append(a.Cols, b.column(col.name, col.typ, false))
	}
	return a
}

// reduce binds the reduce operator.
func (b *binder) reduce(in Rel, op *syntax.Reduce) Rel {
	out := &vector.Reduce{Threshold: 0.1, Source: op.Params.Word("kind") == "source"}
	for _, prm := range append(append(syntax.Params(nil), op.Params...), op.With...) {
		switch prm.Name.Text {
		case "threshold":
			out.Threshold = (&patternArgs{b, []syntax.Expr{prm.Value}}).number(0.1, 0, 1)
		case "characters":
			c, ok := b.expr(prm.Value).(*Const)
			s, isText := "", false
			if ok {
				s, isText = c.Value.(string)
			}
			if !isText {
				b.fail(prm.Value.Span(), "SEM0036", "characters is a constant text")
			}
			out.Separators = s
		}
	}
	by := b.convert(b.expr(op.By), schema.String)
	p := &Project{In: in, Items: []Item{{b.column("", schema.String, false), by}}}
	a := &Apply{Ins: []Rel{p}, Op: out}
	if out.Source {
		p.Items = append(p.Items, passed(visible(in.Columns())...)...)
		for _, c := range visible(in.Columns()) {
			a.Cols = append(a.Cols, b.derive(c))
		}
	}
	a.Cols = append(a.Cols, b.column("Pattern", schema.String, false), b.column("Count", schema.Long, false), b.column("Representative", schema.String, false))
	return a
}

// preview binds the plugin that gives the first rows, and how many there are.
func (b *binder) preview(in func() Rel, call *syntax.Call) []Result {
	b.arity(call, 1, 1)
	count := &Summarize{In: in(), Aggregates: []Aggregate{{Col: b.column("Count", schema.Long, false), Func: "count", Span: call.Span()}}}
	return []Result{{Rel: &Take{In: in(), N: b.rowCount(call.Args[0])}}, {Rel: count}}
}
