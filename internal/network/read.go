package network

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxFileSize bounds an import file.
const maxFileSize = 64 << 20

// Read reads an import file, CSV or JSON by its first character. Every error names the
// line; nothing is returned unless all of the file is good.
func Read(r io.Reader) ([]Range, error) {
	br := bufio.NewReader(io.LimitReader(r, maxFileSize+1))
	if bom, err := br.Peek(3); err == nil && bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = br.Discard(3)
	}
	data, err := io.ReadAll(br)
	if err != nil {
		return nil, fmt.Errorf("read network ranges: %w", err)
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("%w: the file is larger than %d MiB", ErrInvalid, maxFileSize>>20)
	}
	var got []placed
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) > 0 && (text[0] == '[' || text[0] == '{') {
		got, err = parseJSON(data)
	} else {
		got, err = parseCSV(data)
	}
	if err != nil {
		return nil, err
	}
	return distinct(got)
}

// placed is a range and the line it begins on.
type placed struct {
	Range
	line int
}

// distinct drops the places, once no range is there twice.
func distinct(got []placed) ([]Range, error) {
	if len(got) > MaxRanges {
		return nil, errTooMany
	}
	ranges := make([]Range, len(got))
	first := make(map[identity]int, len(got))
	for i := range got {
		p := &got[i]
		if line, ok := first[p.identity()]; ok {
			return nil, fmt.Errorf("line %d: %w: %s is already on line %d", p.line, ErrInvalid, &p.Range, line)
		}
		first[p.identity()] = p.line
		ranges[i] = p.Range
	}
	return ranges, nil
}

// Columns is the header of the CSV form. cidr and name must be there; the others may
// be left out, and the order is free.
var Columns = []string{"cidr", "name", "role", "site", "owner", "valid_from", "valid_to", "trusted_proxy"}

func parseCSV(data []byte) ([]placed, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("line 1: %w: the file is empty; the header is %s", ErrInvalid, strings.Join(Columns, ","))
	}
	if err != nil {
		return nil, csvError(err)
	}
	if header, err = columns(header); err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	var got []placed
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return got, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		line, _ := r.FieldPos(0)
		p := placed{line: line}
		if column, err := p.fill(header, fields); column != "" {
			return nil, fmt.Errorf("line %d, column %s: %w", line, column, err)
		} else if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		got = append(got, p)
	}
}

// csvError says what encoding/csv found, with its line in our words.
func csvError(err error) error {
	perr, ok := errors.AsType[*csv.ParseError](err)
	if ok && !errors.Is(err, csv.ErrFieldCount) {
		return fmt.Errorf("line %d, character %d: %w: %w", perr.Line, perr.Column, ErrInvalid, perr.Err)
	}
	if ok {
		return fmt.Errorf("line %d: %w: %w", perr.Line, ErrInvalid, perr.Err)
	}
	return fmt.Errorf("read network ranges: %w", err)
}

// columns checks a header and returns its names in lower case.
func columns(header []string) ([]string, error) {
	names := make([]string, len(header))
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		if !slices.Contains(Columns, name) {
			return nil, fmt.Errorf("%w: unknown column %q; the columns are %s", ErrInvalid, clip(h), strings.Join(Columns, ","))
		}
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("%w: column %s is there twice", ErrInvalid, name)
		}
		names[i] = name
	}
	for _, need := range Columns[:2] {
		if !slices.Contains(names, need) {
			return nil, fmt.Errorf("%w: column %s is missing", ErrInvalid, need)
		}
	}
	return names, nil
}

// fill sets the range from the fields under their column names and checks it. column is
// the one that could not be read, "" when the range as a whole is wrong.
func (r *Range) fill(names, fields []string) (column string, err error) {
	for i, name := range names {
		s := strings.TrimSpace(fields[i])
		switch name {
		case "cidr":
			r.Prefix, err = ParsePrefix(s)
		case "name":
			r.Name = s
		case "role":
			r.Role = s
		case "site":
			r.Site = s
		case "owner":
			r.Owner = s
		case "valid_from":
			r.ValidFrom, err = ParseTime(s, false)
		case "valid_to":
			r.ValidTo, err = ParseTime(s, true)
		case "trusted_proxy":
			r.TrustedProxy, err = parseBool(s)
		}
		if err != nil {
			return name, err
		}
	}
	return "", r.check()
}

