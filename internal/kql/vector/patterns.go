package vector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// maxSegments bounds the patterns that are looked at.
const maxSegments = 20_000

// errManyPatterns: mining was given up.
var errManyPatterns = errors.New("the rows have too many frequent patterns; raise the threshold or project fewer columns")

// miner finds the patterns that many rows have in common: values of some of the columns.
// Of patterns that the same rows have it keeps the one with most columns.
type miner struct {
	rows   [][]any
	cols   int
	weight []float64
	total  float64
	// least is the weight that a pattern's rows have at least; most bounds the columns that
	// do not follow from others.
	least float64
	most  int
	items []item
	seen  map[string]bool
	found []segment
}

// item is a value of a column, with the rows that have it, in order.
type item struct {
	col   int
	value any
	rows  []int
}

// segment is a pattern: a set of items, at most one a column, in the order of the columns.
type segment struct {
	items  []int
	rows   []int
	weight float64
}

// newMiner takes rows of cols columns. weight is the column behind those with the rows'
// weights; without it, each row weighs 1.
func newMiner(rows [][]any, cols int, weighted bool) *miner {
	m := &miner{rows: rows, cols: cols, weight: make([]float64, len(rows)), seen: map[string]bool{}, most: cols}
	for i, row := range rows {
		m.weight[i] = 1
		if weighted {
			m.weight[i] = weightOf(row[cols])
		}
		m.total += m.weight[i]
	}
	return m
}

func weightOf(v any) float64 {
	w := 0.0
	switch n := v.(type) {
	case int64:
		w = float64(n)
	case float64:
		w = n
	}
	if w > 0 && !math.IsInf(w, 0) {
		return w
	}
	return 0
}

// mine finds the patterns whose rows weigh at least the given share.
func (m *miner) mine(ctx context.Context, share float64) ([]segment, error) {
	m.least = max(share*m.total, math.SmallestNonzeroFloat64)
	m.findItems()
	all := make([]int, len(m.rows))
	for i := range all {
		all[i] = i
	}
	if err := m.grow(ctx, nil, all, 0); err != nil {
		return nil, err
	}
	return m.found, nil
}

func (m *miner) sum(rows []int) float64 {
	s := 0.0
	for _, r := range rows {
		s += m.weight[r]
	}
	return s
}

func (m *miner) findItems() {
	for c := range m.cols {
		at := map[string]int{}
		var found []item
		for i, row := range m.rows {
			if isEmpty(row[c]) {
				continue // a null or an empty text is no value to have in common
			}
			k := identity(row[c])
			n, ok := at[k]
			if !ok {
				n = len(found)
				at[k] = n
				found = append(found, item{col: c, value: row[c]})
			}
			found[n].rows = append(found[n].rows, i)
		}
		for _, it := range found {
			if m.sum(it.rows) >= m.least {
				m.items = append(m.items, it)
			}
		}
	}
}

// grow looks at the pattern of chosen items, and at those with one more item from the
// given one on.
func (m *miner) grow(ctx context.Context, chosen, rows []int, from int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(chosen) > 0 {
		m.keep(m.closure(rows))
		if len(m.seen) > maxSegments {
			return errManyPatterns
		}
	}
	if len(chosen) == m.most {
		return nil
	}
	for i := from; i < len(m.items); i++ {
		it := m.items[i]
		if slices.ContainsFunc(chosen, func(c int) bool { return m.items[c].col == it.col }) {
			continue
		}
		both := common(rows, it.rows)
		if m.sum(both) < m.least || len(chosen) > 0 && len(both) == len(rows) {
			continue
		}
		if err := m.grow(ctx, append(slices.Clone(chosen), i), both, i+1); err != nil {
			return err
		}
	}
	return nil
}

// common are the numbers that are in both lists; both are in order.
func common(a, b []int) []int {
	var out []int
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			out = append(out, a[0])
			a, b = a[1:], b[1:]
		}
	}
	return out
}

// closure is the pattern with all items that the rows have in common.
func (m *miner) closure(rows []int) segment {
	p := segment{rows: rows, weight: m.sum(rows)}
	for i, it := range m.items {
		if len(it.rows) >= len(rows) && len(common(rows, it.rows)) == len(rows) {
			p.items = append(p.items, i)
		}
	}
	return p
}

func (m *miner) keep(p segment) {
	key := fmt.Sprint(p.items)
	if !m.seen[key] {
		m.seen[key] = true
		m.found = append(m.found, p)
	}
}

// values are the pattern's values, wildcards in the other columns.
func (m *miner) values(p segment, wild []any) []any {
	out := slices.Clone(wild)
	for _, i := range p.items {
		out[m.items[i].col] = m.items[i].value
	}
	return out
}

// Basket finds the frequent patterns of its rows, whose columns are those of Wild, and a
// weight behind them.
type Basket struct {
	Threshold float64
	MaxDims   int
	Weighted  bool
	Wild      []any
}

// String names the operator.
func (*Basket) String() string { return "basket" }

