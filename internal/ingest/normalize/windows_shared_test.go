package normalize_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/ledger"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// hostTruth is what truth.json says of one address in one kind of host events.
type hostTruth struct {
	Events         int64               `json:"events"`
	AsSource       int64               `json:"as_source"`
	AsDestination  int64               `json:"as_destination"`
	DistinctHosts  int                 `json:"distinct_hosts"`
	Hosts          map[string]int64    `json:"hosts"`
	FirstCorrected string              `json:"first_corrected"`
	LastCorrected  string              `json:"last_corrected"`
	ByDay          map[string][2]int64 `json:"by_day"`

	dayHosts map[string]map[string]bool
}

func (s *hostTruth) add(ev *normalize.Event, self netip.Addr) {
	if s.Hosts == nil {
		s.Hosts, s.ByDay, s.dayHosts = map[string]int64{}, map[string][2]int64{}, map[string]map[string]bool{}
	}
	s.Events++
	if ev.Flow.Source == self {
		s.AsSource++
	}
	if ev.Flow.Destination == self {
		s.AsDestination++
	}
	s.Hosts[ev.Device]++
	s.DistinctHosts = len(s.Hosts)
	when := ev.Time.Time().Format("2006-01-02T15:04:05.000Z")
	if s.FirstCorrected == "" || when < s.FirstCorrected {
		s.FirstCorrected = when
	}
	s.LastCorrected = max(s.LastCorrected, when)
	day := when[:10]
	if s.dayHosts[day] == nil {
		s.dayHosts[day] = map[string]bool{}
	}
	s.dayHosts[day][ev.Device] = true
	s.ByDay[day] = [2]int64{s.ByDay[day][0] + 1, int64(len(s.dayHosts[day]))}
}

func (s *hostTruth) equal(o *hostTruth) bool {
	return s.Events == o.Events && s.AsSource == o.AsSource && s.AsDestination == o.AsDestination &&
		s.DistinctHosts == o.DistinctHosts && maps.Equal(s.Hosts, o.Hosts) &&
		s.FirstCorrected == o.FirstCorrected && s.LastCorrected == o.LastCorrected && maps.Equal(s.ByDay, o.ByDay)
}

// hostKinds are truth.json's names for the kinds it counts.
var hostKinds = map[string]string{
	"sysmon.3": "sysmon3", "security.5156": "sec5156", "security.4624": "sec4624", "security.4625": "sec4625",
}

