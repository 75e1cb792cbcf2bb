package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// Graph is what make-graph gives. It has no rows of its own; the graph operators read
// it, no other does.
type Graph struct {
	nodes, edges graphTable
	// partitioned: make-graph's body runs on each partition by itself.
	partitioned bool
}

// graphTable is the nodes or the edges of a graph.
type graphTable struct {
	in *Shared
	// cols are the properties.
	cols []*Column
	// number tells the nodes, or the edges, apart; nodes of different partitions too, so
	// that no edge leads from one partition to another.
	number *Column
	// key is the id of a node; source and target are the numbers of an edge's nodes.
	key, source, target *Column
	// partition is the value that the graph is partitioned by; nil: it is not.
	partition *Column
}

// Columns are none.
func (*Graph) Columns() []*Column { return nil }

func (*Graph) rel() {}

// graphOperator binds an operator that follows a graph.
func (b *binder) graphOperator(g *Graph, op syntax.Operator) Rel {
	switch op := op.(type) { //nolint:gochecksumtype // the others do not read graphs
	case *syntax.GraphMatch:
		return b.graphMatch(g, op)
	case *syntax.GraphToTable:
		return b.graphToTable(g, op)
	case *syntax.As:
		b.define(op.Name.Text, definition{rel: func() Rel { return g }})
		return g
	case *syntax.GraphMarkComponents:
		return b.graphMarkComponents(g, op)
	case *syntax.Raw:
		b.unsupported(op.Span(), "The operator '"+op.Word()+"'")
	}
	b.fail(op.Span(), "SEM0090", fmt.Sprintf("The operator '%s' takes a table, not a graph; graph-match or graph-to-table makes one of it", op.Word()))
	return nil
}

// renamer gives each column of a table that is read once more its new column.
type renamer map[*Column]*Column

func (r renamer) columns(cols []*Column) []*Column {
	out := make([]*Column, len(cols))
	for i, c := range cols {
		out[i] = r[c]
	}
	return out
}

// read reads a shared table once more, hidden columns included.
func (b *binder) read(s *Shared) (*Shared, renamer) {
	use := &Shared{ID: s.ID, In: s.In}
	fresh := renamer{}
	for _, c := range s.In.Columns() {
		fresh[c] = b.derive(c)
		use.Cols = append(use.Cols, fresh[c])
	}
	return use, fresh
}

// read reads the table of a graph once more.
func (t graphTable) read(b *binder) graphTable {
	use, fresh := b.read(t.in)
	return graphTable{
		in: use, cols: fresh.columns(t.cols), number: fresh[t.number], key: fresh[t.key],
		source: fresh[t.source], target: fresh[t.target], partition: fresh[t.partition],
	}
}

// hidden is a column that no name reaches.
func (b *binder) hidden(name string, t schema.Type, nullable bool) *Column {
	c := b.column(name, t, nullable)
	c.Hidden = true
	return c
}

func ref(c *Column) *Ref { return NewRef(c, syntax.Span{}) }

// passed passes columns on; nil ones are left out.
func passed(cols ...*Column) []Item {
	var items []Item
	for _, c := range cols {
		if c != nil {
			items = append(items, Item{c, ref(c)})
		}
	}
	return items
}

// numbered gives each row a number.
func (b *binder) numbered(in Rel) (*Window, *Column) {
	n := b.hidden("$number", schema.Long, false)
	return &Window{In: in, Items: []Item{{n, NewCall("row_number", schema.Long, syntax.Span{})}}}, n
}

// graphMaker binds one make-graph.
type graphMaker struct {
	*binder
	// edges is the table of edges as it is given; source and target are its columns with
	// ids of nodes, partition the one that the graph is partitioned by, or nil.
	edges                     *Shared
	source, target, partition *Column
	// id is the type of the nodes' ids.
	id     schema.Type
	tables []nodeTable
}

// nodeTable is a table of nodes with one row for each id.
type nodeTable struct {
	in *Shared
	// key is the id; present is true; partition is nil where the table has no such column.
	key, present, partition *Column
	// cols are the properties, one of which is named the id.
	cols []*Column
	name string
}

