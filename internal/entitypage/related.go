package entitypage

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
)

// Related is what else here has to do with what an address showed: the processes that
// dealt with it, its names, certificates and fingerprints, and its neighbours.
type Related struct {
	Groups []RelatedGroup `json:"groups" doc:"those with anything in them"`
	Asked  []RelatedAsk   `json:"asked" doc:"what others were asked for, found or not"`
}

// RelatedAsk is one sort of thing that others could share.
type RelatedAsk struct {
	By    string `json:"by" enum:"process,sni,ja3,certificate,userAgent,prefix,asn"`
	Of    int    `json:"of" doc:"how many of them the address shows in the period"`
	Query string `json:"query"`
}

// RelatedGroup is the addresses that share one thing with the address.
type RelatedGroup struct {
	By      string        `json:"by" enum:"process,sni,ja3,certificate,userAgent,prefix,asn"`
	Value   string        `json:"value" doc:"the thing shared"`
	Records int64         `json:"records,omitempty" doc:"of the address itself that show it"`
	Total   int64         `json:"total" doc:"other addresses that share it"`
	Items   []RelatedItem `json:"items" doc:"those with most records; 20 at most"`
	Query   string        `json:"query"`
}

// RelatedItem is one other address.
type RelatedItem struct {
	Address string    `json:"address"`
	Records int64     `json:"records"`
	Devices int64     `json:"devices" doc:"own hosts, or own addresses that a sensor saw"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`

	CompareAs string `json:"compareAs,omitempty" doc:"what a comparison calls it, beside what it shares; absent: a neighbour, which is not compared"`
}

const (
	relatedItems  = 20
	relatedGroups = 8 // of each sort
)

// Related looks up what an address shares with others in the period of its page: by is
// "process", "shown" (names, certificates, fingerprints, user agents) or "neighbours".
func (p *Pages) Related(ctx context.Context, req Request, by string) (*Related, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return nil, err
	}
	return keepSection(p, v, "related by "+by, func() (*Related, error) { return p.related(ctx, v, by) })
}

func (p *Pages) related(ctx context.Context, v *view, by string) (related *Related, err error) {
	related = &Related{Asked: []RelatedAsk{}}
	switch by {
	case "process":
		var asked RelatedAsk
		related.Groups, asked, err = v.sameProcesses(ctx)
		related.Asked = append(related.Asked, asked)
	case "shown":
		related.Groups, related.Asked, err = v.sameShown(ctx)
	default:
		related.Groups, related.Asked, err = p.neighbours(ctx, v)
	}
	related.Groups = shownGroups(related.Groups)
	return related, err
}

// shownGroups keeps of each sort so many groups, and of each group so many addresses, as
// are shown.
func shownGroups(all []RelatedGroup) []RelatedGroup {
	groups, sorts := []RelatedGroup{}, map[string]int{}
	for _, g := range all {
		if sorts[g.By]++; sorts[g.By] <= relatedGroups {
			g.Items = firstOf(g.Items, relatedItems)
			groups = append(groups, g)
		}
	}
	return groups
}

// collect reads rows of value, address, records, devices, first and last into a group
// for each value. shown is the query as it is shown.
func (v *view) collect(ctx context.Context, by, query, shown string) ([]RelatedGroup, error) {
	var groups []RelatedGroup
	err := v.kql(ctx, query, func(row []any) {
		value := text(row[0])
		at := slices.IndexFunc(groups, func(g RelatedGroup) bool { return g.Value == value })
		if at < 0 {
			at = len(groups)
			groups = append(groups, RelatedGroup{By: by, Value: value, Items: []RelatedItem{}, Query: shown})
		}
		g := &groups[at]
		g.Total++
		g.Items = append(g.Items, RelatedItem{
			Address: text(row[1]), Records: number(row[2]), Devices: number(row[3]), First: ticks(row[4]).Time(), Last: ticks(row[5]).Time(),
			CompareAs: nameOf(value, text(row[1])),
		})
	})
	return groups, err
}

