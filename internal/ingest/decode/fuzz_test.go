package decode_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"spoor/internal/ingest/decode"
)

var (
	jsonSeeds = []string{
		"{}\n{\"a\":1}\n",
		`{"a":"x","b":null,"c":true,"d":-1.5e3,"e":[1,{"f":2}],"g":{"h":"}{"}}` + "\n",
		"[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": tru\n  }\n]\n",
		`{"records":[{"a":1},{"a":2}],"next":"x"}{"Records":[]}` + "\n{\"records\":[1]}",
		"{\"a\":\"cut o\n{\"a\":[\n{\"b\":2}\n{\"c\":3},\r\n",
		`{"a":"\ud83d\ude00\ud800\u00e9\"\\\/\b\f\n\r\t` + "\xff\x7f\"}",
		"\xef\xbb\xbf{\"a\":1}\x00\x00\n{\"a\":[[[[]]]]}{\"a\":1",
		"nothing\n{\"a\":1}\n42 \"x\" null\n[1,\"a\",[{}],{\"a\":\"]\"}]]}",
	}
	zeekSeeds = []string{
		zeekTSVHead + zeekTSVLine + "#close\t2024-04-19-01-00-00\n",
		"#separator \\x2c\n#set_separator,;\n#empty_field,E\n#unset_field,U\n#path,x\n#fields,a,b\n#types,string,set[count]\nU,1;2\nE,E\n#path,y\n1\n1,2,3\n",
		"#fields\ta\n\\x41\\\\\\xff\\n\r\n\n# remark\n#separator \\x09\nx\n",
	}
	csvSeeds = []string{
		csvHead + csvLine,
		"a,b\r\n1,\"x\r\ny\"\"z\"\r\n,\"\"\n\"open,1\n2,3\n\"x\"y,4\n5\n6,7,8\n",
	}
)

func FuzzSplit(f *testing.F) {
	for _, seeds := range [][]string{jsonSeeds, zeekSeeds, csvSeeds} {
		for _, s := range seeds {
			for i := range uint8(4) {
				f.Add([]byte(s), i, uint8(3), uint8(40))
			}
		}
	}
	formats := decode.Formats()
	f.Fuzz(func(t *testing.T, src []byte, format, size, limit uint8) {
		o := decode.Options{MaxRecord: 1 + int(limit)}
		checkSplit(t, src, formats[int(format)%len(formats)].Name, o, 1+int(size))
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got := checkSplit(t, src, "json", decode.Options{}, 5)
		for _, r := range got.records {
			checkObject(t, r)
		}
		for _, e := range got.errs {
			if json.Valid(e.Raw) && e.Raw[0] == '{' && !strings.Contains(e.Reason, "too deep") {
				t.Errorf("refused valid JSON %q: %s", e.Raw, e.Reason)
			}
		}
	})
}

// checkObject compares a record with what encoding/json makes of its bytes.
func checkObject(t *testing.T, r *decode.Record) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(r.Raw))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') || !json.Valid(r.Raw) {
		t.Fatalf("took %q, which is no JSON object", r.Raw)
	}
	for _, f := range r.Fields {
		name, err := d.Token()
		if err != nil || name != f.Name {
			t.Fatalf("%q: field %q is %q for encoding/json (%v)", r.Raw, f.Name, name, err)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		want := strings.ToValidUTF8(string(v), "\uFFFD")
		have := f.Text
		switch f.Kind {
		case decode.Null:
			have = "null"
		case decode.String:
			if err := json.Unmarshal(v, &want); err != nil {
				t.Fatal(err)
			}
		case decode.Object, decode.Array:
			// Runs of bytes that are not UTF-8 differ in how many marks they become.
			want, have = collapse(want), collapse(have)
		case decode.Number, decode.Bool:
		}
		if have != want {
			t.Fatalf("%q: field %q is %q, for encoding/json %q", r.Raw, f.Name, have, want)
		}
	}
	if d.More() {
		t.Fatalf("%q: fields are missing", r.Raw)
	}
}

func collapse(s string) string {
	return regexp.MustCompile("\uFFFD+").ReplaceAllString(s, "\uFFFD")
}

func FuzzZeekTSV(f *testing.F) {
	for _, s := range zeekSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, r := range checkSplit(t, src, "zeek.tsv", decode.Options{}, 5).records {
			for _, f := range r.Fields {
				if f.Kind == decode.Array && !json.Valid([]byte(f.Text)) {
					t.Fatalf("%q: the list %q is no JSON: %q", r.Raw, f.Name, f.Text)
				}
			}
		}
	})
}

func FuzzCSV(f *testing.F) {
	for _, s := range csvSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		for _, r := range checkSplit(t, src, "csv", decode.Options{}, 5).records {
			want, err := csv.NewReader(bytes.NewReader(r.Raw)).Read()
			if err != nil {
				continue // it is stricter: no quotes in a field that is not quoted
			}
			for i, f := range r.Fields {
				// encoding/csv drops the carriage returns of line ends in a field, and one at
				// the very end.
				have := strings.TrimRight(strings.ReplaceAll(f.Text, "\r\n", "\n"), "\r")
				if i >= len(want) || collapse(strings.ToValidUTF8(strings.TrimRight(want[i], "\r"), "\uFFFD")) != collapse(have) {
					t.Fatalf("%q: field %d is %q, for encoding/csv %q", r.Raw, i, f.Text, want)
				}
			}
		}
	})
}

