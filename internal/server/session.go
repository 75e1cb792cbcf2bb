package server

import (
	"context"
	"errors"
	"net/http"
	"runtime"

	"spoor/internal/account"
)

// csrfHeader carries the session's CSRF token on every request that changes something.
const csrfHeader = "X-CSRF-Token"

// Session says who is signed in.
type Session struct {
	User               string `json:"user"`
	Role               string `json:"role" enum:"admin,analyst,reader,ingest"`
	CSRFToken          string `json:"csrfToken" doc:"to be sent as X-CSRF-Token with every call that changes something; empty for a token"`
	MustChangePassword bool   `json:"mustChangePassword" doc:"nothing but setting a password is allowed yet"`
}

func sessionOf(p account.Principal) Session {
	return Session{User: p.Name, Role: string(p.Role), CSRFToken: p.CSRF, MustChangePassword: p.MustChange}
}

type signInAnswer struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Session
}

type signOutAnswer struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// SignIn is a name and a password.
type SignIn struct {
	User     string `json:"user" maxLength:"100"`
	Password string `json:"password" maxLength:"4096"`
}

// PasswordChange replaces one's own password.
type PasswordChange struct {
	Current string `json:"current" maxLength:"4096"`
	New     string `json:"new" maxLength:"4096" doc:"at least 12 characters"`
}

// Version says what this server is.
type Version struct {
	Version string `json:"version"`
	Go      string `json:"go" doc:"version of Go it was built with"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// cookieName is the session cookie's. Under TLS the prefix makes browsers refuse one
// that another host or path has set.
func (s *Server) cookieName() string {
	if s.tls != nil {
		return "__Host-spoor"
	}
	return "spoor"
}

func (s *Server) cookie(value string) http.Cookie {
	return http.Cookie{
		Name: s.cookieName(), Value: value, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.tls != nil,
	}
}

func (s *Server) registerSession() {
	handle(s, "POST /api/session", "signIn", "session", "Sign in with a password",
		func(ctx context.Context, in *body[SignIn]) (*signInAnswer, error) {
			x := exchangeOf(ctx)
			secret, p, err := s.cfg.Accounts.SignIn(ctx, in.Body.User, in.Body.Password, x.clientIP)
			if err != nil {
				// A name that is none may be a password in the wrong field.
				if s.cfg.Accounts.Known(ctx, in.Body.User) {
					x.target = in.Body.User
				}
				return nil, err
			}
			x.principal, x.signedIn, x.target = p, true, p.Name
			return &signInAnswer{SetCookie: s.cookie(secret), Body: sessionOf(p)}, nil
		})
	handle(s, "GET /api/session", "session", "session", "Who is signed in",
		func(ctx context.Context, _ *struct{}) (*reply[Session], error) {
			return &reply[Session]{sessionOf(exchangeOf(ctx).principal)}, nil
		})
	handle(s, "DELETE /api/session", "signOut", "session", "Sign out",
		func(ctx context.Context, _ *struct{}) (*signOutAnswer, error) {
			c := s.cookie("")
			c.MaxAge = -1
			return &signOutAnswer{c}, s.cfg.Accounts.SignOut(ctx, exchangeOf(ctx).principal)
		})
	handle(s, "POST /api/session/password", "setPassword", "session", "Set one's own password; other sessions of the account end",
		func(ctx context.Context, in *body[PasswordChange]) (*struct{}, error) {
			x := exchangeOf(ctx)
			x.target = x.principal.Name
			err := s.cfg.Accounts.SetPassword(ctx, x.principal, in.Body.Current, in.Body.New)
			if err != nil {
				return nil, wrongCurrent(err)
			}
			return nil, nil
		})
	handle(s, "GET /api/version", "version", "server", "What this server is",
		func(context.Context, *struct{}) (*reply[Version], error) {
			return &reply[Version]{Version{s.cfg.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH}}, nil
		})
}

// wrongCurrent keeps 401 for "you are not signed in": a wrong current password is a
// mistake in the request of one who is.
func wrongCurrent(err error) error {
	if errors.Is(err, account.ErrBadCredentials) {
		return &Error{CodeInvalid, "the current password is wrong", err}
	}
	return err
}
