package network

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/schema"
)

// Catalog is the catalogue over the case store. It is safe for concurrent use: look-ups
// read an immutable table without a lock, changes build a new one and swap it in.
type Catalog struct {
	db       *casedb.DB
	changing sync.Mutex
	current  atomic.Pointer[snapshot]
	// Now is the clock; tests may set it before the first change.
	Now func() time.Time
}

// snapshot is the catalogue at one moment.
type snapshot struct {
	mark       mark
	ranges     []Range // as List gives them
	bySite     map[string]*table
	everywhere *table // ranges of no site
}

// Open reads the catalogue from the case store.
func Open(ctx context.Context, db *casedb.DB) (*Catalog, error) {
	c := &Catalog{db: db, Now: time.Now}
	c.current.Store(newSnapshot(mark{}, nil))
	_, err := c.Refresh(ctx)
	return c, err
}

// Refresh reads the catalogue again if another process has changed it, and reports
// whether one had. It is cheap when none has.
func (c *Catalog) Refresh(ctx context.Context) (changed bool, err error) {
	c.changing.Lock()
	defer c.changing.Unlock()
	m, err := selectMark(ctx, c.db)
	if err != nil {
		return false, fmt.Errorf("read the network catalogue: %w", err)
	}
	if m == c.current.Load().mark {
		return false, nil
	}
	var after *snapshot
	err = c.db.Tx(ctx, func(tx *sql.Tx) error {
		after, err = readSnapshot(ctx, tx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the network catalogue: %w", err)
	}
	c.current.Store(after)
	return true, nil
}

func readSnapshot(ctx context.Context, tx *sql.Tx) (*snapshot, error) {
	m, err := selectMark(ctx, tx)
	if err != nil {
		return nil, err
	}
	ranges, err := selectRanges(ctx, tx)
	return newSnapshot(m, ranges), err
}

func newSnapshot(m mark, ranges []Range) *snapshot {
	slices.SortFunc(ranges, func(a, b Range) int {
		return cmp.Or(strings.Compare(a.Site, b.Site), a.Prefix.Addr().Compare(b.Prefix.Addr()),
			cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits()), cmp.Compare(a.ID, b.ID))
	})
	s := &snapshot{mark: m, ranges: ranges, bySite: map[string]*table{}}
	for rest := ranges; len(rest) > 0; {
		site := rest[0].Site
		n := len(rest)
		if i := slices.IndexFunc(rest, func(r Range) bool { return r.Site != site }); i >= 0 {
			n = i
		}
		if t := newTable(rest[:n]); site == "" {
			s.everywhere = t
		} else {
			s.bySite[site] = t
		}
		rest = rest[n:]
	}
	return s
}

// State tells one state of the catalogue from every other: it compares equal as long as
// nothing has changed.
func (c *Catalog) State() any { return c.current.Load() }

// Own reports whether the address lies in a range of the site, or of every site, at
// that time.
func (c *Catalog) Own(site string, a netip.Addr, at schema.Ticks) bool {
	return c.any(site, a, at, func(*node, *held) bool { return true })
}

// Broadcast reports whether the address is the IPv4 broadcast address of a range that
// holds at that site and time. Ranges of one or two addresses have none.
func (c *Catalog) Broadcast(site string, a netip.Addr, at schema.Ticks) bool {
	a = a.Unmap()
	return a.Is4() && c.any(site, a, at, func(n *node, h *held) bool {
		return n.last == a && h.Prefix.Bits() <= 30
	})
}

// TrustedProxy reports whether X-Forwarded-For from this address is believed: the
// narrowest range that holds it decides, and of several as narrow one that says yes.
func (c *Catalog) TrustedProxy(site string, a netip.Addr, at schema.Ticks) bool {
	narrowest, trusted := -1, false
	c.any(site, a, at, func(_ *node, h *held) bool {
		switch bits := h.Prefix.Bits(); {
		case bits > narrowest:
			narrowest, trusted = bits, h.TrustedProxy
		case bits == narrowest:
			trusted = trusted || h.TrustedProxy
		}
		return false
	})
	return trusted
}

// Lookup lists the ranges of the site, and those of every site, that contain the
// address at that time: narrowest first, the site's own before the general.
func (c *Catalog) Lookup(site string, a netip.Addr, at schema.Ticks) []Range {
	a = canonical(a)
	s := c.current.Load()
	found := s.bySite[site].appendTo(nil, a, at)
	return narrowestFirst(s.everywhere.appendTo(found, a, at))
}

// LookupAll lists the ranges of all sites that contain the address at that time:
// narrowest first, then by site.
func (c *Catalog) LookupAll(a netip.Addr, at schema.Ticks) []Range {
	a = canonical(a)
	s := c.current.Load()
	found := s.everywhere.appendTo(nil, a, at)
	for _, t := range s.bySite {
		found = t.appendTo(found, a, at)
	}
	slices.SortStableFunc(found, func(x, y Range) int { return strings.Compare(x.Site, y.Site) })
	return narrowestFirst(found)
}

func narrowestFirst(ranges []Range) []Range {
	slices.SortStableFunc(ranges, func(x, y Range) int { return cmp.Compare(y.Prefix.Bits(), x.Prefix.Bits()) })
	return ranges
}

func (c *Catalog) any(site string, a netip.Addr, at schema.Ticks, ok func(*node, *held) bool) bool {
	a = canonical(a)
	s := c.current.Load()
	return s.bySite[site].any(a, at, ok) || s.everywhere.any(a, at, ok)
}

func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// List gives every range, by site and address. The slice is the caller's.
func (c *Catalog) List() []Range { return slices.Clone(c.current.Load().ranges) }

// Add puts one range in and returns it with its ID. ErrInvalid says what is wrong with
// it; ErrConflict that it is already there.
func (c *Catalog) Add(ctx context.Context, r Range) (Range, error) {
	if err := r.check(); err != nil {
		return Range{}, err
	}
	err := c.change(ctx, func(tx *sql.Tx, known map[identity]Range) error {
		if _, there := known[r.identity()]; there {
			return fmt.Errorf("%w: %s", ErrConflict, &r)
		}
		if len(known) >= MaxRanges {
			return errTooMany
		}
		id, err := insert(ctx, tx, &r, c.Now())
		r.ID = id
		return err
	})
	if err != nil {
		return Range{}, fmt.Errorf("add network range: %w", err)
	}
	return r, nil
}

// Imported says what an import did.
type Imported struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Same    int `json:"same" doc:"already there, word for word"`
}

