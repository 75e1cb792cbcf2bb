package timeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Facets is what the records of a timeline add up to.
type Facets struct {
	Total int64 `json:"total" doc:"records that the filter keeps"`
	// First and Last are the outermost of them.
	First *time.Time `json:"first,omitempty"`
	Last  *time.Time `json:"last,omitempty"`

	Roles       []FacetCount `json:"roles" doc:"a record counts for each of its roles"`
	Outcomes    []FacetCount `json:"outcomes"`
	SourceKinds []FacetCount `json:"sourceKinds"`
	Tables      []FacetCount `json:"tables"`
	Devices     []FacetCount `json:"devices" doc:"those with most records"`
	DeviceTotal int          `json:"deviceTotal" doc:"all devices, those that are not listed too"`

	Histogram Histogram `json:"histogram"`
	Counted   string    `json:"counted" enum:"ledger,rows" doc:"where the numbers are from: the ledger, which is kept for ever, or the rows, because a text was searched for"`
}

// FacetCount is how many records have a value, of those that the rest of the filter
// keeps.
type FacetCount struct {
	Value   string `json:"value"`
	Records int64  `json:"records"`
}

// Histogram is records by time.
type Histogram struct {
	Seconds int64    `json:"seconds" doc:"length of a bucket"`
	Buckets []Bucket `json:"buckets" doc:"those with records, ascending"`
}

// Bucket is the records of a length of time.
type Bucket struct {
	Start   time.Time `json:"start"`
	Records int64     `json:"records"`
	Contact int64     `json:"contact" doc:"those whose outcome was established or permitted"`
	Stopped int64     `json:"stopped" doc:"those that were refused, unanswered or blocked"`
	Alerts  int64     `json:"alerts" doc:"those of kinds that make alerts"`
}

// facet is a part of the filter.
type facet uint8

const (
	facetNone facet = iota
	facetRole
	facetOutcome
	facetKind
	facetTable
	facets // how many there are
)

// maxDevices bounds the devices of a facet.
const maxDevices = 100

// Facets adds the records of a timeline up.
func (t *Timelines) Facets(ctx context.Context, req Request) (*Facets, error) {
	whole := req
	whole.Filter = Filter{Text: req.Text, In: req.In, AlertsOnly: req.AlertsOnly}
	v, err := t.view(ctx, whole)
	if err != nil {
		return nil, err
	}
	out := &Facets{Counted: "ledger"}
	if req.Text != "" {
		out.Counted = "rows"
	}
	byDay, byDevice, err := v.counted(ctx, req.Devices)
	if err != nil {
		return nil, err
	}
	v.req, v.tallies = req, byDay
	keep, err := v.keeps(ctx)
	if err != nil {
		return nil, err
	}
	alerts, err := t.alertKinds(ctx)
	if err != nil {
		return nil, err
	}
	v.count(out, keep)
	v.countDevices(out, byDevice, keep)
	out.Histogram, err = v.histogram(ctx, keep, alerts)
	return out, err
}

// count fills the facets from the tallies, but for devices.
func (v *view) count(out *Facets, keep func(*store.Tally, facet) bool) {
	counts := [facets]map[string]int64{}
	for f := range counts {
		counts[f] = map[string]int64{}
	}
	first, last := schema.MaxTicks, schema.Ticks(0)
	for i := range v.tallies {
		t := &v.tallies[i]
		again := v.again(t)
		if keep(t, facetNone) && !again {
			out.Total += t.Records
			first, last = min(first, t.First), max(last, t.Last)
		}
		if keep(t, facetRole) {
			for _, r := range t.Roles.Names() {
				counts[facetRole][r] += t.Records
			}
		}
		for f, value := range map[facet]string{facetOutcome: outcomeWord(t.Outcome), facetKind: t.SourceKind, facetTable: t.Table} {
			if keep(t, f) && !again {
				counts[f][value] += t.Records
			}
		}
	}
	if out.Total > 0 {
		a, b := first.Time(), last.Time()
		out.First, out.Last = &a, &b
	}
	out.Roles, out.Outcomes = facetCounts(counts[facetRole]), facetCounts(counts[facetOutcome])
	out.SourceKinds, out.Tables = facetCounts(counts[facetKind]), facetCounts(counts[facetTable])
}

