package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
	"spoor/internal/store"
)

// paths has a request for every route that needs someone to be signed in.
var paths = []struct{ method, path, body, least string }{
	{"GET", "/api/version", "", "any"},
	{"GET", "/api/openapi.json", "", "any"},
	{"GET", "/api/nothing", "", "any"},
	{"GET", "/v1/nothing", "", "any"},
	{"POST", "/v2/nothing", "{}", "any"},
	{"GET", "/metrics", "", "reader"},
	{"POST", "/api/query", `{"query":"print 1"}`, "reader"},
	{"POST", "/api/kql/validate", `{"query":"print 1"}`, "reader"},
	{"POST", "/api/kql/explain", `{"query":"print 1"}`, "reader"},
	{"POST", "/v1/rest/query", `{"csl":"print 1"}`, "reader"},
	{"GET", "/v1/rest/query?csl=print+1", "", "reader"},
	{"POST", "/v2/rest/query", `{"csl":"print 1"}`, "reader"},
	{"GET", "/v2/rest/query?csl=print+1", "", "reader"},
	{"POST", "/v1/rest/mgmt", `{"csl":".show tables"}`, "reader"},
	{"GET", "/api/entities/ip/192.0.2.1", "", "reader"},
	{"GET", "/api/entities/ip/192.0.2.1/devices", "", "reader"},
	{"GET", "/api/entities/ip/192.0.2.1/peers", "", "reader"},
	{"GET", "/api/search?q=192.0.2.1", "", "reader"},
	{"GET", "/api/raw/1", "", "reader"},
	{"GET", "/api/coverage", "", "reader"},
	{"GET", "/api/sources", "", "reader"},
	{"GET", "/api/sources/1", "", "reader"},
	{"GET", "/api/networks", "", "reader"},
	{"POST", "/api/ingest", "a line\n", "ingest"},
	{"POST", "/api/networks", `{"cidr":"10.0.0.0/8","name":"all"}`, "analyst"},
	{"POST", "/api/networks/import", "cidr,name\n10.0.0.0/8,x\n", "analyst"},
	{"DELETE", "/api/networks/9", "", "analyst"},
	{"DELETE", "/api/sources/9", "", "admin"},
	{"GET", "/api/users", "", "admin"},
	{"POST", "/api/users", `{"name":"x1","role":"reader"}`, "admin"},
	{"POST", "/api/users/nobody/reset", "", "admin"},
	{"POST", "/api/users/nobody/disable", "", "admin"},
	{"POST", "/api/users/nobody/enable", "", "admin"},
	{"GET", "/api/tokens", "", "admin"},
	{"POST", "/api/tokens", `{"name":"x","role":"reader"}`, "admin"},
	{"DELETE", "/api/tokens/999", "", "admin"},
	{"GET", "/api/audit", "", "admin"},
}

// Every route × every role, and nobody: 401 without credentials, 403 without the role,
// something else with it.
func TestRolesAndRoutes(t *testing.T) {
	f := newFixture(t)
	tokens := map[account.Role]string{}
	for _, r := range account.Roles {
		tokens[r] = f.token(r)
	}
	for _, p := range paths {
		if a := f.do(f.request(p.method, p.path, p.body)); a.status != http.StatusUnauthorized {
			t.Errorf("%s %s without credentials: %d", p.method, p.path, a.status)
		} else if a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s: 401 without WWW-Authenticate", p.method, p.path)
		}
		for _, r := range account.Roles {
			a := f.do(f.request(p.method, p.path, p.body, "Authorization", "Bearer "+tokens[r]))
			allowed := p.least == "any" || r.Covers(account.Role(p.least))
			if got := a.status != http.StatusForbidden && a.status != http.StatusUnauthorized; got != allowed {
				t.Errorf("%s %s as %s: %d, want it allowed: %v", p.method, p.path, r, a.status, allowed)
			}
			if a.status >= 500 {
				t.Errorf("%s %s as %s: %d %s", p.method, p.path, r, a.status, a.body)
			}
		}
	}
}

