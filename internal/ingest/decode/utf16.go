package decode

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// UTF8 reads a source as the rest of this package wants it: UTF-16 with a byte order
// mark, as Windows tools export it, comes out as UTF-8 without one; everything else
// comes out as it is. Offsets and hashes are of what comes out.
func UTF8(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	mark, _ := b.Peek(2) // an error comes again with the first Read
	if bytes.Equal(mark, []byte{0xff, 0xfe}) || bytes.Equal(mark, []byte{0xfe, 0xff}) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(b)
	}
	return b
}
