package entitypage

import (
	"cmp"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// peerTally is what the records with one address at the other end add up to.
type peerTally struct {
	address     string
	site        string // of the last row
	none        bool   // it is no peer at that site
	kinds       kindTallies
	contacted   bool
	first, last schema.Ticks
	attempts
}

// attempts is who opened the connections with a peer, and whether one of them was
// established or permitted. ICMP opens none.
type attempts struct{ reached, reachedBy, tried, triedBy bool }

func (a *attempts) add(r *store.Stretch) {
	if r.Outcome == schema.OutcomeNone || r.Outcome == schema.OutcomeICMP {
		return
	}
	opened, taken, contact := r.Roles.Has(entity.RoleSource), r.Roles.Has(entity.RoleDestination), r.Outcome.Contact()
	a.reached = a.reached || opened && contact
	a.tried = a.tried || opened && !contact
	a.reachedBy = a.reachedBy || taken && contact
	a.triedBy = a.triedBy || taken && !contact
}

// peers lists the addresses at the other end. Groups of hosts, loopback and an address
// that talks to itself are no peers.
func (v *view) peers() []peerTally { return v.peerTallies.get(v.tallyPeers) }

func (v *view) tallyPeers() []peerTally {
	index := make(map[string]int, len(v.rows)) // of an address in tallies
	var tallies []peerTally
	for i := range v.rows {
		r := &v.rows[i]
		if r.Peer == "" || r.Peer == r.Entity || v.ofAddresses() && !talked(r.Roles) {
			continue
		}
		at, ok := index[r.Peer]
		if !ok {
			at = len(tallies)
			index[r.Peer] = at
			tallies = append(tallies, peerTally{address: r.Peer, first: schema.MaxTicks})
		}
		t := &tallies[at]
		if !ok || t.site != r.Site {
			t.site, t.none = r.Site, v.group(r.Site, r.Peer)
		}
		if !t.none {
			t.add(r)
		}
	}
	return slices.DeleteFunc(tallies, func(t peerTally) bool { return len(t.kinds) == 0 })
}

// peerList gives a page of the peers.
func (v *view) peerList(list List) PeerList {
	tallies := v.peers()
	if list.Sort == "" {
		list.Sort = "records"
	}
	order := make([]int, 0, len(tallies))
	for i := range tallies {
		if list.keeps(tallies[i].address) {
			order = append(order, i)
		}
	}
	shown := sortedPage(order, list, func(i int) sortable {
		t := &tallies[i]
		s := sortable{name: t.address, first: t.first, last: t.last}
		_, s.records = t.kinds.main(v.countedAs())
		return s
	})
	items := make([]PeerItem, len(shown))
	for i, at := range shown {
		items[i] = tallies[at].item(v.countedAs())
	}
	return PeerList{Total: int64(len(order)), Items: items, Query: v.peersQuery()}
}

func (t *peerTally) add(r *store.Stretch) {
	t.kinds.add(r)
	t.attempts.add(r)
	t.contacted = t.contacted || r.Outcome.Contact()
	t.first, t.last = min(t.first, r.First), max(t.last, r.Last)
}

func (t *peerTally) item(page entity.Kind) PeerItem {
	kind, records := t.kinds.main(page)
	bytesOut, bytesIn := t.kinds.bytes()
	return PeerItem{
		Address: t.address, Records: records, SourceKind: kind, Contacted: t.contacted,
		First: t.first.Time(), Last: t.last.Time(), BytesOut: bytesOut, BytesIn: bytesIn,
	}
}

// sortable is what lists can be sorted by.
type sortable struct {
	name        string
	records     int64
	first, last schema.Ticks
	// Of addresses alone:
	devices, bytes int64
}

// sortedPage is a page of the items sorted by List.Sort; equal ones keep the order of
// their names, so that pages never overlap.
func sortedPage[T any](items []T, list List, of func(T) sortable) []T {
	type keyed struct {
		sortable
		item T
	}
	all := make([]keyed, len(items))
	for i, item := range items {
		all[i] = keyed{of(item), item}
	}
	field, reverse := strings.TrimPrefix(list.Sort, "-"), strings.HasPrefix(list.Sort, "-")
	slices.SortFunc(all, func(a, b keyed) int {
		var order int
		switch field {
		case "first":
			order = cmp.Compare(b.first, a.first)
		case "records":
			order = cmp.Compare(b.records, a.records)
		case "devices":
			order = cmp.Compare(b.devices, a.devices)
		case "bytes":
			order = cmp.Compare(b.bytes, a.bytes)
		case "name":
			order = cmp.Compare(a.name, b.name)
		default:
			order = cmp.Compare(b.last, a.last)
		}
		if reverse {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.name, b.name))
	})
	from := min(max(list.Offset, 0), len(all))
	to := len(all)
	if list.Limit > 0 {
		to = min(from+list.Limit, to)
	}
	page := make([]T, to-from)
	for i := range page {
		page[i] = all[from+i].item
	}
	return page
}

func lastEvent(at schema.Ticks, kind string, ev store.LastEvent) LastEvent {
	return LastEvent{
		Time: at.Time(), RawID: rawID(ev.RawID), SourceKind: kind,
		ActionType: ev.Action, Process: ev.Process, Account: ev.Account, Port: ev.Port,
	}
}