// makeGraph binds make-graph. The nodes are the ids in the tables of nodes and those
// that edges name. A property comes from the first of the tables that has the node and
// the property.
func (b *binder) makeGraph(in Rel, op *syntax.MakeGraph) Rel {
	m := &graphMaker{binder: b, edges: b.share(in)}
	m.ends(op)
	if by := op.PartitionBy; by != nil {
		if m.partition = find(in.Columns(), by.Text); m.partition == nil {
			b.unknownColumn(by)
		}
	}
	for _, n := range op.Nodes {
		m.tables = append(m.tables, m.nodeTable(n))
	}
	g := &Graph{partitioned: m.partition != nil}
	g.nodes = m.nodes(op.NodeID)
	g.edges = m.connected(g.nodes)
	if m.partition == nil {
		return g
	}
	return b.partitionedGraph(g, op)
}

// ends finds the columns with the ids of nodes.
func (m *graphMaker) ends(op *syntax.MakeGraph) {
	m.source, m.target = m.idColumn(m.row, op.Source), m.idColumn(m.row, op.Target)
	switch s, t := m.source.Type, m.target.Type; {
	case s == t:
		m.id = s
	case isNumber(s) && isNumber(t):
		m.id = widest(s, t)
	default:
		m.fail(op.Target.Span(), "SEM0091", fmt.Sprintf("The source is a %s and the target a %s; convert one of them first", s, t))
	}
}

func (m *graphMaker) idColumn(cols []*Column, name syntax.Name) *Column {
	c := find(visible(cols), name.Text)
	if c == nil {
		m.in(cols, func() { m.unknownColumn(&name) })
	}
	if c.Type == schema.Dynamic {
		m.fail(name.Span(), "SEM0092", "The ids of nodes cannot be dynamic; convert them first")
	}
	return c
}

// nodeTable binds a table of nodes. Of several rows with one id it takes any value.
func (m *graphMaker) nodeTable(n syntax.GraphNodes) nodeTable {
	var in Rel
	m.in(nil, func() { in = m.rel(n.Table) })
	id := m.idColumn(in.Columns(), n.ID)
	if id.Type != m.id && (!isNumber(id.Type) || !isNumber(m.id)) {
		m.fail(n.ID.Span(), "SEM0091", fmt.Sprintf("The edges name their nodes by a %s, and '%s' is a %s", m.id, n.ID.Text, id.Type))
	}
	t := nodeTable{key: m.hidden("$key", m.id, id.Nullable), present: m.hidden("$present", schema.Bool, false), name: n.ID.Text}
	s := &Summarize{In: in, Keys: []Item{{t.key, m.convert(ref(id), m.id)}}}
	if m.partition != nil {
		if c := find(in.Columns(), m.partition.Name); c != nil && c.Type == m.partition.Type {
			t.partition = m.hidden("$partition", c.Type, c.Nullable)
			s.Keys = append(s.Keys, Item{t.partition, ref(c)})
		}
	}
	for _, c := range visible(in.Columns()) {
		d := m.derive(c)
		t.cols = append(t.cols, d)
		s.Aggregates = append(s.Aggregates, Aggregate{Col: d, Func: "take_any", Args: []Expr{ref(c)}})
	}
	t.in = m.share(&Project{In: s, Items: append(passed(s.Columns()...), Item{t.present, NewConst(schema.Bool, true, syntax.Span{})})})
	return t
}

// nodes collects the nodes with their properties.
func (m *graphMaker) nodes(name *syntax.Name) graphTable {
	t := m.ids()
	var rel Rel
	rel, t.number = m.numbered(t.in.In)
	sources := make([]nodeTable, len(m.tables))
	for i, s := range m.tables {
		rel, sources[i] = m.joined(rel, t, s)
	}
	p := &Project{In: rel, Items: passed(t.number, t.key, t.partition)}
	if name != nil {
		c := m.column(name.Text, m.id, t.key.Nullable)
		t.cols = append(t.cols, c)
		p.Items = append(p.Items, Item{c, ref(t.key)})
	}
	for _, it := range m.properties(sources, t.key) {
		t.cols = append(t.cols, it.Col)
		p.Items = append(p.Items, it)
	}
	t.in = m.share(p)
	return t
}

