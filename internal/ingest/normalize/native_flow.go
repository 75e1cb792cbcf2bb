package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// nativeFlows reads what became of a flow or logon, and what a table says of its two
// ends beyond naming them.
var nativeFlows = map[string]func(*nativeRow){
	"DeviceNetworkEvents": (*nativeRow).deviceNetwork,
	"DeviceEvents":        (*nativeRow).deviceEvent,
	"DeviceLogonEvents":   (*nativeRow).logon,
	"IdentityLogonEvents": (*nativeRow).logon,
	"DeviceNetworkInfo":   (*nativeRow).interfaces,
	"DeviceProcessEvents": (*nativeRow).process,
	"Syslog":              (*nativeRow).syslog,

	"VMConnection":           (*nativeRow).vmConnection,
	"CommonSecurityLog":      func(n *nativeRow) { n.filtered("DeviceAction", "SentBytes", "ReceivedBytes") },
	"WindowsFirewall":        func(n *nativeRow) { n.filtered("FirewallAction", "", "") },
	"AZFWNetworkRule":        func(n *nativeRow) { n.filtered("Action", "", "") },
	"AZFWApplicationRule":    func(n *nativeRow) { n.filtered("Action", "", "") },
	"NTANetAnalytics":        func(n *nativeRow) { n.filtered("FlowStatus", "BytesSrcToDest", "BytesDestToSrc") },
	"ASimNetworkSessionLogs": func(n *nativeRow) { n.filtered("DvcAction", "SrcBytes", "DstBytes") },

	"SecurityAlert":            (*nativeRow).alertEntities,
	"AppServiceIPSecAuditLogs": func(n *nativeRow) { n.forwarded("XForwardedFor", "CIp") },
	"ASimWebSessionLogs":       func(n *nativeRow) { n.forwarded("HttpRequestXff", "SrcIpAddr") },

	"SigninLogs":                      func(n *nativeRow) { n.signIn("ResultType") },
	"AADNonInteractiveUserSignInLogs": func(n *nativeRow) { n.signIn("ResultType") },
	"AADServicePrincipalSignInLogs":   func(n *nativeRow) { n.signIn("ResultType") },
	"AADManagedIdentitySignInLogs":    func(n *nativeRow) { n.signIn("ResultType") },
	"AADSignInEventsBeta":             func(n *nativeRow) { n.signIn("ErrorCode") },
	"AADSpnSignInEventsBeta":          func(n *nativeRow) { n.signIn("ErrorCode") },
	"EntraIdSignInEvents":             func(n *nativeRow) { n.signIn("ErrorCode") },
	"EntraIdSpnSignInEvents":          func(n *nativeRow) { n.signIn("ErrorCode") },
}

// alertEntities takes the addresses that an alert lists as its evidence.
func (n *nativeRow) alertEntities() {
	for _, v := range winArray(n.row.Str("Entities")) {
		fields := winObject(v.Text)
		if !strings.EqualFold(memberText(fields, "Type"), "ip") {
			continue
		}
		if address := memberText(fields, "Address"); entity.CanonicalAddress(address) != "" {
			n.ev.Observables = append(n.ev.Observables, Observable{Kind: entity.IP, Value: address, Roles: entity.RoleEvidence})
		}
	}
}

// forwarded takes the addresses of a header by which a proxy says for whom it asks, if the
// sender is one that is believed.
func (n *nativeRow) forwarded(header, sender string) {
	if n.src.trusts(n.address(sender), n.ev.Time) {
		n.ev.Observables = addForwardedValue(n.ev.Observables, n.row.Str(header))
	}
}

// ends takes the two ends from the address columns: the first that is a source and the
// first that is a destination. With one end alone, that is where a request came from.
func (n *nativeRow) ends() {
	f := &n.ev.Flow
	for i := range n.row.Cells {
		cell := &n.row.Cells[i]
		c := &n.table.Columns[cell.Column]
		if c.Holds != schema.HoldsAddress || c.Type != schema.String {
			continue
		}
		a, ok := entity.ParseAddress(cell.Value.Str())
		switch {
		case !ok:
		case c.Role == entity.RoleSource && !f.Source.IsValid():
			f.Source = a
		case c.Role == entity.RoleDestination && !f.Destination.IsValid():
			f.Destination = a
		}
	}
	f.Local, f.Remote = Orient(f.Source, f.Destination, Hints{}, n.src.Own, n.ev.Time)
	if f.Source.IsValid() && !f.Destination.IsValid() {
		f.Remote = f.Source
	}
}

func (n *nativeRow) address(column string) netip.Addr {
	a, _ := entity.ParseAddress(n.row.Str(column))
	return a
}

// between makes the flow of a row that says which end is local. opened: by that end.
func (n *nativeRow) between(local, remote netip.Addr, opened bool, outcome schema.Outcome) {
	f := Flow{Source: local, Destination: remote, Local: local, Remote: remote, Outcome: outcome}
	if !opened {
		f.Source, f.Destination = remote, local
	}
	n.ev.Flow = f
}

