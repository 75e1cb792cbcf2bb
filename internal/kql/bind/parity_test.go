package bind_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spoor/internal/kql"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// huntingCase is a published query with the verdict of Microsoft's own binder.
type huntingCase struct {
	ID, Query string
	Oracle    struct {
		Ok          bool
		ResultKind  string
		Open        bool
		ColumnCount int
		Columns     []struct{ Name, Type string }
		Duplicates  []string `json:"duplicateColumns"`
	}
}

// TestHuntingQueriesBind binds published queries and compares the columns of their
// results with those that Microsoft's binder gives.
func TestHuntingQueriesBind(t *testing.T) {
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "conformance", "hunting.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	total, agree := 0, 0
	reasons := map[string]int{}
	for lines.Scan() {
		var c huntingCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		total++
		reason := verdict(c)
		if reason == "" {
			agree++
			continue
		}
		reasons[reason]++
		if os.Getenv("VERBOSE") != "" {
			fmt.Println(c.ID, reason)
		}
	}
	if total < 2927 {
		t.Fatalf("loaded %d queries, want 2927", total)
	}
	t.Logf("%d of %d agree (%.1f %%)", agree, total, 100*float64(agree)/float64(total))
	if agree*100 < total*boundShare {
		t.Errorf("%d of %d agree, want %d %%", agree, total, boundShare)
	}
}

// boundShare is the share of published queries that must agree, in percent.
const boundShare = 98

// verdict says in what our binder differs, or "".
func verdict(c huntingCase) string {
	cols, diags := kql.Validate(c.Query, kql.Env{Catalog: schema.Default(), Now: 1})
	if cols == nil {
		for _, d := range diags {
			if d.Severity == 0 {
				return d.Code + " " + d.Message
			}
		}
		return "no columns"
	}
	if c.Oracle.Open || c.Oracle.ColumnCount > 0 || c.Oracle.ResultKind != "table" {
		return ""
	}
	var got, want []string
	for _, col := range cols {
		got = append(got, col.Name+":"+col.Type.String())
	}
	seen := map[string]bool{}
	for _, col := range c.Oracle.Columns {
		if len(c.Oracle.Duplicates) > 0 && seen[col.Name] {
			continue
		}
		seen[col.Name] = true
		want = append(want, col.Name+":"+col.Type)
	}
	if len(c.Oracle.Duplicates) > 0 {
		if len(got) == len(want) {
			return ""
		}
	}
	if strings.Join(got, " ") == strings.Join(want, " ") {
		return ""
	}
	for i := range want {
		if i >= len(got) {
			return fmt.Sprintf("COLS column %d is missing, want %s", i, want[i])
		}
		if got[i] != want[i] {
			return fmt.Sprintf("COLS column %d is %s, want %s", i, got[i], want[i])
		}
	}
	return fmt.Sprintf("COLS %d columns more than %d: %s", len(got)-len(want), len(want), got[len(want)])
}