// sameProcesses is what else the very processes touched that dealt with the address: by
// their unique id on the device, not by their name, which would say nothing of a browser.
func (v *view) sameProcesses(ctx context.Context) ([]RelatedGroup, RelatedAsk, error) {
	processes := fmt.Sprintf(`DeviceNetworkEvents
| where %s%s
| where (%s) and InitiatingProcessUniqueId != ""
| distinct InitiatingProcessUniqueId`, v.bounds(), v.siteOf(), v.ends())
	return v.shared(ctx, "process", processes, func(ids string) string {
		return fmt.Sprintf(`DeviceNetworkEvents
| where %[1]s%[2]s
| where InitiatingProcessUniqueId in (%[4]s) and RemoteIP != %[3]s and LocalIP != %[3]s and RemoteIP != ""
| summarize Records = count(), Devices = dcount(DeviceId), First = min(Timestamp), Last = max(Timestamp) by Process = InitiatingProcessFileName, Address = RemoteIP
| sort by Records desc, Address asc`, v.bounds(), v.siteOf(), quote(v.req.ID.Value), ids)
	})
}

// writtenOut is how many values a query names one by one: of a list that is written out the
// engine skips what cannot hold any of them, and of a query within the query it does not.
const writtenOut = 64

// shared collects groups by a query of the values that the address shows: with lists the
// rows of all addresses that show one. Where there is none, nobody else is asked about.
func (v *view) shared(ctx context.Context, by, values string, with func(list string) string) ([]RelatedGroup, RelatedAsk, error) {
	var found []string
	if err := v.kql(ctx, values, func(row []any) { found = append(found, text(row[0])) }); err != nil || len(found) == 0 {
		return nil, RelatedAsk{By: by, Query: values}, err
	}
	asked := RelatedAsk{By: by, Of: len(found), Query: "let shown = " + values + ";\n" + with("shown")}
	query := asked.Query
	if len(found) <= writtenOut {
		slices.Sort(found)
		query = with(literals(found))
	}
	groups, err := v.collect(ctx, by, query, asked.Query)
	return groups, asked, err
}

// shown are the things that sensors see in a connection, and the KQL of their values. A
// certificate is told by its fingerprint, of a chain the server's own, which comes first;
// what Zeek calls a file of a connection is another in each.
var shown = []struct{ by, action, value string }{
	{"sni", "SslConnectionInspected", "tostring(AdditionalFields.server_name)"},
	{"ja3", "SslConnectionInspected", "tostring(AdditionalFields.ja3)"},
	{"certificate", "SslConnectionInspected", `coalesce(extract(@"(\w+)", 1, tostring(AdditionalFields.cert_chain_fps)), replace_string(tostring(AdditionalFields.fingerprint), ":", ""), tostring(AdditionalFields.resp_certificate_sha1))`},
	{"userAgent", "HttpConnectionInspected", "tostring(AdditionalFields.user_agent)"},
}

// sameShown is who else shows the server names, fingerprints, certificates and user
// agents that connections with the address show.
func (v *view) sameShown(ctx context.Context) ([]RelatedGroup, []RelatedAsk, error) {
	groups, asked := make([][]RelatedGroup, len(shown)), make([]RelatedAsk, len(shown))
	var asks []func() error
	for i, s := range shown {
		asks = append(asks, func() (err error) {
			values := fmt.Sprintf(`DeviceNetworkEvents
| where %s%s
| where ActionType == %s and (%s)
| extend Value = %s
| where Value != ""
| summarize Records = count() by Value
| sort by Records desc, Value asc
| take 100
| project Value`, v.bounds(), v.siteOf(), quote(s.action), v.ends(), s.value)
			if !v.inspected(s.action) {
				asked[i] = RelatedAsk{By: s.by, Query: values}
				return nil
			}
			groups[i], asked[i], err = v.shared(ctx, s.by, values, func(list string) string {
				return fmt.Sprintf(`DeviceNetworkEvents
| where %[1]s%[2]s
| where ActionType == %[3]s and RemoteIP != %[4]s and LocalIP != %[4]s
| extend Value = %[5]s
| where Value in (%[6]s)
| summarize Records = count(), Devices = dcount(iff(DeviceName == "", LocalIP, DeviceName)), First = min(Timestamp), Last = max(Timestamp) by Value, Address = RemoteIP
| sort by Records desc, Address asc`, v.bounds(), v.siteOf(), quote(s.action), quote(v.req.ID.Value), s.value, list)
			})
			if err != nil {
				return fmt.Errorf("look for the same %s: %w", s.by, err)
			}
			return nil
		})
	}
	err := together(asks...)
	return slices.Concat(groups...), asked, err
}

