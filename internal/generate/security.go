package generate

// permitted writes that a host's firewall let a flow pass. SourceAddress is the side
// that opened it, whichever way it went.
func (w *world) permitted(f *flow, h *host, p *process, opened bool, at moment) {
	w.filtered(auditPermitted, f, h, p, opened, at)
}

// blocked writes that a host's firewall stopped a flow it wanted to open.
func (w *world) blocked(f *flow, h *host, p *process, at moment) {
	w.filtered(auditBlocked, f, h, p, true, at)
}

func (w *world) filtered(t *eventType, f *flow, h *host, p *process, opened bool, at moment) {
	at -= at % millisecond
	s := w.windows.security
	b := w.event(s, t, h, at)
	if b == nil {
		return
	}
	if t == auditPermitted {
		tallyFlow(tally5156, at, f.from, f.to, h.name, h.name)
	}
	b = numStr(b, "ProcessId", p.pid)
	b = str(b, "Application", p.device)
	if opened {
		b = append(b, `,"Direction":"%%14593","LayerName":"%%14611","LayerRTID":"48"`...)
	} else {
		b = append(b, `,"Direction":"%%14592","LayerName":"%%14610","LayerRTID":"44"`...)
	}
	b = str(b, "SourceAddress", f.from.text)
	b = numStr(b, "SourcePort", f.fromPort)
	b = str(b, "DestAddress", f.to.text)
	b = numStr(b, "DestPort", f.toPort)
	if f.udp {
		b = append(b, `,"Protocol":"17"`...)
	} else {
		b = append(b, `,"Protocol":"6"`...)
	}
	b = append(b, `,"FilterRTID":"71130","RemoteUserID":"S-1-0-0","RemoteMachineID":"S-1-0-0"`...)
	finish(s, b, at)
}

// logon is one logon to a host.
type logon struct {
	host       *host
	as         *account
	kind       string // LogonType
	from       *endpoint
	fromPort   int64
	fromName   quoted // the workstation
	process    string
	pack       string // authentication package
	id         int64  // TargetLogonId
	elevated   bool
	subStatus  string // of a logon that failed
	failReason string
}

// logonID is a fresh logon ID.
func (w *world) logonID() int64 { return 0x50000 + w.rng.Int64N(0x7fffffff) }

// loggedOn writes a logon, and the special privileges when it has any.
func (w *world) loggedOn(l *logon, at moment) {
	at -= at % millisecond
	s := w.windows.security
	b := w.event(s, auditLogon, l.host, at)
	if b == nil {
		return
	}
	tallyLogon(tally4624, at, l.from, l.host.name)
	b = l.subject(b)
	b = str(b, "TargetUserSid", l.as.sid)
	b = l.target(b)
	b = hexStr(b, "TargetLogonId", l.id)
	b = append(b, `,"TargetLinkedLogonId":"0x0","TargetOutboundUserName":"-","TargetOutboundDomainName":"-"`...)
	b = l.means(b)
	b = append(b, `,"ImpersonationLevel":"%%1833","RestrictedAdminMode":"-","VirtualAccount":"%%1843"`...)
	b = append(b, `,"LogonGuid":"{00000000-0000-0000-0000-000000000000}"`...)
	if l.elevated {
		b = append(b, `,"ElevatedToken":"%%1842"`...)
	} else {
		b = append(b, `,"ElevatedToken":"%%1843"`...)
	}
	finish(s, l.origin(b), at)
	if l.elevated {
		w.privileged(l, at)
	}
}

func (l *logon) subject(b []byte) []byte {
	if l.kind == logonNetwork {
		return append(b, `,"SubjectUserSid":"S-1-0-0","SubjectUserName":"-","SubjectDomainName":"-","SubjectLogonId":"0x0"`...)
	}
	b = append(b, `,"SubjectUserSid":"S-1-5-18"`...)
	b = str(b, "SubjectUserName", l.host.account.name)
	return append(b, `,"SubjectDomainName":"`+netbios+`","SubjectLogonId":"0x3e7"`...)
}

func (l *logon) target(b []byte) []byte {
	b = str(b, "TargetUserName", l.as.name)
	return str(b, "TargetDomainName", l.as.domain)
}

func (l *logon) means(b []byte) []byte {
	b = str(b, "LogonType", quoted(l.kind))
	b = str(b, "LogonProcessName", quoted(l.process))
	b = str(b, "AuthenticationPackageName", quoted(l.pack))
	return append(b, `,"TransmittedServices":"-","LmPackageName":"-","KeyLength":"0"`...)
}

func (l *logon) origin(b []byte) []byte {
	b = str(b, "WorkstationName", l.fromName)
	if l.kind == logonNetwork {
		b = append(b, `,"ProcessId":"0x0","ProcessName":"-"`...)
	} else {
		b = append(b, `,"ProcessId":"0x4d8","ProcessName":"C:\\Windows\\System32\\svchost.exe"`...)
	}
	if l.from == nil {
		return append(b, `,"IpAddress":"127.0.0.1","IpPort":"0"`...)
	}
	b = str(b, "IpAddress", l.from.text)
	return numStr(b, "IpPort", l.fromPort)
}

// The logon types used.
const (
	logonInteractive = "2"
	logonNetwork     = "3"
	logonRemote      = "10"
)

func (w *world) privileged(l *logon, at moment) {
	s := w.windows.security
	b := w.event(s, auditSpecial, l.host, at)
	if b == nil {
		return
	}
	b = str(b, "SubjectUserSid", l.as.sid)
	b = str(b, "SubjectUserName", l.as.name)
	b = str(b, "SubjectDomainName", l.as.domain)
	b = hexStr(b, "SubjectLogonId", l.id)
	b = append(b, `,"PrivilegeList":"SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege\r\n\t\t\tSeDebugPrivilege"`...)
	finish(s, b, at)
}

