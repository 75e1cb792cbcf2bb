package vector

import (
	"gonum.org/v1/gonum/dsp/fourier"

	"spoor/internal/schema"
)

// seriesFilterFunctions are digital filters and the Fourier transform.
var seriesFilterFunctions = []*Function{
	{Name: "series_fir", Params: []schema.Type{tDyn, tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		x, ok := numbers(a, 0, 0)
		h, ok2 := numbers(a, 1, 0)
		if !ok || !ok2 || len(h) == 0 || len(h) > maxFilter {
			return nil
		}
		return encodeReals(fir(x, h, decode(a, 2), decode(a, 3) == true))
	}},
	{Name: "series_iir", Params: []schema.Type{tDyn, tDyn, tDyn}, Result: tDyn, Eval: func(a []any) any {
		x, ok := numbers(a, 0, 0)
		b, ok2 := numbers(a, 1, 0)
		d, ok3 := numbers(a, 2, 0)
		if !ok || !ok2 || !ok3 || len(d) == 0 || d[0] == 0 || len(b)+len(d) > maxFilter {
			return nil
		}
		return encodeReals(iir(x, b, d))
	}},
	{Name: "series_fft", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any { return transform(a, false) }},
	{Name: "series_ifft", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any { return transform(a, true) }},
}

// maxFilter bounds the coefficients of a filter, and with them the time it takes.
const maxFilter = 1024

func encodeReals(x []float64) any { return encode(realList(x)) }

func realList(x []float64) []any {
	out := make([]any, len(x))
	for i, v := range x {
		out[i] = v
	}
	return out
}

// fir is a finite impulse response filter. It is normalized to a sum of 1 where the
// query says so, and where it does not when all coefficients are positive; centered,
// half of the filter looks ahead.
func fir(x, h []float64, normalize any, center bool) []float64 {
	sum, positive := 0.0, true
	for _, c := range h {
		sum += c
		positive = positive && c >= 0
	}
	if (normalize == true || normalize == nil && positive) && sum != 0 {
		scaled := make([]float64, len(h))
		for i, c := range h {
			scaled[i] = c / sum
		}
		h = scaled
	}
	ahead := 0
	if center {
		ahead = len(h) / 2
	}
	out := make([]float64, len(x))
	for i := range x {
		for j, c := range h {
			if k := i + ahead - j; k >= 0 && k < len(x) {
				out[i] += c * x[k]
			}
		}
	}
	return out
}

// iir is an infinite impulse response filter of numerators b and denominators d.
func iir(x, b, d []float64) []float64 {
	out := make([]float64, len(x))
	for i := range x {
		sum := 0.0
		for j, c := range b {
			if i >= j {
				sum += c * x[i-j]
			}
		}
		for j, c := range d[1:] {
			if i > j {
				sum -= c * out[i-1-j]
			}
		}
		out[i] = sum / d[0]
	}
	return out
}

// transform gives the real and the imaginary parts.
func transform(a []any, inverse bool) any {
	re, ok := numbers(a, 0, 0)
	if !ok || len(re) == 0 || len(re) > maxArray {
		return nil
	}
	x := make([]complex128, len(re))
	im, _ := numbers(a, 1, 0)
	for i := range x {
		v := 0.0
		if i < len(im) {
			v = im[i]
		}
		x[i] = complex(re[i], v)
	}
	fft := fourier.NewCmplxFFT(len(x))
	scale := complex(1, 0)
	if inverse {
		x = fft.Sequence(nil, x)
		scale = complex(1/float64(len(x)), 0)
	} else {
		x = fft.Coefficients(nil, x)
	}
	outRe, outIm := make([]any, len(x)), make([]any, len(x))
	for i, v := range x {
		v *= scale
		outRe[i], outIm[i] = real(v), imag(v)
	}
	return encode([]any{outRe, outIm})
}
