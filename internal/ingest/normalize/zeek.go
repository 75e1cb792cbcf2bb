package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// zeekLogs maps a log of Zeek to the function that knows it. What is not listed is
// kept whole in SpoorRaw, as are those of the list for which Microsoft has no word;
// those give observables all the same.
var zeekLogs = map[string]func(*zeekRecord) Event{
	"conn": (*zeekRecord).conn,
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
		return Event{}, false, "zeek." + path + " without a readable ts"
	default:
		return log(&z), true, ""
	}
}

// zeekPath names the log a record is of, or is "" when it is not Zeek's.
func zeekPath(r *decode.Record, src *Source) string {
	if r.Format == "zeek.tsv" {
		if r.Stream != "" {
			return r.Stream
		}
		return zeekFilePath(src.Name)
	}
	if r.Format != "json" {
		return ""
	}
	timed := r.Has("ts")
	for _, name := range []string{"_path", "@stream"} {
		if v, ok := r.Lookup(name); ok && v.Kind == decode.String && (timed && isZeekName(v.Text) || zeekLogNames[v.Text]) {
			return v.Text
		}
	}
	if !timed {
		return ""
	}
	if path := zeekFilePath(src.Name); path != "" {
		return path
	}
	return zeekShape(r)
}

// isZeekName reports whether text can be the name of a log.
func isZeekName(s string) bool {
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
	if zeekLogNames[path] {
		return path
	}
	return ""
}

var zeekLogNames = func() map[string]bool {
	names := map[string]bool{}
	for _, n := range strings.Fields(`
		analyzer broker capture_loss cluster config conn dce_rpc dhcp dnp3 dns dpd files ftp http intel irc
		kerberos known_certs known_hosts known_modbus known_services ldap ldap_search loaded_scripts modbus mqtt_connect
		mqtt_publish mqtt_subscribe mysql netcontrol notice notice_alarm ntlm ntp ocsp openflow packet_filter
		pe postgresql print prof quic radius rdp reporter rfb signatures sip smb_cmd smb_files smb_mapping smtp
		snmp socks software ssh ssl stats stderr stdout syslog telemetry traceroute tunnel unknown_protocols
		websocket weird weird_stats x509`) {
		names[n] = true
	}
	return names
}()

// zeekShape tells the commonest logs by fields that only they have, for JSON that came
// without a path and without a file name.
func zeekShape(r *decode.Record) string {
	if !r.Has("uid") || !(r.Has("id.orig_h") || r.Has("id_orig_h")) {
		return ""
	}
	for _, shape := range []struct{ field, path string }{
		{"conn_state", "conn"}, {"qclass", "dns"}, {"trans_depth", "http"}, {"ssl_history", "ssl"},
		{"cert_chain_fuids", "ssl"}, {"auth_attempts", "ssh"},
	} {
		if r.Has(shape.field) {
			return shape.path
		}
	}
	return "unknown"
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
	f.Local, f.Remote = Orient(z.orig, z.resp, z.hints, z.src.Own, z.at)
	f.BytesOut, f.BytesIn = z.origBytes, z.respBytes
	if isInbound(&f) {
		f.BytesOut, f.BytesIn = z.respBytes, z.origBytes
	}
	return f
}

// isInbound reports whether the other side opened the flow.
func isInbound(f *Flow) bool { return f.Local.IsValid() && f.Local != f.Source }

// direction is the word of Microsoft's AdditionalFields for who opened the flow.
func direction(f *Flow) string {
	switch {
	case !f.Local.IsValid():
		return ""
	case isInbound(f):
		return "In"
	default:
		return "Out"
	}
}

