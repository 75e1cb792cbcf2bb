package duckdb_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
)

func TestFunctionsWrittenInGoAreCallable(t *testing.T) {
	db := openWith(t, duckdb.Config{Functions: []store.Function{
		{Name: "test_join", Params: []schema.Type{schema.String}, Variadic: true, Result: schema.String, Eval: func(args []any) any {
			var parts []string
			for _, a := range args {
				s, ok := a.(string)
				if !ok {
					return nil
				}
				parts = append(parts, s)
			}
			return strings.Join(parts, "+")
		}},
		{Name: "test_half", Params: []schema.Type{schema.Long}, Result: schema.Real, Eval: func(args []any) any {
			return float64(args[0].(int64)) / 2
		}},
	}})
	rows, err := db.Query(t.Context(), `SELECT test_join(x, 'b', 'a text that is longer than what DuckDB keeps inline'), test_half(y) FROM (VALUES ('a', 3::BIGINT), (NULL, 4)) t(x, y)`, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got [][]any
	for rows.Next() {
		got = append(got, append([]any(nil), rows.Values()...))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0][0] != "a+b+a text that is longer than what DuckDB keeps inline" || got[0][1] != 1.5 || got[1][0] != nil || got[1][1] != 2.0 {
		t.Errorf("got %v", got)
	}
}

// TestFunctionsAreAskedOnceForTheSameArguments over values that repeat within a chunk, and
// still answer for each row when none does.
func TestFunctionsAreAskedOnceForTheSameArguments(t *testing.T) {
	var asked atomic.Int64
	db := openWith(t, duckdb.Config{Functions: []store.Function{
		{Name: "test_pair", Params: []schema.Type{schema.String, schema.Long}, Result: schema.String, Eval: func(args []any) any {
			asked.Add(1)
			if args[0] == nil {
				return nil
			}
			return fmt.Sprintf("%v/%v", args[0], args[1])
		}},
	}})
	for _, c := range []struct {
		name, from  string
		rows, times int64
	}{
		{"repeated", "SELECT if(i % 4 = 0, NULL, 'a text of more than twelve ' || i % 4) AS x, 7::BIGINT AS y, if(i % 4 = 0, NULL, 'a text of more than twelve ' || i % 4 || '/7') AS want FROM range(1000) r(i)", 1000, 4},
		{"all different", "SELECT 'x' || i AS x, i AS y, 'x' || i || '/' || i AS want FROM range(1000) r(i)", 1000, 1000},
		{"texts that end where the next begin", "SELECT x, y, x || '/' || y AS want FROM (VALUES ('a', 1::BIGINT), ('a', 11), ('a1', 1), ('', 1)) v(x, y)", 4, 4},
	} {
		asked.Store(0)
		rows, err := db.Query(t.Context(), "SELECT count(*), count(*) FILTER (test_pair(x, y) IS NOT DISTINCT FROM want) FROM ("+c.from+")", nil)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			if got := rows.Values(); got[0] != c.rows || got[1] != c.rows {
				t.Errorf("%s: %v of %v rows are right, want all of %d", c.name, got[1], got[0], c.rows)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if got := asked.Load(); got != c.times {
			t.Errorf("%s: asked %d times, want %d", c.name, got, c.times)
		}
	}
}
