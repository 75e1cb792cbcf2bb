package bind

import (
	"fmt"
	"sync"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// tabular binds x as a table, if it is one.
func (b *binder) tabular(x syntax.Expr) (Rel, bool) {
	defer b.count(x.Span())()
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Paren:
		return b.tabular(x.X)
	case *syntax.Pipeline:
		return b.pipeline(x), true
	case *syntax.DataTable:
		return b.datatable(x), true
	case *syntax.ExternalData:
		return b.externalData(x), true
	case *syntax.Name:
		return b.tabularName(x)
	case *syntax.Call:
		return b.tabularCall(x)
	case *syntax.Method:
		return b.qualified(x)
	case *syntax.Path:
		if b.isDatabase(x.X) {
			return b.tableNamed(x.Name.Text, x.Name.Span()), true
		}
	}
	return nil, false
}

// rel binds x as a table and reports what is none.
func (b *binder) rel(x syntax.Expr) Rel {
	if r, ok := b.tabular(x); ok {
		return r
	}
	if n, ok := syntax.Unparen(x).(*syntax.Name); ok {
		b.unknownTable(n)
	}
	b.fail(x.Span(), "SEM0034", "A table is expected here")
	return nil
}

func (b *binder) unknownTable(n *syntax.Name) {
	var names []string
	for s := b.scope; s != nil; s = s.outer {
		names = append(names, s.name)
	}
	for _, t := range b.env.Catalog.Tables() {
		names = append(names, t.Name)
	}
	b.fail(n.Span(), "SEM0100", fmt.Sprintf("'%s' does not name a table, a tabular variable or a function%s", n.Text, syntax.Suggest(n.Text, names)))
}

func (b *binder) tabularName(n *syntax.Name) (Rel, bool) {
	if def, ok := b.lookup(n.Text); ok {
		return b.tabularDefinition(def, n)
	}
	if t, ok := b.env.Catalog.Table(n.Text); ok {
		return b.table(t), true
	}
	if n.Text == "_GetWatchlistAlias" {
		return b.watchlistAliases(), true
	}
	return nil, false
}

// tabularDefinition puts a tabular variable in place.
func (b *binder) tabularDefinition(def definition, at syntax.Expr) (Rel, bool) {
	switch {
	case def.rel != nil:
		return def.rel(), true
	case def.fn != nil:
		if len(def.fn.Params) == 0 {
			return b.invokeTabular(def, nil, at.Span())
		}
	case def.syntax != nil:
		var r Rel
		var ok bool
		b.guardRecursion(def, at, func() {
			b.within(def.scope, func() {
				b.in(nil, func() { r, ok = b.tabular(def.syntax) })
			})
		})
		return r, ok
	}
	return nil, false
}

func (b *binder) guardRecursion(def definition, at syntax.Expr, bind func()) {
	if *def.busy {
		b.fail(at.Span(), "SEM0082", "The definition refers to itself")
	}
	*def.busy = true
	defer func() { *def.busy = false }()
	bind()
}

// table reads an event table.
func (b *binder) table(t *schema.Table) *Table {
	r := &Table{Table: t}
	for i := range t.Columns {
		c := &t.Columns[i]
		col := b.column(c.Name, c.Type, c.Constant == "")
		col.Hidden, col.Local = c.Hidden, c.Local
		r.Scans = append(r.Scans, Scan{col, c})
	}
	return r
}

// tableNamed finds a table for table('x') and database('d').x.
func (b *binder) tableNamed(name string, span syntax.Span) Rel {
	t, ok := b.env.Catalog.Table(name)
	if !ok {
		var names []string
		for _, t := range b.env.Catalog.Tables() {
			names = append(names, t.Name)
		}
		b.fail(span, "SEM0100", fmt.Sprintf("There is no table '%s'%s", name, syntax.Suggest(name, names)))
	}
	return b.table(t)
}

