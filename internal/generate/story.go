package generate

import (
	"cmp"
	"slices"
)

// story is the intrusion, in steps that are due one after the other:
//
//	 0 h  an invoice is downloaded and opened; its first contact with the control server
//	 3 h  the intruder looks around
//	 5 h  the same mail elsewhere: one host's firewall blocks the control server, one
//	      is refused
//	24 h  credentials are read from LSASS
//	26 h  with them, a service is installed on the file server, which calls home too
//	28 h  from there, by remote desktop, to a third host
//	46 h  files are packed and, at 48 h, sent out
//	49 h  the file server's Security log is cleared
//
// All the while the implants call home at nearly regular intervals, to the end.
type story struct {
	w       *world
	steps   []step
	watched []*tally

	began    moment
	pace     float64 // 1, or less in a run that is too short for all of it
	interval int64   // between two calls home

	first, third, blockedHost, refusedHost *host
}

type step struct {
	at moment
	do func(at moment)
}

const (
	storyLength = 50 * hour
	storyPeople = 6 // so many of an office's first people may play a part
)

// callInterval is how often implants call home, unless that alone were more than a
// tenth of all records.
const callInterval = 5 * minute

func newStory(w *world) *story {
	north, south := w.org.offices[0].people, w.org.offices[1].people
	s := &story{w: w, first: north[2], third: north[3], refusedHost: north[1], blockedHost: south[0]}
	w.story = s
	s.schedule()
	s.write()
	slices.SortStableFunc(s.steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	for _, watched := range []struct {
		e      *endpoint
		remark string
	}{
		{w.net.control, "command-and-control server"},
		{w.net.delivery, "where the payload came from"},
		{w.net.drop, "where the files went"},
		{s.first.v4, "the first victim"},
		{w.org.files.v4, "file server, the second victim"},
		{w.org.controllers[0].v4, "domain controller"},
		{w.org.web.v4, "web server at the edge"},
		{w.net.sites[0].v4, "a popular website"},
		{w.net.sites[0].v6, "the same over IPv6"},
		{w.net.sites[len(w.net.sites)-1].v4, "a rare website"},
		{w.net.scanners[0], "a scanner"},
	} {
		w.watch(watched.e, watched.remark)
	}
	return s
}

// schedule finds the first contact: some days before the end, in the morning of a
// working day, where the run is long enough.
func (s *story) schedule() {
	w := s.w
	length := w.end - w.start
	s.pace = min(1, 0.8*float64(length)/float64(storyLength))
	s.began = w.end - max(s.after(storyLength), min(length*2/5, 9*day))
	office := w.org.offices[0]
	local := (s.began+office.offset)/day*day + 10*hour + 17*minute
	for weekend(local) || local-office.offset > s.began {
		local -= day
	}
	if local-office.offset >= w.start+2*hour {
		s.began = local - office.offset
	}
	const implants, recordsPerCall, share = 3, 4, 10
	s.interval = max(callInterval, (w.end-s.began)*implants*recordsPerCall*share/w.cfg.Events)
}

// after is a time of the story at its pace.
func (s *story) after(d moment) moment { return moment(float64(d) * s.pace) }

func (s *story) plan(after moment, do func(at moment)) {
	s.steps = append(s.steps, step{s.began + s.after(after), do})
}

func (s *story) write() {
	s.plan(-25*minute, s.logOn(s.first))
	s.plan(0, s.firstContact)
	s.plan(3*hour, s.lookAround)
	s.plan(5*hour-25*minute, s.logOn(s.blockedHost))
	s.plan(5*hour, s.blockedElsewhere)
	s.plan(24*hour, s.readCredentials)
	s.plan(26*hour, s.moveToFiles)
	s.plan(28*hour-25*minute, s.logOn(s.third))
	s.plan(28*hour, s.moveToThird)
	s.plan(46*hour, s.pack)
	s.plan(48*hour, s.sendOut)
	s.plan(49*hour, s.clearLog)
}

// play runs the steps that are due in the slot, also those that steps add.
func (s *story) play() {
	for len(s.steps) > 0 && s.steps[0].at < s.w.slotEnd {
		next := s.steps[0]
		s.steps = s.steps[1:]
		next.do(next.at)
	}
}

// later adds a step while the story runs.
func (s *story) later(at moment, do func(at moment)) {
	i, _ := slices.BinarySearchFunc(s.steps, at, func(x step, at moment) int {
		return cmp.Or(cmp.Compare(x.at, at), -1) // behind those of the same time
	})
	s.steps = slices.Insert(s.steps, i, step{at, do})
}

// logOn sees to it that a host's user is at work.
func (s *story) logOn(h *host) func(moment) {
	return func(at moment) {
		if h.explorer == nil {
			s.w.startWork(h, at)
			s.w.active = append(s.w.active, h)
		}
		h.until = max(h.until, at+2*hour) // not before what is to come
	}
}

// run starts a program with arguments of its own.
func (s *story) run(h *host, p *program, commandLine string, parent *process, as *account, at moment) *process {
	child := s.w.begin(h, p, at, as)
	child.commandLine = quote(commandLine)
	s.w.created(h, child, parent, at)
	return child
}

const (
	lureFile       = "Invoice_4471.exe"
	lureSize       = 1_463_808
	controlSubject = "CN=brightpixel telemetry,O=Bright Pixel,C=XB"
)

// lureOf is the payload as a program in a user's downloads.
func (s *story) lureOf(h *host) *program {
	p := *s.w.programs.lure
	here := newProgram(`C:\Users\`+string(h.user.name)+`\Downloads\`+lureFile, "", "Invoice viewer", "Invoice viewer", "-")
	p.image, p.device, p.commandLine = here.image, here.device, here.commandLine
	return &p // the same file, so the same hashes, wherever it lies
}

// firstContact: the mail's link is followed, the file is opened, and it calls home.
func (s *story) firstContact(at moment) {
	lure := s.deliver(s.first, at)
	h, w := s.first, s.w
	implant := w.create(h, lure, h.explorer, h.user, at+70*second)
	h.implant = implant
	for i, library := range w.programs.libraries[:4] {
		w.load(h, implant, library, at+70*second+int64(i+1)*12*millisecond)
	}
	w.registrySet(h, implant, `HKU\\`+h.user.sid+`\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\InvoiceViewer`, lure.image, at+72*second)
	s.callsHome(h, implant, at+75*second)
}

// deliver downloads the payload with a host's browser.
func (s *story) deliver(h *host, at moment) *program {
	w, lure := s.w, s.lureOf(h)
	w.resolve(at, h, h.v4, w.net.deliveryName, w.net.delivery, h.browser)
	f := w.tcp(at+80*millisecond, h.v4, w.net.delivery, 80, "http", 512, lureSize+320)
	f.state, f.history, f.duration = complete, historyTCP, 3*second
	f.fromHost, f.fromProc = h, h.browser
	w.conn(f)
	w.zeekHTTP(f, w.net.deliveryName, "/4471/"+lureFile, browserAgent,
		&download{name: lureFile, mime: "application/x-dosexec", md5: lure.md5, sha1: lure.sha1, size: lureSize})
	w.alert(f, &payloadSignature, f.at+500*millisecond)
	w.fileCreated(h, h.browser, lure.image, f.at+4*second)
	return lure
}

// callsHome is an implant's first call and, from then on, all others.
func (s *story) callsHome(h *host, implant *process, at moment) {
	w := s.w
	w.resolve(at, h, h.v4, w.net.controlName, w.net.control, implant)
	f := s.call(h, implant, at+50*millisecond)
	w.zeekNotice(f, controlSubject)
	w.alert(f, &controlSignature, f.at+500*millisecond)
	s.callAgain(h, implant, at)
}

// callAgain plans the next call: the interval, give or take a fifth.
func (s *story) callAgain(h *host, implant *process, at moment) {
	next := at + s.interval + s.w.between(-s.interval/5, s.interval/5+1)
	if next < s.w.end {
		s.later(next, func(at moment) {
			s.call(h, implant, at)
			s.callAgain(h, implant, at)
		})
	}
}

func (s *story) call(h *host, implant *process, at moment) *flow {
	w := s.w
	f := w.tcp(at, h.v4, w.net.control, 443, "ssl", w.between(910, 960), w.between(1480, 1700))
	f.state, f.history, f.duration = complete, historyTCP, w.between(180*millisecond, 420*millisecond)
	f.fromHost, f.fromProc = h, implant
	w.conn(f)
	w.zeekSSL(f, w.net.controlName, controlSubject)
	return f
}

// shell is the command prompt that the intruder's commands run in.
func (s *story) shell(h *host, parent *process, as *account, at moment) *process {
	return s.run(h, s.w.programs.cmd, `C:\Windows\System32\cmd.exe /c`, parent, as, at)
}

func (s *story) lookAround(at moment) {
	h, w := s.first, s.w
	shell := s.shell(h, h.implant, h.user, at)
	for _, c := range []struct {
		program *program
		line    string
	}{
		{w.programs.whoami, "whoami /all"},
		{w.programs.systeminfo, "systeminfo"},
		{w.programs.net, `net group "Domain Admins" /domain`},
		{w.programs.nltest, "nltest /domain_trusts"},
	} {
		at += w.between(4*second, 40*second)
		p := s.run(h, c.program, c.line, shell, h.user, at)
		w.exit(h, p, at+w.between(200*millisecond, 2*second))
	}
	w.exit(h, shell, at+5*second)
}

// blockedElsewhere: two others follow the link. One host's firewall blocks the control
// server; the other's connection is refused.
func (s *story) blockedElsewhere(at moment) {
	w, h := s.w, s.blockedHost
	lure := s.deliver(h, at)
	implant := w.create(h, lure, h.explorer, h.user, at+90*second)
	w.resolve(at+95*second, h, h.v4, w.net.controlName, w.net.control, implant)
	for i := range int64(6) {
		f := w.tcp(at+96*second+i*30*second, h.v4, w.net.control, 443, "", 0, 0)
		w.blocked(f, h, implant, f.at)
	}
	w.exit(h, implant, at+6*minute)
	// Nothing on the other host reports: whose its address was, its lease says.
	w.lease(at+9*minute, s.refusedHost)
	for i := range int64(3) {
		f := w.tcp(at+10*minute+i*second, s.refusedHost.v4, w.net.control, 443, "", 0, 0)
		f.state, f.history, f.duration = refused, "Sr", 900
		w.conn(f)
	}
}

const dumpTrace = `C:\\Windows\\SYSTEM32\\ntdll.dll+9d4c4|C:\\Windows\\System32\\KERNELBASE.dll+2c13e|C:\\Windows\\SYSTEM32\\dbgcore.DLL+6ce5|C:\\Windows\\System32\\comsvcs.dll+2a1f0`

func (s *story) readCredentials(at moment) {
	h, w := s.first, s.w
	dumper := s.run(h, w.programs.rundll32, `rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump `+
		`624 C:\ProgramData\svc\debug.bin full`, h.implant, h.user, at)
	w.load(h, dumper, newProgram(`C:\Windows\System32\dbgcore.dll`, "", "Windows Core Debugging Helpers", "Windows", "Microsoft Corporation"), at+30*millisecond)
	w.access(h, dumper, h.lsass, "0x1fffff", dumpTrace, at+60*millisecond)
	w.fileCreated(h, dumper, `C:\\ProgramData\\svc\\debug.bin`, at+90*millisecond)
	w.exit(h, dumper, at+2*second)
}

// moveToFiles installs a service on the file server with the help desk's account.
func (s *story) moveToFiles(at moment) {
	w, h, server, as := s.w, s.first, s.w.org.files, s.w.org.admin
	w.explicit(h, h.implant, as, server, at)
	w.kerberos(h, as, server, at+100*millisecond)
	f := w.tcp(at+300*millisecond, h.v4, server.v4, 445, "gssapi,smb,dce_rpc", lureSize+40_000, 38_000)
	f.state, f.history, f.duration = complete, historyTCP, 9*second
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.system, server, server.system
	w.conn(f)
	l := &logon{
		host: server, as: as, kind: logonNetwork, from: h.v4, fromPort: f.fromPort, fromName: "-",
		process: "Kerberos", pack: "Kerberos", id: w.logonID(), elevated: true,
	}
	w.loggedOn(l, f.at+60*millisecond)
	w.shareOpened(l, `\\\\*\\ADMIN$`, `\\??\\C:\\Windows`, f.at+80*millisecond)
	w.zeekShare(f, `\\\\AF-FS01\\ADMIN$`)
	w.fileCreated(server, server.system, w.programs.service.image, f.at+2*second)
	w.installed(server, as, "BrightSvc", w.programs.service.image, f.at+3*second)
	server.implant = w.create(server, w.programs.service, server.services, systemAccount, f.at+4*second)
	s.callsHome(server, server.implant, f.at+10*second)
}

// moveToThird reaches a third host by remote desktop from the file server.
func (s *story) moveToThird(at moment) {
	w, server, h, as := s.w, s.w.org.files, s.third, s.w.org.admin
	client := s.run(server, w.programs.mstsc, "mstsc.exe /v:"+string(h.short), server.implant, systemAccount, at)
	f := w.tcp(at+second, server.v4, h.v4, 3389, "rdp,ssl", 410_000, 3_900_000)
	f.state, f.history, f.duration = complete, historyTCP, 14*minute
	f.fromHost, f.fromProc, f.toHost, f.toProc = server, client, h, h.svchost
	w.conn(f)
	w.zeekDesktop(f, as.name)
	w.loggedOn(&logon{
		host: h, as: as, kind: logonRemote, from: server.v4, fromPort: f.fromPort, fromName: server.short,
		process: "User32 ", pack: "Negotiate", id: w.logonID(), elevated: true,
	}, f.at+2*second)
	h.implant = w.create(h, s.lureOf(h), h.explorer, as, f.at+3*minute)
	s.callsHome(h, h.implant, f.at+3*minute+5*second)
}

const archive = `C:\\ProgramData\\svc\\q3.7z`

func (s *story) pack(at moment) {
	w, server := s.w, s.w.org.files
	shell := s.shell(server, server.implant, systemAccount, at)
	packer := s.run(server, w.programs.archiver, `7za.exe a -pX C:\ProgramData\svc\q3.7z D:\projects\finance`, shell, systemAccount, at+2*second)
	w.fileCreated(server, packer, archive, at+3*second)
	w.exit(server, packer, at+9*minute)
	w.exit(server, shell, at+9*minute+second)
}

// sendOut uploads the archive in parts.
func (s *story) sendOut(at moment) {
	w, server := s.w, s.w.org.files
	w.resolve(at, server, server.v4, w.net.dropName, w.net.drop, server.implant)
	at += 200 * millisecond
	for range 6 {
		f := w.tcp(at, server.v4, w.net.drop, 443, "ssl", w.between(180_000_000, 420_000_000), w.between(40_000, 90_000))
		f.state, f.history, f.duration = complete, historyTCP, w.between(3*minute, 5*minute)
		f.fromHost, f.fromProc = server, server.implant
		w.conn(f)
		w.zeekSSL(f, w.net.dropName, "")
		w.alert(f, &uploadSignature, f.at+f.duration)
		at += 6 * minute
	}
}

func (s *story) clearLog(at moment) {
	s.w.cleared(s.w.org.files, s.w.org.admin, at)
}
