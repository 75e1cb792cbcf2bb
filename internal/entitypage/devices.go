package entitypage

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// List asks for a page of a list.
type List struct {
	Limit, Offset int
	// Sort is a field: last (the default), first, records, name; a leading "-" turns
	// the order round. Times and counts sort downwards, names upwards.
	Sort string
	// Match keeps the items in which a text stands: device, address, process, account.
	Match string
}

// deviceTally is what one own host's records add up to.
type deviceTally struct {
	id        device.Ref // the zero Ref: an own address that nobody claims
	address   string
	addressAt schema.Ticks // of the first record with it
	site      string

	kinds        kindTallies
	contacted    bool
	reported     bool // the host itself, not only a sensor that names none
	dealings     dealings
	first, last  schema.Ticks
	firstContact schema.Ticks
	// What the entity was in the records of these moments.
	firstRoles, lastRoles, contactRoles entity.Roles

	firstWith string          // the address of the page that the first contact was with
	with      map[string]bool // the addresses of a page of many
	days      days

	// The event that says most of what it did last, see telling.
	event     schema.RawID
	eventAt   schema.Ticks
	eventKind string
	named     bool // names a process
}

// hostKey is what makes two records one device's: its id, or the unclaimed address.
type hostKey struct{ id, site, address string }

// devices lists the own hosts in the records of the window: the reporting device where
// there is one; for a sensor that names none, whoever held the own end at that time.
//
// For an external address the own end is the other one. For an own address it is the
// address itself, and the other end too where the catalogue or a holder says so.
func (v *view) devices() []*deviceTally {
	return v.deviceTallies.get(func() []*deviceTally {
		tallies := map[hostKey]*deviceTally{}
		for i := range v.rows {
			v.eachHost(&v.rows[i], func(r *store.Stretch, ref device.Ref, address string) { v.tally(tallies, r, ref, address) })
		}
		return slices.Collect(maps.Values(tallies))
	})
}

// eachHost gives the own hosts that a row tells of, with the own address where there is one:
// the reporting device or, of a sensor that names none, those who held the own ends. Where
// the holders change within the row's time, each of them comes with the row's first or last
// moment that falls to it.
func (v *view) eachHost(r *store.Stretch, yield func(r *store.Stretch, ref device.Ref, address string)) {
	if !v.deals(r) {
		return
	}
	if r.Device != "" {
		own := r.Peer
		switch {
		case !v.ofAddresses():
			own = ""
		case r.Roles.Has(entity.RoleLocal):
			own = v.among.address(r)
		}
		yield(r, device.Ref{ID: r.DeviceID, Name: v.names[r.DeviceID]}, own)
		return
	}
	for _, end := range v.ownEnds(r) {
		for _, span := range v.holders.during(r, end) {
			part := *r
			part.First, part.Last = span.From, span.To
			if len(span.Devices) == 0 {
				yield(&part, device.Ref{}, end)
			}
			for _, ref := range span.Devices {
				yield(&part, ref, end)
			}
		}
	}
}

// deals reports whether a row tells of dealings with the entity: that an address was an end
// of the flow, or that the record names another entity and not only in passing.
func (v *view) deals(r *store.Stretch) bool {
	if v.ofAddresses() {
		return talked(r.Roles)
	}
	return r.Device != "" && !r.Roles.Has(entity.RoleMentioned)
}

// ownEnds is the addresses of a sensor's row that are the organisation's.
func (v *view) ownEnds(r *store.Stretch) []string {
	var ends []string
	if v.own || v.among.owns(r) {
		ends = append(ends, r.Entity)
		if r.Peer != r.Entity && v.ownAddress(r.Site, r.Peer, r.First) {
			ends = append(ends, r.Peer)
		}
	} else if r.Peer != "" {
		ends = append(ends, r.Peer)
	}
	return slices.DeleteFunc(ends, func(a string) bool { return v.group(r.Site, a) })
}

// hostOf is the key of a host that a row tells of.
func hostOf(r *store.Stretch, ref device.Ref, address string) hostKey {
	if ref.ID == "" {
		return hostKey{site: r.Site, address: address}
	}
	return hostKey{id: ref.ID}
}

