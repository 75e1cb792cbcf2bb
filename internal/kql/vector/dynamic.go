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

// maxArray bounds the arrays that functions make.
const maxArray = 1 << 20

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

var dynamicFunctions = []*Function{
	{Name: "is_json", Params: []schema.Type{tStr}, Result: schema.Bool, Eval: func(a []any) any { return json.Valid([]byte(text(a, 0))) }},
	{Name: "toguid", Params: []schema.Type{tStr}, Result: schema.GUID, Eval: func(a []any) any {
		if g, ok := value.ParseGUID(text(a, 0)); ok {
			return g
		}
		return nil
	}},
	{Name: "gettype", Params: []schema.Type{tDyn}, Result: tStr, Eval: func(a []any) any { return typeOf(decode(a, 0)) }},
	{Name: "dynamic_to_json", Params: []schema.Type{tDyn}, Result: tStr, Eval: func(a []any) any {
		s, _ := encode(sortKeys(decode(a, 0))).(string)
		return s
	}},
}
