package entitypage

import (
	"fmt"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Every number of a page is opened by a query. They read the ledger, so that they give
// the page's own numbers, also where raw events have expired.

// sightings begins a query: the entity's rows of the ledger in the window.
func (v *view) sightings(windowed bool) string {
	q := fmt.Sprintf("%s\n| where Kind == %s and %s", schema.SpoorSightings, quote(string(v.countedAs())), v.is("Entity"))
	q += v.siteFilter() + v.roleFilter()
	if windowed {
		q += v.dayFilter()
	}
	return q
}

func (v *view) siteFilter() string {
	if v.req.Site == "" {
		return ""
	}
	return fmt.Sprintf(" and Site == %s", quote(v.req.Site))
}

func (v *view) roleFilter() string {
	if v.req.Role == 0 {
		return ""
	}
	return fmt.Sprintf(" and Roles has %s", quote(v.req.Role.String()))
}

func (v *view) dayFilter() string {
	return fmt.Sprintf("\n| where Day between (datetime(%s) .. datetime(%s))", day(v.window.fromDay), day(v.window.toDay))
}

const noMentions = "\n| where not(Roles has \"mentioned\")"

// counted leaves out what is not counted as a record of the page.
func (v *view) counted() string { return noMentions + v.onceQuery() }

func (v *view) sourceQuery(kind string) string {
	return v.sightings(v.window.explicit) + v.counted() + fmt.Sprintf("\n| where SourceKind == %s", quote(kind)) + `
| extend Host = iff(DeviceName == "", Peer, DeviceName)
| summarize Records = sum(Records), Hosts = dcountif(Host, Host != ""), First = min(FirstSeen), Last = max(LastSeen) by Day
| sort by Day asc`
}

func (v *view) prevalenceQuery(kind string) string {
	return v.sightings(true) + v.counted() + fmt.Sprintf("\n| where SourceKind == %s", quote(kind)) + `
| summarize Records = sum(Records) by Day
| sort by Day asc`
}

func (v *view) outcomesQuery() string {
	return v.sightings(true) + v.counted() + `
| summarize Records = sum(Records) by SourceKind, Outcome
| sort by SourceKind asc, Records desc`
}

func (v *view) devicesQuery() string {
	return v.sightings(true) + v.counted() + `
| summarize Records = sum(Records), First = min(FirstSeen), Last = max(LastSeen), BytesOut = sum(BytesOut), BytesIn = sum(BytesIn) by DeviceName, SourceKind, Peer
| sort by Last desc`
}

func (v *view) peersQuery() string {
	return v.sightings(true) + v.counted() + `
| where Peer != "" and Peer != Entity
| summarize Records = sum(Records), First = min(FirstSeen), Last = max(LastSeen) by Peer, SourceKind
| sort by Records desc`
}

// alertsQuery lists the alerts whose evidence names the entity; "" for a kind that no
// evidence column holds.
func (v *view) alertsQuery() string {
	id := quote(v.req.ID.Value)
	var names string
	switch v.req.ID.Kind {
	case entity.IP, entity.CIDR, entity.Range, entity.ASN:
		return fmt.Sprintf(alertsText, fmt.Sprintf(withSecurityAlerts, v.evidence(v.evidenceNames()), v.window.from, v.window.to, v.eventSite(), v.listedNames()))
	case entity.Device:
		names = "DeviceName =~ " + id
	case entity.Hash:
		names = fmt.Sprintf("SHA1 =~ %s or SHA256 =~ %s", id, id)
	case entity.Domain, entity.URL:
		names = "RemoteUrl has " + id
	case entity.Account:
		if domain, name, ok := strings.Cut(v.req.ID.Value, `\`); ok {
			names = fmt.Sprintf("AccountName =~ %s and AccountDomain =~ %s", quote(name), quote(domain))
		} else {
			names = "AccountName =~ " + id
		}
	}
	return fmt.Sprintf(alertsText, v.evidence(names))
}

// forwardedFor is the address in a row of evidence that a proxy spoke for.
const forwardedFor = "tostring(AdditionalFields.ForwardedFor)"

// evidence begins a query with the rows of evidence in the window that names selects.
func (v *view) evidence(names string) string {
	return fmt.Sprintf(`AlertEvidence
| where %s%s
| where %s
| extend Category = Categories, Source = ServiceSource, Direction = EvidenceDirection, ForwardedFor = %s, Record = _RawId`, v.bounds(), v.eventSite(), names, forwardedFor)
}

// evidenceNames says of a row of evidence that it names the address in the role asked
// for. No sensor of alerts tells of translated addresses.
func (v *view) evidenceNames() string {
	ends := v.is("RemoteIP") + " or " + v.is("LocalIP")
	switch v.req.Role {
	case 0:
		return ends + " or " + v.is(forwardedFor)
	case entity.RoleLocal:
		return v.is("LocalIP")
	case entity.RoleSource:
		return fmt.Sprintf(`(%s) and EvidenceDirection == "Source"`, ends)
	case entity.RoleDestination:
		return fmt.Sprintf(`(%s) and EvidenceDirection == "Destination"`, ends)
	case entity.RoleForwarded:
		return v.is(forwardedFor)
	default:
		return "false"
	}
}

// listedNames says of an address that an alert of Sentinel lists that it is the page's;
// which part it plays, such an alert does not say.
func (v *view) listedNames() string {
	if v.req.Role != 0 {
		return "false"
	}
	return v.is("Address")
}

const withSecurityAlerts = `union
    (%s),
    (SecurityAlert
    | where TimeGenerated >= datetime(%s) and TimeGenerated < datetime(%s)%s
    | mv-expand Listed = todynamic(Entities)
    | extend Address = tostring(Listed.Address)
    | where %s
    | project Timestamp = TimeGenerated, AlertId = SystemAlertId, Title = AlertName, Severity = AlertSeverity, Category = Tactics, Source = iff(ProductName == "", ProviderName, ProductName),
        DeviceName = CompromisedEntity, EvidenceRole = "Listed", Direction = "", ForwardedFor = "", Record = _RawId)`

const alertsText = `%s
| summarize Timestamp = min(Timestamp), Title = take_any(Title), Severity = take_any(Severity), Category = take_any(Category), Source = take_any(Source), Device = max(DeviceName), Evidence = min(EvidenceRole), AsSource = countif(Direction == "Source"), AsDestination = countif(Direction == "Destination"), Forwarded = countif(ForwardedFor != ""), Record = min(Record) by AlertId
| sort by Timestamp desc`

func (v *view) bounds() string { return boundsOf(v.window.from, v.window.to) }

// boundsOf is the condition on time for a period, to exclusive.
func boundsOf(from, to schema.Ticks) string {
	return fmt.Sprintf("Timestamp >= datetime(%s) and Timestamp < datetime(%s)", from, to)
}

// quote writes a KQL string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
