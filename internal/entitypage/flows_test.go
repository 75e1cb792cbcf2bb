package entitypage

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
)

// ingest takes in files by their names and texts, at the site hq.
func (b *bench) ingest(files map[string]string) {
	b.Helper()
	dir := b.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	pipeline := ingest.New(ingest.Config{Store: b.db, KQL: ingest.KQL(b.pages.KQL), Own: b.pages.Networks.Own, TrustedProxy: b.pages.Networks.TrustedProxy})
	err := receive.Walk(b.Context(), []string{dir}, nil, receive.Config{TempDir: b.TempDir()}, receive.Visitor{
		Input: func(in *receive.Input) error {
			r, err := pipeline.Run(b.Context(), in, ingest.Options{Site: "hq"})
			if r.Quarantined > 0 || r.Problem != "" {
				b.Errorf("%s: %d quarantined, %s", r.Name, r.Quarantined, r.Problem)
			}
			return err
		},
		Problem: func(p *receive.Problem) { b.Errorf("%v", p) },
	})
	if err != nil {
		b.Fatal(err)
	}
}

func ip(address string) Request { return Request{ID: entity.ID{Kind: entity.IP, Value: address}} }

// A server outside that two hosts talk to. ada-ws (10.1.1.5) opens three connections to
// its port 443, of which sensor and host both write; the sensor also saw the TLS, and one
// of them stays unanswered. 10.1.1.6, which no host claims, is refused at port 22. It
// opens one connection itself, to port 8080 of 10.1.1.6.
var talk = map[string]string{
	"conn.log": lines(
		`{"_path":"conn","ts":"2024-05-30T10:00:00Z","uid":"C1","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","service":"ssl","duration":1.5,"orig_bytes":100,"resp_bytes":1000,"conn_state":"SF","history":"ShADadFf"}`,
		`{"_path":"conn","ts":"2024-05-30T11:00:00Z","uid":"C2","id.orig_h":"10.1.1.5","id.orig_p":50002,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","service":"ssl","duration":2.5,"orig_bytes":200,"resp_bytes":2000,"conn_state":"SF","history":"ShADadFf"}`,
		`{"_path":"conn","ts":"2024-05-30T12:00:00Z","uid":"C3","id.orig_h":"10.1.1.5","id.orig_p":50003,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","conn_state":"S0","history":"S"}`,
		`{"_path":"conn","ts":"2024-05-30T13:00:00Z","uid":"C4","id.orig_h":"10.1.1.6","id.orig_p":50004,"id.resp_h":"203.0.113.9","id.resp_p":22,"proto":"tcp","conn_state":"REJ","history":"Sr"}`,
		`{"_path":"conn","ts":"2024-05-30T14:00:00Z","uid":"C5","id.orig_h":"203.0.113.9","id.orig_p":40000,"id.resp_h":"10.1.1.6","id.resp_p":8080,"proto":"tcp","service":"http","duration":1,"orig_bytes":10,"resp_bytes":20,"conn_state":"SF","history":"ShADadFf","community_id":"1:given"}`,
	),
	"ssl.log": lines(
		`{"_path":"ssl","ts":"2024-05-30T10:00:00.1Z","uid":"C1","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"version":"TLSv12","server_name":"c2.example","established":true,"ja3":"aaaa","ja3s":"bbbb","ja4":"t13d"}`,
	),
	"sysmon.json": lines(
		sysmon3("2024-05-30T10:00:01.000Z", 50001),
		sysmon3("2024-05-30T11:00:01.000Z", 50002),
	),
}

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

// sysmon3 is a connection of ada-ws to port 443.
func sysmon3(at string, port int) string {
	return strings.NewReplacer("AT", at, "PORT", strconv.Itoa(port)).Replace(
		`{"@timestamp":"AT","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":3,"Hostname":"ada-ws.example.test","UtcTime":"AT","ProcessGuid":"{00000000-0000-0000-0000-000000000001}","ProcessId":"77","Image":"C:\\Tools\\curl.exe","User":"EXAMPLE\\ada","Protocol":"tcp","Initiated":"true","SourceIsIpv6":"false","SourceIp":"10.1.1.5","SourcePort":"PORT","DestinationIsIpv6":"false","DestinationIp":"203.0.113.9","DestinationPort":"443"}`)
}

