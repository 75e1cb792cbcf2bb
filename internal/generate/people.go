package generate

import (
	"cmp"
	"slices"
)

// adminShare is one in so many people who administers the own machine.
const adminShare = 15

// arrival is when a host's user will log on today, and for how long.
type arrival struct {
	at, until moment
	host      *host
}

// beginDay decides who comes to work on a UTC day. Both offices' working days lie
// within it.
func (w *world) beginDay(today moment) {
	w.arrivals = w.arrivals[:0]
	if today/day == (w.start+w.end)/2/day {
		w.swapAddresses()
	}
	for _, office := range w.org.offices {
		percent := 88
		if weekend(today + 12*hour) {
			percent = int(100 * weekendShare)
		}
		for _, h := range office.people {
			if !w.chance(percent) {
				continue
			}
			come := today - office.offset + w.between(7*hour, 9*hour+20*minute)
			leave := today - office.offset + w.between(16*hour, 18*hour+20*minute)
			if come >= w.start && come < w.end {
				w.arrivals = append(w.arrivals, arrival{come, leave, h})
			}
		}
	}
	slices.SortFunc(w.arrivals, func(a, b arrival) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.host.name, b.host.name))
	})
}

// swapAddresses gives some pairs of clients each other's addresses, as DHCP does over
// the weeks. Nobody is logged on then.
func (w *world) swapAddresses() {
	for _, office := range w.org.offices {
		people := office.people[min(len(office.people), storyPeople):]
		for i := 0; i+1 < len(people); i += 24 {
			people[i].v4, people[i+1].v4 = people[i+1].v4, people[i].v4
		}
	}
}

// arrive logs on whoever comes in this slot.
func (w *world) arrive() {
	for len(w.arrivals) > 0 && w.arrivals[0].at < w.slotEnd {
		a := w.arrivals[0]
		w.arrivals = w.arrivals[1:]
		if a.host.explorer != nil {
			continue // already there
		}
		a.host.until = a.until
		w.startWork(a.host, a.at)
		w.active = append(w.active, a.host)
	}
}

// leave logs off whoever goes in this slot.
func (w *world) leave() {
	w.active = slices.DeleteFunc(w.active, func(h *host) bool {
		if h.until >= w.slotEnd {
			return false
		}
		w.endWork(h, h.until)
		return true
	})
}

// startWork is what happens when someone switches a machine on and logs on: an address,
// names, Kerberos tickets, the logon, its processes.
func (w *world) startWork(h *host, at moment) {
	w.lease(at, h)
	at += w.between(4*second, 30*second)
	w.resolve(at, h, h.v4, "_ldap._tcp.dc._msdcs."+domain, w.org.controllers[0].v4, h.svchost)
	w.kerberos(h, h.user, nil, at+second)
	at += 2 * second
	h.logonID = w.logonID()
	w.loggedOn(&logon{
		host: h, as: h.user, kind: logonInteractive, fromName: h.short, process: "User32 ", pack: "Negotiate",
		id: h.logonID, elevated: h.machine%adminShare == 0,
	}, at)
	userinit := w.begin(h, w.programs.userinit, at, h.user)
	h.explorer = w.create(h, w.programs.explorer, userinit, h.user, at+w.between(200*millisecond, second))
	w.policy(h, at+3*second)
	for i, p := range []*program{w.programs.mail, w.programs.browser, w.programs.chat} {
		started := at + 8*second + int64(i)*9*second + w.between(0, 6*second)
		child := w.create(h, p, h.explorer, h.user, started)
		w.load(h, child, pick(w, w.programs.libraries), started+w.between(5*millisecond, 90*millisecond))
		switch p {
		case w.programs.mail:
			h.outlook = child
		case w.programs.browser:
			h.browser = child
		}
	}
	w.readMail(h, at+40*second)
}

