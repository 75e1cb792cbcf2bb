package entitypage

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// flows begins a query over the records of connections, and of what was said in them,
// that name the entity in the window: Client opened, or tried to, and Server was opened
// to at Port. Both follow from the record itself, whoever of the two is the
// organisation's.
//
// Inspected signatures and listening sockets are no connections; what a host's
// firewall blocked is.
func (v *view) flows() string { return v.flowsWhere("") }

// flowsWhere is flows under a further condition on columns of the events.
func (v *view) flowsWhere(condition string) string {
	return v.flowsOpened("iff("+fromHost("Kind")+", "+openedByRemote+", "+openedByRemote+` or tostring(AdditionalFields.direction) == "In")`, condition)
}

// hostFlows is flowsWhere for the records of hosts alone. It does without AdditionalFields,
// the column that takes longest to read.
func (v *view) hostFlows(condition string) string {
	return v.flowsOpened(openedByRemote, fromHost(schema.ColSourceKind), condition)
}

// flowsOpened is flows under further conditions, of which opened says that the remote side
// opened them.
func (v *view) flowsOpened(opened string, conditions ...string) string {
	var where strings.Builder
	for _, c := range conditions {
		if c != "" {
			where.WriteString("\n    | where " + c)
		}
	}
	return fmt.Sprintf(flowsText, v.bounds(), v.eventSite(), v.flowNames()+where.String(), opened, v.flowRole())
}

// openedByRemote is what ActionType says of who opened a connection. Of what sensors saw
// AdditionalFields says it, too.
const openedByRemote = `ActionType in ("InboundConnectionAccepted", "FirewallInboundConnectionBlocked")`

// fromHost is the condition that a kind of records is of hosts that tell of themselves.
func fromHost(kind string) string {
	return fmt.Sprintf(`(%[1]s startswith_cs "sysmon." or %[1]s startswith_cs "security.")`, kind)
}

// isFromHost is fromHost of a kind.
func isFromHost(kind string) bool {
	return strings.HasPrefix(kind, "sysmon.") || strings.HasPrefix(kind, "security.")
}

// inspectedBy are the logs of sensors in which there are records of an ActionType.
var inspectedBy = map[string][]string{
	"HttpConnectionInspected": {"http"},
	"SslConnectionInspected":  {"ssl", "tls"},
	"SshConnectionInspected":  {"ssh"},
}

// mayInspect reports whether a kind of records may have one of some such ActionTypes.
func mayInspect(kind string, actions ...string) bool {
	product, log, _ := strings.Cut(kind, ".")
	switch product {
	case "sysmon", "security":
		return false
	case "zeek", "suricata":
		return slices.ContainsFunc(actions, func(a string) bool { return slices.Contains(inspectedBy[a], log) })
	default:
		return true
	}
}

// inspected reports whether the ledger leaves it open that records with one of some such
// ActionTypes name the entity, so that an address which none of their logs names reads none.
func (v *view) inspected(actions ...string) bool {
	return v.req.ID.Kind != entity.IP || v.req.Role != 0 ||
		slices.ContainsFunc(v.all, func(r store.Stretch) bool { return mayInspect(r.SourceKind, actions...) })
}

const flowsText = `union
    (DeviceNetworkEvents
    | where %[1]s%[2]s
    | where %[3]s
    | where ActionType !in ("NetworkSignatureInspected", "ListeningConnectionCreated")
    | project Timestamp, Site = _Site, Kind = _SourceKind, Outcome = _Outcome, ActionType, DeviceName, LocalIP, LocalPort, RemoteIP, RemotePort,
        Protocol, RemoteUrl, Process = InitiatingProcessFileName, AdditionalFields),
    (DeviceEvents
    | where %[1]s%[2]s
    | where %[3]s
    | where ActionType in ("FirewallInboundConnectionBlocked", "FirewallOutboundConnectionBlocked")
    | project Timestamp, Site = _Site, Kind = _SourceKind, Outcome = _Outcome, ActionType, DeviceName, LocalIP, LocalPort, RemoteIP, RemotePort,
        Protocol = "", RemoteUrl, Process = InitiatingProcessFileName, AdditionalFields)
| where LocalIP != "" and RemoteIP != ""
| extend Inbound = %[4]s
| extend Client = iff(Inbound, RemoteIP, LocalIP), Server = iff(Inbound, LocalIP, RemoteIP), Port = iff(Inbound, LocalPort, RemotePort)%[5]s`

// clientBytes and serverBytes are what each end sent, of the kinds that count it, and
// serviceSeen is the protocol that they recognised.
var (
	clientBytes = sizedField("tolong", "long(null)", "orig_bytes", "flow.bytes_toserver")
	serverBytes = sizedField("tolong", "long(null)", "resp_bytes", "flow.bytes_toclient")
	serviceSeen = sizedField("tostring", `""`, "service", "app_proto")
)

// sizedField reads a field of the kinds that count bytes: where it stands in a record of
// Zeek's, and in one of Suricata's. It is asked of no other record.
func sizedField(read, otherwise, zeek, suricata string) string {
	return fmt.Sprintf(`case(Kind == "zeek.conn", %[1]s(tostring(AdditionalFields.%[3]s)), Kind == "suricata.flow", %[1]s(tostring(AdditionalFields.%[4]s)), %[2]s)`,
		read, otherwise, zeek, suricata)
}

