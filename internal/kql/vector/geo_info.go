package vector

import (
	"encoding/json"
	"net/netip"

	"spoor/internal/schema"
)

// Place is where an address is registered, as far as it is known. Its JSON is what
// geo_info_from_ip_address gives.
type Place struct {
	Country   string   `json:"country"`
	State     string   `json:"state"`
	City      string   `json:"city"`
	Latitude  *float64 `json:"latitude"` // degrees
	Longitude *float64 `json:"longitude"`
}

// Places finds the place of an address; false when nothing is known of it. It is safe for
// concurrent use.
type Places func(netip.Addr) (Place, bool)

const geoInfoName = "geo_info_from_ip_address"

// geoInfoFunctions stands for the function until GeoInfo has made one: it knows no
// address.
var geoInfoFunctions = []*Function{GeoInfo(nil)}

// GeoInfo is geo_info_from_ip_address over some databases; nil knows no address. A text
// that is no address, and an address that is nowhere, give null.
func GeoInfo(places Places) *Function {
	return &Function{Name: geoInfoName, Params: []schema.Type{tStr}, Result: tDyn, Eval: func(args []any) any {
		a, err := netip.ParseAddr(text(args, 0))
		if err != nil || places == nil {
			return nil
		}
		p, ok := places(a.Unmap().WithZone(""))
		if !ok {
			return nil
		}
		out, err := json.Marshal(p)
		if err != nil {
			return nil
		}
		return string(out)
	}}
}
