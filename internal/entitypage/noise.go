package entitypage

import (
	"net/netip"
	"strconv"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/noise"
)

// Noises lists the known-noise lists that the entity stands in.
func (p *Pages) Noises(id entity.ID) []Noise {
	if p.Noise == nil {
		return []Noise{}
	}
	return noises(p.Noise.Index().Lookup(id))
}

// NoisesOfPrefix lists those that hold the whole of a prefix.
func (p *Pages) NoisesOfPrefix(prefix netip.Prefix) []Noise {
	if p.Noise == nil {
		return []Noise{}
	}
	return noises(p.Noise.Index().Broad(prefix))
}

func noises(matches []noise.Match) []Noise {
	out := make([]Noise, len(matches))
	for i, m := range matches {
		out[i] = noiseOf(m)
	}
	return out
}

func noiseOf(m noise.Match) Noise {
	return Noise{List: m.Slug, Name: m.Name, Class: string(m.Class), Weak: m.Weak, Entry: m.Entry, Dated: m.Dated()}
}

// line asks the lists that tell a kind of line, for the address and for the AS that
// the databases say announces it.
func (p *Pages) line(addr netip.Addr, answers []enrich.Geo) *Line {
	c := &Line{Said: []LineAnswer{}, Asked: []LineList{}}
	if p.Noise == nil {
		return c
	}
	index := p.Noise.Index()
	for _, l := range index.Lists() {
		if l.TellsLine() {
			c.Asked = append(c.Asked, LineList{List: l.Slug, Name: l.Name, Type: string(l.Line), Dated: l.Dated()})
		}
	}
	say := func(id entity.ID, asn uint32, by string) {
		for _, m := range index.Lookup(id) {
			if m.Line != noise.None {
				c.Said = append(c.Said, LineAnswer{Noise: noiseOf(m), Type: string(m.Line), ASN: asn, By: by})
			}
		}
	}
	say(entity.ID{Kind: entity.IP, Value: addr.String()}, 0, "")
	asked := map[uint32]bool{0: true}
	for _, g := range answers {
		if !asked[g.ASN] {
			asked[g.ASN] = true
			say(entity.ID{Kind: entity.ASN, Value: "AS" + strconv.FormatUint(uint64(g.ASN), 10)}, g.ASN, g.Database)
		}
	}
	return c
}
