package ingest

import (
	"bytes"

	"spoor/internal/store"
)

// maxGap bounds what is kept of the bytes between two records; it is a line end, the
// header of a file at most. A batch with a longer gap keeps none.
const maxGap = 64 << 10

// gaps collects what stands between the records of a batch.
type gaps struct {
	list []store.Gap
	open []byte // behind the last record so far
	lost bool   // one was too long
}

func (g *gaps) add(p *part) {
	data := p.chunk.Data
	at := int64(0)
	for i := range p.events {
		ev := &p.events[i]
		start := ev.offset - p.chunk.FirstOffset
		g.before(data[at:start])
		at = start + int64(len(ev.raw))
	}
	if rest := data[at:]; len(g.open)+len(rest) > maxGap {
		g.lost, g.open = true, nil
	} else {
		g.open = append(g.open, rest...)
	}
}

// before adds what stands before a record, in the chunk of the record.
func (g *gaps) before(b []byte) {
	if len(g.open) > 0 {
		b = append(g.open, b...)
		g.open = nil
	}
	g.lost = g.lost || len(b) > maxGap
	if n := len(g.list) - 1; n >= 0 && bytes.Equal(g.list[n].Bytes, b) {
		g.list[n].Records++
		return
	}
	g.list = append(g.list, store.Gap{Records: 1, Bytes: b})
}

// take ends the batch; nil when its gaps are not kept.
func (g *gaps) take() []store.Gap {
	list := g.list
	switch {
	case g.lost:
		list = nil
	case len(g.open) > 0:
		list = append(list, store.Gap{Bytes: g.open})
	}
	*g = gaps{}
	return list
}
