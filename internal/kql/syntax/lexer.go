package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"spoor/internal/kql/value"
)

type tokenKind uint8

const (
	tokenEOF    tokenKind = iota
	tokenName             // identifier or keyword
	tokenLong             // 12, 0xFF
	tokenReal             // 1.5, 1e3
	tokenSpan             // 1d, 30min
	tokenString           // any string form
	tokenGoo              // datetime(…), guid(…): a type with raw text in parentheses
	tokenOp               // punctuation and symbolic operators, !has, in~
	tokenBad              // what the lexer could not read
)

// token is one lexical unit; text is its source text.
type token struct {
	kind tokenKind
	span Span
	text string
}

// gooTypes are the words that, followed by a parenthesis, are a literal whose text is
// taken raw.
var gooTypes = map[string]bool{
	"datetime": true, "date": true, "timespan": true, "time": true, "guid": true, "uuid": true, "uniqueid": true,
	"bool": true, "boolean": true, "int": true, "int32": true, "long": true, "int64": true, "real": true, "double": true, "decimal": true,
}

// operators with more than one character, longest first.
var operators = []string{"==", "!=", "<>", "<=", ">=", "=~", "!~", "=>", "..", "<|"}

type lexer struct {
	text   string
	at     int
	tokens []token
	diags  []Diagnostic
}

// lex splits the text into tokens, the last of which is tokenEOF.
func lex(text string) ([]token, []Diagnostic) {
	l := &lexer{text: text}
	for {
		l.skipBlank()
		if l.at >= len(l.text) {
			break
		}
		l.next()
	}
	l.tokens = append(l.tokens, token{kind: tokenEOF, span: Span{len(text), len(text)}})
	return l.tokens, l.diags
}

func (l *lexer) skipBlank() {
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		switch {
		case unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff':
			l.at += size
		case strings.HasPrefix(l.text[l.at:], "//"), r == '#' && l.lineStart():
			if i := strings.IndexAny(l.text[l.at:], "\r\n"); i >= 0 {
				l.at += i
			} else {
				l.at = len(l.text)
			}
		default:
			return
		}
	}
}

// lineStart: nothing but blanks stands before this place in its line. There a # begins
// a directive, which is for other tools.
func (l *lexer) lineStart() bool {
	line := l.text[strings.LastIndexByte(l.text[:l.at], '\n')+1 : l.at]
	return strings.TrimSpace(line) == ""
}

func (l *lexer) emit(kind tokenKind, end int) {
	l.tokens = append(l.tokens, token{kind, Span{l.at, end}, l.text[l.at:end]})
	l.at = end
}

func (l *lexer) bad(end int, message string) {
	l.diags = append(l.diags, Diagnostic{Code: "SYN0001", Span: Span{l.at, end}, Message: message})
	l.emit(tokenBad, end)
}

func (l *lexer) next() {
	rest := l.text[l.at:]
	c := rest[0]
	switch {
	case c == '"' || c == '\'':
		l.quoted(0)
	case c == '@' && len(rest) > 1 && isQuote(rest[1]):
		l.verbatim(1)
	case (c == 'h' || c == 'H') && len(rest) > 1 && isQuote(rest[1]):
		l.quoted(1)
	case (c == 'h' || c == 'H') && len(rest) > 2 && rest[1] == '@' && isQuote(rest[2]):
		l.verbatim(2)
	case strings.HasPrefix(rest, "```") || strings.HasPrefix(rest, "~~~"):
		l.fenced(rest[:3], 3)
	case (c == 'h' || c == 'H') && (strings.HasPrefix(rest[1:], "```") || strings.HasPrefix(rest[1:], "~~~")):
		l.fenced(rest[1:4], 4)
	case c >= '0' && c <= '9':
		l.number()
	case isNameStart(rest):
		l.name()
	case c == '!' && isNameStart(rest[1:]):
		l.negated()
	default:
		l.operator(rest)
	}
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// quoted reads a string with backslash escapes whose quote stands at l.at+prefix.
func (l *lexer) quoted(prefix int) {
	quote := l.text[l.at+prefix]
	for i := l.at + prefix + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			l.emit(tokenString, i+1)
			return
		case '\n':
			l.bad(i, "the string is not closed on its line")
			return
		}
	}
	l.bad(len(l.text), "the string is not closed")
}

