package plan

import (
	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// foldConstants computes the parts of conditions that are known, and with them whole
// filters.
//
//	where Timestamp > now() - 1d   →  where Timestamp > datetime(…)
//	where x == 1 and true          →  where x == 1
//	where false                    →  no rows
//	where "" has "a"               →  no rows
//
// It knows sums of times, the logic of truth values and that no text stands in an empty
// one; what else is constant the engine folds when it plans.
func foldConstants(n Node) Node {
	in := inputs(n)
	for i := range in {
		in[i] = foldConstants(in[i])
	}
	setInputs(n, in)
	switch n := n.(type) { //nolint:gochecksumtype // the others need nothing here
	case *Filter:
		return foldFilter(n)
	case *Union:
		return foldUnion(n)
	default:
		return n
	}
}

func foldFilter(n *Filter) Node {
	var kept []bind.Expr
	for _, c := range n.Conds {
		c = bind.Rewrite(c, fold)
		switch truth(c) {
		case alwaysTrue:
		case neverTrue:
			return &Values{Cols: n.Columns()}
		case unknownTruth:
			kept = append(kept, c)
		}
	}
	if len(kept) == 0 {
		return n.In
	}
	return &Filter{n.In, kept}
}

// foldUnion leaves out inputs that have turned out to give no row.
func foldUnion(n *Union) Node {
	var parts []Part
	for _, p := range n.Parts {
		if !empty(p.In) {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return &Values{Cols: n.Cols}
	}
	return &Union{parts, n.Cols}
}

// truthValue is what is known of a condition before it runs.
type truthValue uint8

const (
	unknownTruth truthValue = iota
	alwaysTrue
	neverTrue // false or null: a filter takes both alike
)

func truth(x bind.Expr) truthValue {
	c, ok := x.(*bind.Const)
	switch {
	case !ok || c.Type() != schema.Bool:
		return unknownTruth
	case c.Value == true:
		return alwaysTrue
	default:
		return neverTrue
	}
}

// fold computes one call whose arguments are known, or as much of it as is.
func fold(x bind.Expr) bind.Expr {
	c, ok := x.(*bind.Call)
	if !ok {
		return x
	}
	switch c.Op {
	case "and", "or":
		return foldLogic(c)
	case "not":
		if k, ok := c.Args[0].(*bind.Const); ok {
			if b, ok := k.Value.(bool); ok {
				return bind.NewConst(schema.Bool, !b, c.Span())
			}
		}
	case "+", "-":
		return foldTime(c)
	case "tostring":
		if k, ok := c.Args[0].(*bind.Const); ok && k.Value == nil {
			return bind.NewConst(schema.String, nil, c.Span())
		}
	case "has", "has_cs", "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs",
		"contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs":
		if textConst(c.Args[0]) == emptyText && textConst(c.Args[1]) == someText {
			return bind.NewConst(schema.Bool, false, c.Span())
		}
	}
	return x
}

// knownText is what is known of a text before the query runs.
type knownText uint8

const (
	unknownText knownText = iota
	emptyText
	someText
)

func textConst(x bind.Expr) knownText {
	k, ok := x.(*bind.Const)
	if !ok {
		return unknownText
	}
	switch s, ok := k.Value.(string); {
	case !ok || k.Type() != schema.String:
		return unknownText
	case s == "":
		return emptyText
	default:
		return someText
	}
}

// foldLogic drops the side of an and or or that cannot matter. A null side stays: it
// matters under not.
func foldLogic(c *bind.Call) bind.Expr {
	decides := c.Op == "or" // the value that decides whatever the other side is
	for i, a := range c.Args {
		k, ok := a.(*bind.Const)
		if !ok {
			continue
		}
		switch b, ok := k.Value.(bool); {
		case !ok:
		case b == decides:
			return bind.NewConst(schema.Bool, decides, c.Span())
		default:
			return c.Args[1-i]
		}
	}
	return c
}

// foldTime adds and subtracts moments and timespans within Kusto's range.
func foldTime(c *bind.Call) bind.Expr {
	l, ok := tickConst(c.Args[0])
	r, ok2 := tickConst(c.Args[1])
	if !ok || !ok2 {
		return c
	}
	if c.Op == "-" {
		r = -r
	}
	sum := l + r
	if l > -schema.MaxTicks && l < schema.MaxTicks && r > -schema.MaxTicks && r < schema.MaxTicks &&
		(c.Type() != schema.DateTime || sum >= 0 && sum <= schema.MaxTicks) {
		return bind.NewConst(c.Type(), sum, c.Span())
	}
	return c
}

func tickConst(x bind.Expr) (schema.Ticks, bool) {
	k, ok := x.(*bind.Const)
	if !ok {
		return 0, false
	}
	t, ok := k.Value.(schema.Ticks)
	return t, ok
}
