package plan

import (
	"slices"

	"spoor/internal/kql/bind"
)

// Rewrite improves a plan without changing its answer. The rules, in order:
//
//	foldConstants what is known before the query runs is computed
//	pushFilters   where … stands as near to the scan as it can
//	pruneColumns  no operator computes a column that none above it reads
//	fillConstants constant columns of the result are filled in behind the engine
//	mergeProjects what two projections compute one does
//	passOutput    the result reads past a projection that computes nothing
func Rewrite(p *Plan) *Plan {
	p.Root = pushFilters(foldConstants(p.Root))
	for _, s := range p.Shared {
		s.In = pushFilters(foldConstants(s.In))
	}
	for rel, n := range p.Inner {
		p.Inner[rel] = pushFilters(foldConstants(n))
	}
	pruneColumns(p)
	p.Root = mergeProjects(p.Root)
	passOutput(p)
	for _, s := range p.Shared {
		s.In = mergeProjects(s.In)
	}
	for rel, n := range p.Inner {
		p.Inner[rel] = mergeProjects(n)
	}
	return p
}

// inputs lists the inputs of a node.
func inputs(n Node) []Node {
	switch n := n.(type) {
	case *Filter:
		return []Node{n.In}
	case *Project:
		return []Node{n.In}
	case *Aggregate:
		return []Node{n.In}
	case *First:
		return []Node{n.In}
	case *Sort:
		return []Node{n.In}
	case *Limit:
		return []Node{n.In}
	case *Expand:
		return []Node{n.In}
	case *Window:
		return []Node{n.In}
	case *Series:
		return []Node{n.In}
	case *Join:
		return []Node{n.Left, n.Right}
	case *Walk:
		return []Node{n.In, n.Steps}
	case *Union:
		var in []Node
		for _, p := range n.Parts {
			in = append(in, p.In)
		}
		return in
	case *Apply:
		return slices.Clone(n.Ins)
	case *Scan, *Values, *Range, *Ref, *Input, *Outside:
	}
	return nil
}

// setInputs replaces the inputs of a node.
func setInputs(n Node, in []Node) {
	switch n := n.(type) {
	case *Filter:
		n.In = in[0]
	case *Project:
		n.In = in[0]
	case *Aggregate:
		n.In = in[0]
	case *First:
		n.In = in[0]
	case *Sort:
		n.In = in[0]
	case *Limit:
		n.In = in[0]
	case *Expand:
		n.In = in[0]
	case *Window:
		n.In = in[0]
	case *Series:
		n.In = in[0]
	case *Join:
		n.Left, n.Right = in[0], in[1]
	case *Walk:
		n.In, n.Steps = in[0], in[1]
	case *Union:
		for i := range n.Parts {
			n.Parts[i].In = in[i]
		}
	case *Apply:
		n.Ins = in
	case *Scan, *Values, *Range, *Ref, *Input, *Outside:
	}
}

// substitute replaces references to the items' columns by what computes them.
func substitute(x bind.Expr, items []bind.Item) bind.Expr {
	by := make(map[*bind.Column]bind.Expr, len(items))
	for _, it := range items {
		by[it.Col] = it.X
	}
	return bind.Rewrite(x, func(e bind.Expr) bind.Expr {
		if r, ok := e.(*bind.Ref); ok {
			if v, ok := by[r.Col]; ok {
				return v
			}
		}
		return e
	})
}
