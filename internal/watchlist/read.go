package watchlist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Table is what an import file holds: texts under named columns.
type Table struct {
	Columns []string
	Rows    [][]string // a value for each column
}

// Read reads an import file: CSV with a header, or JSON (an array of objects, or objects
// one after the other) when the first character says so. Every error names the line;
// nothing is returned unless all of the file is good.
func Read(r io.Reader) (*Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the watchlist: %w", err)
	}
	if len(data) > MaxFileSize {
		return nil, fmt.Errorf("%w: the file is larger than %d MiB", ErrInvalid, MaxFileSize>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, notUTF8(data)
	}
	text := bytes.TrimLeft(data, " \t\r\n")
	if len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		return readJSON(data)
	}
	return readCSV(data)
}

func notUTF8(data []byte) error {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return fmt.Errorf("line %d: %w: the text is not UTF-8", lineOf(data, int64(at)), ErrInvalid)
}

// lineOf is the line of an offset, from 1.
func lineOf(data []byte, offset int64) int {
	return bytes.Count(data[:min(offset, int64(len(data)))], []byte{'\n'}) + 1
}

func readCSV(data []byte) (*Table, error) {
	r := csv.NewReader(bytes.NewReader(data))
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: %w: the file is empty; the first line names the columns", ErrInvalid)
	}
	if err != nil {
		return nil, csvError(err)
	}
	t := new(Table)
	for _, name := range header {
		if err := t.addColumn(name); err != nil {
			return nil, fmt.Errorf("line 1: %w", err)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := r.FieldPos(0)
		if err := t.addRow(row); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
}

// csvError says what encoding/csv found, with its line in our words.
func csvError(err error) error {
	if perr, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("line %d: %w: %w", perr.Line, ErrInvalid, perr.Err)
	}
	return fmt.Errorf("read the watchlist: %w", err)
}

func (t *Table) addColumn(name string) error {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return fmt.Errorf("%w: column %d has no name", ErrInvalid, len(t.Columns)+1)
	case len(name) > maxNameLen:
		return fmt.Errorf("%w: the name of column %d is longer than %d bytes", ErrInvalid, len(t.Columns)+1, maxNameLen)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%w: the name of column %d holds control characters", ErrInvalid, len(t.Columns)+1)
	case slices.Contains(t.Columns, name):
		return fmt.Errorf("%w: column %s is there twice", ErrInvalid, clip(name))
	case slices.Contains(FixedColumns, name):
		return fmt.Errorf("%w: a column cannot be called %s: every watchlist has one of that name", ErrInvalid, name)
	case len(t.Columns) == MaxColumns:
		return fmt.Errorf("%w: it has more than %d columns", ErrInvalid, MaxColumns)
	}
	t.Columns = append(t.Columns, name)
	return nil
}

func (t *Table) addRow(row []string) error {
	if len(t.Rows) == MaxRows {
		return fmt.Errorf("%w: it has more than %d rows", ErrInvalid, MaxRows)
	}
	for i, v := range row {
		if len(v) > MaxValue {
			return fmt.Errorf("%w: the value of %s is longer than %d KiB", ErrInvalid, t.Columns[i], MaxValue>>10)
		}
	}
	t.Rows = append(t.Rows, row)
	return nil
}

// jsonReader reads objects into a table. A column is there from the first object that
// has it; in other rows it is empty.
type jsonReader struct {
	data  []byte
	dec   *json.Decoder
	table Table
}

func readJSON(data []byte) (*Table, error) {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		if err := r.array(); err != nil {
			return nil, err
		}
	} else if err := r.objects(); err != nil {
		return nil, err
	}
	if len(r.table.Columns) == 0 {
		return nil, fmt.Errorf("line 1: %w: no object in it has a field", ErrInvalid)
	}
	for i, row := range r.table.Rows {
		for len(row) < len(r.table.Columns) {
			row = append(row, "")
		}
		r.table.Rows[i] = row
	}
	return &r.table, nil
}

func (r *jsonReader) array() error {
	if _, err := r.dec.Token(); err != nil {
		return r.fail(err)
	}
	if err := r.objects(); err != nil {
		return err
	}
	if _, err := r.dec.Token(); err != nil {
		return r.fail(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.fail(errors.New("there is text after the array"))
	}
	return nil
}

func (r *jsonReader) objects() error {
	for r.dec.More() {
		start, err := r.dec.Token()
		if err != nil {
			return r.fail(err)
		}
		if start != json.Delim('{') {
			return r.fail(errors.New("an object is expected: {\"column\": \"value\", …}"))
		}
		row, err := r.object()
		if err != nil {
			return err
		}
		if err := r.table.addRow(row); err != nil {
			return r.fail(err)
		}
	}
	return nil
}

func (r *jsonReader) object() ([]string, error) {
	row := make([]string, len(r.table.Columns))
	seen := map[int]bool{}
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return nil, r.fail(err)
		}
		name := strings.TrimSpace(key.(string)) // the decoder gives nothing else here
		at := slices.Index(r.table.Columns, name)
		if at < 0 {
			if err := r.table.addColumn(name); err != nil {
				return nil, r.fail(err)
			}
			at = len(r.table.Columns) - 1
			row = append(row, "")
		}
		if seen[at] {
			return nil, r.fail(fmt.Errorf("%s is there twice in one object", clip(name)))
		}
		seen[at] = true
		if row[at], err = r.value(); err != nil {
			return nil, err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return nil, r.fail(err)
	}
	return row, nil
}

// value is a value as text: a string as it is, null as nothing, all else as its JSON.
func (r *jsonReader) value() (string, error) {
	var raw json.RawMessage
	if err := r.dec.Decode(&raw); err != nil {
		return "", r.fail(err)
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err == nil {
		if text == nil {
			return "", nil
		}
		return *text, nil
	}
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return "", r.fail(err)
	}
	return out.String(), nil
}

// fail is an error at the place that was reached.
func (r *jsonReader) fail(err error) error {
	at := r.dec.InputOffset()
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = max(at, s.Offset)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, err = int64(len(r.data)), errors.New("the file ends in the middle")
	}
	if errors.Is(err, ErrInvalid) {
		return fmt.Errorf("line %d: %w", lineOf(r.data, at), err)
	}
	return fmt.Errorf("line %d: %w: %w", lineOf(r.data, at), ErrInvalid, err)
}
