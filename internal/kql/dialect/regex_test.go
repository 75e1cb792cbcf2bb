package dialect

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"spoor/internal/kql/vector"
)

func TestLookFor(t *testing.T) {
	for pattern, want := range map[string]look{
		`^C:\\Windows\\.*$`:       {prefix: `C:\Windows\`, oneLine: true},
		`^C:\\Windows\\.*`:        {prefix: `C:\Windows\`},
		`^C:\\Windows\\`:          {prefix: `C:\Windows\`},
		`^C:\\Windows\\$`:         {prefix: `C:\Windows\`, rest: `^C:\\Windows\\$`},
		`^a( \(b\))?\\.*$`:        {prefix: `a`, oneLine: true, rest: `^a( \(b\))?\\`},
		`^[A-Z]:\\.*$`:            {oneLine: true, rest: `^[A-Z]:\\`},
		`^C:\\[^\\]+\\Desk.*$`:    {prefix: `C:\`, rest: `^C:\\[^\\]+\\Desk.*$`}, // the class may be a newline
		`(?s)^abc.*$`:             {prefix: `abc`, rest: `(?s)^abc.*$`},
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
		if got := lookFor(parsedShape(t, pattern), vector.Regex(pattern)); got != want {
			t.Errorf("%s: %+v, want %+v", pattern, got, want)
		}
	}
}

// FuzzLookFor holds what is looked for against the regular expression itself.
func FuzzLookFor(f *testing.F) {
	f.Add(`^C:\\Windows( \(x\))?\\.*$`, "C:\\Windows\\a")
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
		got := strings.HasPrefix(text, l.prefix) && strings.Contains(text, l.literal) && (!l.oneLine || !strings.Contains(text, "\n"))
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