// ids collects the ids of the nodes.
func (m *graphMaker) ids() graphTable {
	u := &Union{Cols: []*Column{m.hidden("$key", m.id, true)}}
	if m.partition != nil {
		u.Cols = append(u.Cols, m.hidden("$partition", m.partition.Type, true))
	}
	add := func(s *Shared, key, partition *Column) {
		use, fresh := m.read(s)
		part := Part{use, []Item{{u.Cols[0], m.convert(ref(fresh[key]), m.id)}}}
		if partition != nil {
			part.Items = append(part.Items, Item{u.Cols[1], ref(fresh[partition])})
		}
		u.Parts = append(u.Parts, part)
	}
	add(m.edges, m.source, m.partition)
	add(m.edges, m.target, m.partition)
	for _, t := range m.tables {
		if m.partition == nil || t.partition != nil {
			add(t.in, t.key, t.partition)
		}
	}
	s := &Summarize{In: u}
	for _, c := range u.Cols {
		s.Keys = append(s.Keys, Item{m.derive(c), ref(c)})
	}
	out := graphTable{in: &Shared{In: s}, key: s.Keys[0].Col}
	if m.partition != nil {
		out.partition = s.Keys[1].Col
	}
	return out
}

// joined adds the columns of a table of nodes to the nodes.
func (m *graphMaker) joined(rel Rel, nodes graphTable, t nodeTable) (Rel, nodeTable) {
	use, fresh := m.read(t.in)
	on := []Match{{ref(nodes.key), ref(fresh[t.key])}}
	if t.partition != nil {
		on = append(on, Match{ref(nodes.partition), ref(fresh[t.partition])})
	}
	nullable(use.Cols)
	j := &Join{Kind: "leftouter", Left: rel, Right: use, On: on, Cols: append(passedColumns(rel), use.Cols...)}
	t.present, t.cols = fresh[t.present], fresh.columns(t.cols)
	return j, t
}

func passedColumns(r Rel) []*Column { return append([]*Column(nil), r.Columns()...) }

// properties computes the properties of nodes from the tables that have been joined.
// The id of a node that no table has is what the first table calls it.
func (m *graphMaker) properties(tables []nodeTable, key *Column) []Item {
	var items []Item
	done := map[string]bool{}
	for i, t := range tables {
		for _, c := range t.cols {
			if done[c.Name] {
				continue
			}
			done[c.Name] = true
			x := m.property(tables[i:], c.Name)
			if i == 0 && c.Name == t.name {
				x = m.convert(ref(key), c.Type)
			}
			items = append(items, Item{m.column(c.Name, x.Type(), x.Nullable()), x})
		}
	}
	return items
}

// property takes a property from the first table that has it and the node; it is
// dynamic when the tables disagree about its type.
func (m *graphMaker) property(tables []nodeTable, name string) Expr {
	var from []nodeTable
	var cols []*Column
	typ := schema.Unknown
	for _, t := range tables {
		c := find(t.cols, name)
		switch {
		case c == nil:
			continue
		case typ == schema.Unknown:
			typ = c.Type
		case typ != c.Type:
			typ = schema.Dynamic
		}
		from, cols = append(from, t), append(cols, c)
	}
	x := m.convert(ref(cols[len(cols)-1]), typ)
	for i := len(from) - 2; i >= 0; i-- {
		has := NewCall("isnotnull", schema.Bool, syntax.Span{}, ref(from[i].present))
		x = NewCall("iff", typ, syntax.Span{}, has, m.convert(ref(cols[i]), typ), x)
	}
	return x
}

// connected gives the edges the numbers of their nodes.
func (m *graphMaker) connected(nodes graphTable) graphTable {
	use, fresh := m.read(m.edges)
	rel, number := m.numbered(use)
	t := graphTable{number: number, cols: fresh.columns(visible(m.edges.In.Columns())), partition: fresh[m.partition]}
	var out Rel = rel
	for _, end := range []struct {
		id     *Column
		number **Column
	}{{m.source, &t.source}, {m.target, &t.target}} {
		n := nodes.read(m.binder)
		on := []Match{{m.convert(ref(fresh[end.id]), m.id), ref(n.key)}}
		if m.partition != nil {
			on = append(on, Match{ref(t.partition), ref(n.partition)})
		}
		*end.number = n.number
		out = &Join{Kind: "inner", Left: out, Right: n.in, On: on, Cols: append(passedColumns(out), n.number)}
	}
	t.in = m.share(out)
	return t
}

