package dialect

import (
	"fmt"
	"regexp"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// asText writes any value as KQL's tostring gives it; never null.
func (w *duckdb) asText(x bind.Expr) string {
	v := w.expr(x)
	switch x.Type() {
	case schema.String:
		return v
	case schema.Bool:
		return "CASE WHEN " + v + " THEN 'True' WHEN NOT " + v + " THEN 'False' ELSE '' END"
	case schema.Int, schema.Long:
		return "coalesce(" + v + "::VARCHAR, '')"
	case schema.Real:
		return "coalesce(" + w.realText(v) + ", '')"
	case schema.Decimal:
		return "coalesce(" + decimalText(v) + ", '')"
	case schema.DateTime:
		return "coalesce(" + timeText(v) + ", '')"
	case schema.TimeSpan:
		return "coalesce(kql_timespan_text(" + v + "), '')"
	case schema.Dynamic:
		if c, ok := x.(*bind.Call); ok && (c.Op == "path" || c.Op == "index") {
			if base, path, ok := pointer(c); ok {
				return "coalesce(json_extract_string(" + w.expr(base) + ", " + w.pattern(path) + "), '')"
			}
		}
		return "coalesce(json_extract_string(" + v + ", '$'), '')"
	default:
		return "coalesce(" + v + ", '')"
	}
}

// decimalText is a decimal without the zeros at its end.
func decimalText(v string) string {
	return "regexp_replace(regexp_replace(" + v + "::VARCHAR, '(\\.\\d*?)0+$', '\\1'), '\\.$', '')"
}

// realText is Kusto's text of a floating-point number.
func (w *duckdb) realText(v string) string {
	return "CASE WHEN isnan(" + v + ") THEN 'NaN' WHEN isinf(" + v + ") THEN CASE WHEN " + v + " > 0 THEN 'Infinity' ELSE '-Infinity' END ELSE upper(" + v + "::VARCHAR) END"
}

// timeText is a moment with seven decimals and Z.
func timeText(v string) string {
	return "strftime(make_timestamp(" + v + " // 10 - 62135596800000000), '%Y-%m-%dT%H:%M:%S.%f') || (" + v + " % 10) || 'Z'"
}

func (w *duckdb) toString(c *bind.Call) string { return w.asText(c.Args[0]) }

// wholeText gives a text that is a whole number, else null.
func wholeText(text string) string {
	return "CASE WHEN regexp_full_match(" + text + ", '\\s*[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)\\s*') THEN " + text + " END"
}

func (w *duckdb) toNumber(c *bind.Call) string {
	x, t := c.Args[0], c.Type()
	v, whole := w.expr(x), t == schema.Int || t == schema.Long
	switch x.Type() {
	case schema.String:
		if whole {
			return "TRY_CAST(" + wholeText(v) + " AS " + sqlType(t) + ")"
		}
		if t == schema.Real { // Kusto reads "inf" and "Infinity", and these not
			return "CASE WHEN trim(" + v + ") NOT IN ('INF', '+INF') THEN TRY_CAST(" + v + " AS DOUBLE) END"
		}
		return "TRY_CAST(" + v + " AS " + sqlType(t) + ")"
	case schema.Dynamic:
		return w.dynamicNumber(x, t, whole)
	case schema.Real:
		if whole {
			return "CASE WHEN NOT isfinite(" + v + ") THEN NULL ELSE " + saturate("trunc("+v+")", t) + " END"
		}
	case schema.Decimal:
		if whole {
			return "TRY_CAST(trunc(" + v + ") AS " + sqlType(t) + ")"
		}
	case schema.Int:
		return v + "::" + sqlType(t) // cannot fail, and the engine then compares the column itself
	case schema.Long:
		if t == schema.Int {
			return "(((" + v + " + 2147483648) & 4294967295) - 2147483648)::INTEGER" // the low 32 bits
		}
	case schema.Bool:
		return "CAST(" + v + " AS INTEGER)::" + sqlType(t)
	default: // the others need nothing here
	}
	return "TRY_CAST(" + v + " AS " + sqlType(t) + ")"
}

// dynamicNumber makes a number of a JSON value: of a number or truth value by its value,
// of a text as of any text.
func (w *duckdb) dynamicNumber(x bind.Expr, t schema.Type, whole bool) string {
	v, text := w.expr(x), w.asText(x)
	other := "TRY_CAST(" + text + " AS " + sqlType(t) + ")"
	number := other
	if whole {
		other = "TRY_CAST(" + wholeText(text) + " AS " + sqlType(t) + ")"
		number = "TRY_CAST(trunc(TRY_CAST(" + v + " AS DOUBLE)) AS " + sqlType(t) + ")"
	}
	return "CASE json_type(" + v + ") WHEN 'BOOLEAN' THEN CAST(CAST(" + v + " = 'true' AS INTEGER) AS " + sqlType(t) + ")" +
		" WHEN 'DOUBLE' THEN " + number + " ELSE " + other + " END"
}

// saturate casts to a whole number, at most the type's largest.
func saturate(x string, t schema.Type) string {
	lo, hi := "-2147483648", "2147483647"
	if t == schema.Long {
		lo, hi = "(-9223372036854775807 - 1)", "9223372036854775807"
	}
	return "CASE WHEN " + x + " >= " + hi + " THEN " + hi + " WHEN " + x + " <= " + lo + " THEN " + lo + " ELSE TRY_CAST(" + x + " AS " + sqlType(t) + ") END"
}

// getType is the type's name; a dynamic value's is known at run time only.
func (w *duckdb) getType(c *bind.Call) string {
	if t := c.Args[0].Type(); t != schema.Dynamic {
		return w.text(t.String())
	}
	return "kql_gettype(" + w.expr(c.Args[0]) + ")"
}

func (w *duckdb) toBool(c *bind.Call) string {
	x := c.Args[0]
	v := w.expr(x)
	switch x.Type() {
	case schema.String, schema.Dynamic:
		text := v
		if x.Type() == schema.Dynamic {
			text = w.asText(x)
		}
		return "CASE lower(" + text + ") WHEN 'true' THEN true WHEN 'false' THEN false ELSE TRY_CAST(" + wholeText(text) + " AS BIGINT) <> 0 END"
	default:
		return "(" + v + " <> 0)"
	}
}

// toTime makes moments and timespans: of texts by a Go function, of numbers as ticks.
func (w *duckdb) toTime(c *bind.Call) string {
	x := c.Args[0]
	switch x.Type() {
	case schema.String, schema.Dynamic:
		f, _ := vector.Lookup(c.Op)
		return f.SQLName() + "(" + w.asText(x) + ")"
	case schema.Real:
		return "TRY_CAST(trunc(" + w.expr(x) + ") AS BIGINT)"
	default:
		return w.expr(x) + "::BIGINT"
	}
}

func (w *duckdb) toGUID(c *bind.Call) string { return "kql_toguid(" + w.asText(c.Args[0]) + ")" }

// toJSON writes a value as it stands inside a dynamic one; null stays null.
func (w *duckdb) toJSON(x bind.Expr) string {
	v := w.expr(x)
	switch x.Type() {
	case schema.Dynamic, schema.Unknown:
		return v
	case schema.DateTime:
		return "to_json(" + timeText(v) + ")::VARCHAR"
	case schema.TimeSpan:
		return "to_json(kql_timespan_text(" + v + "))::VARCHAR"
	case schema.Real:
		return "CASE WHEN isfinite(" + v + ") THEN to_json(" + v + ")::VARCHAR ELSE to_json(" + w.realText(v) + ")::VARCHAR END"
	case schema.Decimal:
		return "to_json(" + decimalText(v) + ")::VARCHAR"
	default:
		return "to_json(" + v + ")::VARCHAR"
	}
}

// asJSON is a value of the engine's JSON type.
func (w *duckdb) asJSON(x bind.Expr) string {
	switch x.Type() {
	case schema.String, schema.Bool, schema.Int, schema.Long, schema.GUID:
		return w.expr(x)
	default: // the others need nothing here
	}
	return "(" + w.toJSON(x) + ")::JSON"
}

// parseJSON reads a text. A dynamic value is one when it begins with a quote: no blank
// stands in front of a value.
func (w *duckdb) parseJSON(c *bind.Call) string {
	x := c.Args[0]
	if x.Type() == schema.Dynamic {
		v := w.expr(x)
		return "CASE WHEN starts_with(" + v + ", '\"') THEN " + jsonOfText("json_extract_string("+v+", '$')") + " ELSE " + v + " END"
	}
	return jsonOfText(w.expr(x))
}

func (w *duckdb) isNull(c *bind.Call) string {
	if c.Args[0].Type() == schema.String {
		return "false"
	}
	return "(" + w.expr(c.Args[0]) + " IS NULL)"
}

func (w *duckdb) isEmpty(c *bind.Call) string {
	x := c.Args[0]
	switch x.Type() {
	case schema.String:
		return "(" + w.expr(x) + " = '')"
	case schema.Dynamic:
		return "(" + w.asText(x) + " = '')"
	default:
		return "(" + w.expr(x) + " IS NULL)"
	}
}

func (w *duckdb) iff(c *bind.Call) string {
	return "CASE WHEN " + w.condition(c.Args[0]) + " THEN " + w.expr(c.Args[1]) + " ELSE " + w.expr(c.Args[2]) + " END"
}

func (w *duckdb) caseOf(c *bind.Call) string {
	var b strings.Builder
	b.WriteString("CASE")
	n := len(c.Args)
	for i := 0; i+1 < n; i += 2 {
		b.WriteString(" WHEN " + w.condition(c.Args[i]) + " THEN " + w.expr(c.Args[i+1]))
	}
	b.WriteString(" ELSE " + w.expr(c.Args[n-1]) + " END")
	return b.String()
}

// coalesce takes the first value that is there; an empty text is none.
func (w *duckdb) coalesce(c *bind.Call) string {
	var args []string
	for _, a := range c.Args {
		v := w.expr(a)
		if c.Type() == schema.String {
			v = "nullif(" + v + ", '')"
		}
		args = append(args, v)
	}
	if c.Type() == schema.String {
		args = append(args, "''")
	}
	return "coalesce(" + strings.Join(args, ", ") + ")"
}

func (w *duckdb) extreme(c *bind.Call) string {
	fn := "greatest"
	if c.Op == "min_of" {
		fn = "least"
	}
	var args []string
	for _, a := range c.Args {
		args = append(args, w.expr(a))
	}
	return fn + "(" + strings.Join(args, ", ") + ")"
}

func (w *duckdb) strcat(c *bind.Call) string {
	args := c.Args
	var parts []string
	for i, a := range args {
		if c.Op == "strcat_delim" {
			if i == 0 {
				continue
			}
			if i > 1 {
				parts = append(parts, w.expr(args[0]))
			}
		}
		parts = append(parts, w.expr(a))
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// substring counts from 0; a negative start counts from the end.
func (w *duckdb) substring(c *bind.Call) string {
	s, start := w.expr(c.Args[0]), w.expr(c.Args[1])
	// Before the text there is nothing to begin with.
	from := "CASE WHEN " + start + " >= 0 THEN " + start + " WHEN length(" + s + ") + " + start + " >= 0 THEN length(" + s + ") + " + start + " ELSE length(" + s + ") END"
	if k, ok := c.Args[1].(*bind.Const); ok {
		if n, ok := k.Value.(int64); ok && n >= 0 {
			from = start
		}
	}
	if len(c.Args) == 2 {
		return "coalesce(substring(" + s + ", (" + from + ") + 1), '')"
	}
	length := w.expr(c.Args[2])
	return "coalesce(substring(" + s + ", (" + from + ") + 1, CASE WHEN " + length + " < 0 THEN length(" + s + ") ELSE " + length + " END), '')"
}

func (w *duckdb) split(c *bind.Call) string {
	list := "string_split(" + w.expr(c.Args[0]) + ", " + w.expr(c.Args[1]) + ")"
	if len(c.Args) == 3 {
		i := w.expr(c.Args[2])
		return "CASE WHEN " + i + " >= 0 AND " + i + " < len(" + list + ") THEN to_json([" + list + "[" + i + " + 1]])::VARCHAR END"
	}
	return "to_json(" + list + ")::VARCHAR"
}

func (w *duckdb) logarithm(c *bind.Call) string {
	x := w.expr(c.Args[0]) + "::DOUBLE"
	fn := map[string]string{"log": "ln", "log2": "log2", "log10": "log10"}[c.Op]
	return "CASE WHEN " + x + " < 0 THEN NULL WHEN " + x + " = 0 THEN '-Infinity'::DOUBLE ELSE " + fn + "(" + x + ") END"
}

func (w *duckdb) rand(c *bind.Call) string {
	if len(c.Args) == 0 {
		return "random()"
	}
	return "floor(random() * " + w.expr(c.Args[0]) + ")"
}

func (w *duckdb) round(c *bind.Call) string {
	x := w.expr(c.Args[0])
	if c.Type() == schema.Long {
		return x
	}
	digits := "0"
	if len(c.Args) == 2 {
		digits = "CAST(" + w.expr(c.Args[1]) + " AS INTEGER)"
	}
	return "round(" + x + ", " + digits + ")"
}

// bin rounds down to a multiple.
func (w *duckdb) bin(c *bind.Call) string {
	x := w.expr(c.Args[0])
	if len(c.Args) == 1 {
		return "floor(" + x + ")"
	}
	size := w.expr(c.Args[1])
	positive := false
	if k, ok := c.Args[1].(*bind.Const); ok {
		switch v := k.Value.(type) {
		case int64:
			positive = v > 0
		case schema.Ticks:
			positive = v > 0
		}
	}
	switch c.Type() {
	case schema.Real, schema.Decimal:
		return "CASE WHEN " + size + " > 0 THEN floor(" + x + " / " + size + ") * " + size + " END"
	case schema.DateTime:
		if positive {
			return "(" + x + " - " + x + " % " + size + ")"
		}
	default: // the others need nothing here
	}
	return "CASE WHEN " + size + " > 0 THEN " + x + " - ((" + x + " % " + size + ") + " + size + ") % " + size + " END"
}

func (w *duckdb) binAt(c *bind.Call) string {
	x, size, at := w.expr(c.Args[0]), w.expr(c.Args[1]), w.expr(c.Args[2])
	if c.Type() == schema.Real {
		return "CASE WHEN " + size + " > 0 THEN " + at + " + floor((" + x + " - " + at + ") / " + size + ") * " + size + " END"
	}
	size = "CAST(" + size + " AS BIGINT)"
	return fmt.Sprintf("CASE WHEN %[2]s > 0 THEN %[1]s - (((%[1]s - %[3]s) %% %[2]s) + %[2]s) %% %[2]s END", x, size, at)
}

// startOf writes startofday and endofday; longer spans of the calendar are Go functions.
func (w *duckdb) startOf(c *bind.Call) string {
	x := w.expr(c.Args[0])
	offset := ""
	if len(c.Args) == 2 {
		offset = " + " + w.expr(c.Args[1]) + " * " + ticksPerDay
	}
	start := x + " - " + x + " % " + ticksPerDay + offset
	if c.Op == "endofday" {
		start += " + " + ticksPerDay + " - 1"
	}
	if offset != "" {
		return "CASE WHEN " + start + " BETWEEN 0 AND " + maxTicks + " THEN " + start + " END"
	}
	return "(" + start + ")"
}

func (w *duckdb) packArray(c *bind.Call) string {
	var args []string
	for _, a := range c.Args {
		args = append(args, w.asJSON(a))
	}
	return "json_array(" + strings.Join(args, ", ") + ")::VARCHAR"
}

func (w *duckdb) bagPack(c *bind.Call) string {
	var args []string
	for i := 0; i+1 < len(c.Args); i += 2 {
		args = append(args, w.asText(c.Args[i]), w.asJSON(c.Args[i+1]))
	}
	return "json_object(" + strings.Join(args, ", ") + ")::VARCHAR"
}

// extractJSON takes a member out of a JSON text, as a text or as the type asked for.
func (w *duckdb) extractJSON(c *bind.Call) string {
	path, source := c.Args[0], c.Args[1]
	text := "kql_extract_json(" + w.expr(path) + ", " + w.expr(source) + ")"
	if k, ok := path.(*bind.Const); ok {
		if s, _ := k.Value.(string); simplePath.MatchString(s) {
			v := w.expr(source)
			text = "coalesce(json_extract_string(CASE WHEN json_valid(" + v + ") THEN " + v + " END, " + w.pattern(s) + "), '')"
		}
	}
	if c.Type() == schema.String {
		return text
	}
	return w.fromText(text, c.Type())
}

// simplePath matches the JSON paths that DuckDB reads as KQL does.
var simplePath = regexp.MustCompile(`^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$`)

func (w *duckdb) extractAll(c *bind.Call) string {
	name := "kql_extract_all"
	if len(c.Args) == 3 {
		name = "kql_extract_all_groups"
	}
	var args []string
	for _, a := range c.Args {
		args = append(args, w.expr(a))
	}
	return name + "(" + strings.Join(args, ", ") + ")"
}

// rangeArray counts from one value to another in an array.
func (w *duckdb) rangeArray(c *bind.Call) string {
	from, to, step := w.expr(c.Args[0]), w.expr(c.Args[1]), "1"
	t := c.Args[0].Type()
	if t == schema.DateTime || t == schema.TimeSpan {
		step = "36000000000" // an hour
	}
	if len(c.Args) == 3 {
		step = w.expr(c.Args[2])
	}
	real := false
	for _, a := range c.Args {
		real = real || a.Type() == schema.Real || a.Type() == schema.Decimal
	}
	if real {
		return "kql_range(" + from + "::DOUBLE, " + to + "::DOUBLE, " + step + "::DOUBLE)"
	}
	return "kql_range_whole(" + from + "::BIGINT, " + to + "::BIGINT, " + step + "::BIGINT, '" + t.String() + "')"
}
