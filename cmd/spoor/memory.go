package main

import (
	"bufio"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// How the machine's memory is shared out. The engine's own default, 80 % of it, leaves
// too little for what DuckDB does not count (plans, results on their way, allocators) and
// for the Go heap, and the kernel ends the server. The rest is the file cache's.
const (
	storeShare  = 2 // half is the event store's: buffers, sorts, groups, joins
	heapShare   = 4 // a quarter bounds the Go heap, softly
	queryShare  = 2 // half of the store's may be held by queries, as they are estimated
	unknownSize = 4 << 30
)

// memoryShares is what each part of the server may use, in bytes.
type memoryShares struct {
	store   int64 // DuckDB's limit
	heap    int64 // the Go heap's
	queries int64 // what all queries together may be estimated to hold, part of store
}

// shareMemory divides the memory of a machine, in bytes; 0: not known. store, if not 0,
// is what the administrator gives the event store.
func shareMemory(machine, store int64) memoryShares {
	if machine <= 0 {
		machine = unknownSize
	}
	if store <= 0 {
		store = machine / storeShare
	}
	return memoryShares{store: store, heap: machine / heapShare, queries: store / queryShare}
}

// boundHeap bounds the Go heap, unless the environment does (GOMEMLIMIT).
func boundHeap(bytes int64) {
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(bytes)
	}
}

// machineMemory is the memory of the machine or, if that is less, what the container may
// use of it, in bytes; 0 where the system does not tell.
func machineMemory() int64 {
	total := memTotal("/proc/meminfo")
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// "max" is no number, and means no limit.
		if n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil && n > 0 && (total == 0 || n < total) {
			total = n
		}
	}
	return total
}

func memTotal(path string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), "MemTotal:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
		if err != nil {
			return 0
		}
		return kib << 10
	}
	return 0
}
