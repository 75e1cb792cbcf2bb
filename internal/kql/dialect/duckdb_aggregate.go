package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/plan"
	"spoor/internal/schema"
)

// aggregate writes summarize. The arg_max and arg_min of one key are computed as one
// record, so that all their columns come from the same row.
func (w *duckdb) aggregate(n *plan.Aggregate) string {
	var inner, outer, groups []string
	from := w.source(n.In)
	for i, k := range n.Keys {
		x := w.expr(k.X)
		inner = append(inner, x+" AS "+col(k.Col))
		outer = append(outer, col(k.Col))
		groups = append(groups, strconv.Itoa(i+1))
		w.define(k.Col, w.weigh(k.X, x))
	}
	order := ""
	if len(n.Order) > 0 {
		order = " ORDER BY " + w.order(n.Order)
	}
	if wide, ok := w.latest(n); ok {
		from = wide
	}
	records := map[string]int{}
	var fields [][]string
	var recordOf []string // "fn, key"
	for _, a := range n.Aggs {
		if a.Func != "arg_max" && a.Func != "arg_min" {
			inner = append(inner, w.aggregateCall(a, order)+" AS "+col(a.Col))
			outer = append(outer, col(a.Col))
			continue
		}
		key := a.Func + "\x00" + w.expr(a.Args[0])
		r, ok := records[key]
		if !ok {
			r = len(fields)
			records[key] = r
			fields = append(fields, nil)
			recordOf = append(recordOf, key)
		}
		fields[r] = append(fields[r], col(a.Col)+" := "+w.expr(a.Args[1]))
		x := fmt.Sprintf("r%d.%s", r, col(a.Col))
		if a.Col.Type == schema.String {
			x = "coalesce(" + x + ", '')"
		}
		outer = append(outer, x+" AS "+col(a.Col))
	}
	for r, f := range fields {
		fn, key, _ := strings.Cut(recordOf[r], "\x00")
		inner = append(inner, fmt.Sprintf("coalesce(%s(struct_pack(%s), %s), any_value(struct_pack(%s))) AS r%d", fn, strings.Join(f, ", "), key, strings.Join(f, ", "), r))
	}
	if len(inner) == 0 {
		inner, outer = []string{"1"}, []string{"1"}
	}
	sql := "SELECT " + strings.Join(inner, ", ") + " FROM " + from
	if len(groups) > 0 {
		sql += " GROUP BY " + strings.Join(groups, ", ")
	}
	if len(fields) == 0 {
		return sql
	}
	return "SELECT " + strings.Join(outer, ", ") + " FROM (" + sql + ") AS " + w.alias()
}

// latest narrows the rows that an arg_max over many columns looks at to those that hold
// the largest key of their group: "summarize arg_max(Timestamp, *) by DeviceId" would
// else copy a whole row whenever a later one comes, which in a log is always (6.1 s
// against 0.6 s over 3 million rows). It works for a single arg_max or arg_min over rows that cost
// little to read twice.
func (w *duckdb) latest(n *plan.Aggregate) (string, bool) {
	if len(n.Aggs) < 5 || !rereadable(n.In) {
		return "", false
	}
	first := n.Aggs[0]
	if first.Func != "arg_max" && first.Func != "arg_min" {
		return "", false
	}
	key := w.expr(first.Args[0])
	for _, a := range n.Aggs {
		if a.Func != first.Func || w.expr(a.Args[0]) != key {
			return "", false
		}
	}
	var keys, groups, on []string
	for i, k := range n.Keys {
		x := w.expr(k.X)
		keys = append(keys, fmt.Sprintf("%s AS k%d", x, i))
		groups = append(groups, strconv.Itoa(i+1))
		on = append(on, fmt.Sprintf("%s IS NOT DISTINCT FROM k%d", x, i))
	}
	keys = append(keys, strings.TrimPrefix(first.Func, "arg_")+"("+key+") AS m")
	on = append(on, key+" IS NOT DISTINCT FROM m")
	newest := "SELECT " + strings.Join(keys, ", ") + " FROM " + w.from(n.In)
	if len(groups) > 0 {
		newest += " GROUP BY " + strings.Join(groups, ", ")
	}
	return w.from(n.In) + " SEMI JOIN (" + newest + ") AS " + w.alias() + " ON " + strings.Join(on, " AND "), true
}

