// Package ingest takes raw logs in: it finds out what of a source is already known,
// cuts and decodes the rest, normalizes the records, folds them into the ledger, and
// commits all of it batch by batch, so that nothing acknowledged is lost and nothing
// is counted twice.
//
//	receive → decode → normalize → context → fold → commit
package ingest

import (
	"context"
	"log/slog"
	"net/netip"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"spoor/internal/ingest/receive"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Store is what the pipeline needs of an event store.
type Store interface {
	OpenSources(ctx context.Context, site string, head []byte) ([]store.Source, error)
	LongerSources(ctx context.Context, site string, m store.Mark, size int64) ([]store.Source, error)
	Content(ctx context.Context, id int32, from, to int64, yield func(piece []byte) error) error
	SourceDevices(ctx context.Context, id int32) (map[string]string, error)
	RenameDevices(ctx context.Context, source int32, ids map[string]string) error
	CreateSource(ctx context.Context, s *store.Source) error
	Append(ctx context.Context, b *store.Batch) error
	AppliedKey(ctx context.Context, key string) (store.Counts, bool, error)
}

// KQL runs a query and hands every row of its result to yield.
type KQL func(ctx context.Context, text string, yield func(row []any)) error

// Config says how to run a pipeline. The zero value of every field but Store works.
type Config struct {
	Store Store
	// KQL finds creation events of processes from earlier sources; nil: only those of
	// the same run are found.
	KQL KQL
	// Own reports whether the network catalogue holds an address; nil: it is empty.
	Own func(site string, a netip.Addr, at schema.Ticks) bool
	// TrustedProxy reports whether the X-Forwarded-For of an address is believed; nil:
	// nobody's is.
	TrustedProxy func(site string, a netip.Addr, at schema.Ticks) bool
	// Workers decode and normalize side by side: the number of processors when 0.
	Workers int
	// BatchRecords and BatchBytes end a batch. Whole DuckDB row groups (122,880 rows)
	// bypass its log, so batches are a little larger.
	BatchRecords int
	BatchBytes   int64
	Now          func() time.Time
	Log          *slog.Logger
	// Metrics is where the counters are registered; nil: nowhere.
	Metrics prometheus.Registerer
}

// Defaults of Config.
const (
	DefaultBatchRecords = 125_000
	DefaultBatchBytes   = 96 << 20
)

// DefaultSite is the site of sources for which none is named.
const DefaultSite = "default"

// Options describe one source.
type Options struct {
	Site string // DefaultSite when empty
	// ClockOffset, when not nil, is used instead of the one found in the records.
	ClockOffset *schema.Ticks
	// Key is the client's promise that the same key comes with the same content. The
	// content alone already makes a repetition harmless; a key that comes with other
	// content is refused as store.ErrConflict.
	Key string
	// Progress is called after each batch with what this source came to so far.
	Progress func(Report)
}

// Report says what became of one source. Read = Stored + Unmapped + Quarantined +
// Known, in records.
type Report struct {
	Name     string
	Site     string
	Format   string
	SourceID int32
	Bytes    int64 // decompressed, known ones included

	Read, Stored, Unmapped, Quarantined int64
	Known                               int64            // records taken in before
	Tables                              map[string]int64 // rows stored, copies too
	UnmappedTypes                       map[string]int64
	Unresolved                          int64        // records whose process's creation is not known
	ClockOffset                         schema.Ticks // added to the records' own times
	// Problem says why reading ended early, or that the last line was left; what was read
	// before it is stored.
	Problem string
}

// Pipeline takes sources in, one at a time; each uses all processors. While the last
// batches of one are committed, the next is read.
type Pipeline struct {
	cfg Config
	// turn is held by the source being read. Two sources at once could be the same
	// content, and both would seem new.
	turn chan struct{}
	// last is the source read before; who has the turn uses it.
	last *tail
	// committing counts the batches that the store is taking.
	committing atomic.Int32
	processes  *processCache
	metrics    *metrics
}

// New makes a pipeline.
func New(cfg Config) *Pipeline {
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.BatchRecords <= 0 {
		cfg.BatchRecords = DefaultBatchRecords
	}
	if cfg.BatchBytes <= 0 {
		cfg.BatchBytes = DefaultBatchBytes
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Pipeline{cfg: cfg, turn: make(chan struct{}, 1), processes: newProcessCache(), metrics: newMetrics(cfg.Metrics)}
}

// Run takes one source in. The report is right also when an error ends it: what it
// counts is committed.
func (p *Pipeline) Run(ctx context.Context, in *receive.Input, o Options) (Report, error) {
	if o.Site == "" {
		o.Site = DefaultSite
	}
	if err := p.takeTurn(ctx); err != nil {
		return Report{Name: in.Name, Site: o.Site}, err
	}
	r := &run{
		Pipeline: p, in: in, opt: o, before: p.last,
		tail:   &tail{site: o.Site, key: o.Key, ended: make(chan struct{})},
		report: Report{Name: in.Name, Site: o.Site, Format: in.Format.Name},
	}
	defer close(r.ended)
	defer r.passTurn()
	err := r.do(ctx)
	return r.report, err
}
