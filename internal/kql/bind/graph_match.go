package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// maxSteps bounds the length of an edge of variable length.
const maxSteps = 64

// maxPattern bounds the edges of a pattern.
const maxPattern = 32

// pattern is what graph-match looks for.
type pattern struct {
	graph  *Graph
	unique Uniqueness
	nodes  []*patternNode
	edges  []*patternEdge
	// inside is the element that all(), any() or map() look at: node_id() and the like
	// mean it when they name none.
	inside *patternNode
}

// patternNode is a node of a pattern.
type patternNode struct {
	name string // "": none
	graphTable
	rel Rel
	// in and out are the numbers of edges that lead to and from the node, once asked for.
	in, out *Column
	bound   bool // it is among the rows matched so far
}

// patternEdge is an edge of a pattern: one edge, or a trail of several.
type patternEdge struct {
	name        string
	at          syntax.Span
	left, right *patternNode
	// steps are the edges as seen along the pattern: from source, on the left, to target.
	steps graphTable
	rel   Rel
	trail *Trail       // nil: one edge
	inner *patternNode // the node between two steps of a trail
	bound bool
}

// graphMatch binds graph-match and graph-shortest-paths: the elements of the pattern are
// joined one after another, then the conditions select.
func (b *binder) graphMatch(g *Graph, op *syntax.GraphMatch) Rel {
	if len(op.Project) == 0 {
		b.unsupported(op.Span(), op.Word()+" without project")
	}
	m := &matcher{binder: b, pattern: &pattern{graph: g, unique: b.uniqueness(op)}}
	for _, p := range op.Paths {
		m.addPath(p)
	}
	shortest := op.Word() == "graph-shortest-paths"
	if shortest {
		m.onePath(op)
	}
	defer func(outer *pattern, row []*Column) { b.pattern, b.row = outer, row }(b.pattern, b.row)
	b.pattern, b.row = m.pattern, nil
	var cond Expr
	if op.Where != nil {
		cond = b.condition(op.Where)
	}
	p := &Project{}
	taken, known := newNames(nil), newNames(nil)
	for _, x := range op.Project {
		for _, it := range b.items(x) {
			b.addProjected(p, it, taken, known)
		}
	}
	if shortest {
		p.In = m.shortest(cond, op)
	} else {
		p.In = m.matched(cond)
	}
	if c := m.pattern.nodes[0].partition; c != nil {
		hidden := b.hidden(partitionName, c.Type, c.Nullable)
		p.Items = append(p.Items, Item{hidden, ref(c)})
	}
	return p
}

func (b *binder) uniqueness(op *syntax.GraphMatch) Uniqueness {
	switch u := Uniqueness(op.Params.Word("cycles")); u {
	case "":
		return UniqueEdges
	case UniqueEdges, UniqueNodes, AnyCycles:
		return u
	default:
		b.fail(op.Params.Find("cycles").Span(), "SEM0094", fmt.Sprintf("cycles is all, none or unique_edges, not '%s'", u))
		return ""
	}
}

// matcher binds the match of one pattern.
type matcher struct {
	*binder
	pattern *pattern
}

func (m *matcher) addPath(p syntax.GraphPath) {
	left := m.addNode(p.Nodes[0])
	for i, e := range p.Edges {
		right := m.addNode(p.Nodes[i+1])
		m.addEdge(e, left, right)
		left = right
	}
}

func (m *matcher) addNode(n syntax.GraphNode) *patternNode {
	name := ""
	if n.Name != nil {
		name = n.Name.Text
		if found := m.pattern.node(name); found != nil {
			return found
		}
		if m.pattern.edge(name) != nil {
			m.fail(n.Name.Span(), "SEM0095", fmt.Sprintf("'%s' names an edge of the pattern already", name))
		}
	}
	node := m.newNode(name)
	m.pattern.nodes = append(m.pattern.nodes, node)
	return node
}

func (m *matcher) newNode(name string) *patternNode {
	t := m.pattern.graph.nodes.read(m.binder)
	return &patternNode{name: name, graphTable: t, rel: t.in}
}

func (m *matcher) addEdge(e syntax.GraphEdge, left, right *patternNode) {
	edge := &patternEdge{at: e.Span, left: left, right: right}
	if e.Name != nil {
		edge.name = e.Name.Text
		if m.pattern.edge(edge.name) != nil || m.pattern.node(edge.name) != nil {
			m.fail(e.Name.Span(), "SEM0095", fmt.Sprintf("'%s' names an element of the pattern already", edge.name))
		}
	}
	if len(m.pattern.edges) >= maxPattern {
		m.fail(e.Span, "SEM0096", fmt.Sprintf("A pattern has at most %d edges", maxPattern))
	}
	edge.steps, edge.rel = m.steps(e)
	if e.Min != nil {
		edge.trail = m.trail(e, edge)
		edge.inner = m.newNode("")
	}
	m.pattern.edges = append(m.pattern.edges, edge)
}

