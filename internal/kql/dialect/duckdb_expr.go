package dialect

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// expr writes an expression so that it can stand anywhere.
func (w *duckdb) expr(x bind.Expr) string {
	switch x := x.(type) {
	case *bind.Const:
		return w.constant(x)
	case *bind.Ref:
		return col(x.Col)
	case *bind.Call:
		return w.call(x)
	case *bind.InQuery:
		return w.inQuery(x)
	case *bind.ScalarQuery:
		return w.scalarQuery(x)
	default:
		w.refuse(x.Span(), fmt.Sprintf("The expression %T", x))
		return ""
	}
}

// condition writes an expression where null and false are the same. The engine looks
// into plain comparisons and lists for what it can skip, and not into a coalesce.
func (w *duckdb) condition(x bind.Expr) string {
	if q, ok := x.(*bind.InQuery); ok {
		if sql, ok := w.plainInQuery(q, " IN "); ok {
			return sql
		}
	}
	c, ok := x.(*bind.Call)
	if !ok {
		return w.expr(x)
	}
	switch c.Op {
	case "and", "or":
		var sides []string
		for _, side := range c.Chain() {
			sides = append(sides, w.condition(side))
		}
		return "(" + strings.Join(sides, " "+strings.ToUpper(c.Op)+" ") + ")"
	case "==":
		return "(" + w.expr(c.Args[0]) + " = " + w.expr(c.Args[1]) + ")"
	case "in", "in~":
		sql, _ := w.inTests(c)
		return sql
	case "not":
		return w.negation(c)
	}
	return w.expr(x)
}

// negation writes what keeps the rows of which something is false, and not null.
func (w *duckdb) negation(c *bind.Call) string {
	switch x := c.Args[0].(type) { //nolint:gochecksumtype // the others need nothing here
	case *bind.InQuery:
		if !x.X.Nullable() && !x.Col.Nullable {
			if sql, ok := w.plainInQuery(x, " NOT IN "); ok {
				return sql
			}
		}
	case *bind.Call:
		if !listed(x) {
			break
		}
		ref, ok := x.Args[0].(*bind.Ref)
		if !ok || !ref.Nullable() {
			break
		}
		// Null is in no list.
		sql, _ := w.inTests(x)
		return "(NOT " + sql + " OR " + w.expr(ref) + " IS NULL)"
	}
	return w.expr(c)
}

// listed reports whether a call looks for a value in a list of values of which none is
// null.
func listed(c *bind.Call) bool {
	return (c.Op == "in" || c.Op == "in~") && !slices.ContainsFunc(c.Args[1:], func(a bind.Expr) bool {
		return a.Nullable() || a.Type() == schema.Dynamic
	})
}

// constant writes a constant. Texts are arguments; numbers are written out, for the
// planner then knows them.
func (w *duckdb) constant(c *bind.Const) string {
	t := c.Type()
	switch v := c.Value.(type) {
	case nil:
		return null(t)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if t == schema.Decimal || t == schema.Real {
			return fmt.Sprintf("%d::%s", v, sqlType(t))
		}
		if v == math.MinInt64 {
			return "(-9223372036854775807::BIGINT - 1)"
		}
		if v < 0 {
			return fmt.Sprintf("(%d)::%s", v, sqlType(t))
		}
		return fmt.Sprintf("%d::%s", v, sqlType(t))
	case float64:
		switch {
		case math.IsNaN(v):
			return "'NaN'::DOUBLE"
		case math.IsInf(v, 1):
			return "'Infinity'::DOUBLE"
		case math.IsInf(v, -1):
			return "'-Infinity'::DOUBLE"
		}
		return "(" + strconv.FormatFloat(v, 'e', -1, 64) + ")::DOUBLE"
	case schema.Ticks:
		return fmt.Sprintf("(%d)::BIGINT", int64(v))
	case string:
		if t == schema.Decimal {
			return "CAST(" + w.text(v) + " AS " + sqlType(t) + ")"
		}
		return w.text(v)
	default:
		w.refuse(c.Span(), fmt.Sprintf("A constant of the Go type %T", v))
		return ""
	}
}

