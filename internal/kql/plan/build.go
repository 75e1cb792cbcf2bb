package plan

import (
	"fmt"
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/syntax"
)

// Env is what a plan depends on beside the query.
type Env struct {
	// Exists reports whether a table has rows; nil: none has.
	Exists func(table string) bool
	// DeviceAliases: devices were merged, so DeviceId is mapped when it is read.
	DeviceAliases bool
}

// Build lowers one table of a bound query to relational operators; shared are the
// query's shared parts, of which it may read some. Tables without rows become empty
// values, kinds of join that SQL lacks become those it has.
func Build(rel bind.Rel, shared []*bind.Shared, env Env) (*Plan, error) {
	b := &builder{env: env, inner: map[bind.Rel]Node{}}
	p := &Plan{Inner: b.inner}
	refused := map[int]error{} // a table that reads no such part can do without
	for _, s := range shared {
		in, err := b.node(s.In)
		if err != nil {
			in, refused[s.ID] = &Values{}, err
		}
		p.Shared = append(p.Shared, &Shared{ID: s.ID, In: in})
	}
	root, err := b.node(rel)
	if err != nil {
		return nil, err
	}
	p.Root = root
	for _, c := range rel.Columns() {
		if !c.Hidden {
			p.Output = append(p.Output, Output{Col: c, At: len(p.Output)})
		}
	}
	p.Shared = reached(p)
	for _, s := range p.Shared {
		if err := refused[s.ID]; err != nil {
			return nil, err
		}
	}
	return p, nil
}

// reached are the shared parts that a plan reads, by whatever way, in their order.
func reached(p *Plan) []*Shared {
	read := map[int]bool{}
	var walk func(n Node)
	walk = func(n Node) {
		if r, ok := n.(*Ref); ok {
			read[r.ID] = true
		}
		for _, x := range exprsOf(n) {
			innerOf(x, func(rel bind.Rel) { walk(p.Inner[rel]) })
		}
		for _, in := range inputs(n) {
			walk(in)
		}
	}
	walk(p.Root)
	var out []*Shared
	for _, s := range slices.Backward(p.Shared) { // a part reads earlier ones only
		if read[s.ID] {
			walk(s.In)
			out = append(out, s)
		}
	}
	slices.Reverse(out)
	return out
}

// innerOf calls f with the queries inside an expression.
func innerOf(x bind.Expr, f func(bind.Rel)) {
	switch x := x.(type) {
	case *bind.Call:
		for _, a := range x.Args {
			innerOf(a, f)
		}
	case *bind.InQuery:
		innerOf(x.X, f)
		f(x.Query)
	case *bind.ScalarQuery:
		f(x.Query)
	case *bind.Const, *bind.Ref:
	}
}

// exprsOf lists the expressions that a node computes.
func exprsOf(n Node) []bind.Expr {
	var out []bind.Expr
	switch n := n.(type) {
	case *Values:
		for _, row := range n.Rows {
			out = append(out, row...)
		}
	case *Range:
		out = append(out, n.From, n.To, n.Step)
	case *Filter:
		out = n.Conds
	case *Project:
		out = itemExprs(n.Items)
	case *Aggregate:
		out = append(itemExprs(n.Keys), aggregateExprs(n.Aggs)...)
	case *First:
		out = n.Keys
	case *Sort:
		out = keyExprs(n.Keys)
	case *Limit:
		out = append(out, n.N)
	case *Join:
		for _, m := range n.On {
			out = append(out, m.Left, m.Right)
		}
	case *Union:
		for _, p := range n.Parts {
			out = append(out, itemExprs(p.Items)...)
		}
	case *Expand:
		for _, it := range n.Items {
			out = append(out, it.X)
		}
		if n.Limit != nil {
			out = append(out, n.Limit)
		}
	case *Window:
		out = append(itemExprs(n.Items), n.By...)
	case *Walk:
		for _, c := range n.Carry {
			out = append(out, c.X)
		}
	case *Series:
		out = append(itemExprs(n.Keys), aggregateExprs(n.Aggs)...)
		out = append(out, n.On, n.Step)
		for _, x := range []bind.Expr{n.From, n.To} {
			if x != nil {
				out = append(out, x)
			}
		}
	case *Scan, *Ref, *Input, *Apply, *Outside:
	}
	return out
}

