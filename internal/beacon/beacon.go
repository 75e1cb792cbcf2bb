// Package beacon scores how much the talk of two addresses looks like a machine that
// calls home: at a regular interval, with messages of one size, for the whole period,
// hour after hour. The moments and sizes of the records of one pair go in, a score
// between 0 and 1 with its terms comes out. A high score is no verdict: time servers and
// monitoring score as high as implants do.
//
// The idea, of quartile skew and median deviation, is published with many beacon
// hunting tools; what each number means here stands at its field. The package does no I/O.
package beacon

import (
	"math"
	"slices"
	"time"
)

// MinRecords is how many records a pair needs before its quartiles say anything.
const MinRecords = 30

// Record is one connection of the pair.
type Record struct {
	Time time.Time
	// Sent is the bytes that the own side sent.
	Sent int64
}

// Period is the time in which the pair could have been seen, To exclusive.
type Period struct{ From, To time.Time }

// Score is how much a pair looks like a beacon: the mean of its terms. All of them lie
// between 0 and 1.
type Score struct {
	Total float64
	// Interval is of the gaps between the starts of one record and the next, in seconds.
	Interval Regularity
	// Size is of the bytes sent; nil when the source does not count bytes, and then the
	// total is the mean of the other three.
	Size *Regularity
	// Span is the share of the period between the first record and the last.
	Span float64
	// Hours is the share of the clock hours of the period that have a record.
	Hours float64
}

// Regularity is how little numbers scatter: the mean of Symmetry and Closeness.
type Regularity struct {
	Value float64
	// Symmetry is 1 less the amount of the quartile skew, (Q1 + Q3 - 2 Median) / (Q3 - Q1):
	// numbers that scatter do so evenly to both sides. 1 where the quartiles are equal.
	Symmetry float64
	// Closeness is 1 less the median deviation as a share of the median, 0 when it is
	// more: half of the numbers lie that close to the median. Of numbers whose median is
	// 0 it is 1 when half of them are 0, which is what a median deviation of 0 says, and
	// else 0.
	Closeness float64

	// What they are made of, in the unit of the numbers. Quartiles between two numbers
	// are interpolated.
	Q1, Median, Q3 float64
	// Deviation is the median of the distances from the median.
	Deviation float64
}

// Of scores the records of a pair, which are sorted by time and not changed. sized says
// whether the source counts bytes. ok is false where there is no interval to speak of: for
// fewer than three records, for a period without length, and for records most of which
// come at one moment, so that their median gap is 0.
func Of(records []Record, sized bool, p Period) (s Score, ok bool) {
	if len(records) < 3 || !p.From.Before(p.To) {
		return Score{}, false
	}
	s.Interval = regularity(Gaps(records))
	if s.Interval.Median == 0 {
		return Score{}, false
	}
	s.Span = min(1, records[len(records)-1].Time.Sub(records[0].Time).Seconds()/p.To.Sub(p.From).Seconds())
	s.Hours = min(1, float64(len(Hours(records)))/float64(hoursOf(p)))
	sum, terms := s.Interval.Value+s.Span+s.Hours, 3.0
	if sized {
		sizes := make([]float64, len(records))
		for i, r := range records {
			sizes[i] = float64(r.Sent)
		}
		size := regularity(sizes)
		s.Size = &size
		sum, terms = sum+size.Value, 4
	}
	s.Total = sum / terms
	return s, true
}

// Gaps is the seconds from each record to the next.
func Gaps(records []Record) []float64 {
	gaps := make([]float64, 0, max(len(records)-1, 0))
	for i := 1; i < len(records); i++ {
		gaps = append(gaps, records[i].Time.Sub(records[i-1].Time).Seconds())
	}
	return gaps
}

// regularity sorts the numbers, of which there is at least one.
func regularity(numbers []float64) Regularity {
	slices.Sort(numbers)
	r := Regularity{Q1: quantile(numbers, 0.25), Median: quantile(numbers, 0.5), Q3: quantile(numbers, 0.75), Symmetry: 1}
	if r.Q3 > r.Q1 {
		r.Symmetry = 1 - math.Abs((r.Q1+r.Q3-2*r.Median)/(r.Q3-r.Q1))
	}
	for i, n := range numbers {
		numbers[i] = math.Abs(n - r.Median)
	}
	slices.Sort(numbers)
	r.Deviation = quantile(numbers, 0.5)
	switch {
	case r.Median > 0:
		r.Closeness = max(0, 1-r.Deviation/r.Median)
	case r.Deviation == 0:
		r.Closeness = 1
	}
	r.Value = (r.Symmetry + r.Closeness) / 2
	return r
}

// quantile is the share's place in sorted numbers, between two of them by the line
// through both.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	below := int(at)
	if below+1 >= len(sorted) {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}
