package server

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/timeline"
)

// Timelines tells of the records of entities.
type Timelines interface {
	Page(ctx context.Context, req timeline.PageRequest) (*timeline.Page, error)
	Facets(ctx context.Context, req timeline.Request) (*timeline.Facets, error)
	Export(ctx context.Context, req timeline.Request, write func(row []any) error) error
	// Event is nil when there is no such record in the tables given.
	Event(ctx context.Context, raw schema.RawID, hint string, tables []string) (*timeline.Event, error)
}

// TimelineFilter says which records of a timeline. A part that is absent keeps all.
type TimelineFilter struct {
	Roles       []string `query:"roles,explode" doc:"keep the records in which the entity plays one of these parts; they take the place of role" enum:"source,destination,local,remote,nat,forwarded,assigned,evidence,answer,mentioned"`
	Outcomes    []string `query:"outcome,explode" enum:"none,established,permitted,refused,unanswered,blocked,unknown,icmp"`
	SourceKinds []string `query:"sourceKind,explode"`
	Tables      []string `query:"table,explode"`
	Devices     []string `query:"device,explode" doc:"as reported; an empty one for sensors that name no host"`
	AlertsOnly  bool     `query:"alerts" doc:"keep what made an alert, or is one"`
	Text        string   `query:"q" maxLength:"256" doc:"keep the records in which this text stands, in any case"`
	In          string   `query:"in" enum:"device,account,file" doc:"which columns are searched; absent: all"`
}

func (in *TimelineFilter) filter() timeline.Filter {
	f := timeline.Filter{
		Outcomes: in.Outcomes, SourceKinds: in.SourceKinds, Tables: in.Tables, AlertsOnly: in.AlertsOnly,
		Text: in.Text, In: timeline.Field(in.In),
	}
	for _, d := range in.Devices {
		f.Devices = append(f.Devices, entity.CanonicalDevice(d))
	}
	for _, name := range in.Roles {
		r, _ := entity.ParseRole(name)
		f.Roles |= r
	}
	return f
}

// TimelineScope is which records. It is exported, as EntityScope is.
type TimelineScope struct {
	EntityScope
	TimelineFilter
}

// timeline reads the period as it is given: with neither end, all of time.
func (s *Server) timeline(ctx context.Context, in *TimelineScope) (timeline.Request, error) {
	req, err := in.request(ctx, s.cfg.Now)
	out := timeline.Request{ID: req.ID, Site: req.Site, From: req.From, To: req.To, Filter: in.filter()}
	if out.Roles == 0 {
		out.Roles = req.Role
	}
	if err == nil && req.ID.Kind.Many() {
		out.Among = &timeline.Among{}
		out.Among.Addresses, out.Among.Is, out.Among.Contains, err = s.cfg.Entities.Among(ctx, req)
	}
	return out, err
}

// TimelinePlace is where in a timeline. It is exported, as EntityScope is.
type TimelinePlace struct {
	Cursor string `query:"cursor" maxLength:"64" doc:"go on behind this record; absent: begin at the end of the period, or at its beginning for newer ones"`
	At     string `query:"at" maxLength:"64" doc:"instead of a cursor: begin at this time, itself kept"`
	Order  string `query:"order" enum:"older,newer" default:"older" doc:"towards which records to go; a page is newest first in any case"`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// after is the place; nil: the end of the period.
func (in *TimelinePlace) after() (*timeline.Cursor, error) {
	if in.Cursor != "" {
		c, err := timeline.ParseCursor(in.Cursor)
		if err != nil {
			return nil, fault(CodeInvalid, "%s", err)
		}
		return &c, nil
	}
	at, err := moment("at", in.At)
	if err != nil || at.IsZero() {
		return nil, err
	}
	c := timeline.Cursor{Time: schema.TicksOf(at)}
	if in.Order == "older" {
		c.Time++ // its own records are among the older ones
	} else {
		c.Raw = -1
	}
	return &c, nil
}

func (s *Server) registerTimeline() {
	type page struct {
		TimelineScope
		TimelinePlace
	}
	handle(s, "GET /api/entities/{kind}/{id}/timeline", "entityTimeline", "entities", "The records that name it, from all tables, in order",
		func(ctx context.Context, in *page) (*reply[timeline.Page], error) {
			req, err := s.timeline(ctx, &in.TimelineScope)
			if err != nil {
				return nil, err
			}
			after, err := in.after()
			if err != nil {
				return nil, err
			}
			out, err := s.cfg.Timelines.Page(ctx, timeline.PageRequest{Request: req, After: after, Newer: in.Order == "newer", Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			return &reply[timeline.Page]{*out}, nil
		})
	handle(s, "GET /api/entities/{kind}/{id}/timeline/facets", "entityTimelineFacets", "entities", "What those records add up to",
		func(ctx context.Context, in *TimelineScope) (*reply[timeline.Facets], error) {
			req, err := s.timeline(ctx, in)
			if err != nil {
				return nil, err
			}
			out, err := s.cfg.Timelines.Facets(ctx, req)
			if err != nil {
				return nil, err
			}
			return &reply[timeline.Facets]{*out}, nil
		})
	type exported struct {
		TimelineScope
		ExportFormat
	}
	download(s, "GET /api/entities/{kind}/{id}/timeline/export", "exportEntityTimeline", "entities", "Those records as a file",
		timeline.ExportColumns, func(ctx context.Context, in *exported, write func([]any) error) error {
			req, err := s.timeline(ctx, &in.TimelineScope)
			if err != nil {
				return err
			}
			return s.cfg.Timelines.Export(ctx, req, write)
		})
	type event struct {
		RawID string `path:"rawId" doc:"the _RawId of a row"`
		Table string `query:"table" doc:"where it is, if that is known"`
	}
	handle(s, "GET /api/events/{rawId}", "event", "entities", "All that the rows of a record say",
		func(ctx context.Context, in *event) (*reply[timeline.Event], error) {
			exchangeOf(ctx).target = in.RawID
			id, err := strconv.ParseInt(in.RawID, 10, 64)
			if err != nil || id < 0 {
				return nil, fault(CodeInvalid, "a raw id is a whole number")
			}
			rows, err := s.cfg.Events.Tables(ctx)
			if err != nil {
				return nil, err
			}
			out, err := s.cfg.Timelines.Event(ctx, schema.RawID(id), in.Table, slices.Sorted(maps.Keys(rows)))
			if err == nil && out == nil {
				err = fault(CodeNotFound, "no table has rows of the record %d; it may have expired", id)
			}
			if err != nil {
				return nil, err
			}
			return &reply[timeline.Event]{*out}, nil
		})
}