// event is an event of the log with its flow and the row of DeviceNetworkEvents that
// says so: action is Microsoft's word, note what the word does not say.
func (z *zeekRecord) event(action, protocol string, outcome schema.Outcome, note string) Event {
	flow := z.flow()
	flow.Outcome = outcome
	row := schema.NewRow(networkTable())
	row.SetTime("Timestamp", z.at)
	row.SetString("ActionType", action)
	row.SetString("Protocol", protocol)
	ports := protocol != "Icmp" // there Zeek prints type and code in their place
	setEnds(&row, &flow, z.port(z.origPort, z.hasOrig && ports), z.port(z.respPort, z.hasResp && ports))
	row.SetString("AdditionalFields", z.additional(&flow, ports, note))
	return Event{Kind: "zeek." + z.path, Time: z.at, Rows: []schema.Row{row}, Flow: flow}
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
	if !local.IsValid() { // one end only: what opened the flow stands as the remote side
		local, remote = f.Destination, f.Source
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

func networkTable() *schema.Table { return schema.Default().MustTable("DeviceNetworkEvents") }

// additional is AdditionalFields: every field but those that stand in columns, under
// Zeek's names, which Microsoft's inspected connections use too, and the direction as
// Microsoft says it.
func (z *zeekRecord) additional(f *Flow, ports bool, note string) string {
	b := make([]byte, 0, 1024)
	b = append(b, '{')
	b = appendTextField(b, "direction", direction(f))
	b = appendTextField(b, "outcome_note", note)
	for i := range z.Fields {
		field := &z.Fields[i]
		if field.Kind == decode.Null {
			continue
		}
		name := field.Name
		switch name {
		case "_path", "@stream":
			continue
		case "id.orig_h", "id_orig_h":
			if z.orig.IsValid() && printedAs(z.orig, field.Text) {
				continue
			}
			name = "id.orig_h"
		case "id.resp_h", "id_resp_h":
			if z.resp.IsValid() && printedAs(z.resp, field.Text) {
				continue
			}
			name = "id.resp_h"
		case "id.orig_p", "id_orig_p", "id.resp_p", "id_resp_p":
			if ports {
				continue
			}
			name = zeekICMPName(name)
		case "direction": // of ssh: INBOUND, OUTBOUND
			name = "zeek_direction"
		}
		b = appendZeekField(b, name, field.Value, z.Format)
	}
	return string(append(b, '}'))
}

// printedAs reports whether text is the canonical form of the address, without making
// that form in the common case of a short dotted quad.
func printedAs(a netip.Addr, text string) bool {
	var buf [64]byte
	return string(a.AppendTo(buf[:0])) == text
}

// zeekICMPName is what stands in the ports of an ICMP exchange.
func zeekICMPName(name string) string {
	if strings.HasSuffix(name, "orig_p") {
		return "icmp_type"
	}
	return "icmp_code"
}

// appendZeekField appends a field. TSV has no types of its own on a line, so numbers,
// truth values and sets are made what they are in Zeek's JSON.
func appendZeekField(b []byte, name string, v decode.Value, format string) []byte {
	if format != "zeek.tsv" || v.Kind != decode.String {
		return appendField(b, name, v)
	}
	b = appendName(b, name)
	switch zeekTypeOf(name) {
	case zeekNumber:
		if isJSONNumber(v.Text) {
			return append(b, v.Text...)
		}
	case zeekBool:
		switch v.Text {
		case "T":
			return append(b, "true"...)
		case "F":
			return append(b, "false"...)
		}
	case zeekSet:
		return appendZeekSet(b, v.Text, false)
	case zeekNumbers:
		return appendZeekSet(b, v.Text, true)
	}
	return appendText(b, v.Text)
}

// appendZeekSet appends a set or vector, whose elements TSV separates by commas.
func appendZeekSet(b []byte, text string, numbers bool) []byte {
	b = append(b, '[')
	if text != "" && text != "(empty)" {
		for i, e := range strings.Split(text, ",") {
			if i > 0 {
				b = append(b, ',')
			}
			if numbers && isJSONNumber(e) {
				b = append(b, e...)
			} else {
				b = appendText(b, e)
			}
		}
	}
	return append(b, ']')
}

// zeekType is the type of a field in TSV.
type zeekType uint8

const (
	zeekText zeekType = iota
	zeekNumber
	zeekBool
	zeekSet
	zeekNumbers
)

// zeekTypeOf is the type of a field of the logs that Microsoft has a word for, after
// the #types lines of Zeek 2 to 6.
func zeekTypeOf(name string) zeekType {
	switch name {
	case "ts", "duration", "orig_bytes", "resp_bytes", "missed_bytes", "orig_pkts", "orig_ip_bytes", "resp_pkts",
		"resp_ip_bytes", "trans_id", "rtt", "qclass", "qtype", "rcode", "Z", "trans_depth", "request_body_len",
		"response_body_len", "status_code", "info_code", "auth_attempts", "file_size", "reply_code", "n", "p",
		"suppress_for", "remote_location.latitude", "remote_location.longitude", "data_channel.resp_p", "vlan",
		"inner_vlan", "icmp_type", "icmp_code":
		return zeekNumber
	case "local_orig", "local_resp", "AA", "TC", "RD", "RA", "rejected", "resumed", "established", "sni_matches_cert",
		"auth_success", "success", "forwardable", "renewable", "data_channel.passive", "is_webmail", "tls", "dropped":
		return zeekBool
	case "tunnel_parents", "answers", "tags", "proxied", "orig_fuids", "orig_filenames", "orig_mime_types", "resp_fuids",
		"resp_filenames", "resp_mime_types", "client_header_names", "server_header_names", "cert_chain_fuids",
		"client_cert_chain_fuids", "cert_chain_fps", "client_cert_chain_fps", "rcptto", "to", "cc", "path", "fuids",
		"actions", "email_dest":
		return zeekSet
	case "TTLs":
		return zeekNumbers
	}
	return zeekText
}

// raw keeps a record of a log that has no table.
func (z *zeekRecord) raw() Event {
	kind := "zeek." + z.path
	return Event{
		Kind: kind, Time: z.at, Unmapped: true,
		Rows: []schema.Row{rawRow(z.Record, kind, "", z.at)},
	}
}
