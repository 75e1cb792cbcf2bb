package decode

import "bytes"

// textFormat takes any line for a record: what no other format claims is kept as it
// is, with the line as its only field.
var textFormat = Format{
	Name:   "text",
	About:  "plain text lines",
	match:  func([]byte, string) bool { return true },
	cutter: func(Options) cutter { return textCutter{} },
	revive: func(Options, []byte) (cutter, error) { return textCutter{}, nil },
}

type textCutter struct{}

func (textCutter) next(b []byte, final bool) piece {
	raw, n := line(b, final)
	if len(bytes.Trim(b[:raw], " \t\r\f\v\x00")) == 0 {
		raw = 0
	}
	return piece{n: n, raw: raw}
}

func (textCutter) giveUp([]byte) piece       { return piece{} }
func (textCutter) skip(b []byte) (int, bool) { return skipLine(b) }
func (textCutter) parser() parser            { return textParser{} }
func (textCutter) save() []byte              { return nil }

type textParser struct{}

func (textParser) parse(d *Decoder, _ []byte, text string, r *Record) string {
	r.Fields = append(r.Fields, Field{Name: "message", Value: Value{Kind: String, Text: d.valid(text)}})
	return ""
}

// line measures the first line of b: raw bytes without the line end, n with it. Both
// are 0 when the line may go on behind b.
func line(b []byte, final bool) (raw, n int) {
	n = bytes.IndexByte(b, '\n') + 1
	raw = n - 1
	if n == 0 {
		if !final {
			return 0, 0
		}
		n, raw = len(b), len(b)
	}
	if raw > 0 && b[raw-1] == '\r' {
		raw--
	}
	return raw, n
}

// skipLine takes the rest of a line.
func skipLine(b []byte) (n int, done bool) {
	if n = bytes.IndexByte(b, '\n') + 1; n > 0 {
		return n, true
	}
	return len(b), false
}
