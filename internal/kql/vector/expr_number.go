package vector

import (
	"math"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// isWhole: values of the type are int64. Their sums and products wrap.
func isWhole(t schema.Type) bool {
	return t == schema.Int || t == schema.Long || t == schema.DateTime || t == schema.TimeSpan
}

func isPlainNumber(t schema.Type) bool { return isWhole(t) || t == schema.Real }

// onNumber applies a function to a number.
func onNumber(t schema.Type, whole func(int64) int64, real func(float64) float64) func(v []any) any {
	if !isPlainNumber(t) {
		return nil
	}
	return func(v []any) any {
		switch n := v[0].(type) {
		case int64:
			return whole(n)
		case float64:
			return real(n)
		}
		return nil
	}
}

// onNumbers applies a function to two numbers, in whole numbers when both are.
func onNumbers(args []Arg, whole func(x, y int64) any, real func(x, y float64) any) func(v []any) any {
	if !isPlainNumber(args[0].Type) || !isPlainNumber(args[1].Type) {
		return nil
	}
	return func(v []any) any {
		x, xWhole := v[0].(int64)
		y, yWhole := v[1].(int64)
		if xWhole && yWhole {
			return whole(x, y)
		}
		if a, b, ok := reals(v[0], v[1]); ok {
			return real(a, b)
		}
		return nil
	}
}

// inType fits a result to its type: an int wraps at 32 bits, a moment outside of Kusto's
// range is null, a timespan is a whole number of ticks.
func inType(t schema.Type, eval func(v []any) any) func(v []any) any {
	if eval == nil {
		return nil
	}
	return func(v []any) any {
		out := eval(v)
		switch n := out.(type) {
		case int64:
			switch {
			case t == schema.Int:
				return int64(int32(n))
			case t == schema.DateTime && (n < 0 || n > int64(schema.MaxTicks)):
				return nil
			case t == schema.Real:
				return float64(n)
			}
		case float64:
			if isWhole(t) {
				if math.IsNaN(n) || math.Abs(n) >= math.MaxInt64 {
					return nil
				}
				return int64(n)
			}
		}
		return out
	}
}

func plus(t schema.Type, args []Arg) func(v []any) any {
	return inType(t, onNumbers(args, func(x, y int64) any { return x + y }, func(x, y float64) any { return x + y }))
}

func minus(t schema.Type, args []Arg) func(v []any) any {
	return inType(t, onNumbers(args, func(x, y int64) any { return x - y }, func(x, y float64) any { return x - y }))
}

func times(t schema.Type, args []Arg) func(v []any) any {
	round := func(x float64) float64 { return x }
	if t == schema.TimeSpan {
		round = math.Round
	}
	return inType(t, onNumbers(args, func(x, y int64) any { return x * y }, func(x, y float64) any { return round(x * y) }))
}

// divide gives null for a whole number by zero; two timespans give a real.
func divide(t schema.Type, args []Arg) func(v []any) any {
	whole := func(x, y int64) any {
		switch {
		case t == schema.Real:
			return float64(x) / float64(y)
		case y == 0:
			return nil
		case y == -1:
			return -x
		}
		return x / y
	}
	return inType(t, onNumbers(args, whole, func(x, y float64) any { return x / y }))
}

// modulo is never negative.
func modulo(t schema.Type, args []Arg) func(v []any) any {
	whole := func(x, y int64) any {
		if y == 0 {
			return nil
		}
		r := x % y
		switch {
		case r < 0 && y < 0:
			return r - y
		case r < 0:
			return r + y
		}
		return r
	}
	return inType(t, onNumbers(args, whole, func(x, y float64) any {
		y = math.Abs(y)
		return math.Mod(math.Mod(x, y)+y, y)
	}))
}

// binned rounds down to a multiple; null when the size is not positive.
func binned(t schema.Type, args []Arg) func(v []any) any {
	if len(args) != 2 {
		return nil
	}
	whole := func(x, y int64) any {
		if y <= 0 {
			return nil
		}
		r := x % y
		if r < 0 {
			r += y
		}
		return x - r
	}
	return inType(t, onNumbers(args, whole, func(x, y float64) any {
		if y <= 0 {
			return nil
		}
		return math.Floor(x/y) * y
	}))
}

// toNumber converts numbers, truth values and texts.
func toNumber(t schema.Type, args []Arg) func(v []any) any {
	switch from := args[0].Type; {
	case isPlainNumber(from):
		return inType(t, func(v []any) any {
			if n, ok := v[0].(int64); ok && t == schema.Real {
				return float64(n)
			}
			return v[0]
		})
	case from == schema.Bool:
		return inType(t, func(v []any) any {
			if b, ok := v[0].(bool); ok {
				return int64(boolInt(b))
			}
			return nil
		})
	case from == schema.String:
		return inType(t, func(v []any) any { return parseNumber(t, text(v, 0)) })
	case from == schema.Dynamic:
		return inType(t, func(v []any) any {
			switch d := decode(v, 0).(type) {
			case string:
				return parseNumber(t, d)
			case bool:
				return int64(boolInt(d))
			default:
				if x, ok := real64(d); ok {
					return x
				}
			}
			return nil
		})
	}
	return nil
}

func parseNumber(t schema.Type, s string) any {
	if t == schema.Real {
		if x, ok := value.ParseReal(s); ok {
			return x
		}
		return nil
	}
	if n, ok := value.ParseLong(s); ok {
		return n
	}
	return nil
}

func toBool(_ schema.Type, args []Arg) func(v []any) any {
	if !isWhole(args[0].Type) && args[0].Type != schema.String {
		return nil
	}
	return func(v []any) any {
		switch x := v[0].(type) {
		case int64:
			return x != 0
		case string:
			if b, ok := value.ParseBool(x); ok {
				return b
			}
		}
		return nil
	}
}

// toText is tostring; a null is an empty text.
func toText(t schema.Type) func(v []any) any {
	if t == schema.Decimal || t == schema.Unknown {
		return nil
	}
	return func(v []any) any { return textOf(t, v[0]) }
}

func textOf(t schema.Type, v any) string {
	switch x := v.(type) {
	case bool:
		if x {
			return "True"
		}
		return "False"
	case int64:
		switch t {
		case schema.DateTime:
			return value.FormatDateTime(schema.Ticks(x))
		case schema.TimeSpan:
			return value.FormatTimeSpan(schema.Ticks(x))
		default:
			return plain(x)
		}
	case float64:
		return value.FormatReal(x)
	case string:
		if t == schema.Dynamic {
			return plain(decode([]any{x}, 0))
		}
		return x
	}
	return ""
}

// DynamicOf is a value as JSON text; nil for null.
func DynamicOf(t schema.Type, v any) any {
	switch x := v.(type) {
	case nil:
		return nil
	case bool:
		if x {
			return "true"
		}
		return "false"
	case string:
		if t == schema.Dynamic {
			return x
		}
		return value.JSONString(x)
	case float64:
		return encode(x)
	case int64:
		if t == schema.DateTime || t == schema.TimeSpan {
			return value.JSONString(textOf(t, x))
		}
	}
	return textOf(t, v)
}
