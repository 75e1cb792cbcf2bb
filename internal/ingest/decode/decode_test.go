package decode_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"spoor/internal/ingest/decode"
)

// decoded is what became of a source.
type decoded struct {
	records []*decode.Record
	errs    []*decode.Error
	chunks  []*decode.Chunk
}

// decodeAll decodes a source from its beginning.
func decodeAll(tb testing.TB, src []byte, format string, o decode.Options) decoded {
	tb.Helper()
	s, err := decode.NewSplitter(bytes.NewReader(src), decode.ByName(format), o)
	if err != nil {
		tb.Fatal(err)
	}
	return drain(tb, s)
}

func drain(tb testing.TB, s *decode.Splitter) decoded {
	tb.Helper()
	var got decoded
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			tb.Fatal(err)
		}
		got.chunks = append(got.chunks, c)
		d.Decode(c,
			func(r *decode.Record) { got.records = append(got.records, r.Clone()) },
			func(e *decode.Error) { got.errs = append(got.errs, e) })
	}
}

// show prints what became of a source, a record a line: ordinal, stream, then the fields
// as name, kind and text; or the reason and the bytes of one that is broken.
func (d decoded) show() string {
	var b strings.Builder
	records, errs := d.records, d.errs
	for len(records)+len(errs) > 0 {
		if len(errs) == 0 || len(records) > 0 && records[0].Ordinal < errs[0].Ordinal {
			showRecord(&b, records[0])
			records = records[1:]
		} else {
			fmt.Fprintf(&b, "%d ! %s: %q\n", errs[0].Ordinal, errs[0].Reason, errs[0].Raw)
			errs = errs[1:]
		}
	}
	return b.String()
}

func showRecord(b *strings.Builder, r *decode.Record) {
	fmt.Fprintf(b, "%d", r.Ordinal)
	if r.Stream != "" {
		fmt.Fprintf(b, " [%s]", r.Stream)
	}
	for _, f := range r.Fields {
		kind := [...]string{"null", "string", "number", "bool", "object", "array"}[f.Kind]
		switch f.Kind {
		case decode.Null:
			fmt.Fprintf(b, " %s:%s", f.Name, kind)
		case decode.String:
			fmt.Fprintf(b, " %s=%q", f.Name, f.Text)
		default:
			fmt.Fprintf(b, " %s:%s=%s", f.Name, kind, strings.ReplaceAll(f.Text, "\n", "⏎"))
		}
	}
	b.WriteByte('\n')
}

// TestFormats runs testdata/<format>/*.txtar: `in` is the source (or `in.quoted`, one Go
// string a line, for what does not print), `want` what show makes of it. A comment line
// "max N" sets Options.MaxRecord, "name S" Options.Name.
func TestFormats(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, file := range files {
		tested[filepath.Base(filepath.Dir(file))] = true
	}
	for _, f := range decode.Formats() {
		if !tested[f.Name] {
			t.Errorf("no test files for %s", f.Name)
		}
	}
	for _, file := range files {
		format := filepath.Base(filepath.Dir(file))
		t.Run(format+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src, want, o := testCase(t, a)
			got := checkSplit(t, src, format, o, 7)
			if got.show() != want {
				t.Errorf("got\n%swant\n%s", got.show(), want)
			}
		})
	}
}

func testCase(t *testing.T, a *txtar.Archive) (src []byte, want string, o decode.Options) {
	t.Helper()
	for l := range strings.Lines(string(a.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		switch word {
		case "max":
			n, err := strconv.Atoi(rest)
			if err != nil {
				t.Fatal(err)
			}
			o.MaxRecord = n
		case "name":
			o.Name = rest
		}
	}
	for _, f := range a.Files {
		switch f.Name {
		case "in":
			src = f.Data
		case "in.quoted":
			for l := range strings.Lines(string(f.Data)) {
				s, err := strconv.Unquote(strings.TrimSpace(l))
				if err != nil {
					t.Fatalf("%s: %v", l, err)
				}
				src = append(src, s...)
			}
		case "want":
			want = string(f.Data)
		default:
			t.Fatalf("no section is called %q", f.Name)
		}
	}
	return src, want, o
}

// The last line of a source that may grow stands in a chunk of its own when it has no
// end, and only then is it open.
func TestOpenChunk(t *testing.T) {
	for _, c := range []struct {
		format, text string
		chunks       []int // their records
		open         bool
	}{
		{"json", "{\"a\":1}\n{\"a\":2}\n{\"a\"", []int{2, 1}, true},
		{"json", "{\"a\":1}\n{\"a\":2}", []int{1, 1}, true},
		{"json", "{\"a\":1}\n{\"a\":2}\n", []int{2}, false},
		{"json", "{\"a\"", []int{1}, true},
		{"json", "[\n{\"a\":1},\n{\"a\":2}\n]", []int{2, 0}, false},
		{"csv", "a,b\n1,2\n3", []int{1, 1}, true},
		{"text", "one\ntwo\nthr", []int{2, 1}, true},
	} {
		s, err := decode.NewSplitter(strings.NewReader(c.text), decode.ByName(c.format), decode.Options{Grows: true})
		if err != nil {
			t.Fatal(err)
		}
		var chunks []int
		open := false
		for {
			chunk, err := s.Next()
			if err != nil {
				break
			}
			if open {
				t.Errorf("%q: a chunk behind the open one", c.text)
			}
			chunks, open = append(chunks, chunk.Records()), chunk.Open()
		}
		if !slices.Equal(chunks, c.chunks) || open != c.open {
			t.Errorf("%q: chunks of %v records, open %v, want %v, %v", c.text, chunks, open, c.chunks, c.open)
		}
	}
}
