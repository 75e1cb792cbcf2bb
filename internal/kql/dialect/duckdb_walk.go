package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/plan"
)

// walk follows edges by a recursive query. A row is a trail: the columns of the input,
// the node where it stands, the edges and nodes met, what it carries. One round of the
// recursion is one step of all trails.
func (w *duckdb) walk(n *plan.Walk) string {
	t := &trail{duckdb: w, Walk: n, name: w.alias(), cols: n.In.Columns()}
	recursive, union := t.name+t.columns(), "UNION ALL"
	if n.Shortest {
		recursive, union = recursive+" USING KEY ("+strings.Join(t.key(), ", ")+")", "UNION"
	}
	return "WITH RECURSIVE " + recursive + " AS (" + t.first() + " " + union + " " + t.step() + ") " + t.result()
}

// trail writes one walk.
type trail struct {
	*duckdb
	*plan.Walk
	name string
	cols []*bind.Column // of the input
}

// columns are the columns of the recursive table. Names that no column of the plan has
// are the trail's own.
func (t *trail) columns() string {
	return "(" + strings.Join(append(names(t.cols), append([]string{"node", "steps", "edges", "nodes"}, t.carried()...)...), ", ") + ")"
}

// key tells trails apart: by their input and their edges.
func (t *trail) key() []string { return append(names(t.cols), "edges") }

func names(cols []*bind.Column) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = col(c)
	}
	return out
}

func (t *trail) carried() []string {
	var out []string
	for _, c := range t.Carry {
		out = append(out, col(c.Col))
	}
	return out
}

// first are the trails without a step.
func (t *trail) first() string {
	from := col(t.From)
	list := append(names(t.cols), from, "0::BIGINT", "[]::BIGINT[]", "["+from+"]")
	for _, c := range t.Carry {
		list = append(list, map[bind.Fold]string{bind.FoldList: "[]::VARCHAR[]", bind.FoldAll: "true", bind.FoldAny: "false"}[c.Fold])
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + t.from(t.In)
}

// step takes all trails one edge further.
func (t *trail) step() string {
	arrives := col(t.Arrives)
	list := append(prefixed(t.name, t.cols), arrives, "steps + 1", t.add("edges", col(t.Edge)), t.add("nodes", arrives))
	conds := []string{"steps < " + strconv.FormatInt(t.Max, 10)}
	switch {
	case t.Shortest:
		conds = append(conds, t.notReached())
	case t.Unique == bind.UniqueEdges:
		conds = append(conds, "NOT list_contains(edges, "+col(t.Edge)+")")
	case t.Unique == bind.UniqueNodes:
		conds = append(conds, "NOT list_contains(nodes, "+arrives+")")
	}
	for _, c := range t.Carry {
		list = append(list, t.carry(c))
		if c.Required {
			conds = append(conds, t.later(c, t.condition(c.X), "true"))
		}
	}
	return "SELECT " + strings.Join(list, ", ") + " FROM " + t.name + " JOIN " + t.from(t.Steps) +
		" ON " + col(t.Departs) + " = node WHERE " + strings.Join(conds, " AND ")
}

func prefixed(table string, cols []*bind.Column) []string {
	out := names(cols)
	for i := range out {
		out[i] = table + "." + out[i]
	}
	return out
}

// notReached: no trail of fewer steps, from the same row, stands at the node. The node
// that a trail starts from has not been reached.
func (t *trail) notReached() string {
	same := []string{"r.node = " + col(t.Arrives), "r.steps > 0"}
	for _, c := range t.cols {
		same = append(same, "r."+col(c)+" IS NOT DISTINCT FROM "+t.name+"."+col(c))
	}
	return "NOT EXISTS (SELECT 1 FROM recurring." + t.name + " AS r WHERE " + strings.Join(same, " AND ") + ")"
}

// add puts a value at the end of a list, or in front where the walk goes backward.
func (t *trail) add(list, x string) string {
	if t.Backward {
		return "list_prepend(" + x + ", " + list + ")"
	}
	return "list_append(" + list + ", " + x + ")"
}

// carry is the new state of what is collected.
func (t *trail) carry(c bind.Carry) string {
	state := col(c.Col)
	switch c.Fold {
	case bind.FoldAll:
		return t.later(c, "("+state+" AND coalesce("+t.expr(c.X)+", false))", state)
	case bind.FoldAny:
		return t.later(c, "("+state+" OR coalesce("+t.expr(c.X)+", false))", state)
	default:
		return t.later(c, t.add(state, "coalesce("+t.expr(c.X)+", 'null')"), state)
	}
}

// later leaves out the first step for what is about the nodes between steps.
func (t *trail) later(c bind.Carry, x, otherwise string) string {
	if !c.Inner {
		return x
	}
	return "CASE WHEN steps > 0 THEN " + x + " ELSE " + otherwise + " END"
}

// result gives the trails that are long enough.
func (t *trail) result() string {
	var list []string
	for _, c := range t.Cols {
		list = append(list, t.output(c)+" AS "+col(c))
	}
	if len(list) == 0 {
		list = []string{"1"}
	}
	return fmt.Sprintf("SELECT %s FROM %s WHERE steps >= %d", strings.Join(list, ", "), t.name, t.Min)
}

func (t *trail) output(c *bind.Column) string {
	switch c {
	case t.End:
		return "node"
	case t.Length:
		return "steps"
	case t.Edges:
		return "edges"
	case t.Inner:
		return "nodes[2:-2]"
	}
	i := slices.IndexFunc(t.Carry, func(k bind.Carry) bool { return k.Col == c })
	if i >= 0 && t.Carry[i].Fold == bind.FoldList {
		return "'[' || coalesce(array_to_string(" + col(c) + ", ','), '') || ']'"
	}
	return col(c)
}
