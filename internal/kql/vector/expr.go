package vector

import (
	"math"
	"strings"

	"spoor/internal/schema"
)

// Frame is what an expression of an operator with state can see: the row at hand, and
// the row that each step keeps.
type Frame struct {
	Row   []any
	State [][]any
}

// Expr computes a value; values are as Operator says. Expressions whose values depend on
// the row alone are computed by the engine: these are for those that depend on state.
type Expr func(f *Frame) any

// Arg is an argument of a call.
type Arg struct {
	X    Expr
	Type schema.Type
}

// Field is a column of the row at hand.
func Field(i int) Expr { return func(f *Frame) any { return f.Row[i] } }

// Kept is a column of the row that a step keeps.
func Kept(step, i int) Expr { return func(f *Frame) any { return f.State[step][i] } }

// Constant is always v.
func Constant(v any) Expr { return func(*Frame) any { return v } }

// Call makes the expression of a function or operator. ok is false for those that are
// not known here.
func Call(op string, result schema.Type, args []Arg) (x Expr, ok bool) {
	if build, ok := lazyCalls[op]; ok {
		return build(args), true
	}
	if build, ok := strictCalls[op]; ok {
		if eval := build(result, args); eval != nil {
			return strict(args, eval), true
		}
		return nil, false
	}
	f, ok := Lookup(op)
	if !ok {
		return nil, false
	}
	return functionCall(f, result, args)
}

// strict computes all arguments first.
func strict(args []Arg, eval func(v []any) any) Expr {
	return func(f *Frame) any {
		v := make([]any, len(args))
		for i, a := range args {
			v[i] = a.X(f)
		}
		return eval(v)
	}
}

// functionCall calls a function that engines register. They pass an int as 32 bits.
func functionCall(f *Function, result schema.Type, args []Arg) (Expr, bool) {
	for i, a := range args {
		if i >= len(f.Params) && !f.Variadic || a.Type != f.Param(i) {
			return nil, false
		}
	}
	return strict(args, func(v []any) any {
		for i := range v {
			if n, ok := v[i].(int64); ok && f.Param(i) == schema.Int {
				v[i] = int32(n)
			}
		}
		out := f.Eval(v)
		if n, ok := out.(int32); ok {
			out = int64(n)
		}
		return Typed(result, out)
	}), true
}

// Typed is a value as an operator has it: a text is never nil.
func Typed(t schema.Type, v any) any {
	if v == nil && t == schema.String {
		return ""
	}
	return v
}

// lazyCalls compute only the arguments they need.
var lazyCalls = map[string]func(args []Arg) Expr{
	"and": func(args []Arg) Expr { return logic(args, false) },
	"or":  func(args []Arg) Expr { return logic(args, true) },
	"iff": choose, "case": choose,
	"coalesce": func(args []Arg) Expr {
		return func(f *Frame) any {
			var v any
			for _, a := range args {
				if v = a.X(f); v != nil && v != "" {
					return v
				}
			}
			return v
		}
	},
}

// logic is and, or: decided by the first argument that is the deciding value, null when
// none is and one is null.
func logic(args []Arg, decides bool) Expr {
	return func(f *Frame) any {
		null := false
		for _, a := range args {
			switch v := a.X(f); v {
			case decides:
				return decides
			case nil:
				null = true
			}
		}
		if null {
			return nil
		}
		return !decides
	}
}

// choose is case and iff: conditions, each with its value, and the value otherwise.
func choose(args []Arg) Expr {
	return func(f *Frame) any {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i].X(f) == true {
				return args[i+1].X(f)
			}
		}
		return args[len(args)-1].X(f)
	}
}

