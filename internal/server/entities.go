package server

import (
	"context"
	"net/netip"
	"time"

	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/store"
)

// Entities builds entity pages.
type Entities interface {
	Build(ctx context.Context, req entitypage.Request) (*entitypage.Document, error)
	Devices(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.DeviceList, error)
	Peers(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.PeerList, error)
	Addresses(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.AddressList, error)
	Among(ctx context.Context, req entitypage.Request) (addresses store.Addresses, is func(column string) string, contains func(address string) bool, err error)
	EachAddress(ctx context.Context, req entitypage.Request, list entitypage.List, yield func(*entitypage.AddressItem) error) error
	Alerts(ctx context.Context, req entitypage.Request, ask entitypage.Alerts) (entitypage.AlertList, error)
	Summaries(ctx context.Context, ids []entity.ID, site string) (map[entity.ID]*entitypage.Summary, error)
	Watched(ctx context.Context, ids []entity.ID) (map[entity.ID]*entitypage.Summary, error)
	Newcomers(ctx context.Context) (entitypage.Newcomers, error)
	Noises(id entity.ID) []entitypage.Noise
	NoisesOfPrefix(p netip.Prefix) []entitypage.Noise
	Place(a netip.Addr) entitypage.Place
	Contacts(ctx context.Context, req entitypage.Request) (*entitypage.ContactList, error)
	Related(ctx context.Context, req entitypage.Request, by string) (*entitypage.Related, error)
	OwnUse(ctx context.Context, req entitypage.Request) (*entitypage.OwnUse, error)
	Compare(ctx context.Context, req, other entitypage.Request) (*entitypage.Comparison, error)
	ComparePart(ctx context.Context, req, other entitypage.Request, part string) (*entitypage.PartComparison, error)
	Aftermath(ctx context.Context, device entity.ID, site string, from time.Time, length time.Duration) (*entitypage.Aftermath, error)
}

// EntityScope is which entity, where and when. It is exported, as EntityList and Comparing are, because
// huma reads parameters of embedded structs only then.
type EntityScope struct {
	Kind string `path:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn" doc:"cidr, range and asn are many addresses"`
	ID   string `path:"id" maxLength:"4096" doc:"as it stands in logs; made canonical"`
	From string `query:"from" maxLength:"64" doc:"start of the period, RFC 3339 or a UTC day; with neither from nor to: 30 days"`
	To   string `query:"to" maxLength:"64" doc:"end of the period, exclusive; absent: now"`
	Site string `query:"site" doc:"absent: all sites"`
	Role string `query:"role" enum:"any,source,destination,local,nat,forwarded" default:"any" doc:"count only records in which the entity plays this role"`
}

// Comparing is a scope, and what it is compared with.
type Comparing struct {
	EntityScope
	With     string `query:"with" maxLength:"4096" doc:"another entity of the kind; absent: the same one"`
	WithFrom string `query:"withFrom" maxLength:"64" doc:"start of the other period; absent: the equal period before, or, for another entity, the same period"`
	WithTo   string `query:"withTo" maxLength:"64"`
}

// EntityList is a page of a list.
type EntityList struct {
	Limit  int `query:"limit" minimum:"1" maximum:"10000" default:"50"`
	Offset int `query:"offset" minimum:"0" default:"0"`
	ListOrder
}

// ListOrder is what is in a list, and in which order.
type ListOrder struct {
	Sort  string `query:"sort" enum:"last,first,records,name,-last,-first,-records,-name" default:"last" doc:"times and counts sort downwards, names upwards; - turns it round"`
	Match string `query:"q" maxLength:"256" doc:"keep the items in which this text stands"`
}

// AddressOrder is which addresses of many are in a list, and in which order.
type AddressOrder struct {
	Sort  string `query:"sort" enum:"last,first,records,devices,bytes,name,-last,-first,-records,-devices,-bytes,-name" default:"last" doc:"times and counts sort downwards, addresses upwards; - turns it round"`
	Match string `query:"q" maxLength:"256" doc:"keep those in whose address, country, AS or noise lists this text stands"`
}

func (in *AddressOrder) list() entitypage.List {
	return entitypage.List{Sort: in.Sort, Match: in.Match}
}

// one is request for what only a single entity has.
func (in *EntityScope) one(ctx context.Context, now func() time.Time) (entitypage.Request, error) {
	req, err := in.request(ctx, now)
	if err == nil && req.ID.Kind.Many() {
		err = fault(CodeInvalid, "this is not to be had of many addresses: ask for one of them")
	}
	return req, err
}

