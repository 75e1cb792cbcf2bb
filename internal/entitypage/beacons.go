package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"spoor/internal/beacon"
	"spoor/internal/entity"
	"spoor/internal/schema"
)

// BeaconList is the pairs of addresses in the entity's records by how much their talk
// looks like a machine that calls home, the most so first.
type BeaconList struct {
	Range      Range    `json:"range"`
	SourceKind string   `json:"sourceKind" doc:"the kind whose records were scored: of those that record connections, the one with most"`
	MinRecords int64    `json:"minRecords" doc:"a pair with fewer records is not scored"`
	Total      int64    `json:"total" doc:"pairs scored; one whose records mostly come at one moment has no interval to score"`
	NotScored  int64    `json:"notScored" doc:"pairs left out, because all of them have more records than one page reads"`
	Items      []Beacon `json:"items"`
	Query      string   `json:"query" doc:"KQL that gives records and median gap of every pair"`
}

// Beacon is the score of one pair. Scores and their terms lie between 0 and 1. A high
// one is no verdict: time servers and monitoring have it too.
type Beacon struct {
	Rank    int64      `json:"rank"`
	Local   string     `json:"local"`
	Remote  string     `json:"remote"`
	Device  string     `json:"device,omitempty" doc:"who held the local address at the last record"`
	Site    string     `json:"site"`
	Records int64      `json:"records"`
	First   time.Time  `json:"first"`
	Last    time.Time  `json:"last"`
	From    time.Time  `json:"from" doc:"the period of span and hours begins: in it the site's records of this kind lie"`
	To      time.Time  `json:"to" doc:"its end"`
	Score   float64    `json:"score" doc:"the mean of the terms"`
	Gaps    Regularity `json:"intervalRegularity" doc:"of the seconds from one record to the next"`
	// Sizes is null where the source does not count bytes; the score is then the mean of
	// the other three.
	Sizes *Regularity `json:"sizeRegularity" doc:"of the bytes that the local side sent; null: the source does not count them"`
	Span  float64     `json:"span" doc:"share of the period between the first and the last record"`
	Hours float64     `json:"hours" doc:"share of the period's clock hours with a record"`
	Query string      `json:"query" doc:"KQL that lists the pair's records with their gaps"`

	CompareAs string `json:"compareAs" doc:"what a comparison calls it"`
}

// Regularity is how little numbers scatter.
type Regularity struct {
	Value     float64 `json:"value" doc:"the mean of symmetry and closeness"`
	Symmetry  float64 `json:"symmetry" doc:"1 less the amount of the quartile skew"`
	Closeness float64 `json:"closeness" doc:"1 less the median deviation as a share of the median, at least 0"`
	Q1        float64 `json:"q1"`
	Median    float64 `json:"median"`
	Q3        float64 `json:"q3"`
	Deviation float64 `json:"deviation" doc:"the median distance from the median"`
}

// BeaconDetail is a pair with what its score is made of.
type BeaconDetail struct {
	Beacon     Beacon       `json:"beacon"`
	Histogram  []GapBin     `json:"histogram" doc:"gaps by length; the last bin is open"`
	ActiveHour []ActiveHour `json:"activeHours" doc:"clock hours with records, UTC"`
}

// GapBin counts gaps by their length in seconds, to exclusive.
type GapBin struct {
	From float64 `json:"from"`
	To   float64 `json:"to"`
	Gaps int64   `json:"gaps"`
}

// ActiveHour counts the records of one clock hour.
type ActiveHour struct {
	Hour    time.Time `json:"hour"`
	Records int64     `json:"records"`
}

// BeaconPair names a pair.
type BeaconPair struct{ Site, Local, Remote string }

// beaconBudget is how many records are read to score the pairs of a page.
const beaconBudget = 1_000_000

// Beacons gives a page of the pairs by score.
func (p *Pages) Beacons(ctx context.Context, req Request, list List) (BeaconList, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return BeaconList{}, err
	}
	scores, err := p.scores(ctx, v)
	if err != nil {
		return BeaconList{}, err
	}
	out := BeaconList{
		Range: v.window.document(), SourceKind: scores.kind, MinRecords: beacon.MinRecords, NotScored: scores.left,
		Items: []Beacon{}, Query: v.beaconsQuery(scores.kind),
	}
	for _, s := range scores.pairs {
		if !list.keeps(s.Local, s.Remote, s.Device) {
			continue
		}
		if at := int(out.Total) - list.Offset; at >= 0 && (list.Limit <= 0 || at < list.Limit) {
			s.Query = v.beaconQuery(scores.kind, s.BeaconPair())
			out.Items = append(out.Items, s)
		}
		out.Total++
	}
	return out, nil
}

