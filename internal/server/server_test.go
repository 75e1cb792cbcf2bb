package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/casedb"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/external"
	"spoor/internal/function"
	"spoor/internal/kql/syntax"
	"spoor/internal/network"
	"spoor/internal/noise"
	"spoor/internal/note"
	"spoor/internal/preference"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
	"spoor/internal/store"
	"spoor/internal/transparency"
	"spoor/internal/watch"
	"spoor/internal/watchlist"
)

// fixture is a running server with real accounts, audit log and network catalogue on a
// case store of its own. What stands for the event store and the engine on top of it is
// set by the test.
type fixture struct {
	t        *testing.T
	db       *casedb.DB
	accounts *account.Store
	audit    *audit.Log
	server   *server.Server
	http     *httptest.Server
	events   *events
	kql      *kql
	ingester *ingester
	clock    *clock
	log      *bytes.Buffer
	oneTime  string // of admin
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// kql answers queries with what the test puts in.
type kql struct {
	mu   sync.Mutex
	last query.Request
	run  func(ctx context.Context, req query.Request) (*query.Result, error)
}

func (k *kql) Run(ctx context.Context, req query.Request) (*query.Result, error) {
	k.mu.Lock()
	k.last = req
	run := k.run
	k.mu.Unlock()
	if run == nil {
		return query.Fixed([]query.Column{{Name: "n", Type: schema.Long}}, [][]any{{int64(1)}}), nil
	}
	return run(ctx, req)
}

func (k *kql) Explain(_ context.Context, req query.Request) (query.Explanation, error) {
	k.mu.Lock()
	k.last = req
	k.mu.Unlock()
	return query.Explanation{Plan: "limit 1\n", Statements: []string{"SELECT 1"}}, nil
}

func (k *kql) CheckFunction(_ context.Context, name, text string, _ query.Options) error {
	if at := strings.Index(text, "nonsense"); at >= 0 {
		return &query.CompileError{Text: text, Diagnostics: []syntax.Diagnostic{{
			Code: "SEM0100", Message: "no column nonsense in " + name, Span: syntax.Span{Start: at, End: at + 8},
		}}}
	}
	return nil
}

func (k *kql) Check(_ context.Context, req query.Request) ([]query.Column, []syntax.Diagnostic, error) {
	k.mu.Lock()
	k.last = req
	k.mu.Unlock()
	at := strings.Index(req.Text, "nonsense")
	if at < 0 {
		return []query.Column{{Name: "n", Type: schema.Long}}, nil, nil
	}
	return nil, []syntax.Diagnostic{{
		Code: "SEM0100", Message: "no column nonsense", Span: syntax.Span{Start: at, End: at + 8}, Severity: syntax.Error,
	}}, nil
}

// events is an event store with the sources and records that the test puts in.
type events struct {
	sources []store.Source
	raw     map[schema.RawID][]byte
	seen    map[string]bool
	err     error
}

func (e *events) Sources(context.Context) ([]store.Source, error) { return e.sources, e.err }

func (e *events) RemoveSource(_ context.Context, id int32) error {
	for i, s := range e.sources {
		if s.ID == id {
			e.sources = append(e.sources[:i], e.sources[i+1:]...)
			return nil
		}
	}
	return store.ErrNotFound
}

func (e *events) Coverage(context.Context) ([]store.Coverage, error) {
	return []store.Coverage{{SourceKind: "zeek.conn", Table: "DeviceNetworkEvents", Records: 7, First: schema.TicksOf(start), Last: schema.TicksOf(start)}}, e.err
}

func (e *events) Raw(_ context.Context, id schema.RawID) ([]byte, error) {
	if raw, ok := e.raw[id]; ok {
		return raw, nil
	}
	return nil, store.ErrNotFound
}

// Named lists what is seen and begins so.
func (e *events) Named(_ context.Context, prefix string, limit int) (list []store.Named, err error) {
	for _, key := range slices.Sorted(maps.Keys(e.seen)) {
		kind, value, _ := strings.Cut(key, " ")
		if strings.HasPrefix(value, strings.ToLower(prefix)) && len(list) < limit {
			list = append(list, store.Named{ID: entity.ID{Kind: entity.Kind(kind), Value: value}})
		}
	}
	return list, e.err
}

// Span has seen two addresses of every run that begins with 10.
func (e *events) Span(_ context.Context, first, _ netip.Addr, site string) (store.Span, error) {
	if !strings.HasPrefix(first.String(), "10.") || site == "elsewhere" {
		return store.Span{}, e.err
	}
	return store.Span{Addresses: 2, First: schema.TicksOf(start), Last: schema.TicksOf(start)}, e.err
}

func (e *events) Tables(context.Context) (map[string]int64, error) {
	return map[string]int64{"DeviceNetworkEvents": 42}, e.err
}

// pages gives documents that say what was asked.
type pages struct {
	last   entitypage.List
	events *events // whose seen entities have summaries
}

func (p *pages) Newcomers(context.Context) (entitypage.Newcomers, error) {
	return entitypage.Newcomers{Items: []entitypage.Newcomer{}}, nil
}

func (p *pages) Watched(ctx context.Context, ids []entity.ID) (map[entity.ID]*entitypage.Summary, error) {
	return p.Summaries(ctx, ids, "")
}

func (p *pages) Summaries(_ context.Context, ids []entity.ID, _ string) (map[entity.ID]*entitypage.Summary, error) {
	found := map[entity.ID]*entitypage.Summary{}
	for _, id := range ids {
		if p.events.seen[string(id.Kind)+" "+id.Value] {
			found[id] = &entitypage.Summary{
				ID: id, SourceKind: "zeek.conn", Records: 7, First: schema.TicksOf(start), Last: schema.TicksOf(start), Devices: 4,
				Contacted: true, Outcome: schema.OutcomeEstablished,
			}
		}
	}
	return found, nil
}

func (p *pages) Noises(entity.ID) []entitypage.Noise { return []entitypage.Noise{} }

func (p *pages) NoisesOfPrefix(netip.Prefix) []entitypage.Noise { return []entitypage.Noise{} }

func (p *pages) Place(netip.Addr) entitypage.Place {
	return entitypage.Place{Country: "Norway", CountryCode: "NO", ASN: 64500, Org: "Example"}
}

func (p *pages) Contacts(context.Context, entitypage.Request) (*entitypage.ContactList, error) {
	return &entitypage.ContactList{}, nil
}

func (p *pages) OwnUse(context.Context, entitypage.Request) (*entitypage.OwnUse, error) {
	return &entitypage.OwnUse{}, nil
}

func (p *pages) Related(_ context.Context, _ entitypage.Request, by string) (*entitypage.Related, error) {
	return &entitypage.Related{Groups: []entitypage.RelatedGroup{{By: by}}}, nil
}

func (p *pages) ComparePart(_ context.Context, _, _ entitypage.Request, part string) (*entitypage.PartComparison, error) {
	return &entitypage.PartComparison{Lists: map[string]entitypage.Difference{part: {}}}, nil
}

func (p *pages) Compare(_ context.Context, req, other entitypage.Request) (*entitypage.Comparison, error) {
	side := func(r entitypage.Request) entitypage.Side {
		return entitypage.Side{ID: r.ID.Value, From: r.From, To: r.To}
	}
	return &entitypage.Comparison{A: side(req), B: side(other)}, nil
}

func (p *pages) Aftermath(_ context.Context, device entity.ID, _ string, from time.Time, length time.Duration) (*entitypage.Aftermath, error) {
	return &entitypage.Aftermath{Device: device.Value, From: from, To: from.Add(length)}, nil
}

func (p *pages) Build(_ context.Context, req entitypage.Request) (*entitypage.Document, error) {
	return &entitypage.Document{
		Kind: string(req.ID.Kind), ID: req.ID.Value, Site: req.Site, Role: req.Role.String(), Range: entitypage.Range{From: req.From, To: req.To},
	}, nil
}

func (p *pages) Devices(_ context.Context, _ entitypage.Request, list entitypage.List) (entitypage.DeviceList, error) {
	p.last = list
	return entitypage.DeviceList{Total: 3, Items: []entitypage.DeviceItem{}}, nil
}

func (p *pages) Addresses(_ context.Context, req entitypage.Request, list entitypage.List) (entitypage.AddressList, error) {
	p.last = list
	if !req.ID.Kind.Many() {
		return entitypage.AddressList{}, entitypage.ErrNotMany
	}
	return entitypage.AddressList{Total: 5, Items: []entitypage.AddressItem{{Address: "192.0.2.7", Outcome: "refused", Noise: []entitypage.Noise{}}}}, nil
}

func (p *pages) Among(context.Context, entitypage.Request) (store.Addresses, func(string) string, func(string) bool, error) {
	return store.Addresses{}, func(column string) string { return column }, func(string) bool { return false }, nil
}

func (p *pages) EachAddress(ctx context.Context, req entitypage.Request, list entitypage.List, yield func(*entitypage.AddressItem) error) error {
	all, err := p.Addresses(ctx, req, list)
	if err != nil {
		return err
	}
	return yield(&all.Items[0])
}

func (p *pages) Peers(_ context.Context, _ entitypage.Request, list entitypage.List) (entitypage.PeerList, error) {
	p.last = list
	return entitypage.PeerList{Total: 4, Items: []entitypage.PeerItem{}}, nil
}

func (p *pages) Alerts(_ context.Context, _ entitypage.Request, ask entitypage.Alerts) (entitypage.AlertList, error) {
	p.last = ask.List
	return entitypage.AlertList{Total: 5, Items: []entitypage.Alert{}}, nil
}

// ingester counts the lines of what it is given.
type ingester struct {
	uploads []server.Upload
	bodies  []string
	err     error
}

func (in *ingester) Ingest(_ context.Context, up server.Upload) ([]server.IngestedLog, error) {
	text, err := io.ReadAll(up.Body)
	if err != nil {
		return nil, err
	}
	up.Body = nil
	in.uploads, in.bodies = append(in.uploads, up), append(in.bodies, string(text))
	lines := int64(strings.Count(string(text), "\n"))
	return []server.IngestedLog{{Name: up.Name, Site: up.Site, Format: up.Format, Read: lines, Stored: lines}}, in.err
}

// appScript is long enough to be worth compressing.
var appScript = strings.Repeat("let a = 1;\n", 1000)

func newFixture(t *testing.T, options ...func(*server.Config)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{at: start}, kql: &kql{}, ingester: &ingester{}, log: &bytes.Buffer{}, events: &events{
		raw: map[schema.RawID][]byte{}, seen: map[string]bool{},
	}}
	dir := t.TempDir()
	db, err := casedb.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f.db = db
	f.accounts = account.New(db, account.Config{Now: f.clock.now, Hashing: account.Hashing{MemoryKiB: 64, Passes: 1, Threads: 1}})
	if f.oneTime, err = f.accounts.EnsureAdmin(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.audit = audit.New(db, f.clock.now)
	networks, err := network.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	noises, err := noise.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	noises.Now = f.clock.now
	certificates := transparency.New(db)
	certificates.Now = f.clock.now
	cfg := server.Config{
		Listen: "127.0.0.1:0", DataDir: dir, Version: "1.2.3",
		Accounts: f.accounts, Audit: f.audit, Querier: f.kql, Entities: &pages{events: f.events}, Events: f.events, Networks: networks, Watchlists: watchlist.New(db), Noise: noises, Transparency: certificates, Notes: note.New(db), Watches: watch.New(db), Preferences: preference.New(db), Functions: function.New(db), External: external.New(db),
		Ingester: f.ingester, Settings: db, Catalog: schema.Default(), Now: f.clock.now,
		Logger: slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Web: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><title>Spoor</title>")},
			"assets/app-1234.js": {Data: []byte(appScript)},
			"favicon.svg":        {Data: []byte("<svg/>")},
		},
	}
	for _, o := range options {
		o(&cfg)
	}
	if f.server, err = server.New(cfg); err != nil {
		t.Fatal(err)
	}
	if tls := f.server.TLSConfig(); tls != nil {
		f.http = httptest.NewUnstartedServer(f.server.Handler())
		f.http.TLS = tls
		f.http.StartTLS()
	} else {
		f.http = httptest.NewServer(f.server.Handler())
	}
	t.Cleanup(f.http.Close)
	return f
}

