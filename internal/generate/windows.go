package generate

// windowsLogs is what the collector writes of all hosts' events.
type windowsLogs struct{ sysmon, security, system *stream }

func newWindowsLogs(l *logs) windowsLogs {
	log := func(name string) *stream { return l.stream("windows/"+name, ".json") }
	return windowsLogs{sysmon: log("sysmon"), security: log("security"), system: log("system")}
}

// eventType is a kind of Windows event and the part of its header that never changes.
type eventType struct {
	*kind
	header string
}

// The headers, as NXLog forwards them (im_msvistalog) and Logstash completes them.
const (
	common = `,"SourceModuleType":"im_msvistalog","SourceModuleName":"eventlog","@version":"1","host":"wec01.` + domain +
		`","port":6514,"tags":["spoorDemo"],"OpcodeValue":0`
	logged  = `,"SeverityValue":2,"Severity":"INFO"`
	failed  = `,"SeverityValue":4,"Severity":"ERROR"`
	sysmons = common + logged + `,"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{5770385F-C22A-43E0-BF4C-06F5698FFBD9}"` +
		`,"Channel":"Microsoft-Windows-Sysmon/Operational","AccountType":"User","AccountName":"SYSTEM","Domain":"NT AUTHORITY"` +
		`,"UserID":"S-1-5-18","EventType":"INFO","Opcode":"Info","Keywords":-9223372036854775808,"RuleName":"-"`
	audits = common + `,"SourceName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}"` +
		`,"Channel":"Security","Opcode":"Info"`
	success = logged + `,"EventType":"AUDIT_SUCCESS","Keywords":-9214364837600034816`
	failure = failed + `,"EventType":"AUDIT_FAILURE","Keywords":-9218868437227405312`
)

func sysmonEvent(id, version, category string) *eventType {
	return &eventType{newKind("sysmon." + id), sysmons + `,"EventID":` + id + `,"Task":` + id + `,"Version":` + version +
		`,"Category":"` + category + `"`}
}

func auditEvent(id, task, version, category, outcome string) *eventType {
	return &eventType{newKind("security." + id), audits + outcome + `,"EventID":` + id + `,"Task":` + task + `,"Version":` + version +
		`,"Category":"` + category + `"`}
}

var (
	sysmonCreate   = sysmonEvent("1", "5", "Process Create (rule: ProcessCreate)")
	sysmonConnect  = sysmonEvent("3", "5", "Network connection detected (rule: NetworkConnect)")
	sysmonExit     = sysmonEvent("5", "3", "Process terminated (rule: ProcessTerminate)")
	sysmonLoad     = sysmonEvent("7", "3", "Image loaded (rule: ImageLoad)")
	sysmonAccess   = sysmonEvent("10", "3", "Process accessed (rule: ProcessAccess)")
	sysmonFile     = sysmonEvent("11", "2", "File created (rule: FileCreate)")
	sysmonRegistry = sysmonEvent("13", "2", "Registry value set (rule: RegistryEvent)")
	sysmonQuery    = sysmonEvent("22", "5", "Dns query (rule: DnsQuery)")

	auditLogon     = auditEvent("4624", "12544", "2", "Logon", success)
	auditNoLogon   = auditEvent("4625", "12544", "0", "Logon", failure)
	auditLogoff    = auditEvent("4634", "12545", "0", "Logoff", success)
	auditExplicit  = auditEvent("4648", "12544", "0", "Logon", success)
	auditSpecial   = auditEvent("4672", "12548", "0", "Special Logon", success)
	auditTGT       = auditEvent("4768", "14339", "0", "Kerberos Authentication Service", success)
	auditTicket    = auditEvent("4769", "14337", "0", "Kerberos Service Ticket Operations", success)
	auditShare     = auditEvent("5140", "12808", "1", "File Share", success)
	auditPermitted = auditEvent("5156", "12810", "1", "Filtering Platform Connection", success)
	auditBlocked   = auditEvent("5157", "12810", "1", "Filtering Platform Connection", failure)

	serviceInstalled = &eventType{newKind("system.7045"), common + logged + `,"SourceName":"Service Control Manager"` +
		`,"ProviderGuid":"{555908D1-A6D7-4695-8E1E-26931D2012F4}","Channel":"System","EventType":"INFO","Keywords":-9187343239835811840` +
		`,"EventID":7045,"Task":0,"Version":0`}
	logCleared = &eventType{newKind("security.1102"), common + logged + `,"SourceName":"Microsoft-Windows-Eventlog"` +
		`,"ProviderGuid":"{FC65DDD8-D6EF-4962-83D5-6E5CFE9CE148}","Channel":"Security","EventType":"INFO","Keywords":4620693217682128896` +
		`,"EventID":1102,"Task":104,"Version":1,"Category":"Log clear","Opcode":"Info"`}
)

