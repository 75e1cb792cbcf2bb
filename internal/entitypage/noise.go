package entitypage

import "spoor/internal/entity"

// noise lists the known-noise lists that the entity stands in.
func (p *Pages) noise(id entity.ID) []Noise {
	out := []Noise{}
	if p.Noise == nil {
		return out
	}
	for _, m := range p.Noise.Index().Lookup(id) {
		out = append(out, Noise{List: m.Slug, Name: m.Name, Class: string(m.Class), Weak: m.Weak, Entry: m.Entry, Dated: m.Dated()})
	}
	return out
}
