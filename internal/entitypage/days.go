package entitypage

import (
	"math/bits"

	"spoor/internal/store"
)

// days is a set of days, as bits in words of 32 days.
type days []dayWord

type dayWord struct {
	number int32 // day / 32
	bits   uint32
}

// add adds the days of a stretch.
func (d *days) add(r *store.Stretch) {
	wide := uint64(r.Days) << (r.Day % 32)
	d.or(r.Day/32, uint32(wide))
	d.or(r.Day/32+1, uint32(wide>>32))
}

func (d *days) or(number int32, word uint32) {
	if word == 0 {
		return
	}
	for i := range *d {
		if (*d)[i].number == number {
			(*d)[i].bits |= word
			return
		}
	}
	*d = append(*d, dayWord{number, word})
}

// each calls yield with every day.
func (d days) each(yield func(day int32)) {
	for _, w := range d {
		for b := w.bits; b != 0; b &= b - 1 {
			yield(w.number*32 + int32(bits.TrailingZeros32(b)))
		}
	}
}

// firstDay and lastDay are the outermost days with records.
func firstDay(r *store.Stretch) int32 { return r.Day + int32(bits.TrailingZeros32(r.Days)) }
func lastDay(r *store.Stretch) int32  { return r.Day + int32(bits.Len32(r.Days)) - 1 }

// seenOn reports whether the stretch has records of the day.
func seenOn(r *store.Stretch, day int32) bool {
	return day >= r.Day && day < r.Day+store.StretchDays && r.Days>>(day-r.Day)&1 != 0
}
