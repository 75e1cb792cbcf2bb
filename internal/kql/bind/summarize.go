package bind

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/builtin"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// summarizer collects the aggregates found in a summarize's expressions.
type summarizer struct {
	b     *binder
	s     *Summarize
	taken *names
	// outer are the result's columns where an expression is computed from aggregates.
	outer []Item
	plain bool // no expression is computed from aggregates so far
}

// summarize binds keys and aggregates. Columns computed from aggregates, such as
// sum(x)/count(), become a projection above.
func (b *binder) summarize(in Rel, op *syntax.Summarize) Rel {
	if len(op.Aggregates) == 0 && !op.HasBy {
		b.fail(op.Span(), "SEM0048", "summarize needs an aggregate or a key")
	}
	z := &summarizer{b: b, s: &Summarize{}, taken: newNames(nil), plain: true}
	z.s.In = b.windowed(in, func() {
		for _, x := range op.By {
			b.addDistinct(z.s, in, x, z.taken)
		}
	})
	for _, k := range z.s.Keys {
		z.outer = append(z.outer, Item{k.Col, NewRef(k.Col, k.X.Span())})
	}
	for _, x := range op.Aggregates {
		b.rescue(func() { z.column(x) }, func() {
			for _, it := range unknownItems(x) {
				z.plain = false
				z.outer = append(z.outer, Item{b.column(it.name, schema.Unknown, true), it.x})
			}
		})
	}
	if slices.ContainsFunc(z.s.Aggregates, func(a Aggregate) bool { return strings.HasPrefix(a.Func, "make_list") }) {
		z.s.In = settled(z.s.In)
	}
	if z.plain {
		return z.s
	}
	return &Project{In: z.s, Items: z.outer}
}

// settled puts groups into the order of their keys, where nothing else orders them, so that
// a list made of them is the same each time.
func settled(in Rel) Rel {
	switch in := in.(type) { //nolint:gochecksumtype // the others have an order, or none to keep
	case *Project:
		if rows := settled(in.In); rows != in.In {
			out := *in
			out.In = rows
			return &out
		}
	case *Where:
		if rows := settled(in.In); rows != in.In {
			return &Where{rows, in.Cond}
		}
	case *Summarize:
		if len(in.Keys) == 0 {
			return in
		}
		s := &Sort{In: in}
		for _, k := range in.Keys {
			s.Keys = append(s.Keys, SortKey{X: ref(k.Col), NullsFirst: true})
		}
		return s
	}
	return in
}

// column binds one entry of the aggregates' list.
func (z *summarizer) column(x syntax.Expr) {
	var given []syntax.Name
	if n, ok := x.(*syntax.Named); ok {
		given, x = n.Names, n.X
	}
	if call, ok := syntax.Unparen(x).(*syntax.Call); ok {
		if f, ok := builtin.Aggregate(call.Func.Text); ok {
			z.aggregate(f, call, given)
			return
		}
	}
	z.plain = false
	v := z.expr(x)
	name := z.name(resultName(x), given, 0, x.Span())
	z.outer = append(z.outer, Item{z.b.column(name, v.Type(), v.Nullable()), v})
}

// aggregate binds a call that is a column by itself, perhaps several.
func (z *summarizer) aggregate(f *builtin.Function, call *syntax.Call, given []syntax.Name) {
	for i, r := range z.results(f, call) {
		r.agg.Col.Name = z.name(r.name, given, i, call.Span())
		z.s.Aggregates = append(z.s.Aggregates, r.agg)
		z.outer = append(z.outer, Item{r.agg.Col, NewRef(r.agg.Col, call.Span())})
	}
}

// name is that of column i of an entry: the one given, or else the one it has by itself.
func (z *summarizer) name(own string, given []syntax.Name, i int, at syntax.Span) string {
	switch {
	case i < len(given):
		return z.b.declare(z.taken, item{given[i].Text, true, nil, given[i].Span()})
	case own == "":
		return z.b.auto(z.taken, at)
	default:
		return z.taken.unique(own)
	}
}

type result struct {
	name string
	agg  Aggregate
}

// results binds a call of an aggregate to the columns it gives.
func (z *summarizer) results(f *builtin.Function, call *syntax.Call) []result {
	switch f.Canonical {
	case "arg_max", "arg_min":
		return z.argResults(f, call)
	case "take_any":
		return z.anyResults(f, call)
	case "percentile", "percentiles", "percentilew", "percentilesw":
		return z.percentiles(f, call)
	case "percentiles_array", "percentilesw_array":
		return z.percentileArray(f, call)
	}
	return []result{{callName(call), z.single(f, call)}}
}

// single binds an aggregate with one result.
func (z *summarizer) single(f *builtin.Function, call *syntax.Call) Aggregate {
	b := z.b
	args := make([]Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = b.expr(a)
	}
	if f.Canonical == "count" && len(args) > 0 {
		// count(x) with a column counts rows where it is a bool that is true, all rows else.
		if args[0].Type() == schema.Bool {
			return z.make("countif", schema.Long, call, args...)
		}
		return z.make("count", schema.Long, call)
	}
	c := b.resolve(f, call, args)
	return z.make(c.Op, c.Type(), call, c.Args...)
}

