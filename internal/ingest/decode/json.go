package decode

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// jsonFormat is JSON objects in any layout: one a line, printed over many lines, one
// behind the other, elements of arrays, elements of the array in a wrapper
// ({"records":[…]} of Azure event hubs, {"Records":[…]} of CloudTrail). Each object is
// a record.
var jsonFormat = Format{
	Name:   "json",
	About:  "JSON objects",
	match:  isJSON,
	cutter: func(Options) cutter { return &jsonCutter{} },
	revive: func(_ Options, saved []byte) (cutter, error) {
		c := &jsonCutter{}
		return c, json.Unmarshal(saved, &c.jsonState)
	},
}

// isJSON looks one step behind the opening bracket, for log lines begin with brackets
// and braces of their own.
func isJSON(head []byte, _ string) bool {
	head = bytes.TrimLeft(head, jsonFurniture)
	if len(head) == 0 || head[0] != '{' && head[0] != '[' {
		return false
	}
	next := bytes.TrimLeft(head[1:], " \t\r\n")
	if len(next) == 0 {
		return len(head) < HeadSize
	}
	if head[0] == '{' {
		return next[0] == '"' || next[0] == '}'
	}
	return next[0] == '{' || next[0] == ']'
}

// jsonFurniture may stand between records: white space, commas, the record separator
// of RFC 7464, and the NULs that a crash leaves in a file.
const jsonFurniture = " \t\r\n,\x1e\x00"

// jsonPlace is where between brackets the next piece stands.
type jsonPlace uint8

const (
	atTop     jsonPlace = iota
	inArray             // in an array of records
	inWrapper           // in the array of a wrapper object
	inTail              // behind that array, still in the wrapper
)

type jsonState struct {
	Place jsonPlace `json:"place"`
	// Indent is how many blanks the current line begins with; Leading that only blanks
	// have been seen on it.
	Indent  int  `json:"indent,omitempty"`
	Leading bool `json:"leading,omitempty"`
	// Skip is where in a record beyond the limit skip has come to.
	Skip bracketing `json:"skip,omitzero"`
}

type jsonCutter struct{ jsonState }

func (c *jsonCutter) parser() parser { return jsonParser{} }

func (c *jsonCutter) save() []byte {
	b, err := json.Marshal(c.jsonState)
	if err != nil {
		panic(err) // numbers and bools always marshal
	}
	return b
}

func (c *jsonCutter) next(b []byte, final bool) piece {
	if n := c.furniture(b); n > 0 {
		return piece{n: n}
	}
	switch {
	case c.Place == inTail:
		return c.tail(b, final)
	case c.Place == atTop && b[0] == '[':
		c.Place = inArray
		return piece{n: 1}
	case c.Place == inArray && b[0] == ']':
		c.Place = atTop
		return piece{n: 1}
	case c.Place == inWrapper && b[0] == ']':
		c.Place = inTail
		return piece{n: 1}
	case c.Place == atTop && b[0] == '{':
		switch n := wrapperHead(b); {
		case n > 0:
			c.Place = inWrapper
			return piece{n: n}
		case n < 0 && !final:
			return piece{}
		}
		if p := flatLine(b); p.n > 0 {
			return p
		}
	case c.Place == atTop && bytes.HasPrefix(b, utf8BOM):
		return piece{n: len(utf8BOM)} // where files were joined
	case c.Place == atTop:
		// No record begins like this: the rest of the line is one that is broken.
		raw, _ := line(b, final)
		return brokenPiece(b[:raw])
	}
	return c.record(b, final)
}

// furniture measures what stands between records at the front of b and keeps count of
// the line's indentation.
func (c *jsonCutter) furniture(b []byte) int {
	for i, ch := range b {
		switch {
		case ch == '\n':
			c.Indent, c.Leading = 0, true
		case strings.IndexByte(jsonFurniture, ch) < 0:
			c.Leading = false
			return i
		case c.Leading && (ch == ' ' || ch == '\t'):
			c.Indent++
		default:
			c.Leading = c.Leading && ch == '\r'
		}
	}
	return len(b)
}

// wrapperHead measures `{"records":[` when a record or the end of the array follows,
// which makes it furniture. 0: something else; -1: b is too short to tell.
func wrapperHead(b []byte) int {
	i := skipSpace(b, 1)
	for _, word := range []string{`"Records"`, `"records"`} {
		have := b[i:min(len(b), i+len(word))]
		if string(have) != word[:len(have)] {
			continue
		}
		for _, mark := range []byte(":[") {
			if i = skipSpace(b, i+len(word)); i >= len(b) {
				return -1
			}
			if b[i] != mark {
				return 0
			}
			word = word[:1]
		}
		next := skipSpace(b, i+1)
		switch {
		case next == len(b):
			return -1
		case b[next] == '{' || b[next] == ']':
			return i + 1
		}
		return 0
	}
	return 0
}

