package kql_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"spoor/internal/kql"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// BenchmarkCorpus compiles the published hunting queries of the shared material, from
// text to SQL, as over an empty store and as over one that has rows in every table. It
// gives the median, the 99th percentile and the slowest of the queries, each measured by
// the quickest of its compilations.
func BenchmarkCorpus(b *testing.B) {
	queries := corpus(b)
	for name, exists := range map[string]func(string) bool{
		"empty":       func(string) bool { return false },
		"every table": func(string) bool { return true },
	} {
		b.Run(name, func(b *testing.B) {
			best := make([]time.Duration, len(queries))
			compiled := 0
			for b.Loop() {
				compiled = 0
				for i, q := range queries {
					began := time.Now()
					c, _ := kql.Compile(q, kql.Env{Catalog: schema.Default(), Exists: exists, Now: 1 << 59})
					if took := time.Since(began); best[i] == 0 || took < best[i] {
						best[i] = took
					}
					if c != nil {
						compiled++
					}
				}
			}
			slices.Sort(best)
			at := func(share float64) float64 {
				return float64(best[int(share*float64(len(best)-1))].Microseconds()) / 1000
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(compiled), "compiled")
			b.ReportMetric(at(0.5), "ms-median")
			b.ReportMetric(at(0.99), "ms-p99")
			b.ReportMetric(at(1), "ms-slowest")
		})
	}
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
