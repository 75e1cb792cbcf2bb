package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"spoor/content"
	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/casedb"
	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/external"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/insight"
	"spoor/internal/kql/vector"
	"spoor/internal/network"
	"spoor/internal/noise"
	"spoor/internal/note"
	"spoor/internal/preference"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
	"spoor/internal/store/duckdb"
	"spoor/internal/timeline"
	"spoor/internal/transparency"
	"spoor/internal/watch"
	"spoor/web"
)

// version is set by the linker.
var version = "dev"

// settings is what `spoor serve` is told.
type settings struct {
	dataDir string
	geo     []string
	http    server.Config // Listen, TLS and hosts only
	// memory bounds the event store, in MiB; 0: half of the machine's.
	memory    int64
	reserve   int64 // MiB of disk space to leave free
	retention time.Duration
	receive   receive.Config // its limits only
	expanded  int64          // MiB that an upload may unpack to
	verbose   bool
}

func serveCommand() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Serves the web app and the API on one data folder until it is interrupted. The first start\n" +
			"creates the account admin and prints its one-time password. It listens on loopback unless\n" +
			"told otherwise, and elsewhere only with TLS.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			svc, err := openService(cmd.Context(), s, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			if svc.oneTime != "" {
				fmt.Fprintf(cmd.OutOrStdout(), "account admin, one-time password: %s\n", svc.oneTime)
			}
			return errors.Join(svc.serve(cmd.Context()), svc.Close())
		},
	}
	s.flags(cmd)
	return cmd
}

func (s *settings) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.http.Listen, "listen", defaultListen, "HOST:PORT to listen on")
	f.StringVar(&s.dataDir, "data-dir", defaultDataDir, "folder for everything the server keeps")
	f.StringSliceVar(&s.geo, "geo", nil, "more folders or files with MaxMind-layout databases")
	f.StringVar(&s.http.TLSCert, "tls-cert", "", "PEM file of the certificate")
	f.StringVar(&s.http.TLSKey, "tls-key", "", "PEM file of its key")
	f.BoolVar(&s.http.SelfSigned, "tls-self-signed", false, "make a certificate at the first start and use it")
	f.BoolVar(&s.http.InsecurePlainHTTP, "insecure-plain-http", false, "listen beyond loopback without TLS, because something else protects the way")
	f.StringSliceVar(&s.http.AllowedHosts, "allowed-host", nil, "names under which clients reach the server, beside the address it listens on")
	f.Int64Var(&s.memory, "memory", 0, "MiB of memory for the event store; queries together may be estimated to hold half of it (default: half of the machine's or the container's). The Go heap keeps to a quarter of the machine's unless GOMEMLIMIT says otherwise")
	f.Int64Var(&s.reserve, "reserve", duckdb.DefaultReserve>>20, "MiB of disk space that stay free; below it nothing is taken in")
	f.DurationVar(&s.retention, "retention", 90*24*time.Hour, "how long events are kept, from when they were taken in; 0 keeps them for ever. The ledger is never trimmed")
	f.IntVar(&s.receive.MaxMembers, "max-members", receive.DefaultMaxMembers, "members that the archives in one upload may have")
	f.Int64Var(&s.receive.MaxRatio, "max-ratio", receive.DefaultMaxRatio, "how many times larger an upload may become by unpacking; not asked of the first 16 MiB")
	f.Int64Var(&s.expanded, "max-expanded", receive.DefaultMaxExpanded>>20, "MiB that one upload may unpack to, each layer of packing counted. What is beyond a limit is reported and not taken in")
	f.BoolVar(&s.verbose, "verbose", false, "log more")
}

// service is a server with everything it stands on.
type service struct {
	settings settings
	memory   memoryShares
	log      *slog.Logger
	events   *duckdb.DB
	cases    *casedb.DB
	geo      *enrich.Databases
	networks *network.Catalog
	noise    *noise.Store
	watches  *watch.Store
	library  *library
	accounts *account.Store
	fold     *audit.Folder
	runner   *query.Runner
	insights []insight.Insight
	pages    *entitypage.Pages
	pipeline *ingest.Pipeline
	server   *server.Server
	metrics  *prometheus.Registry

	oneTime string // password of an admin account that was just made
}

