package entitypage

import (
	"context"
	"sync"

	"spoor/internal/store"
)

// kept is what every page asks of the whole ledger, kept until the store changes.
type kept struct {
	mu       sync.Mutex
	version  int64
	coverage []store.Coverage
	active   map[population]int64
}

// current drops what was kept of an earlier version. The caller holds the lock.
func (k *kept) current(version int64) *kept {
	if k.active == nil || k.version != version {
		k.version, k.coverage, k.active = version, nil, map[population]int64{}
	}
	return k
}

func (p *Pages) coverage(ctx context.Context) ([]store.Coverage, error) {
	version := p.Ledger.Version() // before the look-up, so that nothing newer is kept under it
	p.kept.mu.Lock()
	known := p.kept.current(version).coverage
	p.kept.mu.Unlock()
	if known != nil {
		return known, nil
	}
	found, err := p.Ledger.Coverage(ctx)
	if err == nil {
		p.kept.mu.Lock()
		p.kept.current(version).coverage = found
		p.kept.mu.Unlock()
	}
	return found, err
}

// activeDevices counts the devices that report anything in the window.
func (p *Pages) activeDevices(ctx context.Context, site string, w window) (int64, error) {
	version, pop := p.Ledger.Version(), population{site, w.fromDay, w.toDay}
	p.kept.mu.Lock()
	n, ok := p.kept.current(version).active[pop]
	p.kept.mu.Unlock()
	if ok {
		return n, nil
	}
	n, err := p.Ledger.ActiveDevices(ctx, site, w.fromDay, w.toDay)
	if err == nil {
		p.kept.mu.Lock()
		p.kept.current(version).active[pop] = n
		p.kept.mu.Unlock()
	}
	return n, err
}
