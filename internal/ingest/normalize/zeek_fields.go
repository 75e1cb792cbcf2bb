package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/ingest/decode"
)

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

// appendZeekField appends a field. TSV has no types of its own on a line, so numbers
// and truth values are made what they are in Zeek's JSON.
func appendZeekField(b []byte, name string, v decode.Value, format string) []byte {
	if format != "zeek.tsv" || v.Kind != decode.String {
		return appendField(b, name, v)
	}
	b = appendName(b, name)
	switch zeekTypeOf(name) {
	case zeekText:
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
	}
	return appendText(b, v.Text)
}

// zeekType is the type of a plain field in TSV.
type zeekType uint8

const (
	zeekText zeekType = iota
	zeekNumber
	zeekBool
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
	}
	return zeekText
}

// texts is the elements of a set or vector, or the one text of a plain field.
func (z *zeekRecord) texts(name string) []string {
	v, ok := z.Lookup(name)
	switch {
	case !ok || v.Kind == decode.Null:
		return nil
	case v.Kind == decode.Array:
		var texts []string
		for _, e := range winArray(v.Text) {
			texts = append(texts, e.Text)
		}
		return texts
	default:
		return []string{v.Text}
	}
}