// policy fetches the group policy from a domain controller's share.
func (w *world) policy(h *host, at moment) {
	server := w.org.controllers[0]
	w.kerberos(h, h.account, server, at)
	f := w.tcp(at+100*millisecond, h.v4, server.v4, 445, "gssapi,smb", w.between(1500, 6000), w.between(2000, 9000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.system, server, server.system
	w.conn(f)
	l := &logon{
		host: server, as: h.account, kind: logonNetwork, from: h.v4, fromPort: f.fromPort, fromName: "-",
		process: "Kerberos", pack: "Kerberos", id: w.logonID(),
	}
	w.loggedOn(l, f.at+60*millisecond)
	w.loggedOff(l, f.at+f.duration)
}

// kerberos gets a ticket from a domain controller: for a service's host, or the first
// one of the day when service is nil.
func (w *world) kerberos(h *host, as *account, service *host, at moment) {
	server := w.org.controllers[int(h.machine)%len(w.org.controllers)]
	f := w.tcp(at, h.v4, server.v4, 88, "krb_tcp", w.between(1200, 2200), w.between(1200, 2400))
	f.duration = w.between(millisecond, 30*millisecond)
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.lsass, server, server.lsass
	w.conn(f)
	w.ticket(server, as, service, h.v4, f.fromPort, at+w.between(millisecond, 20*millisecond))
}

func (w *world) endWork(h *host, at moment) {
	for _, p := range []*process{h.browser, h.outlook, h.explorer} {
		if p != nil {
			w.exit(h, p, at)
		}
		at += w.between(100*millisecond, second)
	}
	w.loggedOff(&logon{host: h, as: h.user, kind: logonInteractive, id: h.logonID}, at)
	h.explorer, h.browser, h.outlook, h.logonID = nil, nil, nil, 0
}

// habit is something people do all day, with its share of what they do.
type habit struct {
	weight int
	do     func(w *world, h *host, at moment)
}

var habits = weigh([]habit{
	{48, (*world).browse},
	{5, (*world).browsePlain},
	{12, (*world).readMail},
	{9, (*world).openShare},
	{8, (*world).useERP},
	{13, (*world).useProgram},
	{3, (*world).mistype},
	{1, (*world).mistypePassword},
	{1, (*world).update},
})

// weigh spreads habits over a table in which each stands as often as it weighs.
func weigh(habits []habit) []func(*world, *host, moment) {
	var table []func(*world, *host, moment)
	for _, h := range habits {
		for range h.weight {
			table = append(table, h.do)
		}
	}
	return table
}

// browse opens a website over TLS; half of its connections need no new look-up.
func (w *world) browse(h *host, at moment) {
	site := w.site()
	from, to := h.v4, site.v4
	if h.v6 != nil && site.v6 != nil {
		from, to = h.v6, site.v6
	}
	if w.chance(35) {
		w.resolve(at, h, from, site.name, to, h.browser)
		at += w.between(10*millisecond, 60*millisecond)
	}
	for range 1 + w.rng.IntN(3) {
		f := w.tcp(at, from, to, 443, "ssl", w.between(600, 9000), w.size(4000))
		f.fromHost, f.fromProc = h, h.browser
		w.conn(f)
		w.zeekSSL(f, site.name, "")
		at += w.between(5*millisecond, 900*millisecond)
	}
}

// size is a random number of bytes, small ones being much more common.
func (w *world) size(typical float64) int64 {
	return 200 + int64(typical*w.rng.ExpFloat64()*(1+9*w.rng.Float64()*w.rng.Float64()))
}

const browserAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0"

var pages = []quoted{"/", "/index.html", "/news/today", "/static/app.js", "/img/header.png", "/search?q=train+times", "/feed.xml"}

func (w *world) browsePlain(h *host, at moment) {
	site := w.site()
	w.resolve(at, h, h.v4, site.name, site.v4, h.browser)
	f := w.tcp(at+w.between(10*millisecond, 60*millisecond), h.v4, site.v4, 80, "http", w.between(400, 1500), w.size(9000))
	f.fromHost, f.fromProc = h, h.browser
	w.conn(f)
	w.zeekHTTP(f, site.name, pick(w, pages), browserAgent, nil)
}

func (w *world) readMail(h *host, at moment) {
	server := w.org.mail
	f := w.tcp(at, h.v4, server.v4, 443, "ssl", w.between(900, 4000), w.size(12_000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.outlook, server, server.app
	w.conn(f)
	w.zeekSSL(f, server.name, "")
}

// openShare opens a share of the file server.
func (w *world) openShare(h *host, at moment) {
	server := w.org.files
	if w.chance(30) {
		w.kerberos(h, h.user, server, at)
		at += 50 * millisecond
	}
	f := w.tcp(at, h.v4, server.v4, 445, "gssapi,smb", w.size(3000), w.size(60_000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.system, server, server.system
	w.conn(f)
	w.zeekShare(f, `\\\\AF-FS01\\projects`)
	l := &logon{
		host: server, as: h.user, kind: logonNetwork, from: h.v4, fromPort: f.fromPort, fromName: "-",
		process: "Kerberos", pack: "Kerberos", id: w.logonID(),
	}
	w.loggedOn(l, f.at+w.between(20*millisecond, 90*millisecond))
	w.shareOpened(l, `\\\\*\\projects`, `\\??\\D:\\projects`, f.at+100*millisecond)
	w.loggedOff(l, f.at+200*millisecond+f.duration)
}

func (w *world) useERP(h *host, at moment) {
	server := w.org.erp
	f := w.tcp(at, h.v4, server.v4, 8443, "ssl", w.between(700, 5000), w.size(7000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.browser, server, server.app
	w.conn(f)
	w.zeekSSL(f, server.name, "")
}

// useProgram starts a program, works with it, and ends it.
func (w *world) useProgram(h *host, at moment) {
	p := w.create(h, pick(w, w.programs.office), h.explorer, h.user, at)
	for range 2 + w.rng.IntN(3) {
		at += w.between(2*millisecond, 80*millisecond)
		w.load(h, p, pick(w, w.programs.libraries), at)
	}
	at += w.between(second, 20*second)
	if w.chance(60) {
		w.fileCreated(h, p, `C:\\Users\\`+h.user.name+`\\Documents\\~draft`+quoted(base62[w.rng.IntN(62)])+`.tmp`, at)
	}
	if w.chance(40) {
		w.registrySet(h, p, `HKU\\`+h.user.sid+`\\Software\\Recent\\LastFile`, "Binary Data", at+second)
	}
	w.exit(h, p, at+w.between(10*second, 4*minute))
}

// mistype asks for a name that does not exist.
func (w *world) mistype(h *host, at moment) {
	site := w.site()
	w.resolve(at, h, h.v4, "w"+site.name, nil, h.browser)
}

func (w *world) mistypePassword(h *host, at moment) {
	server := w.org.files
	f := w.tcp(at, h.v4, server.v4, 445, "gssapi,ntlm,smb", w.between(900, 1500), w.between(800, 1400))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.system, server, server.system
	w.conn(f)
	w.refusedLogon(&logon{
		host: server, as: h.user, kind: logonNetwork, from: h.v4, fromPort: f.fromPort, fromName: h.short,
		process: "NtLmSsp ", pack: "NTLM", subStatus: "0xc000006a", failReason: "%%2313",
	}, f.at+w.between(20*millisecond, 90*millisecond))
}

// update fetches an update from the organisation's update server.
func (w *world) update(h *host, at moment) {
	server := w.org.updates
	updater := w.create(h, w.programs.updater, h.svchost, systemAccount, at)
	f := w.tcp(at+second, h.v4, server.v4, 8530, "http", w.between(800, 2000), w.size(900_000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.svchost, server, server.app
	w.conn(f)
	w.zeekHTTP(f, server.name, "/Content/update.cab", "Windows-Update-Agent/10.0", nil)
	w.fileCreated(h, h.svchost, `C:\\Windows\\SoftwareDistribution\\Download\\update.cab`, at+20*second)
	w.registrySet(h, h.svchost, `HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\LastSuccess`, "QWORD (0x00000000-0x00000001)", at+30*second)
	w.exit(h, updater, at+w.between(40*second, 3*minute))
}
