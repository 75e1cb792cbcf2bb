package vector

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the binary knows time zones on a machine that has none

	"spoor/internal/schema"
)

// zoneNames are the names of the IANA time zone database, one a line.
//
//go:embed timezones.txt
var zoneNames string

// zones are the time zones that were asked for, by name.
var zones sync.Map

// zone finds a time zone. What is not on the list is not looked for, so that no name
// from the data makes a file be opened.
func zone(name string) (*time.Location, bool) {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), true
	}
	if name == "" || !strings.Contains(zoneNames, "\n"+name+"\n") && !strings.HasPrefix(zoneNames, name+"\n") {
		return nil, false
	}
	l, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, l)
	return l, true
}

// zoned moves the moment of argument 0 by the zone of argument 1; null for an unknown
// zone and beyond Kusto's range.
func zoned(a []any, move func(schema.Ticks, *time.Location) schema.Ticks) any {
	t, ok := number(a, 0)
	loc, ok2 := zone(text(a, 1))
	if !ok || !ok2 {
		return nil
	}
	return tick(int64(move(schema.Ticks(t), loc)))
}

// offset is what a zone's clocks are ahead of UTC at a moment.
func offset(t schema.Ticks, loc *time.Location) schema.Ticks {
	_, seconds := t.Time().In(loc).Zone()
	return schema.Ticks(seconds) * schema.TicksPerSecond
}

// localToUTC reads a moment as what the clocks of a zone showed. An hour that they
// showed twice is taken for the first time, one that they skipped as if they had been
// put forward before it.
func localToUTC(local schema.Ticks, loc *time.Location) schema.Ticks {
	before := local - offset(local-schema.TicksPerDay, loc)
	if before+offset(before, loc) == local {
		return before
	}
	return local - offset(local+schema.TicksPerDay, loc)
}