// neighbours is the addresses of the same /24 or /64 and of the same ASN that were seen
// here in the period.
func (p *Pages) neighbours(ctx context.Context, v *view) ([]RelatedGroup, []RelatedAsk, error) {
	addr, err := netip.ParseAddr(v.req.ID.Value)
	if v.req.ID.Kind != entity.IP || err != nil {
		return nil, []RelatedAsk{}, nil
	}
	length := 24
	if addr.Is6() {
		length = 64
	}
	prefix, err := addr.WithZone("").Prefix(length)
	if err != nil {
		return nil, nil, err
	}
	near := []RelatedGroup{{By: "prefix", Value: prefix.String()}}
	of := []entity.ID{{Kind: entity.CIDR, Value: prefix.String()}}
	if asn, org, _ := p.Geo.ASN(addr); asn != 0 {
		name := fmt.Sprint("AS", asn)
		near = append(near, RelatedGroup{By: "asn", Value: strings.TrimSpace(name + " " + org)})
		of = append(of, entity.ID{Kind: entity.ASN, Value: name})
	}
	if err := p.othersOf(ctx, v, near, of); err != nil {
		return nil, nil, err
	}
	var asked []RelatedAsk
	for _, g := range near {
		asked = append(asked, RelatedAsk{By: g.By, Of: 1, Query: g.Query})
	}
	return slices.DeleteFunc(near, func(g RelatedGroup) bool { return len(g.Items) == 0 }), asked, nil
}

// othersOf fills groups with the addresses of a prefix or an autonomous system each that
// were seen in the period of a page, its own address left out. The ledger puts them in
// order, and only those shown are looked at.
func (p *Pages) othersOf(ctx context.Context, v *view, groups []RelatedGroup, of []entity.ID) error {
	views, shown := make([]*view, len(of)), make([][]string, len(of))
	var all []string
	for i, id := range of {
		a, err := p.among(ctx, Request{ID: id})
		if err != nil {
			return err
		}
		views[i] = &view{
			req: Request{ID: id, Site: v.req.Site}, ledger: v.ledger, kql: v.kql, networks: v.networks, window: v.window, aliases: v.aliases, among: a,
		}
		others, err := p.ordered(ctx, views[i], List{Sort: "records"})
		if err != nil {
			return fmt.Errorf("look for addresses of %s: %w", id.Value, err)
		}
		others = slices.DeleteFunc(others, func(a string) bool { return a == v.req.ID.Value })
		groups[i].Total, groups[i].Query = int64(len(others)), views[i].addressesQuery()
		shown[i] = others[:min(len(others), relatedItems)]
		all = append(all, shown[i]...)
	}
	slices.Sort(all)
	items, err := p.addressItems(ctx, views[0], slices.Compact(all))
	if err != nil {
		return err
	}
	found := make(map[string]*AddressItem, len(items))
	for i := range items {
		found[items[i].Address] = &items[i]
	}
	for i := range groups {
		groups[i].Items = []RelatedItem{}
		for _, address := range shown[i] {
			if a, ok := found[address]; ok {
				groups[i].Items = append(groups[i].Items, RelatedItem{Address: a.Address, Records: a.Records, Devices: a.Devices, First: a.First, Last: a.Last})
			}
		}
	}
	return nil
}
