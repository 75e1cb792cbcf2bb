package vector

import (
	"cmp"
	"maps"
	"math"
	"math/bits"
	"slices"

	"spoor/internal/schema"
)

// Sketches are dynamic arrays. A t-digest is [[means…], [weights…]], the means in
// ascending order; its percentiles are exact as long as no two values were merged. A
// HyperLogLog is [bits, codes…]: a code is 64 times the number of a register plus its
// rank. Neither layout is Kusto's, whose own is not documented.

const (
	// maxCentroids bounds a t-digest; beyond it the nearest centroids are merged.
	maxCentroids = 2048
	minHLLBits   = 4
	maxHLLBits   = 18
)

var sketchFunctions = []*Function{
	{Name: "merge_tdigest", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		values := make([]any, len(a))
		for i := range a {
			values[i] = decode(a, i)
		}
		return mergeDigests(values)
	}},
	{Name: "merge_tdigest_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		list, _ := array(a, 0)
		return mergeDigests(list)
	}},
	{Name: "percentile_tdigest", Params: []schema.Type{tDyn, tReal}, Result: tReal, Eval: func(a []any) any {
		d, ok := decodeDigest(decode(a, 0))
		p, ok2 := float(a, 1)
		if !ok || !ok2 {
			return nil
		}
		return d.percentile(p)
	}},
	{Name: "percentiles_array_tdigest", Params: []schema.Type{tDyn, tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		d, ok := decodeDigest(decode(a, 0))
		if !ok {
			return nil
		}
		out := []any{}
		for i := range a[1:] {
			for _, v := range listOf(decode(a, i+1)) {
				if p, ok := real64(v); ok {
					out = append(out, d.percentile(p))
				}
			}
		}
		return encode(out)
	}},
	{Name: "rank_tdigest", Params: []schema.Type{tDyn, tReal}, Result: tReal, Eval: func(a []any) any {
		d, ok := decodeDigest(decode(a, 0))
		v, ok2 := float(a, 1)
		if !ok || !ok2 {
			return nil
		}
		return d.rank(v)
	}},
	{Name: "percentrank_tdigest", Params: []schema.Type{tDyn, tReal}, Result: tReal, Eval: func(a []any) any {
		d, ok := decodeDigest(decode(a, 0))
		v, ok2 := float(a, 1)
		if !ok || !ok2 || d.total() == 0 {
			return nil
		}
		return d.rank(v) / d.total() * 100
	}},
	{Name: "weighted_rank", Params: []schema.Type{tDyn, tReal}, Result: tLong, Eval: func(a []any) any {
		list, ok := array(a, 0)
		p, ok2 := float(a, 1)
		if !ok || !ok2 {
			return nil
		}
		return weightedRank(list, p)
	}},
	{Name: "hll", Params: []schema.Type{tDyn, tLong}, Result: tDyn, Eval: func(a []any) any {
		codes, ok := array(a, 0)
		n, ok2 := number(a, 1)
		if !ok || !ok2 || n < minHLLBits || n > maxHLLBits {
			return nil
		}
		h := hll{bits: int(n), ranks: map[int64]int64{}}
		h.add(codes)
		return h.encode()
	}},
	{Name: "hll_merge", Params: []schema.Type{tDyn}, Variadic: true, Result: tDyn, Eval: func(a []any) any {
		values := make([]any, len(a))
		for i := range a {
			values[i] = decode(a, i)
		}
		return mergeHLL(values)
	}},
	{Name: "hll_merge_array", Params: []schema.Type{tDyn}, Result: tDyn, Eval: func(a []any) any {
		list, _ := array(a, 0)
		return mergeHLL(list)
	}},
	{Name: "hll_intersect", Params: []schema.Type{tDyn}, Variadic: true, Result: tLong, Eval: func(a []any) any {
		values := make([]any, len(a))
		for i := range a {
			if values[i] = decode(a, i); values[i] == nil {
				return nil
			}
		}
		return intersectHLL(values)
	}},
	{Name: "dcount_hll", Params: []schema.Type{tDyn}, Result: tLong, Eval: func(a []any) any {
		h, ok := decodeHLL(decode(a, 0))
		if !ok {
			return nil
		}
		return h.count()
	}},
}

