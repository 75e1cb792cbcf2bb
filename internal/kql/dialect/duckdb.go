// Package dialect writes a plan as SQL. What engines do differently stands here and
// nowhere else. No name of KQL becomes a name of SQL: columns are called c1, c2 …;
// texts travel as arguments; the only names taken from the catalogue are those of
// tables and stored columns, and one function quotes them.
package dialect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/plan"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// Statement is SQL with its arguments. Columns of the result stand in the order of the
// plan's output, constants left out.
type Statement struct {
	SQL  string
	Args []any
	// Weight is how long the statement can become, in bytes, while the engine plans it.
	Weight int
}

// DuckDB writes a plan for DuckDB. The error is a syntax.Diagnostic where the plan
// holds something that cannot be said. maxRows > 0 bounds the rows.
func DuckDB(p *plan.Plan, maxRows int64) (Statement, error) {
	w := &duckdb{plan: p}
	var out Statement
	err := w.guard(func() {
		shared := w.with()
		out.SQL, out.Args = w.compact(w.bounded(shared + w.root(maxRows)))
		out.Weight = len(out.SQL) + w.copies
		if out.Weight > maxWeight {
			w.tooLarge()
		}
	})
	return out, err
}

// duckdb writes one statement.
type duckdb struct {
	plan    *plan.Plan
	args    []any
	argOf   map[string]int
	aliases int
	// written are the calls that have been written, and variables how many of their
	// arguments were given a name.
	written   map[*bind.Call]string
	variables int
	regexes   map[string]regex
	apart     map[*plan.Scan]bool // their dynamic columns are read apart, see readListedFirst
	// weights are those of the columns by their IDs, copies what the definitions add to
	// the conditions of the statement.
	weights map[int]int
	copies  int
}

type refusal struct{ d syntax.Diagnostic }

func (w *duckdb) guard(write func()) (err error) {
	defer func() {
		if e := recover(); e != nil {
			r, ok := e.(refusal)
			if !ok {
				panic(e)
			}
			err = r.d
		}
	}()
	write()
	return nil
}

// compact numbers the arguments anew: some belong to SQL that was written and not used,
// and the engine wants the numbers without a gap. An argument stands between two zero
// bytes while the statement is being written; no text written out holds one.
func (w *duckdb) compact(sql string) (string, []any) {
	var args []any
	numbers := make([]int, len(w.args))
	var b strings.Builder
	b.Grow(len(sql))
	for {
		before, rest, found := strings.Cut(sql, "\x00")
		b.WriteString(before)
		if !found {
			return b.String(), args
		}
		number, after, _ := strings.Cut(rest, "\x00")
		i, err := strconv.Atoi(number)
		if err != nil || i < 1 || i > len(w.args) {
			w.refuse(syntax.Span{}, "A zero byte in SQL")
		}
		if numbers[i-1] == 0 {
			args = append(args, w.args[i-1])
			numbers[i-1] = len(args)
		}
		b.WriteString("$" + strconv.Itoa(numbers[i-1]))
		sql = after
	}
}

// refuse ends the writing: the plan holds something that is not supported.
func (w *duckdb) refuse(span syntax.Span, what string) {
	panic(refusal{syntax.Diagnostic{Code: "SEM0080", Span: span, Message: what + " is not supported"}})
}

// Quote quotes a name for DuckDB.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// text passes a text as an argument.
func (w *duckdb) text(s string) string {
	if w.argOf == nil {
		w.argOf = map[string]int{}
	}
	n, ok := w.argOf[s]
	if !ok {
		w.args = append(w.args, s)
		n = len(w.args)
		w.argOf[s] = n
	}
	return "\x00" + strconv.Itoa(n) + "\x00::VARCHAR"
}

// pattern writes a regular expression or a JSON path out instead of passing it as an
// argument: DuckDB compiles a constant once, an argument for each row (4.6 s against
// 0.08 s over a million rows).
func (w *duckdb) pattern(s string) string {
	if strings.ContainsRune(s, 0) {
		return w.text(s)
	}
	return QuoteText(s)
}

