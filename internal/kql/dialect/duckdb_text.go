package dialect

import (
	"fmt"
	"strings"
	"unicode"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// fold writes a text in lower case; a constant is put there at once.
func (w *duckdb) fold(x bind.Expr) string {
	if c, ok := x.(*bind.Const); ok {
		s, _ := c.Value.(string)
		return w.text(strings.ToLower(s))
	}
	if c, ok := x.(*bind.Call); ok && c.Op == "tolower" {
		return w.expr(x)
	}
	return "lower(" + w.expr(x) + ")"
}

// folding is how to write what is compared in any case: as it is where what is looked
// for, all of it constants, has no case, as an address has none. Folding each column of a
// table takes most of the time of a search.
func (w *duckdb) folding(wanted ...bind.Expr) func(bind.Expr) string {
	for _, x := range wanted {
		if c, ok := x.(*bind.Const); !ok || !caseless(c) {
			return w.fold
		}
	}
	return w.expr
}

// caseless reports whether a constant is a text of digits and punctuation marks, which no
// text in another case equals.
func caseless(c *bind.Const) bool {
	s, ok := c.Value.(string)
	return ok && !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsLetter(r) })
}

func (w *duckdb) equalFold(c *bind.Call) string {
	write := w.folding(c.Args[1])
	return "(" + write(c.Args[0]) + " = " + write(c.Args[1]) + ")"
}