// steps reads the edges along the pattern. An edge without direction is there both ways.
func (m *matcher) steps(e syntax.GraphEdge) (graphTable, Rel) {
	t := m.pattern.graph.edges.read(m.binder)
	switch {
	case e.Forward:
		return t, t.in
	case e.Backward:
		t.source, t.target = t.target, t.source
		return t, t.in
	}
	back := m.pattern.graph.edges.read(m.binder)
	noLoop := NewCall("!=", schema.Bool, e.Span, ref(back.source), ref(back.target))
	u := &Union{Parts: []Part{{In: t.in}, {In: &Where{back.in, noLoop}}}}
	both := graphTable{}
	add := func(there, here *Column) *Column {
		c := m.derive(there)
		u.Cols = append(u.Cols, c)
		u.Parts[0].Items = append(u.Parts[0].Items, Item{c, ref(there)})
		u.Parts[1].Items = append(u.Parts[1].Items, Item{c, ref(here)})
		return c
	}
	both.number = add(t.number, back.number)
	both.source, both.target = add(t.source, back.target), add(t.target, back.source)
	for i := range t.cols {
		both.cols = append(both.cols, add(t.cols[i], back.cols[i]))
	}
	return both, u
}

func (m *matcher) trail(e syntax.GraphEdge, edge *patternEdge) *Trail {
	t := &Trail{
		Min: m.steps64(e.Min), Max: m.steps64(e.Max), Edge: edge.steps.number, Unique: m.pattern.unique,
		End: m.hidden("$end", schema.Long, false), Length: m.hidden("$length", schema.Long, false),
		Edges: m.hidden("$edges", schema.Dynamic, false), Inner: m.hidden("$inner", schema.Dynamic, false),
	}
	if t.Min > t.Max {
		m.fail(e.Span, "SEM0097", fmt.Sprintf("The edge is at least %d and at most %d long", t.Min, t.Max))
	}
	return t
}

// steps64 binds a bound of an edge's length.
func (m *matcher) steps64(x syntax.Expr) int64 {
	c, ok := m.expr(x).(*Const)
	if ok {
		if n, ok := c.Value.(int64); ok && n >= 0 && n <= maxSteps {
			return n
		}
	}
	m.fail(x.Span(), "SEM0097", fmt.Sprintf("The length of an edge is a whole number from 0 to %d", maxSteps))
	return 0
}

// onePath checks that the pattern is one that graph-shortest-paths takes.
func (m *matcher) onePath(op *syntax.GraphMatch) {
	if len(m.pattern.edges) != 1 || len(op.Paths) != 1 || m.pattern.edges[0].trail == nil {
		m.fail(op.Span(), "SEM0098", "graph-shortest-paths takes one edge of variable length between two nodes")
	}
	if op.Params.Find("output") != nil && op.Params.Word("output") != "any" && op.Params.Word("output") != "all" {
		m.fail(op.Params.Find("output").Span(), "SEM0094", fmt.Sprintf("output is any or all, not '%s'", op.Params.Word("output")))
	}
}

// node finds a node by name, or gives nil.
func (p *pattern) node(name string) *patternNode {
	for _, n := range p.nodes {
		if n.name == name && name != "" {
			return n
		}
	}
	return nil
}

// edge finds an edge by name, or gives nil.
func (p *pattern) edge(name string) *patternEdge {
	for _, e := range p.edges {
		if e.name == name && name != "" {
			return e
		}
	}
	return nil
}

// matched joins the elements of the pattern and selects. It begins at the node about
// which a condition says most.
func (m *matcher) matched(cond Expr) Rel {
	conds := m.required(Conjuncts(cond))
	rel := m.joinElements(conds)
	if m.pattern.unique != AnyCycles {
		conds = append(conds, m.distinct()...)
	}
	for _, c := range conds {
		rel = &Where{rel, c}
	}
	return rel
}

// required takes all(edge, …), where it stands as a condition of its own, into the
// walk, which then follows no trail in vain; it gives the other conditions.
func (m *matcher) required(conds []Expr) []Expr {
	return slices.DeleteFunc(conds, func(x Expr) bool {
		r, ok := x.(*Ref)
		if !ok {
			return false
		}
		for _, e := range m.pattern.edges {
			if e.trail == nil {
				continue
			}
			for i := range e.trail.Carry {
				if c := &e.trail.Carry[i]; c.Col == r.Col && c.Fold == FoldAll {
					c.Required = true
					return true
				}
			}
		}
		return false
	})
}

