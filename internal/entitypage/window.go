package entitypage

import (
	"fmt"
	"slices"
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

// firstWindow takes the caller's period, or the last 30 days.
func firstWindow(req Request, now time.Time) window {
	if !req.From.IsZero() || !req.To.IsZero() {
		return explicitWindow(req, now)
	}
	return lastDays(schema.TicksOf(now).Day())
}

// shift moves the default window, when the entity has no sighting in it, to the 30 days
// that end with its last one, and reports whether it did.
func (w *window) shift(rows []store.Stretch, now time.Time) bool {
	last, ok := lastSighting(rows)
	if w.explicit || !ok || last.Day() >= w.fromDay && last.Day() <= w.toDay {
		return false
	}
	*w = lastDays(last.Day())
	w.shifted = true
	w.note = fmt.Sprintf("no sighting in the %d days to %s; these are the %d days to its last sighting on %s",
		DefaultDays, day(schema.TicksOf(now).Day()), DefaultDays, day(last.Day()))
	return true
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
func lastSighting(rows []store.Stretch) (schema.Ticks, bool) {
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

// cuts are the days before which stretches end: the edges of the window, and of the
// days that an edge lies in.
func (w *window) cuts() []int32 {
	cuts := []int32{w.fromDay}
	for _, d := range w.edgeDays() {
		cuts = append(cuts, d, d+1)
	}
	cuts = append(cuts, w.toDay+1)
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// crossed reports whether a stretch goes on across one of the cuts.
func (w *window) crossed(rows []store.Stretch) bool {
	cuts := w.cuts()
	return slices.ContainsFunc(rows, func(r store.Stretch) bool {
		return slices.ContainsFunc(cuts, func(d int32) bool { return firstDay(&r) < d && d <= lastDay(&r) })
	})
}

// edgeDays are the days that are only in part in the window.
func (w *window) edgeDays() []int32 {
	var days []int32
	if w.from != schema.DayStart(w.fromDay) {
		days = append(days, w.fromDay)
	}
	if w.to != schema.DayStart(w.toDay+1) && !slices.Contains(days, w.toDay) {
		days = append(days, w.toDay)
	}
	return days
}

func (w *window) document() Range {
	return Range{From: w.from.Time(), To: w.to.Time(), Default: !w.explicit, Shifted: w.shifted, Note: w.note}
}

func day(d int32) string { return schema.DayStart(d).Time().Format(time.DateOnly) }
