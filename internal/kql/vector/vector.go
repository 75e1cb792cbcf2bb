// Package vector holds the functions of KQL that SQL cannot say, written in Go. Each is
// pure: values in, a value out. Engines register them under their SQL names; the
// dialect calls them where it has no SQL for a function.
package vector

import (
	"sync"

	"spoor/internal/schema"
)

// Function is a scalar function for an engine to register. Values are nil, bool (Bool),
// int32 (Int), int64 (Long, DateTime, TimeSpan), float64 (Real), string (all else);
// Dynamic is JSON text.
type Function struct {
	Name   string
	Params []schema.Type
	// Variadic: the last parameter may be repeated.
	Variadic bool
	Result   schema.Type
	// Eval computes one value. It must not keep args. A value that is an error ends the
	// query with its text. Safe for concurrent use.
	Eval func(args []any) any
}

// SQLName is the name an engine registers the function under.
func (f *Function) SQLName() string { return "kql_" + f.Name }

// Param is the type of parameter i; the last one repeats.
func (f *Function) Param(i int) schema.Type {
	return f.Params[min(i, len(f.Params)-1)]
}

// Lookup finds a function by its KQL name.
func Lookup(name string) (*Function, bool) {
	f, ok := registry().byName[name]
	return f, ok
}

// Functions lists all functions in the order of the groups, for an engine to register.
func Functions() []*Function { return registry().all }

// groups are all functions, by family.
func groups() [][]*Function {
	return [][]*Function{
		timeFunctions, dynamicFunctions, bagFunctions, arrayFunctions, setFunctions, schemaFunctions, textFunctions, termFunctions,
		encodingFunctions, addressFunctions, hashFunctions, mathFunctions, decimalFunctions, unitFunctions,
		sketchFunctions, seriesFunctions, seriesFillFunctions, seriesFilterFunctions, seriesFitFunctions, seriesShapeFunctions,
		geoInfoFunctions, geoPointFunctions, geoLineFunctions, geoPolygonFunctions, geoOverlayFunctions, geoCellFunctions,
	}
}

type index struct {
	all    []*Function
	byName map[string]*Function
}

// registry is put together once. A name that two groups claim is a mistake of ours.
var registry = sync.OnceValue(func() index {
	r := index{byName: map[string]*Function{}}
	for _, group := range groups() {
		for _, f := range group {
			if _, taken := r.byName[f.Name]; taken {
				panic("vector: two functions are called " + f.Name)
			}
			r.all = append(r.all, f)
			r.byName[f.Name] = f
		}
	}
	return r
})

// tooLarge ends a query that would make a value beyond the limits.
type tooLarge struct{ function string }

func (e tooLarge) Error() string { return e.function + "(): the result is larger than a value may be" }

// maxText bounds the texts that functions make longer than what they are given, in
// bytes. Kusto keeps values to 1 MB when it stores them and has no stated limit in a
// query; ours keeps a row from eating the memory.
const maxText = 16 << 20

// text is argument i as a text; a null is empty.
func text(args []any, i int) string {
	if i >= len(args) {
		return ""
	}
	s, _ := args[i].(string)
	return s
}

// number is argument i as a whole number.
func number(args []any, i int) (int64, bool) {
	if i >= len(args) {
		return 0, false
	}
	n, ok := args[i].(int64)
	return n, ok
}

// float is argument i as a floating-point number.
func float(args []any, i int) (float64, bool) {
	if i >= len(args) {
		return 0, false
	}
	f, ok := args[i].(float64)
	return f, ok
}
