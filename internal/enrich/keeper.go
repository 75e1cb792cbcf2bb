package enrich

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Keeper keeps what the databases say of the addresses of the ledger, so that a place can be
// told as it was when an address was seen, after the databases have changed. An address is
// asked about when it has its first sighting, and again when a database has another build.
type Keeper struct {
	Databases *Databases
	Store     interface {
		Unplaced(ctx context.Context, builds []store.PlaceBuild, after string, limit int) ([]string, error)
		Places(ctx context.Context, addresses []string) ([]store.Place, error)
		PutPlaces(ctx context.Context, addresses []string, places []store.Place) error
	}
	Now func() time.Time
}

// How many addresses are listed at once, which costs a look at the whole ledger, and how many
// are asked about before the answers are committed, which takes the store from its writers.
const (
	listed  = 100_000
	keeping = 5000
)

// Keep asks about all addresses of which the open databases have something to say that is
// not kept, and returns how many that were. It ends early when ctx does; what was committed
// until then stays. Records that cannot be read are named by the error when all else is kept,
// and asked for again the next time.
func (k *Keeper) Keep(ctx context.Context) (kept int, err error) {
	var builds []store.PlaceBuild
	for _, s := range k.Databases.Sources() {
		builds = append(builds, store.PlaceBuild{Database: s.Name, Built: schema.TicksOf(s.BuiltAt)})
	}
	var unread error
	for after := ""; ; {
		addresses, err := k.Store.Unplaced(ctx, builds, after, listed)
		if err != nil || len(addresses) == 0 {
			return kept, cmp.Or(err, unread)
		}
		after = addresses[len(addresses)-1]
		addresses = slices.DeleteFunc(addresses, func(a string) bool { return !k.Databases.speakOf(a) })
		for some := range slices.Chunk(addresses, keeping) {
			places, failed, err := k.ask(ctx, some)
			if err == nil {
				err = k.Store.PutPlaces(ctx, some, places)
			}
			if err != nil {
				return kept, err
			}
			unread = cmp.Or(unread, failed)
			kept += len(some)
		}
	}
}

// ask adds what the databases say of addresses to what is kept of them. unread is the first
// of the records that could not be read.
func (k *Keeper) ask(ctx context.Context, addresses []string) (places []store.Place, unread, err error) {
	known, err := k.Store.Places(ctx, addresses)
	if err != nil {
		return nil, nil, err
	}
	byAddress := map[string][]store.Place{}
	for _, p := range known {
		byAddress[p.Address] = append(byAddress[p.Address], p)
	}
	now := schema.TicksOf(k.Now())
	for _, address := range addresses {
		said := byAddress[address]
		answers, err := k.Databases.Lookup(netip.MustParseAddr(address))
		if err != nil {
			unread, answers = cmp.Or(unread, err), nil
		}
		for i := range answers {
			g := &answers[i]
			said = observe(said, store.Place{Address: address, Database: g.Database, First: schema.TicksOf(g.BuiltAt), Kept: now, PlaceFacts: g.Facts()})
		}
		places = append(places, said...)
	}
	return places, unread, nil
}

// speakOf reports whether a database may have something to say of an address.
func (d *Databases) speakOf(address string) bool {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return false
	}
	return entity.ClassOf(a) == entity.ClassPublic || slices.ContainsFunc(d.open, func(db *database) bool { return db.everyAddress })
}

// Facts is the part of an answer that is kept.
func (g *Geo) Facts() store.PlaceFacts {
	return store.PlaceFacts{Country: g.Country, CountryCode: g.CountryCode, State: g.State, City: g.City, ASN: g.ASN, Org: g.Org}
}

// observe adds what one build of a database, made at p.First, says of an address to what
// is known to have been said of it: the stretch of builds before or after it that said the
// same becomes longer, or a new one begins. A build that lies in a stretch was asked before.
func observe(said []store.Place, p store.Place) []store.Place {
	p.Last = p.First
	before, after := -1, -1
	for i := range said {
		switch s := &said[i]; {
		case s.Database != p.Database:
		case s.First <= p.First && p.First <= s.Last:
			return said
		case s.Last < p.First && (before < 0 || s.Last > said[before].Last):
			before = i
		case s.First > p.First && (after < 0 || s.First < said[after].First):
			after = i
		}
	}
	same := func(i int) bool { return i >= 0 && said[i].PlaceFacts == p.PlaceFacts }
	switch {
	case same(before) && same(after):
		said[before].Last = said[after].Last
		return slices.Delete(said, after, after+1)
	case same(before):
		said[before].Last = p.Last
	case same(after):
		said[after].First = p.First
		said[after].Kept = min(said[after].Kept, p.Kept)
	default:
		said = append(said, p)
	}
	return said
}
