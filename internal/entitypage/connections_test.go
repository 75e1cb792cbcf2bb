package entitypage

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// hostSaw is a connection of which Sysmon writes on a host; initiated says whether the host
// opened it.
func hostSaw(at time.Time, host, initiated, from, to string, port int) string {
	const form = "2006-01-02 15:04:05.000"
	return fmt.Sprintf(`{"@timestamp":%q,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":3,"Hostname":%q,"UtcTime":%q,"ProcessId":"4","Image":"System","Protocol":"tcp","Initiated":%q,"SourceIsIpv6":"false","SourceIp":%q,"SourcePort":"50001","DestinationIsIpv6":"false","DestinationIp":%q,"DestinationPort":"%d"}`,
		at.Format("2006-01-02T15:04:05.000Z"), host, at.Format(form), initiated, from, to, port)
}

// An own client reaches port 445 of an own server. To the sensor the client's side is local,
// to the server's host its own. The sensor comes first in connectionKinds: it says which,
// whether it has more records than the host, as in the first two hours, or fewer, and the
// server is not called the device of the client's side.
func TestLinesBetweenOwnEndsKeepTheirSide(t *testing.T) {
	b := newBench(t)
	conn := func(hour, minute int) string {
		return fmt.Sprintf(`{"_path":"conn","ts":%q,"uid":"C%d","id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":"10.1.1.6","id.resp_p":445,"proto":"tcp","conn_state":"SF"}`,
			hourOf(hour, minute).Format(time.RFC3339), hour*60+minute)
	}
	saw := func(hour, minute int) string {
		return hostSaw(hourOf(hour, minute), "srv.example.test", "false", "10.1.1.5", "10.1.1.6", 445)
	}
	b.ingest(map[string]string{
		"conn.log": lines(conn(10, 0), conn(10, 1), conn(10, 2), conn(12, 0)),
		"sysmon.json": lines(
			saw(10, 0), saw(12, 0), saw(12, 1), saw(12, 2),
			// Either end was held by a host that reports.
			hostSaw(hourOf(11, 0), "ada-ws.example.test", "true", "10.1.1.5", "203.0.113.9", 443),
			hostSaw(hourOf(11, 0), "srv.example.test", "true", "10.1.1.6", "203.0.113.9", 443),
		),
	})
	type side struct {
		local, device, direction, compareAs string
		kinds                               []Count
	}
	for _, c := range []struct {
		from, to int
		kinds    []Count
	}{
		{10, 12, []Count{{"zeek.conn", 3}, {"sysmon.3", 1}}},
		{12, 14, []Count{{"sysmon.3", 3}, {"zeek.conn", 1}}},
		{10, 14, []Count{{"sysmon.3", 4}, {"zeek.conn", 4}}},
	} {
		req := Request{ID: ip("10.1.1.6").ID, From: hourOf(c.from, 0), To: hourOf(c.to, 0)}
		port := int32(445)
		got, err := b.pages.Connections(t.Context(), req, ConnectionFilter{Port: &port})
		if err != nil || len(got.Items) != 1 {
			t.Fatal(err, got)
		}
		line := got.Items[0]
		want := side{"10.1.1.5", "ada-ws.example.test", "out", "10.1.1.5 445 Tcp, opened from inside", c.kinds}
		if diff := cmp.Diff(want, side{line.Local, line.Device, line.Direction, line.CompareAs, line.BySource}, cmp.AllowUnexported(side{})); diff != "" {
			t.Errorf("from %d to %d (-want +got)\n%s", c.from, c.to, diff)
		}
	}
}

// In whatever order rows of a line are read, one kind says which side is the own one, and of
// two hosts that say so of themselves the one that opened it.
func TestSideOfALineIsThatOfOneKind(t *testing.T) {
	type says struct {
		kind    string
		inbound bool
	}
	for _, c := range []struct {
		name   string
		rows   []says
		server bool
	}{
		{"both hosts", []says{{"sysmon.3", true}, {"sysmon.3", false}}, false},
		{"the server's host alone", []says{{"sysmon.3", true}, {"sysmon.3", true}}, true},
		{"a sensor and the server's host", []says{{"zeek.conn", false}, {"sysmon.3", true}}, false},
		{"a sensor that was told, and its sessions", []says{{"zeek.conn", true}, {"zeek.ssl", false}, {"zeek.http", false}}, true},
		{"both hosts, by different sensors", []says{{"security.5156", false}, {"sysmon.3", true}}, true},
		{"sessions alone", []says{{"zeek.ssl", true}, {"zeek.http", false}}, false},
	} {
		for range len(c.rows) {
			c.rows = append(c.rows[1:], c.rows[0])
			for range 2 {
				slices.Reverse(c.rows)
				tallies := map[connectionKey]*connectionTally{}
				for i, r := range c.rows {
					addConnection(tallies, []any{
						"hq", "10.1.1.5", "10.1.1.6", int32(445), "Tcp", r.kind, "established", "", r.inbound,
						int64(10 - i), schema.Ticks(1), int64(0), int64(0), 0.0, "", schema.Ticks(2), int32(50001), "", nil, nil,
					})
				}
				for _, line := range tallies {
					if line.stored.server != c.server {
						t.Errorf("%s, read as %v: the server's side is the own one: %v", c.name, c.rows, line.stored.server)
					}
				}
			}
		}
	}
}

