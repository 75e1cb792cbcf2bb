package vector

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Scan is the scan operator: rows, in order, advance a machine whose steps each keep the
// rows that led to them. See the operator's page, "scan logic".
type Scan struct {
	Steps []ScanStep
	// Width is how many columns of the input are part of the output; expressions may see
	// more. Defaults are the values of the declared columns.
	Width    int
	Defaults []any
	// Empty is what a step that keeps no row shows: the input's nulls, the defaults.
	Empty []any
	// MatchID adds the number of the match.
	MatchID bool
	// Partition are columns; rows with different values in them advance machines apart.
	Partition []int
}

// ScanStep is one step. In its expressions Field is a column of the output but the match
// id, with the defaults of the declared ones, or, behind those, another of the input;
// Kept is a column of the output but the match id.
type ScanStep struct {
	Name   string
	Cond   Expr
	Assign []ScanAssign
	Output ScanOutput
}

// ScanAssign gives a declared column a value.
type ScanAssign struct {
	Declared int
	X        Expr
}

// ScanOutput says which of a step's rows come out.
type ScanOutput uint8

// The values of a step's output.
const (
	ScanAll ScanOutput = iota
	ScanLast
	ScanNone
)

// String names the operator and its steps.
func (s *Scan) String() string {
	var names []string
	for _, st := range s.Steps {
		names = append(names, st.Name)
	}
	return fmt.Sprintf("scan %s", strings.Join(names, ", "))
}

// Run scans the one input.
func (s *Scan) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	r := &scanRun{Scan: s, machines: map[string]*machine{}}
	for i, row := range inputs[0] {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.row(row)
	}
	for _, m := range r.order {
		for k := range m.steps {
			r.endSeries(&m.steps[k], k)
		}
	}
	return r.out, nil
}

type scanRun struct {
	*Scan
	machines map[string]*machine
	order    []*machine
	out      [][]any
}

// machine is the state of all steps.
type machine struct {
	steps []scanState
	next  int64 // the number of the next match
}

// scanState is the state of a step: a row of each step up to it.
type scanState struct {
	active bool
	match  int64
	rows   [][]any
}

func (r *scanRun) machineOf(row []any) *machine {
	values := make([]any, len(r.Partition))
	for i, at := range r.Partition {
		values[i] = row[at]
	}
	key := identity(values...)
	m := r.machines[key]
	if m == nil {
		m = &machine{steps: make([]scanState, len(r.Steps))}
		r.machines[key] = m
		r.order = append(r.order, m)
	}
	return m
}

// row holds a row against the steps, the last one first.
func (r *scanRun) row(row []any) {
	m := r.machineOf(row)
	f := &Frame{State: make([][]any, len(r.Steps))}
	f.Row = append(f.Row, row[:r.Width]...)
	f.Row = append(append(f.Row, r.Defaults...), row[r.Width:]...)
	for k := range slices.Backward(r.Steps) {
		if !r.advance(m, f, k) {
			r.stay(m, f, k)
		}
	}
}

// see lets the expressions of step k see a state.
func (r *scanRun) see(f *Frame, state *scanState) {
	for i := range f.State {
		f.State[i] = r.Empty
		if state != nil && i < len(state.rows) {
			f.State[i] = state.rows[i]
		}
	}
}

// advance moves the sequence that stands at the step before k on to k, if the row
// matches.
func (r *scanRun) advance(m *machine, f *Frame, k int) bool {
	if k == 0 || !m.steps[k-1].active {
		return false
	}
	before := &m.steps[k-1]
	r.see(f, before)
	if r.Steps[k].Cond(f) != true {
		return false
	}
	r.endSeries(&m.steps[k], k)
	r.endSeries(before, k-1)
	rows := append(append([][]any(nil), before.rows...), r.extended(f, k))
	m.steps[k] = scanState{active: true, match: before.match, rows: rows}
	*before = scanState{}
	r.emit(&m.steps[k], k)
	return true
}

// stay keeps the sequence at step k, or begins one at the first.
func (r *scanRun) stay(m *machine, f *Frame, k int) {
	s := &m.steps[k]
	if !s.active && k > 0 {
		return
	}
	r.see(f, s)
	if r.Steps[k].Cond(f) != true {
		return
	}
	ext := r.extended(f, k)
	if !s.active {
		*s = scanState{active: true, match: m.next, rows: [][]any{ext}}
		m.next++
	} else {
		s.rows = append(append([][]any(nil), s.rows[:k]...), ext)
	}
	r.emit(s, k)
}

// extended is the row with the declared columns as step k assigns them.
func (r *scanRun) extended(f *Frame, k int) []any {
	out := append(append([]any(nil), f.Row[:r.Width]...), r.Defaults...)
	for _, a := range r.Steps[k].Assign {
		out[r.Width+a.Declared] = a.X(f)
	}
	return out
}

func (r *scanRun) emit(s *scanState, k int) {
	if r.Steps[k].Output == ScanAll {
		r.write(s, k)
	}
}

// endSeries gives the last row of a step whose series of matches is over.
func (r *scanRun) endSeries(s *scanState, k int) {
	if s.active && r.Steps[k].Output == ScanLast {
		r.write(s, k)
	}
}

func (r *scanRun) write(s *scanState, k int) {
	row := s.rows[k]
	if r.MatchID {
		row = append(append([]any(nil), row...), s.match)
	}
	r.out = append(r.out, row)
}
