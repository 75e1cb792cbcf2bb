package entitypage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"spoor/internal/entity"
	"spoor/internal/store"
)

// among is the addresses that a page of many is about: those of a prefix or a range, or
// those of an autonomous system that were ever seen here.
type among struct {
	store.Addresses
	// prefixes are what the page's queries say for them; of an autonomous system those
	// that hold an address seen here.
	prefixes []netip.Prefix
	listed   map[string]bool // Addresses.List as a set
	extent   store.Extent    // of all time
	own      map[string]bool // of those in the window, the organisation's
	tallies  []*addressTally // of those in the window
	// What once takes from the rows of the window, and of all time.
	inside, insideEver roleCounts
	wideRows           int64
}

// DefaultWideRows is how many sightings of its addresses a page of many reads one by one.
const DefaultWideRows = 400_000

// addresses finds the addresses of a page of many, and how much there is of them.
func (p *Pages) addresses(ctx context.Context, req Request) (*among, error) {
	a, err := p.among(ctx, req)
	if err != nil {
		return nil, err
	}
	a.extent, err = p.Ledger.Extent(ctx, store.LedgerQuery{Kind: entity.IP, Among: &a.Addresses, Site: req.Site})
	return a, err
}

func (p *Pages) among(ctx context.Context, req Request) (*among, error) {
	a := &among{own: map[string]bool{}, wideRows: p.WideRows}
	if a.wideRows == 0 {
		a.wideRows = DefaultWideRows
	}
	switch req.ID.Kind {
	case entity.CIDR:
		prefix, err := netip.ParsePrefix(req.ID.Value)
		if err != nil {
			return nil, err
		}
		a.First, a.Last, a.prefixes = prefix.Addr(), entity.LastAddress(prefix), []netip.Prefix{prefix}
	case entity.Range:
		r, err := netipx.ParseIPRange(req.ID.Value)
		if err != nil {
			return nil, err
		}
		a.First, a.Last, a.prefixes = r.From(), r.To(), r.Prefixes()
	default:
		if err := p.announced(ctx, a, req.ID.Value); err != nil {
			return nil, fmt.Errorf("look for addresses of %s: %w", req.ID.Value, err)
		}
	}
	return a, nil
}

// announced finds the addresses seen here that an autonomous system announces, by the
// databases there are.
func (p *Pages) announced(ctx context.Context, a *among, asn string) error {
	seen, err := keep(p, "addresses", func() ([]netip.Addr, error) { return p.seenAddresses(ctx) })
	if err != nil {
		return err
	}
	a.List, a.listed = []string{}, map[string]bool{}
	a.First, a.Last = netip.IPv4Unspecified(), netip.IPv4Unspecified()
	prefixes := map[netip.Prefix]bool{}
	for _, addr := range seen {
		number, _, network := p.Geo.ASN(addr)
		if number == 0 || fmt.Sprint("AS", number) != asn {
			continue
		}
		if len(a.List) == 0 {
			a.First = addr
		}
		a.Last = addr // they are in order
		a.List = append(a.List, addr.String())
		a.listed[addr.String()] = true
		prefixes[network] = true
	}
	a.prefixes = slices.SortedFunc(maps.Keys(prefixes), netip.Prefix.Compare)
	return nil
}

// seenAddresses are all addresses of the ledger but those merely mentioned, in the order
// of their keys.
func (p *Pages) seenAddresses(ctx context.Context) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, run := range []store.Addresses{
		{First: netip.IPv4Unspecified(), Last: netip.MustParseAddr("255.255.255.255")},
		{First: netip.IPv6Unspecified(), Last: netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")},
	} {
		found, err := p.Ledger.AddressesBy(ctx, store.AddressQuery{
			LedgerQuery: store.LedgerQuery{Kind: entity.IP, Among: &run}, Order: store.ByAddress,
		})
		if err != nil {
			return nil, err
		}
		for _, text := range found {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, err
			}
			all = append(all, addr)
		}
	}
	slices.SortFunc(all, compareAddresses)
	return all, nil
}

