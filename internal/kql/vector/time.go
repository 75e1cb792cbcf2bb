package vector

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

var timeFunctions = []*Function{
	{Name: "todatetime", Params: []schema.Type{schema.String}, Result: schema.DateTime, Eval: func(a []any) any {
		if t, ok := value.ParseDateTime(text(a, 0)); ok {
			return int64(t)
		}
		return nil
	}},
	{Name: "totimespan", Params: []schema.Type{schema.String}, Result: schema.TimeSpan, Eval: func(a []any) any {
		if s := text(a, 0); !strings.Contains(s, ":") && strings.Trim(s, "0123456789.-+ ") == "" {
			return nil // a bare number is a timespan in a literal only
		}
		if t, ok := value.ParseTimeSpan(text(a, 0)); ok {
			return int64(t)
		}
		return nil
	}},
	{Name: "timespan_text", Params: []schema.Type{schema.TimeSpan}, Result: schema.String, Eval: func(a []any) any {
		if t, ok := number(a, 0); ok {
			return value.FormatTimeSpan(schema.Ticks(t))
		}
		return nil
	}},
	{Name: "format_datetime", Params: []schema.Type{schema.DateTime, schema.String}, Result: schema.String, Eval: func(a []any) any {
		if t, ok := number(a, 0); ok {
			return formatTime(schema.Ticks(t), text(a, 1))
		}
		return ""
	}},
	{Name: "format_timespan", Params: []schema.Type{schema.TimeSpan, schema.String}, Result: schema.String, Eval: func(a []any) any {
		if t, ok := number(a, 0); ok {
			return formatSpan(schema.Ticks(t), text(a, 1))
		}
		return ""
	}},
	{Name: "datetime_add", Params: []schema.Type{schema.String, schema.Long, schema.DateTime}, Result: schema.DateTime, Eval: datetimeAdd},
	{Name: "datetime_diff", Params: []schema.Type{schema.String, schema.DateTime, schema.DateTime}, Result: schema.Long, Eval: datetimeDiff},
	{Name: "datetime_part", Params: []schema.Type{schema.String, schema.DateTime}, Result: schema.Int, Eval: func(a []any) any {
		t, ok := number(a, 1)
		if !ok {
			return nil
		}
		return datetimePart(text(a, 0), schema.Ticks(t))
	}},
	part("getyear", "year"), part("monthofyear", "month"), part("dayofmonth", "day"), part("dayofyear", "dayofyear"), part("week_of_year", "week_of_year"),
	edge("startofweek", 0, startOfWeek), edge("startofmonth", 0, startOfMonth), edge("startofyear", 0, startOfYear),
	edge("endofweek", 1, startOfWeek), edge("endofmonth", 1, startOfMonth), edge("endofyear", 1, startOfYear),
	{Name: "make_datetime", Params: []schema.Type{schema.Real}, Variadic: true, Result: schema.DateTime, Eval: makeDatetime},
	{Name: "make_timespan", Params: []schema.Type{schema.Real}, Variadic: true, Result: schema.TimeSpan, Eval: makeTimespan},
	{Name: "datetime_utc_to_local", Params: []schema.Type{schema.DateTime, schema.String}, Result: schema.DateTime, Eval: func(a []any) any {
		return zoned(a, func(t schema.Ticks, loc *time.Location) schema.Ticks { return t + offset(t, loc) })
	}},
	{Name: "datetime_local_to_utc", Params: []schema.Type{schema.DateTime, schema.String}, Result: schema.DateTime, Eval: func(a []any) any {
		return zoned(a, localToUTC)
	}},
	{Name: "session_starts", Params: []schema.Type{schema.Dynamic, schema.Dynamic, schema.TimeSpan, schema.TimeSpan}, Result: schema.Dynamic, Eval: sessionStarts},
	{Name: "datetime_list_timezones", Result: schema.Dynamic, Eval: func([]any) any {
		list := []any{}
		for name := range strings.Lines(zoneNames) {
			list = append(list, strings.TrimSpace(name))
		}
		return encode(list)
	}},
}

func part(name, unit string) *Function {
	return &Function{Name: name, Params: []schema.Type{schema.DateTime}, Result: schema.Int, Eval: func(a []any) any {
		t, ok := number(a, 0)
		if !ok {
			return nil
		}
		return datetimePart(unit, schema.Ticks(t))
	}}
}

func datetimePart(unit string, t schema.Ticks) any {
	at := t.Time()
	frac := int32(t % schema.TicksPerSecond)
	switch strings.ToLower(unit) {
	case "year":
		return int32(at.Year())
	case "quarter":
		return int32(at.Month()-1)/3 + 1
	case "month":
		return int32(at.Month())
	case "week_of_year", "weekofyear":
		_, week := at.ISOWeek()
		return int32(week)
	case "day":
		return int32(at.Day())
	case "dayofyear":
		return int32(at.YearDay())
	case "hour":
		return int32(at.Hour())
	case "minute":
		return int32(at.Minute())
	case "second":
		return int32(at.Second())
	case "millisecond":
		return frac / 10_000
	case "microsecond":
		return frac / 10
	case "nanosecond":
		return frac * 100
	}
	return nil
}

