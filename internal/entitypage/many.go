package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"time"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/network"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Many is what a page of many addresses says of them.
type Many struct {
	First string `json:"first,omitempty" doc:"the lowest address of a prefix or range"`
	Last  string `json:"last,omitempty"`
	Size  string `json:"size,omitempty" doc:"how many addresses a prefix or range has, in decimal"`

	Seen      int64        `json:"seen" doc:"addresses with records in the range, mentions left out"`
	Contacted int64        `json:"contacted" doc:"of these, those with an established or permitted connection"`
	Own       int64        `json:"own" doc:"of these, the organisation's"`
	Addresses AddressList  `json:"addresses"`
	Holds     []Network    `json:"holds" doc:"named ranges that lie in it"`
	Countries []PlaceCount `json:"countries" doc:"where the addresses seen are, most first"`
	Systems   []PlaceCount `json:"systems" doc:"autonomous systems that announce them, most first"`
	Prefixes  []PlaceCount `json:"prefixes" doc:"of an autonomous system: its prefixes with addresses seen, most first"`

	// Wide says why the addresses are not told apart; empty: they are.
	Wide string `json:"wide,omitempty"`
}

// PlaceCount is how many of the addresses seen a place has.
type PlaceCount struct {
	ID        string `json:"id" doc:"country code, AS64500 or prefix; empty: no database says"`
	Name      string `json:"name,omitempty"`
	Addresses int64  `json:"addresses"`
}

// AddressList is the addresses of a page of many that were seen: the first page in the
// document, the rest at /api/entities/{kind}/{id}/addresses.
type AddressList struct {
	Total int64         `json:"total"`
	Items []AddressItem `json:"items"`
	Query string        `json:"query"`
}

