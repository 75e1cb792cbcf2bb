package duckdb_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
	"spoor/internal/store/storetest"
)

// query reads all rows of a query.
func query(ctx context.Context, db *duckdb.DB, sql string) ([][]any, error) {
	r, err := db.Query(ctx, sql, nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all [][]any
	for r.Next() {
		all = append(all, append([]any(nil), r.Values()...))
	}
	return all, r.Err()
}

func openMemory(t *testing.T) *duckdb.DB {
	t.Helper()
	db := openWith(t, duckdb.Config{})
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestQueryValues(t *testing.T) {
	db := openMemory(t)
	for sql, want := range map[string]any{
		`NULL`:                                 nil,
		`true`:                                 true,
		`(-128)::TINYINT`:                      int64(-128),
		`255::UTINYINT`:                        int64(255),
		`(-32768)::SMALLINT`:                   int64(-32768),
		`65535::USMALLINT`:                     int64(65535),
		`(-2147483648)::INTEGER`:               int64(-2147483648),
		`4294967295::UINTEGER`:                 int64(4294967295),
		`(-9223372036854775808)::BIGINT`:       int64(math.MinInt64),
		`9223372036854775807::UBIGINT`:         int64(math.MaxInt64),
		`(-9223372036854775808)::HUGEINT`:      int64(math.MinInt64),
		`9223372036854775807::HUGEINT`:         int64(math.MaxInt64),
		`sum(1)`:                               int64(1),
		`0.5::FLOAT`:                           0.5,
		`0.1::DOUBLE`:                          0.1,
		`'-Infinity'::DOUBLE`:                  math.Inf(-1),
		`1.50::DECIMAL(3, 2)`:                  "1.50",
		`(-0.05)::DECIMAL(5, 2)`:               "-0.05",
		`123456.7::DECIMAL(9, 1)`:              "123456.7",
		`(-12345678901.25)::DECIMAL(18, 2)`:    "-12345678901.25",
		`12345678901234567890::DECIMAL(38, 3)`: "12345678901234567890.000",
		`(-0.001)::DECIMAL(38, 3)`:             "-0.001",
		`7::DECIMAL(38, 0)`:                    "7",
		`''`:                                   "",
		`'twelve bytes'`:                       "twelve bytes",
		`'thirteen byte'`:                      "thirteen byte",
		`'a' || chr(0) || 'b'`:                 "a\x00b",
		`'\xff\x00'::BLOB`:                     []byte{0xff, 0},
		`'0B4E5A70-1c2d-4e3f-8a9b-00ff00ff00ff'::UUID`: "0b4e5a70-1c2d-4e3f-8a9b-00ff00ff00ff",
		`json_object('a', 1)`:                          `{"a":1}`,
	} {
		got, err := query(t.Context(), db, "SELECT "+sql)
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0][0], want) {
			t.Errorf("%s: got %#v, %v, want %#v", sql, got, err, want)
		}
	}
	for _, sql := range []string{`9223372036854775808::UBIGINT`, `9223372036854775808::HUGEINT`, `(-9223372036854775809)::HUGEINT`} {
		if got, err := query(t.Context(), db, "SELECT "+sql); err == nil || !strings.Contains(err.Error(), "does not fit") {
			t.Errorf("%s: got %v, %v, want an error", sql, got, err)
		}
	}
	for _, sql := range []string{`[1, 2]`, `{'a': 1}`, `now()`, `INTERVAL 1 DAY`} {
		if got, err := query(t.Context(), db, "SELECT "+sql+` AS "wrong"`); err == nil || !strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: got %v, %v, want an error that names the column", sql, got, err)
		}
	}
}

