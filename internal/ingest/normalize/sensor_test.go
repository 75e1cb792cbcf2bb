package normalize_test

import (
	"bufio"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// Each file of testdata/sensor holds records of one type and the events they become,
// worked out by hand: -- source -- what is known of where they came from (name, site,
// own, offset, proxies), -- events -- the events, or for a record that is refused the reason.
// All other sections are files of records.
func TestSensorFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/sensor/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src := &normalize.Source{}
			var got strings.Builder
			want := ""
			for _, f := range archive.Files {
				switch f.Name {
				case "source":
					src = parseSource(t, string(f.Data))
				case "events":
					want = string(f.Data)
				default:
					readRecords(t, src.Name, f.Data, func(r *decode.Record) { printRecord(&got, r, src) })
				}
			}
			compareLines(t, got.String(), want)
		})
	}
}

// parseSource reads lines of a key, a colon and a value.
func parseSource(t *testing.T, text string) *normalize.Source {
	t.Helper()
	src := &normalize.Source{}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "name":
			src.Name = value
		case "site":
			src.Site = value
		case "offset":
			seconds, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			src.ClockOffset = schema.Ticks(seconds) * schema.TicksPerSecond
		case "own":
			prefix := netip.MustParsePrefix(value)
			src.Own = func(a netip.Addr, _ schema.Ticks) bool { return prefix.Contains(a) }
		case "proxies":
			prefix := netip.MustParsePrefix(value)
			src.TrustedProxy = func(a netip.Addr, _ schema.Ticks) bool { return prefix.Contains(a) }
		default:
			t.Fatalf("source: unknown key %q", key)
		}
	}
	return src
}

func printRecord(w *strings.Builder, r *decode.Record, src *normalize.Source) {
	ev, ok, reason := normalize.Record(r, src)
	if !ok {
		fmt.Fprintf(w, "refused: %s\n", reason)
		return
	}
	printEvent(w, &ev)
}

func printEvent(w *strings.Builder, ev *normalize.Event) {
	fmt.Fprintf(w, "%s %s", ev.Kind, ev.Time)
	if ev.Device != "" {
		fmt.Fprintf(w, " device %s", ev.Device)
	}
	if ev.Unmapped {
		w.WriteString(" unmapped")
	}
	w.WriteByte('\n')
	if f := &ev.Flow; *f != (normalize.Flow{}) {
		fmt.Fprintf(w, "  flow %v -> %v, local %v, remote %v, %q, out %d, in %d\n",
			f.Source, f.Destination, f.Local, f.Remote, f.Outcome.String(), f.BytesOut, f.BytesIn)
	}
	for _, o := range ev.Observables {
		fmt.Fprintf(w, "  %s %s %s\n", o.Kind, o.Value, o.Roles)
	}
	for _, c := range ev.Claims {
		fmt.Fprintf(w, "  claim %v %s\n", c.Address, c.Device)
	}
	for i := range ev.Rows {
		row := &ev.Rows[i]
		fmt.Fprintf(w, "  %s\n", row.Table.Name)
		for j := range row.Table.Columns {
			c := &row.Table.Columns[j]
			if v, ok := row.Get(c.Name); ok && c.Name != row.Table.Time && !c.Hidden {
				fmt.Fprintf(w, "    %s %s\n", c.Name, v.Text())
			}
		}
	}
	if ev.Misfits > 0 {
		fmt.Fprintf(w, "  misfits %d\n", ev.Misfits)
	}
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := bufio.NewScanner(strings.NewReader(got)), bufio.NewScanner(strings.NewReader(want))
	g.Buffer(nil, 1<<20)
	w.Buffer(nil, 1<<20)
	for n := 1; ; n++ {
		moreGot, moreWant := g.Scan(), w.Scan()
		if !moreGot && !moreWant {
			return
		}
		if a, b := strings.TrimRight(g.Text(), " "), strings.TrimRight(w.Text(), " "); a != b {
			t.Fatalf("line %d of the events:\n got %s\nwant %s\nall:\n%s", n, a, b, got)
		}
	}
}
