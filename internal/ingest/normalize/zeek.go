package normalize

import (
	"net/netip"
	"strings"
	"sync"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// zeekLogs maps a log of Zeek to the function that knows it. What is not listed is
// kept whole in SpoorRaw. So are x509, files and dhcp, for which Microsoft has no word;
// they give observables all the same.
var zeekLogs = map[string]func(*zeekRecord) Event{
	"conn":     (*zeekRecord).conn,
	"dns":      (*zeekRecord).dns,
	"http":     (*zeekRecord).http,
	"ssl":      (*zeekRecord).ssl,
	"ssh":      (*zeekRecord).ssh,
	"ftp":      (*zeekRecord).ftp,
	"smtp":     (*zeekRecord).smtp,
	"kerberos": (*zeekRecord).kerberos,
	"ntlm":     (*zeekRecord).ntlm,
	"notice":   (*zeekRecord).notice,
	"x509":     (*zeekRecord).x509,
	"files":    (*zeekRecord).files,
	"dhcp":     (*zeekRecord).dhcp,
}

// Zeek normalizes a record of a Zeek log, in TSV or JSON, in any of the styles of field
// names: id.orig_h, or id_orig_h with @stream; the log named by the TSV header, by
// @stream, by _path, or by the file's name. It reports false without a reason for a
// record that is not Zeek's.
//
// The sensor's own name (@system, _node_name) is never the device: it goes to
// AdditionalFields.
func Zeek(r *decode.Record, src *Source) (Event, bool, string) {
	path := zeekPath(r, src)
	if path == "" {
		return Event{}, false, ""
	}
	z := zeekRecord{Record: r, src: src, path: path}
	timed := z.read()
	log, mapped := zeekLogs[path]
	switch {
	case !mapped: // loaded_scripts has no time at all
		return z.raw(), true, ""
	case !timed:
		return Event{}, false, z.kind() + " without a readable ts"
	default:
		return log(&z), true, ""
	}
}

// zeekUnknown stands for the name of a log that nothing names.
const zeekUnknown = "unknown"

// zeekPath names the log a record is of, or is "" when it is not Zeek's.
func zeekPath(r *decode.Record, src *Source) string {
	if r.Format == "zeek.tsv" {
		if isLogName(r.Stream) {
			return r.Stream
		}
		if path := zeekFilePath(src.Name); path != "" {
			return path
		}
		return zeekUnknown
	}
	if r.Format != "json" {
		return ""
	}
	timed, named := false, ""
	for i := range r.Fields {
		switch f := &r.Fields[i]; f.Name {
		case "ts":
			timed = true
		case "_path", "@stream":
			if named == "" && f.Kind == decode.String {
				named = f.Text
			}
		}
	}
	switch {
	case zeekLogKinds[named] != "" || timed && isLogName(named):
		return named
	case !timed:
		return ""
	}
	if path := zeekFilePath(src.Name); path != "" && zeekMarked(r) {
		return path
	}
	return zeekShape(r)
}

// zeekMarked reports whether a record has a field that logs of Zeek have, for a file's
// name alone may be chance.
func zeekMarked(r *decode.Record) bool {
	for i := range r.Fields {
		switch r.Fields[i].Name {
		case "uid", "uids", "fuid", "id.orig_h", "id_orig_h", "id.resp_h", "id_resp_h", "fingerprint", "certificate.version",
			"certificate_version", "note", "peer", "port_num", "software_type", "machine":
			return true
		}
	}
	return false
}

// isLogName reports whether text can be the name of a log.
func isLogName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// zeekFilePath reads the log from a file's name: conn.log, http.00:00:00-01:00:00.log.
// Only names that Zeek gives its logs count, since any product may write a dns.log.
func zeekFilePath(name string) string {
	name = name[strings.LastIndexAny(name, `/\!`)+1:]
	path, _, _ := strings.Cut(strings.ToLower(name), ".")
	if zeekLogKinds[path] != "" {
		return path
	}
	return ""
}

// zeekLogKinds maps the logs of Zeek to their source kinds.
var zeekLogKinds = func() map[string]string {
	kinds := map[string]string{}
	for n := range strings.FieldsSeq(`
		analyzer broker capture_loss cluster config conn dce_rpc dhcp dnp3 dns dpd files ftp http intel irc
		kerberos known_certs known_hosts known_modbus known_services ldap ldap_search loaded_scripts modbus mqtt_connect
		mqtt_publish mqtt_subscribe mysql netcontrol notice notice_alarm ntlm ntp ocsp openflow packet_filter
		pe postgresql print prof quic radius rdp reporter rfb signatures sip smb_cmd smb_files smb_mapping smtp
		snmp socks software ssh ssl stats stderr stdout syslog telemetry traceroute tunnel unknown_protocols
		websocket weird weird_stats x509`) {
		kinds[n] = "zeek." + n
	}
	return kinds
}()

func (z *zeekRecord) kind() string {
	if kind := zeekLogKinds[z.path]; kind != "" {
		return kind
	}
	return "zeek." + z.path
}

// zeekShape tells the commonest logs by fields that only they have, for JSON that came
// without a path and without a file name.
func zeekShape(r *decode.Record) string {
	if !r.Has("uid") || !r.Has("id.orig_h") && !r.Has("id_orig_h") {
		return ""
	}
	for _, shape := range []struct{ field, path string }{
		{"conn_state", "conn"},
		{"qclass", "dns"},
		{"trans_depth", "http"},
		{"ssl_history", "ssl"},
		{"cert_chain_fuids", "ssl"},
		{"auth_attempts", "ssh"},
	} {
		if r.Has(shape.field) {
			return shape.path
		}
	}
	return zeekUnknown
}

// zeekRecord is a record with what all logs of connections have.
type zeekRecord struct {
	*decode.Record
	src  *Source
	path string

	at               schema.Ticks
	orig, resp       netip.Addr
	origText         string // as printed
	respText         string
	origPort         int64
	respPort         int64
	hasOrig, hasResp bool // a port is there
	proto            string
	hints            Hints
	state, history   string
	origBytes        int64
	respBytes        int64
	origPackets      int64
	respPackets      int64
}

// read takes the common fields in one pass. It reports false when there is no time.
func (z *zeekRecord) read() bool {
	timed := false
	for i := range z.Fields {
		f := &z.Fields[i]
		if f.Kind == decode.Null {
			continue
		}
		switch f.Name {
		case "ts":
			z.at, timed = parseInstant(f.Text)
		case "id.orig_h", "id_orig_h":
			z.orig, _ = entity.ParseAddress(f.Text)
			z.origText = f.Text
		case "id.resp_h", "id_resp_h":
			z.resp, _ = entity.ParseAddress(f.Text)
			z.respText = f.Text
		case "id.orig_p", "id_orig_p":
			z.origPort, z.hasOrig = wholeNumber(f.Text)
		case "id.resp_p", "id_resp_p":
			z.respPort, z.hasResp = wholeNumber(f.Text)
		case "proto":
			z.proto = f.Text
		case "local_orig":
			z.hints.SourceLocal = zeekTrue(f.Text)
		case "local_resp":
			z.hints.DestinationLocal = zeekTrue(f.Text)
		case "conn_state":
			z.state = f.Text
		case "history":
			z.history = f.Text
		case "orig_bytes":
			z.origBytes, _ = wholeNumber(f.Text)
		case "resp_bytes":
			z.respBytes, _ = wholeNumber(f.Text)
		case "orig_pkts":
			z.origPackets, _ = wholeNumber(f.Text)
		case "resp_pkts":
			z.respPackets, _ = wholeNumber(f.Text)
		}
	}
	if timed {
		z.at += z.src.ClockOffset
	}
	return timed
}

func zeekTrue(s string) bool { return s == "T" || s == "true" }

// flow is the two ends, oriented.
func (z *zeekRecord) flow() Flow {
	f := Flow{Source: z.orig, Destination: z.resp}
	orientFlow(&f, z.hints, z.src.Own, z.at)
	f.BytesOut, f.BytesIn = z.origBytes, z.respBytes
	if isInbound(&f) {
		f.BytesOut, f.BytesIn = z.respBytes, z.origBytes
	}
	return f
}

// isInbound reports whether the other side opened the flow.
func isInbound(f *Flow) bool {
	if f.Local.IsValid() {
		return f.Local != f.Source
	}
	return f.Remote.IsValid() && f.Remote == f.Source
}

// direction is the word of Microsoft's AdditionalFields for who opened the flow.
func direction(f *Flow) string {
	switch {
	case !f.Local.IsValid() && !f.Remote.IsValid():
		return ""
	case isInbound(f):
		return "In"
	default:
		return "Out"
	}
}

// event is an event of the log with a flow and the row of DeviceNetworkEvents that
// says so: action is Microsoft's word, note what the word does not say.
func (z *zeekRecord) event(flow Flow, action, protocol string, outcome schema.Outcome, note string) Event {
	flow.Outcome = outcome
	row := networkRow()
	row.SetTime("Timestamp", z.at)
	row.SetString("ActionType", action)
	row.SetString("Protocol", protocol)
	ports := protocol != "Icmp" // there Zeek prints type and code in their place
	setEnds(&row, &flow, z.port(z.origPort, z.hasOrig && ports), z.port(z.respPort, z.hasResp && ports))
	row.SetString("AdditionalFields", z.additional(&flow, ports, note))
	return Event{Kind: z.kind(), Time: z.at, Rows: []schema.Row{row}, Flow: flow}
}

func (z *zeekRecord) port(n int64, ok bool) int64 {
	if !ok || n < 0 || n > 65535 {
		return -1
	}
	return n
}

// setEnds fills the columns of the two ends. A port of -1 is none.
func setEnds(row *schema.Row, f *Flow, sourcePort, destinationPort int64) {
	local, remote, localPort, remotePort := f.Local, f.Remote, sourcePort, destinationPort
	if isInbound(f) {
		localPort, remotePort = destinationPort, sourcePort
	}
	if local.IsValid() {
		row.SetString("LocalIP", local.String())
		row.SetString("LocalIPType", entity.IPType(local))
	}
	if remote.IsValid() {
		row.SetString("RemoteIP", remote.String())
		row.SetString("RemoteIPType", entity.IPType(remote))
	}
	if localPort >= 0 {
		row.SetInt("LocalPort", localPort)
	}
	if remotePort >= 0 {
		row.SetInt("RemotePort", remotePort)
	}
}

// networkRow starts a row of DeviceNetworkEvents with room for what a sensor says.
func networkRow() schema.Row {
	return schema.Row{Table: networkTable(), Cells: make([]schema.Cell, 0, 12)}
}

var networkTable = sync.OnceValue(func() *schema.Table { return schema.Default().MustTable("DeviceNetworkEvents") })

// raw keeps a record of a log that has no table.
func (z *zeekRecord) raw() Event {
	kind := z.kind()
	return Event{
		Kind: kind, Time: z.at, Unmapped: true,
		Rows: []schema.Row{rawRow(z.Record, kind, "", z.at)},
	}
}
