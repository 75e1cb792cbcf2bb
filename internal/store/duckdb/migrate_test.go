package duckdb

import (
	"os"
	"path/filepath"
	"testing"
)

// A file of the first layout is brought to this one, once.
func TestMigrateFromLayout1(t *testing.T) {
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
		if i == 0 {
			for _, sql := range []string{`DROP TABLE spoor.gap`, `DROP TABLE spoor.mark`, `UPDATE spoor.meta SET version = 1`} {
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
