package normalize

import (
	"strings"

	"spoor/internal/schema"
)

// securityTicket maps what a domain controller says of Kerberos: a ticket-granting
// ticket asked for (4768), a service ticket (4769), a failed pre-authentication (4771).
func securityTicket(ev *winEvent, e *Event) {
	status := strings.ToLower(ev.text("Status"))
	failed := ev.id == 4771 || status != "0x0" && status != ""
	row := ev.identityRow(e, failed, "Kerberos")
	if failed {
		row.SetString("FailureReason", kerberosFailures[status])
	}
	if service, ok := strings.CutSuffix(ev.text("ServiceName"), "$"); ok && ev.id == 4769 {
		row.SetString("LogonType", "Resource access")
		row.SetString("TargetDeviceName", service)
	}
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityCredentials maps 4776, credentials checked by NTLM. It names the client's
// workstation and no address.
func securityCredentials(ev *winEvent, e *Event) {
	status := strings.ToLower(ev.text("Status"))
	failed := status != "0x0" && status != ""
	row := ev.identityRow(e, failed, "Ntlm")
	row.SetString("LogonType", "Credentials validation")
	if failed {
		row.SetString("FailureReason", ntlmFailure(status))
	}
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// identityRow starts a row of IdentityLogonEvents. DeviceName is the domain controller
// that reports, as everywhere; it is the destination too.
func (ev *winEvent) identityRow(e *Event, failed bool, protocol string) schema.Row {
	action, outcome := "LogonSuccess", schema.OutcomeEstablished
	if failed {
		action, outcome = "LogonFailed", schema.OutcomeRefused
	}
	row := schema.NewRow(winTable("IdentityLogonEvents"))
	row.SetTime("Timestamp", ev.time)
	row.SetString("ActionType", action)
	row.SetString("Application", "Active Directory")
	row.SetString("Protocol", protocol)
	row.SetString("DeviceName", ev.device)
	row.SetString("DestinationDeviceName", ev.device)
	row.SetString("AccountDomain", ev.take("TargetDomainName"))
	name := ev.take("TargetUserName")
	if user, _, ok := strings.Cut(name, "@"); ok {
		row.SetString("AccountUpn", name)
		name = user
	}
	row.SetString("AccountName", name)
	row.SetString("AccountSid", ev.takeSID("TargetSid"))

	from := ev.takeAddress("IpAddress")
	e.Flow = Flow{Source: from, Remote: from, Outcome: outcome}
	winAddress(&row, "IPAddress", from)
	ev.port(&row, "Port", "IpPort")
	return row
}

// kerberosFailures names the error codes of RFC 4120, 7.5.9, that tell why a logon
// failed, in Defender's words where it has them.
var kerberosFailures = map[string]string{
	"0x6":  "UnknownUser",
	"0x7":  "UnknownService",
	"0x9":  "NullKey",
	"0xc":  "PolicyViolation",
	"0xe":  "EncryptionTypeNotSupported",
	"0x12": "AccountRevoked",
	"0x17": "PasswordExpired",
	"0x18": "WrongPassword",
	"0x19": "PreauthenticationRequired",
	"0x20": "TicketExpired",
	"0x25": "ClockSkew",
}

// ntlmFailure names why credentials were refused. A domain controller tells a wrong
// password from an unknown user, which a member's logon failure does not.
func ntlmFailure(status string) string {
	switch status {
	case "0xc000006a":
		return "WrongPassword"
	case "0xc0000064":
		return "UnknownUser"
	}
	return logonFailures[status]
}
