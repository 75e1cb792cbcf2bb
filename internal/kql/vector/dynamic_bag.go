package vector

import (
	"slices"
	"strconv"
	"strings"

	"spoor/internal/schema"
)

var bagFunctions = []*Function{
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
}

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