func (in *EntityScope) request(ctx context.Context, now func() time.Time) (entitypage.Request, error) {
	x := exchangeOf(ctx)
	x.target = in.Kind + " " + in.ID
	id, err := entity.Parse(entity.Kind(in.Kind), in.ID)
	if err != nil {
		return entitypage.Request{}, &Error{Code: CodeInvalid, Detail: err.Error()}
	}
	x.target = in.Kind + " " + id.Value
	req := entitypage.Request{ID: id, Site: in.Site}
	req.Role, _ = entity.ParseRole(in.Role) // "any" is no role
	if req.From, err = moment("from", in.From); err != nil {
		return req, err
	}
	if req.To, err = moment("to", in.To); err != nil {
		return req, err
	}
	if !req.From.IsZero() && req.To.IsZero() {
		req.To = now().UTC()
	}
	if !req.To.IsZero() && !req.From.Before(req.To) {
		return req, fault(CodeInvalid, "the period must have a start before its end")
	}
	return req, nil
}

// moment reads a time of the query string: RFC 3339, or a UTC day for its first moment.
// Absent is the zero time.
func moment(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault(CodeInvalid, "%s is no time: write it like 2006-01-02T15:04:05Z or 2006-01-02", name)
}

// list asks for the whole list.
func (in *ListOrder) list() entitypage.List { return entitypage.List{Sort: in.Sort, Match: in.Match} }

// page asks for a page of it.
func (in *EntityList) page() entitypage.List {
	l := in.list()
	l.Limit, l.Offset = in.Limit, in.Offset
	return l
}

