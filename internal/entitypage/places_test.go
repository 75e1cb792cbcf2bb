package entitypage

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
	"go4.org/netipx"

	"spoor/internal/enrich"
	"spoor/internal/schema"
)

// builtIn opens a build of a city database in which 9.1.2.0/24 is in a city.
func builtIn(t *testing.T, built time.Time, city string) *enrich.Databases {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "GeoLite2-City", IPVersion: 6, BuildEpoch: built.Unix()})
	if err != nil {
		t.Fatal(err)
	}
	place := mmdbtype.Map{"country_code": mmdbtype.String("SE"), "city": mmdbtype.String(city)}
	if err := tree.Insert(netipx.PrefixIPNet(netip.MustParsePrefix("9.1.2.0/24")), place); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := tree.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "city.mmdb")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := enrich.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// The database changes between two ingests of one address: its page tells of each period
// what was in force then, and what is said now.
func TestPlaces(t *testing.T) {
	b := newBench(t)
	built := func(month time.Month, day int) time.Time { return time.Date(2024, month, day, 0, 0, 0, 0, time.UTC) }
	keep := func(d *enrich.Databases, at time.Time) {
		t.Helper()
		b.pages.Geo = d
		k := &enrich.Keeper{Databases: d, Store: b.db, Now: func() time.Time { return at }}
		if kept, err := k.Keep(t.Context()); err != nil || kept != 1 {
			t.Fatal(kept, err)
		}
	}
	b.saw("9.1.2.3", "zeek.conn", "", "10.1.1.5", at(2, 1), at(2, 2), 1, destination, schema.OutcomeEstablished)
	b.saw("9.1.2.3", "zeek.conn", "", "10.1.1.5", at(12, 1), at(12, 2), 1, destination, schema.OutcomeEstablished)
	b.commit()
	may, june := builtIn(t, built(5, 10), "Lund"), builtIn(t, built(5, 20), "Malmö")
	keep(may, built(5, 13))
	b.saw("9.1.2.3", "zeek.conn", "", "10.1.1.5", at(25, 1), at(25, 2), 1, destination, schema.OutcomeEstablished)
	b.commit()
	keep(june, built(5, 26))

	lund := KeptPlace{Database: "GeoLite2-City", BuiltFrom: built(5, 10), BuiltTo: built(5, 10), KeptAt: built(5, 13), Country: "Sweden", CountryCode: "SE", City: "Lund", Differs: true}
	malmo := KeptPlace{Database: "GeoLite2-City", BuiltFrom: built(5, 20), BuiltTo: built(5, 20), KeptAt: built(5, 26), Country: "Sweden", CountryCode: "SE", City: "Malmö"}
	in := func(p KeptPlace, inForce, oldest bool) KeptPlace {
		p.InForce, p.Oldest = inForce, oldest
		return p
	}
	for _, c := range []struct {
		name     string
		from, to time.Time
		want     []KeptPlace
		first    *time.Time
	}{
		{"before all builds", built(5, 1), built(5, 9), []KeptPlace{in(lund, true, true), in(malmo, false, false)}, moment(2, 1)},
		{"under the first build", built(5, 11), built(5, 19), []KeptPlace{in(lund, true, false), in(malmo, false, false)}, moment(12, 1)},
		{"under the second", built(5, 21), built(5, 30), []KeptPlace{in(lund, false, false), in(malmo, true, false)}, moment(25, 1)},
		{"all of it", built(5, 1), built(5, 30), []KeptPlace{in(lund, true, true), in(malmo, true, false)}, moment(2, 1)},
		{"without a record", built(5, 26), built(5, 30), []KeptPlace{in(lund, false, false), in(malmo, false, false)}, nil},
	} {
		got := b.build("9.1.2.3", c.from, c.to).Identity
		if diff := cmp.Diff(c.want, got.Places.Items); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.first, got.Places.First); diff != "" {
			t.Errorf("%s: first record (-want +got)\n%s", c.name, diff)
		}
		if got.Geo[0].City != "Malmö" {
			t.Errorf("%s: now in %s", c.name, got.Geo[0].City)
		}
	}
	// The query has the history, oldest first.
	var cities []string
	history := b.build("9.1.2.3", built(5, 1), built(5, 30)).Identity.Places
	if err := b.pages.KQL(t.Context(), history.Query, func(row []any) { cities = append(cities, text(row[5])) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Lund", "Malmö"}, cities); diff != "" {
		t.Errorf("the query (-want +got)\n%s", diff)
	}
	// An address that nobody saw has no history.
	if got := b.build("9.9.9.9", time.Time{}, time.Time{}).Identity.Places; len(got.Items) != 0 || got.First != nil {
		t.Errorf("of an address never seen: %+v", got)
	}
}
