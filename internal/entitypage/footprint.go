package entitypage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// CertificateSection is the certificates that servers showed.
type CertificateSection struct {
	SectionHead
	Items []Certificate `json:"items"`
}

// Certificate is a certificate and where it was shown. Empty fields are not in the logs.
type Certificate struct {
	Fingerprint string     `json:"fingerprint" doc:"SHA-256 or SHA-1, as the sensor computes it; else the sensor's own id of the file; empty: not logged"`
	Subject     string     `json:"subject"`
	Issuer      string     `json:"issuer"`
	SelfSigned  bool       `json:"selfSigned" doc:"subject and issuer are the same"`
	Serial      string     `json:"serial"`
	NotBefore   *time.Time `json:"notBefore"`
	NotAfter    *time.Time `json:"notAfter"`
	Expired     bool       `json:"expired" doc:"it was no longer valid when it was last shown"`
	Names       []string   `json:"names" doc:"subject alternative names"`
	Servers     []string   `json:"servers" doc:"address:port that showed it"`
	First       time.Time  `json:"first"`
	Last        time.Time  `json:"last"`
	Records     int64      `json:"records" doc:"handshakes"`
	ByIssuer    string     `json:"byIssuer,omitempty" doc:"KQL: all handshakes of the period with certificates of this issuer"`
	BySerial    string     `json:"bySerial,omitempty" doc:"KQL: the same with certificates of this serial number"`
	CompareAs   string     `json:"compareAs" doc:"what a comparison calls it"`
}

// certificates lists the certificates of TLS handshakes with servers of the entity.
func (v *view) certificates(ctx context.Context) (CertificateSection, error) {
	s := CertificateSection{SectionHead{Query: v.certificatesQuery(), Needs: "zeek.ssl with zeek.x509, or suricata.tls"}, []Certificate{}}
	if !v.inspected("SslConnectionInspected") {
		return s, nil
	}
	certificates, err := v.allCertificates(ctx, s.Query)
	s.Total = int64(len(certificates))
	for _, c := range cut(certificates) {
		c.ByIssuer, c.BySerial = v.certificatesWith("issuer", c.Issuer), v.certificatesWith("serial", c.Serial)
		s.Items = append(s.Items, *c)
	}
	return s, err
}

func (v *view) certificatesQuery() string {
	return v.flows() + v.asServer() + `
| where ActionType == "SslConnectionInspected"
| extend Shown = tostring(coalesce(AdditionalFields.cert_chain_fps, AdditionalFields.cert_chain_fuids)), Subject = tostring(AdditionalFields.subject),
    Issuer = tostring(AdditionalFields.issuer), Fingerprint = tostring(AdditionalFields.fingerprint), Serial = tostring(AdditionalFields.serial),
    NotBefore = tostring(AdditionalFields.notbefore), NotAfter = tostring(AdditionalFields.notafter)
| where Shown !in ("", "[]") or Subject != "" or Fingerprint != ""
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Shown, Subject, Issuer, Fingerprint, Serial, NotBefore, NotAfter, Server, Port
| sort by Last desc, Shown asc, Subject asc, Fingerprint asc, Server asc, Port asc`
}

// allCertificates reads the handshakes of a query. Zeek writes what is in a certificate to
// a log of its own.
func (v *view) allCertificates(ctx context.Context, query string) ([]*Certificate, error) {
	found := map[string]*Certificate{}
	var order []string
	err := v.kql(ctx, query, func(row []any) {
		fingerprint := strings.ReplaceAll(text(row[3]), ":", "")
		if shown := dnsAnswers(text(row[0])); fingerprint == "" && len(shown) > 0 {
			fingerprint = shown[0] // the server's own comes first
		}
		key := fingerprint
		if key == "" {
			key = nameOf(text(row[1]), text(row[2]), text(row[4]))
		}
		c, ok := found[key]
		if !ok {
			c = &Certificate{
				Fingerprint: fingerprint, Subject: text(row[1]), Issuer: text(row[2]), Serial: text(row[4]),
				NotBefore: certificateTime(text(row[5])), NotAfter: certificateTime(text(row[6])),
				Names: []string{}, Servers: []string{}, First: ticks(row[9]).Time(),
			}
			found[key] = c
			order = append(order, key)
		}
		if first := ticks(row[9]).Time(); first.Before(c.First) {
			c.First = first
		}
		if last := ticks(row[10]).Time(); last.After(c.Last) {
			c.Last = last
		}
		c.Records += number(row[11])
		if at := serverOf(text(row[7]), number(row[8])); !slices.Contains(c.Servers, at) {
			c.Servers = append(c.Servers, at)
		}
	})
	if err == nil && len(found) > 0 {
		err = v.describeCertificates(ctx, found)
	}
	certificates := foldCertificates(order, found)
	for _, c := range certificates {
		c.SelfSigned = c.Subject != "" && c.Subject == c.Issuer
		c.Expired = c.NotAfter != nil && c.NotAfter.Before(c.Last)
		c.CompareAs = nameOf(c.Subject, c.identity())
	}
	return certificates, err
}

