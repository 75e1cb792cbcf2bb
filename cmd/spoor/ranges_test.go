package main

import (
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"spoor/internal/enrich"
	"spoor/internal/entitypage"
	"spoor/internal/sharedtest"
	"spoor/internal/timeline"
)

// TestRangesOfTheHoneypot holds the pages of a prefix, a range, an AS and of all there is
// against counts of their own, straight from the log files of a real sensor.
func TestRangesOfTheHoneypot(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out by -short: takes in a day of connections")
	}
	logs, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "data", "zeek", "honeypot-tsv", "2024-04-20", "conn.*.log.gz"))
	if err != nil || len(logs) < 20 {
		t.Fatalf("%d logs of connections, %v", len(logs), err)
	}
	p := openPack(t)
	p.ingest("dmz", logs)
	dir := t.TempDir()
	announced := []string{"141.98.8.0-141.98.15.255", "185.0.0.0-185.127.255.255"}
	if err := os.WriteFile(filepath.Join(dir, "asn-ipv4.csv"), []byte(strings.ReplaceAll(strings.Join(announced, ",64500,Example Net\n"), "-", ",")+",64500,Example Net\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if p.pages.Geo, err = enrich.Open(dir); err != nil {
		t.Fatal(err)
	}
	for page, ranges := range map[string][]string{
		"cidr/141.98.10.0/24":           {"141.98.10.0-141.98.10.255"},
		"cidr/141.98.0.0/16":            {"141.98.0.0-141.98.255.255"},
		"range/141.98.10.1-141.98.11.9": {"141.98.10.1-141.98.11.9"},
		"asn/AS64500":                   announced,
		"cidr/0.0.0.0/0":                {"0.0.0.0-255.255.255.255"}, // both ends of every record
		"cidr/::/0":                     {"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	} {
		p.checkRange(page, countRanges(t, logs, ranges))
	}
}

// ranged is what the connections with an address of some ranges come to.
type ranged struct {
	records   int64
	first     time.Time
	last      time.Time
	addresses map[string]*ranged
	refused   int64 // records that were rejected
}

// countRanges reads Zeek's logs: a record counts once, and once for each of its ends.
func countRanges(t *testing.T, logs, ranges []string) *ranged {
	t.Helper()
	inside := func(text string) bool {
		a := netip.MustParseAddr(text)
		for _, r := range ranges {
			from, to, _ := strings.Cut(r, "-")
			first, last := netip.MustParseAddr(from), netip.MustParseAddr(to)
			if a.BitLen() == first.BitLen() && !a.Less(first) && !last.Less(a) {
				return true
			}
		}
		return false
	}
	all := &ranged{addresses: map[string]*ranged{}}
	for _, path := range logs {
		readZeek(t, path, func(get func(string) string) {
			seconds, err := strconv.ParseFloat(get("ts"), 64)
			if err != nil {
				t.Fatal(err)
			}
			at := time.UnixMicro(int64(seconds*1e6 + 0.5)).UTC()
			named := map[string]bool{get("id.orig_h"): true, get("id.resp_h"): true}
			counted := false
			for address := range named {
				if !inside(address) {
					continue
				}
				if all.addresses[address] == nil {
					all.addresses[address] = &ranged{}
				}
				all.addresses[address].add(at, get("conn_state"))
				counted = true
			}
			if counted {
				all.add(at, get("conn_state"))
			}
		})
	}
	return all
}

func (r *ranged) add(at time.Time, state string) {
	r.records++
	if r.first.IsZero() || at.Before(r.first) {
		r.first = at
	}
	if at.After(r.last) {
		r.last = at
	}
	if state == "REJ" {
		r.refused++
	}
}

// checkRange compares a page, its list of addresses and its timeline.
func (p *pack) checkRange(page string, want *ranged) {
	p.t.Helper()
	if want.records == 0 {
		p.t.Errorf("%s: the logs have none of it", page)
	}
	kind, id, _ := strings.Cut(page, "/")
	path := "/api/entities/" + kind + "/" + url.PathEscape(id)
	var doc entitypage.Document
	p.get(path+"?"+allTime, &doc)
	var records, refused, perDay int64
	for _, s := range doc.Sources {
		if s.SourceKind == "zeek.conn" {
			records, refused = s.Records, s.Outcomes["refused"]
		}
	}
	for _, d := range doc.Prevalence.Days {
		perDay += d.Records
	}
	if records != want.records || perDay != want.records || refused != want.refused || doc.Many.Seen != int64(len(want.addresses)) {
		p.t.Errorf("%s: %d records, %d by day, %d refused, %d addresses; want %d, %d and %d", page, records, perDay, refused, doc.Many.Seen, want.records, want.refused, len(want.addresses))
	}
	var list entitypage.AddressList
	p.get(path+"/addresses?limit=10000&"+allTime, &list)
	if list.Total != int64(len(want.addresses)) {
		p.t.Errorf("%s: %d addresses are listed, want %d", page, list.Total, len(want.addresses))
	}
	for _, item := range list.Items {
		w := want.addresses[item.Address]
		if w == nil {
			p.t.Errorf("%s: %s is in no log", page, item.Address)
			continue
		}
		const close = 2 * time.Microsecond // a float64 holds no more
		if item.Records != w.records || item.First.Sub(w.first).Abs() > close || item.Last.Sub(w.last).Abs() > close {
			p.t.Errorf("%s: %s has %d records from %s to %s, want %d from %s to %s", page, item.Address, item.Records, item.First, item.Last, w.records, w.first, w.last)
		}
	}
	var facets timeline.Facets
	p.get(path+"/timeline/facets?"+allTime, &facets)
	if facets.Total != want.records {
		p.t.Errorf("%s: %d records in the timeline, want %d", page, facets.Total, want.records)
	}
	if want.records > 2000 {
		return
	}
	shown := map[string]bool{}
	for cursor := ""; ; {
		var part timeline.Page
		p.get(path+"/timeline?limit=500&cursor="+cursor+"&"+allTime, &part)
		for _, item := range part.Items {
			if want.addresses[item.Address] == nil {
				p.t.Errorf("%s: the record %s is about %q", page, item.RawID, item.Address)
			}
			shown[item.RawID] = true
		}
		if cursor = part.Older; cursor == "" {
			break
		}
	}
	if int64(len(shown)) != want.records {
		p.t.Errorf("%s: the timeline shows %d records, want %d", page, len(shown), want.records)
	}
}
