// Package storetest states what every event store promises, as tests that each engine
// runs. A failing subtest names the promise that is broken.
//
// Expected values come from the batches themselves: the tests count them with plain
// loops and maps (see tally), never with the engine's own means.
package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// Open opens the engine under test on a folder, empty or left by an earlier engine that
// was closed.
type Open func(t *testing.T, dir string) store.Engine

// Run runs all promises as subtests.
func Run(t *testing.T, open Open) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) { p.test(t, start(t, open)) })
	}
}

type promise struct {
	name string
	test func(t *testing.T, h *harness)
}

var promises = []promise{
	{"a batch is committed whole", batchIsWhole},
	{"commits are seen whole", commitsAreSeenWhole},
	{"a batch that fails leaves nothing", failureLeavesNothing},
	{"a batch that is cancelled leaves nothing", cancelLeavesNothing},
	{"a batch appended again changes nothing", repetitionChangesNothing},
	{"a batch that does not follow is a conflict", gapIsConflict},
	{"a source nobody created takes no batch", unknownSource},
	{"a key is remembered", keyIsRemembered},
	{"a source takes part in nothing before its first batch", sourceWithoutBatch},
	{"a source keeps its position", sourceKeepsPosition},
	{"a source is found by its head", sourceFoundByHead},
	{"a source is found by its beginning", sourceFoundByMark},
	{"the content of a source comes back", contentComesBack},
	{"an ID is never used again", idNeverUsedAgain},
	{"everything is there after reopening", reopen},

	{"copies share the record's ID", copiesShareRawID},
	{"hidden columns are filled", hiddenColumns},
	{"values come back as they went in", valuesComeBack},
	{"hostile text comes back", hostileText},
	{"names that differ only in case are two columns", caseDiffersColumns},
	{"the first and last moments can be stored", timeExtremes},
	{"a table exists with its first row", tableWithFirstRow},
	{"a column filled later is empty in earlier rows", columnFilledLater},
	{"raw records come back byte for byte", rawRecords},

	{"the ledger equals a recount", ledgerEqualsRecount},
	{"the order of sources does not matter", orderDoesNotMatter},
	{"sites are kept apart", sitesApart},
	{"days and site bound a look-up", ledgerBounds},
	{"of two last events the later one is kept", latestEvent},
	{"merging changes no answer", mergeChangesNothing},
	{"stretches add up the ledger", stretchesAddUp},
	{"many entities are looked up at once", manyAtOnce},
	{"entities are found by how they begin", namedByBeginning},
	{"many addresses are asked for at once", amongMany},
	{"stretches are not too long", longStretches},
	{"the days of an entity are counted", dayCounts},
	{"rows and days are of one state", activityOfOneState},
	{"tallies add up", tallies},
	{"last events are looked up", lastEvents},
	{"claims equal a recount", claimsEqualRecount},
	{"holders are folded", holdersOnly},
	{"claims are found by address and time", claimsByTime},
	{"coverage counts primary rows", coverage},
	{"active devices are counted once", activeDevices},
	{"addresses without a place are found", unplaced},
	{"places are replaced by address", placesReplaced},
	{"places go with the last sighting of their address", placesGo},
	{"aliases lead to the last device", aliases},
	{"a device can be renamed in one source", renameDevices},
	{"views exist from the start with the catalogue's columns", viewsExist},

	{"a source removed was never there", removeSource},
	{"a source removed can be taken in again", removeAndReturn},
	{"removing what is not there is not found", removeUnknown},
	{"expiry takes events and keeps the ledger", expireKeepsLedger},

	{"a reader sees whole batches only", readersSeeWholeBatches},
	{"a query ends when it is cancelled", cancelQuery},
	{"a query cannot write", queryCannotWrite},
	{"arguments are values", argumentsAreValues},
	{"a snapshot stays as it was", snapshotStays},
	{"an excerpt has the rows of an address", excerptOfAddress},
	{"excerpts agree with their snapshots while the store goes on", excerptsWhileGrowing},
	{"a query reads its inputs", queryReadsInputs},
	{"an input of another type is refused", inputOfAnotherType},
}

