package network_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/network"
	"spoor/internal/schema"
)

// open gives a catalogue over a fresh case store.
func open(t testing.TB) (*network.Catalog, *casedb.DB) {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c, err := network.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return c, db
}

func at(s string) schema.Ticks {
	tm, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return schema.TicksOf(tm)
}

func read(t testing.TB, csv string) []network.Range {
	t.Helper()
	ranges, err := network.Read(strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	return ranges
}

func names(ranges []network.Range) string {
	var s []string
	for _, r := range ranges {
		s = append(s, r.Name)
	}
	return strings.Join(s, " ")
}

const catalogue = `cidr,name,role,site,owner,valid_from,valid_to,trusted_proxy
10.0.0.0/8,corp,,,IT,,,
10.1.0.0/16,north,office,north,IT,,,false
10.1.5.0/24,north-dmz,dmz,north,IT,,,yes
10.1.5.0/24,north-old,dmz,north,IT,2020-01-01,2020-12-31,no
10.1.5.16/28,north-lab,lab,north,R&D,,,
10.1.0.0/16,south,office,south,IT,,,
2001:db8:1::/48,six,,,IT,,,
192.168.7.0/31,link,,,IT,,,
`

func TestLookup(t *testing.T) {
	c, _ := open(t)
	if _, err := c.Import(t.Context(), read(t, catalogue)); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		site, addr, day string
		want            string
		trusted, bcast  bool
	}{
		{site: "north", addr: "10.1.5.17", day: "2024-05-01", want: "north-lab north-dmz north corp"},
		{site: "north", addr: "10.1.5.31", day: "2024-05-01", want: "north-lab north-dmz north corp", bcast: true},
		{site: "north", addr: "10.1.5.32", day: "2024-05-01", want: "north-dmz north corp", trusted: true},
		{site: "north", addr: "10.1.5.32", day: "2020-12-31", want: "north-dmz north-old north corp", trusted: true},
		{site: "north", addr: "10.1.5.32", day: "2021-01-01", want: "north-dmz north corp", trusted: true},
		{site: "north", addr: "10.1.5.255", day: "2024-05-01", want: "north-dmz north corp", trusted: true, bcast: true},
		{site: "north", addr: "::ffff:10.1.6.1", day: "2024-05-01", want: "north corp"},
		{site: "south", addr: "10.1.5.17", day: "2024-05-01", want: "south corp"},
		{site: "south", addr: "10.1.5.255", day: "2024-05-01", want: "south corp"},
		{site: "", addr: "10.1.5.17", day: "2024-05-01", want: "corp"},
		{site: "", addr: "10.255.255.255", day: "2024-05-01", want: "corp", bcast: true},
		{site: "", addr: "11.0.0.0", day: "2024-05-01", want: ""},
		{site: "", addr: "9.255.255.255", day: "2024-05-01", want: ""},
		{site: "", addr: "192.168.7.1", day: "2024-05-01", want: "link"},
		{site: "west", addr: "2001:db8:1:ffff:ffff:ffff:ffff:ffff", day: "2024-05-01", want: "six"},
		{site: "west", addr: "2001:db8:2::", day: "2024-05-01", want: ""},
	} {
		a, when := netip.MustParseAddr(tc.addr), at(tc.day)
		if got := names(c.Lookup(tc.site, a, when)); got != tc.want {
			t.Errorf("Lookup(%q, %s, %s) = %q, want %q", tc.site, a, tc.day, got, tc.want)
		}
		if got, want := c.Own(tc.site, a, when), tc.want != ""; got != want {
			t.Errorf("Own(%q, %s, %s) = %t", tc.site, a, tc.day, got)
		}
		if got := c.TrustedProxy(tc.site, a, when); got != tc.trusted {
			t.Errorf("TrustedProxy(%q, %s, %s) = %t", tc.site, a, tc.day, got)
		}
		if got := c.Broadcast(tc.site, a, when); got != tc.bcast {
			t.Errorf("Broadcast(%q, %s, %s) = %t", tc.site, a, tc.day, got)
		}
	}
	if got, want := names(c.LookupAll(netip.MustParseAddr("10.1.5.17"), at("2024-05-01"))), "north-lab north-dmz north south corp"; got != want {
		t.Errorf("LookupAll = %q, want %q", got, want)
	}
	if c.Own("", netip.Addr{}, at("2024-05-01")) || c.Broadcast("", netip.Addr{}, 0) {
		t.Error("the zero address lies in no range")
	}
}

