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
)

// everything is records of 203.0.113.9 and of those who deal with it that fill every list
// which is compared: who talks to it, its names, a machine that calls it every minute and
// touches another address, another server of the same name, logons and sign-ins, alerts.
func everything() map[string]string {
	files := map[string]string{}
	for _, logs := range []map[string]string{talk, named} {
		for name, text := range logs {
			files[fmt.Sprintf("%d-%s", len(files), name)] = text
		}
	}
	var calls []string
	for i := range 40 {
		calls = append(calls, sysmon3(hourOf(17, i).Format("2006-01-02T15:04:05.000Z"), 50100+i),
			fmt.Sprintf(`{"_path":"conn","ts":%q,"uid":"B%d","id.orig_h":"10.1.1.5","id.orig_p":%d,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","duration":1,"orig_bytes":100,"resp_bytes":1000,"conn_state":"SF"}`,
				hourOf(17, i).Format(time.RFC3339), i, 50100+i))
	}
	files["calls.json"] = lines(calls...)
	files["others.json"] = lines(
		strings.Replace(sysmon3("2024-05-30T17:50:00.000Z", 50200), "203.0.113.9", "198.51.100.20", 1),
		`{"_path":"conn","ts":"2024-05-30T17:51:00Z","uid":"I1","id.orig_h":"203.0.113.9","id.orig_p":8,"id.resp_h":"10.1.1.6","id.resp_p":0,"proto":"icmp","orig_bytes":56,"resp_bytes":56,"conn_state":"OTH"}`,
		`{"_path":"ssl","ts":"2024-05-30T17:52:00Z","uid":"S1","id.orig_h":"10.1.1.5","id.orig_p":50300,"id.resp_h":"203.0.113.77","id.resp_p":443,"server_name":"c2.example"}`,
	)
	files["defender.json"] = lines(
		`{"Type":"DeviceLogonEvents","Timestamp":"2024-05-30T10:00:00Z","DeviceName":"srv.example.test","DeviceId":"d1","AccountDomain":"EXAMPLE","AccountName":"ada","ActionType":"LogonSuccess","LogonType":"Network","RemoteIP":"10.1.1.6"}`,
		`{"Type":"DeviceLogonEvents","Timestamp":"2024-05-30T11:00:00Z","DeviceName":"srv.example.test","DeviceId":"d1","AccountName":"bob","ActionType":"LogonFailed","RemoteIP":"10.1.1.6"}`,
		`{"Type":"SigninLogs","TimeGenerated":"2024-05-30T10:00:00Z","IPAddress":"203.0.113.9","UserPrincipalName":"ada@example.test","AppDisplayName":"Portal","ResultType":"0"}`,
		`{"Type":"AlertEvidence","Timestamp":"2024-05-30T10:00:00Z","AlertId":"a1","Title":"Beacon","Severity":"High","RemoteIP":"203.0.113.9","EvidenceRole":"Related"}`,
		`{"Type":"AlertEvidence","Timestamp":"2024-05-30T11:00:00Z","AlertId":"a2","Title":"Scan","RemoteIP":"203.0.113.9","EvidenceRole":"Related"}`,
	)
	return files
}

func (b *bench) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// comparedParts are the parts that pages of a kind have.
func comparedParts(kind entity.Kind) []string {
	switch {
	case kind == entity.IP:
		return []string{"flows", "alerts", "footprint", "related", "own", "insights"}
	case kind.Many():
		return []string{"flows"}
	default:
		return []string{"flows", "alerts", "footprint", "insights"}
	}
}

// called lists what the items of a page's lists are called, by part and list.
func (b *bench) called(req Request) map[string][]string {
	b.Helper()
	ctx, p := b.Context(), b.pages
	lists := map[string][]string{}
	add := func(list, name string) { lists[list] = append(lists[list], name) }

	doc, err := p.Build(ctx, req)
	b.must(err)
	for _, d := range doc.Devices.Items {
		add("page devices", d.CompareAs)
	}
	for _, peer := range doc.Peers.Items {
		add("page peers", peer.Address)
	}
	for _, s := range doc.Sources {
		add("page sources", s.SourceKind)
	}
	for _, h := range doc.Holders {
		add("page holders", h.DeviceName)
	}
	if doc.Many != nil {
		for _, a := range doc.Many.Addresses.Items {
			add("page addresses", a.Address)
		}
	}
	contacts, err := p.Contacts(ctx, req)
	b.must(err)
	for _, c := range contacts.Items {
		add("page devices", c.CompareAs)
	}

	connections, err := p.Connections(ctx, req, ConnectionFilter{})
	b.must(err)
	for _, c := range connections.Items {
		add("flows connections", c.CompareAs)
	}
	flow, err := p.ConnectionFlow(ctx, req, "")
	b.must(err)
	for _, kind := range flow.Kinds {
		of, err := p.ConnectionFlow(ctx, req, kind.SourceKind)
		b.must(err)
		for _, l := range of.Links {
			add("flows links", l.CompareAs)
		}
	}
	beacons, err := p.Beacons(ctx, req, List{})
	b.must(err)
	for _, pair := range beacons.Items {
		add("flows beacons", pair.CompareAs)
		detail, ok, err := p.BeaconDetail(ctx, req, pair.BeaconPair())
		b.must(err)
		if !ok || detail.Beacon.CompareAs != pair.CompareAs {
			b.Errorf("alone, the pair %q is called %q", pair.CompareAs, detail.Beacon.CompareAs)
		}
	}
	if !req.ID.Kind.Many() {
		b.addCalled(req, add)
	}
	return lists
}