func (v *view) tally(tallies map[hostKey]*deviceTally, r *store.Stretch, ref device.Ref, address string) {
	key := hostOf(r, ref, address)
	t, ok := tallies[key]
	if !ok {
		t = &deviceTally{id: ref, site: r.Site, first: schema.MaxTicks, firstContact: schema.MaxTicks}
		if v.among != nil {
			t.with = map[string]bool{}
		}
		tallies[key] = t
	}
	if betterName(ref.Name, t.id.Name) {
		t.id.Name = ref.Name
	}
	if address != "" && (t.address == "" || r.First < t.addressAt || r.First == t.addressAt && address < t.address) {
		t.address, t.addressAt = address, r.First
	}
	t.add(r)
}

func (t *deviceTally) add(r *store.Stretch) {
	t.kinds.add(r)
	if r.First < t.first {
		t.first, t.firstRoles = r.First, 0
	}
	if r.First == t.first {
		t.firstRoles |= r.Roles
	}
	if r.Last > t.last {
		t.last, t.lastRoles = r.Last, 0
	}
	if r.Last == t.last {
		t.lastRoles |= r.Roles
	}
	if t.telling(r) {
		t.event, t.eventAt, t.eventKind, t.named = r.LastRaw, r.Last, r.SourceKind, r.LastNamed
	}
	if r.Outcome.Contact() {
		t.contacted = true
		if r.First < t.firstContact {
			t.contactRoles = 0
		}
		if r.First <= t.firstContact {
			t.contactRoles |= r.Roles
		}
		if r.First < t.firstContact || r.First == t.firstContact && r.Entity < t.firstWith {
			t.firstContact, t.firstWith = r.First, r.Entity
		}
	}
	t.days.add(r)
	t.reported = t.reported || r.Device != ""
	t.dealings.add(r)
	if t.with != nil {
		t.with[r.Entity] = true
	}
}

// sameMoment is how far apart the records may be that sensor and host write of one
// event.
const sameMoment = schema.TicksPerMinute

// telling reports whether a row's last event says more than the one at hand: it is the
// later one, but of the records of one moment the host's, which names the process,
// goes before the sensor's.
func (t *deviceTally) telling(r *store.Stretch) bool {
	weight := func(at schema.Ticks, named bool) schema.Ticks {
		if named {
			return at + sameMoment
		}
		return at
	}
	return cmp.Or(
		cmp.Compare(weight(r.Last, r.LastNamed), weight(t.eventAt, t.named)), cmp.Compare(r.LastRaw, t.event),
	) > 0
}

// kindTallies adds up by source kind. Different kinds are views of the same flows, so
// their numbers stand side by side and are never added.
type kindTallies []kindTally

type kindTally struct {
	kind                       string
	records, bytesOut, bytesIn int64
}

func (k *kindTallies) add(r *store.Stretch) {
	at := slices.IndexFunc(*k, func(t kindTally) bool { return t.kind == r.SourceKind })
	if at < 0 {
		at = len(*k)
		*k = append(*k, kindTally{kind: r.SourceKind})
	}
	t := &(*k)[at]
	t.records += r.Records
	t.bytesOut += r.BytesOut
	t.bytesIn += r.BytesIn
}

// bytes is what the kind that saw most of them counted.
func (k kindTallies) bytes() (out, in int64) {
	for _, t := range k {
		if t.bytesOut+t.bytesIn > out+in {
			out, in = t.bytesOut, t.bytesIn
		}
	}
	return out, in
}

// main is the source kind that speaks for all on the page of such an entity: for an
// address, among the kinds that record connections, the one with most records; for
// others, or without such kinds, simply the one with most.
func (k kindTallies) main(page entity.Kind) (kind string, records int64) {
	for _, t := range k {
		if kind == "" || moreTelling(page, t.kind, t.records, kind, records) {
			kind, records = t.kind, t.records
		}
	}
	return kind, records
}

// connectionKinds are the kinds that record connections, in the order that decides ties.
var connectionKinds = []string{
	"zeek.conn", "sysmon.3", "security.5156", "suricata.flow", "defender.DeviceNetworkEvents",
	"security.5157", "security.5152", "sentinel.VMConnection",
}

