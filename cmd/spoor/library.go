package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/external"
	"spoor/internal/function"
	"spoor/internal/kql/bind"
	"spoor/internal/kql/value"
	"spoor/internal/network"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/watchlist"
)

// library is what people keep for queries, and brings the rows of it that a query asks
// for. It is safe for concurrent use.
type library struct {
	watchlists *watchlist.Store
	functions  *function.Store
	locations  *external.Store
	fetcher    *external.Fetcher
	networks   *network.Catalog

	mu      sync.Mutex
	state   libraryState
	current *bind.Library
}

// libraryState tells one state of what is kept from every other.
type libraryState struct {
	watchlists watchlist.Mark
	functions  int64
	locations  external.Mark
}

func newLibrary(db *casedb.DB, fetcher *external.Fetcher, networks *network.Catalog) *library {
	return &library{watchlists: watchlist.New(db), functions: function.New(db), locations: external.New(db), fetcher: fetcher, networks: networks}
}

// Current is what is kept now. It is read again only when it was changed, which the
// command line may do as well as this server.
func (l *library) Current(ctx context.Context) (*bind.Library, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	state, err := l.readState(ctx)
	if err != nil {
		return nil, err
	}
	if l.current != nil && state == l.state {
		return l.current, nil
	}
	current, err := l.read(ctx)
	if err != nil {
		return nil, err
	}
	l.state, l.current = state, current
	return current, nil
}

func (l *library) readState(ctx context.Context) (s libraryState, err error) {
	if s.watchlists, err = l.watchlists.Mark(ctx); err != nil {
		return s, err
	}
	if s.functions, err = l.functions.Mark(ctx); err != nil {
		return s, err
	}
	s.locations, err = l.locations.Mark(ctx)
	return s, err
}

func (l *library) read(ctx context.Context) (*bind.Library, error) {
	lists, err := l.watchlists.Lists(ctx)
	if err != nil {
		return nil, err
	}
	functions, err := l.functions.List(ctx)
	if err != nil {
		return nil, err
	}
	allowed, err := l.locations.List(ctx)
	if err != nil {
		return nil, err
	}
	var kept bind.Kept
	for _, w := range lists {
		b := bind.Watchlist{Alias: w.Alias, Version: w.ID, Columns: w.Columns, SearchKey: w.SearchKey}
		if !w.Expires.IsZero() {
			b.Expires = schema.TicksOf(w.Expires)
		}
		kept.Watchlists = append(kept.Watchlists, b)
	}
	if !slices.ContainsFunc(lists, func(w watchlist.List) bool { return strings.EqualFold(w.Alias, networksList.Alias) }) {
		kept.Watchlists = append(kept.Watchlists, networksList)
	}
	for _, f := range functions {
		kept.Functions = append(kept.Functions, bind.StoredFunction{Name: f.Name, Text: f.Text()})
	}
	for _, a := range allowed {
		kept.Locations = append(kept.Locations, a.Location)
	}
	return bind.NewLibrary(kept)
}

// mention reports whether the text of a stored function holds a word.
func (l *library) mention(ctx context.Context, word string) (bool, error) {
	functions, err := l.functions.List(ctx)
	for _, f := range functions {
		if strings.Contains(f.Body, word) {
			return true, err
		}
	}
	return false, err
}

// Fetch implements query.Sources.
func (l *library) Fetch(ctx context.Context, source bind.Source) ([][]any, error) {
	switch s := source.(type) {
	case *bind.WatchlistSource:
		return l.watchlistRows(ctx, s.List)
	case *bind.ExternalSource:
		rows, err := l.fetcher.Fetch(ctx, s)
		if errors.Is(err, external.ErrFetch) {
			return nil, &query.Error{Code: query.CodeData, Message: err.Error(), Err: err}
		}
		return rows, err
	default:
		return nil, fmt.Errorf("fetch %s: a %T is unknown", source, source)
	}
}

// watchlistRows gives a list's rows under the fixed columns and its own.
func (l *library) watchlistRows(ctx context.Context, list bind.Watchlist) ([][]any, error) {
	if list.Version == networksList.Version {
		return listRows(list, l.networkItems()), nil
	}
	items, err := l.watchlists.Items(ctx, list.Version)
	if errors.Is(err, watchlist.ErrNotFound) {
		return nil, &query.Error{Code: query.CodeData, Message: fmt.Sprintf("The watchlist '%s' was changed while the query began; run it again.", list.Alias), Err: err}
	}
	if err != nil {
		return nil, err
	}
	return listRows(list, items), nil
}

// networksList is the network catalogue as a list that queries look addresses up in.
var networksList = bind.Watchlist{
	Alias: "SpoorNetworks", Version: -1, SearchKey: "Network",
	Columns: []string{"Network", "Name", "Role", "Site", "Owner", "ValidFrom", "ValidTo", "TrustedProxy"},
}

func (l *library) networkItems() []watchlist.Item {
	var items []watchlist.Item
	for _, r := range l.networks.List() {
		items = append(items, watchlist.Item{
			ID: strconv.FormatInt(r.ID, 10), Updated: r.ValidFrom,
			Values: []string{r.Prefix.String(), r.Name, r.Role, r.Site, r.Owner, instant(r.ValidFrom), instant(r.ValidTo), strconv.FormatBool(r.TrustedProxy)},
		})
	}
	return items
}

// instant writes a time as KQL's todatetime reads it; "" for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// listRows are items under the fixed columns and the list's own.
func listRows(list bind.Watchlist, items []watchlist.Item) [][]any {
	rows := make([][]any, len(items))
	for i, it := range items {
		row := []any{it.ID, int64(schema.TicksOf(it.Updated)), "", ""}
		var bag strings.Builder
		for j, name := range list.Columns {
			v := it.Values[j]
			if name == list.SearchKey {
				row[2] = v
			}
			bag.WriteString(map[bool]string{true: "{", false: ","}[j == 0] + value.JSONString(name) + ":" + value.JSONString(v))
			row = append(row, v)
		}
		row[3] = bag.String() + "}"
		rows[i] = row
	}
	return rows
}
