package dialect

import (
	"fmt"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// functionCalls are the calls that need more than a template and stand in no other file.
func functionCalls() map[string]func(w *duckdb, c *bind.Call) string {
	return map[string]func(w *duckdb, c *bind.Call) string{
		"hash": (*duckdb).hash, "hash_xxhash64": (*duckdb).hash, "estimate_data_size": (*duckdb).dataSize, "tohex": (*duckdb).toHex,
		"percentile_tdigest": (*duckdb).percentileTDigest, "rank_tdigest": (*duckdb).rankTDigest, "percentrank_tdigest": (*duckdb).rankTDigest,
		"datetime_part": (*duckdb).datetimePart,
		// A version has up to 32 digits, and none behind the point.
		"parse_version": form("TRY_CAST(kql_parse_version(%1) AS DECIMAL(38, 0))"),
		"getyear":       calendar("year"), "monthofyear": calendar("month"), "dayofmonth": calendar("day"), "dayofyear": calendar("doy"), "week_of_year": calendar("week"),
		"extent_id": form("'00000000-0000-0000-0000-000000000000'"), "extent_tags": form("'[]'"),
	}
}

// hash hashes whole numbers and times as such, everything else as text.
func (w *duckdb) hash(c *bind.Call) string {
	x := c.Args[0]
	name, v := "kql_hash_xxhash64", ""
	switch x.Type() {
	case schema.Int, schema.Long, schema.DateTime, schema.TimeSpan:
		name, v = "kql_hash_xxhash64_whole", w.expr(x)+"::BIGINT"
	default:
		v = w.asText(x)
	}
	if len(c.Args) > 1 {
		v += ", " + w.expr(c.Args[1])
	}
	return name + "(" + v + ")"
}

// dataSize adds up what values take: fixed types their size, texts their bytes.
func (w *duckdb) dataSize(c *bind.Call) string {
	parts := []string{"0"}
	for _, a := range c.Args {
		switch a.Type() {
		case schema.Bool:
			parts = append(parts, "1")
		case schema.Int:
			parts = append(parts, "4")
		case schema.Long, schema.Real, schema.DateTime, schema.TimeSpan:
			parts = append(parts, "8")
		case schema.Decimal, schema.GUID:
			parts = append(parts, "16")
		default:
			parts = append(parts, "coalesce(strlen("+w.expr(a)+"), 0)")
		}
	}
	return "(" + strings.Join(parts, " + ") + ")::BIGINT"
}

// toHex writes an int by its 32 bits, a long by its 64.
func (w *duckdb) toHex(c *bind.Call) string {
	v := w.expr(c.Args[0]) + "::BIGINT"
	if c.Args[0].Type() == schema.Int {
		v = "(" + v + " & 4294967295)"
	}
	if len(c.Args) > 1 {
		v += ", " + w.expr(c.Args[1])
	}
	return "kql_tohex(" + v + ")"
}

// percentileTDigest gives a value of the type the query asks for. Of moments and
// timespans a digest holds the ticks.
func (w *duckdb) percentileTDigest(c *bind.Call) string {
	v := "kql_percentile_tdigest(" + w.toJSON(c.Args[0]) + ", " + w.expr(c.Args[1]) + "::DOUBLE)"
	switch t := c.Type(); t {
	case schema.Real:
		return v
	case schema.Dynamic:
		return "CASE WHEN " + v + " = trunc(" + v + ") AND abs(" + v + ") < 1e15 THEN " + v + "::BIGINT::VARCHAR ELSE " + v + "::VARCHAR END"
	case schema.Long, schema.Int, schema.DateTime, schema.TimeSpan:
		return "TRY_CAST(round(" + v + ") AS " + sqlType(t) + ")"
	default:
		w.refuse(c.Span(), "A percentile of the type "+t.String())
		return ""
	}
}

// rankTDigest counts what is at most a value, which may be of any type that a digest can
// be made of.
func (w *duckdb) rankTDigest(c *bind.Call) string {
	v := w.expr(c.Args[1])
	if c.Args[1].Type() == schema.Dynamic {
		v = w.dynamicNumber(c.Args[1], schema.Real, false)
	}
	return "kql_" + c.Op + "(" + w.toJSON(c.Args[0]) + ", " + v + "::DOUBLE)"
}

// calendar takes a part of a date in SQL. The engine's dates span all of Kusto's.
func calendar(part string) func(w *duckdb, c *bind.Call) string {
	return func(w *duckdb, c *bind.Call) string {
		return "date_part('" + part + "', " + w.date(c.Args[0]) + ")::INTEGER"
	}
}

// date is the day of a moment as the engine's date.
func (w *duckdb) date(x bind.Expr) string {
	return "('0001-01-01'::DATE + (" + w.expr(x) + " // " + ticksPerDay + ")::INTEGER)"
}

// dateParts are the parts that SQL can take out of a date; the others are Go's.
var dateParts = map[string]string{
	"year": "year", "quarter": "quarter", "month": "month", "week_of_year": "week", "weekofyear": "week", "day": "day", "dayofyear": "doy",
}

func (w *duckdb) datetimePart(c *bind.Call) string {
	if k, ok := c.Args[0].(*bind.Const); ok {
		s, _ := k.Value.(string)
		if part, ok := dateParts[strings.ToLower(s)]; ok {
			return "date_part('" + part + "', " + w.date(c.Args[1]) + ")::INTEGER"
		}
	}
	f, _ := vector.Lookup("datetime_part")
	return w.vectorCall(f, c)
}

// sketch writes the aggregates that make or merge sketches, and those over weights.
func (w *duckdb) sketch(fn string, args []bind.Expr, filter string) (string, bool) {
	x := w.expr(args[0])
	switch fn {
	case "tdigest":
		if len(args) > 1 {
			return w.weightedDigest(x, w.expr(args[1]), filter), true
		}
		return digest(x, filter), true
	case "merge_tdigest", "hll_merge":
		return "kql_" + fn + "_array(to_json(list(" + x + "::JSON)" + filter + ")::VARCHAR)", true
	case "hll":
		return w.hll(args, filter), true
	case "buildschema":
		return "kql_buildschema_array(to_json(list(" + x + "::JSON)" + filter + ")::VARCHAR)", true
	case "percentilew":
		return weightedPercentile(x, w.expr(args[1]), w.expr(args[2]), filter), true
	case "percentiles_array", "percentilesw_array":
		return w.percentileArray(fn, args, filter), true
	}
	return "", false
}

// digestSize is how many values a digest made of many keeps; of fewer it keeps each.
const digestSize = 2048

// digest keeps the sorted values, or so many of them at even distances.
func digest(x, filter string) string {
	sorted := "list(" + x + "::DOUBLE ORDER BY " + x + ")" + where(filter, x+" IS NOT NULL AND isfinite("+x+"::DOUBLE)")
	kept := fmt.Sprintf("CASE WHEN len(%[1]s) <= %[2]d THEN %[1]s ELSE list_transform(range(0, %[2]d), lambda i: (%[1]s)[1 + i * (len(%[1]s) - 1) // (%[2]d - 1)]) END", sorted, digestSize)
	weights := fmt.Sprintf("list_transform(range(0, least(len(%[1]s), %[2]d)), lambda i: len(%[1]s) / least(len(%[1]s), %[2]d)::DOUBLE)", sorted, digestSize)
	return "CASE WHEN " + sorted + " IS NOT NULL THEN to_json([" + kept + ", " + weights + "])::VARCHAR END"
}

func (w *duckdb) weightedDigest(x, weight, filter string) string {
	filter = where(filter, x+" IS NOT NULL AND "+weight+" > 0")
	values := "list(" + x + "::DOUBLE ORDER BY " + x + ")" + filter
	weights := "list(" + weight + "::DOUBLE ORDER BY " + x + ")" + filter
	return "kql_merge_tdigest(to_json([" + values + ", " + weights + "])::VARCHAR)"
}

// where adds a condition to an aggregate's filter.
func where(filter, condition string) string {
	if filter == "" {
		return " FILTER (WHERE " + condition + ")"
	}
	return strings.TrimSuffix(filter, ")") + " AND " + condition + ")"
}

// hllBits are the registers of a sketch, by the accuracy asked for.
var hllBits = [...]int{12, 14, 16, 17, 18}

// hll collects the different codes of a HyperLogLog: which register a value's hash falls
// into, and the place of the lowest bit that is set in the rest. There are few, however
// many values there are.
func (w *duckdb) hll(args []bind.Expr, filter string) string {
	bits := hllBits[1]
	if len(args) > 1 {
		k, ok := args[1].(*bind.Const)
		n, isNumber := int64(-1), false
		if ok {
			n, isNumber = k.Value.(int64)
		}
		if !isNumber || n < 0 || int(n) >= len(hllBits) {
			w.refuse(args[1].Span(), "An accuracy that is not a constant from 0 to 4")
		}
		bits = hllBits[n]
	}
	x := w.expr(args[0])
	h := "hash(" + x + ")"
	if t := args[0].Type(); t == schema.Int {
		h = "hash(" + x + "::BIGINT)"
	}
	rest := fmt.Sprintf("((%s >> %d)::BIGINT | %d)", h, bits, uint64(1)<<(64-bits))
	code := fmt.Sprintf("((%s & %d)::BIGINT * 64 + bit_count(xor(%s, %s - 1))::BIGINT)", h, 1<<bits-1, rest, rest)
	return fmt.Sprintf("kql_hll(to_json(list(DISTINCT %s)%s)::VARCHAR, %d::BIGINT)", code, where(filter, x+" IS NOT NULL"), bits)
}

// weightedPercentile is the value at which the weights of the sorted values reach a
// percentage of them all.
func weightedPercentile(x, weight, p, filter string) string {
	filter = where(filter, x+" IS NOT NULL AND "+weight+" > 0")
	return "(list(" + x + " ORDER BY " + x + ")" + filter + ")[kql_weighted_rank(to_json(list(" + weight + " ORDER BY " + x + ")" + filter + ")::VARCHAR, " + p + "::DOUBLE)]"
}

func (w *duckdb) percentileArray(fn string, args []bind.Expr, filter string) string {
	first := 1
	if fn == "percentilesw_array" {
		first = 2
	}
	x := w.expr(args[0])
	var values []string
	for _, p := range args[first:] {
		v := ""
		if first == 2 {
			v = weightedPercentile(x, w.expr(args[1]), w.expr(p), filter)
		} else {
			v = "quantile_disc(" + x + ", " + w.fraction(p) + ")" + filter
		}
		values = append(values, w.valueJSON(v, args[0].Type()))
	}
	return "json_array(" + strings.Join(values, ", ") + ")::VARCHAR"
}

// valueJSON writes SQL that gives a value of some type as it stands inside a dynamic
// one.
func (w *duckdb) valueJSON(v string, t schema.Type) string {
	switch t {
	case schema.DateTime:
		return timeText("(" + v + ")")
	case schema.TimeSpan:
		return "kql_timespan_text(" + v + ")"
	default:
		return v
	}
}