func (w *duckdb) scalarQuery(x *bind.ScalarQuery) string {
	sql := "(SELECT " + col(x.Col) + " FROM " + w.from(w.plan.Inner[x.Query]) + " LIMIT 1)"
	if x.Type() == schema.String {
		return "coalesce(" + sql + ", '')"
	}
	return sql
}

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

// write writes a function or operator.
func (w *duckdb) write(c *bind.Call) string {
	if write, ok := duckdbCalls[c.Op]; ok {
		return write(w, c)
	}
	if op, ok := strings.CutPrefix(c.Op, "any "); ok {
		return w.anyText(op, c)
	}
	if f, ok := vector.Lookup(c.Op); ok {
		return w.vectorCall(f, c)
	}
	w.refuse(c.Span(), "The function '"+c.Op+"'")
	return ""
}

// vectorCall calls a function that is computed in Go and registered with the engine.
func (w *duckdb) vectorCall(f *vector.Function, c *bind.Call) string {
	var args []string
	for i, a := range c.Args {
		t := f.Param(i)
		x := w.expr(a)
		if t == schema.Dynamic && a.Type() != schema.Dynamic {
			x = w.toJSON(a)
		} else if a.Type() != t {
			x = "CAST(" + x + " AS " + sqlType(t) + ")"
		}
		args = append(args, x)
	}
	return f.SQLName() + "(" + strings.Join(args, ", ") + ")"
}

// duckdbCalls say how functions and operators are written. What is missing here is
// looked for among the functions computed in Go.
var duckdbCalls map[string]func(w *duckdb, c *bind.Call) string

// form is a call written by a template: %1, %2 … stand for the arguments.
func form(template string) func(w *duckdb, c *bind.Call) string {
	return func(w *duckdb, c *bind.Call) string {
		args := make([]string, len(c.Args))
		for i, a := range c.Args {
			args[i] = w.expr(a)
		}
		return fill(template, args)
	}
}

func fill(template string, args []string) string {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] == '%' && i+1 < len(template) && template[i+1] >= '1' && template[i+1] <= '9' {
			i++
			if n := int(template[i] - '1'); n < len(args) {
				b.WriteString(args[n])
			}
			continue
		}
		b.WriteByte(template[i])
	}
	return b.String()
}

const (
	ticksPerDay = "864000000000"
	maxTicks    = "3155378975999999999" // the last moment Kusto knows
)

