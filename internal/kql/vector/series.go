package vector

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"spoor/internal/schema"
)

// seriesFunctions compute over arrays of numbers, element by element or as a whole. An
// element that is no number gives null.
var seriesFunctions = []*Function{
	arithmetic("series_add", func(x, y float64) float64 { return x + y }), arithmetic("series_subtract", func(x, y float64) float64 { return x - y }),
	arithmetic("series_multiply", func(x, y float64) float64 { return x * y }), pairwise("series_divide", func(x, y float64) any { return x / y }),
	pairwise("series_pow", func(x, y float64) any { return math.Pow(x, y) }),
	pairwise("series_equals", func(x, y float64) any { return x == y }), pairwise("series_not_equals", func(x, y float64) any { return x != y }),
	pairwise("series_less", func(x, y float64) any { return x < y }), pairwise("series_less_equals", func(x, y float64) any { return x <= y }),
	pairwise("series_greater", func(x, y float64) any { return x > y }), pairwise("series_greater_equals", func(x, y float64) any { return x >= y }),

	wholes("series_abs", math.Abs), elementwise("series_ceiling", math.Ceil), elementwise("series_floor", math.Floor),
	elementwise("series_exp", math.Exp), elementwise("series_log", math.Log), elementwise("series_sin", math.Sin), elementwise("series_cos", math.Cos),
	elementwise("series_tan", math.Tan), elementwise("series_asin", math.Asin), elementwise("series_acos", math.Acos), elementwise("series_atan", math.Atan),
	wholes("series_sign", func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return 0
	}),

	whole("series_sum", func(x []float64) float64 {
		sum := 0.0
		for _, v := range x {
			sum += v
		}
		return sum
	}),
	whole("series_product", func(x []float64) float64 {
		product := 1.0
		for _, v := range x {
			product *= v
		}
		return product
	}),
	whole("series_magnitude", func(x []float64) float64 { return math.Sqrt(dot(x, x)) }),
	both("series_dot_product", dot),
	both("series_cosine_similarity", func(x, y []float64) float64 { return dot(x, y) / math.Sqrt(dot(x, x)*dot(y, y)) }),
	both("series_pearson_correlation", pearson),
}

// numbers reads an array whose elements are all numbers; a number alone is repeated n
// times.
func numbers(args []any, i, n int) ([]float64, bool) {
	v := decode(args, i)
	if _, ok := v.(json.Number); ok && n > 0 {
		f, _ := real64(v)
		out := make([]float64, n)
		for j := range out {
			out[j] = f
		}
		return out, true
	}
	a, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]float64, len(a))
	for j, e := range a {
		if out[j], ok = real64(e); !ok {
			return nil, false
		}
	}
	return out, true
}

// elements reads an operand of a pairwise function: an array, or a number for every
// element.
func elements(v any) func(i int) (float64, bool) {
	a, ok := v.([]any)
	if !ok {
		return func(int) (float64, bool) { return real64(v) }
	}
	return func(i int) (float64, bool) {
		if i >= len(a) {
			return 0, false
		}
		return real64(a[i])
	}
}

func pairwise(name string, f func(x, y float64) any) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn, tDyn}, Result: tDyn, Eval: func(args []any) any {
		return pairs(decode(args, 0), decode(args, 1), f)
	}}
}

// pairs applies f to the elements of two arrays, or of an array and a number.
func pairs(x, y any, f func(x, y float64) any) any {
	n := 0
	for _, v := range []any{x, y} {
		if a, ok := v.([]any); ok {
			n = max(n, len(a))
		}
	}
	if n == 0 {
		return nil
	}
	left, right := elements(x), elements(y)
	out := make([]any, n)
	for i := range out {
		l, ok := left(i)
		r, ok2 := right(i)
		if ok && ok2 {
			out[i] = f(l, r)
		}
	}
	return encode(out)
}

// arithmetic is a pairwise function that gives whole numbers of whole ones.
func arithmetic(name string, f func(x, y float64) float64) *Function {
	p := pairwise(name, func(x, y float64) any { return f(x, y) })
	reals := p.Eval
	p.Eval = func(args []any) any {
		x, y := decode(args, 0), decode(args, 1)
		if !allWhole(x) || !allWhole(y) {
			return reals(args)
		}
		return pairs(x, y, func(x, y float64) any { return wholeNumber(f(x, y)) })
	}
	return p
}

// wholes is an elementwise function that gives whole numbers of whole ones.
func wholes(name string, f func(float64) float64) *Function {
	return arrayTo(name, nil, func(a []any, _ []any) any {
		for i, v := range a {
			x, ok := real64(v)
			switch {
			case !ok:
				a[i] = nil
			case holdsWhole(v):
				a[i] = wholeNumber(f(x))
			default:
				a[i] = f(x)
			}
		}
		return a
	})
}

// allWhole reports whether a value is a whole number or an array of such; nulls do not
// count.
func allWhole(v any) bool {
	return !slices.ContainsFunc(listOf(v), func(e any) bool { return e != nil && !holdsWhole(e) })
}

func holdsWhole(v any) bool {
	n, ok := v.(json.Number)
	return ok && !strings.ContainsAny(n.String(), ".eE")
}

// wholeNumber is a result as a whole number, as long as a float64 tells those apart.
func wholeNumber(f float64) any {
	if math.Abs(f) < 1<<53 {
		return int64(f)
	}
	return f
}

func elementwise(name string, f func(float64) float64) *Function {
	return arrayTo(name, nil, func(a []any, _ []any) any {
		for i, v := range a {
			if x, ok := real64(v); ok {
				a[i] = f(x)
			} else {
				a[i] = nil
			}
		}
		return a
	})
}

func whole(name string, f func([]float64) float64) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn}, Result: tReal, Eval: func(args []any) any {
		x, ok := numbers(args, 0, 0)
		if !ok {
			return nil
		}
		return f(x)
	}}
}

func both(name string, f func(x, y []float64) float64) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn, tDyn}, Result: tReal, Eval: func(args []any) any {
		x, ok := numbers(args, 0, 0)
		if !ok {
			return nil
		}
		y, ok := numbers(args, 1, len(x))
		if !ok || len(x) != len(y) || len(x) == 0 {
			return nil
		}
		return f(x, y)
	}}
}

func dot(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

func pearson(x, y []float64) float64 {
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	var sxy, sxx, syy float64
	for i := range x {
		sxy += (x[i] - mx) * (y[i] - my)
		sxx += (x[i] - mx) * (x[i] - mx)
		syy += (y[i] - my) * (y[i] - my)
	}
	return sxy / math.Sqrt(sxx*syy)
}