func TestConnections(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	got, err := b.pages.Connections(t.Context(), ip("203.0.113.9"), ConnectionFilter{List: List{Sort: "last"}})
	if err != nil {
		t.Fatal(err)
	}
	number := func(n int64) *int64 { return &n }
	seconds := func(s float64) *float64 { return &s }
	when := func(hour, second int) time.Time { return time.Date(2024, 5, 30, hour, 0, second, 0, time.UTC) }
	none := []string{}
	want := []Connection{
		{
			Site: "hq", Local: "10.1.1.6", Remote: "203.0.113.9", Port: 8080, Protocol: "Tcp", Direction: "in",
			SourceKind: "zeek.conn", Records: 1, BySource: []Count{{"zeek.conn", 1}}, Outcome: "established", Outcomes: map[string]int64{"established": 1},
			First: when(14, 0), Last: when(14, 0), BytesOut: number(20), BytesIn: number(10), Duration: seconds(1),
			Services: []string{"http"}, Processes: none, Names: none, JA3: none, JA3S: none, JA4: none, HASSH: none, HASSHS: none, Community: "1:given",
			CompareAs: "10.1.1.6 8080 Tcp, opened from outside",
		},
		{
			Site: "hq", Local: "10.1.1.6", Remote: "203.0.113.9", Port: 22, Protocol: "Tcp", Direction: "out",
			SourceKind: "zeek.conn", Records: 1, BySource: []Count{{"zeek.conn", 1}}, Outcome: "refused", Outcomes: map[string]int64{"refused": 1},
			First: when(13, 0), Last: when(13, 0), BytesOut: number(0), BytesIn: number(0), Duration: seconds(0),
			Services: none, Processes: none, Names: none, JA3: none, JA3S: none, JA4: none, HASSH: none, HASSHS: none,
			CompareAs: "10.1.1.6 22 Tcp, opened from inside",
		},
		{
			Site: "hq", Local: "10.1.1.5", Device: "ada-ws.example.test", Remote: "203.0.113.9", Port: 443, Protocol: "Tcp", Direction: "out",
			SourceKind: "zeek.conn", Records: 3, BySource: []Count{{"zeek.conn", 3}, {"sysmon.3", 2}, {"zeek.ssl", 1}},
			Outcome: "established", Outcomes: map[string]int64{"established": 2, "unanswered": 1},
			First: when(10, 0), Last: when(12, 0), BytesOut: number(300), BytesIn: number(3000), Duration: seconds(4),
			Services: []string{"ssl"}, Processes: []string{"curl.exe"}, Names: []string{"c2.example"},
			JA3: []string{"aaaa"}, JA3S: []string{"bbbb"}, JA4: []string{"t13d"}, HASSH: none, HASSHS: none,
			CompareAs: "10.1.1.5 443 Tcp, opened from inside",
		},
	}
	for i := range got.Items {
		if got.Items[i].Query == "" || got.Items[i].Community == "" {
			t.Errorf("line %d has no query or no Community ID", i)
		}
		got.Items[i].Query = ""
		if got.Items[i].Community != "1:given" { // computed, see communityid
			got.Items[i].Community = ""
		}
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int64{"established": 2, "refused": 1}, got.Outcomes); diff != "" {
		t.Error(diff)
	}
}

// An address that is in none of the records has no connections, and says so.
func TestNoConnections(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	got, err := b.pages.Connections(t.Context(), ip("198.51.100.77"), ConnectionFilter{})
	if err != nil || got.Total != 0 || len(got.Items) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	flow, err := b.pages.ConnectionFlow(t.Context(), ip("198.51.100.77"), "")
	if err != nil || flow.SourceKind != "" || len(flow.Nodes) != 0 {
		t.Errorf("%+v, %v", flow, err)
	}
}

