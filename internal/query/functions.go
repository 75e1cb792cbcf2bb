package query

import (
	"spoor/internal/kql/vector"
	"spoor/internal/store"
)

// Functions are the functions that an engine must have registered before it runs
// queries: what KQL has and SQL has not.
func Functions() []store.Function {
	var out []store.Function
	for _, f := range vector.Functions() {
		out = append(out, store.Function{Name: f.SQLName(), Params: f.Params, Variadic: f.Variadic, Result: f.Result, Eval: f.Eval})
	}
	return out
}
