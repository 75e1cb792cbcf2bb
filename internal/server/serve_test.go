package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spoor/internal/account"
	"spoor/internal/query"
	"spoor/internal/server"
)

func TestSelfSignedCertificate(t *testing.T) {
	dir := t.TempDir()
	c := &clock{at: start}
	load := func() *x509.Certificate {
		t.Helper()
		s, err := server.New(server.Config{Listen: "0.0.0.0:0", DataDir: dir, SelfSigned: true, Now: c.now, Events: &events{}})
		if err != nil {
			t.Fatal(err)
		}
		return s.TLSConfig().Certificates[0].Leaf
	}
	first := load()
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := first.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if host, err := os.Hostname(); err == nil && first.VerifyHostname(host) != nil {
		t.Errorf("it does not name this host, %s", host)
	}
	if !first.NotAfter.Equal(start.Add(365 * 24 * time.Hour)) {
		t.Errorf("it ends %s", first.NotAfter)
	}
	for _, name := range []string{"tls.pem", server.CertificateFile} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, server.CertificateFile)); err != nil || strings.Contains(string(text), "PRIVATE") {
		t.Errorf("what clients trust holds the key (%v)", err)
	}
	c.advance(364 * 24 * time.Hour)
	if again := load(); !again.Equal(first) {
		t.Error("a new one was made although the old one holds")
	}
	c.advance(24 * time.Hour)
	if renewed := load(); renewed.Equal(first) {
		t.Error("an expired one was kept")
	}
}

func TestPlainHTTPStaysOnLoopback(t *testing.T) {
	for listen, ok := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true, "127.1.2.3:1": true,
		"0.0.0.0:8080": false, ":8080": false, "192.0.2.1:8080": false, "[::]:8080": false, "example.org:80": false, "nonsense": false,
	} {
		if _, err := server.New(server.Config{Listen: listen, Events: &events{}}); (err == nil) != ok {
			t.Errorf("%s: %v, want it accepted: %v", listen, err, ok)
		}
	}
	if _, err := server.New(server.Config{Listen: "0.0.0.0:8080", InsecurePlainHTTP: true, Events: &events{}}); err != nil {
		t.Error(err)
	}
}

func TestTLSOptionsThatDoNotFit(t *testing.T) {
	for name, cfg := range map[string]server.Config{
		"both":         {SelfSigned: true, TLSCert: "a", TLSKey: "b"},
		"cert alone":   {TLSCert: "a"},
		"key alone":    {TLSKey: "a"},
		"no such file": {TLSCert: "/nonexistent/a", TLSKey: "/nonexistent/b"},
	} {
		cfg.Listen, cfg.DataDir, cfg.Events = "127.0.0.1:0", t.TempDir(), &events{}
		if _, err := server.New(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// serving runs a server on a port of its own until stop is called.
func serving(t *testing.T, f *fixture) (url string, stop func() error) {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.server.ServeListener(ctx, l) }()
	stopped := false
	stop = func() error {
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if !stopped {
			_ = stop()
		}
	})
	scheme := "http://"
	if f.server.TLSConfig() != nil {
		scheme = "https://"
	}
	return scheme + l.Addr().String(), stop
}

// A request that is being answered when the server stops is answered.
func TestShutdownLetsRequestsFinish(t *testing.T) {
	f := newFixture(t)
	entered, release := make(chan struct{}), make(chan struct{})
	f.kql.run = func(context.Context, query.Request) (*query.Result, error) {
		close(entered)
		<-release
		return query.Fixed(nil, nil), nil
	}
	url, stop := serving(t, f)
	token := f.token(account.Reader)
	status := make(chan int, 1)
	go func() { status <- post(t, url, token) }()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for reachable(t.Context(), url) { // until the listener is closed
	}
	close(release)
	if got := <-status; got != 200 {
		t.Errorf("status %d", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// One that takes longer than the budget is cancelled.
func TestShutdownCancelsAfterBudget(t *testing.T) {
	f := newFixture(t, func(c *server.Config) { c.ShutdownBudget = 50 * time.Millisecond })
	entered := make(chan struct{})
	f.kql.run = func(ctx context.Context, _ query.Request) (*query.Result, error) {
		close(entered)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	url, stop := serving(t, f)
	token := f.token(account.Reader)
	status := make(chan int, 1)
	go func() { status <- post(t, url, token) }()
	<-entered
	if err := stop(); err != nil {
		t.Error(err)
	}
	if got := <-status; got != 499 {
		t.Errorf("status %d", got)
	}
}

// A client that goes away cancels its query.
func TestClientGoneCancelsQuery(t *testing.T) {
	f := newFixture(t)
	entered, ended := make(chan struct{}), make(chan error, 1)
	f.kql.run = func(ctx context.Context, _ query.Request) (*query.Result, error) {
		close(entered)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}
	req := f.request("POST", "/api/query", `{"query":"x"}`, "Authorization", "Bearer "+f.token(account.Reader))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	if resp, err := f.http.Client().Do(req.WithContext(ctx)); err == nil {
		_ = resp.Body.Close()
		t.Error("an answer came")
	}
	if err := <-ended; err == nil {
		t.Error("the query was not cancelled")
	}
}

func post(t *testing.T, url, token string) int {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/query", strings.NewReader(`{"query":"x"}`))
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func reachable(ctx context.Context, url string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func TestServeTLS(t *testing.T) {
	f := newFixture(t, func(c *server.Config) { c.SelfSigned = true })
	url, _ := serving(t, f)
	pool := x509.NewCertPool()
	pool.AddCert(f.server.TLSConfig().Certificates[0].Leaf)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}
