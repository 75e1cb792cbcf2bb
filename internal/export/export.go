// Package export writes rows as files that other programs read: CSV, JSON lines and
// Parquet. Rows go in one by one and leave as they come, so that a list of any length
// takes no memory. It knows nothing of what the rows mean.
//
// The values of a row are those of query.Result: nil, bool, int32, int64, float64,
// string, schema.Ticks (DateTime), and []string for a list (Dynamic).
package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/schema"
)

// Column is a column of the file.
type Column struct {
	Name string
	Type schema.Type
}

// Format says how a file is written.
type Format string

// The formats.
const (
	CSV     Format = "csv"
	JSONL   Format = "jsonl"
	Parquet Format = "parquet"
)

// ContentType is the media type of the format.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8"
	case JSONL:
		return "application/x-ndjson"
	default:
		return "application/vnd.apache.parquet"
	}
}

// Writer writes rows. It is not safe for concurrent use.
type Writer interface {
	// Write writes a row: a value for each column. It does not keep the slice.
	Write(row []any) error
	// Close ends the file; what was written before is not whole without it.
	Close() error
}

// New begins a file.
func New(f Format, to io.Writer, columns []Column) (Writer, error) {
	switch f {
	case CSV:
		return newCSV(to, columns)
	case JSONL:
		return newJSONL(to, columns)
	case Parquet:
		return newParquet(to, columns)
	default:
		return nil, fmt.Errorf("%q is no format of exports: one of csv, jsonl, parquet", f)
	}
}

// csvWriter writes RFC 4180 with a line of names. Text that a spreadsheet would take for
// a formula is quoted by an apostrophe, for it may be an attacker's.
type csvWriter struct {
	out     *bufio.Writer
	columns []Column
}

func newCSV(to io.Writer, columns []Column) (*csvWriter, error) {
	w := &csvWriter{bufio.NewWriterSize(to, 64<<10), columns}
	for i, c := range columns {
		w.field(i, c.Name)
	}
	_, err := w.out.WriteString("\r\n")
	return w, err
}

func (w *csvWriter) Write(row []any) error {
	for i, v := range row {
		w.field(i, plain(v))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// field writes a value. An error of the writer comes back with the end of the line.
func (w *csvWriter) field(i int, s string) {
	if i > 0 {
		_ = w.out.WriteByte(',')
	}
	if w.columns[i].Type == schema.String || w.columns[i].Type == schema.Dynamic {
		s = harmless(s)
	}
	if strings.ContainsAny(s, "\",\r\n") || strings.TrimSpace(s) != s {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	_, _ = w.out.WriteString(s)
}

func (w *csvWriter) Close() error { return w.out.Flush() }

// harmless puts an apostrophe before what a spreadsheet computes
// (https://owasp.org/www-community/attacks/CSV_Injection).
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// plain is a value as text.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case schema.Ticks:
		return v.String()
	case []string:
		return strings.Join(v, "; ")
	default:
		return fmt.Sprint(v)
	}
}

// jsonlWriter writes an object a line. Empty text and null are left out.
type jsonlWriter struct {
	out   *bufio.Writer
	names [][]byte // as JSON
	line  []byte
}

func newJSONL(to io.Writer, columns []Column) (*jsonlWriter, error) {
	w := &jsonlWriter{out: bufio.NewWriterSize(to, 64<<10)}
	for _, c := range columns {
		name, err := json.Marshal(c.Name)
		if err != nil {
			return nil, err
		}
		w.names = append(w.names, name)
	}
	return w, nil
}

func (w *jsonlWriter) Write(row []any) error {
	w.line = append(w.line[:0], '{')
	for i, v := range row {
		if v == nil || v == "" {
			continue
		}
		if t, ok := v.(schema.Ticks); ok {
			v = t.String()
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if len(w.line) > 1 {
			w.line = append(w.line, ',')
		}
		w.line = slices.Concat(w.line, w.names[i], []byte{':'}, text)
	}
	_, err := w.out.Write(append(w.line, "}\n"...))
	return err
}

func (w *jsonlWriter) Close() error { return w.out.Flush() }
