package dialect

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	// minLiteral is how long a literal must be for a look for it to be worth its time.
	minLiteral = 3
	// maxPrefixes is how many beginnings of a text are told apart at most.
	maxPrefixes = 4
)

// look is what says whether a regular expression matches a text: all of it must hold.
type look struct {
	prefixes []string // the text begins with one of them
	literal  string   // or else it stands in the text, "" when no such literal is known
	oneLine  bool     // there is no newline in the text
	rest     string   // the regular expression that is left to run, "" when none is
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
	if len(parts) > 1 && parts[0].Op == syntax.OpBeginText {
		prefixes, read := beginnings(parts[1:])
		if l.prefixes = shortest(prefixes); len(l.prefixes) > 0 {
			l.literal = ""
		}
		if len(l.prefixes) > 0 && read == len(parts)-1 {
			l.rest = ""
		}
	}
	return l
}

// beginnings are the texts that the first parts of a regular expression match, as many
// parts as there are few such texts, and how many parts that are.
//
//	C:\\Program Files( \(x86\))?\\  →  C:\Program Files\, C:\Program Files (x86)\
func beginnings(parts []*syntax.Regexp) (texts []string, read int) {
	texts = []string{""}
	for i, re := range parts {
		more := joined(texts, matched(re))
		if more == nil {
			return texts, i
		}
		texts = more
	}
	return texts, len(parts)
}

// matched are the texts that a regular expression matches; nil when they are not few.
func matched(re *syntax.Regexp) []string {
	switch re.Op { //nolint:exhaustive // the others match more
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return []string{string(re.Rune)}
		}
	case syntax.OpEmptyMatch:
		return []string{""}
	case syntax.OpCapture:
		return matched(re.Sub[0])
	case syntax.OpQuest:
		return either([]string{""}, matched(re.Sub[0]))
	case syntax.OpConcat:
		texts := []string{""}
		for _, sub := range re.Sub {
			texts = joined(texts, matched(sub))
		}
		return texts
	case syntax.OpAlternate:
		texts := matched(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			texts = either(texts, matched(sub))
		}
		return texts
	case syntax.OpCharClass:
		var texts []string
		for i := 0; i+1 < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if texts = append(texts, string(r)); len(texts) > maxPrefixes {
					return nil
				}
			}
		}
		return texts
	}
	return nil
}

// joined are the texts of the first list with one of the second behind it, nil for too
// many and for none.
func joined(first, second []string) []string {
	if len(first)*len(second) > maxPrefixes {
		return nil
	}
	var out []string
	for _, a := range first {
		for _, b := range second {
			out = append(out, a+b)
		}
	}
	return out
}

func either(a, b []string) []string {
	if len(a) == 0 || len(b) == 0 || len(a)+len(b) > maxPrefixes {
		return nil
	}
	return append(slices.Clip(a), b...)
}

// shortest leaves out what begins with another of the texts; nil when all texts do.
func shortest(texts []string) []string {
	var out []string
	for i, a := range texts {
		if a == "" {
			return nil
		}
		longer := func(b string) bool { return len(b) < len(a) && strings.HasPrefix(a, b) }
		if !slices.ContainsFunc(texts, longer) && !slices.Contains(texts[:i], a) {
			out = append(out, a)
		}
	}
	return out
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