// identity tells a certificate from others of its subject, in every connection and period:
// its fingerprint, else issuer and serial number, which no other certificate has both of
// (RFC 5280, 4.1.2.2). The sensor's id of the file, another in each connection, stands in for
// them where not both were logged.
func (c *Certificate) identity() string {
	switch {
	case entity.CanonicalHash(c.Fingerprint) != "":
		return c.Fingerprint
	case c.Issuer != "" && c.Serial != "":
		return "of " + c.Issuer + " with serial " + strings.ToLower(c.Serial)
	default:
		return nameOf(c.Fingerprint, c.Issuer, c.Serial)
	}
}

// foldCertificates puts together those that a sensor which computes no fingerprint saw
// more than once.
func foldCertificates(order []string, found map[string]*Certificate) []*Certificate {
	type subjectIdentity struct{ subject, identity string }
	first := map[subjectIdentity]*Certificate{}
	var out []*Certificate
	for _, key := range order {
		c := found[key]
		id := subjectIdentity{c.Subject, c.identity()}
		known, ok := first[id]
		if !ok {
			first[id] = c
			out = append(out, c)
			continue
		}
		known.Records += c.Records
		known.Servers = union(known.Servers, c.Servers)
		if c.First.Before(known.First) {
			known.First = c.First
		}
		if c.Last.After(known.Last) {
			known.Last = c.Last
		}
	}
	return out
}

// describeCertificates adds what Zeek's log of certificates says of those found.
func (v *view) describeCertificates(ctx context.Context, found map[string]*Certificate) error {
	keys := make([]string, 0, len(found))
	for key := range found {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	// A server without session tickets shows thousands, each by an id of its own.
	query := fmt.Sprintf(`let shown = print Key = dynamic([%s])
| mv-expand Key to typeof(string);
%s
| where RecordType endswith "x509"
| extend Key = %s
| where Key in (shown)
| summarize take_any(Fields) by Key`, literals(keys), schema.SpoorRaw, x509Key)
	return v.kql(ctx, query, func(row []any) {
		c, ok := found[text(row[0])]
		if !ok {
			return
		}
		fields := objectOf(row[1])
		c.Subject, c.Issuer = fields.text("certificate.subject", "certificate_subject"), fields.text("certificate.issuer", "certificate_issuer")
		c.Serial = fields.text("certificate.serial", "certificate_serial")
		c.NotBefore = certificateTime(fields.text("certificate.not_valid_before", "certificate_not_valid_before"))
		c.NotAfter = certificateTime(fields.text("certificate.not_valid_after", "certificate_not_valid_after"))
		c.Names = append(c.Names, fields.texts("san.dns", "san_dns")...)
	})
}

// certificateTime reads a time as sensors print it: seconds since 1970, or RFC 3339 with
// or without a zone; nil for none.
func certificateTime(s string) *time.Time {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		t := time.UnixMicro(int64(seconds * 1e6)).UTC()
		return &t
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return &t
		}
	}
	return nil
}

// ServiceSection is what servers offered, from sessions that came about.
type ServiceSection struct {
	SectionHead
	Items []Service `json:"items"`
}

