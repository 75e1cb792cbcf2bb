package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The parts fit into the machine, with room for what neither DuckDB nor Go counts, and
// queries wait for one another before the store is full.
func TestMemoryIsShared(t *testing.T) {
	const gib = 1 << 30
	for _, c := range []struct {
		machine, store int64
		want           memoryShares
	}{
		{24 * gib, 0, memoryShares{store: 12 * gib, heap: 6 * gib, queries: 6 * gib}},
		{24 * gib, 2 * gib, memoryShares{store: 2 * gib, heap: 6 * gib, queries: gib}},
		{0, 0, memoryShares{store: 2 * gib, heap: gib, queries: gib}},
	} {
		if got := shareMemory(c.machine, c.store); got != c.want {
			t.Errorf("shareMemory(%d, %d) = %+v, want %+v", c.machine, c.store, got, c.want)
		}
	}
}

func TestMemTotal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meminfo")
	if err := os.WriteFile(path, []byte("MemFree: 5 kB\nMemTotal:       24675204 kB\nBuffers: 1 kB\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := memTotal(path), int64(24675204<<10); got != want {
		t.Errorf("memTotal = %d, want %d", got, want)
	}
	if got := memTotal(path + "x"); got != 0 {
		t.Errorf("memTotal of no file = %d", got)
	}
}
