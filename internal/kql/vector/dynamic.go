package vector

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// A dynamic value in Go: nil, bool, json.Number, string, []any, or *bag.

// bag is an object that keeps the order of its keys.
type bag struct {
	keys   []string
	values map[string]any
}

func newBag() *bag { return &bag{values: map[string]any{}} }

func (b *bag) set(key string, v any) {
	if _, ok := b.values[key]; !ok {
		b.keys = append(b.keys, key)
	}
	b.values[key] = v
}

// decode reads argument i; nil for null, absent or broken JSON.
func decode(args []any, i int) any {
	if i >= len(args) {
		return nil
	}
	s, ok := args[i].(string)
	if !ok {
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	v, err := decodeValue(dec, 0)
	if err != nil {
		return nil
	}
	return v
}

// maxJSONDepth bounds the nesting of a value.
const maxJSONDepth = 500

func decodeValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, strconv.ErrRange
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := decodeValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		b := newBag()
		for dec.More() {
			k, err := dec.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			b.set(k.(string), v)
		}
		_, err = dec.Token()
		return b, err
	}
	return tok, nil
}

// encode writes a dynamic value as JSON; null is nil.
func encode(v any) any {
	if v == nil {
		return nil
	}
	var b bytes.Buffer
	write(&b, v)
	return b.String()
}

func write(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case json.Number:
		b.WriteString(v.String())
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			b.WriteString(value.JSONString(value.FormatReal(v)))
		} else {
			b.WriteString(value.FormatReal(v))
		}
	case string:
		b.WriteString(value.JSONString(v))
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			write(b, e)
		}
		b.WriteByte(']')
	case *bag:
		b.WriteByte('{')
		for i, k := range v.keys {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(value.JSONString(k))
			b.WriteByte(':')
			write(b, v.values[k])
		}
		b.WriteByte('}')
	}
}

// key identifies a dynamic value, for sets.
func key(v any) string {
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	}
	var b bytes.Buffer
	write(&b, v)
	return b.String()
}

// plain is a dynamic value as text, without the quotes of a string.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		s, _ := encode(v).(string)
		return s
	}
}

func array(args []any, i int) ([]any, bool) {
	a, ok := decode(args, i).([]any)
	return a, ok
}

func object(args []any, i int) (*bag, bool) {
	b, ok := decode(args, i).(*bag)
	return b, ok
}

const (
	tDyn  = schema.Dynamic
	tStr  = schema.String
	tLong = schema.Long
	tBool = schema.Bool
	tReal = schema.Real
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

var dynamicFunctions = []*Function{
	{Name: "is_json", Params: []schema.Type{tStr}, Result: schema.Bool, Eval: func(a []any) any { return json.Valid([]byte(text(a, 0))) }},
	{Name: "toguid", Params: []schema.Type{tStr}, Result: schema.GUID, Eval: func(a []any) any {
		if g, ok := value.ParseGUID(text(a, 0)); ok {
			return g
		}
		return nil
	}},
	{Name: "bag_merge_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		list, ok := array(a, 0)
		if !ok {
			return nil
		}
		return encode(mergeBags(list))
	}},
	{Name: "bag_merge", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		list := make([]any, len(a))
		for i := range a {
			list[i] = decode(a, i)
		}
		return encode(mergeBags(list))
	}},
	{Name: "bag_pack_nonempty", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		b := newBag()
		for i := 0; i+1 < len(a); i += 2 {
			if v := decode(a, i+1); v != nil && v != "" {
				b.set(plain(decode(a, i)), v)
			}
		}
		return encode(b)
	}},
	{Name: "bag_remove_keys", Params: []schema.Type{tDyn, tDyn}, Result: tDyn, Eval: func(a []any) any {
		b, ok := object(a, 0)
		keys, ok2 := array(a, 1)
		if !ok || !ok2 {
			return nil
		}
		for _, k := range keys {
			removePath(b, plain(k))
		}
		return encode(b)
	}},
	{Name: "bag_has_key", Params: []schema.Type{tDyn, tStr}, Result: tBool, Eval: func(a []any) any {
		b, ok := object(a, 0)
		if !ok {
			return nil
		}
		_, has := lookupPath(b, text(a, 1))
		return has
	}},
	{Name: "bag_set_key", Params: []schema.Type{tDyn, tStr, tDyn}, Result: tDyn, Eval: func(a []any) any {
		b, ok := object(a, 0)
		if !ok {
			return nil
		}
		setPath(b, text(a, 1), decode(a, 2))
		return encode(b)
	}},
	{Name: "bag_zip", Params: []schema.Type{tDyn, tDyn}, Result: tDyn, Eval: func(a []any) any {
		keys, ok := array(a, 0)
		values, ok2 := array(a, 1)
		if !ok || !ok2 {
			return nil
		}
		b := newBag()
		for i, k := range keys {
			name, ok := k.(string)
			if !ok {
				continue
			}
			var v any
			if i < len(values) {
				v = values[i]
			}
			b.set(name, v)
		}
		return encode(b)
	}},
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
	{Name: "gettype", Params: []schema.Type{tDyn}, Result: tStr, Eval: func(a []any) any { return typeOf(decode(a, 0)) }},
	{Name: "dynamic_to_json", Params: []schema.Type{tDyn}, Result: tStr, Eval: func(a []any) any {
		s, _ := encode(sortKeys(decode(a, 0))).(string)
		return s
	}},
	{Name: "buildschema_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		list, ok := array(a, 0)
		if !ok {
			return nil
		}
		return encode(schemaOf(list))
	}},
	{Name: "treepath", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		var out []any
		treePaths(decode(a, 0), "", &out)
		return encode(out)
	}},
}

