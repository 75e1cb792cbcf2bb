package entitypage

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Summary is the answer about one entity in a line: what its page says, of all time.
type Summary struct {
	ID         entity.ID
	SourceKind string // that speaks for all, see data.md: counts of kinds are not added
	Records    int64  // of that kind
	// First and Last are zero when there is nothing but mentions, or nothing at all.
	First, Last schema.Ticks
	Devices     int64
	Contacted   bool
	// Outcome is the best that became of any connection: established before permitted,
	// refused, unanswered, blocked and unknown.
	Outcome   schema.Outcome
	Alerts    int64 // records in which it is evidence; of addresses only
	Mentioned int64 // records that merely mention it
	Own       bool
	// AllRecords are those of all kinds, and Contacts the established or permitted
	// connections among them: they tell that something is new, and are not to be shown.
	AllRecords, Contacts int64
}

// Seen reports whether there is a record that is more than a mention.
func (s *Summary) Seen() bool { return s.Last != 0 }

// summaryQuestion is for what a summary is kept, until the store changes.
type summaryQuestion struct {
	id       entity.ID
	site     string
	networks any
}

// Summaries answers for many entities at once, in a look at the ledger and one at the
// claims. Entities without a record are left out. The summaries must not be changed: who
// types on in the search box is told of the same entities again.
func (p *Pages) Summaries(ctx context.Context, ids []entity.ID, site string) (map[entity.ID]*Summary, error) {
	version, networks := p.Ledger.Version(), p.Networks.State() // before reading, so that nothing newer is kept under them
	out := map[entity.ID]*Summary{}
	var unknown []entity.ID
	p.kept.mu.Lock()
	for _, id := range ids {
		s, ok := p.kept.at(version)[summaryQuestion{id, site, networks}].(*Summary)
		if !ok {
			unknown = append(unknown, id)
		} else if s != nil {
			out[id] = s
		}
	}
	p.kept.mu.Unlock()
	if len(unknown) == 0 {
		return out, nil
	}
	found, err := p.summarize(ctx, unknown, site)
	if err != nil {
		return nil, err
	}
	p.kept.mu.Lock()
	defer p.kept.mu.Unlock()
	for _, id := range unknown {
		p.kept.at(version)[summaryQuestion{id, site, networks}] = found[id] // nil: it has no record
		if found[id] != nil {
			out[id] = found[id]
		}
	}
	return out, nil
}

// summarize reads the summaries of entities.
func (p *Pages) summarize(ctx context.Context, ids []entity.ID, site string) (map[entity.ID]*Summary, error) {
	found, err := p.Ledger.StretchesOf(ctx, ids, site)
	if err != nil {
		return nil, fmt.Errorf("look %d entities up: %w", len(ids), err)
	}
	aliases, err := p.aliases(ctx)
	if err != nil {
		return nil, err
	}
	views := map[entity.ID]*view{}
	for i := range found {
		id := entity.ID{Kind: found[i].Kind, Value: found[i].Entity}
		v, ok := views[id]
		if !ok {
			v = &view{
				req: Request{ID: id, Site: site}, ledger: p.Ledger, kql: p.KQL, networks: p.Networks, names: map[string]string{}, aliases: aliases,
				window: explicitWindow(Request{}, p.Now()),
			}
			views[id] = v
		}
		v.all = append(v.all, found[i])
	}
	if err := p.shareHolders(ctx, views, site, aliases); err != nil {
		return nil, fmt.Errorf("look up who held the addresses of %d entities: %w", len(views), err)
	}
	out := make(map[entity.ID]*Summary, len(views))
	for id, v := range views {
		if err := v.splitChanging(ctx); err != nil {
			return nil, err
		}
		v.orient(v.rows)
		v.decide(v.rows, nil)
		out[id] = v.summary()
	}
	return out, nil
}

