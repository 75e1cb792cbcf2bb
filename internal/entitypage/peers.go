package entitypage

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// peerTally is what the records with one address at the other end add up to.
type peerTally struct {
	address     string
	kinds       kindTallies
	contacted   bool
	first, last schema.Ticks
}

// peerList lists the addresses at the other end. Groups of hosts, loopback and an
// address that talks to itself are no peers.
func (v *view) peerList(list List) PeerList {
	tallies := map[string]*peerTally{}
	for i := range v.rows {
		r := &v.rows[i]
		if r.Peer == "" || r.Peer == v.req.ID.Value || v.req.ID.Kind == entity.IP && !talked(r.Roles) || !list.keeps(r.Peer) || v.group(r.Site, r.Peer) {
			continue
		}
		t, ok := tallies[r.Peer]
		if !ok {
			t = &peerTally{address: r.Peer, kinds: kindTallies{}, first: schema.MaxTicks}
			tallies[r.Peer] = t
		}
		t.kinds.add(r)
		t.contacted = t.contacted || r.Outcome.Contact()
		t.first, t.last = min(t.first, r.First), max(t.last, r.Last)
	}
	if list.Sort == "" {
		list.Sort = "records"
	}
	kept := slices.Collect(maps.Values(tallies))
	shown := sortedPage(kept, list, func(t *peerTally) sortable {
		s := sortable{name: t.address, first: t.first, last: t.last}
		_, s.records = t.kinds.main(v.req.ID.Kind)
		return s
	})
	items := make([]PeerItem, len(shown))
	for i, t := range shown {
		items[i] = t.item(v.req.ID.Kind)
	}
	return PeerList{Total: int64(len(kept)), Items: items, Query: v.peersQuery()}
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