// token makes a token of a role.
func (f *fixture) token(role account.Role) string {
	f.t.Helper()
	text, _, err := f.accounts.CreateToken(f.t.Context(), "test "+string(role), role, time.Time{}, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	return text
}

// request makes a request; headers are names and values in turn.
func (f *fixture) request(method, path, body string, headers ...string) *http.Request {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.http.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	return req
}

// answer is an answer that was read whole.
type answer struct {
	status int
	header http.Header
	body   string
	cookie *http.Cookie
}

func (f *fixture) do(req *http.Request) answer {
	f.t.Helper()
	client := f.http.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(text)}
	for _, c := range resp.Cookies() {
		a.cookie = c
	}
	return a
}

// call makes a request with a token and reads the answer.
func (f *fixture) call(role account.Role, method, path, body string, headers ...string) answer {
	f.t.Helper()
	return f.do(f.request(method, path, body, append(headers, "Authorization", "Bearer "+f.token(role))...))
}

// into decodes the body of an answer that must have the status.
func (a answer) into(t *testing.T, status int, v any) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// problem is the error answer that must have the status.
func (a answer) problem(t *testing.T, status int) server.Problem {
	t.Helper()
	var p server.Problem
	a.into(t, status, &p)
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %s", ct)
	}
	if p.Status != status || p.Detail == "" || p.Code == "" || p.Title == "" {
		t.Errorf("an incomplete problem: %s", a.body)
	}
	return p
}

// lastAudit is the newest entry of the audit log.
func (f *fixture) lastAudit() audit.Entry {
	f.t.Helper()
	entries, err := f.audit.List(f.t.Context(), audit.Filter{Limit: 1})
	if err != nil || len(entries) == 0 {
		f.t.Fatalf("no audit entry (%v)", err)
	}
	return entries[0]
}

// breakAudit makes the audit log impossible to write.
func (f *fixture) breakAudit() {
	f.t.Helper()
	if _, err := f.db.ExecContext(f.t.Context(), `DROP TABLE audit`); err != nil {
		f.t.Fatal(err)
	}
}
