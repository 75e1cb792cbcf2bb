package entitypage

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"spoor/content"
	"spoor/internal/entity"
	"spoor/internal/insight"
	"spoor/internal/query"
)

// TestInsights runs every curated query on the events of its test file, which also says
// about whom it is asked (an address, or a kind and its entity) and what the answer is: one line a row, fields between " | ".
// Every query needs a file, and its columns are those that it declares.
func TestInsights(t *testing.T) {
	insights, err := insight.Load(content.Insights, "insights")
	if err != nil {
		t.Fatal(err)
	}
	if len(insights) < 37 {
		t.Fatalf("%d insights", len(insights))
	}
	for _, in := range insights {
		t.Run(in.ID, func(t *testing.T) {
			t.Parallel()
			file, err := txtar.ParseFile(filepath.Join("..", "..", "content", "insights", "testdata", in.ID+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t)
			b.pages.Insights = []insight.Insight{in}
			events, want := map[string]string{}, ""
			for _, f := range file.Files {
				if f.Name == "answer" {
					want = string(f.Data)
				} else {
					events[f.Name] = string(f.Data)
				}
			}
			b.ingest(events)
			got, err := b.pages.RunInsights(t.Context(), about(t, strings.TrimSpace(string(file.Comment))), false)
			if err != nil || len(got.Items) != 1 {
				t.Fatal(got, err)
			}
			item := got.Items[0]
			var rows strings.Builder
			told := map[string]bool{} // apart by the columns that are to do it
			for i, row := range item.Rows {
				if name := item.CompareAs[i]; told[name] {
					t.Errorf("two rows are called %q", name)
				}
				told[item.CompareAs[i]] = true
				rows.WriteString(strings.Join(row, " | ") + "\n")
			}
			if diff := cmp.Diff(want, rows.String()); diff != "" || item.State != "rows" {
				t.Errorf("%s %s (-want +got)\n%s", item.State, item.Error, diff)
			}
			columns, diagnostics, err := query.New(query.Config{Engine: b.db}).Check(t.Context(), query.Request{Text: item.Query})
			if err != nil || len(diagnostics) > 0 {
				t.Fatal(err, diagnostics)
			}
			var names []string
			for _, c := range columns {
				names = append(names, c.Name)
			}
			if diff := cmp.Diff(in.Columns, names); diff != "" {
				t.Errorf("columns (-declared +result)\n%s", diff)
			}
		})
	}
}

// about asks about an address, or "KIND ENTITY", for the days of the test files.
func about(t *testing.T, text string) Request {
	t.Helper()
	kind, value, ok := strings.Cut(text, " ")
	if !ok {
		return ip(text)
	}
	req := ip("")
	id, err := entity.Parse(entity.Kind(kind), value)
	if err != nil {
		t.Fatal(err)
	}
	req.ID = id
	return req
}

// An insight without rows says why: its table is empty, it never names the entity in
// that role, or this entity is not in it.
func TestInsightsSayWhyTheyAreEmpty(t *testing.T) {
	insights, err := insight.Load(content.Insights, "insights")
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.pages.Insights = insights
	b.ingest(map[string]string{"logs.json": lines(
		`{"Type":"SigninLogs","TimeGenerated":"2024-05-30T10:00:00Z","IPAddress":"203.0.113.9","UserPrincipalName":"ada@example.test","AppDisplayName":"Portal","ResultType":"0"}`,
	)})
	for _, c := range []struct {
		address, role string
		want          string
	}{
		{"203.0.113.9", "", "rows"}, {"203.0.113.9", "source", "rows"}, {"203.0.113.9", "destination", "role"}, {"198.51.100.1", "", "empty"},
	} {
		req := ip(c.address)
		req.Role, _ = entity.ParseRole(c.role) // "" is none
		list, err := b.pages.RunInsights(t.Context(), req, false)
		if err != nil {
			t.Fatal(err)
		}
		states := map[string]string{}
		for _, item := range list.Items {
			states[item.ID] = item.State
		}
		if states["sign-ins"] != c.want || states["office-activity"] != "missing" {
			t.Errorf("%s as %q: %v", c.address, c.role, states)
		}
	}
}