func TestOpenWithoutSignIn(t *testing.T) {
	f := newFixture(t)
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/": "<!doctype html><title>Spoor</title>", "/sign-in": "<!doctype html><title>Spoor</title>",
		"/entities/ip/192.0.2.1": "<!doctype html><title>Spoor</title>", "/assets/app-1234.js": appScript, "/favicon.svg": "<svg/>",
	} {
		if a := f.do(f.request("GET", path, "")); a.status != 200 || a.body != want {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
	}
	if a := f.do(f.request("GET", "/v1/rest/auth/metadata", "")); a.status != 404 || a.body != "" {
		t.Errorf("metadata: %d %q, want 404 without a body", a.status, a.body)
	}
}

func TestWrongCredentials(t *testing.T) {
	f := newFixture(t)
	expired, _, err := f.accounts.CreateToken(t.Context(), "short", account.Admin, f.clock.now().Add(time.Minute), "test")
	if err != nil {
		t.Fatal(err)
	}
	f.clock.advance(time.Minute)
	revoked, made, err := f.accounts.CreateToken(t.Context(), "gone", account.Admin, time.Time{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.accounts.RevokeToken(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]string{
		"unknown": "Bearer spoor_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "expired": "Bearer " + expired, "revoked": "Bearer " + revoked,
		"empty": "Bearer ", "basic": "Basic YTpi", "no scheme": f.token(account.Admin),
	} {
		a := f.do(f.request("GET", "/api/version", "", "Authorization", header))
		if p := a.problem(t, http.StatusUnauthorized); p.Code != server.CodeUnauthenticated {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	if a := f.do(f.request("GET", "/api/version", "", "Cookie", "spoor=nonsense")); a.status != http.StatusUnauthorized {
		t.Errorf("an unknown session: %d", a.status)
	}
	// The kind of letters in the scheme does not matter (RFC 9110, section 11.1).
	if a := f.do(f.request("GET", "/api/version", "", "Authorization", "bearer "+f.token(account.Ingest))); a.status != 200 {
		t.Errorf("lower-case scheme: %d", a.status)
	}
}

func TestHosts(t *testing.T) {
	f := newFixture(t, func(c *server.Config) { c.AllowedHosts = []string{"Spoor.Example.Org", "192.0.2.9"} })
	port := f.http.URL[strings.LastIndex(f.http.URL, ":"):]
	for host, ok := range map[string]bool{
		"127.0.0.1" + port: true, "localhost" + port: true, "LOCALHOST.": true, "[::1]" + port: true, "127.0.0.53": true,
		"spoor.example.org": true, "spoor.example.org:443": true, "192.0.2.9:8080": true,
		"attacker.example": false, "attacker.example" + port: false, "localhost.attacker.example": false, "127.0.0.1.nip.io": false,
		"192.0.2.1": false, "0.0.0.0": false, "10.0.0.1" + port: false, "spoor.example.org.attacker.example": false,
	} {
		a := f.do(f.request("GET", "/healthz", "", "Host", host))
		if got := a.status == 200; got != ok {
			t.Errorf("Host %s: %d, want it answered: %v", host, a.status, ok)
		}
	}
}

// A page elsewhere makes its own name resolve to this machine and then asks: the
// browser sends the page's name, and a cookie would not help it either.
func TestDNSRebinding(t *testing.T) {
	f := newFixture(t)
	port := f.http.URL[strings.LastIndex(f.http.URL, ":"):]
	for _, path := range []string{"/", "/healthz", "/api/session", "/api/version", "/assets/app-1234.js"} {
		a := f.do(f.request("GET", path, "", "Host", "rebind.attacker.example"+port, "Origin", "http://rebind.attacker.example"+port,
			"Authorization", "Bearer "+f.token(account.Admin)))
		if a.status != http.StatusForbidden {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestOrigins(t *testing.T) {
	f := newFixture(t)
	own := f.http.URL
	for name, c := range map[string]struct {
		method  string
		headers []string
		ok      bool
	}{
		"none":                     {"POST", nil, true},
		"own":                      {"POST", []string{"Origin", own}, true},
		"other":                    {"POST", []string{"Origin", "https://attacker.example"}, false},
		"other, only looking":      {"GET", []string{"Origin", "https://attacker.example"}, false},
		"null":                     {"POST", []string{"Origin", "null"}, false},
		"other port":               {"POST", []string{"Origin", "http://127.0.0.1:1"}, false},
		"same-origin fetch":        {"POST", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors"}, true},
		"typed address":            {"GET", []string{"Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate"}, true},
		"cross-site form":          {"POST", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, false},
		"cross-site image":         {"GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false},
		"same-site fetch":          {"GET", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}, false},
		"link from another page":   {"GET", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, true},
		"own origin without fetch": {"GET", []string{"Origin", own}, true},
	} {
		path, body := "/api/version", ""
		if c.method == "POST" {
			path, body = "/api/query", `{"query":"print 1"}`
		}
		a := f.call(account.Reader, c.method, path, body, c.headers...)
		if got := a.status == 200; got != c.ok {
			t.Errorf("%s: %d, want it answered: %v", name, a.status, c.ok)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/", "/healthz", "/api/version", "/assets/app-1234.js", "/v1/rest/auth/metadata"} {
		a := f.do(f.request("GET", path, ""))
		csp := a.header.Get("Content-Security-Policy")
		for _, directive := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"} {
			if !strings.Contains(csp, directive) {
				t.Errorf("%s: the policy %q lacks %s", path, csp, directive)
			}
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if a.header.Get("X-Request-Id") == "" || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
}

func TestBodyLimits(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		path string
		size int
	}{
		{"/api/users", 65 << 10}, {"/api/query", 4<<20 + 100}, {"/v1/rest/query", 4<<20 + 100}, {"/v1/rest/mgmt", 4<<20 + 100},
	} {
		body := `{"csl":"` + strings.Repeat("x", c.size) + `"}`
		a := f.call(account.Admin, "POST", c.path, body)
		if a.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with %d bytes: %d %.200s", c.path, c.size, a.status, a.body)
		}
	}
	// The client does not say how much it sends.
	req := f.request("POST", "/v2/rest/query", "", "Authorization", "Bearer "+f.token(account.Admin), "Content-Type", "application/json")
	req.Body = io.NopCloser(io.LimitReader(zeros{}, 5<<20))
	req.ContentLength = -1
	if a := f.do(req); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("chunked: %d", a.status)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// Each kind of error below has its status, its code and a sentence; what is internal
// says nothing.
func TestErrorAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		status int
		code   server.Code
	}{
		"disk full":  {fmt.Errorf("append: %w", store.ErrDiskFull), 507, server.CodeDiskFull},
		"not found":  {fmt.Errorf("x: %w", store.ErrNotFound), 404, server.CodeNotFound},
		"conflict":   {store.ErrConflict, 409, server.CodeConflict},
		"time-out":   {&query.Error{Code: query.CodeTimeout, Message: "too slow"}, 504, server.CodeTimeout},
		"deadline":   {context.DeadlineExceeded, 504, server.CodeTimeout},
		"busy":       {&query.Error{Code: query.CodeBusy, Message: "busy"}, 503, server.CodeUnavailable},
		"memory":     {&query.Error{Code: query.CodeTooLarge, Message: "too much"}, 413, server.CodeTooLarge},
		"bad data":   {&query.Error{Code: query.CodeData, Message: "bad pattern"}, 400, server.CodeInvalid},
		"internal":   {errors.New("secret: /data/events.duckdb is broken"), 500, server.CodeInternal},
		"our fault":  {&query.Error{Code: query.CodeInternal, Message: "it broke", Err: errors.New("secret")}, 500, server.CodeInternal},
		"own domain": {&server.Error{Code: server.CodeForbidden, Detail: "no"}, 403, server.CodeForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.kql.run = func(context.Context, query.Request) (*query.Result, error) { return nil, c.err }
			a := f.call(account.Reader, "POST", "/api/query", `{"query":"x"}`)
			p := a.problem(t, c.status)
			if p.Code != c.code || p.RequestID != a.header.Get("X-Request-Id") {
				t.Errorf("%s", a.body)
			}
			if strings.Contains(a.body, "secret") {
				t.Errorf("the answer tells too much: %s", a.body)
			}
			if c.status == 500 && !strings.Contains(f.log.String(), "secret") {
				t.Error("the log does not have the cause")
			}
			if e := f.lastAudit(); e.Action != "query.run" || e.Succeeded || e.Detail["query"] != "x" {
				t.Errorf("audit: %+v", e)
			}
		})
	}
}

func TestPanicIs500(t *testing.T) {
	f := newFixture(t)
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) { panic("secret state") }
	for _, path := range []string{"/api/query", "/v1/rest/query"} {
		a := f.call(account.Reader, "POST", path, map[string]string{"/api/query": `{"query":"x"}`, "/v1/rest/query": `{"csl":"x"}`}[path])
		if a.status != 500 || strings.Contains(a.body, "secret") || strings.Contains(a.body, "goroutine") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if !strings.Contains(f.log.String(), "secret state") {
		t.Error("the log does not have the cause")
	}
	if a := f.do(f.request("GET", "/healthz", "")); a.status != 200 {
		t.Errorf("afterwards: %d", a.status)
	}
}

// Malformed requests name the part that is wrong and never repeat its value.
func TestMalformedRequests(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct{ method, path, body, location string }{
		{"POST", "/api/users", `{"name":"x"}`, "body"},
		{"POST", "/api/users", `{"name":"x","role":"root"}`, "body.role"},
		{"POST", "/api/users", `{"name":"x","role":"reader","extra":1}`, "body.extra"},
		{"POST", "/api/users", `not json`, "body"},
		{"POST", "/api/query", `{"query":7}`, "body.query"},
		{"GET", "/api/entities/planet/mars", "", "path.kind"},
		{"GET", "/api/entities/ip/192.0.2.1/devices?limit=0", "", "query.limit"},
		{"GET", "/api/entities/ip/192.0.2.1/devices?sort=colour", "", "query.sort"},
		{"DELETE", "/api/tokens/seven", "", "path.id"},
	} {
		a := f.call(account.Admin, c.method, c.path, c.body)
		p := a.problem(t, 400)
		if p.Code != server.CodeInvalid || len(p.Errors) == 0 || p.Errors[0].Location != c.location {
			t.Errorf("%s %s: %s", c.method, c.path, a.body)
		}
	}
	a := f.do(f.request("POST", "/api/session", `{"user":"admin","password":["hunter2"]}`))
	if strings.Contains(a.body, "hunter2") || a.status != 400 {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, body := range map[string]string{
		"/api/entities/ip/not-an-address":                                              "",
		"/api/entities/ip/192.0.2.1?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": "",
		"/api/entities/ip/192.0.2.1?from=yesterday":                                    "",
		"/api/entities/ip/192.0.2.1?to=2026-13-01":                                     "",
		"/api/raw/x":  "",
		"/api/raw/-1": "",
	} {
		if p := f.call(account.Admin, "GET", path, body).problem(t, 400); p.Code != server.CodeInvalid {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// Neither event contents nor secrets reach the log: no paths, no queries, no tokens.
func TestLogKeepsSecrets(t *testing.T) {
	f := newFixture(t)
	token := f.token(account.Admin)
	f.do(f.request("POST", "/api/query", `{"query":"print secret_query"}`, "Authorization", "Bearer "+token))
	f.do(f.request("GET", "/api/entities/domain/secret-domain.example", "", "Authorization", "Bearer "+token))
	f.do(f.request("GET", "/api/search?q=secret-search.example", "", "Authorization", "Bearer "+token))
	f.do(f.request("POST", "/api/session", `{"user":"secret-user","password":"secret-password"}`))
	f.do(f.request("POST", "/api/tokens", `{"name":"x","role":"reader"}`, "Authorization", "Bearer "+token))
	text := f.log.String()
	if strings.Contains(text, "secret-") || strings.Contains(text, "secret_") || strings.Contains(text, account.TokenPrefix) {
		t.Errorf("the log has a secret:\n%s", text)
	}
	for line := range strings.Lines(text) {
		var entry struct {
			Msg, Method, Route, Actor string
			Status                    int
			RequestID                 string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.Msg != "request" || entry.RequestID == "" || entry.Status == 0 || entry.Route == "" {
			t.Errorf("log line %s (%v)", line, err)
		}
	}
}

func TestMetrics(t *testing.T) {
	f := newFixture(t)
	f.do(f.request("GET", "/healthz", ""))
	f.do(f.request("GET", "/api/version", ""))
	a := f.call(account.Reader, "GET", "/metrics", "")
	for _, want := range []string{
		`spoor_server_requests_total{route="GET /healthz",status="200"} 1`,
		`spoor_server_requests_total{route="GET /api/version",status="401"} 1`,
		`spoor_server_request_seconds_count{route="GET /healthz"} 1`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%q is not in\n%s", want, a.body)
		}
	}
}

// A change is answered only once the audit log has it.
func TestNoChangeWithoutAudit(t *testing.T) {
	f := newFixture(t)
	token := f.token(account.Admin)
	f.breakAudit()
	a := f.do(f.request("POST", "/api/tokens", `{"name":"x","role":"reader"}`, "Authorization", "Bearer "+token))
	if a.status != http.StatusServiceUnavailable || strings.Contains(a.body, account.TokenPrefix) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAuditOfQueries(t *testing.T) {
	f := newFixture(t)
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) {
		return query.Fixed([]query.Column{{Name: "n", Type: schema.Long}}, [][]any{{int64(1)}, {int64(2)}, {int64(3)}}), nil
	}
	for path, body := range map[string]string{
		"/api/query": `{"query":"DeviceEvents"}`, "/v1/rest/query": `{"csl":"DeviceEvents"}`, "/v2/rest/query": `{"csl":"DeviceEvents"}`,
	} {
		f.call(account.Analyst, "POST", path, body)
		e := f.lastAudit()
		if e.Action != "query.run" || e.Rows != 3 || !e.Succeeded || e.Actor != "token:test analyst" || e.Role != "analyst" ||
			e.ClientIP != "127.0.0.1" || e.Detail["query"] != "DeviceEvents" || !e.Time.Equal(start) {
			t.Errorf("%s: %+v", path, e)
		}
	}
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1", "")
	if e := f.lastAudit(); e.Action != "entity.read" || e.Target != "ip 192.0.2.1" {
		t.Errorf("entity: %+v", e)
	}
	f.call(account.Reader, "POST", "/v1/rest/mgmt", `{"csl":".show tables"}`)
	if e := f.lastAudit(); e.Action != "query.manage" || e.Detail["command"] != ".show tables" {
		t.Errorf("command: %+v", e)
	}
}

// Only administrators may ask the audit log, by whatever door.
func TestAuditTableIsDenied(t *testing.T) {
	f := newFixture(t)
	for path, body := range map[string]string{
		"/api/query": `{"query":"x"}`, "/api/kql/validate": `{"query":"x"}`, "/api/kql/explain": `{"query":"x"}`, "/v1/rest/query": `{"csl":"x"}`, "/v2/rest/query": `{"csl":"x"}`,
	} {
		for role, want := range map[account.Role]string{account.Reader: "SpoorAudit", account.Analyst: "SpoorAudit", account.Admin: ""} {
			f.call(role, "POST", path, body)
			if got := strings.Join(f.kql.last.Options.Denied, ","); got != want {
				t.Errorf("%s as %s: denied %q, want %q", path, role, got, want)
			}
		}
	}
}

// Live DNS is off at first, needs an administrator to switch it on, and the change is
// written down.
func TestReverseDNSIsSwitchedOn(t *testing.T) {
	f := newFixture(t)
	ask := func() answer { return f.call(account.Analyst, "POST", "/api/dns/reverse", `{"address":"192.0.2.1"}`) }
	if p := ask().problem(t, 403); p.Code != server.CodeForbidden {
		t.Errorf("off: %+v", p)
	}
	if a := f.call(account.Reader, "GET", "/api/settings", ""); !strings.Contains(a.body, `"reverseDns":false`) {
		t.Errorf("settings at first: %s", a.body)
	}
	f.call(account.Analyst, "PUT", "/api/settings", `{"reverseDns":true}`).problem(t, 403)
	if a := f.call(account.Admin, "PUT", "/api/settings", `{"reverseDns":true}`); a.status != 204 {
		t.Errorf("switched on: %d %s", a.status, a.body)
	}
	if a := f.call(account.Reader, "GET", "/api/settings", ""); !strings.Contains(a.body, `"reverseDns":true`) {
		t.Errorf("settings afterwards: %s", a.body)
	}
	f.call(account.Analyst, "POST", "/api/dns/reverse", `{"address":"localhost"}`).problem(t, 400)
	entries, err := f.audit.List(t.Context(), audit.Filter{Action: "setting.change", Limit: 10})
	if err != nil || len(entries) != 2 || !entries[0].Succeeded || entries[1].Succeeded {
		t.Errorf("audit: %+v, %v", entries, err)
	}
}
