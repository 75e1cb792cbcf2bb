package generate

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"
)

// place is where an invented network is. Country codes are of those that ISO 3166 leaves
// to users, AS numbers of those for documentation (RFC 5398), coordinates in the oceans.
type place struct {
	cidr     string
	code     string
	country  string
	state    string
	city     string
	lat, lon float64
	asn      uint32
	org      string
}

var places = []place{
	{"192.0.2.0/26", "XA", "Aldermark", "Northshire", "Finchport", 46.5, -28.0, 64496, "Alder & Finch"},
	{"192.0.2.128/25", "XC", "Corvania", "Lower Corvania", "Saltmere", -12.0, 84.0, 64500, "Saltmere Bulk Hosting"},
	{"198.51.100.0/25", "XA", "Aldermark", "Southshire", "Larkhaven", 44.0, -30.5, 64497, "Larkhaven Content Delivery"},
	{"198.51.100.128/26", "XD", "Dunmoor", "Heath", "Gorse Bay", 8.0, -40.0, 64498, "Heath Cloud"},
	{"198.51.100.192/27", "XD", "Dunmoor", "Heath", "Gorse Bay", 8.0, -40.0, 64498, "Heath Cloud"},
	{"198.51.100.224/27", "XB", "Brannoch", "Upper Brannoch", "Kestrel Point", -34.0, -18.0, 64502, "Kestrel Point Storage"},
	{"203.0.113.0/26", "XE", "Eskerland", "Middle Esker", "Thornby", 30.0, -52.0, 64503, "Thornby Broadband"},
	{"203.0.113.64/27", "XB", "Brannoch", "Lower Brannoch", "Cold Quay", -36.5, -20.0, 64501, "Cold Quay Virtual Servers"},
	{"203.0.113.96/27", "XF", "Fenwick Isles", "Outer Fens", "Reedholm", 20.0, 150.0, 64504, "Reedholm Networks"},
	{"203.0.113.128/25", "XF", "Fenwick Isles", "Inner Fens", "Sedgewater", 18.0, 152.0, 64505, "Sedgewater Hosting"},
	{"2001:db8::/33", "XA", "Aldermark", "Southshire", "Larkhaven", 44.0, -30.5, 64497, "Larkhaven Content Delivery"},
	{"2001:db8:8000::/33", "XE", "Eskerland", "Middle Esker", "Thornby", 30.0, -52.0, 64503, "Thornby Broadband"},
	{"3fff:a1d::/32", "XA", "Aldermark", "Northshire", "Finchport", 46.5, -28.0, 64496, "Alder & Finch"},
}

// GeoDB writes a database in MaxMind's format that knows the invented networks, so that
// the demo organisation has places and AS numbers and no real one is named. built is
// the date it carries.
func GeoDB(out io.Writer, built time.Time) error {
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: "Spoor-Demo-City", BuildEpoch: built.Unix(), Languages: []string{"en"},
		Description:             map[string]string{"en": "Spoor demo (invented places)"},
		IncludeReservedNetworks: true, DisableIPv4Aliasing: true,
	})
	if err != nil {
		return fmt.Errorf("begin the demo geo database: %w", err)
	}
	for _, p := range places {
		if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix(p.cidr)), p.record()); err != nil {
			return fmt.Errorf("add %s to the demo geo database: %w", p.cidr, err)
		}
	}
	if _, err := tree.WriteTo(out); err != nil {
		return fmt.Errorf("write the demo geo database: %w", err)
	}
	return nil
}

func (p *place) record() mmdbtype.Map {
	named := func(name string) mmdbtype.Map {
		return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(name)}}
	}
	country := named(p.country)
	country["iso_code"] = mmdbtype.String(p.code)
	return mmdbtype.Map{
		"country":                        country,
		"subdivisions":                   mmdbtype.Slice{named(p.state)},
		"city":                           named(p.city),
		"location":                       mmdbtype.Map{"latitude": mmdbtype.Float64(p.lat), "longitude": mmdbtype.Float64(p.lon)},
		"autonomous_system_number":       mmdbtype.Uint32(p.asn),
		"autonomous_system_organization": mmdbtype.String(p.org),
	}
}
