package entitypage

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/insight"
	"spoor/internal/network"
	"spoor/internal/noise"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/transparency"
)

// Ledger is what a page reads from the event store.
type Ledger interface {
	Stretches(ctx context.Context, q store.StretchQuery) ([]store.Stretch, error)
	StretchesOf(ctx context.Context, ids []entity.ID, site string) ([]store.Stretch, error)
	Activity(ctx context.Context, q store.StretchQuery, days store.LedgerQuery) ([]store.Stretch, []store.DayCount, error)
	LastEvents(ctx context.Context, q store.LedgerQuery, records []schema.RawID) (map[schema.RawID]store.LastEvent, error)
	Claims(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error)
	Aliases(ctx context.Context) ([]store.DeviceAlias, error)
	Coverage(ctx context.Context) ([]store.Coverage, error)
	Tables(ctx context.Context) (map[string]int64, error)
	ActiveDevices(ctx context.Context, site string, fromDay, toDay int32) (int64, error)
	Version() int64
	Places(ctx context.Context, addresses []string) ([]store.Place, error)
	Extent(ctx context.Context, q store.LedgerQuery) (store.Extent, error)
	AddressesBy(ctx context.Context, q store.AddressQuery) ([]string, error)
	AddressSpans(ctx context.Context, sourceKind string, fromDay, toDay int32) (map[string]store.TimeSpan, error)
}

// KQL runs a query and hands every row of its result to yield, in order. The values
// are those of query.Result.
type KQL func(ctx context.Context, text string, yield func(row []any)) error

// Pages builds entity pages. Its fields are set once; it is safe for concurrent use.
type Pages struct {
	Ledger   Ledger
	KQL      KQL
	Networks *network.Catalog
	Geo      *enrich.Databases
	Noise    *noise.Store // nil: there are no lists
	// Transparency is the files of certificate transparency; nil: there are none.
	Transparency *transparency.Store
	Now          func() time.Time
	// Tables lists the event tables that have rows.
	Tables func(ctx context.Context) (map[string]int64, error)
	// Insights are the curated queries.
	Insights []insight.Insight
	// WideRows is how many sightings of its addresses a page of many reads one by one;
	// beyond that it adds them up without telling the addresses apart. 0: DefaultWideRows.
	WideRows int64

	rarity rarity
	kept   kept
	views  views
	// newcomers is the latest answer about them.
	newcomers struct {
		mu    sync.Mutex
		known keptNewcomers
	}
	recent recent
}

// Request asks for one page.
type Request struct {
	ID   entity.ID
	Site string // "" for all sites
	// From and To bound the period, To exclusive; both zero ask for the default one.
	From, To time.Time
	// Role is the part that the entity played in the records to be counted: those whose
	// role set holds it, as the ledger has it. 0 counts all.
	Role entity.Roles
}

// PageSize is how many devices and peers the document itself holds.
const PageSize = 50