// rereadable reports whether reading a node's rows twice gives the same rows at little
// cost.
func rereadable(n plan.Node) bool {
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *plan.Scan:
		return true
	case *plan.Filter:
		return rereadable(n.In)
	case *plan.Project:
		return rereadable(n.In) && !slices.ContainsFunc(n.Items, func(it bind.Item) bool { return volatile(it.X) })
	}
	return false
}

// volatile reports whether an expression may give another value each time.
func volatile(x bind.Expr) bool {
	c, ok := x.(*bind.Call)
	return ok && (c.Op == "rand" || c.Op == "new_guid" || slices.ContainsFunc(c.Args, volatile))
}

// conditional are the aggregates with a predicate as their second argument.
var conditional = map[string]string{
	"sumif": "sum", "avgif": "avg", "minif": "min", "maxif": "max", "dcountif": "dcount", "count_distinctif": "count_distinct",
	"make_list_if": "make_list", "make_set_if": "make_set", "make_bag_if": "make_bag", "take_anyif": "take_any", "stdevif": "stdev",
	"varianceif": "variance", "variancepif": "variancep", "hll_if": "hll",
}

// aggregateCall writes one aggregate.
func (w *duckdb) aggregateCall(a bind.Aggregate, order string) string {
	fn, args, filter := a.Func, a.Args, ""
	if fn == "covarianceif" || fn == "covariancepif" {
		fn = strings.TrimSuffix(fn, "if")
		filter = " FILTER (WHERE " + w.condition(args[2]) + ")"
		args = args[:2]
	}
	if plain, ok := conditional[fn]; ok {
		fn = plain
		filter = " FILTER (WHERE " + w.condition(args[1]) + ")"
		args = append([]bind.Expr{args[0]}, args[2:]...)
	}
	if fn == "countif" {
		return "count(*) FILTER (WHERE " + w.condition(args[0]) + ")"
	}
	if fn == "count" {
		return "count(*)"
	}
	x := w.expr(args[0])
	switch fn {
	case "sum":
		return w.sum(a, x, filter)
	case "avg":
		if t := args[0].Type(); t == schema.DateTime || t == schema.TimeSpan {
			return "(sum(" + x + ")" + filter + " // count(" + x + ")" + filter + ")::BIGINT"
		}
		return w.average(args[0], x, filter)
	case "min", "max":
		sql := fn + "(" + x + ")" + filter
		if a.Col.Type == schema.String {
			return "coalesce(" + sql + ", '')"
		}
		if a.Col.Type == schema.Real {
			return "CASE WHEN coalesce(bool_or(isnan(" + x + "))" + filter + ", false) THEN 'NaN'::DOUBLE ELSE " + sql + " END"
		}
		return sql
	case "dcount", "count_distinct":
		return "count(DISTINCT " + x + ")" + filter
	case "make_list", "make_set", "make_list_with_nulls":
		return w.list(fn, args, filter, order)
	case "make_bag":
		return "coalesce(kql_bag_merge_array(to_json(list((" + w.toJSON(args[0]) + ")::JSON" + order + ")" + filter + ")::VARCHAR), '{}')"
	case "take_any":
		sql := "any_value(" + x + ")" + filter
		if a.Col.Type == schema.String {
			return "coalesce(" + sql + ", '')"
		}
		return sql
	case "percentile":
		return "quantile_disc(" + x + ", " + w.fraction(args[1]) + ")"
	case "stdev", "variance", "stdevp", "variancep":
		name := map[string]string{"stdev": "stddev_samp", "variance": "var_samp", "stdevp": "stddev_pop", "variancep": "var_pop"}[fn]
		return "coalesce(" + name + "(" + x + "::DOUBLE)" + filter + ", 0)"
	case "covariance", "covariancep":
		name := map[string]string{"covariance": "covar_samp", "covariancep": "covar_pop"}[fn]
		return name + "(" + x + "::DOUBLE, " + w.expr(args[1]) + "::DOUBLE)" + filter
	case "binary_all_and", "binary_all_or", "binary_all_xor":
		return "bit_" + strings.TrimPrefix(fn, "binary_all_") + "(" + x + ")"
	}
	if sql, ok := w.sketch(fn, args, filter); ok {
		return sql
	}
	w.refuse(a.Span, "The aggregate '"+a.Func+"'")
	return ""
}

