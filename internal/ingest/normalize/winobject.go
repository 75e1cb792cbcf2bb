package normalize

import (
	"encoding/json"
	"strings"

	"spoor/internal/ingest/decode"
)

// winObject reads the members of a JSON object; nil when the text is none.
func winObject(text string) []decode.Field {
	s := winScanner{text: text}
	if !s.skip('{') {
		return nil
	}
	fields := make([]decode.Field, 0, 16)
	for first := true; ; first = false {
		if s.skip('}') {
			return fields
		}
		if !first && !s.skip(',') {
			return nil
		}
		name, ok := s.value()
		if !ok || name.Kind != decode.String || !s.skip(':') {
			return nil
		}
		v, ok := s.value()
		if !ok {
			return nil
		}
		fields = append(fields, decode.Field{Name: name.Text, Value: v})
	}
}

// winArray reads the elements of a JSON array; nil when the text is none.
func winArray(text string) []decode.Value {
	s := winScanner{text: text}
	if !s.skip('[') {
		return nil
	}
	var values []decode.Value
	for first := true; ; first = false {
		if s.skip(']') {
			return values
		}
		if !first && !s.skip(',') {
			return nil
		}
		v, ok := s.value()
		if !ok {
			return nil
		}
		values = append(values, v)
	}
}

// winScanner walks over one level of JSON text and leaves what lies deeper as text.
type winScanner struct {
	text string
	at   int
}

func (s *winScanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// skip steps over one byte, after space, if it is next.
func (s *winScanner) skip(c byte) bool {
	s.space()
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// value reads one value of any kind.
func (s *winScanner) value() (decode.Value, bool) {
	s.space()
	if s.at >= len(s.text) {
		return decode.Value{}, false
	}
	start := s.at
	switch c := s.text[s.at]; c {
	case '"':
		return s.str()
	case '{', '[':
		if !s.nested() {
			return decode.Value{}, false
		}
		kind := decode.Object
		if c == '[' {
			kind = decode.Array
		}
		return decode.Value{Kind: kind, Text: s.text[start:s.at]}, true
	}
	if n := strings.IndexAny(s.text[start:], ",}] \t\r\n"); n >= 0 {
		s.at += n
	} else {
		s.at = len(s.text)
	}
	switch text := s.text[start:s.at]; text {
	case "null":
		return decode.Value{}, true
	case "true", "false":
		return decode.Value{Kind: decode.Bool, Text: text}, true
	default:
		return decode.Value{Kind: decode.Number, Text: text}, isJSONNumber(text)
	}
}

// str reads a string that begins here.
func (s *winScanner) str() (decode.Value, bool) {
	start := s.at
	if !s.quoted() {
		return decode.Value{}, false
	}
	text := s.text[start+1 : s.at-1]
	if strings.IndexByte(text, '\\') >= 0 {
		if json.Unmarshal([]byte(s.text[start:s.at]), &text) != nil {
			return decode.Value{}, false
		}
	}
	return decode.Value{Kind: decode.String, Text: text}, true
}

// quoted steps over a string that begins here.
func (s *winScanner) quoted() bool {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return true
		}
	}
	s.at = len(s.text)
	return false
}

// nested steps over the object or array that begins here. Its text must be JSON,
// because it is handed on inside other JSON.
func (s *winScanner) nested() bool {
	start, depth := s.at, 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '"':
			if !s.quoted() {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		s.at++
		if depth == 0 {
			return json.Valid([]byte(s.text[start:s.at]))
		}
	}
	return false
}