func moreTelling(page entity.Kind, k string, n int64, than string, thanN int64) bool {
	rank, thanRank := slices.Index(connectionKinds, k), slices.Index(connectionKinds, than)
	if page == entity.IP && (rank >= 0) != (thanRank >= 0) {
		return rank >= 0
	}
	if n != thanN {
		return n > thanN
	}
	if rank != thanRank {
		return rank < thanRank
	}
	return k < than
}

// called is what a comparison calls it: its name, or the address of one that has none.
func (t *deviceTally) called() string { return cmp.Or(t.id.Name, t.address) }

func (t *deviceTally) item(page entity.Kind) DeviceItem {
	kind, records := t.kinds.main(page)
	bytesOut, bytesIn := t.kinds.bytes()
	item := DeviceItem{
		DeviceName: t.id.Name, DeviceID: t.id.ID, Address: t.address, Site: t.site,
		Records: records, SourceKind: kind, Contacted: t.contacted,
		First: t.first.Time(), Last: t.last.Time(), BytesOut: bytesOut, BytesIn: bytesIn, HostSensor: t.reported,
		Addresses: int64(len(t.with)), CompareAs: t.called(),
	}
	if t.contacted {
		at := t.firstContact.Time()
		item.FirstContact = &at
	}
	for _, k := range t.kinds {
		item.BySource = append(item.BySource, Count{SourceKind: k.kind, Records: k.records})
	}
	slices.SortFunc(item.BySource, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.SourceKind, b.SourceKind))
	})
	return item
}

// deviceList gives a page of the devices. What their last events say is looked up for
// those shown, or, to find a process or account in them, for all.
func (v *view) deviceList(ctx context.Context, tallies []*deviceTally, list List) (_ DeviceList, err error) {
	var events map[schema.RawID]store.LastEvent
	if list.Match != "" {
		if events, err = v.lastEvents.of(ctx, v, tallies); err != nil {
			return DeviceList{}, err
		}
		tallies = slices.DeleteFunc(slices.Clone(tallies), func(t *deviceTally) bool {
			ev := events[t.event]
			return !list.keeps(t.id.Name, t.address, ev.Process, ev.Account)
		})
	}
	shown := sortedPage(tallies, list, func(t *deviceTally) sortable {
		s := sortable{name: t.id.Name + t.address, first: t.first, last: t.last}
		_, s.records = t.kinds.main(v.countedAs())
		return s
	})
	if list.Match == "" {
		if events, err = v.lastEvents.of(ctx, v, shown); err != nil {
			return DeviceList{}, err
		}
	}
	items := make([]DeviceItem, len(shown))
	for i, t := range shown {
		items[i] = t.item(v.countedAs())
		items[i].LastEvent = lastEvent(t.eventAt, t.eventKind, events[t.event])
	}
	return DeviceList{Total: int64(len(tallies)), Items: items, Query: v.devicesQuery()}, nil
}

// lastEvents keeps what the latest records of devices say.
type lastEvents struct {
	mu    sync.Mutex
	known map[schema.RawID]store.LastEvent
}

// of gives the latest events of devices, those not known yet from the ledger.
func (e *lastEvents) of(ctx context.Context, v *view, tallies []*deviceTally) (map[schema.RawID]store.LastEvent, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var missing []schema.RawID
	events := make(map[schema.RawID]store.LastEvent, len(tallies))
	for _, t := range tallies {
		ev, ok := e.known[t.event]
		if !ok {
			missing = append(missing, t.event)
		}
		events[t.event] = ev
	}
	if len(missing) == 0 {
		return events, nil
	}
	found, err := v.ledger.LastEvents(ctx, v.ledgerQuery(), missing)
	if e.known == nil {
		e.known = map[schema.RawID]store.LastEvent{}
	}
	maps.Copy(e.known, found)
	maps.Copy(events, found)
	return events, err
}

// keeps reports whether one of the texts holds the one looked for, whatever the case.
func (l List) keeps(texts ...string) bool {
	if l.Match == "" {
		return true
	}
	match := strings.ToLower(l.Match)
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), match) })
}
