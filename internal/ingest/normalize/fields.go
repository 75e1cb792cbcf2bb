package normalize

import (
	"strconv"
	"unicode/utf8"

	"spoor/internal/ingest/decode"
)

// JSON objects are written by appending: records come by the hundred thousand, and
// what has no column of its own goes to AdditionalFields in every one of them.

// appendField appends `"name":value` to the inside of a JSON object, with a comma
// where one is due. Nulls are left out.
func appendField(b []byte, name string, v decode.Value) []byte {
	if v.Kind == decode.Null {
		return b
	}
	return appendValue(appendName(b, name), v)
}

// appendTextField is appendField for a string; "" is left out.
func appendTextField(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return appendText(appendName(b, name), text)
}

func appendName(b []byte, name string) []byte {
	if n := len(b); n > 0 && b[n-1] != '{' {
		b = append(b, ',')
	}
	return append(appendText(b, name), ':')
}

func appendValue(b []byte, v decode.Value) []byte {
	switch v.Kind {
	case decode.Null:
		return append(b, "null"...)
	case decode.String:
		return appendText(b, v.Text)
	default:
		return append(b, v.Text...)
	}
}

const hexDigits = "0123456789abcdef"

// appendText appends a JSON string. Bytes that are not UTF-8 become U+FFFD: the
// record's own bytes stay readable by its raw id.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				i++
				start = i
				continue
			}
			i += size
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// allFields is the record's fields as one JSON object.
func allFields(r *decode.Record) string {
	b := make([]byte, 0, len(r.Raw)+64)
	b = append(b, '{')
	for i := range r.Fields {
		b = appendField(b, r.Fields[i].Name, r.Fields[i].Value)
	}
	return string(append(b, '}'))
}

// isJSONNumber reports whether text is a number as JSON writes it, and so can stand
// in an object without quotes.
func isJSONNumber(s string) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	whole := countDigits(s[i:])
	if whole == 0 || (whole > 1 && s[i] == '0') {
		return false
	}
	if i += whole; i < len(s) && s[i] == '.' {
		n := countDigits(s[i+1:])
		if n == 0 {
			return false
		}
		i += 1 + n
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		n := countDigits(s[i:])
		if n == 0 {
			return false
		}
		i += n
	}
	return i == len(s)
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}

// wholeNumber reads a count as JSON or TSV prints it ("54243", "1.0"), or reports
// false.
func wholeNumber(s string) (int64, bool) {
	if n, ok := digits(s); ok {
		return n, true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int64(f)) || f > 1<<53 || f < -(1<<53) {
		return 0, false
	}
	return int64(f), true
}
