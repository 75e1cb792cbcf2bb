package generate

import (
	"crypto/sha256"
	"encoding/hex"
)

// kind is a kind of record, counted in the truth file.
type kind struct {
	name  string
	index int
}

// allKinds is every kind in the order in which newKind made it.
var allKinds []*kind

func newKind(name string) *kind {
	k := &kind{name, len(allKinds)}
	allKinds = append(allKinds, k)
	return k
}

var (
	zeekConn  = newKind("zeek.conn")
	zeekDNS   = newKind("zeek.dns")
	zeekHTTP  = newKind("zeek.http")
	zeekSSL   = newKind("zeek.ssl")
	zeekDHCP  = newKind("zeek.dhcp")
	zeekFiles = newKind("zeek.files")
	zeekSMB   = newKind("zeek.smb_mapping")
	zeekRDP   = newKind("zeek.rdp")
	zeekNotes = newKind("zeek.notice")
)

// zeekLogs is the sensor's logs. It stands where all traffic passes: in front of the
// server room, at the offices' uplinks and at the edge.
type zeekLogs struct {
	conn, dns, http, ssl, dhcp, files, smb, rdp, notice *stream
}

func newZeekLogs(l *logs) zeekLogs {
	log := func(name string) *stream { return l.stream("zeek/"+name, ".log") }
	return zeekLogs{
		conn: log("conn"), dns: log("dns"), http: log("http"), ssl: log("ssl"), dhcp: log("dhcp"),
		files: log("files"), smb: log("smb_mapping"), rdp: log("rdp"), notice: log("notice"),
	}
}

// flow is one connection as the sensor sees it and as the hosts at its ends do.
type flow struct {
	at               moment
	from, to         *endpoint
	fromPort, toPort int64
	udp              bool
	service          string
	duration         int64 // microseconds
	out, in          int64 // payload bytes of the originator and of the responder
	state, history   string

	// The hosts at the ends that send Windows events, nil where none does, and the
	// processes that hold the sockets.
	fromHost, toHost *host
	fromProc, toProc *process

	uid  [18]byte // filled by conn
	sent bool
}

// Zeek's words for how a connection went. All but the last two got through.
const (
	complete   = "SF"
	aborted    = "RSTO" // the originator reset it once it had what it wanted
	unanswered = "S0"
	refused    = "REJ"
)

// local reports whether the sensor counts an address as the organisation's.
func (e *endpoint) local() bool {
	return e.addr.IsPrivate() || edge.Contains(e.addr) || ownSix.Contains(e.addr)
}

// ids appends what nearly all Zeek logs begin with.
func (f *flow) ids(b []byte, at moment) []byte {
	b = append(b, `{"ts":`...)
	b = seconds(b, at)
	b = append(b, `,"uid":"`...)
	b = append(b, f.uid[:]...)
	b = append(b, '"')
	b = str(b, "id.orig_h", f.from.text)
	b = num(b, "id.orig_p", f.fromPort)
	b = str(b, "id.resp_h", f.to.text)
	return num(b, "id.resp_p", f.toPort)
}

// conn writes a flow: Zeek's record, and what the hosts at its ends report.
func (w *world) conn(f *flow) {
	w.uid(f.uid[:0], 'C')
	f.sent = w.within(f.at)
	if f.sent {
		w.zeekConn(f)
	}
	if f.state == unanswered || f.state == refused {
		return
	}
	if f.fromHost != nil {
		w.hostFlow(f, f.fromHost, f.fromProc, true)
	}
	if f.toHost != nil {
		w.hostFlow(f, f.toHost, f.toProc, false)
	}
}

func (w *world) zeekConn(f *flow) {
	w.counts[zeekConn.index]++
	tallyFlow(tallyConn, f.at, f.from, f.to, f.to.text, f.from.text)
	s := w.zeek.conn
	b := f.ids(s.buf, f.at)
	if f.udp {
		b = append(b, `,"proto":"udp"`...)
	} else {
		b = append(b, `,"proto":"tcp"`...)
	}
	if f.service != "" {
		b = str(b, "service", quoted(f.service))
	}
	out, in := packets(f.out), packets(f.in)
	switch f.state {
	case unanswered:
		out, in = 1, 0
	case refused:
		b = append(b, `,"duration":`...)
		b = seconds(b, f.duration)
		b = append(b, `,"orig_bytes":0,"resp_bytes":0`...)
		out, in = 1, 1
	default:
		b = append(b, `,"duration":`...)
		b = seconds(b, f.duration)
		b = num(b, "orig_bytes", f.out)
		b = num(b, "resp_bytes", f.in)
		if !f.udp { // handshake and farewell
			out, in = out+4, in+3
		}
	}
	b = str(b, "conn_state", quoted(f.state))
	b = boolean(b, "local_orig", f.from.local())
	b = boolean(b, "local_resp", f.to.local())
	b = append(b, `,"missed_bytes":0`...)
	b = str(b, "history", quoted(f.history))
	header := int64(52)
	if f.udp {
		header = 28
	}
	b = num(b, "orig_pkts", out)
	b = num(b, "orig_ip_bytes", f.out+out*header)
	b = num(b, "resp_pkts", in)
	b = num(b, "resp_ip_bytes", f.in+in*header)
	s.add(append(b, '}'), f.at)
}

