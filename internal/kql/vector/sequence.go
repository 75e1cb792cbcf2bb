package vector

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
)

// errManySequences: too many steps fit together.
var errManySequences = errors.New("sequence_detect: there are more than 500,000 sequences; name more dimensions or allow less time")

const (
	maxSequences = 500_000
	maxSamples   = 128
)

// event is a row of a funnel: its period, whose it is (JSON), when and what.
type event struct {
	bin  any
	id   string
	at   int64
	what string
}

// timelines are the events of each id in each period, in the order of time, with the
// periods and ids in theirs. Rows are period, id (alone in an array), moment, state;
// those without an id or a moment are left out.
func timelines(rows [][]any) [][]event {
	var all []event
	for _, row := range rows {
		id, known := row[1].(string)
		at, ok := row[2].(int64)
		if !known || !ok || id == "" {
			continue
		}
		what, _ := row[3].(string)
		all = append(all, event{row[0], strings.TrimSuffix(strings.TrimPrefix(id, "["), "]"), at, what})
	}
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(compareMoments(a.bin, b.bin), strings.Compare(a.id, b.id), cmp.Compare(a.at, b.at), strings.Compare(a.what, b.what))
	})
	var out [][]event
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].id == all[0].id && all[n].bin == all[0].bin {
			n++
		}
		out = append(out, all[:n])
		all = all[n:]
	}
	return out
}

func compareMoments(a, b any) int {
	x, _ := a.(int64)
	y, _ := b.(int64)
	return cmp.Compare(x, y)
}

// FunnelCompletion counts, for each period and each length of time, the ids that came to
// each step of a sequence within that time of their first. Input: period, id, moment,
// state. Output: period, state, length, count.
type FunnelCompletion struct {
	Sequence []string
	Within   []int64
}

// String names the operator.
func (*FunnelCompletion) String() string { return "funnel_sequence_completion" }

// Run counts the ids.
func (f *FunnelCompletion) Run(_ context.Context, inputs [][][]any) ([][]any, error) {
	var order []any
	counts := map[any][]int64{}
	for _, line := range timelines(inputs[0]) {
		count := counts[line[0].bin]
		if count == nil {
			count = make([]int64, len(f.Sequence)*len(f.Within))
			counts[line[0].bin] = count
			order = append(order, line[0].bin)
		}
		for step, took := range f.shortest(line) {
			for i, within := range f.Within {
				if took >= 0 && took <= within {
					count[i*len(f.Sequence)+step]++
				}
			}
		}
	}
	var out [][]any
	for _, bin := range order {
		for i, n := range counts[bin] {
			out = append(out, []any{bin, f.Sequence[i%len(f.Sequence)], f.Within[i/len(f.Sequence)], n})
		}
	}
	return out, nil
}

// shortest is the least time in which each step is reached; -1 where it never is.
func (f *FunnelCompletion) shortest(line []event) []int64 {
	began := make([]int64, len(f.Sequence)) // the latest first step that leads to the step
	took := make([]int64, len(f.Sequence))
	reached := make([]bool, len(f.Sequence))
	for i := range took {
		took[i] = -1
	}
	for _, e := range line {
		for i := len(f.Sequence) - 1; i >= 0; i-- { // an event is one step only
			if e.what != f.Sequence[i] || i > 0 && !reached[i-1] {
				continue
			}
			from := e.at
			if i > 0 {
				from = began[i-1]
			}
			if !reached[i] || from > began[i] {
				began[i] = from
			}
			reached[i] = true
			if d := e.at - began[i]; took[i] < 0 || d < took[i] {
				took[i] = d
			}
		}
	}
	return took
}

// FunnelSequence counts, for each period, the ids that went through a sequence of states,
// by the state before it and the one behind it. A state that is met several times in a
// row is met once. Input: period, id, moment, state. Output: period, the state before or
// the one behind or both, count, ids.
type FunnelSequence struct {
	Sequence []string
	// Step is the most time from a state to the next.
	Step         int64
	Before, Then bool
}

// String names the operator.
func (*FunnelSequence) String() string { return "funnel_sequence" }

