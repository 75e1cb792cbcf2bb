package normalize

import (
	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// readSyslog reads a Syslog row that holds the XML of a Sysmon for Linux event.
func (ev *winEvent) readSyslog() bool {
	r := ev.rec
	x := r.Get("SyslogMessage")
	ev.system = winXMLSystem(x)
	sys := decode.Record{Fields: ev.system}
	ev.provider, ev.channel = sys.Get("Provider"), sys.Get("Channel")
	if ev.computer = winFirst(r, "Hostname", "computer_name", "Computer"); ev.computer == "" {
		ev.computer = sys.Get("Computer")
	}
	data, _ := winXMLRaw(x, "EventData")
	ev.data = winXMLData(data)
	return ev.setID(sys.Get("EventID"))
}

// linuxSysmon adds what such an event is besides: a row of Syslog, and a host that gives
// its address.
func (ev *winEvent) linuxSysmon(e *Event) {
	e.Rows = append(e.Rows, ev.syslogRow(e))
	if a, ok := entity.ParseAddress(ev.rec.Get("HostIP")); ok {
		ev.claimAddress(e, a)
	}
}

func (ev *winEvent) syslogRow(e *Event) schema.Row {
	row := schema.NewRow(winTable("Syslog"))
	row.SetTime("TimeGenerated", ev.time)
	for _, name := range [...]string{
		"SourceSystem", "Computer", "Facility", "HostName", "SeverityLevel", "SyslogMessage",
		"ProcessName", "CollectorHostName", "_ResourceId", "TenantId",
	} {
		row.SetString(name, ev.rec.Get(name))
	}
	if t, ok := parseInstant(ev.rec.Get("EventTime")); ok {
		row.SetTime("EventTime", t)
	}
	if n, ok := winNumber(ev.rec.Get("ProcessID")); ok {
		winSetInt(&row, "ProcessID", n)
	}
	if a, ok := entity.ParseAddress(ev.rec.Get("HostIP")); ok && mayName(&e.Flow, a) {
		row.SetString("HostIP", a.String())
	}
	return row
}
