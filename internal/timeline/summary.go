package timeline

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// describing are the columns that an item is described by, where a table has them.
var describing = []string{
	"DeviceName", "Computer", "ActionType",
	"InitiatingProcessFileName", "InitiatingProcessCommandLine", "InitiatingProcessAccountDomain", "InitiatingProcessAccountName",
	"FileName", "FolderPath", "ProcessCommandLine", "AccountDomain", "AccountName",
	"LocalIP", "LocalPort", "RemoteIP", "RemotePort", "RemoteUrl", "Protocol",
	"IPAddress", "DestinationIPAddress", "LogonType",
	"RegistryKey", "RegistryValueName",
	"Activity", "EventID", "Account", "SourceIP", "DestinationIP", "DestinationPort", "SourceIp", "DestinationIp",
	"Title", "Severity", "AlertName", "AlertSeverity", "Description",
	"RecordType", "Message", "EventData", "SyslogMessage", "ProcessName", "Application", "OperationName", "Provider",
}

// itemColumns are the columns that the items of a table are described by.
func itemColumns(t *schema.Table) []string {
	var names []string
	add := func(name string) {
		if c, ok := t.Column(name); ok && !c.Hidden && c.Constant == "" && name != t.Time && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range slices.Concat(describing, bags) {
		add(name)
	}
	patterns := []string{tablePhrases[t.Name]}
	switch {
	case t.Index("ActionType") >= 0:
		patterns = append(patterns, slices.Sorted(maps.Values(actionPhrases))...)
		patterns = append(patterns, slices.Sorted(maps.Values(flowPhrases))...)
	case t.Name == "SecurityEvent":
		patterns = append(patterns, securityDetails...)
	case t.Name == "WindowsEvent":
		add("RawEventData")
	case patterns[0] == "" && t.Name != schema.SpoorRaw:
		for i := range t.Columns {
			if c := &t.Columns[i]; c.Type == schema.String && len(names) < 60 {
				add(c.Name)
			}
		}
	}
	for _, pattern := range patterns {
		for _, alternatives := range placeholders(pattern) {
			for name := range strings.SplitSeq(alternatives, "|") {
				add(name)
			}
		}
	}
	return names
}

// itemColumn is the KQL that reads a column for the line of an item.
func itemColumn(t *schema.Table, name string) string {
	if c, _ := t.Column(name); c.Type == schema.Dynamic || slices.Contains(bags, name) || name == "RawEventData" {
		return fmt.Sprintf("substring(tostring(%s), 0, %d)", bracketed(name), bagText)
	}
	return bracketed(name)
}

// fields are values of a row by the names of their columns.
type fields map[string]any

// text is the first of the columns that holds a text.
func (f fields) text(names ...string) string {
	for _, name := range names {
		if s, ok := f[name].(string); ok && s != "" {
			return s
		}
	}
	return ""
}

func (f fields) number(name string) int32 {
	switch n := f[name].(type) {
	case int32:
		return n
	case int64:
		return int32(n)
	}
	return 0
}

// clipped bounds what of a text stands in an item; the event itself has it whole.
func clipped(s string) string {
	const most = 500
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// describe fills an item from the values of its row.
func (f fields) describe(item *Item, id subject, inbound bool) {
	item.ActionType = f.text("ActionType")
	item.Process = clipped(f.text("InitiatingProcessFileName"))
	item.CommandLine = clipped(f.text("InitiatingProcessCommandLine"))
	item.Account = clipped(entity.CanonicalAccount(f.text("InitiatingProcessAccountDomain"), f.text("InitiatingProcessAccountName")))
	item.File = clipped(f.text("FileName"))
	if item.Table == "DeviceProcessEvents" {
		item.CommandLine = clipped(f.text("ProcessCommandLine", "InitiatingProcessCommandLine"))
	}
	if item.Account == "" || item.Table == "DeviceLogonEvents" || item.Table == "DeviceProcessEvents" {
		if a := entity.CanonicalAccount(f.text("AccountDomain"), f.text("AccountName")); a != "" {
			item.Account = clipped(a)
		}
	}
	local := f.text("LocalIP", "DestinationIPAddress", "DestinationIP", "DestinationIp")
	remote := f.text("RemoteIP", "IPAddress", "SourceIP", "SourceIp")
	item.Peer, item.Port = remote, f.number("RemotePort")
	if inbound {
		item.Port = f.number("LocalPort")
	}
	if id.holds(remote) {
		item.Peer = local
	}
	if id.among != nil && item.Peer == local {
		item.Address = remote
	} else if id.among != nil {
		item.Address = local
	}
	f["@account"], f["@process"], f["@remote"] = item.Account, item.Process, remote
	item.Summary = clipped(f.summary(item, local, remote, inbound))
}

// summary is an event in a line: who did what to what.
func (f fields) summary(item *Item, local, remote string, inbound bool) string {
	var said []string
	for _, name := range bags {
		object := f.text(name)
		said = append(said, f.unpack(object)...)
		if name == "EventData" {
			said = append(said, f.unpackXML(object)...)
		}
	}
	switch item.Table {
	case "SecurityEvent":
		return f.securityEvent()
	case "WindowsEvent":
		return f.windowsEvent(said)
	case schema.SpoorRaw:
		return f.rawRecord(said)
	}
	_, flow := flowPhrases[item.ActionType]
	switch pattern, known := actionPhrases[item.ActionType]; {
	case known:
		return sentence(item.Process, f.phrase(pattern))
	case local != "" && remote != "" && item.ActionType != "" && (flow || item.Table == "DeviceNetworkEvents"):
		return sentence(item.Process, f.ends(local, remote, inbound)+",", f.connection(item))
	case flow:
		return sentence(item.Process, f.connection(item))
	}
	if pattern, ok := tablePhrases[item.Table]; ok {
		if item.ActionType != "" {
			f["ActionType"] = words(item.ActionType)
		}
		return f.phrase(pattern)
	}
	if file := f.text("FolderPath", "FileName"); file != "" {
		return sentence(item.Process, words(item.ActionType), file)
	}
	if line := sentence(item.Process, words(item.ActionType), f.text("RemoteUrl", "Activity", "OperationName", "SyslogMessage", "Message", "Description"), from(remote)); line != "" {
		return line
	}
	return f.pairs(f.columns(item.Table))
}

// columns lists the columns of a table that were read and are texts.
func (f fields) columns(table string) []string {
	return slices.DeleteFunc(itemColumns(schema.Default().MustTable(table)), func(name string) bool {
		return slices.Contains([]string{"TenantId", "Type", "SourceSystem"}, name) || strings.HasPrefix(name, "_")
	})
}

// ends are the two ends of a connection, with an arrow from the one that opened it.
func (f fields) ends(local, remote string, inbound bool) string {
	if inbound {
		return withPort(local, f.number("LocalPort")) + " ← " + remote
	}
	return local + " → " + withPort(remote, f.number("RemotePort"))
}

func withPort(address string, port int32) string {
	if port == 0 {
		return address
	}
	return net.JoinHostPort(address, strconv.Itoa(int(port)))
}

// connection says what happened on a connection.
func (f fields) connection(item *Item) string {
	if pattern, ok := flowPhrases[item.ActionType]; ok {
		return f.phrase(pattern)
	}
	noun, ok := map[string]string{"TCP": "TCP connection", "UDP": "UDP exchange", "": "connection"}[strings.ToUpper(f.text("Protocol"))]
	if !ok {
		noun = strings.ToUpper(f.text("Protocol")) + " connection"
	}
	if name := f.said("RemoteUrl"); name != "" {
		noun += " to " + name
	}
	outcome := item.Outcome
	switch outcome {
	case "":
		outcome = words(item.ActionType)
	case "unknown":
		outcome = "outcome unknown"
	}
	return noun + ", " + outcome
}

// securityEvent tells an event of Windows' Security log: "An object was deleted: …".
func (f fields) securityEvent() string {
	id := f.said("EventID")
	_, activity, ok := strings.Cut(f.said("Activity"), " - ")
	if activity = strings.TrimRight(activity, ".: "); !ok || activity == "" {
		activity = "Security event"
	}
	by := f.said("Account|SubjectUserName")
	for _, pattern := range securityDetails {
		if about := f.phrase(pattern); about != "" && !strings.EqualFold(about, by) {
			f["@about"] = about
			break
		}
	}
	f["@activity"], f["@id"] = activity, id
	return f.phrase("{@activity} ({@id})[: {@about}][, {ProcessName}][, by {Account|SubjectUserName}][, from {IPAddress|SourceIP|IpAddress}]")
}

// windowsEvent tells an event of another log of Windows, of which the names are the
// fields of its data.
func (f fields) windowsEvent(names []string) string {
	provider := f.text("Provider")
	if pattern, ok := windowsPhrases[provider][f.number("EventID")]; ok {
		if line := f.phrase(pattern); line != "" {
			return line
		}
	}
	f["@about"] = f.said("RawEventData")
	if f["@about"] == "" {
		f["@about"] = f.pairs(names)
	}
	f["@provider"] = strings.TrimPrefix(provider, "Microsoft-Windows-")
	return f.phrase("{@provider} event {EventID}[: {@about}]")
}

// rawRecord tells an unmapped record, of which the names are its fields.
func (f fields) rawRecord(names []string) string {
	kind := f.text("RecordType")
	if pattern, ok := rawPhrases[kind]; ok {
		line := f.phrase(pattern)
		ends := f.phrase("[: {id.orig_h|id_orig_h} → {id.resp_h|id_resp_h}][, port {id.resp_p|id_resp_p}]")
		if strings.HasPrefix(kind, "zeek.") && ends != "" && !strings.Contains(line, "→") {
			line += ends
		}
		if line != "" {
			return line
		}
	}
	return sentence(kind, cmp.Or(f.said("Message"), f.pairs(names)))
}

func sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func from(address string) string {
	if address == "" {
		return ""
	}
	return "from " + address
}
