package decode

import (
	"fmt"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Decoder parses the records of chunks. One goroutine uses one Decoder at a time;
// several Decoders may work on chunks of one source side by side.
type Decoder struct {
	record Record
	// arena holds text that does not stand in the source as it is read: strings with
	// their escapes undone. A Builder never writes where it has handed out.
	arena strings.Builder
}

// Decode hands every record of the chunk to exactly one of the two functions, in order.
//
// The *Record and its Fields slice are the Decoder's and are used again for the next
// record: Clone what is to be kept. The strings and Raw in it may be kept, but they keep
// the whole chunk in memory, so clone a string that is to live longer than its batch.
func (d *Decoder) Decode(c *Chunk, record func(*Record), quarantine func(*Error)) {
	// The bytes of a chunk never change, so strings may share them.
	text := unsafe.String(unsafe.SliceData(c.Data), len(c.Data))
	r := &d.record
	for i, sp := range c.spans {
		raw := c.Data[sp.start:sp.end:sp.end]
		ordinal, offset := c.FirstOrdinal+int64(i), c.FirstOffset+int64(sp.start)
		*r = Record{Format: c.format.Name, Fields: r.Fields[:0], Raw: raw, Ordinal: ordinal, Offset: offset}
		reason := "longer than a record may be; only its start is kept"
		if !sp.long {
			reason = c.parser.parse(d, raw, text[sp.start:sp.end], r)
		}
		if reason != "" {
			quarantine(&Error{Ordinal: ordinal, Offset: offset, Raw: raw, Reason: reason})
			continue
		}
		record(r)
	}
}

// arenaBlock is how much the arena allocates at once.
const arenaBlock = 32 << 10

// reserve makes room in the arena for n bytes, so that they stay in one piece.
func (d *Decoder) reserve(n int) *strings.Builder {
	if d.arena.Cap()-d.arena.Len() < n {
		d.arena = strings.Builder{}
		d.arena.Grow(max(arenaBlock, n))
	}
	return &d.arena
}

// valid is s with every byte that is not UTF-8 replaced by U+FFFD. The engines and the
// API speak UTF-8 only; what the bytes were stands in Raw.
func (d *Decoder) valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	a := d.reserve(len(s) * len("\uFFFD"))
	start := a.Len()
	for _, c := range s { // yields U+FFFD once for each invalid byte
		a.WriteRune(c)
	}
	return a.String()[start:]
}

// syntax is the reason of a record that breaks a format's rules at one of its bytes.
func syntax(what string, at int) string {
	return fmt.Sprintf("%s at byte %d of the record", what, at)
}
