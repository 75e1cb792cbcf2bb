package value

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// ParseGUID reads a GUID with or without dashes, braces or parentheses and gives it in
// lower case with dashes.
func ParseGUID(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 1 && (s[0] == '{' && s[len(s)-1] == '}' || s[0] == '(' && s[len(s)-1] == ')') {
		s = s[1 : len(s)-1]
	}
	if len(s) <= 36 {
		s = strings.ReplaceAll(s, "-", "") // wherever they stand
	}
	if len(s) != 32 || strings.Trim(s, "0123456789abcdef") != "" {
		return "", false
	}
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], true
}

// ParseLong reads a whole number, decimal or 0x hexadecimal.
func ParseLong(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	body, negative := strings.CutPrefix(s, "-")
	if h, ok := strings.CutPrefix(strings.ToLower(body), "0x"); ok {
		n, err := strconv.ParseUint(h, 16, 64)
		if negative {
			return -int64(n), err == nil
		}
		return int64(n), err == nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// ParseReal reads a floating-point number, with the words Kusto has for what is none.
func ParseReal(s string) (float64, bool) {
	switch s = strings.TrimSpace(s); strings.ToLower(s) {
	case "nan":
		return math.NaN(), true
	case "+inf", "inf":
		return math.Inf(1), true
	case "-inf":
		return math.Inf(-1), true
	}
	if strings.ContainsAny(s, "_xXpP") {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// FormatReal is Kusto's text of a floating-point number: the shortest that reads back,
// with ".0" when it is whole.
func FormatReal(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-5 || a >= 1e15) {
		s := strconv.FormatFloat(f, 'E', -1, 64)
		return s
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// ParseBool reads true, false or a number that is zero or not.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	n, ok := ParseLong(s)
	return n != 0, ok
}

// ParseDecimal checks the text of a decimal and gives it without a plus sign.
func ParseDecimal(s string) (string, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return "", false
	}
	_, err := strconv.ParseFloat(s, 64)
	return s, err == nil
}

// JSONString is s as a JSON string, without HTML escapes.
func JSONString(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}
