package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/schema"
)

// sysmonMappings maps Sysmon's events by ID, for Windows and for Linux. Field names:
// Sysmon's event schema (sysmon -s). Events that are not here have no table of their
// own and become rows of WindowsEvent.
var sysmonMappings = map[int]winMapping{
	1:  sysmonProcess,
	2:  sysmonFile("FileModified"),
	3:  sysmonConnection,
	6:  sysmonDriver,
	7:  sysmonImage,
	8:  sysmonRemoteThread,
	10: sysmonProcessAccess,
	11: sysmonFile("FileCreated"),
	12: sysmonRegistry,
	13: sysmonRegistry,
	14: sysmonRegistry,
	15: sysmonFile("FileCreated"),
	17: sysmonPipe("File created"),
	18: sysmonPipe("File opened"),
	21: sysmonWMIBinding,
	22: sysmonDNS,
	23: sysmonFile("FileDeleted"),
	26: sysmonFile("FileDeleted"),
}

// sysmonActor is the process that did what an event says, as most events name it.
func (ev *winEvent) sysmonActor() winProcess {
	p := winProcess{guid: winGUID(ev.take("ProcessGuid")), image: ev.take("Image")}
	p.domain, p.account = winAccount(ev.take("User"))
	p.pid = ev.sysmonPID()
	return p
}

// sysmonPID is the ProcessId, from the message where the exporter has overwritten it.
func (ev *winEvent) sysmonPID() int64 {
	if n, ok := ev.takeNumber("ProcessId"); ok {
		return n
	}
	n, _ := winNumber(ev.said("ProcessId"))
	return n
}

// sysmonSource is the acting process of the events that name two.
func (ev *winEvent) sysmonSource(guidField string) winProcess {
	p := winProcess{guid: winGUID(ev.take(guidField)), image: ev.take("SourceImage")}
	p.domain, p.account = winAccount(ev.take("SourceUser"))
	p.pid, _ = ev.takeNumber("SourceProcessId")
	return p
}

// sysmonProcess maps event 1, a process created. The acting process is the parent.
func sysmonProcess(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceProcessEvents", "ProcessCreated")
	image := ev.take("Image")
	row.SetString("FileName", winBase(image))
	row.SetString("FolderPath", image)
	row.SetString("ProcessCommandLine", ev.take("CommandLine"))
	if pid := ev.sysmonPID(); pid > 0 {
		row.SetInt("ProcessId", pid)
	}
	row.SetString("ProcessUniqueId", winGUID(ev.take("ProcessGuid")))
	row.SetString("ProcessIntegrityLevel", ev.take("IntegrityLevel"))
	if t, ok := parseInstant(ev.text("UtcTime")); ok {
		row.SetTime("ProcessCreationTime", t)
	}
	domain, name := winAccount(ev.take("User"))
	row.SetString("AccountDomain", domain)
	row.SetString("AccountName", name)
	ev.number(&row, "LogonId", "LogonId")
	if n, ok := ev.takeNumber("TerminalSessionId"); ok && n != 0xffffffff { // -1 on Linux: none
		row.SetInt("CreatedProcessSessionId", n)
	}
	row.SetString("ProcessVersionInfoCompanyName", ev.take("Company"))
	row.SetString("ProcessVersionInfoProductName", ev.take("Product"))
	row.SetString("ProcessVersionInfoFileDescription", ev.take("Description"))
	row.SetString("ProcessVersionInfoOriginalFileName", ev.take("OriginalFileName"))
	imphash := ev.hashes(&row, "Hashes")

	parent := winProcess{
		guid: winGUID(ev.take("ParentProcessGuid")), image: ev.take("ParentImage"), commandLine: ev.take("ParentCommandLine"),
	}
	parent.domain, parent.account = winAccount(ev.take("ParentUser"))
	parent.pid, _ = ev.takeNumber("ParentProcessId")
	parent.actor(&row, e)

	row.SetString("AdditionalFields", ev.additional(appendTextField(nil, "IMPHASH", imphash)))
	e.Rows = append(e.Rows, row)
}

// sysmonConnection maps event 3. Over TCP SourceIp is the side that opened the
// connection, whoever reports it; over UDP it is the reporting host, even where the
// other side spoke first (Initiated is false).
func sysmonConnection(ev *winEvent, e *Event) {
	src, dst := ev.takeAddress("SourceIp"), ev.takeAddress("DestinationIp")
	e.Flow = Flow{Source: src, Destination: dst, Outcome: schema.OutcomeEstablished}
	initiated := !strings.EqualFold(ev.take("Initiated"), "false")
	protocol := ev.take("Protocol")

	hostIsSource := initiated || strings.EqualFold(protocol, "udp") || ev.holdsOnly(src, dst)
	opened := initiated || hostIsSource && !strings.EqualFold(protocol, "udp")
	row := ev.deviceRow("DeviceNetworkEvents", connectionAction(e.Flow.Outcome, !opened))
	ev.flowColumns(&row, e, hostIsSource, "SourcePort", "DestinationPort")
	row.SetString("Protocol", winProtocol(protocol))
	actor := ev.sysmonActor()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
	if initiated {
		ev.claimAddress(e, src)
	}
}

// holdsOnly reports whether the reporting host is known to hold src and not dst.
func (ev *winEvent) holdsOnly(src, dst netip.Addr) bool {
	held := ev.src.Held
	if held == nil || !src.IsValid() || !dst.IsValid() {
		return false
	}
	return held(ev.device, src, ev.time) && !held(ev.device, dst, ev.time)
}

// flowColumns fills the local and remote columns from the two ends of the flow.
func (ev *winEvent) flowColumns(row *schema.Row, e *Event, hostIsSource bool, sourcePort, destinationPort string) {
	if hostIsSource {
		winEnds(row, &e.Flow, e.Flow.Source, e.Flow.Destination)
		ev.port(row, "LocalPort", sourcePort)
		ev.port(row, "RemotePort", destinationPort)
		return
	}
	winEnds(row, &e.Flow, e.Flow.Destination, e.Flow.Source)
	ev.port(row, "LocalPort", destinationPort)
	ev.port(row, "RemotePort", sourcePort)
}

// winProtocol is Defender's word for a transport protocol, by name or by its IANA
// number. Others stay as they are.
func winProtocol(s string) string {
	switch s {
	case "6":
		s = "tcp"
	case "17":
		s = "udp"
	case "1", "58":
		s = "icmp"
	}
	return transport(s)
}
