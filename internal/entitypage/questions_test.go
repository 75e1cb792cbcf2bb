package entitypage

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// A new peer of an own address is one never seen with it before the period.
func TestNewPeers(t *testing.T) {
	b := newBench(t)
	b.held("ws1.example.org", at(20, 9))
	b.saw("10.1.1.5", "zeek.conn", "", "198.51.100.1", at(2, 9), at(2, 9), 1, source, schema.OutcomeEstablished)
	b.saw("10.1.1.5", "zeek.conn", "", "198.51.100.1", at(20, 9), at(20, 9), 3, source, schema.OutcomeEstablished)
	b.saw("10.1.1.5", "zeek.conn", "", "198.51.100.2", at(20, 9), at(20, 9), 2, source, schema.OutcomeRefused)
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.IP, Value: "10.1.1.5"}, From: at(19, 0).Time(), To: at(22, 0).Time()}
	got, err := b.pages.OwnUse(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if got.Peers != 2 || got.NewPeers != 1 || len(got.New) != 1 || got.New[0].Address != "198.51.100.2" || got.New[0].Records != 2 {
		t.Errorf("%d peers, %d new: %+v", got.Peers, got.NewPeers, got.New)
	}
	doc := b.build("10.1.1.5", req.From, req.To)
	const answer = "an own address of ws1.example.org: it reached 1 address (1 more tried), 0 addresses reached it, " +
		"first 2024-05-20 09:00:00, last 2024-05-20 09:00:00; 5 zeek.conn records (2 refused), 50 B out, 100 B in; nothing blocked"
	if doc.Headline.Text != answer {
		t.Errorf("the answer is\n%s, want\n%s", doc.Headline.Text, answer)
	}
}

// The neighbours of an address are those of its /24 that were seen in the period.
func TestNeighbours(t *testing.T) {
	b := newBench(t)
	for _, address := range []string{"203.0.113.9", "203.0.113.200", "203.0.114.1"} {
		b.saw(address, "zeek.conn", "", "10.1.1.5", at(20, 9), at(20, 9), 2, destination, schema.OutcomeEstablished)
	}
	b.saw("203.0.113.77", "zeek.conn", "", "10.1.1.5", at(1, 9), at(1, 9), 2, destination, schema.OutcomeEstablished)
	b.commit()
	req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.9"}, From: at(19, 0).Time(), To: at(22, 0).Time()}
	got, err := b.pages.Related(t.Context(), req, "neighbours")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Groups) != 1 || got.Groups[0].Value != "203.0.113.0/24" || got.Groups[0].Total != 1 || got.Groups[0].Items[0].Address != "203.0.113.200" {
		t.Errorf("%+v", got.Groups)
	}
}

// The neighbours are those that the page of the prefix lists, with the same numbers, also
// when the period begins and ends within a day and several sources tell of one pair.
func TestNeighboursAreThoseOfThePrefix(t *testing.T) {
	b := newBench(t)
	rng := rand.New(rand.NewPCG(7, 1))
	kinds := []string{"zeek.conn", "sysmon.3", "zeek.dns", "suricata.alert"}
	for range 3 {
		for range 400 {
			first := at(18+rng.IntN(6), 0) + schema.Ticks(rng.IntN(24))*schema.TicksPerHour
			last := first + schema.Ticks(rng.IntN(24-int((first%schema.TicksPerDay)/schema.TicksPerHour)))*schema.TicksPerHour
			roles := destination
			if rng.IntN(10) == 0 {
				roles = entity.RoleMentioned
			}
			b.saw(fmt.Sprintf("203.0.113.%d", rng.IntN(40)), kinds[rng.IntN(len(kinds))], []string{"", "ws1.example.org"}[rng.IntN(2)],
				fmt.Sprintf("10.1.1.%d", 5+rng.IntN(3)), first, last, 1+rng.Int64N(9), roles, schema.OutcomeEstablished)
		}
		b.held("ws1.example.org", at(20, 9))
		b.commit()
	}
	for _, hours := range [][2]int{{0, 24}, {7, 15}, {13, 1}} {
		req := Request{ID: entity.ID{Kind: entity.IP, Value: "203.0.113.9"}, From: at(19, hours[0]).Time(), To: at(22, hours[1]).Time()}
		got, err := b.pages.Related(t.Context(), req, "neighbours")
		if err != nil {
			t.Fatal(err)
		}
		req.ID = entity.ID{Kind: entity.CIDR, Value: "203.0.113.0/24"}
		page, err := b.pages.Addresses(t.Context(), req, List{Sort: "records"})
		if err != nil {
			t.Fatal(err)
		}
		var want []RelatedItem
		for _, a := range page.Items {
			if a.Address != "203.0.113.9" && len(want) < 20 {
				want = append(want, RelatedItem{Address: a.Address, Records: a.Records, Devices: a.Devices, First: a.First, Last: a.Last})
			}
		}
		if len(got.Groups) != 1 || got.Groups[0].Total != page.Total-1 || !slices.Equal(got.Groups[0].Items, want) {
			t.Errorf("from %s to %s:\ngot  %+v\nwant %d: %+v", req.From, req.To, got.Groups, page.Total-1, want)
		}
	}
}

