package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"spoor/internal/insight"
	"spoor/internal/schema"
)

// PartComparison sets the lists of one part of a page beside those of another page.
type PartComparison struct {
	Lists  map[string]Difference `json:"lists" doc:"by the name of the list; of insights by their ids"`
	Errors []SectionError        `json:"errors,omitempty" doc:"lists that could not be compared"`
}

// tallier counts what stands in one list of a page.
type tallier func(ctx context.Context, v *view) (tallied, error)

// comparedLists are the lists of a part of a page that reads events. All of a list is
// counted, also what its section cuts off.
func (p *Pages) comparedLists(part string, v *view) map[string]tallier {
	switch part {
	case "flows":
		return map[string]tallier{
			"connections": p.tallyConnections, "ports": p.tallyPorts, "processes": tallyProcesses, "names": tallyNames,
			"links": tallyLinks, "beacons": p.tallyBeacons,
		}
	case "alerts":
		return map[string]tallier{"alerts": tallyAlerts(titleOf), "severities": tallyAlerts(severityOf)}
	case "footprint":
		return map[string]tallier{
			"dns": tallyDNS, "certificates": tallyCertificates, "services": tallyServices, "hostPairs": tallyHostPairs,
			"components": tallyComponents, "cookies": tallyCookies, "subdomains": tallySubdomains,
		}
	case "related":
		return map[string]tallier{"process": tallySameProcesses, "shown": tallySameShown}
	case "own":
		return map[string]tallier{"logons": tallyLogons, "exposure": tallyExposure}
	case "insights":
		lists := map[string]tallier{}
		for i := range p.Insights {
			if in := &p.Insights[i]; slices.Contains(in.Kinds, v.req.ID.Kind) {
				lists[in.ID] = p.tallyInsight(in)
			}
		}
		return lists
	default:
		return nil
	}
}

// ComparePart sets the lists of a part of a page beside those of another page; other as for
// Compare. The parts are flows, alerts, footprint, related, own and insights; any other has
// no lists. A list that cannot be counted has its error.
func (p *Pages) ComparePart(ctx context.Context, req, other Request, part string) (*PartComparison, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	w, err := p.resolved(ctx, beside(req, other, v.window.from.Time(), v.window.to.Time()))
	if err != nil {
		return nil, err
	}
	out := &PartComparison{Lists: map[string]Difference{}}
	var filling sync.Mutex
	var asks []func() error
	for name, tally := range p.comparedLists(part, v) {
		asks = append(asks, func() error {
			var a, b tallied
			err := together(
				func() (err error) { a, err = tally(ctx, v); return err },
				func() (err error) { b, err = tally(ctx, w); return err },
			)
			filling.Lock()
			defer filling.Unlock()
			if err != nil {
				out.Errors = append(out.Errors, SectionError{Section: name, Reason: err.Error()})
				return nil
			}
			out.Lists[name] = difference(a.most(), b.most())
			return nil
		})
	}
	_ = together(asks...) // none of them fails
	slices.SortFunc(out.Errors, func(a, b SectionError) int { return cmp.Compare(a.Section, b.Section) })
	return out, ctx.Err()
}

// tallied is records by name and source kind. Kinds see the same, so that the one with most
// counts.
type tallied map[string]map[string]compared

func (t tallied) add(name, kind string, records int64, contacted bool) {
	if t[name] == nil {
		t[name] = map[string]compared{}
	}
	c := t[name][kind]
	t[name][kind] = compared{records: c.records + records, contacted: c.contacted || contacted}
}

func (t tallied) most() map[string]compared {
	out := make(map[string]compared, len(t))
	for name, kinds := range t {
		var all compared
		for _, c := range kinds {
			all = compared{max(all.records, c.records), all.contacted || c.contacted, max(all.score, c.score)}
		}
		out[name] = all
	}
	return out
}

