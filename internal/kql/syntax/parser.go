package syntax

import (
	"fmt"
	"slices"
	"strings"
)

// maxDepth bounds how deep expressions and queries nest, so that no text can exhaust
// the stack.
const maxDepth = 1500

// maxDiagnostics bounds how many errors one text can have.
const maxDiagnostics = 50

type parser struct {
	text   string
	base   int // added to every place
	tokens []token
	at     int
	depth  int
	// condition: "=" is read as "==", as where does.
	condition bool
	diags     []Diagnostic
}

// bailout ends the parsing of one operator or statement; its diagnostic is recorded.
type bailout struct{}

// Parse reads a query. The tree holds what could be understood; with an error among the
// diagnostics it is not to be run.
func Parse(text string) (*Query, []Diagnostic) {
	tokens, diags := lex(text)
	p := &parser{text: text, tokens: tokens, diags: diags}
	q := &Query{at: at{Span{0, len(text)}}}
	q.Statements = p.statements(func() bool { return p.peek().kind == tokenEOF })
	return q, p.diags
}

// statements reads statements up to done. An error in one does not hide the others.
func (p *parser) statements(done func() bool) []Statement {
	var list []Statement
	for {
		for p.accept(";") {
		}
		if done() || p.peek().kind == tokenEOF {
			return list
		}
		start := p.at
		p.guard(func() {
			list = append(list, p.statement())
			if !p.is(";") && !done() {
				p.fail(p.peek().span, "SYN0002", "this is unexpected: "+describe(p.peek()))
			}
		}, func() { p.skipTo(";") })
		if p.at == start {
			p.at++
		}
	}
}

// guard runs parse; when it bails out, recover moves on to where parsing can resume.
func (p *parser) guard(parse, resume func()) {
	depth := p.depth
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(bailout); !ok {
				panic(e)
			}
			p.depth = depth
			resume()
		}
	}()
	parse()
}

// skipTo moves to the next of the tokens at this level of nesting, or to a closing
// bracket of an outer one.
func (p *parser) skipTo(stops ...string) {
	level := 0
	for ; p.peek().kind != tokenEOF; p.at++ {
		switch t := p.peek(); {
		case level == 0 && t.kind == tokenOp && contains(stops, t.text):
			return
		case t.kind == tokenOp && strings.Contains("([{", t.text):
			level++
		case t.kind == tokenOp && strings.Contains(")]}", t.text):
			if level == 0 {
				return
			}
			level--
		}
	}
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

// fail reports what is wrong and leaves the operator, or the statement, in which it is.
func (p *parser) fail(span Span, code, message string) {
	p.report(span, code, message)
	panic(bailout{})
}

func (p *parser) report(span Span, code, message string) {
	if len(p.diags) < maxDiagnostics {
		p.diags = append(p.diags, Diagnostic{Code: code, Span: span, Message: message})
	}
}

func describe(t token) string {
	switch t.kind {
	case tokenEOF:
		return "the end of the query"
	default:
		return fmt.Sprintf("%q", t.text)
	}
}

// deeper counts a level of nesting; the caller defers the returned func.
func (p *parser) deeper() func() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.peek().span, "SYN0003", "the query is nested too deeply")
	}
	return func() { p.depth-- }
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) peekAt(n int) token {
	if p.at+n >= len(p.tokens) {
		return p.tokens[len(p.tokens)-1]
	}
	return p.tokens[p.at+n]
}

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEOF {
		p.at++
	}
	return t
}

// is reports whether the next token is that operator or word.
func (p *parser) is(text string) bool { return p.isAt(0, text) }

func (p *parser) isAt(n int, text string) bool {
	t := p.peekAt(n)
	return (t.kind == tokenOp || t.kind == tokenName) && t.text == text
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) token {
	if !p.is(text) {
		p.fail(p.peek().span, "SYN0002", fmt.Sprintf("expected %q, found %s", text, describe(p.peek())))
	}
	return p.next()
}

// since is the place from a start to the last token read.
func (p *parser) since(start Span) at {
	if p.at == 0 {
		return at{start}
	}
	return at{start.To(p.tokens[p.at-1].span)}
}

// adjacent reports whether token n follows the one before it without a blank.
func (p *parser) adjacent(n int) bool {
	return p.at+n > 0 && p.at+n < len(p.tokens) && p.tokens[p.at+n-1].span.End == p.tokens[p.at+n].span.Start
}