// refusedLogon writes a logon that failed.
func (w *world) refusedLogon(l *logon, at moment) {
	at -= at % millisecond
	s := w.windows.security
	b := w.event(s, auditNoLogon, l.host, at)
	if b == nil {
		return
	}
	tallyLogon(tally4625, at, l.from, l.host.name)
	b = l.subject(b)
	b = append(b, `,"TargetUserSid":"S-1-0-0"`...)
	b = l.target(b)
	b = append(b, `,"Status":"0xc000006d"`...)
	b = str(b, "FailureReason", quoted(l.failReason))
	b = str(b, "SubStatus", quoted(l.subStatus))
	finish(s, l.origin(l.means(b)), at)
}

// loggedOff writes the end of a logon.
func (w *world) loggedOff(l *logon, at moment) {
	s := w.windows.security
	b := w.event(s, auditLogoff, l.host, at)
	if b == nil {
		return
	}
	b = str(b, "TargetUserSid", l.as.sid)
	b = l.target(b)
	b = hexStr(b, "TargetLogonId", l.id)
	finish(s, str(b, "LogonType", quoted(l.kind)), at)
}

// explicit writes that a process used the credentials of another account.
func (w *world) explicit(h *host, p *process, as *account, server *host, at moment) {
	s := w.windows.security
	b := w.event(s, auditExplicit, h, at)
	if b == nil {
		return
	}
	b = str(b, "SubjectUserSid", p.user.sid)
	b = str(b, "SubjectUserName", p.user.name)
	b = str(b, "SubjectDomainName", p.user.domain)
	b = hexStr(b, "SubjectLogonId", h.logonOf(p.user))
	b = append(b, `,"LogonGuid":"{00000000-0000-0000-0000-000000000000}"`...)
	b = str(b, "TargetUserName", as.name)
	b = str(b, "TargetDomainName", as.domain)
	b = append(b, `,"TargetLogonGuid":"{00000000-0000-0000-0000-000000000000}"`...)
	b = str(b, "TargetServerName", server.name)
	b = str(b, "TargetInfo", server.name)
	b = hexStr(b, "ProcessId", p.pid)
	b = str(b, "ProcessName", p.image)
	b = str(b, "IpAddress", server.v4.text)
	finish(s, append(b, `,"IpPort":"445"`...), at)
}

// ticket writes what a domain controller reports of Kerberos: a ticket-granting ticket
// when service is nil, else a ticket for the service's host.
func (w *world) ticket(controller *host, as *account, service *host, from *endpoint, port int64, at moment) {
	t := auditTGT
	if service != nil {
		t = auditTicket
	}
	s := w.windows.security
	b := w.event(s, t, controller, at)
	if b == nil {
		return
	}
	if service == nil {
		b = str(b, "TargetUserName", as.name)
		b = append(b, `,"TargetDomainName":"`+domain+`"`...)
		b = str(b, "TargetSid", as.sid)
		b = append(b, `,"ServiceName":"krbtgt","ServiceSid":"`+domainID+`-502","TicketOptions":"0x40810010","PreAuthType":"2"`...)
	} else {
		b = append(b, `,"TargetUserName":"`...)
		b = append(b, as.name...)
		b = append(b, `@`+realm+`","TargetDomainName":"`+realm+`"`...)
		b = str(b, "ServiceName", service.account.name)
		b = str(b, "ServiceSid", service.account.sid)
		b = append(b, `,"TicketOptions":"0x40810000","TransmittedServices":"-"`...)
	}
	b = append(b, `,"TicketEncryptionType":"0x12","Status":"0x0"`...)
	b = str(b, "IpAddress", from.mapped)
	finish(s, numStr(b, "IpPort", port), at)
}

// shareOpened writes that a share of a host was opened.
func (w *world) shareOpened(l *logon, share, path quoted, at moment) {
	s := w.windows.security
	b := w.event(s, auditShare, l.host, at)
	if b == nil {
		return
	}
	b = str(b, "SubjectUserSid", l.as.sid)
	b = str(b, "SubjectUserName", l.as.name)
	b = str(b, "SubjectDomainName", l.as.domain)
	b = hexStr(b, "SubjectLogonId", l.id)
	b = append(b, `,"ObjectType":"File"`...)
	b = str(b, "IpAddress", l.from.text)
	b = numStr(b, "IpPort", l.fromPort)
	b = str(b, "ShareName", share)
	b = str(b, "ShareLocalPath", path)
	b = append(b, `,"AccessMask":"0x1","AccessList":"%%4416\r\n\t\t\t\t"`...)
	finish(s, b, at)
}

// installed writes that a service was installed.
func (w *world) installed(h *host, as *account, name, path quoted, at moment) {
	s := w.windows.system
	b := w.event(s, serviceInstalled, h, at)
	if b == nil {
		return
	}
	b = str(b, "AccountName", as.name)
	b = str(b, "Domain", as.domain)
	b = append(b, `,"AccountType":"User"`...)
	b = str(b, "UserID", as.sid)
	b = str(b, "ServiceName", name)
	b = str(b, "ImagePath", path)
	b = append(b, `,"ServiceType":"user mode service","StartType":"demand start"`...)
	finish(s, b, at)
}

// cleared writes that someone emptied the Security log.
func (w *world) cleared(h *host, as *account, at moment) {
	s := w.windows.security
	b := w.event(s, logCleared, h, at)
	if b == nil {
		return
	}
	b = str(b, "SubjectUserSid", as.sid)
	b = str(b, "SubjectUserName", as.name)
	b = str(b, "SubjectDomainName", as.domain)
	finish(s, hexStr(b, "SubjectLogonId", h.logonOf(as)), at)
}
