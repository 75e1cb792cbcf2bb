package query

import (
	"spoor/internal/kql/vector"
	"spoor/internal/store"
)

// Functions are the functions that an engine must have registered before it runs
// queries: what KQL has and SQL has not. Places answers geo_info_from_ip_address; nil
// knows no address.
func Functions(places vector.Places) []store.Function {
	geoInfo := vector.GeoInfo(places)
	var out []store.Function
	for _, f := range vector.Functions() {
		if f.Name == geoInfo.Name {
			f = geoInfo
		}
		out = append(out, store.Function{Name: f.SQLName(), Params: f.Params, Variadic: f.Variadic, Result: f.Result, Eval: f.Eval})
	}
	return out
}