// deviceNetwork reads the ActionType, which says who opened a connection and how it
// ended.
func (n *nativeRow) deviceNetwork() {
	local, remote, action := n.address("LocalIP"), n.address("RemoteIP"), n.row.Str("ActionType")
	switch action {
	case "ListeningConnectionCreated":
		n.ev.Flow = Flow{Local: local}
	case "ConnectionSuccess":
		n.between(local, remote, true, schema.OutcomeEstablished)
		n.claim(local)
	case "ConnectionAcknowledged":
		n.between(local, remote, true, schema.OutcomeEstablished)
	case "ConnectionFailed":
		n.between(local, remote, true, schema.OutcomeRefused)
	case "ConnectionAttempt":
		n.between(local, remote, n.saysOut(), schema.OutcomeUnanswered)
	case "InboundConnectionAccepted":
		n.between(local, remote, false, schema.OutcomeEstablished)
	case "InboundConnectionAttempt":
		n.between(local, remote, false, schema.OutcomeUnanswered)
	case "InboundConnectionBlocked":
		n.between(local, remote, false, schema.OutcomeBlocked)
	case "NetworkSignatureInspected":
		n.between(local, remote, n.saysOut(), schema.OutcomeNone)
	default:
		if remote.IsValid() {
			n.between(local, remote, n.saysOut(), schema.OutcomeUnknown)
		}
	}
}

// saysOut reads the direction that inspected connections print.
func (n *nativeRow) saysOut() bool {
	return !strings.EqualFold(memberText(winObject(n.own), "direction"), "In")
}

func (n *nativeRow) deviceEvent() {
	local, remote := n.address("LocalIP"), n.address("RemoteIP")
	switch n.row.Str("ActionType") {
	case "FirewallOutboundConnectionBlocked":
		n.between(local, remote, true, schema.OutcomeBlocked)
	case "FirewallInboundConnectionBlocked":
		n.between(local, remote, false, schema.OutcomeBlocked)
	default:
		n.ev.Flow = Flow{Local: local, Remote: remote}
	}
}

// logon: where it came from, and whether it was let in.
func (n *nativeRow) logon() {
	f := &n.ev.Flow
	if n.table.Index("RemoteIP") >= 0 {
		from := n.address("RemoteIP")
		*f = Flow{Source: from, Remote: from}
	}
	switch n.row.Str("ActionType") {
	case "LogonSuccess":
		f.Outcome = schema.OutcomeEstablished
	case "LogonFailed":
		f.Outcome = schema.OutcomeRefused
	default:
		f.Outcome = schema.OutcomeUnknown
	}
}

// signIn reads the error code of a sign-in; 0 is success.
func (n *nativeRow) signIn(column string) {
	v, ok := n.row.Get(column)
	switch {
	case !ok:
		n.ev.Flow.Outcome = schema.OutcomeUnknown
	case v.Text() == "0":
		n.ev.Flow.Outcome = schema.OutcomeEstablished
	default:
		n.ev.Flow.Outcome = schema.OutcomeRefused
	}
}

// process: rows that the sensor's raw form gave have no ActionType.
func (n *nativeRow) process() {
	if row := &n.ev.Rows[0]; row.Str("ActionType") == "" {
		row.SetString("ActionType", "ProcessCreated")
	}
}

// interfaces claims the addresses that a device says its interfaces have.
func (n *nativeRow) interfaces() {
	for _, v := range winArray(n.row.Str("IPAddresses")) {
		text := v.Text
		if fields := winObject(text); fields != nil {
			text = memberText(fields, "IPAddress")
		}
		a, _ := entity.ParseAddress(text)
		n.claim(a)
	}
}

func (n *nativeRow) syslog() { n.claim(n.address("HostIP")) }

// claim says that the reporting device holds an address.
func (n *nativeRow) claim(a netip.Addr) {
	if a.IsValid() && !entity.IsGroup(a) && n.ev.Device != "" {
		n.ev.Claims = append(n.ev.Claims, Claim{Address: a})
	}
}

// vmConnection: a connection as one of the agent's machine, which counts its own bytes.
func (n *nativeRow) vmConnection() {
	f := &n.ev.Flow
	switch {
	case strings.EqualFold(n.row.Str("Direction"), "inbound"):
		f.Local, f.Remote = f.Destination, f.Source
	case f.Source.IsValid():
		f.Local, f.Remote = f.Source, f.Destination
		n.claim(f.Source)
	}
	f.Outcome = schema.OutcomeUnknown
	switch {
	case n.number("LinksEstablished") > 0 || n.number("LinksLive") > 0 || n.number("LinksTerminated") > 0:
		f.Outcome = schema.OutcomeEstablished
	case n.number("LinksFailed") > 0:
		f.Outcome = schema.OutcomeUnanswered
	}
	f.BytesOut, f.BytesIn = n.number("BytesSent"), n.number("BytesReceived")
}

// filtered reads what a firewall or proxy did with a flow, and the bytes that each end
// sent.
func (n *nativeRow) filtered(action, sourceBytes, destinationBytes string) {
	f := &n.ev.Flow
	f.Outcome = filterOutcome(n.row.Str(action))
	f.BytesOut, f.BytesIn = n.number(sourceBytes), n.number(destinationBytes)
	if isInbound(f) {
		f.BytesOut, f.BytesIn = f.BytesIn, f.BytesOut
	}
}

// number is a whole number of the row, 0 when it has none.
func (n *nativeRow) number(column string) int64 {
	v, _ := n.row.Get(column)
	return max(v.Int(), 0)
}

// filterOutcome reads the word of a filter's decision, of which every vendor has its
// own.
func filterOutcome(word string) schema.Outcome {
	word = strings.ToLower(word)
	for _, part := range []string{"deny", "denied", "drop", "block", "reject", "reset"} {
		if strings.Contains(word, part) {
			return schema.OutcomeBlocked
		}
	}
	for _, part := range []string{"allow", "accept", "permit", "pass"} {
		if strings.Contains(word, part) {
			return schema.OutcomePermitted
		}
	}
	return schema.OutcomeUnknown
}
