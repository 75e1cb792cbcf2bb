package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/query"
	"spoor/internal/server/kusto"
)

// exchange is what the server knows of one request while it is served. Handlers fill in
// what the audit log should say of it.
type exchange struct {
	id        string
	clientIP  string
	principal account.Principal
	signedIn  bool
	err       error // what went wrong, for the log
	// late says that the answer begins before the work is done, so that the audit log
	// cannot be written first.
	late bool

	// changes is set by a handler that is about to change something on a route that
	// mostly does not; action then stands in the audit log in place of the route's.
	changes bool
	action  string
	// Target, Rows and Detail of the audit entry.
	target string
	rows   int64
	detail map[string]string
}

type exchangeKey struct{}

// exchangeOf is the exchange of a request that the guard let through.
func exchangeOf(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// changing reports whether the audit log must be written before the answer leaves.
func (x *exchange) changing(a access) bool { return (a.changes || x.changes) && !x.late }

// ServeHTTP is the guard: everything every request passes on its way to its handler, in
// order. The guard alone decides who may call what.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := s.cfg.Now()
	x := &exchange{id: rand.Text(), clientIP: clientIP(r)}
	r = r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x))
	rec := &recorder{ResponseWriter: w}
	setSecurityHeaders(w.Header())
	w.Header().Set("X-Request-Id", x.id)

	pattern, a, found := s.routes.find(r)
	rec.before = func(status int) error {
		if !x.changing(a) {
			return nil
		}
		return s.record(r.Context(), a, x, status, s.cfg.Now().Sub(start))
	}
	defer func() {
		cause := recover()
		begun := rec.streaming
		if cause != nil {
			s.failPanic(rec, r, x, cause)
		}
		took := s.cfg.Now().Sub(start)
		if !x.changing(a) && rec.status != 0 {
			if err := s.record(r.Context(), a, x, rec.status, took); err != nil {
				x.err = errors.Join(x.err, err)
			}
		}
		s.metrics.observe(pattern, rec.status, took)
		s.logRequest(r, pattern, rec, x, took)
		if cause != nil && begun {
			// What was sent would look whole to the client if the connection did not break.
			panic(http.ErrAbortHandler)
		}
	}()

	if err := s.checkOrigin(r); err != nil {
		s.fail(rec, r, err)
		return
	}
	if !found {
		s.fail(rec, r, fault(CodeNotFound, "there is no such call"))
		return
	}
	if err := s.admit(r, a, x); err != nil {
		s.fail(rec, r, err)
		return
	}
	r, cancel := limit(rec, r, a)
	defer cancel()
	s.routes.ServeHTTP(rec, r)
}

// admit finds out who is calling and whether they may.
func (s *Server) admit(r *http.Request, a access, x *exchange) error {
	if a.public() {
		return nil
	}
	p, err := s.authenticate(r)
	if err != nil {
		return err
	}
	x.principal, x.signedIn = p, true
	if p.Token == 0 && !safe(r.Method) && !p.ValidCSRF(r.Header.Get(csrfHeader)) {
		return fault(CodeForbidden, "the header %s is missing or not this session's", csrfHeader)
	}
	return a.admits(p)
}

func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// authenticate takes the bearer token, if there is one, else the session cookie.
func (s *Server) authenticate(r *http.Request) (account.Principal, error) {
	var p account.Principal
	var ok bool
	var err error
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return p, fault(CodeUnauthenticated, "the Authorization header must be: Bearer and a token")
		}
		p, ok, err = s.cfg.Accounts.Token(r.Context(), strings.TrimSpace(token))
	} else if cookie, cookieErr := r.Cookie(s.cookieName()); cookieErr == nil {
		p, ok, err = s.cfg.Accounts.Session(r.Context(), cookie.Value)
	}
	if err != nil {
		return p, err
	}
	if !ok {
		return p, fault(CodeUnauthenticated, "sign in, or send a valid token as Authorization: Bearer")
	}
	return p, nil
}

// limit bounds the request's body and its time.
func limit(w http.ResponseWriter, r *http.Request, a access) (*http.Request, context.CancelFunc) {
	r.Body = http.MaxBytesReader(w, r.Body, a.bodyLimit())
	timeout := a.limit()
	if timeout == noTimeout {
		return r, func() {}
	}
	// The handler answers when its time is up; the connection's deadlines come a little
	// later and are for clients that neither send nor read.
	deadline := time.Now().Add(timeout + 5*time.Second)
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(deadline)
	_ = rc.SetWriteDeadline(deadline)
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	return r.WithContext(ctx), cancel
}

