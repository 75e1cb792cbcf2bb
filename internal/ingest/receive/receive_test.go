package receive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/receive"
)

const line = "{\"a\":1}\n"

// found is what a walk reports, a line each: the name, format and content of an input;
// the name, severity and reason of a problem.
type found []string

func (f *found) visitor(t *testing.T) receive.Visitor {
	return receive.Visitor{
		Input: func(in *receive.Input) error {
			*f = append(*f, fmt.Sprintf("%s %s %q", in.Name, in.Format.Name, readTwice(t, in)))
			return nil
		},
		Problem: func(p *receive.Problem) {
			severity := [...]string{"skipped", "noted", "refused"}[p.Severity]
			*f = append(*f, fmt.Sprintf("%s ! %s: %s", p.Name, severity, p.Reason))
		},
	}
}

// readTwice reads an input by two readers at once.
func readTwice(t *testing.T, in *receive.Input) string {
	t.Helper()
	var text [2][]byte
	var rs [2]io.ReadCloser
	for i := range rs {
		r, err := in.Open()
		if err != nil {
			t.Fatal(err)
		}
		rs[i] = r
	}
	for i, r := range rs {
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text[i] = b
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(text[0], text[1]) {
		t.Fatalf("%s is %q, the second time %q", in.Name, text[0], text[1])
	}
	return string(text[0])
}

// stream receives bytes under the name s.
func stream(t *testing.T, b []byte, cfg receive.Config) found {
	t.Helper()
	var got found
	cfg.TempDir = t.TempDir()
	if err := receive.Stream(t.Context(), "s", bytes.NewReader(b), cfg, got.visitor(t)); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(cfg.TempDir)
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
	return got
}

func expect(t *testing.T, got found, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func gzipped(parts ...string) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		w := gzip.NewWriter(&b)
		must(w.Write([]byte(p)))
		must(0, w.Close())
	}
	return b.Bytes()
}

type member struct {
	name, text string
	flag       byte // tar only
}

func tarred(members ...member) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Typeflag: m.flag, Size: int64(len(m.text)), Mode: 0o600}
		if m.flag == tar.TypeSymlink || m.flag == tar.TypeLink {
			h.Linkname = "/etc/passwd"
		}
		must(0, w.WriteHeader(h))
		must(w.Write([]byte(m.text)))
	}
	must(0, w.Close())
	return b.Bytes()
}

func zipped(members ...member) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.Create(m.name)
		must(0, err)
		must(f.Write([]byte(m.text)))
	}
	must(0, w.Close())
	return b.Bytes()
}

func must[T any](_ T, err error) {
	if err != nil {
		panic(err)
	}
}

