package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// contentSecurityPolicy lets the web app run its own files alone. Styles may stand in
// the page, for the component library and the editor write theirs there; scripts may
// not.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
	"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func setSecurityHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer") // addresses of views hold what is investigated
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-store")
}

// checkOrigin refuses what a web page elsewhere makes a browser send here. A name that
// is made to resolve to this machine (DNS rebinding) gives itself away by the Host
// header; a request across origins by Origin or Sec-Fetch-Site.
func (s *Server) checkOrigin(r *http.Request) error {
	if !s.knownHost(r) {
		return fault(CodeForbidden, "this server does not answer under the name %.100q; --allowed-host adds one", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, r.Host) {
			return fault(CodeForbidden, "requests from other origins are refused")
		}
		return nil
	}
	// A link from elsewhere may open a view: the session cookie does not come along
	// (SameSite=Strict), the app then asks with it from its own origin.
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return nil
	}
	if safe(r.Method) && r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		return nil
	}
	return fault(CodeForbidden, "requests from other origins are refused")
}

// knownHost reports whether the Host header names this server: a loopback name, the
// address it listens on or was reached at, or a name the administrator allowed.
func (s *Server) knownHost(r *http.Request) bool {
	host := hostOnly(r.Host)
	if loopbackName(host) || slices.Contains(s.hosts, host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && at.Addr().Unmap() == addr.Unmap()
}

// hosts are the names beside the loopback ones under which the server answers: the
// address it listens on, unless that is every address, and those that are allowed.
func (cfg *Config) hosts() []string {
	var names []string
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil {
		if addr, err := netip.ParseAddr(host); host != "" && (err != nil || !addr.IsUnspecified()) {
			names = append(names, hostOnly(host))
		}
	}
	for _, h := range cfg.AllowedHosts {
		names = append(names, hostOnly(h))
	}
	return names
}

// hostOnly is the host of a Host header in lower case, without port, brackets and the
// final dot.
func hostOnly(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

func loopbackName(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