func (s *Server) registerEntities() {
	handle(s, "GET /api/entities/{kind}/{id}", "entity", "entities", "Who here talked to it, since when, how rare is that",
		func(ctx context.Context, in *EntityScope) (*reply[entitypage.Document], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			doc, err := s.cfg.Entities.Build(ctx, req)
			if err != nil {
				return nil, err
			}
			return &reply[entitypage.Document]{*doc}, nil
		})
	type page struct {
		EntityScope
		EntityList
	}
	handle(s, "GET /api/entities/{kind}/{id}/devices", "entityDevices", "entities", "Own hosts in its records",
		func(ctx context.Context, in *page) (*reply[entitypage.DeviceList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Entities.Devices(ctx, req, in.page())
			return &reply[entitypage.DeviceList]{list}, err
		})
	handle(s, "GET /api/entities/{kind}/{id}/peers", "entityPeers", "entities", "Addresses at the other end of its records",
		func(ctx context.Context, in *page) (*reply[entitypage.PeerList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Entities.Peers(ctx, req, in.page())
			return &reply[entitypage.PeerList]{list}, err
		})
	type addresses struct {
		EntityScope
		Limit  int `query:"limit" minimum:"1" maximum:"10000" default:"50"`
		Offset int `query:"offset" minimum:"0" default:"0"`
		AddressOrder
	}
	handle(s, "GET /api/entities/{kind}/{id}/addresses", "entityAddresses", "entities", "The addresses of a prefix, a range or an autonomous system that were seen",
		func(ctx context.Context, in *addresses) (*reply[entitypage.AddressList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list := in.list()
			list.Limit, list.Offset = in.Limit, in.Offset
			found, err := s.cfg.Entities.Addresses(ctx, req, list)
			return &reply[entitypage.AddressList]{found}, err
		})
	handle(s, "GET /api/entities/{kind}/{id}/alerts", "entityAlerts", "entities", "Alerts of ingested sources that name it",
		func(ctx context.Context, in *struct {
			EntityScope
			Limit    int    `query:"limit" default:"50" minimum:"1" maximum:"10000"`
			Offset   int    `query:"offset" default:"0" minimum:"0"`
			Match    string `query:"q" maxLength:"256" doc:"keep the alerts in which this text stands"`
			Severity string `query:"severity" maxLength:"64" doc:"keep those of this severity, as the source wrote it"`
			Sort     string `query:"sort" enum:"time,severity,title,source,-time,-severity,-title,-source" default:"time" doc:"the latest, the gravest and A first; - turns it round"`
		},
		) (*reply[entitypage.AlertList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Entities.Alerts(ctx, req, entitypage.Alerts{
				List:     entitypage.List{Limit: in.Limit, Offset: in.Offset, Match: in.Match, Sort: in.Sort},
				Severity: in.Severity,
			})
			return &reply[entitypage.AlertList]{list}, err
		})
	s.registerEntitySections()
}

// registerEntitySections registers what an analyst asks next: each part of a page that
// reads events is a route of its own, so that it comes when it is ready and fails alone.
func (s *Server) registerEntitySections() {
	handle(s, "GET /api/entities/{kind}/{id}/contacts", "entityContacts", "entities", "First contacts of an address in order, and the processes that opened them",
		func(ctx context.Context, in *EntityScope) (*reply[entitypage.ContactList], error) {
			return section(ctx, in, s.cfg.Now, s.cfg.Entities.Contacts)
		})
	handle(s, "GET /api/entities/{kind}/{id}/own", "entityOwnUse", "entities", "Logons from an own address, its exposure and its new peers",
		func(ctx context.Context, in *EntityScope) (*reply[entitypage.OwnUse], error) {
			return sectionOfOne(ctx, in, s.cfg.Now, s.cfg.Entities.OwnUse)
		})
	type related struct {
		EntityScope
		By string `path:"by" enum:"process,shown,neighbours" doc:"what is shared: the processes that dealt with it; names, certificates and fingerprints in its connections; prefix and ASN"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/related/{by}", "entityRelated", "entities", "Other addresses that share something with it",
		func(ctx context.Context, in *related) (*reply[entitypage.Related], error) {
			ask := func(ctx context.Context, req entitypage.Request) (*entitypage.Related, error) {
				return s.cfg.Entities.Related(ctx, req, in.By)
			}
			return sectionOfOne(ctx, &in.EntityScope, s.cfg.Now, ask)
		})
	// with is the page to compare with.
	with := func(ctx context.Context, in *Comparing) (entitypage.Request, error) {
		other := in.EntityScope
		other.From, other.To = in.WithFrom, in.WithTo
		if in.With != "" {
			other.ID = in.With
		}
		return other.request(ctx, s.cfg.Now)
	}
	handle(s, "GET /api/entities/{kind}/{id}/compare", "compareEntity", "entities", "Two periods, or two entities, side by side",
		func(ctx context.Context, in *Comparing) (*reply[entitypage.Comparison], error) {
			other, err := with(ctx, in)
			if err != nil {
				return nil, err
			}
			ask := func(ctx context.Context, req entitypage.Request) (*entitypage.Comparison, error) {
				return s.cfg.Entities.Compare(ctx, req, other)
			}
			return section(ctx, &in.EntityScope, s.cfg.Now, ask)
		})
	type comparePart struct {
		Comparing
		Part string `path:"part" enum:"flows,alerts,footprint,related,own,insights" doc:"flows: connections, ports, processes, names, links and beacons; alerts: alerts by title, severities; footprint: what stands beside names and certificates; related: what shares a process, or what connections show, with it; own: logons from an own address, ports on which others reached it; insights: by their ids"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/compare/{part}", "compareEntityPart", "entities", "The lists of one part of a page that reads events, of two periods, or two entities",
		func(ctx context.Context, in *comparePart) (*reply[entitypage.PartComparison], error) {
			other, err := with(ctx, &in.Comparing)
			if err != nil {
				return nil, err
			}
			ask := func(ctx context.Context, req entitypage.Request) (*entitypage.PartComparison, error) {
				return s.cfg.Entities.ComparePart(ctx, req, other, in.Part)
			}
			return section(ctx, &in.EntityScope, s.cfg.Now, ask)
		})
	type after struct {
		ID      string `path:"id" maxLength:"4096" doc:"name or DeviceId"`
		At      string `query:"at" required:"true" maxLength:"64" doc:"RFC 3339"`
		Minutes int    `query:"minutes" minimum:"1" maximum:"1440" default:"10"`
		Site    string `query:"site" doc:"absent: all sites"`
	}
	handle(s, "GET /api/devices/{id}/aftermath", "deviceAftermath", "entities", "Processes, files and logons of a device from a moment on",
		func(ctx context.Context, in *after) (*reply[entitypage.Aftermath], error) {
			exchangeOf(ctx).target = "device " + in.ID
			device, err := entity.Parse(entity.Device, in.ID)
			if err != nil {
				return nil, &Error{Code: CodeInvalid, Detail: err.Error()}
			}
			at, err := moment("at", in.At)
			if err != nil {
				return nil, err
			}
			found, err := s.cfg.Entities.Aftermath(ctx, device, in.Site, at, time.Duration(in.Minutes)*time.Minute)
			if err != nil {
				return nil, err
			}
			return &reply[entitypage.Aftermath]{*found}, nil
		})
}

// section answers one part of a page.
func section[T any](ctx context.Context, in *EntityScope, now func() time.Time, ask func(context.Context, entitypage.Request) (*T, error)) (*reply[T], error) {
	req, err := in.request(ctx, now)
	if err != nil {
		return nil, err
	}
	return answer(ctx, req, ask)
}

// sectionOfOne answers a part that the page of many addresses does not have.
func sectionOfOne[T any](ctx context.Context, in *EntityScope, now func() time.Time, ask func(context.Context, entitypage.Request) (*T, error)) (*reply[T], error) {
	req, err := in.one(ctx, now)
	if err != nil {
		return nil, err
	}
	return answer(ctx, req, ask)
}

func answer[T any](ctx context.Context, req entitypage.Request, ask func(context.Context, entitypage.Request) (*T, error)) (*reply[T], error) {
	found, err := ask(ctx, req)
	if err != nil {
		return nil, err
	}
	return &reply[T]{*found}, nil
}