// joinElements joins edge after edge to what has been matched, preferring those that
// lead on from it, single ones first.
func (m *matcher) joinElements(conds []Expr) Rel {
	rel := m.bind(nil, m.start(conds))
	for range m.pattern.edges {
		e := m.nextEdge()
		if !e.left.bound && !e.right.bound {
			rel = m.bind(rel, e.left)
		}
		if e.trail != nil {
			rel = m.walk(rel, e)
		} else {
			rel = m.joinEdge(rel, e)
		}
		e.bound = true
	}
	for _, n := range m.pattern.nodes {
		if !n.bound {
			rel = m.bind(rel, n)
		}
	}
	return rel
}

// start is the node with the strongest condition of its own: an equality, another
// condition, none.
func (m *matcher) start(conds []Expr) *patternNode {
	best, most := m.pattern.nodes[0], 0
	for _, n := range m.pattern.nodes {
		strength := 0
		for _, c := range conds {
			if !refersOnly(c, n.cols) {
				continue
			}
			strength = max(strength, 1)
			if call, ok := c.(*Call); ok && (call.Op == "==" || call.Op == "in") {
				strength = 2
			}
		}
		if strength > most {
			best, most = n, strength
		}
	}
	return best
}

// refersOnly: x refers to columns, and to none but those.
func refersOnly(x Expr, cols []*Column) bool {
	some, only := false, true
	Rewrite(x, func(e Expr) Expr {
		if r, ok := e.(*Ref); ok {
			some = true
			only = only && slices.Contains(cols, r.Col)
		}
		return e
	})
	return some && only
}

func (m *matcher) nextEdge() *patternEdge {
	var next *patternEdge
	best := -1
	for _, e := range m.pattern.edges {
		if e.bound {
			continue
		}
		score := 0
		if e.left.bound || e.right.bound {
			score += 2
		}
		if e.trail == nil {
			score++
		}
		if score > best {
			next, best = e, score
		}
	}
	return next
}

// bind adds a node that nothing leads to.
func (m *matcher) bind(rel Rel, n *patternNode) Rel {
	n.bound = true
	if rel == nil {
		return n.rel
	}
	always := NewConst(schema.Long, int64(1), syntax.Span{})
	return m.join(rel, n.rel, Match{always, always})
}

func (m *matcher) join(left, right Rel, on ...Match) Rel {
	return &Join{Kind: "inner", Left: left, Right: right, On: on, Cols: slices.Concat(left.Columns(), right.Columns())}
}

func equal(a, b *Column) Match { return Match{ref(a), ref(b)} }

// joinEdge adds a single edge and the node at its other end.
func (m *matcher) joinEdge(rel Rel, e *patternEdge) Rel {
	var on []Match
	if e.left.bound {
		on = append(on, equal(e.left.number, e.steps.source))
	}
	if e.right.bound {
		on = append(on, equal(e.right.number, e.steps.target))
	}
	rel = m.join(rel, e.rel, on...)
	for _, end := range []struct {
		node *patternNode
		col  *Column
	}{{e.left, e.steps.source}, {e.right, e.steps.target}} {
		if !end.node.bound {
			rel = m.join(rel, end.node.rel, equal(end.col, end.node.number))
			end.node.bound = true
		}
	}
	return rel
}

// walk adds a trail and the node at its other end.
func (m *matcher) walk(rel Rel, e *patternEdge) Rel {
	t := e.trail
	from, to := e.left, e.right
	t.Departs, t.Arrives = e.steps.source, e.steps.target
	if !from.bound {
		from, to, t.Backward = e.right, e.left, true
		t.Departs, t.Arrives = t.Arrives, t.Departs
	}
	t.From = from.number
	steps := e.rel
	if slices.ContainsFunc(t.Carry, func(c Carry) bool { return c.Inner }) {
		steps = m.join(steps, e.inner.rel, equal(t.Departs, e.inner.number))
	}
	known := slices.Concat(rel.Columns(), steps.Columns())
	w := &Walk{In: rel, Steps: steps, Cols: append(passedColumns(rel), t.End, t.Length, t.Edges, t.Inner)}
	for _, c := range t.Carry {
		if other := foreign(c.X, known); other != nil {
			m.unsupported(other.Span(), "An expression about the steps of an edge that looks at a later part of the pattern")
		}
		w.Cols = append(w.Cols, c.Col)
	}
	w.Trail = *t
	if to.bound {
		return &Where{w, NewCall("==", schema.Bool, e.at, ref(t.End), ref(to.number))}
	}
	to.bound = true
	return m.join(w, to.rel, equal(t.End, to.number))
}