// isDatabase recognizes cluster(…), database(…), workspace(…) and their combinations.
// There is one database, and any name is taken for it.
func (b *binder) isDatabase(x syntax.Expr) bool {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.Call:
		switch x.Func.Text {
		case "database", "workspace", "app", "resource":
			return true
		case "cluster":
			b.unsupported(x.Span(), "A query across clusters")
		}
	case *syntax.Method:
		return b.isDatabase(x.X) && x.Call.Func.Text == "database"
	}
	return false
}

// qualified binds database('d').table('x') and database('d').Function().
func (b *binder) qualified(x *syntax.Method) (Rel, bool) {
	if !b.isDatabase(x.X) {
		return nil, false
	}
	return b.tabularCall(x.Call)
}

func (b *binder) tabularCall(x *syntax.Call) (Rel, bool) {
	if def, ok := b.lookup(x.Func.Text); ok && def.fn != nil {
		return b.invokeTabular(def, x.Args, x.Span())
	}
	switch x.Func.Text {
	case "materialize", "hint.materialized", "__materialize":
		b.arity(x, 1, 1)
		return b.materialize(x), true
	case "table":
		b.arity(x, 1, 2)
		name, ok := b.expr(x.Args[0]).(*Const)
		if !ok || name.Type() != schema.String {
			b.fail(x.Args[0].Span(), "SEM0036", "table() takes the name of a table as a constant text")
		}
		if def, ok := b.lookup(name.Value.(string)); ok {
			if r, ok := b.tabularDefinition(def, x); ok {
				return r, true
			}
		}
		return b.tableNamed(name.Value.(string), x.Span()), true
	case "_GetWatchlist":
		b.arity(x, 1, 2)
		return b.watchlist(x), true
	case "_GetWatchlistAlias":
		b.arity(x, 0, 0)
		return b.watchlistAliases(), true
	case "toscalar":
		return nil, false
	case "view", "external_table", "materialized_view", "stored_query_result", "graph":
		b.unsupported(x.Func.Span(), "The function '"+x.Func.Text+"'")
	}
	return nil, false
}

// materialize binds its argument once, however often the call is put in place.
func (b *binder) materialize(x *syntax.Call) Rel {
	here := materialized{x, b.scope}
	use, ok := b.shared[here]
	if !ok {
		use = b.again(b.rel(x.Args[0]))
		b.shared[here] = use
	}
	return use()
}

func (b *binder) arity(x *syntax.Call, least, most int) {
	if len(x.Args) < least || len(x.Args) > most {
		b.fail(x.Span(), "SEM0219", fmt.Sprintf("%s(): %s expected, %d given", x.Func.Text, arguments(least, most), len(x.Args)))
	}
}

func arguments(least, most int) string {
	switch {
	case least == most && most == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", most)
	case most > 1000:
		return fmt.Sprintf("at least %d arguments", least)
	default:
		return fmt.Sprintf("%d to %d arguments", least, most)
	}
}

