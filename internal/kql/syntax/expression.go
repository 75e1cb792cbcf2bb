package syntax

import (
	"fmt"
	"strings"

	"spoor/internal/schema"
)

// expr reads a scalar expression (or the source of a pipeline). Precedence, loosest
// first: or, and, equality and string operators, comparison, additive, multiplicative,
// sign, path.
func (p *parser) expr() Expr {
	defer p.deeper()()
	return p.or()
}

func (p *parser) or() Expr {
	x := p.and()
	for p.is("or") {
		x = p.binary(x, p.and)
	}
	return x
}

func (p *parser) and() Expr {
	x := p.equality()
	for p.is("and") {
		x = p.binary(x, p.equality)
	}
	return x
}

// binary reads the operator and the right side of a binary expression.
func (p *parser) binary(x Expr, right func() Expr) Expr {
	op := p.next()
	y := right()
	return &Binary{at{x.Span().To(y.Span())}, op.text, op.span, x, y}
}

// stringOperators take a scalar on their right.
var stringOperators = map[string]bool{
	"has": true, "has_cs": true, "hasprefix": true, "hasprefix_cs": true, "hassuffix": true, "hassuffix_cs": true,
	"contains": true, "contains_cs": true, "containscs": true, "startswith": true, "startswith_cs": true, "endswith": true, "endswith_cs": true,
	"like": true, "likecs": true, "notlike": true, "notcontains": true, "notlikecs": true, "notcontainscs": true,
}

// setOperators take a list on their right.
var setOperators = map[string]bool{"in": true, "in~": true, "!in": true, "!in~": true, "has_any": true, "has_all": true, "!has_any": true, "!has_all": true}

var equalityOperators = map[string]bool{"==": true, "!=": true, "<>": true, "=~": true, "!~": true, ":": true}

func (p *parser) equality() Expr {
	x := p.relational()
	for {
		t := p.peek()
		switch {
		case t.kind == tokenOp && equalityOperators[t.text] && (t.text != ":" || p.colonMatch(x)):
			x = p.binary(x, p.relational)
		case t.kind == tokenOp && t.text == "=" && p.condition:
			b := p.binary(x, p.relational).(*Binary)
			b.Op = "=="
			x = b
		case (t.kind == tokenName || t.kind == tokenOp) && stringOperators[strings.TrimPrefix(t.text, "!")]:
			x = p.binary(x, p.relational)
		case t.kind == tokenName && t.text == "matches" && p.isAt(1, "regex"):
			p.next()
			end := p.next().span
			y := p.relational()
			x = &Binary{at{x.Span().To(y.Span())}, "matches regex", t.span.To(end), x, y}
		case (t.kind == tokenName || t.kind == tokenOp) && setOperators[t.text]:
			x = p.in(x)
		case t.kind == tokenName && t.text == "between", t.kind == tokenOp && t.text == "!between":
			x = p.between(x)
		default:
			return x
		}
	}
}

// colonMatch: in search, column:term stands for "has". Elsewhere a colon ends an
// expression.
func (p *parser) colonMatch(x Expr) bool {
	_, isName := x.(*Name)
	_, isStar := x.(*Star)
	return (isName || isStar) && (p.peekAt(1).kind == tokenString || p.peekAt(1).kind == tokenName)
}

func (p *parser) in(x Expr) Expr {
	op := p.next()
	in := &In{Op: op.text, OpSpan: op.span, X: x}
	if p.accept("(") {
		if !p.is(")") {
			in.Set = p.list(p.element)
		}
		p.accept(",")
		p.expect(")")
	} else {
		in.Set = []Expr{p.relational()}
	}
	in.at = at{x.Span().To(p.since(op.span).span)}
	return in
}

// element reads an argument or list element: an expression, or an inner query.
func (p *parser) element() Expr {
	if p.is("*") && (p.isAt(1, ",") || p.isAt(1, ")")) {
		return &Star{at{p.next().span}}
	}
	return p.pipeline()
}

func (p *parser) between(x Expr) Expr {
	op := p.next()
	p.expect("(")
	low := p.additive()
	p.expect("..")
	high := p.additive()
	p.expect(")")
	return &Between{at{x.Span().To(p.since(op.span).span)}, op.text == "!between", x, low, high}
}

func (p *parser) relational() Expr {
	x := p.additive()
	for p.peek().kind == tokenOp && contains([]string{"<", ">", "<=", ">="}, p.peek().text) {
		x = p.binary(x, p.additive)
	}
	return x
}

