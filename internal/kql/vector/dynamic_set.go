package vector

import (
	"slices"

	"spoor/internal/schema"
)

var setFunctions = []*Function{
	{Name: "set_has_element", Params: []schema.Type{tDyn, tDyn}, Result: tBool, Eval: func(a []any) any {
		list, ok := array(a, 0)
		if !ok {
			return nil
		}
		want := key(decode(a, 1))
		return slices.ContainsFunc(list, func(v any) bool { return key(v) == want })
	}},
	{Name: "set_union", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		return combine(a, func(sets [][]any) []any { return slices.Concat(sets...) })
	}},
	{Name: "set_intersect", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		return combine(a, func(sets [][]any) []any { return keepIn(sets, true) })
	}},
	{Name: "set_difference", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		return combine(a, func(sets [][]any) []any { return keepIn(sets, false) })
	}},
	{Name: "set_equals", Params: []schema.Type{tDyn, tDyn}, Result: tBool, Eval: func(a []any) any {
		x, ok := array(a, 0)
		y, ok2 := array(a, 1)
		if !ok || !ok2 {
			return nil
		}
		x, y = unique(x), unique(y)
		return len(x) == len(y) && len(keepIn([][]any{x, y}, true)) == len(x)
	}},
	{Name: "jaccard_index", Params: []schema.Type{tDyn, tDyn}, Result: tReal, Eval: func(a []any) any {
		x, ok := array(a, 0)
		y, ok2 := array(a, 1)
		if !ok || !ok2 {
			return nil
		}
		common := len(unique(keepIn([][]any{x, y}, true)))
		total := len(unique(slices.Concat(x, y)))
		return float64(common) / float64(total)
	}},
	{Name: "array_unique", Params: []schema.Type{tDyn, tLong}, Result: tDyn, Eval: func(a []any) any {
		list, ok := array(a, 0)
		most, _ := number(a, 1)
		if !ok {
			return nil
		}
		list = slices.DeleteFunc(unique(list), func(v any) bool { return v == nil })
		return encode(list[:max(0, min(int64(len(list)), most))])
	}},
}

func unique(a []any) []any {
	seen := map[string]bool{}
	out := []any{}
	for _, v := range a {
		if k := key(v); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

// combine applies a set operation to all arguments; null when one is no array.
func combine(args []any, f func([][]any) []any) any {
	sets := make([][]any, len(args))
	for i := range args {
		a, ok := array(args, i)
		if !ok {
			return nil
		}
		sets[i] = a
	}
	return encode(unique(f(sets)))
}

// keepIn keeps of the first set what is in all others, or in none of them.
func keepIn(sets [][]any, in bool) []any {
	out := []any{}
	others := make([]map[string]bool, 0, len(sets))
	for _, s := range sets[1:] {
		m := map[string]bool{}
		for _, v := range s {
			m[key(v)] = true
		}
		others = append(others, m)
	}
	for _, v := range sets[0] {
		k := key(v)
		keep := true
		for _, m := range others {
			if m[k] != in {
				keep = false
			}
		}
		if keep {
			out = append(out, v)
		}
	}
	return out
}
