// Package kql compiles KQL. Text and a catalogue go in; SQL, its arguments and the
// result's columns come out, or diagnostics with places. It is pure: no I/O, no clock,
// no log. The steps are syntax.Parse, bind.Bind, plan.Build, plan.Rewrite and the
// dialect's writer.
package kql

import (
	"errors"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/dialect"
	"spoor/internal/kql/plan"
	"spoor/internal/kql/syntax"
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
	// MaxRows bounds the rows of the result; 0: no bound.
	MaxRows int64
}

// Column is a column of a result.
type Column struct {
	Name string
	Type schema.Type
	// Constant: the column is Value in every row, and not among the SQL's columns.
	Constant bool
	Value    any
}

// Compiled is a query ready to run. SQL gives the columns that are not constant, in
// order.
type Compiled struct {
	SQL     string
	Args    []any
	Columns []Column
	// Plan is the plan in words, for explaining.
	Plan string
	// Render is what the query asked for with render, or nil.
	Render *syntax.Render
	// Scalar: the query is a value on its own; the result has one row and one column.
	Scalar bool
}

// Compile compiles a query. Compiled is nil when an error is among the diagnostics.
func Compile(text string, env Env) (*Compiled, []syntax.Diagnostic) {
	q, diags := bound(text, env)
	if q == nil {
		return nil, diags
	}
	p, err := plan.Build(q, plan.Env{Exists: env.Exists, DeviceAliases: env.DeviceAliases})
	if err != nil {
		return nil, append(diags, diagnostic(err))
	}
	p = plan.Rewrite(p)
	stmt, err := dialect.DuckDB(p, env.MaxRows)
	if err != nil {
		return nil, append(diags, diagnostic(err))
	}
	c := &Compiled{SQL: stmt.SQL, Args: stmt.Args, Plan: plan.Print(p), Render: q.Render, Scalar: q.Scalar}
	for _, o := range p.Output {
		col := Column{Name: o.Col.Name, Type: o.Col.Type}
		if o.Const != nil {
			col.Constant, col.Value = true, o.Const.Value
		}
		c.Columns = append(c.Columns, col)
	}
	return c, diags
}

// Validate binds a query without planning it: the result's columns, nil when there is an
// error, and all diagnostics.
func Validate(text string, env Env) ([]Column, []syntax.Diagnostic) {
	q, diags := bound(text, env)
	if q == nil {
		return nil, diags
	}
	cols := []Column{}
	for _, c := range q.Result() {
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
	return bind.Bind(q, bind.Env{Catalog: env.Catalog, Exists: env.Exists, Now: env.Now, Parameters: env.Parameters})
}

// diagnostic is an error of a later step as a diagnostic.
func diagnostic(err error) syntax.Diagnostic {
	if d, ok := errors.AsType[syntax.Diagnostic](err); ok {
		return d
	}
	return syntax.Diagnostic{Code: "SEM0099", Message: err.Error()}
}
