package plan

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// Span says that records of a source between two moments, both inclusive, name an
// entity.
type Span struct {
	Source      int32
	First, Last schema.Ticks
}

// Sightings tell where the records are that name some entities.
type Sightings struct {
	Of map[entity.ID][]Span // an entity that no record names is missing
	// Sources is a number above that of every source.
	Sources int32
}

const (
	maxWanted = 64 // entities of one condition
	// maxStretches is how many stretches of a table are read apart at most.
	maxStretches = 16
	// stretchRows is what a stretch costs in rows that could be read instead: each is
	// planned as a table of its own.
	stretchRows = 150_000
	// shortTime is how far apart the sightings in many sources may be for the time alone
	// to tell the part of a table that is worth looking for.
	shortTime = 7 * schema.TicksPerDay
)

// Wanted lists the entities whose sightings would tell where the rows are that a plan
// looks for: those that a scan's column must be equal to, where the sightings ledger
// folds the column. Whatever else a condition asks of such a column (has, startswith, a
// pattern) can hold for text that is no entity, and is not among them.
func Wanted(p *Plan) []entity.ID {
	var out []entity.ID
	seen := map[entity.ID]bool{}
	eachScan(p, func(s *Scan, conds []bind.Expr) {
		for _, c := range conds {
			for _, id := range s.entities(c) {
				if !seen[id] {
					seen[id] = true
					out = append(out, id)
				}
			}
		}
	})
	return out
}

// Restrict makes scans read only where the ledger has seen what they look for. seen is
// about all that Wanted listed, rows gives the number of rows in a table. It reports
// whether it changed anything.
//
//	T | where RemoteIP == "192.0.2.1"  →  T of some sources, between first and last | where …
func Restrict(p *Plan, seen Sightings, rows func(table string) int64) bool {
	changed := false
	eachScan(p, func(s *Scan, conds []bind.Expr) {
		for _, c := range conds {
			ids := s.entities(c)
			if len(ids) == 0 {
				continue
			}
			var spans []Span
			for _, id := range ids {
				spans = append(spans, seen.Of[id]...)
			}
			if found, ok := stretches(spans, seen.Sources, rows(s.Table.Name)); ok {
				s.Within = append(s.Within, found)
				changed = true
			}
		}
	})
	return changed
}

// Excerpts makes scans that look for the rows that name one address read them from an
// excerpt of their table. find gives the name of one that has all rows of a table in one of
// whose address columns a text stands; "" when there is none. It reports whether it changed
// anything.
//
//	T | where RemoteIP == "192.0.2.1" or LocalIP == "192.0.2.1"  →  excerpt of T | where …
func Excerpts(p *Plan, find func(table, address string) (name string, err error)) (changed bool, err error) {
	eachScan(p, func(s *Scan, conds []bind.Expr) {
		for _, c := range conds {
			address, ok := s.address(c)
			if !ok || err != nil {
				continue
			}
			if s.Excerpt, err = find(s.Table.Name, address); s.Excerpt != "" {
				changed = true
				return
			}
		}
	})
	return changed, err
}

// address is the text that must stand in one of a scan's address columns for a row to meet a
// condition; false when that is not known.
func (n *Scan) address(cond bind.Expr) (string, bool) {
	c, ok := cond.(*bind.Call)
	if !ok {
		return "", false
	}
	switch c.Op {
	case "==":
		ref, isRef := c.Args[0].(*bind.Ref)
		value, isConst := c.Args[1].(*bind.Const)
		if !isRef || !isConst {
			return "", false
		}
		column := n.source(ref.Col)
		text, isText := value.Value.(string)
		return text, isText && column != nil && column.Holds == schema.HoldsAddress && column.Type == schema.String && !column.Derived && column.Constant == ""
	case "or":
		left, ok := n.address(c.Args[0])
		right, both := n.address(c.Args[1])
		return left, ok && both && left == right
	}
	return "", false
}

// eachScan calls f with every scan that reads a whole event table, which the ledger may
// prune, and the conditions that its rows must meet.
func eachScan(p *Plan, f func(s *Scan, conds []bind.Expr)) {
	var walk func(n Node)
	walk = func(n Node) {
		if filter, ok := n.(*Filter); ok {
			if s, ok := filter.In.(*Scan); ok && !s.Table.Own && !s.Table.View && s.Excerpt == "" {
				f(s, filter.Conds)
			}
		}
		for _, in := range inputs(n) {
			walk(in)
		}
	}
	walk(p.Root)
	for _, s := range p.Shared {
		walk(s.In)
	}
	for _, n := range p.Inner {
		walk(n)
	}
}