// Among tells other packages which addresses the page of many is about: where they are in
// the ledger, the KQL condition that a column holds one, and whether an address is one.
func (p *Pages) Among(ctx context.Context, req Request) (addresses store.Addresses, is func(column string) string, contains func(address string) bool, err error) {
	a, err := p.addresses(ctx, req)
	if err != nil {
		return addresses, nil, nil, err
	}
	v := &view{req: req, among: a}
	return a.Addresses, v.is, a.contains, nil
}

// contains reports whether the page is about an address.
func (a *among) contains(address string) bool {
	if a.listed != nil {
		return a.listed[address]
	}
	addr, err := netip.ParseAddr(address)
	return err == nil && addr.BitLen() == a.First.BitLen() && !addr.Less(a.First) && !a.Last.Less(addr)
}

// owns reports whether the address that a row is about is the organisation's; never of a
// page of one entity.
func (a *among) owns(r *store.Stretch) bool { return a != nil && a.own[r.Entity] }

// address is the one that a row is about; "" on a page of one entity, which says it once.
func (a *among) address(r *store.Stretch) string {
	if a == nil {
		return ""
	}
	return r.Entity
}

// ofAddresses reports whether the page is about an address, or about many.
func (v *view) ofAddresses() bool { return v.req.ID.Kind == entity.IP || v.among != nil }

// countedAs is the kind of entity by whose rules records are counted.
func (v *view) countedAs() entity.Kind {
	if v.among != nil {
		return entity.IP
	}
	return v.req.ID.Kind
}

// wide reports whether there are so many sightings that the page does not tell the
// addresses apart.
func (v *view) wide() bool { return v.among != nil && v.among.extent.Rows > v.among.wideRows }

// addressesNamed are the addresses of the page that rows are about.
func (v *view) addressesNamed() map[string]bool {
	named := map[string]bool{}
	switch {
	case v.req.ID.Kind == entity.IP:
		named[v.req.ID.Value] = true
	case v.among != nil && !v.wide():
		for i := range v.rows {
			named[v.rows[i].Entity] = true
		}
	}
	return named
}

// decideEach decides whose each address of a page of many is, by its rows.
func (v *view) decideEach(parts ...[]store.Stretch) {
	if v.wide() {
		return
	}
	claimed := map[string]bool{}
	for i := range v.claims {
		claimed[v.claims[i].Address] = true
	}
	seen := map[string]*sides{}
	for _, rows := range parts {
		for i := range rows {
			r := &rows[i]
			if seen[r.Entity] == nil {
				seen[r.Entity] = &sides{}
			}
			seen[r.Entity].add(r)
		}
	}
	for address, s := range seen {
		v.among.own[address], _ = v.decideOwn(address, *s, claimed[address])
	}
}

// roleCounts is records by source kind and role.
type roleCounts map[string]map[string]int64

func (c roleCounts) add(r *store.Stretch) {
	if c[r.SourceKind] == nil {
		c[r.SourceKind] = map[string]int64{}
	}
	for _, role := range r.Roles.Names() {
		c[r.SourceKind][role] += r.Records
	}
}

// once leaves of records of which both ends are on the page only what the row of the
// source counts, so that they count once; with a role asked for they do anyway. The row
// of the destination stays, for its holders and outcome, and the roles that it counted
// are given back: the record plays them too.
func (v *view) once(rows []store.Stretch) roleCounts {
	taken := roleCounts{}
	if v.req.Role != 0 {
		return taken
	}
	inside := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if !v.takesPart(r) {
			continue
		}
		in, known := inside[r.Peer]
		if !known {
			in = v.among.contains(r.Peer)
			inside[r.Peer] = in
		}
		if in {
			taken.add(r)
			r.Records, r.BytesOut, r.BytesIn = 0, 0, 0
		}
	}
	return taken
}

// takesPart reports whether the row is that of the destination of its records, or of their
// other side where nobody is the source.
func (*view) takesPart(r *store.Stretch) bool {
	const ends = entity.RoleSource | entity.RoleDestination
	return r.Peer != "" && r.Peer != r.Entity &&
		(r.Roles&ends == entity.RoleDestination || r.Roles&ends == 0 && r.Roles.Has(entity.RoleRemote))
}