func (z *summarizer) make(fn string, t schema.Type, call *syntax.Call, args ...Expr) Aggregate {
	col := z.b.column(fn, t, !strings.Contains(neverNull, " "+fn+" "))
	return Aggregate{Col: col, Func: fn, Args: args, Span: call.Span()}
}

// neverNull lists the aggregates that have a value even over no rows.
const neverNull = " count countif dcount dcountif count_distinct count_distinctif make_list make_set make_list_if make_set_if make_list_with_nulls make_bag make_bag_if "

// argResults binds arg_max(by, columns…): the key's column, then each column's value in
// the row where the key is largest.
func (z *summarizer) argResults(f *builtin.Function, call *syntax.Call) []result {
	b := z.b
	b.arity(call, 1, 1<<15)
	key := b.expr(call.Args[0])
	keyName := resultName(call.Args[0])
	prefix := strings.TrimPrefix(f.Canonical, "arg_") + "_" + keyName
	name := func(column string, i int) string {
		switch {
		case column == "":
			return fmt.Sprintf("%s_arg%d", prefix, i)
		case f.Name != f.Canonical: // argmax, argmin
			return prefix + "_" + column
		default:
			return column
		}
	}
	first := prefix
	if keyName != "" && f.Name == f.Canonical {
		first = keyName
	}
	out := []result{{first, z.make(f.Canonical, key.Type(), call, key, key)}}
	for i, a := range call.Args[1:] {
		if _, ok := a.(*syntax.Star); ok {
			for _, c := range visible(b.row) {
				if z.isKey(c) || c.Name == keyName {
					continue
				}
				out = append(out, result{name(c.Name, i+1), z.make(f.Canonical, c.Type, call, key, NewRef(c, a.Span()))})
			}
			continue
		}
		v := b.expr(a)
		out = append(out, result{name(resultName(a), i+1), z.make(f.Canonical, v.Type(), call, key, v)})
	}
	return out
}

// isKey reports whether the rows are grouped by that very column.
func (z *summarizer) isKey(c *Column) bool {
	for _, k := range z.s.Keys {
		if r, ok := k.X.(*Ref); ok && r.Col == c {
			return true
		}
	}
	return false
}

func (z *summarizer) anyResults(f *builtin.Function, call *syntax.Call) []result {
	b := z.b
	b.arity(call, 1, 1<<15)
	prefix := ""
	if f.Name == "any" {
		prefix = "any_"
	}
	var out []result
	add := func(name string, v Expr) {
		if name != "" || prefix != "" {
			name = prefix + name
		}
		out = append(out, result{name, z.make("take_any", v.Type(), call, v)})
	}
	for _, a := range call.Args {
		if _, ok := a.(*syntax.Star); ok {
			for _, c := range visible(b.row) {
				if !z.isKey(c) {
					add(c.Name, NewRef(c, a.Span()))
				}
			}
			continue
		}
		add(resultName(a), b.expr(a))
	}
	return out
}

// percentiles binds percentile(x, p…): a column for each p.
func (z *summarizer) percentiles(f *builtin.Function, call *syntax.Call) []result {
	b := z.b
	weighted := strings.Contains(f.Name, "w")
	first := 1
	if weighted {
		first = 2
	}
	b.arity(call, first+1, 1<<15)
	x := b.expr(call.Args[0])
	if x.Type() == schema.Decimal {
		x = b.convert(x, schema.Real)
	}
	args := []Expr{x}
	if weighted {
		args = append(args, b.coerce(b.expr(call.Args[1]), schema.Long))
	}
	t := sumType(x.Type())
	var out []result
	for _, a := range call.Args[first:] {
		p := b.coerce(b.expr(a), schema.Real)
		fn := "percentile"
		if weighted {
			fn = "percentilew"
		}
		name := "percentile_" + resultName(call.Args[0])
		if c, ok := p.(*Const); ok {
			if v, ok := c.Value.(float64); ok {
				name += "_" + strings.ReplaceAll(strconv.FormatFloat(v, 'f', -1, 64), ".", "_")
			}
		}
		out = append(out, result{name, z.make(fn, t, call, append(slices.Clip(args), p)...)})
	}
	return out
}

// percentileArray binds percentiles_array(x, p…): the percentiles in one array. They may
// be given as a constant array.
func (z *summarizer) percentileArray(f *builtin.Function, call *syntax.Call) []result {
	b := z.b
	args := make([]Expr, len(call.Args))
	for i, a := range call.Args {
		args[i] = b.expr(a)
	}
	b.resolve(f, call, args)
	first := 1
	if f.Name == "percentilesw_array" {
		first = 2
		args[1] = b.convert(args[1], schema.Long)
	}
	flat := slices.Clone(args[:first])
	for _, a := range args[first:] {
		if c, ok := a.(*Const); ok && a.Type() == schema.Dynamic {
			for _, e := range constElements(c) {
				flat = append(flat, b.convert(e, schema.Real))
			}
			continue
		}
		flat = append(flat, b.coerce(a, schema.Real))
	}
	return []result{{callName(call), z.make(f.Name, schema.Dynamic, call, flat...)}}
}

