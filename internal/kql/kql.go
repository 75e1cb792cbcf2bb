// Package kql compiles KQL. Text and a catalogue go in; programs of SQL and operators in
// Go, and the columns of the answer's tables come out, or diagnostics with places. It is pure: no I/O, no clock,
// no log. The steps are syntax.Parse, bind.Bind, plan.Build, plan.Rewrite and the
// dialect's writer.
package kql

import (
	"errors"

	"spoor/internal/entity"
	"spoor/internal/kql/bind"
	"spoor/internal/kql/dialect"
	"spoor/internal/kql/plan"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// Env is what a query is compiled against.
type Env struct {
	Catalog *schema.Catalog
	// Exists reports whether an event table has rows; nil: none has.
	Exists func(table string) bool
	// DeviceAliases: some devices were merged, so DeviceId is mapped when it is read.
	DeviceAliases bool
	// Now is what now() means, the same throughout the query.
	Now schema.Ticks
	// Parameters are the values of declared query parameters, as KQL literals.
	Parameters map[string]string
	// MaxRows bounds the rows of each table, from the limits that the query sets itself;
	// 0, and nil: no bound.
	MaxRows func(set bind.Limits) int64
	// Err, if set, is asked now and then whether to go on, as a context's: a query over
	// all tables takes some time to plan.
	Err func() error
	// Library is what people keep for queries; nil: nothing.
	Library *bind.Library
	// Probes are the answers to the probes so far, see Compiled.Probe.
	Probes []bind.ProbeAnswer
}

func (e *Env) stopped() error {
	if e.Err == nil {
		return nil
	}
	return e.Err()
}

// Column is a column of a result.
type Column struct {
	Name string
	Type schema.Type
}

// Compiled is a query ready to run.
type Compiled struct {
	// Probe is set when another query must be run first: its rows go to the end of
	// Env.Probes, and the query is compiled again. There are no Tables yet.
	Probe *Probe
	// Tables are the tables of the answer, at least one.
	Tables []Table
	// Limits are what the query asks for itself.
	Limits bind.Limits
}

// Probe is a query whose rows decide how the query around it is compiled. More than
// Most rows are an error.
type Probe struct {
	Table
	Most int
}

// Table is one table of the answer.
type Table struct {
	Name    string // of a branch of fork; else empty
	Columns []Column
	// Parts give the rows, one part after the other. There are several where a union is
	// too wide for one statement, and none when it is known that there is no row.
	Parts []Part
	// Most bounds the rows of all parts; negative: each of its parts does.
	Most int64
	// Render is what the query asked for with render, or nil.
	Render *syntax.Render
	// Scalar: it is a value on its own, one row and one column.
	Scalar bool
}

// Part is a program that gives rows of a table.
type Part struct {
	Program
	// Places are the columns of the table that the statement's columns are, in order.
	// Fixed columns have the same value in every row. All others are null.
	Places []int
	Fixed  []Fixed

	plan    *plan.Plan
	maxRows int64
}

// Fixed is the value of a column of a table.
type Fixed struct {
	At    int
	Value any
}

// Plan is the plan in words.
func (p *Part) Plan() string { return plan.Print(p.plan) }

// Program is what must be run for a table: steps, each of which makes an input for
// those behind it, then a statement.
type Program struct {
	Steps []Step
	dialect.Statement
}

// Statements are all that is run, in order.
func (p *Program) Statements() []dialect.Statement {
	var out []dialect.Statement
	for _, s := range p.Steps {
		out = append(out, s.Ins...)
	}
	return append(out, p.Statement)
}

// Step makes an input: the rows of a table from outside, or what an operator makes of
// the rows of statements.
type Step struct {
	ID     int
	Types  []schema.Type // of the input's columns
	Source bind.Source   // set for a table from outside; else Op and Ins
	Op     vector.Operator
	Ins    []dialect.Statement

	plans []*plan.Plan // of Ins
}

// Compile compiles a query. Compiled is nil when an error is among the diagnostics.
func Compile(text string, env Env) (*Compiled, []syntax.Diagnostic) {
	q, diags := bound(text, env)
	if q == nil {
		return nil, diags
	}
	if len(q.Refusals) > 0 {
		return nil, append(diags, q.Refusals...)
	}
	c := &compiler{env: env, query: q}
	out, err := c.compile()
	if err != nil {
		return nil, append(diags, q.Locate(diagnostic(err)))
	}
	return out, diags
}

// Wanted lists the entities whose sightings would tell where the rows are that a query
// looks for; see Pruned.
func (c *Compiled) Wanted() []entity.ID {
	var out []entity.ID
	for _, t := range c.Tables {
		for i := range t.Parts {
			if len(t.Parts[i].Steps) == 0 {
				out = append(out, plan.Wanted(t.Parts[i].plan)...)
			}
		}
	}
	return out
}

// Memory estimates how many bytes the engine holds at once for a query, from the number
// of rows in each table.
func (c *Compiled) Memory(rows func(table string) int64) int64 {
	var most int64
	for _, t := range c.Tables {
		for i := range t.Parts {
			most = max(most, plan.Memory(t.Parts[i].plan, rows))
		}
	}
	return most
}

// Held estimates how many bytes the rows come to that are kept for operators in Go.
func (c *Compiled) Held(rows func(table string) int64) int64 {
	var bytes int64
	for _, t := range c.Tables {
		for i := range t.Parts {
			for _, s := range t.Parts[i].Steps {
				for _, in := range s.plans {
					bytes += plan.Held(in, rows)
				}
			}
		}
	}
	return bytes
}

// Pruned reads only where the ledger has seen what a query looks for. seen is about all
// that is wanted, rows gives the number of rows in a table.
func (c *Compiled) Pruned(seen plan.Sightings, rows func(table string) int64) error {
	return c.rewritten(func(p *plan.Plan) (bool, error) { return plan.Restrict(p, seen, rows), nil })
}

// Excerpted reads the rows that name an address from excerpts of their tables, as far as
// find gives the name of one; see plan.Excerpts.
func (c *Compiled) Excerpted(find func(table, address string) (name string, err error)) error {
	return c.rewritten(func(p *plan.Plan) (bool, error) { return plan.Excerpts(p, find) })
}

// rewritten changes the plans that are run as one statement, and writes those anew for
// which change says so.
func (c *Compiled) rewritten(change func(*plan.Plan) (bool, error)) error {
	for _, t := range c.Tables {
		for i := range t.Parts {
			p := &t.Parts[i]
			if len(p.Steps) > 0 {
				continue
			}
			changed, err := change(p.plan)
			if err == nil && changed {
				p.Statement, err = dialect.DuckDB(p.plan, p.maxRows)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// compiler turns the tables of a bound query into programs.
type compiler struct {
	env    Env
	query  *bind.Query
	inputs int // numbered so far
}

func (c *compiler) compile() (*Compiled, error) {
	if p := c.query.Probe; p != nil {
		t, err := c.table(p.Rel, int64(p.Most)+1)
		if err != nil {
			return nil, err
		}
		return &Compiled{Probe: &Probe{t, p.Most}}, nil
	}
	out := &Compiled{Limits: c.query.Limits}
	maxRows := int64(0)
	if c.env.MaxRows != nil {
		maxRows = c.env.MaxRows(out.Limits)
	}
	for _, r := range c.query.Results {
		t, err := c.table(r.Rel, maxRows)
		if err != nil {
			return nil, err
		}
		t.Name, t.Render, t.Scalar = r.Name, r.Render, r.Scalar
		out.Tables = append(out.Tables, t)
	}
	return out, nil
}

// table plans one table and writes it.
func (c *compiler) table(rel bind.Rel, maxRows int64) (Table, error) {
	p, err := plan.Build(rel, c.query.Shared, plan.Env{Exists: c.env.Exists, DeviceAliases: c.env.DeviceAliases})
	if err != nil {
		return Table{}, err
	}
	var t Table
	for _, o := range p.Output {
		t.Columns = append(t.Columns, Column{o.Col.Name, shown(o.Col.Type)})
	}
	plans, most := plan.Split(p)
	t.Most = most
	for _, p := range plans {
		if err := c.env.stopped(); err != nil {
			return Table{}, err
		}
		p = plan.Rewrite(p)
		if len(plans) > 1 && p.Empty() {
			continue
		}
		part, err := c.part(p, maxRows)
		if err != nil {
			return Table{}, err
		}
		t.Parts = append(t.Parts, part)
	}
	return t, nil
}

// shown is a type as a client sees it: a column that is not there is a null of any type.
func shown(t schema.Type) schema.Type {
	if t == schema.Unknown {
		return schema.Dynamic
	}
	return t
}

// part writes the plan of a part.
func (c *compiler) part(p *plan.Plan, maxRows int64) (Part, error) {
	out := Part{plan: p, maxRows: maxRows}
	for _, o := range p.Output {
		if o.Const != nil {
			out.Fixed = append(out.Fixed, Fixed{o.At, o.Const.Value})
		} else {
			out.Places = append(out.Places, o.At)
		}
	}
	var err error
	out.Program, err = c.program(p, maxRows)
	return out, err
}

// program writes a plan. What is too large for one statement because of a wide union is
// read input by input.
func (c *compiler) program(p *plan.Plan, maxRows int64) (Program, error) {
	var out Program
	if err := c.steps(p, &out); err != nil {
		return out, err
	}
	var err error
	out.Statement, err = dialect.DuckDB(p, maxRows)
	if d, ok := errors.AsType[syntax.Diagnostic](err); !ok || d.Code != dialect.CodeTooLarge || !plan.Gather(p) {
		return out, err
	}
	if err := c.steps(p, &out); err != nil {
		return out, err
	}
	out.Statement, err = dialect.DuckDB(p, maxRows)
	return out, err
}

// steps takes out of a plan what SQL cannot run, and writes it.
func (c *compiler) steps(p *plan.Plan, out *Program) error {
	for _, s := range plan.Steps(p, c.nextInput) {
		step := Step{ID: s.ID, Types: types(s.Cols), Source: s.Source, Op: s.Op, plans: s.Ins}
		for _, in := range s.Ins {
			if err := c.env.stopped(); err != nil {
				return err
			}
			stmt, err := dialect.DuckDB(in, 0)
			if err != nil {
				return err
			}
			step.Ins = append(step.Ins, stmt)
		}
		out.Steps = append(out.Steps, step)
	}
	return nil
}

func (c *compiler) nextInput() int {
	c.inputs++
	return c.inputs
}

func types(cols []*bind.Column) []schema.Type {
	out := make([]schema.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

// Validate binds a query without planning it: the columns of its first table, nil when
// there is an error, and all diagnostics.
func Validate(text string, env Env) ([]Column, []syntax.Diagnostic) {
	q, diags := bound(text, env)
	if q == nil {
		return nil, diags
	}
	for _, d := range q.Refusals {
		d.Severity = syntax.Warning
		diags = append(diags, d)
	}
	cols := []Column{}
	for _, c := range q.Results[0].Columns() {
		cols = append(cols, Column{Name: c.Name, Type: shown(c.Type)})
	}
	return cols, diags
}

// ProductFunctions are the functions that are there without anyone storing them, as
// editors may bind them.
func ProductFunctions() []bind.StoredFunction { return bind.ProductFunctions() }

// Plugins lists the names of evaluate's plugins.
func Plugins() []string { return bind.Plugins() }

// CheckFunction reads the text of a stored function, "(parameters) { body }", and reports
// what is wrong with it.
func CheckFunction(name, text string, env Env) (*syntax.Function, []syntax.Diagnostic) {
	f, diags := syntax.ParseFunction(text, 0)
	if len(diags) > 0 {
		return nil, diags
	}
	return f, bind.CheckFunction(name, f, env.bind())
}

// bound parses and binds; nil when there is an error.
func bound(text string, env Env) (*bind.Query, []syntax.Diagnostic) {
	q, diags := syntax.Parse(text)
	if len(diags) > 0 {
		return nil, diags
	}
	return bind.Bind(q, env.bind())
}

// bind is the part of the environment that binding needs.
func (e *Env) bind() bind.Env {
	return bind.Env{Catalog: e.Catalog, Exists: e.Exists, Now: e.Now, Parameters: e.Parameters, Library: e.Library, Probes: e.Probes, Err: e.Err}
}

// diagnostic is an error of a later step as a diagnostic.
func diagnostic(err error) syntax.Diagnostic {
	if d, ok := errors.AsType[syntax.Diagnostic](err); ok {
		return d
	}
	return syntax.Diagnostic{Code: "SEM0099", Message: err.Error()}
}
