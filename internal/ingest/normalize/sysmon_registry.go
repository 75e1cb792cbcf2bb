package normalize

import (
	"strconv"
	"strings"

	"spoor/internal/schema"
)

// sysmonRegistry maps the events about the registry: a key or value created or deleted
// (12), a value set (13), a key or value renamed (14). DeviceRegistryEvents has no
// AdditionalFields.
func sysmonRegistry(ev *winEvent, e *Event) {
	action := registryAction(ev.id, ev.registryOperation())
	row := ev.deviceRow("DeviceRegistryEvents", action)
	target := registryKey(ev.take("TargetObject"))
	switch action {
	case "RegistryValueSet":
		registryValue(&row, "", target)
		valueType, data := registryData(ev.take("Details"))
		row.SetString("RegistryValueType", valueType)
		row.SetString("RegistryValueData", data)
	case "RegistryValueDeleted":
		registryValue(&row, "Previous", target)
		registryValue(&row, "", target)
	case "RegistryKeyRenamed":
		row.SetString("PreviousRegistryKey", target)
		row.SetString("RegistryKey", registryKey(ev.take("NewName")))
	case "RegistryValueRenamed":
		registryValue(&row, "Previous", target)
		registryValue(&row, "", registryKey(ev.take("NewName")))
	case "RegistryKeyDeleted":
		row.SetString("PreviousRegistryKey", target)
		row.SetString("RegistryKey", target)
	default:
		row.SetString("RegistryKey", target)
	}
	actor := ev.sysmonActor()
	actor.actor(&row, e)
	e.Rows = append(e.Rows, row)
}

// registryOperation is the event's own EventType, from the message where the exporter
// has none or its own in its place.
func (ev *winEvent) registryOperation() string {
	if s := ev.take("EventType"); s != "" {
		return s
	}
	return ev.said("EventType")
}

// registryAction is Microsoft's word for an operation on the registry. Some exports
// lose the operation; then event 12 says no more than its title.
func registryAction(id int, operation string) string {
	switch operation {
	case "CreateKey":
		return "RegistryKeyCreated"
	case "DeleteKey":
		return "RegistryKeyDeleted"
	case "DeleteValue":
		return "RegistryValueDeleted"
	case "RenameValue":
		return "RegistryValueRenamed"
	}
	switch id {
	case 13:
		return "RegistryValueSet"
	case 14:
		return "RegistryKeyRenamed"
	default:
		return "RegistryObjectCreatedOrDeleted"
	}
}

// registryRoots are the roots that Sysmon abbreviates and Defender writes out.
var registryRoots = [...][2]string{
	{"HKLM", "HKEY_LOCAL_MACHINE"},
	{"HKU", "HKEY_USERS"},
	{"HKCR", "HKEY_CLASSES_ROOT"},
	{"HKCU", "HKEY_CURRENT_USER"},
}

func registryKey(path string) string {
	for _, root := range registryRoots {
		if rest, ok := strings.CutPrefix(path, root[0]); ok && (rest == "" || rest[0] == '\\') {
			return root[1] + rest
		}
	}
	return path
}

// registryValue splits the path of a value into its key and its name, which Sysmon
// writes as one.
func registryValue(row *schema.Row, prefix, path string) {
	i := strings.LastIndexByte(path, '\\')
	if i < 0 {
		row.SetString(prefix+"RegistryKey", path)
		return
	}
	row.SetString(prefix+"RegistryKey", path[:i])
	row.SetString(prefix+"RegistryValueName", path[i+1:])
}

// registryData reads what Sysmon prints of a value's data and gives it as Defender
// writes it: numbers in decimal. For binary data Sysmon prints no more than that.
func registryData(details string) (valueType, data string) {
	for _, number := range [...][2]string{{"DWORD (", "Dword"}, {"QWORD (", "Qword"}} {
		inner, ok := strings.CutPrefix(details, number[0])
		if !ok {
			continue
		}
		inner = strings.TrimSuffix(inner, ")")
		if n, ok := registryNumber(inner); ok {
			return number[1], n
		}
	}
	switch details {
	case "Binary Data":
		return "Binary", ""
	case "":
		return "", ""
	}
	return "String", details
}

// registryNumber reads 0x00000001 or, for a QWORD, 0x00000001-0x00000002: the upper and
// the lower half.
func registryNumber(s string) (string, bool) {
	high, low, ok := strings.Cut(s, "-")
	if !ok {
		high, low = "0x0", s
	}
	h, err1 := strconv.ParseUint(strings.TrimPrefix(high, "0x"), 16, 32)
	l, err2 := strconv.ParseUint(strings.TrimPrefix(low, "0x"), 16, 64)
	if err1 != nil || err2 != nil {
		return "", false
	}
	return strconv.FormatUint(h<<32|l, 10), true
}
