package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// Env is what a query is bound against.
type Env struct {
	Catalog *schema.Catalog
	// Exists reports whether a table has rows; nil: none has. Wildcards name all tables
	// of the catalogue but read only those.
	Exists func(table string) bool
	// Now is the moment that now() and ago() mean, the same throughout a query.
	Now schema.Ticks
	// Parameters are the values of declared query parameters, as KQL literals.
	Parameters map[string]string
	// Library is what people keep for queries; nil: nothing.
	Library *Library
	// Probes are the answers to the probes that binding asked for so far, in their order.
	Probes []ProbeAnswer
	// Err, if set, is asked now and then whether to go on, as a context's.
	Err func() error
}

// maxNodes bounds the size of the bound tree: tabular variables and functions are put
// in place wherever they are named, so a short text can stand for a huge query.
const maxNodes = 200_000

type binder struct {
	env    Env
	diags  []syntax.Diagnostic
	nextID int
	nodes  int
	depth  int
	scope  *scope
	// row are the columns that names mean first; left and right those of a join's sides.
	row         []*Column
	left, right []*Column
	inJoin      bool
	// open: the row has columns that are known at run time only.
	open bool
	// windows collects the functions over rows of the column list being bound; nil where
	// such functions have no meaning.
	windows *[]Item
	shared  map[materialized]func() Rel // the tables of materialize
	all     []*Shared
	render  *syntax.Render
	// calls tells where the functions of other texts than the query's were called.
	calls map[int]syntax.Span
	// refusals keep a query from being run that is right otherwise.
	refusals []syntax.Diagnostic
	// probes counts the probes met; probe is the first without an answer.
	probes int
	probe  *Probe
	// place stands for all places while the text of a plugin is bound, which is not the
	// user's; nil elsewhere.
	place *syntax.Span
	// kept are the columns that the steps of scan keep, by the step's name.
	kept map[string][]*Column
	// pattern is what the expressions of graph-match are about; nil elsewhere.
	pattern *pattern
	// settings are the values of set statements, unbound.
	settings map[string]syntax.Expr
	limits   Limits
	// autos are the names that unnamed columns were given, by the place of their
	// expression, and how many there are.
	autos map[syntax.Span]string
	auton int
	// nextShared is the number of the last shared part.
	nextShared int
	// inSearch: a predicate of search or find looks at more columns than where does.
	inSearch bool
	// elsewhere tells the type of a column that another table of the same search has; nil
	// outside of search.
	elsewhere func(name string) (schema.Type, bool)
}

// materialized is a call of materialize in one scope: in a function it gives another
// table for each call of the function.
type materialized struct {
	call  *syntax.Call
	scope *scope
}

// bailout ends the binding of one operator; its diagnostic is recorded.
type bailout struct{}

// scope is a chain of let definitions, innermost first.
type scope struct {
	outer *scope
	name  string
	def   definition
}

// definition is what a name of let or of a parameter stands for. One field is set.
type definition struct {
	syntax syntax.Expr // bound anew at each use, in the scope of its definition
	scope  *scope
	value  Expr // a bound scalar
	rel    func() Rel
	fn     *syntax.Function
	busy   *bool // being bound: a use now would be of itself
}

// Bind binds a query. The result is nil when an error is among the diagnostics.
func Bind(q *syntax.Query, env Env) (*Query, []syntax.Diagnostic) {
	b := newBinder(env)
	b.defineStored(b.env.library().functions)
	var out *Query
	b.guard(func() { out = b.query(q) })
	if b.failed() {
		return nil, b.diags
	}
	return out, b.diags
}

func newBinder(env Env) *binder {
	b := &binder{env: env, shared: map[materialized]func() Rel{}, autos: map[syntax.Span]string{}, calls: map[int]syntax.Span{}}
	b.defineProduct()
	return b
}

// guard ends the binding at an error that nothing behind it can do without.
func (b *binder) guard(bind func()) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(bailout); !ok {
				panic(e)
			}
		}
	}()
	bind()
}