// QuoteText writes a text as a constant of DuckDB's SQL. It must hold no zero byte,
// which no SQL text can.
func QuoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func col(c *bind.Column) string { return "c" + strconv.Itoa(c.ID) }

// as gives a value the name of a column, if it has not got it.
func as(x string, c *bind.Column) string {
	if name := col(c); x != name {
		return x + " AS " + name
	}
	return x
}

func (w *duckdb) alias() string {
	w.aliases++
	return "t" + strconv.Itoa(w.aliases)
}

// from is a node as an item of a FROM clause.
func (w *duckdb) from(n plan.Node) string {
	return "(" + w.query(n) + ") AS " + w.alias()
}

// source is a node as a FROM clause, with a WHERE clause for what a filter asks: a
// statement of its own around it would have all columns bound once more.
func (w *duckdb) source(n plan.Node) string {
	f, ok := n.(*plan.Filter)
	if !ok {
		return w.from(n)
	}
	listed := w.readListedFirst(f)
	from := w.from(f.In)
	conds, inGo := make([]string, len(f.Conds)), make([]bool, len(f.Conds))
	for i, c := range f.Conds {
		conds[i], inGo[i] = w.condition(c), callsGo(c)
		w.copies += w.copied(conds[i])
	}
	if slices.Contains(inGo, false) {
		for i := range conds {
			if inGo[i] { // the engine would ask it of all rows as it reads them
				conds[i] = held(conds[i])
			}
		}
	}
	return from + " WHERE " + strings.Join(append(conds, listed...), " AND ")
}

// maxListed is how many texts a list may have that is asked of each row as it is read.
const maxListed = 16

// readListedFirst makes a scan unpack and look into dynamic columns of those rows alone of
// which a text column is in a list. The engine uses a list to skip blocks only, asks
// conditions on one other column of every row as it reads them, and would parse all of a
// table's JSON to leave out most of it for the list:
//
//	where ActionType in ("a", "b") and tostring(AdditionalFields.x) has "y"
//
// It returns conditions that the engine asks as it reads, and has the scan give the dynamic
// columns as something that it does not ask conditions of then (see dynamicColumn).
func (w *duckdb) readListedFirst(f *plan.Filter) (conds []string) {
	scan, ok := f.In.(*plan.Scan)
	if !ok || scan.Excerpt != "" || scan.Table.View || !slices.ContainsFunc(scan.Scans, func(s bind.Scan) bool { return s.Col.Type == schema.Dynamic }) {
		return nil
	}
	for _, cond := range f.Conds {
		c, ok := cond.(*bind.Call)
		if !ok || c.Op != "in" || len(c.Args) < 3 || len(c.Args) > maxListed+1 || !slices.ContainsFunc(scan.Scans, func(s bind.Scan) bool {
			ref, ok := c.Args[0].(*bind.Ref)
			return ok && ref.Col == s.Col && s.Source.Type == schema.String && s.Source.Constant == "" && !s.Source.Derived
		}) {
			continue
		}
		var whens []string
		for _, a := range c.Args[1:] {
			if k, ok := a.(*bind.Const); ok && k.Type() == schema.String {
				whens = append(whens, "WHEN "+w.expr(k)+" THEN true")
			}
		}
		if len(whens) == len(c.Args)-1 {
			conds = append(conds, "CASE "+w.expr(c.Args[0])+" "+strings.Join(whens, " ")+" ELSE false END")
		}
	}
	if len(conds) > 0 {
		if w.apart == nil {
			w.apart = map[*plan.Scan]bool{}
		}
		w.apart[scan] = true
	}
	return conds
}