func init() {
	duckdbCalls = map[string]func(w *duckdb, c *bind.Call) string{
		"and": form("(%1 AND %2)"), "or": form("(%1 OR %2)"), "not": form("(NOT %1)"),
		"==": (*duckdb).equal, "!=": (*duckdb).unequal,
		"<": form("(%1 < %2)"), "<=": form("(%1 <= %2)"), ">": form("(%1 > %2)"), ">=": form("(%1 >= %2)"),
		"+": (*duckdb).arithmetic, "-": (*duckdb).arithmetic, "*": (*duckdb).arithmetic, "/": (*duckdb).divide, "%": (*duckdb).modulo,
		"negate":   form("(-%1)"),
		"=~":       (*duckdb).equalFold,
		"contains": (*duckdb).textMatch, "contains_cs": (*duckdb).textMatch, "startswith": (*duckdb).textMatch, "startswith_cs": (*duckdb).textMatch,
		"endswith": (*duckdb).textMatch, "endswith_cs": (*duckdb).textMatch,
		"has": (*duckdb).has, "has_cs": (*duckdb).has, "hasprefix": (*duckdb).has, "hasprefix_cs": (*duckdb).has,
		"hassuffix": (*duckdb).has, "hassuffix_cs": (*duckdb).has,
		"matches regex": (*duckdb).matches, "regex_matches": (*duckdb).matches, "regex_group": (*duckdb).regexGroup,
		"in": (*duckdb).in, "in~": (*duckdb).in, "has_any": (*duckdb).hasAny, "has_all": (*duckdb).hasAny,
		"path": (*duckdb).path, "index": (*duckdb).index,

		"tostring": (*duckdb).toString, "tolong": (*duckdb).toNumber, "toint": (*duckdb).toNumber, "toreal": (*duckdb).toNumber,
		"todecimal": (*duckdb).toNumber, "tobool": (*duckdb).toBool, "to_dynamic": func(w *duckdb, c *bind.Call) string { return w.toJSON(c.Args[0]) },
		"todatetime": (*duckdb).toTime, "totimespan": (*duckdb).toTime, "toguid": (*duckdb).toGUID,
		"parse_json": (*duckdb).parseJSON,

		"isnull": (*duckdb).isNull, "isnotnull": func(w *duckdb, c *bind.Call) string { return "(NOT " + w.isNull(c) + ")" },
		"isempty": (*duckdb).isEmpty, "isnotempty": func(w *duckdb, c *bind.Call) string { return "(NOT " + w.isEmpty(c) + ")" },
		"iff": (*duckdb).iff, "case": (*duckdb).caseOf, "coalesce": (*duckdb).coalesce,
		"max_of": (*duckdb).extreme, "min_of": (*duckdb).extreme,

		"tolower": form("lower(%1)"), "toupper": form("upper(%1)"), "strlen": form("length(%1)::BIGINT"), "string_size": form("strlen(%1)::BIGINT"),
		"strcat": (*duckdb).strcat, "strcat_delim": (*duckdb).strcat, "substring": (*duckdb).substring, "reverse": form("reverse(%1)"),
		"replace_string": form("replace(%1, %2, %3)"),
		"split":          (*duckdb).split, "extract": (*duckdb).extract,
		"isascii": form("(strlen(%1) = length(%1))"),

		"abs": form("abs(%1)"), "sign": form("sign(%1)"), "sqrt": form("CASE WHEN %1 < 0 THEN 'NaN'::DOUBLE ELSE sqrt(%1::DOUBLE) END"),
		"exp": form("exp(%1::DOUBLE)"), "exp2": form("pow(2, %1::DOUBLE)"), "exp10": form("pow(10, %1::DOUBLE)"),
		"log": (*duckdb).logarithm, "log2": (*duckdb).logarithm, "log10": (*duckdb).logarithm, "pow": form("pow(%1::DOUBLE, %2::DOUBLE)"),
		"sin": form("sin(%1::DOUBLE)"), "cos": form("cos(%1::DOUBLE)"), "tan": form("tan(%1::DOUBLE)"), "cot": form("cot(%1::DOUBLE)"),
		"asin": form("CASE WHEN abs(%1) > 1 THEN 'NaN'::DOUBLE ELSE asin(%1::DOUBLE) END"),
		"acos": form("CASE WHEN abs(%1) > 1 THEN 'NaN'::DOUBLE ELSE acos(%1::DOUBLE) END"), "atan": form("atan(%1::DOUBLE)"),
		"atan2": form("atan2(%1::DOUBLE, %2::DOUBLE)"), "pi": form("pi()"), "degrees": form("degrees(%1::DOUBLE)"), "radians": form("radians(%1::DOUBLE)"),
		"isnan": form("isnan(%1::DOUBLE)"), "isinf": form("isinf(%1::DOUBLE)"), "isfinite": form("isfinite(%1::DOUBLE)"),
		"rand": (*duckdb).rand, "round": (*duckdb).round, "ceiling": form("ceil(%1)"),
		"bin": (*duckdb).bin, "bin_at": (*duckdb).binAt,
		"binary_and": form("(%1 & %2)"), "binary_or": form("(%1 | %2)"), "binary_xor": form("xor(%1, %2)"), "binary_not": form("(~%1)"),
		"bitset_count_ones": form("bit_count(%1)::BIGINT"),

		"startofday": (*duckdb).startOf, // Of the very last day, after which no other comes, the engine knows no day of the week.
		"dayofweek":  form("CASE WHEN %1 < 3155378112000000000 THEN (((%1 // " + ticksPerDay + ") + 1) % 7 * " + ticksPerDay + ")::BIGINT END"),
		"hourofday":  form("((%1 // 36000000000) % 24)::INTEGER"), "endofday": (*duckdb).startOf,
		"unixtime_seconds_todatetime": unixtime(10_000_000), "unixtime_milliseconds_todatetime": unixtime(10_000),
		"unixtime_microseconds_todatetime": unixtime(10), "unixtime_nanoseconds_todatetime": unixtime(0.01),

		"path_has": form("list_contains(%1, %2)"), "paths_meet": form("list_has_any(%1, %2)"),

		"array_length": form("CASE WHEN json_type(%1) = 'ARRAY' THEN json_array_length(%1)::BIGINT END"),
		"pack_array":   (*duckdb).packArray, "bag_pack": (*duckdb).bagPack,
		"bag_keys": form("CASE WHEN json_type(%1) = 'OBJECT' THEN to_json(json_keys(%1))::VARCHAR END"),
		"gettype":  (*duckdb).getType, "extract_json": (*duckdb).extractJSON, "extract_all": (*duckdb).extractAll, "range": (*duckdb).rangeArray,
		"new_guid": form("uuid()::VARCHAR"), "hash_md5": func(w *duckdb, c *bind.Call) string { return "md5(" + w.asText(c.Args[0]) + ")" },
		"hash_sha1":   func(w *duckdb, c *bind.Call) string { return "sha1(" + w.asText(c.Args[0]) + ")" },
		"hash_sha256": func(w *duckdb, c *bind.Call) string { return "sha256(" + w.asText(c.Args[0]) + ")" },
	}
	maps.Copy(duckdbCalls, functionCalls())
}

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