// Build answers a request. An error means that not even the ledger could be read;
// whatever else fails is in Document.Errors.
func (p *Pages) Build(ctx context.Context, req Request) (*Document, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return nil, err
	}
	doc := &Document{
		Kind: string(req.ID.Kind), ID: req.ID.Value, Site: req.Site, Role: req.Role.String(), Sites: sites(v.coverage),
		Range: v.window.document(), Errors: []SectionError{},
	}
	var devices []*deviceTally
	var named []Alert
	var active, alerts, hunts error
	err = together(
		func() (err error) {
			if err = p.resolve(ctx, v); err != nil {
				return err
			}
			if v.among != nil {
				if doc.Many, err = p.many(ctx, v); err != nil {
					return err
				}
			}
			devices = v.devices()
			doc.Devices, err = v.deviceList(ctx, devices, List{Limit: PageSize})
			return err
		},
		func() error {
			doc.Prevalence.DevicesTotal, active = p.activeDevices(ctx, req.Site, v.window)
			return nil
		},
		func() error {
			doc.Alerts, named, alerts = v.alertList(ctx)
			return nil
		},
		func() error {
			doc.Hunts, hunts = v.hunts(ctx)
			return nil
		},
	)
	if err != nil {
		return nil, err
	}
	doc.fail("devices", active)
	doc.fail("alerts", alerts)
	doc.fail("hunts", hunts)
	doc.Sources, err = keepSection(p, v, "sources", func() ([]Source, error) {
		sources := slices.Clone(v.sources())
		return sources, v.takenIn(ctx, sources)
	})
	doc.fail("sources", err)
	doc.Peers = v.peerList(List{Limit: PageSize})
	doc.Holders = v.holderList(v.claims)
	doc.Noise = p.Noises(req.ID)
	if prefix, err := netip.ParsePrefix(req.ID.Value); req.ID.Kind == entity.CIDR && err == nil {
		doc.Noise = p.NoisesOfPrefix(prefix)
	}
	doc.Coverage = coverage(v.coverage)
	v.prevalence(&doc.Prevalence, devices, named)
	if req.ID.Kind == entity.IP {
		doc.Identity, err = p.identity(ctx, v)
		doc.fail("identity", err)
		if !v.own && req.Role == 0 { // the others are counted in every role
			p.rarer(v, &doc.Prevalence)
		}
	}
	if v.among != nil {
		doc.Identity, err = p.identityOfMany(v)
		doc.fail("identity", err)
	}
	doc.Headline = headline(doc, v, devices)
	return doc, nil
}

// fail notes that a section could not be filled, unless err is nil.
func (doc *Document) fail(section string, err error) {
	if err != nil {
		doc.Errors = append(doc.Errors, SectionError{Section: section, Reason: err.Error()})
	}
}

// Devices gives a page of the device list.
func (p *Pages) Devices(ctx context.Context, req Request, list List) (DeviceList, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return DeviceList{}, err
	}
	return v.deviceList(ctx, v.devices(), list)
}

// Peers gives a page of the peer list.
func (p *Pages) Peers(ctx context.Context, req Request, list List) (PeerList, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return PeerList{}, err
	}
	return v.peerList(list), nil
}

// view is what the sections of one page share: the ledger's rows of the entity and who
// held the addresses in them. It is safe for concurrent use: whoever needs no more than
// period, names and queries asks for it by Pages.view, whoever needs rows by
// Pages.resolved.
type view struct {
	key                          viewKey
	stretches                    int // guarded by views.mu
	reading, resolving, alerting stage
	naming                       stage

	req      Request
	ledger   Ledger
	kql      KQL
	networks *network.Catalog
	all      []store.Stretch // for ever
	rows     []store.Stretch // of the window
	perDay   []store.DayCount
	window   window
	claims   []store.Claim // on the entity itself, when it is an address
	aliases  map[string]string
	names    map[string]string // DeviceID → the name shown for it
	coverage []store.Coverage
	// Whether there are rows in the window, and all roles in them, whatever role is asked
	// for.
	seen  bool
	roles entity.Roles
	// Between these two, both inclusive, are the records of kinds that may be of DNS.
	dnsFirst, dnsLast schema.Ticks

	// among is the addresses of a page of many; nil on the page of one entity.
	among *among

	// What resolve finds: who held the addresses in the window, and whether the entity
	// is an address of the organisation, and how that is known.
	holders *holders
	own     bool
	ownWhy  string

	// What the rows then add up to, worked out when it is first asked for.
	deviceTallies lazy[[]*deviceTally]
	peerTallies   lazy[[]peerTally]
	totals        lazy[totals]
	activity      lazy[[]Source]
	alerts        []Alert
	dnsRecords    []DNSRecord
	lastEvents    lastEvents
}

// lazy is a value that is worked out once.
type lazy[T any] struct {
	once  sync.Once
	value T
}

func (l *lazy[T]) get(work func() T) T {
	l.once.Do(func() { l.value = work() })
	return l.value
}

