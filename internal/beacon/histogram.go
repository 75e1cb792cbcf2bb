package beacon

import (
	"slices"
	"time"
)

// Hour is the records of one clock hour, UTC.
type Hour struct {
	Hour    time.Time
	Records int64
}

// Hours counts the records, sorted by time, of every clock hour that has any.
func Hours(records []Record) []Hour {
	var hours []Hour
	for _, r := range records {
		hour := r.Time.UTC().Truncate(time.Hour)
		if n := len(hours); n == 0 || !hours[n-1].Hour.Equal(hour) {
			hours = append(hours, Hour{Hour: hour})
		}
		hours[len(hours)-1].Records++
	}
	return hours
}

// hoursOf counts the clock hours that a period touches.
func hoursOf(p Period) int64 {
	first, last := p.From.UTC().Truncate(time.Hour), p.To.UTC().Add(-1).Truncate(time.Hour)
	return int64(last.Sub(first)/time.Hour) + 1
}

// Bin is how many gaps lie between two lengths in seconds, To exclusive.
type Bin struct {
	From, To float64
	Gaps     int64
}

// histogramBins is how many bins a histogram has before the one that is open.
const histogramBins = 20

// Histogram counts gaps by their length: in bins of a fifth of the median up to four
// times the median, and one for what is longer, which ends behind the longest. nil
// without gaps.
func Histogram(gaps []float64) []Bin {
	if len(gaps) == 0 {
		return nil
	}
	sorted := slices.Clone(gaps)
	slices.Sort(sorted)
	longest := sorted[len(sorted)-1]
	width := quantile(sorted, 0.5) / 5
	if width == 0 {
		width = max(longest/(histogramBins-1), 1)
	}
	bins := make([]Bin, histogramBins, histogramBins+1)
	for i := range bins {
		bins[i].From, bins[i].To = float64(i)*width, float64(i+1)*width
	}
	if end := bins[histogramBins-1].To; longest >= end {
		bins = append(bins, Bin{From: end, To: longest + width})
	}
	for _, g := range sorted {
		bins[min(int(g/width), len(bins)-1)].Gaps++
	}
	return bins
}
