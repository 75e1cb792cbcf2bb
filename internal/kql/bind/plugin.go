package bind

import (
	"fmt"
	"maps"
	"slices"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// plugins bind evaluate. Those whose columns depend on the data stand apart.
var plugins map[string]func(b *binder, in Rel, call *syntax.Call) Rel

func init() {
	plugins = map[string]func(b *binder, in Rel, call *syntax.Call) Rel{
		"active_users_count":         (*binder).activeUsers,
		"activity_counts_metrics":    (*binder).activityCounts,
		"activity_engagement":        (*binder).engagement,
		"activity_metrics":           (*binder).activityMetrics,
		"autocluster":                (*binder).autocluster,
		"basket":                     (*binder).basket,
		"dcount_intersect":           (*binder).dcountIntersect,
		"diffpatterns":               (*binder).diffPatterns,
		"funnel_sequence":            (*binder).funnelSequence,
		"funnel_sequence_completion": (*binder).funnelCompletion,
		"geo_line_lookup":            (*binder).geoLookup,
		"geo_polygon_lookup":         (*binder).geoLookup,
		"ipv4_lookup":                (*binder).addressLookup,
		"ipv6_lookup":                (*binder).addressLookup,
		"narrow":                     (*binder).narrow,
		"new_activity_metrics":       (*binder).newActivity,
		"rolling_percentile":         (*binder).rollingPercentile,
		"rows_near":                  (*binder).rowsNear,
		"schema_merge":               (*binder).schemaMerge,
		"sequence_detect":            (*binder).sequenceDetect,
		"session_count":              (*binder).sessionCount,
		"sliding_window_counts":      (*binder).slidingCounts,
	}
}

// Plugins lists the names of evaluate's plugins.
func Plugins() []string {
	return append(slices.Collect(maps.Keys(plugins)), "bag_unpack", "pivot", "preview")
}

// narrow binds the plugin that makes a row of each cell.
func (b *binder) narrow(in Rel, call *syntax.Call) Rel {
	b.arity(call, 0, 0)
	cols := visible(in.Columns())
	numbered, number := b.numbered(&Project{In: in, Items: passed(cols...)})
	rows := b.share(numbered)
	u := &Union{Cols: []*Column{b.column("Row", schema.Long, false), b.column("Column", schema.String, false), b.column("Value", schema.String, false)}}
	for _, c := range cols {
		use, fresh := b.read(rows)
		row := NewCall("-", schema.Long, call.Span(), ref(fresh[number]), NewConst(schema.Long, int64(1), call.Span()))
		name := NewConst(schema.String, c.Name, call.Span())
		u.Parts = append(u.Parts, Part{use, []Item{{u.Cols[0], row}, {u.Cols[1], name}, {u.Cols[2], b.convert(ref(fresh[c]), schema.String)}}})
	}
	return u
}

// rollingPercentile binds the plugin that takes a percentile of the bins up to each.
func (b *binder) rollingPercentile(in Rel, call *syntax.Call) Rel {
	p := b.pluginText(in, call)
	p.column("_v", p.arg(0))
	p.constant("_p", p.arg(1), schema.Real)
	t := p.column("_t", p.arg(2))
	span := t.Type
	if t.Type == schema.DateTime {
		span = schema.TimeSpan
	}
	p.constant("_size", p.arg(3), span)
	p.constant("_bins", p.arg(4), schema.Long)
	p.slices(5)
	p.names = []string{resultName(p.arg(2))}
	for _, x := range call.Args[5:] {
		p.names = append(p.names, resultName(x))
	}
	percent, bins := constText(p.values["_p"]), constText(p.values["_bins"])
	p.names = append(p.names, fmt.Sprintf("rolling_%s_percentile_%s_%s", bins, resultName(p.arg(0)), percent))
	return p.bind(fmt.Sprintf(`
		let A = T | extend _b = bin(_t, _size);
		A | mv-expand _in = range(_b, _b + (_bins - 1) * _size, _size) to typeof(%[1]s)
		| join kind=leftsemi (A | distinct %[2]s | project-rename _in = _b) on %[3]s
		| summarize _value = percentile(_v, _p) by %[3]s
		| project %[3]s, _value`, t.Type, p.by("_b"), p.by("_in")))
}

// constText is a constant number as it stands in the name of a column.
func constText(x Expr) string {
	if c, ok := x.(*Const); ok {
		return fmt.Sprint(c.Value)
	}
	return ""
}
