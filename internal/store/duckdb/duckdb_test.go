package duckdb_test

import (
	"path/filepath"
	"testing"

	"spoor/internal/store"
	"spoor/internal/store/duckdb"
	"spoor/internal/store/storetest"
)

func open(t *testing.T, dir string) store.Engine {
	t.Helper()
	return openWith(t, duckdb.Config{Path: filepath.Join(dir, "events.duckdb")})
}

// openWith opens a store of which the test takes care.
func openWith(t *testing.T, cfg duckdb.Config) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func TestEngine(t *testing.T) { storetest.Run(t, open) }