// rescue binds a part, and where it has an error goes on without it, so that the parts
// beside it are looked at too.
func (b *binder) rescue(bind, instead func()) {
	scope, depth, open, row, windows := b.scope, b.depth, b.open, b.row, b.windows
	defer func() {
		e := recover()
		if e == nil {
			return
		}
		if _, ok := e.(bailout); !ok || len(b.diags) >= mostErrors {
			panic(e)
		}
		b.scope, b.depth, b.open, b.row, b.windows = scope, depth, open, row, windows
		instead()
	}()
	bind()
}

// mostErrors is how many errors are looked for.
const mostErrors = 10

func (b *binder) query(q *syntax.Query) *Query {
	out := &Query{}
	for _, s := range q.Statements {
		if x := b.statement(s); x != nil {
			out.Results = append(out.Results, b.results(x)...)
		}
	}
	if len(out.Results) == 0 {
		out.Results = []Result{{Rel: &Values{}}}
	}
	out.Limits = b.limits
	out.Shared, out.Probe, out.Refusals, out.Locate = b.all, b.probe, b.refusals, b.locate
	return out
}

// statement takes in a definition, or gives the expression that is a result.
func (b *binder) statement(s syntax.Statement) syntax.Expr {
	switch s := s.(type) {
	case *syntax.Let:
		b.define(s.Name.Text, b.letDefinition(s.Value))
	case *syntax.Set:
		b.set(s)
	case *syntax.Restrict:
		b.unsupported(s.Span(), "The statement 'restrict access'")
	case *syntax.Declare:
		for _, p := range s.Params {
			b.parameter(p)
		}
	case *syntax.ExprStatement:
		return s.X
	}
	return nil
}

// set notes a setting, and reads those that limit the answer.
func (b *binder) set(s *syntax.Set) {
	if s.Value != nil {
		if b.settings == nil {
			b.settings = map[string]syntax.Expr{}
		}
		b.settings[s.Name.Text] = s.Value
	}
	switch s.Name.Text {
	case "notruncation":
		b.limits.NoTruncation = s.Value == nil || b.setting(s, schema.Bool) == true
	case "truncationmaxrecords":
		b.limits.MaxRows = b.count64(s)
	case "truncationmaxsize":
		b.limits.MaxBytes = b.count64(s)
	case "query_take_max_records":
		b.limits.Take = b.count64(s)
	}
}

// count64 is the value of a setting that is a number above 0.
func (b *binder) count64(s *syntax.Set) int64 {
	n, ok := b.setting(s, schema.Long).(int64)
	if !ok || n <= 0 {
		b.fail(s.Span(), "SEM0086", fmt.Sprintf("The option %s is a number above 0", s.Name.Text))
	}
	return n
}

// setting is the value of a setting that is a constant of that type; else nil.
func (b *binder) setting(s *syntax.Set, t schema.Type) any {
	if l, ok := s.Value.(*syntax.Literal); ok && l.Type == t {
		return l.Value
	}
	return nil
}

func (b *binder) define(name string, d definition) {
	b.scope = &scope{outer: b.scope, name: name, def: d}
}

func (b *binder) letDefinition(x syntax.Expr) definition {
	if f, ok := x.(*syntax.Function); ok {
		return definition{fn: f, scope: b.scope, busy: new(bool)}
	}
	return definition{syntax: x, scope: b.scope, busy: new(bool)}
}

// parameter defines a declared query parameter from the request's value or its default.
func (b *binder) parameter(p syntax.Param) {
	text, given := b.env.Parameters[p.Name.Text]
	switch {
	case given:
		b.define(p.Name.Text, definition{value: b.parameterValue(p, text)})
	case p.Default != nil:
		b.define(p.Name.Text, definition{value: b.coerce(b.expr(p.Default), p.Type)})
	default:
		b.fail(p.Name.Span(), "SEM0511", fmt.Sprintf("The query parameter '%s' has no value", p.Name.Text))
	}
}

func (b *binder) parameterValue(p syntax.Param, text string) Expr {
	if q, diags := syntax.Parse(text); len(diags) == 0 && len(q.Statements) == 1 {
		if s, ok := q.Statements[0].(*syntax.ExprStatement); ok {
			if lit, ok := s.X.(*syntax.Literal); ok && (lit.Type == p.Type || p.Type != schema.String) {
				return b.coerce(NewConst(lit.Type, lit.Value, p.Name.Span()), p.Type)
			}
		}
	}
	return b.coerce(NewConst(schema.String, text, p.Name.Span()), p.Type)
}