// harness is an engine under test.
type harness struct {
	t    *testing.T
	open Open
	dir  string
	store.Engine
}

// start opens an engine on an empty folder; it is closed with the test.
func start(t *testing.T, open Open) *harness {
	t.Helper()
	h := &harness{t: t, open: open, dir: t.TempDir()}
	h.Engine = open(t, h.dir)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

// reopen closes the engine and opens it again.
func (h *harness) reopen() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Fatalf("close: %v", err)
	}
	h.Engine = h.open(h.t, h.dir)
}

func (h *harness) ctx() context.Context { return h.t.Context() }

// source creates a source.
func (h *harness) source(name, site string) *store.Source {
	h.t.Helper()
	s := &store.Source{Name: name, Site: site, Format: "test", Head: []byte("head of " + name)}
	if err := h.CreateSource(h.ctx(), s); err != nil {
		h.t.Fatalf("create source: %v", err)
	}
	return s
}

// append appends batches that must be taken.
func (h *harness) append(batches ...*store.Batch) {
	h.t.Helper()
	for _, b := range batches {
		if err := h.Append(h.ctx(), b); err != nil {
			h.t.Fatal(err)
		}
	}
}

// rows runs a query and gives every row as text, the values separated by "|".
func (h *harness) rows(sql string, args ...any) []string {
	h.t.Helper()
	lines, err := readAll(h.ctx(), h.Engine, sql, args...)
	if err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	return lines
}

func readAll(ctx context.Context, e store.Engine, sql string, args ...any) ([]string, error) {
	r, err := e.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return readRows(r)
}

func readRows(r store.Rows) ([]string, error) {
	defer r.Close()
	var lines []string
	for r.Next() {
		lines = append(lines, line(r.Values()))
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return lines, r.Close()
}

func line(values []any) string {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte('|')
		}
		switch v := v.(type) {
		case nil:
			b.WriteString("null")
		case string:
			b.WriteString(v)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String()
}

// want compares rows of text.
func (h *harness) want(what string, got []string, want ...string) {
	h.t.Helper()
	if !slices.Equal(got, want) {
		h.t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

// wantRows compares the result of a query.
func (h *harness) wantRows(sql string, want ...string) {
	h.t.Helper()
	h.want(sql, h.rows(sql), want...)
}

// contents is everything that can be read from an engine, by what it is.
func (h *harness) contents() map[string][]string {
	h.t.Helper()
	all := map[string][]string{}
	tables, err := h.Tables(h.ctx())
	if err != nil {
		h.t.Fatal(err)
	}
	for name, rows := range tables {
		got := h.rows(`SELECT * FROM event."` + name + `" ORDER BY ALL`)
		if int64(len(got)) != rows {
			h.t.Errorf("Tables says %d rows of %s, a query gives %d", rows, name, len(got))
		}
		all[name] = got
	}
	for _, view := range []string{schema.SpoorSightings, schema.SpoorAddressHolders, schema.SpoorSources} {
		all[view] = h.rows(`SELECT * FROM event."` + view + `" ORDER BY ALL`)
	}
	covered, err := h.Coverage(h.ctx())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range covered {
		all["coverage"] = append(all["coverage"], fmt.Sprint(c))
	}
	sources, err := h.Sources(h.ctx())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range sources {
		all["sources"] = append(all["sources"], fmt.Sprint(s))
	}
	return all
}

// wantContents compares two contents.
func (h *harness) wantContents(got, want map[string][]string) {
	h.t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			h.t.Errorf("%s is gone", name)
		}
	}
	for name, lines := range got {
		if wanted, ok := want[name]; !ok {
			h.t.Errorf("%s is there and was not expected, with %d rows", name, len(lines))
		} else if !slices.Equal(lines, wanted) {
			h.want(name, lines, wanted...)
		}
	}
}
