package normalize

import (
	"strings"

	"spoor/internal/schema"
)

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
	ev.logonActor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// logonOrigin fills where a logon came from.
func (ev *winEvent) logonOrigin(row *schema.Row, e *Event, outcome schema.Outcome) {
	from := ev.takeAddress("IpAddress")
	e.Flow = Flow{Source: from, Remote: from, Outcome: outcome}
	winAddress(row, "RemoteIP", from)
	ev.port(row, "RemotePort", "IpPort")
	if client := ev.text("WorkstationName"); !ev.isOwnName(client) {
		row.SetString("RemoteDeviceName", ev.take("WorkstationName"))
	}
}

// isOwnName reports whether a short name is that of the reporting host.
func (ev *winEvent) isOwnName(name string) bool {
	host, _, _ := strings.Cut(ev.device, ".")
	return strings.EqualFold(name, host)
}

// securityLogonAttempt maps 4648, a process that gave the credentials of another
// account. What became of it another event says.
func securityLogonAttempt(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceLogonEvents", "LogonAttempted")
	ev.logonOrigin(&row, e, schema.OutcomeUnknown)
	row.SetString("AccountDomain", ev.take("TargetDomainName"))
	row.SetString("AccountName", ev.take("TargetUserName"))
	ev.logonActor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// logonActor is the process that asked for a logon.
func (ev *winEvent) logonActor(row *schema.Row, e *Event) {
	actor := ev.subject()
	actor.image = ev.take("ProcessName")
	actor.pid, _ = ev.takeNumber("ProcessId")
	actor.actor(row, e)
}

// securityShare maps 5140 and 5145, a share accessed over the network: rows of
// SecurityEvent only, with a flow from the client.
func securityShare(ev *winEvent, e *Event) {
	from := ev.takeAddress("IpAddress")
	e.Flow = Flow{Source: from, Remote: from, Outcome: schema.OutcomeEstablished}
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
