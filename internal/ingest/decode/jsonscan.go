package decode

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep JSON may be nested. Real logs stay below twenty; the bound keeps
// a hostile source from making every line of it a start that is read again and again.
const maxDepth = 100

// What is wrong with JSON. incomplete is no fault while more bytes may come.
const (
	incomplete   = "the JSON is cut off"
	tooDeep      = "the JSON is nested too deep"
	badValue     = "no JSON value"
	badKey       = "no JSON key"
	badColon     = "no colon after the key"
	badObject    = "no comma or brace after the value"
	badArray     = "no comma or bracket after the value"
	badNumber    = "no JSON number"
	badEscape    = "no JSON escape"
	badControl   = "a control character in a JSON string"
	notAnObject  = "JSON, but no object"
	trailingData = "more after the JSON object"
)

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// nesting remembers for each open level whether it is an object.
type nesting struct {
	object [(maxDepth + 63) / 64]uint64
	depth  int
	outer  int // levels around the value
}

func (n *nesting) push(object bool) bool {
	if n.depth+n.outer == maxDepth {
		return false
	}
	word, bit := n.depth/64, uint64(1)<<(n.depth%64)
	n.object[word] &^= bit
	if object {
		n.object[word] |= bit
	}
	n.depth++
	return true
}

func (n *nesting) inObject() bool {
	top := n.depth - 1
	return n.object[top/64]&(1<<(top%64)) != 0
}

// scanValue finds the end of the JSON value (RFC 8259) that begins at b[i], white space
// before it allowed, within so many outer levels. On a fault it returns where that is and what; incomplete when b
// ends first. A number at the very end of b is taken for whole.
func scanValue(b []byte, i, outer int) (end int, fault string) {
	open := nesting{outer: outer}
	for {
		i, fault = scanOpening(b, i, &open)
		if fault != "" {
			return i, fault
		}
		i, fault = scanClosing(b, i, &open)
		if fault != "" || open.depth == 0 {
			return i, fault
		}
	}
}

// scanOpening goes through opening brackets and keys to the end of the first scalar or
// empty container.
func scanOpening(b []byte, i int, open *nesting) (int, string) {
	fault := ""
	for {
		if i = skipSpace(b, i); i == len(b) {
			return i, incomplete
		}
		if b[i] != '{' && b[i] != '[' {
			return scanScalar(b, i)
		}
		object := b[i] == '{'
		if !open.push(object) {
			return i, tooDeep
		}
		if i = skipSpace(b, i+1); i == len(b) {
			return i, incomplete
		}
		if b[i] == '}' && object || b[i] == ']' && !object {
			open.depth--
			return i + 1, ""
		}
		if object {
			if i, fault = scanKey(b, i); fault != "" {
				return i, fault
			}
		}
	}
}

// scanClosing goes from the end of a value over closing brackets to where the next
// value begins, or to the end of the outermost.
func scanClosing(b []byte, i int, open *nesting) (int, string) {
	for open.depth > 0 {
		if i = skipSpace(b, i); i == len(b) {
			return i, incomplete
		}
		object := open.inObject()
		switch {
		case b[i] == ',' && object:
			return scanKey(b, i+1)
		case b[i] == ',':
			return i + 1, ""
		case b[i] == '}' && object, b[i] == ']' && !object:
			open.depth--
			i++
		case object:
			return i, badObject
		default:
			return i, badArray
		}
	}
	return i, ""
}

// scanKey takes a key and its colon.
func scanKey(b []byte, i int) (int, string) {
	if i = skipSpace(b, i); i == len(b) {
		return i, incomplete
	}
	if b[i] != '"' {
		return i, badKey
	}
	i, _, fault := scanString(b, i)
	if fault != "" {
		return i, fault
	}
	if i = skipSpace(b, i); i == len(b) {
		return i, incomplete
	}
	if b[i] != ':' {
		return i, badColon
	}
	return i + 1, ""
}

