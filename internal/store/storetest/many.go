package storetest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// manyAtOnce compares what one look gives of many entities with what a look at each of
// them gives, and names and spans with the sightings.
func manyAtOnce(t *testing.T, h *harness) {
	batches := h.randomBatches(5)
	h.append(batches...)
	c := count(batches...)
	ids := c.entities()
	if len(ids) < 10 {
		t.Fatalf("only %d entities", len(ids))
	}
	for _, site := range []string{"", "north"} {
		var want, got []string
		for _, id := range ids {
			found, err := h.Stretches(h.ctx(), store.StretchQuery{LedgerQuery: store.LedgerQuery{Kind: id.Kind, Entity: id.Value, Site: site}})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range found {
				want = append(want, fmt.Sprintf("%+v", s))
			}
		}
		asked := append(slices.Clone(ids), ids[0], entity.ID{Kind: entity.Domain, Value: "unseen.example"}) // twice changes nothing
		found, err := h.StretchesOf(h.ctx(), asked, site)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range found {
			got = append(got, fmt.Sprintf("%+v", s))
		}
		slices.Sort(want)
		slices.Sort(got)
		h.want(fmt.Sprintf("the stretches of all at site %q", site), got, want...)
	}
	if found, err := h.StretchesOf(h.ctx(), nil, ""); err != nil || len(found) > 0 {
		t.Errorf("of none: %v, %v", found, err)
	}
	for _, prefix := range []string{"", "10.", "1", "EX", "nothing begins so"} {
		h.wantNamed(prefix, c)
	}
	for _, site := range []string{"", "north", "south"} {
		h.wantSpan("10.0.0.0", "10.0.0.2", site, c)
		h.wantSpan("0.0.0.0", "255.255.255.255", site, c)
		h.wantSpan("192.0.2.1", "192.0.2.1", site, c)
		h.wantSpan("2001:db8::", "2001:db8::ffff", site, c)
		h.wantSpan("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", site, c)
	}
}

// namedByBeginning finds texts whose bytes are near each other's, and none that are not.
func namedByBeginning(_ *testing.T, h *harness) {
	s := h.source("a.log", "north")
	texts := []string{"a", "ab", "b", "a\ud7ff", "a\ud7ffz", "a\ue000", "a\U0010ffff", "a\U0010ffffx", "\U0010ffff", "\U0010ffffq", "ä", "ä.example", "~", `corp\a`, `corp\ä`}
	var batches []*store.Batch
	for i, text := range texts {
		kind := entity.Domain
		if strings.Contains(text, `\`) {
			kind = entity.Account
		}
		b := sighted(s, entity.ID{Kind: kind, Value: text}, day0+int32(i), 1)
		h.append(b)
		batches = append(batches, b)
	}
	c := count(batches...)
	for _, prefix := range append(texts, "", "corp", "z", "\u007f") {
		h.wantNamed(prefix, c)
	}
}

func (h *harness) wantNamed(prefix string, c *tally) {
	h.t.Helper()
	byID := map[entity.ID]store.Named{}
	for key, s := range c.sightings {
		id := entity.ID{Kind: key.Kind, Value: key.Entity}
		begins := strings.HasPrefix(key.Entity, strings.ToLower(prefix)) ||
			key.Kind == entity.Account && strings.Contains(key.Entity, `\`+strings.ToLower(prefix))
		if !begins || key.Roles == entity.RoleMentioned {
			continue
		}
		n, ok := byID[id]
		if !ok {
			n = store.Named{ID: id, First: s.First, Last: s.Last}
		}
		n.First, n.Last = min(n.First, s.First), max(n.Last, s.Last)
		byID[id] = n
	}
	var all []store.Named
	for _, n := range byID {
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b store.Named) int { return cmp.Compare(b.Last, a.Last) })
	const limit = 1000
	found, err := h.Named(h.ctx(), prefix, limit)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 1; i < len(found); i++ {
		if found[i].Last > found[i-1].Last {
			h.t.Errorf("%q: %v comes before %v", prefix, found[i-1], found[i])
		}
	}
	lines := func(list []store.Named) (out []string) {
		for _, n := range list {
			out = append(out, fmt.Sprint(n))
		}
		slices.Sort(out)
		return out
	}
	h.want(fmt.Sprintf("named %q", prefix), lines(found), lines(all)...)
	if len(all) > 2 {
		if few, err := h.Named(h.ctx(), prefix, 2); err != nil || len(few) != 2 || few[0].Last != all[0].Last {
			h.t.Errorf("the first 2 of %q: %v, %v", prefix, few, err)
		}
	}
}

func (h *harness) wantSpan(from, to, site string, c *tally) {
	h.t.Helper()
	first, last := netip.MustParseAddr(from), netip.MustParseAddr(to)
	fromHi, fromLo := entity.AddressKey(first)
	toHi, toLo := entity.AddressKey(last)
	addresses := map[string]bool{}
	want := store.Span{First: schema.MaxTicks}
	for key, s := range c.sightings {
		if key.Kind != entity.IP || key.Roles == entity.RoleMentioned || site != "" && key.Site != site {
			continue
		}
		hi, lo := entity.ID{Kind: key.Kind, Value: key.Entity}.Key()
		if hi < fromHi || hi == fromHi && lo < fromLo || hi > toHi || hi == toHi && lo > toLo {
			continue
		}
		if first.Is6() && strings.Contains(key.Entity, ".") {
			continue // its key is among those of IPv6
		}
		addresses[key.Entity] = true
		want.First, want.Last = min(want.First, s.First), max(want.Last, s.Last)
	}
	if want.Addresses = int64(len(addresses)); want.Addresses == 0 {
		want = store.Span{}
	}
	if got, err := h.Span(h.ctx(), first, last, site); err != nil || got != want {
		h.t.Errorf("from %s to %s at %q: %+v, %v; want %+v", from, to, site, got, err, want)
	}
}
