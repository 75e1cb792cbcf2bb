// Package duckdb is the embedded event store: one DuckDB file that holds event tables,
// raw records, the sightings ledger, address claims and the positions of sources.
//
// Batches go in through Append, a commit each; SQL written by kql comes back as rows
// through Query. The package knows nothing of KQL, and of the network only what an
// address looks like.
//
// # Layout
//
// Event tables are read in the schema event under the names of the catalogue, with the
// columns of schema.Table.Stored; a table exists with its first row. They are views of
// the tables of the schema stored, which have only the columns that a row has filled.
// The views SpoorSightings, SpoorAddressHolders, SpoorPlaces and SpoorSources always exist.
// Everything else is in the schema spoor. Moments and spans are BIGINT ticks, texts are
// never null, dynamic and guid are VARCHAR or null, decimals are VARCHAR or null.
//
// Text that is not UTF-8 is stored with U+FFFD in place of each run of wrong bytes;
// NUL is kept. Raw records are kept byte for byte.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dustin/go-humanize"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// Config says where the store is and what it may use.
type Config struct {
	// Path of the file, created when missing; "" keeps everything in memory.
	Path string
	// MemoryLimit bounds DuckDB's memory in bytes: buffers, sorts, aggregations. 0 is
	// DuckDB's default, 80 % of the machine's.
	MemoryLimit int64
	// Threads that DuckDB uses; 0: one for each processor.
	Threads int
	// ReserveBytes is the free disk space below which Append refuses with
	// store.ErrDiskFull. 0 is DefaultReserve, a negative number none.
	ReserveBytes int64
	// Catalog is the catalogue of event tables; nil is schema.Default.
	Catalog *schema.Catalog
	// Functions written in Go that SQL may call.
	Functions []store.Function
	// Logger takes what the background work has to say; nil: nobody.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// DefaultReserve is how much disk space is left free: room for the log and for one
// merge of the ledger.
const DefaultReserve = 1 << 30

// DB is an open store. It is safe for concurrent use: Append, RemoveSource, Expire and
// PutAliases run one after another, reads beside them.
type DB struct {
	path    string
	catalog *schema.Catalog
	logger  *slog.Logger
	now     func() time.Time
	reserve int64

	db      *database
	readers *pool

	version atomic.Int64

	// write orders the writers and guards what stands below it.
	write  sync.Mutex
	closed bool
	writer *conn
	views  *conn // uses the database incoming
	// nextSource is the ID of the next source. created are sources without a batch.
	nextSource  int32
	nextSources atomic.Int32 // the same, for readers
	created     map[int32]store.Source
	builders    chan *builder // that are not in use

	lastRun atomic.Int64 // the number of the newest run
	tables  eventTables
	// aliasList are the aliases by From; the list is replaced, never changed.
	aliasList atomic.Pointer[[]store.DeviceAlias]
	contexts  *contexts
	merger    merger
	excerpts  *excerpts
	activity  activity

	appended chan struct{} // wakes the background
	stop     context.CancelFunc
	done     chan struct{} // closed when the background has ended
}

var _ store.Engine = (*DB)(nil)

// Open opens or creates a store. What a crash left in the log is replayed first.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	db := &DB{
		path: cfg.Path, catalog: cfg.Catalog, logger: cfg.Logger, now: cfg.Now, reserve: cfg.ReserveBytes,
		created: map[int32]store.Source{}, contexts: &contexts{}, appended: make(chan struct{}, 1),
		builders: make(chan *builder, idleBuilders),
	}
	db.merger.next = func() int64 { return db.lastRun.Add(1) }
	if db.catalog == nil {
		db.catalog = schema.Default()
	}
	if db.logger == nil {
		db.logger = slog.New(slog.DiscardHandler)
	}
	if db.now == nil {
		db.now = time.Now
	}
	if db.reserve == 0 {
		db.reserve = DefaultReserve
	}
	if err := db.open(ctx, cfg); err != nil {
		return nil, fmt.Errorf("open event store %s: %w", cfg.Path, err)
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, cfg Config) error {
	var err error
	if db.db, err = openDatabase(cfg.Path, settings(cfg)); err != nil {
		return err
	}
	if cfg.Path != "" {
		if err := os.Chmod(cfg.Path, 0o600); err != nil {
			return errors.Join(fmt.Errorf("keep the file from others: %w", err), db.Close())
		}
	}
	if err := db.prepare(ctx, cfg.Functions); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// storageVersion is the oldest DuckDB that can read the file.
const storageVersion = "v1.4.0"

func settings(cfg Config) map[string]string {
	s := map[string]string{
		// Bigger than DuckDB's default, so that a busy hour does not stop for a
		// checkpoint every few seconds.
		"checkpoint_threshold":          "256MB",
		"storage_compatibility_version": storageVersion,
		"autoinstall_known_extensions":  "false",
		"autoload_known_extensions":     "false",
		"allow_community_extensions":    "false",
	}
	if cfg.Path == "" {
		s["temp_directory"] = "" // DuckDB would make one in the working directory
	}
	if cfg.MemoryLimit > 0 {
		s["memory_limit"] = strconv.FormatInt(cfg.MemoryLimit/1_000_000, 10) + "MB"
	}
	if cfg.Threads > 0 {
		s["threads"] = strconv.Itoa(cfg.Threads)
	}
	return s
}

// prepare connects, creates what is missing, and closes the doors: from then on no
// statement on any connection can reach a file other than the store's own, or change a
// setting.
func (db *DB) prepare(ctx context.Context, functions []store.Function) error {
	var err error
	if db.writer, err = db.db.connect(); err != nil {
		return err
	}
	if err = db.writer.register(functions); err != nil {
		return err
	}
	if err = db.writer.registerInputs(); err != nil {
		return err
	}
	if db.views, err = db.db.connect(); err != nil {
		return err
	}
	if db.merger.conn, err = db.db.connect(); err != nil {
		return err
	}
	for _, sql := range []string{"ATTACH ':memory:' AS " + incoming, "USE " + incoming} {
		if _, err := db.views.exec(ctx, sql); err != nil {
			return err
		}
	}
	if db.excerpts, err = db.newExcerpts(ctx); err != nil {
		return err
	}
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.load(ctx); err != nil {
		return err
	}
	for _, sql := range []string{
		"PRAGMA disable_checkpoint_on_shutdown", // see Close
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := db.writer.exec(ctx, sql); err != nil {
			return err
		}
	}
	db.readers = newPool(db.db)
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	db.stop, db.done = stop, make(chan struct{})
	go db.background(background)
	return nil
}

// migrate brings the file to the layout of this program.
func (db *DB) migrate(ctx context.Context) error {
	c := db.writer
	return c.inTx(ctx, func() error {
		version, err := c.number(ctx, `SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'spoor' AND table_name = 'meta'`)
		if err != nil {
			return err
		}
		if version > 0 {
			if version, err = c.number(ctx, `SELECT version FROM spoor.meta`); err != nil {
				return err
			}
		}
		if version > layoutVersion {
			return fmt.Errorf("the file has layout %d and was written by a newer program; this one knows %d", version, layoutVersion)
		}
		switch version {
		case 0:
			err = db.create(ctx)
		case 1:
			if err = db.addContent(ctx); err == nil {
				err = db.addPlaces(ctx)
			}
		case 2:
			err = db.addPlaces(ctx)
		}
		if err != nil {
			return err
		}
		for _, sql := range internalViews() {
			if _, err := c.exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) create(ctx context.Context) error {
	for _, sql := range append([]string{"CREATE SCHEMA " + eventSchema, "CREATE SCHEMA " + storedSchema, "CREATE SCHEMA " + spoorSchema}, internalTables...) {
		if _, err := db.writer.exec(ctx, sql); err != nil {
			return err
		}
	}
	_, err := db.writer.exec(ctx, "INSERT INTO spoor.meta VALUES (?, 1)", layoutVersion)
	return err
}

// load reads what is kept in memory.
func (db *DB) load(ctx context.Context) error {
	next, err := db.writer.number(ctx, `SELECT next_source FROM spoor.meta`)
	if err != nil {
		return err
	}
	db.nextSource = int32(next)
	db.nextSources.Store(db.nextSource)
	run, err := db.writer.number(ctx, `SELECT greatest(
		(SELECT coalesce(max(run), 0) FROM spoor.ledger), (SELECT coalesce(max(run), 0) FROM spoor.claim))`)
	if err != nil {
		return err
	}
	db.lastRun.Store(run)
	return errors.Join(db.tables.load(ctx, db.writer), db.contexts.load(ctx, db.writer), db.merger.load(ctx, db.writer), db.loadAliases(ctx))
}

// The times in which Close ends.
const (
	// queriesEnd is how long Close waits for queries after interrupting them.
	queriesEnd = 5 * time.Second
	// checkpointed is the size of a log, in bytes, that is folded into the file in a
	// few seconds. A bigger one is left to the next Open.
	checkpointed = 512 << 20
)

// Close ends the store within about ten seconds. Queries and merges that run are given
// up; what was committed is safe in any case. When a caller keeps the rows of a query
// open, Close says so and leaves the file as a crash would: whole.
func (db *DB) Close() error {
	if db.stop != nil {
		db.stop()
		<-db.done
	}
	defer db.merger.pause()()
	db.write.Lock()
	defer db.write.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	if db.excerpts != nil {
		db.excerpts.close()
	}
	if db.readers != nil {
		if err := db.readers.close(queriesEnd); err != nil {
			return fmt.Errorf("close event store %s: %w", db.path, err)
		}
	}
	err := db.checkpoint()
	for _, c := range []*conn{db.views, db.merger.conn, db.writer} {
		if c != nil {
			c.close()
		}
	}
	db.merger.conn = nil
	db.db.close()
	return err
}

// checkpoint folds the log into the file, unless it is so big that this takes long.
func (db *DB) checkpoint() error {
	if db.path == "" || db.writer == nil {
		return nil
	}
	log, err := os.Stat(db.path + ".wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && log.Size() > checkpointed {
		return nil
	}
	if err == nil {
		_, err = db.writer.exec(context.Background(), "CHECKPOINT")
	}
	if err != nil {
		return fmt.Errorf("fold the log of event store %s into it: %w", db.path, err)
	}
	return nil
}

// Room refuses with store.ErrDiskFull when writing so many bytes beside the store would
// leave less than the reserve free.
func (db *DB) Room(bytes int64) error {
	if db.path == "" || db.reserve < 0 {
		return nil
	}
	free, err := freeDisk(filepath.Dir(db.path))
	if err != nil {
		return fmt.Errorf("ask for free disk space: %w", err)
	}
	if free-bytes < db.reserve {
		return fmt.Errorf("%w: %s free, %s kept in reserve", store.ErrDiskFull, humanize.IBytes(uint64(free)), humanize.IBytes(uint64(db.reserve)))
	}
	return nil
}

// Version changes whenever what the store holds may have changed, and never comes back
// to an earlier value. It starts anew with each Open.
func (db *DB) Version() int64 { return db.version.Load() }
