package timeline

import (
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
	for _, name := range describing {
		if c, ok := t.Column(name); ok && !c.Hidden && name != t.Time {
			names = append(names, name)
		}
	}
	return names
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
	item.Summary = clipped(f.summary(item, local, remote, inbound))
}

// summary is an event in a line: who did what to what.
func (f fields) summary(item *Item, local, remote string, inbound bool) string {
	who := item.Process
	switch item.Table {
	case "DeviceProcessEvents":
		return sentence(who, "started", f.text("ProcessCommandLine", "FileName"))
	case "DeviceImageLoadEvents":
		return sentence(who, "loaded", f.text("FolderPath", "FileName"))
	case "DeviceRegistryEvents":
		return sentence(who, words(item.ActionType), joined(`\`, f.text("RegistryKey"), f.text("RegistryValueName")))
	case "DeviceLogonEvents", "IdentityLogonEvents":
		return sentence(words(item.ActionType), item.Account, from(remote), f.text("LogonType"))
	case "AlertInfo", "AlertEvidence", "SecurityAlert":
		return sentence(f.text("Title", "AlertName"), f.text("Severity", "AlertSeverity"))
	case "SecurityEvent":
		return sentence(f.text("Activity"), f.text("Account"), from(f.text("IPAddress", "SourceIP")))
	case schema.SpoorRaw:
		return sentence(f.text("RecordType"), f.text("Message"))
	}
	if local != "" && remote != "" && item.ActionType != "" {
		left, right := local, net.JoinHostPort(remote, strconv.Itoa(int(f.number("RemotePort"))))
		arrow := "→"
		if inbound {
			left, right = net.JoinHostPort(local, strconv.Itoa(int(f.number("LocalPort")))), remote
			arrow = "←"
		}
		name := f.text("RemoteUrl")
		if name != "" {
			name = "(" + name + ")"
		}
		return sentence(who, left, arrow, right, name, f.text("Protocol"), words(item.ActionType))
	}
	if file := f.text("FolderPath", "FileName"); file != "" {
		return sentence(who, words(item.ActionType), file)
	}
	return sentence(who, words(item.ActionType), f.text("RemoteUrl", "Activity", "OperationName", "SyslogMessage", "Message", "Description"), from(remote))
}

func sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

func joined(by string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), by)
}

func from(address string) string {
	if address == "" {
		return ""
	}
	return "from " + address
}

// words takes a word of Microsoft's apart: "FileCreated" is "file created".
func words(action string) string {
	var b strings.Builder
	for i, r := range action {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte(' ')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
