package entitypage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
)

// Footprint is what the organisation's own logs say of the names, certificates, services
// and web pages of an address or a domain, and what imported logs of certificate transparency
// say of names below. Every section says what would fill it.
type Footprint struct {
	Range        Range              `json:"range"`
	DNS          DNSSection         `json:"dns"`
	Certificates CertificateSection `json:"certificates"`
	Services     ServiceSection     `json:"services"`
	HostPairs    HostPairSection    `json:"hostPairs"`
	Components   ComponentSection   `json:"components"`
	Cookies      CookieSection      `json:"cookies"`
	Subdomains   SubdomainSection   `json:"subdomains"`
	Errors       []SectionError     `json:"errors,omitempty"`
}

// SectionHead is what every section of a footprint has.
type SectionHead struct {
	Total int64  `json:"total"`
	Query string `json:"query"`
	Needs string `json:"needs" doc:"the logs that fill the section"`
}

// DNSSection is passive DNS: which name stood for what, in own logs.
type DNSSection struct {
	SectionHead
	Items []DNSRecord `json:"items"`
}

// DNSRecord is a name and what it stood for, as one kind of source saw it. The counts of
// different sources are never added up.
type DNSRecord struct {
	Name   string    `json:"rrname" doc:"the name that was asked, also where the answer stands behind an alias"`
	Type   string    `json:"rrtype"`
	Data   string    `json:"rdata"`
	First  time.Time `json:"firstSeen"`
	Last   time.Time `json:"lastSeen"`
	Count  int64     `json:"count"`
	Source string    `json:"source" doc:"source kind"`
	Via    string    `json:"via" enum:"dns,tls,http" doc:"an answer of DNS, the server name of a TLS handshake, or the Host of a request"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

// ServerName is a name that an address was reached by, over all sources.
type ServerName struct {
	Name     string            `json:"name"`
	First    time.Time         `json:"first"`
	Last     time.Time         `json:"last"`
	BySource []ServerNameCount `json:"bySource"`
}

// ReverseName is a name that DNS gave for the address itself, as one kind of source saw
// the answer. Whoever runs the address's zone may write any name there.
type ReverseName struct {
	Name      string    `json:"name"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Records   int64     `json:"records"`
	Source    string    `json:"source" doc:"source kind"`
	Confirmed bool      `json:"confirmed" doc:"an own DNS answer in the range gives the address for the name, too"`
}

// ServerNameCount is how one kind of source knows the name.
type ServerNameCount struct {
	Source  string `json:"source"`
	Via     string `json:"via" enum:"dns,tls,http"`
	Records int64  `json:"records"`
}

// NameList is the names of an address.
type NameList struct {
	Range Range        `json:"range"`
	Total int64        `json:"total"`
	Items []ServerName `json:"items" doc:"the latest first, 200 at most"`
	Query string       `json:"query"`
	Needs string       `json:"needs" doc:"the logs that fill the list"`

	Reverse      []ReverseName `json:"reverse" doc:"names by reverse DNS in own logs, the latest first"`
	ReverseQuery string        `json:"reverseQuery,omitempty" doc:"absent for what is no address"`
}

const (
	dnsNeeds       = "zeek.dns, suricata.dns or Sysmon event 22 (answers); zeek.ssl or suricata.tls (server names); zeek.http or suricata.http (Host headers)"
	footprintItems = 500
	nameItems      = 200
)

// Names lists the names that an address was known by, or for a domain those it was an
// alias of.
func (p *Pages) Names(ctx context.Context, req Request) (NameList, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return NameList{}, err
	}
	return keepSection(p, v, "names", func() (NameList, error) { return v.nameList(ctx) })
}

func (v *view) nameList(ctx context.Context) (NameList, error) {
	records, err := v.passiveDNS(ctx)
	if err != nil {
		return NameList{}, err
	}
	byName := map[string]*ServerName{}
	for _, r := range records {
		if v.req.ID.Kind == entity.Domain && r.Name == v.req.ID.Value {
			continue
		}
		n, ok := byName[r.Name]
		if !ok {
			n = &ServerName{Name: r.Name, First: r.First, Last: r.Last}
			byName[r.Name] = n
		}
		if r.First.Before(n.First) {
			n.First = r.First
		}
		if r.Last.After(n.Last) {
			n.Last = r.Last
		}
		at := slices.IndexFunc(n.BySource, func(c ServerNameCount) bool { return c.Source == r.Source && c.Via == r.Via })
		if at < 0 {
			at = len(n.BySource)
			n.BySource = append(n.BySource, ServerNameCount{Source: r.Source, Via: r.Via})
		}
		n.BySource[at].Records += r.Count
	}
	list := NameList{Range: v.window.document(), Total: int64(len(byName)), Items: []ServerName{}, Reverse: []ReverseName{}, Query: v.passiveDNSQuery(), Needs: dnsNeeds}
	for _, n := range byName {
		list.Items = append(list.Items, *n)
	}
	slices.SortFunc(list.Items, func(a, b ServerName) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Name, b.Name)) })
	list.Items = firstOf(list.Items, nameItems)
	if v.req.ID.Kind == entity.IP {
		list.ReverseQuery = v.dnsQuery(v.reverseName())
		if list.Reverse, err = v.reverseNames(ctx); err != nil {
			return NameList{}, err
		}
	}
	for i, r := range list.Reverse {
		n, ok := byName[r.Name]
		list.Reverse[i].Confirmed = ok && slices.ContainsFunc(n.BySource, func(c ServerNameCount) bool { return c.Via == "dns" })
	}
	return list, nil
}

