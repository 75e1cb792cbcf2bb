package enrich_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"spoor/internal/enrich"
)

// records is what a test database holds, by CIDR.
type records map[string]mmdbtype.Map

// writeMMDB writes a database of a type, built in May 2024.
func writeMMDB(t *testing.T, path, databaseType string, ipVersion int, recs records) {
	t.Helper()
	writeBuild(t, path, databaseType, ipVersion, time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), recs)
}

// writeBuild writes one build of a database.
func writeBuild(t *testing.T, path, databaseType string, ipVersion int, built time.Time, recs records) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: databaseType, IPVersion: ipVersion, IncludeReservedNetworks: true, DisableIPv4Aliasing: true,
		BuildEpoch:  built.Unix(),
		Description: map[string]string{"en": databaseType + " for tests"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for cidr, rec := range recs {
		if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix(cidr)), rec); err != nil {
			t.Fatal(err)
		}
	}
	var buf bytes.Buffer
	if _, err := tree.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, buf.String())
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func openAll(t *testing.T, paths ...string) *enrich.Databases {
	t.Helper()
	d, err := enrich.Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func en(name string) mmdbtype.Map {
	return mmdbtype.Map{"names": mmdbtype.Map{"de": mmdbtype.String("falsch"), "en": mmdbtype.String(name)}}
}

var prefixes = cmp.Comparer(func(x, y netip.Prefix) bool { return x == y })

func TestLookupLayouts(t *testing.T) {
	dir := t.TempDir()
	country := en("Utopia")
	country["iso_code"] = mmdbtype.String("UT")
	writeMMDB(t, filepath.Join(dir, "a", "GeoLite2-City.mmdb"), "GeoLite2-City", 6, records{
		"9.1.0.0/16": {
			"country":      country,
			"subdivisions": mmdbtype.Slice{en("North"), en("Inner north")},
			"city":         en("Amaurot"),
			"postal":       mmdbtype.Map{"code": mmdbtype.String("1516")},
			"location":     mmdbtype.Map{"latitude": mmdbtype.Float64(51.5), "longitude": mmdbtype.Float64(-0.25)},
		},
		"2a00::/16":  {"registered_country": country},
		"10.0.0.0/8": {"country": country},
	})
	writeMMDB(t, filepath.Join(dir, "b", "dbip-city-ipv4.mmdb"), "city ipv4", 4, records{
		"9.1.2.0/24": {
			"country_code": mmdbtype.String("SE"), "state1": mmdbtype.String("Skåne"), "city": mmdbtype.String("Lund"),
			"postcode": mmdbtype.String("222"), "latitude": mmdbtype.Float32(55.5), "longitude": mmdbtype.Float32(13),
		},
	})
	writeMMDB(t, filepath.Join(dir, "b", "dbip-city-ipv6.mmdb"), "city ipv6", 6, records{
		"2a00:1::/32": {"country_code": mmdbtype.String("ZZ")},
	})
	writeMMDB(t, filepath.Join(dir, "c", "own.mmdb"), "Own-ASN", 6, records{
		"10.0.0.0/8": {"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Us")},
	})
	d := openAll(t, filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "missing"), filepath.Join(dir, "c", "own.mmdb"))

	built := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	city := enrich.Geo{
		Database: "GeoLite2-City", BuiltAt: built, License: "GeoLite2 End User License Agreement",
		Attribution: "This product includes GeoLite data created by MaxMind", AttribURL: "https://www.maxmind.com",
	}
	dbip := enrich.Geo{
		Database: "DB-IP City Lite", BuiltAt: built, License: "CC BY 4.0",
		Attribution: "IP Geolocation by DB-IP", AttribURL: "https://db-ip.com",
	}
	own := enrich.Geo{Database: "Own-ASN for tests", BuiltAt: built}
	with := func(g enrich.Geo, change func(*enrich.Geo)) enrich.Geo {
		g.Found = true
		change(&g)
		return g
	}
	for addr, want := range map[string][]enrich.Geo{
		"::ffff:9.1.2.3": {
			with(city, func(g *enrich.Geo) {
				g.Country, g.CountryCode, g.State, g.City, g.PostalCode = "Utopia", "UT", "North", "Amaurot", "1516"
				g.Latitude, g.Longitude, g.Network = new(51.5), new(-0.25), netip.MustParsePrefix("9.1.0.0/16")
			}),
			with(dbip, func(g *enrich.Geo) {
				g.Country, g.CountryCode, g.State, g.City, g.PostalCode = "Sweden", "SE", "Skåne", "Lund", "222"
				g.Latitude, g.Longitude, g.Network = new(55.5), new(13.0), netip.MustParsePrefix("9.1.2.0/24")
			}),
			own,
		},
		"2a00:1::7": {
			with(city, func(g *enrich.Geo) {
				g.Country, g.CountryCode, g.Network = "Utopia", "UT", netip.MustParsePrefix("2a00::/16")
			}),
			with(dbip, func(g *enrich.Geo) { g.CountryCode, g.Network = "ZZ", netip.MustParsePrefix("2a00:1::/32") }),
			own,
		},
		// What a published database says of private addresses is not shown; what the
		// organisation's own one says is.
		"10.1.2.3": {city, dbip, with(own, func(g *enrich.Geo) {
			g.ASN, g.Org, g.Network = 64500, "Us", netip.MustParsePrefix("10.0.0.0/8")
		})},
	} {
		got, err := d.Lookup(netip.MustParseAddr(addr))
		if err != nil {
			t.Errorf("%s: %v", addr, err)
		}
		if diff := cmp.Diff(want, got, prefixes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", addr, diff)
		}
	}
	if got, err := d.Lookup(netip.Addr{}); err != nil || len(got) != 3 || got[0].Found {
		t.Errorf("the zero address: %v, %v", got, err)
	}
}