func TestStream(t *testing.T) {
	nested := zipped(
		member{name: "logs/", text: ""},
		member{name: "logs/a.log", text: line},
		member{name: "logs/b.log.gz", text: string(gzipped("b\n"))},
		member{name: "c.tgz", text: string(gzipped(string(tarred(member{name: "./d/e.json", text: line, flag: tar.TypeReg}))))},
		member{name: "__MACOSX/logs/._a.log", text: "x"},
		member{name: "empty", text: ""},
		member{name: "trace.pcap", text: "\xd4\xc3\xb2\xa1\x02\x00\x04\x00"},
		member{name: "x.evtx", text: "ElfFile\x00\x00\x00"},
		member{name: "x.7z", text: "7z\xbc\xaf\x27\x1c\x00\x04"},
	)
	for _, c := range []struct {
		name string
		in   []byte
		want []string
	}{
		{"plain", []byte(line), []string{`s json "{\"a\":1}\n"`}},
		{"empty", nil, []string{`s ! skipped: empty`}},
		{"gzip of two members", gzipped("one\n", "two\n"), []string{`s text "one\ntwo\n"`}},
		{"gzip with something behind it", append(gzipped("one\n"), "\nxy"...), []string{
			`s ! noted: 3 bytes after the end of the gzip data were left out`, `s text "one\n"`,
		}},
		{"empty gzip", gzipped(""), []string{`s ! skipped: empty`}},
		{"UTF-16", []byte("\xff\xfe{\x00}\x00"), []string{`s json "{}"`}},
		{"nested", nested, []string{
			`s/logs ! skipped: a folder`,
			`s/logs/a.log json "{\"a\":1}\n"`,
			`s/logs/b.log.gz text "b\n"`,
			`s/c.tgz/d/e.json json "{\"a\":1}\n"`,
			`s/__MACOSX/logs/._a.log ! skipped: what macOS adds to archives`,
			`s/empty ! skipped: empty`,
			`s/trace.pcap ! skipped: packet capture, which is not read`,
			`s/x.evtx ! refused: Windows event log (EVTX), which is not supported`,
			`s/x.7z ! refused: a 7z archive, which is not supported`,
		}},
		{"tar with more than files", tarred(
			member{name: "d/", flag: tar.TypeDir},
			member{name: "d/a", text: "a\n", flag: tar.TypeReg},
			member{name: "link", flag: tar.TypeSymlink},
			member{name: "hard", flag: tar.TypeLink},
			member{name: "tty", flag: tar.TypeChar},
			member{name: "pipe", flag: tar.TypeFifo},
			member{name: "../up", text: "x\n", flag: tar.TypeReg},
			member{name: "/etc/abs", text: "x\n", flag: tar.TypeReg},
			member{name: `C:\abs`, text: "x\n", flag: tar.TypeReg},
			member{name: `d\..\..\up`, text: "x\n", flag: tar.TypeReg},
			member{name: "bell\a\u202e", text: "b\n", flag: tar.TypeReg},
		), []string{
			`s/d ! skipped: a folder`,
			`s/link ! refused: a link`,
			`s/hard ! refused: a link`,
			`s/tty ! refused: a device`,
			`s/pipe ! refused: a device`,
			`s/../up ! refused: its name leads out of the archive`,
			`s/etc/abs ! refused: its name is an absolute path`,
			`s/C:/abs ! refused: its name is an absolute path`,
			`s/../up ! refused: its name leads out of the archive`,
			`s/d/a text "a\n"`,
			"s/bell\uFFFD\uFFFD text \"b\\n\"",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, stream(t, c.in, receive.Config{}), c.want...)
			expect(t, stream(t, c.in, receive.Config{InMemory: 1}), c.want...)
		})
	}
}

// TestCutOff cuts packed bytes at every place: never is a part of them handed on.
func TestCutOff(t *testing.T) {
	for name, whole := range map[string][]byte{
		"gzip":   gzipped("one\n", "two\n"),
		"zip":    zipped(member{name: "a", text: "one\n"}, member{name: "b", text: "two\n"}),
		"tar.gz": gzipped(string(tarred(member{name: "a", text: "one\n", flag: tar.TypeReg}))),
	} {
		for n := 8; n < len(whole); n++ {
			got := stream(t, whole[:n], receive.Config{})
			if name == "gzip" && n == len(gzipped("one\n")) {
				continue // that is a whole one
			}
			if name == "gzip" && n == len(gzipped("one\n"))+1 {
				expect(t, got, `s ! noted: 1 bytes after the end of the gzip data were left out`, `s text "one\n"`)
				continue
			}
			if len(got) != 1 || !strings.HasPrefix(got[0], "s ! refused: ") {
				t.Fatalf("%s cut at %d: %q", name, n, got)
			}
		}
	}
}

func TestTarCutOff(t *testing.T) {
	whole := tarred(
		member{name: "a", text: "one\n", flag: tar.TypeReg},
		member{name: "b", text: strings.Repeat("two\n", 300), flag: tar.TypeReg},
	)
	// A header and a block for a, then a header and three blocks for b: cut in the
	// header, at the start and near the end of the content of b.
	for _, n := range []int{1030, 1540, 2700} {
		expect(t, stream(t, whole[:n], receive.Config{}), `s ! refused: cut off: it ends before it should`)
	}
	// Between two members nothing is missing but the end mark.
	expect(t, stream(t, whole[:1024], receive.Config{}),
		`s ! noted: the tar archive has no end mark: members may be missing`, `s/a text "one\n"`)
}

func TestDamaged(t *testing.T) {
	gz := gzipped("one line of text\n")
	gz[len(gz)-6] ^= 1 // in the checksum
	if got := stream(t, gz, receive.Config{}); len(got) != 1 || !strings.HasPrefix(got[0], "s ! refused: unpack the gzip:") {
		t.Errorf("a gzip with a wrong checksum: %q", got)
	}
	z := zipped(member{name: "a", text: "one line of text\n"}, member{name: "b", text: "b\n"})
	z[len("PK\x03\x04")+26+len("a")+3] ^= 0x55 // in the data of a
	got := stream(t, z, receive.Config{})
	if len(got) != 2 || !strings.HasPrefix(got[0], "s/a ! refused: unpack the member:") || got[1] != `s/b text "b\n"` {
		t.Errorf("a zip with a damaged member: %q", got)
	}
}

