package kusto

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
)

// dataTypes are the .NET names of the types: what version 1 calls a column's DataType,
// and, behind "System.", what schemas call a column's Type.
var dataTypes = map[schema.Type]string{
	schema.Bool:     "SByte",
	schema.Int:      "Int32",
	schema.Long:     "Int64",
	schema.Real:     "Double",
	schema.Decimal:  "SqlDecimal",
	schema.String:   "String",
	schema.DateTime: "DateTime",
	schema.TimeSpan: "TimeSpan",
	schema.GUID:     "Guid",
	schema.Dynamic:  "Object",
}

func systemType(t schema.Type) string {
	if t == schema.Decimal {
		return "System.Data.SqlTypes.SqlDecimal"
	}
	return "System." + dataTypes[t]
}

// SpecialReal is how JSON says NaN and the infinities, as text.
func SpecialReal(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	default:
		return "NaN"
	}
}

func formatTime(t time.Time) string { return schema.TicksOf(t).String() }

// appendRow appends a row of a result, see query.Result.Row.
func appendRow(b []byte, columns []query.Column, row []any) []byte {
	b = append(b, '[')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, columns[i].Type, v)
	}
	return append(b, ']')
}

func appendValue(b []byte, t schema.Type, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int32:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendReal(b, v)
	case schema.Ticks:
		if t == schema.TimeSpan {
			return appendString(b, value.FormatTimeSpan(v))
		}
		return appendString(b, v.String())
	case json.RawMessage:
		return appendDynamic(b, v)
	case string:
		return appendString(b, v)
	default:
		// No other type can be in a row; a value is never left out, or the rest of the
		// row would move.
		text, err := json.Marshal(v)
		if err != nil {
			return append(b, "null"...)
		}
		return append(b, text...)
	}
}

// appendReal writes a number that stays a real one for readers that tell 1 from 1.0.
func appendReal(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendString(b, SpecialReal(f))
	}
	at := len(b)
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-5 || abs >= 1e15) {
		format = 'e'
	}
	b = strconv.AppendFloat(b, f, format, -1, 64)
	if format == 'f' && !bytes.ContainsRune(b[at:], '.') {
		b = append(b, ".0"...)
	}
	return b
}

// appendDynamic writes JSON as it is, but on one line: frames are told apart by line
// ends.
func appendDynamic(b []byte, raw json.RawMessage) []byte {
	buf := bytes.NewBuffer(b)
	if err := json.Compact(buf, raw); err != nil {
		return appendString(b, string(raw))
	}
	return buf.Bytes()
}

// appendString writes JSON text; what is not UTF-8 becomes U+FFFD.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return appendEscaped(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendEscaped(b []byte, s string) []byte {
	var buf strings.Builder
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be written
	return append(b, strings.TrimSuffix(buf.String(), "\n")...)
}