// openService opens the stores and wires the server; nothing listens yet.
func openService(ctx context.Context, s settings, logTo io.Writer) (svc *service, err error) {
	level := slog.LevelInfo
	if s.verbose {
		level = slog.LevelDebug
	}
	svc = &service{settings: s, log: slog.New(slog.NewTextHandler(logTo, &slog.HandlerOptions{Level: level}))}
	defer func() {
		if err != nil {
			err = errors.Join(err, svc.Close())
		}
	}()
	svc.settings.receive.MaxExpanded = s.expanded << 20
	keepPrivate()
	if err := os.MkdirAll(s.dataDir, 0o700); err != nil {
		return svc, fmt.Errorf("make the data folder: %w", err)
	}
	if svc.cases, err = casedb.Open(ctx, s.dataDir); err != nil {
		return svc, err
	}
	if svc.networks, err = network.Open(ctx, svc.cases); err != nil {
		return svc, err
	}
	if svc.noise, err = noise.Open(ctx, svc.cases); err != nil {
		return svc, err
	}
	svc.openGeo()
	svc.memory = shareMemory(machineMemory(), s.memory<<20)
	if svc.insights, err = insight.Load(content.Insights, "insights"); err != nil {
		return svc, err
	}
	if svc.events, err = duckdb.Open(ctx, duckdb.Config{
		Path: filepath.Join(s.dataDir, "events.duckdb"), MemoryLimit: svc.memory.store, ReserveBytes: s.reserve << 20, Logger: svc.log,
		Functions: query.Functions(svc.place),
	}); err != nil {
		return svc, err
	}
	if err := svc.openAccounts(ctx); err != nil {
		return svc, err
	}
	svc.wire()
	return svc, svc.wireServer()
}

// openGeo opens what databases there are; a broken one is named and left out.
func (svc *service) openGeo() {
	var err error
	if svc.geo, err = enrich.Open(slices.Concat(svc.settings.geo, geoFolders())...); err != nil {
		svc.log.Warn("geo databases left out", slog.Any("error", err))
	}
}

// place is what the geo databases say of where an address is: the first that knows its
// city, or else its country.
func (svc *service) place(a netip.Addr) (p vector.Place, found bool) {
	answers, _ := svc.geo.Lookup(a) // an entry that cannot be read is one that is not there
	for _, g := range answers {
		if g.Country == "" || found && g.City == "" {
			continue
		}
		p, found = vector.Place{Country: g.Country, State: g.State, City: g.City, Latitude: g.Latitude, Longitude: g.Longitude}, true
		if g.City != "" {
			break
		}
	}
	return p, found
}

// geoFolders is where `make geo` puts the databases: below the working directory, or
// beside the binary's folder.
func geoFolders() []string {
	const packages = "geo/node_modules/@ip-location-db"
	dirs := []string{packages}
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Join(filepath.Dir(exe), "..", packages))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(dir); err == nil {
			return []string{dir}
		}
	}
	return nil
}

func (svc *service) openAccounts(ctx context.Context) (err error) {
	svc.accounts = account.New(svc.cases, account.Config{})
	svc.oneTime, err = svc.accounts.EnsureAdmin(ctx)
	return err
}

// wire makes what asks and what takes in.
func (svc *service) wire() {
	svc.metrics = prometheus.NewRegistry()
	svc.library = newLibrary(svc.cases, svc.externalData(), svc.networks)
	svc.runner = query.New(query.Config{Engine: svc.events, Memory: svc.memory.queries, Library: svc.library.Current, Sources: svc.library})
	svc.pages = &entitypage.Pages{
		Ledger: svc.events, KQL: svc.kql, Networks: svc.networks, Geo: svc.geo, Noise: svc.noise, Transparency: transparency.New(svc.cases), Now: time.Now,
		Tables: svc.events.Tables, Insights: svc.insights,
	}
	svc.pipeline = ingest.New(ingest.Config{
		Store: svc.events, KQL: svc.kql, Own: svc.networks.Own, TrustedProxy: svc.networks.TrustedProxy, Log: svc.log, Metrics: svc.metrics,
	})
}

