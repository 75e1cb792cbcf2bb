package querytest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/kql/syntax"
	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
)

// update rewrites the sections plan and duckdb, never result: that is worked out by
// hand from the documentation.
var update = flag.Bool("update", false, "rewrite the plan and SQL sections of testdata")

// TestQueries runs testdata/<operator>/<case>.txtar. Sections: "rows TABLE" holds rows
// to store, JSON by line; query; plan and duckdb, the plan and its SQL; then result (a
// line name:type …, then a row a line as JSON) or error (line:column: code and message,
// a line each).
func TestQueries(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatalf("found %d cases, want at least 20 (%v)", len(files), err)
	}
	for _, file := range files {
		name, _ := filepath.Rel("testdata", strings.TrimSuffix(file, ".txtar"))
		t.Run(filepath.ToSlash(name), func(t *testing.T) { testCase(t, file) })
	}
}

func testCase(t *testing.T, file string) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, db := openRunner(t)
	for _, f := range ar.Files {
		table, ok := strings.CutPrefix(f.Name, "rows ")
		if !ok {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			insert(t, db, table, storedRow(t, table, line))
		}
	}
	res, err := r.Run(t.Context(), query.Request{Text: section(ar, "query"), Options: unpruned})
	if err != nil {
		if got, want := errorText(err), section(ar, "error"); got != want {
			t.Errorf("error:\n%s\nwant:\n%s", got, want)
		}
		return
	}
	defer res.Close()
	compare(t, ar, "plan", res.Plan())
	compare(t, ar, "duckdb", res.SQL())
	if got, want := resultText(t, res), section(ar, "result"); got != want {
		t.Errorf("result:\n%s\nwant:\n%s", got, want)
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func section(ar *txtar.Archive, name string) string {
	for _, f := range ar.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// compare checks a section, if the case has it; with -update it is rewritten.
func compare(t *testing.T, ar *txtar.Archive, name, got string) {
	t.Helper()
	for i, f := range ar.Files {
		if f.Name != name {
			continue
		}
		if *update {
			ar.Files[i].Data = []byte(got)
		} else if string(f.Data) != got {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, f.Data)
		}
	}
}

// storedRow reads a row: texts in time columns are moments, objects and arrays dynamic.
func storedRow(t *testing.T, table, line string) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var row map[string]any
	if err := dec.Decode(&row); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for name, v := range row {
		c, ok := schema.Default().MustTable(table).Column(name)
		if !ok {
			t.Fatalf("%s has no column %s", table, name)
		}
		switch v := v.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				t.Fatal(err)
			}
			row[name] = n
		case string:
			if c.Type == schema.DateTime {
				row[name] = moment(t, v)
			}
		case map[string]any, []any:
			row[name] = asJSON(t, v)
		}
	}
	return row
}

func errorText(err error) string {
	var ce *query.CompileError
	if !errors.As(err, &ce) {
		return err.Error() + "\n"
	}
	var b strings.Builder
	for _, d := range ce.Diagnostics {
		pos := syntax.PositionOf(ce.Text, d.Span.Start)
		fmt.Fprintf(&b, "%d:%d+%d: %s: %s\n", pos.Line, pos.Column, d.Span.Len(), d.Code, d.Message)
	}
	return b.String()
}

// resultText writes a result: the columns, then a row a line; before a further table
// a line # with its name.
func resultText(t *testing.T, res *query.Result) string {
	t.Helper()
	text := tableText(t, res)
	for res.NextTable() {
		text += strings.TrimSpace("# "+res.Name) + "\n" + tableText(t, res)
	}
	if err := res.Err(); err != nil {
		text += err.Error() + "\n"
	}
	return text
}

func tableText(t *testing.T, res *query.Result) string {
	t.Helper()
	var b bytes.Buffer
	for i, c := range res.Columns {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%s:%s", c.Name, c.Type)
	}
	b.WriteByte('\n')
	for res.Next() {
		row := make([]string, len(res.Columns))
		for i, v := range res.Row() {
			row[i] = cellText(t, res.Columns[i].Type, v)
		}
		b.WriteString("[" + strings.Join(row, ",") + "]\n")
	}
	if err := res.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// cellText is a value as JSON; what JSON cannot say is a text.
func cellText(t *testing.T, typ schema.Type, v any) string {
	t.Helper()
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		v = value.FormatReal(f)
	}
	if at, ok := v.(schema.Ticks); ok {
		v = at.String()
		if typ == schema.TimeSpan {
			v = value.FormatTimeSpan(at)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
