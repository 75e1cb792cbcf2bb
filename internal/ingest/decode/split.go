package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Options bound and describe a source. The zero value works.
type Options struct {
	// Name of the source: a CSV export may be named after its table.
	Name string
	// ChunkSize is how many bytes a chunk holds at most, unless one record is longer:
	// 512 KiB when 0.
	ChunkSize int
	// MaxRecord is how many bytes a record may have: 16 MiB when 0. A longer one is
	// quarantined with its first KeepLong bytes, and the source goes on behind it.
	MaxRecord int
	// Grows says that the source may still be written to: a last record without a line
	// end behind it gets a chunk of its own, so that it can be left for later.
	Grows bool
}

// Defaults of Options, and what is kept of a record beyond MaxRecord.
const (
	DefaultChunkSize = 512 << 10
	DefaultMaxRecord = 16 << 20
	KeepLong         = 64 << 10
)

var utf8BOM = []byte("\xef\xbb\xbf")

// cutter finds where records begin and end in one format. It is given the bytes in
// order and keeps what it must know of those before.
//
// What it answers for some bytes it must also answer when more are there to see, or
// else ask for more: where chunks end must not matter.
type cutter interface {
	// next takes the next piece off the front of b, which is not empty. With final
	// there is nothing behind b, and the answer must not be the zero piece.
	next(b []byte, final bool) piece
	// giveUp is asked when next wants more bytes than a record may have: it may still
	// see where the record goes wrong and end it there. The zero piece says that the
	// record is just long.
	giveUp(b []byte) piece
	// skip takes what belongs to a record that is longer than allowed, from its first
	// byte on, over as many calls as it takes. done: the record ends with the n bytes.
	skip(b []byte) (n int, done bool)
	// parser parses the records cut from now on. It never changes once given out.
	parser() parser
	// save is what Format.revive needs to go on here.
	save() []byte
}

// piece is n bytes off the front: a record of raw bytes and what closes it, or
// furniture of the format when raw is 0. The zero piece asks for more bytes.
type piece struct {
	n, raw int
	// newHeader says that the furniture changed the cutter's parser.
	newHeader bool
}

// parser turns the bytes of one record into its fields. text is raw as a string. It
// returns the reason when it cannot.
type parser interface {
	parse(d *Decoder, raw []byte, text string, r *Record) (reason string)
}

// Splitter cuts a source into chunks of whole records, in order, without parsing them.
// Not for concurrent use; its chunks are.
type Splitter struct {
	r      io.Reader
	err    error // io.EOF or what reading failed with
	format *Format
	cut    cutter
	size   int
	max    int
	grows  bool

	// buf[:start] was given out with earlier chunks, buf[start:pos] is cut.
	buf        []byte
	start, pos int
	long       bool  // within a record beyond max
	ordinal    int64 // of the next chunk
	offset     int64 // of buf[start]
}

// NewSplitter begins a source at its first byte.
func NewSplitter(r io.Reader, f *Format, o Options) (*Splitter, error) {
	if !f.Readable() {
		return nil, fmt.Errorf("split %s: nothing reads the format", f.Name)
	}
	return newSplitter(r, f, f.cutter(o), o), nil
}

func newSplitter(r io.Reader, f *Format, c cutter, o Options) *Splitter {
	s := &Splitter{r: r, format: f, cut: c, size: o.ChunkSize, max: o.MaxRecord, grows: o.Grows}
	if s.size <= 0 {
		s.size = DefaultChunkSize
	}
	if s.max <= 0 {
		s.max = DefaultMaxRecord
	}
	return s
}

// state is Chunk.State.
type state struct {
	Format  string `json:"format"`
	Ordinal int64  `json:"ordinal"`
	Offset  int64  `json:"offset"`
	Long    bool   `json:"long,omitempty"`
	Cutter  []byte `json:"cutter,omitempty"`
}

// Resume goes on in a source of which a part is known: state is that of the last known
// chunk, and r begins at that chunk's NextOffset.
func Resume(r io.Reader, saved []byte, o Options) (*Splitter, error) {
	var st state
	if err := json.Unmarshal(saved, &st); err != nil {
		return nil, fmt.Errorf("read the decoder's state: %w", err)
	}
	f := ByName(st.Format)
	if f == nil || st.Ordinal < 0 || st.Offset < 0 {
		return nil, fmt.Errorf("read the decoder's state: no format %q", st.Format)
	}
	c, err := f.revive(o, st.Cutter)
	if err != nil {
		return nil, fmt.Errorf("read the decoder's state: %w", err)
	}
	s := newSplitter(r, f, c, o)
	s.ordinal, s.offset, s.long = st.Ordinal, st.Offset, st.Long
	return s, nil
}

// Format is the format of the source.
func (s *Splitter) Format() *Format { return s.format }

// Chunk is a run of a source's bytes with whole records in it. Chunks follow one
// another without a gap: what is in none of the records is furniture of the format
// (header lines, punctuation of arrays, blank lines) or the rest of a record beyond
// Options.MaxRecord. Data must not be changed, ever: the strings of decoded records
// share it.
type Chunk struct {
	Data         []byte
	FirstOrdinal int64
	FirstOffset  int64

	format *Format
	spans  []span
	parser parser
	state  []byte
	open   bool
}

