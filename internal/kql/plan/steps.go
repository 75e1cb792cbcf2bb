package plan

import (
	"spoor/internal/kql/bind"
	"spoor/internal/kql/vector"
)

// Step makes an input before the SQL that reads it is run: the rows of a table from
// outside, or what an operator in Go makes of the rows of other plans.
type Step struct {
	// ID is the input's, unique in a query.
	ID   int
	Cols []*bind.Column
	// Source is set for a table from outside; Op, with the plans of its inputs, else.
	Source bind.Source
	Op     vector.Operator
	Ins    []*Plan
}

// Steps takes what SQL cannot run out of a plan, and leaves inputs in its place. The
// steps stand in the order in which they must be run. next numbers the inputs.
func Steps(p *Plan, next func() int) []*Step {
	s := &stepper{plan: p, next: next, done: map[bind.Rel]bool{}}
	for _, shared := range p.Shared {
		shared.In = s.node(shared.In)
	}
	p.Root = s.node(p.Root)
	p.Shared = reached(p)
	return s.steps
}

type stepper struct {
	plan  *Plan
	next  func() int
	steps []*Step
	done  map[bind.Rel]bool // the queries inside expressions that were gone through
}

// node replaces the operators in the expressions of n and below it, the inmost first,
// and n itself.
func (s *stepper) node(n Node) Node {
	for _, x := range exprsOf(n) {
		innerOf(x, s.inner)
	}
	in := inputs(n)
	for i := range in {
		in[i] = s.node(in[i])
	}
	setInputs(n, in)
	switch n := n.(type) { //nolint:gochecksumtype // the others are SQL's
	case *Apply:
		step := &Step{ID: s.next(), Op: n.Op, Cols: n.Cols}
		for _, in := range n.Ins {
			step.Ins = append(step.Ins, s.part(in))
		}
		return s.add(step)
	case *Outside:
		return s.add(&Step{ID: s.next(), Source: n.Source, Cols: n.Cols})
	default:
		return n
	}
}

func (s *stepper) inner(rel bind.Rel) {
	if !s.done[rel] {
		s.done[rel] = true
		s.plan.Inner[rel] = s.node(s.plan.Inner[rel])
	}
}

func (s *stepper) add(step *Step) Node {
	s.steps = append(s.steps, step)
	in := &Input{ID: step.ID, Cols: step.Cols, From: make([]int, len(step.Cols))}
	for i := range in.From {
		in.From[i] = i
	}
	return in
}

// part is a plan of its own for an input of a step.
func (s *stepper) part(n Node) *Plan {
	p := &Plan{Root: n, Shared: s.plan.Shared, Inner: s.plan.Inner}
	for _, c := range n.Columns() {
		p.Output = append(p.Output, Output{Col: c})
	}
	p.Shared = reached(p)
	return p
}
