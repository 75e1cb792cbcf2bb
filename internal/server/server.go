// Package server is the HTTP door of the product: the API of the web app and the command
// line, the web app itself, and foreign protocols in folders of their own. It decides
// who may call what, holds requests to their limits, writes the audit log and turns
// errors into answers.
//
// Handlers decode, call one thing of the packages below, and encode; what they need of
// those is declared here, in small interfaces.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/enrich"
	"spoor/internal/schema"
)

// Config says where the server listens and what it serves. The fields without a word on
// their zero value are required.
type Config struct {
	// Listen is HOST:PORT.
	Listen string
	// DataDir is where the self-signed certificate is kept.
	DataDir string
	// TLSCert and TLSKey name PEM files; SelfSigned makes a certificate at the first
	// start. With neither, the server speaks plain HTTP, and then on loopback only,
	// unless InsecurePlainHTTP says that something else protects the way.
	TLSCert, TLSKey   string
	SelfSigned        bool
	InsecurePlainHTTP bool
	// AllowedHosts are further names under which clients reach the server.
	AllowedHosts []string

	Version    string
	Accounts   *account.Store
	Audit      *audit.Log
	Querier    Querier
	Entities   Entities
	Timelines  Timelines
	Flows      Flows
	Events     Events
	Networks   Networks
	Watchlists Watchlists
	Noise      Noise
	// Transparency keeps files of certificate transparency.
	Transparency Transparency
	Notes        Notes
	Watches      Watches
	// Preferences keeps how people want to see things.
	Preferences PreferenceStore
	Functions   Functions
	External    External
	Ingester    Ingester
	Settings    SettingStore
	// ReverseDNS asks live DNS, when SettingReverseDNS allows it; nil never does.
	ReverseDNS *enrich.ReverseDNS
	Catalog    *schema.Catalog
	// Web is the root of the built web app; nil serves none.
	Web fs.FS

	Logger *slog.Logger
	// Metrics is what /metrics shows, with the server's own added; nil makes a new one.
	Metrics *prometheus.Registry
	// Ready reports what /healthz should say; nil is always ready.
	Ready func(context.Context) error
	// ShutdownBudget is how long requests may go on once the server stops; 20 s.
	ShutdownBudget time.Duration
	Now            func() time.Time
}

// Server serves one data folder.
type Server struct {
	cfg     Config
	tls     *tls.Config // nil: plain HTTP
	hosts   []string    // names beside the loopback ones, in lower case
	routes  *routes
	api     huma.API
	metrics *metrics
}

// New makes a server; it does not listen yet.
func New(cfg Config) (*Server, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = prometheus.NewRegistry()
	}
	if cfg.ShutdownBudget == 0 {
		cfg.ShutdownBudget = 20 * time.Second
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.ReverseDNS == nil {
		cfg.ReverseDNS = new(enrich.ReverseDNS)
	}
	s := &Server{cfg: cfg, routes: newRoutes()}
	var err error
	if s.tls, err = cfg.tlsConfig(); err != nil {
		return nil, fmt.Errorf("set up TLS: %w", err)
	}
	if err := cfg.checkListen(s.tls != nil); err != nil {
		return nil, err
	}
	s.hosts = cfg.hosts()
	if s.metrics, err = newMetrics(cfg.Metrics); err != nil {
		return nil, fmt.Errorf("register the server's metrics: %w", err)
	}
	s.api = humago.New(s.routes, apiConfig(cfg.Version))
	s.register()
	return s, nil
}

// Handler is the whole server as a handler.
func (s *Server) Handler() http.Handler { return s }

// TLSConfig is the configuration the server listens with, nil for plain HTTP.
func (s *Server) TLSConfig() *tls.Config { return s.tls }

// Serve listens until ctx ends, then lets requests finish within the budget, breaks off
// those that do not, and returns nil.
func (s *Server) Serve(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.cfg.Listen, err)
	}
	return s.ServeListener(ctx, l)
}

// ServeListener is Serve on a listener at hand, which it closes.
func (s *Server) ServeListener(ctx context.Context, l net.Listener) error {
	if s.tls != nil {
		l = tls.NewListener(l, s.tls)
	}
	// Requests outlive ctx by the budget at most.
	requests, cancelRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelRequests()
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelWarn),
	}
	s.cfg.Logger.Info("listening", slog.String("address", l.Addr().String()), slog.Bool("tls", s.tls != nil))
	var failed error
	ended := make(chan struct{})
	go func() {
		failed = srv.Serve(l)
		close(ended)
	}()
	select {
	case <-ended:
		return fmt.Errorf("serve on %s: %w", l.Addr(), failed)
	case <-ctx.Done():
	}
	err := s.shutdown(context.WithoutCancel(ctx), srv, cancelRequests)
	<-ended
	return err
}

// grace is what a request gets to answer after it was cancelled at shutdown.
const grace = 2 * time.Second

func (s *Server) shutdown(ctx context.Context, srv *http.Server, cancelRequests func()) error {
	s.cfg.Logger.Info("shutting down", slog.Duration("budget", s.cfg.ShutdownBudget))
	ctx, cancel := context.WithTimeout(ctx, s.cfg.ShutdownBudget+grace)
	defer cancel()
	defer context.AfterFunc(ctx, cancelRequests)()
	timer := time.AfterFunc(s.cfg.ShutdownBudget, cancelRequests)
	defer timer.Stop()
	err := srv.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.cfg.Logger.Warn("requests were broken off at shutdown")
		return srv.Close()
	}
	return err
}

// register puts every route on the mux.
func (s *Server) register() {
	s.registerHealth()
	s.registerSession()
	s.registerUsers()
	s.registerTokens()
	s.registerAudit()
	s.registerQuery()
	s.registerKusto()
	s.registerEntities()
	s.registerTimeline()
	s.registerExports()
	s.registerFlows()
	s.registerSearch()
	s.registerHome()
	s.registerTriage()
	s.registerSources()
	s.registerIngest()
	s.registerNetworks()
	s.registerWatchlists()
	s.registerNoise()
	s.registerTransparency()
	s.registerNotes()
	s.registerWatches()
	s.registerPreferences()
	s.registerFunctions()
	s.registerExternal()
	s.registerSettings()
	s.registerOpenAPI()
	s.registerWeb()
	for _, prefix := range []string{"/api/", "/v1/", "/v2/"} {
		s.routes.HandleFunc(prefix, func(w http.ResponseWriter, r *http.Request) {
			s.fail(w, r, fault(CodeNotFound, "there is no such call: %s %.100s", r.Method, r.URL.Path))
		})
	}
}

func (s *Server) registerHealth() {
	s.routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if s.cfg.Ready != nil {
			if err := s.cfg.Ready(r.Context()); err != nil {
				s.fail(w, r, &Error{CodeUnavailable, "not ready", err})
				return
			}
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n")) // the client may be gone
	})
	s.routes.HandleFunc("GET /metrics", s.metrics.handler(s.cfg.Metrics))
}
