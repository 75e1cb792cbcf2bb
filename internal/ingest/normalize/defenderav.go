package normalize

import "strings"

// defenderMappings maps the events of Microsoft Defender Antivirus by ID: 1116, malware
// found; 1117, something done about it.
var defenderMappings = map[int]winMapping{
	1116: defenderDetection,
	1117: defenderDetection,
}

// defenderDetection maps a detection. The names in AdditionalFields that Defender XDR
// has for them come beside those of the event.
func defenderDetection(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "AntivirusDetection")
	winFile(&row, defenderFile(ev.text("Path")))
	actor := winProcess{image: ev.take("Process Name")}
	if strings.EqualFold(actor.image, "Unknown") {
		actor.image = ""
	}
	actor.domain, actor.account = winAccount(ev.take("Detection User"))
	actor.actor(&row, e)
	own := appendTextField(nil, "ThreatName", ev.take("Threat Name"))
	if ev.id == 1117 {
		own = append(appendName(own, "WasRemediated"), defenderRemediated(ev.text("Error Code"))...)
	}
	row.SetString("AdditionalFields", ev.additional(own))
	e.Rows = append(e.Rows, row)
}

// defenderRemediated is JSON: whether the action ended without an error.
func defenderRemediated(errorCode string) string {
	switch errorCode {
	case "":
		return "null"
	case "0x00000000", "0x0", "0":
		return "true"
	}
	return "false"
}

// defenderFile is the first file among the resources of a detection, which are listed
// as file:_C:\…; containerfile:_C:\…; process:_pid:…. What lies in an archive stands
// after an arrow.
func defenderFile(resources string) string {
	for resource := range strings.SplitSeq(resources, ";") {
		if path, ok := strings.CutPrefix(strings.TrimSpace(resource), "file:_"); ok {
			path, _, _ = strings.Cut(path, "->")
			return path
		}
	}
	return ""
}
