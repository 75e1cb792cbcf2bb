package querytest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spoor/internal/query"
)

// expression is a line of testdata/values: an expression with its type and value, as JSON,
// or with a part of the error that it is.
type expression struct {
	file string
	line int
	text string
	want string
}

// expressions reads testdata/values/*.txt: "EXPRESSION => TYPE VALUE" or "EXPRESSION =>
// error TEXT" a line, comments behind #.
func expressions(t *testing.T) []expression {
	t.Helper()
	files, err := filepath.Glob("testdata/values/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found no expressions (%v)", err)
	}
	var out []expression
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			at := strings.LastIndex(line, " => ")
			if at < 0 {
				t.Fatalf("%s:%d: there is no => in %s", file, i+1, line)
			}
			out = append(out, expression{file, i + 1, strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+4:])})
		}
	}
	return out
}

// TestExpressions: each expression has its value, worked out by hand from the
// documentation.
func TestExpressions(t *testing.T) {
	r, _ := openRunner(t)
	const batch = 50
	var good []expression
	for _, e := range expressions(t) {
		if part, ok := strings.CutPrefix(e.want, "error "); ok {
			if _, err := valuesOf(t, r, e.text); err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s:%d: %s: %v, want %s", e.file, e.line, e.text, err, part)
			}
			continue
		}
		good = append(good, e)
	}
	for ; len(good) > 0; good = good[min(batch, len(good)):] {
		some := good[:min(batch, len(good))]
		texts := make([]string, len(some))
		for i, e := range some {
			texts[i] = e.text
		}
		all, err := valuesOf(t, r, texts...)
		for i, e := range some {
			var got string
			if err == nil {
				got = all[i]
			} else if one, err := valuesOf(t, r, e.text); err == nil { // one of them spoils the rest
				got = one[0]
			} else {
				got = err.Error()
			}
			if got != e.want {
				t.Errorf("%s:%d: %s\n got %s\nwant %s", e.file, e.line, e.text, got, e.want)
			}
		}
	}
}

// valuesOf computes expressions: the type and the value of each.
func valuesOf(t *testing.T, r *query.Runner, texts ...string) ([]string, error) {
	t.Helper()
	columns := make([]string, len(texts))
	for i, text := range texts {
		columns[i] = fmt.Sprintf("v%d = %s", i, text)
	}
	res, err := r.Run(t.Context(), query.Request{Text: "print " + strings.Join(columns, ", ")})
	if err != nil {
		return nil, err
	}
	defer res.Close()
	out := make([]string, len(texts))
	for res.Next() {
		for i, v := range res.Row() {
			out[i] = fmt.Sprintf("%s %s", res.Columns[i].Type, cellText(t, res.Columns[i].Type, v))
		}
	}
	return out, res.Err()
}
