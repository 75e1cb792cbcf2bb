package dialect

import (
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// separator stands between the columns' texts where they are looked through as one. It
// is no part of a term, and a term that holds it is not looked for this way.
const separator = "\x1f"

// anyText finds a term (the first argument) in any of the columns (the others). Each
// column is asked for the bare text; only rows that have it are looked through for the
// term, all columns' texts together.
func (w *duckdb) anyText(op string, c *bind.Call) string {
	term, ok := c.Args[0].(*bind.Const)
	s := ""
	if ok {
		s, _ = term.Value.(string)
	}
	if !ok || strings.Contains(s, separator) {
		w.refuse(c.Span(), "A search for a text that is not a plain constant")
	}
	plain, sensitive := strings.CutSuffix(op, "_cs")
	wanted := s
	if sensitive = sensitive || caseless(term); !sensitive {
		wanted = strings.ToLower(s)
	}
	var tests, texts []string
	for _, a := range c.Args[1:] {
		if t := a.Type(); (t == schema.Int || t == schema.Long) && strings.Trim(s, "-0123456789") != "" {
			continue // no whole number is written so
		}
		x := w.columnText(a)
		texts = append(texts, x)
		if !sensitive {
			x = "lower(" + x + ")"
		}
		tests = append(tests, "contains("+x+", "+w.text(wanted)+")")
	}
	if len(tests) == 0 {
		return "false"
	}
	sql := "(" + strings.Join(tests, " OR ") + ")"
	if plain == "contains" {
		return sql
	}
	all := "concat_ws(" + QuoteText(separator) + ", " + strings.Join(texts, ", ") + ")"
	if !sensitive {
		all = "lower(" + all + ")"
	}
	return "(" + sql + " AND " + termMatch(plain, all, w.text(wanted)) + ")"
}

// columnText is a column's value as the text that a search looks through: a dynamic one
// as its JSON.
func (w *duckdb) columnText(x bind.Expr) string {
	if x.Type() == schema.Dynamic || x.Type() == schema.GUID {
		return "coalesce(" + w.expr(x) + ", '')"
	}
	return w.asText(x)
}
