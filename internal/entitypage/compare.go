package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"spoor/internal/schema"
)

// Comparison sets a page beside another: the same entity in another period, or another
// entity. A is the page itself, B the other.
type Comparison struct {
	A       Side       `json:"a"`
	B       Side       `json:"b"`
	Devices Difference `json:"devices"`
	Peers   Difference `json:"peers"`
	Sources Difference `json:"sources" doc:"source kinds"`
}

// FlowComparison sets what the records of connections and names say of a page beside that
// of another.
type FlowComparison struct {
	Connections Difference `json:"connections" doc:"named by the other end and as ports are"`
	Ports       Difference `json:"ports" doc:"named as in \"443 Tcp, opened from inside\""`
	Processes   Difference `json:"processes" doc:"of the hosts that name them"`
	Names       Difference `json:"names" doc:"that the entity was known by in DNS, TLS and HTTP"`
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
	Items   []Differing `json:"items" doc:"new, gone and changed ones, most records first; 1,000 at most"`
}

// Differing is one device or peer in both sides.
type Differing struct {
	Name       string `json:"name" doc:"of what is compared: a device, an address, a port …"`
	State      string `json:"state" enum:"new,gone,changed,same"`
	A          int64  `json:"a" doc:"records"`
	B          int64  `json:"b"`
	ContactedA bool   `json:"contactedA"`
	ContactedB bool   `json:"contactedB"`
}

// comparisonLimit bounds the items of a difference.
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
	return &Comparison{
		A: a.Side, B: b.Side, Devices: difference(a.devices, b.devices), Peers: difference(a.peers, b.peers), Sources: difference(a.sources, b.sources),
	}, nil
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

// CompareFlows sets what the records of connections say of two pages side by side; other as
// for Compare.
func (p *Pages) CompareFlows(ctx context.Context, req, other Request) (*FlowComparison, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	w, err := p.resolved(ctx, beside(req, other, v.window.from.Time(), v.window.to.Time()))
	if err != nil {
		return nil, err
	}
	var a, b flowSide
	if err := together(
		func() (err error) { a, err = p.flowSide(ctx, v); return err },
		func() (err error) { b, err = p.flowSide(ctx, w); return err },
	); err != nil {
		return nil, err
	}
	between := func(a, b tallied) Difference { return difference(a.most(), b.most()) }
	return &FlowComparison{
		between(a.connections, b.connections), between(a.ports, b.ports), between(a.processes, b.processes), between(a.names, b.names),
	}, nil
}

type flowSide struct{ connections, ports, processes, names tallied }

// tallied is records by name and source kind. Kinds see the same, so that the one with most
// counts.
type tallied map[string]map[string]compared

func (t tallied) add(name, kind string, records int64, contacted bool) {
	if t[name] == nil {
		t[name] = map[string]compared{}
	}
	c := t[name][kind]
	t[name][kind] = compared{c.records + records, c.contacted || contacted}
}

func (t tallied) most() map[string]compared {
	out := make(map[string]compared, len(t))
	for name, kinds := range t {
		var all compared
		for _, c := range kinds {
			all = compared{max(all.records, c.records), all.contacted || c.contacted}
		}
		out[name] = all
	}
	return out
}

// flowSide adds up the connections, the processes that hosts name in them, and the names.
func (p *Pages) flowSide(ctx context.Context, v *view) (flowSide, error) {
	s := flowSide{tallied{}, tallied{}, tallied{}, tallied{}}
	err := together(
		func() error {
			all, err := p.connections(ctx, v)
			if err != nil {
				return err
			}
			for _, t := range all.lines {
				port := fmt.Sprintf("%d %s, opened from %s", t.port, t.protocol, map[string]string{"in": "outside", "out": "inside"}[t.direction()])
				contact := t.outcome == schema.OutcomeEstablished.String() || t.outcome == schema.OutcomePermitted.String()
				for kind, c := range t.kinds {
					s.connections.add(v.otherEnd(t)+" "+port, kind, c.records, contact)
					s.ports.add(port, kind, c.records, contact)
				}
			}
			return nil
		},
		func() error {
			return v.kql(ctx, v.flows()+`
| where Process != ""
| summarize Records = count(), Contacts = countif(Outcome in ("established", "permitted")) by Process, Kind`, func(row []any) {
				s.processes.add(text(row[0]), text(row[1]), number(row[2]), number(row[3]) > 0)
			})
		},
		func() error {
			records, err := v.passiveDNS(ctx)
			for _, r := range records {
				s.names.add(r.Name, r.Source, r.Count, false)
			}
			return err
		},
	)
	return s, err
}

// otherEnd is who an address dealt with in a connection; of other pages both ends.
func (v *view) otherEnd(t *connectionTally) string {
	switch remote := t.remote(); v.req.ID.Value {
	case t.local:
		return remote
	case remote:
		return t.local
	default:
		return t.local + " " + remote
	}
}

// side is a page's numbers with all its devices and peers.
type side struct {
	Side
	devices, peers, sources map[string]compared
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
	s := &side{devices: map[string]compared{}, peers: map[string]compared{}, sources: map[string]compared{}}
	r := v.window.document()
	s.Side = Side{ID: req.ID.Value, From: r.From, To: r.To, SourceKind: pr.SourceKind, Days: pr.Days, Query: pr.Query}
	_, s.Records = v.kinds().main(v.countedAs())
	for _, t := range tallies {
		_, records := t.kinds.main(v.countedAs())
		s.devices[cmp.Or(t.id.Name, t.address)] = compared{records, t.contacted}
	}
	for _, k := range v.kinds() {
		s.sources[k.kind] = compared{records: k.records}
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
