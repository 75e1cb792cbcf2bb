package enrich

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// openMMDB opens the files of one database in MaxMind's file format.
func openMMDB(g group) (_ *database, err error) {
	db := &database{Source: Source{Files: g.files()}}
	readers := map[string]*maxminddb.Reader{}
	db.close = func() error {
		var errs []error
		for _, r := range readers {
			errs = append(errs, r.Close())
		}
		return errors.Join(errs...)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()
	for _, path := range db.Files {
		r, err := maxminddb.Open(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		readers[path] = r
		if db.BuiltAt.IsZero() || r.Metadata.BuildTime().Before(db.BuiltAt) {
			db.BuiltAt = r.Metadata.BuildTime().UTC() // of two files the older one
		}
		if g.v4 == path {
			db.v4 = mmdb{r}
		}
		if g.v6 == path && r.Metadata.IPVersion == 6 {
			db.v6 = mmdb{r}
		}
		db.everyAddress = !db.describe(r.Metadata.DatabaseType, g.stem)
		kind := r.Metadata.DatabaseType
		db.noASN = !db.everyAddress &&
			(strings.Contains(kind, "City") || strings.Contains(kind, "-city") || strings.Contains(kind, "Country") || strings.HasSuffix(kind, "asn-country"))
		if db.everyAddress {
			db.Name = cmp.Or(r.Metadata.Description["en"], filepath.Base(g.stem))
		}
	}
	return db, nil
}

// mmdb reads records in two layouts: MaxMind's (country.iso_code, city.names.en …) and
// the flat one of ip-location-db (country_code, state1, city …).
type mmdb struct{ r *maxminddb.Reader }

func (m mmdb) lookup(a netip.Addr, g *Geo) (bool, error) {
	result := m.r.Lookup(a)
	if err := result.Err(); err != nil || !result.Found() {
		return false, err
	}
	var v any
	if err := result.Decode(&v); err != nil {
		return false, err
	}
	rec, ok := v.(map[string]any)
	if !ok {
		return false, fmt.Errorf("the record of %s is no map", result.Prefix())
	}
	fill(g, rec)
	g.Network = result.Prefix()
	return true, nil
}

func fill(g *Geo, rec map[string]any) {
	country := object(rec["country"])
	if len(country) == 0 {
		country = object(rec["registered_country"])
	}
	g.CountryCode = cmp.Or(text(country["iso_code"]), text(rec["country_code"]))
	g.Country = cmp.Or(english(country), countryName(g.CountryCode))
	g.State = text(rec["state1"])
	if list, ok := rec["subdivisions"].([]any); ok && len(list) > 0 {
		g.State = english(object(list[0]))
	}
	g.City = cmp.Or(english(object(rec["city"])), text(rec["city"]))
	g.PostalCode = cmp.Or(text(object(rec["postal"])["code"]), text(rec["postcode"]))
	place := object(rec["location"])
	if len(place) == 0 {
		place = rec
	}
	if lat, lon := number(place["latitude"]), number(place["longitude"]); lat != nil && lon != nil {
		g.Latitude, g.Longitude = lat, lon
		g.RadiusKM = whole(place["accuracy_radius"])
	}
	traits := object(rec["traits"])
	for _, from := range []map[string]any{rec, traits} {
		fillLine(g, from)
		if n, ok := from["autonomous_system_number"].(uint64); ok && g.ASN == 0 && n < 1<<32 {
			g.ASN = uint32(n)
		}
		g.Org = cmp.Or(g.Org, text(from["autonomous_system_organization"]))
	}
}

// anonymizers are the marks of MaxMind's Anonymous IP database.
var anonymizers = []struct{ field, word string }{
	{"is_anonymous_vpn", "VPN"},
	{"is_hosting_provider", "hosting provider"},
	{"is_public_proxy", "public proxy"},
	{"is_residential_proxy", "residential proxy"},
	{"is_tor_exit_node", "Tor exit"},
}

// fillLine reads what a record says of the line: the fields of MaxMind's ISP, Connection
// Type, Enterprise and Anonymous IP databases, which others use, too.
func fillLine(g *Geo, from map[string]any) {
	g.ISP = cmp.Or(g.ISP, text(from["isp"]))
	g.ConnectionType = cmp.Or(g.ConnectionType, text(from["connection_type"]))
	g.UserType = cmp.Or(g.UserType, text(from["user_type"]))
	if country, network := text(from["mobile_country_code"]), text(from["mobile_network_code"]); country != "" && network != "" {
		g.MobileNetwork = country + "-" + network
	}
	for _, a := range anonymizers {
		if set, _ := from[a.field].(bool); set {
			g.Anonymizers = append(g.Anonymizers, a.word)
		}
	}
}

func whole(v any) uint64 {
	n, _ := v.(uint64)
	return n
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func english(place map[string]any) string { return text(object(place["names"])["en"]) }

func number(v any) *float64 {
	switch n := v.(type) {
	case float64:
		return &n
	case float32:
		f := float64(n)
		return &f
	default:
		return nil
	}
}

// countryName is the English name of an ISO country code, "" when there is none.
func countryName(code string) string {
	if len(code) != 2 {
		return ""
	}
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return ""
	}
	return display.English.Regions().Name(region)
}
