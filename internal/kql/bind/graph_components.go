package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// graphMarkComponents binds graph-mark-components: the graph with one more property of
// its nodes.
func (b *binder) graphMarkComponents(g *Graph, op *syntax.GraphMarkComponents) Rel {
	kind := op.Params.Word("kind")
	if kind != "" && kind != "weak" && kind != "strong" {
		b.fail(op.Params.Find("kind").Span(), "SEM0094", fmt.Sprintf("kind is weak or strong, not '%s'", kind))
	}
	name := "ComponentId"
	if n := op.Params.Word("with_component_id"); n != "" {
		name = n
	}
	component := b.column(name, schema.Long, false)
	a := b.components(g, component, kind == "strong")
	marked := g.nodes.read(b)
	j := &Join{Kind: "inner", Left: marked.in, Right: a, On: []Match{equal(marked.key, a.Cols[0])}}
	if marked.partition != nil {
		j.On = append(j.On, equal(marked.partition, a.Cols[1]))
	}
	j.Cols = append(passedColumns(marked.in), component)
	marked.in = b.share(j)
	marked.cols = append(marked.cols, component)
	return &Graph{nodes: marked, edges: g.edges, partitioned: g.partitioned}
}

// components computes the component of each node. Nodes are told apart by their ids, for
// their numbers mean nothing outside of one statement.
func (b *binder) components(g *Graph, component *Column, strong bool) *Apply {
	nodes, edges := g.nodes.read(b), g.edges.read(b)
	rel, source := b.nodeKey(g, edges.in, edges.source)
	rel, target := b.nodeKey(g, rel, edges.target)
	a := &Apply{Op: &vector.Components{Strong: strong}, Ins: []Rel{
		b.shown(nodes.in, nodes.key, nodes.partition),
		b.shown(&Sort{rel, []SortKey{{X: ref(edges.number)}}}, source, target, edges.partition),
	}}
	a.Cols = []*Column{b.hidden("$key", nodes.key.Type, nodes.key.Nullable)}
	if p := nodes.partition; p != nil {
		a.Cols = append(a.Cols, b.hidden("$partition", p.Type, p.Nullable))
	}
	a.Cols = append(a.Cols, component)
	return a
}

// shown gives some columns, nil ones left out, so that an operator in Go gets them.
func (b *binder) shown(in Rel, cols ...*Column) Rel {
	p := &Project{In: in}
	for _, c := range cols {
		if c != nil {
			p.Items = append(p.Items, Item{b.column(c.Name, c.Type, c.Nullable), ref(c)})
		}
	}
	return p
}
