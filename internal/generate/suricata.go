package generate

import "strconv"

var suricataAlert = newKind("suricata.alert")

// signature is a rule of the intrusion detection system. The names are invented.
type signature struct {
	id       int64
	text     quoted
	category quoted
	severity int64
}

var (
	sweepSignature   = signature{9000001, "SPOOR DEMO SCAN Inbound port sweep", "Attempted Information Leak", 3}
	payloadSignature = signature{9000002, "SPOOR DEMO POLICY Executable downloaded over plain HTTP", "Potential Corporate Privacy Violation", 2}
	controlSignature = signature{9000003, "SPOOR DEMO MALWARE Command-and-control certificate", "Malware Command and Control Activity Detected", 1}
	uploadSignature  = signature{9000004, "SPOOR DEMO EXFILTRATION Large upload to a rare host", "Potentially Bad Traffic", 1}
)

// alert writes an alert on a flow that was written.
func (w *world) alert(f *flow, sig *signature, at moment) {
	if !f.sent || !w.within(at) {
		return
	}
	w.counts[suricataAlert.index]++
	s := w.suricata
	b := append(s.buf, `{"timestamp":"`...)
	b = w.eveTime(b, at)
	b = append(b, '"')
	b = num(b, "flow_id", w.rng.Int64N(1<<50))
	b = append(b, `,"in_iface":"bond0","event_type":"alert"`...)
	b = str(b, "src_ip", f.from.text)
	b = num(b, "src_port", f.fromPort)
	b = str(b, "dest_ip", f.to.text)
	b = num(b, "dest_port", f.toPort)
	b = append(b, `,"proto":"TCP","alert":{"action":"allowed","gid":1`...)
	b = num(b, "signature_id", sig.id)
	b = append(b, `,"rev":1`...)
	b = str(b, "signature", sig.text)
	b = str(b, "category", sig.category)
	b = num(b, "severity", sig.severity)
	b = append(b, `},"flow":{"pkts_toserver":`...)
	b = strconv.AppendInt(b, 1+packets(f.out), 10)
	b = num(b, "pkts_toclient", packets(f.in))
	b = num(b, "bytes_toserver", f.out+60)
	b = num(b, "bytes_toclient", f.in)
	b = append(b, `,"start":"`...)
	b = w.eveTime(b, f.at)
	s.add(append(b, `"}}`...), at)
}

// eveTime appends 2006-01-02T15:04:05.000000+0000.
func (w *world) eveTime(b []byte, at moment) []byte {
	b = w.stamp.date(b, at, 'T')
	b = append(b, '.')
	b = digits(b, at%second, 6)
	return append(b, "+0000"...)
}
