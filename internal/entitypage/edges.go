package entitypage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// cut takes the rows of the window. The ledger counts by the day, so a row that lies across
// an edge inside a day is counted again from the events of that day. Where those do not
// give what the ledger has (they have expired, or do not tell the roles of the entity
// apart), the row is taken whole and the window's note names the kind.
func (v *view) cut(ctx context.Context) error {
	split := map[group][]*store.Stretch{}
	v.rows = make([]store.Stretch, 0, len(v.all))
	for i := range v.all {
		if r := &v.all[i]; r.Last >= v.window.from && r.First < v.window.to {
			v.rows = append(v.rows, *r)
		}
	}
	for i := range v.rows {
		if r := &v.rows[i]; v.window.splits(r) {
			g := group{r.Table, r.SourceKind, r.Site}
			split[g] = append(split[g], r)
		}
	}
	whole := map[string]bool{}
	for g, rows := range split {
		recounted, err := v.recount(ctx, g, slices.ContainsFunc(rows, func(r *store.Stretch) bool { return !talked(r.Roles) }))
		if err != nil {
			return fmt.Errorf("count the events at the edge of the range: %w", err)
		}
		if !trim(rows, recounted) {
			whole[g.sourceKind] = true
		}
	}
	v.rows = slices.DeleteFunc(v.rows, func(r store.Stretch) bool { return r.Records == 0 })
	if len(whole) > 0 {
		v.window.note = "counted by whole UTC days, because their events do not tell more: " + strings.Join(slices.Sorted(maps.Keys(whole)), ", ")
	}
	return nil
}

// splits reports whether a row lies on both sides of an edge.
func (w *window) splits(r *store.Stretch) bool {
	return r.First < w.from && r.Last >= w.from || r.First < w.to && r.Last >= w.to
}

// group is the events that one query counts again.
type group struct{ table, sourceKind, site string }

// slice is what the events of one day, device, outcome and peer come to in which the
// entity plays one part.
type slice struct {
	whole, inside int64 // records of the day, and of the window
	first, last   schema.Ticks
}

func (s slice) plus(o slice) slice {
	switch {
	case s.inside == 0:
		s.first, s.last = o.first, o.last
	case o.inside > 0:
		s.first, s.last = min(s.first, o.first), max(s.last, o.last)
	}
	s.whole, s.inside = s.whole+o.whole, s.inside+o.inside
	return s
}

type sliceKey struct {
	day                   int32
	device, outcome, peer string
	part                  string
}

// The parts that an entity plays in an event, as far as the columns of its row tell:
// whether one of them is the entity, on which side, and whether that side opened the flow.
const (
	partLocal  = "local"
	partRemote = "remote"
	partOpened = "+opened"
	partText   = "text" // in no column of its own
)

// partOf is the part that roles are.
func partOf(r entity.Roles) string {
	if !talked(r) {
		return partText
	}
	part := ""
	if r.Has(entity.RoleLocal) {
		part += partLocal
	}
	if r.Has(entity.RoleRemote) {
		part += partRemote
	}
	if r.Has(entity.RoleSource) {
		part += partOpened
	}
	return part
}

// grains are the ways to tell parts apart, the finest first: all that the columns
// tell; whether the entity stands in one; nothing.
var grains = []func(part string) string{
	func(part string) string { return part },
	func(part string) string {
		if part != partText {
			return ""
		}
		return part
	},
	func(string) string { return "" },
}

// trim replaces what the rows count by what of it lies in the window. It changes none
// and reports false unless the events give exactly what the ledger has.
func trim(rows []*store.Stretch, recounted map[sliceKey]slice) bool {
	return slices.ContainsFunc(grains, func(grain func(string) string) bool {
		joined := make(map[sliceKey]slice, len(recounted))
		for k, s := range recounted {
			k.part = grain(k.part)
			joined[k] = joined[k].plus(s)
		}
		return trimBy(rows, joined, func(r *store.Stretch) sliceKey {
			return sliceKey{firstDay(r), r.Device, r.Outcome.String(), r.Peer, grain(partOf(r.Roles))}
		})
	})
}

func trimBy(rows []*store.Stretch, recounted map[sliceKey]slice, key func(*store.Stretch) sliceKey) bool {
	ledger := map[sliceKey]int64{}
	for _, r := range rows {
		ledger[key(r)] += r.Records
	}
	for _, r := range rows {
		// Rows with the same key cannot be told apart in the events.
		if s := recounted[key(r)]; s.whole != r.Records || ledger[key(r)] != r.Records {
			return false
		}
	}
	for _, r := range rows {
		s := recounted[key(r)]
		// The bytes of a part of the day are not known, so none are claimed.
		r.Records, r.First, r.Last, r.BytesOut, r.BytesIn = s.inside, s.first, s.last, 0, 0
	}
	return true
}

