package generate

import (
	"encoding/json"
	"strconv"
	"time"
)

// quoted is text as it stands between the quotes of a JSON string. Lines are put
// together from such pieces: encoding them anew for every record would be the larger
// part of the work.
type quoted string

// quote escapes text for JSON.
func quote(s string) quoted {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always encodes
	}
	return quoted(b[1 : len(b)-1])
}

// str appends ,"key":"value".
func str(b []byte, key string, v quoted) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':', '"')
	b = append(b, v...)
	return append(b, '"')
}

// num appends ,"key":number.
func num(b []byte, key string, n int64) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':')
	return strconv.AppendInt(b, n, 10)
}

// numStr appends ,"key":"number", as Windows events have most of their numbers.
func numStr(b []byte, key string, n int64) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':', '"')
	b = strconv.AppendInt(b, n, 10)
	return append(b, '"')
}

// hexStr appends ,"key":"0x1f".
func hexStr(b []byte, key string, n int64) []byte {
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, `":"0x`...)
	b = strconv.AppendInt(b, n, 16)
	return append(b, '"')
}

// seconds appends microseconds as seconds with six decimals.
func seconds(b []byte, us int64) []byte {
	b = strconv.AppendInt(b, us/1_000_000, 10)
	b = append(b, '.')
	return digits(b, us%1_000_000, 6)
}

// digits appends n in exactly that many digits.
func digits(b []byte, n int64, width int) []byte {
	for range width {
		b = append(b, '0')
	}
	for i := len(b) - 1; width > 0; i, width = i-1, width-1 {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// stamp writes times as text. It remembers the day, which is dear to work out.
type stamp struct {
	day  moment
	text [10]byte
}

// date appends 2006-01-02, the separator, and 15:04:05.
func (s *stamp) date(b []byte, at moment, sep byte) []byte {
	if d := at / day; d != s.day {
		s.day = d
		time.UnixMicro(at).UTC().AppendFormat(s.text[:0], time.DateOnly)
	}
	b = append(b, s.text[:]...)
	b = append(b, sep)
	sec := at % day / second
	b = digits(b, sec/3600, 2)
	b = append(b, ':')
	b = digits(b, sec/60%60, 2)
	b = append(b, ':')
	return digits(b, sec%60, 2)
}

// iso appends 2006-01-02T15:04:05.000Z.
func (s *stamp) iso(b []byte, at moment) []byte {
	b = s.date(b, at, 'T')
	b = append(b, '.')
	b = digits(b, at%second/millisecond, 3)
	return append(b, 'Z')
}

// utc appends 2006-01-02 15:04:05.000, as Sysmon has it.
func (s *stamp) utc(b []byte, at moment) []byte {
	b = s.date(b, at, ' ')
	b = append(b, '.')
	return digits(b, at%second/millisecond, 3)
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// uid appends an identifier as Zeek makes them: a letter and 17 of 62 characters.
func (w *world) uid(b []byte, letter byte) []byte {
	b = append(b, letter)
	for n := 0; n < 17; {
		for r := w.rng.Uint64(); r > 1<<32 && n < 17; n++ {
			b = append(b, base62[r%62])
			r /= 62
		}
	}
	return b
}