// kql runs a query of the product's own.
func (svc *service) kql(ctx context.Context, text string, yield func(row []any)) (err error) {
	res, err := svc.runner.Run(ctx, query.Request{Text: text, Options: query.Options{NoTruncation: true, Excerpts: true}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for res.Next() {
		yield(res.Row())
	}
	return res.Err()
}

func (svc *service) wireServer() (err error) {
	log := audit.New(svc.cases, time.Now)
	svc.fold = audit.NewFolder(log, svc.events, schema.Default().MustTable(schema.SpoorAudit))
	cfg := svc.settings.http
	cfg.DataDir, cfg.Version, cfg.Logger, cfg.Now = svc.settings.dataDir, version, svc.log, time.Now
	cfg.Accounts, cfg.Audit, cfg.Catalog = svc.accounts, log, schema.Default()
	cfg.Timelines = &timeline.Timelines{Ledger: svc.events, KQL: svc.kql}
	cfg.Querier, cfg.Entities, cfg.Events, cfg.Networks = auditedRunner{svc}, svc.pages, svc.events, svc.networks
	cfg.Flows = svc.pages
	cfg.Ingester, cfg.Settings = uploads{svc}, svc.cases
	cfg.Noise, cfg.Notes, cfg.Preferences = svc.noise, note.New(svc.cases), preference.New(svc.cases)
	cfg.Transparency = transparency.New(svc.cases)
	svc.watches = watch.New(svc.cases)
	cfg.Watches = svc.watches
	cfg.Watchlists, cfg.Functions, cfg.External = svc.library.watchlists, svc.library.functions, svc.library.locations
	cfg.ReverseDNS = svc.reverseDNS(log)
	cfg.Metrics = svc.metrics
	if app, built := web.FS(); built {
		cfg.Web = app
	}
	svc.server, err = server.New(cfg)
	return err
}

// reverseDNS asks live DNS when an administrator has switched that on, and writes down
// each look-up that goes out.
func (svc *service) reverseDNS(log *audit.Log) *enrich.ReverseDNS {
	return &enrich.ReverseDNS{
		Enabled: func() bool {
			value, err := svc.cases.Setting(context.Background(), server.SettingReverseDNS)
			return err == nil && value == "on"
		},
		Log: func(l enrich.DNSLookup) {
			err := log.Record(context.Background(), audit.Entry{
				Time: l.At, Actor: "spoor", Action: "dns.lookup", Target: l.Address.String(), Succeeded: l.Err == nil,
				Rows: int64(len(l.Names)), Duration: l.Took,
			})
			if err != nil {
				svc.log.Error("look-up not written down", slog.Any("error", err))
			}
		},
	}
}

// externalData reads from the web what externaldata names: from public addresses that the
// network catalogue does not call the organisation's own, and writes down each request
// that goes out.
func (svc *service) externalData() *external.Fetcher {
	log := audit.New(svc.cases, time.Now)
	return &external.Fetcher{
		Admit: func(a netip.Addr) bool {
			return external.Public(a) && len(svc.networks.LookupAll(a, schema.TicksOf(time.Now()))) == 0
		},
		Log: func(ctx context.Context, f external.Fetch) error {
			e := audit.Entry{
				Time: f.At, Actor: "spoor", Action: "external.fetch", Target: f.URL, Succeeded: f.Err == nil, Duration: f.Took,
				Detail: map[string]string{"bytes": strconv.FormatInt(f.Bytes, 10)},
			}
			if f.Err != nil {
				e.Detail["error"] = f.Err.Error()
			}
			return log.Record(ctx, e)
		},
	}
}

// serve listens until ctx ends.
func (svc *service) serve(ctx context.Context) error {
	boundHeap(svc.memory.heap)
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", svc.settings.http.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", svc.settings.http.Listen, err)
	}
	forget, err := svc.leaveConsole(ctx, l.Addr())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer forget()
	background, stop := context.WithCancel(ctx)
	done, kept := svc.housekeeping(background), svc.keepPlaces(background)
	err = svc.server.ServeListener(ctx, l)
	stop()
	<-done
	<-kept
	return err
}