// BeaconDetail scores one pair and shows its gaps and hours. ok is false when the pair
// has too few records in the window, or no interval between them.
func (p *Pages) BeaconDetail(ctx context.Context, req Request, pair BeaconPair) (d BeaconDetail, ok bool, err error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return d, false, err
	}
	kind, _ := v.kinds().main(entity.IP)
	found, err := v.pairs(ctx, kind, pair.condition())
	if err != nil {
		return d, false, err
	}
	for key, t := range found {
		if key.site != pair.Site {
			continue
		}
		if d.Beacon, ok, err = p.score(ctx, v, kind, key, t); err != nil || !ok {
			return d, false, err
		}
		d.Beacon.Query = v.beaconQuery(kind, pair)
		for _, b := range beacon.Histogram(beacon.Gaps(t.records)) {
			d.Histogram = append(d.Histogram, GapBin(b))
		}
		for _, h := range beacon.Hours(t.records) {
			d.ActiveHour = append(d.ActiveHour, ActiveHour(h))
		}
		return d, true, nil
	}
	return d, false, nil
}

// BeaconPair is which pair it is.
func (b *Beacon) BeaconPair() BeaconPair { return BeaconPair{b.Site, b.Local, b.Remote} }

// pairScores is the scored pairs of a page, sorted; left are those not scored.
type pairScores struct {
	kind  string
	pairs []Beacon
	left  int64
}

// scores scores the pairs of a view, or gives the scores that are kept.
func (p *Pages) scores(ctx context.Context, v *view) (pairScores, error) {
	return keepRecent(p, v.question("beacons"), func() (pairScores, error) {
		kind, _ := v.kinds().main(entity.IP)
		peers, left := v.peersWith(kind, beacon.MinRecords, beaconBudget)
		s := pairScores{kind: kind, left: int64(left)}
		if len(peers) == 0 {
			return s, nil
		}
		among := literals(peers)
		found, err := v.pairs(ctx, kind, fmt.Sprintf("(LocalIP in (%s) or RemoteIP in (%s))", among, among))
		if err != nil {
			return s, err
		}
		for key, t := range found {
			b, ok, err := p.score(ctx, v, kind, key, t)
			if err != nil {
				return s, err
			}
			if ok {
				s.pairs = append(s.pairs, b)
			}
		}
		slices.SortFunc(s.pairs, func(a, b Beacon) int {
			return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Records, a.Records),
				cmp.Compare(a.Remote, b.Remote), cmp.Compare(a.Local, b.Local), cmp.Compare(a.Site, b.Site))
		})
		for i := range s.pairs {
			s.pairs[i].Rank = int64(i + 1)
		}
		return s, nil
	})
}

// pairRecords is the records between two addresses, either of which may have opened.
type pairRecords struct {
	records []beacon.Record // Sent: of the first end
	other   []int64         // what the second end sent
	local   [2]int          // records whose local end, as stored, is the first or the second
	opened  [2]int          // those of them that it opened
}

func (t *pairRecords) add(second, opened bool) {
	end := 0
	if second {
		end = 1
	}
	t.local[end]++
	if opened {
		t.opened[end]++
	}
}

// secondIsLocal says of which end the records are, as they are stored. Of two own hosts each
// calls its own side local: the one that opened more stands.
func (t *pairRecords) secondIsLocal() bool {
	return cmp.Or(t.opened[1]-t.opened[0], t.local[1]-t.local[0]) > 0
}

// pairs reads the records of every pair under a condition on the events. In the keys,
// the first end is the lesser text.
func (v *view) pairs(ctx context.Context, kind, condition string) (map[endpoints]*pairRecords, error) {
	found := map[endpoints]*pairRecords{}
	condition += fmt.Sprintf(" and %s == %s", schema.ColSourceKind, quote(kind))
	flows, out, in := v.flowsWhere(condition), clientBytes, serverBytes
	if isFromHost(kind) {
		flows, out, in = v.hostFlows(condition), "long(null)", "long(null)"
	}
	query := flows + fmt.Sprintf("\n| project Timestamp, Site, Client, Server, LocalIP, ClientBytes = %s, ServerBytes = %s", out, in)
	err := v.kql(ctx, query, func(row []any) {
		key := endpoints{site: text(row[1]), client: text(row[2]), server: text(row[3])}
		sent, received := number(row[5]), number(row[6])
		if pair := key.pair(); pair != key {
			key, sent, received = pair, received, sent
		}
		t, ok := found[key]
		if !ok {
			t = &pairRecords{}
			found[key] = t
		}
		t.records = append(t.records, beacon.Record{Time: ticks(row[0]).Time(), Sent: sent})
		t.other = append(t.other, received)
		t.add(text(row[4]) == key.server, row[4] == row[2])
	})
	return found, err
}