func TestChange(t *testing.T) {
	c, db := open(t)
	ctx := t.Context()
	r, err := c.Add(ctx, network.Range{Prefix: netip.MustParsePrefix("10.2.0.0/16"), Name: " lab ", ValidFrom: time.Date(2024, 1, 1, 0, 0, 0, 5, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if r.ID == 0 || r.Name != "lab" {
		t.Errorf("Add gives back %+v", r)
	}
	if _, err := c.Add(ctx, r); !errors.Is(err, network.ErrConflict) {
		t.Errorf("the same range again: %v", err)
	}
	again := slices.Clone(c.List())
	again[0].Owner = "R&D"
	more := append(again, network.Range{Prefix: netip.MustParsePrefix("10.3.0.0/16"), Name: "b"})
	got, err := c.Import(ctx, more)
	if want := (network.Imported{Added: 1, Changed: 1}); err != nil || got != want {
		t.Errorf("Import = %+v, %v; want %+v", got, err, want)
	}
	if got, err = c.Import(ctx, more); err != nil || got != (network.Imported{Same: 2}) {
		t.Errorf("the same import again = %+v, %v", got, err)
	}
	bad := []network.Range{{Prefix: netip.MustParsePrefix("10.4.0.0/16"), Name: "c"}, {Prefix: netip.MustParsePrefix("10.5.0.0/16")}}
	if _, err := c.Import(ctx, bad); !errors.Is(err, network.ErrInvalid) || len(c.List()) != 2 {
		t.Errorf("an import with one bad range: %v, leaves %v", err, c.List())
	}
	other, err := network.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.List(), other.List(), cmp.Comparer(func(x, y netip.Prefix) bool { return x == y })); diff != "" {
		t.Errorf("another catalogue over the same store (-first +second):\n%s", diff)
	}
	if removed, err := c.Remove(ctx, r.ID); err != nil || removed.Owner != "R&D" {
		t.Errorf("Remove = %+v, %v", removed, err)
	}
	if _, err := c.Remove(ctx, r.ID); !errors.Is(err, network.ErrNotFound) {
		t.Errorf("Remove again: %v", err)
	}
	for _, want := range []bool{true, false} {
		if changed, err := other.Refresh(ctx); err != nil || changed != want || names(other.List()) != "b" {
			t.Errorf("Refresh = %t, %v; want %t, and b alone in %v", changed, err, want, other.List())
		}
	}
	more[1].Role = "guest"
	if _, err := c.Import(ctx, more[1:]); err != nil {
		t.Fatal(err)
	}
	if changed, err := other.Refresh(ctx); err != nil || !changed || other.List()[0].Role != "guest" {
		t.Errorf("Refresh after a change = %t, %v: %v", changed, err, other.List())
	}
}

// TestLookupAgainstScan compares the table with a scan over all ranges, for random
// nested and overlapping prefixes of both families at several sites.
func TestLookupAgainstScan(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		c, _ := open(t)
		if _, err := c.Import(t.Context(), randomRanges(rng, 200)); err != nil {
			t.Fatal(err)
		}
		ranges := c.List()
		for range 2000 {
			site, a, when := randomSite(rng), randomAddr(rng, ranges), schema.TicksOf(time.Unix(int64(rng.IntN(100)), 0))
			var want []int64
			for _, r := range ranges {
				if (r.Site == site || r.Site == "") && r.Prefix.Contains(a) && holds(r, when) {
					want = append(want, r.ID)
				}
			}
			found := c.Lookup(site, a, when)
			if !slices.IsSortedFunc(found, func(x, y network.Range) int { return y.Prefix.Bits() - x.Prefix.Bits() }) {
				t.Fatalf("seed %d: Lookup(%q, %s) is not narrowest first: %v", seed, site, a, found)
			}
			var got []int64
			for _, r := range found {
				got = append(got, r.ID)
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d: Lookup(%q, %s) = %v, a scan gives %v", seed, site, a, got, want)
			}
			if c.Own(site, a, when) != (len(want) > 0) {
				t.Fatalf("seed %d: Own(%q, %s) disagrees with %v", seed, site, a, want)
			}
		}
	}
}

func holds(r network.Range, when schema.Ticks) bool {
	tm := when.Time()
	return !tm.Before(r.ValidFrom) && (r.ValidTo.IsZero() || tm.Before(r.ValidTo))
}

func randomSite(rng *rand.Rand) string { return []string{"", "a", "b", "c"}[rng.IntN(4)] }

// randomRanges keeps to a few high bits, so that prefixes nest, touch and repeat, and
// reach both ends of both address families.
func randomRanges(rng *rand.Rand, n int) []network.Range {
	var ranges []network.Range
	for i := range n {
		var b [16]byte
		b[0] = []byte{0, 10, 255}[rng.IntN(3)]
		b[1], b[2], b[3] = byte(rng.IntN(3))*127, byte(rng.IntN(4)), byte(rng.IntN(256))
		if rng.IntN(2) == 0 && b[0] == 255 {
			b[1], b[2], b[3] = 255, 255, 255
		}
		a, bits := netip.AddrFrom4([4]byte(b[:4])), 1+rng.IntN(32)
		if rng.IntN(3) == 0 {
			for j := 4; b[0] == 255 && j < 16; j++ {
				b[j] = 255
			}
			a, bits = netip.AddrFrom16(b), 1+rng.IntN(128)
		}
		r := network.Range{Prefix: netip.PrefixFrom(a, bits).Masked(), Name: fmt.Sprint(i), Site: randomSite(rng)}
		if rng.IntN(3) == 0 {
			r.ValidFrom = time.Unix(int64(rng.IntN(50)), 0)
			r.ValidTo = r.ValidFrom.Add(time.Duration(1+rng.IntN(50)) * time.Second)
		}
		ranges = append(ranges, r)
	}
	return ranges
}

// randomAddr is often the first or last address of a range, or the one beside it.
func randomAddr(rng *rand.Rand, ranges []network.Range) netip.Addr {
	p := ranges[rng.IntN(len(ranges))].Prefix
	a := p.Addr()
	if rng.IntN(2) == 0 {
		b := a.AsSlice()
		for bit := p.Bits(); bit < len(b)*8; bit++ {
			b[bit/8] |= 0x80 >> (bit % 8)
		}
		a, _ = netip.AddrFromSlice(b)
	}
	switch rng.IntN(3) {
	case 0:
		if next := a.Next(); next.IsValid() {
			return next
		}
	case 1:
		if prev := a.Prev(); prev.IsValid() {
			return prev
		}
	}
	return a
}

// TestConcurrent looks up while the catalogue changes; the race detector judges.
func TestConcurrent(t *testing.T) {
	c, _ := open(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				c.Own("a", netip.MustParseAddr("10.0.0.1"), 0)
				c.Lookup("a", netip.MustParseAddr("10.0.0.1"), 0)
				c.List()
			}
		})
	}
	for i := range 30 {
		r, err := c.Add(t.Context(), network.Range{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Name: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if _, err := c.Remove(t.Context(), r.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	wg.Wait()
	if got := len(c.List()); got != 15 {
		t.Errorf("%d ranges left, want 15", got)
	}
}

func BenchmarkOwn(b *testing.B) {
	c, _ := open(b)
	rng := rand.New(rand.NewPCG(1, 2))
	var ranges []network.Range
	for i := range 10_000 {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), byte(rng.IntN(256))}), 20+rng.IntN(12)).Masked()
		ranges = append(ranges, network.Range{Prefix: p, Name: fmt.Sprint(i), Site: []string{"", "a"}[i%2]})
	}
	if _, err := c.Import(b.Context(), ranges); err != nil {
		b.Fatal(err)
	}
	var addrs [1024]netip.Addr
	for i := range addrs {
		addrs[i] = netip.AddrFrom4([4]byte{10, byte(rng.IntN(40)), byte(rng.IntN(256)), byte(rng.IntN(256))})
	}
	now := at("2024-05-01")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Own("a", addrs[i%len(addrs)], now)
	}
}