// ParseTime reads a day (2006-01-02) or a moment with its zone (RFC 3339); blank is
// zero, an open end. A day that ends a range counts whole: the moment is the day after.
func ParseTime(s string, end bool) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		if end {
			t = t.AddDate(0, 0, 1)
		}
		return t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, fmt.Errorf("%w: %q is neither a day such as 2024-05-31 nor a time such as 2024-05-31T08:00:00Z", ErrInvalid, clip(s))
	}
	return t.UTC(), nil
}

func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "", "no":
		return false, nil
	case "yes":
		return true, nil
	}
	b, err := strconv.ParseBool(strings.ToLower(s))
	if err != nil {
		return false, fmt.Errorf("%w: trusted_proxy is %q, not true or false", ErrInvalid, clip(s))
	}
	return b, nil
}

// jsonRange is a range as JSON files have it: texts, so that errors are ours.
type jsonRange struct {
	CIDR         string `json:"cidr"`
	Name         string `json:"name"`
	Role         string `json:"role"`
	Site         string `json:"site"`
	Owner        string `json:"owner"`
	ValidFrom    string `json:"validFrom"`
	ValidTo      string `json:"validTo"`
	TrustedProxy bool   `json:"trustedProxy"`
}

func (j *jsonRange) placed(line int) (placed, error) {
	p := placed{line: line}
	_, err := p.fill(Columns, []string{j.CIDR, j.Name, j.Role, j.Site, j.Owner, j.ValidFrom, j.ValidTo, strconv.FormatBool(j.TrustedProxy)})
	return p, err
}

// parseJSON reads an array of ranges, or ranges one after the other.
func parseJSON(data []byte) ([]placed, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	lines := lineCounter{data: data}
	array := bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("["))
	if array {
		if _, err := d.Token(); err != nil {
			return nil, lines.wrap(d.InputOffset(), err)
		}
	}
	var got []placed
	for d.More() {
		line := lines.next(d.InputOffset())
		var j jsonRange
		if err := d.Decode(&j); err != nil {
			return nil, lines.wrap(errorOffset(err, d.InputOffset()), err)
		}
		p, err := j.placed(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		got = append(got, p)
	}
	if array {
		if _, err := d.Token(); err != nil {
			return nil, lines.wrap(int64(len(data)), errors.New("the array is not closed"))
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return nil, lines.wrap(d.InputOffset(), errors.New("text after the array"))
		}
	}
	return got, nil
}

func errorOffset(err error, otherwise int64) int64 {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return syntax.Offset
	}
	return otherwise
}

// lineCounter tells the line of an offset; offsets may only grow between calls of next.
type lineCounter struct {
	data []byte
	at   int64
	line int // of at, from 0
}

// next is the line of the first value at or after the offset.
func (c *lineCounter) next(offset int64) int {
	for offset < int64(len(c.data)) && strings.IndexByte(" \t\r\n,", c.data[offset]) >= 0 {
		offset++
	}
	return c.of(offset)
}

func (c *lineCounter) of(offset int64) int {
	if offset = min(offset, int64(len(c.data))); offset > c.at {
		c.line += bytes.Count(c.data[c.at:offset], []byte{'\n'})
		c.at = offset
	}
	return c.line + 1
}

func (c *lineCounter) wrap(offset int64, err error) error {
	return fmt.Errorf("line %d: %w: %w", c.of(offset), ErrInvalid, err)
}

// WriteCSV writes ranges in the form that Read takes.
func WriteCSV(w io.Writer, ranges []Range) error {
	out := csv.NewWriter(w)
	_ = out.Write(Columns) // errors stay until Error
	for i := range ranges {
		r := &ranges[i]
		_ = out.Write([]string{
			r.Prefix.String(), r.Name, r.Role, r.Site, r.Owner,
			formatTime(r.ValidFrom), formatTime(r.ValidTo), strconv.FormatBool(r.TrustedProxy),
		})
	}
	out.Flush()
	return out.Error()
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
