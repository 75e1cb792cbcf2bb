package dialect

import (
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// plainInQuery looks for a value among those that a query gives; null where the answer is
// not known.
func (w *duckdb) plainInQuery(x *bind.InQuery, in string) (string, bool) {
	v, c := w.expr(x.X), col(x.Col)
	switch x.Op {
	case "in":
	case "in~":
		v, c = "lower("+v+")", "lower("+c+")"
	default:
		return "", false
	}
	return "(" + v + in + "(SELECT " + c + " FROM " + w.from(w.plan.Inner[x.Query]) + "))", true
}

func (w *duckdb) inQuery(x *bind.InQuery) string {
	if sql, ok := w.plainInQuery(x, " IN "); ok {
		return "coalesce(" + sql + ", false)"
	}
	inner := w.from(w.plan.Inner[x.Query])
	v, c := w.expr(x.X), col(x.Col)
	term := hasTerm("v", c)
	quantifier := "EXISTS"
	if x.Op == "has_all" {
		quantifier, term = "NOT EXISTS", "NOT "+term
	}
	return quantifier + " (SELECT 1 FROM (SELECT " + v + " AS v) AS " + w.alias() + ", " + inner + " WHERE " + term + ")"
}

// in looks for a value in a list, in which null is not.
func (w *duckdb) in(c *bind.Call) string {
	sql, sure := w.inTests(c)
	if sure {
		return sql
	}
	return "coalesce(" + sql + ", false)"
}

// inTests looks for a value in a list; sure: the answer is never null. Arrays known only
// at run time are looked through.
func (w *duckdb) inTests(c *bind.Call) (sql string, sure bool) {
	fold := c.Op == "in~"
	write := w.expr
	if fold {
		write = w.folding(c.Args[1:]...)
	}
	x := write(c.Args[0])
	var list, tests []string
	for _, a := range c.Args[1:] {
		if a.Type() == schema.Dynamic && c.Args[0].Type() != schema.Dynamic {
			tests = append(tests, w.inArray(c.Args[0], a, fold))
			continue
		}
		list = append(list, write(a))
	}
	if len(list) > 0 {
		tests = append(tests, x+" IN ("+strings.Join(list, ", ")+")")
	}
	if len(tests) == 0 {
		return "false", true
	}
	return "(" + strings.Join(tests, " OR ") + ")", listed(c) && !c.Args[0].Nullable()
}

func (w *duckdb) inArray(x, array bind.Expr, fold bool) string {
	elements := "list_transform(json_extract(" + w.expr(array) + ", '$[*]'), lambda p: json_extract_string(p, '$'))"
	text := w.asText(x)
	if fold {
		text = "lower(" + text + ")"
		elements = "list_transform(" + elements + ", lambda p: lower(p))"
	}
	return "list_contains(" + elements + ", " + text + ")"
}

// hasAny writes has_any and has_all as the terms one by one.
func (w *duckdb) hasAny(c *bind.Call) string {
	joiner, empty := " OR ", "false"
	if c.Op == "has_all" {
		joiner, empty = " AND ", "true"
	}
	var tests []string
	for _, a := range c.Args[1:] {
		if a.Type() == schema.Dynamic {
			quantifier := "list_bool_or"
			if c.Op == "has_all" {
				quantifier = "list_bool_and"
			}
			tests = append(tests, "coalesce("+quantifier+"(list_transform(json_extract("+w.expr(a)+", '$[*]'), lambda p: "+
				hasTerm(w.expr(c.Args[0]), "json_extract_string(p, '$')")+")), "+empty+")")
			continue
		}
		tests = append(tests, w.has(bind.NewCall("has", schema.Bool, c.Span(), c.Args[0], a)))
	}
	if len(tests) == 0 {
		return empty
	}
	return "(" + strings.Join(tests, joiner) + ")"
}