// average of nothing is NaN. That of whole numbers divides a sum that wraps.
func (w *duckdb) average(arg bind.Expr, x, filter string) string {
	if t := arg.Type(); t == schema.Int || t == schema.Long {
		count := "count(" + x + ")" + filter
		return "CASE WHEN " + count + " = 0 THEN 'NaN'::DOUBLE ELSE " + wrap64("sum("+x+")"+filter) + "::DOUBLE / " + count + " END"
	}
	if arg.Type() == schema.Decimal {
		return "avg(" + x + ")" + filter
	}
	return "coalesce(avg(" + x + ")" + filter + ", 'NaN'::DOUBLE)"
}

// fraction is a percentile as DuckDB takes it: a constant between 0 and 1.
func (w *duckdb) fraction(p bind.Expr) string {
	c, ok := p.(*bind.Const)
	if ok {
		if v, ok := c.Value.(float64); ok && v >= 0 && v <= 100 {
			return strconv.FormatFloat(v/100, 'g', -1, 64)
		}
	}
	w.refuse(p.Span(), "A percentile that is not a constant between 0 and 100")
	return ""
}

// sum of whole numbers wraps at 64 bits.
func (w *duckdb) sum(a bind.Aggregate, x, filter string) string {
	switch a.Col.Type {
	case schema.Long:
		return "coalesce(" + wrap64("sum("+x+")"+filter) + ", 0)"
	case schema.TimeSpan, schema.DateTime:
		return wrap64("sum(" + x + ")" + filter)
	case schema.Decimal:
		return "CAST(sum(" + x + ")" + filter + " AS " + sqlType(schema.Decimal) + ")"
	default: // the others need nothing here
	}
	return "coalesce(sum(" + x + ")" + filter + ", 0)"
}

// defaultListSize is how many elements a list takes when the query does not say.
const defaultListSize = 1048576

// list writes make_list and make_set: nulls are left out, a set is in the order of its
// values, a list in that of the sorted rows.
func (w *duckdb) list(fn string, args []bind.Expr, filter, order string) string {
	if args[0].Type() == schema.Dynamic {
		return w.dynamicList(fn, args, filter, order)
	}
	v := w.expr(args[0])
	x := w.asJSON(args[0])
	if fn == "make_set" {
		x, order = "DISTINCT "+x, ""
	}
	if fn != "make_list_with_nulls" {
		if filter == "" {
			filter = " FILTER (WHERE " + v + " IS NOT NULL)"
		} else {
			filter = strings.TrimSuffix(filter, ")") + " AND " + v + " IS NOT NULL)"
		}
	}
	size := strconv.Itoa(defaultListSize)
	if len(args) > 1 {
		size = w.expr(args[1])
	}
	return "coalesce(to_json((list(" + x + order + ")" + filter + ")[1:" + size + "])::VARCHAR, '[]')"
}

