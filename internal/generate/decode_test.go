package generate_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"spoor/internal/generate"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
)

// TestDecoders puts the logs through the decoders and mappings of real logs: every
// record is taken, under the kind that truth.json counts it by, at the time it has.
func TestDecoders(t *testing.T) {
	dir, _ := readSmall(t)
	want := readTruth(t, dir).Totals
	got := map[string]int64{}
	logs := filepath.Join(dir, generate.LogsDir)
	for _, path := range filesUnder(t, logs) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		head := make([]byte, decode.HeadSize)
		n, err := io.ReadFull(f, head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		countKinds(t, f, path, decode.Detect(head[:n], path), got)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for kind, n := range want {
		if got[kind] != n {
			t.Errorf("%s: %d records decoded, %d written", kind, got[kind], n)
		}
		delete(got, kind)
	}
	if len(got) > 0 {
		t.Errorf("kinds nobody wrote: %v", got)
	}
}

func countKinds(t *testing.T, f io.Reader, path string, format *decode.Format, kinds map[string]int64) {
	t.Helper()
	if format == nil {
		t.Fatalf("%s: no format knows it", path)
	}
	splitter, err := decode.NewSplitter(f, format, decode.Options{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	src := &normalize.Source{Name: path}
	var decoder decode.Decoder
	for {
		chunk, err := splitter.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		decoder.Decode(chunk, func(r *decode.Record) {
			ev, ok, reason := normalize.Record(r, src)
			if !ok {
				t.Fatalf("%s: record %d: %s", path, r.Ordinal, reason)
			}
			head := normalize.ReadHeader(r)
			if diff, ok := head.ClockSample(); ok && diff != 0 {
				t.Fatalf("%s: record %d: its clocks differ by %d", path, r.Ordinal, diff)
			}
			kinds[ev.Kind]++
		}, func(e *decode.Error) { t.Fatalf("%s: %v", path, e) })
	}
}

func filesUnder(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	walk(t, dir, func(path string, _ []byte) { files = append(files, filepath.Join(dir, path)) })
	return files
}
