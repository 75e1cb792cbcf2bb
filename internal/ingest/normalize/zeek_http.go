package normalize

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// http normalizes a request and its reply. A status code proves that the server
// answered.
func (z *zeekRecord) http() Event {
	outcome := schema.OutcomeUnknown
	if z.Get("status_code") != "" {
		outcome = schema.OutcomeEstablished
	}
	ev := z.event(z.flow(), "HttpConnectionInspected", "Tcp", outcome, "")
	row := &ev.Rows[0]
	row.SetString("RemoteUrl", requestURL(z.Get("method"), z.Get("host"), z.Get("uri"), z.respPort))
	if z.src.trusts(z.orig, z.at) {
		ev.Observables = addForwarded(ev.Observables, z.texts("proxied"))
	}
	ev.Observables = addAccount(ev.Observables, "", z.Get("username"))
	return ev
}

// requestURL puts a URL together from what a request says, with the port where it is
// not 80; "" when it names no host. A request to a proxy prints the whole URL, or with
// CONNECT the host and port alone.
func requestURL(method, host, uri string, port int64) string {
	switch {
	case strings.Contains(uri, "://"):
		return uri
	case method == "CONNECT":
		return uri
	case host == "" || strings.ContainsAny(host, " \t\r\n/\\\"<>"):
		return ""
	}
	if port > 0 && port != 80 && !hasPort(host) {
		host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.FormatInt(port, 10))
	}
	if uri != "" && uri[0] != '/' {
		uri = "/" + uri
	}
	return "http://" + host + uri
}

func hasPort(host string) bool {
	_, port, err := net.SplitHostPort(host)
	return err == nil && port != ""
}

// trusts reports whether what a request from an address says of where it came from is
// believed.
func (s *Source) trusts(from netip.Addr, at schema.Ticks) bool {
	return s.TrustedProxy != nil && from.IsValid() && s.TrustedProxy(from, at)
}

// addForwarded adds the addresses that proxy headers say the request came from
// ("X-FORWARDED-FOR -> 192.0.2.1, 10.0.0.1"). Via names proxies and their versions.
func addForwarded(list []Observable, headers []string) []Observable {
	for _, header := range headers {
		if name, value, _ := strings.Cut(header, " -> "); !strings.EqualFold(name, "VIA") {
			list = addForwardedValue(list, value)
		}
	}
	return list
}

// addForwardedValue adds the addresses of a header's value: a list, or the for= parts
// of RFC 7239 (for="[2001:db8::1]:4711";proto=http;by=192.0.2.43).
func addForwardedValue(list []Observable, value string) []Observable {
	for _, part := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		if key, v, ok := strings.Cut(part, "="); ok {
			if !strings.EqualFold(key, "for") {
				continue
			}
			part = v
		}
		part = strings.Trim(part, `"`)
		if _, ok := entity.ParseAddress(part); ok {
			list = append(list, Observable{Kind: entity.IP, Value: part, Roles: entity.RoleForwarded})
		}
	}
	return list
}
