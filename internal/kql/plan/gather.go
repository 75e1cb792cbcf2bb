package plan

import (
	"context"
	"fmt"
	"slices"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/syntax"
)

// Gather takes the wide unions out of a plan that is too large for one statement: their
// inputs are read one by one, and their rows kept for what looks at all of them. It
// reports whether there were any. Steps must be called again.
//
//	union * | summarize n = count() by A  →  gather (T | summarize n = count() by A), … | summarize n = sum(n) by A
//	search "x" | top 10 by A              →  gather (T | where … | top 10 by A), … | top 10 by A
//	union * | sort by A                   →  gather T, U, … | sort by A
func Gather(p *Plan) bool {
	g := &gatherer{}
	p.Root = g.node(p.Root)
	for _, s := range p.Shared {
		s.In = g.node(s.In)
	}
	for rel, n := range p.Inner {
		p.Inner[rel] = g.node(n)
	}
	return g.found
}

type gatherer struct{ found bool }

func (g *gatherer) node(n Node) Node {
	if branches := wideBranches(n); branches != nil {
		return g.gathered(n.Columns(), branches, func(b branch) Node { return b.node })
	}
	switch n := n.(type) { //nolint:gochecksumtype // the others look at rows as they are
	case *Aggregate:
		if branches, total := wideBranches(n.In), totals(n); branches != nil && total != nil {
			total.In = g.gathered(total.In.Columns(), branches, func(b branch) Node { return partial(n, b) })
			return total
		}
	case *Limit:
		if sort, ok := n.In.(*Sort); ok && !n.Random {
			branches := wideBranches(sort.In)
			if _, known := n.N.(*bind.Const); branches != nil && known {
				in := g.gathered(sort.In.Columns(), branches, func(b branch) Node {
					return &Limit{In: &Sort{b.node, b.keys(sort.Keys)}, N: n.N}
				})
				return &Limit{In: &Sort{in, sort.Keys}, N: n.N}
			}
		}
	}
	in := inputs(n)
	for i := range in {
		in[i] = g.node(in[i])
	}
	setInputs(n, in)
	return n
}

// wideBranches are the inputs of a union at the top of a node that is too wide for one
// statement; nil when it is not.
func wideBranches(n Node) []branch {
	switch n.(type) { //nolint:gochecksumtype // only these are spread
	case *Union, *Project, *Filter:
	default:
		return nil
	}
	if branches := spread(n); len(branches) > splitParts {
		return branches
	}
	return nil
}

// gathered reads branches one by one. of makes the plan of one; what it lacks of the
// columns is null.
func (g *gatherer) gathered(cols []*bind.Column, branches []branch, of func(branch) Node) Node {
	g.found = true
	op := &gather{blank: make([]any, len(cols))}
	for i, c := range cols {
		op.blank[i] = bind.NewConst(c.Type, nil, syntax.Span{}).Value
	}
	out := &Apply{Op: op, Cols: cols}
	for _, b := range branches {
		n := of(b)
		has := columnSet(n)
		p, places := &Project{In: n}, []int(nil)
		for i, c := range cols {
			if has[c] {
				p.Items, places = append(p.Items, bind.Item{Col: c, X: bind.NewRef(c, syntax.Span{})}), append(places, i)
			}
		}
		in := mergeProjects(p)
		if empty(in) {
			continue
		}
		out.Ins, op.places = append(out.Ins, in), append(op.places, places)
	}
	return out
}

func (b *branch) keys(keys []bind.SortKey) []bind.SortKey {
	out := slices.Clone(keys)
	for i := range out {
		out[i].X = b.known(out[i].X)
	}
	return out
}

// totalOf is the aggregate that puts together what an aggregate gives for parts of the
// rows.
var totalOf = map[string]string{"count": "sum", "countif": "sum", "sum": "sum", "sumif": "sum", "min": "min", "minif": "min", "max": "max", "maxif": "max"}

// totals is an aggregate over the results of the same for parts of the rows, under the
// same columns; nil when there is none.
func totals(n *Aggregate) *Aggregate {
	out := &Aggregate{}
	var cols []*bind.Column
	for _, k := range n.Keys {
		cols = append(cols, k.Col)
		out.Keys = append(out.Keys, bind.Item{Col: k.Col, X: bind.NewRef(k.Col, k.X.Span())})
	}
	for _, a := range n.Aggs {
		total, ok := totalOf[a.Func]
		if !ok {
			return nil
		}
		cols = append(cols, a.Col)
		out.Aggs = append(out.Aggs, bind.Aggregate{Col: a.Col, Func: total, Args: []bind.Expr{bind.NewRef(a.Col, a.Span)}, Span: a.Span})
	}
	out.In = &Values{Cols: cols} // in whose place the parts come
	return out
}

// partial is an aggregate over the rows of one branch. It has not the keys that are null
// in the whole branch: gathered puts them there.
func partial(n *Aggregate, b branch) Node {
	out := &Aggregate{In: b.node}
	for i, k := range n.Keys {
		x := b.known(k.X)
		c, ok := x.(*bind.Const)
		missing := ok && (c.Value == nil || c.Value == "")
		last := i == len(n.Keys)-1 && len(out.Keys) == 0 // without any, no rows would make a group
		if !missing || last {
			out.Keys = append(out.Keys, bind.Item{Col: k.Col, X: x})
		}
	}
	for _, a := range n.Aggs {
		a.Args = slices.Clone(a.Args)
		for i := range a.Args {
			a.Args[i] = b.known(a.Args[i])
		}
		out.Aggs = append(out.Aggs, a)
	}
	return out
}

// gather puts the rows of its inputs below one another. It implements vector.Operator.
type gather struct {
	blank  []any   // a row in which no input has a column
	places [][]int // of the columns of each input
}

func (g *gather) String() string { return fmt.Sprintf("gather %d tables", len(g.places)) }

// Run gives the rows of all inputs.
func (g *gather) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	var out [][]any
	for i, rows := range inputs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, row := range rows {
			wide := slices.Clone(g.blank)
			for j, at := range g.places[i] {
				wide[at] = row[j]
			}
			out = append(out, wide)
		}
	}
	return out, nil
}
