package entitypage

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"spoor/internal/device"
	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/network"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Ledger is what a page reads from the event store.
type Ledger interface {
	Ledger(ctx context.Context, q store.LedgerQuery) ([]store.Sighting, error)
	Claims(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error)
	Aliases(ctx context.Context) ([]store.DeviceAlias, error)
	Coverage(ctx context.Context) ([]store.Coverage, error)
	ActiveDevices(ctx context.Context, site string, fromDay, toDay int32) (int64, error)
	Version() int64
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
	Now      func() time.Time

	rarity rarity
	kept   kept
}

// Request asks for one page.
type Request struct {
	ID   entity.ID
	Site string // "" for all sites
	// From and To bound the period, To exclusive; both zero ask for the default one.
	From, To time.Time
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
		Kind: string(req.ID.Kind), ID: req.ID.Value, Site: req.Site, Range: v.window.document(),
		Sources: v.sources(), Errors: []SectionError{},
	}
	devices := v.devices()
	doc.Devices = v.deviceList(devices, List{Limit: PageSize})
	doc.Peers = v.peerList(List{Limit: PageSize})
	doc.Prevalence = v.prevalence(devices)
	doc.Holders = v.holderList()
	doc.Coverage = coverage(v.coverage)
	p.section(doc, "devices", func() error {
		n, err := p.activeDevices(ctx, req.Site, v.window)
		doc.Prevalence.DevicesTotal = n
		return err
	})
	p.section(doc, "alerts", func() (err error) {
		doc.Alerts, err = v.alerts(ctx, p.KQL)
		return err
	})
	if req.ID.Kind == entity.IP {
		p.section(doc, "identity", func() (err error) {
			doc.Identity, err = p.identity(v)
			return err
		})
		if !v.own {
			doc.Prevalence.RarerThan, doc.Prevalence.RarerAsOf = p.rarer(v)
		}
	}
	doc.Headline = headline(doc, v, devices)
	return doc, nil
}

func (p *Pages) section(doc *Document, name string, fill func() error) {
	if err := fill(); err != nil {
		doc.Errors = append(doc.Errors, SectionError{Section: name, Reason: err.Error()})
	}
}

// Devices gives a page of the device list.
func (p *Pages) Devices(ctx context.Context, req Request, list List) (DeviceList, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return DeviceList{}, err
	}
	return v.deviceList(v.devices(), list), nil
}

// Peers gives a page of the peer list.
func (p *Pages) Peers(ctx context.Context, req Request, list List) (PeerList, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return PeerList{}, err
	}
	return v.peerList(list), nil
}

// view is what the sections of one page share: the ledger's rows of the entity and who
// held the addresses in them.
type view struct {
	req      Request
	networks *network.Catalog
	all      []store.Sighting // for ever
	rows     []store.Sighting // of the window
	window   window
	holders  *device.Holders
	claims   []store.Claim // on the entity itself, when it is an address
	aliases  map[string]string
	names    map[string]string // DeviceID → the longest name reported for it
	coverage []store.Coverage
	// own says that the entity is an address of the organisation, and ownWhy how that
	// is known.
	own    bool
	ownWhy string
}

func (p *Pages) view(ctx context.Context, req Request) (*view, error) {
	v := &view{req: req, networks: p.Networks, aliases: map[string]string{}, names: map[string]string{}}
	var err error
	if v.all, err = p.Ledger.Ledger(ctx, store.LedgerQuery{Kind: req.ID.Kind, Entity: req.ID.Value, Site: req.Site}); err != nil {
		return nil, fmt.Errorf("read the ledger of %s: %w", req.ID.Value, err)
	}
	if v.coverage, err = p.coverage(ctx); err != nil {
		return nil, fmt.Errorf("read the coverage: %w", err)
	}
	aliases, err := p.Ledger.Aliases(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the device aliases: %w", err)
	}
	for _, a := range aliases {
		v.aliases[a.From] = a.To
	}
	v.window = pickWindow(req, v.all, p.Now())
	if err := v.cut(ctx, p.KQL); err != nil {
		return nil, err
	}
	v.nameDevices()
	if err := p.loadHolders(ctx, v); err != nil {
		return nil, err
	}
	v.orient()
	v.own, v.ownWhy = v.decideOwn()
	return v, nil
}

// nameDevices applies the aliases and picks one name for each device.
func (v *view) nameDevices() {
	for _, rows := range [][]store.Sighting{v.all, v.rows} {
		for i := range rows {
			r := &rows[i]
			if to, ok := v.aliases[r.DeviceID]; ok {
				r.DeviceID = to
			}
			if r.DeviceID != "" && len(r.Device) > len(v.names[r.DeviceID]) {
				v.names[r.DeviceID] = r.Device
			}
		}
	}
}

// loadHolders reads the claims on every address that a sensor's rows name, and on the
// entity itself.
func (p *Pages) loadHolders(ctx context.Context, v *view) error {
	var addresses []string
	seen := map[string]bool{}
	want := func(a string) {
		if a != "" && !seen[a] {
			seen[a] = true
			addresses = append(addresses, a)
		}
	}
	if v.req.ID.Kind == entity.IP {
		want(v.req.ID.Value)
	}
	for i := range v.rows {
		if r := &v.rows[i]; r.Device == "" && talked(r.Roles) {
			want(r.Peer)
		}
	}
	var claims []store.Claim
	if len(addresses) > 0 {
		var err error
		claims, err = p.Ledger.Claims(ctx, store.ClaimQuery{
			Addresses: addresses, Site: v.req.Site,
			From: v.window.from - device.ClaimReach, To: v.window.to + device.ClaimReach,
		})
		if err != nil {
			return fmt.Errorf("read who held the addresses: %w", err)
		}
	}
	v.holders = device.NewHolders(claims, v.aliases)
	for i := range claims {
		if claims[i].Address == v.req.ID.Value {
			v.claims = append(v.claims, claims[i])
		}
	}
	return nil
}

// decideOwn decides whether the address belongs to the organisation: the network
// catalogue first, then the hosts that say they hold it, then the side it was on in
// most of its records. The last is a guess of the sensors and said so.
func (v *view) decideOwn() (own bool, why string) {
	if v.req.ID.Kind != entity.IP {
		return false, ""
	}
	addr, err := netip.ParseAddr(v.req.ID.Value)
	if err != nil {
		return false, ""
	}
	if len(v.ranges(v.req.Site, addr, v.window.to)) > 0 {
		return true, "network catalogue"
	}
	if len(v.claims) > 0 {
		return true, "held by a reporting host"
	}
	var local, remote int64
	for i := range v.rows {
		switch r := &v.rows[i]; {
		case r.Roles.Has(entity.RoleLocal | entity.RoleRemote):
		case r.Roles.Has(entity.RoleLocal):
			local += r.Records
		case r.Roles.Has(entity.RoleRemote):
			remote += r.Records
		}
	}
	switch {
	case local == 0 && remote == 0:
		return false, "no flow says which side it is on"
	case local > remote:
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
	return len(v.ranges(site, a, at)) > 0 || len(v.holders.At(site, address, at)) > 0
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