// dynamicColumn is a dynamic column that depends on another one, which is never null, so
// that the engine asks no condition of it before the rows are read.
func dynamicColumn(x string) string {
	return "CASE WHEN e." + Quote(schema.ColRawID) + " IS NOT NULL THEN " + x + " END"
}

// callsGo reports whether an expression calls a function that is computed in Go. The
// terms of has are not meant: a quick test stands before them.
func callsGo(x bind.Expr) bool {
	c, ok := x.(*bind.Call)
	if !ok {
		return false
	}
	if _, ok := duckdbCalls[c.Op]; !ok {
		if _, ok := vector.Lookup(c.Op); ok {
			return true
		}
	}
	return slices.ContainsFunc(c.Args, callsGo)
}

func (w *duckdb) root(maxRows int64) string {
	var list []string
	for _, o := range w.plan.Output {
		if o.Const == nil {
			list = append(list, w.output(o.Col))
		}
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	sql := "SELECT " + strings.Join(list, ", ") + " FROM " + w.source(w.plan.Root)
	if maxRows <= 0 && plan.NestedUnions(w.plan) {
		// DuckDB 1.4.3 loses rows of a union inside a union when several threads make
		// the rows that it streams. A limit leaves that to one.
		maxRows = math.MaxInt64
	}
	if maxRows > 0 {
		sql += " LIMIT " + strconv.FormatInt(maxRows, 10)
	}
	return sql
}

// output is a column as the engine hands it out.
func (w *duckdb) output(c *bind.Column) string {
	if c.Type == schema.Decimal {
		return decimalText(col(c))
	}
	return col(c)
}

// with writes the shared parts, each computed once.
func (w *duckdb) with() string {
	if len(w.plan.Shared) == 0 {
		return ""
	}
	var parts []string
	for _, s := range w.plan.Shared {
		parts = append(parts, fmt.Sprintf("s%d AS MATERIALIZED (%s)", s.ID, w.query(s.In)))
	}
	return "WITH " + strings.Join(parts, ", ") + " "
}

// query writes a node as a SELECT statement whose columns are the node's.
func (w *duckdb) query(n plan.Node) string { return w.bounded(w.node(n)) }

func (w *duckdb) node(n plan.Node) string {
	switch n := n.(type) {
	case *plan.Scan:
		return w.scan(n)
	case *plan.Values:
		return w.values(n)
	case *plan.Range:
		return w.rangeRows(n)
	case *plan.Filter:
		return "SELECT * FROM " + w.source(n)
	case *plan.Project:
		return w.project(n.In, n.Items)
	case *plan.Aggregate:
		return w.aggregate(n)
	case *plan.First:
		return w.first(n)
	case *plan.Sort:
		return "SELECT * FROM " + w.source(n.In) + " ORDER BY " + w.order(n.Keys)
	case *plan.Limit:
		return w.limit(n)
	case *plan.Join:
		return w.join(n)
	case *plan.Walk:
		return w.walk(n)
	case *plan.Union:
		return w.union(n)
	case *plan.Expand:
		return w.expand(n)
	case *plan.Window:
		return w.window(n)
	case *plan.Ref:
		return w.ref(n)
	case *plan.Series:
		return w.series(n)
	case *plan.Input:
		return w.input(n)
	case *plan.Apply, *plan.Outside: // plan.Steps has taken them out
	}
	w.refuse(syntax.Span{}, fmt.Sprintf("The plan's %T", n))
	return ""
}

func (w *duckdb) scan(n *plan.Scan) string {
	var list []string
	mapped := false
	for _, s := range n.Scans {
		x := "e." + Quote(s.Source.Stored)
		switch {
		case s.Source.Constant != "":
			x = w.text(s.Source.Constant)
		case s.Source.Name == "DeviceId" && n.MapDevices:
			mapped = true
			x = "coalesce(a.to_id, " + x + ")"
		case s.Col.Type == schema.Decimal:
			x = "CAST(" + x + " AS " + sqlType(schema.Decimal) + ")"
		case s.Col.Type == schema.Dynamic && w.apart[n]:
			x = dynamicColumn(x)
		}
		list = append(list, x+" AS "+col(s.Col))
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	table := n.Excerpt
	if table == "" {
		table = "event." + Quote(n.Table.Name)
	}
	sql := "SELECT " + strings.Join(list, ", ") + " FROM " + table + " AS e"
	if mapped {
		sql += ` LEFT JOIN spoor.device_alias AS a ON a.from_id = e."DeviceId"`
	}
	apart := n.Apart()
	var within []string
	for _, stretches := range n.Within {
		if apart == nil || len(stretches) < 2 || &stretches[0] != &apart[0] {
			within = append(within, inBounds(n.Table, stretches))
		}
	}
	if apart == nil {
		return sql + whereAll(within)
	}
	parts := make([]string, len(apart))
	for i := range apart {
		parts[i] = sql + whereAll(append(slices.Clip(within), inBounds(n.Table, apart[i:i+1])))
	}
	return strings.Join(parts, " UNION ALL ")
}

func whereAll(conds []string) string {
	if len(conds) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(conds, " AND ")
}

// inBounds restricts a scan to the bounds of stretches: the engine skips blocks by
// comparisons with constants, and not by one of several.
func inBounds(t *schema.Table, stretches []plan.Stretch) string {
	if len(stretches) == 0 {
		return "false"
	}
	all := stretches[0]
	for _, w := range stretches[1:] {
		all.First, all.Last = min(all.First, w.First), max(all.Last, w.Last)
		all.FirstSource, all.LastSource = min(all.FirstSource, w.FirstSource), max(all.LastSource, w.LastSource)
	}
	at, raw := "e."+Quote(t.Time), "e."+Quote(schema.ColRawID)
	return fmt.Sprintf("%s >= %d AND %s <= %d AND %s >= %d AND %s <= %d", at, all.First, at, all.Last,
		raw, schema.NewRawID(all.FirstSource, 0), raw, schema.NewRawID(all.LastSource, math.MaxUint32))
}

func (w *duckdb) values(n *plan.Values) string {
	if len(n.Cols) == 0 {
		if len(n.Rows) == 0 {
			return "SELECT 1 WHERE false"
		}
		return "SELECT 1 FROM range(" + strconv.Itoa(len(n.Rows)) + ")"
	}
	if len(n.Rows) == 0 {
		var list []string
		for _, c := range n.Cols {
			list = append(list, null(c.Type)+" AS "+col(c))
		}
		return "SELECT " + strings.Join(list, ", ") + " WHERE false"
	}
	var names, rows []string
	for _, c := range n.Cols {
		names = append(names, col(c))
	}
	for _, r := range n.Rows {
		var cells []string
		for _, x := range r {
			cells = append(cells, w.expr(x))
		}
		rows = append(rows, "("+strings.Join(cells, ", ")+")")
	}
	return "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") AS " + w.alias() + "(" + strings.Join(names, ", ") + ")"
}

func (w *duckdb) rangeRows(n *plan.Range) string {
	from, to, step := w.expr(n.From), w.expr(n.To), w.expr(n.Step)
	if n.Col.Type == schema.Real || n.Col.Type == schema.Decimal {
		count := fmt.Sprintf("CAST(floor((%s - %s) / %s + 1e-9) AS BIGINT)", to, from, step)
		return fmt.Sprintf("SELECT %s + i * %s AS %s FROM range(0, %s + 1) AS %s(i)", from, step, col(n.Col), count, w.alias())
	}
	return fmt.Sprintf("SELECT i AS %s FROM generate_series(%s, %s, %s) AS %s(i)", col(n.Col), from, to, step, w.alias())
}

func (w *duckdb) order(keys []bind.SortKey) string {
	var list []string
	for _, k := range keys {
		s := w.expr(k.X)
		if _, ok := k.X.(*bind.Const); ok {
			s = "(" + s + " IS NULL)" // a bare number would name a column
		}
		if k.X.Type() == schema.Dynamic {
			s = "coalesce(TRY_CAST(" + s + " AS DOUBLE), 0), " + s
		}
		if k.Desc {
			s += " DESC"
		} else {
			s += " ASC"
		}
		if k.NullsFirst {
			s += " NULLS FIRST"
		} else {
			s += " NULLS LAST"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

func (w *duckdb) limit(n *plan.Limit) string {
	if n.Random {
		return "SELECT * FROM " + w.source(n.In) + " ORDER BY random() LIMIT " + w.expr(n.N)
	}
	if s, ok := n.In.(*plan.Sort); ok {
		return w.query(s) + " LIMIT " + w.expr(n.N)
	}
	return "SELECT * FROM " + w.source(n.In) + " LIMIT " + w.expr(n.N)
}

// first keeps one row for each combination of keys, nulls taken for one value.
func (w *duckdb) first(n *plan.First) string {
	var keys []string
	for _, k := range n.Keys {
		keys = append(keys, w.expr(k))
	}
	return "SELECT DISTINCT ON (" + strings.Join(keys, ", ") + ") * FROM " + w.source(n.In)
}

var joinWords = map[plan.JoinKind]string{
	plan.Inner: "JOIN", plan.LeftOuter: "LEFT JOIN", plan.RightOuter: "RIGHT JOIN", plan.FullOuter: "FULL JOIN",
	plan.LeftSemi: "SEMI JOIN", plan.LeftAnti: "ANTI JOIN",
}

func (w *duckdb) join(n *plan.Join) string {
	var list, on []string
	for _, m := range n.On {
		equal := " = "
		if m.Left.Nullable() && m.Right.Nullable() {
			equal = " IS NOT DISTINCT FROM " // a join matches null with null
		}
		on = append(on, w.expr(m.Left)+equal+w.expr(m.Right))
	}
	outerLeft := n.Kind == plan.RightOuter || n.Kind == plan.FullOuter
	outerRight := n.Kind == plan.LeftOuter || n.Kind == plan.FullOuter
	left := n.Left.Columns()
	for _, c := range n.Cols {
		isLeft := slices.Contains(left, c)
		if c.Type == schema.String && (isLeft && outerLeft || !isLeft && outerRight) {
			list = append(list, "coalesce("+col(c)+", '') AS "+col(c))
			continue
		}
		list = append(list, col(c))
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + w.from(n.Left) + " " + joinWords[n.Kind] + " " +
		w.from(n.Right) + " ON " + strings.Join(on, " AND ")
}

// union writes its inputs as a chain. A tree of them would spare the parser's stack, but
// DuckDB 1.4.3 loses rows of a union inside a union when it streams them (see root).
func (w *duckdb) union(n *plan.Union) string {
	parts, weights := make([]string, len(n.Parts)), map[*bind.Column]int{}
	size := 0
	for i, p := range n.Parts {
		parts[i] = w.project(p.In, filled(n.Cols, p.Items))
		if size += len(parts[i]); size > maxSQL {
			w.tooLarge() // before hundreds of tables with thousands of columns are written
		}
		for _, c := range n.Cols {
			weights[c] = max(weights[c], w.weights[c.ID])
		}
	}
	for c, weight := range weights {
		w.define(c, weight)
	}
	return strings.Join(parts, " UNION ALL ")
}

// filled are the items for all columns in order, nulls where there is none.
func filled(cols []*bind.Column, items []bind.Item) []bind.Item {
	by := make(map[*bind.Column]bind.Expr, len(items))
	for _, it := range items {
		by[it.Col] = it.X
	}
	out := make([]bind.Item, len(cols))
	for i, c := range cols {
		x := by[c]
		if x == nil {
			x = bind.NewConst(c.Type, nil, syntax.Span{})
		}
		out[i] = bind.Item{Col: c, X: x}
	}
	return out
}

// expand unnests lists of JSON texts. A null leaves its row, with null; an empty list
// does not.
func (w *duckdb) expand(n *plan.Expand) string {
	in, lists := w.alias(), make([]string, len(n.Items))
	var inner strings.Builder
	inner.WriteString("*")
	for i, it := range n.Items {
		lists[i] = fmt.Sprintf("l%d", it.Col.ID)
		list := elements(w.expr(it.X), it.Bags)
		if n.Limit != nil {
			list += "[1:" + w.expr(n.Limit) + "]"
		}
		inner.WriteString(", " + list + " AS " + lists[i])
	}
	var out []string
	for _, c := range n.Cols {
		if i := slices.IndexFunc(n.Items, func(it bind.ExpandItem) bool { return it.Col == c }); i >= 0 {
			out = append(out, "unnest("+lists[i]+") AS "+col(c))
			continue
		}
		if c == n.Index {
			out = append(out, "unnest(range(0, greatest("+lengths(lists)+"))) AS "+col(c))
			continue
		}
		out = append(out, col(c))
	}
	return "SELECT " + strings.Join(out, ", ") + " FROM (SELECT " + inner.String() + " FROM " + w.from(n.In) + ") AS " + in
}

func lengths(lists []string) string {
	var out []string
	for _, l := range lists {
		out = append(out, "len("+l+")")
	}
	return strings.Join(out, ", ")
}

// elements is the list of a dynamic value's elements: an array's, an object's
// properties one by one, or the value itself. The casts are for a null that is written
// out: the engine would not know what it is a list of.
func elements(x string, bags bool) string {
	property := "json_object(p[1], p[2])"
	if bags {
		property = "json_array(p[1], p[2])"
	}
	return "CASE json_type(" + x + ")" +
		" WHEN 'ARRAY' THEN list_transform(json_extract(" + x + ", '$[*]')::JSON[], lambda p: nullif(p::VARCHAR, 'null'))" +
		" WHEN 'OBJECT' THEN CASE WHEN len(json_keys(" + x + ")) = 0 THEN [NULL::VARCHAR]" +
		" ELSE list_transform(list_zip(json_keys(" + x + ")::VARCHAR[], json_extract(" + x + ", '$.*')::JSON[]), lambda p: " + property + "::VARCHAR) END" +
		" ELSE [" + x + "] END"
}

func (w *duckdb) ref(n *plan.Ref) string {
	var list []string
	for i, c := range n.Cols {
		list = append(list, col(n.From[i])+" AS "+col(c))
		w.define(c, w.weights[n.From[i].ID])
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM s" + strconv.Itoa(n.ID)
}

// input reads a table that the query brings along.
func (w *duckdb) input(n *plan.Input) string {
	var list []string
	for i, c := range n.Cols {
		x := "i" + strconv.Itoa(n.From[i])
		if c.Type == schema.Decimal {
			x = "CAST(" + x + " AS " + sqlType(schema.Decimal) + ")"
		}
		list = append(list, x+" AS "+col(c))
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM spoor_input(" + strconv.Itoa(n.ID) + ")"
}

// sqlTypes are the engine's types for KQL's.
var sqlTypes = map[schema.Type]string{
	schema.Bool: "BOOLEAN", schema.Int: "INTEGER", schema.Long: "BIGINT", schema.Real: "DOUBLE", schema.Decimal: "DECIMAL(38, 16)",
	schema.String: "VARCHAR", schema.DateTime: "BIGINT", schema.TimeSpan: "BIGINT", schema.GUID: "VARCHAR", schema.Dynamic: "VARCHAR",
	schema.Unknown: "VARCHAR",
}

func sqlType(t schema.Type) string { return sqlTypes[t] }

// null is the null of a type; texts have none and are empty.
func null(t schema.Type) string {
	if t == schema.String {
		return "''"
	}
	return "NULL::" + sqlType(t)
}
