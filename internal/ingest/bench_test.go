//go:build unix

package ingest_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"spoor/internal/generate"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/store/duckdb"
)

// BenchmarkIngest measures records a second from files to committed, on a store on
// disk: Zeek's conn log, Sysmon's log, and all logs of an invented organisation.
//
//	go test -tags duckdb_arrow ./internal/ingest -run '^$' -bench Ingest -benchtime 3x
//
// With SPOOR_BENCH_LOGS=DIR the logs are made there once and kept.
func BenchmarkIngest(b *testing.B) {
	dir := os.Getenv("SPOOR_BENCH_LOGS")
	if dir == "" {
		dir = b.TempDir()
	}
	logs := filepath.Join(dir, generate.LogsDir)
	if _, err := os.Stat(logs); err != nil {
		if _, err := generate.Write(b.Context(), generate.Config{
			Devices: 300, Days: 10, Events: 2_000_000, Seed: 1, End: time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC),
		}, dir); err != nil {
			b.Fatal(err)
		}
	}
	for _, c := range []struct{ name, in string }{
		{"ZeekConn", "conn"},
		{"Sysmon", "sysmon"},
		{"Organisation", ""},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkIngest(b, filesNamed(b, logs, c.in)) })
	}
}

// filesNamed lists the files below dir with a word in their name.
func filesNamed(b *testing.B, dir, word string) []string {
	b.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(filepath.Base(path), word) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		b.Fatalf("no files named %q: %v", word, err)
	}
	return files
}

func benchmarkIngest(b *testing.B, files []string) {
	b.ReportAllocs()
	var records, bytes int64
	var used time.Duration
	for b.Loop() {
		path := filepath.Join(b.TempDir(), "events.duckdb")
		db, err := duckdb.Open(b.Context(), duckdb.Config{Path: path, ReserveBytes: -1})
		if err != nil {
			b.Fatal(err)
		}
		pipeline := ingest.New(ingest.Config{Store: db})
		records, bytes = 0, 0
		began := processorTime(b)
		for _, r := range takeFiles(b, pipeline, files) {
			records += r.Stored + r.Unmapped
			bytes += r.Bytes
		}
		b.StopTimer()
		used += processorTime(b) - began
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		if info, err := os.Stat(path); err == nil {
			b.ReportMetric(float64(info.Size())/float64(records), "diskB/record")
		}
		b.StartTimer()
	}
	b.SetBytes(bytes)
	b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(used.Microseconds())/float64(records)/float64(b.N), "cpu-µs/record")
}

// takeFiles takes files in, two under way at once as `spoor ingest` has them.
func takeFiles(b *testing.B, pipeline *ingest.Pipeline, files []string) []ingest.Report {
	b.Helper()
	reports := make([]ingest.Report, len(files))
	var group errgroup.Group
	group.SetLimit(2)
	for i, file := range files {
		group.Go(func() error {
			return receive.Walk(b.Context(), []string{file}, nil, receive.Config{}, receive.Visitor{
				Input: func(in *receive.Input) (err error) {
					reports[i], err = pipeline.Run(b.Context(), in, ingest.Options{})
					return err
				},
				Problem: func(p *receive.Problem) { b.Error(p) },
			})
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return reports
}

// processorTime is what the process has used so far, on all processors, the system's
// part included.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
