package syntax

import "spoor/internal/schema"

// Operator is one step of a pipeline.
//
//sumtype:decl
type Operator interface {
	Node
	operator()
	print(p *printer)
	// Word is the operator's name as KQL writes it.
	Word() string
}

// step is what every operator has: its place, its name as written, the name's place.
type step struct {
	at
	word     string
	WordSpan Span
}

func (s *step) operator() {}

// Word is the operator's name as KQL writes it.
func (s *step) Word() string { return s.word }

// The operators. Aliases (filter, order, limit …) are read as the operator they stand
// for; Word keeps what was written.
type (
	// Where keeps the rows for which Cond is true.
	Where struct {
		step
		Params Params
		Cond   Expr
	}
	// Extend adds or replaces columns.
	Extend struct {
		step
		Columns []Expr
	}
	// Project keeps and computes columns.
	Project struct {
		step
		Columns []Expr
	}
	// ProjectNames is project-away and project-keep, and project-by-names, where Names are expressions.
	ProjectNames struct {
		step
		Names []Expr
	}
	// ProjectRename renames columns.
	ProjectRename struct {
		step
		Columns []Expr // Named
	}
	// ProjectReorder moves columns to the front.
	ProjectReorder struct {
		step
		Names []SortKey
	}
	// Summarize aggregates.
	Summarize struct {
		step
		Params     Params
		Aggregates []Expr
		By         []Expr
		HasBy      bool
	}
	// Distinct keeps the distinct combinations of columns.
	Distinct struct {
		step
		Params  Params
		Columns []Expr
	}
	// Sort orders rows.
	Sort struct {
		step
		Params Params
		Keys   []SortKey
	}
	// Top keeps the first N rows of an order.
	Top struct {
		step
		Params Params
		N      Expr
		Keys   []SortKey
	}
	// Take keeps any N rows; sample draws them.
	Take struct {
		step
		N Expr
	}
	// SampleDistinct keeps up to N values of a column.
	SampleDistinct struct {
		step
		N, Of Expr
	}
	// Count counts rows.
	Count struct {
		step
		As *Name
	}
	// Join is join and lookup.
	Join struct {
		step
		Params Params
		Right  Expr
		On     []Expr
	}
	// Union is union, with or without an input.
	Union struct {
		step
		Params Params
		Tables []Expr
	}
	// MvExpand makes a row of each element.
	MvExpand struct {
		step
		Params Params
		Items  []ExpandItem
		Limit  Expr
	}
	// MvApply runs a pipeline over the elements of each row.
	MvApply struct {
		step
		Params Params
		Items  []ExpandItem
		Limit  Expr
		ID     *Name
		Body   []Operator
	}
	// ParseText takes text apart by a pattern: parse and parse-where.
	ParseText struct {
		step
		Params  Params
		X       Expr
		Pattern []PatternPart
	}
	// ParseKV takes key-value text apart.
	ParseKV struct {
		step
		X       Expr
		Columns []ColumnDecl
		Params  Params
	}
	// MakeSeries aggregates along an axis into arrays.
	MakeSeries struct {
		step
		Params     Params
		Aggregates []SeriesAggregate
		On         Expr
		From, To   Expr
		Step       Expr
		InRange    []Expr // the old form: in range(from, to, step)
		By         []Expr
	}
	// TopNested aggregates level by level.
	TopNested struct {
		step
		Levels []NestedLevel
	}
	// TopHitters is the approximate top N of a column.
	TopHitters struct {
		step
		N, Of, By Expr
	}
	// Search looks through all columns.
	Search struct {
		step
		Params Params
		In     []Expr
		Cond   Expr
	}
	// Find looks through tables.
	Find struct {
		step
		Params  Params
		In      []Expr
		Cond    Expr
		Project []Expr
		Smart   bool // project-smart
		Away    []Expr
	}
	// PrintRow makes one row.
	PrintRow struct {
		step
		Columns []Expr
	}
	// Range makes a row of each step.
	Range struct {
		step
		Name         Name
		From, To, By Expr
	}
	// Serialize fixes the order of rows, and may extend.
	Serialize struct {
		step
		Columns []Expr
	}
	// GetSchema lists the columns.
	GetSchema struct{ step }
	// Consume swallows the rows.
	Consume struct {
		step
		Params Params
	}
	// Render says how to draw the result.
	Render struct {
		step
		Kind   Name
		Params Params
	}
	// Invoke calls a function with the rows so far.
	Invoke struct {
		step
		Call Expr
	}
	// Evaluate calls a plugin.
	Evaluate struct {
		step
		Params Params
		Call   *Call
		Schema *TypeOf // the output's columns, declared after a colon
	}
	// As names the rows so far.
	As struct {
		step
		Params Params
		Name   Name
	}
	// Partition runs a pipeline for each value of a column.
	Partition struct {
		step
		Params Params
		By     Expr
		Body   Expr // a Pipeline whose Source is nil (the partition) or a table
	}
	// Fork runs several pipelines over the same rows.
	Fork struct {
		step
		Branches []ForkBranch
	}
	// Facet summarizes by several columns.
	Facet struct {
		step
		By   []Expr
		With []Operator
	}
	// Reduce groups similar texts.
	Reduce struct {
		step
		Params Params
		By     Expr
		With   Params
	}
	// Scan matches sequences of rows.
	Scan struct {
		step
		Params  Params
		OrderBy []SortKey
		PartBy  []Expr
		Declare []ScanVar
		Steps   []ScanStep
	}
	// Raw is an operator that is read as tokens and not taken apart: macro-expand,
	// assert-schema. The binder refuses it by name.
	Raw struct {
		step
		Tokens []string
	}
)

// SortKey is an expression of an order. Desc and NullsFirst hold the effective choice.
type SortKey struct {
	X          Expr
	Order      string // as written: "", asc, desc; granny-asc, granny-desc in project-reorder
	Nulls      string // as written: "", first, last
	Desc       bool
	NullsFirst bool
}

// ExpandItem is a column that mv-expand or mv-apply takes apart.
type ExpandItem struct {
	X  Expr
	To *TypeOf // to typeof(…)
}

// PatternPart is a part of a parse pattern: text, a column, or the wildcard.
type PatternPart struct {
	Span   Span
	Star   bool
	Text   Expr // a string literal or a name that holds one
	Column *Name
	Type   schema.Type // Unknown: not given
}

// SeriesAggregate is an aggregate of make-series with its value for empty bins.
type SeriesAggregate struct {
	X       Expr
	Default Expr
}

// NestedLevel is a level of top-nested.
type NestedLevel struct {
	N      Expr // nil: all
	Of     Expr
	Others Expr // nil: none
	By     Expr // Named or an aggregate
	Order  string
}

// ForkBranch is a named branch of fork.
type ForkBranch struct {
	Name *Name
	Ops  []Operator
}

// ScanVar is a variable declared by scan.
type ScanVar struct {
	Column  ColumnDecl
	Default Expr
}

// ScanStep is one step of scan.
type ScanStep struct {
	Name     Name
	Optional bool
	Output   string
	Cond     Expr
	Assign   []Expr
}