// countDevices fills the facet of devices from the tallies of each.
func (v *view) countDevices(out *Facets, byDevice []store.Tally, keep func(*store.Tally, facet) bool) {
	counts := map[string]int64{}
	for i := range byDevice {
		if t := &byDevice[i]; keep(t, facetNone) && !v.again(t) {
			counts[t.Device] += t.Records
		}
	}
	devices := facetCounts(counts)
	out.Devices, out.DeviceTotal = devices[:min(len(devices), maxDevices)], len(devices)
}

func facetCounts(counts map[string]int64) []FacetCount {
	out := make([]FacetCount, 0, len(counts))
	for value, n := range counts {
		out = append(out, FacetCount{value, n})
	}
	slices.SortFunc(out, func(a, b FacetCount) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// counted is the tallies of exactly the period, and of the rows with the text searched
// for: by day, of some devices (none: all), and by device, of all days and devices. Where
// the ledger cannot tell, the rows are counted.
func (v *view) counted(ctx context.Context, devices []string) (byDay, byDevice []store.Tally, err error) {
	known, rows := v.byLedger()
	if known.from <= known.to {
		if byDevice, err = v.tally(ctx, store.TallyQuery{AnyDay: true}, known); err != nil {
			return nil, nil, err
		}
		byDay = slices.DeleteFunc(slices.Clone(v.tallies), func(t store.Tally) bool { return !known.touches(&t) })
		if len(devices) > 0 {
			if byDay, err = v.tally(ctx, store.TallyQuery{Devices: devices, AnyDevice: true}, known); err != nil {
				return nil, nil, err
			}
		}
	}
	for _, s := range rows {
		counted, err := v.countRows(ctx, s, 24*time.Hour)
		if err != nil {
			return nil, nil, err
		}
		byDevice = append(byDevice, counted...)
		byDay = append(byDay, slices.DeleteFunc(counted, func(t store.Tally) bool { return !in(devices, t.Device) })...)
	}
	return byDay, byDevice, nil
}

// byLedger splits the period into what the ledger can tell and where rows must be counted:
// all of it when a text is searched for, else the days that lie only in part in the period,
// where that makes a difference.
func (v *view) byLedger() (known span, rows []span) {
	known = v.period()
	if v.req.Text != "" {
		return span{0, -1}, []span{known}
	}
	if slices.ContainsFunc(v.tallies, func(t store.Tally) bool { return t.First < v.from }) {
		known.from = schema.DayStart(known.from.Day() + 1)
		rows = append(rows, v.period().and(span{0, known.from - 1}))
	}
	if known.from <= known.to && slices.ContainsFunc(v.tallies, func(t store.Tally) bool { return t.Last >= v.to }) {
		known.to = schema.DayStart(known.to.Day()) - 1
		rows = append(rows, span{known.to + 1, v.to - 1})
	}
	return known, rows
}

// countRows tallies the rows of a span by buckets of a length that divides the day, or by days.
func (v *view) countRows(ctx context.Context, s span, bucket time.Duration) ([]store.Tally, error) {
	if err := v.learn(ctx, s); err != nil {
		return nil, err
	}
	var out []store.Tally
	for _, table := range v.tables(s) {
		for _, p := range v.parts(table, s) {
			counted, err := v.countPart(ctx, p, bucket)
			if err != nil {
				return nil, fmt.Errorf("count the timeline in %s: %w", table, err)
			}
			out = append(out, counted...)
		}
	}
	return out, nil
}

func (v *view) countPart(ctx context.Context, p part, bucket time.Duration) ([]store.Tally, error) {
	t := p.table
	device := deviceColumn(t)
	if device == "" {
		device = `""`
	}
	roles, opened := roleColumns(v.about(), t, p.assigned)
	q := p.rows + fmt.Sprintf(`
| extend %[1]s = %[2]s, %[3]s = %[4]s
| summarize Records = count(), First = min(%[5]s), Last = max(%[5]s) by _SourceKind, _Site, Device = tolower(%[6]s), _Outcome, %[1]s, %[3]s, Bucket = bin(%[5]s, %[7]ds)`,
		rolesColumn, roles, inboundColumn, opened, t.Time, device, int64(bucket.Seconds()))
	var out []store.Tally
	err := v.KQL(ctx, q, func(row []any) {
		said, _ := row[4].(int64)
		opened, _ := row[5].(bool)
		at, _ := row[6].(schema.Ticks)
		n, _ := row[7].(int64)
		first, _ := row[8].(schema.Ticks)
		last, _ := row[9].(schema.Ticks)
		c := store.Tally{
			SourceKind: text(row[0]), Site: text(row[1]), Device: entity.CanonicalDevice(text(row[2])), Table: t.Name,
			Day: at.Day(), Records: n, First: first, Last: last,
		}
		c.Outcome = outcomeOf(text(row[3]))
		r := v.reporter(t.Name, c.SourceKind, c.Site, c.Device, c.Day, c.Outcome)
		c.Device, c.Roles = r.device, v.roles(r, entity.Roles(said), opened)
		out = append(out, c)
	})
	return out, err
}

// fine is the longest timeline whose histogram is finer than days.
const fine = 4

// histogram is the records by day or, of a few days, by a part of one.
func (v *view) histogram(ctx context.Context, keep func(*store.Tally, facet) bool, alerts map[string]bool) (Histogram, error) {
	tallies := slices.DeleteFunc(slices.Clone(v.tallies), func(t store.Tally) bool { return !keep(&t, facetNone) || v.again(&t) })
	h := Histogram{Seconds: 86400, Buckets: []Bucket{}}
	if len(tallies) == 0 {
		return h, nil
	}
	first, last := schema.MaxTicks, schema.Ticks(0)
	for i := range tallies {
		first, last = min(first, tallies[i].First), max(last, tallies[i].Last)
	}
	if last-first < fine*schema.TicksPerDay {
		bucket := fineBucket(time.Duration((last - first) * 100))
		h.Seconds = int64(bucket.Seconds())
		v.tallies = tallies
		var err error
		if tallies, err = v.countRows(ctx, v.period(), bucket); err != nil {
			return h, err
		}
		tallies = slices.DeleteFunc(tallies, func(t store.Tally) bool { return !keep(&t, facetNone) || !in(v.req.Devices, t.Device) })
	}
	buckets := map[int64]*Bucket{}
	for i := range tallies {
		t := &tallies[i]
		start := t.First.Time().Truncate(time.Duration(h.Seconds) * time.Second)
		b, ok := buckets[start.Unix()]
		if !ok {
			b = &Bucket{Start: start}
			buckets[start.Unix()] = b
		}
		b.add(t, alerts[t.SourceKind])
	}
	for _, b := range buckets {
		h.Buckets = append(h.Buckets, *b)
	}
	slices.SortFunc(h.Buckets, func(a, b Bucket) int { return a.Start.Compare(b.Start) })
	return h, nil
}

func (b *Bucket) add(t *store.Tally, alert bool) {
	b.Records += t.Records
	switch {
	case t.Outcome.Contact():
		b.Contact += t.Records
	case t.Outcome == schema.OutcomeRefused || t.Outcome == schema.OutcomeUnanswered || t.Outcome == schema.OutcomeBlocked:
		b.Stopped += t.Records
	}
	if alert {
		b.Alerts += t.Records
	}
}

// fineBucket cuts a length of time into some 60 to 240 parts of a round length.
func fineBucket(length time.Duration) time.Duration {
	for _, b := range []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute} {
		if length/b <= 240 {
			return b
		}
	}
	return time.Hour
}