// sizedKinds are the kinds that count the bytes of a connection.
var sizedKinds = []string{"zeek.conn", "suricata.flow"}

// eventSite continues a condition on events; "" for all sites.
func (v *view) eventSite() string {
	if v.req.Site == "" {
		return ""
	}
	return fmt.Sprintf(" and %s == %s", schema.ColSite, quote(v.req.Site))
}

// flowNames says of a row of DeviceNetworkEvents that it names the entity.
func (v *view) flowNames() string {
	id := quote(v.req.ID.Value)
	switch v.req.ID.Kind {
	case entity.IP, entity.CIDR, entity.Range, entity.ASN:
		return v.is("LocalIP") + " or " + v.is("RemoteIP")
	case entity.Device:
		return "DeviceName =~ " + id
	case entity.Domain:
		return fmt.Sprintf("RemoteUrl has %s and (RemoteUrl =~ %s or tostring(parse_url(RemoteUrl).Host) =~ %s)", id, id, id)
	case entity.URL:
		return "RemoteUrl =~ " + id
	case entity.Hash:
		return fmt.Sprintf("InitiatingProcessSHA256 =~ %s or InitiatingProcessSHA1 =~ %s or InitiatingProcessMD5 =~ %s", id, id, id)
	default:
		return v.flowAccount()
	}
}

func (v *view) flowAccount() string {
	domain, name, ok := strings.Cut(v.req.ID.Value, `\`)
	if !ok {
		return "InitiatingProcessAccountName =~ " + quote(v.req.ID.Value)
	}
	return fmt.Sprintf("InitiatingProcessAccountName =~ %s and InitiatingProcessAccountDomain =~ %s", quote(name), quote(domain))
}

// flowRole continues flows with the role asked for. Records of connections name the two
// ends and no other address, so that a translated or forwarded one has none.
func (v *view) flowRole() string {
	if !v.ofAddresses() {
		return ""
	}
	switch v.req.Role {
	case 0:
		return ""
	case entity.RoleSource:
		return "\n| where " + v.is("Client")
	case entity.RoleDestination:
		return "\n| where " + v.is("Server")
	case entity.RoleLocal:
		return "\n| where " + v.is("LocalIP")
	default:
		return "\n| where false"
	}
}

// endpoints is the two ends of connections of one site.
type endpoints struct{ site, client, server string }

// pair is the ends in one order, the lesser text first.
func (e endpoints) pair() endpoints {
	if e.server < e.client {
		e.client, e.server = e.server, e.client
	}
	return e
}

// side is one of the two ends.
func (e endpoints) side(server bool) string {
	if server {
		return e.server
	}
	return e.client
}

// localEnd says which end is the organisation's: of two of which a reporting host held
// one at that time, that one, else the one that was stored, see orient. An address
// that the network catalogue or the page itself calls own stands before one that
// nobody does.
func (v *view) localEnd(e endpoints, stored string, at schema.Ticks) string {
	client, server := v.ownAddress(e.site, e.client, at), v.ownAddress(e.site, e.server, at)
	if v.req.ID.Kind == entity.IP && !client && !server && v.own {
		client, server = e.client == v.req.ID.Value, e.server == v.req.ID.Value
	}
	switch {
	case client == server:
		return stored
	case client:
		return e.client
	default:
		return e.server
	}
}

// whoHeld names the devices that held an address at a moment.
func (v *view) whoHeld(site, address string, at schema.Ticks) string {
	var names []string
	for _, ref := range v.holders.all.At(site, address, at) {
		names = append(names, ref.Name)
	}
	return strings.Join(names, ", ")
}

// peersWith lists the addresses at the other end with at least n records of a kind,
// those with most first, as far as they have no more than budget records together. left
// counts those beyond it.
func (v *view) peersWith(kind string, n, budget int64) (peers []string, left int) {
	counts := map[string]int64{}
	for i := range v.rows {
		if r := &v.rows[i]; r.SourceKind == kind && r.Peer != "" && (talked(r.Roles) || !v.ofAddresses()) && !v.group(r.Site, r.Peer) {
			counts[r.Peer] += r.Records
		}
	}
	for _, p := range sortedByCount(counts) {
		switch records := counts[p]; {
		case records < n:
			return peers, left
		case records > budget:
			left++
		default:
			budget -= records
			peers = append(peers, p)
		}
	}
	return peers, left
}

// number reads a whole number of a result; 0 for null.
func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	default:
		return 0
	}
}

func ticks(v any) schema.Ticks {
	t, _ := v.(schema.Ticks)
	return t
}

func float(v any) float64 {
	f, _ := v.(float64)
	return f
}

// literals writes texts as a list of KQL literals.
func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = quote(t)
	}
	return strings.Join(quoted, ", ")
}

// textList reads a dynamic list of texts, without the empty ones.
func textList(v any) []string {
	list := []string{}
	raw, _ := v.(json.RawMessage)
	if err := json.Unmarshal(raw, &list); err != nil {
		return []string{}
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}
