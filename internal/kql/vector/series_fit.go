package vector

import (
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"spoor/internal/schema"
)

// seriesFitFunctions lay lines and curves through a series, by least squares. Those
// with several results give an array of them, in the documented order; those that end
// in _dynamic a bag.
var seriesFitFunctions = []*Function{
	fitted("series_fit_line", fitLine, false), fitted("series_fit_line_dynamic", fitLine, true),
	fitted("series_fit_2lines", fit2Lines, false), fitted("series_fit_2lines_dynamic", fit2Lines, true),
	{Name: "series_fit_poly", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: fitPoly},
	{Name: "series_stats", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		s, ok := seriesStats(a)
		if !ok {
			return nil
		}
		return encode(s.list())
	}},
	{Name: "series_stats_dynamic", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		s, ok := seriesStats(a)
		if !ok {
			return nil
		}
		b := newBag()
		for i, v := range s.list() {
			b.set([]string{"min", "min_idx", "max", "max_idx", "avg", "stdev", "variance"}[i], v)
		}
		b.set("sum", s.sum)
		b.set("len", int64(s.n))
		return encode(b)
	}},
}

// property is a result of a fit; a dot in its name leads into a bag of its own.
type property struct {
	name  string
	value any
}

func (p property) into(b *bag) {
	outer, inner, nested := strings.Cut(p.name, ".")
	if !nested {
		b.set(p.name, p.value)
		return
	}
	if b.values[outer] == nil {
		b.set(outer, newBag())
	}
	b.values[outer].(*bag).set(inner, p.value)
}

func fitted(name string, fit func(y []float64) []property, asBag bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		y, ok := numbers(a, 0, 0)
		if !ok || len(y) == 0 {
			return nil
		}
		list, b := []any{}, newBag()
		for _, p := range fit(y) {
			list = append(list, p.value)
			p.into(b)
		}
		if asBag {
			return encode(b)
		}
		return encode(list)
	}}
}

// line is y = slope*x + intercept, laid through points with x = 0, 1 and so on.
type line struct {
	slope, intercept, rss, tss float64
	n                          int
}

func leastSquares(y []float64) line {
	n := float64(len(y))
	mx, my := (n-1)/2, 0.0
	for _, v := range y {
		my += v / n
	}
	var sxy, sxx, syy float64
	for i, v := range y {
		dx := float64(i) - mx
		sxy += dx * (v - my)
		sxx += dx * dx
		syy += (v - my) * (v - my)
	}
	l := line{n: len(y), tss: syy}
	if sxx > 0 {
		l.slope = sxy / sxx
	}
	l.intercept = my - l.slope*mx
	for i, v := range y {
		d := v - l.at(i)
		l.rss += d * d
	}
	return l
}

func (l line) at(i int) float64 { return l.slope*float64(i) + l.intercept }

// variance is the variance of a sample whose squares sum up to ss.
func (l line) variance(ss float64) float64 {
	if l.n < 2 {
		return 0
	}
	return ss / float64(l.n-1)
}

func rSquare(rss, tss float64) float64 {
	if tss == 0 {
		return 1
	}
	return 1 - rss/tss
}

func fitLine(y []float64) []property {
	l := leastSquares(y)
	drawn := make([]float64, len(y))
	for i := range y {
		drawn[i] = l.at(i)
	}
	return []property{
		{"rsquare", rSquare(l.rss, l.tss)},
		{"slope", l.slope},
		{"variance", l.variance(l.tss)},
		{"rvariance", l.variance(l.rss)},
		{"interception", l.intercept},
		{"line_fit", realList(drawn)},
	}
}

// fit2Lines finds the split of the series at which two lines fit best. The right line's
// x begins at the split.
func fit2Lines(y []float64) []property {
	split, best := bestSplit(y)
	left, right := leastSquares(y[:split]), leastSquares(y[split:])
	whole := leastSquares(y)
	drawn := make([]float64, len(y))
	for i := range y {
		if i < split {
			drawn[i] = left.at(i)
		} else {
			drawn[i] = right.at(i - split)
		}
	}
	out := []property{
		{"rsquare", rSquare(best, whole.tss)},
		{"split_idx", int64(split)},
		{"variance", whole.variance(whole.tss)},
		{"rvariance", whole.variance(best)},
		{"line_fit", realList(drawn)},
	}
	for _, side := range []struct {
		name string
		line line
	}{{"right", right}, {"left", left}} {
		l := side.line
		out = append(out,
			property{side.name + ".rsquare", rSquare(l.rss, l.tss)}, property{side.name + ".slope", l.slope}, property{side.name + ".interception", l.intercept},
			property{side.name + ".variance", l.variance(l.tss)}, property{side.name + ".rvariance", l.variance(l.rss)})
	}
	return out
}

// bestSplit is where the second line begins, and the sum of squares that is left. The
// sums of prefixes make it linear in the length of the series.
func bestSplit(y []float64) (split int, rss float64) {
	n := len(y)
	prefix := make([]sums, n+1)
	for i, v := range y {
		prefix[i+1] = prefix[i].plus(float64(i), v)
	}
	split, rss = n, prefix[n].rss()
	for i := 2; i <= n-2; i++ {
		if r := prefix[i].rss() + prefix[n].minus(prefix[i]).rss(); r < rss-1e-12*math.Abs(rss) {
			split, rss = i, r
		}
	}
	if split == n && n > 1 {
		split = n - 1
	}
	return split, rss
}

