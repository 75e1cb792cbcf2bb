package syntax

// The graph operators.
type (
	// MakeGraph makes a graph of a table of edges.
	MakeGraph struct {
		step
		Source, Target Name
		NodeID         *Name // with_node_id
		Nodes          []GraphNodes
		PartitionBy    *Name
		Body           []Operator // what runs on each partition
	}
	// GraphMatch is graph-match and graph-shortest-paths.
	GraphMatch struct {
		step
		Params  Params
		Paths   []GraphPath
		Where   Expr // nil: all
		Project []Expr
	}
	// GraphToTable gives the nodes or edges of a graph as tables.
	GraphToTable struct {
		step
		Outputs []GraphOutput
	}
	// GraphMarkComponents numbers the connected parts of a graph.
	GraphMarkComponents struct {
		step
		Params Params
	}
)

// GraphNodes is a table of nodes of make-graph and its column with the node's id.
type GraphNodes struct {
	Table Expr
	ID    Name
}

// GraphPath is a sequence of a pattern: Edges[i] joins Nodes[i] and Nodes[i+1].
type GraphPath struct {
	Nodes []GraphNode
	Edges []GraphEdge
}

// GraphNode is (name) or ().
type GraphNode struct {
	Span Span
	Name *Name
}

// GraphEdge is an edge of a pattern. Forward is -[e]->, Backward <-[e]-, neither of
// them either direction.
type GraphEdge struct {
	Span              Span
	Name              *Name
	Forward, Backward bool
	Min, Max          Expr // of an edge of variable length; nil: one edge
}

// GraphOutput is a table that graph-to-table gives.
type GraphOutput struct {
	Kind   Name // nodes or edges
	As     *Name
	Params Params // with_node_id, with_source_id, with_target_id
}

func (p *parser) makeGraph(s step) Operator {
	op := &MakeGraph{step: s}
	p.opParams()
	op.Source = p.name()
	p.expect("-")
	p.expect("-")
	p.accept(">")
	op.Target = p.name()
	switch ps := p.opParams("with_node_id"); {
	case len(ps) > 0:
		if n, ok := ps[0].Value.(*Name); ok && ps[0].Name.Text == "with_node_id" {
			op.NodeID = n
			break
		}
		p.fail(ps[0].Name.span, "SYN0002", "expected with_node_id and the name of a column")
	case p.accept("with"):
		op.Nodes = p.graphNodes()
	}
	if word, n := p.operatorWord(); word == "partitioned-by" {
		p.at += n
		by := p.name()
		op.PartitionBy = &by
		op.Body = p.subPipeline()
	}
	return op
}

func (p *parser) graphNodes() []GraphNodes {
	var list []GraphNodes
	for {
		n := GraphNodes{Table: p.operand()}
		p.expect("on")
		n.ID = p.name()
		list = append(list, n)
		if !p.accept(",") {
			return list
		}
	}
}

func (p *parser) graphMatch(s step) Operator {
	op := &GraphMatch{step: s, Params: p.opParams("cycles", "output")}
	for {
		op.Paths = append(op.Paths, p.graphPath())
		if !p.accept(",") {
			break
		}
	}
	if p.accept("where") {
		op.Where = p.condExpr()
	}
	if p.accept("project") {
		op.Project = p.list(p.namedExpr)
	}
	return op
}

func (p *parser) graphPath() GraphPath {
	path := GraphPath{Nodes: []GraphNode{p.graphNode()}}
	for p.is("-") || p.is("<") {
		path.Edges = append(path.Edges, p.graphEdge())
		path.Nodes = append(path.Nodes, p.graphNode())
	}
	return path
}

func (p *parser) graphNode() GraphNode {
	start := p.expect("(").span
	var n GraphNode
	if !p.is(")") {
		name := p.name()
		n.Name = &name
	}
	p.expect(")")
	n.Span = p.since(start).span
	return n
}

// graphEdge reads -[e*1..3]->, <-[e]-, -->, -- and their like.
func (p *parser) graphEdge() GraphEdge {
	start := p.peek().span
	e := GraphEdge{Backward: p.accept("<")}
	p.expect("-")
	if p.accept("[") {
		if !p.is("*") && !p.is("]") {
			name := p.name()
			e.Name = &name
		}
		if p.accept("*") {
			e.Min = p.additive()
			p.expect("..")
			e.Max = p.additive()
		}
		p.expect("]")
	}
	p.expect("-")
	if !e.Backward {
		e.Forward = p.accept(">")
	}
	e.Span = p.since(start).span
	return e
}

func (p *parser) graphToTable(s step) Operator {
	op := &GraphToTable{step: s}
	for {
		out := GraphOutput{Kind: p.name()}
		if out.Kind.Text != "nodes" && out.Kind.Text != "edges" {
			p.fail(out.Kind.span, "SYN0002", "expected nodes or edges, found "+out.Kind.Text)
		}
		if p.accept("as") {
			n := p.name()
			out.As = &n
		}
		out.Params = p.opParams("with_node_id", "with_source_id", "with_target_id")
		op.Outputs = append(op.Outputs, out)
		if !p.accept(",") {
			return op
		}
	}
}

func (p *parser) graphMarkComponents(s step) Operator {
	return &GraphMarkComponents{s, p.opParams("kind", "with_component_id")}
}

func (o *MakeGraph) print(p *printer) {
	o.head(p, nil)
	o.Source.print(p)
	p.text(" --> ")
	o.Target.print(p)
	if o.NodeID != nil {
		p.text(" with_node_id=")
		o.NodeID.print(p)
	}
	for i, n := range o.Nodes {
		if i == 0 {
			p.text(" with ")
		} else {
			p.text(", ")
		}
		n.Table.print(p)
		p.text(" on ")
		n.ID.print(p)
	}
	if o.PartitionBy != nil {
		p.text(" partitioned-by ")
		o.PartitionBy.print(p)
		p.text(" (")
		p.operators(o.Body)
		p.text(")")
	}
}

func (o *GraphMatch) print(p *printer) {
	o.head(p, o.Params)
	for i, path := range o.Paths {
		if i > 0 {
			p.text(", ")
		}
		path.print(p)
	}
	p.optional(" where ", o.Where)
	if len(o.Project) > 0 {
		p.text(" project ")
		p.list(o.Project)
	}
}

func (g GraphPath) print(p *printer) {
	for i, n := range g.Nodes {
		if i > 0 {
			g.Edges[i-1].print(p)
		}
		p.text("(")
		if n.Name != nil {
			n.Name.print(p)
		}
		p.text(")")
	}
}

func (e GraphEdge) print(p *printer) {
	if e.Backward {
		p.text("<")
	}
	p.text("-")
	if e.Name != nil || e.Min != nil {
		e.printInner(p)
	}
	p.text("-")
	if e.Forward {
		p.text(">")
	}
}

func (e GraphEdge) printInner(p *printer) {
	p.text("[")
	if e.Name != nil {
		e.Name.print(p)
	}
	if e.Min != nil {
		p.text("*")
		e.Min.print(p)
		p.text("..")
		e.Max.print(p)
	}
	p.text("]")
}

func (o *GraphToTable) print(p *printer) {
	o.head(p, nil)
	for i, out := range o.Outputs {
		if i > 0 {
			p.text(", ")
		}
		out.Kind.print(p)
		if out.As != nil {
			p.text(" as ")
			out.As.print(p)
		}
		p.params(out.Params)
	}
}

func (o *GraphMarkComponents) print(p *printer) {
	p.text(o.word)
	p.params(o.Params)
}