var textFunctions = map[string]string{"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}

func (w *duckdb) textMatch(c *bind.Call) string {
	op, sensitive := strings.CutSuffix(c.Op, "_cs")
	if sensitive {
		return textFunctions[op] + "(" + w.expr(c.Args[0]) + ", " + w.expr(c.Args[1]) + ")"
	}
	write := w.folding(c.Args[1])
	match := textFunctions[op] + "(" + write(c.Args[0]) + ", " + write(c.Args[1]) + ")"
	if op == "contains" {
		match = w.unparsedFirst(c, write, match)
	}
	return match
}

// has finds a term: a run of letters and digits with no letter or digit beside it. The
// engine's own test for the text anywhere goes first. The term is looked for in Go: a
// regular expression that knows all letters takes the engine 5 ms to plan, and there are
// queries with four hundred terms.
func (w *duckdb) has(c *bind.Call) string {
	op, sensitive := strings.CutSuffix(c.Op, "_cs")
	if term, ok := c.Args[1].(*bind.Const); ok && (term.Value == nil || term.Value == "") {
		return "true"
	}
	write := w.folding(c.Args[1])
	if sensitive {
		write = w.expr
	}
	match := termMatch(op, write(c.Args[0]), write(c.Args[1]))
	if op == "has" {
		match = w.unparsedFirst(c, write, match)
	}
	return match
}

// unparsedFirst lets a match of a text in a dynamic value as text look for it in the value
// as it is stored, before that is parsed:
//
//	tostring(d) has "192.0.2.1"  →  (contains(d, '192.0.2.1') OR contains(d, '\')) AND tostring(d) has …
//
// As text the value has no blanks between its parts, no escapes that need not be, and its
// numbers in a form of their own: the text must lie within one string. What is stored with
// an escape is parsed in any case.
func (w *duckdb) unparsedFirst(c *bind.Call, write func(bind.Expr) string, match string) string {
	text, ok := c.Args[0].(*bind.Call)
	term, isConst := c.Args[1].(*bind.Const)
	if !ok || !isConst || text.Op != "tostring" || text.Args[0].Type() != schema.Dynamic {
		return match
	}
	d, isRef := text.Args[0].(*bind.Ref)
	s, _ := term.Value.(string)
	if !isRef || !withinString(s) {
		return match
	}
	stored := w.expr(d)
	sought := stored
	if write(d) != stored {
		sought = "lower(" + stored + ")"
	}
	return "((contains(" + sought + ", " + write(c.Args[1]) + ") OR contains(" + stored + `, '\')) AND ` + match + ")"
}

// withinString reports whether a text that stands in a JSON text without blanks can stand
// within a string of it alone, and there as it is.
func withinString(s string) bool {
	structural := func(r rune) bool { return r < ' ' || strings.ContainsRune(`"\{}[],`, r) }
	if s == "" || s[0] == ':' || strings.ContainsFunc(s, structural) { // before a colon between parts stands a quote
		return false
	}
	return strings.Count(s, ".") > 1 || strings.Trim(s, "0123456789+-.eE") != "" // no number is written so
}

// termMatch finds a term in a text, both in lower case where case does not matter.
func termMatch(op, text, term string) string {
	f, _ := vector.Lookup("term_" + op)
	return "(contains(" + text + ", " + term + ") AND " + f.SQLName() + "(" + text + ", " + term + "))"
}

// hasTerm finds a term in any case.
func hasTerm(x, term string) string { return termMatch("has", "lower("+x+")", "lower("+term+")") }

// matches runs a regular expression. DuckDB's are RE2's, as Kusto's are. What can be told
// by looking for a text is told so first, which takes half the time or less.
func (w *duckdb) matches(c *bind.Call) string {
	x := w.expr(c.Args[0])
	k, ok := c.Args[1].(*bind.Const)
	if !ok {
		return "regexp_matches(" + x + ", " + w.regex(c.Args[1]) + ")"
	}
	w.regex(k) // which refuses what is no regular expression
	pattern, _ := k.Value.(string)
	re := w.parsedRegex(pattern)
	look := lookFor(re.parsed, re.sql)
	var conds []string
	switch {
	case len(look.prefixes) > 0:
		var any []string
		for _, p := range look.prefixes {
			any = append(any, "starts_with("+x+", "+w.text(p)+")")
		}
		conds = append(conds, alternatives(any))
	case look.literal != "":
		conds = append(conds, "contains("+x+", "+w.text(look.literal)+")")
	}
	if look.oneLine {
		conds = append(conds, "NOT contains("+x+", chr(10))")
	}
	if look.rest != "" {
		conds = append(conds, "regexp_matches("+x+", "+w.pattern(look.rest)+")")
	}
	if len(conds) == 0 {
		return "true"
	}
	return "(" + strings.Join(conds, " AND ") + ")"
}

// alternatives writes conditions of which one must hold.
func alternatives(conds []string) string {
	if len(conds) == 1 {
		return conds[0]
	}
	return "(" + strings.Join(conds, " OR ") + ")"
}

// regex writes a pattern; a constant one is checked at once.
func (w *duckdb) regex(x bind.Expr) string {
	if c, ok := x.(*bind.Const); ok {
		s, _ := c.Value.(string)
		re := w.parsedRegex(s)
		if re.err != nil {
			w.refuse(x.Span(), "The regular expression '"+s+"' ("+re.err.Error()+")")
		}
		return w.pattern(re.sql)
	}
	return w.expr(x)
}

func (w *duckdb) regexGroup(c *bind.Call) string {
	n := c.Args[2].(*bind.Const).Value.(int64)
	return w.group(c.Args[0], c.Args[1], n)
}

// group takes a capture group. One beyond those that the engine counts is made the only
// one.
func (w *duckdb) group(text, regex bind.Expr, n int64) string {
	if c, ok := regex.(*bind.Const); ok && n > mostGroup {
		s, _ := c.Value.(string)
		regex, n = bind.NewConst(schema.String, oneGroup(s, int(n)), c.Span()), 1
	}
	return fmt.Sprintf("regexp_extract(%s, %s, %d)", w.expr(text), w.regex(regex), n)
}

// extract takes a capture group: the text, or a value of the type asked for.
func (w *duckdb) extract(c *bind.Call) string {
	n, ok := c.Args[1].(*bind.Const)
	if !ok {
		w.refuse(c.Args[1].Span(), "A capture group that is not a constant")
	}
	re, isConst := c.Args[0].(*bind.Const)
	group, _ := n.Value.(int64)
	if isConst {
		s, _ := re.Value.(string)
		if parsed := w.parsedRegex(s); parsed.err == nil && int(group) > parsed.parsed.MaxCap() {
			return null(c.Type())
		}
	}
	text := w.group(c.Args[2], c.Args[0], group)
	if c.Type() == schema.String {
		return text
	}
	return w.fromText(text, c.Type())
}
