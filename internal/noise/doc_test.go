package noise

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// docs/noise.md has the table of classes and kinds of line as the code has it.
func TestDocument(t *testing.T) {
	file, err := os.ReadFile("../../docs/noise.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(file), "| class | kind of line | words | |\n| --- | --- | --- | --- |\n")
	if !ok {
		t.Fatal("the table is not there")
	}
	var got, want []string
	for line := range strings.Lines(text) {
		cells := strings.Split(line, "|")
		if len(cells) < 5 {
			break
		}
		weak := strings.Contains(cells[4], "**weak signal**")
		got = append(got, strings.Join([]string{strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]), map[bool]string{true: "weak"}[weak]}, "|"))
	}
	for _, c := range classes {
		want = append(want, strings.Join([]string{string(c.class), string(c.line), "`" + strings.Join(c.words, "`, `") + "`", map[bool]string{true: "weak"}[c.weak]}, "|"))
	}
	want = append(want, string(Other)+"|||")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
