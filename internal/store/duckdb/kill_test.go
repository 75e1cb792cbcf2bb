package duckdb_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
)

// killedEnv makes the test binary a process that appends to the store with that path
// until it is killed; killedSizeEnv is how many records its batches have, about.
const (
	killedEnv     = "SPOOR_TEST_APPEND_UNTIL_KILLED"
	killedSizeEnv = "SPOOR_TEST_KILLED_BATCH"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killedEnv); path != "" {
		size, err := strconv.Atoi(os.Getenv(killedSizeEnv))
		if err == nil {
			err = appendUntilKilled(path, size)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// appendUntilKilled appends to the one source of the store, merges now and then, and
// prints the position after each batch that is acknowledged.
func appendUntilKilled(path string, size int) error {
	ctx := context.Background()
	db, err := duckdb.Open(ctx, duckdb.Config{Path: path})
	if err != nil {
		return err
	}
	sources, err := db.Sources(ctx)
	if err != nil {
		return err
	}
	s := store.Source{Name: "killed.log", Site: "north"}
	if len(sources) > 0 {
		s = sources[0]
	} else if err := db.CreateSource(ctx, &s); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(uint64(s.Ordinal), 3))
	for n := 0; ; n++ {
		b := killedBatch(&s, 1+size/2+rng.IntN(size))
		if err := db.Append(ctx, b); err != nil {
			return err
		}
		if _, err := fmt.Println(s.Ordinal); err != nil {
			return err
		}
		if n%5 == 4 {
			if err := db.Merge(ctx); err != nil {
				return err
			}
		}
	}
}

// killedBatch is the next n records of the source. What a record says follows from its
// ordinal alone, so that the parent can tell what must be there.
func killedBatch(s *store.Source, n int) *store.Batch {
	b := &store.Batch{From: s.Ordinal, Source: s, IngestedAt: 1}
	table := schema.Default().MustTable("DeviceNetworkEvents")
	for i := range int64(n) {
		ordinal := b.From + i
		row := schema.NewRow(table)
		row.SetString("RemoteIP", killedAddress(ordinal))
		row.SetTime("Timestamp", schema.Ticks(ordinal))
		if text := textColumns[ordinal/2000%int64(len(textColumns))]; text != "RemoteIP" {
			row.SetString(text, "filled") // the table grows by a column now and then
		}
		peer := ""
		if n > 10_000 {
			peer = fmt.Sprint(ordinal) // the ledger is as large as the table
		}
		b.Records = append(b.Records, store.Record{Ordinal: ordinal, Raw: killedRaw(ordinal), Kind: "zeek.conn", Rows: []schema.Row{row}})
		b.Sightings = append(b.Sightings, store.Sighting{
			SightingKey: store.SightingKey{Kind: entity.IP, Entity: killedAddress(ordinal), Peer: peer, Source: s.ID, Site: s.Site, Table: table.Name},
			Records:     1, Last: schema.Ticks(ordinal), LastEvent: store.LastEvent{RawID: schema.NewRawID(s.ID, ordinal)},
		})
	}
	s.Ordinal += int64(n)
	s.Counts.Stored = s.Ordinal
	return b
}

var textColumns = func() []string {
	var names []string
	for _, c := range schema.Default().MustTable("DeviceNetworkEvents").Stored() {
		if c.Type == schema.String && !c.Hidden {
			names = append(names, c.Name)
		}
	}
	return names
}()

func killedAddress(ordinal int64) string { return fmt.Sprintf("192.0.2.%d", ordinal*ordinal%50) }

func killedRaw(ordinal int64) []byte {
	return fmt.Appendf(nil, "record %d to %s", ordinal, killedAddress(ordinal))
}

// TestKill kills a process that appends, again and again, and looks each time whether
// all that it acknowledged is there, once.
func TestKill(t *testing.T) {
	for _, c := range []struct {
		name       string
		size       int // of a batch, about
		rounds     int
		killWithin time.Duration // after the first acknowledgement
	}{
		{"small batches", 250, 50, 60 * time.Millisecond},
		// Of these the engine writes whole row groups to the file before it commits.
		{"large batches", 150_000, 3, 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			rounds := c.rounds
			if testing.Short() {
				rounds = min(rounds, 8)
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			rng := rand.New(rand.NewPCG(seed, 0))
			path := filepath.Join(t.TempDir(), "events.duckdb")
			var acknowledged int64
			for round := range rounds {
				after := time.Duration(rng.Int64N(int64(c.killWithin)))
				acknowledged = max(acknowledged, runAndKill(t, path, c.size, after))
				// Reading everything takes longest; the last round and every tenth do.
				verify(t, path, acknowledged, c.size < 1000 && (round%10 == 9 || round == rounds-1))
			}
			if acknowledged < int64(rounds) {
				t.Errorf("only %d records were acknowledged in %d rounds", acknowledged, rounds)
			}
		})
	}
}

// runAndKill runs the process, kills it some time after its first acknowledgement, and
// returns the last position acknowledged.
func runAndKill(t *testing.T, path string, size int, after time.Duration) int64 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), killedEnv+"="+path, fmt.Sprint(killedSizeEnv, "=", size))
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	position, err := readUntilKilled(cmd, out, after)
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the process ended by itself: %v\n%s", err, problems.String())
	}
	return position
}

