package server

import (
	"cmp"
	"context"
	"time"

	"spoor/internal/preference"
)

// PreferenceStore keeps how people want to see things; *preference.Store says how.
type PreferenceStore interface {
	Preferences(ctx context.Context, owner string) (preference.Preferences, error)
	SetPreferences(ctx context.Context, owner string, p preference.Preferences) error
	Sets(ctx context.Context, owner, view string) ([]preference.Set, error)
	PutSet(ctx context.Context, set preference.Set) (preference.Set, error)
	RemoveSet(ctx context.Context, owner string, id int64) (preference.Set, error)
}

// Preferences are how whoever asks wants to see things.
type Preferences struct {
	TimeZone string `json:"timeZone" doc:"an IANA name, UTC, or local for the browser's own"`
	Theme    string `json:"theme" enum:"light,dark,system"`
}

// ColumnSet is a named set of columns for a table.
type ColumnSet struct {
	ID      int64     `json:"id"`
	View    string    `json:"view" doc:"names the table"`
	Name    string    `json:"name"`
	Owner   string    `json:"owner"`
	Mine    bool      `json:"mine"`
	Shared  bool      `json:"shared" doc:"others may use it"`
	Columns []string  `json:"columns" doc:"in order"`
	At      time.Time `json:"at"`
}

func columnSet(set preference.Set, caller string) ColumnSet {
	return ColumnSet{set.ID, set.View, set.Name, set.Owner, set.Owner == caller, set.Shared, set.Columns, set.At}
}

func (s *Server) registerPreferences() {
	handle(s, "GET /api/preferences", "preferences", "preferences", "How you want to see things",
		func(ctx context.Context, _ *struct{}) (*reply[Preferences], error) {
			p, err := s.cfg.Preferences.Preferences(ctx, exchangeOf(ctx).principal.Actor())
			return &reply[Preferences]{Preferences{cmp.Or(p.TimeZone, "UTC"), cmp.Or(p.Theme, "system")}}, err
		})
	type change struct {
		Body struct {
			TimeZone string `json:"timeZone,omitempty" maxLength:"64" doc:"absent: as it was"`
			Theme    string `json:"theme,omitempty" enum:"light,dark,system" doc:"absent: as it was"`
		}
	}
	handle(s, "PUT /api/preferences", "setPreferences", "preferences", "Say how you want to see things",
		func(ctx context.Context, in *change) (*struct{}, error) {
			x := exchangeOf(ctx)
			x.target = x.principal.Actor()
			return nil, s.cfg.Preferences.SetPreferences(ctx, x.target, preference.Preferences{TimeZone: in.Body.TimeZone, Theme: in.Body.Theme})
		})
	type view struct {
		View string `query:"view" maxLength:"100" doc:"absent: those of all tables"`
	}
	handle(s, "GET /api/columnsets", "listColumnSets", "preferences", "Your named sets of columns, and those that others share",
		func(ctx context.Context, in *view) (*reply[List[ColumnSet]], error) {
			caller := exchangeOf(ctx).principal.Actor()
			sets, err := s.cfg.Preferences.Sets(ctx, caller, in.View)
			out := &reply[List[ColumnSet]]{List[ColumnSet]{Items: []ColumnSet{}}}
			for _, set := range sets {
				out.Body.Items = append(out.Body.Items, columnSet(set, caller))
			}
			return out, err
		})
	type newSet struct {
		Body struct {
			View    string   `json:"view" maxLength:"100"`
			Name    string   `json:"name" maxLength:"100"`
			Shared  bool     `json:"shared,omitempty"`
			Columns []string `json:"columns" minItems:"1" maxItems:"200"`
		}
	}
	handle(s, "PUT /api/columnsets", "putColumnSet", "preferences", "Keep a set of columns, in the place of yours of that name",
		func(ctx context.Context, in *newSet) (*reply[ColumnSet], error) {
			x := exchangeOf(ctx)
			x.target = in.Body.View + " " + in.Body.Name
			caller := x.principal.Actor()
			set, err := s.cfg.Preferences.PutSet(ctx, preference.Set{
				View: in.Body.View, Name: in.Body.Name, Owner: caller, Shared: in.Body.Shared, Columns: in.Body.Columns,
			})
			return &reply[ColumnSet]{columnSet(set, caller)}, err
		})
	type byID struct {
		ID int64 `path:"id"`
	}
	handle(s, "DELETE /api/columnsets/{id}", "removeColumnSet", "preferences", "Take a set of yours out",
		func(ctx context.Context, in *byID) (*struct{}, error) {
			x := exchangeOf(ctx)
			set, err := s.cfg.Preferences.RemoveSet(ctx, x.principal.Actor(), in.ID)
			x.target = set.View + " " + set.Name
			return nil, err
		})
}