func aggregateExprs(aggs []bind.Aggregate) []bind.Expr {
	var out []bind.Expr
	for _, a := range aggs {
		out = append(out, a.Args...)
	}
	return out
}

func keyExprs(keys []bind.SortKey) []bind.Expr {
	out := make([]bind.Expr, len(keys))
	for i, k := range keys {
		out[i] = k.X
	}
	return out
}

type builder struct {
	env   Env
	inner map[bind.Rel]Node
	size  int // operators and expressions so far
}

// maxSize bounds the operators and expressions of a plan. A bound query can name a part
// of itself several times over, at each of its levels; a plan has a copy for each.
const maxSize = 200_000

// grow counts one operator or expression.
func (b *builder) grow(span syntax.Span) error {
	if b.size++; b.size > maxSize {
		return syntax.Diagnostic{Code: "SEM0081", Span: span, Message: "The query is too large once its variables and functions are put in place"}
	}
	return nil
}

func (b *builder) node(r bind.Rel) (Node, error) {
	if err := b.grow(syntax.Span{}); err != nil {
		return nil, err
	}
	switch r := r.(type) {
	case *bind.Table:
		return b.scan(r), nil
	case *bind.Values:
		for _, row := range r.Rows {
			for _, x := range row {
				if err := b.queries(x); err != nil {
					return nil, err
				}
			}
		}
		return &Values{r.Cols, r.Rows}, nil
	case *bind.Range:
		for _, x := range []bind.Expr{r.From, r.To, r.Step} {
			if err := b.queries(x); err != nil {
				return nil, err
			}
		}
		return &Range{*r}, nil
	case *bind.Where:
		return b.over(r.In, func(in Node) Node { return &Filter{in, bind.Conjuncts(r.Cond)} }, r.Cond)
	case *bind.Project:
		return b.over(r.In, func(in Node) Node { return &Project{in, r.Items} }, itemExprs(r.Items)...)
	case *bind.Summarize:
		exprs := itemExprs(r.Keys)
		for _, a := range r.Aggregates {
			exprs = append(exprs, a.Args...)
		}
		return b.over(r.In, func(in Node) Node { return &Aggregate{in, r.Keys, r.Aggregates, orderOf(in)} }, exprs...)
	case *bind.Sort:
		var exprs []bind.Expr
		for _, k := range r.Keys {
			exprs = append(exprs, k.X)
		}
		return b.over(r.In, func(in Node) Node { return &Sort{in, r.Keys} }, exprs...)
	case *bind.Take:
		return b.over(r.In, func(in Node) Node { return &Limit{In: in, N: r.N, Random: r.Sample} }, r.N)
	case *bind.Join:
		return b.join(r)
	case *bind.Union:
		return b.union(r)
	case *bind.Expand:
		var exprs []bind.Expr
		for _, it := range r.Items {
			exprs = append(exprs, it.X)
		}
		return b.over(r.In, func(in Node) Node { return &Expand{in, r.Items, r.Index, r.Limit, r.Cols} }, exprs...)
	case *bind.Window:
		return b.over(r.In, func(in Node) Node { return window(in, r) }, append(itemExprs(r.Items), r.By...)...)
	case *bind.Shared:
		return &Ref{r.ID, sharedColumns(r), r.Cols}, nil
	case *bind.Series:
		exprs := append(itemExprs(r.Keys), r.On, r.Step)
		for _, x := range []bind.Expr{r.From, r.To} {
			if x != nil {
				exprs = append(exprs, x)
			}
		}
		return b.over(r.In, func(in Node) Node {
			return &Series{in, r.Keys, r.Aggregates, r.Defaults, r.Axis, r.On, r.From, r.To, r.Step, r.NonEmpty}
		}, exprs...)
	case *bind.Outside:
		return &Outside{r.Source, r.Cols}, nil
	case *bind.Apply:
		n := &Apply{Op: r.Op, Cols: r.Cols}
		for _, in := range r.Ins {
			node, err := b.visible(in)
			if err != nil {
				return nil, err
			}
			n.Ins = append(n.Ins, node)
		}
		return n, nil
	case *bind.Walk:
		return b.walk(r)
	case *bind.Graph:
		return nil, fmt.Errorf("plan a graph: only graph operators read one")
	case *bind.Foreign:
		return nil, syntax.Diagnostic{Code: "SEM0080", Span: r.At, Message: r.What + " is not supported"}
	default:
		return nil, fmt.Errorf("plan a %T: unknown operation", r)
	}
}

