package vector

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Components finds the connected components of a graph. Its inputs are the nodes, each
// with its id and perhaps a value by which the graph is partitioned, and the edges, each
// with the ids of its two nodes and that value. It gives the nodes with their components;
// components are numbered from 0, in each partition by itself, in the order of the edges.
type Components struct {
	// Strong: a component's nodes reach each other along the edges' direction.
	Strong bool
}

// String names the operator.
func (c *Components) String() string {
	if c.Strong {
		return "components strong"
	}
	return "components weak"
}

// Run numbers the components.
func (c *Components) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	g := newAdjacency(inputs[0], inputs[1])
	var root []int
	if c.Strong {
		root = g.strong()
	} else {
		root = g.weak()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return g.numbered(root), nil
}

// adjacency is a graph whose nodes are numbered from 0.
type adjacency struct {
	rows  [][]any // of the nodes
	edges [][2]int
}

func newAdjacency(nodes, edges [][]any) *adjacency {
	at := make(map[string]int, len(nodes))
	for i, n := range nodes {
		at[identity(n...)] = i
	}
	g := &adjacency{rows: nodes}
	for _, e := range edges {
		g.edges = append(g.edges, [2]int{
			at[identity(append([]any{e[0]}, e[2:]...)...)],
			at[identity(append([]any{e[1]}, e[2:]...)...)],
		})
	}
	return g
}

// identity is the same text for the same values, and no others.
func identity(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%T %q\x00", v, fmt.Sprint(v))
	}
	return b.String()
}

// weak gives each node one of its component's, the same for all: union-find.
func (g *adjacency) weak() []int {
	parent := make([]int, len(g.rows))
	for i := range parent {
		parent[i] = i
	}
	find := func(n int) int {
		for parent[n] != n {
			parent[n] = parent[parent[n]]
			n = parent[n]
		}
		return n
	}
	for _, e := range g.edges {
		parent[find(e[0])] = find(e[1])
	}
	for i := range parent {
		parent[i] = find(i)
	}
	return parent
}

// strong is Tarjan's algorithm without recursion, for paths may be long.
func (g *adjacency) strong() []int {
	next := make([][]int, len(g.rows))
	for _, e := range g.edges {
		next[e[0]] = append(next[e[0]], e[1])
	}
	t := &tarjan{next: next, root: make([]int, len(next)), index: make([]int, len(next)), low: make([]int, len(next))}
	for n := range next {
		if t.index[n] == 0 {
			t.visit(n)
		}
	}
	return t.root
}

type tarjan struct {
	next       [][]int
	root       []int
	index, low []int // from 1; 0: not met; index is -1 once the component is known
	met        int
	stack      []int
}

// visit walks everything that n reaches.
func (t *tarjan) visit(n int) {
	type call struct{ node, edge int }
	calls := []call{{node: n}}
	t.enter(n)
	for len(calls) > 0 {
		c := &calls[len(calls)-1]
		if c.edge < len(t.next[c.node]) {
			to := t.next[c.node][c.edge]
			c.edge++
			switch {
			case t.index[to] == 0:
				t.enter(to)
				calls = append(calls, call{node: to})
			case t.index[to] > 0:
				t.low[c.node] = min(t.low[c.node], t.index[to])
			}
			continue
		}
		done := c.node
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			above := calls[len(calls)-1].node
			t.low[above] = min(t.low[above], t.low[done])
		}
		if t.low[done] == t.index[done] {
			t.leave(done)
		}
	}
}

func (t *tarjan) enter(n int) {
	t.met++
	t.index[n], t.low[n] = t.met, t.met
	t.stack = append(t.stack, n)
}

// leave takes the component whose first node is n from the stack.
func (t *tarjan) leave(n int) {
	for {
		last := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.root[last], t.index[last] = n, -1
		if last == n {
			return
		}
	}
}

// numbered numbers the components in the order of the edges, those of nodes without an
// edge last.
func (g *adjacency) numbered(root []int) [][]any {
	number := map[int]int64{}
	taken := map[any]int64{}
	meet := func(n int) {
		if _, ok := number[root[n]]; ok {
			return
		}
		var partition any
		if len(g.rows[n]) > 1 {
			partition = g.rows[n][1]
		}
		number[root[n]] = taken[partition]
		taken[partition]++
	}
	for _, e := range g.edges {
		meet(e[0])
		meet(e[1])
	}
	out := make([][]any, len(g.rows))
	for n, row := range g.rows {
		meet(n)
		out[n] = append(slices.Clone(row), number[root[n]])
	}
	return out
}
