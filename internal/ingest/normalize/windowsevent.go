package normalize

import (
	"strings"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// windowsOther maps the events that have no table of their own to WindowsEvent.
func windowsOther(ev *winEvent, e *Event) {
	row := schema.NewRow(winTable("WindowsEvent"))
	row.SetTime("TimeGenerated", ev.time)
	row.SetString("Provider", ev.provider)
	row.SetString("Channel", ev.channel)
	row.SetString("Computer", ev.computer)
	row.SetInt("EventID", int64(ev.id))
	ev.systemColumns(&row, "EventLevel")
	row.SetString("EventData", ev.dataJSON())
	if !ev.hasData() {
		row.SetString("RawEventData", ev.message)
	}
	e.Rows = append(e.Rows, row)
}

func (ev *winEvent) hasData() bool {
	for i := range ev.data {
		if !ev.header.has(i) {
			return true
		}
	}
	return false
}

// dataJSON is the event's data as a JSON object, "" for none.
func (ev *winEvent) dataJSON() string {
	if !ev.hasData() {
		return ""
	}
	b := append(make([]byte, 0, 512), '{')
	for i := range ev.data {
		if !ev.header.has(i) {
			b = appendField(b, ev.data[i].Name, ev.data[i].Value)
		}
	}
	return string(append(b, '}'))
}

// systemColumns fills the columns that SecurityEvent and WindowsEvent have for the
// header of an event. level names the column of the numeric level, which is text in
// one and a number in the other.
func (ev *winEvent) systemColumns(row *schema.Row, level string) {
	sys := decode.Record{Fields: ev.system}
	for _, c := range [...]struct {
		column string
		names  []string
	}{
		{"Task", []string{"Task", "task"}},
		{"Version", []string{"Version", "version"}},
		{"Opcode", []string{"Opcode", "opcode", "OpcodeValue"}},
		{"Keywords", []string{"Keywords", "keywords"}},
		{"Correlation", []string{"Correlation", "ActivityID", "activity_id"}},
		{"SystemUserId", []string{"SystemUserId", "UserID", "Security"}},
		{"SystemProcessId", []string{"SystemProcessId", "ExecutionProcessID", "Execution", "process_id"}},
		{"SystemThreadId", []string{"SystemThreadId", "ThreadID", "thread_id"}},
		{"EventRecordId", winRecordNumber},
		{"EventLevelName", []string{"EventLevelName", "level"}},
		{level, []string{"EventLevel", "Level"}},
	} {
		if text := sys.Get(c.names...); text != "" {
			winSetCell(row, c.column, strings.TrimSpace(text))
		}
	}
}