// visible is a table without its hidden columns.
func (b *builder) visible(r bind.Rel) (Node, error) {
	in, err := b.node(r)
	if err != nil {
		return nil, err
	}
	p := &Project{In: in}
	for _, c := range r.Columns() {
		if !c.Hidden {
			p.Items = append(p.Items, bind.Item{Col: c, X: bind.NewRef(c, syntax.Span{})})
		}
	}
	return p, nil
}

// window computes over the rows in their order, or in none.
func window(in Node, r *bind.Window) Node {
	w := &Window{In: in, Items: r.Items, By: r.By, Random: r.Random}
	if !r.Random {
		w.Order = orderOf(in)
	}
	return w
}

// sharedColumns are the columns of the shared part that a reader takes: all, when it
// takes as many as there are, else those that are not hidden.
func sharedColumns(r *bind.Shared) []*bind.Column {
	cols := r.In.Columns()
	if len(cols) == len(r.Cols) {
		return cols
	}
	var out []*bind.Column
	for _, c := range cols {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

// over builds an operator over its input, and the queries inside its expressions.
func (b *builder) over(in bind.Rel, build func(Node) Node, exprs ...bind.Expr) (Node, error) {
	n, err := b.node(in)
	if err != nil {
		return nil, err
	}
	for _, x := range exprs {
		if err := b.queries(x); err != nil {
			return nil, err
		}
	}
	return build(n), nil
}

// queries plans the queries inside an expression.
func (b *builder) queries(x bind.Expr) error {
	if err := b.grow(x.Span()); err != nil {
		return err
	}
	var rel bind.Rel
	switch x := x.(type) {
	case *bind.Call:
		for _, a := range x.Args {
			if err := b.queries(a); err != nil {
				return err
			}
		}
		return nil
	case *bind.InQuery:
		if err := b.queries(x.X); err != nil {
			return err
		}
		rel = x.Query
	case *bind.ScalarQuery:
		rel = x.Query
	case *bind.Const, *bind.Ref:
		return nil
	}
	n, err := b.node(rel)
	b.inner[rel] = n
	return err
}

func itemExprs(items []bind.Item) []bind.Expr {
	out := make([]bind.Expr, len(items))
	for i, it := range items {
		out[i] = it.X
	}
	return out
}

// scan reads a table, or nothing where it has no rows.
func (b *builder) scan(t *bind.Table) Node {
	if !t.Table.View && (b.env.Exists == nil || !b.env.Exists(t.Table.Name)) {
		return &Values{Cols: t.Columns()}
	}
	s := &Scan{Table: t.Table, Scans: t.Scans}
	_, has := t.Table.Column("DeviceId")
	s.MapDevices = has && b.env.DeviceAliases && !t.Table.View
	return s
}

// orderOf is the order in which a node gives its rows, if it has one whose keys are
// still among its columns.
func orderOf(n Node) []bind.SortKey {
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Sort:
		return n.Keys
	case *Filter:
		return orderOf(n.In)
	case *Limit:
		return orderOf(n.In)
	case *Window:
		return orderOf(n.In)
	case *Expand:
		return visibleKeys(orderOf(n.In), n.Cols)
	case *Project:
		var kept []bind.SortKey
		for _, k := range orderOf(n.In) {
			ref, ok := k.X.(*bind.Ref)
			if !ok {
				return kept
			}
			col := renamed(n, ref.Col)
			if col == nil {
				return kept
			}
			kept = append(kept, bind.SortKey{X: bind.NewRef(col, ref.Span()), Desc: k.Desc, NullsFirst: k.NullsFirst})
		}
		return kept
	}
	return nil
}

// renamed is the column under which a projection passes an input column on, or nil.
func renamed(p *Project, col *bind.Column) *bind.Column {
	for _, it := range p.Items {
		if r, ok := it.X.(*bind.Ref); ok && r.Col == col {
			return it.Col
		}
	}
	return nil
}

func visibleKeys(keys []bind.SortKey, cols []*bind.Column) []bind.SortKey {
	have := map[*bind.Column]bool{}
	for _, c := range cols {
		have[c] = true
	}
	for i, k := range keys {
		if !usesOnly(k.X, have) {
			return keys[:i]
		}
	}
	return keys
}

// join lowers the kinds of join.
func (b *builder) join(r *bind.Join) (Node, error) {
	left, err := b.node(r.Left)
	if err != nil {
		return nil, err
	}
	right, err := b.node(r.Right)
	if err != nil {
		return nil, err
	}
	j := &Join{Kind: JoinKind(r.Kind), Left: left, Right: right, On: r.On, Cols: r.Cols}
	switch r.Kind {
	case "innerunique":
		j.Kind = Inner
		first := &First{In: left, Keys: slices.Clone(r.Unique)}
		for _, m := range r.On {
			first.Keys = append(first.Keys, m.Left)
		}
		j.Left = first
	case "rightsemi", "rightanti":
		j.Kind = map[string]JoinKind{"rightsemi": LeftSemi, "rightanti": LeftAnti}[r.Kind]
		j.Left, j.Right = right, left
		j.On = make([]bind.Match, len(r.On))
		for i, m := range r.On {
			j.On[i] = bind.Match{Left: m.Right, Right: m.Left}
		}
	}
	return j, nil
}

// union leaves out the inputs that have no rows.
func (b *builder) union(r *bind.Union) (Node, error) {
	u := &Union{Cols: r.Cols}
	for _, p := range r.Parts {
		in, err := b.node(p.In)
		if err != nil {
			return nil, err
		}
		if !empty(in) {
			u.Parts = append(u.Parts, Part{in, p.Items})
		}
	}
	if len(u.Parts) == 0 {
		return &Values{Cols: r.Cols}, nil
	}
	return u, nil
}

// empty reports whether a node can have no row.
func empty(n Node) bool {
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Values:
		return len(n.Rows) == 0
	case *Filter:
		return empty(n.In)
	case *Project:
		return empty(n.In)
	case *Sort:
		return empty(n.In)
	case *Limit:
		return empty(n.In)
	}
	return false
}

// usesOnly reports whether an expression refers to no column but those.
func usesOnly(x bind.Expr, have map[*bind.Column]bool) bool {
	ok := true
	Refs(x, func(c *bind.Column) { ok = ok && have[c] })
	return ok
}

// Refs calls f with every column an expression refers to, not those inside the queries
// in it, which refer to their own only.
func Refs(x bind.Expr, f func(*bind.Column)) {
	switch x := x.(type) {
	case *bind.Ref:
		f(x.Col)
	case *bind.Call:
		for _, a := range x.Args {
			Refs(a, f)
		}
	case *bind.InQuery:
		Refs(x.X, f)
	case *bind.Const, *bind.ScalarQuery:
	}
}