var rare = regexp.MustCompile(`; (rarer than|no external address) [^;]*`)

// The answer of an external address says outcome and direction first; a device that only
// tried is no contact.
func TestAnswerLeadsWithOutcome(t *testing.T) {
	b := newBench(t)
	b.held("ws1.example.org", at(30, 9))
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 9), 5, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.6", at(30, 11), at(30, 11), 2, destination, schema.OutcomeUnanswered)
	b.saw("203.0.113.10", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 9), 3, entity.RoleSource|entity.RoleRemote, schema.OutcomeEstablished)
	b.saw("203.0.113.11", "zeek.conn", "", "10.1.1.6", at(30, 7), at(30, 7), 2, destination, schema.OutcomeRefused)
	b.saw("203.0.113.11", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 10), 4, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.12", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 9), 1, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.12", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 9), 1, entity.RoleSource|entity.RoleRemote, schema.OutcomeEstablished)
	b.commit()
	for address, want := range map[string]string{
		"203.0.113.12": "1 device was in contact with it (all established, opened from both sides), " +
			"first 2024-05-30 09:00:00 from ws1.example.org, last 2024-05-30 09:00:00 from ws1.example.org; " +
			"2 zeek.conn records, 20 B out, 40 B in; nothing blocked",
		"203.0.113.11": "1 device connected to it (all established, opened from inside), 1 more without success, " +
			"first 2024-05-30 07:00:00 from 10.1.1.6 (first contact 2024-05-30 09:00:00 from ws1.example.org), " +
			"last 2024-05-30 10:00:00 from ws1.example.org; " +
			"6 zeek.conn records (2 refused), 60 B out, 120 B in; nothing blocked",
		"203.0.113.9": "1 device connected to it (all established, opened from inside), 1 more without success, " +
			"first 2024-05-30 09:00:00 from ws1.example.org, last 2024-05-30 11:00:00 from 10.1.1.6; " +
			"7 zeek.conn records (2 unanswered), 70 B out, 140 B in; nothing blocked",
		"203.0.113.10": "it connected to 1 device (all established, opened from outside), " +
			"first 2024-05-30 09:00:00 on ws1.example.org, last 2024-05-30 09:00:00 on ws1.example.org; " +
			"3 zeek.conn records, 30 B out, 60 B in; nothing blocked",
	} {
		doc := b.build(address, at(30, 0).Time(), at(31, 0).Time())
		// How rare it is comes when it has been counted in the background.
		if got := rare.ReplaceAllString(doc.Headline.Text, ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", address, got, want)
		}
	}
}

