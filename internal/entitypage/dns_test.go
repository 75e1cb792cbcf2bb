package entitypage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spoor/internal/entity"
)

// 203.0.113.9 by its names: two answers of a sensor's DNS, one that stands behind an
// alias in Windows' words, a TLS handshake that shows a certificate, and requests.
var named = map[string]string{
	"dns.log": lines(
		`{"_path":"dns","ts":"2024-05-30T10:00:00Z","uid":"D1","id.orig_h":"10.1.1.5","id.orig_p":5300,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":"C2.Example","qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":["203.0.113.9","203.0.113.10"]}`,
		`{"_path":"dns","ts":"2024-05-30T12:00:00Z","uid":"D2","id.orig_h":"10.1.1.6","id.orig_p":5301,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":"c2.example","qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":["203.0.113.9"]}`,
		// 203.0.113.90 has the same beginning and is another address.
		`{"_path":"dns","ts":"2024-05-30T12:30:00Z","uid":"D3","id.orig_h":"10.1.1.6","id.orig_p":5302,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":"other.example","qtype_name":"A","rcode":0,"rcode_name":"NOERROR","answers":["203.0.113.90"]}`,
	),
	"sysmon.json": lines(
		`{"@timestamp":"2024-05-30T11:00:00.000Z","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":22,"Hostname":"ada-ws.example.test","UtcTime":"2024-05-30 11:00:00.000","ProcessGuid":"{00000000-0000-0000-0000-000000000001}","ProcessId":"77","Image":"C:\\Tools\\curl.exe","QueryName":"www.c2.example","QueryStatus":"0","QueryResults":"type:  5 c2.example;::ffff:203.0.113.9;"}`,
	),
	"ssl.log": lines(
		`{"_path":"ssl","ts":"2024-05-30T13:00:00Z","uid":"C1","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"version":"TLSv12","server_name":"c2.example","established":true,"cert_chain_fps":["`+certificate+`","ffff"]}`,
		`{"_path":"ssl","ts":"2024-05-30T14:00:00Z","uid":"C2","id.orig_h":"10.1.1.6","id.orig_p":50002,"id.resp_h":"203.0.113.9","id.resp_p":8443,"version":"TLSv12","established":true,"cert_chain_fps":["`+certificate+`"]}`,
	),
	"x509.log": lines(
		`{"_path":"x509","ts":"2024-05-30T13:00:00Z","fingerprint":"` + certificate + `","certificate.version":3,"certificate.serial":"0A","certificate.subject":"CN=c2.example","certificate.issuer":"CN=c2.example","certificate.not_valid_before":1704067200.0,"certificate.not_valid_after":1716984000.0,"san.dns":["c2.example","alt.example"]}`,
	),
	"http.log": lines(
		`{"_path":"http","ts":"2024-05-30T15:00:00Z","uid":"H1","id.orig_h":"10.1.1.5","id.orig_p":50003,"id.resp_h":"203.0.113.9","id.resp_p":80,"trans_depth":1,"method":"GET","host":"c2.example","uri":"/a","referrer":"http://lure.example/page","status_code":200,"server":"nginx/1.18","cookie_vars":["SESSION","id"]}`,
		`{"_path":"http","ts":"2024-05-30T16:00:00Z","uid":"H2","id.orig_h":"10.1.1.5","id.orig_p":50004,"id.resp_h":"203.0.113.9","id.resp_p":80,"trans_depth":1,"method":"GET","host":"203.0.113.9","uri":"/b","status_code":200,"cookie":"SESSION=hush; theme=secret"}`,
	),
}

var certificate = strings.Repeat("ab", 32)

