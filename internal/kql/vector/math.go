package vector

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"spoor/internal/schema"
)

// AssertFailed begins the error of an assert() that does not hold; what its author wrote
// stands behind.
const AssertFailed = "assert() has failed"

// mathFunctions are the special functions of mathematics. Outside of where they are
// defined they give NaN, of null null.
var mathFunctions = []*Function{
	{Name: "assert", Params: []schema.Type{tBool, tStr}, Result: tBool, Eval: func(a []any) any {
		if ok, _ := a[0].(bool); !ok {
			return fmt.Errorf("%s with message: '%s'", AssertFailed, text(a, 1))
		}
		return true
	}},
	realFunction("gamma", 1, func(x []float64) float64 { return math.Gamma(x[0]) }),
	realFunction("loggamma", 1, func(x []float64) float64 { l, _ := math.Lgamma(x[0]); return l }),
	realFunction("erf", 1, func(x []float64) float64 { return math.Erf(x[0]) }),
	realFunction("erfc", 1, func(x []float64) float64 { return math.Erfc(x[0]) }),
	realFunction("beta_cdf", 3, beta(func(d distuv.Beta, x float64) float64 { return mathext.RegIncBeta(d.Alpha, d.Beta, min(max(x, 0), 1)) })),
	nullOutside(realFunction("beta_inv", 3, beta(func(d distuv.Beta, p float64) float64 {
		return mathext.InvRegIncBeta(d.Alpha, d.Beta, p)
	}))),
	realFunction("beta_pdf", 3, beta(func(d distuv.Beta, x float64) float64 {
		if x < 0 || x > 1 {
			return math.NaN()
		}
		return d.Prob(x)
	})),
	realFunction("welch_test", 6, welch),
}

// realFunction is a function of n numbers.
func realFunction(name string, n int, f func(x []float64) float64) *Function {
	params := make([]schema.Type, n)
	for i := range params {
		params[i] = tReal
	}
	return &Function{Name: name, Params: params, Result: tReal, Eval: func(a []any) any {
		x := make([]float64, n)
		for i := range x {
			v, ok := float(a, i)
			if !ok {
				return nil
			}
			x[i] = v
		}
		return f(x)
	}}
}

// nullOutside makes a function of a probability give null for what is none.
func nullOutside(f *Function) *Function {
	inside := f.Eval
	f.Eval = func(a []any) any {
		if p, ok := float(a, 0); !ok || p < 0 || p > 1 {
			return nil
		}
		return inside(a)
	}
	return f
}

// beta is a function of the beta distribution: of a value, alpha and beta.
func beta(f func(d distuv.Beta, x float64) float64) func(x []float64) float64 {
	return func(x []float64) float64 {
		if math.IsNaN(x[0]) || !(x[1] > 0) || !(x[2] > 0) {
			return math.NaN()
		}
		return f(distuv.Beta{Alpha: x[1], Beta: x[2]}, x[0])
	}
}

// welch is the two-sided p-value of Welch's t-test: of mean, variance and count of one
// sample, then of the other.
func welch(x []float64) float64 {
	n1, n2 := x[2], x[5]
	if n1 < 2 || n2 < 2 || x[1] < 0 || x[4] < 0 {
		return math.NaN()
	}
	e1, e2 := x[1]/n1, x[4]/n2
	if e1+e2 == 0 {
		if x[0] == x[3] {
			return 1
		}
		return 0
	}
	t := (x[0] - x[3]) / math.Sqrt(e1+e2)
	freedom := (e1 + e2) * (e1 + e2) / (e1*e1/(n1-1) + e2*e2/(n2-1))
	return mathext.RegIncBeta(freedom/2, 0.5, freedom/(freedom+t*t))
}