// view gives what the ledger has of the entity, which may not be resolved yet.
func (p *Pages) view(ctx context.Context, req Request) (*view, error) {
	now := p.Now()
	key := viewKey{
		id: req.ID, site: req.Site, role: req.Role, window: firstWindow(req, now),
		store: p.Ledger.Version(), networks: p.Networks.State(), // before reading, so that nothing newer is kept under them
	}
	v := p.views.of(key, func() *view {
		return &view{
			key: key, req: req, ledger: p.Ledger, kql: p.KQL, networks: p.Networks,
		}
	})
	err := v.reading.do(ctx, func() error {
		if err := p.read(ctx, v, now); err != nil {
			return err
		}
		p.views.grown(v, len(v.all)+len(v.rows))
		return nil
	})
	return v, err
}

// resolved is the view of a request with the holders of its addresses.
func (p *Pages) resolved(ctx context.Context, req Request) (*view, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return nil, err
	}
	return v, p.resolve(ctx, v)
}

func (p *Pages) resolve(ctx context.Context, v *view) error {
	return v.resolving.do(ctx, func() error {
		if err := v.resolve(ctx); err != nil {
			return err
		}
		p.views.grown(v, len(v.all)+len(v.rows))
		return nil
	})
}

// read reads what the ledger has of the entity.
func (p *Pages) read(ctx context.Context, v *view, now time.Time) error {
	v.window, v.names = v.key.window, map[string]string{}
	if v.req.ID.Kind.Many() {
		var err error
		if v.among, err = p.addresses(ctx, v.req); err != nil {
			return err
		}
	}
	if err := together(
		func() error { return v.readActivity(ctx) },
		func() (err error) {
			v.coverage, err = p.coverage(ctx)
			return err
		},
		func() (err error) {
			v.aliases, err = p.aliases(ctx)
			return err
		},
	); err != nil {
		return err
	}
	if v.window.shift(v.all, now) && v.window.crossed(v.all) {
		if err := v.readActivity(ctx); err != nil { // cut at the edges of the new window
			return err
		}
	}
	v.nameDevices()
	if err := v.cut(ctx); err != nil {
		return err
	}
	v.seen, v.roles = len(v.rows) > 0, 0
	v.dnsFirst, v.dnsLast = schema.MaxTicks-1, 0
	for i := range v.rows {
		r := &v.rows[i]
		v.roles |= r.Roles
		if !slices.Contains(otherThanDNS, r.SourceKind) {
			v.dnsFirst, v.dnsLast = min(v.dnsFirst, r.First), max(v.dnsLast, r.Last)
		}
	}
	return nil
}

// readActivity reads the rows of the entity, and counts its days: of the caller's period, or of
// all time.
func (v *view) readActivity(ctx context.Context) (err error) {
	days := v.ledgerQuery()
	days.Roles = v.req.Role
	if v.window.explicit {
		days.FromDay, days.ToDay = v.window.fromDay, v.window.toDay
	}
	rows := store.StretchQuery{LedgerQuery: v.ledgerQuery(), Cuts: v.window.cuts(), Together: v.wide()}
	v.all, v.perDay, err = v.ledger.Activity(ctx, rows, days)
	return err
}

func (v *view) ledgerQuery() store.LedgerQuery {
	if v.among != nil {
		return store.LedgerQuery{Kind: entity.IP, Among: &v.among.Addresses, Site: v.req.Site}
	}
	return store.LedgerQuery{Kind: v.req.ID.Kind, Entity: v.req.ID.Value, Site: v.req.Site}
}

// nameDevices applies the aliases and picks one name for each device: the longest,
// which is the fully qualified one.
func (v *view) nameDevices() {
	for i := range v.all {
		r := &v.all[i]
		if to, ok := v.aliases[r.DeviceID]; ok {
			r.DeviceID = to
		}
		if r.DeviceID != "" && betterName(r.Device, v.names[r.DeviceID]) {
			v.names[r.DeviceID] = r.Device
		}
	}
}

func betterName(name, than string) bool {
	return len(name) > len(than) || len(name) == len(than) && name < than
}