// score scores a pair; ok is false when it has too few records, or most at one moment.
func (p *Pages) score(ctx context.Context, v *view, kind string, key endpoints, t *pairRecords) (Beacon, bool, error) {
	if len(t.records) < beacon.MinRecords {
		return Beacon{}, false, nil
	}
	period, err := p.observed(ctx, v, kind, key.site)
	if err != nil {
		return Beacon{}, false, err
	}
	latest := slices.MaxFunc(t.records, func(a, b beacon.Record) int { return a.Time.Compare(b.Time) }).Time
	b := Beacon{Site: key.site, Records: int64(len(t.records)), Last: latest, From: period.From, To: period.To}
	b.Local = v.localEnd(key, key.side(t.secondIsLocal()), schema.TicksOf(latest))
	if b.Remote = key.client; b.Local == key.client {
		b.Remote = key.server
	} else {
		for i := range t.records {
			t.records[i].Sent = t.other[i]
		}
	}
	slices.SortStableFunc(t.records, func(a, b beacon.Record) int { return a.Time.Compare(b.Time) })
	b.First, b.CompareAs = t.records[0].Time, v.pairName(b.BeaconPair())
	b.Device = v.whoHeld(key.site, b.Local, schema.TicksOf(latest))
	s, ok := beacon.Of(t.records, slices.Contains(sizedKinds, kind), period)
	b.Score, b.Gaps, b.Span, b.Hours = s.Total, Regularity(s.Interval), s.Span, s.Hours
	if s.Size != nil {
		size := Regularity(*s.Size)
		b.Sizes = &size
	}
	return b, ok, nil
}

// observed is the part of the window in which a site has records of a kind, of whatever
// address: the time in which a pair could have been seen.
func (p *Pages) observed(ctx context.Context, v *view, kind, site string) (beacon.Period, error) {
	type spans struct {
		kind           string
		fromDay, toDay int32
	}
	all, err := keep(p, spans{kind, v.window.fromDay, v.window.toDay}, func() (map[string]beacon.Period, error) {
		spans, err := p.Ledger.AddressSpans(ctx, kind, v.window.fromDay, v.window.toDay)
		bySite := make(map[string]beacon.Period, len(spans))
		for site, s := range spans {
			bySite[site] = beacon.Period{From: s.First.Time(), To: (s.Last + 1).Time()}
		}
		return bySite, err
	})
	period := all[site]
	if from := v.window.from.Time(); period.From.Before(from) {
		period.From = from
	}
	if to := v.window.to.Time(); period.To.After(to) {
		period.To = to
	}
	return period, err
}

func (pair BeaconPair) condition() string {
	a, b := quote(pair.Local), quote(pair.Remote)
	return fmt.Sprintf("((LocalIP == %s and RemoteIP == %s) or (LocalIP == %s and RemoteIP == %s))", a, b, b, a)
}

// beaconsQuery lists the pairs with the median of their gaps.
func (v *view) beaconsQuery(kind string) string {
	return v.flows() + fmt.Sprintf("\n| where Kind == %s", quote(kind)) + `
| sort by Site asc, LocalIP asc, RemoteIP asc, Timestamp asc
| extend Gap = iff(prev(Site) == Site and prev(LocalIP) == LocalIP and prev(RemoteIP) == RemoteIP, (Timestamp - prev(Timestamp)) / 1s, real(null))
| summarize Records = count(), MedianGap = percentile(Gap, 50), First = min(Timestamp), Last = max(Timestamp) by Site, LocalIP, RemoteIP
| where Records >= ` + fmt.Sprint(beacon.MinRecords) + ` and MedianGap > 0
| sort by Records desc`
}

// beaconQuery lists the records of a pair with their gaps and sizes.
func (v *view) beaconQuery(kind string, pair BeaconPair) string {
	return v.flowsWhere(pair.condition()) + fmt.Sprintf("\n| where Kind == %s and Site == %s", quote(kind), quote(pair.Site)) + `
| sort by Timestamp asc
| project Timestamp, Gap = (Timestamp - prev(Timestamp)) / 1s, Client, Server, Port, Protocol, Outcome, ClientBytes = ` + clientBytes + `, ServerBytes = ` + serverBytes
}

// sortedByCount lists texts by their counts, the highest first.
func sortedByCount(counts map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
}
