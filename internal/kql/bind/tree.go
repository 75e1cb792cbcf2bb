// Package bind gives the names in a query their meaning. A syntax tree and the
// catalogue go in; a bound tree comes out, in which every column is a thing of its own
// with a type, every function call one overload, every let and user function already
// in its place; or diagnostics with places. Result columns are named and typed as
// Microsoft's binder does. It plans nothing and reads no data.
package bind

import (
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// Column is a column of some intermediate table. Columns are told apart by identity;
// ID is unique in a query, Name is for people and need not be.
type Column struct {
	ID       int
	Name     string
	Type     schema.Type
	Nullable bool
	// Hidden columns are left out of "*" and of results; Local ones do not pass union.
	Hidden, Local bool
	// Of is the name that the column had before a union of tables put the type behind it,
	// for it has another type in another table.
	Of string
}

// Expr is a bound scalar expression.
//
//sumtype:decl
type Expr interface {
	Type() schema.Type
	Span() syntax.Span
	// Nullable is false when the value cannot be null.
	Nullable() bool
	expr()
}

type typed struct {
	typ  schema.Type
	span syntax.Span
}

// Type is the type of the value.
func (t typed) Type() schema.Type { return t.typ }

// Span is the place in the text.
func (t typed) Span() syntax.Span { return t.span }

// Const is a constant; Value is nil for null, else as in syntax.Literal.
type Const struct {
	typed
	Value any
}

// Ref is a reference to a column of the input.
type Ref struct {
	typed
	Col *Column
}

// Call is a function or operator applied to arguments. Op is the canonical name of the
// function or the operator's sign; conversions are calls of tostring, tolong and so on.
// Every argument has the type that the operation works on.
type Call struct {
	typed
	Op   string
	Args []Expr
	null bool
}

// InQuery asks whether X is among the values of the first column of a query.
type InQuery struct {
	typed
	Op    string // in, in~, has_any
	Not   bool
	X     Expr
	Query Rel
	Col   *Column
}

// ScalarQuery is the first column of the first row of a query.
type ScalarQuery struct {
	typed
	Query Rel
	Col   *Column
}

func (*Const) expr()       {}
func (*Ref) expr()         {}
func (*Call) expr()        {}
func (*InQuery) expr()     {}
func (*ScalarQuery) expr() {}

// Nullable is whether the constant is null.
func (c *Const) Nullable() bool { return c.Value == nil && c.typ != schema.String }

// Nullable is that of the column.
func (r *Ref) Nullable() bool { return r.Col.Nullable }

// Nullable is what the binder found out about the operation.
func (c *Call) Nullable() bool { return c.null && c.typ != schema.String }

// Nullable is false: it is a yes or a no.
func (q *InQuery) Nullable() bool { return false }

// Nullable is true, for the query may have no row.
func (q *ScalarQuery) Nullable() bool { return q.typ != schema.String }

// NewConst makes a constant.
func NewConst(t schema.Type, value any, span syntax.Span) *Const {
	if t == schema.String && value == nil {
		value = ""
	}
	return &Const{typed{t, span}, value}
}

// NewRef makes a reference to a column.
func NewRef(c *Column, span syntax.Span) *Ref { return &Ref{typed{c.Type, span}, c} }

// NewCall makes a call. It can be null when an argument can, and when the operation can
// give null for values that are not.
func NewCall(op string, t schema.Type, span syntax.Span, args ...Expr) *Call {
	null := !total[op]
	for _, a := range args {
		null = null || a.Nullable()
	}
	return &Call{typed{t, span}, op, args, null}
}

// Chain lists what a chain of the call's operator, and or or, joins, in order. That of
// * has "a" is as long as its table is wide.
func (c *Call) Chain() []Expr {
	var sides []Expr // last first
	x := Expr(c)
	for {
		call, ok := x.(*Call)
		if !ok || call.Op != c.Op {
			break
		}
		sides, x = append(sides, call.Args[1]), call.Args[0]
	}
	sides = append(sides, x)
	slices.Reverse(sides)
	return sides
}

// total lists the operations that give null for nulls only.
var total = map[string]bool{
	"and": true, "or": true, "not": true, "==": true, "!=": true, "<": true, "<=": true, ">": true, ">=": true, "=~": true,
	"contains": true, "contains_cs": true, "startswith": true, "startswith_cs": true, "endswith": true, "endswith_cs": true,
	"has": true, "has_cs": true, "hasprefix": true, "hasprefix_cs": true, "hassuffix": true, "hassuffix_cs": true, "matches regex": true, "regex_matches": true,
	"in": true, "in~": true, "has_any": true, "has_all": true, "*": true, "negate": true,
	"isnull": true, "isnotnull": true, "isempty": true, "isnotempty": true, "isascii": true, "isutf8": true, "isnan": true, "isinf": true, "isfinite": true,
	"strlen": true, "string_size": true, "tostring": true, "countof": true, "strcmp": true, "hash": true, "hash_xxhash64": true, "hash_combine": true,
	"abs": true, "sign": true, "ceiling": true, "pi": true, "rand": true, "max_of": true, "min_of": true, "coalesce": true,
	"binary_and": true, "binary_or": true, "binary_xor": true, "binary_not": true, "bitset_count_ones": true,
	"startofday": true, "endofday": true, "hourofday": true, "getyear": true, "monthofyear": true, "dayofmonth": true, "dayofyear": true,
	"week_of_year": true, "bag_pack": true, "pack_array": true, "new_guid": true, "row_number": true, "row_rank_dense": true, "row_rank_min": true,
	"has_ipv4": true, "has_any_ipv4": true, "has_ipv4_prefix": true, "has_any_ipv4_prefix": true, "estimate_data_size": true,
}

// Conjuncts splits a condition at its ands; nil has none.
func Conjuncts(x Expr) []Expr {
	if x == nil {
		return nil
	}
	if c, ok := x.(*Call); ok && c.Op == "and" {
		return append(Conjuncts(c.Args[0]), Conjuncts(c.Args[1])...)
	}
	return []Expr{x}
}

// WithArgs is the same call with other arguments.
func (c *Call) WithArgs(args []Expr) *Call {
	return &Call{c.typed, c.Op, args, c.null}
}

// Rel is a bound tabular expression.
//
//sumtype:decl
type Rel interface {
	// Columns are the columns of the rows, hidden ones included, in order.
	Columns() []*Column
	rel()
}

// Item computes a column.
type Item struct {
	Col *Column
	X   Expr
}

// SortKey is a key of an order.
type SortKey struct {
	X                Expr
	Desc, NullsFirst bool
}

// Aggregate is one aggregate of Summarize.
type Aggregate struct {
	Col  *Column
	Func string // canonical name
	Args []Expr
	Span syntax.Span
}

// Scan is one column of a table that is read.
type Scan struct {
	Col    *Column
	Source *schema.Column
}

// The tabular operations.
type (
	// Table reads an event table.
	Table struct {
		Table *schema.Table
		Scans []Scan
	}
	// Values is a table written out; every cell is a constant or at least refers to
	// no column.
	Values struct {
		Cols []*Column
		Rows [][]Expr
		// Open: it has more columns, which no one knows; they are null.
		Open bool
	}
	// Range makes a row of each step.
	Range struct {
		Col            *Column
		From, To, Step Expr
	}
	// Where keeps rows.
	Where struct {
		In   Rel
		Cond Expr
	}
	// Project computes all columns anew: extend, project in all its forms.
	Project struct {
		In    Rel
		Items []Item
		// Open: it has the columns that are in the data, and a query may name others that
		// might have been; they are null. Closed: it has no others, whatever its input has.
		Open, Closed bool
	}
	// Summarize groups and aggregates.
	Summarize struct {
		In         Rel
		Keys       []Item
		Aggregates []Aggregate
		Open       bool // as Project's
	}
	// Sort orders rows.
	Sort struct {
		In   Rel
		Keys []SortKey
	}
	// Take keeps the first N rows. Sample draws them.
	Take struct {
		In     Rel
		N      Expr
		Sample bool
	}
	// Join joins. Cols are the result's columns: those of both sides, or of one when
	// the kind is a semi or anti join.
	Join struct {
		Kind        string // inner innerunique leftouter rightouter fullouter leftsemi rightsemi leftanti rightanti
		Left, Right Rel
		On          []Match
		Cols        []*Column
		// Unique: innerunique tells left-hand rows apart by these too, beside On.
		Unique []Expr
	}
	// Union puts rows below one another.
	Union struct {
		Parts []Part
		Cols  []*Column
	}
	// Expand makes a row of each element of dynamic values.
	Expand struct {
		In    Rel
		Items []ExpandItem
		Index *Column // with_itemindex
		Limit Expr
		Cols  []*Column
	}
	// Window computes columns over the serialized rows.
	Window struct {
		In    Rel
		Items []Item // calls of row_number, prev, next, row_cumsum …
		By    []Expr // the rows with the same values are a table of their own
		// Random: the rows are taken in no order at all.
		Random bool
	}
	// Shared is the result of materialize, computed once however often it is named.
	Shared struct {
		ID   int
		In   Rel
		Cols []*Column // in the order of In's visible columns
	}
	// Series is make-series.
	Series struct {
		In             Rel
		Keys           []Item
		Aggregates     []Aggregate
		Defaults       []Expr
		Axis           *Column
		On             Expr
		From, To, Step Expr // From and To may be nil
		// NonEmpty: without a row there is a series of defaults, and not none.
		NonEmpty bool
	}
)

// Match is a pair of a join's condition that must be equal.
type Match struct{ Left, Right Expr }

// Part is one input of a union. Items computes columns of the union from the input's; a
// column that it leaves out is null: a union of all tables has thousands of columns, of
// which each table gives a few.
type Part struct {
	In    Rel
	Items []Item
}

// ExpandItem is a dynamic value that is taken apart into a column.
type ExpandItem struct {
	Col  *Column
	X    Expr
	Bags bool // objects become arrays [key, value] rather than one-property objects
}

// Columns lists the columns read.
func (r *Table) Columns() []*Column {
	cols := make([]*Column, len(r.Scans))
	for i, s := range r.Scans {
		cols[i] = s.Col
	}
	return cols
}

// Columns lists the columns written out.
func (r *Values) Columns() []*Column { return r.Cols }

// Columns is the one column.
func (r *Range) Columns() []*Column { return []*Column{r.Col} }

// Columns are those of the input.
func (r *Where) Columns() []*Column { return r.In.Columns() }

// Columns are those computed.
func (r *Project) Columns() []*Column { return itemColumns(r.Items) }

func itemColumns(items []Item) []*Column {
	cols := make([]*Column, len(items))
	for i, it := range items {
		cols[i] = it.Col
	}
	return cols
}

// Columns are the keys, then the aggregates.
func (r *Summarize) Columns() []*Column {
	cols := itemColumns(r.Keys)
	for _, a := range r.Aggregates {
		cols = append(cols, a.Col)
	}
	return cols
}

// Columns are those of the input.
func (r *Sort) Columns() []*Column { return r.In.Columns() }

// Columns are those of the input.
func (r *Take) Columns() []*Column { return r.In.Columns() }

// Columns are those the kind of join leaves.
func (r *Join) Columns() []*Column { return r.Cols }

// Columns are the merged ones.
func (r *Union) Columns() []*Column { return r.Cols }

// Columns are those of the input, taken-apart ones replaced.
func (r *Expand) Columns() []*Column { return r.Cols }

// Columns are those of the input and the computed ones.
func (r *Window) Columns() []*Column {
	in := r.In.Columns()
	return append(slices.Clip(in), itemColumns(r.Items)...)
}

// Columns are this reference's own.
func (r *Shared) Columns() []*Column { return r.Cols }

// Columns are the keys, the aggregates and the axis, as Kusto orders them.
func (r *Series) Columns() []*Column {
	cols := itemColumns(r.Keys)
	for _, a := range r.Aggregates {
		cols = append(cols, a.Col)
	}
	return append(cols, r.Axis)
}

func (*Table) rel()     {}
func (*Values) rel()    {}
func (*Range) rel()     {}
func (*Where) rel()     {}
func (*Project) rel()   {}
func (*Summarize) rel() {}
func (*Sort) rel()      {}
func (*Take) rel()      {}
func (*Join) rel()      {}
func (*Union) rel()     {}
func (*Expand) rel()    {}
func (*Window) rel()    {}
func (*Shared) rel()    {}
func (*Series) rel()    {}

// Query is a bound query.
type Query struct {
	// Results are the tables it answers with, at least one: of each statement that has a
	// value, and of the branches of fork and facet.
	Results []Result
	Shared  []*Shared
	// Probe is set when the query cannot be bound to its end before another has been
	// run; Results are then as good as they could be told without.
	Probe *Probe
	// Refusals are errors that keep the query from being run, though it is right as it
	// stands: it reads what no one has allowed.
	Refusals []syntax.Diagnostic
	// Limits are what its set statements ask for.
	Limits Limits
	// Locate moves a diagnostic of a later step that lies in the text of a function to
	// where the query calls it.
	Locate func(syntax.Diagnostic) syntax.Diagnostic
}

// Limits are the limits of the answer that a query asks for itself, with set statements
// of Kusto's names; 0: nothing is asked.
type Limits struct {
	NoTruncation bool  // notruncation
	MaxRows      int64 // truncationmaxrecords
	MaxBytes     int64 // truncationmaxsize
	Take         int64 // query_take_max_records: more rows are left out without a word
}

// Result is one table of the answer.
type Result struct {
	Name string // of a branch; else empty
	Rel  Rel
	// Scalar is set when the statement is a bare value; Rel is then one row with it.
	Scalar bool
	Render *syntax.Render
}

// Columns lists the columns that a client sees.
func (r *Result) Columns() []*Column { return visible(r.Rel.Columns()) }

func visible(cols []*Column) []*Column {
	var out []*Column
	for _, c := range cols {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

// Foreign is a table that only the engine's surroundings can give: externaldata, a
// plugin. It is bound, so that the rest of the query is checked; planning refuses it.
type Foreign struct {
	In   Rel // nil: none
	Cols []*Column
	// What names it for the refusal.
	What string
	At   syntax.Span
	// Open: it has more columns, known at run time only.
	Open bool
}

// Columns are those known before it runs.
func (r *Foreign) Columns() []*Column { return r.Cols }

func (*Foreign) rel() {}
