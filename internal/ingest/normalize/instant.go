package normalize

import (
	"math"
	"strconv"
	"strings"
	"time"

	"spoor/internal/schema"
)

// unixEpochTicks is 1970-01-01T00:00:00Z.
const unixEpochTicks = 719162 * schema.TicksPerDay

// parseInstant reads a moment as logs print it: seconds since 1970 with or without a
// fraction ("1588205199.82437"), ISO 8601 with T or a blank, with Z, a zone
// ("-0600", "+00:00") or none, which is UTC, and the forms of Log Analytics' CSV
// exports ("8/2/2021, 1:08:05.123 PM", "8/2/2021 13:08").
//
// What is finer than a tick is cut off. Seconds since 1970 were printed from a
// binary64, which holds microseconds today, so longer fractions are rounded to those.
func parseInstant(s string) (schema.Ticks, bool) {
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		return parseISO(s)
	}
	if t, ok := parseEpoch(s); ok {
		return t, true
	}
	return parseExportTime(s)
}

// parseEpoch reads seconds since 1970.
func parseEpoch(s string) (schema.Ticks, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	sec, ok := digits(whole)
	if !ok {
		return parseFloatEpoch(s)
	}
	if len(fraction) > 18 {
		fraction = fraction[:18]
	}
	ticks := schema.Ticks(0)
	if fraction != "" {
		n, ok := digits(fraction)
		if !ok {
			return parseFloatEpoch(s)
		}
		ticks = fractionTicks(n, len(fraction))
	}
	return unixTicks(sec, ticks)
}

// fractionTicks is n/10^places of a second: exact up to six places, rounded to the
// microsecond beyond.
func fractionTicks(n int64, places int) schema.Ticks {
	if places <= 6 {
		for ; places < 7; places++ {
			n *= 10
		}
		return schema.Ticks(n)
	}
	unit := int64(1)
	for range places - 6 {
		unit *= 10
	}
	return schema.Ticks((n+unit/2)/unit) * schema.TicksPerMicrosecond
}

// parseFloatEpoch reads what has an exponent or a sign.
func parseFloatEpoch(s string) (schema.Ticks, bool) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1e12 {
		return 0, false
	}
	sec := math.Floor(f)
	micro := math.Round((f - sec) * 1e6)
	return unixTicks(int64(sec), schema.Ticks(micro)*schema.TicksPerMicrosecond)
}

func unixTicks(sec int64, fraction schema.Ticks) (schema.Ticks, bool) {
	const maxSeconds = int64(schema.MaxTicks / schema.TicksPerSecond)
	if sec > maxSeconds || sec < -maxSeconds {
		return 0, false
	}
	t := unixEpochTicks + schema.Ticks(sec)*schema.TicksPerSecond + fraction
	return t, t >= 0 && t <= schema.MaxTicks
}

// digits reads up to 18 decimal digits and nothing else.
func digits(s string) (int64, bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return n, true
}

// parseISO reads ISO 8601, with the seconds and the zone left out or not.
func parseISO(s string) (schema.Ticks, bool) {
	year, ok1 := digits(s[:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || year < 1 || month < 1 || month > 12 || day < 1 || int(day) > daysIn(int(year), int(month)) {
		return 0, false
	}
	t := unixEpochTicks + schema.Ticks(daysSince1970(year, month, day))*schema.TicksPerDay
	if len(s) == 10 {
		return t, true
	}
	if s[10] != 'T' && s[10] != ' ' && s[10] != 't' {
		return 0, false
	}
	clock, rest, ok := parseClock(s[11:])
	if !ok {
		return 0, false
	}
	offset, ok := parseZone(rest)
	t += clock - offset
	return t, ok && t >= 0 && t <= schema.MaxTicks
}

// parseClock reads hh:mm, with seconds and a fraction if they are there, and gives
// back what follows.
func parseClock(s string) (t schema.Ticks, rest string, ok bool) {
	if len(s) < 5 || s[2] != ':' {
		return 0, "", false
	}
	hour, ok1 := digits(s[:2])
	minute, ok2 := digits(s[3:5])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return 0, "", false
	}
	t, s = schema.Ticks(hour)*schema.TicksPerHour+schema.Ticks(minute)*schema.TicksPerMinute, s[5:]
	if len(s) < 3 || s[0] != ':' {
		return t, s, true
	}
	sec, ok := digits(s[1:3])
	if !ok || sec > 60 { // a leap second is the first of the next minute
		return 0, "", false
	}
	t, s = t+schema.Ticks(sec)*schema.TicksPerSecond, s[3:]
	if len(s) < 2 || (s[0] != '.' && s[0] != ',') {
		return t, s, true
	}
	unit, i := schema.TicksPerSecond, 1
	for ; i < len(s) && s[i]-'0' <= 9; i++ {
		unit /= 10
		t += unit * schema.Ticks(s[i]-'0')
	}
	return t, s[i:], i > 1
}

// parseZone reads Z, ±hh, ±hhmm, ±hh:mm, " UTC" or nothing, and gives what to
// subtract for UTC.
func parseZone(s string) (schema.Ticks, bool) {
	switch s {
	case "", "Z", "z", " UTC", " Z":
		return 0, true
	}
	s = strings.TrimPrefix(s, " ")
	if len(s) < 3 || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	minutes := "00"
	switch {
	case len(s) == 6 && s[3] == ':':
		minutes = s[4:]
	case len(s) == 5:
		minutes = s[3:]
	case len(s) != 3:
		return 0, false
	}
	h, ok1 := digits(s[1:3])
	m, ok2 := digits(minutes)
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, false
	}
	offset := schema.Ticks(h)*schema.TicksPerHour + schema.Ticks(m)*schema.TicksPerMinute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// parseExportTime reads the forms of Log Analytics' CSV exports and of spreadsheets
// that saved them again: month, day and year, as en-US has it, UTC.
func parseExportTime(s string) (schema.Ticks, bool) {
	if len(s) < 8 || len(s) > 40 || strings.Count(s, "/") != 2 && strings.Count(s, ":") != 2 {
		return 0, false
	}
	for _, layout := range exportLayouts {
		if t, err := time.Parse(layout, s); err == nil && t.Year() > 0 {
			return schema.TicksOf(t), true
		}
	}
	return 0, false
}

var exportLayouts = []string{
	"1/2/2006, 3:04:05.999999999 PM",
	"1/2/2006 3:04:05.999999999 PM",
	"Jan 2, 2006 3:04:05.999999999 PM",
	"Jan 2, 2006, 3:04:05.999999999 PM",
	"1/2/2006 15:04:05",
	"1/2/2006 15:04",
}

// daysSince1970 counts days in the proleptic Gregorian calendar (the usual formula
// over years that begin in March).
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
