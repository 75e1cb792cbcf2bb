package vector

import (
	"encoding/json"
	"slices"
	"strings"

	"spoor/internal/schema"
)

// arrayTo is a function of an array, and perhaps more, to a dynamic value; null for what
// is no array.
func arrayTo(name string, more []schema.Type, f func(a []any, args []any) any) *Function {
	return &Function{
		Name: name, Params: append([]schema.Type{tDyn}, more...), Variadic: len(more) > 0, Result: tDyn,
		Eval: func(args []any) any {
			a, ok := array(args, 0)
			if !ok {
				return nil
			}
			return encode(f(a, args))
		},
	}
}

var arrayFunctions = []*Function{
	{Name: "strcat_array", Params: []schema.Type{tDyn, tStr}, Result: tStr, Eval: func(a []any) any {
		list, _ := array(a, 0)
		parts := make([]string, len(list))
		for i, v := range list {
			parts[i] = plain(v)
		}
		return strings.Join(parts, text(a, 1))
	}},
	{Name: "array_concat", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		out, any := []any{}, false
		for i := range a {
			if list, ok := array(a, i); ok {
				out, any = append(out, list...), true
			}
		}
		if !any {
			return nil
		}
		return encode(out)
	}},
	arrayTo("array_slice", []schema.Type{tLong, tLong}, func(a []any, args []any) any {
		from, _ := number(args, 1)
		to, ok := number(args, 2)
		if !ok {
			return nil
		}
		n := int64(len(a))
		if from < 0 {
			from += n
		}
		if to < 0 {
			to += n
		}
		from, to = max(from, 0), min(to, n-1)
		if from > to {
			return []any{}
		}
		return a[from : to+1]
	}),
	arrayTo("array_reverse", nil, func(a []any, _ []any) any { slices.Reverse(a); return a }),
	arrayTo("array_rotate_left", []schema.Type{tLong}, func(a []any, args []any) any {
		n, _ := number(args, 1)
		return rotate(a, n)
	}),
	arrayTo("array_rotate_right", []schema.Type{tLong}, func(a []any, args []any) any {
		n, _ := number(args, 1)
		return rotate(a, -n)
	}),
	{Name: "array_shift_left", Params: []schema.Type{tDyn, tLong, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any { return shift(a, 1) }},
	{Name: "array_shift_right", Params: []schema.Type{tDyn, tLong, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any { return shift(a, -1) }},
	{Name: "array_split", Params: []schema.Type{tDyn, tDyn}, Result: tDyn, Eval: arraySplit},
	{Name: "array_sum", Params: []schema.Type{tDyn}, Result: tReal, Eval: func(a []any) any {
		list, ok := array(a, 0)
		if !ok {
			return nil
		}
		total := 0.0
		for _, v := range list {
			f, ok := real64(v)
			if !ok {
				return nil
			}
			total += f
		}
		return total
	}},
	{Name: "array_index_of", Params: []schema.Type{tDyn, tDyn, tLong}, Variadic: true, Result: tLong, Eval: arrayIndexOf},
	{Name: "array_iff", Params: []schema.Type{tDyn, tDyn, tDyn}, Result: tDyn, Eval: arrayIff},
	sorted("array_sort_asc", 1), sorted("array_sort_desc", -1),
	{Name: "zip", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: zip},
	{Name: "repeat", Params: []schema.Type{tDyn, tLong}, Result: tDyn, Eval: func(a []any) any {
		n, ok := number(a, 1)
		if !ok || n < 0 || n > maxArray {
			return nil
		}
		out := make([]any, n)
		v := decode(a, 0)
		for i := range out {
			out[i] = v
		}
		return encode(out)
	}},
}

func rotate(a []any, n int64) []any {
	if len(a) == 0 {
		return a
	}
	size := int64(len(a))
	n = ((n % size) + size) % size
	return slices.Concat(a[n:], a[:n])
}

func shift(args []any, direction int64) any {
	a, ok := array(args, 0)
	n, ok2 := number(args, 1)
	if !ok || !ok2 {
		return nil
	}
	fill := decode(args, 2)
	if len(args) < 3 && allTexts(a) {
		fill = ""
	}
	n *= direction
	out := make([]any, len(a))
	for i := range out {
		out[i] = fill
		if j := int64(i) + n; j >= 0 && j < int64(len(a)) {
			out[i] = a[j]
		}
	}
	return encode(out)
}

// allTexts reports whether an array is one of texts.
func allTexts(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v any) bool { _, ok := v.(string); return !ok })
}

