package duckdb

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// benchRows is the number of rows DuckDB keeps together; whole ones bypass the log.
const benchRows = 122_880

// zeekBatch is a batch of connections as Zeek writes them, 22 cells a row, with the two
// sightings of each: 5,000 hosts, 50,000 peers of which few are met often.
func zeekBatch(src *store.Source, n int, seed uint64) *store.Batch {
	rng := rand.New(rand.NewPCG(seed, 1))
	peers := rand.NewZipf(rng, 1.1, 8, 50_000)
	table := schema.Default().MustTable("DeviceNetworkEvents")
	start := schema.Ticks(638_000_000_000_000_000) + schema.Ticks(seed)*schema.TicksPerHour*4
	b := &store.Batch{Source: src, IngestedAt: start, Records: make([]store.Record, n)}
	for i := range n {
		at := start + schema.Ticks(i)*100_000
		host := rng.IntN(5000)
		local := fmt.Sprintf("10.%d.%d.%d", host>>8, host&255, 1+host%250)
		peer := peers.Uint64()
		remote := fmt.Sprintf("%d.%d.%d.%d", 11+peer%150, peer>>8&255, peer&255, 7+peer%200)
		device := fmt.Sprintf("host%04d.corp.example", host)
		uid := fmt.Sprintf("C%016x", rng.Uint64())
		lport, rport := 1024+rng.IntN(60000), []int{443, 80, 53, 22, 445}[rng.IntN(5)]
		out, in := rng.IntN(5000), rng.IntN(50000)
		r := schema.NewRow(table)
		r.SetTime("Timestamp", at)
		r.SetString("DeviceId", fmt.Sprintf("%040x", host*7919))
		r.SetString("DeviceName", device)
		r.SetString("ActionType", "ConnectionSuccess")
		r.SetString("RemoteIP", remote)
		r.SetInt("RemotePort", int64(rport))
		r.SetString("LocalIP", local)
		r.SetInt("LocalPort", int64(lport))
		r.SetString("Protocol", "Tcp")
		r.SetString("LocalIPType", "Private")
		r.SetString("RemoteIPType", "Public")
		r.SetString("InitiatingProcessFileName", "chrome.exe")
		r.SetInt("InitiatingProcessId", int64(rng.IntN(30000)))
		r.SetString("InitiatingProcessCommandLine", `"C:\Program Files\Google\Chrome\chrome.exe" --type=utility`)
		r.SetString("InitiatingProcessFolderPath", `c:\program files\google\chrome\chrome.exe`)
		r.SetString("InitiatingProcessAccountName", fmt.Sprintf("user%d", host%3000))
		r.SetString("InitiatingProcessAccountDomain", "corp")
		r.SetInt("ReportId", int64(i))
		r.SetString("AdditionalFields", fmt.Sprintf(`{"uid":%q,"duration":%.6f,"orig_bytes":%d,"resp_bytes":%d,"conn_state":"SF","history":"ShADadfF","orig_pkts":%d,"resp_pkts":%d,"service":"ssl"}`,
			uid, rng.Float64()*60, out, in, 1+out/900, 1+in/1400))
		r.SetString("SourceSystem", "Zeek")
		r.SetString("TenantId", "00000000-0000-0000-0000-000000000001")
		r.SetString("MachineGroup", "workstations")
		raw := fmt.Sprintf(`{"ts":%.6f,"uid":%q,"id.orig_h":%q,"id.orig_p":%d,"id.resp_h":%q,"id.resp_p":%d,"proto":"tcp","service":"ssl","duration":%.6f,"orig_bytes":%d,"resp_bytes":%d,"conn_state":"SF","local_orig":true,"local_resp":false,"missed_bytes":0,"history":"ShADadfF","orig_pkts":%d,"orig_ip_bytes":%d,"resp_pkts":%d,"resp_ip_bytes":%d}`,
			float64(at)/1e7, uid, local, lport, remote, rport, rng.Float64()*60, out, in, 1+out/900, out+400, 1+in/1400, in+400)
		b.Records[i] = store.Record{Raw: []byte(raw), Kind: "zeek.conn", Rows: []schema.Row{r}, Outcome: schema.OutcomeEstablished}
		for _, end := range [2][2]string{{local, remote}, {remote, local}} {
			b.Sightings = append(b.Sightings, store.Sighting{
				SightingKey: store.SightingKey{
					Kind: entity.IP, Entity: end[0], SourceKind: "zeek.conn", Source: src.ID, Site: src.Site, Device: device,
					DeviceID: "0123456789012345678901234567890123456789", Peer: end[1], Table: table.Name, Day: at.Day(), Roles: 5, Outcome: schema.OutcomeEstablished,
				},
				Records: 1, First: at, Last: at, BytesOut: int64(out), BytesIn: int64(in),
				LastEvent: store.LastEvent{RawID: schema.NewRawID(src.ID, int64(i)), Process: "chrome.exe", Account: "corp\\user", Port: int32(rport), Action: "ConnectionSuccess"},
			})
		}
	}
	return b
}

