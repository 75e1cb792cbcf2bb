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
// an edge inside a day is counted again from the events of that day. Where those no
// longer give what the ledger has (they have expired, or the kind's records name the
// entity in no column), the row is taken whole and the window's note names the kind.
func (v *view) cut(ctx context.Context) error {
	split := map[group][]*store.Stretch{}
	for i := range v.all {
		r := v.all[i]
		if r.Last < v.window.from || r.First >= v.window.to {
			continue
		}
		v.rows = append(v.rows, r)
	}
	for i := range v.rows {
		if r := &v.rows[i]; v.window.splits(r) && r.Roles != entity.RoleMentioned {
			g := group{r.Table, r.SourceKind, r.Site}
			split[g] = append(split[g], r)
		}
	}
	whole := map[string]bool{}
	for g, rows := range split {
		recounted, err := v.recount(ctx, g)
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

// slice is what the events of one day, device, outcome and peer come to.
type slice struct {
	whole, inside int64 // records of the day, and of the window
	first, last   schema.Ticks
}

type sliceKey struct {
	day                   int32
	device, outcome, peer string
}

// trim replaces what the rows count by what of it lies in the window. It changes none
// and reports false unless the events give exactly what the ledger has.
func trim(rows []*store.Stretch, recounted map[sliceKey]slice) bool {
	key := func(r *store.Stretch) sliceKey { return sliceKey{firstDay(r), r.Device, r.Outcome.String(), r.Peer} }
	ledger := map[sliceKey]int64{}
	for _, r := range rows {
		ledger[key(r)] += r.Records
	}
	for _, r := range rows {
		// Rows that differ by role alone cannot be told apart in the events.
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

// recount counts the events of the days at the edges, by what the ledger keeps apart.
func (v *view) recount(ctx context.Context, g group) (map[sliceKey]slice, error) {
	table, ok := schema.Default().Table(g.table)
	if !ok {
		return nil, nil
	}
	query := v.edgeQuery(table, g)
	if query == "" {
		return nil, nil
	}
	out := map[sliceKey]slice{}
	err := v.kql(ctx, query, func(row []any) {
		day, _ := row[0].(schema.Ticks)
		k := sliceKey{day: day.Day(), device: text(row[1]), outcome: text(row[2]), peer: text(row[3])}
		s := slice{}
		s.whole, _ = row[4].(int64)
		s.inside, _ = row[5].(int64)
		s.first, _ = row[6].(schema.Ticks)
		s.last, _ = row[7].(schema.Ticks)
		out[k] = s
	})
	return out, err
}

// edgeQuery is the query of recount, or "" when no column of the table holds addresses.
func (v *view) edgeQuery(table *schema.Table, g group) string {
	id := quote(v.req.ID.Value)
	var holds []string
	device := `""`
	for _, c := range table.Columns {
		switch {
		case c.Holds == schema.HoldsAddress && c.Type == schema.String:
			holds = append(holds, c.Name+" == "+id)
		case c.Holds == schema.HoldsDevice && device == `""`:
			device = "tolower(" + c.Name + ")"
		}
	}
	if len(holds) == 0 || v.req.ID.Kind != entity.IP {
		return ""
	}
	peer := `""`
	if table.Index("LocalIP") >= 0 && table.Index("RemoteIP") >= 0 {
		peer = fmt.Sprintf("iff(LocalIP == %s, RemoteIP, LocalIP)", id)
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
    by Day = startofday(%s), Device = %s, Outcome = _Outcome, Peer = %s
| project Day, Device, Outcome, Peer, Whole, Records, First, Last`,
		table.Name, strings.Join(days, " or "),
		quote(g.sourceKind), quote(g.site), strings.Join(holds, " or "),
		table.Time, w.from, table.Time, w.to, table.Time, table.Time, table.Time, device, peer)
}
