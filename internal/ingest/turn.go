package ingest

import (
	"bytes"
	"context"
)

// tail is a source that has been read and whose last batches may be on their way to the
// store.
type tail struct {
	site, key string
	head      []byte // see store.Source.Head
	short     bool   // the head covers all of it
	ended     chan struct{}
}

// takeTurn waits until the source before has been read.
func (p *Pipeline) takeTurn(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passTurn lets the next source be read. No more than two are under way, so all before
// this one must have ended.
func (r *run) passTurn() {
	r.passed.Do(func() {
		if r.before != nil {
			<-r.before.ended
		}
		r.last = r.tail
		<-r.turn
	})
}

// follow waits for the source before to end, unless it has nothing to do with this one:
// what is known of it must be in the store when this one is looked up.
func (r *run) follow(ctx context.Context) error {
	if r.before == nil || r.apart(r.before) {
		return nil
	}
	select {
	case <-r.before.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// apart reports whether neither of two sources can be how the other begins: they begin
// with different bytes. Two that promise the same key are compared in any case.
func (t *tail) apart(o *tail) bool {
	if t.key != "" && t.key == o.key {
		return false
	}
	return t.site != o.site || !t.short && !o.short && !bytes.Equal(t.head, o.head)
}