func (v *view) reverseName() string {
	return entity.ReverseName(netip.MustParseAddr(v.req.ID.Value))
}

// reverseNames reads the answers to questions for the names of the address.
func (v *view) reverseNames(ctx context.Context) ([]ReverseName, error) {
	list := []ReverseName{}
	// A reverse zone's name is the address written backwards, which the ledger calls mentioned.
	if !v.roles.Has(entity.RoleMentioned) {
		return list, nil
	}
	asked := v.reverseName()
	err := v.kql(ctx, v.dnsQueryWithin(asked, v.dnsBounds()), func(row []any) {
		if !strings.EqualFold(strings.TrimSuffix(text(row[1]), "."), asked) {
			return
		}
		for _, answer := range dnsAnswers(text(row[3])) {
			name := entity.CanonicalDomain(answer)
			if name == "" || strings.HasSuffix(name, ".arpa") {
				continue // an alias within the reverse zones (RFC 2317)
			}
			first, last, source := ticks(row[4]).Time(), ticks(row[5]).Time(), text(row[0])
			at := slices.IndexFunc(list, func(r ReverseName) bool { return r.Name == name && r.Source == source })
			if at < 0 {
				at = len(list)
				list = append(list, ReverseName{Name: name, Source: source, First: first, Last: last})
			}
			r := &list[at]
			r.Records += number(row[6])
			if first.Before(r.First) {
				r.First = first
			}
			if last.After(r.Last) {
				r.Last = last
			}
		}
	})
	slices.SortFunc(list, func(a, b ReverseName) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source))
	})
	return list, err
}

// PassiveDNS gives all records, in the order of their names.
func (p *Pages) PassiveDNS(ctx context.Context, req Request) ([]DNSRecord, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return nil, err
	}
	return v.passiveDNS(ctx)
}

// COF is a record in the Passive DNS Common Output Format
// (draft-dulaunoy-dnsop-passive-dns-cof), one JSON object a line.
func (r *DNSRecord) COF() ([]byte, error) {
	return json.Marshal(struct {
		Name   string `json:"rrname"`
		Type   string `json:"rrtype"`
		Data   string `json:"rdata"`
		First  int64  `json:"time_first"`
		Last   int64  `json:"time_last"`
		Count  int64  `json:"count"`
		Sensor string `json:"sensor_id"`
	}{r.Name, r.Type, r.Data, r.First.Unix(), r.Last.Unix(), r.Count, r.Source})
}

// Footprint fills every section of the tab.
func (p *Pages) Footprint(ctx context.Context, req Request) (*Footprint, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return nil, err
	}
	logs := logged{store: p.Transparency}
	if logs.store != nil {
		if logs.version, err = logs.store.Version(ctx); err != nil {
			return nil, err
		}
	}
	section := fmt.Sprint("dns ", logs.version) // what is imported changes the answer
	return keepSection(p, v, section, func() (*Footprint, error) { return v.footprint(ctx, logs) })
}

// incomplete: a section could not be filled.
func (f *Footprint) incomplete() bool { return len(f.Errors) > 0 }

func (v *view) footprint(ctx context.Context, logs logged) (*Footprint, error) {
	f := &Footprint{Range: v.window.document()}
	var dns, certificates, services, pairs, components, cookies, subdomains error
	err := together(
		func() error { f.DNS, dns = v.dnsSection(ctx); return nil },
		func() error { f.Certificates, certificates = v.certificates(ctx); return nil },
		func() error { f.Services, services = v.services(ctx); return nil },
		func() error { f.HostPairs, pairs = v.hostPairs(ctx); return nil },
		func() error { f.Components, components = v.components(ctx); return nil },
		func() error { f.Cookies, cookies = v.cookies(ctx); return nil },
		func() error { f.Subdomains, subdomains = v.subdomains(ctx, logs); return nil },
	)
	f.Services.Items, f.HostPairs.Items, f.Components.Items = cut(f.Services.Items), cut(f.HostPairs.Items), cut(f.Components.Items)
	f.Cookies.Items = cut(f.Cookies.Items)
	for _, s := range []struct {
		name string
		err  error
	}{
		{"dns", dns},
		{"certificates", certificates},
		{"services", services},
		{"host pairs", pairs},
		{"components", components},
		{"cookies", cookies},
		{"subdomains", subdomains},
	} {
		if s.err != nil {
			f.Errors = append(f.Errors, SectionError{Section: s.name, Reason: s.err.Error()})
		}
	}
	return f, err
}

