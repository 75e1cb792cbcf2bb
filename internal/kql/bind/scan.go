package bind

import (
	"fmt"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// scanBinder binds one scan. What depends on the row alone becomes a column that the
// engine computes; what depends on the steps' state becomes a vector.Expr.
type scanBinder struct {
	*binder
	op *syntax.Scan
	// input are the columns that the operator is given: those of the table, then those
	// that expressions need.
	input *Project
	// width is the number of the table's columns; declared are scan's own.
	width    int
	declared []*Column
	// fields say where a column of an expression is found when scan runs.
	fields map[*Column]vector.Expr
	out    *vector.Scan
}

// scan binds the scan operator.
func (b *binder) scan(in Rel, op *syntax.Scan) Rel {
	if len(op.OrderBy) > 0 {
		in = &Sort{in, b.sortKeys(op.OrderBy)}
	}
	s := &scanBinder{binder: b, op: op, fields: map[*Column]vector.Expr{}, out: &vector.Scan{}}
	cols := visible(in.Columns())
	s.width = len(cols)
	s.input = &Project{In: in, Items: passed(cols...)}
	for i, c := range cols {
		s.fields[c] = vector.Field(i)
		s.out.Empty = append(s.out.Empty, vector.Typed(c.Type, nil))
	}
	s.declare(cols)
	for _, x := range op.PartBy {
		s.out.Partition = append(s.out.Partition, s.column(b.expr(x)))
	}
	s.steps(cols)
	return s.result(cols)
}

// declare binds the columns that scan adds, with their defaults.
func (s *scanBinder) declare(cols []*Column) {
	for i, d := range s.op.Declare {
		name := d.Column.Name
		if find(cols, name.Text) != nil || find(s.declared, name.Text) != nil {
			s.fail(name.Span(), "SEM0066", fmt.Sprintf("A column with the name '%s' is already declared", name.Text))
		}
		var value any
		if d.Default != nil {
			s.in(nil, func() { value = s.compile(s.coerce(s.expr(d.Default), d.Column.Type))(&vector.Frame{}) })
		}
		c := s.binder.column(name.Text, d.Column.Type, true)
		s.declared = append(s.declared, c)
		s.fields[c] = vector.Field(s.width + i)
		s.out.Defaults = append(s.out.Defaults, vector.Typed(c.Type, value))
	}
	s.out.Width = s.width
	s.out.Empty = append(s.out.Empty, s.out.Defaults...)
}

// steps binds the steps. step.column is the value that the step keeps.
func (s *scanBinder) steps(cols []*Column) {
	defer func(outer map[string][]*Column) { s.kept = outer }(s.kept)
	s.kept = map[string][]*Column{}
	row := append(append([]*Column(nil), cols...), s.declared...)
	for k, st := range s.op.Steps {
		if s.kept[st.Name.Text] != nil {
			s.fail(st.Name.Span(), "SEM0095", fmt.Sprintf("There is a step '%s' already", st.Name.Text))
		}
		kept := make([]*Column, len(row))
		for i, c := range row {
			kept[i] = s.derive(c)
			kept[i].Nullable = c.Type != schema.String
			s.fields[kept[i]] = vector.Kept(k, i)
		}
		s.kept[st.Name.Text] = kept
		s.in(row, func() { s.step(st) })
	}
}

func (s *scanBinder) step(st syntax.ScanStep) {
	if st.Optional {
		s.unsupported(st.Name.Span(), "An optional step of scan")
	}
	output, ok := map[string]vector.ScanOutput{"": vector.ScanAll, "all": vector.ScanAll, "last": vector.ScanLast, "none": vector.ScanNone}[st.Output]
	if !ok {
		s.fail(st.Name.Span(), "SEM0094", fmt.Sprintf("output is all, last or none, not '%s'", st.Output))
	}
	out := vector.ScanStep{Name: st.Name.Text, Output: output, Cond: s.compile(s.condition(st.Cond))}
	for _, x := range st.Assign {
		out.Assign = append(out.Assign, s.assign(x))
	}
	s.out.Steps = append(s.out.Steps, out)
}

// assign binds an assignment to a declared column.
func (s *scanBinder) assign(x syntax.Expr) vector.ScanAssign {
	named, ok := x.(*syntax.Named)
	if !ok || len(named.Names) != 1 {
		s.fail(x.Span(), "SEM0087", "A step of scan assigns values to declared columns: name = value")
	}
	for i, c := range s.declared {
		if c.Name == named.Names[0].Text {
			return vector.ScanAssign{Declared: i, X: s.compile(s.coerce(s.expr(named.X), c.Type))}
		}
	}
	s.fail(named.Names[0].Span(), "SEM0087", fmt.Sprintf("scan does not declare '%s'%s", named.Names[0].Text, syntax.Suggest(named.Names[0].Text, columnNames(s.declared))))
	return vector.ScanAssign{}
}

// compile makes an expression that is computed while scan runs.
func (s *scanBinder) compile(x Expr) vector.Expr {
	switch x := x.(type) {
	case *Const:
		return vector.Constant(plainValue(x))
	case *Ref:
		if f, ok := s.fields[x.Col]; ok {
			return f
		}
	case *Call:
		if s.ofRow(x) {
			break
		}
		args := make([]vector.Arg, len(x.Args))
		for i, a := range x.Args {
			args[i] = vector.Arg{X: s.compile(a), Type: a.Type()}
		}
		if f, ok := vector.Call(x.Op, x.Type(), args); ok {
			return f
		}
		s.unsupported(x.Span(), fmt.Sprintf("'%s' of what a step of scan keeps", x.Op))
	case *InQuery:
		if !s.ofRow(x) {
			s.unsupported(x.Span(), "A query about what a step of scan keeps")
		}
	case *ScalarQuery:
	}
	return s.behind(s.column(x))
}

// ofRow: x refers to columns of the table, and not to what scan adds.
func (s *scanBinder) ofRow(x Expr) bool {
	return refersOnly(x, s.input.Columns()[:s.width])
}

// column is the number of the input's column that has the value of x.
func (s *scanBinder) column(x Expr) int {
	if r, ok := x.(*Ref); ok {
		for i, it := range s.input.Items {
			if it.Col == r.Col {
				return i
			}
		}
	}
	c := s.binder.column("", x.Type(), x.Nullable())
	s.input.Items = append(s.input.Items, Item{c, x})
	return len(s.input.Items) - 1
}

// behind is a column of the input as expressions see it: those computed for them stand
// behind the declared ones.
func (s *scanBinder) behind(i int) vector.Expr {
	if i >= s.width {
		i += len(s.declared)
	}
	return vector.Field(i)
}

// plainValue is a constant as operators in Go have it.
func plainValue(c *Const) any {
	switch v := c.Value.(type) {
	case schema.Ticks:
		return int64(v)
	case int64:
		if c.Type() == schema.Real {
			return float64(v)
		}
	}
	return vector.Typed(c.Type(), c.Value)
}

func (s *scanBinder) result(cols []*Column) Rel {
	a := &Apply{Ins: []Rel{s.input}, Op: s.out}
	for _, c := range cols {
		a.Cols = append(a.Cols, s.derive(c))
	}
	a.Cols = append(a.Cols, s.declared...)
	if name := s.op.Params.Word("with_match_id"); name != "" {
		s.out.MatchID = true
		a.Cols = append(a.Cols, s.binder.column(name, schema.Long, false))
	}
	return a
}

// keptPath binds step.column inside scan.
func (b *binder) keptPath(x *syntax.Path) (Expr, bool) {
	name, ok := x.X.(*syntax.Name)
	if !ok {
		return nil, false
	}
	cols, ok := b.kept[name.Text]
	if !ok {
		return nil, false
	}
	c := find(cols, x.Name.Text)
	if c == nil {
		b.in(cols, func() { b.unknownColumn(&x.Name) })
	}
	return NewRef(c, x.Span()), true
}