func TestQueryManyRows(t *testing.T) {
	db := openMemory(t)
	r, err := db.Query(t.Context(), `SELECT range, CASE WHEN range % 3 <> 0 THEN 'text number ' || range END FROM range(10000)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := int64(0)
	for ; r.Next(); n++ {
		v := r.Values()
		if v[0] != n || (v[1] == nil) != (n%3 == 0) {
			t.Fatalf("row %d is %v", n, v)
		}
	}
	if n != 10000 || r.Err() != nil {
		t.Errorf("got %d rows, %v, want 10000", n, r.Err())
	}
}

// TestQueryFailsLate: an error that comes after the first rows is reported, and the
// connection is as good as new.
func TestQueryFailsLate(t *testing.T) {
	db := openMemory(t)
	got, err := query(t.Context(), db, `SELECT CASE WHEN range = 300000 THEN error('late') ELSE range END FROM range(1000000)`)
	if err == nil || !strings.Contains(err.Error(), "late") || len(got) == 0 {
		t.Errorf("got %d rows, %v, want some and the error", len(got), err)
	}
	if got, err := query(t.Context(), db, `SELECT 1`); err != nil || len(got) != 1 {
		t.Errorf("the query after: got %v, %v", got, err)
	}
}

// TestQueryStreams: a result of ten gigabytes is not kept before its first row is read.
func TestQueryStreams(t *testing.T) {
	db := openWith(t, duckdb.Config{MemoryLimit: 200e6})
	defer db.Close()
	r, err := db.Query(t.Context(), `SELECT repeat('x', 10000) || range FROM range(1000000)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if !r.Next() {
			t.Fatalf("no row: %v", r.Err())
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// TestQuerySpills: a sort that does not fit into the memory limit goes to disk beside
// the file, although nothing else may be reached; without a file it fails.
func TestQuerySpills(t *testing.T) {
	const big = `SELECT s FROM (SELECT md5(range::VARCHAR) || repeat('x', 200) AS s FROM range(600000)) ORDER BY s`
	dir := t.TempDir()
	db := openWith(t, duckdb.Config{Path: filepath.Join(dir, "events.duckdb"), MemoryLimit: 64e6, Threads: 2})
	got, err := query(t.Context(), db, `SELECT count(*) FROM (`+big+` LIMIT 599999)`)
	if err != nil || got[0][0] != int64(599999) {
		t.Errorf("got %v, %v, want 599999", got, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	t.Chdir(dir)
	memory := openWith(t, duckdb.Config{MemoryLimit: 64e6, Threads: 2})
	defer memory.Close()
	if got, err := query(t.Context(), memory, `SELECT count(*) FROM (`+big+` LIMIT 599999)`); err == nil {
		t.Errorf("a sort of 140 MB in 64 MB gave %v", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestArguments: what stands in place of parameters of either kind, in a statement with
// and without tables of its own.
func TestArguments(t *testing.T) {
	db := openWith(t, duckdb.Config{})
	defer db.Close()
	for sql, want := range map[string][]any{
		`SELECT ?::VARCHAR, ?::BIGINT`:                                                         {"a", int64(7)},
		`SELECT $2::BIGINT, $1::VARCHAR, $2::BIGINT`:                                           {int64(7), "a", int64(7)},
		`SELECT a, b FROM (SELECT ?::VARCHAR AS a, ?::BIGINT AS b)`:                            {"a", int64(7)},
		`WITH x AS MATERIALIZED (SELECT $1::VARCHAR AS a, $2::BIGINT AS b) SELECT b, a FROM x`: {int64(7), "a"},
		`WITH RECURSIVE x AS (SELECT $1::VARCHAR AS a, 1 AS b UNION ALL SELECT a, b + 1 FROM x WHERE b < $2) SELECT max(b)::BIGINT FROM x`: {int64(7)},
		`SELECT count(*) FROM range(10) AS t(i) WHERE ?::VARCHAR = 'a' AND i < ?`:                                                          {int64(7)},
	} {
		r, err := db.Query(t.Context(), sql, []any{"a", int64(7)})
		if err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		if !r.Next() || !reflect.DeepEqual(r.Values(), want) {
			t.Errorf("%s: %v, want %v", sql, r.Values(), want)
		}
		if err := errors.Join(r.Err(), r.Close()); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestQueryReachesNothing: no SQL reads or writes a file, loads code or changes a
// setting.
func TestQueryReachesNothing(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := openWith(t, duckdb.Config{Path: filepath.Join(dir, "events.duckdb")})
	defer db.Close()
	for _, sql := range []string{
		`SELECT * FROM read_csv('$')`, `SELECT * FROM '$'`, `FROM '$'`, `SELECT * FROM read_text('$')`, `SELECT * FROM read_blob('$')`,
		`SELECT * FROM read_json('$')`, `SELECT * FROM read_parquet('$')`, `SELECT * FROM sniff_csv('$')`, `SELECT * FROM glob('$')`,
		`SELECT * FROM read_text('/proc/self/environ')`, `SELECT * FROM query('SELECT * FROM read_text(''$'')')`,
		`SELECT * FROM query_table('$')`, `WITH x AS (FROM read_text('$')) SELECT * FROM x`,
		`COPY (SELECT 1) TO '$'`, `COPY event."SpoorSources" TO '$'`, `EXPORT DATABASE '$'`, `IMPORT DATABASE '$'`,
		`ATTACH '$'`, `ATTACH ':memory:' AS other`, `DETACH incoming`, `USE incoming`,
		`INSTALL httpfs`, `LOAD httpfs`, `LOAD '$'`, `FORCE INSTALL httpfs FROM 'https://192.0.2.1'`,
		`SELECT * FROM read_csv('https://192.0.2.1/x.csv')`,
		`PRAGMA database_list`, `PRAGMA enable_profiling`, `PRAGMA threads=1`, `PRAGMA show_tables`,
		`SET threads = 1`, `SET enable_external_access = true`, `SET lock_configuration = false`, `RESET threads`, `SET VARIABLE x = 1`,
		`CALL pragma_version()`, `CHECKPOINT`, `FORCE CHECKPOINT`, `VACUUM`, `ANALYZE`, `EXPLAIN SELECT 1`, `EXPLAIN ANALYZE SELECT 1`,
		`CREATE SECRET (TYPE s3)`, `CREATE MACRO f() AS 1`, `CREATE TEMP TABLE x AS SELECT 1`, `PREPARE p AS SELECT 1`, `EXECUTE p`, `DEALLOCATE p`,
	} {
		if got, err := query(t.Context(), db, strings.ReplaceAll(sql, "$", secret)); err == nil {
			t.Errorf("%s was run and gave %v", sql, got)
		}
	}
	if left, err := os.ReadFile(secret); err != nil || string(left) != "a,b\n1,2\n" {
		t.Errorf("the file is now %q, %v", left, err)
	}
}

func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.duckdb")
	db := openWith(t, duckdb.Config{Path: path})
	s := &store.Source{Name: "a.log", Site: "north"}
	if err := db.CreateSource(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
	batch := func() *store.Batch {
		b := &store.Batch{Source: s, From: s.Ordinal, Records: []store.Record{{Ordinal: s.Ordinal, Raw: []byte("raw"), Rows: []schema.Row{row}}}}
		s.Ordinal++
		return b
	}
	if err := db.Append(t.Context(), batch()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db = openWith(t, duckdb.Config{Path: path, ReserveBytes: math.MaxInt64})
	defer db.Close()
	if err := db.Append(t.Context(), batch()); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("got %v, want ErrDiskFull", err)
	}
	sources, err := db.Sources(t.Context())
	if err != nil || len(sources) != 1 || sources[0].Ordinal != 1 {
		t.Errorf("got %v, %v, want the source at record 1", sources, err)
	}
}

func TestInMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T, dir string) store.Engine {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			t.Skip("what is in memory is gone after closing")
		}
		if err := os.WriteFile(filepath.Join(dir, "opened"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return openWith(t, duckdb.Config{})
	})
}

// TestCloseInterruptsQueries: a query that runs cannot hold up the end.
func TestCloseInterruptsQueries(t *testing.T) {
	db := openWith(t, duckdb.Config{})
	r, err := db.Query(t.Context(), `SELECT range FROM range(1000000000000)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error)
	go func() {
		for r.Next() {
		}
		read <- errors.Join(r.Err(), r.Close())
	}()
	begun := time.Now()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; err == nil {
		t.Error("an endless query ended without an error")
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("closing took %s", took)
	}
	if _, err := db.Query(t.Context(), `SELECT 1`, nil); err == nil {
		t.Error("a closed store ran a query")
	}
	if err := db.Append(t.Context(), &store.Batch{Source: &store.Source{}}); err == nil {
		t.Error("a closed store took a batch")
	}
}
