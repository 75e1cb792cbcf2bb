package syntax

import (
	"strconv"

	"spoor/internal/schema"
)

// Node is any part of the tree.
type Node interface {
	// Span is the node's place in the text.
	Span() Span
}

// at is the place of a node; every node embeds it.
type at struct{ span Span }

// Span is the node's place in the text.
func (a at) Span() Span { return a.span }

// Query is a whole text: statements in order.
type Query struct {
	at
	Statements []Statement
}

// Statement is one statement of a query.
//
//sumtype:decl
type Statement interface {
	Node
	statement()
	print(p *printer)
}

// Let binds a name to a value, a table or a function.
type Let struct {
	at
	Name  Name
	Value Expr
}

// Set is a request option, with or without a value.
type Set struct {
	at
	Name  Name
	Value Expr // nil: none
}

// Declare declares query parameters.
type Declare struct {
	at
	Params []Param
}

// Restrict limits the tables the rest of the query may name.
type Restrict struct {
	at
	Names []Expr
}

// ExprStatement is a query proper, or a value on its own.
type ExprStatement struct {
	at
	X Expr
}

func (*Let) statement()           {}
func (*Set) statement()           {}
func (*Declare) statement()       {}
func (*Restrict) statement()      {}
func (*ExprStatement) statement() {}

// Expr is anything that has a value, scalar or tabular: KQL decides by binding which
// of the two a name is.
//
//sumtype:decl
type Expr interface {
	Node
	expr()
	print(p *printer)
}

// Name is a reference by name, possibly with wildcards ("Device*") where they are
// allowed.
type Name struct {
	at
	Text   string
	Quoted bool // written ['…']
}

// Star is the lone "*".
type Star struct{ at }

// Literal is a constant. Value is by Type: bool, int64 (Int, Long), float64, string
// (String, GUID, Decimal, and Dynamic as JSON), schema.Ticks; nil is the typed null.
type Literal struct {
	at
	Type  schema.Type
	Text  string // as written
	Value any
}

// TypeOf is typeof(…): one type, or a row's columns.
type TypeOf struct {
	at
	Type    schema.Type
	Columns []ColumnDecl // typeof(a:string, b:long)
	Star    bool         // typeof(*, a:string)
}

// ColumnDecl declares a column of a literal table.
type ColumnDecl struct {
	Name Name
	Type schema.Type
}

// Path is X.Name.
type Path struct {
	at
	X    Expr
	Name Name
}

// Index is X[I].
type Index struct {
	at
	X, I Expr
}

// Call is a function call. Args may be Named.
type Call struct {
	at
	Func Name
	Args []Expr
}

// Method is X.Call, as in cluster('c').database('d').
type Method struct {
	at
	X    Expr
	Call *Call
}

// Unary is -X or +X.
type Unary struct {
	at
	Op string
	X  Expr
}

// Binary is X Op Y with a symbolic or worded operator.
type Binary struct {
	at
	Op     string
	OpSpan Span
	X, Y   Expr
}

// In is X Op (Set): in, in~, has_any, has_all and their negations.
type In struct {
	at
	Op     string
	OpSpan Span
	X      Expr
	Set    []Expr
}

// Between is X between (Low .. High).
type Between struct {
	at
	Not       bool
	X         Expr
	Low, High Expr
}

// Paren is an expression in parentheses; they matter for printing alone.
type Paren struct {
	at
	X Expr
}

// Named gives names to the value of an expression: a = X, (a, b) = X.
type Named struct {
	at
	Names  []Name
	Tuple  bool // written with parentheses
	X      Expr
	Column bool // the name was given by the form column:type = X
}

// Pipeline is a source and the operators applied to it. Source is nil when the first
// operator makes its own rows (print, range, union, search, find).
type Pipeline struct {
	at
	Source Expr
	Ops    []Operator
}

// Function is a function's definition on the right of let.
type Function struct {
	at
	View   bool
	Params []Param
	Open   Span // the brace that opens the body
	Body   []Statement
}

// Param is a parameter of a function or query. A tabular one has Columns or Any.
type Param struct {
	Name    Name
	Type    schema.Type
	Table   bool
	Any     bool // T:(*)
	Columns []ColumnDecl
	Default Expr
}

// DataTable is a table written out.
type DataTable struct {
	at
	Params  []OpParam
	Columns []ColumnDecl
	Values  []Expr
}

// ExternalData reads a table from elsewhere.
type ExternalData struct {
	at
	Columns []ColumnDecl
	URIs    []Expr
	Props   []OpParam
}

func (*Name) expr()         {}
func (*Star) expr()         {}
func (*Literal) expr()      {}
func (*TypeOf) expr()       {}
func (*Path) expr()         {}
func (*Index) expr()        {}
func (*Call) expr()         {}
func (*Method) expr()       {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*In) expr()           {}
func (*Between) expr()      {}
func (*Paren) expr()        {}
func (*Named) expr()        {}
func (*Pipeline) expr()     {}
func (*Function) expr()     {}
func (*DataTable) expr()    {}
func (*ExternalData) expr() {}

// Unparen is x without the parentheses around it.
func Unparen(x Expr) Expr {
	for {
		p, ok := x.(*Paren)
		if !ok {
			return x
		}
		x = p.X
	}
}

// OpParam is a name=value parameter of an operator: kind=inner, hint.strategy=shuffle.
type OpParam struct {
	Name  Name
	Value Expr // a *Name for words, a *Literal, or a *Paren list
}

// Params are the parameters of an operator.
type Params []OpParam

// Find is the value of a parameter, or nil.
func (ps Params) Find(name string) Expr {
	for _, p := range ps {
		if p.Name.Text == name {
			return p.Value
		}
	}
	return nil
}

// Word is the value of a parameter that is a word or a string; "" without it.
func (ps Params) Word(name string) string {
	switch v := ps.Find(name).(type) { //nolint:gochecksumtype // the others need nothing here
	case *Name:
		return v.Text
	case *Literal:
		if s, ok := v.Value.(string); ok {
			return s
		}
		return v.Text
	}
	return ""
}

// BinaryAt makes X op Y for a place in a text that says the same in other words.
func BinaryAt(op string, x, y Expr) *Binary {
	span := x.Span().To(y.Span())
	return &Binary{at{span}, op, span, x, y}
}

// TextAt is a text that the binder puts in another expression's place.
func TextAt(text string, span Span) *Literal {
	return &Literal{at{span}, schema.String, strconv.Quote(text), text}
}

// NameAt is a reference by name that the binder puts in another's place.
func NameAt(text string, span Span) *Name { return &Name{at{span}, text, true} }
