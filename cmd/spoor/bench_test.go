package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/generate"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/store"
)

// The benchmarks of the main job work on a store that is made once and can be kept:
//
//	SPOOR_BENCH_DIR=/tmp/bench SPOOR_BENCH_EVENTS=20000000 \
//	  go test -tags duckdb_arrow ./cmd/spoor -run '^$' -bench . -timeout 60m
//
// Without SPOOR_BENCH_DIR it is made in a temporary folder, with a million records.

// benchStore is the data folder of an invented organisation of benchEvents records.
func benchStore(b *testing.B) (dataDir string) {
	b.Helper()
	dir := os.Getenv("SPOOR_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	events := int64(1_000_000)
	if text := os.Getenv("SPOOR_BENCH_EVENTS"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		events = n
	}
	dataDir = filepath.Join(dir, "data")
	if _, err := os.Stat(dataDir); err == nil {
		return dataDir
	}
	devices := int(max(events/4000, generate.MinDevices))
	if _, err := generate.Write(b.Context(), generate.Config{Devices: devices, Days: 30, Events: events, Seed: 1, End: benchEnd}, dir); err != nil {
		b.Fatal(err)
	}
	svc := openBench(b, dataDir)
	began := time.Now()
	if err := svc.loadOrganisation(b.Context(), dir); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if err := svc.events.Merge(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := svc.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dataDir, "events.duckdb"))
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d devices, %d records taken in within %v: %.0f records/s, %.0f bytes on disk a record; %d MiB resident at most",
		devices, events, took.Round(time.Second), float64(events)/took.Seconds(), float64(info.Size())/float64(events), peakRSS()>>20)
	return dataDir
}