// nameOf makes the name of one of a list from its parts; those that are empty are left out.
//
// What a comparison calls an item is said once: where no field of the item is its name
// anyway, as the address is of a peer, it carries it in CompareAs, and the list is counted by
// the same.
func nameOf(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// otherEnd is whom an address dealt with; of other pages both ends.
func (v *view) otherEnd(local, remote string) string {
	switch v.req.ID.Value {
	case local:
		return remote
	case remote:
		return local
	default:
		return local + " " + remote
	}
}

func portName(port int64, protocol string) string {
	return nameOf(strconv.FormatInt(port, 10), protocol)
}

// portOf names a port of which connections were opened from one side; ICMP has none.
func portOf(t *connectionTally) string {
	side := map[string]string{"in": "outside", "out": "inside"}[t.direction()]
	if strings.EqualFold(t.protocol, "icmp") {
		return "ICMP, from " + side
	}
	return portName(int64(t.port), t.protocol) + ", opened from " + side
}

func (v *view) lineName(t *connectionTally) string {
	return v.otherEnd(t.local, t.remote()) + " " + portOf(t)
}

func (v *view) pairName(pair BeaconPair) string {
	return nameOf(v.otherEnd(pair.Local, pair.Remote), pair.Site)
}

func linkName(from, to string) string { return nameOf(from, "→", to) }

// rowName names a row of an insight by the columns that tell rows apart.
func rowName(in *insight.Insight, row []any) string {
	parts := make([]string, len(in.By))
	for i, column := range in.By {
		parts[i] = cellText(row[slices.Index(in.Columns, column)])
	}
	return nameOf(parts...)
}

func (p *Pages) tallyConnections(ctx context.Context, v *view) (tallied, error) {
	return p.tallyLines(ctx, v, v.lineName)
}

func (p *Pages) tallyPorts(ctx context.Context, v *view) (tallied, error) {
	return p.tallyLines(ctx, v, portOf)
}

func (p *Pages) tallyLines(ctx context.Context, v *view, name func(*connectionTally) string) (tallied, error) {
	found := tallied{}
	all, err := p.connections(ctx, v)
	for _, t := range all.lines {
		contact := schema.ParseOutcome(t.outcome).Contact()
		for kind, c := range t.kinds {
			found.add(name(t), kind, c.records, contact)
		}
	}
	return found, err
}

// tallyProcesses counts the processes that hosts name in connections. One source prints
// their files as they are called, another in lower case: they are told apart without case.
func tallyProcesses(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	err := v.kql(ctx, v.flows()+fmt.Sprintf(`
| where Process != ""
| summarize Records = count(), Contacts = countif(%s) by Process = tolower(Process), Kind`, contactIn("Outcome")), func(row []any) {
		found.add(text(row[0]), text(row[1]), number(row[2]), number(row[3]) > 0)
	})
	return found, err
}

// tallyLinks counts what stands in the flow of connections, as "device → process" and
// "process → remote".
func tallyLinks(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	err := v.kql(ctx, v.flowQuery(""), func(row []any) {
		path := v.flowPath(endpoints{text(row[0]), text(row[2]), text(row[3])}, row)
		for i := range 2 {
			found.add(linkName(path[i], path[i+1]), text(row[1]), number(row[8]), false)
		}
	})
	return found, err
}

func (p *Pages) tallyBeacons(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	scores, err := p.scores(ctx, v)
	for i := range scores.pairs {
		b := &scores.pairs[i]
		found[b.CompareAs] = map[string]compared{
			scores.kind: {records: b.Records, score: math.Round(b.Score*1000) / 1000},
		}
	}
	return found, err
}

func titleOf(a *Alert) string    { return a.Title }
func severityOf(a *Alert) string { return a.Severity }

func tallyAlerts(name func(*Alert) string) tallier {
	return func(ctx context.Context, v *view) (tallied, error) {
		found := tallied{}
		alerts, err := v.readAlerts(ctx)
		for i := range alerts {
			found.add(name(&alerts[i]), "", 1, false)
		}
		return found, err
	}
}

// tallyNames counts the names that the entity was known by in DNS, TLS and HTTP.
func tallyNames(ctx context.Context, v *view) (tallied, error) {
	return tallyRecords(ctx, v, func(r *DNSRecord) string { return r.Name })
}

func tallyDNS(ctx context.Context, v *view) (tallied, error) {
	return tallyRecords(ctx, v, func(r *DNSRecord) string { return r.CompareAs })
}

func tallyRecords(ctx context.Context, v *view, name func(*DNSRecord) string) (tallied, error) {
	found := tallied{}
	records, err := v.passiveDNS(ctx)
	for i := range records {
		found.add(name(&records[i]), records[i].Source, records[i].Count, false)
	}
	return found, err
}

func tallyCertificates(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	certificates, err := v.allCertificates(ctx, v.certificatesQuery())
	for _, c := range certificates {
		found.add(c.CompareAs, "", c.Records, false)
	}
	return found, err
}

func tallyServices(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	s, err := v.services(ctx)
	for i := range s.Items {
		item := &s.Items[i]
		for _, c := range item.Records {
			found.add(item.CompareAs, c.SourceKind, c.Records, true)
		}
	}
	return found, err
}

func tallyHostPairs(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	s, err := v.hostPairs(ctx)
	for _, pair := range s.Items {
		found.add(pair.CompareAs, pair.Source, pair.Records, false)
	}
	return found, err
}

func tallyComponents(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	s, err := v.components(ctx)
	for _, c := range s.Items {
		found.add(c.CompareAs, c.Source, c.Records, false)
	}
	return found, err
}

func tallyCookies(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	s, err := v.cookies(ctx)
	for _, c := range s.Items {
		found.add(c.CompareAs, c.Source, c.Records, false)
	}
	return found, err
}

func tallySubdomains(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	s, _, err := v.seenBelow(ctx)
	for _, item := range s.Items {
		for _, c := range item.BySource {
			found.add(item.Name, c.SourceKind, c.Records, false)
		}
	}
	return found, err
}

func tallySameProcesses(ctx context.Context, v *view) (tallied, error) {
	groups, _, err := v.sameProcesses(ctx)
	return tallyGroups(groups), err
}

func tallySameShown(ctx context.Context, v *view) (tallied, error) {
	groups, _, err := v.sameShown(ctx)
	return tallyGroups(groups), err
}

// tallyGroups counts addresses, each beside what it shares.
func tallyGroups(groups []RelatedGroup) tallied {
	found := tallied{}
	for i := range groups {
		for _, item := range groups[i].Items {
			found.add(item.CompareAs, "", item.Records, false)
		}
	}
	return found
}

func tallyLogons(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	logons, err := v.logons(ctx)
	for i := range logons {
		l := &logons[i]
		found.add(l.CompareAs, "", l.Records, false)
	}
	return found, err
}

func tallyExposure(ctx context.Context, v *view) (tallied, error) {
	found := tallied{}
	ports, err := v.exposure(ctx)
	for i := range ports {
		found.add(ports[i].CompareAs, "", ports[i].Records, true)
	}
	return found, err
}

// tallyInsight counts the rows of an insight by the columns that name one. Without a
// table that could answer there is nothing to count.
func (p *Pages) tallyInsight(in *insight.Insight) tallier {
	return func(ctx context.Context, v *view) (tallied, error) {
		found := tallied{}
		filled, err := p.Tables(ctx)
		if err != nil {
			return found, err
		}
		item := v.insightItem(in, filled)
		if item.State != "" {
			return found, nil
		}
		count := slices.Index(in.Columns, in.Count)
		err = v.kql(ctx, item.Query, func(row []any) {
			found.add(rowName(in, row), "", number(row[count]), false)
		})
		return found, err
	}
}