func readUntilKilled(cmd *exec.Cmd, out io.Reader, after time.Duration) (position int64, err error) {
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		if _, err := fmt.Sscan(lines.Text(), &position); err != nil {
			return 0, fmt.Errorf("the process printed %q: %w", lines.Text(), err)
		}
		if first {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
	}
	return position, lines.Err()
}

// verify opens the store that was left behind and compares it with what the ordinals
// up to its position say.
func verify(t *testing.T, path string, acknowledged int64, whole bool) {
	t.Helper()
	db := openWith(t, duckdb.Config{Path: path})
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	sources, err := db.Sources(t.Context())
	if err != nil || len(sources) != 1 {
		t.Fatalf("got %d sources, %v, want 1", len(sources), err)
	}
	s := sources[0]
	if s.Ordinal < acknowledged {
		t.Fatalf("the source is at record %d, %d were acknowledged", s.Ordinal, acknowledged)
	}
	want := map[string]int64{}
	for ordinal := range s.Ordinal {
		want[killedAddress(ordinal)]++
	}
	got := numbers(t, db, `SELECT "RemoteIP", count(DISTINCT "_RawId"), count(*) FROM event."DeviceNetworkEvents" GROUP BY ALL`)
	seen := numbers(t, db, `SELECT "Entity", sum("Records"), sum("Records") FROM event."SpoorSightings" GROUP BY ALL`)
	for address, n := range want {
		if got[address] != [2]int64{n, n} || seen[address] != [2]int64{n, n} {
			t.Errorf("%s: %v rows (distinct, all), %v sightings, want %d", address, got[address], seen[address], n)
		}
	}
	step := s.Ordinal/20 + 1
	if whole {
		step = 7
	}
	for ordinal := int64(0); ordinal < s.Ordinal; ordinal += step {
		raw, err := db.Raw(t.Context(), schema.NewRawID(s.ID, ordinal))
		if err != nil || string(raw) != string(killedRaw(ordinal)) {
			t.Errorf("raw record %d: got %q, %v", ordinal, raw, err)
		}
	}
	if _, err := db.Raw(t.Context(), schema.NewRawID(s.ID, s.Ordinal)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a raw record beyond the position: %v", err)
	}
}

// numbers runs a query that gives a text and two numbers a row.
func numbers(t *testing.T, db *duckdb.DB, sql string) map[string][2]int64 {
	t.Helper()
	r, err := db.Query(t.Context(), sql, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	m := map[string][2]int64{}
	for r.Next() {
		v := r.Values()
		m[v[0].(string)] = [2]int64{v[1].(int64), v[2].(int64)}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}
