// Package value reads and writes the text forms of KQL's scalar values: dates and
// timespans in all the shapes Kusto takes, GUIDs, numbers. The parser uses it for
// literals, the engine's functions for conversions.
package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"spoor/internal/schema"
)

// dateLayouts are the forms of a date, tried in order; a fraction of a second follows
// the seconds of any of them. The list is that of the datetime data type's page.
var dateLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
	"2006-01-02 15:04:05 Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02 15:04Z07:00", "2006-01-02 15:04",
	"2006-01-02T15", "2006-01-02 15", "2006-01-02Z07:00", "2006-01-02", "2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2", "2006, 1, 2", "01-02-2006 15:04:05", "01-02-2006", "2006-01", "2006",
	"2006/01/02 15:04:05", "2006/01/02 15:04", "2006/01/02", "2006/1/2",
	"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
	"20060102T15:04:05Z07:00", "20060102T15:04:05", "20060102",
	"Mon, 02 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05 MST", "Mon, 02 Jan 2006 15:04:05", "Mon, 02 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", "2 Jan 2006", "02 Jan 06 15:04:05 MST", "2 Jan 06 15:04 MST", "2 Jan 06 15:04",
	"Monday, 02-Jan-06 15:04:05 MST", "Mon Jan 2 15:04:05 2006", "Jan 2 2006 15:04:05", "Jan 2 2006", "Jan 2, 2006", "January 2, 2006",
	time.RFC3339Nano,
}

// ParseDateTime reads a moment; a text without a zone is UTC. What is finer than 100 ns
// is cut off.
func ParseDateTime(s string) (schema.Ticks, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 4 || len(s) > 64 {
		return 0, false
	}
	if t, ok := parseISO(s); ok {
		return t, true
	}
	s = separators.Replace(s)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t)
		}
	}
	return 0, false
}

// separators are blanks around the dashes of a date, which Kusto overlooks:
// datetime(2017 - 08 - 01).
var separators = strings.NewReplacer(" - ", "-")

func inRange(t time.Time) (schema.Ticks, bool) {
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return 0, false
	}
	return schema.TicksOf(t), true
}

// parseISO is the fast path for the form nearly every log has,
// 2006-01-02[T ]15:04:05[.fraction][Z].
func parseISO(s string) (schema.Ticks, bool) {
	if len(s) < 19 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != ' ') || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	var f [6]int
	for i, at := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		n, ok := digits(s[at[0]:at[1]])
		if !ok {
			return 0, false
		}
		f[i] = n
	}
	frac, rest := 0, s[19:]
	if strings.HasPrefix(rest, ".") {
		i := 1
		for i < len(rest) && rest[i] >= '0' && rest[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0, false
		}
		padded := (rest[1:i] + "0000000")[:7]
		frac, _ = digits(padded)
		rest = rest[i:]
	}
	if rest != "" && rest != "Z" {
		return 0, false
	}
	if f[0] < 1 || f[1] < 1 || f[1] > 12 || f[2] < 1 || f[3] > 23 || f[4] > 59 || f[5] > 59 {
		return 0, false
	}
	t := time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], frac*100, time.UTC)
	if t.Day() != f[2] {
		return 0, false
	}
	return schema.TicksOf(t), true
}

func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// timeUnits are the suffixes of a timespan literal.
var timeUnits = map[string]schema.Ticks{
	"d": schema.TicksPerDay, "day": schema.TicksPerDay, "days": schema.TicksPerDay,
	"h": schema.TicksPerHour, "hr": schema.TicksPerHour, "hrs": schema.TicksPerHour, "hour": schema.TicksPerHour, "hours": schema.TicksPerHour,
	"m": schema.TicksPerMinute, "min": schema.TicksPerMinute, "minute": schema.TicksPerMinute, "minutes": schema.TicksPerMinute,
	"s": schema.TicksPerSecond, "sec": schema.TicksPerSecond, "second": schema.TicksPerSecond, "seconds": schema.TicksPerSecond,
	"ms": schema.TicksPerMillisecond, "milli": schema.TicksPerMillisecond, "millis": schema.TicksPerMillisecond,
	"millisec": schema.TicksPerMillisecond, "millisecond": schema.TicksPerMillisecond, "milliseconds": schema.TicksPerMillisecond,
	"micro": schema.TicksPerMicrosecond, "micros": schema.TicksPerMicrosecond, "microsec": schema.TicksPerMicrosecond,
	"microsecond": schema.TicksPerMicrosecond, "microseconds": schema.TicksPerMicrosecond,
	"tick": 1, "ticks": 1,
}

