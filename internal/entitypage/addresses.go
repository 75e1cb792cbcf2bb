package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/store"
)

// Addresses gives a page of the addresses of a page of many. List.Sort is last (the
// default), first, records, devices, bytes or name, which is the order of the addresses.
// List.Match is looked for in address, country, AS and noise lists.
//
// Where the page does not tell its addresses apart, the ledger puts them in order and
// only those of the page are looked at: then devices, bytes and Match are ErrWide.
func (p *Pages) Addresses(ctx context.Context, req Request, list List) (AddressList, error) {
	out := AddressList{Items: []AddressItem{}}
	v, err := p.addressView(ctx, req)
	if err != nil {
		return out, err
	}
	out.Query = v.addressesQuery()
	if !v.wide() {
		return p.addressList(v, v.among.tallies, list), nil
	}
	q := v.windowQuery()
	extent, err := p.Ledger.Extent(ctx, q)
	if err != nil {
		return out, err
	}
	out.Total = extent.Addresses
	addresses, err := p.ordered(ctx, v, list)
	if err != nil {
		return out, err
	}
	out.Items, err = p.addressItems(ctx, v, addresses)
	return out, err
}

// addressesAtOnce is how many addresses are looked at together when all of very many are
// listed.
const addressesAtOnce = 2000

// EachAddress gives all addresses to yield, in the order of the list. An error of yield
// ends it.
func (p *Pages) EachAddress(ctx context.Context, req Request, list List, yield func(*AddressItem) error) error {
	v, err := p.addressView(ctx, req)
	if err != nil {
		return err
	}
	if !v.wide() {
		return each(p.addressList(v, v.among.tallies, list).Items, yield)
	}
	addresses, err := p.ordered(ctx, v, list)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(addresses, addressesAtOnce) {
		items, err := p.addressItems(ctx, v, part)
		if err == nil {
			err = each(items, yield)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func each(items []AddressItem, yield func(*AddressItem) error) error {
	for i := range items {
		if err := yield(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

// addressView is the view that addresses are listed from.
func (p *Pages) addressView(ctx context.Context, req Request) (*view, error) {
	if !req.ID.Kind.Many() {
		return nil, ErrNotMany
	}
	v, err := p.view(ctx, req)
	if err == nil && !v.wide() {
		err = p.resolve(ctx, v)
	}
	return v, err
}

// windowQuery asks the ledger for the addresses in the days of the window.
func (v *view) windowQuery() store.LedgerQuery {
	q := v.ledgerQuery()
	q.FromDay, q.ToDay, q.Roles = v.window.fromDay, v.window.toDay, v.req.Role
	return q
}

// ledgerOrders are the orders of a list that the ledger has, too.
var ledgerOrders = map[string]store.AddressOrder{
	"": store.ByLast, "last": store.ByLast, "first": store.ByFirst, "records": store.ByRecords, "name": store.ByAddress,
}

// ordered lists the addresses of the window, as the ledger puts them in order.
func (p *Pages) ordered(ctx context.Context, v *view, list List) ([]string, error) {
	order, ok := ledgerOrders[strings.TrimPrefix(list.Sort, "-")]
	if !ok || list.Match != "" {
		return nil, fmt.Errorf("sort by %s, find %q: %w", cmp.Or(list.Sort, "last"), list.Match, ErrWide)
	}
	return p.Ledger.AddressesBy(ctx, store.AddressQuery{
		LedgerQuery: v.windowQuery(), From: v.window.from, To: v.window.to, Order: order, Reverse: strings.HasPrefix(list.Sort, "-"), Counting: connectionKinds, Limit: list.Limit, Offset: list.Offset,
	})
}

// addressItems tells of some addresses of a page, in their order.
//
// Of the view it takes what a view has before anything is read.
func (p *Pages) addressItems(ctx context.Context, of *view, addresses []string) ([]AddressItem, error) {
	items := make([]AddressItem, 0, len(addresses))
	if len(addresses) == 0 {
		return items, nil
	}
	some := &view{
		req: of.req, ledger: of.ledger, kql: of.kql, networks: of.networks, window: of.window, aliases: of.aliases, names: map[string]string{},
		among: amongListed(addresses),
	}
	q := some.ledgerQuery()
	q.FromDay, q.ToDay = some.window.fromDay, some.window.toDay
	var err error
	if some.all, err = some.ledger.Stretches(ctx, store.StretchQuery{LedgerQuery: q, Cuts: some.window.cuts()}); err != nil {
		return nil, err
	}
	some.nameDevices()
	if err := some.cut(ctx); err != nil {
		return nil, err
	}
	if err := some.resolve(ctx); err != nil {
		return nil, err
	}
	place := make(map[string]int, len(addresses))
	for i, a := range addresses {
		place[a] = i
	}
	tallies := slices.SortedFunc(slices.Values(some.among.tallies), func(a, b *addressTally) int {
		return cmp.Compare(place[a.addr.String()], place[b.addr.String()])
	})
	for _, t := range tallies {
		items = append(items, t.item(p))
	}
	return items, nil
}

// amongListed is a list of addresses.
func amongListed(addresses []string) *among {
	a := &among{own: map[string]bool{}, listed: map[string]bool{}}
	a.List = addresses
	for i, text := range addresses {
		a.listed[text] = true
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue // the ledger keeps no others
		}
		if i == 0 || addressLess(addr, a.First) {
			a.First = addr
		}
		if i == 0 || addressLess(a.Last, addr) {
			a.Last = addr
		}
	}
	return a
}

// addressLess is the order of the ledger.
func addressLess(a, b netip.Addr) bool { return compareAddresses(a, b) < 0 }

func compareAddresses(a, b netip.Addr) int {
	ah, al := entity.AddressKey(a)
	bh, bl := entity.AddressKey(b)
	return cmp.Or(cmp.Compare(ah, bh), cmp.Compare(al, bl))
}
