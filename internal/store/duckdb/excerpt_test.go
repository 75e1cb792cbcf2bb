package duckdb

import (
	"fmt"
	"testing"

	"spoor/internal/store"
)

// An excerpt grows by the rows of batches that were committed since, of old sources and new
// ones; the excerpt of an earlier snapshot stays what it was. Rows are copied anew after
// something was removed.
func TestExcerptGrows(t *testing.T) {
	db := openBench(t)
	var sources []*store.Source
	var address string
	commit := func(source int, seed uint64) {
		t.Helper()
		for len(sources) <= source {
			sources = append(sources, &store.Source{Name: fmt.Sprintf("%d.log", len(sources)), Site: "hq"})
			if err := db.CreateSource(t.Context(), sources[len(sources)-1]); err != nil {
				t.Fatal(err)
			}
		}
		b := zeekBatch(sources[source], 300, seed)
		follow(b)
		address = b.Sightings[0].Entity
		if err := db.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	// rows counts those of the excerpt and of the event table.
	rows := func(s store.Snapshot, from string) (counts []any) {
		t.Helper()
		for _, table := range []string{from, `event."DeviceNetworkEvents"`} {
			r, err := s.Query(t.Context(), `SELECT count(*), sum("_RawId")::VARCHAR FROM `+table+` WHERE "LocalIP" = ? OR "RemoteIP" = ?`, []any{address, address})
			if err != nil {
				t.Fatal(err)
			}
			for r.Next() {
				counts = append(counts, fmt.Sprint(r.Values()))
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return counts
	}
	var copies []string // which tables the excerpts stand on, and how often they were added to
	look := func() {
		t.Helper()
		s, err := db.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		name, err := s.Excerpt(t.Context(), "DeviceNetworkEvents", address)
		if err != nil || name == "" {
			t.Fatalf("there is no excerpt: %v", err)
		}
		if counts := rows(s, name); counts[0] != counts[1] {
			t.Errorf("the excerpt has %v, the table %v", counts[0], counts[1])
		}
		on := s.(*snapshot).uses[0].on
		copies = append(copies, fmt.Sprintf("%s %d", on.name, on.added))
	}
	commit(0, 1)
	look()
	early, err := db.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	commit(0, 1)
	look()
	commit(1, 1)
	commit(0, 1)
	look()
	name, err := early.Excerpt(t.Context(), "DeviceNetworkEvents", address)
	if err != nil || name == "" {
		t.Fatalf("there is no excerpt of the early snapshot: %v", err)
	}
	if counts := rows(early, name); counts[0] != counts[1] {
		t.Errorf("the early excerpt has %v, the table %v", counts[0], counts[1])
	}
	if err := early.Close(); err != nil {
		t.Error(err)
	}
	if err := db.PutAliases(t.Context(), []store.DeviceAlias{{From: "a", To: "b"}}); err != nil {
		t.Fatal(err)
	}
	look() // nothing was added
	if err := db.RemoveSource(t.Context(), sources[1].ID); err != nil {
		t.Fatal(err)
	}
	look()
	want := fmt.Sprint([]string{copies[0], copies[0][:len(copies[0])-1] + "2", copies[0][:len(copies[0])-1] + "3", copies[0][:len(copies[0])-1] + "3", copies[4]})
	if fmt.Sprint(copies) != want || copies[4] == copies[0] {
		t.Errorf("the copies are %v, want %s", copies, want)
	}
}
