package normalize

// securityMappings maps the events of the Security log by ID. Field names: Microsoft's
// "Advanced security audit policy settings" reference. Every event becomes a row of
// SecurityEvent too; those that are not here become nothing else.
var securityMappings = map[int]winMapping{
	1102: securityLogCleared,
	4624: securityLogon,
	4625: securityLogon,
	4648: securityLogonAttempt,
	4688: securityProcess,
	4697: securityService,
	4698: securityTask,
	4720: securityAccountCreated,
	4732: securityGroupMember,
	4768: securityTicket,
	4769: securityTicket,
	4771: securityTicket,
	4776: securityCredentials,
	5140: securityShare,
	5145: securityShare,
	5152: securityBlocked,
	5156: securityConnection,
	5157: securityBlocked,
	5158: securityBind,
}

// securityOther maps the events whose only row is the one in SecurityEvent.
func securityOther(*winEvent, *Event) {}

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

// securityProcess maps 4688, a process created. The new process runs as the target
// account where one is given, else as the account of its creator.
func securityProcess(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceProcessEvents", "ProcessCreated")
	winFile(&row, ev.take("NewProcessName"))
	row.SetString("ProcessCommandLine", ev.take("CommandLine"))
	ev.number(&row, "ProcessId", "NewProcessId")
	row.SetTime("ProcessCreationTime", ev.time)
	row.SetString("ProcessIntegrityLevel", ev.takeWord("MandatoryLabel", integrityLevels))
	row.SetString("ProcessTokenElevation", ev.takeWord("TokenElevationType", tokenElevations))

	creator := ev.subject()
	owner := winProcess{domain: ev.take("TargetDomainName"), account: ev.take("TargetUserName"), sid: ev.takeSID("TargetUserSid")}
	owner.logonID, _ = ev.takeNumber("TargetLogonId")
	if owner.account == "" {
		owner = creator
	}
	row.SetString("AccountDomain", owner.domain)
	row.SetString("AccountName", owner.account)
	row.SetString("AccountSid", owner.sid)
	if owner.logonID > 0 {
		row.SetInt("LogonId", owner.logonID)
	}
	creator.image = ev.take("ParentProcessName")
	creator.pid, _ = ev.takeNumber("ProcessId")
	if creator.logonID > 0 {
		row.SetInt("InitiatingProcessLogonId", creator.logonID)
	}
	creator.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// integrityLevels are the names of the mandatory labels ([MS-DTYP] 2.4.2.4).
var integrityLevels = map[string]string{
	"S-1-16-0":     "Untrusted",
	"S-1-16-4096":  "Low",
	"S-1-16-8192":  "Medium",
	"S-1-16-8448":  "MediumPlus",
	"S-1-16-12288": "High",
	"S-1-16-16384": "System",
	"S-1-16-20480": "Protected",
}

// tokenElevations are the names that Defender writes for the message codes.
var tokenElevations = map[string]string{
	"%%1936": "TokenElevationTypeDefault",
	"%%1937": "TokenElevationTypeFull",
	"%%1938": "TokenElevationTypeLimited",
}

// securityService maps 4697, a service installed.
func securityService(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "ServiceInstalled")
	ev.serviceFile(&row, ev.take("ServiceFileName"))
	actor := ev.subject()
	actor.pid, _ = ev.takeNumber("ClientProcessId")
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityTask maps 4698, a scheduled task created. Its definition stays XML.
func securityTask(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "ScheduledTaskCreated")
	actor := ev.subject()
	actor.pid, _ = ev.takeNumber("ClientProcessId")
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityAccountCreated maps 4720, an account created.
func securityAccountCreated(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "UserAccountCreated")
	row.SetString("AccountDomain", ev.take("TargetDomainName"))
	row.SetString("AccountName", ev.take("TargetUserName"))
	row.SetString("AccountSid", ev.takeSID("TargetSid"))
	actor := ev.subject()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityGroupMember maps 4732, a member added to a local group. The member is named
// by its SID; MemberName is a directory name or nothing.
func securityGroupMember(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "UserAccountAddedToLocalGroup")
	row.SetString("AccountSid", ev.takeSID("MemberSid"))
	actor := ev.subject()
	actor.actor(&row, e)
	own := appendTextField(nil, "GroupName", ev.take("TargetUserName"))
	own = appendTextField(own, "GroupDomainName", ev.take("TargetDomainName"))
	own = appendTextField(own, "GroupSid", ev.take("TargetSid"))
	row.SetString("AdditionalFields", ev.additional(own))
	e.Rows = append(e.Rows, row)
}

// securityLogCleared maps 1102. Its data is UserData, which some exporters leave out,
// so that the account stands in the message only.
func securityLogCleared(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceEvents", "SecurityLogCleared")
	actor := ev.subject()
	if actor.account == "" {
		actor = winProcess{domain: ev.said("Domain Name"), account: ev.said("Account Name"), sid: ev.said("Security ID")}
	}
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}
