package duckdb

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"spoor/internal/store"
)

// A sighting context is what the sightings of one device by one kind of source share.
// The ledger names it by a number, which is what makes its rows small: millions of
// rows have a few thousand contexts. Contexts are never removed; one without sightings
// is seen by nobody.
type sightingContext struct {
	sourceKind, site, device, deviceID, table string
}

func contextOf(key *store.SightingKey) sightingContext {
	return sightingContext{key.SourceKind, key.Site, key.Device, key.DeviceID, key.Table}
}

const contextsDDL = `CREATE TABLE spoor.context (
	id INTEGER NOT NULL, source_kind VARCHAR NOT NULL, site VARCHAR NOT NULL, device VARCHAR NOT NULL,
	device_id VARCHAR NOT NULL, "table" VARCHAR NOT NULL)`

// contexts are all contexts of the ledger, and those that sightings of batches not yet
// committed have. It is safe for concurrent use.
type contexts struct {
	mu    sync.RWMutex
	ids   map[sightingContext]int32
	list  []sightingContext // by number
	saved int               // how many of the list are stored
}

// load reads the stored contexts. Their numbers have no gaps.
func (c *contexts) load(ctx context.Context, conn *conn) error {
	c.ids = map[sightingContext]int32{}
	return conn.each(ctx, func(v []any) error {
		if int(v[0].(int64)) != len(c.list) {
			return fmt.Errorf("context %d stands where %d follows", v[0], len(c.list))
		}
		s := sightingContext{v[1].(string), v[2].(string), v[3].(string), v[4].(string), v[5].(string)}
		c.ids[s] = int32(len(c.list))
		c.list = append(c.list, s)
		c.saved = len(c.list)
		return nil
	}, `SELECT id, source_kind, site, device, device_id, "table" FROM spoor.context ORDER BY id`)
}

// set fills the part of the key that the context is.
func (c *contexts) set(key *store.SightingKey, id int32) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if id < 0 || int(id) >= len(c.list) {
		return fmt.Errorf("the ledger names context %d of %d", id, len(c.list))
	}
	s := &c.list[id]
	key.SourceKind, key.Site, key.Device, key.DeviceID, key.Table = s.sourceKind, s.site, s.device, s.deviceID, s.table
	return nil
}

// sensors lists the numbers of the contexts of sensors that name no host.
func (c *contexts) sensors() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var ids []string
	for id := range c.list {
		if c.list[id].device == "" {
			ids = append(ids, strconv.Itoa(id))
		}
	}
	return ids
}

// interner gives contexts their numbers, new ones included, while it holds the lock.
type interner struct {
	*contexts
	last   sightingContext // the context of the call before: often the same
	lastID int32
}

func (c *contexts) begin() *interner {
	c.mu.Lock()
	return &interner{contexts: c, lastID: -1}
}

func (i *interner) end() { i.mu.Unlock() }

func (i *interner) id(key *store.SightingKey) int32 {
	s := contextOf(key)
	if i.lastID >= 0 && i.last == s {
		return i.lastID
	}
	id, ok := i.ids[s]
	if !ok {
		id = i.add(s)
	}
	i.last, i.lastID = s, id
	return id
}

// add gives a new context its number, as valid text. Two that differ in invalid bytes
// only are one.
func (i *interner) add(s sightingContext) int32 {
	valid := sightingContext{validText(s.sourceKind), validText(s.site), validText(s.device), validText(s.deviceID), validText(s.table)}
	id, ok := i.ids[valid]
	if !ok {
		id = int32(len(i.list))
		i.list = append(i.list, valid)
		i.ids[valid] = id
	}
	return id
}

// unsaved lists the contexts to be stored with the next commit, and the number of the
// first.
func (c *contexts) unsaved() (first int, list []sightingContext) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.saved, c.list[c.saved:len(c.list):len(c.list)]
}

// commit notes that the contexts below the number are stored.
func (c *contexts) commit(saved int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved = max(c.saved, saved)
}

// contextRows is how many contexts one statement stores. The driver's time to bind
// arguments grows with the square of their number.
const contextRows = 50

// writeContexts stores the contexts that are not yet, and returns how many there are
// stored once the transaction is committed.
func (db *DB) writeContexts(ctx context.Context) (int, error) {
	first, list := db.contexts.unsaved()
	for part := range slices.Chunk(list, contextRows) {
		values := make([]any, 0, 6*len(part))
		for _, s := range part {
			values = append(values, int32(first), s.sourceKind, s.site, s.device, s.deviceID, s.table)
			first++
		}
		if _, err := db.writer.exec(ctx, `INSERT INTO spoor.context VALUES `+tuples(len(part), 6), values...); err != nil {
			return 0, fmt.Errorf("write contexts: %w", err)
		}
	}
	return first, nil
}