// tail takes what may follow the array in a wrapper: its other members, as long as they
// are scalars, and the closing brace. Anything else is left to be a record, so that
// nothing disappears.
func (c *jsonCutter) tail(b []byte, final bool) piece {
	if b[0] == '}' {
		c.Place = atTop
		return piece{n: 1}
	}
	i, fault := scanKey(b, 0)
	if fault == "" {
		if i = skipSpace(b, i); i == len(b) {
			fault = incomplete
		} else {
			i, fault = scanScalar(b, i)
		}
	}
	if fault == "" && i == len(b) || fault == incomplete {
		if !final {
			return piece{}
		}
	}
	if fault != "" {
		c.Place = atTop
		return c.next(b, final)
	}
	return piece{n: i}
}

// flatLine is the fast path: a line with one opening brace, at its start, and one
// closing brace, at its end, is one record whatever is in between: either it is whole,
// or it is broken and ends with the line.
func flatLine(b []byte) piece {
	const longest = 4096
	nl := bytes.IndexByte(b[:min(len(b), longest)], '\n')
	if nl < 0 {
		return piece{}
	}
	l := b[:nl]
	if nl > 0 && l[nl-1] == '\r' {
		l = l[:nl-1]
	}
	if bytes.IndexByte(l, '}') != len(l)-1 || bytes.IndexByte(l[1:], '{') >= 0 {
		return piece{}
	}
	return piece{n: len(l), raw: len(l)}
}

// record takes one value. A number at the end of b may go on behind it.
func (c *jsonCutter) record(b []byte, final bool) piece {
	end, fault := scanValue(b, 0, 0)
	switch {
	case fault == "" && (end < len(b) || final || b[0] == '{' || b[0] == '['):
		return piece{n: end, raw: end}
	case fault == "" || fault == incomplete && !final:
		return piece{}
	}
	return c.broken(b, end, final)
}

// broken measures a record that has a fault at b[at]. In an array it ends where its
// brackets close, if they do. Else a record that is wrong on its first line ends there,
// and one that is wrong further down ends where a line begins like the record did: a
// line cut off in the middle of a file does not take the next ones with it.
//
// It never looks much further than the record it answers, so that a source of nothing
// but faults is still read in good time.
func (c *jsonCutter) broken(b []byte, at int, final bool) piece {
	if c.Place != atTop {
		m := bracketing{next: c.startsRecord}
		n, end := m.run(b, true)
		if end == closed {
			return piece{n: n, raw: n}
		}
		if end == open && !final {
			return piece{}
		}
	}
	nl := bytes.IndexByte(b, '\n')
	if nl >= 0 && at <= nl && c.Place == atTop {
		return brokenPiece(b[:nl])
	}
	p := c.giveUp(b)
	if p.n == 0 && final {
		return brokenPiece(b)
	}
	return p
}

// giveUp ends the record before the next line that begins like it.
func (c *jsonCutter) giveUp(b []byte) piece {
	for i := 0; ; {
		nl := bytes.IndexByte(b[i:], '\n')
		if nl < 0 {
			return piece{}
		}
		i += nl + 1
		if c.startsRecord(b[i:]) {
			return brokenPiece(b[:i])
		}
	}
}

func brokenPiece(b []byte) piece {
	raw := len(bytes.TrimRight(b, " \t\r\n"))
	return piece{n: raw, raw: raw}
}

// startsRecord reports whether a line begins the way the current record's line did, or
// closes the array it is in.
func (c *jsonCutter) startsRecord(l []byte) bool {
	indent := len(l) - len(bytes.TrimLeft(l, " \t"))
	switch {
	case indent == len(l):
		return false
	case l[indent] == '{':
		return indent == c.Indent
	}
	return c.Place != atTop && l[indent] == ']' && indent <= c.Indent
}

func (c *jsonCutter) skip(b []byte) (int, bool) {
	n, end := c.Skip.run(b, c.Place != atTop)
	if end == open {
		return n, false
	}
	c.Skip = bracketing{}
	return n, true
}