// cut keeps as many items as a section shows.
func cut[T any](items []T) []T { return firstOf(items, footprintItems) }

// readSection runs the query of a section, of whose rows add makes items: all of them.
func readSection[T any](ctx context.Context, v *view, head *SectionHead, items *[]T, add func(row []any)) error {
	err := v.kql(ctx, head.Query, add)
	head.Total = int64(len(*items))
	return err
}

func (v *view) dnsSection(ctx context.Context) (DNSSection, error) {
	records, err := v.passiveDNS(ctx)
	s := DNSSection{SectionHead{int64(len(records)), v.passiveDNSQuery(), dnsNeeds}, records}
	s.Items = append([]DNSRecord{}, cut(s.Items)...)
	return s, err
}

// dnsKey is what records of passive DNS are added up by.
type dnsKey struct{ name, kind, data, source, via string }

// passiveDNS is what names stood for: the answers of DNS in which the entity is the name or
// an answer, or which a device got, and the names by which servers were addressed. Two
// sections show it, and neither may change it.
func (v *view) passiveDNS(ctx context.Context) ([]DNSRecord, error) {
	err := v.naming.do(ctx, func() (err error) {
		v.dnsRecords, err = v.readDNS(ctx)
		return err
	})
	if err != nil {
		return []DNSRecord{}, err
	}
	return v.dnsRecords, nil
}

func (v *view) readDNS(ctx context.Context) ([]DNSRecord, error) {
	device := v.req.ID.Kind == entity.Device
	if v.req.ID.Kind != entity.IP && v.req.ID.Kind != entity.Domain && !device {
		return []DNSRecord{}, nil
	}
	found := map[dnsKey]*DNSRecord{}
	add := func(key dnsKey, row []any, at int) {
		if !device && v.req.ID.Value != key.data && v.req.ID.Value != key.name {
			return
		}
		r, ok := found[key]
		if !ok {
			r = &DNSRecord{
				Name: key.name, Type: key.kind, Data: key.data, Source: key.source, Via: key.via, First: ticks(row[at]).Time(),
				CompareAs: nameOf(key.name, key.kind, key.data, key.via),
			}
			found[key] = r
		}
		if first := ticks(row[at]).Time(); first.Before(r.First) {
			r.First = first
		}
		if last := ticks(row[at+1]).Time(); last.After(r.Last) {
			r.Last = last
		}
		r.Count += number(row[at+2])
	}
	if v.answered() {
		if err := v.kql(ctx, v.dnsQueryWithin(v.req.ID.Value, v.dnsBounds()), func(row []any) {
			name := strings.ToLower(strings.TrimSuffix(text(row[1]), "."))
			for _, answer := range dnsAnswers(text(row[3])) {
				kind, data := answerType(text(row[2]), answer)
				add(dnsKey{name, kind, data, text(row[0]), "dns"}, row, 4)
			}
		}); err != nil {
			return []DNSRecord{}, err
		}
	}
	if v.inspected("SslConnectionInspected", "HttpConnectionInspected") {
		if err := v.kql(ctx, v.serverNamesQuery(), func(row []any) {
			name := entity.CanonicalDomain(text(row[1]))
			if name == "" {
				return // an address, or no name at all
			}
			kind, data := answerType("", text(row[2]))
			via := "tls"
			if text(row[3]) == "HttpConnectionInspected" {
				via = "http"
			}
			add(dnsKey{name, kind, data, text(row[0]), via}, row, 4)
		}); err != nil {
			return []DNSRecord{}, err
		}
	}
	records := make([]DNSRecord, 0, len(found))
	for _, r := range found {
		records = append(records, *r)
	}
	slices.SortFunc(records, func(a, b DNSRecord) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Data, b.Data), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Via, b.Via))
	})
	return records, nil
}

// answered reports whether the ledger leaves it open that DNS records name the entity,
// so that an address that was never an answer reads none.
func (v *view) answered() bool {
	return v.roles.Has(entity.RoleAnswer) || v.seen && v.req.ID.Kind != entity.IP
}

// dnsQuery lists the DNS records that hold a text, or that are of a device of that name, by
// query and answers.
func (v *view) dnsQuery(held string) string { return v.dnsQueryWithin(held, v.bounds()) }

// otherThanDNS are the kinds with most records, none of which is of DNS (data.md, 6).
var otherThanDNS = []string{
	"zeek.conn", "zeek.ssl", "zeek.http", "suricata.flow", "suricata.tls", "suricata.http", "sysmon.3", "security.5156",
}

