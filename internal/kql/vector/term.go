package vector

import (
	"strings"
	"unicode/utf8"

	"spoor/internal/schema"
)

// The functions that look for a term in a text: has, hasprefix and hassuffix of a text
// and a term that are in the case to be compared.
var termFunctions = []*Function{
	termFunction("has", true, true),
	termFunction("hasprefix", true, false),
	termFunction("hassuffix", false, true),
}

func termFunction(op string, start, end bool) *Function {
	return &Function{Name: "term_" + op, Params: []schema.Type{tStr, tStr}, Result: schema.Bool, Eval: func(a []any) any {
		return findTerm(text(a, 0), text(a, 1), start, end)
	}}
}

// findTerm looks for a term in a text: with no letter or digit before it where start is
// asked for, and none behind it where end is. That is asked only of a term that begins or
// ends with one.
func findTerm(s, term string, start, end bool) bool {
	if term == "" {
		return true
	}
	first, width := utf8.DecodeRuneInString(term)
	last, _ := utf8.DecodeLastRuneInString(term)
	start, end = start && isTermRune(first), end && isTermRune(last)
	for at := 0; ; at += width {
		i := strings.Index(s[at:], term)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(term):])
		if inside := start && isTermRune(before) || end && isTermRune(after); !inside {
			return true
		}
	}
}