// Service is a port that was answered, or for a domain one of its servers.
type Service struct {
	Address  string    `json:"address"`
	Port     int32     `json:"port"`
	Protocol string    `json:"protocol"`
	Services []string  `json:"services" doc:"what sensors recognised"`
	Banners  []string  `json:"banners" doc:"what the server said of itself"`
	Clients  int64     `json:"clients" doc:"addresses that had a session"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Records  []Count   `json:"bySource"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

// services lists the ports on which sessions were established.
func (v *view) services(ctx context.Context) (ServiceSection, error) {
	s := ServiceSection{SectionHead{Needs: "records of connections; banners from zeek.ssh, zeek.ftp, zeek.smtp or suricata.ssh"}, []Service{}}
	s.Query = v.flows() + v.asServer() + fmt.Sprintf(`
| where %s and Protocol !~ "icmp"
| extend Service = %s,
    Banner = case(ActionType == "SshConnectionInspected", tostring(AdditionalFields.server),
        ActionType == "SmtpConnectionInspected", tostring(AdditionalFields.last_reply), "")
| summarize Services = make_set(Service, 17), Banners = make_set(Banner, 17), Clients = dcount(Client), First = min(Timestamp), Last = max(Timestamp), Records = count()
    by Server, Port, Protocol, Kind
| sort by Records desc, Server asc, Port asc, Protocol asc, Kind asc`, contactIn("Outcome"), serviceSeen)
	at := map[string]int{}
	err := readSection(ctx, v, &s.SectionHead, &s.Items, func(row []any) {
		name := nameOf(text(row[0]), strconv.FormatInt(number(row[1]), 10), strings.ToLower(text(row[2])))
		i, ok := at[name]
		if !ok {
			i = len(s.Items)
			at[name] = i
			s.Items = append(s.Items, Service{
				Address: text(row[0]), Port: int32(number(row[1])), Protocol: text(row[2]), Services: []string{}, Banners: []string{}, First: ticks(row[7]).Time(),
				CompareAs: name,
			})
		}
		item := &s.Items[i]
		item.Services, item.Banners = union(item.Services, textList(row[4])), union(item.Banners, textList(row[5]))
		item.Clients = max(item.Clients, number(row[6]))
		if first := ticks(row[7]).Time(); first.Before(item.First) {
			item.First = first
		}
		if last := ticks(row[8]).Time(); last.After(item.Last) {
			item.Last = last
		}
		item.Records = append(item.Records, Count{SourceKind: text(row[3]), Records: number(row[9])})
	})
	return s, err
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// HostPairSection is which host's pages led to which host.
type HostPairSection struct {
	SectionHead
	Items []HostPair `json:"items"`
}

// HostPair is two hosts of which one led to the other.
type HostPair struct {
	Parent  string    `json:"parent"`
	Child   string    `json:"child"`
	Cause   string    `json:"cause" enum:"referrer,redirect"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Records int64     `json:"records"`
	Source  string    `json:"source"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

// webRows begins a query over the requests that name the entity. Those of a domain name
// it as the host asked, or as the one that led there.
func (v *view) webRows() string {
	id := quote(v.req.ID.Value)
	names := fmt.Sprintf("LocalIP == %s or RemoteIP == %s", id, id)
	if v.req.ID.Kind != entity.IP {
		names = fmt.Sprintf("RemoteUrl has %s or tostring(AdditionalFields) has %s", id, id)
	}
	return fmt.Sprintf(`DeviceNetworkEvents
| where %s%s
| where ActionType == "HttpConnectionInspected"
| where %s
| extend Kind = _SourceKind, Inbound = tostring(AdditionalFields.direction) == "In"
| extend Client = iff(Inbound, RemoteIP, LocalIP), Server = iff(Inbound, LocalIP, RemoteIP), Port = iff(Inbound, LocalPort, RemotePort),
    Host = tostring(parse_url(RemoteUrl).Host)%s`, v.bounds(), v.eventSite(), names, v.flowRole())
}

func (v *view) hostPairs(ctx context.Context) (HostPairSection, error) {
	s := HostPairSection{SectionHead{Needs: "zeek.http or suricata.http with referrers (or suricata's redirects)"}, []HostPair{}}
	s.Query = v.webRows() + v.asServer() + `
| extend From = tostring(parse_url(tostring(AdditionalFields.referrer)).Host), To = tostring(parse_url(tostring(coalesce(AdditionalFields.redirect, AdditionalFields.location))).Host)
| mv-expand Pair = dynamic(["referrer", "redirect"]) to typeof(string)
| extend Parent = iff(Pair == "referrer", From, Host), Child = iff(Pair == "referrer", Host, To)
| where Parent != "" and Child != "" and Parent != Child
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Parent, Child, Pair, Kind
| sort by Records desc, Parent asc, Child asc, Pair asc, Kind asc`
	if v.req.ID.Kind == entity.Domain {
		s.Query = strings.Replace(s.Query, "\n| summarize", fmt.Sprintf("\n| where Parent =~ %[1]s or Child =~ %[1]s\n| summarize", quote(v.req.ID.Value)), 1)
	}
	if !v.inspected("HttpConnectionInspected") {
		return s, nil
	}
	err := readSection(ctx, v, &s.SectionHead, &s.Items, func(row []any) {
		pair := HostPair{
			Parent: text(row[0]), Child: text(row[1]), Cause: text(row[2]), Source: text(row[3]),
			First: ticks(row[4]).Time(), Last: ticks(row[5]).Time(), Records: number(row[6]),
		}
		pair.CompareAs = nameOf(linkName(pair.Parent, pair.Child), pair.Cause)
		s.Items = append(s.Items, pair)
	})
	return s, err
}

// ComponentSection is the software that servers say they run.
type ComponentSection struct {
	SectionHead
	Items []Component `json:"items"`
}

// Component is software, from a header or from what Zeek recognised.
type Component struct {
	Server  string    `json:"server" doc:"address:port"`
	Name    string    `json:"name" doc:"as the server wrote it"`
	Header  string    `json:"header" doc:"where it was read: Server, X-Powered-By, or what Zeek calls the software"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Records int64     `json:"records"`
	Source  string    `json:"source"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

func (v *view) components(ctx context.Context) (ComponentSection, error) {
	s := ComponentSection{SectionHead{Needs: "Server and X-Powered-By headers in suricata.http (custom fields) or zeek.http (a script), or zeek.software"}, []Component{}}
	s.Query = v.webRows() + v.asServer() + `
| extend ServerHeader = tostring(coalesce(AdditionalFields.server, AdditionalFields.resp_server)), PoweredBy = tostring(coalesce(AdditionalFields.x_powered_by, AdditionalFields["x-powered-by"]))
| mv-expand Header = dynamic(["Server", "X-Powered-By"]) to typeof(string)
| extend Name = iff(Header == "Server", ServerHeader, PoweredBy)
| where Name != ""
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Server, Port = tolong(Port), Name, Header, Kind`
	if v.req.ID.Kind == entity.IP {
		s.Query = fmt.Sprintf(`union (%s),
(%s
| where %s%s
| where RecordType endswith "software" and tostring(Fields.host) == %s
| extend Name = tostring(Fields.unparsed_version), Header = tostring(Fields.software_type), Server = tostring(Fields.host), Port = tolong(Fields.host_p), Kind = _SourceKind
| summarize First = min(TimeGenerated), Last = max(TimeGenerated), Records = count() by Server, Port, Name, Header, Kind)`,
			s.Query, schema.SpoorRaw, strings.ReplaceAll(v.bounds(), "Timestamp", "TimeGenerated"), v.eventSite(), quote(v.req.ID.Value))
	}
	s.Query += "\n| project Server, Port, Name, Header, Kind, First, Last, Records\n| sort by Records desc, Server asc, Port asc, Name asc, Header asc, Kind asc"
	err := readSection(ctx, v, &s.SectionHead, &s.Items, func(row []any) {
		c := Component{
			Server: serverOf(text(row[0]), number(row[1])), Name: text(row[2]), Header: text(row[3]), Source: text(row[4]),
			First: ticks(row[5]).Time(), Last: ticks(row[6]).Time(), Records: number(row[7]),
		}
		c.CompareAs = nameOf(c.Server, c.Name, c.Header)
		s.Items = append(s.Items, c)
	})
	return s, err
}

// CookieSection is the names of cookies; their values are never read out.
type CookieSection struct {
	SectionHead
	Items []Cookie `json:"items"`
}

// Cookie is the name of a cookie that was sent or set.
type Cookie struct {
	Host    string    `json:"host"`
	Name    string    `json:"name"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Records int64     `json:"records"`
	Source  string    `json:"source"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

func (v *view) cookies(ctx context.Context) (CookieSection, error) {
	s := CookieSection{SectionHead{Needs: "cookie names in zeek.http (its script var-extraction-cookies), or suricata.http with the header cookie"}, []Cookie{}}
	s.Query = v.webRows() + v.asServer() + `
| extend Listed = tostring(AdditionalFields.cookie_vars), Sent = tostring(AdditionalFields.cookie)
| where Listed != "" or Sent != ""
| extend Names = iff(Listed != "", todynamic(Listed), extract_all(@"(?:^|;)\s*([^=;\s]+)\s*=", Sent))
| mv-expand Name = Names to typeof(string)
| where Name != ""
| summarize First = min(Timestamp), Last = max(Timestamp), Records = count() by Host, Name, Kind
| sort by Records desc, Host asc, Name asc, Kind asc`
	if !v.inspected("HttpConnectionInspected") {
		return s, nil
	}
	err := readSection(ctx, v, &s.SectionHead, &s.Items, func(row []any) {
		c := Cookie{
			Host: text(row[0]), Name: text(row[1]), Source: text(row[2]),
			First: ticks(row[3]).Time(), Last: ticks(row[4]).Time(), Records: number(row[5]),
		}
		c.CompareAs = nameOf(c.Host, c.Name)
		s.Items = append(s.Items, c)
	})
	return s, err
}

// object is a dynamic value of fields.
type object map[string]any

func objectOf(v any) object {
	raw, _ := v.(json.RawMessage)
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var o object
	if dec.Decode(&o) != nil {
		return nil
	}
	return o
}

// text is the first of the fields that is there, a number as it is written.
func (o object) text(names ...string) string {
	for _, name := range names {
		switch v := o[name].(type) {
		case string:
			return v
		case json.Number:
			return v.String()
		}
	}
	return ""
}

// texts is the first of the fields that is a list, its texts.
func (o object) texts(names ...string) []string {
	var out []string
	for _, name := range names {
		list, _ := o[name].([]any)
		for _, v := range list {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}
