package entitypage

import (
	"context"
	"maps"
	"slices"
	"time"

	"spoor/internal/device"
	"spoor/internal/network"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// holders answers who held an address when, in the window of a page.
type holders struct {
	all    *device.Holders
	window window
	spans  map[siteAddress][]device.Span
	// changes are the moments at which the network catalogue says something else.
	changes []schema.Ticks
}

type siteAddress struct{ site, address string }

// readHolders reads the claims on the entity, when it is an address, and who held it
// and every address that a sensor's rows name.
func (v *view) readHolders(ctx context.Context) ([]store.Claim, *holders, error) {
	own := v.addressesNamed()
	peers := map[string]bool{}
	for i := range v.rows {
		if r := &v.rows[i]; r.Device == "" && talked(r.Roles) && r.Peer != "" && !own[r.Peer] {
			peers[r.Peer] = true
		}
	}
	var onEntity, onPeers []store.Claim
	err := together(
		func() (err error) {
			onEntity, err = v.readClaims(ctx, own, v.among != nil)
			return err
		},
		func() (err error) {
			onPeers, err = v.readClaims(ctx, peers, true)
			return err
		},
	)
	h := &holders{window: v.window, spans: map[siteAddress][]device.Span{}}
	h.all = device.NewHolders(slices.Concat(onEntity, onPeers), v.aliases)
	h.changes = catalogueChanges(v.networks)
	return onEntity, h, err
}

// catalogueChanges are the moments at which a range begins or ends to hold.
func catalogueChanges(c *network.Catalog) (changes []schema.Ticks) {
	for _, r := range c.List() {
		for _, at := range []time.Time{r.ValidFrom, r.ValidTo} {
			if !at.IsZero() {
				changes = append(changes, schema.TicksOf(at))
			}
		}
	}
	return changes
}

func (v *view) readClaims(ctx context.Context, addresses map[string]bool, holdersOnly bool) ([]store.Claim, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	return v.ledger.Claims(ctx, store.ClaimQuery{
		Addresses: slices.Collect(maps.Keys(addresses)), Site: v.req.Site,
		From: v.window.from - device.ClaimReach, To: v.window.to + device.ClaimReach, HoldersOnly: holdersOnly,
	})
}

// during lists who held the address while the stretch lasted. Those of a stretch of
// several days are always the same, see splitChanging; then any of its moments tells.
// Within a day the holders may change.
func (h *holders) during(r *store.Stretch, address string) []device.Span {
	if firstDay(r) == lastDay(r) {
		return h.all.Spans(r.Site, address, r.First, r.Last)
	}
	return []device.Span{{From: r.First, To: r.Last, Devices: h.all.At(r.Site, address, r.First)}}
}

// cuts are the days before which a stretch must end, so that the same devices held the
// address on all days of what is left and the network catalogue never changed. A day on
// which they may have changed stands alone.
func (h *holders) cuts(r *store.Stretch, address string) (days []int32) {
	for _, at := range h.changes {
		if at > r.First && at <= r.Last {
			days = append(days, at.Day(), at.Day()+1)
		}
	}
	key := siteAddress{r.Site, address}
	spans, ok := h.spans[key]
	if !ok {
		spans = h.all.Spans(r.Site, address, h.window.from, h.window.to-1)
		h.spans[key] = spans
	}
	if len(spans) == 1 {
		return days
	}
	var devices []device.Ref // of the day before
	steady, at := true, 0
	for d := firstDay(r); d <= lastDay(r); d++ {
		if !seenOn(r, d) {
			continue
		}
		from, to := max(r.First, schema.DayStart(d)+r.Earliest), min(r.Last, schema.DayStart(d)+r.Latest)
		for at < len(spans)-1 && spans[at].To < from {
			at++
		}
		before := steady
		steady = spans[at].To >= to
		if d > firstDay(r) && (!before || !steady || !slices.Equal(devices, spans[at].Devices)) {
			days = append(days, d)
		}
		devices = spans[at].Devices
	}
	return days
}

// splitChanging cuts the stretches during which an end changed hands into those in which
// none did.
func (v *view) splitChanging(ctx context.Context) error {
	if v.wide() {
		return nil // neither end is told
	}
	cuts := map[string][]int32{}                         // by peer
	changing := map[store.SightingKey][]*store.Stretch{} // by key without day
	for i := range v.rows {
		r := &v.rows[i]
		if r.Device != "" || !talked(r.Roles) || firstDay(r) == lastDay(r) {
			continue
		}
		days := v.holders.cuts(r, r.Peer)
		if v.ofAddresses() {
			days = append(days, v.holders.cuts(r, r.Entity)...)
		}
		if len(days) == 0 {
			continue
		}
		cuts[r.Peer] = append(cuts[r.Peer], days...)
		key := r.SightingKey
		key.Day = 0
		changing[key] = append(changing[key], r)
	}
	if len(cuts) == 0 {
		return nil
	}
	q := store.StretchQuery{LedgerQuery: v.ledgerQuery(), Cuts: v.window.cuts(), Peers: cuts, Sensors: true}
	q.FromDay, q.ToDay = v.window.fromDay, v.window.toDay
	parts, err := v.ledger.Stretches(ctx, q)
	if err != nil {
		return err
	}
	var split []store.Stretch
	for i := range parts {
		key := parts[i].SightingKey
		key.Day = 0
		if slices.ContainsFunc(changing[key], func(r *store.Stretch) bool { return seenOn(r, firstDay(&parts[i])) }) {
			split = append(split, parts[i])
		}
	}
	for _, stretches := range changing {
		for _, r := range stretches {
			r.Records = 0
		}
	}
	v.rows = append(slices.DeleteFunc(v.rows, func(r store.Stretch) bool { return r.Records == 0 }), split...)
	return nil
}
