package server

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/note"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Sighted is what there is of an entity or of a run of addresses, of all time. Records of
// different source kinds are not added up: they are those of the kind that saw most.
type Sighted struct {
	Seen       bool       `json:"seen" doc:"there is a record that is more than a mention"`
	First      *time.Time `json:"first"`
	Last       *time.Time `json:"last"`
	Records    int64      `json:"records" doc:"0 of a prefix or range, whose records are not counted"`
	SourceKind string     `json:"sourceKind,omitempty" doc:"the kind that the records are of"`
	Devices    int64      `json:"devices" doc:"own hosts in its records; 0 of a prefix or range"`
	Contacted  bool       `json:"contacted" doc:"at least one connection was established or permitted"`
	Outcome    string     `json:"outcome,omitempty" doc:"the best that became of a connection: established, permitted, refused, unanswered, blocked, unknown, icmp"`
	Alerts     int64      `json:"alerts" doc:"records of alerts in which an address is evidence"`
	Mentioned  int64      `json:"mentioned" doc:"records that merely mention it"`
	Own        bool       `json:"own" doc:"an address of the organisation"`
	Addresses  int64      `json:"addresses,omitempty" doc:"addresses seen, of a prefix or range"`
}

func sighted(s *entitypage.Summary) Sighted {
	if s == nil {
		return Sighted{}
	}
	out := Sighted{
		Seen: s.Seen(), Records: s.Records, SourceKind: s.SourceKind, Devices: s.Devices, Contacted: s.Contacted,
		Outcome: s.Outcome.String(), Alerts: s.Alerts, Mentioned: s.Mentioned, Own: s.Own,
	}
	if out.Seen {
		out.First, out.Last = tickMoment(s.First), tickMoment(s.Last)
	}
	return out
}

func tickMoment(t schema.Ticks) *time.Time {
	at := t.Time()
	return &at
}

// Suggestion is one thing a text may name.
type Suggestion struct {
	Kind string `json:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
	ID   string `json:"id" doc:"canonical text"`
	Note string `json:"note,omitempty" doc:"how the text was read, where it was changed"`
	Sighted
	Alias string             `json:"alias,omitempty" doc:"what people here call it"`
	Noise []entitypage.Noise `json:"noise" doc:"known-noise lists it stands in"`
}

// Suggestions are what a text may name: what it is itself, then the seen entities that
// begin with it.
type Suggestions struct {
	Items []Suggestion `json:"suggestions"`
}

// maxNamed is how many entities that begin with a text are suggested.
const maxNamed = 8

func (s *Server) registerSearch() {
	type text struct {
		Q string `query:"q" required:"true" maxLength:"4096"`
	}
	handle(s, "GET /api/search", "search", "entities", "What a text may name: an address, a domain, a hash …",
		func(ctx context.Context, in *text) (*reply[Suggestions], error) {
			exchangeOf(ctx).target = in.Q
			list, err := s.suggest(ctx, in.Q)
			return &reply[Suggestions]{Suggestions{Items: list}}, err
		})
}

// suggest lists what a text is, the readings of which there are sightings first; then the
// entities that begin with it. The readings of a name that nobody has seen stand behind
// those: it may not be typed to its end.
func (s *Server) suggest(ctx context.Context, text string) ([]Suggestion, error) {
	o, recognized := entity.Recognize(text)
	named, err := s.named(ctx, text, o)
	if err != nil {
		return nil, err
	}
	aliases, err := s.cfg.Notes.AllAliases(ctx)
	if err != nil {
		return nil, err
	}
	called := calledLike(aliases, text)
	readings := o.Entities()
	ids := slices.Concat(readings, called)
	for _, n := range named {
		ids = append(ids, n.ID)
	}
	found, err := s.cfg.Entities.Summaries(ctx, ids, "")
	if err != nil {
		return nil, err
	}
	list := []Suggestion{}
	add := func(id entity.ID) {
		if slices.ContainsFunc(list, func(c Suggestion) bool { return c.Kind == string(id.Kind) && c.ID == id.Value }) {
			return
		}
		c := Suggestion{Kind: string(id.Kind), ID: id.Value, Sighted: sighted(found[id]), Noise: s.cfg.Entities.Noises(id)}
		c.Alias = aliases[note.Subject{Kind: c.Kind, ID: c.ID}]
		if id.Value == o.Value && id.Value != o.Text {
			c.Note = "read as " + id.Value
		}
		list = append(list, c)
	}
	for _, id := range readings {
		if found[id] != nil {
			add(id)
		}
	}
	guess := o.Form == entity.FormDomain || o.Form == entity.FormDevice
	addAll := func() {
		for _, id := range readings {
			add(id)
		}
	}
	if !guess {
		addAll()
	}
	if recognized && len(readings) == 0 {
		c := Suggestion{Kind: string(o.Form), ID: o.Value, Noise: []entitypage.Noise{}}
		if c.Sighted, err = s.span(ctx, o, ""); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	for _, id := range called {
		add(id)
	}
	for _, n := range named {
		add(n.ID)
	}
	if guess {
		addAll()
	}
	return list, nil
}

// calledLike lists the entities in whose alias the text stands, whatever the case, by
// alias.
func calledLike(aliases map[note.Subject]string, text string) (ids []entity.ID) {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) < 2 {
		return nil
	}
	for about, alias := range aliases {
		if kind, ok := entity.ParseKind(about.Kind); ok && strings.Contains(strings.ToLower(alias), text) {
			ids = append(ids, entity.ID{Kind: kind, Value: about.ID})
		}
	}
	slices.SortFunc(ids, func(a, b entity.ID) int {
		return cmp.Or(cmp.Compare(aliases[note.Subject{Kind: string(a.Kind), ID: a.Value}], aliases[note.Subject{Kind: string(b.Kind), ID: b.Value}]),
			cmp.Compare(a.Value, b.Value))
	})
	return ids[:min(len(ids), maxNamed)]
}

// named lists the entities that begin with a text of two characters or more.
func (s *Server) named(ctx context.Context, text string, o entity.Observable) ([]store.Named, error) {
	prefix := strings.TrimSpace(entity.Refang(cmp.Or(o.Value, text)))
	if len(prefix) < 2 || o.Form == entity.FormCIDR || o.Form == entity.FormRange {
		return nil, nil
	}
	return s.cfg.Events.Named(ctx, prefix, maxNamed)
}

// span is what was seen of the addresses of a prefix or range; nothing is known of other
// forms.
func (s *Server) span(ctx context.Context, o entity.Observable, site string) (Sighted, error) {
	first, last, ok := o.Span()
	if !ok {
		return Sighted{}, nil
	}
	found, err := s.cfg.Events.Span(ctx, first, last, site)
	if err != nil || found.Addresses == 0 {
		return Sighted{}, err
	}
	return Sighted{Seen: true, Addresses: found.Addresses, First: tickMoment(found.First), Last: tickMoment(found.Last)}, nil
}
