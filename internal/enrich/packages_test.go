package enrich_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"spoor/internal/enrich"
)

// packages is the folder that set-up fetches the geo databases into.
const packages = "../../geo/node_modules"

// TestPackages reads the databases that set-up fetches, where it has.
func TestPackages(t *testing.T) {
	if _, err := os.Stat(packages); err != nil {
		t.Skip("left out: the geo databases are not fetched (make geo)")
	}
	folder, err := filepath.Abs(packages)
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	d := openAll(t, packages)
	if used := (heap() - before) >> 20; used > 60 {
		t.Errorf("the databases hold %d MiB of memory, more than 60", used)
	}
	var names []string
	for _, s := range d.Sources() {
		names = append(names, s.Name)
		if s.BuiltAt.Year() < 2026 || s.License == "" || s.Attribution == "" {
			t.Errorf("%s: built %s, licence %q, attribution %q", s.Name, s.BuiltAt, s.License, s.Attribution)
		}
		for _, f := range s.Files {
			if rel, err := filepath.Rel(folder, f); err != nil || !filepath.IsLocal(rel) {
				t.Errorf("%s: file %s is not under the folder", s.Name, f)
			}
		}
	}
	if want := []string{"Route Views and DB-IP ASN", "DB-IP City Lite", "Geofeed, whois and ASN by country"}; !slices.Equal(names, want) {
		t.Errorf("databases %q, want %q", names, want)
	}
	// Root name servers: their operators and AS numbers are public and old.
	for addr, asn := range map[string]uint32{"193.0.14.129": 25152, "2001:7fd::1": 25152, "192.36.148.17": 29216} {
		geo, err := d.Lookup(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		if geo[0].ASN != asn || geo[0].Org == "" {
			t.Errorf("%s: AS %d %q, want AS %d", addr, geo[0].ASN, geo[0].Org, asn)
		}
		if city := geo[1]; !city.Found || city.Country == "" || city.Latitude == nil || city.City == "" {
			t.Errorf("%s: city database says %+v", addr, city)
		}
		if country := geo[2]; !country.Found || country.Country == "" || !country.Network.Contains(netip.MustParseAddr(addr)) {
			t.Errorf("%s: country database says %+v", addr, country)
		}
	}
	for _, addr := range []string{"10.0.0.1", "203.0.113.9", "127.0.0.1", "fe80::1", "100.64.0.1"} {
		geo, err := d.Lookup(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range geo {
			if g.Found {
				t.Errorf("%s, which is not public: %s says %+v", addr, g.Database, g)
			}
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func BenchmarkOpenPackages(b *testing.B) {
	if _, err := os.Stat(packages); err != nil {
		b.Skip("left out: the geo databases are not fetched (make geo)")
	}
	for b.Loop() {
		d, err := enrich.Open(packages)
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
