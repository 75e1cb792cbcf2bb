package syntax

import (
	"strings"

	"spoor/internal/schema"
)

// Print writes the query in one canonical form: a statement a line, an operator a line.
// Parsing it again gives the same tree but for the places.
func Print(q *Query) string {
	p := &printer{}
	for i, s := range q.Statements {
		if i > 0 {
			p.text(";\n")
		}
		s.print(p)
	}
	return p.b.String()
}

// PrintExpr writes one expression in the canonical form.
func PrintExpr(x Expr) string {
	p := &printer{}
	x.print(p)
	return p.b.String()
}

type printer struct{ b strings.Builder }

func (p *printer) text(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

func (p *printer) list(xs []Expr) {
	for i, x := range xs {
		if i > 0 {
			p.text(", ")
		}
		x.print(p)
	}
}

func (p *printer) columnDecls(cols []ColumnDecl) {
	for i, c := range cols {
		if i > 0 {
			p.text(", ")
		}
		c.Name.print(p)
		p.text(":", c.Type.String())
	}
}

func (p *printer) params(ps Params) {
	for _, prm := range ps {
		p.text(" ", prm.Name.Text, "=")
		prm.Value.print(p)
	}
}

func (p *printer) properties(ps Params) {
	for i, prm := range ps {
		if i > 0 {
			p.text(", ")
		}
		p.text(prm.Name.Text, "=")
		if n, ok := prm.Value.(*Named); ok {
			n.printList(p)
			continue
		}
		prm.Value.print(p)
	}
}

// printList prints a, b, c kept as nested Named by render's column lists.
func (x *Named) printList(p *printer) {
	if inner, ok := x.X.(*Named); ok {
		inner.printList(p)
	} else {
		x.X.print(p)
	}
	p.text(", ")
	x.Names[0].print(p)
}

func (p *printer) operators(ops []Operator) {
	for i, op := range ops {
		if i > 0 {
			p.text(" | ")
		}
		op.print(p)
	}
}

func (p *printer) sortKeys(keys []SortKey) {
	for i, k := range keys {
		if i > 0 {
			p.text(", ")
		}
		k.X.print(p)
		if k.Order != "" {
			p.text(" ", k.Order)
		}
		if k.Nulls != "" {
			p.text(" nulls ", k.Nulls)
		}
	}
}

func (p *printer) paramDecls(params []Param) {
	p.text("(")
	for i, prm := range params {
		if i > 0 {
			p.text(", ")
		}
		prm.Name.print(p)
		p.text(":")
		switch {
		case prm.Any:
			p.text("(*)")
		case prm.Table:
			p.text("(")
			p.columnDecls(prm.Columns)
			p.text(")")
		default:
			p.text(prm.Type.String())
		}
		if prm.Default != nil {
			p.text(" = ")
			prm.Default.print(p)
		}
	}
	p.text(")")
}

func (s *Let) print(p *printer) {
	p.text("let ")
	s.Name.print(p)
	p.text(" = ")
	s.Value.print(p)
}

func (s *Set) print(p *printer) {
	p.text("set ", s.Name.Text)
	if s.Value != nil {
		p.text(" = ")
		s.Value.print(p)
	}
}

func (s *Declare) print(p *printer) {
	p.text("declare query_parameters")
	p.paramDecls(s.Params)
}

func (s *Restrict) print(p *printer) {
	p.text("restrict access to (")
	p.list(s.Names)
	p.text(")")
}

func (s *ExprStatement) print(p *printer) { s.X.print(p) }

func (n *Name) print(p *printer) {
	if n.Quoted {
		p.text("['", strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(n.Text), "']")
		return
	}
	p.text(n.Text)
}

func (*Star) print(p *printer) { p.text("*") }

func (l *Literal) print(p *printer) { p.text(l.Text) }

func (t *TypeOf) print(p *printer) {
	p.text("typeof(")
	t.printContent(p)
	p.text(")")
}

func (t *TypeOf) printContent(p *printer) {
	switch {
	case t.Star:
		p.text("*")
		if len(t.Columns) > 0 {
			p.text(", ")
		}
		p.columnDecls(t.Columns)
	case t.Type != schema.Unknown:
		p.text(t.Type.String())
	default:
		p.columnDecls(t.Columns)
	}
}

func (x *Path) print(p *printer) {
	x.X.print(p)
	if _, ok := x.X.(*Literal); ok {
		p.text(" ") // 0 .0A is no number
	}
	p.text(".")
	x.Name.print(p)
}

func (x *Index) print(p *printer) {
	x.X.print(p)
	p.text("[")
	x.I.print(p)
	p.text("]")
}

func (x *Call) print(p *printer) {
	x.Func.print(p)
	p.text("(")
	p.list(x.Args)
	p.text(")")
}

func (x *Method) print(p *printer) {
	x.X.print(p)
	p.text(".")
	x.Call.print(p)
}

func (x *Unary) print(p *printer) {
	p.text(x.Op)
	x.X.print(p)
}

func (x *Binary) print(p *printer) {
	x.X.print(p)
	p.text(" ", x.Op, " ")
	x.Y.print(p)
}

func (x *In) print(p *printer) {
	x.X.print(p)
	p.text(" ", x.Op, " (")
	p.list(x.Set)
	p.text(")")
}

func (x *Between) print(p *printer) {
	x.X.print(p)
	if x.Not {
		p.text(" !between (")
	} else {
		p.text(" between (")
	}
	x.Low.print(p)
	p.text(" .. ")
	x.High.print(p)
	p.text(")")
}

func (x *Paren) print(p *printer) {
	p.text("(")
	x.X.print(p)
	p.text(")")
}

func (x *Named) print(p *printer) {
	if x.Column {
		x.Names[0].print(p)
		p.text(":", x.X.(*TypeOf).Type.String())
		return
	}
	if x.Tuple {
		p.text("(")
	}
	for i := range x.Names {
		if i > 0 {
			p.text(", ")
		}
		x.Names[i].print(p)
	}
	if x.Tuple {
		p.text(")")
	}
	p.text(" = ")
	x.X.print(p)
}

func (x *Pipeline) print(p *printer) {
	first := x.Source == nil
	if !first {
		x.Source.print(p)
	}
	for _, op := range x.Ops {
		if !first {
			p.text("\n| ")
		}
		first = false
		op.print(p)
	}
}

func (x *Function) print(p *printer) {
	if x.View {
		p.text("view ")
	}
	p.paramDecls(x.Params)
	p.text(" {\n")
	for i, s := range x.Body {
		if i > 0 {
			p.text(";\n")
		}
		s.print(p)
	}
	p.text("\n}")
}

func (x *DataTable) print(p *printer) {
	p.text("datatable")
	p.params(x.Params)
	if len(x.Params) > 0 {
		p.text(" ")
	}
	p.text("(")
	p.columnDecls(x.Columns)
	p.text(") [")
	p.list(x.Values)
	p.text("]")
}

func (x *ExternalData) print(p *printer) {
	p.text("externaldata(")
	p.columnDecls(x.Columns)
	p.text(") [")
	p.list(x.URIs)
	p.text("]")
	if len(x.Props) > 0 {
		p.text(" with (")
		p.properties(x.Props)
		p.text(")")
	}
}
