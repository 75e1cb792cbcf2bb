package normalize_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// truthSide is what truth.json says of one address in one kind of source.
type truthSide struct {
	Events        int64               `json:"events"`
	AsSource      int64               `json:"as_source"`
	AsDestination int64               `json:"as_destination"`
	DistinctHosts int                 `json:"distinct_hosts"`
	First         string              `json:"first"`
	Last          string              `json:"last"`
	ByDay         map[string][2]int64 `json:"by_day"`

	hosts    map[netip.Addr]bool
	dayHosts map[string]map[netip.Addr]bool
}

func (s *truthSide) add(at schema.Ticks, source, destination bool, other netip.Addr) {
	if s.hosts == nil {
		s.hosts, s.dayHosts, s.ByDay = map[netip.Addr]bool{}, map[string]map[netip.Addr]bool{}, map[string][2]int64{}
	}
	s.Events++
	if source {
		s.AsSource++
	}
	if destination {
		s.AsDestination++
	}
	when := at.Time().Format("2006-01-02T15:04:05.000Z")
	if s.First == "" || when < s.First {
		s.First = when
	}
	s.Last = max(s.Last, when)
	day := when[:10]
	if s.dayHosts[day] == nil {
		s.dayHosts[day] = map[netip.Addr]bool{}
	}
	s.hosts[other], s.dayHosts[day][other] = true, true
	s.DistinctHosts = len(s.hosts)
	s.ByDay[day] = [2]int64{s.ByDay[day][0] + 1, int64(len(s.dayHosts[day]))}
}

// Every Zeek record of the pack normalizes, and the connections give the counts of
// truth.json, which plain scripts made.
func TestZeekTruth(t *testing.T) {
	shared := sharedtest.Dir(t)
	var truth struct {
		IPs map[string]struct {
			ZeekConn *truthSide `json:"zeek_conn"`
		} `json:"ips"`
		Totals map[string]int64 `json:"totals"`
	}
	data, err := os.ReadFile(filepath.Join(shared, "data", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	got := map[netip.Addr]*truthSide{}
	for ip := range truth.IPs {
		got[netip.MustParseAddr(ip)] = &truthSide{}
	}
	var conns int64
	kinds := map[string]int{}
	count := func(ev *normalize.Event) {
		kinds[ev.Kind]++
		if ev.Kind != "zeek.conn" {
			return
		}
		conns++
		src, dst := ev.Flow.Source, ev.Flow.Destination
		for _, end := range []struct{ self, other netip.Addr }{{src, dst}, {dst, src}} {
			if s := got[end.self]; s != nil {
				s.add(ev.Time, end.self == src, end.self == dst, end.other)
			}
			if src == dst {
				break
			}
		}
	}
	for _, root := range []string{"zeek", "mordor/compound"} {
		eachLog(t, filepath.Join(shared, "data", root), func(name string, data []byte) {
			src := &normalize.Source{Name: name}
			readRecords(t, name, data, func(r *decode.Record) {
				ev, ok, reason := normalize.Zeek(r, src)
				if !ok {
					t.Fatalf("%s record %d: not taken (%s): %s", name, r.Ordinal, reason, r.Raw)
				}
				checkEvent(t, &ev)
				count(&ev)
			})
		})
	}
	if conns != truth.Totals["zeek_conn"] {
		t.Errorf("%d connections, want %d", conns, truth.Totals["zeek_conn"])
	}
	for ip, want := range truth.IPs {
		g := got[netip.MustParseAddr(ip)]
		w := want.ZeekConn
		if w == nil {
			w = &truthSide{}
		}
		if g.Events != w.Events || g.AsSource != w.AsSource || g.AsDestination != w.AsDestination ||
			g.DistinctHosts != w.DistinctHosts || g.First != w.First || g.Last != w.Last || !equalDays(g.ByDay, w.ByDay) {
			t.Errorf("%s:\n got %+v\nwant %+v", ip, g, w)
		}
	}
	t.Logf("kinds: %v", kinds)
}

func equalDays(a, b map[string][2]int64) bool {
	if len(a) != len(b) {
		return false
	}
	for day, n := range a {
		if b[day] != n {
			return false
		}
	}
	return true
}

// checkEvent holds an event against what every event promises.
func checkEvent(t *testing.T, ev *normalize.Event) {
	t.Helper()
	if ev.Kind == "" || len(ev.Rows) == 0 || (ev.Time <= 0 && !ev.Unmapped) {
		t.Fatalf("event without kind, row or time: %+v", ev)
	}
	for i := range ev.Rows {
		row := &ev.Rows[i]
		if at, _ := row.Get(row.Table.Time); at.Int() != int64(ev.Time) {
			t.Fatalf("%s: row of %s has the time %v, the event %v", ev.Kind, row.Table.Name, at.Int(), ev.Time)
		}
		for _, c := range row.Cells {
			if c.Value.Type == schema.Dynamic && !json.Valid([]byte(c.Value.Str())) {
				t.Fatalf("%s: %s is not JSON: %s", ev.Kind, row.Table.Columns[c.Column].Name, c.Value.Str())
			}
		}
		for _, name := range []string{"LocalIP", "RemoteIP"} {
			if text := row.Str(name); text != entity.CanonicalAddress(text) {
				t.Fatalf("%s: %s %q is not canonical", ev.Kind, name, text)
			}
		}
	}
	if (ev.Rows[0].Table.Name == schema.SpoorRaw) != ev.Unmapped {
		t.Fatalf("%s: unmapped is %v, in %s", ev.Kind, ev.Unmapped, ev.Rows[0].Table.Name)
	}
}

// eachLog calls f for every log under a folder, decompressed; under mordor for those of
// Zeek alone.
func eachLog(t *testing.T, root string, f func(name string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		base := d.Name()
		if strings.Contains(root, "mordor") && !strings.Contains(base, "zeek") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(base, ".zip"):
			z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return err
			}
			for _, m := range z.File {
				if m.FileInfo().IsDir() || strings.Contains(m.Name, "__MACOSX") || !slices.Contains([]string{".log", ".json"}, filepath.Ext(m.Name)) {
					continue
				}
				in, err := m.Open()
				if err != nil {
					return err
				}
				if data, err = io.ReadAll(in); err != nil {
					return err
				}
				f(path+"/"+m.Name, data)
			}
		case strings.HasSuffix(base, ".gz"):
			in, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				return err
			}
			if data, err = io.ReadAll(in); err != nil {
				return err
			}
			f(strings.TrimSuffix(path, ".gz"), data)
		case slices.Contains([]string{".log", ".json"}, filepath.Ext(base)):
			f(path, data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
