package bind

import (
	"fmt"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// activity binds what the activity plugins have in common: T has the columns _id and _t,
// the moment.
type activity struct {
	*pluginText
	t *Column
	// next is the index of the first argument that is not bound.
	next int
}

func (b *binder) activity(in Rel, call *syntax.Call) *activity {
	a := &activity{pluginText: b.pluginText(in, call), next: 2}
	a.column("_id", a.arg(0))
	a.t = a.column("_t", a.arg(1))
	a.names = []string{resultName(a.arg(1))}
	return a
}

// during binds the start and the end of the analysis. Where they are optional, they are
// there when the next two arguments are moments; else all is analyzed.
func (a *activity) during(step syntax.Expr) {
	if step == nil || a.given() {
		a.constant("_start", a.arg(a.next), a.t.Type)
		a.constant("_end", a.arg(a.next+1), a.t.Type)
		a.next += 2
	}
}

// given: the optional start and end are there.
func (a *activity) given() bool {
	if len(a.call.Args) < a.next+3 {
		return false
	}
	var v Expr
	a.binder.in(a.row, func() { v = a.expr(a.arg(a.next)) })
	return v.Type() == a.t.Type && a.t.Type == schema.DateTime
}

// span is the type of a distance between two moments.
func (a *activity) span() schema.Type {
	if a.t.Type == schema.DateTime {
		return schema.TimeSpan
	}
	return a.t.Type
}

// width binds the next argument, a distance.
func (a *activity) width(name string) {
	a.constant(name, a.arg(a.next), a.span())
	a.next++
}

// calendar are the periods that have a name.
var calendar = map[string]bool{"week": true, "month": true, "year": true}

// period binds the next argument, the period by which moments are grouped, and gives the
// KQL for the period of a moment and for the one after a period.
func (a *activity) period() (of, after string) {
	x := a.arg(a.next)
	if c, ok := a.constantText(x); ok && calendar[c] {
		a.next++
		return "startof" + c + "(%s)", "datetime_add('" + c + "', 1, %s)"
	}
	a.width("_step")
	return "bin_at(%s, _step, _start)", "%s + _step"
}

func (a *activity) constantText(x syntax.Expr) (s string, ok bool) {
	var v Expr
	a.binder.in(a.row, func() { v = a.expr(x) })
	if c, isConst := v.(*Const); isConst {
		s, ok = c.Value.(string)
	}
	return s, ok
}

// ends gives KQL that defines the start and the end of the analysis where the query has
// named none.
func (a *activity) ends(step string) string {
	if a.values["_start"] != nil {
		return ""
	}
	return fmt.Sprintf("let _start = toscalar(T | summarize min(bin(_t, %[1]s)));\nlet _end = toscalar(T | summarize max(_t));\n", step)
}

func call(template, x string) string { return strings.Replace(template, "%s", x, 1) }

// activityCounts binds activity_counts_metrics: how many ids a period has, how many of
// them were never there before, how many there have been so far.
func (b *binder) activityCounts(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(nil)
	of, _ := a.period()
	a.slices(a.next)
	a.names = append(a.names, "count", "dcount", "new_dcount", "aggregated_dcount")
	var order, other []string
	for _, d := range a.dims {
		order = append(order, d.Name+" asc")
		other = append(other, fmt.Sprintf("%[1]s != prev(%[1]s)", d.Name))
	}
	restart := ""
	if len(other) > 0 {
		restart = ", " + strings.Join(other, " or ")
	}
	return a.bind(fmt.Sprintf(`
		let A = T | where _t >= _start and _t <= _end | extend _b = %[1]s;
		let New = A | summarize _b = min(_b) by %[2]s | summarize _new = count() by %[3]s;
		A | summarize _count = count(), _dcount = dcount(_id) by %[3]s
		| join kind=leftouter New on %[3]s
		| extend _new = coalesce(_new, 0)
		| sort by %[4]s
		| extend _all = row_cumsum(_new%[5]s)
		| project %[3]s, _count, _dcount, _new, _all`, call(of, "_t"), a.by("_id"), a.by("_b"), strings.Join(append(order, "_b asc"), ", "), restart))
}

// activityMetrics binds activity_metrics: how many ids of a period were there in the one
// before.
func (b *binder) activityMetrics(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(a.arg(2))
	of, after := a.period()
	a.slices(a.next)
	a.names = append(a.names, "dcount_values", "dcount_newvalues", "retention_rate", "churn_rate")
	return a.bind(a.ends("_step") + fmt.Sprintf(`
		let A = T | where _t >= _start and _t <= _end | extend _b = %[1]s | distinct %[2]s;
		let Before = A | extend _b = %[3]s, _was = true;
		A | join kind=leftouter Before on %[2]s
		| summarize _n = count(), _new = countif(isnull(_was)) by %[4]s
		| join kind=leftouter (Before | summarize _before = count() by %[4]s) on %[4]s
		| extend _rate = iff(isnull(_before), real(nan), todouble(_n - _new) / _before)
		| project %[4]s, _n, _new, _rate, 1.0 - _rate`, call(of, "_t"), a.by("_id", "_b"), call(after, "_b"), a.by("_b")))
}

// newActivity binds new_activity_metrics: what became, in later periods, of the ids that
// were first there in a period.
func (b *binder) newActivity(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(nil)
	of, _ := a.period()
	name := a.names[0]
	a.names = []string{"from_" + name, "to_" + name}
	cohort, known := a.cohort(of), a.lookback()
	a.slices(a.next)
	a.names = append(a.names, "dcount_new_values", "dcount_retained_values", "dcount_churn_values", "retention_rate", "churn_rate")
	periods := "range _to from " + call(of, "_start") + " to _end step _step"
	if a.values["_step"] == nil {
		periods = "A | distinct _b | project _to = _b"
	}
	return a.bind(fmt.Sprintf(`
		let A = T | where _t >= _start and _t <= _end | extend _b = %[1]s | distinct %[2]s;
		let First = A | summarize _f = min(_b) by %[3]s%[4]s;
		let Met = A | join kind=inner First on %[3]s | summarize _n = count() by %[5]s | project-rename _first = _f, _to = _b;
		let Periods = %[6]s | extend _one = 1;
		First | summarize _size = count() by %[7]s%[8]s | extend _one = 1
		| join kind=inner Periods on _one
		| where _to >= _f
		| join kind=leftouter Met on %[9]s
		| summarize _new = sumif(_n, _first > _f or _to == _f and _first == _f), _kept = sumif(_n, _first == _f) by %[10]s
		| project %[11]s, _new, _kept, _size - _kept, todouble(_kept) / _size, todouble(_size - _kept) / _size`,
		call(of, "_t"), a.by("_id", "_b"), a.by("_id"), known, a.by("_f", "_b"), periods, a.by("_f"), cohort,
		a.by("_to"), a.by("_f", "_to", "_size"), a.by("_f", "_to")))
}

// cohort binds the optional argument that names one period, and gives the KQL that keeps
// the ids that were first there in it.
func (a *activity) cohort(of string) string {
	if a.next >= len(a.call.Args) {
		return ""
	}
	x := a.arg(a.next)
	if _, ok := a.tryTabular(x); ok {
		return ""
	}
	if _, ok := a.expr(x).(*Const); !ok {
		return ""
	}
	a.constant("_cohort", x, a.t.Type)
	a.next++
	return " | where _f == " + call(of, "_cohort")
}

// lookback binds the optional last argument, a table of ids that were there before, and
// gives the KQL that leaves them out.
func (a *activity) lookback() string {
	last := len(a.call.Args) - 1
	if last < a.next {
		return ""
	}
	known, ok := a.tryTabular(a.arg(last))
	if !ok {
		return ""
	}
	id := find(known.Columns(), resultName(a.arg(0)))
	if id == nil {
		a.fail(a.arg(last).Span(), "SEM0100", fmt.Sprintf("The table of known ids has no column '%s'", resultName(a.arg(0))))
	}
	a.tables["Known"] = a.again(&Project{In: known, Items: []Item{{a.binder.column("_id", id.Type, id.Nullable), ref(id)}}})
	a.last = last
	return " | join kind=leftanti Known on _id"
}

// slidingCounts binds sliding_window_counts: events and ids of the periods up to each.
func (b *binder) slidingCounts(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(nil)
	a.width("_lookback")
	a.width("_step")
	a.slices(a.next)
	a.names = append(a.names, "Count", "Dcount")
	return a.bind(fmt.Sprintf(`
		T | where _t >= _start - _lookback and _t <= _end
		| summarize _n = count() by %[1]s
		| mv-expand _in = range(_b, _b + _lookback - _step, _step) to typeof(%[2]s)
		| where _in >= _start and _in <= _end
		| summarize _count = sum(_n), _dcount = dcount(_id) by %[3]s`,
		a.by("_id", "_b = bin_at(_t, _step, _start)"), a.t.Type, a.by("_in")) +
		"\n| project " + a.by("_in") + ", _count, _dcount")
}

// engagement binds activity_engagement: the ids of a period beside those of a longer one
// that ends with it.
func (b *binder) engagement(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(a.arg(2))
	a.width("_inner")
	a.width("_outer")
	a.slices(a.next)
	a.names = append(a.names, "dcount_activities_inner", "dcount_activities_outer", "activity_ratio")
	return a.bind(a.ends("_inner") + fmt.Sprintf(`
		let A = T | where _t >= _start - _outer and _t <= _end | extend _b = bin_at(_t, _inner, _start) | distinct %[1]s;
		A | mv-expand _in = range(_b, _b + _outer - _inner, _inner) to typeof(%[2]s)
		| where _in >= _start and _in <= _end
		| summarize _wide = dcount(_id), _narrow = dcountif(_id, _b == _in) by %[3]s
		| project %[3]s, _narrow, _wide, todouble(_narrow) / _wide`, a.by("_id", "_b"), a.t.Type, a.by("_in")))
}

// activeUsers binds active_users_count: the ids that were there, before one of their
// moments, in enough periods of the time that is looked back at.
func (b *binder) activeUsers(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(nil)
	a.width("_lookback")
	a.width("_period")
	a.constant("_active", a.arg(a.next), schema.Long)
	a.next++
	a.width("_bin")
	a.slices(a.next)
	a.names = append(a.names, "dcount")
	return a.bind(fmt.Sprintf(`
		let A = T | where _t >= _start - _lookback and _t <= _end | distinct %[1]s;
		A | where _t >= _start
		| join kind=inner (A | project-rename _u = _t) on %[2]s
		| where _u > _t - _lookback and _u <= _t
		| summarize _n = dcount(bin_at(_u, _period, _start)) by %[1]s
		| where _n >= _active
		| summarize _dcount = dcount(_id) by %[3]s`, a.by("_id", "_t"), a.by("_id"), a.by("_b = bin_at(_t, _bin, _start)")) +
		"\n| project " + a.by("_b") + ", _dcount")
}
