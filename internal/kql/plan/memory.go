package plan

import "spoor/internal/kql/bind"

// Memory estimates how many bytes the engine holds at once for a plan, from the number
// of rows in each table: what sorts, groups and joins keep, and nothing for rows that
// only pass through. It is coarse, and meant to tell a heavy query from a light one.
func Memory(p *Plan, rows func(table string) int64) int64 {
	e := &estimate{rows: rows}
	for _, s := range p.Shared {
		e.hold(e.node(s.In), s.In)
	}
	for _, n := range p.Inner {
		e.hold(e.node(n), n)
	}
	e.node(p.Root)
	return e.bytes
}

// Held estimates how many bytes the rows of a plan come to when they are kept.
func Held(p *Plan, rows func(table string) int64) int64 {
	e := &estimate{rows: rows}
	n := e.node(p.Root)
	e.bytes = 0
	e.hold(n, p.Root)
	return e.bytes
}

const (
	cellBytes = 24 // of a value, as the engine's hash tables and sorts keep it
	kept      = 4  // one row in so many passes a filter
	grouped   = 10 // so many rows make a group
)

type estimate struct {
	rows  func(table string) int64
	bytes int64
}

// hold counts rows of n that are kept.
func (e *estimate) hold(rows int64, n Node) {
	e.bytes += rows * cellBytes * int64(1+len(n.Columns()))
}

// node is how many rows n gives; what is held for them is counted.
func (e *estimate) node(n Node) int64 {
	switch n := n.(type) { //nolint:gochecksumtype // the others give what they get, or part of it
	case *Limit:
		return e.limit(n)
	case *Join:
		right := e.node(n.Right)
		e.hold(right, n.Right)
		return max(e.node(n.Left), right)
	}
	var in int64
	for _, below := range inputs(n) {
		in += e.node(below)
	}
	switch n := n.(type) {
	case *Scan:
		in = e.rows(n.Table.Name)
		for _, s := range n.Within {
			in = min(in, in/kept+int64(len(s)))
		}
	case *Values:
		in = int64(len(n.Rows))
	case *Filter:
		in /= kept
	case *Aggregate:
		in = in/grouped + 1
		e.hold(in, n)
	case *Series:
		in = in/grouped + 1
		e.hold(in, n)
	case *Sort, *First, *Window, *Walk:
		e.hold(in, n)
	case *Apply:
		e.hold(in, n)
	case *Project, *Union, *Expand, *Range, *Ref, *Input, *Outside, *Limit, *Join:
	}
	return in
}

// limit: a sort below it keeps only as many rows.
func (e *estimate) limit(n *Limit) int64 {
	most := int64(1 << 62)
	if c, ok := n.N.(*bind.Const); ok {
		if rows, ok := c.Value.(int64); ok {
			most = max(rows, 0)
		}
	}
	if s, ok := n.In.(*Sort); ok {
		rows := min(e.node(s.In), most)
		e.hold(rows, s)
		return rows
	}
	return min(e.node(n.In), most)
}
