package ledger_test

import (
	"cmp"
	"net/netip"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
	"spoor/internal/ledger"
	"spoor/internal/schema"
	"spoor/internal/store"
)

var (
	network = schema.Default().MustTable("DeviceNetworkEvents")
	secEvt  = schema.Default().MustTable("SecurityEvent")
	noon    = schema.DayStart(738000) + 12*schema.TicksPerHour
)

// sysmon3 is an outbound connection as a host reports it.
func sysmon3(at schema.Ticks, raw int64, remote string) *ledger.Event {
	row := schema.NewRow(network)
	row.SetString("DeviceName", "ws1.corp.example")
	row.SetString("ActionType", "ConnectionSuccess")
	row.SetString("LocalIP", "10.1.1.5")
	row.SetString("RemoteIP", remote)
	row.SetInt("RemotePort", 443)
	row.SetString("InitiatingProcessFileName", "curl.exe")
	row.SetString("InitiatingProcessAccountDomain", "CORP")
	row.SetString("InitiatingProcessAccountName", "Alice")
	local, other := netip.MustParseAddr("10.1.1.5"), netip.MustParseAddr(remote)
	return &ledger.Event{
		SourceKind: "sysmon.3", Source: 1, Site: "hq", RawID: schema.NewRawID(1, raw), Time: at,
		Device: "ws1.corp.example", DeviceID: "d1", Rows: []schema.Row{row},
		Flow: ledger.Flow{
			Source: local, Destination: other, Local: local, Remote: other,
			Outcome: schema.OutcomeEstablished, BytesOut: 10, BytesIn: 20,
		},
	}
}

func fold(events ...*ledger.Event) []store.Sighting {
	f := ledger.NewFolder()
	for _, ev := range events {
		f.Add(ev)
	}
	got := f.Sightings()
	slices.SortFunc(got, func(a, b store.Sighting) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Day, b.Day))
	})
	return got
}

