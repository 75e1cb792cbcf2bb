package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// securityMappings maps the events of the Security log by ID. Field names: Microsoft's
// "Advanced security audit policy settings" reference. Every event becomes a row of
// SecurityEvent too; those that are not here become nothing else.
var securityMappings = map[int]winMapping{
	4624: securityLogon,
	4625: securityLogon,
	5156: securityConnection,
}

// securityOther maps the events whose only row is the one in SecurityEvent.
func securityOther(*winEvent, *Event) {}

// securityConnection maps 5156, a connection that the Windows Filtering Platform let
// pass. SourceAddress opened it, so an inbound one has the host at the destination.
func securityConnection(ev *winEvent, e *Event) {
	ev.filteredFlow(e, "DeviceNetworkEvents", schema.OutcomePermitted, "ConnectionSuccess", "InboundConnectionAccepted")
}

func (ev *winEvent) filteredFlow(e *Event, table string, outcome schema.Outcome, outbound, inbound string) {
	e.Flow = Flow{Source: ev.takeAddress("SourceAddress"), Destination: ev.takeAddress("DestAddress"), Outcome: outcome}
	hostIsSource := !securityInbound(ev.text("Direction"))
	action := inbound
	if hostIsSource {
		action = outbound
		ev.claimAddress(e, e.Flow.Source)
	}
	row := ev.deviceRow(table, action)
	ev.flowColumns(&row, e, hostIsSource, "SourcePort", "DestPort")
	if row.Table.Index("Protocol") >= 0 {
		row.SetString("Protocol", winProtocol(ev.take("Protocol")))
	}
	actor := ev.filteredProcess()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityInbound reads the direction of a filtered connection: the message code, or
// the word it stands for.
func securityInbound(direction string) bool {
	return direction == "%%14592" || strings.EqualFold(direction, "Inbound")
}

// filteredProcess is the process at the host's end of a filtered connection. The path
// is that of the kernel: \device\harddiskvolume2\….
func (ev *winEvent) filteredProcess() winProcess {
	p := winProcess{image: ev.take("Application")}
	for _, name := range [...]string{"ProcessID", "ProcessId"} {
		if n, ok := ev.takeNumber(name); ok {
			p.pid = n
			return p
		}
	}
	p.pid, _ = winNumber(ev.said("Process ID"))
	return p
}

// securityLogon maps 4624 and 4625. A logon that succeeded is an established contact
// of the two ends, one that failed was refused.
func securityLogon(ev *winEvent, e *Event) {
	action, outcome := "LogonSuccess", schema.OutcomeEstablished
	if ev.id == 4625 {
		action, outcome = "LogonFailed", schema.OutcomeRefused
	}
	row := ev.deviceRow("DeviceLogonEvents", action)
	ev.logonOrigin(&row, e, outcome)
	logonType, known := ev.takeNumber("LogonType")
	if known {
		row.SetString("LogonType", logonTypeName(logonType))
	}
	row.SetString("AccountDomain", ev.take("TargetDomainName"))
	row.SetString("AccountName", ev.take("TargetUserName"))
	row.SetString("AccountSid", ev.takeSID("TargetUserSid"))
	ev.number(&row, "LogonId", "TargetLogonId")
	row.SetString("Protocol", ev.take("AuthenticationPackageName"))
	if ev.id == 4625 {
		row.SetString("FailureReason", logonFailure(ev.text("Status"), ev.text("SubStatus")))
	}
	actor := ev.subject()
	actor.image = ev.take("ProcessName")
	actor.pid, _ = ev.takeNumber("ProcessId")
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// logonOrigin fills where a logon came from.
func (ev *winEvent) logonOrigin(row *schema.Row, e *Event, outcome schema.Outcome) {
	from := ev.takeAddress("IpAddress")
	e.Flow = Flow{Source: from, Remote: from, Outcome: outcome}
	if from.IsValid() {
		row.SetString("RemoteIP", from.String())
		row.SetString("RemoteIPType", entity.IPType(from))
	}
	ev.port(row, "RemotePort", "IpPort")
	row.SetString("RemoteDeviceName", ev.take("WorkstationName"))
}

// subject is the account that asked for what an audit event records.
func (ev *winEvent) subject() winProcess {
	p := winProcess{domain: ev.take("SubjectDomainName"), account: ev.take("SubjectUserName"), sid: ev.takeSID("SubjectUserSid")}
	p.logonID, _ = ev.takeNumber("SubjectLogonId")
	return p
}

// takeSID is take for a security identifier; S-1-0-0, nobody, is none.
func (ev *winEvent) takeSID(name string) string {
	if sid := ev.take(name); sid != "S-1-0-0" {
		return sid
	}
	return ""
}

// logonTypeName is Defender's word for a logon type (the numbers: SECURITY_LOGON_TYPE
// of the Windows SDK).
func logonTypeName(n int64) string {
	if n >= 0 && n < int64(len(logonTypeNames)) && logonTypeNames[n] != "" {
		return logonTypeNames[n]
	}
	return "Unknown"
}

var logonTypeNames = [...]string{
	0:  "System",
	2:  "Interactive",
	3:  "Network",
	4:  "Batch",
	5:  "Service",
	6:  "Proxy",
	7:  "Unlock",
	8:  "NetworkCleartext",
	9:  "NewCredentials",
	10: "RemoteInteractive",
	11: "CachedInteractive",
	12: "CachedRemoteInteractive",
	13: "CachedUnlock",
}

// logonFailure names why a logon failed. The sub-status says more than the status
// where it is set. The first word is Defender's; the others follow the names of the
// NTSTATUS values ([MS-ERREF] 2.3.1).
func logonFailure(status, subStatus string) string {
	for _, code := range [...]string{subStatus, status} {
		if reason := logonFailures[strings.ToLower(code)]; reason != "" {
			return reason
		}
	}
	return ""
}

var logonFailures = map[string]string{
	"0xc000006d": "InvalidUserNameOrPassword",
	"0xc000006a": "InvalidUserNameOrPassword",
	"0xc0000064": "InvalidUserNameOrPassword",
	"0xc000005e": "NoLogonServers",
	"0xc000006e": "AccountRestriction",
	"0xc000006f": "InvalidLogonHours",
	"0xc0000070": "InvalidWorkstation",
	"0xc0000071": "PasswordExpired",
	"0xc0000072": "AccountDisabled",
	"0xc00000dc": "InvalidServerState",
	"0xc0000133": "TimeDifferenceAtDC",
	"0xc000015b": "LogonTypeNotGranted",
	"0xc000018c": "TrustedDomainFailure",
	"0xc0000192": "NetlogonNotStarted",
	"0xc0000193": "AccountExpired",
	"0xc0000224": "PasswordMustChange",
	"0xc0000234": "AccountLockedOut",
	"0xc0000413": "AuthenticationFirewallFailed",
}
