package normalize_test

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// Each file of testdata/windows holds invented records and the events they become,
// worked out by hand, in the form of testdata/sensor; -- source -- knows "held", a
// device and an address it holds, too. An event's platform and the process whose
// context it asks for are printed behind its rows.
func TestWindowsFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/windows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src := windowsSource(t, "")
			var got strings.Builder
			want := ""
			for _, f := range archive.Files {
				switch f.Name {
				case "source":
					src = windowsSource(t, string(f.Data))
				case "events":
					want = string(f.Data)
				default:
					readRecords(t, f.Name, f.Data, func(r *decode.Record) { printWindows(&got, r, src) })
				}
			}
			compareLines(t, got.String(), want)
		})
	}
}

func windowsSource(t *testing.T, text string) *normalize.Source {
	t.Helper()
	type holder struct {
		device  string
		address netip.Addr
	}
	held := map[holder]bool{}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if pair, ok := strings.CutPrefix(strings.TrimSpace(line), "held: "); ok {
			device, address, _ := strings.Cut(pair, " ")
			held[holder{device, netip.MustParseAddr(address)}] = true
			continue
		}
		rest.WriteString(line)
	}
	src := parseSource(t, rest.String())
	src.DeviceID = func(name string) string { return "id of " + name }
	src.Held = func(device string, a netip.Addr, _ schema.Ticks) bool { return held[holder{device, a}] }
	return src
}

func printWindows(w *strings.Builder, r *decode.Record, src *normalize.Source) {
	ev, ok, reason := normalize.Record(r, src)
	if !ok {
		fmt.Fprintf(w, "refused: %s\n", reason)
		return
	}
	printEvent(w, &ev)
	if p := ev.Process; p != nil {
		fmt.Fprintf(w, "  process %q %d %s\n", p.GUID, p.PID, p.Image)
	}
	if ev.Platform != "" && ev.Platform != "Windows" {
		fmt.Fprintf(w, "  platform %s\n", ev.Platform)
	}
}
