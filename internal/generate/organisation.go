package generate

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"strings"

	"spoor/internal/network"
)

// The organisation's names.
const (
	domain   = "alderfinch.example"
	realm    = "ALDERFINCH.EXAMPLE"
	netbios  = "ALDERFINCH"
	domainID = "S-1-5-21-1404270431-2087916622-3315704518"
)

// organisation is the hosts and people.
type organisation struct {
	offices []*office
	hosts   []*host // all, servers first

	controllers               []*host
	files, erp, updates, mail *host
	web                       *host
	admin                     *account // of the help desk
	servers                   []*host  // all but the domain controllers and the web server
	silent                    []*host  // printers and the like: no agent, no user
	edge                      []*endpoint
}

// office is a place where people work.
type office struct {
	name   string
	letter string
	prefix netip.Prefix // of its clients
	six    netip.Prefix
	offset moment  // local time minus UTC
	share  float64 // of all people
	people []*host
	gone   int // addresses given out
}

// account is a person's or a host's account in the domain.
type account struct {
	name   quoted
	domain quoted
	full   quoted // DOMAIN\name
	sid    quoted
}

func newAccount(domain, name string, rid int) *account {
	return &account{
		name: quote(name), domain: quote(domain), full: quote(domain + `\` + name),
		sid: quoted(fmt.Sprintf("%s-%d", domainID, rid)),
	}
}

var systemAccount = &account{name: "SYSTEM", domain: "NT AUTHORITY", full: quote(`NT AUTHORITY\SYSTEM`), sid: "S-1-5-18"}

// host is one machine.
type host struct {
	name    quoted // as it reports itself
	short   quoted
	v4, v6  *endpoint // v6 is nil for most
	mac     quoted
	machine uint32 // begins the GUIDs of its processes
	agent   bool   // it sends Windows events
	office  *office
	user    *account
	account *account // its own, NAME$

	processes                             int64 // started so far
	records                               int64 // Windows events sent so far
	system, lsass, services, svchost, app *process
	explorer, browser, outlook            *process // while its user is logged on
	implant                               *process // the intruder's, once there is one
	logonID                               int64
	until                                 moment // when its user leaves
}

const (
	silentShare = 12 // one in so many hosts of an office has no agent
	sixShare    = 5  // one in so many clients speaks IPv6
)

func newOrganisation(rng *rand.Rand, devices int) *organisation {
	o := &organisation{offices: []*office{
		{name: "North office", letter: "N", prefix: netip.MustParsePrefix("10.10.0.0/16"), six: netip.MustParsePrefix("3fff:a1d:10::/48"), offset: hour, share: 0.62},
		{name: "South office", letter: "S", prefix: netip.MustParsePrefix("10.20.0.0/16"), six: netip.MustParsePrefix("3fff:a1d:20::/48"), offset: -5 * hour, share: 0.38},
	}}
	o.addServers(rng, devices)
	o.admin = newAccount(netbios, "helpdesk.adm", 1190)
	for i := 0; len(o.hosts) < devices; i++ {
		at := o.offices[0]
		if south := int(100*o.offices[1].share + 0.5); i*south%100 < south {
			at = o.offices[1]
		}
		o.addClient(rng, at, i)
	}
	return o
}

// addServers adds the server room: six servers that everyone needs, the web server in
// the DMZ, and more ERP nodes the more devices there are.
func (o *organisation) addServers(rng *rand.Rand, devices int) {
	server := func(name, addr string) *host {
		h := newHost(rng, "AF-"+name, netip.MustParseAddr(addr))
		h.agent = true
		o.hosts = append(o.hosts, h)
		return h
	}
	o.controllers = []*host{server("DC01", "10.1.10.10"), server("DC02", "10.1.10.11")}
	o.files = server("FS01", "10.1.10.20")
	o.erp = server("ERP01", "10.1.10.30")
	o.mail = server("MAIL01", "10.1.10.40")
	o.updates = server("WSUS01", "10.1.10.50")
	o.servers = []*host{o.files, o.erp, o.mail, o.updates}
	for i := range min(devices/200, 200) {
		o.servers = append(o.servers, server(fmt.Sprintf("ERP%02d", i+2), netip.AddrFrom4([4]byte{10, 1, 20, byte(10 + i)}).String()))
	}
	o.web = server("WEB01", "192.0.2.10")
	o.web.v6 = endpointOf("3fff:a1d:ff::10")
	o.edge = []*endpoint{o.web.v4, endpointOf("192.0.2.1"), endpointOf("192.0.2.20"), endpointOf("192.0.2.30")}
}

func newHost(rng *rand.Rand, name string, a netip.Addr) *host {
	h := &host{
		name: quoted(name + "." + domain), short: quoted(name), v4: newEndpoint(a),
		machine: rng.Uint32() | 0x10000000,
		account: newAccount(netbios, name+"$", 2000+rng.IntN(40_000)),
	}
	m := rng.Uint32()
	h.mac = quoted(fmt.Sprintf("02:5a:%02x:%02x:%02x:%02x", byte(m>>24), byte(m>>16), byte(m>>8), byte(m)))
	return h
}

var (
	givenNames  = strings.Fields("anna bela carla deniz elias frida goran hanna ivo jana kofi lena mateo nina oskar petra quentin rosa sven tara ulla viktor wanda xenia yusuf zoe")
	familyNames = strings.Fields("alder berg castel dahl eklund ferro gruber holm ibsen janik kovac lund moreau novak olsen popov quist rossi silva tamm urban vega weiss yilmaz zeman")
)

func (o *organisation) addClient(rng *rand.Rand, at *office, i int) {
	at.gone++
	n := at.gone
	kind := "WS"
	if n%silentShare == 0 {
		kind = "PR"
	}
	h := newHost(rng, fmt.Sprintf("AF-%s-%s%04d", at.letter, kind, n), nth(at.prefix, n+300))
	h.office = at
	o.hosts = append(o.hosts, h)
	if kind == "PR" {
		o.silent = append(o.silent, h)
		return
	}
	h.agent = true
	given, family := givenNames[i%len(givenNames)], familyNames[i/len(givenNames)%len(familyNames)]
	name := given + "." + family
	if again := i / (len(givenNames) * len(familyNames)); again > 0 {
		name += fmt.Sprint(again + 1)
	}
	h.user = newAccount(netbios, name, 1200+i)
	if n%sixShare == 0 {
		h.v6 = newEndpoint(nth(at.six, n+256))
	}
	at.people = append(at.people, h)
}

// nth is the n-th address of a prefix, from 0, leaving out the last octets 0 and 255.
func nth(p netip.Prefix, n int) netip.Addr {
	b := p.Addr().AsSlice()
	last := len(b) - 1
	b[last] = byte(1 + n%254)
	b[last-1] = byte(n / 254)
	a, _ := netip.AddrFromSlice(b)
	return a
}

// writeNetworks writes the ranges for the network catalogue. They name no site: the
// logs may be taken in under any.
func (o *organisation) writeNetworks(out io.Writer) error {
	ranges := []network.Range{
		{Prefix: netip.MustParsePrefix("10.0.0.0/8"), Name: "Alder & Finch", Role: "internal", Owner: "IT"},
		{Prefix: netip.MustParsePrefix("10.1.10.0/24"), Name: "Server room", Role: "servers", Owner: "IT"},
		{Prefix: netip.MustParsePrefix("10.1.20.0/24"), Name: "ERP nodes", Role: "servers", Owner: "Finance systems"},
		{Prefix: netip.MustParsePrefix("192.0.2.0/26"), Name: "Internet edge", Role: "dmz", Owner: "IT"},
		{Prefix: netip.MustParsePrefix("3fff:a1d::/32"), Name: "Alder & Finch IPv6", Role: "internal", Owner: "IT"},
	}
	for _, at := range o.offices {
		ranges = append(ranges,
			network.Range{Prefix: at.prefix, Name: at.name + " clients", Role: "clients", Owner: "IT"},
			network.Range{Prefix: at.six, Name: at.name + " clients (IPv6)", Role: "clients", Owner: "IT"})
	}
	return network.WriteCSV(out, ranges)
}
