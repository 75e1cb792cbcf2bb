package casedb

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

func TestOpenMakesPrivateFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data ?#%20 folder")
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO setting VALUES ('a', 'b')`); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		dir:                                   0o700,
		filepath.Join(dir, FileName):          0o600,
		filepath.Join(dir, FileName) + "-wal": 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func TestOpenNarrowsModeOfExistingFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, FileName)
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
}

// Many processes starting on an empty folder at once all find the finished schema.
func TestOpenConcurrently(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		wg.Go(func() {
			db, err := Open(context.Background(), dir)
			if err == nil {
				_, err = db.ExecContext(context.Background(), `INSERT INTO audit (at, actor, role, action, target, client_ip, succeeded, rows, duration, detail)
					VALUES (1, 'a', 'b', 'c', 'd', 'e', 1, 0, 0, '')`)
				_ = db.Close()
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM audit`).Scan(&n); err != nil || n != cap(errs) {
		t.Errorf("%d rows (%v), want %d", n, err, cap(errs))
	}
}

func TestMigrateForward(t *testing.T) {
	dir := t.TempDir()
	one := fstest.MapFS{"0001_a.sql": {Data: []byte(`CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (7);`)}}
	two := fstest.MapFS{"0001_a.sql": one["0001_a.sql"], "0002_b.sql": {Data: []byte(`CREATE TABLE b AS SELECT x + 1 AS y FROM a;`)}}

	db, err := open(t.Context(), dir, one)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()

	db, err = open(t.Context(), dir, two)
	if err != nil {
		t.Fatal(err)
	}
	var y int
	if err := db.QueryRowContext(t.Context(), `SELECT y FROM b`).Scan(&y); err != nil || y != 8 {
		t.Errorf("b holds %d (%v), want 8", y, err)
	}
	_ = db.Close()

	if _, err := open(t.Context(), dir, one); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("opening a newer store: %v, want ErrNewerSchema", err)
	}
}

func TestBrokenMigrationLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	broken := fstest.MapFS{"0001_a.sql": {Data: []byte(`CREATE TABLE a (x INTEGER); CREATE TABLE nonsense nonsense;`)}}
	if _, err := open(t.Context(), dir, broken); err == nil {
		t.Fatal("a broken migration was accepted")
	}
	fixed := fstest.MapFS{"0001_a.sql": {Data: []byte(`CREATE TABLE a (x INTEGER);`)}}
	db, err := open(t.Context(), dir, fixed)
	if err != nil {
		t.Fatalf("the broken migration left something behind: %v", err)
	}
	_ = db.Close()
}

// Branches that are worked on side by side take numbers of their own: what comes in late
// under a lower number is applied where it is missing.
func TestMigrationsMayComeLate(t *testing.T) {
	dir := t.TempDir()
	files := fstest.MapFS{
		"0001_a.sql": {Data: []byte(`CREATE TABLE a (x INTEGER);`)},
		"0005_c.sql": {Data: []byte(`CREATE TABLE c (x INTEGER);`)},
	}
	db, err := open(t.Context(), dir, files)
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	files["0003_b.sql"] = &fstest.MapFile{Data: []byte(`CREATE TABLE b (x INTEGER);`)}
	db, err = open(t.Context(), dir, files)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `SELECT a.x FROM a, b, c`); err != nil {
		t.Error(err)
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	for _, names := range [][]string{{"a.sql"}, {"1_a.sql"}, {"0000_a.sql"}, {"0001_a.sql", "0001_b.sql"}, {}} {
		files := fstest.MapFS{}
		for _, name := range names {
			files[name] = &fstest.MapFile{Data: []byte(`SELECT 1`)}
		}
		if _, err := open(t.Context(), t.TempDir(), files); err == nil {
			t.Errorf("%q were accepted", names)
		}
	}
}

func TestTxRollsBack(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	stop := errors.New("stop")
	err = db.Tx(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), `INSERT INTO setting VALUES ('k', 'v')`); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("got %v", err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM setting`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows (%v), want none", n, err)
	}
}

func TestForeignKeysHold(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `INSERT INTO session VALUES (x'00', 99, '', 0, 0)`); err == nil {
		t.Error("a session of no account was accepted")
	}
}

func TestMoments(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 123456000, time.UTC)
	if got := Moment(Micros(at)); !got.Equal(at) {
		t.Errorf("got %v, want %v", got, at)
	}
	if got := NullMoment(NullMicros(time.Time{})); !got.IsZero() {
		t.Errorf("the missing moment became %v", got)
	}
}
