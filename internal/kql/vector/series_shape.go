package vector

import (
	"math"
	"slices"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// seriesShapeFunctions find periods, seasons, trends and outliers. Their documented
// steps are followed; where Kusto's own way is not documented (how a period is scored),
// the scores are ours: see series_periods_detect.
var seriesShapeFunctions = []*Function{
	{Name: "series_periods_detect", Params: []schema.Type{tDyn, tReal, tReal, tLong}, Result: tDyn, Eval: func(a []any) any {
		x, ok := numbers(a, 0, 0)
		least, ok2 := float(a, 1)
		most, ok3 := float(a, 2)
		n, ok4 := number(a, 3)
		if !ok || !ok2 || !ok3 || !ok4 {
			return nil
		}
		return encodePeriods(detectPeriods(x, least, most, int(min(max(n, 0), 100))))
	}},
	{Name: "series_periods_validate", Params: []schema.Type{tDyn, tReal}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		x, ok := numbers(a, 0, 0)
		if !ok {
			return nil
		}
		var found []period
		for i := 1; i < len(a); i++ {
			if p, ok := float(a, i); ok {
				found = append(found, period{p, scorePeriod(x, p)})
			}
		}
		return encodePeriods(found)
	}},
	{Name: "series_seasonal", Params: []schema.Type{tDyn, tLong}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		x, ok := numbers(a, 0, 0)
		if !ok {
			return nil
		}
		length, given := number(a, 1)
		if !given {
			length = -1
		}
		test, _ := number(a, 2)
		return encodeReals(seasonal(x, int(length), learned(x, test), defaultSeasonality))
	}},
	{Name: "series_decompose", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		c, ok := decompose(a, options{season: 1, trend: 2, test: 3, threshold: 4})
		if !ok {
			return nil
		}
		return encode([]any{realList(c.baseline), realList(c.season), realList(c.trend), realList(c.residual)})
	}},
	{Name: "series_decompose_forecast", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		c, ok := decompose(a, options{test: 1, season: 2, trend: 3, threshold: 4, linear: true})
		if !ok {
			return nil
		}
		return encode([]any{realList(c.baseline), realList(c.season), realList(c.trend), realList(c.residual)})
	}},
	{Name: "series_decompose_anomalies", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: decomposeAnomalies},
	{Name: "series_outliers", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: seriesOutliers},
}

// defaultSeasonality is the least score of a period that counts as one.
const defaultSeasonality = 0.6

// moment reads a dynamic value as a moment.
func moment(v any) (schema.Ticks, bool) {
	s, ok := v.(string)
	if !ok {
		return 0, false
	}
	return value.ParseDateTime(s)
}

type period struct{ length, score float64 }

func encodePeriods(found []period) any {
	lengths, scores := []any{}, []any{}
	for _, p := range found {
		lengths, scores = append(lengths, p.length), append(scores, p.score)
	}
	return encode([]any{lengths, scores})
}

// scorePeriod says how well a series repeats after a period: the correlation of the
// series with itself, so many elements later, between 0 and 1.
func scorePeriod(x []float64, length float64) float64 {
	lag := int(math.Round(length))
	if lag < 2 || lag > len(x)/2 || lag > maxPeriod {
		return 0
	}
	r := pearson(x[lag:], x[:len(x)-lag])
	if math.IsNaN(r) {
		return 0
	}
	return max(r, 0)
}

// maxPeriod bounds the lags that are looked at.
const maxPeriod = 4096

// detectPeriods finds the n best periods: peaks of the score that are no multiple of a
// shorter period with about the same score.
func detectPeriods(x []float64, least, most float64, n int) []period {
	lo, hi := max(int(math.Ceil(least)), 2), int(min(math.Floor(most), maxPeriod))
	hi = min(hi, len(x)/2)
	if hi < lo {
		return nil
	}
	scores := make([]float64, hi+2)
	for lag := max(lo-1, 2); lag <= min(hi+1, len(x)/2); lag++ {
		scores[lag] = scorePeriod(x, float64(lag))
	}
	var peaks []period
	for lag := lo; lag <= hi; lag++ {
		if scores[lag] <= 0 || lag > 0 && scores[lag] < scores[lag-1] || scores[lag] < scores[lag+1] {
			continue
		}
		multiple := slices.ContainsFunc(peaks, func(p period) bool {
			return math.Mod(float64(lag), p.length) == 0 && scores[lag] < p.score+0.05
		})
		if !multiple {
			peaks = append(peaks, period{float64(lag), scores[lag]})
		}
	}
	slices.SortStableFunc(peaks, func(a, b period) int { return compareReals(b.score, a.score) })
	return peaks[:min(n, len(peaks))]
}

