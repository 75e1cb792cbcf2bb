package normalize

import "strings"

// powershellMappings maps the events of Microsoft-Windows-PowerShell by ID.
var powershellMappings = map[int]winMapping{
	4104: powershellScript,
}

// powershellScript maps 4104, a block of script compiled. The account and the process
// are those of the event's header; the event does not name the image.
func powershellScript(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "PowerShellCommand")
	command := ev.take("ScriptBlockText")
	if command == "" {
		command = powershellMessage(ev.message)
	}
	winFile(&row, ev.take("Path"))
	actor := ev.logger()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(appendTextField(nil, "Command", command)))
	e.Rows = append(e.Rows, row)
}

// powershellMessage takes the script out of the rendered message: a heading, the
// script, and the identity of the block.
func powershellMessage(message string) string {
	heading, script, _ := strings.Cut(message, "\n")
	if !strings.HasPrefix(heading, "Creating Scriptblock text") {
		return ""
	}
	if end := strings.LastIndex(script, "ScriptBlock ID:"); end >= 0 {
		script = script[:end]
	}
	return strings.TrimRight(script, "\r\n")
}