// listOf is an array's elements, or the value alone.
func listOf(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

type centroid struct{ mean, weight float64 }

// digest is a t-digest, its centroids in ascending order.
type digest []centroid

func decodeDigest(v any) (digest, bool) {
	parts, ok := v.([]any)
	if !ok || len(parts) != 2 {
		return nil, false
	}
	means, ok := parts[0].([]any)
	weights, ok2 := parts[1].([]any)
	if !ok || !ok2 || len(means) != len(weights) {
		return nil, false
	}
	d := make(digest, len(means))
	for i := range means {
		m, ok := real64(means[i])
		w, ok2 := real64(weights[i])
		if !ok || !ok2 || w <= 0 {
			return nil, false
		}
		d[i] = centroid{m, w}
	}
	return d, true
}

func (d digest) encode() any {
	means, weights := make([]any, len(d)), make([]any, len(d))
	for i, c := range d {
		means[i], weights[i] = c.mean, c.weight
	}
	return encode([]any{means, weights})
}

// mergeDigests makes one of several; what is no digest is left out. None give null.
func mergeDigests(values []any) any {
	var all digest
	found := false
	for _, v := range values {
		if d, ok := decodeDigest(v); ok {
			all, found = append(all, d...), true
		}
	}
	if !found {
		return nil
	}
	slices.SortStableFunc(all, func(a, b centroid) int { return cmp.Compare(a.mean, b.mean) })
	return all.shrink().encode()
}

// shrink merges neighbours until few enough are left, more of them in the middle than
// at the ends, where a percentile needs the single values.
func (d digest) shrink() digest {
	if len(d) <= maxCentroids {
		return d
	}
	total := d.total()
	var out digest
	var sum, weight, before float64
	for i, c := range d {
		sum, weight = sum+c.mean*c.weight, weight+c.weight
		q := (before + weight/2) / total
		limit := 4 * total * q * (1 - q) / maxCentroids
		if i == len(d)-1 || weight+d[i+1].weight > max(limit, 1) {
			out = append(out, centroid{sum / weight, weight})
			before += weight
			sum, weight = 0, 0
		}
	}
	if len(out) < len(d) {
		return out.shrink()
	}
	return d.pairs()
}

// pairs merges every two neighbours.
func (d digest) pairs() digest {
	var out digest
	for i := 0; i+1 < len(d); i += 2 {
		w := d[i].weight + d[i+1].weight
		out = append(out, centroid{(d[i].mean*d[i].weight + d[i+1].mean*d[i+1].weight) / w, w})
	}
	if len(d)%2 == 1 {
		out = append(out, d[len(d)-1])
	}
	return out.shrink()
}

func (d digest) total() float64 {
	sum := 0.0
	for _, c := range d {
		sum += c.weight
	}
	return sum
}

// percentile is the nearest rank's value.
func (d digest) percentile(p float64) any {
	want, seen := d.total()*p/100, 0.0
	for _, c := range d {
		if seen += c.weight; seen >= want {
			return c.mean
		}
	}
	if len(d) == 0 {
		return nil
	}
	return d[len(d)-1].mean
}

// rank is how much weight is at most v.
func (d digest) rank(v float64) float64 {
	sum := 0.0
	for _, c := range d {
		if c.mean <= v {
			sum += c.weight
		}
	}
	return sum
}

// weightedRank is the number, from 1, of the first weight at which the sum reaches a
// percentage of the whole.
func weightedRank(weights []any, p float64) any {
	total := 0.0
	for _, w := range weights {
		f, _ := real64(w)
		total += f
	}
	sum := 0.0
	for i, w := range weights {
		f, _ := real64(w)
		if sum += f; sum >= total*p/100 {
			return int64(i + 1)
		}
	}
	return nil
}

// hll is a HyperLogLog sketch; a register that is not there is zero.
type hll struct {
	bits  int
	ranks map[int64]int64
}

// add takes in codes; one that cannot be is left out.
func (h *hll) add(codes []any) {
	for _, v := range codes {
		f, ok := real64(v)
		if !ok || f < 0 || f >= float64(int64(64)<<h.bits) {
			continue
		}
		register, rank := int64(f)>>6, int64(f)&63
		h.ranks[register] = max(h.ranks[register], rank)
	}
}

// fold brings a sketch to fewer bits.
func (h *hll) fold(to int) {
	if to >= h.bits {
		return
	}
	ranks := map[int64]int64{}
	for register, rank := range h.ranks {
		// The bits that no longer tell the register are the first of what is ranked.
		high := register >> to
		if high != 0 {
			rank = int64(bits.TrailingZeros64(uint64(high))) + 1
		} else {
			rank += int64(h.bits - to)
		}
		low := register & (1<<to - 1)
		ranks[low] = max(ranks[low], rank)
	}
	h.bits, h.ranks = to, ranks
}

func decodeHLL(v any) (hll, bool) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return hll{}, false
	}
	n, ok := real64(list[0])
	if !ok || n < minHLLBits || n > maxHLLBits {
		return hll{}, false
	}
	h := hll{bits: int(n), ranks: map[int64]int64{}}
	h.add(list[1:])
	return h, true
}