// results binds a statement that has a value.
func (b *binder) results(x syntax.Expr) []Result {
	b.render = nil
	if r, ok := b.manyTables(x); ok {
		return r
	}
	if rel, ok := b.tabular(x); ok {
		if _, ok := rel.(*Graph); ok {
			b.fail(x.Span(), "SEM0090", "The query gives a graph; graph-match or graph-to-table makes a table of it")
		}
		return []Result{{Rel: rel, Render: b.render}}
	}
	v := b.expr(x)
	col := b.column("Value", v.Type(), v.Nullable())
	return []Result{{Rel: &Project{In: &Values{Rows: [][]Expr{{}}}, Items: []Item{{col, v}}}, Scalar: true}}
}

func (b *binder) fail(span syntax.Span, code, message string) {
	b.report(span, code, message)
	panic(bailout{})
}

func (b *binder) report(span syntax.Span, code, message string) {
	b.add(syntax.Diagnostic{Code: code, Span: span, Message: message})
}

func (b *binder) warn(span syntax.Span, code, message string) {
	b.add(syntax.Diagnostic{Code: code, Span: span, Message: message, Severity: syntax.Warning})
}

// remark is a warning about the data, which are not looked at when there is an error.
func (b *binder) remark(span syntax.Span, code, message string) {
	if !b.failed() {
		b.warn(span, code, message)
	}
}

// maxDiagnostics bounds how many remarks there are on one query.
const maxDiagnostics = 50

func (b *binder) add(d syntax.Diagnostic) {
	if b.place != nil {
		d.Span = *b.place
	}
	d = b.locate(d)
	same := func(o syntax.Diagnostic) bool { return o.Span == d.Span && o.Code == d.Code }
	if slices.ContainsFunc(b.diags, same) {
		return // the same text bound a second time
	}
	if len(b.diags) < maxDiagnostics || d.Severity == syntax.Error && !b.failed() {
		b.diags = append(b.diags, d)
	}
}

// failed reports whether there is an error.
func (b *binder) failed() bool {
	return slices.ContainsFunc(b.diags, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error })
}

// unsupported refuses something of KQL that is known, and not yet supported.
func (b *binder) unsupported(span syntax.Span, what string) {
	b.fail(span, "SEM0080", what+" is not supported")
}

// count bounds the size and depth of the tree; the caller defers the returned func.
func (b *binder) count(span syntax.Span) func() {
	b.nodes++
	b.depth++
	if b.nodes > maxNodes || b.depth > 2000 {
		b.fail(span, "SEM0081", "The query is too large once its variables and functions are put in place")
	}
	if b.nodes%256 == 0 {
		b.goOn(span)
	}
	return func() { b.depth-- }
}

// goOn ends the binding when no one waits for it any longer.
func (b *binder) goOn(span syntax.Span) {
	if b.env.Err == nil {
		return
	}
	if err := b.env.Err(); err != nil {
		b.fail(span, "SEM0083", "The query was cancelled")
	}
}

func (b *binder) column(name string, t schema.Type, nullable bool) *Column {
	b.nextID++
	return &Column{ID: b.nextID, Name: name, Type: t, Nullable: nullable && t != schema.String}
}

// derive is a new column that looks like c.
func (b *binder) derive(c *Column) *Column {
	n := b.column(c.Name, c.Type, c.Nullable)
	n.Hidden, n.Local, n.Of = c.Hidden, c.Local, c.Of
	return n
}

// in binds with other columns in view, and puts the old ones back.
func (b *binder) in(row []*Column, bind func()) {
	defer func(outer []*Column) { b.row = outer }(b.row)
	b.row = row
	bind()
}

// within binds in another scope of let definitions.
func (b *binder) within(s *scope, bind func()) {
	defer func(outer *scope) { b.scope = outer }(b.scope)
	b.scope = s
	bind()
}

func (b *binder) lookup(name string) (definition, bool) {
	for s := b.scope; s != nil; s = s.outer {
		if s.name == name {
			return s.def, true
		}
	}
	return definition{}, false
}

func find(cols []*Column, name string) *Column {
	for _, c := range cols {
		if c.Name == name {
			return c
		}
	}
	return nil
}
