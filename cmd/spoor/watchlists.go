package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"spoor/internal/server"
	"spoor/internal/watchlist"
)

// watchlists are the lists as the commands work on them.
type watchlists interface {
	Lists(ctx context.Context) ([]watchlist.List, error)
	Show(ctx context.Context, alias string) (watchlist.List, []watchlist.Version, error)
	// Table is a version's rows; version 0 is the current one.
	Table(ctx context.Context, alias string, version int) (*watchlist.Table, error)
	Import(ctx context.Context, in watchlist.Import, file []byte) (watchlist.List, error)
	Restore(ctx context.Context, alias string, version int) (watchlist.List, error)
	Remove(ctx context.Context, alias string) error
}

// withWatchlists runs a command over the server that the client finds, or over the data
// folder itself when it finds none.
func withWatchlists(ctx context.Context, c *client, run func(watchlists) error) error {
	if err := c.connect(); err != nil {
		return err
	}
	if c.token != "" {
		return run(remoteLists{c})
	}
	local := cases{dataDir: c.dataDir}
	return local.run(ctx, func(context.Context) error { return run(localLists{&local, watchlist.New(local.db)}) })
}

// remoteLists are those of a server.
type remoteLists struct{ c *client }

func listPath(alias string) string { return "/api/watchlists/" + url.PathEscape(alias) }

func (r remoteLists) Lists(ctx context.Context) ([]watchlist.List, error) {
	var answer struct{ Items []server.Watchlist }
	err := r.c.getJSON(ctx, "/api/watchlists", nil, &answer)
	lists := make([]watchlist.List, len(answer.Items))
	for i, l := range answer.Items {
		lists[i] = listOf(l)
	}
	return lists, err
}

func (r remoteLists) Show(ctx context.Context, alias string) (watchlist.List, []watchlist.Version, error) {
	var answer server.WatchlistDetail
	err := r.c.getJSON(ctx, listPath(alias), nil, &answer)
	versions := make([]watchlist.Version, len(answer.Versions))
	for i, v := range answer.Versions {
		versions[i] = versionOf(v)
	}
	return listOf(answer.Watchlist), versions, err
}

func (r remoteLists) Table(ctx context.Context, alias string, version int) (*watchlist.Table, error) {
	const page = 10_000
	out := &watchlist.Table{}
	for {
		var answer server.WatchlistItems
		err := r.c.getJSON(ctx, listPath(alias)+"/items", url.Values{
			"version": {strconv.Itoa(version)}, "offset": {strconv.Itoa(len(out.Rows))}, "limit": {strconv.Itoa(page)},
		}, &answer)
		if err != nil {
			return nil, err
		}
		out.Columns = answer.Columns
		for _, it := range answer.Items {
			out.Rows = append(out.Rows, it.Values)
		}
		if len(answer.Items) < page {
			return out, nil
		}
	}
}

func (r remoteLists) Import(ctx context.Context, in watchlist.Import, file []byte) (watchlist.List, error) {
	params := url.Values{}
	for name, value := range map[string]string{
		"searchKey": in.SearchKey, "name": in.Name, "description": in.Description, "owner": in.Owner, "source": in.Source,
	} {
		if value != "" {
			params.Set(name, value)
		}
	}
	if in.Expires != nil {
		params.Set("expires", "never")
		if !in.Expires.IsZero() {
			params.Set("expires", in.Expires.Format(time.RFC3339Nano))
		}
	}
	var answer server.Watchlist
	err := r.c.doJSON(ctx, http.MethodPut, listPath(in.Alias), params, bytes.NewReader(file), &answer)
	return listOf(answer), err
}

func (r remoteLists) Restore(ctx context.Context, alias string, version int) (watchlist.List, error) {
	var answer server.Watchlist
	body := fmt.Sprintf(`{"version":%d}`, version)
	err := r.c.doJSON(ctx, http.MethodPost, listPath(alias)+"/restore", nil, bytes.NewReader([]byte(body)), &answer)
	return listOf(answer), err
}

func (r remoteLists) Remove(ctx context.Context, alias string) error {
	resp, err := r.c.do(ctx, http.MethodDelete, listPath(alias), nil, nil, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func listOf(l server.Watchlist) watchlist.List {
	out := watchlist.List{Alias: l.Alias, Name: l.Name, Description: l.Description, Owner: l.Owner, Version: versionOf(l.WatchlistVersion)}
	if l.Expires != nil {
		out.Expires = *l.Expires
	}
	return out
}

func versionOf(v server.WatchlistVersion) watchlist.Version {
	return watchlist.Version{
		Number: v.Version, At: v.At, By: v.By, Source: v.Source, Restore: v.Restored, SearchKey: v.SearchKey, Columns: v.Columns, Rows: v.Rows,
	}
}

// localLists are those of a data folder that no server works on.
type localLists struct {
	*cases
	lists *watchlist.Store
}

const consoleActor = "console"

func (l localLists) Lists(ctx context.Context) ([]watchlist.List, error) { return l.lists.Lists(ctx) }

func (l localLists) Show(ctx context.Context, alias string) (watchlist.List, []watchlist.Version, error) {
	list, err := l.lists.List(ctx, alias)
	if err != nil {
		return list, nil, err
	}
	versions, err := l.lists.Versions(ctx, alias)
	return list, versions, err
}

func (l localLists) Table(ctx context.Context, alias string, version int) (*watchlist.Table, error) {
	v, err := l.lists.Version(ctx, alias, version)
	if err != nil {
		return nil, err
	}
	items, err := l.lists.Items(ctx, v.ID)
	out := &watchlist.Table{Columns: v.Columns}
	for _, it := range items {
		out.Rows = append(out.Rows, it.Values)
	}
	return out, err
}

func (l localLists) Import(ctx context.Context, in watchlist.Import, file []byte) (list watchlist.List, err error) {
	in.By = consoleActor
	if in.Table, err = watchlist.Read(bytes.NewReader(file)); err == nil {
		list, err = l.lists.Import(ctx, in)
	}
	return list, l.record(ctx, "watchlist.import", in.Alias, map[string]string{"source": in.Source}, err)
}

func (l localLists) Restore(ctx context.Context, alias string, version int) (watchlist.List, error) {
	list, err := l.lists.Restore(ctx, alias, version, consoleActor)
	return list, l.record(ctx, "watchlist.restore", alias, map[string]string{"restored": strconv.Itoa(version)}, err)
}

func (l localLists) Remove(ctx context.Context, alias string) error {
	_, err := l.lists.Remove(ctx, alias)
	return l.record(ctx, "watchlist.remove", alias, nil, err)
}