// A record that tells neither who reported it nor who was at the other end, as one of a
// transferred file, is of no host.
func TestHostsOfAKindThatNamesNone(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.files", "", "", at(30, 9), at(30, 9), 5, entity.RoleSource, schema.OutcomeNone)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 9), at(30, 9), 2, destination, schema.OutcomeEstablished)
	b.commit()
	got := map[string][]int64{}
	for _, s := range b.build("203.0.113.9", at(30, 0).Time(), at(31, 0).Time()).Sources {
		got[s.SourceKind] = []int64{s.Records, s.Hosts, s.ByDay[0].Records, s.ByDay[0].Hosts}
	}
	if diff := cmp.Diff(map[string][]int64{"zeek.files": {5, 0, 5, 0}, "zeek.conn": {2, 1, 2, 1}}, got); diff != "" {
		t.Errorf("records and hosts, of all days and of the first (-want +got):\n%s", diff)
	}
}

// What an address shares with others, what came from it and who got through to it obey the
// role: a server is no source, and what others opened to an own address is none of its own.
func TestQuestionsObeyTheRole(t *testing.T) {
	b := newBench(t)
	logs := maps.Clone(named)
	logs["other.log"] = lines(
		`{"_path":"ssl","ts":"2024-05-30T13:30:00Z","uid":"C9","id.orig_h":"10.1.1.5","id.orig_p":50009,"id.resp_h":"203.0.113.77","id.resp_p":443,"version":"TLSv12","server_name":"c2.example","established":true}`,
		`{"_path":"conn","ts":"2024-05-30T14:00:00Z","uid":"I1","id.orig_h":"203.0.113.80","id.orig_p":40000,"id.resp_h":"10.1.1.5","id.resp_p":22,"proto":"tcp","conn_state":"SF","history":"ShADadFf","orig_bytes":10,"resp_bytes":10}`,
	)
	b.ingest(logs)
	request := func(address string, role entity.Roles) Request {
		req := ip(address)
		req.Role = role
		return req
	}
	for role, want := range map[entity.Roles]int{0: 1, entity.RoleDestination: 1, entity.RoleSource: 0, entity.RoleNAT: 0} {
		got, err := b.pages.Related(t.Context(), request("203.0.113.9", role), "shown")
		if err != nil || len(got.Groups) != want {
			t.Errorf("role %q: %d groups of others with its names, %v; want %d", role, len(got.Groups), err, want)
		}
		list, err := b.pages.Contacts(t.Context(), request("203.0.113.9", role))
		if err != nil {
			t.Fatal(err)
		}
		if filtered := strings.Contains(list.Files, "where false"); filtered != (role != 0 && role != entity.RoleSource) {
			t.Errorf("role %q: files by %s", role, list.Files)
		}
	}
	for role, want := range map[entity.Roles]int{0: 1, entity.RoleDestination: 1, entity.RoleLocal: 1, entity.RoleSource: 0} {
		got, err := b.pages.OwnUse(t.Context(), request("10.1.1.5", role))
		if err != nil || len(got.Exposure) != want {
			t.Errorf("role %q: exposed on %d ports, %v; want %d", role, len(got.Exposure), err, want)
		}
		if filtered := strings.Contains(got.LogonsQuery, "where false"); filtered != (role != 0 && role != entity.RoleSource) {
			t.Errorf("role %q: logons by %s", role, got.LogonsQuery)
		}
	}
}