// partitionedGraph binds what runs on each partition. Operators on tables keep the rows
// of different partitions apart.
func (b *binder) partitionedGraph(g *Graph, op *syntax.MakeGraph) Rel {
	var r Rel = g
	for i, o := range op.Body {
		if _, ok := r.(*Graph); !ok {
			out, cols := b.perGroup(r, op.Body[i:], partitionOf(r), nil)
			return &Project{In: out, Items: passed(cols...)}
		}
		r = b.operator(r, o)
	}
	if _, ok := r.(*Graph); ok {
		b.fail(op.Span(), "SEM0090", "The operators on the partitions of the graph must make a table of it")
	}
	p := &Project{In: r, Items: passed(visible(r.Columns())...)}
	return p
}

// partitionOf is the hidden column by which the rows of partitions are told apart.
func partitionOf(r Rel) *Column {
	for _, c := range r.Columns() {
		if c.Hidden && c.Name == partitionName {
			return c
		}
	}
	return nil
}

const partitionName = "$partition"

// graphTables binds graph-to-table for several tables. Their names hold in the rest of
// the query.
func (b *binder) graphTables(in Rel, op *syntax.GraphToTable) []Result {
	g, ok := in.(*Graph)
	if !ok {
		b.fail(op.Span(), "SEM0090", "The operator 'graph-to-table' takes a graph; make-graph makes one of a table")
	}
	var results []Result
	for _, out := range op.Outputs {
		if out.As == nil {
			b.fail(out.Kind.Span(), "SEM0099", "Each of several tables of a graph needs a name, after 'as'")
		}
		table := b.again(b.graphTable(g, out))
		b.define(out.As.Text, definition{rel: table})
		results = append(results, Result{Name: out.As.Text, Rel: table()})
	}
	return results
}

// graphToTable binds graph-to-table for one table.
func (b *binder) graphToTable(g *Graph, op *syntax.GraphToTable) Rel {
	if len(op.Outputs) > 1 {
		b.unsupported(op.Span(), "graph-to-table with several tables inside a query")
	}
	return b.graphTable(g, op.Outputs[0])
}

func (b *binder) graphTable(g *Graph, out syntax.GraphOutput) Rel {
	t := g.nodes
	if out.Kind.Text == "edges" {
		t = g.edges
	}
	t = t.read(b)
	var rel Rel = t.in
	p := &Project{}
	for _, prm := range out.Params {
		name, ok := prm.Value.(*syntax.Name)
		if !ok {
			b.fail(prm.Value.Span(), "SEM0041", "The name of a column is expected")
		}
		var col *Column
		rel, col = b.idOf(g, rel, t, prm.Name)
		hash := NewCall("hash", schema.Long, prm.Name.Span(), ref(col))
		p.Items = append(p.Items, Item{b.column(name.Text, schema.Long, false), hash})
	}
	p.In = rel
	p.Items = append(p.Items, passed(t.cols...)...)
	if t.partition != nil && g.partitioned {
		hidden := b.hidden(partitionName, t.partition.Type, t.partition.Nullable)
		p.Items = append(p.Items, Item{hidden, ref(t.partition)})
	}
	return p
}

// idOf finds the id that a parameter of graph-to-table asks for: that of a node, or of
// one of the nodes of an edge.
func (b *binder) idOf(g *Graph, rel Rel, t graphTable, param syntax.Name) (Rel, *Column) {
	end := map[string]*Column{"with_node_id": t.key, "with_source_id": t.source, "with_target_id": t.target}[param.Text]
	if end == nil {
		b.fail(param.Span(), "SEM0093", fmt.Sprintf("'%s' has no meaning for this table", param.Text))
	}
	if end == t.key {
		return rel, t.key
	}
	return b.nodeKey(g, rel, end)
}

// nodeKey adds the id of the node with a number.
func (b *binder) nodeKey(g *Graph, rel Rel, number *Column) (Rel, *Column) {
	n := g.nodes.read(b)
	return &Join{Kind: "inner", Left: rel, Right: n.in, On: []Match{equal(number, n.number)}, Cols: append(passedColumns(rel), n.key)}, n.key
}