// dnsBounds is bounds cut to the time in which the ledger has records of an address that
// may be of DNS.
func (v *view) dnsBounds() string {
	if v.req.ID.Kind != entity.IP {
		return v.bounds()
	}
	return boundsOf(max(v.window.from, v.dnsFirst), min(v.window.to, v.dnsLast+1))
}

func (v *view) dnsQueryWithin(held, bounds string) string {
	of := "tostring(AdditionalFields) has " + quote(held)
	if v.req.ID.Kind == entity.Device {
		of = "DeviceName =~ " + quote(held)
	}
	return fmt.Sprintf(`union
    (DeviceNetworkEvents
    | where %[1]s%[2]s
    | where ActionType == "DnsConnectionInspected" and %[3]s
    | project Timestamp, Kind = _SourceKind, Name = tostring(AdditionalFields.query), Type = tostring(AdditionalFields.qtype_name), Answers = tostring(AdditionalFields.answers)),
    (DeviceEvents
    | where %[1]s%[2]s
    | where ActionType == "DnsQueryResponse" and %[3]s
    | project Timestamp, Kind = _SourceKind, Name = tostring(AdditionalFields.QueryName), Type = "", Answers = tostring(AdditionalFields.QueryResults))
| where Answers != ""
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Kind, Name, Type, Answers
| project Kind, Name, Type, Answers, First, Last, Records
| sort by Last desc`, bounds, v.eventSite(), of)
}

// serverNamesQuery lists the names by which servers were addressed in TLS and HTTP.
func (v *view) serverNamesQuery() string {
	return v.flows() + v.asServer() + `
| where ActionType in ("SslConnectionInspected", "HttpConnectionInspected") and RemoteUrl != ""
| extend Name = iff(ActionType == "SslConnectionInspected", RemoteUrl, tostring(parse_url(RemoteUrl).Host))
| where Name != ""
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Kind, Name, Server, ActionType
| project Kind, Name, Server, ActionType, First, Last, Records`
}

// passiveDNSQuery lists what passiveDNS is made of: answers as they were given, of which one
// record may hold several, and the names by which servers were addressed.
func (v *view) passiveDNSQuery() string {
	of := ""
	if v.req.ID.Kind == entity.Domain {
		of = "\n| where Name =~ " + quote(v.req.ID.Value)
	}
	return fmt.Sprintf(`union
(%s
| project Kind, Via = "dns", Name, Type, Answers, First, Last, Records),
(%s
| where isnull(parse_ipv4(Name)) and isempty(parse_ipv6(Name))%s
| project Kind, Via = iff(ActionType == "HttpConnectionInspected", "http", "tls"), Name, Type = "", Answers = Server, First, Last, Records)
| sort by Last desc`, v.dnsQuery(v.req.ID.Value), v.serverNamesQuery(), of)
}

// asServer continues flows of an address with those that were opened to it.
func (v *view) asServer() string {
	if v.req.ID.Kind != entity.IP {
		return ""
	}
	return "\n| where Server == " + quote(v.req.ID.Value)
}

// dnsAnswers reads the answers of a DNS record: a JSON list as sensors print it, or
// Windows' text, "type: 5 alias.example;::ffff:192.0.2.1;".
func dnsAnswers(s string) []string {
	if strings.HasPrefix(s, "[") {
		var list []string
		if err := json.Unmarshal([]byte(s), &list); err == nil {
			return list
		}
	}
	var list []string
	for part := range strings.SplitSeq(s, ";") {
		part = strings.TrimSpace(part)
		if typed, ok := strings.CutPrefix(part, "type:"); ok {
			_, part, _ = strings.Cut(strings.TrimSpace(typed), " ")
			part = strings.TrimSpace(part)
		}
		if part != "" {
			list = append(list, part)
		}
	}
	return list
}

// answerType is the type of an answer and its canonical text: an address says its own,
// a name in the answer to a question for addresses is an alias.
func answerType(asked, answer string) (kind, data string) {
	if a, ok := entity.ParseAddress(answer); ok {
		if a.Is4() {
			return "A", a.String()
		}
		return "AAAA", a.String()
	}
	name := strings.ToLower(strings.TrimSuffix(answer, "."))
	switch asked {
	case "", "A", "AAAA", "HTTPS", "*":
		return "CNAME", name
	case "CNAME", "NS", "MX", "PTR", "SRV", "SOA":
		return asked, name
	default:
		return asked, answer
	}
}

// serverOf writes an address and a port.
func serverOf(address string, port int64) string {
	if a, err := netip.ParseAddr(address); err == nil && port > 0 && port < 1<<16 {
		return netip.AddrPortFrom(a, uint16(port)).String()
	}
	return address
}
