package duckdb

import (
	"os"
	"path/filepath"
	"testing"
)

// A file of an earlier layout is brought to this one, once.
func TestMigrate(t *testing.T) {
	for name, back := range map[string][]string{
		"from layout 1": {`DROP TABLE spoor.gap`, `DROP TABLE spoor.mark`, `DROP TABLE spoor.place CASCADE`, `UPDATE spoor.meta SET version = 1`},
		"from layout 2": {`DROP TABLE spoor.place CASCADE`, `UPDATE spoor.meta SET version = 2`},
	} {
		t.Run(name, func(t *testing.T) { migrateFrom(t, back) })
	}
}

func migrateFrom(t *testing.T, back []string) {
	t.Helper()
	cfg := Config{Path: filepath.Join(t.TempDir(), "events.duckdb")}
	for i := range 3 {
		db, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		version, err := db.writer.number(t.Context(), `SELECT version FROM spoor.meta`)
		if err != nil || version != layoutVersion {
			t.Errorf("opened for the %d. time the layout is %d, %v", i+1, version, err)
		}
		if err := db.Content(t.Context(), 1, 0, 0, nil); err != nil {
			t.Error(err)
		}
		if _, err := db.Places(t.Context(), []string{"192.0.2.1"}); err != nil {
			t.Error(err)
		}
		if i == 0 {
			for _, sql := range back {
				if _, err := db.writer.exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What is in the file is for its owner alone.
func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.duckdb")
	db, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
}
