package bind

// Probe is a query whose rows decide how the query around it is bound: which columns
// bag_unpack or pivot give is written in the data. It is planned and run like any
// other; then the whole is bound again with its rows among Env.Probes.
type Probe struct {
	Rel Rel
	// Most is how many rows it may have; more are an error of the query.
	Most int
}

// ProbeAnswer is the rows of a probe, their values as the engine gives them: nil, bool,
// int64, float64 or string.
type ProbeAnswer [][]any

// ask gives the rows of a query that binding needs. ok is false when no one has run it
// yet: the caller then binds as far as it gets without.
func (b *binder) ask(rel Rel, most int) (rows ProbeAnswer, ok bool) {
	n := b.probes
	b.probes++
	if n < len(b.env.Probes) {
		return b.env.Probes[n], true
	}
	if b.probe == nil {
		b.probe = &Probe{Rel: rel, Most: most}
	}
	return nil, false
}
