package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"spoor/internal/query"
)

// writeGeo writes a database of the networks' places, built in May 2024.
func writeGeo(t *testing.T, path, databaseType string, networks map[string]mmdbtype.Map) {
	t.Helper()
	writeGeoBuild(t, path, databaseType, time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), networks)
}

func writeGeoBuild(t *testing.T, path, databaseType string, built time.Time, networks map[string]mmdbtype.Map) {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{
		DatabaseType: databaseType, IPVersion: 6, BuildEpoch: built.Unix(), IncludeReservedNetworks: true, DisableIPv4Aliasing: true,
	})
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

// The geo database changes between two ingests, as it does when a server is started again
// with a new one: the page tells the place then and now, and a query that of each event.
func TestPlacesAcrossDatabases(t *testing.T) {
	dataDir := t.TempDir()
	month := func(m time.Month) time.Time { return time.Date(2024, m, 1, 0, 0, 0, 0, time.UTC) }
	taken := func(built time.Month, city, ts string, kept int) (p *pack, end func()) {
		t.Helper()
		dir := t.TempDir()
		writeGeoBuild(t, filepath.Join(dir, "GeoLite2-City.mmdb"), "GeoLite2-City", month(built), map[string]mmdbtype.Map{
			"9.1.2.0/24": {"country_code": mmdbtype.String("SE"), "city": mmdbtype.String(city)},
		})
		p, end = openPackOn(t, settings{dataDir: dataDir, geo: []string{dir}, reserve: 1})
		log := filepath.Join(dir, "conn.log")
		record := `{"_path":"conn","ts":"` + ts + `","uid":"C1","id.orig_h":"10.1.1.5","id.orig_p":5000,"id.resp_h":"9.1.2.3","id.resp_p":443,"proto":"tcp","conn_state":"SF"}` + "\n"
		if err := os.WriteFile(log, []byte(record), 0o600); err != nil {
			t.Fatal(err)
		}
		p.ingest("hq", []string{log})
		if n, err := p.placeKeeper().Keep(t.Context()); err != nil || n != kept {
			t.Errorf("kept %d, %v, want %d", n, err, kept)
		}
		return p, end
	}
	_, end := taken(4, "Lund", "2024-04-10T00:00:00Z", 1)
	end()
	p, end := taken(6, "Malmö", "2024-06-10T00:00:00Z", 1)
	defer end()

	identity := p.page("hq", "9.1.2.3").Identity
	var history []string
	for _, k := range identity.Places.Items {
		history = append(history, fmt.Sprintf("%s %s in force %v, oldest %v, differs %v", k.BuiltFrom.Format("2006-01"), k.City, k.InForce, k.Oldest, k.Differs))
	}
	want := []string{"2024-04 Lund in force true, oldest false, differs true", "2024-06 Malmö in force true, oldest false, differs false"}
	if diff := cmp.Diff(want, history); diff != "" || identity.Geo[0].City != "Malmö" {
		t.Errorf("now in %s (-want +got):\n%s", identity.Geo[0].City, diff)
	}
	var printed strings.Builder
	printIdentity(&printed, identity)
	if want := "\n  then   GeoLite2-City (2024-04-01): Lund, Sweden, SE\n"; strings.Count(printed.String(), "  then ") != 1 || !strings.Contains(printed.String(), want) {
		t.Errorf("spoor ip prints %q, want %q", printed.String(), want)
	}
	got := p.ask(`DeviceNetworkEvents
		| join kind=inner (SpoorPlaces | where Database == "GeoLite2-City") on $left.RemoteIP == $right.Address
		| where BuiltFrom <= Timestamp
		| summarize arg_max(BuiltFrom, Country, City) by RemoteIP, Timestamp, _RawId
		| sort by Timestamp asc
		| project RemoteIP, Country, City`)
	if diff := cmp.Diff([][]any{{"9.1.2.3", "Sweden", "Lund"}, {"9.1.2.3", "Sweden", "Malmö"}}, got); diff != "" {
		t.Errorf("places of events (-want +got):\n%s", diff)
	}
	for _, found := range p.ask(`search "9.1.2.3" | distinct $table`) {
		if table, _ := found[0].(string); strings.HasPrefix(table, "Spoor") {
			t.Errorf("a search over everything finds rows of %s", table)
		}
	}
}

// Places are kept when the store has come to rest, or every minute while it has not.
func TestPlacesTurn(t *testing.T) {
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	turn := placesTurn{kept: -1, seen: -1, last: start}
	for _, c := range []struct {
		second  int
		version int64
		want    bool
	}{
		{5, 1, false},
		{8, 1, true}, // at rest from the start
		{9, 1, false},
		{10, 2, false}, // being taken in
		{15, 3, false},
		{20, 3, true}, // at rest
		{25, 3, false},
		{30, 4, false},
		{70, 5, false},
		{80, 6, true}, // for a minute
		{85, 7, false},
	} {
		now := start.Add(time.Duration(c.second) * time.Second)
		due := turn.due(c.version, now)
		if due {
			turn.done(c.version, now)
		}
		if due != c.want {
			t.Errorf("after %d s: due %v, want %v", c.second, due, c.want)
		}
	}
}