// entities lists those of which a row must name at least one to meet a condition; none
// when that is not known.
func (n *Scan) entities(cond bind.Expr) []entity.ID {
	c, ok := cond.(*bind.Call)
	if !ok {
		return nil
	}
	switch c.Op {
	case "==", "=~":
		if _, ok := c.Args[0].(*bind.Const); ok {
			return n.values(c.Args[1], c.Args[:1], c.Op == "=~")
		}
		return n.values(c.Args[0], c.Args[1:], c.Op == "=~")
	case "in", "in~":
		return n.values(c.Args[0], c.Args[1:], c.Op == "in~")
	case "or":
		left, right := n.entities(c.Args[0]), n.entities(c.Args[1])
		if len(left) > 0 && len(right) > 0 && len(left)+len(right) <= maxWanted {
			return append(slices.Clip(left), right...)
		}
	}
	return nil
}

// values are the entities that the ledger folds of a column's values, nil when it is not
// sure of each.
func (n *Scan) values(x bind.Expr, values []bind.Expr, fold bool) []entity.ID {
	ref, ok := x.(*bind.Ref)
	if !ok || len(values) > maxWanted {
		return nil
	}
	column := n.source(ref.Col)
	if column == nil || column.Type != schema.String || column.Derived {
		return nil
	}
	var out []entity.ID
	for _, v := range values {
		c, ok := v.(*bind.Const)
		if !ok {
			return nil
		}
		text, _ := c.Value.(string)
		id, ok := folded(column, text, fold)
		if !ok {
			return nil
		}
		out = append(out, id)
	}
	return out
}

func (n *Scan) source(c *bind.Column) *schema.Column {
	for _, s := range n.Scans {
		if s.Col == c {
			return s.Source
		}
	}
	return nil
}

// folded is the entity as which the ledger folds a text in a column (package ledger says
// how). fold: the column may hold it in any case, which changes the path of a URL.
func folded(c *schema.Column, text string, fold bool) (entity.ID, bool) {
	id := entity.ID{}
	switch c.Holds {
	case schema.HoldsNothing:
	case schema.HoldsAddress:
		id = entity.ID{Kind: entity.IP, Value: entity.CanonicalAddress(text)}
	case schema.HoldsHash:
		id = entity.ID{Kind: entity.Hash, Value: entity.CanonicalHash(text)}
	case schema.HoldsDevice:
		id = entity.ID{Kind: entity.Device, Value: entity.CanonicalDevice(text)}
	case schema.HoldsAccount:
		// A name alone is another account in each domain.
		if c.Domain == "" || strings.ContainsAny(text, `\@`) {
			id = entity.ID{Kind: entity.Account, Value: entity.CanonicalAccount("", text)}
		}
	case schema.HoldsURL:
		if url := entity.CanonicalURL(text); url != "" {
			if !fold {
				id = entity.ID{Kind: entity.URL, Value: url}
			}
			break
		}
		host, _, _ := strings.Cut(text, "/")
		host, _, _ = strings.Cut(host, ":")
		id = entity.ID{Kind: entity.Domain, Value: entity.CanonicalDomain(host)}
	}
	return id, id.Value != ""
}

// Stretch is a part of a table: the rows of some sources in a span of event time, both
// ends inclusive.
type Stretch struct {
	First, Last             schema.Ticks
	FirstSource, LastSource int32
}

// stretches puts spans together, those of neighboring sources first, for a table holds the
// rows of a source side by side: into as few and as short stretches as take the least time
// to read. Not ok: to read the whole table takes no longer.
func stretches(spans []Span, sources int32, rows int64) (best []Stretch, ok bool) {
	if len(spans) == 0 {
		return nil, true
	}
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Source, b.Source) })
	perSource := rows / int64(max(sources, 1))
	least := (stretchRows + rows) / 4 * 3 // of a whole table: what is saved must be worth it
	for gap := int32(1); gap <= max(sources, 1); gap *= 2 {
		list := joined(spans, gap)
		cost := int64(len(list)) * stretchRows
		for _, s := range list {
			cost += int64(s.LastSource-s.FirstSource+1) * perSource
		}
		if len(list) <= maxStretches && cost < least {
			best, least = list, cost
		}
	}
	if best == nil {
		best = joined(spans, math.MaxInt32)
		return best, best[0].Last-best[0].First <= shortTime
	}
	return best, true
}

// joined puts spans together whose sources are no further apart than gap.
func joined(spans []Span, gap int32) []Stretch {
	var out []Stretch
	for _, s := range spans {
		if n := len(out); n > 0 && s.Source-out[n-1].LastSource <= gap {
			w := &out[n-1]
			w.First, w.Last, w.LastSource = min(w.First, s.First), max(w.Last, s.Last), s.Source
			continue
		}
		out = append(out, Stretch{s.First, s.Last, s.Source, s.Source})
	}
	return out
}

// Apart are the stretches of a scan that are read apart, nil when it is read in one go.
// Of several conditions one alone is taken apart.
func (n *Scan) Apart() []Stretch {
	for _, s := range n.Within {
		if len(s) > 1 {
			return s
		}
	}
	return nil
}
