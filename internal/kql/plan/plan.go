// Package plan turns a bound query into relational operators and rewrites them: less is
// read, sooner filtered, constants computed once. It knows which tables have rows, but
// nothing of SQL.
package plan

import (
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// Node is a relational operator.
//
//sumtype:decl
type Node interface {
	// Columns are the columns of the rows it gives.
	Columns() []*bind.Column
	node()
}

// Plan is a query with one result.
type Plan struct {
	Root Node
	// Shared are computed once and referred to by Ref.
	Shared []*Shared
	// Inner are the plans of the queries inside expressions.
	Inner map[bind.Rel]Node
	// Output are the result's columns in order. One that is missing is null.
	Output []Output
}

// Output is a column of the result: a column of Root, or a constant that no engine
// need carry.
type Output struct {
	Col   *bind.Column
	At    int         // its place in the result
	Const *bind.Const // nil: read from Root
}

// Shared is a part of the plan that several others read.
type Shared struct {
	ID int
	In Node
}

// The operators.
type (
	// Scan reads columns of an event table that has rows.
	Scan struct {
		Table *schema.Table
		Scans []bind.Scan
		// MapDevices: DeviceId goes through the table of aliases.
		MapDevices bool
		// Within, if not empty, tells where the rows are that are looked for: in one
		// stretch of each element. Stretches of an element have no source in common.
		Within [][]Stretch
		// Excerpt, if not empty, is the name, as SQL, of a table to read in place of Table: it
		// has the rows that are looked for, and others of Table.
		Excerpt string
	}
	// Values are rows written out.
	Values struct {
		Cols []*bind.Column
		Rows [][]bind.Expr
	}
	// Range counts.
	Range struct{ bind.Range }
	// Filter keeps rows for which all conditions are true.
	Filter struct {
		In    Node
		Conds []bind.Expr
	}
	// Project computes columns.
	Project struct {
		In    Node
		Items []bind.Item
	}
	// Aggregate groups. Order is the order in which lists collect their elements.
	Aggregate struct {
		In    Node
		Keys  []bind.Item
		Aggs  []bind.Aggregate
		Order []bind.SortKey
	}
	// First keeps one row for each combination of keys: what innerunique does to the
	// left side.
	First struct {
		In   Node
		Keys []bind.Expr
	}
	// Sort orders.
	Sort struct {
		In   Node
		Keys []bind.SortKey
	}
	// Limit keeps the first N rows, or N drawn at random.
	Limit struct {
		In     Node
		N      bind.Expr
		Random bool
	}
	// Join joins, by equality of all pairs.
	Join struct {
		Kind        JoinKind
		Left, Right Node
		On          []bind.Match
		Cols        []*bind.Column
	}
	// Union puts rows below one another.
	Union struct {
		Parts []Part
		Cols  []*bind.Column
	}
	// Expand makes a row of each element.
	Expand struct {
		In    Node
		Items []bind.ExpandItem
		Index *bind.Column
		Limit bind.Expr
		Cols  []*bind.Column
	}
	// Window computes functions over the rows in their order, those of each value of By
	// apart. Random: in no order.
	Window struct {
		In     Node
		Items  []bind.Item
		Order  []bind.SortKey
		By     []bind.Expr
		Random bool
	}
	// Ref reads a shared part under columns of its own.
	Ref struct {
		ID   int
		From []*bind.Column // of the shared part
		Cols []*bind.Column // the same, as this reader calls them
	}
	// Input reads a table that the query brings along; From are the places of its
	// columns there.
	Input struct {
		ID   int
		From []int
		Cols []*bind.Column
	}
	// Apply runs an operator in Go. Steps takes it out before SQL is written.
	Apply struct {
		Ins  []Node
		Op   vector.Operator
		Cols []*bind.Column
	}
	// Outside reads a table that no event table holds. Steps makes an input of it.
	Outside struct {
		Source bind.Source
		Cols   []*bind.Column
	}
	// Series is make-series.
	Series struct {
		In             Node
		Keys           []bind.Item
		Aggs           []bind.Aggregate
		Defaults       []bind.Expr
		Axis           *bind.Column
		On             bind.Expr
		From, To, Step bind.Expr
		NonEmpty       bool
	}
)

// Part is one input of a union. Columns of the union that no item computes are null.
type Part struct {
	In    Node
	Items []bind.Item
}

// JoinKind is a kind of join. KQL's innerunique is an inner one over First.
type JoinKind string

// The kinds. The right-hand ones are the left-hand ones with the sides changed.
const (
	Inner      JoinKind = "inner"
	LeftOuter  JoinKind = "leftouter"
	RightOuter JoinKind = "rightouter"
	FullOuter  JoinKind = "fullouter"
	LeftSemi   JoinKind = "leftsemi"
	LeftAnti   JoinKind = "leftanti"
)

func columnsOf(items []bind.Item) []*bind.Column {
	cols := make([]*bind.Column, len(items))
	for i, it := range items {
		cols[i] = it.Col
	}
	return cols
}

// Columns are those read.
func (n *Scan) Columns() []*bind.Column {
	cols := make([]*bind.Column, len(n.Scans))
	for i, s := range n.Scans {
		cols[i] = s.Col
	}
	return cols
}

// Columns are those written out.
func (n *Values) Columns() []*bind.Column { return n.Cols }

// Columns are those of the input.
func (n *Filter) Columns() []*bind.Column { return n.In.Columns() }

// Columns are those computed.
func (n *Project) Columns() []*bind.Column { return columnsOf(n.Items) }

// Columns are the keys and the aggregates.
func (n *Aggregate) Columns() []*bind.Column {
	cols := columnsOf(n.Keys)
	for _, a := range n.Aggs {
		cols = append(cols, a.Col)
	}
	return cols
}

// Columns are those of the input.
func (n *First) Columns() []*bind.Column { return n.In.Columns() }

// Columns are those of the input.
func (n *Sort) Columns() []*bind.Column { return n.In.Columns() }

// Columns are those of the input.
func (n *Limit) Columns() []*bind.Column { return n.In.Columns() }

// Columns are those the kind of join leaves.
func (n *Join) Columns() []*bind.Column { return n.Cols }

// Columns are the merged ones.
func (n *Union) Columns() []*bind.Column { return n.Cols }

// Columns are those of the input, taken-apart ones replaced.
func (n *Expand) Columns() []*bind.Column { return n.Cols }

// Columns are those of the input and the computed ones.
func (n *Window) Columns() []*bind.Column {
	in := n.In.Columns()
	return append(slices.Clip(in), columnsOf(n.Items)...)
}

// Columns are the reader's own.
func (n *Ref) Columns() []*bind.Column { return n.Cols }

// Columns are those read.
func (n *Input) Columns() []*bind.Column { return n.Cols }

// Columns are those of the operator's result.
func (n *Apply) Columns() []*bind.Column { return n.Cols }

// Columns are those of the table.
func (n *Outside) Columns() []*bind.Column { return n.Cols }

// Columns are the keys, the aggregates, the axis.
func (n *Series) Columns() []*bind.Column {
	cols := columnsOf(n.Keys)
	for _, a := range n.Aggs {
		cols = append(cols, a.Col)
	}
	return append(cols, n.Axis)
}

func (*Scan) node()      {}
func (*Values) node()    {}
func (*Range) node()     {}
func (*Filter) node()    {}
func (*Project) node()   {}
func (*Aggregate) node() {}
func (*First) node()     {}
func (*Sort) node()      {}
func (*Limit) node()     {}
func (*Join) node()      {}
func (*Union) node()     {}
func (*Expand) node()    {}
func (*Window) node()    {}
func (*Ref) node()       {}
func (*Input) node()     {}
func (*Apply) node()     {}
func (*Outside) node()   {}
func (*Series) node()    {}
