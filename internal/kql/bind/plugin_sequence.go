package bind

import (
	"encoding/json"
	"fmt"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/value"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// sessionCount binds session_count: the sessions that a period has events of. A session
// is the events of an id between which there is no more than the time looked back.
func (b *binder) sessionCount(in Rel, c *syntax.Call) Rel {
	a := b.activity(in, c)
	a.during(nil)
	a.width("_step")
	a.width("_lookback")
	a.slices(a.next)
	a.names = append(a.names, "count_sessions")
	order, other := "_id asc", "_id != prev(_id)"
	for _, d := range a.dims {
		order += ", " + d.Name + " asc"
		other += fmt.Sprintf(" or %[1]s != prev(%[1]s)", d.Name)
	}
	return a.bind(fmt.Sprintf(`
		T | where _t >= _start - _lookback and _t <= _end
		| sort by %s, _t asc
		| extend _s = row_cumsum(tolong(row_number() == 1 or %s or _t - prev(_t) > _lookback))
		| where _t >= _start
		| summarize _n = count_distinct(_s) by %s
		| project %s, _n`, order, other, a.by("_b = bin_at(_t, _step, _start)"), a.by("_b")))
}

// funnel binds what the funnel plugins have in common: the events of the analyzed time.
func (b *binder) funnel(in Rel, call *syntax.Call, step, state int) (events Rel, names []string) {
	a := b.activity(in, call)
	a.during(nil)
	a.next = step
	a.width("_step")
	a.column("_s", a.arg(state))
	names = []string{a.names[0], resultName(a.arg(state))}
	a.names = []string{"", "", "", ""}
	return a.bind(`
		T | where _t >= _start and _t < _end
		| project _b = bin_at(_t, _step, _start), _k = iff(isempty(_id), '', tostring(pack_array(_id))), _t, _e = tostring(_s)`), names
}

// funnelCompletion binds funnel_sequence_completion.
func (b *binder) funnelCompletion(in Rel, call *syntax.Call) Rel {
	b.arity(call, 8, 8)
	state := b.expr(call.Args[5]).Type()
	if state != schema.String {
		b.fail(call.Args[5].Span(), "SEM0036", "The states of a sequence are texts")
	}
	op := &vector.FunnelCompletion{Sequence: b.states(call.Args[6])}
	events, names := b.funnel(in, call, 4, 5)
	t := events.Columns()[0].Type
	length := t
	if t == schema.DateTime {
		length = schema.TimeSpan
	}
	for _, v := range b.constantArray(call.Args[7]) {
		n, ok := asLength(v, length)
		if !ok {
			b.fail(call.Args[7].Span(), "SEM0036", fmt.Sprintf("A %s is expected, not %v", length, v))
		}
		op.Within = append(op.Within, n)
	}
	return &Apply{Ins: []Rel{events}, Op: op, Cols: []*Column{
		b.column(names[0], t, false), b.column(names[1], schema.String, false), b.column("Period", length, false), b.column("dcount", schema.Long, false),
	}}
}

// asLength reads an element of a constant array as a length of time.
func asLength(v any, t schema.Type) (int64, bool) {
	if s, ok := v.(string); ok && t == schema.TimeSpan {
		d, ok := value.ParseTimeSpan(s)
		return int64(d), ok
	}
	n, ok := v.(json.Number)
	if !ok || t == schema.TimeSpan {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

// funnelSequence binds funnel_sequence: the states around a sequence. Behind it may come
// operators that see the first of its tables alone.
func (b *binder) funnelSequence(in Rel, call *syntax.Call) Rel {
	return b.funnelTable(in, call, true, true)
}

// funnelTables are the three tables of funnel_sequence.
func (b *binder) funnelTables(in func() Rel, call *syntax.Call) []Result {
	var out []Result
	for _, side := range [][2]bool{{true, true}, {true, false}, {false, true}} {
		rows := in()
		b.in(rows.Columns(), func() { out = append(out, Result{Rel: b.funnelTable(rows, call, side[0], side[1])}) })
	}
	return out
}

func (b *binder) funnelTable(in Rel, call *syntax.Call, before, then bool) Rel {
	b.arity(call, 8, 8)
	op := &vector.FunnelSequence{Sequence: b.states(call.Args[7]), Before: before, Then: then}
	t := b.expr(b.unnamed(call.Args[1])).Type()
	length := t
	if t == schema.DateTime {
		length = schema.TimeSpan
	}
	op.Step = b.constantLength(call.Args[4], length)
	events, names := b.funnel(in, call, 5, 6)
	a := &Apply{Ins: []Rel{events}, Op: op, Cols: []*Column{b.column(names[0], t, false)}}
	if before {
		a.Cols = append(a.Cols, b.column("prev", schema.String, false))
	}
	if then {
		a.Cols = append(a.Cols, b.column("next", schema.String, false))
	}
	a.Cols = append(a.Cols, b.column("dcount", schema.Long, false), b.column("samples", schema.Dynamic, false))
	return a
}

func (b *binder) unnamed(x syntax.Expr) syntax.Expr {
	if n, ok := x.(*syntax.Named); ok {
		return n.X
	}
	return x
}

// sequenceDetect binds sequence_detect: conditions, and behind them what tells sequences
// apart.
func (b *binder) sequenceDetect(in Rel, call *syntax.Call) Rel {
	b.arity(call, 4, 1<<15)
	at := b.expr(b.unnamed(call.Args[0]))
	length := at.Type()
	if length == schema.DateTime {
		length = schema.TimeSpan
	}
	op := &vector.SequenceDetect{Step: b.constantLength(call.Args[1], length), Span: b.constantLength(call.Args[2], length)}
	a := &Apply{Op: op}
	rows := &Project{In: in}
	var steps []Item
	var moments []*Column
	for _, x := range call.Args[3:] {
		v := b.expr(b.unnamed(x))
		name := resultName(x)
		if v.Type() == schema.Bool && len(rows.Items) == 0 {
			steps = append(steps, Item{b.column("", schema.Bool, v.Nullable()), v})
			moments = append(moments, b.column(name+"_"+resultName(call.Args[0]), at.Type(), false))
			continue
		}
		rows.Items = append(rows.Items, Item{b.column("", v.Type(), v.Nullable()), v})
		a.Cols = append(a.Cols, b.column(name, v.Type(), v.Nullable()))
	}
	if len(steps) == 0 {
		b.fail(call.Args[3].Span(), "SEM0036", "sequence_detect: a condition is expected here")
	}
	op.Dims, op.Steps = len(a.Cols), len(steps)
	rows.Items = append(append(rows.Items, Item{b.column("", at.Type(), at.Nullable()), at}), steps...)
	a.Ins = []Rel{rows}
	a.Cols = append(append(a.Cols, moments...), b.column("Duration", length, false))
	return a
}

// dcountIntersect binds dcount_intersect: how many values the first sketches have in
// common.
func (b *binder) dcountIntersect(in Rel, call *syntax.Call) Rel {
	b.arity(call, 2, 16)
	p := &Project{In: in, Items: passed(visible(in.Columns())...)}
	taken := newNames(visible(in.Columns()))
	var sketches []Expr
	for i, x := range call.Args {
		sketches = append(sketches, b.coerce(b.expr(x), schema.Dynamic))
		v := NewCall("hll_intersect", schema.Long, call.Span(), append([]Expr(nil), sketches...)...)
		p.Items = append(p.Items, Item{b.column(taken.unique(fmt.Sprintf("s%d", i)), schema.Long, true), v})
	}
	return p
}

// constantLength is a constant length of time, or of whatever the time is told in.
func (b *binder) constantLength(x syntax.Expr, t schema.Type) int64 {
	c, ok := b.coerce(b.expr(x), t).(*Const)
	if ok && c.Value != nil {
		if n, ok := plainValue(c).(int64); ok {
			return n
		}
	}
	b.fail(x.Span(), "SEM0036", fmt.Sprintf("A constant of the type %s is expected here", t))
	return 0
}

// constantArray are the elements of a constant dynamic array.
func (b *binder) constantArray(x syntax.Expr) []any {
	if c, ok := b.expr(x).(*Const); ok {
		if text, ok := plainValue(c).(string); ok && c.Type() == schema.Dynamic {
			dec := json.NewDecoder(strings.NewReader(text))
			dec.UseNumber()
			var list []any
			if err := dec.Decode(&list); err == nil && len(list) > 0 {
				return list
			}
		}
	}
	b.fail(x.Span(), "SEM0036", "A constant array is expected here")
	return nil
}

// states are the texts of a constant array.
func (b *binder) states(x syntax.Expr) []string {
	var out []string
	for _, v := range b.constantArray(x) {
		s, ok := v.(string)
		if !ok {
			b.fail(x.Span(), "SEM0036", "The states of a sequence are texts")
		}
		out = append(out, s)
	}
	return out
}
