// Package receive says where bytes come from: files, folders, standard input, request
// bodies, and what is packed in them (gzip, zip, tar, one in the other). Each log in
// there becomes one Input of plain bytes; what cannot or must not become one is
// reported as a Problem by name. It decides nothing about what the bytes mean.
//
// Packed bytes are unpacked whole before any of them is handed on, to memory or to a
// temporary file, so that a file that is cut off, damaged or beyond a limit is refused
// as a whole and never half loaded; the members of a zip are refused one by one. Names
// in archives are only ever shown, no file is written by them.
package receive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"spoor/internal/ingest/decode"
)

// Config bounds what is unpacked. A zero field takes its default. The limits are for
// each file or stream that is received, with all that is packed in it.
type Config struct {
	// MaxMembers is how many members all archives in a file may have: 10,000.
	MaxMembers int
	// MaxExpanded is how many bytes a file may unpack to, counting each layer of
	// packing, and how many a stream may have: 16 GiB.
	MaxExpanded int64
	// MaxRatio is how many times larger a file may become by unpacking: 250, for logs
	// shrink up to a hundredfold. It is not asked of the first 16 MiB.
	MaxRatio int64
	// MaxDepth is how many layers of packing there may be: 4, which is a gzip in a
	// gzipped tar (two layers) in a zip.
	MaxDepth int
	// InMemory is how many unpacked bytes are held in memory before a temporary file
	// takes them: 16 MiB.
	InMemory int64
	// TempDir is where temporary files are; the system's own place when empty.
	TempDir string
	// Room is asked before so many bytes are written to a temporary file; its error ends
	// the walk. nil: there is always room.
	Room func(bytes int64) error
	// Format is what everything is taken for; by content when nil.
	Format *decode.Format
}

// Defaults of Config.
const (
	DefaultMaxMembers  = 10_000
	DefaultMaxExpanded = 16 << 30
	DefaultMaxRatio    = 250
)

// ratioFloor is how much may be unpacked before MaxRatio counts.
const ratioFloor = 16 << 20

func (c Config) withDefaults() Config {
	if c.MaxMembers == 0 {
		c.MaxMembers = DefaultMaxMembers
	}
	if c.MaxExpanded == 0 {
		c.MaxExpanded = DefaultMaxExpanded
	}
	if c.MaxRatio == 0 {
		c.MaxRatio = DefaultMaxRatio
	}
	if c.MaxDepth == 0 {
		c.MaxDepth = 4
	}
	if c.InMemory == 0 {
		c.InMemory = 16 << 20
	}
	return c
}

// Input is one log, unpacked. It lives until the Visitor's function returns.
type Input struct {
	// Name is the path as it was given, then the way through the archives, with / in
	// between; clean, and without characters that cannot be printed.
	Name string
	// File is the part of Name that is the file or stream received.
	File string
	// Format is what the content looks like, or Config.Format. It can be read.
	Format *decode.Format
	// Size is how many bytes there are, before UTF-16 becomes UTF-8.
	Size int64
	// Plain says that it came as it is: what was packed is finished, what was not may
	// still be written to.
	Plain bool

	blob blob
}

// Open reads the input from its start: UTF-8 text, see decode.UTF8. It can be called
// again, also while other readers are open. A file that grows meanwhile ends where it
// ended when it was found.
func (in *Input) Open() (io.ReadCloser, error) {
	return io.NopCloser(decode.UTF8(in.blob.reader())), nil
}

// Severity is how bad a Problem is.
type Severity uint8

const (
	// Skipped says that there is nothing for us in it: a folder, an empty file, a capture.
	Skipped Severity = iota
	// Noted says that its logs are taken, but something beside them was left out.
	Noted
	// Refused says that logs that may be in it are not taken.
	Refused
)

// Problem names something that did not become an Input, and why.
type Problem struct {
	Name     string
	Reason   string
	Severity Severity
}

func (p *Problem) Error() string { return p.Name + ": " + p.Reason }

// Visitor is told what is found, one at a time. An error of Input ends the walk.
type Visitor struct {
	Input   func(*Input) error
	Problem func(*Problem)
}