// The line behind an address, as MaxMind's databases for it lay their records out.
func TestLine(t *testing.T) {
	dir := t.TempDir()
	writeMMDB(t, filepath.Join(dir, "GeoIP2-ISP.mmdb"), "GeoIP2-ISP", 6, records{
		"9.1.0.0/16": {
			"isp": mmdbtype.String("Utopia Mobile"), "mobile_country_code": mmdbtype.String("310"), "mobile_network_code": mmdbtype.String("004"),
			"autonomous_system_number": mmdbtype.Uint32(64501), "autonomous_system_organization": mmdbtype.String("UTO"),
		},
	})
	writeMMDB(t, filepath.Join(dir, "GeoIP2-Enterprise.mmdb"), "GeoIP2-Enterprise", 6, records{
		"9.1.2.0/24": {
			"location": mmdbtype.Map{"latitude": mmdbtype.Float64(1), "longitude": mmdbtype.Float64(2), "accuracy_radius": mmdbtype.Uint16(20)},
			"traits":   mmdbtype.Map{"isp": mmdbtype.String("Utopia"), "connection_type": mmdbtype.String("Cellular"), "user_type": mmdbtype.String("cellular")},
		},
	})
	writeMMDB(t, filepath.Join(dir, "GeoIP2-Anonymous-IP.mmdb"), "GeoIP2-Anonymous-IP", 6, records{
		"9.1.2.3/32": {"is_anonymous": mmdbtype.Bool(true), "is_anonymous_vpn": mmdbtype.Bool(true), "is_hosting_provider": mmdbtype.Bool(true), "is_tor_exit_node": mmdbtype.Bool(false)},
	})
	got, err := openAll(t, dir).Lookup(netip.MustParseAddr("9.1.2.3"))
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	anonymous, enterprise, isp := got[0], got[1], got[2] // in the order of their names
	if diff := cmp.Diff([]string{"VPN", "hosting provider"}, anonymous.Anonymizers); diff != "" {
		t.Error(diff)
	}
	if enterprise.ISP != "Utopia" || enterprise.ConnectionType != "Cellular" || enterprise.UserType != "cellular" || enterprise.RadiusKM != 20 {
		t.Errorf("%+v", enterprise)
	}
	if isp.ISP != "Utopia Mobile" || isp.MobileNetwork != "310-004" || isp.ASN != 64501 {
		t.Errorf("%+v", isp)
	}
}

func TestCombinedFileWins(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"x-ipv4", "x-ipv6", "x"} {
		writeMMDB(t, filepath.Join(dir, name+".mmdb"), "country", 6, records{"9.0.0.0/8": {"country_code": mmdbtype.String([]string{"DE", "FR", "IT"}[i])}})
	}
	got, err := openAll(t, dir).Lookup(netip.MustParseAddr("9.9.9.9"))
	if err != nil || len(got) != 1 || got[0].Country != "Italy" {
		t.Errorf("got %v, %v; want Italy alone", got, err)
	}
}

