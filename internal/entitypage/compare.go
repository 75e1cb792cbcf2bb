package entitypage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
)

// Comparison sets a page beside another: the same entity in another period, or another
// entity. A is the page itself, B the other.
type Comparison struct {
	A     Side                  `json:"a"`
	B     Side                  `json:"b"`
	Lists map[string]Difference `json:"lists" doc:"devices, peers, sources (source kinds), holders of an address (records: claims), and addresses of a page of many that tells them apart"`
}

// Side is one of the two.
type Side struct {
	ID         string          `json:"id"`
	From       time.Time       `json:"from"`
	To         time.Time       `json:"to"`
	SourceKind string          `json:"sourceKind"`
	Records    int64           `json:"records" doc:"of that source kind"`
	Days       []PrevalenceDay `json:"days"`
	Query      string          `json:"query"`
}

// Difference is what one side has and the other has not.
type Difference struct {
	New     int64       `json:"new" doc:"in A alone"`
	Gone    int64       `json:"gone" doc:"in B alone"`
	Changed int64       `json:"changed" doc:"in both, with another number of records, another score, or only one of them a contact"`
	Same    int64       `json:"same"`
	Items   []Differing `json:"items" doc:"new, gone and changed ones, most records first; 1,000 at most"`
	// SameNames tell the same from what stands on neither side.
	SameNames []string `json:"sameNames,omitempty" doc:"the same, by their names, most records first; 1,000 at most"`
}

// Differing is one of a list, a device or a peer say, that is not the same in both sides.
type Differing struct {
	Name       string  `json:"name" doc:"of what is compared: a device, an address, a port …; of several parts with spaces between"`
	State      string  `json:"state" enum:"new,gone,changed"`
	A          int64   `json:"a" doc:"records"`
	B          int64   `json:"b"`
	ContactedA bool    `json:"contactedA"`
	ContactedB bool    `json:"contactedB"`
	ScoreA     float64 `json:"scoreA,omitempty" doc:"of pairs of addresses the beacon score, to three digits"`
	ScoreB     float64 `json:"scoreB,omitempty"`
}

// comparisonLimit bounds the items of a difference, and the names of the same.
const comparisonLimit = 1000

// Compare sets two pages side by side. A zero other asks for the equal period that ends
// where the first one begins.
func (p *Pages) Compare(ctx context.Context, req, other Request) (*Comparison, error) {
	a, err := p.side(ctx, req)
	if err != nil {
		return nil, err
	}
	b, err := p.side(ctx, beside(req, other, a.From, a.To))
	if err != nil {
		return nil, err
	}
	lists := map[string]Difference{}
	for name, list := range a.lists {
		lists[name] = difference(list, b.lists[name])
	}
	return &Comparison{a.Side, b.Side, lists}, nil
}

// beside is the page to compare with one of a period.
func beside(req, other Request, from, to time.Time) Request {
	switch {
	case !other.From.IsZero() || !other.To.IsZero():
	case other.ID == req.ID:
		other.From, other.To = from.Add(from.Sub(to)), from
	default:
		other.From, other.To = from, to
	}
	return other
}

// side is a page's numbers with all that its lists hold, by their names.
type side struct {
	Side
	lists map[string]map[string]compared
}

// compared is one of a list in one side.
type compared struct {
	records   int64
	contacted bool
	score     float64
}

func (p *Pages) side(ctx context.Context, req Request) (*side, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	tallies := v.devices()
	var pr Prevalence
	v.prevalence(&pr, tallies, nil)
	devices, peers, sources := map[string]compared{}, map[string]compared{}, map[string]compared{}
	s := &side{lists: map[string]map[string]compared{"devices": devices, "peers": peers, "sources": sources}}
	r := v.window.document()
	s.Side = Side{ID: req.ID.Value, From: r.From, To: r.To, SourceKind: pr.SourceKind, Days: pr.Days, Query: pr.Query}
	_, s.Records = v.kinds().main(v.countedAs())
	for _, t := range tallies {
		_, records := t.kinds.main(v.countedAs())
		same := devices[t.called()] // at another site
		devices[t.called()] = compared{records: same.records + records, contacted: same.contacted || t.contacted}
	}
	for _, k := range v.kinds() {
		sources[k.kind] = compared{records: k.records}
	}
	for _, item := range v.peerList(List{}).Items {
		peers[item.Address] = compared{records: item.Records, contacted: item.Contacted}
	}
	if req.ID.Kind == entity.IP {
		holders := map[string]compared{}
		for _, h := range v.holderList(v.claims) {
			holders[h.DeviceName] = compared{records: holders[h.DeviceName].records + h.Records}
		}
		s.lists["holders"] = holders
	}
	if v.among != nil && !v.wide() {
		addresses := map[string]compared{}
		for _, t := range v.among.tallies {
			_, records := t.kinds.main(entity.IP)
			addresses[t.addr.String()] = compared{records: records, contacted: t.outcome.Contact()}
		}
		s.lists["addresses"] = addresses
	}
	return s, nil
}

func difference(a, b map[string]compared) Difference {
	d := Difference{Items: []Differing{}}
	for name, x := range a {
		y, both := b[name]
		item := Differing{
			Name: name, State: "new", A: x.records, B: y.records, ContactedA: x.contacted, ContactedB: y.contacted, ScoreA: x.score, ScoreB: y.score,
		}
		switch {
		case !both:
			d.New++
		case x != y:
			item.State = "changed"
			d.Changed++
		default:
			d.Same++
			d.SameNames = append(d.SameNames, name)
			continue
		}
		d.Items = append(d.Items, item)
	}
	for name, y := range b {
		if _, both := a[name]; !both {
			d.Gone++
			d.Items = append(d.Items, Differing{Name: name, State: "gone", B: y.records, ContactedB: y.contacted, ScoreB: y.score})
		}
	}
	slices.SortFunc(d.Items, func(x, y Differing) int {
		return cmp.Or(cmp.Compare(max(y.A, y.B), max(x.A, x.B)), strings.Compare(x.Name, y.Name))
	})
	slices.SortFunc(d.SameNames, func(x, y string) int {
		return cmp.Or(cmp.Compare(a[y].records, a[x].records), strings.Compare(x, y))
	})
	d.Items = d.Items[:min(len(d.Items), comparisonLimit)]
	d.SameNames = d.SameNames[:min(len(d.SameNames), comparisonLimit)]
	return d
}