func TestPassiveDNS(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	when := func(hour int) time.Time { return time.Date(2024, 5, 30, hour, 0, 0, 0, time.UTC) }
	records, err := b.pages.PassiveDNS(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	want := []DNSRecord{
		{"c2.example", "A", "203.0.113.9", when(15), when(15), 1, "zeek.http", "http", "c2.example A 203.0.113.9 http"},
		{"c2.example", "A", "203.0.113.9", when(13), when(13), 1, "zeek.ssl", "tls", "c2.example A 203.0.113.9 tls"},
		{"c2.example", "A", "203.0.113.9", when(10), when(12), 2, "zeek.dns", "dns", "c2.example A 203.0.113.9 dns"},
		{"www.c2.example", "A", "203.0.113.9", when(11), when(11), 1, "sysmon.22", "dns", "www.c2.example A 203.0.113.9 dns"},
	}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("of the address (-want +got)\n%s", diff)
	}
	page, err := b.pages.Footprint(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	names, err := b.pages.Names(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{page.DNS.Query, names.Query} {
		if got := b.sum(query, 7); got != 5 {
			t.Errorf("its query gives %d records, want all 5", got)
		}
	}

	domain := Request{ID: entity.ID{Kind: entity.Domain, Value: "c2.example"}}
	if records, err = b.pages.PassiveDNS(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	want = append(want[:3], DNSRecord{"www.c2.example", "CNAME", "c2.example", when(11), when(11), 1, "sysmon.22", "dns", "www.c2.example CNAME c2.example dns"},
		DNSRecord{"c2.example", "A", "203.0.113.10", when(10), when(10), 1, "zeek.dns", "dns", "c2.example A 203.0.113.10 dns"})
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("of the name (-want +got)\n%s", diff)
	}

	device := Request{ID: entity.ID{Kind: entity.Device, Value: "ada-ws.example.test"}}
	asked, err := b.pages.PassiveDNS(t.Context(), device)
	if err != nil {
		t.Fatal(err)
	}
	answers := []DNSRecord{
		{"www.c2.example", "A", "203.0.113.9", when(11), when(11), 1, "sysmon.22", "dns", "www.c2.example A 203.0.113.9 dns"},
		{"www.c2.example", "CNAME", "c2.example", when(11), when(11), 1, "sysmon.22", "dns", "www.c2.example CNAME c2.example dns"},
	}
	if diff := cmp.Diff(answers, asked); diff != "" {
		t.Errorf("that the device asked for (-want +got)\n%s", diff)
	}

	line, err := records[2].COF()
	cof := `{"rrname":"c2.example","rrtype":"A","rdata":"203.0.113.9","time_first":1717063200,"time_last":1717070400,"count":2,"sensor_id":"zeek.dns"}`
	if err != nil || string(line) != cof {
		t.Errorf("COF %s, %v", line, err)
	}
}

func TestNames(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	got, err := b.pages.Names(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	want := []ServerName{
		{
			Name: "c2.example", First: at(30, 10).Time(), Last: at(30, 15).Time(),
			BySource: []ServerNameCount{{"zeek.http", "http", 1}, {"zeek.ssl", "tls", 1}, {"zeek.dns", "dns", 2}},
		},
		{Name: "www.c2.example", First: at(30, 11).Time(), Last: at(30, 11).Time(), BySource: []ServerNameCount{{"sysmon.22", "dns", 1}}},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Reverse DNS of 203.0.113.9 in own logs: c2.example, which answers confirm, and a name
// that anybody may have written there.
func TestReverseNames(t *testing.T) {
	b := newBench(t)
	ptr := func(hour int, query, answer string) string {
		return fmt.Sprintf(`{"_path":"dns","ts":"2024-05-30T%02d:00:00Z","uid":"P%[1]d","id.orig_h":"10.1.1.5","id.orig_p":5300,"id.resp_h":"10.1.1.1","id.resp_p":53,"proto":"udp","query":%[2]q,"qtype_name":"PTR","rcode":0,"rcode_name":"NOERROR","answers":[%[3]q]}`, hour, query, answer)
	}
	logs := maps.Clone(named)
	logs["ptr.log"] = lines(
		ptr(3, "9.113.0.203.in-addr.arpa", "C2.Example"), ptr(5, "9.113.0.203.in-addr.arpa", "c2.example"),
		ptr(4, "9.113.0.203.in-addr.arpa", "trusted.bank.example"),
		ptr(6, "19.113.0.203.in-addr.arpa", "neighbour.example"),
	)
	b.ingest(logs)
	got, err := b.pages.Names(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	want := []ReverseName{
		{"c2.example", at(30, 3).Time(), at(30, 5).Time(), 2, "zeek.dns", true},
		{"trusted.bank.example", at(30, 4).Time(), at(30, 4).Time(), 1, "zeek.dns", false},
	}
	if diff := cmp.Diff(want, got.Reverse); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFootprint(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	f, err := b.pages.Footprint(t.Context(), ip("203.0.113.9"))
	if err != nil || len(f.Errors) > 0 {
		t.Fatal(err, f.Errors)
	}
	moment := func(s string) *time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return &at
	}
	certificates := []Certificate{{
		Fingerprint: certificate, Subject: "CN=c2.example", Issuer: "CN=c2.example", SelfSigned: true, Serial: "0A",
		NotBefore: moment("2024-01-01T00:00:00Z"), NotAfter: moment("2024-05-29T12:00:00Z"), Expired: true, Names: []string{"c2.example", "alt.example"},
		Servers: []string{"203.0.113.9:8443", "203.0.113.9:443"}, First: at(30, 13).Time(), Last: at(30, 14).Time(), Records: 2,
		CompareAs: "CN=c2.example " + certificate,
	}}
	if diff := cmp.Diff(certificates, f.Certificates.Items, cmpopts.IgnoreFields(Certificate{}, "ByIssuer", "BySerial")); diff != "" {
		t.Errorf("certificates (-want +got)\n%s", diff)
	}
	for _, query := range []string{f.Certificates.Items[0].ByIssuer, f.Certificates.Items[0].BySerial} {
		var handshakes int64
		if err := b.pages.KQL(t.Context(), query, func(row []any) { handshakes += number(row[4]) }); err != nil || handshakes != 2 {
			t.Errorf("%d handshakes, want 2, %v, of\n%s", handshakes, err, query)
		}
	}
	pairs := []HostPair{{"lure.example", "c2.example", "referrer", at(30, 15).Time(), at(30, 15).Time(), 1, "zeek.http", "lure.example → c2.example referrer"}}
	if diff := cmp.Diff(pairs, f.HostPairs.Items); diff != "" {
		t.Errorf("host pairs (-want +got)\n%s", diff)
	}
	components := []Component{{"203.0.113.9:80", "nginx/1.18", "Server", at(30, 15).Time(), at(30, 15).Time(), 1, "zeek.http", "203.0.113.9:80 nginx/1.18 Server"}}
	if diff := cmp.Diff(components, f.Components.Items); diff != "" {
		t.Errorf("components (-want +got)\n%s", diff)
	}
	// Two requests have the cookie SESSION, one each of the others; no value is told.
	names := map[string]int64{}
	for _, c := range f.Cookies.Items {
		names[c.Name] += c.Records
	}
	if diff := cmp.Diff(map[string]int64{"SESSION": 2, "id": 1, "theme": 1}, names); diff != "" {
		t.Errorf("cookies (-want +got)\n%s", diff)
	}
	ports := map[int32]int64{}
	for _, s := range f.Services.Items {
		ports[s.Port] = s.Clients
	}
	if diff := cmp.Diff(map[int32]int64{443: 1, 8443: 1, 80: 1}, ports); diff != "" {
		t.Errorf("services (-want +got)\n%s", diff)
	}

	f, err = b.pages.Footprint(t.Context(), Request{ID: entity.ID{Kind: entity.Domain, Value: "c2.example"}})
	if err != nil || len(f.Errors) > 0 {
		t.Fatal(err, f.Errors)
	}
	if len(f.Subdomains.Items) != 1 || f.Subdomains.Items[0].Name != "www.c2.example" || f.Certificates.Total != 1 {
		t.Errorf("of the name: subdomains %+v, certificates %+v", f.Subdomains.Items, f.Certificates.Items)
	}

	// Nothing is known, and every section says what would fill it.
	f, err = b.pages.Footprint(t.Context(), ip("198.51.100.77"))
	if err != nil || len(f.Errors) > 0 {
		t.Fatal(err, f.Errors)
	}
	for _, s := range []SectionHead{f.DNS.SectionHead, f.Certificates.SectionHead, f.Services.SectionHead, f.HostPairs.SectionHead, f.Components.SectionHead, f.Cookies.SectionHead, f.Subdomains.SectionHead} {
		if s.Total != 0 || s.Needs == "" {
			t.Errorf("an empty section: %+v", s)
		}
	}
}

// Records of DNS are looked for in the time in which the ledger has some that may be of
// DNS, and that gives all that the query of the whole period does.
func TestDNSIsReadWhereTheLedgerSawIt(t *testing.T) {
	b := newBench(t)
	logs := maps.Clone(named)
	logs["conn.log"] = lines( // before and after all of it
		`{"_path":"conn","ts":"2024-05-20T10:00:00Z","uid":"A1","id.orig_h":"10.1.1.5","id.orig_p":1,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","conn_state":"SF"}`,
		`{"_path":"conn","ts":"2024-05-31T11:00:00Z","uid":"A2","id.orig_h":"10.1.1.5","id.orig_p":2,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","conn_state":"SF"}`)
	b.ingest(logs)
	kql := b.pages.KQL
	rows := func(query string) (out []string) {
		t.Helper()
		if err := kql(t.Context(), query, func(row []any) { out = append(out, fmt.Sprint(row)) }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	var mu sync.Mutex
	var asked []string
	b.pages.KQL = func(ctx context.Context, text string, yield func([]any)) error {
		if strings.Contains(text, "DnsQueryResponse") {
			mu.Lock()
			asked = append(asked, text)
			mu.Unlock()
		}
		return kql(ctx, text, yield)
	}
	got, err := b.pages.Names(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{got.Query + `| where Via == "dns" | project-away Via`, got.ReverseQuery}
	if len(asked) == 0 || len(asked) > len(shown) {
		t.Fatalf("asked %q", asked)
	}
	found := 0
	for i, query := range asked {
		if !strings.Contains(query, "datetime(2024-05-30T") || strings.Contains(query, "datetime(2024-05-02") {
			t.Errorf("asked beyond the time of the answers: %s", query)
		}
		narrow, whole := rows(query), rows(shown[i])
		slices.Sort(narrow)
		slices.Sort(whole)
		if !slices.Equal(narrow, whole) {
			t.Errorf("%s\ngives %v, the whole period %v", query, narrow, whole)
		}
		found += len(whole)
	}
	if found == 0 {
		t.Error("there is no record of DNS")
	}
}

// What was said in sessions is read of an address that a log of sessions names, and of no
// other: in none that the ledger knows of can there be any.
func TestSessionsAreReadWhereThereAreSome(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	ask := b.pages.KQL
	var mu sync.Mutex
	read := map[string]bool{}
	b.pages.KQL = func(ctx context.Context, text string, yield func(row []any)) error {
		mu.Lock()
		for _, action := range []string{"SslConnectionInspected", "HttpConnectionInspected"} {
			read[action] = read[action] || strings.Contains(text, action) && !strings.Contains(text, "RecordType") // what is installed is asked with raw records
		}
		mu.Unlock()
		return ask(ctx, text, yield)
	}
	for address, want := range map[string]bool{"203.0.113.9": true, "203.0.113.90": false} {
		clear(read)
		if _, err := b.pages.Footprint(t.Context(), ip(address)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.pages.Related(t.Context(), ip(address), "shown"); err != nil {
			t.Fatal(err)
		}
		for action, was := range read {
			if was != want {
				t.Errorf("%s of %s is read: %v, want %v", action, address, was, want)
			}
		}
	}
	for kind, want := range map[string]bool{
		"zeek.ssl": true, "suricata.tls": true, "defender.DeviceNetworkEvents": true, "zeek.conn": false, "zeek.http": false, "sysmon.3": false,
	} {
		if got := mayInspect(kind, "SslConnectionInspected"); got != want {
			t.Errorf("%s may have a handshake: %v, want %v", kind, got, want)
		}
	}
}