// checkSplit decodes a source in one piece and holds it against what must be true of
// any: every byte is accounted for, neither the size of chunks nor of reads matters,
// and a source that is resumed goes on as if it had not been left.
func checkSplit(t *testing.T, src []byte, format string, o decode.Options, size int) decoded {
	t.Helper()
	o.ChunkSize = len(src) + 16
	whole := decodeAll(t, src, format, o)
	checkAccounts(t, src, format, whole)

	o.ChunkSize = size
	s, err := decode.NewSplitter(iotest.OneByteReader(bytes.NewReader(src)), decode.ByName(format), o)
	if err != nil {
		t.Fatal(err)
	}
	small := drain(t, s)
	checkAccounts(t, src, format, small)
	if whole.show() != small.show() {
		t.Fatalf("%q: in one chunk\n%sin chunks of %d\n%s", src, whole.show(), size, small.show())
	}
	o.ChunkSize = len(src) + 16
	for i := 0; i < len(small.chunks); i += 1 + len(small.chunks)/8 {
		c := small.chunks[i]
		s, err := decode.Resume(bytes.NewReader(src[c.NextOffset():]), c.State(), o)
		if err != nil {
			t.Fatal(err)
		}
		rest := drain(t, s)
		if want := whole.from(c.NextOrdinal()); rest.show() != want.show() {
			t.Fatalf("%q: resumed at byte %d\n%sinstead of\n%s", src, c.NextOffset(), rest.show(), want.show())
		}
	}
	return whole
}

// from is what is left from an ordinal on.
func (d decoded) from(ordinal int64) decoded {
	var rest decoded
	for _, r := range d.records {
		if r.Ordinal >= ordinal {
			rest.records = append(rest.records, r)
		}
	}
	for _, e := range d.errs {
		if e.Ordinal >= ordinal {
			rest.errs = append(rest.errs, e)
		}
	}
	return rest
}

// furniture is what may stand outside of records, as a pattern for each format.
var furniture = map[string]*regexp.Regexp{
	"json":     regexp.MustCompile(`^[\s,\x00\x1e\x{feff}\[\]]*$|^[\s\S]*"[rR]ecords"[\s\S]*$`),
	"zeek.tsv": regexp.MustCompile(`^(\s|#[^\n]*(\n|$))*$`),
	"text":     regexp.MustCompile(`^[\s\x00\v]*$`),
}

func checkAccounts(t *testing.T, src []byte, format string, d decoded) {
	t.Helper()
	var all []byte
	ordinal := int64(0)
	for _, c := range d.chunks {
		if c.FirstOffset != int64(len(all)) || c.FirstOrdinal != ordinal {
			t.Fatalf("%q: a chunk at byte %d, record %d follows byte %d, record %d", src, c.FirstOffset, c.FirstOrdinal, len(all), ordinal)
		}
		all = append(all, c.Data...)
		ordinal = c.NextOrdinal()
	}
	if !bytes.Equal(all, src) {
		t.Fatalf("chunks hold %q, the source %q", all, src)
	}
	if got := int64(len(d.records) + len(d.errs)); got != ordinal {
		t.Fatalf("%q: %d records and errors, %d ordinals", src, got, ordinal)
	}
	between, at, long := []byte{}, int64(0), false
	account := func(offset int64, raw []byte) {
		end := offset + int64(len(raw))
		if offset < at || end > int64(len(src)) || len(raw) == 0 || !bytes.Equal(src[offset:end], raw) {
			t.Fatalf("%q: record %q at byte %d, after one that ends at %d", src, raw, offset, at)
		}
		between = append(append(between, src[at:offset]...), '\n')
		at = end
	}
	records, errs := d.records, d.errs
	for n := range ordinal {
		switch {
		case len(records) > 0 && records[0].Ordinal == n:
			account(records[0].Offset, records[0].Raw)
			for _, f := range records[0].Fields {
				if !utf8.ValidString(f.Name) || !utf8.ValidString(f.Text) {
					t.Fatalf("%q: field %q: %q is not UTF-8", src, f.Name, f.Text)
				}
			}
			records = records[1:]
		case len(errs) > 0 && errs[0].Ordinal == n:
			account(errs[0].Offset, errs[0].Raw)
			long = long || strings.Contains(errs[0].Reason, "longer than")
			errs = errs[1:]
		default:
			t.Fatalf("%q: no record has ordinal %d", src, n)
		}
	}
	between = append(between, src[at:]...)
	between = bytes.TrimPrefix(between, []byte("\xef\xbb\xbf"))
	if f := furniture[format]; f != nil && !long && !f.Match(between) {
		t.Fatalf("%q: %q is in no record", src, between)
	}
}
