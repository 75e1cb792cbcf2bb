package dialect

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

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