// foreign is a reference in x to another column than those, or nil.
func foreign(x Expr, cols []*Column) Expr {
	var found Expr
	Rewrite(x, func(e Expr) Expr {
		if r, ok := e.(*Ref); ok && !slices.Contains(cols, r.Col) {
			found = r
		}
		return e
	})
	return found
}

// distinct are the conditions that keep a match from meeting an edge, or a node, twice.
// Trails see to themselves.
func (m *matcher) distinct() []Expr {
	if m.pattern.unique == UniqueNodes {
		return m.distinctNodes()
	}
	var out []Expr
	for i, e := range m.pattern.edges {
		for _, o := range m.pattern.edges[:i] {
			out = append(out, apart(e.met(), o.met()))
		}
	}
	return out
}

func (m *matcher) distinctNodes() []Expr {
	var met []Expr
	for _, n := range m.pattern.nodes {
		met = append(met, ref(n.number))
	}
	var out []Expr
	for _, e := range m.pattern.edges {
		switch {
		case e.left == e.right:
			out = append(out, NewConst(schema.Bool, false, e.at))
		case e.trail != nil:
			met = append(met, ref(e.trail.Inner))
		}
	}
	for i, x := range met {
		for _, y := range met[:i] {
			out = append(out, apart(x, y))
		}
	}
	return out
}

// met is the number of an edge, or the list of those of a trail.
func (e *patternEdge) met() Expr {
	if e.trail != nil {
		return ref(e.trail.Edges)
	}
	return ref(e.steps.number)
}

// apart: two numbers, or lists of numbers, have none in common.
func apart(x, y Expr) Expr {
	if x.Type() != schema.Dynamic {
		x, y = y, x
	}
	op := "path_has"
	switch {
	case x.Type() != schema.Dynamic:
		return NewCall("!=", schema.Bool, syntax.Span{}, x, y)
	case y.Type() == schema.Dynamic:
		op = "paths_meet"
	}
	return NewCall("not", schema.Bool, syntax.Span{}, NewCall(op, schema.Bool, syntax.Span{}, x, y))
}

// shortest keeps, of the trails between two nodes that meet the condition, those with
// the least number of steps: all, or one.
func (m *matcher) shortest(cond Expr, op *syntax.GraphMatch) Rel {
	e := m.pattern.edges[0]
	conds := m.required(Conjuncts(cond))
	e.trail.Shortest = e.trail.Min <= 1 && !slices.ContainsFunc(conds, func(x Expr) bool { return aboutTrail(x, e.trail) })
	rel := m.joinElements(conds)
	for _, c := range conds {
		rel = &Where{rel, c}
	}
	if op.Params.Word("output") != "all" {
		rank := m.hidden("$rank", schema.Long, false)
		pair := NewCall("pack_array", schema.Dynamic, op.Span(), ref(e.left.number), ref(e.right.number))
		byLength := &Sort{rel, []SortKey{{X: ref(e.trail.Length), NullsFirst: true}}}
		w := &Window{In: byLength, Items: []Item{{rank, NewCall("row_number", schema.Long, op.Span())}}, By: []Expr{pair}}
		return &Where{w, NewCall("<=", schema.Bool, op.Span(), ref(rank), NewConst(schema.Long, int64(1), op.Span()))}
	}
	if e.trail.Shortest {
		return rel
	}
	return m.leastLength(rel, e)
}

// aboutTrail: x depends on more of a trail than its two ends.
func aboutTrail(x Expr, t *Trail) bool {
	found := false
	Rewrite(x, func(e Expr) Expr {
		if r, ok := e.(*Ref); ok {
			found = found || slices.ContainsFunc(t.Carry, func(c Carry) bool { return c.Col == r.Col })
		}
		return e
	})
	return found
}

// leastLength keeps the matches whose trail is as short as the shortest between the
// same nodes.
func (m *matcher) leastLength(rel Rel, e *patternEdge) Rel {
	all := m.share(rel)
	matches := &Shared{ID: all.ID, In: rel, Cols: rel.Columns()}
	use, fresh := m.read(all)
	left, right, least := m.hidden("$left", schema.Long, false), m.hidden("$right", schema.Long, false), m.hidden("$least", schema.Long, false)
	s := &Summarize{
		In:         use,
		Keys:       []Item{{left, ref(fresh[e.left.number])}, {right, ref(fresh[e.right.number])}},
		Aggregates: []Aggregate{{Col: least, Func: "min", Args: []Expr{ref(fresh[e.trail.Length])}}},
	}
	return m.join(matches, s, equal(e.left.number, left), equal(e.right.number, right), equal(e.trail.Length, least))
}
