package entitypage

import (
	"fmt"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// DefaultDays is the length of the default period, in UTC days including today.
const DefaultDays = 30

// window is the period of a page, in whole UTC days: the ledger counts by the day.
type window struct {
	from, to       schema.Ticks // to exclusive
	fromDay, toDay int32        // both inclusive
	explicit       bool
	shifted        bool
	note           string
}

// pickWindow takes the caller's period, or the last 30 days, or, when the entity has
// no sighting in those, the 30 days that end with its last one.
func pickWindow(req Request, rows []store.Sighting, now time.Time) window {
	if !req.From.IsZero() || !req.To.IsZero() {
		return explicitWindow(req, now)
	}
	today := schema.TicksOf(now).Day()
	w := lastDays(today)
	last, ok := lastSighting(rows)
	if ok && (last.Day() < w.fromDay || last.Day() > w.toDay) {
		w = lastDays(last.Day())
		w.shifted = true
		w.note = fmt.Sprintf("no sighting in the %d days to %s; these are the %d days to its last sighting on %s",
			DefaultDays, day(today), DefaultDays, day(last.Day()))
	}
	return w
}

func lastDays(today int32) window {
	return daysWindow(today-DefaultDays+1, today)
}

func daysWindow(fromDay, toDay int32) window {
	return window{from: schema.DayStart(fromDay), to: schema.DayStart(toDay + 1), fromDay: fromDay, toDay: toDay}
}

func explicitWindow(req Request, now time.Time) window {
	from, to := schema.Ticks(0), schema.TicksOf(now)+1
	if !req.From.IsZero() {
		from = schema.TicksOf(req.From)
	}
	if !req.To.IsZero() {
		to = schema.TicksOf(req.To)
	}
	w := daysWindow(from.Day(), max(to-1, 0).Day())
	w.explicit = true
	w.from, w.to = from, to
	return w
}

// lastSighting is the time of the latest row, of one that is more than a mention if
// there is any.
func lastSighting(rows []store.Sighting) (schema.Ticks, bool) {
	var last, mentioned schema.Ticks
	for i := range rows {
		if rows[i].Roles == entity.RoleMentioned {
			mentioned = max(mentioned, rows[i].Last)
		} else {
			last = max(last, rows[i].Last)
		}
	}
	if last == 0 {
		last = mentioned
	}
	return last, last != 0
}

func (w *window) document() Range {
	return Range{From: w.from.Time(), To: w.to.Time(), Default: !w.explicit, Shifted: w.shifted, Note: w.note}
}

func day(d int32) string { return schema.DayStart(d).Time().Format(time.DateOnly) }
