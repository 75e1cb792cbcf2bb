package querytest_test

import (
	"strconv"
	"testing"
	"time"

	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/query/querytest"
	"spoor/internal/schema"
)

// openRunner makes a runner over an empty store whose clock stands still.
func openRunner(tb testing.TB) (*query.Runner, *querytest.DB) {
	tb.Helper()
	db, err := querytest.Open(tb.Context(), schema.Default())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return query.New(query.Config{Engine: db, Now: func() time.Time { return now }}), db
}

// answer is a result read to its end.
type answer struct {
	Columns []query.Column
	Rows    [][]any
}

// unpruned is for rows put into the store by hand, which no ledger knows.
var unpruned = query.Options{WholeScans: true}

func run(tb testing.TB, r *query.Runner, text string) (answer, error) {
	tb.Helper()
	res, err := r.Run(tb.Context(), query.Request{Text: text, Options: unpruned})
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

func parseTime(s string) (schema.Ticks, bool) { return value.ParseDateTime(s) }

func ticks(n int64) string { return strconv.FormatInt(n, 10) }