// Run gives a number, the weight, its percentage and the values of each pattern.
func (b *Basket) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	m := newMiner(inputs[0], len(b.Wild), b.Weighted)
	m.most = b.MaxDims
	found, err := m.mine(ctx, b.Threshold)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(x, y segment) int {
		return cmp.Compare(y.weight*float64(len(y.items)), x.weight*float64(len(x.items)))
	})
	return m.segments(found, b.Wild), nil
}

func (m *miner) segments(found []segment, wild []any) [][]any {
	out := [][]any{}
	for i, p := range found {
		row := []any{int64(i), int64(math.Round(p.weight)), 100 * p.weight / m.total}
		out = append(out, append(row, m.values(p, wild)...))
	}
	return out
}

// AutoCluster chooses a few patterns that say much of many rows: again and again the one
// with the best mean of how many rows, not in a pattern chosen before, it has and how
// many columns it fixes.
type AutoCluster struct {
	SizeWeight float64
	Weighted   bool
	Wild       []any
}

// String names the operator.
func (*AutoCluster) String() string { return "autocluster" }

// leastCluster is the share of the rows that a cluster has at least.
const leastCluster = 0.05

// Run gives a number, the weight, its percentage and the values of each pattern.
func (a *AutoCluster) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	m := newMiner(inputs[0], len(a.Wild), a.Weighted)
	found, err := m.mine(ctx, leastCluster)
	if err != nil {
		return nil, err
	}
	covered := make([]bool, len(m.rows))
	var chosen []segment
	for {
		best, most := -1, 0.0
		for i, p := range found {
			if s := a.score(m, p, covered); s > most {
				best, most = i, s
			}
		}
		if best < 0 {
			return m.segments(chosen, a.Wild), nil
		}
		for _, r := range found[best].rows {
			covered[r] = true
		}
		chosen = append(chosen, found[best])
	}
}

// score is the weighted geometric mean of size and information; 0 when too few rows are
// new.
func (a *AutoCluster) score(m *miner, p segment, covered []bool) float64 {
	fresh := 0.0
	for _, r := range p.rows {
		if !covered[r] {
			fresh += m.weight[r]
		}
	}
	if fresh < m.least || fresh < p.weight/2 {
		return 0
	}
	return math.Pow(fresh/m.total, a.SizeWeight) * math.Pow(float64(len(p.items))/float64(m.cols), 1-a.SizeWeight)
}

// DiffPatterns finds the patterns that differ in how often they are met in two sets of
// rows. The column behind those of Wild, and the weight, says whether a row is of the
// first set.
type DiffPatterns struct {
	Threshold float64
	MaxDims   int
	Weighted  bool
	Wild      []any
}

// String names the operator.
func (*DiffPatterns) String() string { return "diffpatterns" }

// difference is a pattern in the two sets.
type difference struct {
	segment
	a, b, percentA, percentB float64
}

func (d difference) size() float64 { return math.Abs(d.percentA - d.percentB) }

// Run gives a number, the two counts, the two percentages, how far they are apart, and
// the values of each pattern.
func (d *DiffPatterns) Run(ctx context.Context, inputs [][][]any) ([][]any, error) {
	rows := inputs[0]
	m := newMiner(rows, len(d.Wild), d.Weighted)
	m.most = d.MaxDims
	totalA := 0.0
	for i, row := range rows {
		if row[len(row)-1] == true {
			totalA += m.weight[i]
		}
	}
	totalB := m.total - totalA
	if totalA == 0 || totalB == 0 {
		return [][]any{}, nil
	}
	found, err := m.mine(ctx, d.Threshold*min(totalA, totalB)/m.total)
	if err != nil {
		return nil, err
	}
	var all []difference
	for _, p := range found {
		x := difference{segment: p}
		for _, r := range p.rows {
			if rows[r][len(rows[r])-1] == true {
				x.a += m.weight[r]
			} else {
				x.b += m.weight[r]
			}
		}
		x.percentA, x.percentB = 100*x.a/totalA, 100*x.b/totalB
		if x.size() >= 100*d.Threshold {
			all = append(all, x)
		}
	}
	return d.segments(m, telling(all)), nil
}

// telling leaves out patterns that only narrow or widen one that differs more.
func telling(all []difference) []difference {
	slices.SortStableFunc(all, func(x, y difference) int {
		return cmp.Or(cmp.Compare(y.size(), x.size()), cmp.Compare(len(x.items), len(y.items)))
	})
	var out []difference
	for _, x := range all {
		if !slices.ContainsFunc(out, func(o difference) bool {
			n := len(common(x.items, o.items))
			return n == len(x.items) || n == len(o.items)
		}) {
			out = append(out, x)
		}
	}
	return out
}

func (d *DiffPatterns) segments(m *miner, all []difference) [][]any {
	out := [][]any{}
	for i, x := range all {
		row := []any{int64(i), int64(math.Round(x.a)), int64(math.Round(x.b)), x.percentA, x.percentB, x.size()}
		out = append(out, append(row, m.values(x.segment, d.Wild)...))
	}
	return out
}