// fromText converts SQL that gives a text.
func (w *duckdb) fromText(text string, t schema.Type) string {
	switch t {
	case schema.Long, schema.Int, schema.Real, schema.Decimal:
		return "TRY_CAST(" + text + " AS " + sqlType(t) + ")"
	case schema.Bool:
		return "TRY_CAST(nullif(" + text + ", '') AS BOOLEAN)"
	case schema.Dynamic:
		return jsonOfText(text)
	case schema.DateTime, schema.TimeSpan, schema.GUID:
		f, _ := vector.Lookup(map[schema.Type]string{schema.DateTime: "todatetime", schema.TimeSpan: "totimespan", schema.GUID: "toguid"}[t])
		return f.SQLName() + "(" + text + ")"
	default: // the others need nothing here
	}
	return text
}

// laxJSON finds what DuckDB takes for JSON and is none: commas at the end of lists, and
// numbers without a value. It may find them in texts inside of JSON, too.
const laxJSON = `,\s*[\]}]|(?i:(^|[\[:,\s])[-+]?(nan|inf))`

// jsonOfText is the dynamic value that a text holds: JSON, or else the text itself.
func jsonOfText(text string) string {
	valid := "json_valid(" + text + ") AND (NOT regexp_matches(" + text + ", '" + laxJSON + "') OR kql_is_json(" + text + "))"
	return "CASE WHEN " + text + " = '' THEN NULL WHEN " + valid + " THEN nullif(trim(" + text + "), 'null') ELSE to_json(" + text + ")::VARCHAR END"
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

// pointer collects a chain of constant members into one JSON pointer.
func pointer(x bind.Expr) (base bind.Expr, path string, ok bool) {
	c, isCall := x.(*bind.Call)
	if !isCall || c.Op != "path" && c.Op != "index" {
		return x, "", true
	}
	k, isConst := c.Args[1].(*bind.Const)
	if !isConst {
		return x, "", false
	}
	var part string
	switch v := k.Value.(type) {
	case string:
		part = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(v)
	case int64:
		if v < 0 {
			return x, "", false
		}
		part = "/" + strconv.FormatInt(v, 10)
	default:
		return x, "", false
	}
	base, path, ok = pointer(c.Args[0])
	if !ok {
		return c.Args[0], part, true
	}
	return base, path + part, true
}

func (w *duckdb) path(c *bind.Call) string {
	return "nullif(" + w.rawPath(c) + "::VARCHAR, 'null')"
}

func (w *duckdb) index(c *bind.Call) string { return w.path(c) }

// rawPath is a member as the engine's JSON.
func (w *duckdb) rawPath(c *bind.Call) string {
	base, path, ok := pointer(c)
	if ok {
		return "json_extract(" + w.expr(base) + ", " + w.pattern(path) + ")"
	}
	return "json_extract(" + w.expr(c.Args[0]) + ", " + w.member(c.Args[1]) + ")"
}

// member is a JSON path for a member known at run time.
func (w *duckdb) member(k bind.Expr) string {
	x := w.expr(k)
	if k.Type() == schema.Long {
		return "CASE WHEN " + x + " < 0 THEN '$[#' || " + x + " || ']' ELSE '$[' || " + x + " || ']' END"
	}
	return "'/' || replace(replace(" + x + ", '~', '~0'), '/', '~1')"
}