func packets(bytes int64) int64 { return (bytes + 1399) / 1400 }

func boolean(b []byte, key string, v bool) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	if v {
		return append(b, `":true`...)
	}
	return append(b, `":false`...)
}

// The commonest histories of Zeek connections.
const (
	historyTCP   = "ShADadFf"
	historyReset = "ShADadR"
	historyUDP   = "Dd"
)

// tcp is a TCP flow that got through, with plausible ports.
func (w *world) tcp(at moment, from, to *endpoint, port int64, service string, out, in int64) *flow {
	f := &flow{
		at: at, from: from, to: to, fromPort: w.between(49152, 65536), toPort: port, service: service,
		duration: w.between(20*millisecond, 40*second), out: out, in: in, state: complete, history: historyTCP,
	}
	if w.chance(6) {
		f.state, f.history = aborted, historyReset
	}
	return f
}

// resolverShare is how many percent of the questions for names Sysmon's configuration
// lets through as connections; most leave them out.
const resolverShare = 15

// resolve writes a host's question for a name and the answer. answer is nil for a name
// that does not exist.
func (w *world) resolve(at moment, h *host, from *endpoint, name quoted, answer *endpoint, by *process) {
	server := w.org.controllers[int(h.machine)%len(w.org.controllers)]
	f := &flow{
		at: at, from: from, to: server.v4, fromPort: w.between(49152, 65536), toPort: 53, udp: true, service: "dns",
		duration: w.between(300, 30*millisecond), out: int64(len(name)) + 18, in: int64(len(name)) + 50,
		state: complete, history: historyUDP,
	}
	if from.addr.Is6() {
		f.from = h.v4
	}
	if h.agent && w.chance(resolverShare) {
		f.fromHost, f.fromProc, f.toHost, f.toProc = h, h.svchost, server, server.app
	}
	w.conn(f)
	if f.sent {
		w.zeekDNS(f, name, answer)
	}
	if h.agent && by != nil {
		w.sysmonDNS(at+f.duration, h, by, name, answer)
	}
}

func (w *world) zeekDNS(f *flow, name quoted, answer *endpoint) {
	w.counts[zeekDNS.index]++
	s := w.zeek.dns
	b := f.ids(s.buf, f.at)
	b = append(b, `,"proto":"udp"`...)
	b = num(b, "trans_id", w.between(1, 65536))
	b = append(b, `,"rtt":`...)
	b = seconds(b, f.duration)
	b = str(b, "query", name)
	b = append(b, `,"qclass":1,"qclass_name":"C_INTERNET"`...)
	if answer != nil && answer.addr.Is6() {
		b = append(b, `,"qtype":28,"qtype_name":"AAAA"`...)
	} else {
		b = append(b, `,"qtype":1,"qtype_name":"A"`...)
	}
	if answer == nil {
		b = append(b, `,"rcode":3,"rcode_name":"NXDOMAIN","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"rejected":false}`...)
	} else {
		b = append(b, `,"rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":0,"answers":["`...)
		b = append(b, answer.text...)
		b = append(b, `"],"TTLs":[300.0],"rejected":false}`...)
	}
	s.add(b, f.at)
}

// zeekSSL writes the handshake of a flow that was written.
func (w *world) zeekSSL(f *flow, name quoted, subject quoted) {
	if !f.sent {
		return
	}
	w.counts[zeekSSL.index]++
	at := min(f.at+w.between(2*millisecond, 40*millisecond), w.end-1)
	s := w.zeek.ssl
	b := f.ids(s.buf, at)
	if subject == "" {
		b = append(b, `,"version":"TLSv13","cipher":"TLS_AES_256_GCM_SHA384","curve":"x25519"`...)
	} else {
		b = append(b, `,"version":"TLSv12","cipher":"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384","curve":"secp256r1"`...)
	}
	b = str(b, "server_name", name)
	b = append(b, `,"resumed":false,"established":true`...)
	if subject != "" {
		// Whoever shows it, it is the same certificate each time.
		fingerprint := sha256.Sum256([]byte(subject))
		b = append(b, `,"cert_chain_fps":["`...)
		b = hex.AppendEncode(b, fingerprint[:])
		b = append(b, `"],"client_cert_chain_fps":[]`...)
		b = str(b, "subject", subject)
		b = str(b, "issuer", subject)
		b = append(b, `,"validation_status":"self signed certificate"`...)
	}
	s.add(append(b, '}'), at)
}

// download is what an HTTP answer carried, where it was a file worth noting.
type download struct {
	name, mime quoted
	md5, sha1  quoted
	size       int64
}

