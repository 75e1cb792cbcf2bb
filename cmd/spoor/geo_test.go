package main

import (
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"spoor/internal/query"
)

// writeGeo writes a database of the networks' places.
func writeGeo(t *testing.T, path, databaseType string, networks map[string]mmdbtype.Map) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: databaseType, IPVersion: 6, IncludeReservedNetworks: true, DisableIPv4Aliasing: true})
	if err != nil {
		t.Fatal(err)
	}
	for cidr, place := range networks {
		if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix(cidr)), place); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// geo_info_from_ip_address answers from the databases that the server was given: the
// first that knows the city, else the country; in every form an address has, and null
// where no database knows it.
func TestGeoInfoFromDatabases(t *testing.T) {
	dir := t.TempDir()
	named := func(name string) mmdbtype.Map {
		return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(name), "de": mmdbtype.String("falsch")}}
	}
	writeGeo(t, filepath.Join(dir, "1-country.mmdb"), "Test-Country", map[string]mmdbtype.Map{
		"9.1.0.0/16": {"country": named("Utopia")}, "9.2.0.0/16": {"country": named("Atlantis")},
	})
	writeGeo(t, filepath.Join(dir, "2-city.mmdb"), "Test-City", map[string]mmdbtype.Map{
		"9.1.2.0/24": {
			"country": named("Utopia"), "city": named("Amaurot"), "subdivisions": mmdbtype.Slice{named("North")},
			"location": mmdbtype.Map{"latitude": mmdbtype.Float64(51.5), "longitude": mmdbtype.Float64(-0.25)},
		},
		"2a00:1::/32": {"country": named("Utopia"), "city": named("Six")},
	})
	s := settings{dataDir: t.TempDir(), geo: []string{dir}, reserve: 1}
	s.http.Listen = "127.0.0.1:0"
	svc, err := openService(t.Context(), s, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	})
	res, err := svc.runner.Run(t.Context(), query.Request{Text: `
		datatable(n:long, a:string)[
			0, '9.1.2.3', 1, '::ffff:9.1.2.3', 2, '2a00:1::9', 3, '9.2.0.1', 4, '9.1.9.9', 5, '8.8.8.8', 6, 'no address', 7, '', 8, '9.1.2.3/24']
		| sort by n asc
		| project geo_info_from_ip_address(a)`})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	amaurot := `{"country":"Utopia","state":"North","city":"Amaurot","latitude":51.5,"longitude":-0.25}`
	want := []string{
		amaurot, amaurot, `{"country":"Utopia","state":"","city":"Six","latitude":null,"longitude":null}`,
		`{"country":"Atlantis","state":"","city":"","latitude":null,"longitude":null}`,
		`{"country":"Utopia","state":"","city":"","latitude":null,"longitude":null}`, "", "", "", "",
	}
	var got []string
	for res.Next() {
		v, _ := res.Row()[0].(json.RawMessage)
		got = append(got, string(v))
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