func TestEncrypted(t *testing.T) {
	z := zipped(member{name: "a", text: "secret\n"})
	directory := bytes.Index(z, []byte("PK\x01\x02"))
	z[directory+8] |= 1
	expect(t, stream(t, z, receive.Config{}), `s/a ! refused: encrypted`)
}

func TestUnknownMethod(t *testing.T) {
	z := zipped(member{name: "a", text: "x\n"})
	binary.LittleEndian.PutUint16(z[bytes.Index(z, []byte("PK\x01\x02"))+10:], 14)
	expect(t, stream(t, z, receive.Config{}), `s/a ! refused: packed by method 14, which is not supported`)
}

func TestLimits(t *testing.T) {
	zeros := strings.Repeat("0\n", 10<<20)
	two := zipped(member{name: "a", text: "one\n"}, member{name: "b", text: "two\n"})
	for _, c := range []struct {
		name string
		in   []byte
		cfg  receive.Config
		want string
	}{
		{"a gzip bomb", gzipped(zeros), receive.Config{}, "s ! refused: unpack the gzip: unpacks to more than 250 times its size"},
		{"a zip bomb", zipped(member{name: "a", text: zeros}), receive.Config{}, "s ! refused: unpacks to more than 250 times its size"},
		{"a bomb in a zip", zipped(member{name: "a.gz", text: string(gzipped(zeros))}), receive.Config{}, "s/a.gz ! refused: unpack the gzip: unpacks to more than 250 times its size"},
		{"a gzip too large", gzipped(zeros[:1000]), receive.Config{MaxExpanded: 999}, "s ! refused: unpack the gzip: unpacks to more than 999 bytes in all"},
		{"a zip too large in all", zipped(member{name: "a", text: zeros[:500]}, member{name: "b", text: zeros[:500]}), receive.Config{MaxExpanded: 999}, "s ! refused: unpacks to more than 999 bytes in all"},
		{"a member too many", two, receive.Config{MaxMembers: 1}, "s ! refused: more than 1 members"},
		{"a zip directory too large", zipped(make([]member, 5000)...), receive.Config{MaxMembers: 1}, "s ! refused: a directory too large for 1 members"},
		{"a tar member too many", tarred(member{name: "a", text: "a", flag: tar.TypeReg}, member{name: "b", text: "b", flag: tar.TypeReg}), receive.Config{MaxMembers: 1}, "s ! refused: read the tar archive: more than 1 members"},
		{"a layer too many", gzipped(string(gzipped(string(gzipped("x"))))), receive.Config{MaxDepth: 2}, "s ! refused: packed in more than 2 layers"},
		{"a stream too long", []byte("0123456789"), receive.Config{MaxExpanded: 9}, "s ! refused: longer than 9 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, stream(t, c.in, c.cfg), c.want)
		})
	}
}

// TestZipSizes: a directory that lies about sizes is believed for the limit and found
// out when unpacking.
func TestZipSizes(t *testing.T) {
	z := zipped(member{name: "a", text: "0123456789"}, member{name: "b", text: "b\n"})
	directory := bytes.Index(z, []byte("PK\x01\x02"))
	set := func(n uint32) []byte {
		lie := bytes.Clone(z)
		binary.LittleEndian.PutUint32(lie[directory+24:], n)
		return lie
	}
	expect(t, stream(t, set(1<<30), receive.Config{MaxExpanded: 1 << 20}), "s ! refused: unpacks to more than 1048576 bytes in all")
	for _, n := range []uint32{5, 20} {
		got := stream(t, set(n), receive.Config{})
		if len(got) != 2 || !strings.HasPrefix(got[0], "s/a ! refused: ") || got[1] != `s/b text "b\n"` {
			t.Errorf("10 bytes said to be %d: %q", n, got)
		}
	}
}