// recount counts the events of the days at the edges, by what the ledger keeps apart;
// texts says that of events that name the entity in no column of its own, too.
func (v *view) recount(ctx context.Context, g group, texts bool) (map[sliceKey]slice, error) {
	table, ok := schema.Default().Table(g.table)
	if !ok {
		return nil, nil
	}
	query := v.edgeQuery(table, g, texts)
	if query == "" {
		return nil, nil
	}
	out := map[sliceKey]slice{}
	err := v.kql(ctx, query, func(row []any) {
		day, _ := row[0].(schema.Ticks)
		k := sliceKey{day: day.Day(), device: text(row[1]), outcome: text(row[2]), peer: text(row[3]), part: text(row[4])}
		s := slice{}
		s.whole, _ = row[5].(int64)
		s.inside, _ = row[6].(int64)
		s.first, _ = row[7].(schema.Ticks)
		s.last, _ = row[8].(schema.Ticks)
		out[k] = s
	})
	return out, err
}

// edgeQuery is the query of recount, or "" for an entity that is no address.
func (v *view) edgeQuery(table *schema.Table, g group, texts bool) string {
	if v.req.ID.Kind != entity.IP {
		return ""
	}
	id := quote(v.req.ID.Value)
	var columns, mentions []string
	device := `""`
	for i := range table.Columns {
		c := &table.Columns[i]
		switch {
		case c.Holds == schema.HoldsAddress && c.Type == schema.String:
			columns = append(columns, c.Name+" == "+id)
		case c.Holds == schema.HoldsAddress, c.Holds == schema.HoldsURL, c.MayMention():
			mentions = append(mentions, c.Name+" has "+id)
		}
		if c.Holds == schema.HoldsDevice && device == `""` {
			device = "tolower(" + c.Name + ")"
		}
	}
	named, found := "false", columns
	if len(columns) > 0 {
		named = strings.Join(columns, " or ")
	}
	if texts || len(columns) == 0 {
		found = slices.Concat(columns, mentions)
	}
	peer, part := `""`, fmt.Sprintf(`iff(%s, "", %q)`, named, partText)
	if table.Index("LocalIP") >= 0 && table.Index("RemoteIP") >= 0 {
		peer = fmt.Sprintf(`case(LocalIP == %[1]s, RemoteIP, RemoteIP == %[1]s, LocalIP, "")`, id)
		part = fmt.Sprintf(`case(not(%s), %q, strcat(iff(LocalIP == %[3]s, %[4]q, ""), iff(RemoteIP == %[3]s, %[5]q, ""), iff(%[6]s, %[7]q, "")))`,
			named, partText, id, partLocal, partRemote, opened(table, id), partOpened)
	}
	w := &v.window
	var days []string
	for _, d := range w.edgeDays() {
		days = append(days, fmt.Sprintf("%s >= datetime(%s) and %s < datetime(%s)", table.Time, schema.DayStart(d), table.Time, schema.DayStart(d+1)))
	}
	return fmt.Sprintf(`%s
| where %s
| where _SourceKind == %s and _Site == %s
| where %s
| extend Inside = %s >= datetime(%s) and %s < datetime(%s)
| summarize Whole = count(), Records = countif(Inside), First = minif(%s, Inside), Last = maxif(%s, Inside)
    by Day = startofday(%s), Device = %s, Outcome = _Outcome, Peer = %s, Part = %s
| project Day, Device, Outcome, Peer, Part, Whole, Records, First, Last`,
		table.Name, strings.Join(days, " or "),
		quote(g.sourceKind), quote(g.site), strings.Join(found, " or "),
		table.Time, w.from, table.Time, w.to, table.Time, table.Time, table.Time, device, peer, part)
}

// opened is the condition that the side of the address opened the flow: the local one
// did unless the row calls it inbound.
func opened(table *schema.Table, id string) string {
	inbound := []string{}
	if table.Index("ActionType") >= 0 {
		inbound = append(inbound, `ActionType contains_cs "Inbound"`)
	}
	if table.Index("AdditionalFields") >= 0 {
		inbound = append(inbound, `tostring(AdditionalFields.direction) == "In"`)
	}
	if len(inbound) == 0 {
		return "LocalIP == " + id
	}
	return fmt.Sprintf("iff(%s, RemoteIP, LocalIP) == %s", strings.Join(inbound, " or "), id)
}
