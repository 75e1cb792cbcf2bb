package receive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// packing is a way in which bytes are packed. One without unpack is recognised so that
// it can be refused by name.
type packing struct {
	about  string
	match  func(head []byte) bool
	unpack func(w *walk, it item, b blob) error
}

var packings []packing

func init() { // not in the literal: the functions lead back to it
	packings = []packing{
		{"a gzip file", prefix("\x1f\x8b\x08"), (*walk).gunzip},
		{"a zip archive", prefix("PK\x03\x04", "PK\x05\x06"), (*walk).unzip},
		{"a tar archive", isTar, (*walk).untar},
		{"a bzip2 file", prefix("BZh1", "BZh2", "BZh3", "BZh4", "BZh5", "BZh6", "BZh7", "BZh8", "BZh9"), nil},
		{"an xz file", prefix("\xfd7zXZ\x00"), nil},
		{"a zstd file", prefix("\x28\xb5\x2f\xfd"), nil},
		{"an lz4 file", prefix("\x04\x22\x4d\x18"), nil},
		{"a 7z archive", prefix("7z\xbc\xaf\x27\x1c"), nil},
		{"a RAR archive", prefix("Rar!\x1a\x07"), nil},
		{"a part of a split zip archive", prefix("PK\x07\x08"), nil},
	}
}

// packingOf recognises packed bytes by their content; nil for plain ones.
func packingOf(head []byte) *packing {
	for i := range packings {
		if packings[i].match(head) {
			return &packings[i]
		}
	}
	return nil
}

func prefix(magic ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, m := range magic {
			if bytes.HasPrefix(head, []byte(m)) {
				return true
			}
		}
		return false
	}
}

// isTar looks for the magic of POSIX and GNU tar. Older ones have none.
func isTar(head []byte) bool {
	return len(head) >= 512 && string(head[257:262]) == "ustar"
}

// gunzip unpacks all members of a gzip file into one blob, as gzip itself does. What
// follows the last member is left out and noted.
func (w *walk) gunzip(it item, b blob) error {
	src := b.reader()
	br := bufio.NewReader(src)
	unpacked, err := w.spool(&gzipMembers{br: br}, w.expand)
	if err != nil {
		return w.refuse(it.name, fmt.Errorf("unpack the gzip: %w", err))
	}
	defer unpacked.release()
	if at, err := src.Seek(0, io.SeekCurrent); err == nil {
		if left := b.size - at + int64(br.Buffered()); left > 0 {
			w.problem(Noted, it.name, "%d bytes after the end of the gzip data were left out", left)
		}
	}
	return w.blob(item{file: it.file, name: it.name, depth: it.depth + 1}, unpacked)
}

// gzipMembers reads gzip members up to the end, or to something that is no gzip.
type gzipMembers struct {
	br *bufio.Reader
	zr *gzip.Reader
}

func (g *gzipMembers) Read(p []byte) (int, error) {
	for {
		if g.zr == nil {
			zr, err := gzip.NewReader(g.br)
			if err != nil {
				return 0, cutOff(err)
			}
			zr.Multistream(false)
			g.zr = zr
		}
		n, err := g.zr.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if n > 0 {
			return n, nil // and the end of the member with the next call
		}
		if next, _ := g.br.Peek(2); string(next) != "\x1f\x8b" {
			return 0, io.EOF
		}
		if err := g.zr.Reset(g.br); err != nil {
			return 0, cutOff(err)
		}
		g.zr.Multistream(false)
	}
}

// cutOff makes the end of the bytes where there must be more a fault.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unzip takes a zip archive apart. What the directory says of sizes is checked first
// and for the whole archive; the unpacked bytes are checked against it.
func (w *walk) unzip(it item, b blob) error {
	// A directory is read whole, so it is bounded before its members can be counted.
	directory := &boundedReaderAt{at: b.at, left: 128<<10 + int64(w.cfg.MaxMembers)<<10}
	zr, err := zip.NewReader(directory, b.size)
	if directory.left < 0 {
		return w.refuse(it.name, limitError(fmt.Sprintf("a directory too large for %d members", w.cfg.MaxMembers)))
	}
	if err != nil {
		return w.refuse(it.name, fmt.Errorf("the zip archive is cut off or damaged: %w", err))
	}
	directory.left = math.MaxInt64 // what the members hold is bounded as it is unpacked
	zr.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	if err := w.count(len(zr.File)); err != nil {
		return w.refuse(it.name, err)
	}
	total := int64(0)
	for _, f := range zr.File {
		if total += int64(f.UncompressedSize64); int64(f.UncompressedSize64) < 0 || total < 0 {
			total = -1
			break
		}
	}
	if err := w.mayExpand(total); err != nil {
		return w.refuse(it.name, err)
	}
	for _, f := range zr.File {
		if err := w.zipMember(it, f); err != nil {
			return err
		}
	}
	return nil
}

