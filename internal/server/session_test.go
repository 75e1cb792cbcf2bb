package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"spoor/internal/account"
	"spoor/internal/server"
)

// signIn signs in and returns the session's cookie and CSRF token.
func (f *fixture) signIn(user, password string) (cookie string, s server.Session) {
	f.t.Helper()
	a := f.do(f.request("POST", "/api/session", `{"user":"`+user+`","password":"`+password+`"}`))
	a.into(f.t, 200, &s)
	return a.cookie.Name + "=" + a.cookie.Value, s
}

func TestCookie(t *testing.T) {
	for name, option := range map[string]func(*server.Config){
		"plain": func(*server.Config) {},
		"TLS":   func(c *server.Config) { c.SelfSigned = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, option)
			a := f.do(f.request("POST", "/api/session", `{"user":"admin","password":"`+f.oneTime+`"}`))
			c := a.cookie
			if a.status != 200 || c == nil {
				t.Fatalf("%d %s", a.status, a.body)
			}
			if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie %s", a.header.Get("Set-Cookie"))
			}
			if secure := name == "TLS"; c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure {
				t.Errorf("cookie %s", a.header.Get("Set-Cookie"))
			}
			if strings.Contains(a.body, c.Value) {
				t.Error("scripts can read the session's secret in the answer")
			}
			if a := f.do(f.request("GET", "/api/session", "", "Cookie", c.Name+"="+c.Value)); a.status != 200 {
				t.Errorf("the cookie is not taken: %d", a.status)
			}
		})
	}
}

// From the first start to the first question: the one-time password opens only the way
// to another one.
func TestFirstSignIn(t *testing.T) {
	f := newFixture(t)
	cookie, s := f.signIn("admin", f.oneTime)
	if s.User != "admin" || s.Role != "admin" || !s.MustChangePassword || s.CSRFToken == "" {
		t.Fatalf("%+v", s)
	}
	ask := func() answer {
		return f.do(f.request("POST", "/api/query", `{"query":"print 1"}`, "Cookie", cookie, "X-CSRF-Token", s.CSRFToken))
	}
	if p := ask().problem(t, http.StatusForbidden); p.Code != server.CodeForbidden {
		t.Errorf("a query with a one-time password: %+v", p)
	}
	change := func(current, next string) answer {
		return f.do(f.request("POST", "/api/session/password", `{"current":"`+current+`","new":"`+next+`"}`, "Cookie", cookie, "X-CSRF-Token", s.CSRFToken))
	}
	if p := change("wrong", "a new password of mine").problem(t, 400); p.Code != server.CodeInvalid {
		t.Errorf("a wrong current password: %+v", p)
	}
	if p := change(f.oneTime, "short").problem(t, 400); p.Code != server.CodeInvalid {
		t.Errorf("a short password: %+v", p)
	}
	if a := change(f.oneTime, "a new password of mine"); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if e := f.lastAudit(); e.Action != "session.password" || e.Target != "admin" || !e.Succeeded {
		t.Errorf("audit: %+v", e)
	}
	if a := ask(); a.status != 200 {
		t.Errorf("afterwards: %d %s", a.status, a.body)
	}
	if a := f.do(f.request("POST", "/api/session", `{"user":"admin","password":"`+f.oneTime+`"}`)); a.status != http.StatusUnauthorized {
		t.Errorf("the one-time password again: %d", a.status)
	}
}