// What an address shares with others is what the query that is shown gives, whether the
// values are so few that they are written out or not.
func TestSharedIsWhatItsQueryGives(t *testing.T) {
	ssl := func(n int, server, name string) string {
		return fmt.Sprintf(`{"_path":"ssl","ts":"2024-05-30T13:%02d:00Z","uid":"C%d","id.orig_h":"10.1.1.5","id.orig_p":50009,"id.resp_h":"%s","id.resp_p":443,"server_name":"%s"}`,
			n%60, n, server, name)
	}
	for _, names := range []int{3, writtenOut, writtenOut + 1} {
		b := newBench(t)
		var records []string
		for n := range names {
			name := fmt.Sprintf(`n%d\"x\\\\.example`, n) // with marks that a literal must quote
			records = append(records, ssl(n, "203.0.113.9", name), ssl(n+7, "203.0.113.77", name))
			if n%2 == 0 {
				records = append(records, ssl(n, "203.0.113.78", name))
			}
		}
		b.ingest(map[string]string{"ssl.log": lines(append(records, ssl(1, "203.0.113.79", "else.example"))...)})
		got, err := b.pages.Related(t.Context(), ip("203.0.113.9"), "shown")
		if err != nil || len(got.Groups) != min(names, relatedGroups) {
			t.Fatalf("%d names: %d groups, %v", names, len(got.Groups), err)
		}
		of := map[string][]string{}
		if err := b.pages.KQL(t.Context(), got.Groups[0].Query, func(row []any) {
			of[text(row[0])] = append(of[text(row[0])], fmt.Sprint(row[1:4]))
		}); err != nil {
			t.Fatal(err)
		}
		for _, g := range got.Groups {
			var items []string
			for _, i := range g.Items {
				items = append(items, fmt.Sprint([]any{i.Address, i.Records, i.Devices}))
			}
			if !slices.Equal(items, of[g.Value]) || int64(len(items)) != g.Total {
				t.Errorf("%d names: of %s %v; its query gives %v", names, g.Value, items, of[g.Value])
			}
		}
		if others := len(of); others != names || got.Asked[0].Of != names {
			t.Errorf("%d names: %d of %d are shown by others", names, others, got.Asked[0].Of)
		}
	}
}

// A certificate that two servers show is shared, however the sensor that saw it writes its
// fingerprint; the authority's in the chain behind it is not.
func TestSharedCertificate(t *testing.T) {
	b := newBench(t)
	zeek := func(uid, server, chain string) string {
		return fmt.Sprintf(`{"_path":"ssl","ts":"2024-05-30T13:00:00Z","uid":%q,"id.orig_h":"10.1.1.5","id.orig_p":50001,"id.resp_h":%q,"id.resp_p":443,"cert_chain_fps":%s}`, uid, server, chain)
	}
	suricata := func(server, fingerprint string) string {
		return fmt.Sprintf(`{"timestamp":"2024-05-30T13:00:00.000000+0000","flow_id":7,"event_type":"tls","src_ip":"10.1.1.5","src_port":50002,"dest_ip":%q,"dest_port":443,"proto":"TCP","tls":{"fingerprint":%q}}`, server, fingerprint)
	}
	b.ingest(map[string]string{
		"ssl.log":  lines(zeek("C1", "203.0.113.9", `["aabb01","caca02"]`), zeek("C2", "203.0.113.77", `["aabb01","caca02"]`), zeek("C3", "203.0.113.78", `["ddee03","caca02"]`)),
		"eve.json": lines(suricata("203.0.113.9", "11:22:33"), suricata("203.0.113.79", "11:22:33")),
	})
	got, err := b.pages.Related(t.Context(), ip("203.0.113.9"), "shown")
	if err != nil {
		t.Fatal(err)
	}
	others := map[string]string{}
	for _, g := range got.Groups {
		for _, item := range g.Items {
			others[g.By+" "+g.Value] += item.Address
		}
	}
	if diff := cmp.Diff(map[string]string{"certificate aabb01": "203.0.113.77", "certificate 112233": "203.0.113.79"}, others); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Two devices are in contact: one program on each, of the same name and of two accounts.
func TestContactsCountProgramsAndAccounts(t *testing.T) {
	b := newBench(t)
	other := strings.NewReplacer("ada-ws.example.test", "bob-ws.example.test", `EXAMPLE\\ada`, `EXAMPLE\\bob`, "10.1.1.5", "10.1.1.6", "curl.exe", "CURL.EXE")
	b.ingest(map[string]string{
		"ada.json": lines(sysmon3("2024-05-30T10:00:00.000Z", 50001), sysmon3("2024-05-30T11:00:00.000Z", 50002)),
		"bob.json": lines(other.Replace(sysmon3("2024-05-30T12:00:00.000Z", 50003))),
	})
	got, err := b.pages.Contacts(t.Context(), ip("203.0.113.9"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Total != 2 || got.Programs != 1 || got.Accounts != 2 {
		t.Errorf("%d devices, %d programs, %d accounts; want 2, 1, 2", got.Total, got.Programs, got.Accounts)
	}
}
