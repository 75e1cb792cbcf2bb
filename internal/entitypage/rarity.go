package entitypage

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// rarity keeps, for the periods that pages ask for, how many devices each external
// address was seen on. Counting them all takes seconds on a large ledger, so it is
// done in the background; a page shows the share with the moment it was computed.
type rarity struct {
	mu      sync.Mutex
	known   map[population]distribution
	running map[population]context.CancelFunc
	busy    sync.Mutex // one count at a time

	counts sync.WaitGroup
	closed bool
}

// population is a set of external addresses: those seen at a site in a period.
type population struct {
	site           string
	fromDay, toDay int32
}

type distribution struct {
	devices []int64 // of each external address, ascending
	asOf    time.Time
}

// rarityAge is how old a distribution may be before it is counted again.
const rarityAge = 10 * time.Minute

// rarityTimeout bounds one count.
const rarityTimeout = 5 * time.Minute

// maxPopulations bounds how many periods are kept; beyond it the oldest goes.
const maxPopulations = 32

// rarer fills the share of the external addresses of the window that were seen on
// strictly more devices, or says that it is being counted.
func (p *Pages) rarer(v *view, into *Prevalence) {
	pop := population{v.req.Site, v.window.fromDay, v.window.toDay}
	r := &p.rarity
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.known[pop]
	if (!ok || p.Now().Sub(d.asOf) > rarityAge) && r.running[pop] == nil && !r.closed {
		if r.running == nil {
			r.running = map[population]context.CancelFunc{}
		}
		ctx, cancel := context.WithTimeout(context.Background(), rarityTimeout)
		r.running[pop] = cancel
		r.counts.Go(func() {
			defer cancel()
			p.countPopulation(ctx, pop)
		})
	}
	if !ok || len(d.devices) == 0 {
		into.RarerPending = !ok && !r.closed
		return
	}
	above, _ := slices.BinarySearch(d.devices, v.reporters()+1)
	share := float64(len(d.devices)-above) / float64(len(d.devices))
	into.RarerThan, into.RarerAsOf = &share, &d.asOf
}

// reporters counts the devices of the entity as populationQuery counts those of every
// address: reporting devices, and for sensors that name none the own ends. Holders are
// not asked, so that one measure holds for the entity and for those it is compared with.
func (v *view) reporters() int64 {
	seen := map[string]bool{}
	for i := range v.rows {
		if r := &v.rows[i]; r.Roles&(entity.RoleLocal|entity.RoleRemote) != 0 {
			seen[host(r)] = true
		}
	}
	return int64(len(seen))
}

// countPopulation counts the devices of every external address: one that no range of
// the network catalogue holds and that is on the other side in most of its records.
func (p *Pages) countPopulation(ctx context.Context, pop population) {
	p.rarity.busy.Lock()
	defer p.rarity.busy.Unlock()
	d := distribution{asOf: *clock(p.Now)}
	at := schema.DayStart(pop.toDay)
	err := p.KQL(ctx, populationQuery(pop), func(row []any) {
		addr, err := netip.ParseAddr(text(row[0]))
		if err != nil || entity.IsGroup(addr) || len(ranges(p.Networks, pop.site, addr, at)) > 0 {
			return
		}
		if n, ok := row[1].(int64); ok {
			d.devices = append(d.devices, n)
		}
	})
	slices.Sort(d.devices)

	p.rarity.mu.Lock()
	defer p.rarity.mu.Unlock()
	delete(p.rarity.running, pop)
	if err != nil {
		return // asked again with the next page
	}
	if p.rarity.known == nil {
		p.rarity.known = map[population]distribution{}
	}
	p.rarity.known[pop] = d
	p.rarity.forget()
}

// Close gives up what is being counted in the background and waits for it. Pages can
// still be built afterwards.
func (p *Pages) Close() {
	p.rarity.mu.Lock()
	p.rarity.closed = true
	for _, cancel := range p.rarity.running {
		cancel()
	}
	p.rarity.mu.Unlock()
	p.rarity.counts.Wait()
}

// forget drops the oldest distributions beyond the bound.
func (r *rarity) forget() {
	for len(r.known) > maxPopulations {
		var oldest population
		for pop, d := range r.known {
			if at, ok := r.known[oldest]; !ok || d.asOf.Before(at.asOf) {
				oldest = pop
			}
		}
		delete(r.known, oldest)
	}
}

func populationQuery(pop population) string {
	v := view{req: Request{Site: pop.site}, window: window{fromDay: pop.fromDay, toDay: pop.toDay}}
	return schema.SpoorSightings + "\n| where Kind == \"ip\"" + v.siteFilter() + v.dayFilter() + `
| where Roles has "remote" or Roles has "local"
| summarize Devices = dcount(iff(DeviceName == "", Peer, DeviceName)), Local = sumif(Records, Roles has "local"), Remote = sumif(Records, Roles has "remote") by Entity
| where Remote >= Local
| project Entity, Devices`
}
