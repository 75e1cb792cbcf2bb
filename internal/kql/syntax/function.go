package syntax

// ParseFunction reads a function as let defines one, "(parameters) { body }". Every
// place in the tree lies base bytes further on than in the text: so the binder tells
// the texts apart that a query is made of. Diagnostics have their place in the text.
func ParseFunction(text string, base int) (*Function, []Diagnostic) {
	tokens, diags := lex(text)
	if len(diags) > 0 {
		return nil, diags
	}
	for i := range tokens {
		tokens[i].span.Start += base
		tokens[i].span.End += base
	}
	p := &parser{text: text, base: base, tokens: tokens}
	var f *Function
	p.guard(func() {
		if !p.is("view") && (!p.is("(") || !p.functionAhead()) {
			p.fail(p.peek().span, "SYN0002", "expected a function: (parameters) { body }")
		}
		f = p.function().(*Function)
		if p.peek().kind != tokenEOF {
			p.fail(p.peek().span, "SYN0002", "this is unexpected: "+describe(p.peek()))
		}
	}, func() {})
	for i := range p.diags {
		p.diags[i].Span.Start -= base
		p.diags[i].Span.End -= base
	}
	return f, p.diags
}

// PrintParams writes a function's parameters in the canonical form, with their
// parentheses.
func PrintParams(f *Function) string {
	p := &printer{}
	p.paramDecls(f.Params)
	return p.b.String()
}
