package server

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"spoor/internal/watchlist"
)

// Watchlists are the lists that people keep for queries; *watchlist.Store says how.
type Watchlists interface {
	Lists(ctx context.Context) ([]watchlist.List, error)
	List(ctx context.Context, alias string) (watchlist.List, error)
	Versions(ctx context.Context, alias string) ([]watchlist.Version, error)
	Version(ctx context.Context, alias string, number int) (watchlist.Version, error)
	Items(ctx context.Context, versionID int64) ([]watchlist.Item, error)
	Import(ctx context.Context, in watchlist.Import) (watchlist.List, error)
	Restore(ctx context.Context, alias string, version int, by string) (watchlist.List, error)
	Remove(ctx context.Context, alias string) (watchlist.List, error)
}

// Watchlist is a list with its current version.
type Watchlist struct {
	Alias       string     `json:"alias"`
	Name        string     `json:"name,omitempty"`
	Description string     `json:"description,omitempty"`
	Owner       string     `json:"owner,omitempty"`
	Expires     *time.Time `json:"expires,omitempty" doc:"not to be relied on from then; queries still read it, with a warning"`
	Expired     bool       `json:"expired"`
	WatchlistVersion
}

// WatchlistVersion is one state of a list's rows.
type WatchlistVersion struct {
	Version   int       `json:"version" doc:"from 1"`
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Source    string    `json:"source,omitempty" doc:"name of the file"`
	Restored  int       `json:"restored,omitempty" doc:"the version whose rows it brought back"`
	SearchKey string    `json:"searchKey" doc:"the column that queries look up by"`
	Columns   []string  `json:"columns"`
	Rows      int       `json:"rows"`
}

// WatchlistDetail is a list with the versions that are kept, newest first.
type WatchlistDetail struct {
	Watchlist
	Versions []WatchlistVersion `json:"versions"`
}

// WatchlistItems is a page of a list's rows.
type WatchlistItems struct {
	Columns []string        `json:"columns"`
	Total   int             `json:"total"`
	Items   []WatchlistItem `json:"items"`
}

// WatchlistItem is a row of a list.
type WatchlistItem struct {
	ID      string    `json:"id"`
	Updated time.Time `json:"updated" doc:"when the row came into the list"`
	Values  []string  `json:"values" doc:"a text for each column"`
}

func watchlistVersion(v watchlist.Version) WatchlistVersion {
	return WatchlistVersion{v.Number, v.At, v.By, v.Source, v.Restore, v.SearchKey, v.Columns, v.Rows}
}

func (s *Server) watchlist(l watchlist.List) Watchlist {
	return Watchlist{l.Alias, l.Name, l.Description, l.Owner, orNull(l.Expires), l.Expired(s.cfg.Now()), watchlistVersion(l.Version)}
}

type byAlias struct {
	Alias string `path:"alias" maxLength:"64"`
}

func (s *Server) registerWatchlists() {
	handle(s, "GET /api/watchlists", "listWatchlists", "watchlists", "The lists that queries read with _GetWatchlist",
		func(ctx context.Context, _ *struct{}) (*reply[List[Watchlist]], error) {
			lists, err := s.cfg.Watchlists.Lists(ctx)
			out := &reply[List[Watchlist]]{List[Watchlist]{Items: []Watchlist{}}}
			for _, l := range lists {
				out.Body.Items = append(out.Body.Items, s.watchlist(l))
			}
			return out, err
		})
	handle(s, "GET /api/watchlists/{alias}", "watchlist", "watchlists", "One list with its versions", s.showWatchlist)
	handle(s, "GET /api/watchlists/{alias}/items", "watchlistItems", "watchlists", "The rows of a list", s.watchlistItems)
	handle(s, "PUT /api/watchlists/{alias}", "importWatchlist", "watchlists", "Put all rows of a CSV or JSON file in as the next version, or none", s.importWatchlist)
	type restore struct {
		Alias string `path:"alias" maxLength:"64"`
		Body  struct {
			Version int `json:"version" minimum:"1"`
		}
	}
	handle(s, "POST /api/watchlists/{alias}/restore", "restoreWatchlist", "watchlists", "Bring the rows of an earlier version back",
		func(ctx context.Context, in *restore) (*reply[Watchlist], error) {
			x := exchangeOf(ctx)
			x.target, x.detail = in.Alias, map[string]string{"restored": fmt.Sprint(in.Body.Version)}
			l, err := s.cfg.Watchlists.Restore(ctx, in.Alias, in.Body.Version, x.principal.Actor())
			x.rows = int64(l.Rows)
			return &reply[Watchlist]{s.watchlist(l)}, err
		})
	handle(s, "DELETE /api/watchlists/{alias}", "removeWatchlist", "watchlists", "Take a list out with all its versions",
		func(ctx context.Context, in *byAlias) (*struct{}, error) {
			exchangeOf(ctx).target = in.Alias
			l, err := s.cfg.Watchlists.Remove(ctx, in.Alias)
			exchangeOf(ctx).rows = int64(l.Rows)
			return nil, err
		})
}