// follow moves a batch to the source's position.
func follow(b *store.Batch) {
	b.From = b.Source.Ordinal
	for i := range b.Records {
		b.Records[i].Ordinal = b.From + int64(i)
	}
	b.Source.Ordinal += int64(len(b.Records))
}

func openBench(tb testing.TB) *DB {
	tb.Helper()
	db, err := Open(context.Background(), Config{Path: filepath.Join(tb.TempDir(), "events.duckdb")})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// BenchmarkAppend appends whole row groups: build, insert, commit. rows/s is the figure.
func BenchmarkAppend(b *testing.B) {
	db := openBench(b)
	src := &store.Source{Name: "conn.log", Site: "bench"}
	if err := db.CreateSource(b.Context(), src); err != nil {
		b.Fatal(err)
	}
	var batches []*store.Batch
	for seed := range uint64(2) {
		batches = append(batches, zeekBatch(src, benchRows, seed))
	}
	var size int64
	for _, r := range batches[0].Records {
		size += int64(len(r.Raw))
	}
	b.SetBytes(size)
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime(b)
	for i := range b.N {
		batch := batches[i%len(batches)]
		follow(batch)
		if err := db.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(benchRows)*float64(b.N)/(cpuTime(b)-cpu).Seconds(), "rows/cpu-s")
}

// BenchmarkLookUpWhileAppending looks an address up while whole row groups come in as
// fast as they are taken; max-ms is the slowest answer.
func BenchmarkLookUpWhileAppending(b *testing.B) {
	db := openBench(b)
	src := &store.Source{Name: "conn.log", Site: "bench"}
	if err := db.CreateSource(b.Context(), src); err != nil {
		b.Fatal(err)
	}
	batch := zeekBatch(src, benchRows, 0)
	ctx, stop := context.WithCancel(b.Context())
	appended := make(chan error)
	go func() {
		var err error
		for err == nil {
			follow(batch)
			err = db.Append(ctx, batch)
		}
		appended <- err
	}()
	b.ResetTimer()
	var slowest time.Duration
	for range b.N {
		begun := time.Now()
		if _, err := db.Ledger(b.Context(), store.LedgerQuery{Kind: entity.IP, Entity: "11.117.48.7"}); err != nil {
			b.Fatal(err)
		}
		slowest = max(slowest, time.Since(begun))
	}
	b.StopTimer()
	b.ReportMetric(float64(slowest)/float64(time.Millisecond), "max-ms")
	stop()
	if err := <-appended; !errors.Is(err, context.Canceled) {
		b.Fatal(err)
	}
}

// cpuTime is what all threads of the process have used: on a busy machine it says more
// than the clock.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

// fillLedgerBench appends batches until the ledger has at least n rows.
func fillLedgerBench(b *testing.B, db *DB, n int) {
	b.Helper()
	src := &store.Source{Name: "conn.log", Site: "bench"}
	if err := db.CreateSource(b.Context(), src); err != nil {
		b.Fatal(err)
	}
	for seed := uint64(0); n > 0; seed++ {
		batch := zeekBatch(src, benchRows, seed)
		follow(batch)
		if err := db.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		n -= 2 * benchRows
	}
}

// BenchmarkLookUp looks one address up in a ledger of a million rows, as runs of the
// commits and merged, and, for comparison, in the events themselves.
func BenchmarkLookUp(b *testing.B) {
	db := openBench(b)
	fillLedgerBench(b, db, 1_000_000)
	// Peers 30000, 44444 and 49999 of zeekBatch, which are met a few times.
	peers := []string{"11.117.48.7", "55.173.156.51", "60.195.79.206"}
	ledger := func(b *testing.B) {
		found := 0
		for i := range b.N {
			list, err := db.Ledger(b.Context(), store.LedgerQuery{Kind: entity.IP, Entity: peers[i%len(peers)]})
			if err != nil {
				b.Fatal(err)
			}
			found += len(list)
		}
		b.ReportMetric(float64(found)/float64(b.N), "sightings/op")
	}
	b.Run("runs", ledger)
	b.Run("events", func(b *testing.B) {
		for i := range b.N {
			r, err := db.Query(b.Context(), `SELECT "DeviceName", count(*), min("Timestamp"), max("Timestamp")
				FROM event."DeviceNetworkEvents" WHERE "RemoteIP" = ? OR "LocalIP" = ? GROUP BY ALL`, []any{peers[i%len(peers)], peers[i%len(peers)]})
			if err != nil {
				b.Fatal(err)
			}
			for r.Next() {
			}
			if err := errors.Join(r.Err(), r.Close()); err != nil {
				b.Fatal(err)
			}
		}
	})
	begun, cpu := time.Now(), cpuTime(b)
	if err := db.Merge(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("merging a million rows: %s, %s of processor time", time.Since(begun), cpuTime(b)-cpu)
	b.Run("merged", ledger)
}