func (p *parser) additive() Expr {
	x := p.multiplicative()
	for p.peek().kind == tokenOp && (p.peek().text == "+" || p.peek().text == "-") {
		x = p.binary(x, p.multiplicative)
	}
	return x
}

func (p *parser) multiplicative() Expr {
	x := p.unary()
	for p.peek().kind == tokenOp && contains([]string{"*", "/", "%"}, p.peek().text) {
		x = p.binary(x, p.unary)
	}
	return x
}

func (p *parser) unary() Expr {
	defer p.deeper()()
	if t := p.peek(); t.kind == tokenOp && (t.text == "-" || t.text == "+") {
		p.next()
		x := p.unary()
		return &Unary{at{t.span.To(x.Span())}, t.text, x}
	}
	return p.postfix(p.primary())
}

// postfix reads .name, .call(), [index] behind an expression.
func (p *parser) postfix(x Expr) Expr {
	for {
		switch {
		case p.is(".") && (p.peekAt(1).kind == tokenName || p.isAt(1, "[")):
			p.next()
			if p.is("[") && !p.isAt(2, "]") || p.is("[") && p.peekAt(1).kind != tokenString {
				continue // x.[0] is x[0]
			}
			if p.peek().kind == tokenName && p.isAt(1, "(") {
				call := p.call(p.name())
				x = &Method{at{x.Span().To(call.Span())}, x, call}
				continue
			}
			name := p.name()
			x = &Path{at{x.Span().To(name.Span())}, x, name}
		case p.is("[") && !p.literalBefore(x):
			p.next()
			i := p.expr()
			p.expect("]")
			x = &Index{p.since(x.Span()), x, i}
		default:
			return x
		}
	}
}

// literalBefore: a bracket behind a literal is not an index.
func (p *parser) literalBefore(x Expr) bool {
	_, ok := x.(*Literal)
	return ok && x.(*Literal).Type != schema.Dynamic
}

func (p *parser) primary() Expr {
	t := p.peek()
	switch t.kind {
	case tokenString, tokenLong, tokenReal, tokenSpan, tokenGoo:
		return p.literal()
	case tokenName:
		return p.named()
	case tokenOp:
		switch t.text {
		case "(":
			return p.paren()
		case "[":
			name := p.name()
			return &name
		case "*":
			p.next()
			return &Star{at{t.span}}
		case "{":
			return p.clientParameter()
		}
	case tokenBad:
		panic(bailout{}) // the lexer has said why
	default: // the others need nothing here
	}
	p.fail(t.span, "SYN0002", "expected an expression, found "+describe(t))
	return nil
}

// clientParameter reads {Name}, which tools replace before they send a query. It is
// read as a name, which binding then does not find.
func (p *parser) clientParameter() Expr {
	start := p.expect("{").span
	text := p.name().Text
	p.expect("}")
	return &Name{p.since(start), "{" + text + "}", false}
}

// named reads what begins with a name: a keyword literal, a call, a reference.
func (p *parser) named() Expr {
	t := p.peek()
	call := p.isAt(1, "(")
	switch {
	case isTruth(t) && !call:
		return p.truth()
	case t.text == "null" && !call:
		p.next()
		return &Literal{at{t.span}, schema.Dynamic, t.text, nil}
	case t.text == "dynamic" && call:
		return p.dynamicLiteral()
	case t.text == "typeof" && call:
		return p.typeOf()
	case t.text == "datatable" && (call || p.datatableParams()):
		return p.datatable()
	case (t.text == "externaldata" || t.text == "external_data") && call:
		return p.externalData()
	case t.text == "inline_external_table" && call:
		p.fail(t.span, "SEM0080", "The operator 'inline_external_table' is not supported")
	}
	name := p.name()
	if p.is("(") {
		return p.call(name)
	}
	return p.wildcardTail(&name)
}

// isTruth reports whether a token is true or false, in the spellings that Kusto takes.
func isTruth(t token) bool {
	return t.kind == tokenName && contains([]string{"true", "True", "TRUE", "false", "False", "FALSE"}, t.text)
}

func (p *parser) truth() Expr {
	t := p.next()
	return &Literal{at{t.span}, schema.Bool, t.text, strings.EqualFold(t.text, "true")}
}

func (p *parser) datatableParams() bool {
	return p.peekAt(1).kind == tokenName && p.isAt(2, "=")
}

