package querytest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/kql"
	"spoor/internal/kql/builtin"
	"spoor/internal/sharedtest"
)

// TestInventory: every name of the language's documentation has a case of its own, with
// the documented answer or with an error that names what is refused.
func TestInventory(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sharedtest.Dir(t), "conformance", "kql-inventory.md"))
	if err != nil {
		t.Fatal(err)
	}
	covered := covering(t)
	names := 0
	for line := range strings.Lines(string(text)) {
		category, list, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !ok || !strings.HasPrefix(list, "`") {
			continue
		}
		for _, m := range inventoryName.FindAllStringSubmatch(list, -1) {
			names++
			if !covered(usage(category, m[1])) {
				t.Errorf("%s: '%s' has no case", category, m[1])
			}
		}
	}
	if names != 599 {
		t.Errorf("the inventory has %d names, want 599", names)
	}
}

// TestEveryFunctionHasCase: the functions, aggregates and plugins that there are beyond
// those of the inventory have their cases too, older spellings among them.
func TestEveryFunctionHasCase(t *testing.T) {
	covered := covering(t)
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(builtin.Names(), kql.Plugins())))) {
		if !covered(usage("", name)) {
			t.Errorf("'%s' has no case", name)
		}
	}
}

var inventoryName = regexp.MustCompile("`([^`]+)` \\d+/\\d+")

// usage is the expression that finds a use of a name in a query.
func usage(category, name string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(name)
	switch category {
	case "Render kinds":
		return regexp.MustCompile(`render ` + quoted + `\b`)
	case "Join kinds":
		return regexp.MustCompile(`join kind *= *` + quoted + `\b`)
	case "Data types":
		return regexp.MustCompile(`(: *|typeof\()` + quoted + `\b`)
	case "Plugins (evaluate)":
		return regexp.MustCompile(`evaluate ` + quoted + `\b`)
	case "Tabular operators":
		return regexp.MustCompile(`(^|[|(;=] *|\n *)` + quoted + `\b`)
	case "Statements":
		return regexp.MustCompile(`(^|; *|\n)` + quoted + `\b`)
	case "String, set and range operators":
		return regexp.MustCompile(`[\s\w)'\]]` + strings.ReplaceAll(quoted, " ", `\s+`) + `[\s(]`)
	default:
		return regexp.MustCompile(`\b` + quoted + ` *\(`)
	}
}

// covering tells whether one of the cases uses a name and either has a result or an
// error that names it.
func covering(t *testing.T) func(*regexp.Regexp) bool {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var answered, refused []string
	for _, e := range expressions(t) {
		if part, ok := strings.CutPrefix(e.want, "error "); ok {
			refused = append(refused, e.text+"\x00"+part)
		} else {
			answered = append(answered, e.text)
		}
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if errors := section(ar, "error"); errors != "" {
			refused = append(refused, section(ar, "query")+"\x00"+errors)
		} else {
			answered = append(answered, section(ar, "query"))
		}
	}
	return func(use *regexp.Regexp) bool {
		if slices.ContainsFunc(answered, use.MatchString) {
			return true
		}
		return slices.ContainsFunc(refused, func(c string) bool {
			query, errors, _ := strings.Cut(c, "\x00")
			name := strings.Trim(use.FindString(query), "|(;= \n")
			if name == "" {
				return false
			}
			name = name[strings.LastIndexByte(name, ' ')+1:]
			f, ok := builtin.Scalar(name)
			return strings.Contains(errors, name) || ok && strings.Contains(errors, f.Canonical)
		})
	}
}