// AddressItem is one address, as its own page has it.
type AddressItem struct {
	Address     string    `json:"address"`
	Own         bool      `json:"own" doc:"of the organisation"`
	Devices     int64     `json:"devices" doc:"own hosts in its records"`
	Contacted   bool      `json:"contacted" doc:"at least one established or permitted connection"`
	Outcome     string    `json:"outcome,omitempty" doc:"the best that became of a connection"`
	Records     int64     `json:"records" doc:"of the source kind with most"`
	SourceKind  string    `json:"sourceKind"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	BytesOut    int64     `json:"bytesOut"`
	BytesIn     int64     `json:"bytesIn"`
	Country     string    `json:"country,omitempty"`
	CountryCode string    `json:"countryCode,omitempty"`
	ASN         uint32    `json:"asn,omitempty"`
	Org         string    `json:"org,omitempty"`
	Noise       []Noise   `json:"noise"`
}

// addressTally is what the rows of one address add up to.
type addressTally struct {
	addr        netip.Addr
	kinds       kindTallies
	hosts       map[hostKey]bool
	own         bool
	outcome     schema.Outcome
	first, last schema.Ticks
}

// addressTallies adds the rows of each address up, as its own page does, in the order of
// the addresses.
func (v *view) addressTallies() []*addressTally {
	found := map[string]*addressTally{}
	for i := range v.rows {
		r := &v.rows[i]
		t, ok := found[r.Entity]
		if !ok {
			t = &addressTally{own: v.among.own[r.Entity], outcome: schema.OutcomeNone, first: schema.MaxTicks, hosts: map[hostKey]bool{}}
			t.addr, _ = netip.ParseAddr(r.Entity) // the ledger keeps no others
			found[r.Entity] = t
		}
		t.add(r)
		v.eachHost(r, func(r *store.Stretch, ref device.Ref, address string) { t.hosts[hostOf(r, ref, address)] = true })
	}
	all := slices.SortedFunc(maps.Values(found), func(a, b *addressTally) int { return compareAddresses(a.addr, b.addr) })
	return slices.DeleteFunc(all, func(t *addressTally) bool { return t.last == 0 }) // merely mentioned
}

func (t *addressTally) add(r *store.Stretch) {
	if r.Roles == entity.RoleMentioned {
		return
	}
	t.kinds.add(r)
	t.first, t.last = min(t.first, r.First), max(t.last, r.Last)
	if r.Outcome != schema.OutcomeNone && (t.outcome == schema.OutcomeNone || r.Outcome < t.outcome) {
		t.outcome = r.Outcome // they are declared from the best on
	}
}

func (t *addressTally) item(p *Pages) AddressItem {
	kind, records := t.kinds.main(entity.IP)
	out, in := t.kinds.bytes()
	place := p.Place(t.addr)
	return AddressItem{
		Address: t.addr.String(), Own: t.own, Devices: int64(len(t.hosts)), Contacted: t.outcome.Contact(), Outcome: t.outcome.String(),
		Records: records, SourceKind: kind, First: t.first.Time(), Last: t.last.Time(), BytesOut: out, BytesIn: in,
		Country: place.Country, CountryCode: place.CountryCode, ASN: place.ASN, Org: place.Org,
		Noise: p.Noises(entity.ID{Kind: entity.IP, Value: t.addr.String()}),
	}
}

// many fills what the page says of its addresses.
func (p *Pages) many(ctx context.Context, v *view) (*Many, error) {
	a := v.among
	m := &Many{Holds: v.rangesInside(), Countries: []PlaceCount{}, Systems: []PlaceCount{}, Prefixes: []PlaceCount{}}
	if a.listed == nil {
		m.First, m.Last, m.Size = a.First.String(), a.Last.String(), size(a.First, a.Last).String()
	}
	m.Addresses = AddressList{Items: []AddressItem{}, Query: v.addressesQuery()}
	if v.wide() {
		m.Wide = ErrWide.Error()
		extent, err := p.Ledger.Extent(ctx, v.windowQuery())
		m.Seen, m.Addresses.Total = extent.Addresses, extent.Addresses
		return m, err
	}
	tallies := a.tallies
	m.Seen = int64(len(tallies))
	var countries, systems, prefixes places
	for _, t := range tallies {
		if t.own {
			m.Own++
		}
		if t.outcome.Contact() {
			m.Contacted++
		}
		place := p.Place(t.addr)
		countries.add(place.CountryCode, place.Country)
		system := ""
		if place.ASN != 0 {
			system = fmt.Sprint("AS", place.ASN)
		}
		systems.add(system, place.Org)
		if a.listed != nil {
			_, _, prefix := p.Geo.ASN(t.addr)
			prefixes.add(prefix.String(), "")
		}
	}
	m.Countries, m.Systems, m.Prefixes = countries.list(), systems.list(), prefixes.list()
	m.Addresses = p.addressList(v, tallies, List{Limit: PageSize})
	return m, nil
}

// places counts addresses by place.
type places map[string]*PlaceCount

func (p *places) add(id, name string) {
	if *p == nil {
		*p = places{}
	}
	c, ok := (*p)[id]
	if !ok {
		c = &PlaceCount{ID: id, Name: name}
		(*p)[id] = c
	}
	c.Addresses++
}

// listedPlaces bounds how many places a page lists.
const listedPlaces = 20

func (p places) list() []PlaceCount {
	out := make([]PlaceCount, 0, len(p))
	for _, c := range p {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b PlaceCount) int {
		return cmp.Or(cmp.Compare(b.Addresses, a.Addresses), cmp.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), listedPlaces)]
}

// size is how many addresses there are from first to last.
func size(first, last netip.Addr) *big.Int {
	a, b := new(big.Int).SetBytes(first.AsSlice()), new(big.Int).SetBytes(last.AsSlice())
	return b.Add(b.Sub(b, a), big.NewInt(1))
}

// addressList is a page of the addresses that are told apart.
func (p *Pages) addressList(v *view, tallies []*addressTally, list List) AddressList {
	if list.Match != "" {
		tallies = slices.DeleteFunc(slices.Clone(tallies), func(t *addressTally) bool {
			item := t.item(p)
			texts := []string{item.Address, item.Country, item.CountryCode, fmt.Sprint("AS", item.ASN, " ", item.Org)}
			for _, n := range item.Noise {
				texts = append(texts, n.Class, n.Name)
			}
			return !list.keeps(texts...)
		})
	}
	shown := sortedPage(tallies, list, func(t *addressTally) sortable {
		hi, lo := entity.AddressKey(t.addr)
		s := sortable{name: fmt.Sprintf("%016x%016x", hi, lo), first: t.first, last: t.last, devices: int64(len(t.hosts))}
		_, s.records = t.kinds.main(entity.IP)
		out, in := t.kinds.bytes()
		s.bytes = out + in
		return s
	})
	items := make([]AddressItem, len(shown))
	for i, t := range shown {
		items[i] = t.item(p)
	}
	return AddressList{Total: int64(len(tallies)), Items: items, Query: v.addressesQuery()}
}

// addressesQuery lists the addresses with what the ledger has of each.
func (v *view) addressesQuery() string {
	return v.sightings(true) + noMentions + `
| summarize Records = sum(Records), First = min(FirstSeen), Last = max(LastSeen), BytesOut = sum(BytesOut), BytesIn = sum(BytesIn) by Address = Entity, SourceKind
| sort by Last desc`
}

// countQuery counts the addresses, or those with a contact.
func (v *view) countQuery(contacted bool) string {
	q := v.sightings(true) + noMentions
	if contacted {
		q += "\n| where " + contactIn("Outcome")
	}
	return q + "\n| distinct Entity\n| count"
}

// identityOfMany is what is known of the addresses without any record.
func (p *Pages) identityOfMany(v *view) (*Identity, error) {
	a := v.among
	id := &Identity{Networks: []Network{}, Geo: []Geo{}, Class: class(a)}
	for _, r := range v.networks.List() {
		if v.holdsNow(&r) && r.Prefix.Contains(a.First) && r.Prefix.Contains(a.Last) && (a.listed == nil || len(a.List) > 0) {
			id.Networks = append(id.Networks, networkOf(&r))
		}
	}
	slices.SortStableFunc(id.Networks, func(x, y Network) int { return cmp.Compare(prefixBits(y.CIDR), prefixBits(x.CIDR)) })
	id.Own, id.OwnWhy = len(id.Networks) > 0, "network catalogue"
	if !id.Own {
		id.OwnWhy = "no named range holds all of it"
	}
	answers, err := p.Geo.Lookup(a.First)
	for _, g := range answers {
		if a.listed == nil || g.ASN != 0 {
			id.Geo = append(id.Geo, geo(g))
		}
	}
	return id, err
}

// class is that of all addresses, when they have one; empty for an AS of which no address
// was seen.
func class(a *among) string {
	if a.listed != nil && len(a.List) == 0 {
		return ""
	}
	first, last := entity.ClassOf(a.First), entity.ClassOf(a.Last)
	if first != last {
		return "mixed"
	}
	return string(first)
}

func prefixBits(cidr string) int {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return 0
	}
	return p.Bits()
}

// rangesInside lists the named ranges that lie in a prefix or range, itself left out.
func (v *view) rangesInside() []Network {
	inside := []Network{}
	a := v.among
	if a.listed != nil {
		return inside
	}
	for _, r := range v.networks.List() {
		from, to := r.Prefix.Addr(), entity.LastAddress(r.Prefix)
		if v.holdsNow(&r) && a.contains(from.String()) && a.contains(to.String()) && (from != a.First || to != a.Last) {
			inside = append(inside, networkOf(&r))
		}
	}
	return inside
}

// holdsNow reports whether a named range holds at the site and the end of the window.
func (v *view) holdsNow(r *network.Range) bool {
	at := v.window.to.Time()
	return (v.req.Site == "" || r.Site == "" || r.Site == v.req.Site) && !at.Before(r.ValidFrom) && (r.ValidTo.IsZero() || at.Before(r.ValidTo))
}

func networkOf(r *network.Range) Network {
	return Network{CIDR: r.Prefix.String(), Name: r.Name, Role: r.Role, Site: r.Site, Owner: r.Owner}
}