func (s *Server) showWatchlist(ctx context.Context, in *byAlias) (*reply[WatchlistDetail], error) {
	l, err := s.cfg.Watchlists.List(ctx, in.Alias)
	if err != nil {
		return nil, err
	}
	versions, err := s.cfg.Watchlists.Versions(ctx, l.Alias)
	if err != nil {
		return nil, err
	}
	out := WatchlistDetail{Watchlist: s.watchlist(l)}
	for _, v := range versions {
		out.Versions = append(out.Versions, watchlistVersion(v))
	}
	return &reply[WatchlistDetail]{out}, nil
}

type watchlistPage struct {
	Alias   string `path:"alias" maxLength:"64"`
	Version int    `query:"version" minimum:"0" doc:"0: the current one"`
	Offset  int    `query:"offset" minimum:"0"`
	Limit   int    `query:"limit" minimum:"1" maximum:"10000" default:"100"`
}

func (s *Server) watchlistItems(ctx context.Context, in *watchlistPage) (*reply[WatchlistItems], error) {
	exchangeOf(ctx).target = in.Alias
	v, err := s.cfg.Watchlists.Version(ctx, in.Alias, in.Version)
	if err != nil {
		return nil, err
	}
	items, err := s.cfg.Watchlists.Items(ctx, v.ID)
	if err != nil {
		return nil, err
	}
	out := WatchlistItems{Columns: v.Columns, Total: len(items), Items: []WatchlistItem{}}
	from := min(in.Offset, len(items))
	for _, it := range items[from:min(from+in.Limit, len(items))] {
		out.Items = append(out.Items, WatchlistItem{it.ID, it.Updated, it.Values})
	}
	return &reply[WatchlistItems]{out}, nil
}

type watchlistFile struct {
	Alias       string `path:"alias" maxLength:"64"`
	SearchKey   string `query:"searchKey" doc:"the column that queries look up by; may be left out of a list that is there"`
	Name        string `query:"name"`
	Description string `query:"description"`
	Owner       string `query:"owner"`
	Expires     string `query:"expires" doc:"last day (2026-05-31), moment (RFC 3339) or never; left out, it stays"`
	Source      string `query:"source" doc:"name of the file"`
	RawBody     []byte `contentType:"application/octet-stream" doc:"CSV with a header, a JSON array of objects, or JSON lines"`
}

func (s *Server) importWatchlist(ctx context.Context, in *watchlistFile) (*reply[Watchlist], error) {
	x := exchangeOf(ctx)
	x.target, x.detail = in.Alias, map[string]string{"source": in.Source}
	expires, err := watchlist.ParseExpiry(in.Expires)
	if err != nil {
		return nil, err
	}
	t, err := watchlist.Read(bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, err
	}
	l, err := s.cfg.Watchlists.Import(ctx, watchlist.Import{
		Alias: in.Alias, SearchKey: in.SearchKey, Name: in.Name, Description: in.Description, Owner: in.Owner,
		Expires: expires, Source: in.Source, By: x.principal.Actor(), Table: t,
	})
	if err != nil {
		return nil, err
	}
	x.rows = int64(l.Rows)
	x.detail["version"] = fmt.Sprint(l.Number)
	return &reply[Watchlist]{s.watchlist(l)}, nil
}
