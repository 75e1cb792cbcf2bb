package dialect

import (
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/plan"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// DuckDB's optimizer moves conditions towards the tables by putting a column's definition
// in the place of its name, copy by copy. A column that is made of itself twice at each
// step of a query
//
//	| extend r = iff(a, strcat(r, "1"), r) | extend r = iff(b, strcat(r, "2"), r) | … | where r != ""
//
// so becomes a condition of 2ⁿ copies: thirty steps took minutes and gigabytes before the
// engine looked at the first row, out of reach of its memory limit and of an interrupt.
// Each column therefore has a weight: how long its definition can become. What is heavier
// than heavy is given through a volatile expression, whose definition is never put
// anywhere, and weighs nothing from there on.

// heavy is the weight, in bytes of SQL, up to which a definition may be copied.
const heavy = 4 << 10

// What a statement may be at most, in bytes of SQL: written down, and with what the
// optimizer adds. Planning takes about two seconds and 200 MB for a megabyte, in which
// the engine heeds neither an interrupt nor its memory limit.
const (
	maxSQL    = 2 << 20
	maxWeight = 4 << 20
)

// CodeTooLarge is the diagnostic of a plan that makes too large a statement.
const CodeTooLarge = "SEM0081"

// bounded is SQL that is part of a statement, when it is not too long for one.
func (w *duckdb) bounded(sql string) string {
	if len(sql) > maxSQL {
		w.tooLarge()
	}
	return sql
}

// tooLarge ends the writing.
func (w *duckdb) tooLarge() {
	panic(refusal{syntax.Diagnostic{
		Code: CodeTooLarge, Message: "The query is too large to be planned: it comes to more than 2 MiB of SQL. Take it apart, keep fewer columns, or put long lists into a watchlist",
	}})
}

// held keeps the engine from computing a value anywhere else than here.
func held(x string) string { return "CASE WHEN random() < 2 THEN " + x + " END" }

// project writes a projection. Heavy columns get a projection of their own above it, for
// the engine finds no common parts inside of a CASE.
func (w *duckdb) project(in plan.Node, items []bind.Item) string {
	from := w.source(in)
	if len(items) == 0 {
		return "SELECT 1 FROM " + from
	}
	list, above := make([]string, len(items)), make([]string, len(items))
	weights := make([]int, len(items))
	hold := false
	for i, it := range items {
		x := w.expr(it.X)
		list[i], above[i] = as(x, it.Col), col(it.Col)
		if weights[i] = w.weigh(it.X, x); weights[i] > heavy || parses(it.X) {
			hold, weights[i] = true, 0
			above[i] = held(col(it.Col)) + " AS " + col(it.Col)
		}
	}
	for i, it := range items {
		w.define(it.Col, weights[i])
	}
	sql := "SELECT " + strings.Join(list, ", ") + " FROM " + from
	if hold {
		sql = "SELECT " + strings.Join(above, ", ") + " FROM (" + sql + ") AS " + w.alias()
	}
	return sql
}

// parses reports whether an expression is a dynamic value that is parsed. A condition on
// one would have it parsed for each place that its definition names it in, and again for
// the rows that pass (0.29 s against 0.08 s for a hundred thousand events).
func parses(x bind.Expr) bool {
	c, ok := x.(*bind.Call)
	return ok && c.Type() == schema.Dynamic && (c.Op == "path" || c.Op == "index" || c.Op == "parse_json")
}

// define notes the weight of a column.
func (w *duckdb) define(c *bind.Column, weight int) {
	if w.weights == nil {
		w.weights = map[int]int{}
	}
	w.weights[c.ID] = weight
}

// weigh is how long the SQL of an expression can become when the definitions of columns
// stand in place of their names.
func (w *duckdb) weigh(x bind.Expr, sql string) int {
	if r, ok := x.(*bind.Ref); ok {
		return w.weights[r.Col.ID]
	}
	return len(sql) + w.copied(sql)
}

// copied adds up the weights of the columns in SQL, each as often as it stands there.
func (w *duckdb) copied(sql string) int {
	total := 0
	for i := 0; i < len(sql); i++ {
		if sql[i] != 'c' || i > 0 && isWord(sql[i-1]) {
			continue
		}
		end := i + 1
		for end < len(sql) && sql[end] >= '0' && sql[end] <= '9' {
			end++
		}
		if id, err := strconv.Atoi(sql[i+1 : end]); err == nil {
			total += w.weights[id]
		}
		i = end - 1
	}
	return total
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
