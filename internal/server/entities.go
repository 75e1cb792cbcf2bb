package server

import (
	"context"
	"time"

	"spoor/internal/entity"
	"spoor/internal/entitypage"
)

// Entities builds entity pages.
type Entities interface {
	Build(ctx context.Context, req entitypage.Request) (*entitypage.Document, error)
	Devices(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.DeviceList, error)
	Peers(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.PeerList, error)
}

// EntityScope is which entity, where and when. It is exported, as EntityList is, because
// huma reads parameters of embedded structs only then.
type EntityScope struct {
	Kind string    `path:"kind" enum:"ip,domain,url,hash,account,device"`
	ID   string    `path:"id" maxLength:"4096" doc:"as it stands in logs; made canonical"`
	From time.Time `query:"from" doc:"start of the period; with neither from nor to: 30 days"`
	To   time.Time `query:"to" doc:"end of the period, exclusive; absent: now"`
	Site string    `query:"site" doc:"absent: all sites"`
}

// EntityList is a page of a list.
type EntityList struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"50"`
	Offset int    `query:"offset" minimum:"0" default:"0"`
	Sort   string `query:"sort" enum:"last,first,records,name,-last,-first,-records,-name" default:"last" doc:"times and counts sort downwards, names upwards; - turns it round"`
	Match  string `query:"q" maxLength:"256" doc:"keep the items in which this text stands"`
}

func (in *EntityScope) request(ctx context.Context, now func() time.Time) (entitypage.Request, error) {
	x := exchangeOf(ctx)
	x.target = in.Kind + " " + in.ID
	id, err := entity.Parse(entity.Kind(in.Kind), in.ID)
	if err != nil {
		return entitypage.Request{}, &Error{Code: CodeInvalid, Detail: err.Error()}
	}
	if !in.From.IsZero() && in.To.IsZero() {
		in.To = now()
	}
	if in.From.IsZero() != in.To.IsZero() || in.To.Before(in.From) {
		return entitypage.Request{}, fault(CodeInvalid, "the period must have a start before its end")
	}
	return entitypage.Request{ID: id, Site: in.Site, From: in.From.UTC(), To: in.To.UTC()}, nil
}

func (in *EntityList) list() entitypage.List {
	return entitypage.List{Limit: in.Limit, Offset: in.Offset, Sort: in.Sort, Match: in.Match}
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
			list, err := s.cfg.Entities.Devices(ctx, req, in.list())
			return &reply[entitypage.DeviceList]{list}, err
		})
	handle(s, "GET /api/entities/{kind}/{id}/peers", "entityPeers", "entities", "Addresses at the other end of its records",
		func(ctx context.Context, in *page) (*reply[entitypage.PeerList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Entities.Peers(ctx, req, in.list())
			return &reply[entitypage.PeerList]{list}, err
		})
}
