package device

import (
	"cmp"
	"slices"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// ClaimReach is how long a claim on an address holds before and after it was made.
const ClaimReach = 12 * schema.TicksPerHour

// Ref is a device: its identity and the name it reports. The zero Ref is none.
type Ref struct{ ID, Name string }

// Holders answers who held an address when, from claims. It is immutable.
type Holders struct {
	claims map[siteAddress][]claim // by first, then last
}

type siteAddress struct{ site, address string }

type claim struct {
	device      Ref
	first, last schema.Ticks
}

// NewHolders indexes claims. aliases turn the id of a device into that of the device it
// was found to be; a device found under several names shows the longest, which is the
// fully qualified one.
func NewHolders(claims []store.Claim, aliases map[string]string) *Holders {
	names := map[string]string{}
	for i := range claims {
		id := resolve(aliases, claims[i].DeviceID)
		if name := claims[i].Device; len(name) > len(names[id]) {
			names[id] = name
		}
	}
	h := &Holders{claims: map[siteAddress][]claim{}}
	for i := range claims {
		c := &claims[i]
		id := resolve(aliases, c.DeviceID)
		k := siteAddress{c.Site, c.Address}
		h.claims[k] = append(h.claims[k], claim{Ref{id, names[id]}, c.First, c.Last})
	}
	for k, list := range h.claims {
		slices.SortFunc(list, func(a, b claim) int {
			return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last), cmp.Compare(a.device.ID, b.device.ID))
		})
		h.claims[k] = join(list)
	}
	return h
}

// join makes one claim of those that follow one another, of one device, with no more
// than their reach in between and nobody else's claim as near to any moment there: that
// device holds the address between them anyway.
func join(list []claim) []claim {
	joined := make([]claim, 0, len(list))
	ends := map[string]schema.Ticks{} // device → the end of its latest claim
	for i := range list {
		c := &list[i]
		n := len(joined) - 1
		if n >= 0 && joined[n].device == c.device && c.first-joined[n].last <= 2*ClaimReach &&
			!endsLater(ends, &joined[n]) && !beginsToo(list[i+1:], c) {
			joined[n].last = max(joined[n].last, c.last)
		} else {
			joined = append(joined, *c)
		}
		ends[c.device.ID] = max(ends[c.device.ID], c.last)
	}
	return joined
}

// endsLater reports whether another device's claim reaches to the end of c or beyond.
func endsLater(ends map[string]schema.Ticks, c *claim) bool {
	for id, end := range ends {
		if id != c.device.ID && end >= c.last {
			return true
		}
	}
	return false
}

// beginsToo reports whether another device's claim begins at the moment c does.
func beginsToo(next []claim, c *claim) bool {
	for i := 0; i < len(next) && next[i].first == c.first; i++ {
		if next[i].device != c.device {
			return true
		}
	}
	return false
}

func resolve(aliases map[string]string, id string) string {
	if to, ok := aliases[id]; ok {
		return to
	}
	return id
}

// At lists the devices that held the address at that moment: those of the nearest
// claim within ClaimReach, and several only where claims of different devices are
// equally near. Sorted by id. None: nobody claimed it.
func (h *Holders) At(site, address string, at schema.Ticks) []Ref {
	best := ClaimReach + 1
	var refs []Ref
	for _, c := range h.claims[siteAddress{site, address}] {
		if c.first-ClaimReach > at {
			break
		}
		d := c.distance(at)
		if d > best || d > ClaimReach {
			continue
		}
		if d < best {
			best, refs = d, refs[:0]
		}
		refs = append(refs, c.device)
	}
	slices.SortFunc(refs, func(a, b Ref) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Compact(refs)
}

// distance is how far the moment lies from the claim, 0 inside it.
func (c *claim) distance(at schema.Ticks) schema.Ticks {
	switch {
	case at < c.first:
		return c.first - at
	case at > c.last:
		return at - c.last
	default:
		return 0
	}
}

// Span is a stretch of time in which an address had the same holders.
type Span struct {
	From, To schema.Ticks // both inclusive
	Devices  []Ref
}

// Spans cuts [from, to] into the stretches in which the holders of the address are the
// same. There is at least one; neighbours differ.
func (h *Holders) Spans(site, address string, from, to schema.Ticks) []Span {
	// Holders change only where a claim begins or ends to reach, where it begins or
	// ends, and midway between two claims.
	cuts := []schema.Ticks{from}
	list := h.claims[siteAddress{site, address}]
	for i, c := range list {
		cuts = append(cuts, c.first-ClaimReach, c.first, c.last+1, c.last+ClaimReach+1)
		for _, other := range list[i+1:] {
			if other.first > c.last+2*ClaimReach {
				break
			}
			middle := (c.last + other.first) / 2
			cuts = append(cuts, middle, middle+1)
		}
	}
	slices.Sort(cuts)
	var spans []Span
	for _, cut := range slices.Compact(cuts) {
		if cut < from || cut > to {
			continue
		}
		devices := h.At(site, address, cut)
		if n := len(spans); n > 0 {
			if slices.Equal(spans[n-1].Devices, devices) {
				continue
			}
			spans[n-1].To = cut - 1
		}
		spans = append(spans, Span{From: cut, To: to, Devices: devices})
	}
	return spans
}

// Known reports whether any device ever claimed the address at that site.
func (h *Holders) Known(site, address string) bool {
	return len(h.claims[siteAddress{site, address}]) > 0
}