// Every Windows record of the pack normalizes, and the counts of each address, its
// hosts, days, first and last are those of truth.json, which plain scripts made. The
// ledger counts the same records: no copy and no snapshot adds an address to a flow.
func TestWindowsTruth(t *testing.T) {
	shared := sharedtest.Dir(t)
	var truth struct {
		IPs     map[string]map[string]json.RawMessage `json:"ips"`
		Totals  map[string]int64                      `json:"totals"`
		Offsets map[string]int64                      `json:"clock_offset_s"`
	}
	data, err := os.ReadFile(filepath.Join(shared, "data", "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &truth); err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]*hostTruth{}
	for ip := range truth.IPs {
		got[ip] = map[string]*hostTruth{}
	}
	totals, kinds, tables := map[string]int64{}, map[string]int{}, map[string]int{}
	folded := map[string]int64{}
	eachHostFile(t, filepath.Join(shared, "data"), func(name string, records []*decode.Record) {
		src := &normalize.Source{Name: name, ClockOffset: clockOffset(records)}
		if want := schema.Ticks(truth.Offsets[name]) * schema.TicksPerSecond; src.ClockOffset != want {
			t.Errorf("%s: clock offset %v, want %v", name, src.ClockOffset, want)
		}
		folder, snapshots := ledger.NewFolder(), normalize.NewSnapshots()
		for _, r := range records {
			ev, ok, reason := normalize.Windows(r, src)
			if !ok && reason == "" {
				kinds["(none)"]++
				continue
			}
			if !ok {
				t.Fatalf("%s record %d: %s: %s", name, r.Ordinal, reason, r.Raw)
			}
			ev.Rows = append(ev.Rows, snapshots.Add(&ev)...)
			checkEvent(t, &ev)
			folder.Add(&ledger.Event{
				SourceKind: ev.Kind, Time: ev.Time, Device: ev.Device, Rows: ev.Rows, Flow: ev.Flow, Observables: ev.Observables,
			})
			if head := normalize.ReadHeader(r); ev.Device == "" || ev.Kind != head.Kind() || ev.Device != head.Device() {
				t.Fatalf("%s record %d: kind %q, device %q", name, r.Ordinal, ev.Kind, ev.Device)
			}
			kinds[ev.Kind]++
			tables[ev.Rows[0].Table.Name]++
			kind, counted := hostKinds[ev.Kind]
			if !counted {
				continue
			}
			totals[kind]++
			for _, self := range []netip.Addr{ev.Flow.Source, ev.Flow.Destination} {
				if sides := got[self.String()]; sides != nil {
					if sides[kind] == nil {
						sides[kind] = &hostTruth{}
					}
					sides[kind].add(&ev, self)
				}
				if ev.Flow.Source == ev.Flow.Destination {
					break
				}
			}
		}
		for _, seen := range folder.Sightings() {
			if seen.Kind == entity.IP && seen.Roles != entity.RoleMentioned {
				folded[seen.Entity+" "+hostKinds[seen.SourceKind]] += seen.Records
			}
		}
	})
	for _, kind := range hostKinds {
		if totals[kind] != truth.Totals[kind] {
			t.Errorf("%d records of %s, want %d", totals[kind], kind, truth.Totals[kind])
		}
		for ip, sides := range truth.IPs {
			want, g := &hostTruth{}, got[ip][kind]
			if raw, ok := sides[kind]; ok {
				if err := json.Unmarshal(raw, want); err != nil {
					t.Fatal(err)
				}
			}
			if g == nil {
				g = &hostTruth{}
			}
			if n := folded[ip+" "+kind]; n != want.Events {
				t.Errorf("%s %s: the ledger has %d records, want %d", ip, kind, n, want.Events)
			}
			if !g.equal(want) {
				t.Errorf("%s %s:\n got %+v\nwant %+v", ip, kind, g, want)
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%7d %s", kinds[k], k)
	}
	t.Logf("primary tables: %v", tables)
}

// clockOffset finds a source's offset as the pipeline's first pass does.
func clockOffset(records []*decode.Record) schema.Ticks {
	const quarter = 15 * schema.TicksPerMinute
	counts := map[schema.Ticks]int{}
	for _, r := range records {
		head := normalize.ReadHeader(r)
		if diff, ok := head.ClockSample(); ok {
			counts[(diff+quarter/2)/quarter*quarter]++
		}
	}
	best, most := schema.Ticks(0), 0
	for offset, n := range counts {
		if n > most || n == most && offset < best {
			best, most = offset, n
		}
	}
	return best
}

// eachHostFile calls f for every file of host events, with the records of all its
// members.
func eachHostFile(t *testing.T, root string, f func(name string, records []*decode.Record)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if !strings.HasPrefix(name, "mordor/") && name != "identity/goldensaml_windows_events.zip" || strings.Contains(name, "zeek") {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var records []*decode.Record
		for _, member := range hostMembers(t, name, data) {
			records = append(records, hostRecords(t, member)...)
		}
		f(name, records)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// hostRecords reads a member that holds JSON. The decoder's own tests say what it
// quarantines.
func hostRecords(t *testing.T, data []byte) []*decode.Record {
	t.Helper()
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	s, err := decode.NewSplitter(bytes.NewReader(data), decode.ByName("json"), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var records []*decode.Record
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return records
		}
		if err != nil {
			t.Fatal(err)
		}
		d.Decode(c, func(r *decode.Record) { records = append(records, r.Clone()) }, func(*decode.Error) {})
	}
}

// hostMembers are the members of an archive that are no captures.
func hostMembers(t *testing.T, name string, data []byte) [][]byte {
	t.Helper()
	var members [][]byte
	keep := func(member string, in io.Reader) {
		if strings.Contains(member, "__MACOSX") || strings.Contains(filepath.Ext(member), "cap") {
			return
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, text)
	}
	if strings.HasSuffix(name, ".zip") {
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range z.File {
			if in, err := m.Open(); err == nil && m.Flags&1 == 0 && !m.FileInfo().IsDir() {
				keep(m.Name, in)
			}
		}
		return members
	}
	in, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for tr := tar.NewReader(in); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			keep(h.Name, tr)
		}
	}
}

// The pack's other Windows files: single events as an EVTX tool renders them, and CSV
// exports of SecurityEvent. The counts are those of README.md beside them.
func TestWindowsExports(t *testing.T) {
	data := filepath.Join(sharedtest.Dir(t), "data")
	kinds := map[string]int{}
	read := func(name string, text []byte) {
		readRecords(t, name, text, func(r *decode.Record) {
			ev, ok, reason := normalize.Windows(r, &normalize.Source{Name: name})
			if !ok {
				t.Fatalf("%s: not taken (%s): %s", name, reason, r.Raw)
			}
			checkEvent(t, &ev)
			kinds[ev.Kind]++
		})
	}
	rendered, err := filepath.Glob(filepath.Join(data, "evtx/sigma-pairs/*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range rendered {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		read(name, text)
	}
	for _, name := range []string{"mde/msticpy_securityevent_4688.csv.gz", "identity/msticpy_securityevent_4624.csv.gz"} {
		f, err := os.Open(filepath.Join(data, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		read(strings.TrimSuffix(name, ".gz"), text)
	}
	want := map[string]int{
		"sysmon.1": 6, "sysmon.7": 1, "sysmon.10": 1, "sysmon.11": 6, "sysmon.13": 2, "security.4648": 1,
		"security.4688": 363, "security.4624": 14,
	}
	if !maps.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
}
