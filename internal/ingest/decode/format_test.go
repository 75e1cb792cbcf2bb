package decode_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"spoor/internal/ingest/decode"
)

func TestDetect(t *testing.T) {
	for _, c := range []struct{ head, name, want string }{
		{"", "", "text"},
		{`{"a":1}`, "x.log", "json"},
		{"\xef\xbb\xbf\r\n [ \n{\"a\":1}]", "x", "json"},
		{"[]", "", "json"},
		{"{}", "", "json"},
		{"\x00\x00\x00{\"a\":1}\n", "", "json"},
		{`{"Records":[`, "", "json"},
		{"[2024-01-01 00:00:00] started", "x.json", "text"},
		{"{started} by alice", "x.json", "text"},
		{zeekTSVHead, "", "zeek.tsv"},
		{"#fields\tts\tuid\n", "", "zeek.tsv"},
		{"#Software: a\n#Version: 1.0\n#Fields: date time\n", "", "text"},
		{"# remark\n", "", "text"},
		{csvHead + csvLine, "x.txt", "csv"},
		{",TenantId,Computer\n0,1,2\n", "", "csv"},
		{"Time [UTC],\"Device \"\"Name\"\"\"\n", "", "text"},
		{"a,b\n1,2,3\n", "", "text"},
		{"a,b\n", "", "text"},
		{"a,b\n", "dir/Export.CSV", "csv"},
		{"Starting up, please wait\nLoading, done\n", "x.log", "text"},
		{"Name, Time\nx, 1\n", "x.csv.gz", "csv"},
		{"Hello, world\nsome {text}\n", "x.csv", "text"},
		{"a,a\n1,2\n", "", "text"},
		{"2024-01-01,10.0.0.1,x\n2024-01-01,10.0.0.2,y\n", "", "text"},
		{"Jan  1 00:00:00 host sshd[1]: Failed password, user root\n", "", "text"},
		{"\xd4\xc3\xb2\xa1\x02\x00", "x.json", "capture"},
		{"\x0a\x0d\x0d\x0a\xc0\x00", "", "capture"},
		{"ElfFile\x00\x00", "", "evtx"},
		{"MZ\x90\x00\x03\x00\x00\x00\x04\x01\x02\x0e\x1f", "", "binary"},
		{"\x00\x00\x00\x00\x00\x00", "", "binary"},
		{strings.Repeat("a line\n", 100) + "\x00\x00\x00", "", "text"},
	} {
		if got := decode.Detect([]byte(c.head), c.name).Name; got != c.want {
			t.Errorf("%q is %s, want %s", c.head, got, c.want)
		}
	}
}

func TestByName(t *testing.T) {
	for _, f := range decode.Formats() {
		if decode.ByName(f.Name) != f {
			t.Errorf("%s is not found by its name", f.Name)
		}
	}
	for _, name := range []string{"evtx", "capture", "binary", "none", ""} {
		if f := decode.ByName(name); f != nil {
			t.Errorf("%q is a format that can be read: %v", name, f.About)
		}
	}
}

func TestUTF8(t *testing.T) {
	const text = "{\"a\":\"é😀\"}\r\n"
	little, big := []byte{0xff, 0xfe}, []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(text)) {
		little = append(little, byte(u), byte(u>>8))
		big = append(big, byte(u>>8), byte(u))
	}
	for _, c := range []struct{ in, want string }{
		{string(little), text},
		{string(big), text},
		{text, text},
		{"\xef\xbb\xbf" + text, "\xef\xbb\xbf" + text},
		{"", ""},
		{"\xff", "\xff"},
		{"\xff\xfea", "\uFFFD"},
		{"\xff\xfe\x00\xd8a\x00", "\uFFFDa"},
	} {
		got, err := io.ReadAll(decode.UTF8(strings.NewReader(c.in)))
		if err != nil || string(got) != c.want {
			t.Errorf("%q is %q (%v), want %q", c.in, got, err, c.want)
		}
	}
}

// TestDepth nests an object around lists, a hundred levels in all and one more, on a
// line of its own and as an element.
func TestDepth(t *testing.T) {
	for levels, want := range map[int]int{100: 0, 101: 1} {
		object := `{"a":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + "}"
		for _, src := range []string{object, object + "\n{}\n", "[" + object + ",{}]"} {
			got := decodeAll(t, []byte(src), "json", decode.Options{})
			if len(got.errs) != want {
				t.Errorf("%d levels: %s", levels, got.show())
			}
			if want == 1 && !strings.Contains(got.errs[0].Reason, "too deep") {
				t.Errorf("the reason is %q", got.errs[0].Reason)
			}
		}
	}
}

// TestLongDefault: what Options says of the limit that it has when nothing is set.
func TestLongDefault(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		src := append(bytes.Repeat([]byte("x"), 16<<20+1), "\n{\"a\":1}\n"...)
		got := decodeAll(t, src, format, decode.Options{})
		if len(got.errs) != 1 || len(got.errs[0].Raw) != 64<<10 || len(got.records) != 1 {
			t.Errorf("%s: %d records, %d broken", format, len(got.records), len(got.errs))
		}
		src = src[1:] // now it is as long as a record may be
		got = decodeAll(t, src, format, decode.Options{})
		if n := len(got.records) + len(got.errs); n != 2 || string(got.last().Raw) != `{"a":1}` {
			t.Errorf("%s: %d records and errors, the last is %q", format, n, got.last().Raw)
		}
	}
}

func (d decoded) last() *decode.Record { return d.records[len(d.records)-1] }

// TestReadError: what is whole before the reader fails is given out, the rest is not
// taken for the end of the source.
func TestReadError(t *testing.T) {
	fault := errors.New("the disk is gone")
	src := io.MultiReader(strings.NewReader("{\"a\":1}\n{\"a\":2}\n{\"a\""), failing{fault})
	s, err := decode.NewSplitter(src, decode.ByName("json"), decode.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Next()
	if err != nil || c.Records() != 2 {
		t.Fatalf("%d records, %v", c.Records(), err)
	}
	if _, err := s.Next(); !errors.Is(err, fault) {
		t.Fatalf("the second chunk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestSideBySide decodes the chunks of one source on several goroutines, and keeps the
// strings of records beyond the callback.
func TestSideBySide(t *testing.T) {
	src := bytes.Repeat([]byte(sysmonLine), 200)
	chunks := decodeAll(t, src, "json", decode.Options{ChunkSize: 8 << 10}).chunks
	images := make(chan []string)
	for _, c := range chunks {
		go func() {
			var d decode.Decoder
			var got []string
			d.Decode(c, func(r *decode.Record) { got = append(got, r.Get("Image")) }, func(*decode.Error) {})
			images <- got
		}()
	}
	n := 0
	for range chunks {
		for _, image := range <-images {
			n++
			if image != `C:\Windows\System32\cmd.exe` {
				t.Fatalf("an image is %q", image)
			}
		}
	}
	if n != 200 {
		t.Errorf("%d records of 200", n)
	}
}

func TestRecordGet(t *testing.T) {
	r := decodeAll(t, []byte(`{"a":null,"b":"x","c":"y","b":"z"}`), "json", decode.Options{}).records[0]
	if got := r.Get("none", "a", "b", "c"); got != "x" {
		t.Errorf("the first that is there and not null is %q", got)
	}
	if !r.Has("a") || r.Has("none") {
		t.Error("a is there though null, none is not")
	}
}
