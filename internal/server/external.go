package server

import (
	"context"
	"strconv"
	"time"

	"spoor/internal/external"
)

// External is the list of what externaldata may read; *external.Store says how.
type External interface {
	List(ctx context.Context) ([]external.Allowed, error)
	Allow(ctx context.Context, location, reason, by string) (external.Allowed, error)
	Remove(ctx context.Context, id int64) (external.Allowed, error)
}

// NewExternalLocation is a place on the web that externaldata is to be allowed.
type NewExternalLocation struct {
	Location string `json:"location" example:"https://feeds.example.org/lists/" doc:"a path that ends in a slash stands for all below it"`
	Reason   string `json:"reason,omitempty"`
}

// ExternalLocation is a place that externaldata may read.
type ExternalLocation struct {
	ID int64 `json:"id"`
	NewExternalLocation
	At time.Time `json:"at"`
	By string    `json:"by"`
}

func externalLocation(a external.Allowed) ExternalLocation {
	return ExternalLocation{a.ID, NewExternalLocation{string(a.Location), a.Reason}, a.At, a.By}
}

func (s *Server) registerExternal() {
	handle(s, "GET /api/external", "listExternal", "external", "From where on the web externaldata may read",
		func(ctx context.Context, _ *struct{}) (*reply[List[ExternalLocation]], error) {
			list, err := s.cfg.External.List(ctx)
			out := &reply[List[ExternalLocation]]{List[ExternalLocation]{Items: []ExternalLocation{}}}
			for _, a := range list {
				out.Body.Items = append(out.Body.Items, externalLocation(a))
			}
			return out, err
		})
	handle(s, "POST /api/external", "allowExternal", "external", "Let externaldata read from a place",
		func(ctx context.Context, in *body[NewExternalLocation]) (*reply[ExternalLocation], error) {
			x := exchangeOf(ctx)
			x.target, x.detail = in.Body.Location, map[string]string{"reason": in.Body.Reason}
			a, err := s.cfg.External.Allow(ctx, in.Body.Location, in.Body.Reason, x.principal.Actor())
			return &reply[ExternalLocation]{externalLocation(a)}, err
		})
	type byID struct {
		ID int64 `path:"id"`
	}
	handle(s, "DELETE /api/external/{id}", "removeExternal", "external", "Let externaldata read from there no longer",
		func(ctx context.Context, in *byID) (*struct{}, error) {
			exchangeOf(ctx).target = strconv.FormatInt(in.ID, 10)
			a, err := s.cfg.External.Remove(ctx, in.ID)
			if err == nil {
				exchangeOf(ctx).target = string(a.Location)
			}
			return nil, err
		})
}
