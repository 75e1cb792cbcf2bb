package normalize

import (
	"strconv"
	"strings"

	"spoor/internal/schema"
)

// sysmonRemoteThread maps event 8, a thread created in another process.
func sysmonRemoteThread(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "CreateRemoteThreadApiCall")
	actor := ev.sysmonSource("SourceProcessGuid")
	ev.sysmonTarget(&row)
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// sysmonProcessAccess maps event 10, a process opened by another.
func sysmonProcessAccess(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "OpenProcessApiCall")
	actor := ev.sysmonSource("SourceProcessGUID")
	ev.sysmonTarget(&row)
	actor.actor(&row, e)
	var own []byte
	if n, ok := winNumber(ev.text("GrantedAccess")); ok {
		own = strconv.AppendInt(appendName(own, "DesiredAccess"), n, 10)
	}
	row.SetString("AdditionalFields", ev.additional(own))
	e.Rows = append(e.Rows, row)
}

// sysmonTarget fills the columns of the process that something was done to. Its GUID
// has no column and stays in AdditionalFields.
func (ev *winEvent) sysmonTarget(row *schema.Row) {
	winFile(row, winImage(ev.take("TargetImage")))
	ev.number(row, "ProcessId", "TargetProcessId")
	domain, name := winAccount(ev.take("TargetUser"))
	row.SetString("AccountDomain", domain)
	row.SetString("AccountName", name)
}

// sysmonPipe maps the events 17, a named pipe created, and 18, one connected to. Sysmon
// leaves the device out of the pipe's name and Defender writes it.
func sysmonPipe(operation string) winMapping {
	return func(ev *winEvent, e *Event) {
		row := ev.deviceRow("DeviceEvents", "NamedPipeEvent")
		pipe := ev.take("PipeName")
		if strings.HasPrefix(pipe, `\`) {
			pipe = `\Device\NamedPipe` + pipe
		}
		actor := ev.sysmonActor()
		actor.actor(&row, e)
		own := appendTextField(nil, "PipeName", pipe)
		own = appendTextField(own, "FileOperation", operation)
		row.SetString("AdditionalFields", ev.additional(own))
		e.Rows = append(e.Rows, row)
	}
}

// sysmonWMIBinding maps event 21, a WMI consumer bound to a filter. It names an
// account and no process.
func sysmonWMIBinding(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "WmiBindEventFilterToConsumer")
	actor := ev.sysmonActor()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// sysmonDNS maps event 22, a DNS query of a process.
func sysmonDNS(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "DnsQueryResponse")
	query := ev.text("QueryName")
	e.Observables = addDomain(e.Observables, query)
	e.Observables = sysmonAnswers(e.Observables, ev.text("QueryResults"))
	actor := ev.sysmonActor()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(appendTextField(nil, "DnsQueryString", query)))
	e.Rows = append(e.Rows, row)
}

// sysmonAnswers adds the answers in QueryResults: addresses, and "type: 5 name" for an
// alias, each followed by a semicolon. No more than 256 are read.
func sysmonAnswers(list []Observable, results string) []Observable {
	for range 256 {
		answer, rest, more := strings.Cut(results, ";")
		answer = strings.TrimSpace(answer)
		if typed, ok := strings.CutPrefix(answer, "type:"); ok {
			_, answer, _ = strings.Cut(strings.TrimSpace(typed), " ")
			answer = strings.TrimSpace(answer)
		}
		list = addAnswer(list, answer)
		if !more {
			break
		}
		results = rest
	}
	return list
}