// strictCalls are given the result's type and the arguments, and make the function of
// the arguments' values; nil where they do not know the types.
var strictCalls = map[string]func(result schema.Type, args []Arg) func(v []any) any{
	"not": func(schema.Type, []Arg) func(v []any) any { return negated },
	"==":  func(schema.Type, []Arg) func(v []any) any { return equals },
	"!=": func(schema.Type, []Arg) func(v []any) any {
		return func(v []any) any { return negated([]any{equals(v)}) }
	},
	"<":  func(_ schema.Type, a []Arg) func(v []any) any { return ordered(a, func(c int) bool { return c < 0 }) },
	"<=": func(_ schema.Type, a []Arg) func(v []any) any { return ordered(a, func(c int) bool { return c <= 0 }) },
	">":  func(_ schema.Type, a []Arg) func(v []any) any { return ordered(a, func(c int) bool { return c > 0 }) },
	">=": func(_ schema.Type, a []Arg) func(v []any) any { return ordered(a, func(c int) bool { return c >= 0 }) },
	"=~": func(schema.Type, []Arg) func(v []any) any {
		return func(v []any) any { return strings.EqualFold(text(v, 0), text(v, 1)) }
	},
	"in": func(schema.Type, []Arg) func(v []any) any { return among },
	"+":  plus, "-": minus, "*": times, "/": divide, "%": modulo,
	"negate": func(t schema.Type, _ []Arg) func(v []any) any {
		return onNumber(t, func(n int64) int64 { return -n }, func(x float64) float64 { return -x })
	},
	"abs": func(t schema.Type, _ []Arg) func(v []any) any {
		return onNumber(t, func(n int64) int64 { return max(n, -n) }, math.Abs)
	},
	"isnull": func(_ schema.Type, a []Arg) func(v []any) any { return isNull(a[0].Type, true) },
	"isnotnull": func(_ schema.Type, a []Arg) func(v []any) any {
		return isNull(a[0].Type, false)
	},
	"isempty":    func(schema.Type, []Arg) func(v []any) any { return func(v []any) any { return isEmpty(v[0]) } },
	"isnotempty": func(schema.Type, []Arg) func(v []any) any { return func(v []any) any { return !isEmpty(v[0]) } },
	"min_of":     func(_ schema.Type, a []Arg) func(v []any) any { return extreme(a, -1) },
	"max_of":     func(_ schema.Type, a []Arg) func(v []any) any { return extreme(a, 1) },
	"strcat": func(schema.Type, []Arg) func(v []any) any {
		return func(v []any) any {
			var b strings.Builder
			for i := range v {
				b.WriteString(text(v, i))
			}
			return b.String()
		}
	},
	"tolower": func(schema.Type, []Arg) func(v []any) any {
		return func(v []any) any { return strings.ToLower(text(v, 0)) }
	},
	"toupper": func(schema.Type, []Arg) func(v []any) any {
		return func(v []any) any { return strings.ToUpper(text(v, 0)) }
	},
	"tostring": func(_ schema.Type, a []Arg) func(v []any) any { return toText(a[0].Type) },
	"tolong":   toNumber, "toint": toNumber, "toreal": toNumber, "tobool": toBool,
	"bin": binned,
	"to_dynamic": func(_ schema.Type, a []Arg) func(v []any) any {
		t := a[0].Type
		return func(v []any) any { return DynamicOf(t, v[0]) }
	},
	"pack_array": func(_ schema.Type, a []Arg) func(v []any) any {
		return func(v []any) any {
			parts := make([]string, len(v))
			for i := range v {
				parts[i] = "null"
				if s, ok := DynamicOf(a[i].Type, v[i]).(string); ok {
					parts[i] = s
				}
			}
			return "[" + strings.Join(parts, ",") + "]"
		}
	},
}

func negated(v []any) any {
	if b, ok := v[0].(bool); ok {
		return !b
	}
	return nil
}

// equals: two nulls give null, one gives false.
func equals(v []any) any {
	if v[0] == nil && v[1] == nil {
		return nil
	}
	return same(v[0], v[1])
}

func same(a, b any) bool {
	if x, y, ok := reals(a, b); ok {
		return x == y
	}
	return a == b
}

// reals are two numbers one of which is a floating-point one.
func reals(a, b any) (x, y float64, ok bool) {
	x, xReal := a.(float64)
	y, yReal := b.(float64)
	switch {
	case xReal && yReal:
		return x, y, true
	case xReal:
		n, ok := b.(int64)
		return x, float64(n), ok
	case yReal:
		n, ok := a.(int64)
		return float64(n), y, ok
	}
	return 0, 0, false
}

func among(v []any) any {
	for _, x := range v[1:] {
		if v[0] != nil && same(v[0], x) {
			return true
		}
	}
	return false
}

// ordered compares; with a null the answer is null.
func ordered(args []Arg, holds func(c int) bool) func(v []any) any {
	if !comparable2(args) {
		return nil
	}
	return func(v []any) any {
		if v[0] == nil || v[1] == nil {
			return nil
		}
		if x, y, ok := reals(v[0], v[1]); ok && (math.IsNaN(x) || math.IsNaN(y)) {
			return false
		}
		return holds(compare(v[0], v[1]))
	}
}

// comparable2: the values of the arguments have the order of their Go values.
func comparable2(args []Arg) bool {
	for _, a := range args {
		if a.Type == schema.Decimal || a.Type == schema.Dynamic {
			return false
		}
	}
	return true
}

func compare(a, b any) int {
	if x, y, ok := reals(a, b); ok {
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	case bool:
		y, _ := b.(bool)
		switch {
		case !x && y:
			return -1
		case x && !y:
			return 1
		}
	}
	return 0
}

// extreme leaves nulls out.
func extreme(args []Arg, sign int) func(v []any) any {
	if !comparable2(args) {
		return nil
	}
	return func(v []any) any {
		var best any
		for _, x := range v {
			if x != nil && (best == nil || compare(x, best)*sign > 0) {
				best = x
			}
		}
		return best
	}
}

func isNull(t schema.Type, want bool) func(v []any) any {
	if t == schema.String {
		return func([]any) any { return !want }
	}
	return func(v []any) any { return (v[0] == nil) == want }
}

func isEmpty(v any) bool { return v == nil || v == "" || v == `""` }