// wildcardTail joins "Device*" into one name where no expression can be meant: the star
// follows without a blank, and no operand follows the star.
func (p *parser) wildcardTail(n *Name) Expr {
	if !p.is("*") || !p.adjacent(0) {
		return n
	}
	following := p.peekAt(1)
	if following.kind != tokenEOF && (following.kind != tokenOp || !contains([]string{",", ")", "|", ";"}, following.text)) {
		return n
	}
	return p.wildcardFrom(*n)
}

// wildcardFrom reads the rest of a name with wildcards: adjacent names, numbers, stars.
func (p *parser) wildcardFrom(n Name) *Name {
	for p.adjacent(0) {
		t := p.peek()
		if t.kind != tokenName && t.kind != tokenLong && (t.kind != tokenOp || t.text != "*") {
			break
		}
		n.Text += t.text
		n.span.End = t.span.End
		p.next()
	}
	return &n
}

// wildcardName reads a name that may have wildcards, or a qualified one.
func (p *parser) wildcardName() Expr {
	t := p.peek()
	if p.is("*") {
		p.next()
		if !p.adjacent(0) || p.peek().kind != tokenName && p.peek().kind != tokenLong {
			return &Star{at{t.span}}
		}
		return p.wildcardFrom(Name{at: at{t.span}, Text: "*"})
	}
	name := p.name()
	if p.is("(") {
		return p.postfix(p.call(name))
	}
	if p.is("*") && p.adjacent(0) {
		return p.wildcardFrom(name)
	}
	return p.postfix(&name)
}

// name reads an identifier or ['any text'].
func (p *parser) name() Name {
	t := p.peek()
	if t.kind == tokenName {
		p.next()
		return Name{at{t.span}, t.text, false}
	}
	if p.is("[") && p.peekAt(1).kind == tokenString && p.isAt(2, "]") {
		p.next()
		text := unquote(p.next().text)
		p.next()
		return Name{p.since(t.span), text, true}
	}
	if t.kind == tokenSpan || t.kind == tokenLong {
		p.fail(t.span, "SYN0002", "a name is expected; one that begins with a digit is written ['"+t.text+"']")
	}
	p.fail(t.span, "SYN0002", "expected a name, found "+describe(t))
	return Name{}
}

func (p *parser) call(name Name) *Call {
	open := p.expect("(").span
	if !name.Quoted && gooTypes[name.Text] {
		p.report(name.Span().To(open), "SYN0002", fmt.Sprintf("a literal is written %s(…) without a blank before the parenthesis; a function of this name ['%[1]s'](…)", name.Text))
	}
	c := &Call{Func: name}
	if !p.is(")") {
		c.Args = p.list(p.argument)
	}
	p.expect(")")
	c.at = p.since(name.Span())
	return c
}

// argument reads an argument, which may be named: f(x = 1).
func (p *parser) argument() Expr {
	if p.peek().kind == tokenName && p.isAt(1, "=") {
		start := p.peek().span
		name := p.name()
		p.next()
		x := p.element()
		return &Named{p.since(start), []Name{name}, false, x, false}
	}
	return p.element()
}

func (p *parser) paren() Expr {
	start := p.expect("(").span
	x := p.pipeline()
	if _, ok := x.(*Pipeline); !ok && p.is("=") {
		p.fail(p.peek().span, "SYN0002", `"=" gives a name; a comparison is written "=="`)
	}
	p.expect(")")
	return &Paren{p.since(start), x}
}

// namedExpr reads an item of a column list: [name =] expr, (a, b) = expr.
func (p *parser) namedExpr() Expr {
	start := p.peek().span
	if p.is("(") && p.tupleAhead() {
		p.next()
		names := []Name{p.name()}
		for p.accept(",") {
			names = append(names, p.name())
		}
		p.expect(")")
		p.expect("=")
		return &Named{at: p.since(start), Names: names, Tuple: true, X: p.expr()}
	}
	if n := p.nameLength(); n > 0 && p.isAt(n, "=") {
		name := p.name()
		p.expect("=")
		x := p.expr()
		return &Named{p.since(start), []Name{name}, false, x, false}
	}
	return p.expr()
}

// nameLength is how many tokens the name that begins here has; 0: none does.
func (p *parser) nameLength() int {
	if p.peek().kind == tokenName {
		return 1
	}
	if p.is("[") && p.peekAt(1).kind == tokenString && p.isAt(2, "]") {
		return 3
	}
	return 0
}

