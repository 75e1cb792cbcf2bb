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
