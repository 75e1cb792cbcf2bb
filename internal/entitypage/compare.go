package entitypage

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Comparison sets a page beside another: the same entity in another period, or another
// entity. A is the page itself, B the other.
type Comparison struct {
	A       Side       `json:"a"`
	B       Side       `json:"b"`
	Devices Difference `json:"devices"`
	Peers   Difference `json:"peers"`
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
	Changed int64       `json:"changed" doc:"in both, with another number of records or only one of them a contact"`
	Same    int64       `json:"same"`
	Items   []Differing `json:"items" doc:"new, gone and changed ones, most records first; 200 at most"`
}

// Differing is one device or peer in both sides.
type Differing struct {
	Name       string `json:"name" doc:"of the device, or the address"`
	State      string `json:"state" enum:"new,gone,changed,same"`
	A          int64  `json:"a" doc:"records"`
	B          int64  `json:"b"`
	ContactedA bool   `json:"contactedA"`
	ContactedB bool   `json:"contactedB"`
}

// comparisonLimit bounds the items of a difference.
const comparisonLimit = 200

// Compare sets two pages side by side. A zero other asks for the equal period that ends
// where the first one begins.
func (p *Pages) Compare(ctx context.Context, req, other Request) (*Comparison, error) {
	a, err := p.side(ctx, req)
	if err != nil {
		return nil, err
	}
	if other.From.IsZero() && other.To.IsZero() {
		if other.ID == req.ID {
			length := a.From.Sub(a.To)
			other.From, other.To = a.From.Add(length), a.From
		} else {
			other.From, other.To = a.From, a.To
		}
	}
	b, err := p.side(ctx, other)
	if err != nil {
		return nil, err
	}
	return &Comparison{A: a.Side, B: b.Side, Devices: difference(a.devices, b.devices), Peers: difference(a.peers, b.peers)}, nil
}

// side is a page's numbers with all its devices and peers.
type side struct {
	Side
	devices, peers map[string]compared
}

type compared struct {
	records   int64
	contacted bool
}

func (p *Pages) side(ctx context.Context, req Request) (*side, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	tallies := v.devices()
	var pr Prevalence
	v.prevalence(&pr, tallies, nil)
	s := &side{devices: map[string]compared{}, peers: map[string]compared{}}
	r := v.window.document()
	s.Side = Side{ID: req.ID.Value, From: r.From, To: r.To, SourceKind: pr.SourceKind, Days: pr.Days, Query: pr.Query}
	_, s.Records = v.kinds().main(v.countedAs())
	for _, t := range tallies {
		_, records := t.kinds.main(v.countedAs())
		s.devices[cmp.Or(t.id.Name, t.address)] = compared{records, t.contacted}
	}
	for _, item := range v.peerList(List{}).Items {
		s.peers[item.Address] = compared{item.Records, item.Contacted}
	}
	return s, nil
}

func difference(a, b map[string]compared) Difference {
	d := Difference{Items: []Differing{}}
	for name, x := range a {
		y, both := b[name]
		item := Differing{Name: name, State: "new", A: x.records, B: y.records, ContactedA: x.contacted, ContactedB: y.contacted}
		switch {
		case !both:
			d.New++
		case x != y:
			item.State = "changed"
			d.Changed++
		default:
			d.Same++
			continue
		}
		d.Items = append(d.Items, item)
	}
	for name, y := range b {
		if _, both := a[name]; !both {
			d.Gone++
			d.Items = append(d.Items, Differing{Name: name, State: "gone", B: y.records, ContactedB: y.contacted})
		}
	}
	slices.SortFunc(d.Items, func(x, y Differing) int {
		return cmp.Or(cmp.Compare(max(y.A, y.B), max(x.A, x.B)), strings.Compare(x.Name, y.Name))
	})
	d.Items = d.Items[:min(len(d.Items), comparisonLimit)]
	return d
}
