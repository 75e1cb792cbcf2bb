package dialect

import (
	"fmt"
	"math"
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// unixtime writes a moment that is counted from 1970, in units of so many ticks; null
// before the first and after the last that Kusto knows.
func unixtime(ticks float64) func(w *duckdb, c *bind.Call) string {
	return func(w *duckdb, c *bind.Call) string {
		x := w.expr(c.Args[0])
		since := fmt.Sprintf("%s::HUGEINT * %d", x, int64(ticks))
		if c.Args[0].Type() == schema.Real || ticks < 1 {
			since = fmt.Sprintf("floor(%s * %g)", x, ticks)
		}
		return "CASE WHEN " + since + " BETWEEN -621355968000000000 AND " + maxTicks + " - 621355968000000000 THEN 621355968000000000 + CAST(" + since + " AS BIGINT) END"
	}
}

// equal follows the page on null values: two nulls give null, one gives false.
func (w *duckdb) equal(c *bind.Call) string {
	l, r := w.expr(c.Args[0]), w.expr(c.Args[1])
	ln, rn := c.Args[0].Nullable(), c.Args[1].Nullable()
	switch {
	case !ln && !rn:
		return "(" + l + " = " + r + ")"
	case !ln || !rn:
		return "coalesce(" + l + " = " + r + ", false)"
	default:
		return "CASE WHEN " + l + " IS NULL AND " + r + " IS NULL THEN NULL ELSE " + l + " IS NOT DISTINCT FROM " + r + " END"
	}
}

func (w *duckdb) unequal(c *bind.Call) string {
	l, r := w.expr(c.Args[0]), w.expr(c.Args[1])
	ln, rn := c.Args[0].Nullable(), c.Args[1].Nullable()
	switch {
	case !ln && !rn:
		return "(" + l + " <> " + r + ")"
	case !ln || !rn:
		return "(" + l + " IS DISTINCT FROM " + r + ")"
	default:
		return "CASE WHEN " + l + " IS NULL AND " + r + " IS NULL THEN NULL ELSE " + l + " IS DISTINCT FROM " + r + " END"
	}
}

// arithmetic writes + - *. Whole numbers that overflow wrap, which DuckDB reports
// instead: the sum is then computed in 128 bits and its low 64 taken.
func (w *duckdb) arithmetic(c *bind.Call) string {
	l, r := w.expr(c.Args[0]), w.expr(c.Args[1])
	lt, rt := c.Args[0].Type(), c.Args[1].Type()
	if c.Type() == schema.TimeSpan && c.Op == "*" && (lt == schema.Real || rt == schema.Real || lt == schema.Decimal || rt == schema.Decimal) {
		return "TRY_CAST(round(" + l + "::DOUBLE * " + r + "::DOUBLE) AS BIGINT)"
	}
	if c.Type() == schema.Decimal && c.Op == "*" {
		return decimalCall("decimal_times", l, r)
	}
	plain := "(" + l + " " + c.Op + " " + r + ")"
	if c.Type() != schema.Long {
		if c.Type() == schema.DateTime {
			return "CASE WHEN " + plain + " BETWEEN 0 AND " + maxTicks + " THEN " + plain + " END"
		}
		return plain
	}
	if small(c.Args[0]) && small(c.Args[1]) {
		return plain
	}
	wide := "(" + l + "::HUGEINT " + c.Op + " " + r + ")"
	if c.Op == "*" {
		wide = "(" + l + "::HUGEINT * " + r + "::HUGEINT)"
	}
	if hasQuery(c) {
		return wrap64(wide) // TRY takes no subquery
	}
	return "coalesce(TRY(" + plain + "), " + wrap64(wide) + ")"
}

// hasQuery reports whether a query stands inside an expression.
func hasQuery(x bind.Expr) bool {
	switch x := x.(type) { //nolint:gochecksumtype // the others need nothing here
	case *bind.InQuery, *bind.ScalarQuery:
		return true
	case *bind.Call:
		return slices.ContainsFunc(x.Args, hasQuery)
	}
	return false
}

// small reports whether a value cannot bring a sum or product of two such out of 64 bits.
func small(x bind.Expr) bool {
	if c, ok := x.(*bind.Const); ok {
		n, ok := c.Value.(int64)
		return ok && n > math.MinInt32 && n < math.MaxInt32
	}
	if c, ok := x.(*bind.Call); ok {
		if c.Op == "tolong" && c.Args[0].Type() == schema.Int {
			return true
		}
		return slices.Contains([]string{"strlen", "array_length", "string_size"}, c.Op)
	}
	return false
}

// wrap64 takes the low 64 bits of a 128-bit number as a signed number.
func wrap64(x string) string {
	const two63, two64 = "9223372036854775808::HUGEINT", "18446744073709551616::HUGEINT"
	return "((((" + x + " + " + two63 + ") % " + two64 + " + " + two64 + ") % " + two64 + ") - " + two63 + ")::BIGINT"
}

func decimalCall(name, l, r string) string {
	return "CAST(kql_" + name + "(" + l + "::VARCHAR, " + r + "::VARCHAR) AS " + sqlType(schema.Decimal) + ")"
}

// divide: whole numbers give whole numbers, and null for a zero divisor; real ones
// follow IEEE 754.
func (w *duckdb) divide(c *bind.Call) string {
	l, r := w.expr(c.Args[0]), w.expr(c.Args[1])
	lt, rt := c.Args[0].Type(), c.Args[1].Type()
	switch {
	case rt == schema.TimeSpan:
		return "(" + l + "::DOUBLE / " + r + "::DOUBLE)"
	case lt == schema.TimeSpan || lt == schema.DateTime:
		return "TRY_CAST(trunc(" + l + "::DOUBLE / " + r + ") AS BIGINT)"
	case c.Type() == schema.Real:
		return "(" + l + " / " + r + ")"
	case c.Type() == schema.Decimal:
		return decimalCall("decimal_over", l, r)
	}
	return "CASE WHEN " + r + " = -1 THEN (-" + l + ") ELSE " + l + " // " + r + " END"
}

// modulo has the sign of the divisor's multiple below: the result is never negative
// for a positive divisor.
func (w *duckdb) modulo(c *bind.Call) string {
	l, r := w.expr(c.Args[0]), w.expr(c.Args[1])
	if c.Type() == schema.Real {
		return "CASE WHEN " + r + " = 0 THEN 'NaN'::DOUBLE ELSE ((" + l + " % " + r + ") + abs(" + r + ")) % abs(" + r + ") END"
	}
	return "CASE WHEN " + r + " <> 0 THEN ((" + l + " % " + r + ") + abs(" + r + ")) % abs(" + r + ") END"
}
