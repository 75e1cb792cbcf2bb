package dialect

import (
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"spoor/internal/kql/vector"
)

func TestLookFor(t *testing.T) {
	for pattern, want := range map[string]look{
		`^C:\\Windows\\.*$`:       {prefixes: []string{`C:\Windows\`}, oneLine: true},
		`^C:\\Windows\\.*`:        {prefixes: []string{`C:\Windows\`}},
		`^C:\\Windows\\`:          {prefixes: []string{`C:\Windows\`}},
		`^C:\\Windows\\$`:         {prefixes: []string{`C:\Windows\`}, rest: `^C:\\Windows\\$`},
		`^a( \(b\))?\\.*$`:        {prefixes: []string{`a\`, `a (b)\`}, oneLine: true},
		`^(ab|cd)?x.*`:            {prefixes: []string{`x`, `abx`, `cdx`}},
		`^a[xy]b?`:                {prefixes: []string{`ax`, `ay`}},
		`^a?`:                     {rest: `^a?`},
		`^(a|b|c|d|e)f`:           {rest: `^(a|b|c|d|e)f`},
		`^ab(?i)c`:                {prefixes: []string{`ab`}, rest: `^ab(?i)c`},
		`^[A-Z]:\\.*$`:            {oneLine: true, rest: `^[A-Z]:\\`},
		`^C:\\[^\\]+\\Desk.*$`:    {prefixes: []string{`C:\`}, rest: `^C:\\[^\\]+\\Desk.*$`}, // the class may be a newline
		`(?s)^abc.*$`:             {prefixes: []string{`abc`}, rest: `(?s)^abc.*$`},
		`abc.*$`:                  {literal: `abc`, rest: `abc.*$`},
		`abc\.*`:                  {literal: `abc`, rest: `abc\.*`},
		`(?i)^abc.*`:              {rest: `(?i)^abc`},
		`^.*$`:                    {oneLine: true, rest: `^`},
		`.*`:                      {rest: `.*`},
		`(abc|abd)`:               {rest: `(abc|abd)`}, // "ab" is too short
		`abc|xyz.*`:               {rest: `abc|xyz.*`},
		`foo(bar)+baz?`:           {literal: `foo`, rest: `foo(bar)+baz?`},
		`x*needle{2,3}y*`:         {literal: `needl`, rest: `x*needle{2,3}y*`},
		`(optional)?`:             {rest: `(optional)?`},
		`\d+\.exe -enc(oded)? .*`: {literal: `.exe -enc`, rest: `[\p{Nd}]+\.exe -enc(oded)? `},
	} {
		if got := lookFor(parsedShape(t, pattern), vector.Regex(pattern)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", pattern, got, want)
		}
	}
}

// FuzzLookFor holds what is looked for against the regular expression itself.
func FuzzLookFor(f *testing.F) {
	f.Add(`^C:\\Windows( \(x\))?\\.*$`, "C:\\Windows\\a")
	f.Add(`^C:\\Windows( \(x\))?\\.*$`, "C:\\Windows (x)\\a")
	f.Add(`^(a|bc)?[de]f.*`, "bcef")
	f.Add(`^[^a]+b.*$`, "x\nb\n")
	f.Add(`(?i)abc.*`, "xABC")
	f.Add(`[\w]+\s\\\D.*`, "é \\\n")
	f.Fuzz(func(t *testing.T, kql, text string) {
		pattern := vector.Regex(kql)
		re, err := regexp.Compile(pattern)
		if err != nil {
			t.Skip()
		}
		l := lookFor(parsedShape(t, kql), pattern)
		got := (len(l.prefixes) == 0 || slices.ContainsFunc(l.prefixes, func(p string) bool { return strings.HasPrefix(text, p) })) && strings.Contains(text, l.literal) && (!l.oneLine || !strings.Contains(text, "\n"))
		if got && l.rest != "" {
			got = regexp.MustCompile(l.rest).MatchString(text)
		}
		if want := re.MatchString(text); got != want {
			t.Errorf("%q matches %q: %v, want %v: %+v", pattern, text, got, want, l)
		}
	})
}

// parsedShape parses the shape of a regular expression, which is valid when it is.
func parsedShape(t *testing.T, pattern string) *syntax.Regexp {
	t.Helper()
	re, err := syntax.Parse(vector.RegexShape(pattern), syntax.Perl)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return re
}

func TestOneGroup(t *testing.T) {
	for _, c := range []struct {
		pattern string
		n       int
		want    string
	}{
		{`(a)(b)`, 2, `(?:a)(b)`},
		{`(a)(b)`, 1, `(a)(?:b)`},
		{`(?:x)(?i)(a)((b)c)`, 2, `(?:x)(?i)(?:a)((?:b)c)`},
		{`\((a)[(](b)`, 2, `\((?:a)[(](b)`},
		{`[](](a)[^](](b)`, 2, `[](](?:a)[^](](b)`},
		{`(?P<x>a)(?<y>b)`, 2, `(?:a)(?<y>b)`},
		{`\Q(a)\E(b)(c)`, 2, `\Q(a)\E(?:b)(c)`},
		{`a\`, 1, `a\`},
	} {
		if got := oneGroup(c.pattern, c.n); got != c.want {
			t.Errorf("oneGroup(%q, %d) = %q, want %q", c.pattern, c.n, got, c.want)
		}
	}
}
