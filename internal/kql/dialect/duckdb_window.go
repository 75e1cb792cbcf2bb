package dialect

import (
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/bind"
	"spoor/internal/kql/plan"
	"spoor/internal/schema"
)

// window writes functions over the rows in their order. A function whose count begins
// anew on a condition numbers the stretches between in a query of its own below; so
// does one that looks for changes of a value.
func (w *duckdb) window(n *plan.Window) string {
	if len(n.Items) == 0 {
		return w.query(n.In)
	}
	f := &frame{w: w}
	switch {
	case n.Random:
		f.order = "ORDER BY random()"
	case len(n.Order) > 0:
		f.order = "ORDER BY " + w.order(n.Order)
	}
	for _, x := range n.By {
		f.by = append(f.by, w.expr(x))
	}
	from := w.from(n.In)
	if !n.Random && (len(f.by) > 0 || slices.ContainsFunc(n.Items, restarts)) {
		from = f.numbered(from, n.Items[0].Col)
	}
	for _, it := range n.Items {
		f.add(it)
	}
	for _, below := range [][]string{f.stretches, f.changes} {
		if len(below) > 0 {
			from = "(SELECT *, " + strings.Join(below, ", ") + " FROM " + from + ") AS " + w.alias()
		}
	}
	if len(f.sessions) > 0 {
		from = f.withSessions(from)
	}
	sql := "SELECT *, " + strings.Join(f.list, ", ") + " FROM " + from
	if f.order != "" && !n.Random {
		sql += " " + f.order
	}
	return sql
}

// frame is what the functions of one Window share.
type frame struct {
	w     *duckdb
	order string
	by    []string
	// stretches number the rows between restarts, changes tell where a value differs from
	// the one before, sessions are lists of where sessions begin; list are the results.
	stretches, changes, sessions, list []string
}

// restartAt says which argument begins the count anew.
var restartAt = map[string]int{"row_number": 1, "row_cumsum": 1, "row_rank_dense": 1, "row_rank_min": 1, "row_window_session": 3}

func restarts(it bind.Item) bool {
	c := it.X.(*bind.Call)
	at, ok := restartAt[c.Op]
	return ok && at < len(c.Args)
}

// numbered numbers the rows once, for all functions to go by. The engine hands on what it
// has taken apart part by part, and orders equal keys anew in every window.
func (f *frame) numbered(from string, first *bind.Column) string {
	number := "o" + strconv.Itoa(first.ID)
	sql := "(SELECT *, row_number() OVER (" + f.order + ") AS " + number + " FROM " + from + ") AS " + f.w.alias()
	f.order = "ORDER BY " + number
	return sql
}

// over is the window clause for rows from the first up to each, or without rows.
func (f *frame) over(stretch string, rows bool) string {
	by := f.by
	if stretch != "" {
		by = append(slices.Clip(by), stretch)
	}
	var parts []string
	if len(by) > 0 {
		parts = append(parts, "PARTITION BY "+strings.Join(by, ", "))
	}
	if f.order != "" {
		parts = append(parts, f.order)
	}
	if rows {
		parts = append(parts, "ROWS UNBOUNDED PRECEDING")
	}
	return " OVER (" + strings.Join(parts, " ") + ")"
}

func (f *frame) add(it bind.Item) {
	c := it.X.(*bind.Call)
	id, stretch := strconv.Itoa(it.Col.ID), ""
	if restarts(it) {
		stretch = "g" + id
		f.stretches = append(f.stretches, "count(*) FILTER (WHERE "+f.w.condition(c.Args[restartAt[c.Op]])+")"+f.over("", true)+" AS "+stretch)
	}
	f.list = append(f.list, f.call(c, it.Col, id, stretch)+" AS "+col(it.Col))
}

func (f *frame) call(c *bind.Call, out *bind.Column, id, stretch string) string {
	w := f.w
	switch c.Op {
	case "row_number":
		start := "1"
		if len(c.Args) > 0 {
			start = w.expr(c.Args[0])
		}
		return "(row_number()" + f.over(stretch, false) + " - 1 + " + start + ")"
	case "row_cumsum":
		sum := "sum(" + w.expr(c.Args[0]) + ")" + f.over(stretch, true)
		if out.Type == schema.Real {
			return sum
		}
		return "(" + sum + ")::" + sqlType(out.Type)
	case "prev", "next":
		fn := map[string]string{"prev": "lag", "next": "lead"}[c.Op]
		args := []string{w.expr(c.Args[0]), "1", null(c.Args[0].Type())}
		for i, a := range c.Args[1:] {
			args[i+1] = w.expr(a)
		}
		return fn + "(" + strings.Join(args, ", ") + ")" + f.over("", false)
	case "row_rank_dense", "row_rank_min":
		return f.rank(c, id, stretch)
	case "row_window_session":
		return f.session(c, id, stretch)
	}
	w.refuse(c.Span(), "The function '"+c.Op+"'")
	return ""
}

// rank counts the changes of a value from row to row, or gives the number of the row
// where the last change was.
func (f *frame) rank(c *bind.Call, id, stretch string) string {
	x := f.w.expr(c.Args[0])
	over := f.over(stretch, false)
	changed := "(row_number()" + over + " = 1 OR " + x + " IS DISTINCT FROM lag(" + x + ")" + over + ")"
	if c.Op == "row_rank_dense" {
		f.changes = append(f.changes, changed+" AS h"+id)
		return "count(*) FILTER (WHERE h" + id + ")" + f.over(stretch, true)
	}
	f.changes = append(f.changes, "CASE WHEN "+changed+" THEN row_number()"+over+" END AS h"+id)
	return "max(h" + id + ")" + f.over(stretch, true)
}

// session computes row_window_session over all rows at once: where a session begins
// depends on where the one before began. It gives the list of the starts, by row.
func (f *frame) session(c *bind.Call, id, stretch string) string {
	w, again, ordered := f.w, "NULL", ""
	if f.order != "" {
		ordered = " " + f.order
	}
	if stretch != "" {
		again = "to_json(list(" + stretch + ordered + "))::VARCHAR"
	}
	starts := "kql_session_starts(to_json(list(" + w.expr(c.Args[0]) + ordered + "))::VARCHAR, " + again +
		", any_value(" + w.expr(c.Args[1]) + "), any_value(" + w.expr(c.Args[2]) + "))"
	f.sessions = append(f.sessions, "from_json("+starts+", '[\"BIGINT\"]') AS s"+id)
	return "s" + id + "[place]"
}

// withSessions puts the lists beside the rows, each with its place in them.
func (f *frame) withSessions(from string) string {
	places := []string{"*", "row_number()" + f.over("", false) + " AS place"}
	lists, group, on := slices.Clone(f.sessions), "", ""
	for i, by := range f.by {
		key := strconv.Itoa(i)
		places = append(places, by+" AS p"+key)
		lists = append(lists, by+" AS q"+key)
		on += " AND p" + key + " IS NOT DISTINCT FROM q" + key
	}
	if len(f.by) > 0 {
		group = " GROUP BY " + strings.Join(f.by, ", ")
	}
	return "(SELECT * FROM (SELECT " + strings.Join(places, ", ") + " FROM " + from + "), (SELECT " + strings.Join(lists, ", ") +
		" FROM " + from + group + ") WHERE true" + on + ") AS " + f.w.alias()
}
