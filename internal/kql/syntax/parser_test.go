package syntax_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"spoor/internal/kql/syntax"
	"spoor/internal/sharedtest"
)

// corpus reads the published queries, which must all parse.
func corpus(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "conformance", file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	queries := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var c struct{ ID, Query string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		queries[c.ID] = c.Query
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return queries
}

func TestCorpusParsesAndPrints(t *testing.T) {
	for _, c := range []struct {
		file  string
		least int
	}{{"hunting.jsonl", 2927}, {"hunting-syntax.jsonl", 554}, {"kql-engine.jsonl", 777}, {"kql-docs.jsonl", 429}} {
		t.Run(c.file, func(t *testing.T) {
			queries := corpus(t, c.file)
			if len(queries) < c.least {
				t.Fatalf("loaded %d queries, want at least %d", len(queries), c.least)
			}
			failed := 0
			for id, text := range queries {
				if reason := roundTrip(text); reason != "" {
					failed++
					t.Errorf("%s: %s", id, reason)
				}
			}
			t.Logf("%d of %d parse", len(queries)-failed, len(queries))
		})
	}
}

// roundTrip parses, prints, parses and prints again; it tells what is wrong, or "".
func roundTrip(text string) string {
	q, diags := syntax.Parse(text)
	if len(diags) > 0 {
		return diags[0].Underline(text)
	}
	printed := syntax.Print(q)
	again, diags := syntax.Parse(printed)
	if len(diags) > 0 {
		return "printed text does not parse: " + diags[0].Underline(printed)
	}
	if twice := syntax.Print(again); twice != printed {
		return "printing is not stable:\n" + printed + "\n----\n" + twice
	}
	return ""
}
