package entitypage

import (
	"net/netip"

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
		out[i] = Noise{List: m.Slug, Name: m.Name, Class: string(m.Class), Weak: m.Weak, Entry: m.Entry, Dated: m.Dated()}
	}
	return out
}