// Open reports that the chunk ends with the last record of a source that may grow, which
// has no line end behind it yet.
func (c *Chunk) Open() bool { return c.open }

// span is one record of a chunk: Data[start:end].
type span struct {
	start, end int
	long       bool // beyond MaxRecord: only the start of it
}

// Records counts the records, those too that will not parse.
func (c *Chunk) Records() int { return len(c.spans) }

// NextOrdinal and NextOffset are where the next chunk begins.
func (c *Chunk) NextOrdinal() int64 { return c.FirstOrdinal + int64(len(c.spans)) }

// NextOffset is the offset of the first byte behind the chunk.
func (c *Chunk) NextOffset() int64 { return c.FirstOffset + int64(len(c.Data)) }

// State is what Resume needs to go on behind the chunk.
func (c *Chunk) State() []byte { return c.state }

// Next is the next chunk, or io.EOF when there is none. After another error from the
// reader the records that are whole are still given out, then the error.
func (s *Splitter) Next() (*Chunk, error) {
	c := &Chunk{FirstOrdinal: s.ordinal, FirstOffset: s.offset, format: s.format}
	for {
		ok, last := s.step(c)
		switch {
		case last:
			return s.finish(c), nil
		case ok:
			continue
		case s.err != nil && s.pos > s.start:
			return s.finish(c), nil
		case s.err != nil:
			return nil, s.err
		case len(s.buf) == cap(s.buf) && s.pos > s.start:
			return s.finish(c), nil
		}
		s.read()
	}
}

// step cuts one piece into c. ok is false when that takes more bytes; last means that
// the chunk must end here because the header changes.
func (s *Splitter) step(c *Chunk) (ok, last bool) {
	b := s.buf[s.pos:]
	if len(b) == 0 {
		return false, false
	}
	if s.long {
		n, done := s.cut.skip(b)
		s.pos += n
		s.long = !done
		return true, false
	}
	if s.offset == 0 && s.pos == s.start {
		if len(b) < len(utf8BOM) && s.err == nil {
			return false, false
		}
		if bytes.HasPrefix(b, utf8BOM) {
			s.pos += len(utf8BOM)
			return true, false
		}
	}
	window := b[:min(len(b), s.max+1)]
	final := errors.Is(s.err, io.EOF) && len(b) <= s.max
	if s.grows && final && len(c.spans) > 0 && bytes.IndexByte(b, '\n') < 0 {
		return true, true
	}
	p := s.cut.next(window, final)
	if p.n == 0 && len(window) <= s.max {
		return false, false
	}
	if p.n == 0 {
		p = s.cut.giveUp(window)
	}
	if p.n == 0 {
		n, done := s.cut.skip(b)
		s.add(c, n, true)
		s.pos += n
		s.long = !done
		return true, false
	}
	if p.raw > 0 {
		s.add(c, p.raw, false)
	}
	s.pos += p.n
	return true, p.newHeader && len(c.spans) > 0
}

// add makes the next n bytes a record of c.
func (s *Splitter) add(c *Chunk, n int, long bool) {
	if c.parser == nil {
		c.parser = s.cut.parser()
	}
	if long {
		n = min(n, s.max, KeepLong)
	}
	start := s.pos - s.start
	c.spans = append(c.spans, span{start: start, end: start + n, long: long})
}

// finish closes the chunk behind the last piece.
func (s *Splitter) finish(c *Chunk) *Chunk {
	c.Data = s.buf[s.start:s.pos:s.pos]
	c.open = s.grows && len(c.spans) == 1 && s.pos == len(s.buf) && errors.Is(s.err, io.EOF) && !bytes.HasSuffix(c.Data, []byte{'\n'})
	s.ordinal += int64(len(c.spans))
	s.offset += int64(len(c.Data))
	s.start = s.pos
	c.state = s.save()
	return c
}

func (s *Splitter) save() []byte {
	b, err := json.Marshal(state{Format: s.format.Name, Ordinal: s.ordinal, Offset: s.offset, Long: s.long, Cutter: s.cut.save()})
	if err != nil {
		panic(err) // numbers, strings and bytes always marshal
	}
	return b
}

// read fills the buffer or sets err. A full buffer is left to the chunks that it was
// given out with; one that holds nothing but the start of a record doubles. Small reads
// are not passed on, for the start of a record is looked at again with each.
func (s *Splitter) read() {
	if len(s.buf) == cap(s.buf) {
		rest := s.buf[s.start:]
		s.buf = append(make([]byte, 0, max(s.size, 2*len(rest))), rest...)
		s.pos -= s.start
		s.start = 0
	}
	for empty := 0; len(s.buf) < cap(s.buf) && s.err == nil; {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		s.err = err
		if n > 0 {
			empty = 0
		} else if empty++; empty == 100 && err == nil {
			s.err = io.ErrNoProgress
		}
	}
}
