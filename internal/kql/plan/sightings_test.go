package plan

import (
	"reflect"
	"testing"

	"spoor/internal/schema"
)

// A table is read in the stretches that cost least: each costs as much as 150,000 rows.
func TestStretches(t *testing.T) {
	const day = schema.TicksPerDay
	at := func(source int32, day schema.Ticks) Span {
		return Span{source, day * schema.TicksPerDay, day*schema.TicksPerDay + 1}
	}
	everywhere := make([]Span, 100)
	for i := range everywhere {
		everywhere[i] = at(int32(i), schema.Ticks(i))
	}
	for name, c := range map[string]struct {
		spans   []Span
		sources int32
		rows    int64
		want    []Stretch
		ok      bool
	}{
		"never seen":                  {nil, 100, 10, nil, true},
		"one source of many":          {[]Span{at(7, 1)}, 100, 10_000_000, []Stretch{{day, day + 1, 7, 7}}, true},
		"a small table":               {[]Span{at(7, 1), at(90, 20)}, 100, 10_000, []Stretch{{day, 20*day + 1, 7, 90}}, false},
		"far apart in a large table":  {[]Span{at(90, 20), at(7, 1)}, 100, 10_000_000, []Stretch{{day, day + 1, 7, 7}, {20 * day, 20*day + 1, 90, 90}}, true},
		"neighbors are read together": {[]Span{at(7, 3), at(8, 1)}, 100, 10_000_000, []Stretch{{day, 3*day + 1, 7, 8}}, true},
		"everywhere":                  {everywhere, 100, 10_000_000, []Stretch{{0, 99*day + 1, 0, 99}}, false},
		"one source, a short time":    {[]Span{at(0, 1), at(0, 3)}, 1, 10_000_000, []Stretch{{day, 3*day + 1, 0, 0}}, true},
	} {
		got, ok := stretches(c.spans, c.sources, c.rows)
		if ok != c.ok || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, %v, want %v, %v", name, got, ok, c.want, c.ok)
		}
	}
}