// An own client calls an own server every minute, and is once called back. The pair is the
// client's, who opened more, and both lines are of it.
func TestLinesOfBothDirectionsHaveTheScoreOfTheirPair(t *testing.T) {
	b := newBench(t)
	conn := func(at time.Time, from, to string, port int) string {
		return fmt.Sprintf(`{"_path":"conn","ts":%q,"uid":"C%d","id.orig_h":%q,"id.orig_p":50001,"id.resp_h":%q,"id.resp_p":%d,"proto":"tcp","conn_state":"SF"}`,
			at.Format(time.RFC3339), at.Unix(), from, to, port)
	}
	var records []string
	for minute := range 40 {
		records = append(records, conn(hourOf(10, minute), "10.1.1.6", "10.1.1.5", 443))
	}
	b.ingest(map[string]string{"conn.log": lines(append(records, conn(hourOf(11, 0), "10.1.1.5", "10.1.1.6", 8080))...)})
	beacons, err := b.pages.Beacons(t.Context(), ip("10.1.1.5"), List{})
	if err != nil || len(beacons.Items) != 1 || beacons.Items[0].Local != "10.1.1.6" {
		t.Fatalf("%v, %+v", err, beacons.Items)
	}
	got, err := b.pages.Connections(t.Context(), ip("10.1.1.5"), ConnectionFilter{})
	if err != nil || len(got.Items) != 2 {
		t.Fatal(err, got)
	}
	for _, line := range got.Items {
		if line.Direction != "out" || line.BeaconRank != 1 || line.Beacon == nil || *line.Beacon != beacons.Items[0].Score {
			t.Errorf("to port %d: %s, rank %d, score %v", line.Port, line.Direction, line.BeaconRank, line.Beacon)
		}
	}
}

// What an account's programs or a name's clients do regularly has a score on their pages, too:
// of such an entity the ledger has no role.
func TestBeaconsOfWhatIsNoAddress(t *testing.T) {
	b := newBench(t)
	var host, sensor []string
	for minute := range 40 {
		at := hourOf(10, minute)
		host = append(host, fmt.Sprintf(`{"@timestamp":%q,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":3,"Hostname":"ada-ws.example.test","UtcTime":%q,"ProcessGuid":"{00000000-0000-0000-0000-000000000001}","ProcessId":"77","Image":"C:\\Tools\\curl.exe","User":"EXAMPLE\\ada","Protocol":"tcp","Initiated":"true","SourceIp":"10.1.1.5","SourcePort":"50001","DestinationIp":"203.0.113.9","DestinationPort":"443"}`,
			at.Format(time.RFC3339), at.Format("2006-01-02 15:04:05.000")))
		sensor = append(sensor, fmt.Sprintf(`{"_path":"http","ts":%q,"uid":"H%d","id.orig_h":"10.1.1.6","id.orig_p":50003,"id.resp_h":"203.0.113.9","id.resp_p":80,"trans_depth":1,"method":"GET","host":"c2.example","uri":"/","status_code":200}`,
			at.Format(time.RFC3339), minute))
	}
	b.ingest(map[string]string{"sysmon.json": lines(host...), "http.log": lines(sensor...)})
	for _, c := range []struct {
		id    entity.ID
		local string
	}{
		{entity.ID{Kind: entity.Account, Value: `example\ada`}, "10.1.1.5"},
		{entity.ID{Kind: entity.Domain, Value: "c2.example"}, "10.1.1.6"},
	} {
		got, err := b.pages.Beacons(t.Context(), Request{ID: c.id}, List{})
		if err != nil || len(got.Items) != 1 || got.Items[0].Local != c.local || got.Items[0].Records != 40 {
			t.Errorf("%s: %v, %+v", c.id.Value, err, got)
			continue
		}
		if rows := b.sum(got.Query, 3); rows != 40 {
			t.Errorf("%s: its query gives %d records", c.id.Value, rows)
		}
		detail, ok, err := b.pages.BeaconDetail(t.Context(), Request{ID: c.id}, got.Items[0].BeaconPair())
		if err != nil || !ok || detail.Beacon.Score != got.Items[0].Score {
			t.Errorf("%s: %v, %v, %+v", c.id.Value, ok, err, detail)
		}
	}
}

// Of a program that others connect to, the port is its own: theirs is another each time.
func TestPortsOfAServersProcess(t *testing.T) {
	b := newBench(t)
	var host []string
	for minute := range 3 {
		at := hourOf(10, minute)
		host = append(host, fmt.Sprintf(`{"@timestamp":%q,"Channel":"Microsoft-Windows-Sysmon/Operational","SourceName":"Microsoft-Windows-Sysmon","EventID":3,"Hostname":"ada-ws.example.test","UtcTime":%q,"ProcessGuid":"{00000000-0000-0000-0000-000000000001}","ProcessId":"77","Image":"C:\\Tools\\httpd.exe","User":"EXAMPLE\\ada","Protocol":"tcp","Initiated":"false","SourceIp":"203.0.113.9","SourcePort":"%d","DestinationIp":"10.1.1.5","DestinationPort":"443"}`,
			at.Format(time.RFC3339), at.Format("2006-01-02 15:04:05.000"), 50_001+minute))
	}
	b.ingest(map[string]string{"sysmon.json": lines(host...)})
	got, err := b.pages.Contacts(t.Context(), ip("203.0.113.9"))
	if err != nil || len(got.Items) != 1 || len(got.Items[0].Processes) != 1 {
		t.Fatalf("%v, %+v", err, got)
	}
	if ports := got.Items[0].Processes[0].Ports; !slices.Equal(ports, []int64{443}) {
		t.Errorf("ports %v, want 443", ports)
	}
}