// expr binds an expression over aggregates: calls of aggregates are computed below and
// referred to, everything else is computed from them and the keys.
func (z *summarizer) expr(x syntax.Expr) Expr {
	b := z.b
	inner := syntax.Unparen(x)
	if call, ok := inner.(*syntax.Call); ok {
		if f, ok := builtin.Aggregate(call.Func.Text); ok && b.notDefined(call.Func.Text) {
			return z.inner(f, call)
		}
	}
	replaced, defs := z.extract(inner)
	outer := b.scope
	defer func() { b.scope = outer }()
	for _, d := range defs {
		b.define(d.name, definition{value: d.value})
	}
	var out Expr
	b.in(keyColumns(z.s, b.row), func() { out = b.expr(replaced) })
	return z.keyed(out)
}

func (b *binder) notDefined(name string) bool {
	_, ok := b.lookup(name)
	return !ok
}

// inner adds an aggregate that is part of an expression and refers to its first result.
func (z *summarizer) inner(f *builtin.Function, call *syntax.Call) Expr {
	rs := z.results(f, call)
	r := rs[0]
	r.agg.Col.Name = "$" + f.Name
	z.s.Aggregates = append(z.s.Aggregates, r.agg)
	return NewRef(r.agg.Col, call.Span())
}

type extracted struct {
	name  string
	value Expr
}

// extract replaces the calls of aggregates in x by names no query can have, and tells
// what they stand for.
func (z *summarizer) extract(x syntax.Expr) (syntax.Expr, []extracted) {
	var defs []extracted
	var walk func(x syntax.Expr) syntax.Expr
	all := func(xs []syntax.Expr) []syntax.Expr {
		out := make([]syntax.Expr, len(xs))
		for i, e := range xs {
			out[i] = walk(e)
		}
		return out
	}
	walk = func(x syntax.Expr) syntax.Expr {
		switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
		case *syntax.Call:
			if f, ok := builtin.Aggregate(x.Func.Text); ok && z.b.notDefined(x.Func.Text) {
				name := fmt.Sprintf("\x00aggregate %d", len(defs)+len(z.s.Aggregates))
				defs = append(defs, extracted{name, z.inner(f, x)})
				n := *x
				return syntax.NameAt(name, n.Span())
			}
			c := *x
			c.Args = all(x.Args)
			return &c
		case *syntax.Paren:
			c := *x
			c.X = walk(x.X)
			return &c
		case *syntax.Unary:
			c := *x
			c.X = walk(x.X)
			return &c
		case *syntax.Binary:
			c := *x
			c.X, c.Y = walk(x.X), walk(x.Y)
			return &c
		case *syntax.In:
			c := *x
			c.X, c.Set = walk(x.X), all(x.Set)
			return &c
		case *syntax.Between:
			c := *x
			c.X, c.Low, c.High = walk(x.X), walk(x.Low), walk(x.High)
			return &c
		case *syntax.Path:
			c := *x
			c.X = walk(x.X)
			return &c
		case *syntax.Index:
			c := *x
			c.X, c.I = walk(x.X), walk(x.I)
			return &c
		case *syntax.Named:
			c := *x
			c.X = walk(x.X)
			return &c
		}
		return x
	}
	return walk(x), defs
}

// keyColumns are what a name outside of an aggregate can mean: the keys of the groups,
// under the name of the input's column too.
func keyColumns(s *Summarize, row []*Column) []*Column {
	cols := itemColumns(s.Keys)
	return append(cols, row...)
}

// keyed replaces references to input columns that are grouped by with the group's key.
func (z *summarizer) keyed(x Expr) Expr {
	return Rewrite(x, func(e Expr) Expr {
		r, ok := e.(*Ref)
		if !ok {
			return e
		}
		for _, k := range z.s.Keys {
			if k.Col == r.Col {
				return e
			}
			if kr, ok := k.X.(*Ref); ok && kr.Col == r.Col {
				return NewRef(k.Col, e.Span())
			}
		}
		for _, a := range z.s.Aggregates {
			if a.Col == r.Col {
				return e
			}
		}
		z.b.fail(e.Span(), "SEM0049", fmt.Sprintf("'%s' is neither aggregated nor a key of summarize", r.Col.Name))
		return e
	})
}

// Rewrite rebuilds an expression from its leaves up, each node replaced by what f gives.
func Rewrite(x Expr, f func(Expr) Expr) Expr {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Call:
		args := make([]Expr, len(x.Args))
		changed := false
		for i, a := range x.Args {
			args[i] = Rewrite(a, f)
			changed = changed || args[i] != a
		}
		if changed {
			return f(x.WithArgs(args))
		}
		return f(x)
	case *InQuery:
		if v := Rewrite(x.X, f); v != x.X {
			n := *x
			n.X = v
			return f(&n)
		}
		return f(x)
	default:
		return f(x)
	}
}