// Errors that callers tell apart; their text is fit for the user.
var (
	// ErrNotMany: only a page of many addresses has a list of them.
	ErrNotMany = errors.New("only a prefix, a range or an AS number has addresses")
	// ErrWide: more sightings than are told apart.
	ErrWide = errors.New("there are too many sightings of these addresses to list them one by one: ask for a narrower prefix or range")
)

// is is the KQL condition that a column holds the address of the page, or one of many.
func (v *view) is(column string) string {
	if v.among == nil {
		return column + " == " + quote(v.req.ID.Value)
	}
	if n := len(v.among.List); n > 0 && n <= spelledOut {
		return fmt.Sprintf("%s in (%s)", column, literals(v.among.List)) // which costs much less than ranges
	}
	var conds []string
	for _, family := range []struct {
		name  string
		other bool // IPv6
	}{{"ipv4", false}, {"ipv6", true}} {
		prefixes := slices.DeleteFunc(slices.Clone(v.among.prefixes), func(p netip.Prefix) bool { return p.Addr().Is6() != family.other })
		switch len(prefixes) {
		case 0:
		case 1:
			conds = append(conds, begins(column, prefixes[0])+fmt.Sprintf("%s_is_in_range(%s, %s)", family.name, column, quote(prefixes[0].String())))
		default:
			texts := make([]string, len(prefixes))
			for i, p := range prefixes {
				texts[i] = quote(p.String())
			}
			conds = append(conds, begins(column, v.among.cover())+fmt.Sprintf("%s_is_in_any_range(%s, dynamic([%s]))", family.name, column, strings.Join(texts, ", ")))
		}
	}
	switch len(conds) {
	case 0:
		return "false"
	case 1:
		return conds[0]
	default:
		return "(" + strings.Join(conds, " or ") + ")"
	}
}

// spelledOut is up to how many addresses of an autonomous system its queries name one by
// one; of more they name the prefixes.
const spelledOut = 200

// cover is the narrowest prefix that holds all of a range.
func (a *among) cover() netip.Prefix {
	bits := 0
	for a.listed == nil && bits < a.First.BitLen() {
		p, err := a.First.Prefix(bits + 1)
		if err != nil || !p.Contains(a.Last) {
			break
		}
		bits++
	}
	return netip.PrefixFrom(a.First, bits).Masked()
}

// begins is a condition that an address of the prefix meets by its text, which costs much
// less than reading the text as an address.
func begins(column string, p netip.Prefix) string {
	switch start := beginning(p); {
	case start != "":
		return fmt.Sprintf("%s startswith_cs %s and ", column, quote(start))
	case p.Addr().Is6() && p.Contains(mapped):
		return column + ` contains ":" and ` // IPv4 is a part of it to the function
	default:
		return ""
	}
}

var mapped = netip.MustParseAddr("::ffff:0:0")

// beginning is the text that all addresses of a prefix begin with: whole parts of the
// address, and of IPv6 none behind one that is zero, for it may be left out.
func beginning(p netip.Prefix) string {
	var b strings.Builder
	if p.Addr().Is4() {
		parts := p.Addr().As4()
		for i := range p.Bits() / 8 {
			fmt.Fprintf(&b, "%d", parts[i])
			if i < 3 {
				b.WriteByte('.')
			}
		}
		return b.String()
	}
	parts := p.Addr().As16()
	for i := range min(p.Bits()/16, 7) {
		part := int(parts[2*i])<<8 | int(parts[2*i+1])
		if part == 0 {
			break
		}
		fmt.Fprintf(&b, "%x:", part)
	}
	return b.String()
}

// onceQuery leaves out, in a query over the ledger, what once leaves out.
func (v *view) onceQuery() string {
	if v.among == nil || v.req.Role != 0 {
		return ""
	}
	return fmt.Sprintf(`
| where not(Peer != Entity and coalesce(%s, false)
    and (Roles has "destination" and not(Roles has "source") or not(Roles has_any ("source", "destination")) and Roles has "remote"))`, v.is("Peer"))
}
