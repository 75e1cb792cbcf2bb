package entitypage

import (
	"context"
	"sync"

	"spoor/internal/store"
)

// kept is what pages ask of the whole store, kept until the store changes.
type kept struct {
	mu      sync.Mutex
	version int64
	answers map[any]any // by question
}

// keptAnswers is how many answers are kept at most: of a store that does not change, one
// comes with each entity that anybody looks for.
const keptAnswers = 10_000

// at gives the answers of a version; those of another are dropped, and all when they have
// become too many. The caller holds the lock.
func (k *kept) at(version int64) map[any]any {
	if k.answers == nil || k.version != version || len(k.answers) > keptAnswers {
		k.version, k.answers = version, map[any]any{}
	}
	return k.answers
}

// keep gives the answer that is kept, or asks and keeps it.
func keep[T any](p *Pages, question any, ask func() (T, error)) (T, error) {
	version := p.Ledger.Version() // before asking, so that nothing newer is kept under it
	p.kept.mu.Lock()
	known, ok := p.kept.at(version)[question].(T)
	p.kept.mu.Unlock()
	if ok {
		return known, nil
	}
	answer, err := ask()
	if err == nil {
		p.kept.mu.Lock()
		defer p.kept.mu.Unlock()
		p.kept.at(version)[question] = answer
	}
	return answer, err
}

func (p *Pages) coverage(ctx context.Context) ([]store.Coverage, error) {
	return keep(p, "coverage", func() ([]store.Coverage, error) { return p.Ledger.Coverage(ctx) })
}

// aliases turn the id of a device into that of the device it was found to be.
func (p *Pages) aliases(ctx context.Context) (map[string]string, error) {
	return keep(p, "aliases", func() (map[string]string, error) {
		list, err := p.Ledger.Aliases(ctx)
		to := make(map[string]string, len(list))
		for _, a := range list {
			to[a.From] = a.To
		}
		return to, err
	})
}

// activeDevices counts the devices that report anything in the window.
func (p *Pages) activeDevices(ctx context.Context, site string, w window) (int64, error) {
	return keep(p, population{site, w.fromDay, w.toDay}, func() (int64, error) {
		return p.Ledger.ActiveDevices(ctx, site, w.fromDay, w.toDay)
	})
}