func TestCSRF(t *testing.T) {
	f := newFixture(t)
	oneTime, err := f.accounts.Add(t.Context(), "alice", account.Analyst)
	if err != nil {
		t.Fatal(err)
	}
	first, s := f.signIn("alice", oneTime)
	f.do(f.request("POST", "/api/session/password", `{"current":"`+oneTime+`","new":"correct horse battery"}`, "Cookie", first, "X-CSRF-Token", s.CSRFToken))
	_, other := f.signIn("alice", "correct horse battery")

	const body = `{"cidr":"10.0.0.0/8","name":"inside"}`
	for name, c := range map[string]struct {
		token string
		ok    bool
	}{
		"none": {"", false}, "nonsense": {"x", false}, "another session's": {other.CSRFToken, false}, "own": {s.CSRFToken, true},
	} {
		headers := []string{"Cookie", first}
		if c.token != "" {
			headers = append(headers, "X-CSRF-Token", c.token)
		}
		a := f.do(f.request("POST", "/api/networks", body, headers...))
		if got := a.status == 200; got != c.ok {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := f.do(f.request("GET", "/api/networks", "", "Cookie", first)); a.status != 200 {
		t.Errorf("looking without a token: %d", a.status)
	}
	// An API token is not sent by a browser on its own, so it needs no CSRF token; nor
	// does a cookie beside it change who is asking.
	if a := f.call(account.Reader, "POST", "/api/networks", body, "Cookie", first); a.status != http.StatusForbidden {
		t.Errorf("a reader's token beside an analyst's cookie: %d", a.status)
	}
}

func TestSignOut(t *testing.T) {
	f := newFixture(t)
	cookie, s := f.signIn("admin", f.oneTime)
	if a := f.do(f.request("DELETE", "/api/session", "", "Cookie", cookie)); a.status != http.StatusForbidden {
		t.Errorf("without the CSRF token: %d", a.status)
	}
	a := f.do(f.request("DELETE", "/api/session", "", "Cookie", cookie, "X-CSRF-Token", s.CSRFToken))
	if a.status != http.StatusNoContent || a.cookie == nil || a.cookie.MaxAge >= 0 {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := f.do(f.request("GET", "/api/session", "", "Cookie", cookie)); a.status != http.StatusUnauthorized {
		t.Errorf("the session goes on: %d", a.status)
	}
}

func TestDisablingEndsSession(t *testing.T) {
	f := newFixture(t)
	oneTime, err := f.accounts.Add(t.Context(), "alice", account.Analyst)
	if err != nil {
		t.Fatal(err)
	}
	cookie, _ := f.signIn("alice", oneTime)
	if a := f.call(account.Admin, "POST", "/api/users/alice/disable", ""); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := f.do(f.request("GET", "/api/session", "", "Cookie", cookie)); a.status != http.StatusUnauthorized {
		t.Errorf("the session goes on: %d", a.status)
	}
}

func TestSessionExpires(t *testing.T) {
	f := newFixture(t)
	cookie, _ := f.signIn("admin", f.oneTime)
	f.clock.advance(12*time.Hour + time.Second)
	if a := f.do(f.request("GET", "/api/session", "", "Cookie", cookie)); a.status != http.StatusUnauthorized {
		t.Errorf("after 12 idle hours: %d", a.status)
	}
}

// Five wrong passwords are free, then the account waits, and the answer says how long.
func TestSignInThrottle(t *testing.T) {
	f := newFixture(t)
	try := func(password string) answer {
		return f.do(f.request("POST", "/api/session", `{"user":"admin","password":"`+password+`"}`))
	}
	for range 5 {
		if p := try("wrong").problem(t, http.StatusUnauthorized); strings.Contains(p.Detail, "admin") {
			t.Errorf("the answer tells whether there is such an account: %s", p.Detail)
		}
	}
	a := try(f.oneTime)
	if p := a.problem(t, http.StatusTooManyRequests); p.Code != server.CodeThrottled || a.header.Get("Retry-After") != "1" {
		t.Errorf("%v %s", a.header, a.body)
	}
	f.clock.advance(time.Second)
	if a := try("wrong"); a.status != http.StatusUnauthorized {
		t.Errorf("after the wait: %d", a.status)
	}
	if a := try("wrong"); a.header.Get("Retry-After") != "2" {
		t.Errorf("the wait does not grow: %v", a.header)
	}
	f.clock.advance(2 * time.Second)
	if a := try(f.oneTime); a.status != 200 {
		t.Errorf("the right password after the wait: %d", a.status)
	}
}

// The audit log names who signed in and who failed to, but not what somebody typed who
// has no account: it may be a password in the wrong field.
func TestSignInAudit(t *testing.T) {
	f := newFixture(t)
	f.signIn("admin", f.oneTime)
	if e := f.lastAudit(); e.Action != "session.start" || e.Actor != "admin" || e.Target != "admin" || !e.Succeeded {
		t.Errorf("success: %+v", e)
	}
	f.do(f.request("POST", "/api/session", `{"user":"admin","password":"wrong"}`))
	if e := f.lastAudit(); e.Action != "session.start" || e.Target != "admin" || e.Succeeded || e.Detail["error"] == "" {
		t.Errorf("failure: %+v", e)
	}
	f.do(f.request("POST", "/api/session", `{"user":"hunter2","password":"admin"}`))
	if e := f.lastAudit(); e.Action != "session.start" || e.Target != "" || e.Succeeded {
		t.Errorf("unknown: %+v", e)
	}
}

func TestWhoAmIWithToken(t *testing.T) {
	f := newFixture(t)
	var s server.Session
	f.call(account.Ingest, "GET", "/api/session", "").into(t, 200, &s)
	if s.User != "test ingest" || s.Role != "ingest" || s.CSRFToken != "" || s.MustChangePassword {
		t.Errorf("%+v", s)
	}
}