// url is how clients on this machine reach the server.
func (svc *service) url(addr net.Addr) string {
	scheme := "http"
	if svc.server.TLSConfig() != nil {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return scheme + "://" + addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// leaveConsole leaves address and token of this server in the data folder, for the
// commands of those who may read it, until the server stops.
func (svc *service) leaveConsole(ctx context.Context, addr net.Addr) (forget func(), err error) {
	text, token, err := svc.accounts.CreateToken(ctx, "console", account.Admin, time.Time{}, "console")
	if err != nil {
		return nil, err
	}
	con := console{Server: svc.url(addr), Token: text}
	if svc.settings.http.SelfSigned {
		con.CACert, err = filepath.Abs(filepath.Join(svc.settings.dataDir, server.CertificateFile))
		if err != nil {
			return nil, err
		}
	}
	data, err := json.Marshal(con)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(svc.settings.dataDir, consoleFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("replace %s: %w", consoleFile, err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return nil, fmt.Errorf("leave the server's address: %w", err)
	}
	return func() {
		ctx := context.WithoutCancel(ctx)
		if _, err := svc.accounts.RevokeToken(ctx, token.ID); err != nil {
			svc.log.Warn("console token not revoked", slog.Any("error", err))
		}
		if err := os.Remove(path); err != nil {
			svc.log.Warn("console file not removed", slog.Any("error", err))
		}
	}, nil
}

// housekeepingInterval is how often expired events are looked for and what other
// processes changed in the case store is read.
const housekeepingInterval = 5 * time.Second

// housekeeping does what must be done now and then. The channel closes when it ended.
func (svc *service) housekeeping(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(housekeepingInterval)
		defer tick.Stop()
		var expired time.Time
		told := int64(-1) // the version of the store that the owners of marks know
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if _, err := svc.networks.Refresh(ctx); err != nil {
				svc.log.Warn("network catalogue not read", slog.Any("error", err))
			}
			if err := svc.noise.Refresh(ctx); err != nil {
				svc.log.Warn("noise lists not read", slog.Any("error", err))
			}
			if version := svc.events.Version(); version != told {
				told = version
				svc.tellWatchers(ctx)
			}
			if svc.settings.retention > 0 && time.Since(expired) > time.Hour {
				expired = time.Now()
				svc.expire(ctx)
			}
		}
	}()
	return done
}

// tellWatchers writes notices of what is new of the entities that people watch.
func (svc *service) tellWatchers(ctx context.Context) {
	if err := svc.checkMarks(ctx); err != nil && ctx.Err() == nil {
		svc.log.Error("marked entities not looked up", slog.Any("error", err))
	}
}

func (svc *service) checkMarks(ctx context.Context) error {
	marks, err := svc.watches.Marks(ctx)
	if err != nil || len(marks) == 0 {
		return err
	}
	ids := make([]entity.ID, len(marks))
	for i := range marks {
		ids[i] = marks[i].Entity
	}
	found, err := svc.pages.Watched(ctx, ids)
	if err != nil {
		return err
	}
	counts := make(map[entity.ID]watch.Count, len(found))
	for id, s := range found {
		counts[id] = watch.Count{Records: s.AllRecords, Contacts: s.Contacts, Last: s.Last.Time(), Devices: s.Devices}
	}
	_, err = svc.watches.Check(ctx, marks, counts)
	return err
}

func (svc *service) expire(ctx context.Context) {
	rows, err := svc.events.Expire(ctx, schema.TicksOf(time.Now().Add(-svc.settings.retention)))
	switch {
	case err != nil && ctx.Err() == nil:
		svc.log.Error("events not expired", slog.Any("error", err))
	case rows > 0:
		svc.log.Info("events expired", slog.Int64("rows", rows))
	}
}

// Close closes what was opened. It can be called after a failed open.
func (svc *service) Close() error {
	var errs []error
	if svc.pages != nil {
		svc.pages.Close()
	}
	if svc.events != nil {
		errs = append(errs, svc.events.Close())
	}
	if svc.geo != nil {
		errs = append(errs, svc.geo.Close())
	}
	if svc.cases != nil {
		errs = append(errs, svc.cases.Close())
	}
	return errors.Join(errs...)
}