func openBench(b *testing.B, dataDir string) *service {
	b.Helper()
	s := settings{dataDir: dataDir, reserve: 1}
	s.http.Listen = "127.0.0.1:0"
	svc, err := openService(b.Context(), s, io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	svc.pages.Now = func() time.Time { return benchEnd }
	return svc
}

// benchAddresses are the control server of the story, an address of many devices and
// one of a few; or those in SPOOR_BENCH_ADDRESSES, for a folder with other logs.
func benchAddresses() []string {
	if text := os.Getenv("SPOOR_BENCH_ADDRESSES"); text != "" {
		return strings.Split(text, ",")
	}
	return []string{generate.ControlAddress, "10.1.10.10", "198.51.100.251"}
}

// BenchmarkIPAnswer measures the document of an address: just after the start (cold),
// asked again (warm), and asked anew after something was committed, so that nothing of it
// is kept (changed). Beside it the count of its events by source kind, host and day in the
// raw table.
func BenchmarkIPAnswer(b *testing.B) {
	dataDir := benchStore(b)
	for _, address := range benchAddresses() {
		req := entitypage.Request{ID: entity.ID{Kind: entity.IP, Value: address}}
		b.Run("cold/"+address, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				svc := openBench(b, dataDir)
				b.StartTimer()
				build(b, svc, req)
				b.StopTimer()
				if err := svc.Close(); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
		svc := openBench(b, dataDir)
		b.Run("warm/"+address, func(b *testing.B) {
			waitForRarity(b, svc, req)
			before := cpuTime()
			for b.Loop() {
				build(b, svc, req)
			}
			b.ReportMetric(float64((cpuTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
		b.Run("changed/"+address, func(b *testing.B) {
			waitForRarity(b, svc, req)
			var cpu time.Duration
			for b.Loop() {
				b.StopTimer()
				alias := []store.DeviceAlias{{From: device.ID("bench", "one"), To: device.ID("bench", "two")}}
				if err := svc.events.PutAliases(b.Context(), alias); err != nil {
					b.Fatal(err)
				}
				before := cpuTime()
				b.StartTimer()
				build(b, svc, req)
				cpu += cpuTime() - before
			}
			b.ReportMetric(float64(cpu.Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
		b.Run("raw/"+address, func(b *testing.B) {
			for b.Loop() {
				countRaw(b, svc, address)
			}
		})
		if err := svc.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func build(b *testing.B, svc *service, req entitypage.Request) {
	b.Helper()
	doc, err := svc.pages.Build(b.Context(), req)
	if err != nil || len(doc.Errors) > 0 {
		b.Fatalf("%v %+v", err, doc)
	}
}

// waitForRarity asks until the share of rarer addresses has been counted in the
// background, which would otherwise be measured with the first answers.
func waitForRarity(b *testing.B, svc *service, req entitypage.Request) {
	b.Helper()
	began := time.Now()
	for time.Since(began) < 2*time.Minute {
		doc, err := svc.pages.Build(b.Context(), req)
		if err != nil {
			b.Fatal(err)
		}
		if doc.Prevalence.RarerThan != nil || doc.Identity.Own {
			b.Logf("rarity after %v", time.Since(began).Round(time.Millisecond))
			return
		}
		<-time.After(100 * time.Millisecond)
	}
}

// countRaw counts what the page shows of log activity, from the events themselves.
func countRaw(b *testing.B, svc *service, address string) {
	b.Helper()
	rows, err := svc.events.Query(b.Context(), `SELECT "_SourceKind", "DeviceName", "LocalIP", "RemoteIP", "Timestamp" // 864000000000 AS day,
  count(*), min("Timestamp"), max("Timestamp")
FROM event."DeviceNetworkEvents" WHERE "LocalIP" = ? OR "RemoteIP" = ? GROUP BY ALL`, []any{address, address})
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		_ = rows.Values()
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.Fatal(err)
	}
}

// answersWhileIngesting is how many answers an iteration of
// BenchmarkIPAnswerWhileIngesting takes the times of, and answerPause how long an
// analyst looks at one.
const (
	answersWhileIngesting = 100
	answerPause           = 100 * time.Millisecond
)

// BenchmarkIPAnswerWhileIngesting measures the answer while logs are taken in at full
// speed, into a copy of the store: the median and the slowest.
func BenchmarkIPAnswerWhileIngesting(b *testing.B) {
	dataDir := filepath.Join(b.TempDir(), "data")
	if err := os.CopyFS(dataDir, os.DirFS(benchStore(b))); err != nil {
		b.Fatal(err)
	}
	svc := openBench(b, dataDir)
	more := filepath.Join(b.TempDir(), "more")
	if _, err := generate.Write(b.Context(), generate.Config{
		Devices: 300, Days: 10, Events: 1_000_000, Seed: 2, End: benchEnd,
	}, more); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	var ingesting sync.WaitGroup
	var taken atomic.Int64
	ingesting.Go(func() {
		// Another site each time, so that the same logs are new.
		for round := 0; ctx.Err() == nil; round++ {
			_ = receive.Walk(ctx, []string{filepath.Join(more, generate.LogsDir)}, nil, receive.Config{}, receive.Visitor{
				Input: func(in *receive.Input) error {
					var told int64
					count := func(r ingest.Report) {
						taken.Add(r.Read - told)
						told = r.Read
					}
					r, err := svc.pipeline.Run(ctx, in, ingest.Options{Site: "site" + strconv.Itoa(round), Progress: count})
					if err == nil {
						count(r)
					} else if ctx.Err() == nil {
						b.Errorf("take in %s: %v", in.Name, err)
						stop() // the answers would be those of an idle store
					}
					return err
				},
				Problem: func(p *receive.Problem) { b.Errorf("%v", p) },
			}) // ended by stop, or said above
		}
	})
	for _, address := range benchAddresses() {
		b.Run(address, func(b *testing.B) {
			req := entitypage.Request{ID: entity.ID{Kind: entity.IP, Value: address}}
			var took []time.Duration
			before := taken.Load()
			for b.Loop() {
				for range answersWhileIngesting {
					began := time.Now()
					build(b, svc, req)
					took = append(took, time.Since(began))
					<-time.After(answerPause)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(taken.Load()-before)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms-median")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms-slowest")
		})
	}
	stop()
	ingesting.Wait()
	if err := svc.Close(); err != nil {
		b.Fatal(err)
	}
}
