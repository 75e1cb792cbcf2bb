package vector

import (
	"math/big"

	"spoor/internal/schema"
)

// decimalFunctions are the products and quotients of decimals, which the engine's fixed
// point cannot hold while it computes them. Both give places of decimals and cut off
// what is beyond.
var decimalFunctions = []*Function{
	{Name: "decimal_times", Params: []schema.Type{tStr, tStr}, Result: tStr, Eval: func(a []any) any {
		return ofDecimals(a, func(x, y *big.Rat) *big.Rat { return x.Mul(x, y) })
	}},
	{Name: "decimal_over", Params: []schema.Type{tStr, tStr}, Result: tStr, Eval: func(a []any) any {
		return ofDecimals(a, func(x, y *big.Rat) *big.Rat {
			if y.Sign() == 0 {
				return nil
			}
			return x.Quo(x, y)
		})
	}},
}

// places is how many digits stand behind the point of a decimal.
const places = 16

func ofDecimals(a []any, f func(x, y *big.Rat) *big.Rat) any {
	x, okX := new(big.Rat).SetString(text(a, 0))
	y, okY := new(big.Rat).SetString(text(a, 1))
	if !okX || !okY {
		return nil
	}
	z := f(x, y)
	if z == nil {
		return nil
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(places), nil)
	n := new(big.Int).Quo(new(big.Int).Mul(z.Num(), scale), z.Denom())
	return new(big.Rat).SetFrac(n, scale).FloatString(places)
}
