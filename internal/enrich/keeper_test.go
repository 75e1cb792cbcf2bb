package enrich_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
)

// ledger is a store with sightings of addresses.
type ledger struct {
	testing.TB
	*duckdb.DB
	sources int
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &ledger{TB: t, DB: db}
}

// saw commits one record that names addresses.
func (l *ledger) saw(addresses ...string) {
	l.Helper()
	l.sources++
	src := store.Source{Name: fmt.Sprint(l.sources), Site: "hq", Format: "json", Head: []byte{byte(l.sources)}}
	if err := l.CreateSource(l.Context(), &src); err != nil {
		l.Fatal(err)
	}
	when := schema.TicksOf(month(5))
	row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
	row.SetTime("Timestamp", when)
	b := &store.Batch{Source: &src, Records: []store.Record{{Raw: []byte("x"), Kind: "zeek.conn", Rows: []schema.Row{row}}}}
	for _, a := range addresses {
		b.Sightings = append(b.Sightings, store.Sighting{
			SightingKey: store.SightingKey{Kind: entity.IP, Entity: a, SourceKind: "zeek.conn", Source: src.ID, Site: "hq", Table: "DeviceNetworkEvents", Day: when.Day(), Roles: entity.RoleDestination},
			Records:     1, First: when, Last: when,
		})
	}
	src.Ordinal, src.Offset, src.Hash = 1, 1, []byte{byte(l.sources)}
	if err := l.Append(l.Context(), b); err != nil {
		l.Fatal(err)
	}
}

// keep keeps what databases say and compares how many addresses they were asked about.
func (l *ledger) keep(d *enrich.Databases, at time.Time, want int) {
	l.Helper()
	k := &enrich.Keeper{Databases: d, Store: l, Now: func() time.Time { return at }}
	if got, err := k.Keep(l.Context()); err != nil || got != want {
		l.Errorf("kept %d, %v, want %d", got, err, want)
	}
}

// kept is what is kept of an address: database, builds from and to, when, and what it said.
func (l *ledger) kept(address string) (list []string) {
	l.Helper()
	places, err := l.Places(l.Context(), []string{address})
	if err != nil {
		l.Fatal(err)
	}
	day := func(t schema.Ticks) string { return t.Time().Format("01-02") }
	for _, p := range places {
		list = append(list, fmt.Sprintf("%s %s..%s %s: %s %d", p.Database, day(p.First), day(p.Last), day(p.Kept), p.City, p.ASN))
	}
	return list
}

func (l *ledger) want(address string, want ...string) {
	l.Helper()
	if diff := cmp.Diff(want, l.kept(address)); diff != "" {
		l.Errorf("%s (-want +got)\n%s", address, diff)
	}
}

func month(m time.Month) time.Time { return time.Date(2024, m, 1, 0, 0, 0, 0, time.UTC) }

// build opens a folder with one build of a city database, in which 9.1.0.0/16 is in a city
// and the rest nowhere.
func build(t *testing.T, built time.Time, city string) *enrich.Databases {
	t.Helper()
	return openAll(t, buildFile(t, built, city))
}

func buildFile(t *testing.T, built time.Time, city string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "GeoLite2-City.mmdb")
	recs := records{"8.0.0.0/8": {"country_code": mmdbtype.String("SE")}}
	if city != "" {
		recs["9.1.0.0/16"] = mmdbtype.Map{"country_code": mmdbtype.String("SE"), "city": mmdbtype.String(city)}
	}
	writeBuild(t, path, "GeoLite2-City", 6, built, recs)
	return path
}

