package generate

import (
	"net/netip"
	"slices"
)

var (
	edge   = netip.MustParsePrefix("192.0.2.0/26")
	ownSix = netip.MustParsePrefix("3fff:a1d::/32")
)

// boot gives every host with an agent the processes that run from before the first
// record.
func (w *world) boot() {
	for _, h := range w.org.hosts {
		if !h.agent {
			continue
		}
		at := w.start - w.between(hour, 20*day)
		h.system = w.begin(h, w.programs.system, at, systemAccount)
		h.system.pid = 4
		h.services = w.begin(h, w.programs.services, at, systemAccount)
		h.lsass = w.begin(h, w.programs.lsass, at+second, systemAccount)
		h.svchost = w.begin(h, w.programs.svchost, at+2*second, systemAccount)
		switch {
		case slices.Contains(w.org.controllers, h):
			h.app = w.begin(h, w.programs.dns, at+minute, systemAccount)
		case h.user == nil:
			h.app = w.begin(h, w.programs.server, at+minute, systemAccount)
		}
	}
}

// fill adds to the slot what everyone does, until there are as many records as the
// rhythm wants by its end.
func (w *world) fill(r *rhythm) {
	target := r.target(w)
	busy := 0.0
	for _, office := range w.org.offices {
		busy += office.share * office.busy(w.slotStart)
	}
	people := int(1000 * r.people * busy / (r.base + r.people*busy))
	for w.logs.records < target {
		at := w.between(w.slotStart, w.slotEnd)
		if len(w.active) > 0 && w.rng.IntN(1000) < people {
			h := pick(w, w.active)
			pick(w, habits)(w, h, at)
			continue
		}
		pick(w, chores)(w, nil, at)
	}
}

// chores is what goes on without people.
var chores = weigh([]habit{
	{40, (*world).scan},
	{22, (*world).visit},
	{14, (*world).monitor},
	{12, (*world).replicate},
	{8, (*world).print},
	{4, (*world).runBackup},
})

var sweptPorts = []int64{22, 23, 80, 443, 445, 1433, 3306, 3389, 5060, 5900, 6379, 8080, 8443, 9200, 21, 25}

// scan knocks at a few doors of the edge from outside.
func (w *world) scan(_ *host, at moment) {
	from := pick(w, w.net.scanners)
	port := pick(w, sweptPorts)
	var last *flow
	for range 1 + w.rng.IntN(12) {
		to := w.org.edge[w.rng.IntN(len(w.org.edge))]
		f := &flow{
			at: at, from: from, to: to, fromPort: w.between(30000, 61000), toPort: port,
			state: unanswered, history: "S",
		}
		if w.chance(35) {
			f.state, f.history, f.duration = refused, "Sr", w.between(30, 900)
		}
		w.conn(f)
		at += w.between(20*millisecond, 400*millisecond)
		last = f
	}
	if w.chance(3) {
		w.alert(last, &sweepSignature, last.at+w.between(millisecond, 20*millisecond))
	}
}

// visit opens the organisation's website from outside.
func (w *world) visit(_ *host, at moment) {
	h := w.org.web
	f := w.tcp(at, pick(w, w.net.visitors), h.v4, 443, "ssl", w.between(700, 3000), w.size(20_000))
	if f.from.addr.Is6() {
		f.to = h.v6
	}
	f.toHost, f.toProc = h, h.app
	w.conn(f)
	w.zeekSSL(f, "www."+domain, "")
}

// monitor lets one server look whether another is well.
func (w *world) monitor(_ *host, at moment) {
	from, to := w.org.updates, pick(w, w.org.servers)
	if from == to {
		to = w.org.erp
	}
	f := w.tcp(at, from.v4, to.v4, 9182, "http", w.between(150, 300), w.size(9000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = from, from.app, to, to.app
	w.conn(f)
	w.zeekHTTP(f, to.name, "/metrics", "probe/1.4", nil)
}

// replicate lets the domain controllers speak with each other.
func (w *world) replicate(_ *host, at moment) {
	from, to := w.org.controllers[0], w.org.controllers[1]
	if w.chance(50) {
		from, to = to, from
	}
	f := w.tcp(at, from.v4, to.v4, 389, "ldap_tcp", w.between(500, 4000), w.size(6000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = from, from.lsass, to, to.lsass
	w.conn(f)
}

// print lets a host without an agent ask for a name, as printers and cameras do.
func (w *world) print(_ *host, at moment) {
	if len(w.org.silent) == 0 {
		return
	}
	h := pick(w, w.org.silent)
	if w.chance(10) {
		w.lease(at, h)
	}
	w.resolve(at, h, h.v4, "time."+domain, w.org.controllers[0].v4, nil)
}

// runBackup copies a server's data to the file server.
func (w *world) runBackup(_ *host, at moment) {
	from, to := pick(w, w.org.servers), w.org.files
	if from == to {
		from = w.org.mail
	}
	agent := w.create(from, w.programs.backup, from.services, systemAccount, at)
	f := w.tcp(at+second, from.v4, to.v4, 10080, "", w.size(4_000_000), w.between(2000, 90_000))
	f.fromHost, f.fromProc, f.toHost, f.toProc = from, agent, to, to.app
	w.conn(f)
	w.exit(from, agent, at+minute)
}