// Import puts all ranges in, or none: a range that is already there takes over the new
// role, owner, end and proxy flag. Ranges that the import does not name stay.
func (c *Catalog) Import(ctx context.Context, ranges []Range) (Imported, error) {
	ranges = slices.Clone(ranges)
	seen := make(map[identity]bool, len(ranges))
	for i := range ranges {
		r := &ranges[i]
		if err := r.check(); err != nil {
			return Imported{}, fmt.Errorf("range %d: %w", i+1, err)
		}
		if seen[r.identity()] {
			return Imported{}, fmt.Errorf("range %d: %w: %s is there twice", i+1, ErrInvalid, r)
		}
		seen[r.identity()] = true
	}
	var done Imported
	now := c.Now()
	err := c.change(ctx, func(tx *sql.Tx, known map[identity]Range) error {
		for i := range ranges {
			if err := done.put(ctx, tx, &ranges[i], known, now); err != nil {
				return err
			}
		}
		if len(known)+done.Added > MaxRanges {
			return errTooMany
		}
		return nil
	})
	if err != nil {
		return Imported{}, fmt.Errorf("import %d network ranges: %w", len(ranges), err)
	}
	return done, nil
}

var errTooMany = fmt.Errorf("%w: the catalogue takes at most %d ranges", ErrInvalid, MaxRanges)

func (done *Imported) put(ctx context.Context, tx *sql.Tx, r *Range, known map[identity]Range, now time.Time) error {
	old, there := known[r.identity()]
	r.ID = old.ID
	switch {
	case !there:
		done.Added++
		_, err := insert(ctx, tx, r, now)
		return err
	case *r == old:
		done.Same++
		return nil
	default:
		done.Changed++
		return update(ctx, tx, r, now)
	}
}

// Remove takes one range out and returns it. ErrNotFound: there is none of that ID.
func (c *Catalog) Remove(ctx context.Context, id int64) (Range, error) {
	var removed Range
	err := c.change(ctx, func(tx *sql.Tx, known map[identity]Range) error {
		for _, r := range known {
			if r.ID == id {
				removed = r
				return remove(ctx, tx, id)
			}
		}
		return fmt.Errorf("%w: %d", ErrNotFound, id)
	})
	if err != nil {
		return Range{}, fmt.Errorf("remove network range: %w", err)
	}
	return removed, nil
}

// change runs do in a transaction on the catalogue as it stands in the store, and
// swaps in the result once it is committed.
func (c *Catalog) change(ctx context.Context, do func(*sql.Tx, map[identity]Range) error) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	var after *snapshot
	err := c.db.Tx(ctx, func(tx *sql.Tx) error {
		before, err := selectRanges(ctx, tx)
		if err != nil {
			return err
		}
		known := make(map[identity]Range, len(before))
		for _, r := range before {
			known[r.identity()] = r
		}
		if err := do(tx, known); err != nil {
			return err
		}
		after, err = readSnapshot(ctx, tx)
		return err
	})
	if err == nil {
		c.current.Store(after)
	}
	return err
}
