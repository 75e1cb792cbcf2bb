package entitypage

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/content"
	"spoor/internal/entity"
	"spoor/internal/insight"
	"spoor/internal/network"
)

// 203.0.113.77 is nobody's end of a connection: a proxy that is believed asked for it (a
// request and one that made an alert), one that is not believed says so, too, a firewall
// translated 10.1.1.5 to it, and an alert of Sentinel lists it.
var translated = map[string]string{
	"http.log": lines(
		`{"_path":"http","ts":"2024-05-30T10:00:00Z","uid":"H1","id.orig_h":"10.9.0.1","id.orig_p":50001,"id.resp_h":"10.1.1.5","id.resp_p":80,"method":"GET","host":"shop.test","uri":"/","proxied":["X-FORWARDED-FOR -> 203.0.113.77"],"status_code":200}`,
		`{"_path":"http","ts":"2024-05-30T10:30:00Z","uid":"H2","id.orig_h":"198.51.100.3","id.orig_p":50002,"id.resp_h":"10.1.1.5","id.resp_p":80,"method":"GET","host":"shop.test","uri":"/","proxied":["X-FORWARDED-FOR -> 203.0.113.77"],"status_code":200}`,
	),
	"eve.json": lines(
		`{"timestamp":"2024-05-30T11:00:00.000000+0000","flow_id":1,"event_type":"alert","src_ip":"10.9.0.1","src_port":50003,"dest_ip":"10.1.1.5","dest_port":80,"proto":"TCP","alert":{"action":"allowed","gid":1,"signature_id":7,"rev":1,"signature":"Traversal","category":"Attack","severity":1},"http":{"hostname":"shop.test","url":"/..","http_method":"GET","xff":"203.0.113.77"},"flow":{"pkts_toserver":1}}`,
	),
	"logs.json": lines(
		`{"Type":"CommonSecurityLog","TimeGenerated":"2024-05-30T12:00:00Z","DeviceVendor":"Acme","DeviceProduct":"Wall","Activity":"traffic","DeviceAction":"allow","SourceIP":"10.1.1.5","SourceTranslatedAddress":"203.0.113.77","DestinationIP":"198.51.100.9","DestinationPort":443}`,
		`{"Type":"SecurityAlert","TimeGenerated":"2024-05-30T13:00:00Z","SystemAlertId":"s1","AlertName":"Impossible travel","AlertSeverity":"Medium","ProviderName":"Sentinel","Entities":"[{\"$id\":\"1\",\"Address\":\"203.0.113.77\",\"Type\":\"ip\"},{\"$id\":\"2\",\"Address\":\"203.0.113.78\",\"Type\":\"ip\"}]"}`,
	),
}

// Every part of the page obeys the roles of translated and forwarded addresses, and alerts
// say which part the address plays in their evidence.
func TestTranslatedAndForwarded(t *testing.T) {
	b := newBench(t)
	proxies := network.Range{Prefix: netip.MustParsePrefix("10.9.0.0/24"), Name: "proxies", TrustedProxy: true}
	if _, err := b.pages.Networks.Add(t.Context(), proxies); err != nil {
		t.Fatal(err)
	}
	insights, err := insight.Load(content.Insights, "insights")
	if err != nil {
		t.Fatal(err)
	}
	b.pages.Insights = insights
	b.ingest(translated)
	for _, c := range []struct {
		id       entity.ID
		role     entity.Roles
		sources  map[string]int64
		alerts   map[string][]string // roles by title
		insights []string            // with rows
	}{
		{
			entity.ID{Kind: entity.IP, Value: "203.0.113.77"},
			0,
			map[string]int64{"zeek.http": 1, "suricata.alert": 1, "sentinel.CommonSecurityLog": 1, "sentinel.SecurityAlert": 1},
			map[string][]string{"Traversal": {"forwarded"}, "Impossible travel": {}},
			[]string{"firewall", "forwarded-requests"},
		},
		{
			entity.ID{Kind: entity.IP, Value: "203.0.113.77"},
			entity.RoleForwarded,
			map[string]int64{"zeek.http": 1, "suricata.alert": 1},
			map[string][]string{"Traversal": {"forwarded"}},
			[]string{"forwarded-requests"},
		},
		{
			entity.ID{Kind: entity.IP, Value: "203.0.113.77"},
			entity.RoleNAT,
			map[string]int64{"sentinel.CommonSecurityLog": 1},
			map[string][]string{},
			[]string{"firewall"},
		},
		{entity.ID{Kind: entity.IP, Value: "203.0.113.77"}, entity.RoleSource, map[string]int64{}, map[string][]string{}, nil},
		{
			entity.ID{Kind: entity.CIDR, Value: "203.0.113.64/26"},
			entity.RoleForwarded,
			map[string]int64{"zeek.http": 1, "suricata.alert": 1},
			map[string][]string{"Traversal": {"forwarded"}},
			nil,
		},
		{entity.ID{Kind: entity.IP, Value: "203.0.113.78"}, 0, map[string]int64{"sentinel.SecurityAlert": 1}, map[string][]string{"Impossible travel": {}}, nil},
	} {
		req := Request{ID: c.id, Role: c.role, From: at(30, 0).Time(), To: at(31, 0).Time()}
		doc := b.document(req)
		sources := map[string]int64{}
		for _, s := range doc.Sources {
			if s.Records > 0 {
				sources[s.SourceKind] = s.Records
			}
		}
		alerts := map[string][]string{}
		for _, a := range doc.Alerts.Items {
			alerts[a.Title] = a.Roles
		}
		if diff := cmp.Diff(c.sources, sources) + cmp.Diff(c.alerts, alerts); diff != "" {
			t.Errorf("%s as %s (-want +got)\n%s", c.id.Value, c.role, diff)
		}
		if c.id.Kind.Many() {
			continue
		}
		list, err := b.pages.RunInsights(t.Context(), req, false)
		if err != nil {
			t.Fatal(err)
		}
		with := map[string]bool{}
		for _, item := range list.Items {
			if item.State == "failed" {
				t.Errorf("%s: %s", item.ID, item.Error)
			}
			if item.State == "rows" {
				with[item.ID] = true
			}
		}
		if diff := cmp.Diff(c.insights, slices.Sorted(maps.Keys(with))); diff != "" {
			t.Errorf("insights on %s as %s (-want +got)\n%s", c.id.Value, c.role, diff)
		}
	}
}

func (b *bench) document(req Request) *Document {
	b.Helper()
	doc, err := b.pages.Build(b.Context(), req)
	if err != nil {
		b.Fatal(err)
	}
	if len(doc.Errors) > 0 {
		b.Errorf("%s: %+v", req.ID.Value, doc.Errors)
	}
	return doc
}