// addCalled adds what one entity alone has.
func (b *bench) addCalled(req Request, add func(list, name string)) {
	b.Helper()
	ctx, p := b.Context(), b.pages

	alerts, err := p.Alerts(ctx, req, Alerts{})
	b.must(err)
	for severity := range alerts.BySeverity {
		add("alerts severities", severity)
	}
	for _, a := range alerts.Items {
		add("alerts alerts", a.Title)
	}

	f, err := p.Footprint(ctx, req)
	b.must(err)
	for _, r := range f.DNS.Items {
		add("footprint dns", r.CompareAs)
	}
	for _, c := range f.Certificates.Items {
		add("footprint certificates", c.CompareAs)
	}
	for _, s := range f.Services.Items {
		add("footprint services", s.CompareAs)
	}
	for _, pair := range f.HostPairs.Items {
		add("footprint hostPairs", pair.CompareAs)
	}
	for _, c := range f.Components.Items {
		add("footprint components", c.CompareAs)
	}
	for _, c := range f.Cookies.Items {
		add("footprint cookies", c.CompareAs)
	}
	for _, s := range f.Subdomains.Items {
		add("footprint subdomains", s.Name)
	}

	insights, err := p.RunInsights(ctx, req, false)
	b.must(err)
	for _, item := range insights.Items {
		for _, name := range item.CompareAs {
			add("insights "+item.ID, name)
		}
	}

	if req.ID.Kind != entity.IP {
		return
	}
	names, err := p.Names(ctx, req)
	b.must(err)
	for _, n := range names.Items {
		add("flows names", n.Name)
	}
	for _, by := range []string{"process", "shown"} {
		related, err := p.Related(ctx, req, by)
		b.must(err)
		for _, g := range related.Groups {
			for _, item := range g.Items {
				add("related "+by, item.CompareAs)
			}
		}
	}
	own, err := p.OwnUse(ctx, req)
	b.must(err)
	for _, l := range own.Logons {
		add("own logons", l.CompareAs)
	}
	for _, e := range own.Exposure {
		add("own exposure", e.CompareAs)
	}
}

// compared lists what a comparison calls all that is on one side alone, or else the same on
// both, by part and list.
func (b *bench) compared(req, other Request, state string) map[string][]string {
	b.Helper()
	lists := map[string][]string{}
	add := func(part string, differences map[string]Difference) {
		b.Helper()
		for list, d := range differences {
			lists[part+" "+list] = d.SameNames
			if (len(d.SameNames) > 0) != (d.Same > 0) || d.Same > 0 && state != "same" {
				b.Errorf("%s %s: %d are the same, want %s: %q", part, list, d.Same, state, d.SameNames)
			}
			for _, item := range d.Items {
				if item.State != state {
					b.Errorf("%s %s: %q is %s, want %s", part, list, item.Name, item.State, state)
				}
				lists[part+" "+list] = append(lists[part+" "+list], item.Name)
			}
		}
	}
	page, err := b.pages.Compare(b.Context(), req, other)
	if err != nil {
		b.Fatal(err)
	}
	add("page", page.Lists)
	for _, part := range comparedParts(req.ID.Kind) {
		got, err := b.pages.ComparePart(b.Context(), req, other, part)
		if err != nil || len(got.Errors) > 0 {
			b.Fatal(part, err, got.Errors)
		}
		add(part, got.Lists)
	}
	return lists
}

// A page beside a period without a record, and beside itself: what is new, or the other way
// round gone, and what is the same is called in every list what the items of the list say,
// and so it is found there.
func TestItemsSayWhatAComparisonCallsThem(t *testing.T) {
	insights, err := insight.Load(content.Insights, "insights")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.pages.Insights = insights
	b.ingest(everything())
	filled := map[string]bool{}
	for _, id := range []entity.ID{
		ip("203.0.113.9").ID, ip("10.1.1.5").ID, ip("10.1.1.6").ID,
		{Kind: entity.Domain, Value: "c2.example"},
		{Kind: entity.Device, Value: "ada-ws.example.test"},
		{Kind: entity.CIDR, Value: "203.0.113.0/24"},
	} {
		req := Request{ID: id, From: hourOf(0, 0), To: hourOf(24, 0)}
		before := Request{ID: id, From: at(1, 0).Time(), To: at(2, 0).Time()}
		called := b.called(req)
		for state, sides := range map[string][2]Request{"new": {req, before}, "gone": {before, req}, "same": {req, req}} {
			for list, names := range b.compared(sides[0], sides[1], state) {
				switch {
				case list == "flows processes", list == "flows ports", list == "flows names" && id.Kind != entity.IP:
					continue // the page does not list them
				}
				slices.Sort(names)
				items := slices.Compact(slices.Sorted(slices.Values(called[list])))
				if diff := cmp.Diff(names, items, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, %s of %s (-comparison +items)\n%s", list, state, id.Value, diff)
				}
				filled[list] = filled[list] || len(items) > 0
			}
		}
	}
	for list, is := range filled {
		if !is && !strings.HasPrefix(list, "insights ") {
			t.Errorf("no page has anything in %s", list)
		}
	}
	if !filled["insights sign-ins"] {
		t.Error("no insight has a row")
	}
}
