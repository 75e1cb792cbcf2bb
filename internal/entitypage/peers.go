package entitypage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// peerTally is what the records with one address at the other end add up to.
type peerTally struct {
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
		if r.Peer == "" || r.Peer == v.req.ID.Value || v.req.ID.Kind == entity.IP && !talked(r.Roles) || v.group(r.Site, r.Peer) {
			continue
		}
		t, ok := tallies[r.Peer]
		if !ok {
			t = &peerTally{kinds: kindTallies{}, first: schema.MaxTicks}
			tallies[r.Peer] = t
		}
		t.kinds.add(r)
		t.contacted = t.contacted || r.Outcome.Contact()
		t.first, t.last = min(t.first, r.First), max(t.last, r.Last)
	}
	items := make([]PeerItem, 0, len(tallies))
	for address, t := range tallies {
		if !list.keeps(address) {
			continue
		}
		kind, records := t.kinds.main(v.req.ID.Kind)
		bytesOut, bytesIn := t.kinds.bytes()
		items = append(items, PeerItem{
			Address: address, Records: records, SourceKind: kind, Contacted: t.contacted,
			First: t.first.Time(), Last: t.last.Time(), BytesOut: bytesOut, BytesIn: bytesIn,
		})
	}
	if list.Sort == "" {
		list.Sort = "records"
	}
	sortItems(items, list.Sort, func(p *PeerItem) sortable {
		return sortable{name: p.Address, records: p.Records, first: p.First, last: p.Last}
	})
	return PeerList{Total: int64(len(items)), Items: page(items, list), Query: v.peersQuery()}
}

// sortable is what lists can be sorted by.
type sortable struct {
	name        string
	records     int64
	first, last time.Time
}

// sortItems sorts by a field of List.Sort; equal items keep the order of their names,
// so that pages never overlap.
func sortItems[T any](items []T, field string, of func(*T) sortable) {
	field, reverse := strings.TrimPrefix(field, "-"), strings.HasPrefix(field, "-")
	slices.SortFunc(items, func(x, y T) int {
		a, b := of(&x), of(&y)
		var order int
		switch field {
		case "first":
			order = b.first.Compare(a.first)
		case "records":
			order = cmp.Compare(b.records, a.records)
		case "name":
			order = cmp.Compare(a.name, b.name)
		default:
			order = b.last.Compare(a.last)
		}
		if reverse {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.name, b.name))
	})
}

func lastEvent(at schema.Ticks, kind string, ev store.LastEvent) LastEvent {
	return LastEvent{
		Time: at.Time(), RawID: rawID(ev.RawID), SourceKind: kind,
		ActionType: ev.Action, Process: ev.Process, Account: ev.Account, Port: ev.Port,
	}
}
