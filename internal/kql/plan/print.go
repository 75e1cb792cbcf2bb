package plan

import (
	"fmt"
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// Print writes a plan as an indented tree, an operator a line.
func Print(p *Plan) string {
	var b strings.Builder
	for _, s := range p.Shared {
		fmt.Fprintf(&b, "shared %d\n", s.ID)
		printNode(&b, s.In, 1)
	}
	printNode(&b, p.Root, 0)
	return b.String()
}

func printNode(b *strings.Builder, n Node, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	b.WriteString(line(n))
	b.WriteByte('\n')
	for _, in := range inputs(n) {
		printNode(b, in, depth+1)
	}
}

func line(n Node) string {
	switch n := n.(type) {
	case *Scan:
		if n.Excerpt != "" {
			return "scan excerpt of " + n.Table.Name + names(n.Columns())
		}
		return "scan " + n.Table.Name + names(n.Columns()) + withinText(n.Within)
	case *Values:
		return fmt.Sprintf("values%s rows=%d", names(n.Cols), len(n.Rows))
	case *Range:
		return "range " + name(n.Col)
	case *Filter:
		return "filter " + exprs(n.Conds, " and ")
	case *Project:
		return "project " + itemsText(n.Items)
	case *Aggregate:
		var aggs []string
		for _, a := range n.Aggs {
			aggs = append(aggs, name(a.Col)+"="+a.Func+"("+exprs(a.Args, ", ")+")")
		}
		s := "aggregate " + strings.Join(aggs, ", ")
		if len(n.Keys) > 0 {
			s += " by " + itemsText(n.Keys)
		}
		return s
	case *First:
		return "first by " + exprs(n.Keys, ", ")
	case *Sort:
		return "sort " + keysText(n.Keys)
	case *Limit:
		return "limit " + ExprText(n.N)
	case *Join:
		var on []string
		for _, m := range n.On {
			on = append(on, ExprText(m.Left)+" == "+ExprText(m.Right))
		}
		return "join " + string(n.Kind) + " on " + strings.Join(on, " and ")
	case *Walk:
		return fmt.Sprintf("walk %d..%d from %s%s", n.Min, n.Max, name(n.From), names(n.Cols))
	case *Union:
		return "union" + names(n.Cols)
	case *Expand:
		var items []string
		for _, it := range n.Items {
			items = append(items, name(it.Col)+"="+ExprText(it.X))
		}
		return "expand " + strings.Join(items, ", ")
	case *Window:
		return "window " + itemsText(n.Items)
	case *Ref:
		return fmt.Sprintf("ref %d%s", n.ID, names(n.Cols))
	case *Input:
		return fmt.Sprintf("input %d%s", n.ID, names(n.Cols))
	case *Apply:
		return "apply " + n.Op.String() + names(n.Cols)
	case *Outside:
		return "outside " + n.Source.String() + names(n.Cols)
	case *Series:
		return "series on " + ExprText(n.On) + " step " + ExprText(n.Step)
	default:
		return fmt.Sprintf("%T", n)
	}
}

func name(c *bind.Column) string { return c.Name + "#" + strconv.Itoa(c.ID) }

func names(cols []*bind.Column) string {
	var out []string
	for _, c := range cols {
		out = append(out, name(c))
	}
	return " [" + strings.Join(out, " ") + "]"
}

func itemsText(items []bind.Item) string {
	var out []string
	for _, it := range items {
		if r, ok := it.X.(*bind.Ref); ok && r.Col == it.Col {
			out = append(out, name(it.Col))
			continue
		}
		out = append(out, name(it.Col)+"="+ExprText(it.X))
	}
	return strings.Join(out, ", ")
}

func keysText(keys []bind.SortKey) string {
	var out []string
	for _, k := range keys {
		s := ExprText(k.X) + " asc"
		if k.Desc {
			s = ExprText(k.X) + " desc"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func exprs(xs []bind.Expr, sep string) string {
	var out []string
	for _, x := range xs {
		out = append(out, ExprText(x))
	}
	return strings.Join(out, sep)
}

// ExprText writes a bound expression for people to read.
func ExprText(x bind.Expr) string {
	switch x := x.(type) {
	case *bind.Const:
		return constText(x)
	case *bind.Ref:
		return name(x.Col)
	case *bind.Call:
		if len(x.Args) == 2 && !isWord(x.Op) {
			return "(" + ExprText(x.Args[0]) + " " + x.Op + " " + ExprText(x.Args[1]) + ")"
		}
		return x.Op + "(" + exprs(x.Args, ", ") + ")"
	case *bind.InQuery:
		return ExprText(x.X) + " " + x.Op + " (query)"
	case *bind.ScalarQuery:
		return "toscalar(query)"
	default:
		return fmt.Sprintf("%T", x)
	}
}

func isWord(op string) bool {
	return op != "" && op[0] >= 'a' && op[0] <= 'z' && op != "and" && op != "or"
}

func constText(c *bind.Const) string {
	switch v := c.Value.(type) {
	case nil:
		return c.Type().String() + "(null)"
	case string:
		return strconv.Quote(v)
	case schema.Ticks:
		if c.Type() == schema.DateTime {
			return "datetime(" + v.String() + ")"
		}
		return fmt.Sprintf("timespan(%d)", int64(v))
	default:
		return fmt.Sprint(v)
	}
}

func withinText(within [][]Stretch) string {
	var b strings.Builder
	for _, stretches := range within {
		b.WriteString(" within")
		for _, w := range stretches {
			fmt.Fprintf(&b, " %s..%s", w.First, w.Last)
		}
		if len(stretches) == 0 {
			b.WriteString(" nothing")
		}
	}
	return b.String()
}
