package timeline

import (
	"fmt"
	"math"
	"math/bits"
	"regexp"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// flowRoles are the parts that a column of a flow tells of.
const flowRoles = entity.RoleSource | entity.RoleDestination | entity.RoleLocal | entity.RoleRemote

// The columns that a query computes so that a row's roles can be told: a set of roles,
// and whether the other side opened the flow.
const (
	rolesColumn   = "_Roles"
	inboundColumn = "_Inbound"
)

// inbound is the KQL that tells whether the other side is the source of a flow; "" where
// a table has no flows with two sides. The ledger takes the source as the record prints
// it: of a datagram that is the host in Sysmon's records, and of an alert the sender of
// the packet.
func inbound(t *schema.Table) string {
	if t.Index("LocalIP") < 0 || t.Index("RemoteIP") < 0 || t.Index("ActionType") < 0 {
		return ""
	}
	cond := `ActionType contains "Inbound"`
	if t.Index("Protocol") >= 0 {
		cond += ` and not(_SourceKind == "sysmon.3" and Protocol == "Udp")`
	}
	if t.Index("AdditionalFields") >= 0 {
		cond += ` or (tostring(AdditionalFields.direction) == "In") != (tostring(AdditionalFields.suricata_direction) == "to_client")`
	}
	return cond
}

// roleColumns are the KQL of the two columns. within is the condition on time for copies
// that say that the reporting device holds the address; "" when there are none.
func roleColumns(id subject, t *schema.Table, within string) (roles, opened string) {
	if !id.ofAddresses() {
		return "0", "false"
	}
	roles = "0"
	add := func(cond string, r entity.Roles) {
		roles = fmt.Sprintf("binary_or(%s, iff(%s, %d, 0))", roles, cond, r)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Holds == schema.HoldsAddress && c.Type == schema.String && c.Role != 0 {
			add(id.is(c.Name), c.Role)
		}
	}
	for _, f := range textRoles {
		if f.table == t.Name && id.among == nil {
			add(f.cond+" and "+elementIn("tostring("+f.field+")", id.Value), f.role)
		}
	}
	if within != "" && t.Name != "DeviceNetworkInfo" {
		add(copyConditions(id, schema.Default().MustTable("DeviceNetworkInfo"), within)[0], entity.RoleAssigned)
	}
	if opened = inbound(t); opened == "" {
		opened = "false"
	}
	return roles, opened
}

// elementIn looks for an address that is a whole text, or an element of a list in it.
func elementIn(text, address string) string {
	return containing(text, address, `(?i)(^|[",;\[])(::ffff:)?`+regexp.QuoteMeta(address)+`($|[",;\]])`)
}

// textRoles are the fields that name an address in another part than a mention.
var textRoles = []struct {
	table, cond, field string
	role               entity.Roles
}{
	{"DeviceNetworkEvents", `ActionType == "DnsConnectionInspected"`, "AdditionalFields.answers", entity.RoleAnswer},
	{"DeviceEvents", `ActionType == "DnsQueryResponse"`, "AdditionalFields.QueryResults", entity.RoleAnswer},
	{"SpoorRaw", `RecordType == "zeek.files"`, "Fields.tx_hosts", entity.RoleSource},
	{"SpoorRaw", `RecordType == "zeek.files"`, "Fields.rx_hosts", entity.RoleDestination},
	{"SpoorRaw", `RecordType == "suricata.fileinfo"`, "Fields.src_ip", entity.RoleSource},
	{"SpoorRaw", `RecordType == "suricata.fileinfo"`, "Fields.dest_ip", entity.RoleDestination},
	{"SpoorRaw", `RecordType == "zeek.dhcp"`, "Fields.assigned_addr", entity.RoleAssigned},
}

// roleCondition is the KQL condition for one of the roles of a flow; "" when a role
// among them is told by other means.
func roleCondition(id subject, t *schema.Table, roles entity.Roles) string {
	opened := inbound(t)
	if !id.ofAddresses() || roles&^flowRoles != 0 || opened == "" {
		return ""
	}
	local, remote := id.is("LocalIP"), id.is("RemoteIP")
	var conds []string
	for _, r := range []struct {
		role entity.Roles
		cond string
	}{
		{entity.RoleLocal, local},
		{entity.RoleRemote, remote},
		{entity.RoleSource, fmt.Sprintf("iff(%s, %s, %s)", opened, remote, local)},
		{entity.RoleDestination, fmt.Sprintf("iff(%s, %s, %s)", opened, local, remote)},
	} {
		if roles.Has(r.role) {
			conds = append(conds, r.cond)
		}
	}
	return strings.Join(conds, " or ")
}

// reporter is by what the records of a kind can be told apart in the ledger.
type reporter struct {
	table, kind, site, device string
	day                       int32
	outcome                   schema.Outcome
}

// reporter is who the ledger says reported a row: the device in it or, of a record that
// tells of a device and is not from it, none.
func (v *view) reporter(table, kind, site, device string, day int32, outcome schema.Outcome) reporter {
	r := reporter{table, kind, site, device, day, outcome}
	if nobody := (reporter{table, kind, site, "", day, outcome}); !v.known.names(r) && v.known.names(nobody) {
		return nobody
	}
	return r
}

func outcomeOf(word string) schema.Outcome {
	if word == "" {
		return schema.OutcomeNone
	}
	return schema.ParseOutcome(word)
}

// knownRoles are the sets of roles that the ledger has for the records of a reporter.
type knownRoles map[reporter][]entity.Roles

func (k knownRoles) add(t *store.Tally) {
	r := reporter{t.Table, t.SourceKind, t.Site, t.Device, t.Day, t.Outcome}
	k[r] = append(k[r], t.Roles)
}

// names reports whether the ledger has records of a reporter.
func (k knownRoles) names(r reporter) bool { return len(k[r]) > 0 }

// told is the roles that the columns of a row say.
func told(told entity.Roles, inbound bool) entity.Roles {
	// Told is which side the entity was on; who opened the flow says the other half.
	local, remote := told.Has(entity.RoleLocal), told.Has(entity.RoleRemote)
	if local && !inbound || remote && inbound || local && remote {
		told |= entity.RoleSource
	}
	if local && inbound || remote && !inbound || local && remote {
		told |= entity.RoleDestination
	}
	if told == 0 {
		told = entity.RoleMentioned // no column holds the entity
	}
	return told
}

// of is the roles of a row: the set in the ledger that has most of what the row's
// columns say.
func (k knownRoles) of(r reporter, told entity.Roles) entity.Roles {
	best, distance := told, math.MaxInt
	for _, set := range k[r] {
		if d := bits.OnesCount16(uint16(set ^ told)); d < distance {
			best, distance = set, d
		}
	}
	return best
}