// tupleAhead reports whether (a, b) = begins here.
func (p *parser) tupleAhead() bool {
	for n := 1; ; n++ {
		t := p.peekAt(n)
		switch {
		case t.kind == tokenOp && t.text == ")":
			return p.isAt(n+1, "=")
		case t.kind == tokenName, t.kind == tokenString, t.kind == tokenOp && contains([]string{",", "[", "]"}, t.text):
		default:
			return false
		}
	}
}

// typeName reads a scalar type's name.
func (p *parser) typeName() schema.Type {
	t := p.peek()
	if typ, ok := schema.ParseType(t.text); ok && t.kind == tokenName {
		p.next()
		return typ
	}
	p.fail(t.span, "SYN0002", "expected a type, found "+describe(t))
	return schema.Unknown
}

func (p *parser) typeOf() Expr {
	start := p.next().span
	p.expect("(")
	t := &TypeOf{}
	if p.accept("*") {
		t.Star = true
		p.accept(",")
	}
	switch {
	case p.is(")"):
	case p.isAt(1, ")"):
		t.Type = p.typeName()
	default:
		t.Columns = p.columnDecls()
	}
	p.expect(")")
	t.at = p.since(start)
	return t
}

func (p *parser) columnDecls() []ColumnDecl {
	var list []ColumnDecl
	for !p.is(")") {
		name := p.name()
		p.expect(":")
		list = append(list, ColumnDecl{name, p.typeName()})
		if !p.accept(",") {
			break
		}
	}
	return list
}

func (p *parser) datatable() Expr {
	start := p.next().span
	d := &DataTable{Params: p.opParams("kind")}
	p.expect("(")
	d.Columns = p.columnDecls()
	p.expect(")")
	p.expect("[")
	for !p.is("]") {
		d.Values = append(d.Values, p.expr())
		if !p.accept(",") {
			break
		}
	}
	p.expect("]")
	d.at = p.since(start)
	return d
}

func (p *parser) externalData() Expr {
	start := p.next().span
	e := &ExternalData{}
	p.expect("(")
	e.Columns = p.columnDecls()
	p.expect(")")
	if p.accept("[") {
		if !p.is("]") {
			e.URIs = p.list(p.expr)
		}
		p.accept(",")
		p.expect("]")
	}
	if p.accept("with") {
		p.expect("(")
		e.Props = p.propertyList()
		p.expect(")")
	}
	e.at = p.since(start)
	return e
}

// propertyList reads name=value, … inside parentheses.
func (p *parser) propertyList() []OpParam {
	var list []OpParam
	for !p.is(")") {
		name := p.dottedName()
		p.expect("=")
		list = append(list, OpParam{name, p.paramValue()})
		if !p.accept(",") {
			break
		}
	}
	return list
}

// dottedName reads hint.strategy as one name.
func (p *parser) dottedName() Name {
	n := p.name()
	for p.is(".") && p.adjacent(0) {
		p.next()
		more := p.name()
		n.Text += "." + more.Text
		n.span.End = more.span.End
	}
	return n
}

func (p *parser) paramValue() Expr {
	t := p.peek()
	switch {
	case isTruth(t):
		return p.truth()
	case t.kind == tokenName:
		n := p.name()
		for p.is("-") && p.adjacent(0) && p.adjacent(1) && p.peekAt(1).kind == tokenName {
			p.next()
			n.Text += "-" + p.next().text
			n.at = p.since(n.span)
		}
		return &n
	case p.is("("):
		start := p.next().span
		list := &Call{Func: Name{at: at{start}}, Args: p.list(p.element)}
		p.expect(")")
		list.at = p.since(start)
		return list
	case p.is("["):
		n := p.name()
		return &n
	}
	return p.unary()
}

// opParams reads the name=value parameters behind an operator's name: the hints, and
// those of the given names. Others are columns.
func (p *parser) opParams(names ...string) Params {
	var list Params
	for p.peek().kind == tokenName {
		n := 1
		for p.isAt(n, ".") && p.peekAt(n+1).kind == tokenName {
			n += 2
		}
		if !p.isAt(n, "=") || n == 1 && !contains(names, p.peek().text) {
			break
		}
		name := p.dottedName()
		p.next()
		list = append(list, OpParam{name, p.paramValue()})
	}
	return list
}
