package plan

import "spoor/internal/kql/bind"

// Walk follows the edges of a graph from a node of each row of In: a row for each trail.
type Walk struct {
	In, Steps Node
	bind.Trail
	Cols []*bind.Column
}

// Columns are those of the input and what the trail gives.
func (n *Walk) Columns() []*bind.Column { return n.Cols }

func (*Walk) node() {}

func (b *builder) walk(r *bind.Walk) (Node, error) {
	in, err := b.node(r.In)
	if err != nil {
		return nil, err
	}
	steps, err := b.node(r.Steps)
	if err != nil {
		return nil, err
	}
	for _, c := range r.Carry {
		if err := b.queries(c.X); err != nil {
			return nil, err
		}
	}
	return &Walk{in, steps, r.Trail, r.Cols}, nil
}

// walk prunes what a trail collects; what it goes by stays.
func (pr *pruner) walk(n *Walk) {
	var carry []bind.Carry
	for _, c := range n.Carry {
		if c.Required || pr.need[c.Col] {
			carry = append(carry, c)
			pr.expr(c.X)
		}
	}
	n.Carry = carry
	n.Cols = pr.kept(n.Cols, func(*bind.Column) bool { return false })
	pr.all([]*bind.Column{n.From, n.Departs, n.Arrives, n.Edge})
}

// pushWalk puts a condition about where a walk starts below it.
func pushWalk(n *Walk, c bind.Expr) (Node, bool) {
	if !usesOnly(c, columnSet(n.In)) {
		return nil, false
	}
	pushed := *n
	pushed.In = filtered(n.In, c)
	return &pushed, true
}
