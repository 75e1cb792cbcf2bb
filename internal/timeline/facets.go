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
	facetDevice
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
	if v.tallies, err = v.counted(ctx); err != nil {
		return nil, err
	}
	if req.Text != "" {
		out.Counted = "rows"
	}
	v.req = req
	keep, err := v.keeps(ctx)
	if err != nil {
		return nil, err
	}
	alerts, err := t.alertKinds(ctx)
	if err != nil {
		return nil, err
	}
	v.count(out, keep)
	out.Histogram, err = v.histogram(ctx, keep, alerts)
	return out, err
}

// count fills the facets from the tallies.
func (v *view) count(out *Facets, keep func(*store.Tally, facet) bool) {
	counts := [facetDevice + 1]map[string]int64{}
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
		for f, value := range map[facet]string{
			facetOutcome: outcomeWord(t.Outcome), facetKind: t.SourceKind, facetTable: t.Table, facetDevice: t.Device,
		} {
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
	devices := facetCounts(counts[facetDevice])
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
// for: where the ledger cannot tell, the rows are counted.
func (v *view) counted(ctx context.Context) ([]store.Tally, error) {
	var out []store.Tally
	spans := map[span]bool{}
	for i := range v.tallies {
		t := &v.tallies[i]
		switch {
		case v.req.Text != "":
			spans[v.whole()] = true
		case t.First < v.from || t.Last >= v.to:
			spans[span{t.Day, t.Day}] = true
		}
	}
	for i := range v.tallies {
		if t := &v.tallies[i]; v.req.Text == "" && !spans[span{t.Day, t.Day}] {
			out = append(out, *t)
		}
	}
	for s := range spans {
		for _, table := range v.tables(s) {
			counted, err := v.countRows(ctx, table, s, 0)
			if err != nil {
				return nil, err
			}
			out = append(out, counted...)
		}
	}
	return out, nil
}

// whole is the days of all tallies.
func (v *view) whole() span {
	s := span{v.tallies[0].Day, v.tallies[0].Day}
	for i := range v.tallies {
		s.from, s.to = min(s.from, v.tallies[i].Day), max(s.to, v.tallies[i].Day)
	}
	return s
}

// countRows tallies the rows of a table in a span, by the length of a bucket, or by days
// when that is 0. The day of a tally then is that of its bucket.
func (v *view) countRows(ctx context.Context, table string, s span, bucket time.Duration) ([]store.Tally, error) {
	p := v.part(table, s)
	t := p.table
	device := deviceColumn(t)
	if device == "" {
		device = `""`
	}
	if bucket == 0 {
		bucket = 24 * time.Hour
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
			SourceKind: text(row[0]), Site: text(row[1]), Device: entity.CanonicalDevice(text(row[2])), Table: table,
			Day: at.Day(), Records: n, First: first, Last: last,
		}
		c.Outcome = outcomeOf(text(row[3]))
		r := v.reporter(table, c.SourceKind, c.Site, c.Device, c.Day, c.Outcome)
		c.Device, c.Roles = r.device, v.roles(r, entity.Roles(said), opened)
		out = append(out, c)
	})
	if err != nil {
		return nil, fmt.Errorf("count the timeline in %s: %w", table, err)
	}
	return out, nil
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
		s := v.whole()
		tallies = nil
		for _, table := range v.tables(s) {
			counted, err := v.countRows(ctx, table, s, bucket)
			if err != nil {
				return h, err
			}
			tallies = append(tallies, slices.DeleteFunc(counted, func(t store.Tally) bool { return !keep(&t, facetNone) })...)
		}
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
