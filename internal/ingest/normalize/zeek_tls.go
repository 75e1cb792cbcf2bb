package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// ssl normalizes a TLS handshake. That it was completed, or that the server chose a
// version, proves the connection below it.
func (z *zeekRecord) ssl() Event {
	outcome := schema.OutcomeUnknown
	if zeekTrue(z.Get("established")) || z.Get("version", "cipher") != "" {
		outcome = schema.OutcomeEstablished
	}
	protocol := "Tcp"
	if strings.HasPrefix(z.Get("version"), "DTLS") {
		protocol = "Udp"
	}
	ev := z.event(z.flow(), "SslConnectionInspected", protocol, outcome, "")
	name := z.Get("server_name")
	ev.Rows[0].SetString("RemoteUrl", name)
	ev.Observables = addDomain(ev.Observables, name)
	ev.Observables = addCertificateName(ev.Observables, commonName(z.Get("subject")))
	return ev
}

// x509 keeps a certificate, with its names and its fingerprint.
func (z *zeekRecord) x509() Event {
	ev := z.raw()
	ev.Observables = addCertificateName(ev.Observables, commonName(z.Get("certificate.subject", "certificate_subject")))
	for _, field := range []string{"san.dns", "san_dns"} {
		for _, name := range z.texts(field) {
			ev.Observables = addCertificateName(ev.Observables, name)
		}
	}
	if hash := z.Get("fingerprint"); hash != "" {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.Hash, Value: hash})
	}
	return ev
}

// addCertificateName adds a name that a certificate is for. A wildcard is no name of
// a host.
func addCertificateName(list []Observable, name string) []Observable {
	if strings.Contains(name, "*") {
		return list
	}
	return addDomain(list, name)
}

// commonName is the CN of a distinguished name (RFC 4514: parts between commas, a
// backslash before a comma that belongs to the value); "" when it has none.
func commonName(dn string) string {
	for dn != "" {
		end := 0
		for end < len(dn) && dn[end] != ',' {
			if dn[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(dn))
		name, value, _ := strings.Cut(dn[:end], "=")
		if strings.EqualFold(strings.TrimSpace(name), "CN") {
			return strings.TrimSpace(value)
		}
		dn = strings.TrimPrefix(dn[end:], ",")
	}
	return ""
}
