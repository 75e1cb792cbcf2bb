// Package vector holds the functions of KQL that SQL cannot say, written in Go. Each is
// pure: values in, a value out. Engines register them under their SQL names; the
// dialect calls them where it has no SQL for a function.
package vector

import "spoor/internal/schema"

// Function is a scalar function for an engine to register. Values are nil, bool (Bool),
// int32 (Int), int64 (Long, DateTime, TimeSpan), float64 (Real), string (all else);
// Dynamic is JSON text.
type Function struct {
	Name   string
	Params []schema.Type
	// Variadic: the last parameter may be repeated.
	Variadic bool
	Result   schema.Type
	// Eval computes one value. It must not keep args. Safe for concurrent use.
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
	f, ok := byName[name]
	return f, ok
}

// Functions lists all functions, for an engine to register.
func Functions() []*Function { return all }

var (
	all    []*Function
	byName = map[string]*Function{}
)

func init() {
	for _, group := range [][]*Function{timeFunctions, dynamicFunctions, textFunctions, addressFunctions, seriesFunctions} {
		for _, f := range group {
			all = append(all, f)
			byName[f.Name] = f
		}
	}
}

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