func TestWalk(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"logs/b/x.json": line, "logs/a.log": "a\n", "logs/c.gz": string(gzipped("c\n")), "single": "s\n", "logs/none": "",
	} {
		must(0, os.MkdirAll(filepath.Dir(name), 0o700))
		must(0, os.WriteFile(name, []byte(text), 0o600))
	}
	must(0, os.Symlink("a.log", "logs/d-inside"))
	must(0, os.Symlink("../single", "logs/e-outside"))
	must(0, os.Symlink("b", "logs/f-folder"))
	must(0, os.Symlink("/dev/zero", "logs/g-device"))
	must(0, os.Symlink("single", "given"))
	var got found
	paths := []string{"logs/", "given", "-", "missing"}
	if err := receive.Walk(t.Context(), paths, strings.NewReader(line), receive.Config{}, got.visitor(t)); err != nil {
		t.Fatal(err)
	}
	expect(t, got,
		`logs/a.log text "a\n"`,
		`logs/b/x.json json "{\"a\":1}\n"`,
		`logs/c.gz text "c\n"`,
		`logs/d-inside text "a\n"`,
		`logs/e-outside ! refused: a link that leads nowhere or out of the folder`,
		`logs/f-folder ! skipped: a link to a folder`,
		`logs/g-device ! refused: a link that leads nowhere or out of the folder`,
		`logs/none ! skipped: empty`,
		`given text "s\n"`,
		`stdin json "{\"a\":1}\n"`,
		`missing ! refused: no such file or directory`,
	)
}

// TestFormatGiven takes everything for the format that is given, binary data too.
func TestFormatGiven(t *testing.T) {
	got := stream(t, []byte("\x01\x02\x03"), receive.Config{Format: decode.ByName("text")})
	expect(t, got, `s text "\x01\x02\x03"`)
}

func TestVisitorError(t *testing.T) {
	stop := errors.New("enough")
	err := receive.Stream(t.Context(), "s", bytes.NewReader(zipped(member{name: "a", text: "a"}, member{name: "b", text: "b"})), receive.Config{}, receive.Visitor{
		Input:   func(*receive.Input) error { return stop },
		Problem: func(p *receive.Problem) { t.Error(p) },
	})
	if !errors.Is(err, stop) {
		t.Errorf("the error is %v", err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := receive.Stream(ctx, "s", strings.NewReader(line), receive.Config{}, receive.Visitor{
		Input:   func(*receive.Input) error { t.Error("an input"); return nil },
		Problem: func(p *receive.Problem) { t.Error(p) },
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// TestNoTempDir: a temporary file that cannot be written is no fault of the source.
func TestNoTempDir(t *testing.T) {
	cfg := receive.Config{InMemory: 1, TempDir: filepath.Join(t.TempDir(), "none")}
	err := receive.Stream(t.Context(), "s", strings.NewReader(line), cfg, receive.Visitor{
		Input:   func(*receive.Input) error { t.Error("an input"); return nil },
		Problem: func(p *receive.Problem) { t.Error(p) },
	})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the error is %v", err)
	}
}

func FuzzStream(f *testing.F) {
	f.Add(gzipped("one\n", line))
	f.Add(zipped(member{name: "a", text: line}, member{name: "b.gz", text: string(gzipped("x"))}))
	f.Add(tarred(member{name: "a", text: line, flag: tar.TypeReg}, member{name: "l", flag: tar.TypeSymlink}))
	f.Fuzz(func(t *testing.T, b []byte) {
		cfg := receive.Config{MaxExpanded: 1 << 20, MaxMembers: 20}
		seen := 0
		err := receive.Stream(t.Context(), "s", bytes.NewReader(b), cfg, receive.Visitor{
			Input: func(in *receive.Input) error {
				seen += len(readTwice(t, in))
				return nil
			},
			Problem: func(p *receive.Problem) {
				if p.Name == "" || p.Reason == "" {
					t.Errorf("a problem without name or reason: %+v", p)
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if seen > 3<<20 {
			t.Errorf("%d bytes were handed on", seen)
		}
	})
}

// A temporary file asks for room, and without it the walk ends.
func TestNoRoomEndsTheWalk(t *testing.T) {
	full := errors.New("the disk is full")
	var asked int64
	cfg := receive.Config{TempDir: t.TempDir(), InMemory: 10, Room: func(n int64) error {
		if asked += n; asked > 1000 {
			return full
		}
		return nil
	}}
	v := receive.Visitor{Input: func(*receive.Input) error { return nil }, Problem: func(p *receive.Problem) { t.Error(p) }}
	if err := receive.Stream(t.Context(), "a", strings.NewReader(strings.Repeat("a line\n", 100)), cfg, v); err != nil || asked != 700 {
		t.Errorf("with room: %v, asked for %d bytes, want 700", err, asked)
	}
	asked = 0
	if err := receive.Stream(t.Context(), "a", strings.NewReader(strings.Repeat("a line\n", 200)), cfg, v); !errors.Is(err, full) {
		t.Errorf("without: %v, want the error of Room", err)
	}
	if left, err := os.ReadDir(cfg.TempDir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
