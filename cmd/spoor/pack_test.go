package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/entitypage"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/sharedtest"
	"spoor/internal/store"
	"spoor/internal/timeline"
)

// truth is what plain scripts counted in the raw files of the shared pack.
type truth struct {
	IPs map[string]map[string]json.RawMessage `json:"ips"`
}

type truthCount struct {
	Events         int64             `json:"events"`
	AsSource       int64             `json:"as_source"`
	AsDestination  int64             `json:"as_destination"`
	DistinctHosts  int64             `json:"distinct_hosts"`
	Hosts          map[string]int64  `json:"hosts"`
	First          string            `json:"first"`
	Last           string            `json:"last"`
	FirstCorrected string            `json:"first_corrected"`
	LastCorrected  string            `json:"last_corrected"`
	ByDay          map[string][2]int `json:"by_day"`
}

// truthKinds are the product's names of the script's sources.
var truthKinds = map[string]string{
	"zeek_conn": "zeek.conn", "sysmon3": "sysmon.3", "sec5156": "security.5156", "sec4624": "security.4624", "sec4625": "security.4625",
}

func readTruth(t *testing.T, path string) map[string]map[string]truthCount {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all truth
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]truthCount{}
	for ip, entries := range all.IPs {
		out[ip] = map[string]truthCount{}
		for name, raw := range entries {
			kind, ok := truthKinds[name]
			if !ok {
				continue // the remark
			}
			var c truthCount
			if err := json.Unmarshal(raw, &c); err != nil {
				t.Fatal(err)
			}
			if c.FirstCorrected != "" {
				c.First, c.Last = c.FirstCorrected, c.LastCorrected
			}
			c.First, c.Last = cut(c.First), cut(c.Last)
			out[ip][kind] = c
		}
	}
	if len(out) == 0 {
		t.Fatal("the truth file has no addresses")
	}
	return out
}

// pack is a service with an HTTP server before it.
type pack struct {
	*service
	t     *testing.T
	http  *httptest.Server
	token string
}

func openPack(t *testing.T) *pack {
	t.Helper()
	p, end := openPackOn(t, settings{dataDir: t.TempDir(), reserve: 1})
	t.Cleanup(end)
	return p
}