// bracketing follows the brackets of a value without asking what is between them.
type bracketing struct {
	Depth   int  `json:"depth,omitempty"`
	String  bool `json:"string,omitempty"`
	Escaped bool `json:"escaped,omitempty"`
	Begun   bool `json:"begun,omitempty"`

	// next, if any, reports whether a line begins the next value, which ends this one.
	next func(line []byte) bool
}

// bracketEnd is how far bracketing has come: the value goes on, its brackets are
// closed, or a line ended where none may.
type bracketEnd uint8

const (
	open bracketEnd = iota
	closed
	torn
)

// run goes on in b and returns how much of it belongs to the value. A value that is no
// object or array ends with its line, in an array at a comma or bracket too.
func (m *bracketing) run(b []byte, array bool) (n int, end bracketEnd) {
	for i, c := range b {
		switch {
		case m.Escaped && c != '\n':
			m.Escaped = false
		case c == '\n' && (m.String || m.Depth == 0):
			return i, torn
		case c == '\n' && m.next != nil && m.next(b[i+1:]):
			return i, torn
		case m.String:
			m.Escaped = c == '\\'
			m.String = c != '"'
		case c == '"':
			m.String = true
		case c == '{' || c == '[':
			m.Depth++
		case m.Depth == 0 && array && m.Begun && (c == ',' || c == ']'):
			return i, closed
		case (c == '}' || c == ']') && m.Depth > 0:
			if m.Depth--; m.Depth == 0 {
				return i + 1, closed
			}
		}
		m.Begun = true
	}
	return len(b), open
}

type jsonParser struct{}

// parse takes one object apart.
func (jsonParser) parse(d *Decoder, raw []byte, text string, r *Record) string {
	if raw[0] != '{' {
		if end, fault := scanValue(raw, 0, 0); fault == "" && end == len(raw) {
			return notAnObject
		}
		return syntax(badValue, 0)
	}
	clean := utf8.Valid(raw)
	i := skipSpace(raw, 1)
	if i < len(raw) && raw[i] == '}' {
		return trailing(raw, i+1)
	}
	for {
		var fault string
		if i, fault = d.member(raw, text, i, clean, r); fault != "" {
			return syntax(fault, i)
		}
		if i = skipSpace(raw, i); i == len(raw) {
			return syntax(incomplete, i)
		}
		switch raw[i] {
		case ',':
			i++
		case '}':
			return trailing(raw, i+1)
		default:
			return syntax(badObject, i)
		}
	}
}

func trailing(raw []byte, i int) string {
	if i = skipSpace(raw, i); i < len(raw) {
		return syntax(trailingData, i)
	}
	return ""
}

// member adds the field whose key is at raw[i] and returns where it ends. clean says
// that the record is UTF-8.
func (d *Decoder) member(raw []byte, text string, i int, clean bool, r *Record) (int, string) {
	i = skipSpace(raw, i)
	if i == len(raw) {
		return i, incomplete
	}
	if raw[i] != '"' {
		return i, badKey
	}
	name, i, fault := d.str(raw, text, i, clean)
	if fault != "" {
		return i, fault
	}
	if i = skipSpace(raw, i); i == len(raw) {
		return i, incomplete
	}
	if raw[i] != ':' {
		return i, badColon
	}
	if i = skipSpace(raw, i+1); i == len(raw) {
		return i, incomplete
	}
	v, i, fault := d.value(raw, text, i, clean)
	r.Fields = append(r.Fields, Field{Name: name, Value: v})
	return i, fault
}

// str reads the string at raw[i].
func (d *Decoder) str(raw []byte, text string, i int, clean bool) (s string, end int, fault string) {
	end, escaped, fault := scanString(raw, i)
	if fault != "" {
		return "", end, fault
	}
	s = text[i+1 : end-1]
	if escaped || !clean {
		s = d.unescape(s, clean)
	}
	return s, end, ""
}

// value reads the value at raw[i].
func (d *Decoder) value(raw []byte, text string, i int, clean bool) (v Value, end int, fault string) {
	switch raw[i] {
	case '"':
		v.Kind = String
		v.Text, end, fault = d.str(raw, text, i, clean)
		return v, end, fault
	case '{', '[':
		v.Kind = containerKind(raw[i])
		end, fault = scanValue(raw, i, 1)
	default:
		v.Kind = scalarKind(raw[i])
		end, fault = scanScalar(raw, i)
	}
	v.Text = text[i:end]
	if !clean {
		v.Text = d.valid(v.Text)
	}
	return v, end, fault
}

func containerKind(c byte) Kind {
	if c == '{' {
		return Object
	}
	return Array
}

func scalarKind(c byte) Kind {
	switch c {
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Number
}
