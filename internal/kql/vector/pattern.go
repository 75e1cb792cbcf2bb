package vector

import (
	"regexp"
	"strings"
	"sync"
)

// classes are the shorthands that mean all of Unicode in Kusto and ASCII alone in RE2,
// as they stand inside of brackets.
var classes = map[byte]string{'d': `\p{Nd}`, 'w': `\pL\pM\p{Nd}\p{Pc}`, 's': `\s\x0b\x{85}\p{Z}`}

// Regex writes a regular expression of Kusto's for an RE2 engine: \d, \w and \s and
// their opposites mean all of Unicode, and \u0041 is a character. Only \b stays ASCII,
// and \D, \W and \S inside of brackets, for which RE2 has no words.
func Regex(s string) string { return rewritten(s, true) }

// RegexShape is Regex with \d, \w and \s left as RE2 has them: it is valid when Regex is,
// with the same groups and literals, and takes a tenth of the time to parse.
func RegexShape(s string) string { return rewritten(s, false) }

// rewritten writes a regular expression; unicode: the shorthands mean all of Unicode.
func rewritten(s string, unicode bool) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	brackets := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '\\' || i+1 == len(s) {
			if c == '[' && !brackets {
				brackets = true
				b.WriteByte(c)
				// A bracket that closes at once is a character.
				for _, first := range []string{"^", "]"} {
					if strings.HasPrefix(s[i+1:], first) {
						b.WriteString(first)
						i++
					}
				}
				continue
			}
			brackets = brackets && c != ']'
			b.WriteByte(c)
			continue
		}
		i++
		i += escape(&b, s[i:], brackets, unicode)
	}
	return b.String()
}

// escape writes what follows a backslash and tells how many bytes more it took than the
// one.
func escape(b *strings.Builder, rest string, brackets, unicode bool) int {
	c := rest[0]
	class, known := classes[c|0x20]
	known = known && unicode
	upper := c >= 'A' && c <= 'Z'
	switch {
	case c == 'Q': // literal until \E
		end := strings.Index(rest, `\E`)
		if end < 0 {
			end = len(rest) - 2
		}
		b.WriteString(`\` + rest[:min(end+2, len(rest))])
		return min(end+2, len(rest)) - 1
	case known && !upper && brackets:
		b.WriteString(class)
	case known && !upper:
		b.WriteString("[" + class + "]")
	case known && !brackets:
		b.WriteString("[^" + class + "]")
	case (c == 'u' || c == 'U') && codePoint(rest) > 0:
		n := codePoint(rest)
		b.WriteString(`\x{` + rest[1:n] + "}")
		return n - 1
	default:
		b.WriteString(`\` + rest[:1])
	}
	return 0
}

// codePoint is how long a u0041 or U00000041 at the start of a text is, 0 for none.
func codePoint(s string) int {
	n := 5
	if s[0] == 'U' {
		n = 9
	}
	if len(s) < n || strings.Trim(s[1:n], "0123456789abcdefABCDEF") != "" {
		return 0
	}
	return n
}

// patterns keeps compiled regular expressions; a query uses few, a row each time.
var patterns sync.Map

// maxPatterns bounds how many are kept: patterns may come from the data.
const maxPatterns = 1024

var patternCount struct {
	sync.Mutex
	n int
}

// pattern compiles a regular expression, nil when it is not valid.
func pattern(s string) *regexp.Regexp {
	if re, ok := patterns.Load(s); ok {
		return re.(*regexp.Regexp)
	}
	re, err := regexp.Compile(Regex(s))
	if err != nil {
		re = nil
	}
	patternCount.Lock()
	defer patternCount.Unlock()
	if len(s) < 4096 && patternCount.n < maxPatterns {
		patternCount.n++
		patterns.Store(s, re)
	}
	return re
}
