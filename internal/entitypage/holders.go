package entitypage

import (
	"context"
	"maps"
	"slices"
	"time"

	"spoor/internal/device"
	"spoor/internal/entity"
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
	own := map[string]bool{}
	if v.req.ID.Kind == entity.IP {
		own[v.req.ID.Value] = true
	}
	peers := map[string]bool{}
	for i := range v.rows {
		if r := &v.rows[i]; r.Device == "" && talked(r.Roles) && r.Peer != "" && !own[r.Peer] {
			peers[r.Peer] = true
		}
	}
	var onEntity, onPeers []store.Claim
	err := together(
		func() (err error) {
			onEntity, err = v.readClaims(ctx, own, false)
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

// during lists who held the address while the stretch lasted. A stretch of several days
// is steady, or its days are taken one by one, see splitChanging; then any of its
// moments tells. Within a day the holders may change.
func (h *holders) during(r *store.Stretch, address string) []device.Span {
	if firstDay(r) == lastDay(r) {
		return h.all.Spans(r.Site, address, r.First, r.Last)
	}
	return []device.Span{{From: r.First, To: r.Last, Devices: h.all.At(r.Site, address, r.First)}}
}

// steady reports whether the same devices held the address on all days of the stretch,
// and the network catalogue never changed.
func (h *holders) steady(r *store.Stretch, address string) bool {
	if slices.ContainsFunc(h.changes, func(at schema.Ticks) bool { return at > r.First && at <= r.Last }) {
		return false
	}
	key := siteAddress{r.Site, address}
	spans, ok := h.spans[key]
	if !ok {
		spans = h.all.Spans(r.Site, address, h.window.from, h.window.to-1)
		h.spans[key] = spans
	}
	if len(spans) == 1 {
		return true
	}
	var devices []device.Ref
	for d, first := firstDay(r), true; d <= lastDay(r); d++ {
		if !seenOn(r, d) {
			continue
		}
		from, to := max(r.First, schema.DayStart(d)), min(r.Last, schema.DayStart(d+1)-1)
		at := slices.IndexFunc(spans, func(s device.Span) bool { return s.To >= from })
		if at < 0 || spans[at].To < to || !first && !slices.Equal(devices, spans[at].Devices) {
			return false
		}
		devices, first = spans[at].Devices, false
	}
	return true
}

// splitChanging puts the days one by one in the place of stretches during which an end
// changed hands.
func (v *view) splitChanging(ctx context.Context) error {
	peers := map[string]bool{}
	changing := map[store.SightingKey][]*store.Stretch{} // by key without day
	for i := range v.rows {
		r := &v.rows[i]
		if r.Device != "" || !talked(r.Roles) || firstDay(r) == lastDay(r) || v.steady(r) {
			continue
		}
		peers[r.Peer] = true
		key := r.SightingKey
		key.Day = 0
		changing[key] = append(changing[key], r)
	}
	if len(peers) == 0 {
		return nil
	}
	q := store.StretchQuery{LedgerQuery: v.ledgerQuery(), Daily: true, Peers: slices.Collect(maps.Keys(peers))}
	q.FromDay, q.ToDay = v.window.fromDay, v.window.toDay
	daily, err := v.ledger.Stretches(ctx, q)
	if err != nil {
		return err
	}
	var split []store.Stretch
	for i := range daily {
		key := daily[i].SightingKey
		key.Day = 0
		if slices.ContainsFunc(changing[key], func(r *store.Stretch) bool { return seenOn(r, daily[i].Day) }) {
			split = append(split, daily[i])
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

// steady reports whether the ends of a sensor's row stayed with the same devices.
func (v *view) steady(r *store.Stretch) bool {
	return v.holders.steady(r, r.Peer) && (v.req.ID.Kind != entity.IP || v.holders.steady(r, v.req.ID.Value))
}