func scanScalar(b []byte, i int) (int, string) {
	switch c := b[i]; {
	case c == '"':
		end, _, fault := scanString(b, i)
		return end, fault
	case c == '-' || '0' <= c && c <= '9':
		return scanNumber(b, i)
	case c == 't':
		return scanWord(b, i, "true")
	case c == 'f':
		return scanWord(b, i, "false")
	case c == 'n':
		return scanWord(b, i, "null")
	}
	return i, badValue
}

func scanWord(b []byte, i int, word string) (int, string) {
	have := b[i:min(len(b), i+len(word))]
	switch {
	case string(have) == word:
		return i + len(word), ""
	case string(have) == word[:len(have)]:
		return len(b), incomplete
	}
	return i, badValue
}

func scanNumber(b []byte, i int) (int, string) {
	if b[i] == '-' {
		i++
	}
	switch {
	case i == len(b):
		return i, incomplete
	case b[i] == '0':
		i++
	default:
		var fault string
		if i, fault = scanDigits(b, i); fault != "" {
			return i, fault
		}
	}
	fault := ""
	if i < len(b) && b[i] == '.' {
		if i, fault = scanDigits(b, i+1); fault != "" {
			return i, fault
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		i, fault = scanDigits(b, i)
	}
	return i, fault
}

// scanDigits takes one digit or more.
func scanDigits(b []byte, i int) (int, string) {
	start := i
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	switch {
	case i > start:
		return i, ""
	case i == len(b):
		return i, incomplete
	}
	return i, badNumber
}

// scanString takes the string whose opening quote is b[i]; end is behind the closing
// quote. Fast path: eight bytes at a time up to the first that is a quote, a backslash
// or a control character.
func scanString(b []byte, i int) (end int, escaped bool, fault string) {
	i++
	for {
		for i+8 <= len(b) {
			if stop := stringStops(binary.LittleEndian.Uint64(b[i:])); stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				break
			}
			i += 8
		}
		if i == len(b) {
			return i, escaped, incomplete
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped, ""
		case c == '\\':
			escaped = true
			if i, fault = scanEscape(b, i); fault != "" {
				return i, escaped, fault
			}
		case c < 0x20:
			return i, escaped, badControl
		default:
			i++
		}
	}
}

// stringStops marks with their highest bit the bytes of a word that are a quote, a
// backslash or a control character. Only the lowest mark is exact: the subtraction may
// borrow from the bytes above it.
func stringStops(w uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

func scanEscape(b []byte, i int) (int, string) {
	if i+1 == len(b) {
		return len(b), incomplete
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, ""
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k == len(b) {
				return k, incomplete
			}
			if unhex(b[k]) < 0 {
				return i, badEscape
			}
		}
		return i + 6, ""
	}
	return i, badEscape
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unescape undoes the escapes of a JSON string that scanString has passed, s being what
// is between the quotes. Half a surrogate pair becomes U+FFFD, and so does, unless the
// string is known to be clean, each byte that is not UTF-8.
func (d *Decoder) unescape(s string, clean bool) string {
	if !clean {
		s = d.valid(s)
	}
	next := strings.IndexByte(s, '\\')
	if next < 0 {
		return s
	}
	a := d.reserve(len(s))
	start := a.Len()
	for next >= 0 {
		a.WriteString(s[:next])
		s = s[next:]
		if s[1] == 'u' {
			r, n := unescapeRune(s)
			a.WriteRune(r)
			s = s[n:]
		} else {
			a.WriteByte(unescaped[s[1]])
			s = s[2:]
		}
		next = strings.IndexByte(s, '\\')
	}
	a.WriteString(s)
	return a.String()[start:]
}

// unescapeRune reads the \uXXXX that s begins with, or the surrogate pair of two.
func unescapeRune(s string) (r rune, n int) {
	r = hex4(s[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s[8:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// unescaped is the byte that each one-letter escape stands for.
var unescaped = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func hex4(s string) rune {
	return rune(unhex(s[0])<<12 | unhex(s[1])<<8 | unhex(s[2])<<4 | unhex(s[3]))
}
