package generate

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
)

// endpoint is an address with its texts, and the numbers that the truth file holds of
// it, when it holds any.
type endpoint struct {
	addr   netip.Addr
	text   quoted // canonical
	sysmon quoted // as Sysmon prints it: IPv6 with every group
	mapped quoted // as domain controllers print it: IPv4 as ::ffff:a.b.c.d
	tally  *tally
}

func newEndpoint(a netip.Addr) *endpoint {
	e := &endpoint{addr: a, text: quoted(a.String()), sysmon: quoted(a.String()), mapped: quoted(a.String())}
	if a.Is4() {
		e.mapped = "::ffff:" + e.text
		return e
	}
	b := a.As16()
	groups := make([]string, 8)
	for i := range groups {
		groups[i] = fmt.Sprintf("%x", int(b[2*i])<<8|int(b[2*i+1]))
	}
	e.sysmon = quoted(strings.Join(groups, ":"))
	return e
}

func endpointOf(s string) *endpoint { return newEndpoint(netip.MustParseAddr(s)) }

// endpoints is one endpoint an address: many websites share theirs.
type endpoints map[netip.Addr]*endpoint

func (all endpoints) at(a netip.Addr) *endpoint {
	e := all[a]
	if e == nil {
		e = newEndpoint(a)
		all[a] = e
	}
	return e
}

// v6 is "true" or "false", as Sysmon says whether an address is IPv6.
func (e *endpoint) v6() quoted {
	if e.addr.Is6() {
		return "true"
	}
	return "false"
}

// website is a service on the internet that people use.
type website struct {
	name quoted
	v4   *endpoint
	v6   *endpoint // nil: IPv4 alone
}

// internet is the outside.
type internet struct {
	sites    []website
	popular  [4096]uint16 // sites by how often they are asked for
	scanners []*endpoint
	visitors []*endpoint

	// Of the intrusion.
	delivery, control, drop             *endpoint
	deliveryName, controlName, dropName quoted
}

// The documentation ranges that stand for the internet (RFC 5737, RFC 3849), and who
// is where in them. The last addresses of 198.51.100.0/24 and the middle ones of
// 203.0.113.0/24 are kept for the intrusion.
const (
	siteCount    = 440
	scannerCount = 96
	visitorCount = 400
)

var (
	siteWords  = strings.Fields("amber birch cobalt delta ember fjord grove harbour indigo juniper kestrel linden meadow nimbus orchard pebble quarry ripple saffron thistle umber violet willow zephyr")
	siteTrades = strings.Fields("news mail maps books cloud media forum bank travel recipes weather music video shop docs code wiki photos sports health")
	siteHosts  = []string{"www", "api", "cdn", "static", "login", "img"}
	siteTops   = []string{"example.com", "example.net", "example.org", "example"}
)

func newInternet() *internet {
	n := &internet{
		delivery: endpointOf("203.0.113.58"), deliveryName: "invoices.paperlane.example",
		control: endpointOf(ControlAddress), controlName: "telemetry.brightpixel.example",
		drop: endpointOf("198.51.100.251"), dropName: "vault.dropcrate.example",
	}
	all := endpoints{}
	for i := range siteCount {
		n.sites = append(n.sites, newSite(all, i))
	}
	for i := range scannerCount {
		n.scanners = append(n.scanners, newEndpoint(netip.AddrFrom4([4]byte{192, 0, 2, byte(130 + i)})))
	}
	for i := range visitorCount {
		n.visitors = append(n.visitors, newVisitor(all, i))
	}
	n.rank()
	return n
}

func newSite(all endpoints, i int) website {
	word, trade := siteWords[i%len(siteWords)], siteTrades[i/len(siteWords)%len(siteTrades)]
	s := website{
		name: quoted(siteHosts[i%len(siteHosts)] + "." + word + "-" + trade + "." + siteTops[i%len(siteTops)]),
		v4:   all.at(netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i%250)})),
	}
	if i >= 250 {
		s.v4 = all.at(netip.AddrFrom4([4]byte{203, 0, 113, byte(100 + i%150)}))
	}
	if i%4 == 0 {
		s.v6 = all.at(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(i >> 8), byte(i), 0, byte(i % 7), 15: byte(1 + i%200)}))
	}
	return s
}

func newVisitor(all endpoints, i int) *endpoint {
	if i%3 == 0 {
		return all.at(netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + i/3%56)}))
	}
	return all.at(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 0xf0, byte(i), byte(i >> 8), 0, 8: byte(i * 7), 15: byte(i*31 + 1)}))
}

// rank fills popular so that the k-th site is asked for about 1/k as often as the first
// (Zipf's law).
func (n *internet) rank() {
	total := 0.0
	for i := range n.sites {
		total += 1 / math.Pow(float64(i+1), 0.95)
	}
	site, sum := 0, 1.0
	for i := range n.popular {
		for site < len(n.sites)-1 && sum/total < float64(i+1)/float64(len(n.popular)) {
			site++
			sum += 1 / math.Pow(float64(site+1), 0.95)
		}
		n.popular[i] = uint16(site)
	}
}

// site is a random website, by popularity.
func (w *world) site() *website {
	return &w.net.sites[w.net.popular[w.rng.IntN(len(w.net.popular))]]
}
