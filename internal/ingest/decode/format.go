package decode

import (
	"bytes"
	"slices"
)

// HeadSize is how many leading bytes of a source Detect wants to see.
const HeadSize = 64 << 10

// Format is a wire format: how to recognise it and, when anything here reads it, how
// to cut and parse it.
type Format struct {
	// Name is what --format and Record.Format say.
	Name string
	// About names it for people.
	About string
	// Missed says that there are logs in it although nothing here reads them.
	Missed bool

	match func(head []byte, name string) bool
	// cutter and revive begin a source and go on in one; nil where nothing reads the
	// format, so that it is skipped and named.
	cutter func(o Options) cutter
	revive func(o Options, state []byte) (cutter, error)
}

// Readable reports whether sources of the format can be split and decoded.
func (f *Format) Readable() bool { return f.cutter != nil }

// formats is every format, in the order in which Detect asks them: the first that
// matches wins, so the certain ones stand before the guesses.
var formats = []*Format{
	&pcapFormat,
	&evtxFormat,
	&zeekFormat,
	&jsonFormat,
	&binaryFormat,
	&csvFormat,
	&textFormat,
}

// Formats lists the formats that can be read.
func Formats() []*Format {
	return slices.DeleteFunc(slices.Clone(formats), func(f *Format) bool { return !f.Readable() })
}

// FormatNames are the names of the formats that can be read, as ByName knows them.
func FormatNames() []string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return names
}

// ByName finds a format that can be read; nil when there is none of that name.
func ByName(name string) *Format {
	for _, f := range formats {
		if f.Name == name && f.Readable() {
			return f
		}
	}
	return nil
}

// Detect says what a source is by its first bytes (HeadSize of them, or all when there
// are fewer), decompressed and with UTF-16 already turned into UTF-8. The name decides
// only where the content leaves it open. It always answers: text is what any printable
// bytes are, binary what the others are.
func Detect(head []byte, name string) *Format {
	head = bytes.TrimPrefix(head, utf8BOM)
	for _, f := range formats {
		if f.match(head, name) {
			return f
		}
	}
	return &textFormat
}
