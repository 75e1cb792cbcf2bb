package duckdb

import (
	"slices"
	"testing"
)

func TestPickRuns(t *testing.T) {
	same := func(n int, rows int64) map[int64]int64 {
		m := map[int64]int64{}
		for run := range int64(n) {
			m[run] = rows
		}
		return m
	}
	for _, c := range []struct {
		name      string
		rows      map[int64]int64
		full, any int // runs picked
	}{
		{"none", nil, 0, 0},
		{"one", same(1, 100), 0, 0},
		{"two small ones", same(2, 100), 0, 2},
		{"small ones that fill a block", same(9, 16_000), 9, 9},
		{"very many tiny ones", same(512, 1), 512, 512},
		{"more than one step takes", same(2000, 1), smallRuns, smallRuns},
		{"a level not yet full", same(15, 200_000), 0, 15},
		{"a full level", same(16, 200_000), 16, 16},
		{"no more than a big run can hold", same(40, 250_000), 16, 16},
		{"two that are big together", same(2, maxRun/2-1), 0, 2},
		{"big ones", same(40, maxRun/2), 0, 0},
		{"one of each level", map[int64]int64{1: 100, 2: 100_000, 3: 1_000_000}, 0, 0},
	} {
		if got := len(fullLevel(c.rows)); got != c.full {
			t.Errorf("%s: the background merges %d, want %d", c.name, got, c.full)
		}
		if got := len(anyLevel(c.rows)); got != c.any {
			t.Errorf("%s: Merge merges %d, want %d", c.name, got, c.any)
		}
	}
	if got, want := anyLevel(map[int64]int64{7: 5, 3: 5, 9: 200_000, 4: 200_000}), []int64{3, 7}; !slices.Equal(got, want) {
		t.Errorf("got %v, want the runs of the lowest level, oldest first: %v", got, want)
	}
}
