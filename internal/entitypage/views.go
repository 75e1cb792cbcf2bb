package entitypage

import (
	"context"
	"slices"
	"sync"

	"spoor/internal/entity"
)

// views keeps the views of the latest requests, so that the sections of one page, and
// whoever asks again, share the work of reading and resolving. A view holds until the
// store or the network catalogue changes.
type views struct {
	mu   sync.Mutex
	kept []*view // the latest used last
}

// What is kept beside the view in use: a busy address has a hundred thousand stretches,
// which are some 40 MB.
const (
	maxViews     = 16
	maxStretches = 300_000
)

// viewKey is what a view follows from.
type viewKey struct {
	id       entity.ID
	site     string
	role     entity.Roles
	window   window // as asked for, before it is shifted
	store    int64
	networks any
}

// of gives the view of a request that is kept, or a new one, not read yet.
func (k *views) of(key viewKey, create func() *view) *view {
	k.mu.Lock()
	defer k.mu.Unlock()
	var v *view
	if at := slices.IndexFunc(k.kept, func(v *view) bool { return v.key == key }); at >= 0 {
		v = k.kept[at]
	} else {
		v = create()
	}
	k.kept = slices.DeleteFunc(k.kept, func(o *view) bool {
		return o == v || o.key.store != key.store || o.key.networks != key.networks
	})
	k.kept = append(k.kept, v)
	k.forget()
	return v
}

// grown notes how many stretches a view holds by now.
func (k *views) grown(v *view, stretches int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v.stretches = stretches
	k.forget()
}

// forget drops the views used longest ago beyond the bounds, never the latest.
func (k *views) forget() {
	total := 0
	for i, v := range slices.Backward(k.kept) {
		total += v.stretches
		if i < len(k.kept)-1 && (total > maxStretches || len(k.kept)-i > maxViews) {
			k.kept = slices.Delete(k.kept, 0, i+1)
			return
		}
	}
}

// stage is a step of work on a view that is done once for all who need it. An error is
// not kept: the next one tries again.
type stage struct {
	once sync.Once
	turn chan struct{} // of capacity 1: full while someone is at it
	done bool          // guarded by turn
}

func (s *stage) do(ctx context.Context, work func() error) error {
	s.once.Do(func() { s.turn = make(chan struct{}, 1) })
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	if s.done {
		return nil
	}
	err := work()
	s.done = err == nil
	return err
}