// maxArray bounds the arrays that functions make.
const maxArray = 1 << 20

func mergeBags(list []any) *bag {
	out := newBag()
	for _, v := range list {
		if b, ok := v.(*bag); ok {
			for _, k := range b.keys {
				if _, taken := out.values[k]; !taken {
					out.set(k, b.values[k])
				}
			}
		}
	}
	return out
}

// pathParts takes a JSONPath such as $.a.b['c'] apart; a name without $ is one key.
func pathParts(p string) []string {
	rest, ok := strings.CutPrefix(p, "$")
	if !ok {
		return []string{p}
	}
	var parts []string
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "['") || strings.HasPrefix(rest, `["`):
			end := strings.Index(rest[2:], rest[1:2]+"]")
			if end < 0 {
				return parts
			}
			parts = append(parts, rest[2:2+end])
			rest = rest[2+end+2:]
		case rest[0] == '[':
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return parts
			}
			parts = append(parts, rest[1:end])
			rest = rest[end+1:]
		case rest[0] == '.':
			rest = rest[1:]
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			parts = append(parts, rest[:end])
			rest = rest[end:]
		default:
			return append(parts, rest)
		}
	}
	return parts
}

func step(v any, part string) (any, bool) {
	switch v := v.(type) {
	case *bag:
		out, ok := v.values[part]
		return out, ok
	case []any:
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, false
		}
		if n < 0 {
			n += len(v)
		}
		if n < 0 || n >= len(v) {
			return nil, false
		}
		return v[n], true
	}
	return nil, false
}

func lookupPath(v any, path string) (any, bool) {
	for _, p := range pathParts(path) {
		next, ok := step(v, p)
		if !ok {
			return nil, false
		}
		v = next
	}
	return v, true
}

func removePath(b *bag, path string) {
	parts := pathParts(path)
	if len(parts) == 0 {
		return
	}
	var v any = b
	for _, p := range parts[:len(parts)-1] {
		next, ok := step(v, p)
		if !ok {
			return
		}
		v = next
	}
	if in, ok := v.(*bag); ok {
		last := parts[len(parts)-1]
		delete(in.values, last)
		in.keys = slices.DeleteFunc(in.keys, func(k string) bool { return k == last })
	}
}

func setPath(b *bag, path string, value any) {
	parts := pathParts(path)
	for i, p := range parts {
		if i == len(parts)-1 {
			b.set(p, value)
			return
		}
		next, ok := b.values[p].(*bag)
		if !ok {
			next = newBag()
			b.set(p, next)
		}
		b = next
	}
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

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// order compares two dynamic values: numbers by value, else texts.
func order(x, y any) int {
	if nx, ok := x.(json.Number); ok {
		if ny, ok := y.(json.Number); ok {
			a, okA := new(big.Float).SetString(nx.String())
			b, okB := new(big.Float).SetString(ny.String())
			if okA && okB {
				return a.Cmp(b)
			}
		}
	}
	return strings.Compare(plain(x), plain(y))
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

func real64(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	case bool:
		return float64(boolInt(v)), true
	}
	return 0, false
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case string:
		return "string"
	case []any:
		return "array"
	case *bag:
		return "dictionary"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "double"
		}
		return "long"
	}
	return ""
}

func treePaths(v any, at string, out *[]any) {
	switch v := v.(type) {
	case *bag:
		for _, k := range v.keys {
			p := at + "['" + k + "']"
			*out = append(*out, p)
			treePaths(v.values[k], p, out)
		}
	case []any:
		if len(v) > 0 {
			p := at + "[0]"
			*out = append(*out, p)
			treePaths(v[0], p, out)
		}
	}
}

// sortKeys puts the keys of all objects in order.
func sortKeys(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = sortKeys(v[i])
		}
	case *bag:
		slices.Sort(v.keys)
		for _, k := range v.keys {
			v.values[k] = sortKeys(v.values[k])
		}
	}
	return v
}

// schemaOf is the least schema that admits all of the values: the name of a type, a bag
// of the properties' schemas (of an array's elements under `indexer`), or an array of
// the schemas that are possible. Nulls admit anything.
func schemaOf(list []any) any {
	var types []any
	var objects, elements []any
	isArray := false
	for _, v := range list {
		switch v := v.(type) {
		case nil:
		case *bag:
			objects = append(objects, v)
		case []any:
			isArray, elements = true, append(elements, v...)
		default:
			if t := schemaType(v); !slices.Contains(types, any(t)) {
				types = append(types, t)
			}
		}
	}
	if len(objects) > 0 {
		types = append(types, objectSchema(objects))
	}
	if isArray {
		b := newBag()
		b.set("`indexer`", schemaOf(elements))
		types = append(types, b)
	}
	switch len(types) {
	case 0:
		return nil
	case 1:
		return types[0]
	}
	return types
}

func schemaType(v any) string {
	s, isText := v.(string)
	if isText {
		if _, ok := value.ParseGUID(s); ok {
			return "guid"
		}
		return "string"
	}
	return typeOf(v)
}

func objectSchema(objects []any) *bag {
	out := newBag()
	members := map[string][]any{}
	for _, o := range objects {
		b := o.(*bag)
		for _, k := range b.keys {
			if _, ok := members[k]; !ok {
				out.keys = append(out.keys, k)
			}
			members[k] = append(members[k], b.values[k])
		}
	}
	for _, k := range out.keys {
		out.values[k] = schemaOf(members[k])
	}
	return out
}
