package normalize

import (
	"strings"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// systemMappings maps the events of the System log by ID.
var systemMappings = map[int]winMapping{
	7045: systemService,
}

// systemService maps 7045 of the service control manager, a service installed. The
// names in AdditionalFields are those of Security 4697.
func systemService(ev *winEvent, e *Event) {
	if ev.provider != "" && !strings.Contains(ev.provider, "Service Control Manager") {
		windowsOther(ev, e)
		return
	}
	row := ev.deviceRow("DeviceEvents", "ServiceInstalled")
	ev.serviceFile(&row, ev.take("ImagePath"))
	account := ev.take("AccountName")
	if account == "" {
		account = ev.said("Service Account")
	}
	actor := ev.logger()
	actor.actor(&row, e)
	own := appendTextField(nil, "ServiceName", ev.take("ServiceName"))
	own = appendTextField(own, "ServiceAccount", account)
	own = appendTextField(own, "ServiceStartType", ev.take("StartType"))
	own = appendTextField(own, "ServiceType", ev.take("ServiceType"))
	row.SetString("AdditionalFields", ev.additional(own))
	e.Rows = append(e.Rows, row)
}

// serviceFile fills the columns of a service's program from its command line.
func (ev *winEvent) serviceFile(row *schema.Row, commandLine string) {
	row.SetString("ProcessCommandLine", commandLine)
	winFile(row, winProgram(commandLine))
}

// winProgram is the program that a command line begins with. A path without quotes may
// hold blanks: it ends with its extension.
func winProgram(commandLine string) string {
	s := strings.TrimSpace(commandLine)
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		inner, _, _ = strings.Cut(inner, `"`)
		return inner
	}
	if strings.HasPrefix(s, `\`) || len(s) > 2 && s[1] == ':' {
		for i := 0; i+4 <= len(s); i++ {
			extension := s[i : i+4]
			if (strings.EqualFold(extension, ".exe") || strings.EqualFold(extension, ".sys")) && (i+4 == len(s) || s[i+4] == ' ') {
				return s[:i+4]
			}
		}
	}
	s, _, _ = strings.Cut(s, " ")
	return s
}

// logger is the account and the process that wrote the event to the log, for events
// whose data does not say who acted.
func (ev *winEvent) logger() winProcess {
	sys := decode.Record{Fields: ev.system}
	p := winProcess{sid: sys.Get("UserID", "SystemUserId", "Security")}
	switch {
	case sys.Has("user"): // Winlogbeat
		user := decode.Record{Fields: winObject(sys.Get("user"))}
		p.domain, p.account, p.sid = user.Get("domain"), user.Get("name"), user.Get("identifier")
	case sys.Has("AccountType"): // NXLog
		p.domain, p.account = sys.Get("Domain"), sys.Get("AccountName")
	}
	p.pid, _ = winNumber(ev.loggerPID())
	return p
}

// loggerPID is the process ID in the header of the event.
func (ev *winEvent) loggerPID() string {
	sys := decode.Record{Fields: ev.system}
	if pid := sys.Get("ExecutionProcessID", "SystemProcessId", "Execution", "process_id"); pid != "" {
		return pid
	}
	if sys.Has("SourceModuleType") { // NXLog before version 2.10
		return sys.Get("ProcessID")
	}
	process := decode.Record{Fields: winObject(sys.Get("process"))} // Winlogbeat 7
	return process.Get("pid")
}