// edge is the start of a period, moved by periods, or its last tick.
func edge(name string, end int, start func(time.Time, int) time.Time) *Function {
	return &Function{Name: name, Params: []schema.Type{schema.DateTime, schema.Long}, Variadic: true, Result: schema.DateTime, Eval: func(a []any) any {
		t, ok := number(a, 0)
		if !ok {
			return nil
		}
		offset, _ := number(a, 1)
		if offset < -20000*366 || offset > 20000*366 {
			return nil
		}
		at := start(schema.Ticks(t).Time(), int(offset)+end)
		if at.Year() < 1 || at.Year() > 10000 {
			return nil
		}
		out := schema.TicksOf(at) - schema.Ticks(end)
		if out > schema.MaxTicks {
			return nil
		}
		return int64(out)
	}}
}

func startOfWeek(t time.Time, n int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()-int(t.Weekday())+7*n, 0, 0, 0, 0, time.UTC)
}

func startOfMonth(t time.Time, n int) time.Time {
	return time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
}

func startOfYear(t time.Time, n int) time.Time {
	return time.Date(t.Year()+n, 1, 1, 0, 0, 0, 0, time.UTC)
}

// fixedUnits are the periods of a fixed length.
var fixedUnits = map[string]schema.Ticks{
	"week": 7 * schema.TicksPerDay, "day": schema.TicksPerDay, "hour": schema.TicksPerHour, "minute": schema.TicksPerMinute,
	"second": schema.TicksPerSecond, "millisecond": schema.TicksPerMillisecond, "microsecond": schema.TicksPerMicrosecond,
}