// openPackOn opens a service; end closes it.
func openPackOn(t *testing.T, s settings) (p *pack, end func()) {
	t.Helper()
	s.http.Listen = "127.0.0.1:0"
	svc, err := openService(t.Context(), s, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := svc.accounts.CreateToken(t.Context(), "test", account.Reader, time.Time{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	p = &pack{service: svc, t: t, http: httptest.NewServer(svc.server.Handler()), token: token}
	return p, func() {
		p.http.Close()
		if err := svc.Close(); err != nil {
			t.Error(err)
		}
	}
}

// with is the same service, asked by another test.
func (p *pack) with(t *testing.T) *pack {
	q := *p
	q.t = t
	return &q
}

// inputs visits every log below the paths.
func inputs(t *testing.T, paths []string, visit func(*receive.Input) error) {
	t.Helper()
	err := receive.Walk(t.Context(), paths, nil, receive.Config{TempDir: t.TempDir()}, receive.Visitor{
		Input: visit,
		Problem: func(p *receive.Problem) {
			if p.Severity == receive.Refused {
				t.Errorf("refused: %v", p)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ingest takes files in, in the order given, and checks the books of each.
func (p *pack) ingest(site string, paths []string) (sum ingest.Report) {
	p.t.Helper()
	sum.UnmappedTypes = map[string]int64{}
	inputs(p.t, paths, func(in *receive.Input) error {
		r, err := p.pipeline.Run(p.t.Context(), in, ingest.Options{Site: site})
		if r.Read != r.Stored+r.Unmapped+r.Quarantined+r.Known {
			p.t.Errorf("%s: read %d, but stored %d + unmapped %d + quarantined %d + known %d", r.Name, r.Read, r.Stored, r.Unmapped, r.Quarantined, r.Known)
		}
		if r.Problem != "" {
			p.t.Errorf("%s: %s", r.Name, r.Problem)
		}
		sum.Read += r.Read
		sum.Stored += r.Stored
		sum.Unmapped += r.Unmapped
		sum.Quarantined += r.Quarantined
		sum.Known += r.Known
		for k, n := range r.UnmappedTypes {
			sum.UnmappedTypes[k] += n
		}
		return err
	})
	return sum
}

func (p *pack) get(path string, into any) {
	p.t.Helper()
	p.send(http.MethodGet, path, nil, into)
}

func (p *pack) send(method, path string, body io.Reader, into any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.http.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s %s: %s: %s", method, path, resp.Status, data)
	}
	if err := json.Unmarshal(data, into); err != nil {
		p.t.Fatalf("%s %s: %v in %.300s", method, path, err, data)
	}
}

// page is the document of an address at a site, for all time.
func (p *pack) page(site, ip string) *entitypage.Document {
	p.t.Helper()
	var doc entitypage.Document
	p.get("/api/entities/ip/"+url.PathEscape(ip)+"?"+url.Values{
		"site": {site}, "from": {"2000-01-01T00:00:00Z"}, "to": {"2030-01-01T00:00:00Z"},
	}.Encode(), &doc)
	if len(doc.Errors) > 0 {
		p.t.Errorf("%s: %+v", ip, doc.Errors)
	}
	return &doc
}

// kql runs a query over Kusto's REST call and gives its rows.
func (p *pack) ask(text string) [][]any {
	p.t.Helper()
	body, err := json.Marshal(map[string]string{"db": "Spoor", "csl": text})
	if err != nil {
		p.t.Fatal(err)
	}
	var answer struct {
		Tables []struct{ Rows [][]any }
	}
	p.send(http.MethodPost, "/v1/rest/query", bytes.NewReader(body), &answer)
	return answer.Tables[0].Rows
}

// counted is one source kind of one address, as the API or KQL gives it.
type counted struct {
	Records, AsSource, AsDestination, Hosts int64
	First, Last                             string
	ByDay                                   map[string][2]int
}

func wantCount(c truthCount) counted {
	return counted{c.Events, c.AsSource, c.AsDestination, c.DistinctHosts, c.First, c.Last, c.ByDay}
}

// millis is a moment as truth.json prints it: cut to milliseconds.
func millis(t time.Time) string {
	return t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}

func fromAPI(s *entitypage.Source) counted {
	c := counted{Records: s.Records, AsSource: s.AsSource, AsDestination: s.AsDestination, Hosts: s.Hosts, ByDay: map[string][2]int{}}
	c.First, c.Last = millis(*s.First), millis(*s.Last)
	for _, d := range s.ByDay {
		c.ByDay[d.Day] = [2]int{int(d.Records), int(d.Hosts)}
	}
	return c
}

// checkTruth compares every address of the truth file with API and KQL.
func (p *pack) checkTruth(site string, want map[string]map[string]truthCount) {
	p.t.Helper()
	for ip, kinds := range want {
		doc := p.page(site, ip)
		api := map[string]counted{}
		for i := range doc.Sources {
			if s := &doc.Sources[i]; slices.Contains([]string{"zeek.conn", "sysmon.3", "security.5156", "security.4624", "security.4625"}, s.SourceKind) && s.Records > 0 {
				api[s.SourceKind] = fromAPI(s)
			}
		}
		wanted := map[string]counted{}
		for kind, c := range kinds {
			wanted[kind] = wantCount(c)
		}
		if diff := cmp.Diff(wanted, api); diff != "" {
			p.t.Errorf("site %s, %s by the API (-truth +got):\n%s", site, ip, diff)
		}
		if diff := cmp.Diff(wanted, p.fromKQL(site, ip)); diff != "" {
			p.t.Errorf("site %s, %s by KQL (-truth +got):\n%s", site, ip, diff)
		}
	}
}

func (p *pack) fromKQL(site, ip string) map[string]counted {
	p.t.Helper()
	rows := p.ask(fmt.Sprintf(`SpoorSightings
| where Kind == "ip" and Entity == %q and Site == %q and not(Roles has "mentioned")
| where SourceKind in ("zeek.conn", "sysmon.3", "security.5156", "security.4624", "security.4625")
| extend Host = iff(DeviceName == "", Peer, DeviceName)
| summarize Records = sum(Records), AsSource = sumif(Records, Roles has "source"), AsDestination = sumif(Records, Roles has "destination"),
    Hosts = dcount(Host), First = min(FirstSeen), Last = max(LastSeen) by SourceKind`, ip, site))
	out := map[string]counted{}
	for _, r := range rows {
		out[r[0].(string)] = counted{
			Records: whole(r[1]), AsSource: whole(r[2]), AsDestination: whole(r[3]), Hosts: whole(r[4]),
			First: cut(r[5]), Last: cut(r[6]), ByDay: map[string][2]int{},
		}
	}
	// The days are counted from the events themselves, not from the ledger.
	for _, r := range p.ask(fmt.Sprintf(`union (DeviceNetworkEvents
    | where _Site == %[2]q and _SourceKind in ("zeek.conn", "sysmon.3", "security.5156") and (LocalIP == %[1]q or RemoteIP == %[1]q)
    | extend Peer = iff(LocalIP == %[1]q, RemoteIP, LocalIP)
    | project Timestamp, Kind = _SourceKind, Host = iff(DeviceName == "", Peer, DeviceName)),
  (DeviceLogonEvents
    | where _Site == %[2]q and _SourceKind in ("security.4624", "security.4625") and RemoteIP == %[1]q
    | project Timestamp, Kind = _SourceKind, Host = DeviceName)
| summarize Records = count(), Hosts = dcount(Host) by Kind, Day = format_datetime(Timestamp, "yyyy-MM-dd")`, ip, site)) {
		out[r[0].(string)].ByDay[r[1].(string)] = [2]int{int(whole(r[2])), int(whole(r[3]))}
	}
	return out
}

func whole(v any) int64 {
	f, _ := v.(float64)
	return int64(f)
}

// cut is a Kusto datetime cut to milliseconds.
func cut(v any) string {
	s, _ := v.(string)
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	return millis(at)
}

// TestPack takes the whole shared pack in and asks for every number that an independent
// count gives: in the order of names at one site, in shuffled order at another one of
// the same store, while that one comes in, a second time, and after a source was taken out
// and in again.
func TestPack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out by -short: takes in the whole pack twice")
	}
	shared := sharedtest.Dir(t)
	want := readTruth(t, filepath.Join(shared, "data", "truth.json"))
	if len(want) < 20 {
		t.Fatalf("the truth file has %d addresses", len(want))
	}
	flows := countFlows(t, filepath.Join(shared, "data"))
	files := packFiles(t, shared)
	p := openPack(t)

	first := p.ingest("north", files)
	t.Logf("%d records: %d stored, %d unmapped, %d quarantined", first.Read, first.Stored, first.Unmapped, first.Quarantined)
	for kind, n := range first.UnmappedTypes {
		t.Logf("unmapped: %s %d", kind, n)
	}
	if first.Known != 0 || first.Quarantined != 0 {
		t.Errorf("known %d, quarantined %d of a pack that is whole and new", first.Known, first.Quarantined)
	}
	p.checkTruth("north", want)
	p.checkFlows("north", flows)
	p.checkDevices("north")
	p.checkLines("north")

	shuffled := slices.Clone(files)
	rand.New(rand.NewPCG(7, 11)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	var second ingest.Report
	t.Run("beside", func(t *testing.T) {
		t.Run("another site comes in", func(t *testing.T) {
			t.Parallel()
			second = p.with(t).ingest("south", shuffled)
		})
		t.Run("the first one's numbers stay", func(t *testing.T) {
			t.Parallel()
			p.with(t).checkTruth("north", want)
		})
	})
	if second.Read != first.Read || second.Stored != first.Stored || second.Known != 0 {
		t.Errorf("another site, another order: %+v, want %+v", second, first)
	}
	p.checkTruth("south", want)
	p.checkFlows("south", flows)
	p.checkDevices("south")
	p.checkTimelines("south", want)

	again := p.ingest("south", files)
	if again.Known != first.Read || again.Stored+again.Unmapped+again.Quarantined != 0 {
		t.Errorf("the same files again: %d known, %d new", again.Known, again.Stored+again.Unmapped+again.Quarantined)
	}
	p.removeAndReturn("south", want)
	p.checkTruth("north", want)
}

// packFiles lists the files of the pack that hold telemetry.
func packFiles(t *testing.T, shared string) []string {
	t.Helper()
	var files []string
	for _, dir := range []string{"mordor", "zeek", "suricata", "mde", "identity/goldensaml_windows_events.zip"} {
		err := filepath.WalkDir(filepath.Join(shared, "data", dir), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// checkDevices asks who talked to three addresses of which that is known.
func (p *pack) checkDevices(site string) {
	p.t.Helper()
	doc := p.page(site, "10.0.5.13")
	got := map[string]string{}
	for _, d := range doc.Devices.Items {
		got[d.DeviceName] = d.First.UTC().Format("2006-01-02 15:04")
	}
	want := map[string]string{
		"acct01.pandalab.com": "2023-08-16 00:34", "mkt01.pandalab.com": "2023-08-16 04:54",
		"prd01.pandalab.com": "2023-08-18 15:56", "it01.pandalab.com": "2023-08-27 22:04",
	}
	if diff := cmp.Diff(want, got); diff != "" || doc.Devices.Total != 4 {
		p.t.Errorf("site %s: %d devices of 10.0.5.13 (-want +got):\n%s", site, doc.Devices.Total, diff)
	}
	if doc = p.page(site, "64.225.56.201"); doc.Devices.Total != 1 || doc.Peers.Total != 15048 {
		p.t.Errorf("site %s: the honeypot is %d devices with %d peers, want 1 and 15,048", site, doc.Devices.Total, doc.Peers.Total)
	}
	doc = p.page(site, "192.168.0.4")
	var addresses []string
	for _, d := range doc.Devices.Items {
		addresses = append(addresses, d.Address)
	}
	slices.Sort(addresses)
	if diff := cmp.Diff([]string{"10.0.1.4", "10.0.1.5", "10.0.1.6"}, addresses); diff != "" {
		p.t.Errorf("site %s: own addresses that talked to 192.168.0.4 (-want +got):\n%s", site, diff)
	}
}

// checkLines demands that a record of every kind is told in a line, in more than a word.
func (p *pack) checkLines(site string) {
	p.t.Helper()
	kinds := p.ask(fmt.Sprintf(`SpoorSightings | where Site == "%s" | summarize Records = sum(Records) by Kind, Entity, TableName, SourceKind
		| summarize arg_max(Records, Kind, Entity) by TableName, SourceKind | project Kind, Entity, TableName, SourceKind`, site))
	if len(kinds) < 150 {
		p.t.Errorf("%d kinds of records", len(kinds))
	}
	for _, row := range kinds {
		var page timeline.Page
		p.get(fmt.Sprintf("/api/entities/%s/%s/timeline?%s&%s", row[0], url.PathEscape(row[1].(string)), allTime, url.Values{
			"site": {site}, "table": {row[2].(string)}, "sourceKind": {row[3].(string)}, "limit": {"3"},
		}.Encode()), &page)
		for _, item := range page.Items {
			if len(strings.Fields(item.Summary)) < 2 {
				p.t.Errorf("a record of %s in %s is told as %q", row[3], row[2], item.Summary)
			}
		}
		if len(page.Items) == 0 {
			p.t.Errorf("no record of %s in %s names %s", row[3], row[2], row[1])
		}
	}
}

// removeAndReturn takes one source of the address 10.0.5.13 out, sees its records gone,
// and takes it in again.
func (p *pack) removeAndReturn(site string, want map[string]map[string]truthCount) {
	p.t.Helper()
	sources, err := p.events.Sources(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	i := slices.IndexFunc(sources, func(s store.Source) bool {
		return s.Site == site && strings.Contains(s.Name, "lsass04/metasploit")
	})
	if i < 0 {
		p.t.Fatal("the source of IT01 is missing")
	}
	if err := p.events.RemoveSource(p.t.Context(), sources[i].ID); err != nil {
		p.t.Fatal(err)
	}
	whole := want["10.0.5.13"]["sysmon.3"]
	left := fromAPISource(p.page(site, "10.0.5.13"), "sysmon.3")
	if left.Records != whole.Events-whole.Hosts["it01.pandalab.com"] {
		p.t.Errorf("after the removal %d Sysmon records are left, want %d", left.Records, whole.Events-whole.Hosts["it01.pandalab.com"])
	}
	back := p.ingest(site, []string{filepath.Join(sharedtest.Dir(p.t), "data/mordor/compound/lsass04/metasploit_out-minidump_lsass_memory_dump.zip")})
	if back.Known != 0 || back.Read != sources[i].Ordinal {
		p.t.Errorf("taken in again: %d records, %d known; want %d, 0", back.Read, back.Known, sources[i].Ordinal)
	}
	p.checkTruth(site, want)
}

func fromAPISource(doc *entitypage.Document, kind string) counted {
	for i := range doc.Sources {
		if doc.Sources[i].SourceKind == kind {
			return fromAPI(&doc.Sources[i])
		}
	}
	return counted{}
}