// verbatim reads an @ string: no escapes, the quote doubled stands for itself.
func (l *lexer) verbatim(prefix int) {
	quote := l.text[l.at+prefix]
	for i := l.at + prefix + 1; i < len(l.text); i++ {
		if l.text[i] == '\n' {
			l.bad(i, "the string is not closed on its line")
			return
		}
		if l.text[i] != quote {
			continue
		}
		if i+1 < len(l.text) && l.text[i+1] == quote {
			i++
			continue
		}
		l.emit(tokenString, i+1)
		return
	}
	l.bad(len(l.text), "the string is not closed")
}

func (l *lexer) fenced(fence string, prefix int) {
	if i := strings.Index(l.text[l.at+prefix:], fence); i >= 0 {
		l.emit(tokenString, l.at+prefix+i+len(fence))
		return
	}
	l.bad(len(l.text), "the multi-line string is not closed")
}

func (l *lexer) number() {
	s := l.text
	i := l.at
	if s[i] == '0' && i+2 < len(s) && (s[i+1] == 'x' || s[i+1] == 'X') && isHex(s[i+2]) {
		for i += 2; i < len(s) && isHex(s[i]); i++ {
		}
		l.emit(tokenLong, i)
		return
	}
	i = skipDigits(s, i)
	kind := tokenLong
	if i+1 < len(s) && s[i] == '.' && isDigit(s[i+1]) {
		kind, i = tokenReal, skipDigits(s, i+1)
	} else if i < len(s) && s[i] == '.' && !strings.HasPrefix(s[i:], "..") && !isNameStart(s[i+1:]) {
		kind, i = tokenReal, i+1
	}
	if e := exponent(s, i); e > i {
		l.emit(tokenReal, e)
		return
	}
	end := i
	for end < len(s) && isNamePart(s[end:]) {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	switch {
	case end == i:
		l.emit(kind, i)
	case value.IsTimeUnit(s[i:end]):
		l.emit(tokenSpan, end)
	case kind == tokenLong:
		l.emit(tokenName, end)
	default:
		l.bad(end, "this is neither a number nor a name")
	}
}

func skipDigits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// exponent gives the end of an exponent that starts at i, or i.
func exponent(s string, i int) int {
	if i >= len(s) || s[i] != 'e' && s[i] != 'E' {
		return i
	}
	j := i + 1
	if j < len(s) && (s[j] == '+' || s[j] == '-') {
		j++
	}
	end := skipDigits(s, j)
	if end == j || end < len(s) && isNamePart(s[end:]) {
		return i
	}
	return end
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isNameStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || r == '$' || r != utf8.RuneError && unicode.IsLetter(r)
}

func isNamePart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isNameStart(s) || unicode.IsDigit(r)
}

func (l *lexer) nameEnd(i int) int {
	for i < len(l.text) && isNamePart(l.text[i:]) {
		_, size := utf8.DecodeRuneInString(l.text[i:])
		i += size
	}
	return i
}

func (l *lexer) name() {
	end := l.nameEnd(l.at)
	word := l.text[l.at:end]
	if word == "in" && strings.HasPrefix(l.text[end:], "~") {
		l.emit(tokenOp, end+1)
		return
	}
	if gooTypes[word] && strings.HasPrefix(l.text[end:], "(") { // with a blank between it is a name: partition by time (…)
		l.goo(end)
		return
	}
	l.emit(tokenName, end)
}

// goo reads a literal such as datetime(2020-01-01): the raw text up to the closing
// parenthesis.
func (l *lexer) goo(open int) {
	i := strings.IndexAny(l.text[open:], ")\n")
	if i < 0 || l.text[open+i] == '\n' {
		l.bad(open+1, "the literal is not closed on its line")
		return
	}
	l.emit(tokenGoo, open+i+1)
}

// negated reads !has, !in~ and the like as one operator.
func (l *lexer) negated() {
	end := l.nameEnd(l.at + 1)
	if l.text[l.at:end] == "!in" && strings.HasPrefix(l.text[end:], "~") {
		end++
	}
	l.emit(tokenOp, end)
}

func (l *lexer) operator(rest string) {
	for _, op := range operators {
		if strings.HasPrefix(rest, op) {
			l.emit(tokenOp, l.at+len(op))
			return
		}
	}
	if strings.IndexByte("()[]{}|,;:.=<>+-*/%?@~#&!", rest[0]) >= 0 {
		l.emit(tokenOp, l.at+1)
		return
	}
	_, size := utf8.DecodeRuneInString(rest)
	l.bad(l.at+size, "this character has no meaning here")
}
