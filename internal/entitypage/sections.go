package entitypage

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"spoor/internal/device"
	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

func rawID(id schema.RawID) string { return strconv.FormatInt(int64(id), 10) }

// identity is what is known of the address itself.
func (p *Pages) identity(ctx context.Context, v *view) (*Identity, error) {
	addr, err := netip.ParseAddr(v.req.ID.Value)
	if err != nil {
		return nil, err
	}
	id := &Identity{
		Class: string(entity.ClassOf(addr)), Own: v.own, OwnWhy: v.ownWhy, Networks: []Network{}, Geo: []Geo{},
	}
	for _, r := range v.ranges(v.req.Site, addr, v.window.to) {
		id.Networks = append(id.Networks, networkOf(&r))
	}
	answers, err := p.Geo.Lookup(addr)
	for _, g := range answers {
		id.Geo = append(id.Geo, geo(g))
	}
	id.Line = p.line(addr, answers)
	var kept error
	id.Places, kept = p.places(ctx, v, answers)
	return id, errors.Join(err, kept)
}

func geo(g enrich.Geo) Geo {
	network := ""
	if g.Network.IsValid() {
		network = g.Network.String()
	}
	return Geo{
		Database: g.Database, BuiltAt: g.BuiltAt, License: g.License, Attribution: g.Attribution, AttribURL: g.AttribURL,
		Found: g.Found, Country: g.Country, CountryCode: g.CountryCode, State: g.State, City: g.City, PostalCode: g.PostalCode,
		Latitude: g.Latitude, Longitude: g.Longitude, ASN: g.ASN, Org: g.Org, Network: network,
		RadiusKM: g.RadiusKM, ISP: g.ISP, MobileNetwork: g.MobileNetwork, ConnectionType: g.ConnectionType, UserType: g.UserType, Anonymizers: g.Anonymizers,
	}
}

// prevalence counts devices and records by the day, days without any too.
func (v *view) prevalence(pr *Prevalence, devices []*deviceTally, alerts []Alert) {
	kind, _ := v.kinds().main(v.countedAs())
	pr.SourceKind, pr.Devices, pr.Query, pr.Days = kind, int64(len(devices)), v.prevalenceQuery(kind), []PrevalenceDay{}
	records, byOutcome := v.recordsPerDay(kind), v.outcomesPerDay(kind)
	from, to := v.chartDays()
	hosts := make([]int64, max(to-from+1, 0))
	for _, t := range devices {
		t.days.each(func(d int32) {
			if d >= from && d <= to {
				hosts[d-from]++
			}
		})
	}
	alerted := map[string]int64{}
	for i := range alerts {
		alerted[alerts[i].Time.Format(time.DateOnly)]++
	}
	for d := from; d <= to; d++ {
		pr.Days = append(pr.Days, PrevalenceDay{
			Day: day(d), Devices: hosts[d-from], Records: records[d], Outcomes: byOutcome[d].document(), Alerts: alerted[day(d)],
		})
	}
}

// document is the counts that are not zero, by the name of the outcome.
func (o *outcomes) document() map[string]int64 {
	named := map[string]int64{}
	if o == nil {
		return named
	}
	for i, n := range o {
		if n > 0 {
			named[cmp.Or(schema.Outcome(i).String(), "none")] = n
		}
	}
	return named
}

// chartDays is the days of the chart: those of the window, cut to where there are
// sightings when the window is unreasonably wide (all of time, say).
func (v *view) chartDays() (from, to int32) {
	from, to = v.window.fromDay, v.window.toDay
	const most = 400
	if to-from < most {
		return from, to
	}
	first, last := int32(0), int32(-1)
	for i := range v.rows {
		r := &v.rows[i]
		if r.Roles == entity.RoleMentioned {
			continue // may be a version number, years away
		}
		if last < first {
			first, last = firstDay(r), lastDay(r)
		} else {
			first, last = min(first, firstDay(r)), max(last, lastDay(r))
		}
	}
	return max(from, first), min(to, last)
}

// holderList says by claims which devices held the address: those of one device with no
// more than their reach between them are one stay.
func (v *view) holderList(claims []store.Claim) []Holder {
	type stay struct {
		Holder
		last     schema.Ticks
		evidence map[string]bool
	}
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b store.Claim) int { return cmp.Compare(a.First, b.First) })
	open := map[string]*stay{}
	var stays []*stay
	for i := range claims {
		c := &claims[i]
		id := c.DeviceID
		if to, ok := v.aliases[id]; ok {
			id = to
		}
		s, ok := open[id+"\x00"+c.Site]
		if !ok || c.First-s.last > 2*device.ClaimReach {
			s = &stay{Holder: Holder{DeviceName: c.Device, DeviceID: id, Site: c.Site, First: c.First.Time()}, evidence: map[string]bool{}}
			open[id+"\x00"+c.Site] = s
			stays = append(stays, s)
		}
		if len(c.Device) > len(s.DeviceName) {
			s.DeviceName = c.Device
		}
		s.last = max(s.last, c.Last)
		s.evidence[c.Evidence] = true
		s.Records += c.Records
	}
	out := make([]Holder, 0, len(stays))
	for _, s := range stays {
		s.Last = s.last.Time()
		for kind := range s.evidence {
			s.Evidence = append(s.Evidence, kind)
		}
		slices.Sort(s.Evidence)
		out = append(out, s.Holder)
	}
	slices.SortFunc(out, func(a, b Holder) int {
		return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.DeviceName, b.DeviceName))
	})
	return out
}

// named reports whether the ledger leaves it open that an alert names the entity, so
// that a page without alerts reads no event.
func (v *view) named() bool {
	return v.roles.Has(entity.RoleEvidence) || v.seen && !v.ofAddresses()
}

// clock is the moment a number was computed at.
func clock(now func() time.Time) *time.Time {
	t := now().UTC()
	return &t
}
