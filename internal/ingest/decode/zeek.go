package decode

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// zeekFormat is Zeek's ASCII log: header lines that begin with #, then one record a
// line. See Zeek's manual, "Log Files", and its ASCII writer for the escapes.
var zeekFormat = Format{
	Name:   "zeek.tsv",
	About:  "Zeek TSV log",
	match:  isZeek,
	cutter: func(Options) cutter { return &zeekCutter{header: newZeekHeader()} },
	revive: reviveZeek,
}

// isZeek asks the leading # lines for Zeek's own words.
func isZeek(head []byte, _ string) bool {
	head = bytes.TrimLeft(head, "\r\n")
	for len(head) > 0 && head[0] == '#' {
		raw, n := line(head, true)
		for _, word := range []string{"#separator ", "#fields\t", "#path\t"} {
			if bytes.HasPrefix(head[:raw], []byte(word)) {
				return true
			}
		}
		head = head[n:]
	}
	return false
}

// maxZeekHeader bounds a header line, for the header is kept with every position in
// the source. A longer one is quarantined.
const maxZeekHeader = 64 << 10

// zeekHeader is what the # lines say. It parses the records that follow and is never
// changed: a header line makes a new one.
type zeekHeader struct {
	separator, setSeparator string
	empty, unset            string
	path                    string
	fields, types           []string

	columns []zeekColumn // derived from fields and types
}

// zeekState is the header as it is kept with a position. The separators and marks may
// be any bytes.
type zeekState struct {
	Separator    []byte   `json:"separator"`
	SetSeparator []byte   `json:"set_separator"`
	Empty        []byte   `json:"empty"`
	Unset        []byte   `json:"unset"`
	Path         string   `json:"path"`
	Fields       []string `json:"fields"`
	Types        []string `json:"types"`
}

type zeekColumn struct {
	name string
	list bool // a set, table or vector
	elem zeekElem
}

// zeekElem is how the elements of a list are written in JSON.
type zeekElem uint8

const (
	zeekString zeekElem = iota
	zeekNumber
	zeekBool
)

// newZeekHeader holds the defaults of Zeek's ASCII writer.
func newZeekHeader() *zeekHeader {
	return &zeekHeader{separator: "\t", setSeparator: ",", empty: "(empty)", unset: "-"}
}

type zeekCutter struct{ header *zeekHeader }

func reviveZeek(_ Options, saved []byte) (cutter, error) {
	var st zeekState
	if err := json.Unmarshal(saved, &st); err != nil {
		return nil, err
	}
	if len(st.Separator) == 0 || len(st.SetSeparator) == 0 {
		return nil, errors.New("a Zeek header without separators")
	}
	h := &zeekHeader{
		separator: string(st.Separator), setSeparator: string(st.SetSeparator),
		empty: string(st.Empty), unset: string(st.Unset),
		path: st.Path, fields: st.Fields, types: st.Types,
	}
	h.derive()
	return &zeekCutter{header: h}, nil
}

func (c *zeekCutter) save() []byte {
	h := c.header
	b, err := json.Marshal(zeekState{
		Separator: []byte(h.separator), SetSeparator: []byte(h.setSeparator),
		Empty: []byte(h.empty), Unset: []byte(h.unset),
		Path: h.path, Fields: h.fields, Types: h.types,
	})
	if err != nil {
		panic(err) // strings and bytes always marshal
	}
	return b
}

func (c *zeekCutter) parser() parser { return c.header }

func (c *zeekCutter) next(b []byte, final bool) piece {
	raw, n := line(b, final)
	switch {
	case raw == 0:
		return piece{n: n}
	case b[0] != '#' || raw > maxZeekHeader:
		return piece{n: n, raw: raw}
	}
	h := c.header.with(string(b[:raw]))
	changed := h != c.header
	c.header = h
	return piece{n: n, newHeader: changed}
}

func (c *zeekCutter) giveUp([]byte) piece       { return piece{} }
func (c *zeekCutter) skip(b []byte) (int, bool) { return skipLine(b) }

// with is the header after one more # line. Lines that say nothing about records
// (#open, #close, remarks) leave it as it is.
func (h *zeekHeader) with(l string) *zeekHeader {
	if sep, ok := strings.CutPrefix(l, "#separator "); ok {
		// A separator line begins a new log: what the last one said is void.
		n := newZeekHeader()
		if s := unescapeZeek(sep); s != "" {
			n.separator = s
		}
		return n
	}
	word, rest, ok := strings.Cut(l, h.separator)
	if !ok {
		return h
	}
	n := *h
	switch word {
	case "#set_separator":
		if s := unescapeZeek(rest); s != "" {
			n.setSeparator = s
		}
	case "#empty_field":
		n.empty = rest
	case "#unset_field":
		n.unset = rest
	case "#path":
		n.path = strings.ToValidUTF8(unescapeZeek(rest), "\uFFFD")
	case "#fields":
		n.fields = n.names(rest)
		n.types = nil
	case "#types":
		n.types = n.names(rest)
	default:
		return h
	}
	n.derive()
	return &n
}