func (b *binder) datatable(x *syntax.DataTable) Rel {
	v := &Values{}
	for _, c := range x.Columns {
		v.Cols = append(v.Cols, b.column(c.Name.Text, c.Type, true))
	}
	if len(v.Cols) == 0 || len(x.Values)%len(v.Cols) != 0 {
		if len(x.Values) > 0 {
			b.fail(x.Span(), "SEM0005", fmt.Sprintf("datatable: %d values do not fill rows of %d columns", len(x.Values), len(v.Cols)))
		}
		return v
	}
	for i := 0; i < len(x.Values); i += len(v.Cols) {
		row := make([]Expr, len(v.Cols))
		for j, c := range v.Cols {
			row[j] = b.convert(b.expr(x.Values[i+j]), c.Type)
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// pipeline binds a source and its operators.
func (b *binder) pipeline(x *syntax.Pipeline) Rel {
	defer func(outer *scope) { b.scope = outer }(b.scope) // what "as" defined ends here
	var r Rel
	if x.Source != nil {
		r = b.rel(x.Source)
	}
	return b.operators(r, x.Ops)
}

// operators binds a chain of operators.
func (b *binder) operators(in Rel, ops []syntax.Operator) Rel {
	for _, op := range ops {
		in = b.operator(in, op)
	}
	return in
}

// operator binds one operator over its input (nil: none). After an error it gives the
// input, so that the operators behind it are looked at too.
func (b *binder) operator(in Rel, op syntax.Operator) (out Rel) {
	defer b.count(op.Span())()
	outerRow, outerScope, outerOpen, depth := b.row, b.scope, b.open, b.depth
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(bailout); !ok || in == nil || len(b.diags) >= mostErrors {
				panic(e)
			}
			b.scope, b.depth, b.windows = outerScope, depth, nil
			out = in
		}
		b.row, b.open = outerRow, outerOpen
	}()
	if in == nil {
		if r, ok := b.source(op); ok {
			return r
		}
		if _, ok := op.(*syntax.Raw); ok {
			b.unsupported(op.Span(), "The operator '"+op.Word()+"'")
		}
		b.fail(op.Span(), "SEM0034", fmt.Sprintf("The operator '%s' needs a table before it", op.Word()))
	}
	if g, ok := in.(*Graph); ok {
		return b.graphOperator(g, op)
	}
	b.row, b.open = in.Columns(), isOpen(in)
	return b.apply(in, op)
}

// source binds the operators that make their own rows.
func (b *binder) source(op syntax.Operator) (Rel, bool) {
	switch op := op.(type) { //nolint:gochecksumtype // the others need nothing here
	case *syntax.PrintRow:
		return b.print(op), true
	case *syntax.Range:
		return b.rangeRows(op), true
	case *syntax.Union:
		return b.union(nil, op), true
	case *syntax.Search:
		return b.search(nil, op), true
	case *syntax.Find:
		return b.find(op), true
	case *syntax.Evaluate:
		b.unsupported(op.Call.Span(), "The plugin '"+op.Call.Func.Text+"'")
	}
	return nil, false
}

// apply binds an operator with an input.
func (b *binder) apply(in Rel, op syntax.Operator) Rel {
	switch op := op.(type) {
	case *syntax.Where:
		return b.where(in, op)
	case *syntax.Extend:
		return b.extend(in, op.Columns)
	case *syntax.Serialize:
		return b.extend(in, op.Columns)
	case *syntax.Project:
		return b.project(in, op.Columns)
	case *syntax.ProjectNames:
		return b.projectNames(in, op)
	case *syntax.ProjectRename:
		return b.projectRename(in, op)
	case *syntax.ProjectReorder:
		return b.projectReorder(in, op)
	case *syntax.Summarize:
		return b.summarize(in, op)
	case *syntax.Distinct:
		return b.distinct(in, op)
	case *syntax.Sort:
		return b.sort(in, op.Keys)
	case *syntax.Top:
		return &Take{In: b.sort(in, op.Keys), N: b.rowCount(op.N)}
	case *syntax.Take:
		return &Take{In: in, N: b.rowCount(op.N), Sample: op.Word() == "sample"}
	case *syntax.SampleDistinct:
		return b.sampleDistinct(in, op)
	case *syntax.Count:
		return b.countRows(in, op)
	case *syntax.Join:
		return b.join(in, op)
	case *syntax.Union:
		return b.union(in, op)
	case *syntax.Search:
		return b.search(in, op)
	case *syntax.MvExpand:
		return b.mvExpand(in, op)
	case *syntax.MvApply:
		return b.mvApply(in, op)
	case *syntax.ParseText:
		return b.parseText(in, op)
	case *syntax.MakeSeries:
		return b.makeSeries(in, op)
	case *syntax.GetSchema:
		return b.getSchema(in)
	case *syntax.Render:
		b.checkRender(op)
		b.render = op
		return in
	case *syntax.As:
		b.defineRel(op.Name.Text, in)
		return in
	case *syntax.Invoke:
		return b.invoke(in, op)
	case *syntax.Consume:
		return &Values{}
	case *syntax.Evaluate:
		return b.plugin(in, op)
	case *syntax.PrintRow, *syntax.Range, *syntax.Find:
		b.fail(op.Span(), "SEM0035", fmt.Sprintf("The operator '%s' takes no table before it", op.Word()))
	case *syntax.Scan:
		return b.scan(in, op)
	case *syntax.MakeGraph:
		return b.makeGraph(in, op)
	case *syntax.GraphMatch, *syntax.GraphToTable, *syntax.GraphMarkComponents:
		b.fail(op.Span(), "SEM0090", fmt.Sprintf("The operator '%s' takes a graph; make-graph makes one of a table", op.Word()))
	case *syntax.ParseKV:
		return b.parseKV(in, op)
	case *syntax.Partition:
		return b.partition(in, op)
	case *syntax.TopNested:
		return b.topNested(in, op)
	case *syntax.TopHitters:
		return b.topHitters(in, op)
	case *syntax.Fork, *syntax.Facet:
		b.fail(op.Span(), "SEM0035", fmt.Sprintf("'%s' gives several tables: it can only be the last operator of a statement", op.Word()))
	case *syntax.Reduce:
		return b.reduce(in, op)
	case *syntax.Raw:
		b.unsupported(op.Span(), "The operator '"+op.Word()+"'")
	default:
		b.fail(op.Span(), "SEM0080", fmt.Sprintf("The operator %T is not supported", op))
	}
	return nil
}

// defineRel gives a bound table a name; each use sees fresh columns of one computation.
func (b *binder) defineRel(name string, in Rel) {
	use := sync.OnceValue(func() func() Rel { return b.again(in) })
	b.define(name, definition{rel: func() Rel { return use()() }})
}

func (b *binder) getSchema(in Rel) Rel {
	v := &Values{Cols: []*Column{
		b.column("ColumnName", schema.String, false), b.column("ColumnOrdinal", schema.Long, false),
		b.column("DataType", schema.String, false), b.column("ColumnType", schema.String, false),
	}}
	text := func(s string) Expr { return NewConst(schema.String, s, syntax.Span{}) }
	for i, c := range visible(in.Columns()) {
		v.Rows = append(v.Rows, []Expr{text(c.Name), NewConst(schema.Long, int64(i), syntax.Span{}), text(dotNet[c.Type]), text(c.Type.String())})
	}
	return v
}

// dotNet are the .NET types that getschema shows.
var dotNet = map[schema.Type]string{
	schema.Bool: "System.SByte", schema.Int: "System.Int32", schema.Long: "System.Int64", schema.Real: "System.Double",
	schema.Decimal: "System.Data.SqlTypes.SqlDecimal", schema.String: "System.String", schema.DateTime: "System.DateTime",
	schema.TimeSpan: "System.TimeSpan", schema.GUID: "System.Guid", schema.Dynamic: "System.Object",
}

func (b *binder) print(op *syntax.PrintRow) Rel {
	in := &Values{Rows: [][]Expr{{}}}
	p := &Project{In: in}
	names := newNames(nil)
	b.in(nil, func() {
		for i, x := range op.Columns {
			items := b.items(x)
			for _, it := range items {
				if !it.explicit && (len(items) == 1 || it.name == "") {
					it.name = fmt.Sprintf("print_%d", i)
				}
				p.Items = append(p.Items, Item{b.column(b.declare(names, it), it.x.Type(), it.x.Nullable()), it.x})
			}
		}
	})
	return p
}

func (b *binder) rangeRows(op *syntax.Range) Rel {
	var from, to, step Expr
	b.in(nil, func() { from, to, step = b.expr(op.From), b.expr(op.To), b.expr(op.By) })
	t := from.Type()
	switch t {
	case schema.Int:
		t = schema.Long
	case schema.Long, schema.Real, schema.DateTime, schema.TimeSpan, schema.Decimal:
	case schema.Unknown:
	default:
		b.fail(op.From.Span(), "SEM0040", fmt.Sprintf("range cannot count in values of type %s", t))
	}
	if t == schema.Long && (step.Type() == schema.Real || to.Type() == schema.Real) {
		t = schema.Real
	}
	stepType := t
	if t == schema.DateTime {
		stepType = schema.TimeSpan
	}
	return &Range{b.column(op.Name.Text, t, false), b.coerce(from, t), b.coerce(to, t), b.coerce(step, stepType)}
}
