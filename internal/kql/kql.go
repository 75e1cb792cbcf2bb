// Package kql compiles KQL. Text and a catalogue go in; programs of SQL and operators in
// Go, and the columns of the answer's tables come out, or diagnostics with places. It is pure: no I/O, no clock,
// no log. The steps are syntax.Parse, bind.Bind, plan.Build, plan.Rewrite and the
// dialect's writer.
package kql

import (
	"errors"

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
	// MaxRows bounds the rows of each table; 0: no bound.
	MaxRows int64
	// Probes are the answers to the probes so far, see Compiled.Probe.
	Probes []bind.ProbeAnswer
}

// Column is a column of a result.
type Column struct {
	Name string
	Type schema.Type
	// Constant: the column is Value in every row, and not among the SQL's columns.
	Constant bool
	Value    any
}

// Compiled is a query ready to run.
type Compiled struct {
	// Probe is set when another query must be run first: its rows go to the end of
	// Env.Probes, and the query is compiled again. There are no Tables yet.
	Probe *Probe
	// Tables are the tables of the answer, at least one.
	Tables []Table
}

// Probe is a query whose rows decide how the query around it is compiled. More than
// Most rows are an error.
type Probe struct {
	Program
	Most int
}

// Table is one table of the answer. The program's statement gives the columns that are
// not constant, in order.
type Table struct {
	Program
	Name    string // of a branch of fork; else empty
	Columns []Column
	// Plan is the plan in words, for explaining.
	Plan string
	// Render is what the query asked for with render, or nil.
	Render *syntax.Render
	// Scalar: it is a value on its own, one row and one column.
	Scalar bool
}

// Program is what must be run for a table: steps, each of which makes an input for
// those behind it, then a statement.
type Program struct {
	Steps []Step
	dialect.Statement
}

// Step makes an input: the rows of a table from outside, or what an operator makes of
// the rows of statements.
type Step struct {
	ID     int
	Types  []schema.Type // of the input's columns
	Source bind.Source   // set for a table from outside; else Op and Ins
	Op     vector.Operator
	Ins    []dialect.Statement
}

// Compile compiles a query. Compiled is nil when an error is among the diagnostics.
func Compile(text string, env Env) (*Compiled, []syntax.Diagnostic) {
	q, diags := bound(text, env)
	if q == nil {
		return nil, diags
	}
	c := &compiler{env: env, query: q}
	out, err := c.compile()
	if err != nil {
		return nil, append(diags, diagnostic(err))
	}
	return out, diags
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
		return &Compiled{Probe: &Probe{t.Program, p.Most}}, nil
	}
	out := &Compiled{}
	for _, r := range c.query.Results {
		t, err := c.table(r.Rel, c.env.MaxRows)
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
	p = plan.Rewrite(p)
	t := Table{Plan: plan.Print(p)}
	for _, o := range p.Output {
		col := Column{Name: o.Col.Name, Type: o.Col.Type}
		if o.Const != nil {
			col.Constant, col.Value = true, o.Const.Value
		}
		t.Columns = append(t.Columns, col)
	}
	t.Program, err = c.program(p, maxRows)
	return t, err
}

// program writes a plan.
func (c *compiler) program(p *plan.Plan, maxRows int64) (Program, error) {
	var out Program
	for _, s := range plan.Steps(p, c.nextInput) {
		step := Step{ID: s.ID, Types: types(s.Cols), Source: s.Source, Op: s.Op}
		for _, in := range s.Ins {
			stmt, err := dialect.DuckDB(in, 0)
			if err != nil {
				return Program{}, err
			}
			step.Ins = append(step.Ins, stmt)
		}
		out.Steps = append(out.Steps, step)
	}
	var err error
	out.Statement, err = dialect.DuckDB(p, maxRows)
	return out, err
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
	cols := []Column{}
	for _, c := range q.Results[0].Columns() {
		cols = append(cols, Column{Name: c.Name, Type: c.Type})
	}
	return cols, diags
}

// bound parses and binds; nil when there is an error.
func bound(text string, env Env) (*bind.Query, []syntax.Diagnostic) {
	q, diags := syntax.Parse(text)
	if len(diags) > 0 {
		return nil, diags
	}
	return bind.Bind(q, bind.Env{Catalog: env.Catalog, Exists: env.Exists, Now: env.Now, Parameters: env.Parameters, Probes: env.Probes})
}

// diagnostic is an error of a later step as a diagnostic.
func diagnostic(err error) syntax.Diagnostic {
	if d, ok := errors.AsType[syntax.Diagnostic](err); ok {
		return d
	}
	return syntax.Diagnostic{Code: "SEM0099", Message: err.Error()}
}
