package vector

import (
	"encoding/json"
	"math"

	"spoor/internal/schema"
)

// seriesFillFunctions put values where a series has none.
var seriesFillFunctions = []*Function{
	filler("series_fill_forward", 1, func(a []any, _ []any) []any { return fillFrom(a, 0, len(a), 1) }),
	filler("series_fill_backward", 1, func(a []any, _ []any) []any { return fillFrom(a, len(a)-1, -1, -1) }),
	filler("series_fill_const", 2, func(a []any, args []any) []any {
		v := decode(args, 1)
		if v == nil {
			v = json.Number("0")
		}
		for i := range a {
			if a[i] == nil {
				a[i] = v
			}
		}
		return a
	}),
	filler("series_fill_linear", 1, fillLinear),
}

// filler is a function of a series; argument mark is the value that stands for a
// missing one, null when it is not given. f finds them as nil.
func filler(name string, mark int, f func(a []any, args []any) []any) *Function {
	return arrayTo(name, []schema.Type{tDyn}, func(a []any, args []any) any {
		if missing := decode(args, mark); missing != nil {
			want := key(missing)
			for i, v := range a {
				if v != nil && key(v) == want {
					a[i] = nil
				}
			}
		}
		return f(a, args)
	})
}

// fillFrom copies the last value seen into the gaps, in either direction.
func fillFrom(a []any, from, end, step int) []any {
	var last any
	for i := from; i != end; i += step {
		if a[i] == nil {
			a[i] = last
		} else {
			last = a[i]
		}
	}
	return a
}

// fillLinear draws a line from value to value. A series of whole numbers stays one. The
// gaps at the ends take the nearest value unless argument 2 is false; a series without
// any value is filled with argument 3.
func fillLinear(a []any, args []any) []any {
	edges := decode(args, 2) != false
	first, last := -1, -1
	whole := true
	for i, v := range a {
		if v == nil {
			continue
		}
		if _, ok := real64(v); !ok {
			return a
		}
		whole = whole && holdsWhole(v)
		if last >= 0 {
			interpolate(a, last, i, whole)
		}
		if first < 0 {
			first = i
		}
		last = i
	}
	switch {
	case first < 0:
		fillEmpty(a, args)
	case edges:
		for i := range first {
			a[i] = a[first]
		}
		for i := last + 1; i < len(a); i++ {
			a[i] = a[last]
		}
	}
	return a
}

func fillEmpty(a []any, args []any) {
	v, _ := real64(decode(args, 3))
	for i := range a {
		a[i] = v
	}
}

// interpolate fills what lies between two elements.
func interpolate(a []any, from, to int, whole bool) {
	x, _ := real64(a[from])
	y, _ := real64(a[to])
	for i := from + 1; i < to; i++ {
		v := x + (y-x)*float64(i-from)/float64(to-from)
		if whole && math.Abs(v) < 1<<53 {
			a[i] = int64(math.Trunc(v))
		} else {
			a[i] = v
		}
	}
}