// resolve finds out who held the addresses that the rows name, and whose the entity is.
func (v *view) resolve(ctx context.Context) error {
	var err error
	if v.claims, v.holders, err = v.readHolders(ctx); err != nil {
		return fmt.Errorf("read who held the addresses: %w", err)
	}
	if err := v.splitChanging(ctx); err != nil {
		return fmt.Errorf("add up by the day where holders changed: %w", err)
	}
	others := v.takeRole()
	v.orient(v.rows)
	v.orient(others)
	v.decide(v.rows, others)
	if v.among != nil && !v.wide() {
		v.among.tallies = v.addressTallies()
		v.among.inside, v.among.insideEver = v.once(v.rows), v.once(v.all)
	}
	return nil
}

// decide decides whose the addresses of the page are.
func (v *view) decide(rows, others []store.Stretch) {
	switch {
	case v.among != nil:
		v.decideEach(rows, others)
	case v.req.ID.Kind == entity.IP:
		var s sides
		for _, part := range [][]store.Stretch{rows, others} {
			for i := range part {
				s.add(&part[i])
			}
		}
		v.own, v.ownWhy = v.decideOwn(v.req.ID.Value, s, len(v.claims) > 0)
	}
}

// sides counts the records in which an address is on the organisation's side and on the
// other; those in which it is both count for neither.
type sides struct{ local, remote int64 }

func (s *sides) add(r *store.Stretch) {
	switch {
	case r.Roles.Has(entity.RoleLocal | entity.RoleRemote):
	case r.Roles.Has(entity.RoleLocal):
		s.local += r.Records
	case r.Roles.Has(entity.RoleRemote):
		s.remote += r.Records
	}
}

// takeRole leaves the rows in which the entity plays the role asked for, and gives the
// others of the window: whose the address is does not depend on what is counted.
func (v *view) takeRole() (others []store.Stretch) {
	if v.req.Role == 0 {
		return nil
	}
	lacks := func(r store.Stretch) bool { return !r.Roles.Has(v.req.Role) }
	for _, r := range v.rows {
		if lacks(r) {
			others = append(others, r)
		}
	}
	v.rows = slices.DeleteFunc(v.rows, lacks)
	v.all = slices.DeleteFunc(v.all, lacks)
	return others
}

// decideOwn decides whether an address belongs to the organisation: by the network
// catalogue first, then by the hosts that say they hold it, then by the side it was on in
// most of its records. The last is a guess of the sensors and said so.
func (v *view) decideOwn(address string, seen sides, claimed bool) (own bool, why string) {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return false, ""
	}
	if len(v.ranges(v.req.Site, addr, v.window.to)) > 0 {
		return true, "network catalogue"
	}
	if claimed {
		return true, "held by a reporting host"
	}
	switch {
	case seen == sides{}:
		return false, "no flow says which side it is on"
	case seen.local > seen.remote:
		return true, "the organisation's side in most of its records"
	default:
		return false, "the other side in most of its records"
	}
}

// talked reports whether roles are those of an end of a flow or logon. Answers,
// evidence and mentions are not talk.
func talked(r entity.Roles) bool {
	return r&(entity.RoleSource|entity.RoleDestination|entity.RoleLocal|entity.RoleRemote) != 0
}

// group reports whether the text is an address that is never a peer nor a device.
func (v *view) group(site, address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && (entity.IsGroup(a) || v.networks.Broadcast(site, a, v.window.to))
}

// ownAddress reports whether an address is known to be the organisation's, by the
// catalogue or because a host held it at that time.
func (v *view) ownAddress(site, address string, at schema.Ticks) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	return len(v.ranges(site, a, at)) > 0 || len(v.holders.all.At(site, address, at)) > 0
}

// ranges lists the catalogue's ranges that hold the address, narrowest first; site ""
// asks for those of every site.
func ranges(c *network.Catalog, site string, a netip.Addr, at schema.Ticks) []network.Range {
	if site == "" {
		return c.LookupAll(a, at)
	}
	return c.Lookup(site, a, at)
}

func (v *view) ranges(site string, a netip.Addr, at schema.Ticks) []network.Range {
	return ranges(v.networks, site, a, at)
}