func (h *hll) encode() any {
	codes := make([]int64, 0, len(h.ranks))
	for register, rank := range h.ranks {
		codes = append(codes, register<<6|rank)
	}
	slices.Sort(codes)
	out := []any{int64(h.bits)}
	for _, c := range codes {
		out = append(out, c)
	}
	return encode(out)
}

// mergeHLL makes one sketch of several, with the bits of the coarsest.
func mergeHLL(values []any) any {
	var out *hll
	for _, v := range values {
		h, ok := decodeHLL(v)
		if !ok {
			continue
		}
		if out == nil {
			out = &h
			continue
		}
		out.fold(h.bits)
		h.fold(out.bits)
		for register, rank := range h.ranks {
			out.ranks[register] = max(out.ranks[register], rank)
		}
	}
	if out == nil {
		return nil
	}
	return out.encode()
}

// intersectHLL estimates how many values all sketches have in common, from the counts of
// the unions of some of them (inclusion and exclusion); nil where one is no sketch.
func intersectHLL(values []any) any {
	sketches := make([]hll, len(values))
	for i, v := range values {
		h, ok := decodeHLL(v)
		if !ok {
			return nil
		}
		sketches[i] = h
		sketches[0].fold(h.bits)
	}
	for i := range sketches {
		sketches[i].fold(sketches[0].bits)
	}
	var common func(i, taken int, union hll) int64
	common = func(i, taken int, union hll) int64 {
		if i < len(sketches) {
			with := hll{union.bits, maps.Clone(union.ranks)}
			for register, rank := range sketches[i].ranks {
				with.ranks[register] = max(with.ranks[register], rank)
			}
			return common(i+1, taken, union) + common(i+1, taken+1, with)
		}
		switch {
		case taken == 0:
			return 0
		case taken%2 == 1:
			return union.count()
		default:
			return -union.count()
		}
	}
	return max(common(0, 0, hll{sketches[0].bits, map[int64]int64{}}), 0)
}

// count is the estimate of Flajolet et al., by linear counting where few registers are
// set.
func (h *hll) count() int64 {
	m := float64(int64(1) << h.bits)
	sum := m - float64(len(h.ranks))
	empty := sum
	for _, rank := range h.ranks {
		sum += math.Ldexp(1, -int(rank))
	}
	estimate := 0.7213 / (1 + 1.079/m) * m * m / sum
	if estimate <= 2.5*m && empty > 0 {
		estimate = m * math.Log(m/empty)
	}
	return int64(math.Round(estimate))
}
