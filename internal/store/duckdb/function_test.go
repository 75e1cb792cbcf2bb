package duckdb_test

import (
	"strings"
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