// sums are what a line's residual follows from.
type sums struct{ n, x, y, xx, xy, yy float64 }

func (s sums) plus(x, y float64) sums {
	return sums{s.n + 1, s.x + x, s.y + y, s.xx + x*x, s.xy + x*y, s.yy + y*y}
}

func (s sums) minus(o sums) sums {
	return sums{s.n - o.n, s.x - o.x, s.y - o.y, s.xx - o.xx, s.xy - o.xy, s.yy - o.yy}
}

func (s sums) rss() float64 {
	sxx, sxy, syy := s.xx-s.x*s.x/s.n, s.xy-s.x*s.y/s.n, s.yy-s.y*s.y/s.n
	if sxx <= 0 {
		return max(syy, 0)
	}
	return max(syy-sxy*sxy/sxx, 0)
}

// maxDegree bounds series_fit_poly.
const maxDegree = 20

// fitPoly lays a polynomial through y over x (0, 1, … when not given): rsquare, the
// coefficients from the highest power down, variance, residual variance, the curve.
func fitPoly(a []any) any {
	y, ok := numbers(a, 0, 0)
	if !ok || len(y) == 0 {
		return nil
	}
	degree := 1
	x := make([]float64, len(y))
	for i := range x {
		x[i] = float64(i)
	}
	for i := 1; i < len(a); i++ {
		if d, ok := real64(decode(a, i)); ok {
			degree = int(d)
		} else if given, ok := axis(decode(a, i)); ok {
			x = given
		} else if decode(a, i) != nil {
			return nil
		}
	}
	if degree < 1 || degree > maxDegree || len(x) != len(y) || len(y) <= degree {
		return nil
	}
	coefficients, ok := polynomial(x, y, degree)
	if !ok {
		return nil
	}
	curve := make([]float64, len(y))
	l := leastSquares(y)
	rss := 0.0
	for i := range y {
		for _, c := range coefficients {
			curve[i] = curve[i]*x[i] + c
		}
		rss += (y[i] - curve[i]) * (y[i] - curve[i])
	}
	return encode([]any{rSquare(rss, l.tss), realList(coefficients), l.variance(l.tss), l.variance(rss), realList(curve)})
}

// axis reads the x of a fit: numbers, or moments as seconds.
func axis(v any) ([]float64, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, false
	}
	out := make([]float64, len(list))
	for i, e := range list {
		if f, ok := real64(e); ok {
			out[i] = f
			continue
		}
		t, ok := moment(e)
		if !ok {
			return nil, false
		}
		out[i] = float64(t) / float64(schema.TicksPerSecond)
	}
	return out, true
}

// polynomial solves for the coefficients, the highest power first. x is brought into
// [-1, 1] for the sake of precision and the result back.
func polynomial(x, y []float64, degree int) ([]float64, bool) {
	lo, hi := x[0], x[0]
	for _, v := range x {
		lo, hi = min(lo, v), max(hi, v)
	}
	middle, half := (lo+hi)/2, (hi-lo)/2
	if half == 0 {
		return nil, false
	}
	m := mat.NewDense(len(x), degree+1, nil)
	for i, v := range x {
		p := 1.0
		for j := range degree + 1 {
			m.Set(i, j, p)
			p *= (v - middle) / half
		}
	}
	var solved mat.VecDense
	if err := solved.SolveVec(m, mat.NewVecDense(len(y), y)); err != nil {
		return nil, false
	}
	// Horner's scheme over polynomials: p(x) = (…(c_d u + c_{d-1}) u + …), u = (x-middle)/half.
	out := []float64{solved.AtVec(degree)}
	for j := degree - 1; j >= 0; j-- {
		next := make([]float64, len(out)+1)
		for i, c := range out {
			next[i] += c / half
			next[i+1] -= c * middle / half
		}
		next[len(out)] += solved.AtVec(j)
		out = next
	}
	return out, true
}

type stats struct {
	n, minAt, maxAt                   int
	min, max, mean, variance, sum, ss float64
}

// seriesStats reads a series; an element that is no finite number spoils it unless
// argument 1 is true.
func seriesStats(a []any) (stats, bool) {
	list, ok := array(a, 0)
	if !ok {
		return stats{}, false
	}
	s := stats{min: math.Inf(1), max: math.Inf(-1)}
	for i, v := range list {
		x, ok := real64(v)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			if decode(a, 1) == true {
				continue
			}
			return stats{}, false
		}
		s.n++
		s.sum += x
		delta := x - s.mean
		s.mean += delta / float64(s.n)
		s.ss += delta * (x - s.mean)
		if x < s.min {
			s.min, s.minAt = x, i
		}
		if x > s.max {
			s.max, s.maxAt = x, i
		}
	}
	if s.n > 1 {
		s.variance = s.ss / float64(s.n-1)
	}
	return s, s.n > 0
}

func (s stats) list() []any {
	return []any{s.min, int64(s.minAt), s.max, int64(s.maxAt), s.mean, math.Sqrt(s.variance), s.variance}
}