func arraySplit(args []any) any {
	a, ok := array(args, 0)
	if !ok {
		return nil
	}
	var cuts []any
	switch v := decode(args, 1).(type) {
	case []any:
		cuts = v
	case json.Number:
		cuts = []any{v}
	default:
		return nil
	}
	out, from := []any{}, 0
	for _, c := range cuts {
		f, _ := real64(c)
		at := int(f)
		if at < 0 {
			at += len(a)
		}
		at = max(from, min(at, len(a)))
		out = append(out, a[from:at])
		from = at
	}
	return encode(append(out, a[from:]))
}

// arrayIndexOf finds the n-th occurrence of a value from a start on, within a length.
func arrayIndexOf(args []any) any {
	a, ok := array(args, 0)
	if !ok {
		return nil
	}
	start, length, nth, ok := searchBounds(args, len(a))
	if !ok {
		return nil
	}
	end := len(a)
	if length >= 0 {
		end = min(end, start+length)
	}
	want := key(decode(args, 1))
	for i := start; i < end; i++ {
		if key(a[i]) == want {
			if nth--; nth == 0 {
				return int64(i)
			}
		}
	}
	return int64(-1)
}

func arrayIff(args []any) any {
	conds, ok := array(args, 0)
	if !ok {
		return nil
	}
	pick := func(i int) func(int) any {
		v := decode(args, i)
		list, isArray := v.([]any)
		return func(j int) any {
			if !isArray {
				return v
			}
			if j < len(list) {
				return list[j]
			}
			return nil
		}
	}
	yes, no := pick(1), pick(2)
	out := make([]any, len(conds))
	for i, c := range conds {
		switch c := c.(type) {
		case bool:
			if c {
				out[i] = yes(i)
			} else {
				out[i] = no(i)
			}
		case json.Number:
			f, _ := real64(c)
			if f != 0 {
				out[i] = yes(i)
			} else {
				out[i] = no(i)
			}
		}
	}
	return encode(out)
}

// sorted sorts an array; further arrays are put in the order of the first. A truth value
// at the end says whether nulls come last. Several arrays give an array of arrays, one of
// another length than the first null.
func sorted(name string, direction int) *Function {
	return &Function{Name: name, Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(args []any) any {
		nullsLast := true
		if n := len(args); n > 1 {
			if last, ok := decode(args, n-1).(bool); ok {
				nullsLast, args = last, args[:n-1]
			}
		}
		first, ok := array(args, 0)
		if !ok {
			return nil
		}
		places := ranking(first, direction, nullsLast)
		var out []any
		for i := range args {
			a, _ := array(args, i)
			out = append(out, arrange(a, places))
		}
		if len(out) == 1 {
			return encode(out[0])
		}
		return encode(out)
	}}
}

// ranking is where the elements of an array go: the place of the first, the second and so on.
func ranking(a []any, direction int, nullsLast bool) []int {
	places := make([]int, len(a))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int {
		x, y := a[i], a[j]
		if x == nil || y == nil {
			if nullsLast {
				return boolInt(x == nil) - boolInt(y == nil)
			}
			return boolInt(y == nil) - boolInt(x == nil)
		}
		return direction * order(x, y)
	})
	return places
}

// arrange puts the elements at their places.
func arrange(a []any, places []int) any {
	if len(a) != len(places) {
		return nil
	}
	out := make([]any, len(a))
	for i, p := range places {
		out[i] = a[p]
	}
	return out
}

func zip(args []any) any {
	var lists [][]any
	n := 0
	for i := range args {
		a, ok := array(args, i)
		if !ok {
			a = []any{}
		}
		lists = append(lists, a)
		n = max(n, len(a))
	}
	out := make([]any, n)
	for i := range out {
		row := make([]any, len(lists))
		for j, l := range lists {
			if i < len(l) {
				row[j] = l[i]
			}
		}
		out[i] = row
	}
	return encode(out)
}
