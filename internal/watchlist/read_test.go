package watchlist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/watchlist"
)

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want watchlist.Table
	}{
		"CSV": {
			"Host,Owner\nsrv1,Ann\nsrv2,\n",
			watchlist.Table{Columns: []string{"Host", "Owner"}, Rows: [][]string{{"srv1", "Ann"}, {"srv2", ""}}},
		},
		"CSV with a byte order mark, CRLF, quotes and a line break in a value": {
			"\xef\xbb\xbfHost,Note\r\nsrv1,\"says \"\"no\"\", twice\"\r\nsrv2,\"two\nlines\"\r\n",
			watchlist.Table{Columns: []string{"Host", "Note"}, Rows: [][]string{{"srv1", `says "no", twice`}, {"srv2", "two\nlines"}}},
		},
		"CSV of a header alone": {"Host\n", watchlist.Table{Columns: []string{"Host"}}},
		"a JSON array": {
			`[{"Host":"srv1","Port":443,"Up":true},{"Owner":null,"Host":"srv2","Tags":["a", "b"]}]`,
			watchlist.Table{
				Columns: []string{"Host", "Port", "Up", "Owner", "Tags"},
				Rows:    [][]string{{"srv1", "443", "true", "", ""}, {"srv2", "", "", "", `["a","b"]`}},
			},
		},
		"JSON lines": {
			"{\"Host\":\"srv1\"}\n{\"Host\":\"srv2\"}\n",
			watchlist.Table{Columns: []string{"Host"}, Rows: [][]string{{"srv1"}, {"srv2"}}},
		},
		"a number keeps its digits": {
			`[{"Id":12345678901234567890.10}]`,
			watchlist.Table{Columns: []string{"Id"}, Rows: [][]string{{"12345678901234567890.10"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := watchlist.Read(strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is wrong is said with its line, and nothing is returned.
func TestReadRefuses(t *testing.T) {
	wide := strings.Repeat("x", watchlist.MaxValue+1)
	for name, c := range map[string]struct{ text, line, reason string }{
		"nothing":                {"", "line 1:", "empty"},
		"a short row":            {"a,b\n1,2\n3\n", "line 3:", "wrong number of fields"},
		"a quote inside a value": {"a,b\n1,2\"3\n", "line 2:", "bare \""},
		"a quote that never ends": {
			"a\n\"1\n2\n", "line 3:", "extraneous or missing \"",
		},
		"a column twice":          {"a,b,a\n", "line 1:", "column a is there twice"},
		"a column without a name": {"a,,b\n", "line 1:", "column 2 has no name"},
		"a name of our own":       {"a,SearchKey\n", "line 1:", "cannot be called SearchKey"},
		"too many columns":        {columns(watchlist.MaxColumns + 1), "line 1:", "more than 100 columns"},
		"a value too long":        {"a\nok\n" + wide + "\n", "line 3:", "longer than 8 KiB"},
		"not UTF-8":               {"a\nok\n\xff\n", "line 3:", "not UTF-8"},
		"JSON of something else":  {"[1]", "line 1:", "an object is expected"},
		"JSON with a field twice": {"[\n{\"a\":1,\n\"a\":2}]", "line 3:", "a is there twice"},
		"JSON that breaks off":    {"[\n{\"a\":1},\n{\"a\"", "line 3:", "ends in the middle"},
		"JSON that is not closed": {"[{\"a\":1}\n", "line 2:", "ends in the middle"},
		"JSON with more behind":   {"[{\"a\":1}] x", "line 1:", "text after the array"},
		"JSON without fields":     {"[{}]", "line 1:", "no object in it has a field"},
		"JSON with a bad value":   {"[{\"a\":1},\n{\"a\":nope}]", "line 2:", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := watchlist.Read(strings.NewReader(c.text))
			if err == nil {
				t.Fatalf("read as %v", got)
			}
			if !strings.HasPrefix(err.Error(), c.line) || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("%v, want %s … %s", err, c.line, c.reason)
			}
		})
	}
}

// columns is a header of n columns.
func columns(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	return strings.Join(names, ",") + "\n"
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "[{\"a\":1}]", "{\"a\":[1,{}]}{\"b\":null}", "\xef\xbb\xbfa\r\n\"1\"\"2\"\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		table, err := watchlist.Read(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "line ") {
				t.Errorf("no line: %v", err)
			}
			return
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) {
				t.Fatalf("a row of %d values under %d columns", len(row), len(table.Columns))
			}
		}
	})
}
