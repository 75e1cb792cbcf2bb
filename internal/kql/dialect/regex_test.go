package dialect

import "testing"

func TestRequiredLiteral(t *testing.T) {
	for pattern, want := range map[string]string{
		`^C:\\Windows\\.*$`:       `C:\Windows\`,
		`(abc|abd)`:               ``, // "ab" is too short
		`abc|xyz`:                 ``,
		`(?i)abcdef`:              ``,
		`foo(bar)+baz?`:           `foo`,
		`x*needle{2,3}y*`:         `needl`,
		`(optional)?`:             ``,
		`\d+\.exe -enc(oded)? .*`: `.exe -enc`,
		`(`:                       ``,
	} {
		if got := requiredLiteral(pattern); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
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
