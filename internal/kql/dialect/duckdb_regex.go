package dialect

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// minLiteral is how long a literal must be for a look for it to be worth its time.
const minLiteral = 3

// requiredLiteral is the longest text that stands in every match of a regular
// expression, "" when none is known.
func requiredLiteral(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	longest := ""
	eachRequired(re.Simplify(), func(s string) {
		if len(s) > len(longest) {
			longest = s
		}
	})
	if len(longest) < minLiteral {
		return ""
	}
	return longest
}

// eachRequired calls f with texts that stand in every match.
func eachRequired(re *syntax.Regexp, f func(string)) {
	switch re.Op { //nolint:exhaustive // the others may match without any text in particular
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			f(string(re.Rune))
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			eachRequired(sub, f)
		}
	case syntax.OpRepeat:
		if re.Min > 0 {
			eachRequired(re.Sub[0], f)
		}
	}
}

// mostGroup is the last capture group that the engine can give.
const mostGroup = 9

// oneGroup is a regular expression in which group n captures and no other does.
func oneGroup(pattern string, n int) string {
	var out strings.Builder
	class, group := false, 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			out.WriteByte(c)
			i++
			if pattern[i] == 'Q' && !class { // literally, up to \E
				rest, _, ended := strings.Cut(pattern[i:], `\E`)
				out.WriteString(rest)
				i += len(rest) - 1
				if ended {
					out.WriteString(`\E`)
					i += len(`\E`)
				}
				continue
			}
		case class:
			class = c != ']'
		case c == '[':
			class = true
			for _, first := range []string{"[^]", "[]", "[^"} { // a bracket that stands first is one of the class
				if strings.HasPrefix(pattern[i:], first) {
					out.WriteString(first[:len(first)-1])
					i += len(first) - 1
					break
				}
			}
		case c == '(':
			name := groupStart(pattern[i:])
			if name == "" {
				break
			}
			if group++; group != n {
				out.WriteString("(?:")
				i += len(name) - 1
				continue
			}
		}
		out.WriteByte(pattern[i])
	}
	return out.String()
}

// groupStart is the text that opens a group which captures, "" when none does.
func groupStart(s string) string {
	if !strings.HasPrefix(s, "(?") {
		return "("
	}
	return namedGroup.FindString(s)
}

var namedGroup = regexp.MustCompile(`^\(\?P?<\w+>`)