// Stream receives one stream, for example a request body, under a name. It returns the
// visitor's error, the context's, or that of a temporary file that cannot be written
// (errors.Is ENOSPC when the disk is full); all else is a Problem.
func Stream(ctx context.Context, name string, r io.Reader, cfg Config, v Visitor) error {
	w := newWalk(ctx, cfg, v)
	return w.stream(printable(name), r)
}

// walk is one call of Walk or Stream.
type walk struct {
	ctx   context.Context //nolint:containedctx // it lives as long as the call
	cfg   Config
	visit Visitor
	spent budget
}

func newWalk(ctx context.Context, cfg Config, v Visitor) *walk {
	return &walk{ctx: ctx, cfg: cfg.withDefaults(), visit: v}
}

func (w *walk) problem(s Severity, name, format string, args ...any) {
	w.visit.Problem(&Problem{Name: name, Reason: fmt.Sprintf(format, args...), Severity: s})
}

// stream spools r, so that it can be read twice and unpacked, and receives it.
func (w *walk) stream(name string, r io.Reader) error {
	b, err := w.spool(r, w.streamLimit())
	if err != nil {
		return w.refuse(name, err)
	}
	defer b.release()
	return w.file(name, b)
}

// file receives one whole file or stream.
func (w *walk) file(name string, b blob) error {
	w.spent = budget{packed: b.size}
	return w.blob(item{file: name, name: name}, b)
}

// item is a place in the packing.
type item struct {
	file, name string
	depth      int // layers of packing around it
}

func (it item) member(name string) item {
	return item{file: it.file, name: it.name + "/" + name, depth: it.depth + 1}
}

// blob hands on plain bytes and unpacks packed ones.
func (w *walk) blob(it item, b blob) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if b.size == 0 {
		w.problem(Skipped, it.name, "empty")
		return nil
	}
	head := make([]byte, min(b.size, decode.HeadSize))
	if _, err := io.ReadFull(b.reader(), head); err != nil {
		return w.refuse(it.name, err)
	}
	p := packingOf(head)
	switch {
	case p == nil:
		return w.input(it, b)
	case p.unpack == nil:
		w.problem(Refused, it.name, "%s, which is not supported", p.about)
	case it.depth >= w.cfg.MaxDepth:
		w.problem(Refused, it.name, "packed in more than %d layers", w.cfg.MaxDepth)
	default:
		return p.unpack(w, it, b)
	}
	return nil
}

// input hands plain bytes on if their format can be read.
func (w *walk) input(it item, b blob) error {
	in := &Input{Name: it.name, File: it.file, Format: w.cfg.Format, Size: b.size, Plain: it.depth == 0, blob: b}
	if in.Format == nil {
		head := make([]byte, decode.HeadSize)
		n, err := io.ReadFull(decode.UTF8(b.reader()), head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return w.refuse(it.name, err)
		}
		in.Format = decode.Detect(head[:n], it.name)
	}
	switch {
	case in.Format.Readable():
		return w.visit.Input(in)
	case in.Format.Missed:
		w.problem(Refused, it.name, "%s, which is not supported", in.Format.About)
	default:
		w.problem(Skipped, it.name, "%s, which is not read", in.Format.About)
	}
	return nil
}

// refuse turns an error of reading or unpacking into a Problem, unless it is one that
// ends the walk.
func (w *walk) refuse(name string, err error) error {
	if _, fatal := errors.AsType[*spoolError](err); fatal {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		w.problem(Refused, name, "cut off: it ends before it should")
		return nil
	}
	w.problem(Refused, name, "%v", err)
	return nil
}

// maxName is how many bytes of a name in an archive are shown.
const maxName = 512

// memberName is the name of an archive's member as it is shown, or the reason why the
// name must not be believed.
func memberName(name string) (clean, reason string) {
	name = strings.ReplaceAll(name, `\`, "/")
	clean = printable(path.Clean(strings.TrimLeft(name, "/")))
	switch {
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return clean, "its name is an absolute path"
	case clean == "..", strings.HasPrefix(clean, "../"):
		return clean, "its name leads out of the archive"
	}
	return clean, ""
}

// printable replaces what a terminal or a page should not be shown.
func printable(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, name)
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "") + "…"
	}
	return name
}