func (h *zeekHeader) names(rest string) []string {
	names := strings.Split(rest, h.separator)
	for i, s := range names {
		names[i] = strings.ToValidUTF8(unescapeZeek(s), "\uFFFD")
	}
	return names
}

// derive fills columns. A field without a type is a string.
func (h *zeekHeader) derive() {
	h.columns = make([]zeekColumn, len(h.fields))
	for i, name := range h.fields {
		h.columns[i].name = name
		if i >= len(h.types) {
			continue
		}
		container, elem, ok := strings.Cut(strings.TrimSuffix(h.types[i], "]"), "[")
		if ok && (container == "set" || container == "table" || container == "vector") {
			h.columns[i].list = true
			h.columns[i].elem = zeekElemOf(elem)
		}
	}
}

func zeekElemOf(typ string) zeekElem {
	switch typ {
	case "count", "int", "double", "interval", "time", "port":
		return zeekNumber
	case "bool":
		return zeekBool
	}
	return zeekString
}

// parse takes one line apart.
func (h *zeekHeader) parse(d *Decoder, raw []byte, text string, r *Record) string {
	if raw[0] == '#' {
		return "a header line longer than one may be"
	}
	if len(h.columns) == 0 {
		return "no #fields line before the record"
	}
	r.Stream = h.path
	plain := utf8.Valid(raw) && bytes.IndexByte(raw, '\\') < 0
	rest, more := text, true
	for i := range h.columns {
		if !more {
			return syntax("fewer fields than the header names", len(raw))
		}
		var s string
		s, rest, more = strings.Cut(rest, h.separator)
		c := &h.columns[i]
		r.Fields = append(r.Fields, Field{Name: c.name, Value: h.value(d, c, s, plain)})
	}
	if more {
		return syntax("more fields than the header names", len(raw)-len(rest))
	}
	return ""
}

// value reads one field. Only the text as printed can be unset or empty: a value that
// looks so is escaped by Zeek.
func (h *zeekHeader) value(d *Decoder, c *zeekColumn, s string, plain bool) Value {
	switch {
	case s == h.unset:
		return Value{Kind: Null}
	case c.list:
		return Value{Kind: Array, Text: h.list(d, c.elem, s)}
	case s == h.empty:
		return Value{Kind: String}
	case plain:
		return Value{Kind: String, Text: s}
	}
	return Value{Kind: String, Text: zeekText(s)}
}

// list is a set or vector as a JSON array.
func (h *zeekHeader) list(d *Decoder, elem zeekElem, s string) string {
	if s == h.empty || s == "" {
		return "[]"
	}
	b := []byte{'['}
	for i, e := range strings.Split(s, h.setSeparator) {
		if i > 0 {
			b = append(b, ',')
		}
		b = h.element(b, elem, e)
	}
	b = append(b, ']')
	a := d.reserve(len(b))
	start := a.Len()
	a.Write(b)
	return a.String()[start:]
}

func (h *zeekHeader) element(b []byte, elem zeekElem, s string) []byte {
	switch {
	case s == h.unset:
		return append(b, "null"...)
	case elem == zeekNumber && isNumber(s):
		return append(b, s...)
	case elem == zeekBool && s == "T":
		return append(b, "true"...)
	case elem == zeekBool && s == "F":
		return append(b, "false"...)
	case s == h.empty:
		return append(b, `""`...)
	}
	return appendQuoted(b, zeekText(s))
}

func isNumber(s string) bool {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	end, fault := scanNumber([]byte(s), 0)
	return fault == "" && end == len(s)
}

// appendQuoted writes a JSON string; s must be UTF-8.
func appendQuoted(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// unescapeZeek undoes the escapes of Zeek's ASCII writer: \xNN is a byte, \\ a
// backslash. Other backslashes stand for themselves, as older versions wrote them.
func unescapeZeek(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		c, n := zeekByte(s[i:])
		b = append(b, c)
		i += n
	}
	return string(b)
}

// zeekByte is the first byte that s stands for, and how many bytes of s say so.
func zeekByte(s string) (c byte, n int) {
	switch {
	case len(s) >= 4 && s[0] == '\\' && s[1] == 'x' && unhex(s[2]) >= 0 && unhex(s[3]) >= 0:
		return byte(unhex(s[2])<<4 | unhex(s[3])), 4
	case len(s) >= 2 && s[0] == '\\' && s[1] == '\\':
		return '\\', 2
	}
	return s[0], 1
}

// zeekText is the text of a field. Bytes that are not UTF-8 stay, or become, \xNN, so
// that no two values are made one.
func zeekText(s string) string {
	s = unescapeZeek(s)
	if utf8.ValidString(s) {
		return s
	}
	const hex = "0123456789abcdef"
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, '\\', 'x', hex[s[i]>>4], hex[s[i]&15])
		} else {
			b = append(b, s[i:i+n]...)
		}
		i += n
	}
	return string(b)
}