// dynamicList collects dynamic values: the elements of arrays one by one, nulls too.
func (w *duckdb) dynamicList(fn string, args []bind.Expr, filter, order string) string {
	v := w.expr(args[0])
	parts := "CASE WHEN json_type(" + v + ") = 'ARRAY' THEN json_extract(" + v + ", '$[*]') ELSE [" + v + "::JSON] END"
	list := "flatten(list(" + parts + order + ")" + filter + ")"
	size := strconv.Itoa(defaultListSize)
	if len(args) > 1 {
		size = w.expr(args[1])
	}
	if fn == "make_set" {
		return "coalesce(kql_array_unique(to_json(" + list + ")::VARCHAR, " + size + "), '[]')"
	}
	return "coalesce(to_json((" + list + ")[1:" + size + "])::VARCHAR, '[]')"
}

// series writes make-series: rows are counted into bins, then each key's bins are laid
// out as arrays, empty ones with the default.
func (w *duckdb) series(n *plan.Series) string {
	base := w.alias()
	var keys, keyNames, groups []string
	for i, k := range n.Keys {
		keys = append(keys, w.expr(k.X)+" AS "+col(k.Col))
		keyNames = append(keyNames, col(k.Col))
		groups = append(groups, strconv.Itoa(i+1))
	}
	on, step := w.expr(n.On), w.expr(n.Step)
	from, to := "NULL::"+sqlType(n.On.Type()), "NULL::"+sqlType(n.On.Type())
	if n.From != nil {
		from = w.expr(n.From)
	}
	if n.To != nil {
		to = w.expr(n.To)
	}
	input := "(SELECT *, " + on + " AS axis_value FROM " + w.from(n.In) + ")"
	lower := "coalesce(" + from + ", (SELECT min(axis_value) FROM src))"
	if n.From == nil && n.On.Type() != schema.Real {
		lower = "(SELECT min(axis_value) - min(axis_value) % " + step + " FROM src)"
	}
	upper := "coalesce(" + to + ", (SELECT max(axis_value) + 1 FROM src))"
	limits := "SELECT lo, ceil((hi - lo) / " + step + "::DOUBLE)::BIGINT AS n FROM (SELECT " + lower + " AS lo, " + upper + " AS hi)"
	var aggs, arrays []string
	for i, a := range n.Aggs {
		aggs = append(aggs, w.aggregateCall(a, "")+" AS "+col(a.Col))
		arrays = append(arrays, fmt.Sprintf("to_json(list_transform(range(0, any_value(n)), lambda i: coalesce(map(list(bin_number) FILTER (WHERE bin_number IS NOT NULL), list(%s) FILTER (WHERE bin_number IS NOT NULL))[i], %s)))::VARCHAR AS %s",
			col(a.Col), w.expr(n.Defaults[i]), col(a.Col)))
	}
	axis := "any_value(lo) + i * " + step
	switch n.On.Type() {
	case schema.DateTime:
		axis = timeText("(" + axis + ")")
	case schema.TimeSpan:
		axis = "kql_timespan_text(" + axis + ")"
	default: // the others need nothing here
	}
	arrays = append(arrays, "to_json(list_transform(range(0, any_value(n)), lambda i: "+axis+"))::VARCHAR AS "+col(n.Axis))
	list := func(xs ...[]string) string {
		var all []string
		for _, x := range xs {
			all = append(all, x...)
		}
		return strings.Join(all, ", ")
	}
	binNumber := "floor((axis_value - lo) / " + step + "::DOUBLE)::BIGINT"
	group := strconv.Itoa(len(n.Keys) + 1)
	binned := "SELECT " + list(keys, []string{binNumber + " AS bin_number"}, aggs) + " FROM src, lim WHERE axis_value >= lo AND " + binNumber + " < n GROUP BY " + list(groups, []string{group})
	sql := "WITH src AS " + input + ", lim AS (" + limits + "), binned AS (" + binned + ") SELECT " + list(keyNames, arrays) + " FROM lim LEFT JOIN binned AS " + base + " ON true"
	if len(keyNames) > 0 {
		sql = strings.Replace(sql, "LEFT JOIN", "JOIN", 1) + " GROUP BY " + strings.Join(keyNames, ", ")
	} else if !n.NonEmpty {
		sql += " HAVING EXISTS (SELECT 1 FROM src)"
	}
	return sql
}
