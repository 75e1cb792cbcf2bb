package schema

import "time"

// Ticks is a moment in UTC, counted in 100 ns since 0001-01-01, as Kusto counts it.
// A timespan is a difference of two. The range reaches to the end of the year 9999.
type Ticks int64

// Lengths of time in ticks.
const (
	TicksPerMicrosecond Ticks = 10
	TicksPerMillisecond Ticks = 1000 * TicksPerMicrosecond
	TicksPerSecond      Ticks = 1000 * TicksPerMillisecond
	TicksPerMinute      Ticks = 60 * TicksPerSecond
	TicksPerHour        Ticks = 60 * TicksPerMinute
	TicksPerDay         Ticks = 24 * TicksPerHour
)

// unixEpoch is 1970-01-01 in ticks.
const unixEpoch Ticks = 719162 * TicksPerDay

// MaxTicks is 9999-12-31T23:59:59.9999999, the last moment Kusto knows.
const MaxTicks Ticks = 3652059*TicksPerDay - 1

// TicksOf is the moment t, cut to 100 ns.
func TicksOf(t time.Time) Ticks {
	return unixEpoch + Ticks(t.Unix())*TicksPerSecond + Ticks(t.Nanosecond()/100)
}

// Time is the moment as a time.Time in UTC.
func (t Ticks) Time() time.Time {
	t -= unixEpoch
	sec, rest := t/TicksPerSecond, t%TicksPerSecond
	if rest < 0 {
		sec, rest = sec-1, rest+TicksPerSecond
	}
	return time.Unix(int64(sec), int64(rest)*100).UTC()
}

// Day is the number of the UTC day, from 0 for 0001-01-01.
func (t Ticks) Day() int32 { return int32(t / TicksPerDay) }

// DayStart is the first moment of the UTC day with that number.
func DayStart(day int32) Ticks { return Ticks(day) * TicksPerDay }

// String is ISO 8601 with seven decimals and Z, the form Kusto prints.
func (t Ticks) String() string { return t.Time().Format("2006-01-02T15:04:05.0000000Z") }

// DurationTicks is d in ticks.
func DurationTicks(d time.Duration) Ticks { return Ticks(d / 100) }