func datetimeAdd(a []any) any {
	n, ok := number(a, 1)
	t, ok2 := number(a, 2)
	if !ok || !ok2 {
		return nil
	}
	unit := strings.ToLower(text(a, 0))
	if length, ok := fixedUnits[unit]; ok {
		if n != 0 && (n > int64(schema.MaxTicks)/int64(length) || n < -int64(schema.MaxTicks)/int64(length)) {
			return nil
		}
		return tick(t + n*int64(length))
	}
	if unit == "nanosecond" {
		return tick(t + n/100)
	}
	months, ok := map[string]int64{"year": 12, "quarter": 3, "month": 1}[unit]
	if !ok || n > 120_000 || n < -120_000 {
		return nil
	}
	at := schema.Ticks(t).Time()
	first := time.Date(at.Year(), at.Month()+time.Month(n*months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	out := time.Date(first.Year(), first.Month(), min(at.Day(), last), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	if out.Year() < 1 || out.Year() > 9999 {
		return nil
	}
	return int64(schema.TicksOf(out))
}

// tick is a moment if it lies in Kusto's range.
func tick(t int64) any {
	if t < 0 || t > int64(schema.MaxTicks) {
		return nil
	}
	return t
}

// datetimeDiff counts the boundaries of a period between two moments.
func datetimeDiff(a []any) any {
	x, ok := number(a, 1)
	y, ok2 := number(a, 2)
	if !ok || !ok2 {
		return nil
	}
	l, r := schema.Ticks(x).Time(), schema.Ticks(y).Time()
	switch unit := strings.ToLower(text(a, 0)); unit {
	case "year":
		return int64(l.Year() - r.Year())
	case "quarter":
		return int64(l.Year()*4+int(l.Month()-1)/3) - int64(r.Year()*4+int(r.Month()-1)/3)
	case "month":
		return int64(l.Year()*12+int(l.Month())) - int64(r.Year()*12+int(r.Month()))
	case "week":
		const sunday = int64(schema.TicksPerDay) // 0001-01-01 is a Monday
		week := int64(7 * schema.TicksPerDay)
		return (x+sunday)/week - (y+sunday)/week
	case "nanosecond":
		return (x - y) * 100
	default:
		if length, ok := fixedUnits[unit]; ok {
			return x/int64(length) - y/int64(length)
		}
	}
	return nil
}

func makeDatetime(a []any) any {
	f := []float64{1, 1, 1, 0, 0, 0}
	for i, v := range a {
		x, ok := v.(float64)
		if !ok || i >= len(f) || x < 0 || x > 10000 {
			return nil
		}
		f[i] = x
	}
	if len(a) < 3 || f[1] < 1 || f[1] > 12 || f[2] < 1 || f[3] > 23 || f[4] > 59 || f[5] >= 60 || f[0] < 1 || f[0] > 9999 {
		return nil
	}
	t := time.Date(int(f[0]), time.Month(f[1]), int(f[2]), int(f[3]), int(f[4]), 0, 0, time.UTC)
	if t.Day() != int(f[2]) {
		return nil
	}
	return int64(schema.TicksOf(t)) + int64(f[5]*float64(schema.TicksPerSecond)+0.5)
}

// makeTimespan takes hours and minutes, hours, minutes and seconds, or days before
// those. Only seconds may have a fraction.
func makeTimespan(a []any) any {
	n := make([]float64, len(a))
	for i := range a {
		v, ok := float(a, i)
		if !ok {
			return nil
		}
		n[i] = v
	}
	var d, h, m, s float64
	switch len(n) {
	case 2:
		h, m = n[0], n[1]
	case 3:
		h, m, s = n[0], n[1], n[2]
	case 4:
		d, h, m, s = n[0], n[1], n[2], n[3]
	default:
		return nil
	}
	if d < 0 || d > 10_675_199 || h < 0 || h >= 24 || m < 0 || m >= 60 || s < 0 || s >= 60 {
		return nil
	}
	whole := int64(d)*int64(schema.TicksPerDay) + int64(h)*int64(schema.TicksPerHour) + int64(m)*int64(schema.TicksPerMinute)
	return whole + int64(math.Round(s*float64(schema.TicksPerSecond)))
}

// formatTime writes a moment by .NET's letters: y M d H h m s f F t, all else as it is.
func formatTime(t schema.Ticks, format string) string {
	at := t.Time()
	return letters(format, longestOfMoment, func(letter byte, n int) (string, bool) {
		switch letter {
		case 'y':
			if n <= 2 {
				return pad(at.Year()%100, n), true
			}
			return pad(at.Year(), n), true
		case 'M':
			return pad(int(at.Month()), n), true
		case 'd':
			return pad(at.Day(), n), true
		case 'H':
			return pad(at.Hour(), n), true
		case 'h':
			return pad((at.Hour()+11)%12+1, n), true
		case 'm':
			return pad(at.Minute(), n), true
		case 's':
			return pad(at.Second(), n), true
		case 't':
			return at.Format("PM")[:min(n, 2)], true
		}
		return fraction(int64(t%schema.TicksPerSecond), letter, n)
	})
}

// formatSpan writes a timespan by .NET's letters: d H h m s f F.
func formatSpan(t schema.Ticks, format string) string {
	if t < 0 {
		return "-" + formatSpan(-t, format)
	}
	return letters(format, longestOfSpan, func(letter byte, n int) (string, bool) {
		switch letter {
		case 'd':
			return pad(int(t/schema.TicksPerDay), n), true
		case 'H', 'h':
			return pad(int(t/schema.TicksPerHour%24), n), true
		case 'm':
			return pad(int(t/schema.TicksPerMinute%60), n), true
		case 's':
			return pad(int(t/schema.TicksPerSecond%60), n), true
		}
		return fraction(int64(t%schema.TicksPerSecond), letter, n)
	})
}

func pad(n, width int) string { return fmt.Sprintf("%0*d", width, n) }

// fraction writes f and F: decimals of a second, F without the zeros at the end.
func fraction(ticks int64, letter byte, n int) (string, bool) {
	if letter != 'f' && letter != 'F' {
		return "", false
	}
	s := fmt.Sprintf("%07d", ticks)[:min(n, 7)]
	if letter == 'F' {
		s = strings.TrimRight(s, "0")
	}
	return s, true
}

// longestOfMoment is how many of a letter make one field; a longer run is several.
func longestOfMoment(letter byte) int {
	switch letter {
	case 'y':
		return 4
	case 'f', 'F':
		return 7
	}
	return 2
}

// longestOfSpan is the same for a timespan, where days may have up to eight digits.
func longestOfSpan(letter byte) int {
	switch letter {
	case 'd':
		return 8
	case 'f', 'F':
		return 7
	}
	return 2
}

// letters replaces each run of one letter by what write makes of it.
func letters(format string, longest func(letter byte) int, write func(letter byte, n int) (string, bool)) string {
	var b strings.Builder
	for i := 0; i < len(format); {
		n := 1
		for i+n < len(format) && format[i+n] == format[i] && n < longest(format[i]) {
			n++
		}
		if s, ok := write(format[i], n); ok {
			b.WriteString(s)
		} else {
			b.WriteString(format[i : i+n])
		}
		i += n
	}
	return b.String()
}

// sessionStarts tells for each of the moments (ticks, in their order) where its session
// began. A new one begins with the first moment, where the group (argument 1, null for
// one group) changes, farther than argument 2 from the session's first moment, and
// farther than argument 3 from the moment before.
func sessionStarts(a []any) any {
	moments, ok := array(a, 0)
	farFirst, ok2 := number(a, 2)
	farLast, ok3 := number(a, 3)
	if !ok || !ok2 || !ok3 {
		return nil
	}
	groups, _ := array(a, 1)
	out := make([]any, len(moments))
	var first, last int64
	open := false
	for i, m := range moments {
		n, isNumber := m.(json.Number)
		t, err := n.Int64()
		if !isNumber || err != nil {
			open = false // a null is in no session
			continue
		}
		if i > 0 && i < len(groups) && groups[i] != groups[i-1] {
			open = false
		}
		if !open || t-first > farFirst || t-last > farLast {
			first, open = t, true
		}
		last = t
		out[i] = first
	}
	return encode(out)
}