func TestConnectionsAreFilteredSortedAndPaged(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	port := int32(443)
	for _, c := range []struct {
		name   string
		filter ConnectionFilter
		role   entity.Roles
		site   string
		want   []int32 // ports
	}{
		{"all, by records", ConnectionFilter{}, 0, "", []int32{443, 22, 8080}},
		{"by bytes", ConnectionFilter{List: List{Sort: "bytesIn"}}, 0, "", []int32{443, 8080, 22}},
		{"by port, turned round", ConnectionFilter{List: List{Sort: "-port"}}, 0, "", []int32{8080, 443, 22}},
		{"the second page", ConnectionFilter{List: List{Sort: "port", Limit: 2, Offset: 2}}, 0, "", []int32{8080}},
		{"opened from outside", ConnectionFilter{Direction: "in"}, 0, "", []int32{8080}},
		{"refused", ConnectionFilter{Outcome: "refused"}, 0, "", []int32{22}},
		{"a port", ConnectionFilter{Port: &port}, 0, "", []int32{443}},
		{"a process", ConnectionFilter{List: List{Match: "CURL"}}, 0, "", []int32{443}},
		{"a fingerprint", ConnectionFilter{List: List{Match: "t13d"}}, 0, "", []int32{443}},
		{"a device", ConnectionFilter{List: List{Match: "ada-ws"}}, 0, "", []int32{443}},
		{"as source", ConnectionFilter{}, entity.RoleSource, "", []int32{8080}},
		{"as destination", ConnectionFilter{}, entity.RoleDestination, "", []int32{443, 22}},
		{"as local", ConnectionFilter{}, entity.RoleLocal, "", nil},
		{"another site", ConnectionFilter{}, 0, "lab", nil},
	} {
		req := ip("203.0.113.9")
		req.Role, req.Site = c.role, c.site
		got, err := b.pages.Connections(t.Context(), req, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var ports []int32
		for _, item := range got.Items {
			ports = append(ports, item.Port)
		}
		if diff := cmp.Diff(c.want, ports); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
	}
	early := ip("203.0.113.9")
	early.From, early.To = at(30, 10).Time(), at(30, 12).Time()
	got, err := b.pages.Connections(t.Context(), early, ConnectionFilter{})
	if err != nil || got.Total != 1 || got.Items[0].Records != 2 {
		t.Errorf("from 10:00 to 12:00: %+v, %v", got.Items, err)
	}
}

// Of sensor and host, the host names the process: its two records are drawn. The
// sensor's five are drawn when asked for.
func TestConnectionFlow(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	got, err := b.pages.ConnectionFlow(t.Context(), ip("203.0.113.9"), "")
	if err != nil {
		t.Fatal(err)
	}
	wantNodes := []FlowNode{
		{ID: "device:0", Column: "device", Name: "ada-ws.example.test", Records: 2},
		{ID: "process:0", Column: "process", Name: "curl.exe", Records: 2},
		{ID: "remote:0", Column: "remote", Name: "203.0.113.9 : 443", Records: 2},
	}
	if diff := cmp.Diff(wantNodes, got.Nodes); diff != "" || got.SourceKind != "sysmon.3" || got.Records != 2 || !got.NamesProcess {
		t.Errorf("%s, %d records (-want +got)\n%s", got.SourceKind, got.Records, diff)
	}
	if diff := cmp.Diff([]Count{{"zeek.conn", 5}, {"sysmon.3", 2}}, got.Kinds); diff != "" {
		t.Error(diff)
	}
	if got, err = b.pages.ConnectionFlow(t.Context(), ip("203.0.113.9"), "zeek.conn"); err != nil {
		t.Fatal(err)
	}
	wantLinks := []FlowLink{
		{"device:0", "process:0", 3, "ada-ws.example.test →"},
		{"process:0", "remote:0", 3, "→ 203.0.113.9 : 443"},
		{"device:1", "process:0", 2, "10.1.1.6 →"},
		{"process:0", "remote:1", 1, "→ 203.0.113.9 : 22"},
		{"process:0", "remote:2", 1, "→ 203.0.113.9 → own 8080"},
	}
	if diff := cmp.Diff(wantLinks, got.Links); diff != "" || got.NamesProcess {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// ICMP has no ports: what Zeek prints in their place is a type and a code.
func TestConnectionFlowOfICMP(t *testing.T) {
	b := newBench(t)
	b.ingest(map[string]string{"conn.log": lines(
		`{"_path":"conn","ts":"2024-05-30T10:00:00Z","uid":"C1","id.orig_h":"203.0.113.9","id.orig_p":8,"id.resp_h":"10.1.1.5","id.resp_p":0,"proto":"icmp","orig_bytes":56,"resp_bytes":56,"conn_state":"OTH","orig_pkts":1,"resp_pkts":1}`,
	)})
	got, err := b.pages.ConnectionFlow(t.Context(), ip("203.0.113.9"), "")
	if err != nil {
		t.Fatal(err)
	}
	if last := got.Nodes[len(got.Nodes)-1]; last.Name != "203.0.113.9 → own ICMP" {
		t.Errorf("the remote end is %q", last.Name)
	}
	ports := b.comparePart(ip("203.0.113.9").ID, "flows", hourOf(10, 0), hourOf(11, 0))["ports"]
	if diff := cmp.Diff(Difference{New: 1, Items: []Differing{{Name: "ICMP, from outside", State: "new", A: 1}}}, ports); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Of sixteen remote ports, each with fewer records than the one before, fourteen are
// nodes and the last two are the rest.
func TestConnectionFlowAddsUp(t *testing.T) {
	var f ConnectionFlow
	paths := map[flowPath]int64{}
	for i := range 16 {
		paths[flowPath{"d", "p", string(rune('a' + i))}] = int64(100 - i)
	}
	f.draw(paths)
	last := f.Nodes[len(f.Nodes)-1]
	if want := (FlowNode{ID: "remote:rest", Column: "remote", Others: 2, Records: 86 + 85}); last != want {
		t.Errorf("the rest is %+v, want %+v", last, want)
	}
	for _, l := range f.Links {
		if rest := l.Target == "remote:rest"; rest != (l.CompareAs == "") {
			t.Errorf("a comparison calls the link %+v", l)
		}
	}
	sums := map[string]int64{}
	for _, n := range f.Nodes {
		sums[n.Column] += n.Records
	}
	for column, sum := range sums {
		if sum != f.Records {
			t.Errorf("%s adds up to %d of %d", column, sum, f.Records)
		}
	}
}