// event begins a Windows event of a host; the caller adds its fields and calls finish.
// nil: the event lies outside the run, and there is nothing to add.
func (w *world) event(s *stream, t *eventType, h *host, at moment) []byte {
	if !w.within(at) {
		return nil
	}
	w.counts[t.index]++
	h.records++
	b := append(s.buf, `{"EventTime":"`...)
	b = w.stamp.date(b, at, ' ')
	b = append(b, `","@timestamp":"`...)
	b = w.stamp.iso(b, at)
	b = append(b, `","EventReceivedTime":"`...)
	b = w.stamp.date(b, at+second, ' ')
	b = append(b, `","Hostname":"`...)
	b = append(b, h.name...)
	b = append(b, '"')
	b = append(b, t.header...)
	b = num(b, "RecordNumber", 100_000+h.records)
	b = num(b, "ExecutionProcessID", 3392)
	return num(b, "ThreadID", 2000+4*(h.records%1200))
}

func finish(s *stream, b []byte, at moment) { s.add(append(b, '}'), at) }

// sysmon begins a Sysmon event that names the process that did it.
func (w *world) sysmonEvent(t *eventType, h *host, p *process, at moment) []byte {
	b := w.event(w.windows.sysmon, t, h, at)
	if b == nil {
		return nil
	}
	b = append(b, `,"UtcTime":"`...)
	b = w.stamp.utc(b, at)
	b = append(b, '"')
	b = str(b, "ProcessGuid", p.guid)
	b = numStr(b, "ProcessId", p.pid)
	return str(b, "Image", p.image)
}

// create starts a program on a host and writes that it was created.
func (w *world) create(h *host, p *program, parent *process, as *account, at moment) *process {
	child := w.begin(h, p, at, as)
	w.created(h, child, parent, at)
	return child
}

func (w *world) created(h *host, child, parent *process, at moment) {
	b := w.sysmonEvent(sysmonCreate, h, child, at)
	if b == nil {
		return
	}
	b = append(b, `,"FileVersion":"10.0.19041.4355"`...)
	b = str(b, "Description", child.description)
	b = str(b, "Product", child.product)
	b = str(b, "Company", child.company)
	b = str(b, "OriginalFileName", child.name)
	b = str(b, "CommandLine", child.commandLine)
	b = str(b, "CurrentDirectory", `C:\\Windows\\system32\\`)
	b = str(b, "User", child.user.full)
	b = hexStr(b, "LogonId", h.logonOf(child.user))
	if child.user == systemAccount {
		b = append(b, `,"TerminalSessionId":"0","IntegrityLevel":"System"`...)
	} else {
		b = append(b, `,"TerminalSessionId":"1","IntegrityLevel":"Medium"`...)
	}
	b = str(b, "Hashes", child.hashes)
	b = str(b, "ParentProcessGuid", parent.guid)
	b = numStr(b, "ParentProcessId", parent.pid)
	b = str(b, "ParentImage", parent.image)
	b = str(b, "ParentCommandLine", parent.commandLine)
	b = str(b, "ParentUser", parent.user.full)
	finish(w.windows.sysmon, b, at)
}

// logonOf is the logon session under which an account's processes run.
func (h *host) logonOf(a *account) int64 {
	if a == systemAccount || h.logonID == 0 {
		return 0x3e7
	}
	return h.logonID
}

// exit writes that a process ended.
func (w *world) exit(h *host, p *process, at moment) {
	b := w.sysmonEvent(sysmonExit, h, p, at)
	if b == nil {
		return
	}
	finish(w.windows.sysmon, str(b, "User", p.user.full), at)
}

// load writes that a process loaded a library.
func (w *world) load(h *host, p *process, library *program, at moment) {
	b := w.sysmonEvent(sysmonLoad, h, p, at)
	if b == nil {
		return
	}
	b = str(b, "ImageLoaded", library.image)
	b = append(b, `,"FileVersion":"10.0.19041.4355"`...)
	b = str(b, "Description", library.description)
	b = str(b, "Product", library.product)
	b = str(b, "Company", library.company)
	b = str(b, "OriginalFileName", library.name)
	b = str(b, "Hashes", library.hashes)
	b = append(b, `,"Signed":"true","Signature":"Microsoft Windows","SignatureStatus":"Valid"`...)
	finish(w.windows.sysmon, str(b, "User", p.user.full), at)
}

