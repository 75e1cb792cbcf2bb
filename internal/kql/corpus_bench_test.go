package kql_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"spoor/internal/kql"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// BenchmarkCorpus compiles the published hunting queries of the shared material, from
// text to SQL, as over an empty store and as over one that has rows in every table. It
// gives the median, the 99th percentile and the slowest of the queries, each measured by
// the quickest of its compilations: by the processor time of its thread, which other work
// on the machine does not lengthen, and by the clock.
func BenchmarkCorpus(b *testing.B) {
	queries := corpus(b)
	for name, exists := range map[string]func(string) bool{
		"empty":       func(string) bool { return false },
		"every table": func(string) bool { return true },
	} {
		b.Run(name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			best, clock := make([]time.Duration, len(queries)), make([]time.Duration, len(queries))
			compiled := 0
			for b.Loop() {
				compiled = 0
				for i, q := range queries {
					began, before := time.Now(), threadTime(b)
					c, _ := kql.Compile(q, kql.Env{Catalog: schema.Default(), Exists: exists, Now: 1 << 59})
					took, passed := threadTime(b)-before, time.Since(began)
					if clock[i] == 0 || passed < clock[i] {
						clock[i] = passed
					}
					if best[i] == 0 || took < best[i] {
						best[i] = took
					}
					if c != nil {
						compiled++
					}
				}
			}
			slices.Sort(best)
			slices.Sort(clock)
			at := func(share float64) float64 {
				return float64(best[int(share*float64(len(best)-1))].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(compiled), "compiled")
			b.ReportMetric(at(0.5), "cpu-ms-median")
			b.ReportMetric(at(0.99), "cpu-ms-p99")
			b.ReportMetric(at(1), "cpu-ms-slowest")
			b.ReportMetric(float64(clock[int(0.99*float64(len(clock)-1))].Microseconds())/1000, "ms-p99")
		})
	}
}

// threadTime is the processor time that this thread has used.
func threadTime(b *testing.B) time.Duration {
	b.Helper()
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID of clock_gettime(2); getrusage counts in steps of 4 ms
	var at syscall.Timespec
	if _, _, err := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&at)), 0); err != 0 {
		b.Fatal(err)
	}
	return time.Duration(at.Nano())
}

// corpus reads the queries.
func corpus(b *testing.B) []string {
	b.Helper()
	f, err := os.Open(filepath.Join(sharedtest.Dir(b), "conformance", "hunting.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var out []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var c struct{ Query string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			b.Fatal(err)
		}
		out = append(out, c.Query)
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	if len(out) < 1000 {
		b.Fatalf("only %d queries in the corpus", len(out))
	}
	return out
}
