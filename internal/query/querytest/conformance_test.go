package querytest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spoor/internal/query"
	"spoor/internal/query/querytest"
	"spoor/internal/schema"
)

func openRunner(tb testing.TB) (*query.Runner, *querytest.DB) {
	tb.Helper()
	db, err := querytest.Open(tb.Context(), schema.Default())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return query.New(query.Config{Engine: db, Now: func() time.Time { return now }}), db
}

type answer struct {
	Columns []query.Column
	Rows    [][]any
}

func run(tb testing.TB, r *query.Runner, text string) (answer, error) {
	tb.Helper()
	res, err := r.Run(tb.Context(), query.Request{Text: text})
	if err != nil {
		return answer{}, err
	}
	defer res.Close()
	out := answer{Columns: res.Columns}
	for res.Next() {
		out.Rows = append(out.Rows, append([]any(nil), res.Row()...))
	}
	return out, res.Err()
}

func TestScratch(t *testing.T) {
	path := os.Getenv("SCRATCH")
	if path == "" {
		t.Skip("no scratch file")
	}
	r, _ := openRunner(t)
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		a, err := run(t, r, lines.Text())
		if err != nil {
			fmt.Println("ERR", err)
			if e, ok := err.(*query.Error); ok {
				fmt.Println("   ", e.Err)
			}
			continue
		}
		j, _ := json.Marshal(a.Rows)
		fmt.Println(a.Columns, string(j))
	}
}
