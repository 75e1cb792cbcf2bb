package dialect

import (
	"regexp/syntax"
	"slices"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
)

// longText is how long the SQL of an argument may be before it is written once only.
const longText = 1000

// call writes a function or operator. SQL has no way to name a value inside of an
// expression, and many of KQL's functions need an argument twice or more: null or not,
// text or number. Nested, they would double the statement at each level. A long argument
// that is needed more than once therefore becomes the variable of a lambda:
//
//	CASE WHEN json_valid(x) THEN x END  →  list_transform([x], lambda v: CASE WHEN json_valid(v) THEN v END)[1]
func (w *duckdb) call(c *bind.Call) string {
	if sql, ok := w.written[c]; ok {
		return sql
	}
	if w.written == nil {
		w.written = map[*bind.Call]string{}
	}
	sql := w.bounded(w.shortened(c))
	w.written[c] = sql
	return sql
}

// shortened writes a call with its long arguments named, where that saves anything.
func (w *duckdb) shortened(c *bind.Call) string {
	if once[c.Op] || hasQuery(c) {
		return w.write(c)
	}
	type named struct{ name, text string }
	args, long := c.Args, []named(nil)
	for i, a := range c.Args {
		if _, ok := a.(*bind.Call); !ok {
			continue
		}
		if text := w.expr(a); len(text) > longText {
			if len(long) == 0 {
				args = slices.Clone(c.Args)
			}
			v := w.variable(a)
			args[i], long = bind.NewRef(v, a.Span()), append(long, named{col(v), text})
		}
	}
	if len(long) == 0 {
		return w.write(c)
	}
	sql := w.write(c.WithArgs(args))
	for _, l := range long {
		if strings.Count(sql, l.name) == 1 {
			sql = strings.Replace(sql, l.name, l.text, 1)
		} else {
			sql = "list_transform([" + l.text + "], lambda " + l.name + ": " + sql + ")[1]"
		}
	}
	return sql
}

// regex is what is known of a regular expression.
type regex struct {
	sql    string // as the engine takes it
	parsed *syntax.Regexp
	err    error
}

// parsedRegex looks at a regular expression of KQL, once in a statement. What is parsed
// is its shape: the classes of all letters would make that costly.
func (w *duckdb) parsedRegex(s string) regex {
	re, ok := w.regexes[s]
	if !ok {
		re.sql = vector.Regex(s)
		re.parsed, re.err = syntax.Parse(vector.RegexShape(s), syntax.Perl)
		if w.regexes == nil {
			w.regexes = map[string]regex{}
		}
		w.regexes[s] = re
	}
	return re
}

// once are the calls that need each argument just once, or look at what it is made of.
var once = map[string]bool{"and": true, "or": true, "not": true, "path": true, "index": true, "strcat": true, "case": true, "iff": true}

// variable is a name for the value of an expression. No column has it: a query has
// fewer columns than that.
func (w *duckdb) variable(x bind.Expr) *bind.Column {
	w.variables++
	return &bind.Column{ID: firstVariable + w.variables, Type: x.Type(), Nullable: x.Nullable()}
}

const firstVariable = 1 << 40
