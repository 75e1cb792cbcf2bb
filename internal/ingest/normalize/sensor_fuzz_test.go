package normalize_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// fuzz feeds whatever decodes to the normalizers; the records of the test files named
// after the product are the seeds.
func fuzz(f *testing.F, product string) {
	files, err := filepath.Glob("testdata/sensor/" + product + "*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range txtar.Parse(data).Files {
			if section.Name != "events" && section.Name != "source" {
				f.Add(section.Data, filepath.Base(section.Name))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		src := &normalize.Source{Name: name, DeviceID: strings.ToUpper}
		eachDecoded(data, name, func(r *decode.Record) {
			ev, ok, reason := normalize.Record(r, src)
			if !ok {
				if reason == "" {
					t.Fatalf("a record that nobody knows and nobody says why: %s", r.Raw)
				}
				return
			}
			checkFuzzed(t, &ev)
		})
	})
}

func FuzzZeek(f *testing.F)     { fuzz(f, "zeek") }
func FuzzSuricata(f *testing.F) { fuzz(f, "suricata") }
func FuzzNative(f *testing.F)   { fuzz(f, "native") }
func FuzzRaw(f *testing.F)      { fuzz(f, "raw") }

// eachDecoded decodes what can be decoded.
func eachDecoded(data []byte, name string, each func(*decode.Record)) {
	format := decode.Detect(data[:min(len(data), decode.HeadSize)], name)
	if !format.Readable() {
		return
	}
	s, err := decode.NewSplitter(bytes.NewReader(data), format, decode.Options{Name: name})
	if err != nil {
		return
	}
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) || err != nil {
			return
		}
		d.Decode(c, each, func(*decode.Error) {})
	}
}

func checkFuzzed(t *testing.T, ev *normalize.Event) {
	t.Helper()
	if ev.Kind == "" || len(ev.Rows) == 0 || ev.Time < 0 {
		t.Fatalf("event without kind or row, or before time: %+v", ev)
	}
	for i := range ev.Rows {
		row := &ev.Rows[i]
		if row.Table.Own && row.Table.Name != schema.SpoorRaw {
			t.Fatalf("a row of %s", row.Table.Name)
		}
		for _, cell := range row.Cells {
			c := &row.Table.Columns[cell.Column]
			text := cell.Value.Str()
			if !utf8.ValidString(text) {
				t.Fatalf("%s.%s is not UTF-8: %q", row.Table.Name, c.Name, text)
			}
			if c.Type == schema.Dynamic && !json.Valid([]byte(text)) {
				t.Fatalf("%s.%s is not JSON: %q", row.Table.Name, c.Name, text)
			}
			if c.Constant != "" || (c.Hidden && !c.Local) {
				t.Fatalf("%s.%s is not a record's to set", row.Table.Name, c.Name)
			}
		}
	}
	for _, a := range []string{ev.Rows[0].Str("LocalIP"), ev.Rows[0].Str("RemoteIP")} {
		if canonical := entity.CanonicalAddress(a); canonical != "" && canonical != a {
			t.Fatalf("the address %q is not canonical", a)
		}
	}
}