// boundedReaderAt fails once more than left bytes were read. Not for concurrent use.
type boundedReaderAt struct {
	at   io.ReaderAt
	left int64
}

func (b *boundedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return b.at.ReadAt(p, off)
}

func (w *walk) zipMember(it item, f *zip.File) error {
	name, reason := memberName(f.Name)
	it = it.member(name)
	mode := f.Mode()
	switch {
	case reason != "":
	case mode.IsDir():
		w.problem(Skipped, it.name, "a folder")
		return nil
	case isResourceFork(name):
		w.problem(Skipped, it.name, "what macOS adds to archives")
		return nil
	case mode&fs.ModeType != 0:
		reason = "a link or device"
	case f.Flags&1 != 0:
		reason = "encrypted"
	case f.Method != zip.Store && f.Method != zip.Deflate:
		reason = fmt.Sprintf("packed by method %d, which is not supported", f.Method)
	}
	if reason != "" {
		w.problem(Refused, it.name, "%s", reason)
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return w.refuse(it.name, err)
	}
	defer func() { _ = r.Close() }() // it was only read
	unpacked, err := w.spool(r, w.expand)
	if err != nil {
		return w.refuse(it.name, fmt.Errorf("unpack the member: %w", err))
	}
	defer unpacked.release()
	return w.blob(it, unpacked)
}

func isResourceFork(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/")
}

// tarMember is a regular file in a tar archive.
type tarMember struct {
	name      string
	off, size int64
}

// untar reads through the archive first, so that one that is cut off or has too many
// members is refused whole.
func (w *walk) untar(it item, b blob) error {
	members, problems, err := w.listTar(it, b)
	if err != nil {
		return w.refuse(it.name, fmt.Errorf("read the tar archive: %w", err))
	}
	for _, p := range problems {
		w.visit.Problem(p)
	}
	for _, m := range members {
		if err := w.blob(it.member(m.name), b.section(m.off, m.size)); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) listTar(it item, b blob) (members []tarMember, problems []*Problem, err error) {
	src := b.reader()
	tr := tar.NewReader(src)
	for {
		h, err := tr.Next()
		if err == io.EOF { //nolint:errorlint // bare at the end; wrapped it is a fault
			if !endMarked(src) {
				problems = append(problems, &Problem{Name: it.name, Reason: "the tar archive has no end mark: members may be missing", Severity: Noted})
			}
			return members, problems, nil
		}
		if err != nil {
			return nil, nil, err
		}
		if err := w.count(1); err != nil {
			return nil, nil, err
		}
		name, reason := memberName(h.Name)
		if severity, why := unlikeFile(h); reason == "" && why != "" {
			problems = append(problems, &Problem{Name: it.name + "/" + name, Reason: why, Severity: severity})
			continue
		}
		if reason != "" {
			problems = append(problems, &Problem{Name: it.name + "/" + name, Reason: reason, Severity: Refused})
			continue
		}
		// The reader stands at the first byte of the member.
		off, err := src.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, nil, err
		}
		if h.Size > b.size-off {
			return nil, nil, io.ErrUnexpectedEOF
		}
		members = append(members, tarMember{name: name, off: off, size: h.Size})
	}
}

// endMarked reports whether the block before the reader's place is the zeros that end a
// tar archive; the tar reader takes the end of the bytes for it too.
func endMarked(src *io.SectionReader) bool {
	const block = 512
	at, err := src.Seek(0, io.SeekCurrent)
	if err != nil || at < block {
		return false
	}
	var b [block]byte
	_, err = src.ReadAt(b[:], at-block)
	return err == nil && b == [block]byte{}
}

// unlikeFile is the reason why a tar member is no log, if it is none.
func unlikeFile(h *tar.Header) (Severity, string) {
	switch h.Typeflag {
	case tar.TypeReg:
	case tar.TypeDir:
		return Skipped, "a folder"
	case tar.TypeSymlink, tar.TypeLink:
		return Refused, "a link"
	case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		return Refused, "a device"
	case tar.TypeXGlobalHeader:
		return Skipped, "a header for the other members"
	default:
		return Refused, fmt.Sprintf("a member of type %q", h.Typeflag)
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return Refused, "a file with holes"
		}
	}
	if isResourceFork(h.Name) {
		return Skipped, "what macOS adds to archives"
	}
	return 0, ""
}