// A file that is named twice, by whatever path, answers once, and both halves of a
// database are one wherever they were named.
func TestOpenOnce(t *testing.T) {
	dir := t.TempDir()
	writeMMDB(t, filepath.Join(dir, "geo", "City.mmdb"), "City", 4, records{"198.51.100.0/24": {"country_code": mmdbtype.String("DE")}})
	writeFile(t, filepath.Join(dir, "geo", "asn-ipv4.csv"), "8.8.8.0,8.8.8.255,15169,Google LLC\n")
	writeFile(t, filepath.Join(dir, "geo", "asn-ipv6.csv"), "2001:4860::,2001:4860:ffff:ffff:ffff:ffff:ffff:ffff,15169,Google LLC\n")
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "geo"), link); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	d := openAll(t, filepath.Join(link, "asn-ipv4.csv"), "geo", filepath.Join(dir, "geo"), link, filepath.Join("geo", "City.mmdb"))
	if sources := d.Sources(); len(sources) != 2 || len(sources[0].Files) != 2 {
		t.Errorf("%d databases: %+v", len(sources), sources)
	}
}

func TestOpenGoesOn(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "broken.mmdb"), "no database")
	writeMMDB(t, filepath.Join(dir, "good.mmdb"), "x", 6, records{"9.0.0.0/8": {"country_code": mmdbtype.String("DE")}})
	d, err := enrich.Open(dir, filepath.Join(dir, "nothing here"))
	if err == nil || !strings.Contains(err.Error(), "broken.mmdb") {
		t.Errorf("the error does not name the broken file: %v", err)
	}
	if got := d.Sources(); len(got) != 1 || got[0].Name != "x for tests" {
		t.Errorf("open: %+v", got)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if none, err := enrich.Open(); err != nil || len(none.Sources()) != 0 {
		t.Errorf("no paths: %v, %v", none, err)
	}
}

func TestASNFile(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "asn-ipv4.csv"), "1.0.0.0,1.0.0.255,64500,\"Org, Inc.\"\n1.0.1.0,1.0.2.130,64501,Two\n1.0.2.128,1.0.2.255,64502,Three\n")
	writeFile(t, filepath.Join(dir, "asn-ipv6.csv"), "2a00::,2a00:0:ffff:ffff:ffff:ffff:ffff:ffff,64501,Two\n")
	writeFile(t, filepath.Join(dir, "asn-ipv4-num.csv"), "not read\n")
	writeFile(t, filepath.Join(dir, "package.json"), `{"name":"asn","version":"2.3.2024050113"}`)
	d := openAll(t, dir)
	for addr, want := range map[string]enrich.Geo{
		"1.0.0.255":  {Found: true, ASN: 64500, Org: "Org, Inc.", Network: netip.MustParsePrefix("1.0.0.0/24")},
		"1.0.1.9":    {Found: true, ASN: 64501, Org: "Two", Network: netip.MustParsePrefix("1.0.1.0/24")},
		"1.0.2.100":  {Found: true, ASN: 64501, Org: "Two", Network: netip.MustParsePrefix("1.0.2.0/25")},
		"1.0.2.128":  {Found: true, ASN: 64502, Org: "Three", Network: netip.MustParsePrefix("1.0.2.128/25")}, // in two ranges
		"1.0.3.0":    {},
		"0.255.1.1":  {},
		"2a00::1":    {Found: true, ASN: 64501, Org: "Two", Network: netip.MustParsePrefix("2a00::/32")},
		"2a00:1::":   {},
		"1fff::":     {},
		"ffff::ffff": {},
	} {
		got, err := d.Lookup(netip.MustParseAddr(addr))
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", addr, got, err)
		}
		if !got[0].BuiltAt.Equal(time.Date(2024, 5, 1, 13, 0, 0, 0, time.UTC)) || got[0].Database != "Route Views and DB-IP ASN" {
			t.Errorf("%s: built %s, database %s", addr, got[0].BuiltAt, got[0].Database)
		}
		if diff := cmp.Diff(want, got[0], prefixes, cmpopts.IgnoreFields(enrich.Geo{}, "Database", "BuiltAt", "License", "Attribution", "AttribURL")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", addr, diff)
		}
	}
}

func TestASNFileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"1.0.0.0,1.0.0.255,x,a\n":                        "record 1: AS number",
		"1.0.1.0,1.0.1.255,1,a\n1.0.0.0,1.0.0.255,2,b\n": "record 2: 1.0.0.0: the ranges are not in order",
		"1.0.0.9,1.0.0.1,1,a\n":                          "record 1: 1.0.0.9 to 1.0.0.1 is no range",
		"1.0.0.0,2a00::,1,a\n":                           "record 1: 1.0.0.0 to 2a00:: is no range",
		"1.0.0.0,1.0.0.255,1\n":                          "record 1: record on line 1: wrong number of fields",
		"1.0.0.0,1.0.0.255,4294967296,a\n":               "record 1: AS number",
		"1.0.0.0/8,1.0.0.255,1,a\n":                      "record 1: ParseAddr",
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "asn-ipv4.csv"), text)
		if _, err := enrich.Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestASNAgainstScan compares look-ups with a scan over random disjoint ranges.
func TestASNAgainstScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	type span struct {
		first, last uint32
		asn         int
	}
	var spans []span
	var csv strings.Builder
	next := uint32(0x0b000000)
	for asn := range 3000 {
		first := next + uint32(rng.IntN(3))
		last := first + uint32(rng.IntN(1<<rng.IntN(12)))
		spans = append(spans, span{first, last, asn + 1})
		fmt.Fprintf(&csv, "%s,%s,%d,org %d\n", addr4(first), addr4(last), asn+1, asn%7)
		next = last + 1
	}
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "asn-ipv4.csv"), csv.String())
	d := openAll(t, dir)
	for range 20000 {
		n := 0x0b000000 - 2 + rng.Uint32N(next-0x0b000000+4)
		want := 0
		for _, s := range spans {
			if s.first <= n && n <= s.last {
				want = s.asn
			}
		}
		got, err := d.Lookup(addr4(n))
		if err != nil || int(got[0].ASN) != want || got[0].Found != (want != 0) {
			t.Fatalf("%s: ASN %d, %v; a scan gives %d", addr4(n), got[0].ASN, err, want)
		}
	}
}

// FuzzASNFile: a file opens or is refused, and what opens answers for any address
// within the range it names.
func FuzzASNFile(f *testing.F) {
	f.Add("1.0.0.0,1.0.0.255,64500,\"Org, Inc.\"\n1.0.1.0,1.0.2.130,64501,Two\n1.0.2.128,1.0.2.255,64502,Three\n", "1.0.2.129")
	f.Add("2a00::,2a00:0:ffff:ffff:ffff:ffff:ffff:ffff,64501,Two\n", "2a00::1")
	f.Fuzz(func(t *testing.T, text, addr string) {
		a, err := netip.ParseAddr(addr)
		if err != nil {
			return
		}
		dir := t.TempDir()
		for _, name := range []string{"asn-ipv4.csv", "asn-ipv6.csv"} {
			writeFile(t, filepath.Join(dir, name), "")
		}
		name := "asn-ipv6.csv"
		if a.Unmap().Is4() {
			name = "asn-ipv4.csv"
		}
		writeFile(t, filepath.Join(dir, name), text)
		d, err := enrich.Open(dir)
		if err != nil {
			return
		}
		got, err := d.Lookup(a)
		if err != nil {
			t.Fatal(err)
		}
		if g := got[0]; g.Found && !g.Network.Contains(a.Unmap().WithZone("")) {
			t.Fatalf("%s: found in %s", a, g.Network)
		}
	})
}

func addr4(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// A database of one's own is asked for AS numbers whatever its type is called; of published
// ones of cities it is known that they have none.
func TestASNOfOwnDatabase(t *testing.T) {
	dir := t.TempDir()
	number := mmdbtype.Map{"autonomous_system_number": mmdbtype.Uint32(64500), "city": en("Amaurot")}
	writeMMDB(t, filepath.Join(dir, "own.mmdb"), "Own-City", 6, records{"203.0.113.0/24": number})
	writeMMDB(t, filepath.Join(dir, "GeoLite2-City.mmdb"), "GeoLite2-City", 6, records{"9.1.0.0/16": number})
	d := openAll(t, dir)
	if asn, _, network := d.ASN(netip.MustParseAddr("203.0.113.9")); asn != 64500 || network.String() != "203.0.113.0/24" {
		t.Errorf("AS%d of %s", asn, network)
	}
	if asn, _, _ := d.ASN(netip.MustParseAddr("9.1.2.3")); asn != 0 {
		t.Errorf("AS%d of a database of cities", asn)
	}
}
