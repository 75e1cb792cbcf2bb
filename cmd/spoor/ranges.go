package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"spoor/internal/network"
	"spoor/internal/server"
)

// ranges is the network catalogue as the commands edit it.
type ranges interface {
	list(ctx context.Context) ([]network.Range, error)
	add(ctx context.Context, r network.Range) (network.Range, error)
	// put adds or changes all of the ranges, which come from the named file, or none.
	put(ctx context.Context, file string, list []network.Range) (network.Imported, error)
	remove(ctx context.Context, id int64) (network.Range, error)
}

// folderRanges works on a data folder no server runs on, and writes down what it does.
type folderRanges struct {
	cases   *cases
	catalog *network.Catalog
}

func (f folderRanges) list(context.Context) ([]network.Range, error) { return f.catalog.List(), nil }

func (f folderRanges) add(ctx context.Context, r network.Range) (network.Range, error) {
	added, err := f.catalog.Add(ctx, r)
	return added, f.cases.record(ctx, "network.add", r.Prefix.String()+" "+r.Name, nil, err)
}

func (f folderRanges) put(ctx context.Context, file string, list []network.Range) (network.Imported, error) {
	done, err := f.catalog.Import(ctx, list)
	return done, f.cases.record(ctx, "network.import", file, nil, err)
}

func (f folderRanges) remove(ctx context.Context, id int64) (network.Range, error) {
	removed, err := f.catalog.Remove(ctx, id)
	target := fmt.Sprint(id)
	if err == nil {
		target = removed.String()
	}
	return removed, f.cases.record(ctx, "network.remove", target, nil, err)
}

// serverRanges works through a server, which writes down what is done.
type serverRanges struct{ c *client }

func (s serverRanges) list(ctx context.Context) ([]network.Range, error) {
	var answer server.List[server.NetworkRange]
	if err := s.c.getJSON(ctx, "/api/networks", nil, &answer); err != nil {
		return nil, err
	}
	list := make([]network.Range, len(answer.Items))
	for i, item := range answer.Items {
		var err error
		if list[i], err = item.Range(); err != nil {
			return nil, fmt.Errorf("read the server's answer: %w", err)
		}
	}
	return list, nil
}

func (s serverRanges) add(ctx context.Context, r network.Range) (network.Range, error) {
	body, err := json.Marshal(server.NetworkRangeOf(r).NewNetworkRange)
	if err != nil {
		return r, err
	}
	var added server.NetworkRange
	if err := s.c.doJSON(ctx, http.MethodPost, "/api/networks", nil, bytes.NewReader(body), &added); err != nil {
		return r, err
	}
	return added.Range()
}

func (s serverRanges) put(ctx context.Context, _ string, list []network.Range) (done network.Imported, err error) {
	var file bytes.Buffer
	if err := network.WriteCSV(&file, list); err != nil {
		return done, err
	}
	resp, err := s.c.do(ctx, http.MethodPost, "/api/networks/import", nil, &file, http.Header{"Content-Type": {"application/octet-stream"}})
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if err := json.NewDecoder(resp.Body).Decode(&done); err != nil {
		return done, fmt.Errorf("read the server's answer: %w", err)
	}
	return done, nil
}

func (s serverRanges) remove(ctx context.Context, id int64) (network.Range, error) {
	list, err := s.list(ctx)
	if err != nil {
		return network.Range{}, err
	}
	i := slices.IndexFunc(list, func(r network.Range) bool { return r.ID == id })
	if i < 0 {
		return network.Range{}, fmt.Errorf("remove network range: %w: %d", network.ErrNotFound, id)
	}
	resp, err := s.c.do(ctx, http.MethodDelete, fmt.Sprintf("/api/networks/%d", id), nil, nil, nil)
	if err != nil {
		return network.Range{}, err
	}
	return list[i], resp.Body.Close()
}

// reaches reports whether a server is named, or one answers that left its address in the
// data folder. One that was killed leaves it too.
func (c *client) reaches(ctx context.Context) bool {
	if c.server != "" {
		return true
	}
	if _, err := os.Stat(filepath.Join(c.dataDir, consoleFile)); err != nil {
		return false
	}
	probe := *c
	if err := probe.fromConsole(); err != nil {
		return true // connect says what is wrong
	}
	u, err := url.Parse(probe.server)
	if err != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was sent
	return true
}