func compareReals(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// learned is how many elements a decomposition learns from: all but the test points.
func learned(x []float64, test int64) int {
	return len(x) - int(min(max(test, 0), int64(len(x))))
}

// seasonal is the part of a series that repeats: for each phase of the period the
// median of its points. A length below 0 is found out, 0 is none.
func seasonal(x []float64, length, learn int, threshold float64) []float64 {
	out := make([]float64, len(x))
	if length < 0 {
		found := detectPeriods(x[:learn], 2, float64(learn)/2, 1)
		if len(found) == 0 || found[0].score < threshold {
			return out
		}
		length = int(found[0].length)
	}
	if length == 0 || length > learn {
		return out
	}
	for phase := range length {
		var points []float64
		for i := phase; i < learn; i += length {
			points = append(points, x[i])
		}
		m := quantile(points, 50)
		for i := phase; i < len(x); i += length {
			out[i] = m
		}
	}
	return out
}

// quantile is a percentile, by a line between the two nearest ranks.
func quantile(x []float64, p float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(x))
	at := p / 100 * float64(len(s)-1)
	low := int(at)
	if low+1 >= len(s) {
		return s[len(s)-1]
	}
	return s[low] + (s[low+1]-s[low])*(at-float64(low))
}

// options say which argument is which.
type options struct {
	season, trend, test, threshold int
	linear                         bool // the trend is a line where the query names none
}

type components struct{ baseline, season, trend, residual []float64 }

// decompose takes a series apart in the documented order: season, then trend of what is
// left, baseline = season + trend, residual = series - baseline.
func decompose(a []any, o options) (components, bool) {
	x, ok := numbers(a, 0, 0)
	if !ok || len(x) == 0 {
		return components{}, false
	}
	length, threshold, trend := -1, defaultSeasonality, "avg"
	if o.linear {
		trend = "linefit"
	}
	if v, ok := real64(decode(a, o.season)); ok {
		length = int(v)
	}
	if v, ok := real64(decode(a, o.threshold)); ok {
		threshold = v
	}
	if s, ok := decode(a, o.trend).(string); ok {
		trend = s
	}
	test, _ := real64(decode(a, o.test))
	learn := learned(x, int64(test))
	if learn == 0 {
		return components{}, false
	}
	c := components{season: seasonal(x, length, learn, threshold)}
	rest := make([]float64, len(x))
	for i := range x {
		rest[i] = x[i] - c.season[i]
	}
	if c.trend, ok = trendOf(rest, learn, trend); !ok {
		return components{}, false
	}
	c.baseline, c.residual = make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		c.baseline[i] = c.season[i] + c.trend[i]
		c.residual[i] = x[i] - c.baseline[i]
	}
	return c, true
}

func trendOf(x []float64, learn int, kind string) ([]float64, bool) {
	out := make([]float64, len(x))
	switch kind {
	case "none":
	case "avg":
		mean := 0.0
		for _, v := range x[:learn] {
			mean += v / float64(learn)
		}
		for i := range out {
			out[i] = mean
		}
	case "linefit":
		l := leastSquares(x[:learn])
		for i := range out {
			out[i] = l.at(i)
		}
	default:
		return nil, false
	}
	return out, true
}

// decomposeAnomalies gives a flag (1, -1, 0), a score and the baseline of each element.
func decomposeAnomalies(a []any) any {
	threshold := 1.5
	if v, ok := real64(decode(a, 1)); ok {
		threshold = v
	}
	c, ok := decompose(a, options{season: 2, trend: 3, test: 4, threshold: 6})
	if !ok {
		return nil
	}
	low, high := 10.0, 90.0
	if decode(a, 5) == "tukey" {
		low, high = 25, 75
	}
	scores := tukey(c.residual, nil, low, high)
	flags := make([]any, len(scores))
	for i, s := range scores {
		switch {
		case s > threshold:
			flags[i] = int64(1)
		case s < -threshold:
			flags[i] = int64(-1)
		default:
			flags[i] = int64(0)
		}
	}
	return encode([]any{flags, realList(scores), realList(c.baseline)})
}

// seriesOutliers scores a series: argument 1 is the kind, 2 the value to leave out, 3
// and 4 the percentiles of a ctukey.
func seriesOutliers(a []any) any {
	list, ok := array(a, 0)
	if !ok {
		return nil
	}
	low, high := 10.0, 90.0
	if v, ok := real64(decode(a, 3)); ok {
		low = min(max(v, 2), 98)
	}
	if v, ok := real64(decode(a, 4)); ok {
		high = min(max(v, 2), 98)
	}
	if decode(a, 1) == "tukey" {
		low, high = 25, 75
	}
	ignored, hasIgnored := real64(decode(a, 2))
	x, skip := make([]float64, len(list)), make([]bool, len(list))
	for i, v := range list {
		x[i], ok = real64(v)
		skip[i] = !ok || hasIgnored && x[i] == ignored
	}
	return encodeReals(tukey(x, skip, low, high))
}

// tukey is how many inner ranges an element lies outside of the two percentiles; within
// them it is 0.
func tukey(x []float64, skip []bool, low, high float64) []float64 {
	var known []float64
	for i, v := range x {
		if (skip == nil || !skip[i]) && !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	lo, hi := quantile(known, low), quantile(known, high)
	inner := hi - lo
	out := make([]float64, len(x))
	for i, v := range x {
		switch {
		case skip != nil && skip[i]:
		case v > hi:
			out[i] = (v - hi) / inner
		case v < lo:
			out[i] = (v - lo) / inner
		}
	}
	return out
}
