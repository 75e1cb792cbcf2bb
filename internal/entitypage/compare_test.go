package entitypage

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spoor/content"
	"spoor/internal/entity"
	"spoor/internal/insight"
	"spoor/internal/schema"
)

// The period before had 10.1.1.5 and 10.1.1.6; now 10.1.1.6 is gone, 10.1.1.7 new and
// 10.1.1.5 seen twice as often.
func TestCompareWithThePeriodBefore(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(10, 9), at(10, 9), 2, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.6", at(11, 9), at(11, 9), 7, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(15, 9), at(15, 9), 4, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.7", at(16, 9), at(16, 9), 1, destination, schema.OutcomeRefused)
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.9"}, From: at(14, 0).Time(), To: at(18, 0).Time()}
	got, err := b.pages.Compare(t.Context(), req, Request{ID: req.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got.B.From != at(10, 0).Time() || got.B.To != at(14, 0).Time() || got.A.Records != 5 || got.B.Records != 9 || len(got.B.Days) != 4 {
		t.Errorf("compared with %s to %s: %d and %d records on %d days", got.B.From, got.B.To, got.A.Records, got.B.Records, len(got.B.Days))
	}
	want := Difference{New: 1, Gone: 1, Changed: 1, Items: []Differing{
		{Name: "10.1.1.6", State: "gone", B: 7, ContactedB: true},
		{Name: "10.1.1.5", State: "changed", A: 4, B: 2, ContactedA: true, ContactedB: true},
		{Name: "10.1.1.7", State: "new", A: 1},
	}}
	if diff := cmp.Diff(want, got.Lists["peers"]); diff != "" {
		t.Error(diff)
	}
}

// Of two more than are listed the two with fewest records are left out.
func TestSameNamesAreThoseWithMostRecords(t *testing.T) {
	list := map[string]compared{}
	for i := range comparisonLimit + 2 {
		list[fmt.Sprint(i)] = compared{records: int64(i)}
	}
	got := difference(list, list)
	if n := len(got.SameNames); n != comparisonLimit || got.SameNames[0] != "1001" || got.SameNames[n-1] != "2" || got.Same != comparisonLimit+2 {
		t.Errorf("%d of %d, from %q to %q", n, got.Same, got.SameNames[0], got.SameNames[n-1])
	}
}

// An address that nobody claims stands for a device at each of two sites: they are compared
// together, not the one in place of the other.
func TestCompareDevicesOfOneName(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(10, 9), at(10, 9), 4, destination, schema.OutcomeRefused)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(15, 9), at(15, 9), 4, destination, schema.OutcomeRefused)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(15, 9), at(15, 9), 2, destination, schema.OutcomeEstablished)
	b.batch.Sightings[2].Site = "lab"
	b.commit()
	req := Request{ID: ip("203.0.113.9").ID, From: at(14, 0).Time(), To: at(18, 0).Time()}
	got, err := b.pages.Compare(t.Context(), req, Request{ID: req.ID})
	if err != nil {
		t.Fatal(err)
	}
	want := Difference{Changed: 1, Items: []Differing{{Name: "10.1.1.5", State: "changed", A: 6, B: 4, ContactedA: true}}}
	if diff := cmp.Diff(want, got.Lists["devices"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// comparePart compares a part of an entity's page in hours of May 30 with the equal
// period before.
func (b *bench) comparePart(id entity.ID, part string, from, to time.Time) map[string]Difference {
	b.Helper()
	got, err := b.pages.ComparePart(b.Context(), Request{ID: id, From: from, To: to}, Request{ID: id}, part)
	if err != nil || len(got.Errors) > 0 {
		b.Fatal(err, got)
	}
	return got.Lists
}

// hourOf is a time of May 30.
func hourOf(hour, minute int) time.Time { return time.Date(2024, 5, 30, hour, minute, 0, 0, time.UTC) }

// Sysmon prints a file as it is called, the filtering platform in lower case.
func TestProcessesAreOneWhateverTheirCase(t *testing.T) {
	b := newBench(t)
	b.ingest(map[string]string{"host.json": `{"@timestamp":"2024-05-30T10:00:01.000Z","Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":3,"Hostname":"ada-ws.example.test","UtcTime":"2024-05-30 10:00:01.000","ProcessId":"77","Image":"C:\\Tools\\Curl.exe","User":"EXAMPLE\\ada","Protocol":"tcp","Initiated":"true","SourceIsIpv6":"false","SourceIp":"10.1.1.5","SourcePort":"50001","DestinationIsIpv6":"false","DestinationIp":"203.0.113.9","DestinationPort":"443"}
{"@timestamp":"2024-05-30T10:00:01.000Z","Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","EventID":5156,"Hostname":"ada-ws.example.test","ProcessID":"77","Application":"\\device\\harddiskvolume2\\tools\\curl.exe","Direction":"%%14593","SourceAddress":"10.1.1.5","SourcePort":"50001","DestAddress":"203.0.113.9","DestPort":"443","Protocol":"6"}
`})
	got := b.comparePart(ip("203.0.113.9").ID, "flows", hourOf(10, 0), hourOf(11, 0))["processes"]
	want := Difference{New: 1, Items: []Differing{{Name: "curl.exe", State: "new", A: 1, ContactedA: true}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	lines, err := b.pages.Connections(t.Context(), ip("203.0.113.9"), ConnectionFilter{})
	if err != nil || len(lines.Items) != 1 {
		t.Fatalf("%d connections, %v", len(lines.Items), err)
	}
	if diff := cmp.Diff([]string{"Curl.exe"}, lines.Items[0].Processes); diff != "" {
		t.Errorf("processes of the connection (-want +got):\n%s", diff)
	}
}

// From 12:00 the server is not answered at 443, is refused at 22 and opens 8080 itself;
// before, a process of ada-ws reached 443 twice, once by a name in TLS.
func TestCompareFlows(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	got := b.comparePart(ip("203.0.113.9").ID, "flows", hourOf(12, 0), hourOf(15, 0))
	want := map[string]Difference{
		"connections": {New: 2, Changed: 1, Items: []Differing{
			{Name: "10.1.1.5 443 Tcp, opened from inside", State: "changed", A: 1, B: 2, ContactedB: true},
			{Name: "10.1.1.6 22 Tcp, opened from inside", State: "new", A: 1},
			{Name: "10.1.1.6 8080 Tcp, opened from outside", State: "new", A: 1, ContactedA: true},
		}},
		"ports": {New: 2, Changed: 1, Items: []Differing{
			{Name: "443 Tcp, opened from inside", State: "changed", A: 1, B: 2, ContactedB: true},
			{Name: "22 Tcp, opened from inside", State: "new", A: 1},
			{Name: "8080 Tcp, opened from outside", State: "new", A: 1, ContactedA: true},
		}},
		"processes": {Gone: 1, Items: []Differing{{Name: "curl.exe", State: "gone", B: 2, ContactedB: true}}},
		"names":     {Gone: 1, Items: []Differing{{Name: "c2.example", State: "gone", B: 1}}},
		// The sensor names no process: its records go from the device straight on. A claim
		// says for twelve hours who held 10.1.1.5; nobody claims 10.1.1.6.
		"links": {New: 3, Gone: 2, Changed: 2, Items: []Differing{
			{Name: "ada-ws.example.test →", State: "changed", A: 1, B: 2},
			{Name: "10.1.1.6 →", State: "new", A: 2},
			{Name: "ada-ws.example.test → curl.exe", State: "gone", B: 2},
			{Name: "curl.exe → 203.0.113.9 : 443", State: "gone", B: 2},
			{Name: "→ 203.0.113.9 : 443", State: "changed", A: 1, B: 2},
			{Name: "→ 203.0.113.9 : 22", State: "new", A: 1},
			{Name: "→ 203.0.113.9 → own 8080", State: "new", A: 1},
		}},
		"beacons": {Items: []Differing{}},
	}
	byName := cmpopts.SortSlices(func(a, b Differing) bool { return a.Name < b.Name })
	if diff := cmp.Diff(want, got, byName); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	page, err := b.pages.Compare(t.Context(), Request{ID: ip("203.0.113.9").ID, From: hourOf(12, 0), To: hourOf(15, 0)}, ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	gone := Difference{Gone: 2, Changed: 1, Items: []Differing{
		{Name: "zeek.conn", State: "changed", A: 3, B: 2}, {Name: "sysmon.3", State: "gone", B: 2}, {Name: "zeek.ssl", State: "gone", B: 1},
	}}
	if diff := cmp.Diff(gone, page.Lists["sources"]); diff != "" {
		t.Errorf("sources (-want +got)\n%s", diff)
	}
}

// Ada's machine claimed the address once the day before and twice now, Bob's and Carl's the
// day before. A claim says for twelve hours either side who held an address: Bob's of 20:00
// says so on the page of today, too, and Carl's does not.
func TestCompareHolders(t *testing.T) {
	b := newBench(t)
	b.saw("10.1.1.5", "zeek.conn", "", "203.0.113.9", at(20, 9), at(20, 9), 1, source, schema.OutcomeEstablished)
	b.held("carl-ws.example.org", at(19, 2))
	b.held("ada-ws.example.org", at(19, 9))
	b.held("bob-ws.example.org", at(19, 20))
	b.held("ada-ws.example.org", at(20, 13))
	b.held("ada-ws.example.org", at(20, 15))
	b.commit()
	req := Request{ID: ip("10.1.1.5").ID, From: at(20, 0).Time(), To: at(21, 0).Time()}
	got, err := b.pages.Compare(t.Context(), req, Request{ID: req.ID})
	if err != nil {
		t.Fatal(err)
	}
	want := Difference{Gone: 1, Changed: 1, Same: 1, Items: []Differing{
		{Name: "ada-ws.example.org", State: "changed", A: 2, B: 1}, {Name: "carl-ws.example.org", State: "gone", B: 1},
	}, SameNames: []string{"bob-ws.example.org"}}
	if diff := cmp.Diff(want, got.Lists["holders"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	page, err := b.pages.Build(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(page.Holders); n != 2 {
		t.Errorf("the page lists %d holders: %+v", n, page.Holders)
	}
}

// From 13:30 the certificate of before is shown once again, at another port, and requests
// are made; the three hours before had answers of DNS and a name in TLS.
func TestCompareFootprint(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	got := b.comparePart(ip("203.0.113.9").ID, "footprint", hourOf(13, 30), hourOf(16, 30))
	want := map[string]Difference{
		"dns": {New: 1, Gone: 3, Items: []Differing{
			{Name: "c2.example A 203.0.113.9 dns", State: "gone", B: 1},
			{Name: "c2.example A 203.0.113.9 http", State: "new", A: 1},
			{Name: "c2.example A 203.0.113.9 tls", State: "gone", B: 1},
			{Name: "www.c2.example A 203.0.113.9 dns", State: "gone", B: 1},
		}},
		"certificates": {Same: 1, Items: []Differing{}, SameNames: []string{"CN=c2.example " + strings.Repeat("ab", 32)}},
		"services": {New: 2, Gone: 1, Items: []Differing{
			{Name: "203.0.113.9 80 tcp", State: "new", A: 2, ContactedA: true},
			{Name: "203.0.113.9 443 tcp", State: "gone", B: 1, ContactedB: true},
			{Name: "203.0.113.9 8443 tcp", State: "new", A: 1, ContactedA: true},
		}},
		"hostPairs":  {New: 1, Items: []Differing{{Name: "lure.example → c2.example referrer", State: "new", A: 1}}},
		"components": {New: 1, Items: []Differing{{Name: "203.0.113.9:80 nginx/1.18 Server", State: "new", A: 1}}},
		"cookies": {New: 4, Items: []Differing{
			{Name: "203.0.113.9 SESSION", State: "new", A: 1},
			{Name: "203.0.113.9 theme", State: "new", A: 1},
			{Name: "c2.example SESSION", State: "new", A: 1},
			{Name: "c2.example id", State: "new", A: 1},
		}},
		"subdomains": {Same: 1, Items: []Differing{}, SameNames: []string{"www.c2.example"}}, // www.c2.example, by the day
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A sensor that computes no fingerprint calls a certificate by another id in each handshake,
// and one writes neither. With issuer and serial number it is the same one before and now;
// that of the same subject with another serial number is new.
func TestCertificatesWithoutFingerprintAreCompared(t *testing.T) {
	b := newBench(t)
	var ssl, x509, tls []string
	zeek := func(hour int, serial string) {
		file := fmt.Sprintf("F%d", len(ssl)+1)
		ssl = append(ssl, fmt.Sprintf(`{"_path":"ssl","ts":"2024-05-30T%02d:00:00Z","uid":"S%s","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"cert_chain_fuids":[%q,"FCA"]}`, hour, file, file))
		x509 = append(x509, fmt.Sprintf(`{"_path":"x509","ts":"2024-05-30T%02d:00:00Z","id":%q,"certificate.serial":%q,"certificate.subject":"CN=c2.example","certificate.issuer":"CN=Some CA"}`, hour, file, serial))
	}
	suricata := func(hour int, serial string) {
		tls = append(tls, fmt.Sprintf(`{"timestamp":"2024-05-30T%02d:30:00.000000+0000","flow_id":%d,"event_type":"tls","src_ip":"10.1.1.5","src_port":50002,"dest_ip":"203.0.113.9","dest_port":8443,"proto":"TCP","tls":{"subject":"CN=other.example","issuerdn":"CN=Some CA","serial":%q,"version":"TLS 1.2"}}`, hour, len(tls)+1, serial))
	}
	zeek(10, "0A")
	zeek(11, "0A")
	zeek(12, "0A")
	zeek(13, "0A")
	zeek(13, "0B")
	suricata(10, "1A")
	suricata(12, "1A")
	suricata(13, "1B")
	b.ingest(map[string]string{"ssl.json": lines(ssl...), "x509.json": lines(x509...), "eve.json": lines(tls...)})
	got := b.comparePart(ip("203.0.113.9").ID, "footprint", hourOf(12, 0), hourOf(14, 0))["certificates"]
	want := Difference{New: 2, Same: 2, Items: []Differing{
		{Name: "CN=c2.example of CN=Some CA with serial 0b", State: "new", A: 1},
		{Name: "CN=other.example of CN=Some CA with serial 1b", State: "new", A: 1},
	}, SameNames: []string{"CN=c2.example of CN=Some CA with serial 0a", "CN=other.example of CN=Some CA with serial 1a"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	f, err := b.pages.Footprint(t.Context(), Request{ID: ip("203.0.113.9").ID, From: hourOf(10, 0), To: hourOf(14, 0)})
	if err != nil {
		t.Fatal(err)
	}
	records := map[string]int64{}
	for _, c := range f.Certificates.Items {
		records[c.Subject+" "+c.Serial] = c.Records
	}
	handshakes := map[string]int64{"CN=c2.example 0A": 4, "CN=c2.example 0B": 1, "CN=other.example 1A": 2, "CN=other.example 1B": 1}
	if diff := cmp.Diff(handshakes, records); diff != "" || len(f.Certificates.Items) != len(handshakes) {
		t.Errorf("%d listed (-want +got)\n%s", len(f.Certificates.Items), diff)
	}
}

// Two machines call home every minute: one in both hours, 40 and then 50 times; the other
// only in the second, 45 times. A third does so 20 times, too few for a score.
func TestCompareBeacons(t *testing.T) {
	b := newBench(t)
	var records []string
	calls := func(from string, first time.Time, n int) {
		for i := range n {
			records = append(records, fmt.Sprintf(`{"_path":"conn","ts":%q,"uid":"C%d","id.orig_h":%q,"id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","duration":1,"orig_bytes":100,"resp_bytes":1000,"conn_state":"SF","history":"ShADadFf"}`,
				first.Add(time.Duration(i)*time.Minute).Format(time.RFC3339), len(records), from))
		}
	}
	calls("10.1.1.5", hourOf(10, 0), 40)
	calls("10.1.1.5", hourOf(11, 0), 50)
	calls("10.1.1.6", hourOf(11, 0), 45)
	calls("10.1.1.7", hourOf(11, 0), 20)
	b.ingest(map[string]string{"conn.log": lines(records...)})
	got := b.comparePart(ip("203.0.113.9").ID, "flows", hourOf(11, 0), hourOf(12, 0))["beacons"]
	if got.New != 1 || got.Changed != 1 || got.Gone != 0 || len(got.Items) != 2 {
		t.Fatalf("%+v", got)
	}
	// The gaps are all the same, and so are the sizes, and each has a record in every clock
	// hour. What is left is the span: the site was heard from 10:00 to 11:49, so that
	// 10.1.1.5 has 39 of the first period's 60 minutes and all 49 of the second's, and
	// 10.1.1.6 has 44 of these.
	changed, fresh := got.Items[0], got.Items[1]
	if want := (Differing{Name: "10.1.1.5 hq", State: "changed", A: 50, B: 40, ScoreA: 1, ScoreB: 0.913}); changed != want {
		t.Errorf("%+v, want %+v", changed, want)
	}
	if want := (Differing{Name: "10.1.1.6 hq", State: "new", A: 45, ScoreA: 0.974}); fresh != want {
		t.Errorf("%+v, want %+v", fresh, want)
	}
}

// The name in TLS that 203.0.113.9 shows was shown by .77 before; now .78 shows it.
func TestCompareRelated(t *testing.T) {
	b := newBench(t)
	ssl := func(hour int, server string) string {
		return fmt.Sprintf(`{"_path":"ssl","ts":"2024-05-30T%02d:00:00Z","uid":"C%[1]d","id.orig_h":"10.1.1.5","id.orig_p":50009,"id.resp_h":%q,"id.resp_p":443,"server_name":"c2.example"}`, hour, server)
	}
	records := []string{ssl(10, "203.0.113.9"), ssl(11, "203.0.113.77"), ssl(13, "203.0.113.9"), ssl(14, "203.0.113.78"), ssl(15, "203.0.113.78")}
	// More than a card shows share the name all the time: none of them is new.
	var all []string
	for n := range 2 * relatedItems {
		all = append(all, fmt.Sprintf("c2.example 198.51.100.%d", n+1))
		for _, hour := range []int{10, 14} {
			records = append(records, ssl(hour, fmt.Sprintf("198.51.100.%d", n+1)))
		}
	}
	b.ingest(map[string]string{"ssl.log": lines(records...)})
	slices.Sort(all)
	got := b.comparePart(ip("203.0.113.9").ID, "related", hourOf(13, 0), hourOf(16, 0))
	want := map[string]Difference{
		"process": {Items: []Differing{}},
		"shown": {New: 1, Gone: 1, Same: 2 * relatedItems, Items: []Differing{
			{Name: "c2.example 203.0.113.78", State: "new", A: 2}, {Name: "c2.example 203.0.113.77", State: "gone", B: 1},
		}, SameNames: all},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Ada logged on from the address twice before and once now, Bob only now.
func TestCompareOwnUse(t *testing.T) {
	b := newBench(t)
	logon := func(hour int, account string) string {
		return fmt.Sprintf(`{"Type":"DeviceLogonEvents","Timestamp":"2024-05-30T%02d:00:00Z","DeviceName":"srv.example.test","DeviceId":"d1","AccountDomain":"EXAMPLE","AccountName":%q,"ActionType":"LogonSuccess","LogonType":"Network","RemoteIP":"10.1.1.5"}`, hour, account)
	}
	b.ingest(map[string]string{"logs.json": lines(logon(10, "ada"), logon(11, "ada"), logon(12, "ada"), logon(13, "bob"))})
	got := b.comparePart(ip("10.1.1.5").ID, "own", hourOf(12, 0), hourOf(14, 0))["logons"]
	want := Difference{New: 1, Changed: 1, Items: []Differing{
		{Name: `srv.example.test EXAMPLE\ada LogonSuccess Network`, State: "changed", A: 1, B: 2},
		{Name: `srv.example.test EXAMPLE\bob LogonSuccess Network`, State: "new", A: 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// From 12:00 an own client reaches port 445 of an own server, which before was reached at
// 22. For the sensor the client is the local side: among all ports, 445 was opened from inside.
func TestCompareExposure(t *testing.T) {
	b := newBench(t)
	conn := func(hour, minute int) string {
		return fmt.Sprintf(`{"_path":"conn","ts":"2024-05-30T%02d:%02d:00Z","uid":"C%[2]d","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"10.1.1.6","id.resp_p":445,"proto":"tcp","conn_state":"SF"}`, hour, minute)
	}
	b.ingest(map[string]string{
		"conn.log": lines(conn(13, 0), conn(13, 1)),
		"sysmon.json": lines(
			hostSaw(hourOf(11, 0), "srv.example.test", "false", "10.1.1.5", "10.1.1.6", 22), hostSaw(hourOf(13, 0), "srv.example.test", "false", "10.1.1.5", "10.1.1.6", 445),
			hostSaw(hourOf(12, 0), "ada-ws.example.test", "true", "10.1.1.5", "203.0.113.9", 443),
		),
	})
	got := b.comparePart(ip("10.1.1.6").ID, "own", hourOf(12, 0), hourOf(14, 0))["exposure"]
	want := Difference{New: 1, Gone: 1, Items: []Differing{
		{Name: "22 Tcp", State: "gone", B: 1, ContactedB: true}, {Name: "445 Tcp", State: "new", A: 1, ContactedA: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Ada signed in to the portal once in each period and to mail before; Bob to the portal now.
func TestCompareInsights(t *testing.T) {
	insights, err := insight.Load(content.Insights, "insights")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.pages.Insights = insights
	signIn := func(hour int, user, app string) string {
		return fmt.Sprintf(`{"Type":"SigninLogs","TimeGenerated":"2024-05-30T%02d:00:00Z","IPAddress":"203.0.113.9","UserPrincipalName":%q,"AppDisplayName":%q,"ResultType":"0"}`, hour, user, app)
	}
	b.ingest(map[string]string{"logs.json": lines(
		signIn(10, "ada@example.test", "Portal"), signIn(11, "ada@example.test", "Mail"),
		signIn(12, "ada@example.test", "Portal"), signIn(13, "bob@example.test", "Portal"), signIn(13, "bob@example.test", "Portal"),
	)})
	got := b.comparePart(ip("203.0.113.9").ID, "insights", hourOf(12, 0), hourOf(14, 0))
	want := Difference{New: 1, Gone: 1, Same: 1, Items: []Differing{
		{Name: "bob@example.test Portal success", State: "new", A: 2}, {Name: "ada@example.test Mail success", State: "gone", B: 1},
	}, SameNames: []string{"ada@example.test Portal success"}}
	if diff := cmp.Diff(want, got["sign-ins"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if other, asked := got["office-activity"]; !asked || len(other.Items) > 0 {
		t.Errorf("without a record: %v, %+v", asked, other)
	}
	if _, asked := got["account-logons"]; asked {
		t.Error("an insight about accounts is compared on the page of an address")
	}
}

// On May 5 two scans and a beacon, on May 4 one scan and something odd. An alert counts
// once, however many rows of evidence it has.
func TestCompareAlerts(t *testing.T) {
	b := newBench(t)
	b.alerted("a1", at(4, 1), "Low", "Scan", "Source", "")
	b.alerted("a2", at(4, 2), "odd", "Odd", "Source", "")
	b.alerted("a3", at(5, 1), "Low", "Scan", "Source", "")
	b.alerted("a4", at(5, 2), "Low", "Scan", "Source", "")
	b.alerted("a5", at(5, 3), "High", "Beacon", "Source", "")
	b.alerted("a5", at(5, 3), "High", "Beacon", "Destination", "")
	b.commit()
	got := b.comparePart(ip("203.0.113.1").ID, "alerts", at(5, 0).Time(), at(6, 0).Time())
	want := map[string]Difference{
		"alerts": {New: 1, Gone: 1, Changed: 1, Items: []Differing{
			{Name: "Scan", State: "changed", A: 2, B: 1}, {Name: "Beacon", State: "new", A: 1}, {Name: "Odd", State: "gone", B: 1},
		}},
		"severities": {New: 1, Gone: 1, Changed: 1, Items: []Differing{
			{Name: "Low", State: "changed", A: 2, B: 1}, {Name: "High", State: "new", A: 1}, {Name: "odd", State: "gone", B: 1},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Of a prefix, .7 was contacted in both days, .9 is new and refused, .8 is gone. Many
// addresses that the page does not tell apart are not compared one by one.
func TestCompareAddresses(t *testing.T) {
	b := newBench(t)
	b.flow("10.1.1.5", "198.51.100.7", "zeek.conn", "", at(19, 8), at(19, 9), 4, established)
	b.flow("10.1.1.5", "198.51.100.8", "zeek.conn", "", at(19, 8), at(19, 9), 2, established)
	b.flow("10.1.1.5", "198.51.100.7", "zeek.conn", "", at(20, 8), at(20, 9), 4, established)
	b.flow("10.1.1.6", "198.51.100.9", "zeek.conn", "", at(20, 7), at(20, 7), 5, refused)
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.CIDR, Value: "198.51.100.0/24"}, From: at(20, 0).Time(), To: at(21, 0).Time()}
	got, err := b.pages.Compare(t.Context(), req, Request{ID: req.ID})
	if err != nil {
		t.Fatal(err)
	}
	want := Difference{New: 1, Gone: 1, Same: 1, Items: []Differing{
		{Name: "198.51.100.9", State: "new", A: 5}, {Name: "198.51.100.8", State: "gone", B: 2, ContactedB: true},
	}, SameNames: []string{"198.51.100.7"}}
	if diff := cmp.Diff(want, got.Lists["addresses"]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	one, err := b.pages.Compare(t.Context(), Request{ID: ip("198.51.100.7").ID, From: req.From, To: req.To}, ip("198.51.100.7"))
	if err != nil {
		t.Fatal(err)
	}
	if _, listed := one.Lists["addresses"]; listed {
		t.Error("one address has a list of addresses")
	}
}

// A list that cannot be counted says why, and the others are compared.
func TestCompareSaysWhatFailed(t *testing.T) {
	b := newBench(t)
	b.ingest(named)
	b.pages.Insights = []insight.Insight{
		{ID: "broken", Kinds: []entity.Kind{entity.IP}, Tables: []string{"DeviceNetworkEvents"}, Columns: []string{"X", "Records"}, By: []string{"X"}, Count: "Records", Query: "Nowhere"},
		{ID: "whole", Kinds: []entity.Kind{entity.IP}, Tables: []string{"DeviceNetworkEvents"}, Columns: []string{"X", "Records"}, By: []string{"X"}, Count: "Records", Query: "DeviceNetworkEvents | summarize Records = count() by X = RemoteIP"},
	}
	id := ip("203.0.113.9").ID
	got, err := b.pages.ComparePart(t.Context(), Request{ID: id, From: hourOf(12, 0), To: hourOf(14, 0)}, Request{ID: id}, "insights")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Errors) != 1 || got.Errors[0].Section != "broken" || !strings.Contains(got.Errors[0].Reason, "Nowhere") || len(got.Lists) != 1 {
		t.Errorf("%+v", got)
	}
}
