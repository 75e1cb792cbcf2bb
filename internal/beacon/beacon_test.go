package beacon_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"spoor/internal/beacon"
)

var start = time.Date(2024, 5, 31, 10, 0, 0, 0, time.UTC)

// records makes records of sent bytes with the gaps between them, in seconds.
func records(sent []int64, gaps ...int) []beacon.Record {
	at := start
	list := []beacon.Record{{Time: at, Sent: sent[0]}}
	for i, g := range gaps {
		at = at.Add(time.Duration(g) * time.Second)
		list = append(list, beacon.Record{Time: at, Sent: sent[(i+1)%len(sent)]})
	}
	return list
}

func hours(n int) beacon.Period {
	return beacon.Period{From: start, To: start.Add(time.Duration(n) * time.Hour)}
}

var near = cmpopts.EquateApprox(0, 1e-9)

// Every expected value is worked out by hand from the definitions at the fields.
func TestScore(t *testing.T) {
	for _, c := range []struct {
		name    string
		records []beacon.Record
		sized   bool
		period  beacon.Period
		want    beacon.Score
	}{
		{
			// Five records, every 30 minutes from 10:00 to 12:00, of a period of four hours:
			// half of it spanned, three of its four hours (10, 11, 12) active.
			"a clock", records([]int64{100}, 1800, 1800, 1800, 1800), true, hours(4),
			beacon.Score{
				Total:    (1 + 1 + 0.5 + 0.75) / 4,
				Interval: beacon.Regularity{Value: 1, Symmetry: 1, Closeness: 1, Q1: 1800, Median: 1800, Q3: 1800},
				Size:     &beacon.Regularity{Value: 1, Symmetry: 1, Closeness: 1, Q1: 100, Median: 100, Q3: 100},
				Span:     0.5, Hours: 0.75,
			},
		},
		{
			// Gaps 300, 600, 600, 900, 1200: quartiles 600, 600, 900, so the skew is
			// (600+900-1200)/300 = 1; distances 300, 0, 0, 300, 600, their median 300, which
			// is half of 600. It spans all of its hour. Without sizes three terms are left.
			"no sizes", records([]int64{0}, 600, 300, 1200, 600, 900), false, hours(1),
			beacon.Score{
				Total:    (0.25 + 1 + 1) / 3,
				Interval: beacon.Regularity{Value: 0.25, Symmetry: 0, Closeness: 0.5, Q1: 600, Median: 600, Q3: 900, Deviation: 300},
				Span:     1, Hours: 1,
			},
		},
		{
			// Sizes 0, 0, 0, 40: quartiles 0, 0, 10, skew 1, deviation 0. Gaps 10, 20, 30:
			// quartiles 15, 20, 25, even, deviation 10, half of 20.
			"nothing sent", records([]int64{0, 0, 0, 40}, 10, 20, 30), true, hours(1),
			beacon.Score{
				Total:    (0.75 + 0.5 + 60.0/3600 + 1) / 4,
				Interval: beacon.Regularity{Value: 0.75, Symmetry: 1, Closeness: 0.5, Q1: 15, Median: 20, Q3: 25, Deviation: 10},
				Size:     &beacon.Regularity{Value: 0.5, Symmetry: 0, Closeness: 1, Q3: 10},
				Span:     60.0 / 3600, Hours: 1,
			},
		},
		{
			// Sizes 0, 0, 8, 8, 0: the median is 0 and so is its deviation; quartiles 0, 0, 8.
			// Gaps 0, 20, 20, 20: quartiles 15, 20, 20, skew 1, deviation 0.
			"some at one moment", records([]int64{0, 0, 8, 8, 0}, 0, 20, 20, 20), true, hours(2),
			beacon.Score{
				Total:    (0.5 + 0.5 + 60.0/7200 + 0.5) / 4,
				Interval: beacon.Regularity{Value: 0.5, Symmetry: 0, Closeness: 1, Q1: 15, Median: 20, Q3: 20},
				Size:     &beacon.Regularity{Value: 0.5, Symmetry: 0, Closeness: 1, Q3: 8},
				Span:     60.0 / 7200, Hours: 0.5,
			},
		},
	} {
		got, ok := beacon.Of(c.records, c.sized, c.period)
		if diff := cmp.Diff(c.want, got, near); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", c.name, ok, diff)
		}
	}
}

func TestTooLittleToScore(t *testing.T) {
	if s, ok := beacon.Of(records([]int64{1}, 60), true, hours(1)); ok {
		t.Errorf("two records have one gap, yet score %v", s)
	}
	if s, ok := beacon.Of(records([]int64{1}, 0, 0, 0, 3600), true, hours(1)); ok {
		t.Errorf("four records of five at one moment, yet score %v", s)
	}
	if s, ok := beacon.Of(records([]int64{1}, 60, 60), true, hours(0)); ok {
		t.Errorf("a period without length, yet score %v", s)
	}
}

// A clock hour counts when a record lies in it, and a period touches each hour that it
// has a moment of: 10:30 to 12:00 are two, 10 and 11.
func TestHours(t *testing.T) {
	list := records([]int64{1}, 600, 3600, 60)
	want := []beacon.Hour{{start, 2}, {start.Add(time.Hour), 2}}
	if diff := cmp.Diff(want, beacon.Hours(list)); diff != "" {
		t.Error(diff)
	}
	half := beacon.Period{From: start.Add(30 * time.Minute), To: start.Add(2 * time.Hour)}
	if s, ok := beacon.Of(list[1:], false, half); !ok || s.Hours != 1 {
		t.Errorf("hours %v, want 2 of 2", s.Hours)
	}
}

func TestHistogram(t *testing.T) {
	// Median 100, so bins of 20 up to 400, and one for the gap of 1000.
	bins := beacon.Histogram([]float64{100, 90, 100, 1000, 399})
	if len(bins) != 21 || bins[4].Gaps != 1 || bins[5].Gaps != 2 || bins[19].Gaps != 1 || bins[20] != (beacon.Bin{400, 1020, 1}) {
		t.Errorf("%v", bins)
	}
	// Half of the gaps are 0: the bins are a nineteenth of the longest.
	bins = beacon.Histogram([]float64{0, 0, 0, 38})
	if len(bins) != 20 || bins[0].Gaps != 3 || bins[19].Gaps != 1 || math.Abs(bins[19].From-38) > 1e-9 {
		t.Errorf("%v", bins)
	}
	if bins := beacon.Histogram(nil); bins != nil {
		t.Errorf("no gaps give %v", bins)
	}
}