// Run counts the ids.
func (f *FunnelSequence) Run(_ context.Context, inputs [][][]any) ([][]any, error) {
	type group struct {
		bin          any
		before, then string
	}
	ids := map[group][]string{}
	for _, line := range timelines(inputs[0]) {
		line = slices.CompactFunc(slices.Clone(line), func(a, b event) bool { return a.what == b.what })
		seen := map[group]bool{}
		for i := range line {
			if !f.matches(line[i:]) {
				continue
			}
			g := group{bin: line[0].bin}
			if end := i + len(f.Sequence); f.Then && end < len(line) && line[end].at-line[end-1].at <= f.Step {
				g.then = line[end].what
			}
			if f.Before && i > 0 && line[i].at-line[i-1].at <= f.Step {
				g.before = line[i-1].what
			}
			if !seen[g] {
				seen[g] = true
				ids[g] = append(ids[g], line[0].id)
			}
		}
	}
	groups := make([]group, 0, len(ids))
	for g := range ids {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(compareMoments(a.bin, b.bin), cmp.Compare(len(ids[b]), len(ids[a])), strings.Compare(a.before, b.before), strings.Compare(a.then, b.then))
	})
	var out [][]any
	for _, g := range groups {
		row := []any{g.bin}
		if f.Before {
			row = append(row, g.before)
		}
		if f.Then {
			row = append(row, g.then)
		}
		samples := ids[g][:min(len(ids[g]), maxSamples)]
		out = append(out, append(row, int64(len(ids[g])), "["+strings.Join(samples, ",")+"]"))
	}
	return out, nil
}

// matches tells whether a line begins with the sequence.
func (f *FunnelSequence) matches(line []event) bool {
	if len(line) < len(f.Sequence) {
		return false
	}
	for i, what := range f.Sequence {
		if line[i].what != what || i > 0 && line[i].at-line[i-1].at > f.Step {
			return false
		}
	}
	return true
}

// SequenceDetect finds the rows that follow one another as steps of a sequence. Input:
// dimensions, moment, whether each step is met, all of them in the order of time. Output:
// dimensions, the moment of each step, the time from the first to the last.
type SequenceDetect struct {
	Dims, Steps int
	// Step is the most time from a step to the next, Span that of all.
	Step, Span int64
}

// String names the operator.
func (*SequenceDetect) String() string { return "sequence_detect" }

// Run finds the sequences.
func (s *SequenceDetect) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	var order []string
	groups := map[string][][]any{}
	for _, row := range inputs[0] {
		if _, ok := row[s.Dims].(int64); !ok {
			continue
		}
		key := identity(row[:s.Dims]...)
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], row)
	}
	d := detector{SequenceDetect: s, seen: map[string]bool{}}
	for _, key := range order {
		rows := groups[key]
		slices.SortStableFunc(rows, func(a, b []any) int { return compareMoments(a[s.Dims], b[s.Dims]) })
		for i, row := range rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if row[s.Dims+1] != true {
				continue
			}
			if err := d.follow(ctx, rows, i, append(slices.Clone(row[:s.Dims]), row[s.Dims])); err != nil {
				return nil, err
			}
		}
	}
	return d.out, nil
}

type detector struct {
	*SequenceDetect
	seen map[string]bool
	out  [][]any
}

// follow looks for the steps behind row i; found holds the dimensions and the moments of
// the steps up to it.
func (d *detector) follow(ctx context.Context, rows [][]any, i int, found []any) error {
	first, last := found[d.Dims].(int64), found[len(found)-1].(int64)
	done := len(found) - d.Dims
	if done == d.Steps {
		if key := identity(found...); !d.seen[key] {
			d.seen[key] = true
			d.out = append(d.out, append(slices.Clone(found), last-first))
		}
		if len(d.out) > maxSequences {
			return errManySequences
		}
		return ctx.Err()
	}
	for k := i + 1; k < len(rows); k++ {
		at := rows[k][d.Dims].(int64)
		if at-last > d.Step || at-first > d.Span {
			break
		}
		if rows[k][d.Dims+1+done] != true {
			continue
		}
		if err := d.follow(ctx, rows, k, append(slices.Clip(found), at)); err != nil {
			return err
		}
	}
	return nil
}