func (a access) bodyLimit() int64 {
	if a.body == 0 {
		return smallBody
	}
	return a.body
}

func (a access) limit() time.Duration {
	if a.timeout == 0 {
		return usualTimeout
	}
	return a.timeout
}

// fail answers with an error in the shape that the route's clients read.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	x.err = err
	p := problemOf(err)
	p.RequestID = x.id
	retryAfter(w.Header(), err)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="spoor"`)
	}
	if strings.HasPrefix(r.URL.Path, "/v1/rest/") || strings.HasPrefix(r.URL.Path, "/v2/rest/") {
		kusto.WriteError(w, r, p.Status, kusto.Error{Code: title(p.Status), Message: p.Detail})
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// failPanic answers 500 for a handler that panicked, unless its answer has begun.
func (s *Server) failPanic(rec *recorder, r *http.Request, x *exchange, cause any) {
	err, _ := cause.(error)
	if !errors.Is(err, http.ErrAbortHandler) {
		err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
	}
	x.err = err
	if rec.status == 0 {
		s.fail(rec, r, err)
	}
}

// record writes the audit entry of a request whose route asks for one.
func (s *Server) record(ctx context.Context, a access, x *exchange, status int, took time.Duration) error {
	if a.action == "" {
		return nil
	}
	e := audit.Entry{
		Actor: x.principal.Actor(), Role: string(x.principal.Role), Action: cmp.Or(x.action, a.action), Target: x.target, ClientIP: x.clientIP,
		Succeeded: status < http.StatusBadRequest && x.err == nil, Rows: x.rows, Duration: took, Detail: x.detail,
	}
	if x.err != nil {
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		e.Detail["error"] = problemOf(x.err).Detail
	}
	if err := s.cfg.Audit.Record(ctx, e); err != nil {
		return &Error{CodeUnavailable, "the audit log cannot be written, so nothing is answered", err}
	}
	return nil
}

// logRequest writes one line for each request. The route stands for the path: paths hold
// what somebody looks for.
func (s *Server) logRequest(r *http.Request, pattern string, rec *recorder, x *exchange, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request_id", x.id),
		slog.String("method", r.Method),
		slog.String("route", pattern),
		slog.Int("status", rec.status),
		slog.Int64("bytes", rec.written),
		slog.Duration("took", took),
		slog.String("client_ip", x.clientIP),
	}
	if x.signedIn {
		attrs = append(attrs, slog.String("actor", x.principal.Actor()))
	}
	level := slog.LevelInfo
	if x.err != nil {
		attrs = append(attrs, slog.String("error", whole(x.err)))
		if rec.status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	s.cfg.Logger.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// whole is the text of an error with the cause that its own text keeps from the user.
func whole(err error) string {
	if e, ok := errors.AsType[*query.Error](err); ok && e.Err != nil {
		return err.Error() + ": " + e.Err.Error()
	}
	return err.Error()
}

func clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// recorder is the ResponseWriter of every request: it knows what was answered, and asks
// before the answer leaves.
type recorder struct {
	http.ResponseWriter
	before    func(status int) error
	status    int
	written   int64
	streaming bool // a body has begun
	refused   bool // another answer was sent in place of the handler's
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// WriteHeader sends the status, or an error when before refuses.
func (rec *recorder) WriteHeader(status int) {
	if rec.status != 0 {
		return
	}
	if err := rec.before(status); err != nil {
		rec.refuse(err)
		return
	}
	rec.status = status
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) refuse(err error) {
	p := problemOf(err)
	body, _ := json.Marshal(p) // plain fields only
	h := rec.Header()
	h.Del("Set-Cookie")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	rec.status, rec.refused = p.Status, true
	rec.ResponseWriter.WriteHeader(p.Status)
	_, _ = rec.ResponseWriter.Write(body)
}

// Write sends a part of the body.
func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.WriteHeader(http.StatusOK)
	}
	if rec.refused {
		return len(b), nil
	}
	rec.streaming = true
	n, err := rec.ResponseWriter.Write(b)
	rec.written += int64(n)
	return n, err
}
