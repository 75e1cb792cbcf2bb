package server

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/note"
)

// TriageRow is what is known of one observable of a list.
type TriageRow struct {
	Text     string `json:"text" doc:"as it was written"`
	Form     string `json:"form" enum:"ip,domain,url,hash,account,device,cidr,range,asn" doc:"what it looks like"`
	Value    string `json:"value" doc:"canonical text"`
	Defanged string `json:"defanged"`
	Kind     string `json:"kind,omitempty" enum:"ip,domain,url,hash,account,device" doc:"of the entity that the row speaks of; none of a prefix, range or ASN"`
	ID       string `json:"id,omitempty" doc:"of the entity: not the value where another reading was seen, as the host of a URL"`
	Sighted
	Country     string             `json:"country,omitempty"`
	CountryCode string             `json:"countryCode,omitempty"`
	ASN         uint32             `json:"asn,omitempty"`
	Org         string             `json:"org,omitempty"`
	Noise       []entitypage.Noise `json:"noise" doc:"known-noise lists it stands in"`
	Alias       string             `json:"alias,omitempty" doc:"what people here call it"`
}

// Triage is the answer about a list of observables.
type Triage struct {
	Items []TriageRow `json:"items"`
	Total int         `json:"total" doc:"observables in the text; those beyond 1,000 are left out"`
	Seen  int         `json:"seen" doc:"of those answered"`
}

// triageBody bounds a pasted text: reading it takes about 3 s a MiB at worst.
const triageBody = 1 << 20

func (s *Server) registerTriage() {
	type list struct {
		Body struct {
			Text  string   `json:"text,omitempty" doc:"any text in which observables stand"`
			Items []string `json:"items,omitempty" doc:"a list of them"`
			Site  string   `json:"site,omitempty" doc:"absent: all sites"`
		}
	}
	handle(s, "POST /api/triage", "triage", "entities", "Which of many observables were seen here, when, by whom, with what outcome",
		func(ctx context.Context, in *list) (*reply[Triage], error) {
			observables, total := entity.Extract(strings.Join(append(in.Body.Items, in.Body.Text), "\n"))
			x := exchangeOf(ctx)
			x.rows = int64(len(observables))
			x.detail = map[string]string{"observables": values(observables)}
			out := Triage{Items: []TriageRow{}, Total: total}
			var err error
			if out.Items, err = s.triage(ctx, observables, in.Body.Site); err != nil {
				return nil, err
			}
			for i := range out.Items {
				if out.Items[i].Seen {
					out.Seen++
				}
			}
			x.target = strconv.Itoa(len(observables)) + " observables, " + strconv.Itoa(out.Seen) + " seen"
			return &reply[Triage]{out}, nil
		})
}

func values(observables []entity.Observable) string {
	texts := make([]string, len(observables))
	for i, o := range observables {
		texts[i] = o.Value
	}
	return strings.Join(texts, " ")
}

func (s *Server) triage(ctx context.Context, observables []entity.Observable, site string) ([]TriageRow, error) {
	var ids []entity.ID
	for _, o := range observables {
		ids = append(ids, o.Entities()...)
	}
	found, err := s.cfg.Entities.Summaries(ctx, ids, site)
	if err != nil {
		return nil, err
	}
	aliases, err := s.cfg.Notes.AllAliases(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]TriageRow, len(observables))
	for i, o := range observables {
		r := &rows[i]
		*r = TriageRow{Text: o.Text, Form: string(o.Form), Value: o.Value, Defanged: entity.Defang(o.Value), Noise: []entitypage.Noise{}}
		readings := o.Entities()
		if len(readings) == 0 {
			if r.Sighted, err = s.span(ctx, o, site); err != nil {
				return nil, err
			}
			if p, err := netip.ParsePrefix(o.Value); err == nil {
				r.Noise = s.cfg.Entities.NoisesOfPrefix(p)
			}
			continue
		}
		id := firstSeen(readings, found)
		r.Kind, r.ID, r.Sighted = string(id.Kind), id.Value, sighted(found[id])
		r.Noise = s.cfg.Entities.Noises(id)
		r.Alias = aliases[note.Subject{Kind: r.Kind, ID: r.ID}]
		if a, err := netip.ParseAddr(id.Value); err == nil && id.Kind == entity.IP {
			place := s.cfg.Entities.Place(a)
			r.Country, r.CountryCode, r.ASN, r.Org = place.Country, place.CountryCode, place.ASN, place.Org
		}
	}
	return rows, nil
}

// firstSeen is the first reading of which there are sightings, or mentions, or the
// likeliest.
func firstSeen(readings []entity.ID, found map[entity.ID]*entitypage.Summary) entity.ID {
	for _, id := range readings {
		if s := found[id]; s != nil && s.Seen() {
			return id
		}
	}
	for _, id := range readings {
		if found[id] != nil {
			return id
		}
	}
	return readings[0]
}
