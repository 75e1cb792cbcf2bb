package decode

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
	"unicode"
)

// csvFormat is comma-separated values (RFC 4180) under a header line. Quotes in a
// field that does not begin with one stand for themselves.
var csvFormat = Format{
	Name:   "csv",
	About:  "CSV with a header line",
	match:  isCSV,
	cutter: func(o Options) cutter { return newCSVCutter(o) },
	revive: func(o Options, saved []byte) (cutter, error) {
		var st csvState
		if err := json.Unmarshal(saved, &st); err != nil {
			return nil, err
		}
		c := newCSVCutter(o)
		if st.Seen {
			c.read(st.Header)
		}
		return c, nil
	},
}

// isCSV is a guess: the first record reads like names of columns, and the second has
// as many fields. Prose has commas too, so where there is no second record, or the
// names have blanks around them, the name of the source must say csv.
func isCSV(head []byte, name string) bool {
	named := strings.Contains(strings.ToLower(path.Base(name)), ".csv")
	whole := len(head) < HeadSize-len(utf8BOM)
	head = bytes.TrimLeft(head, "\r\n")
	first := csvPiece(head, whole)
	if first.n == 0 {
		return false
	}
	names, ok := splitCSV(string(head[:first.raw]))
	if !ok || len(names) < 2 || !likeColumns(names, named) {
		return false
	}
	head = bytes.TrimLeft(head[first.n:], "\r\n")
	second := piece{}
	if len(head) > 0 {
		second = csvPiece(head, whole)
	}
	if second.n == 0 {
		return named
	}
	values, ok := splitCSV(string(head[:second.raw]))
	return ok && len(values) == len(names)
}

// likeColumns reports whether the fields could be names: different ones, each beginning
// with a letter. One may be empty: the column of row numbers that pandas writes.
func likeColumns(fields []string, blanks bool) bool {
	seen := make(map[string]bool, len(fields))
	for _, f := range fields {
		name := strings.TrimSpace(f)
		if seen[name] || len(name) > 128 || name != f && !blanks {
			return false
		}
		seen[name] = true
		for i, r := range name {
			switch {
			case unicode.IsLetter(r) || r == '_' || r == '@':
			case i > 0 && (unicode.IsDigit(r) || strings.ContainsRune(" .-/()[]#$%", r)):
			default:
				return false
			}
		}
	}
	return true
}

// csvStream is the base name of the source without what stands behind the first dot.
func csvStream(name string) string {
	if name == "" {
		return ""
	}
	stem, _, _ := strings.Cut(path.Base(name), ".")
	return stem
}

// maxCSVHeader bounds the header line, for it is kept with every position.
const maxCSVHeader = 64 << 10

type csvState struct {
	Seen   bool   `json:"seen"`
	Header []byte `json:"header"`
}

type csvCutter struct {
	csvState
	stream  string
	columns *csvColumns
}

func newCSVCutter(o Options) *csvCutter {
	return &csvCutter{stream: csvStream(o.Name), columns: &csvColumns{}}
}

// read takes the header line. One that cannot be read leaves no names, so that every
// record is quarantined.
func (c *csvCutter) read(header []byte) {
	c.Seen = true
	fields, ok := splitCSV(string(header))
	if !ok || len(header) == 0 || len(header) > maxCSVHeader {
		return
	}
	c.Header = bytes.Clone(header)
	c.columns = &csvColumns{stream: c.stream}
	for _, f := range fields {
		c.columns.names = append(c.columns.names, strings.ToValidUTF8(f, "\uFFFD"))
	}
}

func (c *csvCutter) next(b []byte, final bool) piece {
	p := csvPiece(b, final)
	if p.raw == 0 || c.Seen {
		return p
	}
	c.read(b[:p.raw])
	return piece{n: p.n, newHeader: true}
}

// giveUp takes the first line of a record whose quotes do not close.
func (c *csvCutter) giveUp(b []byte) piece {
	c.Seen = true
	raw, n := line(b, false)
	return piece{n: n, raw: raw}
}

func (c *csvCutter) skip(b []byte) (int, bool) { return skipLine(b) }
func (c *csvCutter) parser() parser            { return c.columns }

