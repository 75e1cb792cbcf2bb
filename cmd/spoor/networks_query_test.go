package main

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/network"
)

// The network catalogue is a list that queries look addresses up in; ranges of several
// sites may overlap.
func TestNetworksInQueries(t *testing.T) {
	t.Parallel()
	p := openPack(t)
	for _, r := range []network.Range{
		{Prefix: netip.MustParsePrefix("10.1.0.0/16"), Name: "offices", Role: "clients", Site: "hq", Owner: "it"},
		{Prefix: netip.MustParsePrefix("10.1.0.0/16"), Name: "plant", Site: "works", ValidFrom: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Prefix: netip.MustParsePrefix("10.9.0.0/24"), Name: "proxies", TrustedProxy: true},
	} {
		if _, err := p.networks.Add(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	got := p.ask(`datatable(Address:string)["10.1.2.3", "10.9.0.1", "203.0.113.9"]
		| evaluate ipv4_lookup(_GetWatchlist('SpoorNetworks'), Address, Network, return_unmatched = true)
		| project Address, Network, Name, Role, Site, Owner, ValidFrom, TrustedProxy
		| sort by Address asc, Name asc`)
	want := [][]any{
		{"10.1.2.3", "10.1.0.0/16", "offices", "clients", "hq", "it", "", "false"},
		{"10.1.2.3", "10.1.0.0/16", "plant", "", "works", "", "2024-01-01T00:00:00Z", "false"},
		{"10.9.0.1", "10.9.0.0/24", "proxies", "", "", "", "", "true"},
		{"203.0.113.9", "", "", "", "", "", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