// A database changes between two ingests: what it said is kept by the stretches of builds
// that said the same, of new addresses and of those that are known.
func TestKeeper(t *testing.T) {
	l := newLedger(t)
	april := build(t, month(4), "Lund")
	l.keep(april, month(4), 0)
	l.saw("9.1.2.3", "8.8.8.8", "10.0.0.5", "203.0.113.5") // no public database speaks of the latter two
	l.keep(april, month(5), 2)
	l.want("9.1.2.3", "GeoLite2-City 04-01..04-01 05-01: Lund 0")
	l.want("10.0.0.5")
	l.want("203.0.113.5")
	l.keep(april, month(6), 0) // nothing new

	l.saw("9.1.2.4", "9.2.0.1")
	june := build(t, month(6), "Malmö")
	l.keep(june, month(7), 4)
	l.want("9.1.2.3", "GeoLite2-City 04-01..04-01 05-01: Lund 0", "GeoLite2-City 06-01..06-01 07-01: Malmö 0")
	l.want("8.8.8.8", "GeoLite2-City 04-01..06-01 05-01:  0")
	l.want("9.1.2.4", "GeoLite2-City 06-01..06-01 07-01: Malmö 0")
	l.want("9.2.0.1", "GeoLite2-City 06-01..06-01 07-01:  0") // that it is not in the database is kept, too

	// An older build than all, and one in between, that an administrator found again.
	l.keep(build(t, month(1), "Lund"), month(8), 4)
	l.keep(build(t, month(5), "Malmö"), month(8), 2) // of the others the builds from January to June said the same
	l.want("9.1.2.3", "GeoLite2-City 01-01..04-01 05-01: Lund 0", "GeoLite2-City 05-01..06-01 07-01: Malmö 0")
	l.want("9.1.2.4", "GeoLite2-City 01-01..01-01 08-01: Lund 0", "GeoLite2-City 05-01..06-01 07-01: Malmö 0")

	// A build that says again what one before it said.
	l.keep(build(t, month(9), "Lund"), month(9), 4)
	l.want("9.1.2.3", "GeoLite2-City 01-01..04-01 05-01: Lund 0", "GeoLite2-City 05-01..06-01 07-01: Malmö 0", "GeoLite2-City 09-01..09-01 09-01: Lund 0")
}

// Two builds of one database, and a database of AS numbers, that are open at once.
func TestKeeperOfTwoBuilds(t *testing.T) {
	l := newLedger(t)
	l.saw("9.1.2.3")
	asn := filepath.Join(t.TempDir(), "own.mmdb")
	writeBuild(t, asn, "Own", 6, month(2), records{"9.1.0.0/16": {"autonomous_system_number": mmdbtype.Uint32(64500)}, "10.0.0.0/8": {"autonomous_system_number": mmdbtype.Uint32(64501)}})
	both := openAll(t, buildFile(t, month(6), "Malmö"), buildFile(t, month(4), "Lund"), asn)
	l.keep(both, month(7), 1)
	l.keep(both, month(7), 0)
	l.want("9.1.2.3", "GeoLite2-City 04-01..04-01 07-01: Lund 0", "GeoLite2-City 06-01..06-01 07-01: Malmö 0", "Own for tests 02-01..02-01 07-01:  64500")
	// The organisation's own database speaks of private addresses, too.
	l.saw("10.0.0.5")
	l.keep(both, month(8), 1)
	l.want("10.0.0.5", "GeoLite2-City 04-01..06-01 08-01:  0", "Own for tests 02-01..02-01 08-01:  64501")
}

// More addresses than are asked about at once.
func TestKeeperOfMany(t *testing.T) {
	l := newLedger(t)
	var all []string
	for i := range 12_000 {
		all = append(all, fmt.Sprintf("9.1.%d.%d", i/250, i%250))
	}
	l.saw(all...)
	d := build(t, month(4), "Lund")
	l.keep(d, month(5), 12_000)
	l.keep(d, month(5), 0)
	for _, a := range []string{all[0], all[4999], all[5000], all[11_999]} {
		l.want(a, "GeoLite2-City 04-01..04-01 05-01: Lund 0")
	}
}

// A hundred thousand addresses that are new, asked about in the databases of set-up.
func BenchmarkKeep(b *testing.B) {
	if _, err := os.Stat(packages); err != nil {
		b.Skip("left out: the geo databases are not fetched (make geo)")
	}
	d, err := enrich.Open(packages)
	if err != nil {
		b.Fatal(err)
	}
	const addresses = 100_000
	for b.Loop() {
		b.StopTimer()
		l := newLedger(b)
		random := rand.New(rand.NewPCG(1, 2))
		seen := map[string]bool{}
		for len(seen) < addresses {
			a := netip.AddrFrom4([4]byte{byte(11 + random.IntN(88)), byte(random.Uint32()), byte(random.Uint32()), byte(random.Uint32())})
			seen[a.String()] = true
		}
		l.saw(slices.Collect(maps.Keys(seen))...)
		b.StartTimer()
		k := &enrich.Keeper{Databases: d, Store: l, Now: time.Now}
		if n, err := k.Keep(b.Context()); err != nil || n != addresses {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/addresses, "µs/address")
}