// zeekHTTP writes the request of a flow that was written.
func (w *world) zeekHTTP(f *flow, host, uri, agent quoted, file *download) {
	if !f.sent {
		return
	}
	w.counts[zeekHTTP.index]++
	at := min(f.at+w.between(2*millisecond, 40*millisecond), w.end-1)
	s := w.zeek.http
	b := f.ids(s.buf, at)
	b = append(b, `,"trans_depth":1`...)
	b = append(b, `,"method":"GET"`...)
	b = str(b, "host", host)
	b = str(b, "uri", uri)
	b = append(b, `,"version":"1.1"`...)
	b = str(b, "user_agent", agent)
	b = append(b, `,"request_body_len":0`...)
	b = num(b, "response_body_len", max(0, f.in-300))
	b = append(b, `,"status_code":200,"status_msg":"OK","tags":[]`...)
	var fuid [18]byte
	w.uid(fuid[:0], 'F')
	b = append(b, `,"resp_fuids":["`...)
	b = append(b, fuid[:]...)
	b = append(b, `"],"resp_mime_types":["`...)
	if file == nil {
		b = append(b, `text/html"]}`...)
	} else {
		b = append(b, file.mime...)
		b = append(b, `"]}`...)
	}
	s.add(b, at)
	if file != nil {
		w.zeekFile(f, at, fuid, file)
	}
}

func (w *world) zeekFile(f *flow, at moment, fuid [18]byte, file *download) {
	w.counts[zeekFiles.index]++
	s := w.zeek.files
	b := append(s.buf, `{"ts":`...)
	b = seconds(b, at)
	b = str(b, "fuid", quoted(fuid[:]))
	b = append(b, `,"tx_hosts":["`...)
	b = append(b, f.to.text...)
	b = append(b, `"],"rx_hosts":["`...)
	b = append(b, f.from.text...)
	b = append(b, `"],"conn_uids":["`...)
	b = append(b, f.uid[:]...)
	b = append(b, `"],"source":"HTTP","depth":0,"analyzers":["MD5","SHA1","PE"]`...)
	b = str(b, "mime_type", file.mime)
	b = str(b, "filename", file.name)
	b = append(b, `,"duration":0.412000,"is_orig":false`...)
	b = num(b, "seen_bytes", file.size)
	b = num(b, "total_bytes", file.size)
	b = append(b, `,"missing_bytes":0,"overflow_bytes":0,"timedout":false`...)
	b = str(b, "md5", file.md5)
	b = str(b, "sha1", file.sha1)
	s.add(append(b, '}'), at)
}

// lease writes a host's lease of its address.
func (w *world) lease(at moment, h *host) {
	if !w.within(at) {
		return
	}
	w.counts[zeekDHCP.index]++
	s := w.zeek.dhcp
	b := append(s.buf, `{"ts":`...)
	b = seconds(b, at)
	b = append(b, `,"uids":["`...)
	b = w.uid(b, 'C')
	b = append(b, `"]`...)
	b = str(b, "client_addr", h.v4.text)
	b = str(b, "server_addr", w.org.controllers[0].v4.text)
	b = str(b, "mac", h.mac)
	b = str(b, "host_name", h.short)
	b = str(b, "client_fqdn", h.name)
	b = str(b, "domain", domain)
	b = str(b, "assigned_addr", h.v4.text)
	b = append(b, `,"lease_time":28800.0,"msg_types":["DISCOVER","OFFER","REQUEST","ACK"],"duration":`...)
	b = seconds(b, w.between(2*millisecond, 900*millisecond))
	s.add(append(b, '}'), at)
}

// zeekShare writes that a share was opened over a flow.
func (w *world) zeekShare(f *flow, share quoted) {
	if !f.sent {
		return
	}
	w.counts[zeekSMB.index]++
	at := min(f.at+w.between(5*millisecond, 60*millisecond), w.end-1)
	s := w.zeek.smb
	b := f.ids(s.buf, at)
	b = str(b, "path", share)
	b = append(b, `,"share_type":"DISK"}`...)
	s.add(b, at)
}

// zeekDesktop writes a remote desktop session.
func (w *world) zeekDesktop(f *flow, cookie quoted) {
	if !f.sent {
		return
	}
	w.counts[zeekRDP.index]++
	at := min(f.at+w.between(5*millisecond, 60*millisecond), w.end-1)
	s := w.zeek.rdp
	b := f.ids(s.buf, at)
	b = str(b, "cookie", cookie)
	b = append(b, `,"result":"encrypted","security_protocol":"HYBRID","cert_count":0}`...)
	s.add(b, at)
}

// zeekNotice writes that a server's certificate signs itself.
func (w *world) zeekNotice(f *flow, subject quoted) {
	if !f.sent {
		return
	}
	w.counts[zeekNotes.index]++
	at := min(f.at+w.between(40*millisecond, 80*millisecond), w.end-1)
	s := w.zeek.notice
	b := f.ids(s.buf, at)
	b = append(b, `,"proto":"tcp","note":"SSL::Invalid_Server_Cert","msg":"SSL certificate validation failed with (self signed certificate)"`...)
	b = str(b, "sub", subject)
	b = str(b, "src", f.from.text)
	b = str(b, "dst", f.to.text)
	b = num(b, "p", f.toPort)
	b = append(b, `,"actions":["Notice::ACTION_LOG"],"email_dest":[],"suppress_for":3600.0}`...)
	s.add(b, at)
}
