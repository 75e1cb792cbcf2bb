package dialect

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// minLiteral is how long a literal must be for a look for it to be worth its time.
const minLiteral = 3

// look is what says whether a regular expression matches a text: all of it must hold.
type look struct {
	prefix  string // the text begins with it
	literal string // or else it stands in the text, "" when no such literal is known
	oneLine bool   // there is no newline in the text
	rest    string // the regular expression that is left to run, "" when none is
}

// lookFor takes apart a regular expression that is asked for a match anywhere in a text:
// re is its shape, pattern how the engine takes it.
func lookFor(re *syntax.Regexp, pattern string) look {
	l := look{literal: longestRequired(re.Simplify()), rest: pattern}
	parts := []*syntax.Regexp{re}
	if re.Op == syntax.OpConcat {
		parts = re.Sub
	}
	parts = l.trim(parts)
	if len(parts) > 1 && parts[0].Op == syntax.OpBeginText && exact(parts[1]) {
		l.prefix, l.literal = string(parts[1].Rune), ""
		if len(parts) == 2 {
			l.rest = ""
		}
	}
	return l
}

// trim leaves out what matches any rest of a text: ".*" at the end, for a match may end
// before it, and ".*$" of a pattern that begins at the text's beginning, when the text
// has no newline at which it would stop. What is left of the parts is given back.
func (l *look) trim(parts []*syntax.Regexp) []*syntax.Regexp {
	n := len(parts)
	if n > 1 && anyRest(parts[n-1]) && strings.HasSuffix(l.rest, ".*") {
		l.rest = strings.TrimSuffix(l.rest, ".*")
		return parts[:n-1]
	}
	if n > 2 && parts[0].Op == syntax.OpBeginText && parts[n-1].Op == syntax.OpEndText && anyRest(parts[n-2]) &&
		strings.HasSuffix(l.rest, ".*$") && withoutNewline(parts[1:n-2]) {
		l.rest, l.oneLine = strings.TrimSuffix(l.rest, ".*$"), true
		return parts[:n-2]
	}
	return parts
}

// anyRest tells .*, which matches whatever there is up to a newline.
func anyRest(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && re.Sub[0].Op == syntax.OpAnyCharNotNL
}

// exact tells a literal that stands for itself alone.
func exact(re *syntax.Regexp) bool {
	return re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0
}

// withoutNewline tells whether no part of a match can be a newline.
func withoutNewline(parts []*syntax.Regexp) bool {
	for _, re := range parts {
		switch re.Op { //nolint:exhaustive // what is made of parts is as they are
		case syntax.OpAnyChar:
			return false
		case syntax.OpLiteral:
			if slices.Contains(re.Rune, '\n') {
				return false
			}
		case syntax.OpCharClass:
			if hasRune(re.Rune, '\n') {
				return false
			}
		}
		if !withoutNewline(re.Sub) {
			return false
		}
	}
	return true
}

// hasRune tells whether ranges, given as pairs of their ends, hold a character.
func hasRune(ranges []rune, r rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] <= r && r <= ranges[i+1] {
			return true
		}
	}
	return false
}

// longestRequired is the longest text that stands in every match of a regular
// expression, "" when none is known.
func longestRequired(re *syntax.Regexp) string {
	longest := ""
	eachRequired(re, func(s string) {
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