// IsTimeUnit reports whether s is the suffix of a timespan literal.
func IsTimeUnit(s string) bool { _, ok := timeUnits[s]; return ok }

// ParseTimeSpan reads a timespan: "1d", "1.5h", "2.03:04:05.678", "03:04", a bare number
// of days.
func ParseTimeSpan(s string) (schema.Ticks, bool) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimSpace(strings.TrimPrefix(s, "-"))
	if s == "" || len(s) > 64 {
		return 0, false
	}
	t, ok := parseUnsignedSpan(s)
	if negative {
		t = -t
	}
	return t, ok
}

func parseUnsignedSpan(s string) (schema.Ticks, bool) {
	if strings.Contains(s, ":") {
		return parseClock(s)
	}
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.') {
		i++
	}
	unit := schema.TicksPerDay
	if word := strings.TrimSpace(s[i:]); word != "" {
		u, ok := timeUnits[word]
		if !ok {
			return 0, false
		}
		unit = u
	}
	return scale(s[:i], unit)
}

// scale multiplies a decimal number with a unit, exactly where it is whole.
func scale(number string, unit schema.Ticks) (schema.Ticks, bool) {
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		if n != 0 && n > math.MaxInt64/int64(unit) {
			return 0, false
		}
		return schema.Ticks(n) * unit, true
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f*float64(unit) > math.MaxInt64 {
		return 0, false
	}
	return schema.Ticks(math.Round(f * float64(unit))), true
}

// parseClock reads [d.]hh:mm[:ss[.fffffff]].
func parseClock(s string) (schema.Ticks, bool) {
	parts := strings.Split(s, ":")
	if len(parts) > 4 {
		return 0, false
	}
	days := "0"
	if len(parts) == 4 {
		days, parts = parts[0], parts[1:]
	} else if d, h, ok := strings.Cut(parts[0], "."); ok {
		days, parts[0] = d, h
	}
	total, ok := scale(days, schema.TicksPerDay)
	if !ok {
		return 0, false
	}
	for i, unit := range []schema.Ticks{schema.TicksPerHour, schema.TicksPerMinute} {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n < 0 || n > []int{23, 59}[i] {
			return 0, false
		}
		total += schema.Ticks(n) * unit
	}
	if len(parts) == 3 {
		sec, frac, _ := strings.Cut(parts[2], ".")
		n, err := strconv.Atoi(sec)
		if err != nil || n < 0 || n > 59 || len(frac) > 7 {
			return 0, false
		}
		ticks, ok := digits((frac + "0000000")[:7])
		if !ok {
			return 0, false
		}
		total += schema.Ticks(n)*schema.TicksPerSecond + schema.Ticks(ticks)
	}
	return total, true
}

// FormatTimeSpan is Kusto's text of a timespan: [-][d.]hh:mm:ss[.fffffff].
func FormatTimeSpan(t schema.Ticks) string {
	sign, u := "", uint64(t)
	if t < 0 {
		sign, u = "-", -u
	}
	const second, day = uint64(schema.TicksPerSecond), uint64(schema.TicksPerDay)
	var days string
	if d := u / day; d > 0 {
		days = strconv.FormatUint(d, 10) + "."
	}
	s := fmt.Sprintf("%s%s%02d:%02d:%02d", sign, days, u%day/(3600*second), u%(3600*second)/(60*second), u%(60*second)/second)
	if f := u % second; f > 0 {
		s += fmt.Sprintf(".%07d", f)
	}
	return s
}

// FormatDateTime is Kusto's text of a moment, with seven decimals and Z.
func FormatDateTime(t schema.Ticks) string { return t.String() }
