package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// PlaceHistory is what geo and ASN databases said of an address, as far as it is kept: since
// the address was first seen by a server that had them.
type PlaceHistory struct {
	Items []KeptPlace `json:"items" doc:"by database, the earliest builds first"`
	First *time.Time  `json:"first" doc:"first record of the range that is more than a mention; null without any"`
	Last  *time.Time  `json:"last"`
	Query string      `json:"query"`
}

// KeptPlace is what a database said, the same in all of its builds that were asked from one
// to another. Empty fields are not in the database; all are when it had no record.
type KeptPlace struct {
	Database    string    `json:"database"`
	BuiltFrom   time.Time `json:"builtFrom"`
	BuiltTo     time.Time `json:"builtTo"`
	KeptAt      time.Time `json:"keptAt" doc:"when the first of the builds was asked"`
	Country     string    `json:"country,omitempty"`
	CountryCode string    `json:"countryCode,omitempty"`
	State       string    `json:"state,omitempty"`
	City        string    `json:"city,omitempty"`
	ASN         uint32    `json:"asn,omitempty"`
	Org         string    `json:"org,omitempty"`
	InForce     bool      `json:"inForce" doc:"it was the latest build, of those that are kept, when records of the range happened; or there is no older one"`
	Oldest      bool      `json:"oldest" doc:"in force for want of an older one: records of the range are older than its first build"`
	Differs     bool      `json:"differs" doc:"says something else than the newest build that is open now"`
}

// places reads what is kept of the address, beside what the databases say now.
func (p *Pages) places(ctx context.Context, v *view, now []enrich.Geo) (*PlaceHistory, error) {
	h := &PlaceHistory{Items: []KeptPlace{}, Query: fmt.Sprintf("%s\n| where Address == %s\n| sort by Database asc, BuiltFrom asc", schema.SpoorPlaces, quote(v.req.ID.Value))}
	kept, err := p.Ledger.Places(ctx, []string{v.req.ID.Value})
	if err != nil {
		return h, err
	}
	first, last, seen := v.span()
	if seen {
		h.First, h.Last = new(first.Time()), new(last.Time())
	}
	newest := map[string]*enrich.Geo{}
	for i := range now {
		if g, ok := newest[now[i].Database]; !ok || g.BuiltAt.Before(now[i].BuiltAt) {
			newest[now[i].Database] = &now[i]
		}
	}
	slices.SortFunc(kept, func(a, b store.Place) int {
		return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.First, b.First))
	})
	for i := range kept {
		k := &kept[i]
		oldest := i == 0 || kept[i-1].Database != k.Database
		item := KeptPlace{
			Database: k.Database, BuiltFrom: k.First.Time(), BuiltTo: k.Last.Time(), KeptAt: k.Kept.Time(),
			Country: k.Country, CountryCode: k.CountryCode, State: k.State, City: k.City, ASN: k.ASN, Org: k.Org,
			InForce: seen && (oldest || k.First <= last), Oldest: seen && oldest && first < k.First,
		}
		if next := i + 1; next < len(kept) && kept[next].Database == k.Database && kept[next].First <= first {
			item.InForce = false // another build came before the first record
		}
		if g, ok := newest[k.Database]; ok {
			item.Differs = g.Facts() != k.PlaceFacts
		}
		h.Items = append(h.Items, item)
	}
	return h, nil
}

// span is from the first to the last record of the range that is more than a mention; seen
// is false without any.
func (v *view) span() (first, last schema.Ticks, seen bool) {
	for i := range v.rows {
		r := &v.rows[i]
		switch {
		case r.Roles == entity.RoleMentioned:
		case !seen:
			first, last, seen = r.First, r.Last, true
		default:
			first, last = min(first, r.First), max(last, r.Last)
		}
	}
	return first, last, seen
}