func (p *parser) statement() Statement {
	start := p.peek().span
	switch {
	case p.is("let") && p.peekAt(1).kind != tokenOp || p.is("let") && (p.isAt(1, "[") || p.isAt(1, ";")):
		p.next()
		name := p.name()
		p.expect("=")
		value := p.letValue()
		return &Let{p.since(start), name, value}
	case p.is("set") && p.peekAt(1).kind == tokenName:
		p.next()
		s := &Set{Name: p.name()}
		if p.accept("=") {
			s.Value = p.expr()
		}
		s.at = p.since(start)
		return s
	case p.is("declare") && p.isAt(1, "query_parameters"):
		p.at += 2
		params := p.params()
		return &Declare{p.since(start), params}
	case p.is("restrict") && p.isAt(1, "access"):
		p.at += 2
		p.expect("to")
		p.expect("(")
		r := &Restrict{}
		r.Names = p.list(func() Expr { return p.wildcardName() })
		p.expect(")")
		r.at = p.since(start)
		return r
	case p.is("alias") && p.isAt(1, "database"), p.is("declare") && p.isAt(1, "pattern"):
		p.fail(start.To(p.peekAt(1).span), "SEM0080", "The statement '"+p.peek().text+" "+p.peekAt(1).text+"' is not supported")
		return nil
	default:
		x := p.pipeline()
		return &ExprStatement{p.since(start), x}
	}
}

// letValue reads the right side of let: a function, or an expression.
func (p *parser) letValue() Expr {
	if p.is("view") && p.isAt(1, "(") || p.is("(") && p.functionAhead() {
		return p.function()
	}
	return p.pipeline()
}

// functionAhead reports whether the parenthesis that opens here is a parameter list:
// a brace follows where it closes.
func (p *parser) functionAhead() bool {
	level := 0
	for n := 0; ; n++ {
		switch t := p.peekAt(n); {
		case t.kind == tokenEOF:
			return false
		case t.kind == tokenOp && t.text == "(":
			level++
		case t.kind == tokenOp && t.text == ")":
			level--
			if level == 0 {
				return p.isAt(n+1, "{")
			}
		}
	}
}

func (p *parser) function() Expr {
	defer p.deeper()()
	start := p.peek().span
	f := &Function{View: p.accept("view")}
	f.Params = p.params()
	f.Open = p.expect("{").span
	f.Body = p.statements(func() bool { return p.is("}") })
	p.expect("}")
	f.at = p.since(start)
	return f
}

func (p *parser) params() []Param {
	p.expect("(")
	var list []Param
	for !p.is(")") {
		list = append(list, p.param())
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return list
}

func (p *parser) param() Param {
	prm := Param{Name: p.name()}
	p.expect(":")
	if p.accept("(") {
		prm.Table = true
		if p.accept("*") {
			prm.Any = true
		} else if !p.is(")") {
			prm.Columns = p.columnDecls()
		}
		p.expect(")")
	} else {
		prm.Type = p.typeName()
	}
	if p.accept("=") {
		prm.Default = p.expr()
	}
	return prm
}

// list reads one or more things with commas between them.
func (p *parser) list(read func() Expr) []Expr {
	list := []Expr{read()}
	for p.accept(",") {
		list = append(list, read())
	}
	return list
}

// pipeline reads a value that may be tabular: a source and its operators, or an
// expression when no pipe follows.
func (p *parser) pipeline() Expr {
	defer p.deeper()()
	start := p.peek().span
	pipe := &Pipeline{}
	if p.sourceOperator() {
		pipe.Ops = append(pipe.Ops, p.operator())
	} else {
		pipe.Source = p.expr()
		if !p.is("|") {
			return pipe.Source
		}
	}
	pipe.Ops = append(pipe.Ops, p.pipes()...)
	pipe.at = p.since(start)
	return pipe
}

// pipes reads "| operator" as long as it goes on. An error in one operator does not
// hide those in the next.
func (p *parser) pipes() []Operator {
	var ops []Operator
	for p.is("|") {
		p.next()
		p.guard(func() {
			ops = append(ops, p.operator())
			if t := p.peek(); !p.endsOperator() {
				p.fail(t.span, "SYN0002", "this is unexpected: "+describe(t))
			}
		}, func() { p.skipTo("|", ";") })
	}
	return ops
}

func (p *parser) endsOperator() bool {
	t := p.peek()
	return t.kind == tokenEOF || t.kind == tokenOp && strings.Contains("|;)}],", t.text)
}

// sourceOperator reports whether an operator that makes its own rows begins here. Their
// names are ordinary names elsewhere, so what follows decides.
func (p *parser) sourceOperator() bool {
	if p.peek().kind != tokenName {
		return false
	}
	following := p.peekAt(1)
	is := func(ops ...string) bool { return following.kind == tokenOp && contains(ops, following.text) }
	switch p.peek().text {
	case "print":
		return !is("|", ";", ")", "=", ".", ",") && following.kind != tokenEOF
	case "range":
		return following.kind == tokenName && p.isAt(2, "from") || is("[")
	case "union":
		return following.kind == tokenName || is("(", "*", "[")
	case "search":
		return following.kind == tokenName || following.kind == tokenString || is("(", "*", "[")
	case "find":
		return following.kind == tokenName || following.kind == tokenString || is("(", "*")
	case "evaluate":
		return following.kind == tokenName
	case "graph", "make", "macro":
		return p.peek().text == "macro" && is("-")
	}
	return false
}
