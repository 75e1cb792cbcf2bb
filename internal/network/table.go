package network

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"spoor/internal/schema"
)

// table answers look-ups for one site. Prefixes either nest or are disjoint, so they
// form a forest; cut at every first and last address, the address space falls into
// segments that each lie in one innermost prefix. A look-up is a binary search for the
// segment and a walk up to the root. A table never changes once built.
type table struct {
	starts []netip.Addr // where segments begin; netip orders IPv4 before IPv6
	inner  []int32      // for each segment the innermost node, none outside all
	nodes  []node
}

// node is one prefix with the ranges that have it.
type node struct {
	last   netip.Addr
	parent int32
	ranges []held
}

// held is a range with its validity in the unit that look-ups speak.
type held struct {
	Range
	from, to schema.Ticks // to is 0 for an open end
}

func (h *held) holds(at schema.Ticks) bool {
	return h.from <= at && (h.to == 0 || at < h.to)
}

const none int32 = -1

func newTable(ranges []Range) *table {
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, func(a, b Range) int {
		return cmp.Or(a.Prefix.Addr().Compare(b.Prefix.Addr()), cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()),
			strings.Compare(a.Name, b.Name), a.ValidFrom.Compare(b.ValidFrom), cmp.Compare(a.ID, b.ID))
	})
	t := &table{}
	open := none // the innermost node that the sweep is in
	var last netip.Prefix
	for _, r := range ranges {
		h := held{Range: r, from: schema.TicksOf(r.ValidFrom)}
		if !r.ValidTo.IsZero() {
			h.to = schema.TicksOf(r.ValidTo)
		}
		if r.Prefix == last {
			n := &t.nodes[len(t.nodes)-1]
			n.ranges = append(n.ranges, h)
			continue
		}
		last = r.Prefix
		open = t.close(open, r.Prefix.Addr())
		t.nodes = append(t.nodes, node{last: netipx.PrefixLastIP(r.Prefix), parent: open, ranges: []held{h}})
		open = int32(len(t.nodes) - 1)
		t.cut(r.Prefix.Addr(), open)
	}
	t.close(open, netip.Addr{})
	return t
}

// close leaves every open node that ends before the address (all of them, when the
// address is the zero one) and returns the innermost that stays open.
func (t *table) close(open int32, before netip.Addr) int32 {
	for open != none {
		n := &t.nodes[open]
		if before.IsValid() && n.last.Compare(before) >= 0 {
			break
		}
		if next, ok := following(n.last); ok {
			t.cut(next, n.parent)
		}
		open = n.parent
	}
	return open
}

// cut begins a segment, or redefines the one that begins at the same address.
func (t *table) cut(at netip.Addr, inner int32) {
	if n := len(t.starts); n > 0 && t.starts[n-1] == at {
		t.inner[n-1] = inner
		return
	}
	t.starts = append(t.starts, at)
	t.inner = append(t.inner, inner)
}

// find is the innermost node whose prefix contains the canonical address, or none.
func (t *table) find(a netip.Addr) int32 {
	if t == nil {
		return none
	}
	lo, hi := 0, len(t.starts)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if t.starts[mid].Compare(a) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return none
	}
	return t.inner[lo-1]
}

// any reports whether a range that contains the address at that time satisfies ok.
func (t *table) any(a netip.Addr, at schema.Ticks, ok func(n *node, h *held) bool) bool {
	for i := t.find(a); i != none; i = t.nodes[i].parent {
		n := &t.nodes[i]
		for j := range n.ranges {
			if h := &n.ranges[j]; h.holds(at) && ok(n, h) {
				return true
			}
		}
	}
	return false
}

// appendTo appends the ranges that contain the address at that time, narrowest first.
func (t *table) appendTo(dst []Range, a netip.Addr, at schema.Ticks) []Range {
	t.any(a, at, func(_ *node, h *held) bool {
		dst = append(dst, h.Range)
		return false
	})
	return dst
}

// following is the next address in netip's order, in which IPv6 follows on IPv4.
func following(a netip.Addr) (netip.Addr, bool) {
	if next := a.Next(); next.IsValid() {
		return next, true
	}
	return netip.IPv6Unspecified(), a.Is4()
}
