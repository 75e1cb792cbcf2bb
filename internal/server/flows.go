package server

import (
	"context"

	"spoor/internal/entitypage"
)

// Flows tells who talked to whom in the records of an entity, and how.
type Flows interface {
	Connections(ctx context.Context, req entitypage.Request, filter entitypage.ConnectionFilter) (entitypage.ConnectionList, error)
	ConnectionFlow(ctx context.Context, req entitypage.Request, kind string) (entitypage.ConnectionFlow, error)
	Beacons(ctx context.Context, req entitypage.Request, list entitypage.List) (entitypage.BeaconList, error)
	BeaconDetail(ctx context.Context, req entitypage.Request, pair entitypage.BeaconPair) (d entitypage.BeaconDetail, ok bool, err error)
	Footprint(ctx context.Context, req entitypage.Request) (*entitypage.Footprint, error)
	PassiveDNS(ctx context.Context, req entitypage.Request) ([]entitypage.DNSRecord, error)
	RunInsights(ctx context.Context, req entitypage.Request, overview bool) (entitypage.InsightList, error)
	Names(ctx context.Context, req entitypage.Request) (entitypage.NameList, error)
}

// EntityFind is a page of a list that has an order of its own.
type EntityFind struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"10000" default:"50"`
	Offset int    `query:"offset" minimum:"0" default:"0"`
	Match  string `query:"q" maxLength:"256" doc:"keep the items in which this text stands"`
}

func (in *EntityFind) list() entitypage.List {
	return entitypage.List{Limit: in.Limit, Offset: in.Offset, Match: in.Match}
}

// ConnectionPage is a page of connections and what they are filtered by.
type ConnectionPage struct {
	EntityFind
	Sort      string `query:"sort" enum:"records,last,first,bytesOut,bytesIn,duration,local,remote,port,beacon,-records,-last,-first,-bytesOut,-bytesIn,-duration,-local,-remote,-port,-beacon" default:"records" doc:"numbers and times sort downwards, addresses and ports upwards; - turns it round"`
	Direction string `query:"direction" enum:"in,out" doc:"who opened it, seen from the local side"`
	Outcome   string `query:"outcome" enum:"established,permitted,refused,unanswered,blocked,unknown,icmp"`
	Protocol  string `query:"protocol" maxLength:"32"`
	Port      int32  `query:"port" minimum:"-1" maximum:"65535" default:"-1" doc:"of the side that was opened to; -1 for all"`
}

func (in *ConnectionPage) filter() entitypage.ConnectionFilter {
	f := entitypage.ConnectionFilter{List: in.list(), Direction: in.Direction, Outcome: in.Outcome, Protocol: in.Protocol}
	f.Sort = in.Sort
	if in.Port >= 0 {
		f.Port = &in.Port
	}
	return f
}

func (s *Server) registerFlows() {
	s.registerFootprint()
	type connections struct {
		EntityScope
		ConnectionPage
	}
	handle(s, "GET /api/entities/{kind}/{id}/connections", "entityConnections", "entities", "Who talked to whom at which port",
		func(ctx context.Context, in *connections) (*reply[entitypage.ConnectionList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Flows.Connections(ctx, req, in.filter())
			return &reply[entitypage.ConnectionList]{list}, err
		})
	type flow struct {
		EntityScope
		SourceKind string `query:"sourceKind" maxLength:"128" doc:"whose records; absent: of the kinds that name processes the one with most, else the one with most"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/connections/flow", "entityConnectionFlow", "entities", "Connections as a flow from device to process to remote port",
		func(ctx context.Context, in *flow) (*reply[entitypage.ConnectionFlow], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			f, err := s.cfg.Flows.ConnectionFlow(ctx, req, in.SourceKind)
			return &reply[entitypage.ConnectionFlow]{f}, err
		})
	type page struct {
		EntityScope
		EntityFind
	}
	handle(s, "GET /api/entities/{kind}/{id}/beacons", "entityBeacons", "entities", "Pairs of addresses by how much they look like a beacon",
		func(ctx context.Context, in *page) (*reply[entitypage.BeaconList], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Flows.Beacons(ctx, req, in.list())
			return &reply[entitypage.BeaconList]{list}, err
		})
	type pair struct {
		EntityScope
		Local    string `query:"local" required:"true" maxLength:"64"`
		Remote   string `query:"remote" required:"true" maxLength:"64"`
		PairSite string `query:"pairSite" maxLength:"256" doc:"the site of the pair"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/beacons/detail", "entityBeacon", "entities", "The gaps and hours that a pair's beacon score is made of",
		func(ctx context.Context, in *pair) (*reply[entitypage.BeaconDetail], error) {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			d, ok, err := s.cfg.Flows.BeaconDetail(ctx, req, entitypage.BeaconPair{Site: in.PairSite, Local: in.Local, Remote: in.Remote})
			if err == nil && !ok {
				err = fault(CodeNotFound, "the two addresses have too few records in this period for a score, or all at one moment")
			}
			return &reply[entitypage.BeaconDetail]{d}, err
		})
}

func (s *Server) registerFootprint() {
	type insights struct {
		EntityScope
		Overview bool `query:"overview" doc:"only those that stand on the first tab of the page"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/insights", "entityInsights", "entities", "Curated queries about an entity, with their answers",
		func(ctx context.Context, in *insights) (*reply[entitypage.InsightList], error) {
			req, err := in.one(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			list, err := s.cfg.Flows.RunInsights(ctx, req, in.Overview)
			return &reply[entitypage.InsightList]{list}, err
		})
	handle(s, "GET /api/entities/{kind}/{id}/dns", "entityFootprint", "entities", "Names, certificates, services and web pages in own logs",
		func(ctx context.Context, in *EntityScope) (*reply[entitypage.Footprint], error) {
			req, err := in.one(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			f, err := s.cfg.Flows.Footprint(ctx, req)
			if err != nil {
				return nil, err
			}
			return &reply[entitypage.Footprint]{*f}, nil
		})
	handle(s, "GET /api/entities/{kind}/{id}/names", "entityNames", "entities", "Names under which an address was known",
		func(ctx context.Context, in *EntityScope) (*reply[entitypage.NameList], error) {
			req, err := in.one(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			names, err := s.cfg.Flows.Names(ctx, req)
			return &reply[entitypage.NameList]{names}, err
		})
	type cof struct {
		ContentType string `header:"Content-Type"`
		Body        []byte
	}
	handle(s, "GET /api/entities/{kind}/{id}/dns/cof", "entityPassiveDNS", "entities", "Passive DNS in the Common Output Format, a JSON object a line",
		func(ctx context.Context, in *EntityScope) (*cof, error) {
			req, err := in.one(ctx, s.cfg.Now)
			if err != nil {
				return nil, err
			}
			records, err := s.cfg.Flows.PassiveDNS(ctx, req)
			if err != nil {
				return nil, err
			}
			out := &cof{ContentType: IngestStream, Body: []byte{}}
			for i := range records {
				line, err := records[i].COF()
				if err != nil {
					return nil, err
				}
				out.Body = append(append(out.Body, line...), '\n')
			}
			return out, nil
		})
}
