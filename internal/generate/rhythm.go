package generate

import "time"

// rhythm spreads the records over time: a base that never sleeps, and office hours.
type rhythm struct {
	slot   moment
	base   float64 // weight of servers and scanners
	people float64 // weight of all people at work together
	total  float64 // weight of the whole run
	done   float64
	events float64
}

// linesPerSlot is about how many lines are sorted at a time.
const linesPerSlot = 50_000

func newRhythm(w *world) *rhythm {
	r := &rhythm{base: 0.15, people: 1, events: float64(w.cfg.Events)}
	r.slot = int64(float64(w.end-w.start) / r.events * linesPerSlot)
	r.slot = max(second, min(10*minute, r.slot))
	r.slot = day / (day / r.slot) // slots end with the day
	for at := w.start; at < w.end; {
		next := min(w.end, (at/r.slot+1)*r.slot)
		r.total += r.weight(w.org, at, next)
		at = next
	}
	return r
}

// weight is how busy the organisation is between two moments.
func (r *rhythm) weight(o *organisation, from, to moment) float64 {
	busy := 0.0
	for _, office := range o.offices {
		busy += office.share * office.busy(from)
	}
	return (r.base + r.people*busy) * float64(to-from)
}

// target is how many records there should be at the end of the slot.
func (r *rhythm) target(w *world) int64 {
	r.done += r.weight(w.org, w.slotStart, w.slotEnd)
	return int64(r.events*r.done/r.total + 0.5)
}

// busy is the share of an office's people at work, by local time: a morning and an
// afternoon with lunch between, few at the weekend.
func (o *office) busy(at moment) float64 {
	local := at + o.offset
	h := float64(local%day) / float64(hour)
	level := 0.0
	switch {
	case h >= 7 && h < 9:
		level = (h - 7) / 2
	case h >= 9 && h < 12, h >= 13 && h < 16:
		level = 1
	case h >= 12 && h < 13:
		level = 0.6
	case h >= 16 && h < 19:
		level = (19 - h) / 3
	}
	if weekend(local) {
		level *= weekendShare
	}
	return level
}

// weekendShare is how many people work at the weekend.
const weekendShare = 0.06

func weekend(local moment) bool {
	d := time.UnixMicro(local).UTC().Weekday()
	return d == time.Saturday || d == time.Sunday
}
