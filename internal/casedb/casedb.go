// Package casedb opens the case store: the transactional database of what people
// change (accounts, tokens, the network catalogue, the audit outbox). It knows the
// schema's versions and nothing of what the tables mean; their SQL stands beside the
// types that use them.
//
// The store is one SQLite file. Several processes may have it open at once: the
// command line works on it while the server runs.
package casedb

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// FileName is the name of the case store in the data folder.
const FileName = "case.db"

// ErrNewerSchema says that a newer version of the product has written the store.
var ErrNewerSchema = errors.New("the case store was written by a newer version of spoor")

//go:embed migrations/*.sql
var embedded embed.FS

// DB is an open case store. Reads may use its query methods directly; every change
// goes through Tx. It is safe for concurrent use.
type DB struct{ *sql.DB }

// Open opens the case store in the data folder dir and brings its schema up to date.
// Folder and file are made where they are missing, readable by the owner alone.
func Open(ctx context.Context, dir string) (*DB, error) {
	migrations, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	return open(ctx, dir, migrations)
}

func open(ctx context.Context, dir string, migrations fs.FS) (*DB, error) {
	path, err := prepare(dir)
	if err != nil {
		return nil, fmt.Errorf("open the case store in %s: %w", dir, err)
	}
	// Transactions begin with the write lock (_txlock): one that reads first and writes
	// later would fail at the second step when another process wrote in between.
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_busy_timeout": {"10000"},
		"_foreign_keys": {"on"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_txlock":       {"immediate"},
	}.Encode()}
	pool, err := sql.Open("sqlite3", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open the case store %s: %w", path, err)
	}
	db := &DB{pool}
	if err := db.migrate(ctx, migrations); err != nil {
		_ = pool.Close()
		return nil, fmt.Errorf("migrate the case store %s: %w", path, err)
	}
	return db, nil
}

// prepare makes the folder and an empty file with the right modes, which SQLite takes
// over for the files it puts beside it. An existing file is not opened here: closing it
// again would drop the locks of other connections in this process.
func prepare(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(dir, FileName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return path, os.Chmod(path, 0o600)
	}
	if err != nil {
		return "", err
	}
	return path, f.Close()
}

// Tx runs fn in one transaction, which is committed when fn returns nil and rolled back
// otherwise. fn must use tx alone, not the DB.
func (db *DB) Tx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// migrate applies what is missing in the order of the numbers, each migration in a
// transaction of its own that looks at the versions again: two processes may start at the
// same time.
func (db *DB) migrate(ctx context.Context, migrations fs.FS) error {
	steps, err := readMigrations(migrations)
	if err != nil {
		return err
	}
	for {
		done := false
		err := db.Tx(ctx, func(tx *sql.Tx) error {
			applied, err := appliedVersions(ctx, tx)
			if err != nil {
				return err
			}
			if newest := slices.Max(append(applied, 0)); newest > steps[len(steps)-1].version {
				return fmt.Errorf("%w: schema %d, this one knows %d", ErrNewerSchema, newest, steps[len(steps)-1].version)
			}
			next := slices.IndexFunc(steps, func(m migration) bool { return !slices.Contains(applied, m.version) })
			if done = next < 0; done {
				return nil
			}
			return steps[next].apply(ctx, tx)
		})
		if err != nil || done {
			return err
		}
	}
}

func appliedVersions(ctx context.Context, tx *sql.Tx) (versions []int, err error) {
	if _, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS migration (
		version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied INTEGER NOT NULL) STRICT`); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT version FROM migration`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var version int
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		versions = append(versions, version)
	}
	return versions, rows.Err()
}

type migration struct {
	version   int
	name, sql string
}

func (m migration) apply(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, m.sql); err != nil {
		return fmt.Errorf("apply %s: %w", m.name, err)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO migration (version, name, applied) VALUES (?, ?, ?)`,
		m.version, m.name, Micros(time.Now()))
	return err
}

// readMigrations reads the files NNNN_what.sql, of which there is one at least. Numbers
// may be left out; none stands twice.
func readMigrations(dir fs.FS) ([]migration, error) {
	files, err := fs.Glob(dir, "*.sql") // in name order
	if err != nil {
		return nil, err
	}
	steps := make([]migration, 0, len(files))
	last := 0
	for _, name := range files {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || len(number) != 4 || version <= last {
			return nil, fmt.Errorf("migration %s should begin with a number of four digits above %04d", name, last)
		}
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, migration{version, name, string(text)})
		last = version
	}
	if len(steps) == 0 {
		return nil, errors.New("there are no migrations")
	}
	return steps, nil
}

// Micros is how the store writes a moment: microseconds since 1970-01-01 in UTC.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// Moment is the moment that Micros wrote.
func Moment(us int64) time.Time { return time.UnixMicro(us).UTC() }

// NullMicros is Micros for a moment that may be missing, which the zero time says.
func NullMicros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

// NullMoment is the moment that NullMicros wrote.
func NullMoment(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return Moment(us.Int64)
}
