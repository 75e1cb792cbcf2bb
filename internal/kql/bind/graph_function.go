package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// graphFunctions have a meaning in the expressions of graph-match and
// graph-shortest-paths only.
var graphFunctions map[string]func(b *binder, x *syntax.Call) Expr

func init() {
	graphFunctions = map[string]func(b *binder, x *syntax.Call) Expr{
		"all":             func(b *binder, x *syntax.Call) Expr { return b.overSteps(x, FoldAll) },
		"any":             func(b *binder, x *syntax.Call) Expr { return b.overSteps(x, FoldAny) },
		"map":             func(b *binder, x *syntax.Call) Expr { return b.overSteps(x, FoldList) },
		"node_degree_in":  func(b *binder, x *syntax.Call) Expr { return b.degree(x, true) },
		"node_degree_out": func(b *binder, x *syntax.Call) Expr { return b.degree(x, false) },
		"node_id":         (*binder).nodeID,
		"inner_nodes": func(b *binder, x *syntax.Call) Expr {
			b.fail(x.Span(), "SEM0089", "inner_nodes() stands as the first argument of all(), any() or map()")
			return nil
		},
		// Labels stand in the definition of a stored graph, and there are none of those.
		"labels": func(b *binder, x *syntax.Call) Expr {
			b.arity(x, 0, 1)
			return NewCall("pack_array", schema.Dynamic, x.Span())
		},
	}
}

// overSteps binds all(), any() and map(): the expression is about the edges of a trail,
// or about the nodes between them.
func (b *binder) overSteps(x *syntax.Call, fold Fold) Expr {
	b.arity(x, 2, 2)
	e, inner := b.trailOf(x.Args[0])
	row, inside := e.steps.cols, (*patternNode)(nil)
	if inner {
		row, inside = e.inner.cols, e.inner
	}
	var v Expr
	b.in(row, func() {
		defer func(outer *patternNode) { b.pattern.inside = outer }(b.pattern.inside)
		b.pattern.inside = inside
		if fold == FoldList {
			v = b.expr(x.Args[1])
		} else {
			v = b.condition(x.Args[1])
		}
	})
	return b.carry(e, Carry{Fold: fold, Inner: inner, X: v}, x.Span())
}

// carry makes a trail collect a value, and refers to what it collects.
func (b *binder) carry(e *patternEdge, c Carry, span syntax.Span) Expr {
	t := schema.Bool
	if c.Fold == FoldList {
		t = schema.Dynamic
		c.X = b.convert(c.X, schema.Dynamic)
	}
	c.Col = b.hidden("$carry", t, false)
	e.trail.Carry = append(e.trail.Carry, c)
	return NewRef(c.Col, span)
}

// trailOf finds the edge of variable length that an argument names; inner: the argument
// is inner_nodes of it.
func (b *binder) trailOf(x syntax.Expr) (e *patternEdge, inner bool) {
	if call, ok := x.(*syntax.Call); ok && call.Func.Text == "inner_nodes" {
		b.arity(call, 1, 1)
		x, inner = call.Args[0], true
	}
	if n, ok := x.(*syntax.Name); ok {
		e = b.pattern.edge(n.Text)
	}
	if e == nil || e.trail == nil {
		b.fail(x.Span(), "SEM0089", "An edge of variable length is expected here")
	}
	return e, inner
}

// nodeOf finds the node that a function is about: the one named, or the one that the
// expression is inside of.
func (b *binder) nodeOf(x *syntax.Call) *patternNode {
	b.arity(x, 0, 1)
	if len(x.Args) == 0 {
		if b.pattern.inside == nil {
			b.fail(x.Span(), "SEM0089", fmt.Sprintf("%s() needs a node of the pattern, except over inner_nodes()", x.Func.Text))
		}
		return b.pattern.inside
	}
	name, ok := x.Args[0].(*syntax.Name)
	if ok {
		if n := b.pattern.node(name.Text); n != nil {
			return n
		}
	}
	b.fail(x.Args[0].Span(), "SEM0089", "A node of the pattern is expected here")
	return nil
}

func (b *binder) nodeID(x *syntax.Call) Expr {
	n := b.nodeOf(x)
	return b.convert(NewRef(n.key, x.Span()), schema.String)
}

// degree binds node_degree_in and node_degree_out. The edges are counted once for each
// node of the pattern that is asked for.
func (b *binder) degree(x *syntax.Call, in bool) Expr {
	n := b.nodeOf(x)
	col := &n.out
	if in {
		col = &n.in
	}
	if *col == nil {
		edges := b.pattern.graph.edges.read(b)
		end := edges.source
		if in {
			end = edges.target
		}
		node, count := b.hidden("$node", schema.Long, false), b.hidden("$degree", schema.Long, true)
		s := &Summarize{In: edges.in, Keys: []Item{{node, ref(end)}}, Aggregates: []Aggregate{{Col: count, Func: "count"}}}
		n.rel = &Join{
			Kind: "leftouter", Left: n.rel, Right: s, On: []Match{equal(n.number, node)},
			Cols: append(passedColumns(n.rel), count),
		}
		*col = count
	}
	zero := NewConst(schema.Long, int64(0), x.Span())
	return &Call{typed{schema.Long, x.Span()}, "coalesce", []Expr{NewRef(*col, x.Span()), zero}, false}
}

// patternName binds the name of an element of the pattern: its properties as a bag, a
// trail's as an array of bags.
func (b *binder) patternName(x *syntax.Name) (Expr, bool) {
	if b.pattern == nil {
		return nil, false
	}
	if n := b.pattern.node(x.Text); n != nil {
		return b.bag(n.cols, "bag_pack", x.Span()), true
	}
	e := b.pattern.edge(x.Text)
	if e == nil {
		return nil, false
	}
	bag := b.bag(e.steps.cols, "bag_pack", x.Span())
	if e.trail != nil {
		return b.carry(e, Carry{Fold: FoldList, X: bag}, x.Span()), true
	}
	return bag, true
}

// patternPath binds element.property; of a trail it is the array of the edges' values.
func (b *binder) patternPath(x *syntax.Path) (Expr, bool) {
	name, ok := x.X.(*syntax.Name)
	if !ok || b.pattern == nil {
		return nil, false
	}
	var cols []*Column
	e := b.pattern.edge(name.Text)
	switch n := b.pattern.node(name.Text); {
	case n != nil:
		cols = n.cols
	case e != nil:
		cols = e.steps.cols
	default:
		return nil, false
	}
	c := find(cols, x.Name.Text)
	if c == nil {
		b.in(cols, func() { b.unknownColumn(&x.Name) })
	}
	if e != nil && e.trail != nil {
		return b.carry(e, Carry{Fold: FoldList, X: NewRef(c, x.Span())}, x.Span()), true
	}
	return NewRef(c, x.Span()), true
}
