// Package ledger folds records into sightings: which observable was seen, by whom, in
// which part, how often, when first and last.
//
// Folding is pure: an Event (the rows of one record and what the record says of its
// two ends) goes in, counters come out. Reading the ledger, and what a page makes of
// it, is above.
package ledger

import (
	"net/netip"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Flow is the two ends of a record. Either may be invalid.
type Flow struct {
	// Source opened the flow, or is where a logon came from; Destination is the other
	// end. Both as the record prints them, never swapped.
	Source, Destination netip.Addr
	// Local is the own side, Remote the other.
	Local, Remote     netip.Addr
	Outcome           schema.Outcome
	BytesOut, BytesIn int64 // sent and received by the own side
}

// Observable is a value that stands in no annotated column, and the part it plays.
type Observable struct {
	Kind  entity.Kind
	Value string // as printed
	Roles entity.Roles
}

// Event is one record as the ledger sees it.
type Event struct {
	SourceKind  string
	Source      int32
	Site        string
	RawID       schema.RawID
	Time        schema.Ticks
	Device      string // reporting device, lower case, or ""
	DeviceID    string
	Rows        []schema.Row // Rows[0] is the primary row
	Flow        Flow
	Observables []Observable
}

// Folder adds events up. It is not safe for concurrent use.
type Folder struct {
	counts map[key]*counter
	plans  map[*schema.Table]*plan
	seen   []observation // of the event at hand
}

// NewFolder makes an empty folder.
func NewFolder() *Folder {
	return &Folder{counts: map[key]*counter{}, plans: map[*schema.Table]*plan{}}
}

// key is store.SightingKey in the form that costs no text per record.
type key struct {
	observable
	sourceKind string
	source     int32
	site       string
	device     string
	peer       netip.Addr
	table      *schema.Table
	day        int32
	roles      entity.Roles
	outcome    schema.Outcome
}

// observable is an address (kind IP, addr valid) or the canonical text of another kind.
type observable struct {
	kind entity.Kind
	addr netip.Addr
	text string
}

type observation struct {
	observable
	roles entity.Roles
}

type counter struct {
	deviceID          string
	records           int64
	first, last       schema.Ticks
	bytesOut, bytesIn int64
	lastEvent         store.LastEvent
}

// Add folds one event in. A record counts once for an entity, with the set of the
// roles it plays there, however many columns and copies name it.
func (f *Folder) Add(ev *Event) {
	f.seen = f.seen[:0]
	f.addFlow(&ev.Flow)
	for _, o := range ev.Observables {
		f.addText(o.Kind, o.Value, "", o.Roles)
	}
	if ev.Device != "" {
		f.note(observable{kind: entity.Device, text: ev.Device}, entity.RoleLocal)
	}
	for i := range ev.Rows {
		f.addColumns(&ev.Rows[i])
	}
	for i := range ev.Rows {
		f.addMentions(&ev.Rows[i])
	}
	f.count(ev)
}

func (f *Folder) addFlow(flow *Flow) {
	for _, end := range [...]struct {
		addr netip.Addr
		role entity.Roles
	}{
		{flow.Source, entity.RoleSource},
		{flow.Destination, entity.RoleDestination},
		{flow.Local, entity.RoleLocal},
		{flow.Remote, entity.RoleRemote},
	} {
		if end.addr.IsValid() {
			f.note(observable{kind: entity.IP, addr: end.addr}, end.role)
		}
	}
}

// note adds an observation to those of the event at hand.
func (f *Folder) note(o observable, roles entity.Roles) {
	for i := range f.seen {
		if f.seen[i].observable == o {
			f.seen[i].roles |= roles
			return
		}
	}
	f.seen = append(f.seen, observation{o, roles})
}

// mention is note for a literal in a text: one that already stands in an address
// column of the record is no mention.
func (f *Folder) mention(a netip.Addr) {
	for i := range f.seen {
		if f.seen[i].addr == a {
			return
		}
	}
	f.seen = append(f.seen, observation{observable{kind: entity.IP, addr: a}, entity.RoleMentioned})
}

// addText notes a value of any kind by its text.
func (f *Folder) addText(kind entity.Kind, value, domain string, roles entity.Roles) {
	switch kind {
	case entity.IP:
		if a, ok := entity.ParseAddress(value); ok {
			f.note(observable{kind: entity.IP, addr: a}, roles)
		}
	case entity.URL:
		f.addURL(value, roles)
	case entity.Domain:
		if name := entity.CanonicalDomain(value); name != "" {
			f.note(observable{kind: entity.Domain, text: name}, roles)
		}
	case entity.Hash:
		if hash := entity.CanonicalHash(value); hash != "" {
			f.note(observable{kind: entity.Hash, text: hash}, roles)
		}
	case entity.Account:
		if account := entity.CanonicalAccount(domain, value); account != "" {
			f.note(observable{kind: entity.Account, text: account}, roles)
		}
	case entity.Device:
		if device := entity.CanonicalDevice(value); device != "" {
			f.note(observable{kind: entity.Device, text: device}, roles)
		}
	case entity.CIDR, entity.Range, entity.ASN: // no record names one
	}
}

// addURL notes a URL and the host in it; a value without a scheme is a bare host name.
func (f *Folder) addURL(value string, roles entity.Roles) {
	url := entity.CanonicalURL(value)
	if url == "" {
		host, _, _ := strings.Cut(value, "/")
		host, _, _ = strings.Cut(host, ":")
		f.addText(entity.Domain, host, "", roles)
		return
	}
	f.note(observable{kind: entity.URL, text: url}, roles)
	host := url[strings.Index(url, "://")+3:]
	host, _, _ = strings.Cut(host, "/")
	host, _, _ = strings.Cut(host, "?")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if a, ok := entity.ParseAddress(host); ok {
		f.mention(a)
		return
	}
	host, _, _ = strings.Cut(host, ":")
	f.addText(entity.Domain, host, "", roles)
}

// plan says what the columns of a table mean to the fold, by column index.
type plan struct {
	holds  []schema.Observable
	roles  []entity.Roles
	domain []int  // index of the column with the account's domain, or -1
	scan   []bool // text that may mention addresses

	// The columns the last event is made of, or -1.
	process, account, accountDomain, otherAccount, otherDomain, port, action int
}

func (f *Folder) plan(t *schema.Table) *plan {
	if p, ok := f.plans[t]; ok {
		return p
	}
	n := len(t.Columns)
	p := &plan{
		holds: make([]schema.Observable, n), roles: make([]entity.Roles, n),
		domain: make([]int, n), scan: make([]bool, n),
		process:       t.Index("InitiatingProcessFileName"),
		account:       t.Index("InitiatingProcessAccountName"),
		accountDomain: t.Index("InitiatingProcessAccountDomain"),
		otherAccount:  t.Index("AccountName"),
		otherDomain:   t.Index("AccountDomain"),
		port:          t.Index("RemotePort"),
		action:        t.Index("ActionType"),
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		p.holds[i], p.roles[i], p.domain[i] = c.Holds, c.Role, -1
		if c.Domain != "" {
			p.domain[i] = t.Index(c.Domain)
		}
		p.scan[i] = c.MayMention()
	}
	f.plans[t] = p
	return p
}

func (f *Folder) addColumns(row *schema.Row) {
	p := f.plan(row.Table)
	for i := range row.Cells {
		cell := &row.Cells[i]
		text := cell.Value.Str()
		switch p.holds[cell.Column] {
		case schema.HoldsNothing:
		case schema.HoldsAddress:
			if cell.Value.Type == schema.Dynamic {
				eachAddress(text, func(a netip.Addr) { f.note(observable{kind: entity.IP, addr: a}, p.roles[cell.Column]) })
			} else {
				f.addText(entity.IP, text, "", p.roles[cell.Column])
			}
		case schema.HoldsURL:
			f.addURL(text, 0)
		case schema.HoldsHash:
			f.addText(entity.Hash, text, "", 0)
		case schema.HoldsAccount:
			f.addText(entity.Account, text, cellText(row, p.domain[cell.Column]), 0)
		case schema.HoldsDevice:
			f.addOtherDevice(text)
		}
	}
}

// addOtherDevice notes a device that the record names beside its reporter.
func (f *Folder) addOtherDevice(name string) {
	name = entity.CanonicalDevice(name)
	if name == "" {
		return
	}
	o := observable{kind: entity.Device, text: name}
	for i := range f.seen {
		if f.seen[i].observable == o {
			return
		}
	}
	f.note(o, entity.RoleMentioned)
}

func (f *Folder) addMentions(row *schema.Row) {
	p := f.plan(row.Table)
	for i := range row.Cells {
		if cell := &row.Cells[i]; p.scan[cell.Column] {
			eachAddress(cell.Value.Str(), f.mention)
		}
	}
}

func cellText(row *schema.Row, column int) string {
	if column < 0 {
		return ""
	}
	for i := range row.Cells {
		if row.Cells[i].Column == column {
			return row.Cells[i].Value.Str()
		}
	}
	return ""
}

func cellInt(row *schema.Row, column int) int64 {
	if column < 0 {
		return 0
	}
	for i := range row.Cells {
		if row.Cells[i].Column == column {
			return row.Cells[i].Value.Int()
		}
	}
	return 0
}

// count adds the observations of the event at hand to the counters.
func (f *Folder) count(ev *Event) {
	primary := &ev.Rows[0]
	k := key{
		sourceKind: ev.SourceKind, source: ev.Source, site: ev.Site, device: ev.Device,
		table: primary.Table, day: ev.Time.Day(), outcome: ev.Flow.Outcome,
	}
	for i := range f.seen {
		o := &f.seen[i]
		k.observable, k.roles, k.peer = o.observable, o.roles, ev.Flow.peer(o.observable)
		c, ok := f.counts[k]
		if !ok {
			c = &counter{deviceID: ev.DeviceID, first: ev.Time, last: ev.Time}
			f.counts[k] = c
		}
		c.records++
		c.bytesOut += ev.Flow.BytesOut
		c.bytesIn += ev.Flow.BytesIn
		c.first = min(c.first, ev.Time)
		if ev.Time >= c.last {
			c.last = ev.Time
			c.lastEvent = f.lastEvent(ev, primary)
		}
	}
}

// peer is the address at the other end: of an end of the flow the opposite one, of any
// other observable the remote side.
func (f *Flow) peer(o observable) netip.Addr {
	if o.kind != entity.IP {
		return f.Remote
	}
	switch o.addr {
	case f.Source:
		return f.Destination
	case f.Destination:
		return f.Source
	case f.Local:
		return f.Remote
	case f.Remote:
		return f.Local
	default:
		return netip.Addr{}
	}
}

func (f *Folder) lastEvent(ev *Event, row *schema.Row) store.LastEvent {
	p := f.plan(row.Table)
	account := entity.CanonicalAccount(cellText(row, p.accountDomain), cellText(row, p.account))
	if account == "" {
		account = entity.CanonicalAccount(cellText(row, p.otherDomain), cellText(row, p.otherAccount))
	}
	return store.LastEvent{
		RawID:   ev.RawID,
		Process: cellText(row, p.process),
		Account: account,
		Port:    int32(cellInt(row, p.port)),
		Action:  cellText(row, p.action),
	}
}

// Sightings gives what was folded, in no order, and empties the folder.
func (f *Folder) Sightings() []store.Sighting {
	out := make([]store.Sighting, 0, len(f.counts))
	for k, c := range f.counts {
		text := k.text
		if k.kind == entity.IP {
			text = k.addr.String()
		}
		peer := ""
		if k.peer.IsValid() {
			peer = k.peer.String()
		}
		out = append(out, store.Sighting{
			SightingKey: store.SightingKey{
				Kind: k.kind, Entity: text, SourceKind: k.sourceKind, Source: k.source, Site: k.site,
				Device: k.device, DeviceID: c.deviceID, Peer: peer, Table: k.table.Name, Day: k.day,
				Roles: k.roles, Outcome: k.outcome,
			},
			Records: c.records, First: c.first, Last: c.last,
			BytesOut: c.bytesOut, BytesIn: c.bytesIn, LastEvent: c.lastEvent,
		})
	}
	clear(f.counts)
	return out
}