func (c *csvCutter) save() []byte {
	b, err := json.Marshal(c.csvState)
	if err != nil {
		panic(err) // bytes always marshal
	}
	return b
}

// csvPiece measures the first record of b. One with a quote out of place, or one that
// is never closed, ends with its first line.
func csvPiece(b []byte, final bool) piece {
	raw, n := line(b, final)
	if n == 0 || bytes.IndexByte(b[:raw], '"') < 0 {
		return piece{n: n, raw: raw}
	}
	i, fault := 0, ""
	for fault == "" {
		i, fault = csvFieldEnd(b, i)
		if fault != "" || i == len(b) && !final {
			break
		}
		if i == len(b) || b[i] != ',' {
			end := i
			if i < len(b) {
				_, n = line(b[i:], true)
				i += n
			}
			return piece{n: i, raw: end}
		}
		i++
	}
	if fault != csvMisplaced && !final {
		return piece{}
	}
	return piece{n: n, raw: raw}
}

// What is wrong with a CSV record.
const (
	csvMisplaced = "a quote out of place"
	csvUnclosed  = "a quote that is never closed"
)

// csvFieldEnd finds the comma, line end or end of b that ends the field at b[i].
func csvFieldEnd(b []byte, i int) (end int, fault string) {
	if i == len(b) || b[i] != '"' {
		for i < len(b) && b[i] != ',' && !lineEnds(b, i) {
			i++
		}
		return i, ""
	}
	for i++; ; i++ {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			return len(b), csvUnclosed
		}
		i += quote + 1
		switch {
		case i == len(b) || b[i] == ',' || lineEnds(b, i):
			return i, ""
		case b[i] == '\r' && i+1 == len(b):
			return i, csvUnclosed
		case b[i] != '"':
			return i, csvMisplaced
		}
	}
}

// lineEnds reports whether a line end stands at b[i]. A lone carriage return is none.
func lineEnds(b []byte, i int) bool {
	return b[i] == '\n' || b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n'
}

// csvColumns parses the records under one header line. It has no names when that line
// could not be read.
type csvColumns struct {
	stream string
	names  []string
}

func (c *csvColumns) parse(d *Decoder, _ []byte, text string, r *Record) string {
	if len(c.names) == 0 {
		return "the header line cannot be read"
	}
	r.Stream = c.stream
	rest, more := text, true
	for _, name := range c.names {
		if !more {
			return syntax("fewer fields than the header names", len(text))
		}
		var v Value
		var fault string
		if v, rest, more, fault = csvValue(rest); fault != "" {
			return syntax(fault, len(text)-len(rest))
		}
		v.Text = d.valid(v.Text)
		r.Fields = append(r.Fields, Field{Name: name, Value: v})
	}
	if more {
		return syntax("more fields than the header names", len(text)-len(rest))
	}
	return ""
}

// csvValue reads the first field of s; more tells whether a comma and so another field
// follows. A field without a byte in it is unset, an empty pair of quotes is empty.
func csvValue(s string) (v Value, rest string, more bool, fault string) {
	if !strings.HasPrefix(s, `"`) {
		text, rest, more := strings.Cut(s, ",")
		if text == "" {
			return Value{Kind: Null}, rest, more, ""
		}
		return Value{Kind: String, Text: text}, rest, more, ""
	}
	doubled := false
	for i := 1; ; i += 2 {
		quote := strings.IndexByte(s[min(i, len(s)):], '"')
		if quote < 0 {
			return Value{}, s, false, csvUnclosed
		}
		if i += quote; strings.HasPrefix(s[i+1:], `"`) {
			doubled = true
			continue
		}
		text := s[1:i]
		if doubled {
			text = strings.ReplaceAll(text, `""`, `"`)
		}
		rest = s[i+1:]
		if rest != "" && rest[0] != ',' {
			return Value{}, rest, false, csvMisplaced
		}
		return Value{Kind: String, Text: text}, strings.TrimPrefix(rest, ","), rest != "", ""
	}
}

// splitCSV reads all fields of a record.
func splitCSV(s string) (fields []string, ok bool) {
	for more := true; more; {
		var v Value
		var fault string
		if v, s, more, fault = csvValue(s); fault != "" {
			return nil, false
		}
		fields = append(fields, v.Text)
	}
	return fields, true
}
