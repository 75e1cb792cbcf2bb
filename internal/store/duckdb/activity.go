package duckdb

import (
	"context"
	"fmt"
	"sync"

	"spoor/internal/store"
)

// activity tells on which days there are device rows of the ledger, by their context. It is
// kept in memory: the answer of every page counts the devices that report in its period,
// and with each commit the count is another one. It is safe for concurrent use.
type activity struct {
	mu     sync.Mutex
	loaded bool
	days   map[activeDays]uint32 // bit i is day 32*word+i
}

type activeDays struct{ context, word int32 }

// add notes the sightings of a batch that was committed. Before the rest has been read it
// does no harm.
func (a *activity) add(sightings []keyedSighting) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range sightings {
		if s := &sightings[i]; s.kind == deviceCode {
			a.note(activeDays{s.context, s.day / 32}, 1<<(s.day%32))
		}
	}
}

func (a *activity) note(at activeDays, days uint32) {
	if a.days == nil {
		a.days = map[activeDays]uint32{}
	}
	a.days[at] |= days
}

// forget lets everything be read anew.
func (a *activity) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.loaded, a.days = false, nil
}

// activeIn lists the contexts with a row on the days, both inclusive; a zero toDay is no
// bound.
func activeIn(all map[activeDays]uint32, fromDay, toDay int32) map[int32]bool {
	contexts := map[int32]bool{}
	for at, days := range all {
		first := at.word * 32
		if from := fromDay - first; from > 0 {
			days &= uint32(uint64(1<<32-1) << min(from, 32))
		}
		if to := toDay - first; toDay != 0 && to < 31 {
			days &= uint32(uint64(1)<<max(to+1, 0) - 1)
		}
		if days != 0 {
			contexts[at.context] = true
		}
	}
	return contexts
}

// known is activeIn of what is kept; nil when not everything has been read.
func (a *activity) known(fromDay, toDay int32) map[int32]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.loaded {
		return nil
	}
	return activeIn(a.days, fromDay, toDay)
}

// activeContexts lists the contexts with device rows on the days. What it has to read it
// keeps, unless something is being rewritten; what is committed meanwhile is noted by add.
func (db *DB) activeContexts(ctx context.Context, fromDay, toDay int32) (map[int32]bool, error) {
	a := &db.activity
	if contexts := a.known(fromDay, toDay); contexts != nil {
		return contexts, nil
	}
	rewrites := db.excerpts.rewrites.Load()
	read := map[activeDays]uint32{}
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			read[activeDays{int32(v[0].(int64)), int32(v[1].(int64))}] = uint32(v[2].(int64))
			return nil
		}, `SELECT context, day // 32, bit_or(1::BIGINT << (day % 32)) FROM spoor.ledger WHERE kind = ? GROUP BY ALL`, deviceCode)
	})
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if rewrites%2 == 0 && db.excerpts.rewrites.Load() == rewrites {
		for at, days := range read {
			a.note(at, days)
		}
		a.loaded = true
	}
	return activeIn(read, fromDay, toDay), nil
}

// ActiveDevices counts the devices with a primary row between the two days, both
// inclusive: device rows of the ledger, aliases counted once. An empty site is all
// sites; a zero toDay is no bound.
func (db *DB) ActiveDevices(ctx context.Context, site string, fromDay, toDay int32) (int64, error) {
	n, err := db.activeDevices(ctx, validText(site), fromDay, toDay)
	if err != nil {
		return 0, fmt.Errorf("count active devices: %w", err)
	}
	return n, nil
}

func (db *DB) activeDevices(ctx context.Context, site string, fromDay, toDay int32) (int64, error) {
	contexts, err := db.activeContexts(ctx, fromDay, toDay)
	if err != nil {
		return 0, err
	}
	aliases := map[string]string{}
	for _, a := range *db.aliasList.Load() {
		aliases[a.From] = a.To
	}
	devices := map[string]bool{}
	for context := range contexts {
		var key store.SightingKey
		if err := db.contexts.set(&key, context); err != nil {
			return 0, err
		}
		// A device that only some other record names reports nothing itself.
		if key.DeviceID == "" || site != "" && site != key.Site {
			continue
		}
		if id, ok := aliases[key.DeviceID]; ok {
			key.DeviceID = id
		}
		devices[key.DeviceID] = true
	}
	return int64(len(devices)), nil
}
