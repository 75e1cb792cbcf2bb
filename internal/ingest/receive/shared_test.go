package receive_test

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/receive"
	"spoor/internal/sharedtest"
)

// TestSharedPack reads all real telemetry there is and counts what comes out of each
// file: as many records as the list of the files says, none of them broken.
func TestSharedPack(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "data")
	want := manifest(t, filepath.Join(dir, "MANIFEST.tsv"))
	var roots []string
	for _, part := range []string{"mordor", "zeek", "suricata", "mde", "identity"} {
		roots = append(roots, filepath.Join(dir, part))
	}
	read, broken := map[string]int{}, map[string]int{}
	err := receive.Walk(t.Context(), roots, nil, receive.Config{}, receive.Visitor{
		Input: func(in *receive.Input) error {
			n, bad, err := countRecords(in)
			file := within(t, dir, in.File)
			read[file] += n
			broken[file] += bad
			return err
		},
		Problem: func(p *receive.Problem) {
			t.Log(p)
			if p.Severity == receive.Refused {
				t.Errorf("refused: %v", p)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for file, n := range read {
		if broken[file] > 0 {
			t.Errorf("%s: %d broken records", file, broken[file])
		}
		if w, listed := want[file]; listed && n != w {
			t.Errorf("%s: %d records, the list says %d", file, n, w)
		}
	}
	for file, n := range want {
		if _, seen := read[file]; !seen && n > 0 && slices.ContainsFunc(roots, func(r string) bool {
			return strings.HasPrefix(filepath.Join(dir, file), r+string(filepath.Separator))
		}) {
			t.Errorf("%s: not read, the list says %d", file, n)
		}
	}
}

// manifest is the number of records of each file.
func manifest(t *testing.T, name string) map[string]int {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := slices.Index(rows[0], "events")
	want := map[string]int{}
	for _, row := range rows[1:] {
		if n, err := strconv.Atoi(row[column]); err == nil {
			want[row[0]] = n
		}
	}
	return want
}

func within(t *testing.T, dir, name string) string {
	t.Helper()
	rel, ok := strings.CutPrefix(name, filepath.ToSlash(dir)+"/")
	if !ok {
		t.Fatalf("%s is not in %s", name, dir)
	}
	return rel
}

// countRecords decodes an input and counts its records and those that are broken.
func countRecords(in *receive.Input) (records, broken int, err error) {
	r, err := in.Open()
	if err != nil {
		return 0, 0, err
	}
	defer r.Close()
	s, err := decode.NewSplitter(r, in.Format, decode.Options{Name: in.Name})
	if err != nil {
		return 0, 0, err
	}
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return records, broken, nil
		}
		if err != nil {
			return 0, 0, err
		}
		records += c.Records()
		d.Decode(c, func(*decode.Record) {}, func(*decode.Error) { broken++ })
	}
}