func TestFoldConnection(t *testing.T) {
	later := noon + schema.TicksPerHour
	got := fold(sysmon3(later, 8, "203.0.113.9"), sysmon3(noon, 7, "203.0.113.9"))
	sighting := func(kind entity.Kind, id, peer string, roles entity.Roles) store.Sighting {
		return store.Sighting{
			SightingKey: store.SightingKey{
				Kind: kind, Entity: id, SourceKind: "sysmon.3", Source: 1, Site: "hq",
				Device: "ws1.corp.example", DeviceID: "d1", Peer: peer, Table: "DeviceNetworkEvents",
				Day: 738000, Roles: roles, Outcome: schema.OutcomeEstablished,
			},
			Records: 2, First: noon, Last: later, BytesOut: 20, BytesIn: 40,
			LastEvent: store.LastEvent{
				RawID: schema.NewRawID(1, 8), Process: "curl.exe", Account: `corp\alice`, Port: 443, Action: "ConnectionSuccess",
			},
		}
	}
	want := []store.Sighting{
		sighting(entity.Account, `corp\alice`, "203.0.113.9", 0),
		sighting(entity.Device, "ws1.corp.example", "203.0.113.9", entity.RoleLocal),
		sighting(entity.IP, "10.1.1.5", "203.0.113.9", entity.RoleSource|entity.RoleLocal),
		sighting(entity.IP, "203.0.113.9", "10.1.1.5", entity.RoleDestination|entity.RoleRemote),
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

// A record whose two ends are equal counts once, in every role; a copy in another
// table adds nothing; a literal that stands in a column too is no mention.
func TestFoldCountsARecordOnce(t *testing.T) {
	ev := sysmon3(noon, 1, "10.1.1.5")
	row := schema.NewRow(secEvt)
	row.SetString("IpAddress", "10.1.1.5")
	row.SetString("EventData", "<Data>10.1.1.5</Data><Data>198.51.100.1</Data>")
	ev.Rows = append(ev.Rows, row)
	roles := map[string]entity.Roles{}
	for _, s := range fold(ev) {
		if s.Kind == entity.IP {
			if s.Records != 1 {
				t.Errorf("%s has %d records", s.Entity, s.Records)
			}
			if s.Table != "DeviceNetworkEvents" {
				t.Errorf("%s is counted in %s", s.Entity, s.Table)
			}
			roles[s.Entity] = s.Roles
		}
	}
	want := map[string]entity.Roles{
		"10.1.1.5":     entity.RoleSource | entity.RoleDestination | entity.RoleLocal | entity.RoleRemote,
		"198.51.100.1": entity.RoleMentioned,
	}
	if diff := gocmp.Diff(want, roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestFoldKeepsDaysApart(t *testing.T) {
	got := fold(sysmon3(schema.DayStart(738001)-1, 1, "203.0.113.9"), sysmon3(schema.DayStart(738001), 2, "203.0.113.9"))
	days := map[int32]int64{}
	for _, s := range got {
		if s.Entity == "203.0.113.9" {
			days[s.Day] += s.Records
		}
	}
	if diff := gocmp.Diff(map[int32]int64{738000: 1, 738001: 1}, days); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestFoldURL(t *testing.T) {
	for url, want := range map[string][]string{
		"http://CDN.example.net:8080/a?b": {"domain cdn.example.net", "url http://cdn.example.net:8080/a?b"},
		"cdn.example.net/a":               {"domain cdn.example.net"},
		"https://203.0.113.80/x":          {"ip 203.0.113.80", "url https://203.0.113.80/x"},
		"https://u:p@cdn.example.net/":    {"domain cdn.example.net", "url https://u:p@cdn.example.net/"},
		"not a url":                       nil,
	} {
		row := schema.NewRow(network)
		row.SetString("RemoteUrl", url)
		var got []string
		for _, s := range fold(&ledger.Event{SourceKind: "x", Time: noon, Rows: []schema.Row{row}}) {
			got = append(got, string(s.Kind)+" "+s.Entity)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
}

// mentions are the addresses found in a text that is in no address column.
func mentions(text string) []string {
	row := schema.NewRow(schema.Default().MustTable(schema.SpoorRaw))
	row.SetString("Message", text)
	var got []string
	for _, s := range fold(&ledger.Event{SourceKind: "x", Time: noon, Rows: []schema.Row{row}}) {
		if s.Kind == entity.IP && s.Roles == entity.RoleMentioned {
			got = append(got, s.Entity)
		}
	}
	return got
}

func TestMentions(t *testing.T) {
	for text, want := range map[string][]string{
		"from 1.2.3.4 port 22":                  {"1.2.3.4"},
		"1.2.3.4":                               {"1.2.3.4"},
		"ends with 1.2.3.4.":                    {"1.2.3.4"},
		"1.2.3.4:80, 5.6.7.8:443":               {"1.2.3.4", "5.6.7.8"},
		"connected:1.2.3.4":                     {"1.2.3.4"},
		"[2001:db8::7]:443":                     {"2001:db8::7"},
		"name;::ffff:9.8.7.6;":                  {"9.8.7.6"},
		`{"a":"fe80::1%eth0"}`:                  {"fe80::1"},
		"4.3.2.1.in-addr.arpa":                  {"1.2.3.4"},
		"3.2.1.in-addr.arpa":                    nil,
		"version 1.2.3.4.5":                     nil,
		"v1.2.3.4":                              nil,
		"1.2.3.4-beta, 1.2.3.4x":                {"1.2.3.4"},
		"12:34:56 00:11:22:33:44:55":            nil,
		"[Convert]::FromBase64String std::vec":  nil,
		"0.0.0.0 and ::":                        nil,
		"300.1.1.1":                             nil,
		"http://1.2.3.4.example.com/":           nil,
		"8.b.d.0.1.0.0.2.ip6.arpa is too short": nil,
		"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa": {"2001:db8::7"},
	} {
		if diff := gocmp.Diff(want, mentions(text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzMentions(f *testing.F) {
	for _, s := range []string{"1.2.3.4:80", "::ffff:1.2.3.4;", "4.3.2.1.in-addr.arpa", "a:b:c:d::1.", "....::::"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, a := range mentions(text) {
			if entity.CanonicalAddress(a) != a {
				t.Errorf("%q mentions %q, which is not canonical", text, a)
			}
		}
	})
}

func BenchmarkFold(b *testing.B) {
	row := schema.NewRow(network)
	row.SetString("ActionType", "ConnectionSuccess")
	row.SetString("LocalIP", "10.1.1.5")
	row.SetString("RemoteIP", "203.0.113.9")
	row.SetInt("RemotePort", 443)
	row.SetString("AdditionalFields", `{"conn_state":"SF","duration":0.0023,"history":"ShADadFf","missed_bytes":0,"uid":"CYl7H53iN6mY9NyXJ8"}`)
	local, remote := netip.MustParseAddr("10.1.1.5"), netip.MustParseAddr("203.0.113.9")
	ev := &ledger.Event{
		SourceKind: "zeek.conn", Site: "hq", Time: noon, Rows: []schema.Row{row},
		Flow: ledger.Flow{Source: local, Destination: remote, Local: local, Remote: remote},
	}
	f := ledger.NewFolder()
	b.ReportAllocs()
	for b.Loop() {
		f.Add(ev)
	}
}