// fileCreated writes that a process created a file.
func (w *world) fileCreated(h *host, p *process, path quoted, at moment) {
	b := w.sysmonEvent(sysmonFile, h, p, at)
	if b == nil {
		return
	}
	b = str(b, "TargetFilename", path)
	b = append(b, `,"CreationUtcTime":"`...)
	b = w.stamp.utc(b, at)
	b = append(b, '"')
	finish(w.windows.sysmon, str(b, "User", p.user.full), at)
}

// registrySet writes that a process set a registry value.
func (w *world) registrySet(h *host, p *process, value, details quoted, at moment) {
	b := w.sysmonEvent(sysmonRegistry, h, p, at)
	if b == nil {
		return
	}
	b = append(b, `,"EventTypeOrignal":"INFO"`...)
	b = str(b, "TargetObject", value)
	b = str(b, "Details", details)
	finish(w.windows.sysmon, str(b, "User", p.user.full), at)
}

// access writes that a process opened another.
func (w *world) access(h *host, from, target *process, granted, trace quoted, at moment) {
	b := w.event(w.windows.sysmon, sysmonAccess, h, at)
	if b == nil {
		return
	}
	b = append(b, `,"UtcTime":"`...)
	b = w.stamp.utc(b, at)
	b = append(b, '"')
	b = str(b, "SourceProcessGUID", from.guid)
	b = numStr(b, "SourceProcessId", from.pid)
	b = numStr(b, "SourceThreadId", from.pid+12)
	b = str(b, "SourceImage", from.image)
	b = str(b, "TargetProcessGUID", target.guid)
	b = numStr(b, "TargetProcessId", target.pid)
	b = str(b, "TargetImage", target.image)
	b = str(b, "GrantedAccess", granted)
	b = str(b, "CallTrace", trace)
	b = str(b, "SourceUser", from.user.full)
	b = str(b, "TargetUser", target.user.full)
	finish(w.windows.sysmon, b, at)
}

// sysmonDNS writes that a process asked for a name.
func (w *world) sysmonDNS(at moment, h *host, p *process, name quoted, answer *endpoint) {
	b := w.sysmonEvent(sysmonQuery, h, p, at)
	if b == nil {
		return
	}
	b = str(b, "QueryName", name)
	if answer == nil {
		b = append(b, `,"QueryStatus":"9003","QueryResults":"-"`...)
	} else {
		b = append(b, `,"QueryStatus":"0","QueryResults":"`...)
		b = append(b, answer.mapped...)
		b = append(b, `;"`...)
	}
	finish(w.windows.sysmon, str(b, "User", p.user.full), at)
}

// hostFlow writes what the host at one end reports of a flow: Sysmon's event 3 and the
// firewall's 5156, within a second of the sensor's record.
func (w *world) hostFlow(f *flow, h *host, p *process, opened bool) {
	at := f.at + w.between(0, 40*millisecond)
	w.permitted(f, h, p, opened, at)
	w.connected(f, h, p, opened, at+w.between(5*millisecond, 400*millisecond))
}

func (w *world) connected(f *flow, h *host, p *process, opened bool, at moment) {
	at -= at % millisecond // Sysmon counts no less
	b := w.sysmonEvent(sysmonConnect, h, p, at)
	if b == nil {
		return
	}
	from, fromPort, to, toPort := f.from, f.fromPort, f.to, f.toPort
	if f.udp && !opened { // over UDP Sysmon puts the reporting host first
		from, fromPort, to, toPort = to, toPort, from, fromPort
	}
	tallyFlow(tallySysmon3, at, from, to, h.name, h.name)
	b = str(b, "User", p.user.full)
	if f.udp {
		b = append(b, `,"Protocol":"udp"`...)
	} else {
		b = append(b, `,"Protocol":"tcp"`...)
	}
	if opened {
		b = append(b, `,"Initiated":"true"`...)
	} else {
		b = append(b, `,"Initiated":"false"`...)
	}
	b = str(b, "SourceIsIpv6", from.v6())
	b = str(b, "SourceIp", from.sysmon)
	b = append(b, `,"SourceHostname":"-"`...)
	b = numStr(b, "SourcePort", fromPort)
	b = append(b, `,"SourcePortName":"-"`...)
	b = str(b, "DestinationIsIpv6", to.v6())
	b = str(b, "DestinationIp", to.sysmon)
	b = append(b, `,"DestinationHostname":"-"`...)
	b = numStr(b, "DestinationPort", toPort)
	b = append(b, `,"DestinationPortName":"-"`...)
	finish(w.windows.sysmon, b, at)
}
