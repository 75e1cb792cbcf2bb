package vector

import (
	"slices"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

var schemaFunctions = []*Function{
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