// ever is the end of a period that all records lie in, the start of a day.
var ever = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// Watched answers as Summaries does for entities of every kind, many addresses among them:
// a record of which both ends are among those counts once, as on their page.
func (p *Pages) Watched(ctx context.Context, ids []entity.ID) (map[entity.ID]*Summary, error) {
	many := func(id entity.ID) bool { return id.Kind.Many() }
	out, err := p.Summaries(ctx, slices.DeleteFunc(slices.Clone(ids), many), "")
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !many(id) || out[id] != nil {
			continue
		}
		v, err := p.resolved(ctx, Request{ID: id, To: ever})
		if err != nil {
			return nil, fmt.Errorf("look %s %s up: %w", id.Kind, id.Value, err)
		}
		if len(v.rows) > 0 {
			out[id] = v.summary()
		}
	}
	return out, nil
}

// shareHolders gives views of all time who held the addresses that any of them names.
func (p *Pages) shareHolders(ctx context.Context, views map[entity.ID]*view, site string, aliases map[string]string) error {
	own, peers := map[string]bool{}, map[string]bool{}
	span := window{from: schema.MaxTicks}
	for id, v := range views {
		if id.Kind == entity.IP {
			own[id.Value] = true
		}
		for i := range v.all {
			r := &v.all[i]
			span.from, span.to = min(span.from, r.First), max(span.to, r.Last+1)
			if r.Device == "" && talked(r.Roles) && r.Peer != "" {
				peers[r.Peer] = true
			}
		}
	}
	maps.DeleteFunc(peers, func(a string, _ bool) bool { return own[a] })
	reader := &view{req: Request{Site: site}, ledger: p.Ledger, window: span}
	var onEntities, onPeers []store.Claim
	err := together(
		func() (err error) {
			onEntities, err = reader.readClaims(ctx, own, true)
			return err
		},
		func() (err error) {
			onPeers, err = reader.readClaims(ctx, peers, true)
			return err
		},
	)
	if err != nil {
		return err
	}
	all := device.NewHolders(slices.Concat(onEntities, onPeers), aliases)
	claims := map[string][]store.Claim{}
	for _, c := range onEntities {
		claims[c.Address] = append(claims[c.Address], c)
	}
	changes := catalogueChanges(p.Networks)
	for id, v := range views {
		v.window.from, v.window.fromDay = span.from, span.from.Day()
		v.window.to, v.window.toDay = max(v.window.to, span.to), max(v.window.toDay, span.to.Day())
		v.nameDevices()
		v.rows = slices.Clone(v.all)
		v.holders = &holders{all: all, window: v.window, spans: map[siteAddress][]device.Span{}, changes: changes}
		if id.Kind == entity.IP {
			v.claims = claims[id.Value]
		}
	}
	return nil
}

// summary adds the rows up.
func (v *view) summary() *Summary {
	s := &Summary{ID: v.req.ID, First: schema.MaxTicks, Own: v.own, Outcome: schema.OutcomeNone}
	for i := range v.rows {
		r := &v.rows[i]
		if r.Roles == entity.RoleMentioned {
			s.Mentioned += r.Records
			continue
		}
		s.First, s.Last = min(s.First, r.First), max(s.Last, r.Last)
		s.AllRecords += r.Records
		if r.Outcome.Contact() {
			s.Contacted = true
			s.Contacts += r.Records
		}
		if r.Outcome != schema.OutcomeNone && (s.Outcome == schema.OutcomeNone || r.Outcome < s.Outcome) {
			s.Outcome = r.Outcome // they are declared from the best on
		}
		if r.Roles.Has(entity.RoleEvidence) {
			s.Alerts += r.Records
		}
	}
	if !s.Seen() {
		s.First = 0
	}
	s.SourceKind, s.Records = v.kinds().main(v.countedAs())
	s.Devices = int64(len(v.devices()))
	return s
}

// Place is what the first databases that know it say of an address.
type Place struct {
	Country, CountryCode string
	ASN                  uint32
	Org                  string
}

// Place looks an address up in the geo databases.
func (p *Pages) Place(a netip.Addr) (place Place) {
	answers, err := p.Geo.Lookup(a)
	if err != nil {
		return place // the entity's page says what is wrong with a database
	}
	for _, g := range answers {
		if place.Country == "" && g.Country != "" {
			place.Country, place.CountryCode = g.Country, g.CountryCode
		}
		if place.ASN == 0 && g.ASN != 0 {
			place.ASN, place.Org = g.ASN, g.Org
		}
	}
	return place
}
