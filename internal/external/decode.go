package external

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// decoder makes rows of files.
type decoder struct {
	source  *bind.ExternalSource
	maxRows int
	rows    [][]any
}

// separators are those of the formats of separated values.
var separators = map[string]rune{"csv": ',', "tsv": '\t', "psv": '|', "scsv": ';', "sohsv": '\x01'}

// file reads one file.
func (d *decoder) file(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch format := d.source.Format; format {
	case "txt":
		return d.lines(data)
	case "raw":
		return d.record([]string{string(data)})
	case "json", "multijson":
		return d.json(data)
	default:
		return d.separated(data, separators[format])
	}
}

func (d *decoder) lines(data []byte) error {
	skip := d.source.SkipFirst
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "":
		case skip:
			skip = false
		default:
			if err := d.record([]string{line}); err != nil {
				return err
			}
		}
	}
	return nil
}

// separated reads fields as Kusto does: a quote inside a field is one, and lines may be
// longer or shorter than the columns.
func (d *decoder) separated(data []byte, separator rune) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = separator, true, -1, true
	skip := d.source.SkipFirst
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if perr, ok := errors.AsType[*csv.ParseError](err); ok {
			return fmt.Errorf("line %d: %w", perr.Line, perr.Err)
		}
		if err != nil {
			return err
		}
		if skip {
			skip = false
			continue
		}
		if err := d.record(fields); err != nil {
			return err
		}
	}
}

// record adds the row of a line's fields.
func (d *decoder) record(fields []string) error {
	return d.add(func(c *bind.ExternalColumn) any {
		if c.Ordinal < 0 || c.Ordinal >= len(fields) {
			return convert("", c.Type)
		}
		return convert(strings.ToValidUTF8(fields[c.Ordinal], "\ufffd"), c.Type)
	})
}

// json reads objects one after the other, or arrays of them.
func (d *decoder) json(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var v json.RawMessage
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", lineOf(data, dec.InputOffset(), err), err)
		}
		var list []json.RawMessage
		if json.Unmarshal(v, &list) != nil {
			list = []json.RawMessage{v}
		}
		for _, item := range list {
			if err := d.object(item); err != nil {
				return err
			}
		}
	}
}

// lineOf is the line of an error behind an offset, from 1.
func lineOf(data []byte, offset int64, err error) int {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = s.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		offset = int64(len(data))
	}
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte{'\n'})
}

func (d *decoder) object(record json.RawMessage) error {
	return d.add(func(c *bind.ExternalColumn) any {
		if c.Path == nil {
			return convert("", c.Type)
		}
		return fromJSON(at(record, c.Path), c.Type)
	})
}

// at is the value that a path leads to, nil when it leads nowhere.
func at(v json.RawMessage, path []string) json.RawMessage {
	for _, name := range path {
		var bag map[string]json.RawMessage
		if json.Unmarshal(v, &bag) != nil {
			return nil
		}
		v = bag[name]
	}
	return v
}

// add makes a row of what a column's value is.
func (d *decoder) add(valueOf func(*bind.ExternalColumn) any) error {
	if len(d.rows) >= d.maxRows {
		return fmt.Errorf("it has more than %d rows", d.maxRows)
	}
	row := make([]any, len(d.source.Columns))
	for i := range d.source.Columns {
		c := &d.source.Columns[i]
		if c.Constant != nil {
			row[i] = convert(*c.Constant, c.Type)
			continue
		}
		row[i] = valueOf(c)
	}
	d.rows = append(d.rows, row)
	return nil
}

// fromJSON is a JSON value as one of the type.
func fromJSON(v json.RawMessage, t schema.Type) any {
	var text string
	switch {
	case len(v) == 0 || string(v) == "null":
		return convert("", t)
	case t == schema.Dynamic:
		return string(v)
	case json.Unmarshal(v, &text) == nil:
		return convert(text, t)
	default:
		return convert(string(v), t)
	}
}

// convert is a text as a value of the type, null when it is none.
func convert(s string, t schema.Type) any {
	if t == schema.String {
		return s
	}
	s = strings.TrimSpace(s)
	var v any
	var ok bool
	switch t {
	case schema.Bool:
		v, ok = value.ParseBool(s)
	case schema.Long:
		v, ok = value.ParseLong(s)
	case schema.Int:
		var n int64
		if n, ok = value.ParseLong(s); ok {
			v, ok = n, n == int64(int32(n))
		}
	case schema.Real:
		v, ok = value.ParseReal(s)
	case schema.Decimal:
		v, ok = value.ParseDecimal(s)
	case schema.GUID:
		v, ok = value.ParseGUID(s)
	case schema.DateTime:
		v, ok = ticks(value.ParseDateTime(s))
	case schema.TimeSpan:
		v, ok = ticks(value.ParseTimeSpan(s))
	case schema.Dynamic:
		v, ok = dynamic(s), s != ""
	default:
		return nil
	}
	if !ok {
		return nil
	}
	return v
}

// ticks is a moment or a span as the engine takes it.
func ticks(t schema.Ticks, ok bool) (any, bool) { return int64(t), ok }

// dynamic is a text as a dynamic value: the JSON that it is, or else a text.
func dynamic(s string) string {
	if json.Valid([]byte(s)) {
		return s
	}
	return value.JSONString(s)
}
