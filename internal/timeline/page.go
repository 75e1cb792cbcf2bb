package timeline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// PageRequest asks for the records next to a place.
type PageRequest struct {
	Request
	// After is the place, itself left out; nil: the beginning, which is the end of the
	// period when going to older records.
	After *Cursor
	Newer bool // go towards newer records; else to older ones
	Limit int  // at least 1
}

// Page is some records in a row, newest first.
type Page struct {
	Items []Item `json:"items"`
	Older string `json:"older,omitempty" doc:"cursor to go on towards older records; absent at the end"`
	Newer string `json:"newer,omitempty" doc:"cursor to go on towards newer records; absent at the end"`
	Query string `json:"query" doc:"KQL that gives the rows"`
	Note  string `json:"note,omitempty" doc:"what the query cannot say of the filter"`
}

// Item is a record, as its primary row tells of it.
type Item struct {
	RawID       string    `json:"rawId"`
	Cursor      string    `json:"cursor" doc:"its place in the order"`
	Time        time.Time `json:"time"`
	Table       string    `json:"table"`
	SourceKind  string    `json:"sourceKind"`
	Site        string    `json:"site"`
	ActionType  string    `json:"actionType,omitempty"`
	Summary     string    `json:"summary" doc:"the event in a line"`
	Device      string    `json:"device,omitempty" doc:"the reporting device; absent for sensors that name no host"`
	Process     string    `json:"process,omitempty"`
	CommandLine string    `json:"commandLine,omitempty"`
	Account     string    `json:"account,omitempty"`
	File        string    `json:"file,omitempty"`
	Peer        string    `json:"peer,omitempty" doc:"the address at the other end"`
	Port        int32     `json:"port,omitempty" doc:"the port that was asked for"`
	Address     string    `json:"address,omitempty" doc:"of a timeline of many addresses: the one that the record is in for, its other end where both are"`
	Roles       []string  `json:"roles" doc:"the parts that the entity plays"`
	Outcome     string    `json:"outcome,omitempty" doc:"of a connection or logon"`
	AlsoIn      []string  `json:"alsoIn" doc:"tables with copies of it"`
	Alert       bool      `json:"alert" doc:"it made an alert, or is one"`
}

// window is how many records, by the ledger, a first read reaches over beyond the page.
const window = 2

// Page answers a request.
func (t *Timelines) Page(ctx context.Context, req PageRequest) (*Page, error) {
	v, err := t.view(ctx, req.Request)
	if err != nil {
		return nil, err
	}
	page := &Page{Items: []Item{}}
	page.Query, page.Note = v.query()
	found, err := v.next(ctx, req)
	if err != nil {
		return nil, err
	}
	more := len(found) > req.Limit
	found = found[:min(len(found), req.Limit)]
	if req.Newer {
		slices.Reverse(found)
	}
	for i := range found {
		page.Items = append(page.Items, found[i].item)
	}
	if n := len(found); n > 0 {
		newest, oldest := found[0].at.String(), found[n-1].at.String()
		if more || req.Newer && req.After != nil {
			page.Older = oldest
		}
		if more && req.Newer || !req.Newer && req.After != nil {
			page.Newer = newest
		}
		if req.Newer && !more {
			page.Newer = ""
		}
	}
	return page, nil
}

// entry is a record with its place.
type entry struct {
	at   Cursor
	item Item
}

// next reads one record more than the limit, in the order of reading.
func (v *view) next(ctx context.Context, req PageRequest) ([]entry, error) {
	want := req.Limit + 1
	var found []entry
	for reach := int64(window * want); len(found) < want; reach *= 4 {
		s, rest, ok := v.reach(&req, reach)
		if !ok {
			break
		}
		part, err := v.readSpan(ctx, s, &req, want-len(found))
		if err != nil {
			return nil, err
		}
		if found = append(found, part...); !rest {
			break
		}
		// All that is in these days was read: go on behind them.
		req.After = &Cursor{schema.DayStart(s.from), 0}
		if req.Newer {
			req.After = &Cursor{schema.DayStart(s.to+1) - 1, math.MaxInt64}
		}
	}
	return found, v.finish(ctx, found)
}

// readSpan reads the records of a span next to the place, from all tables.
func (v *view) readSpan(ctx context.Context, s span, req *PageRequest, limit int) ([]entry, error) {
	var found []entry
	for _, table := range v.tables(s) {
		part, err := v.read(ctx, table, s, req, limit)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	slices.SortFunc(found, func(a, b entry) int {
		if req.Newer {
			return a.at.compare(b.at)
		}
		return b.at.compare(a.at)
	})
	return found[:min(len(found), limit)], nil
}

// reach is the days from the place on that hold so many records by the ledger; rest
// reports whether there are days behind them.
func (v *view) reach(req *PageRequest, records int64) (s span, rest, ok bool) {
	days := map[int32]int64{}
	var order []int32
	for i := range v.tallies {
		t := &v.tallies[i]
		if req.After != nil && (req.Newer && t.Last < req.After.Time || !req.Newer && t.First > req.After.Time) {
			continue
		}
		if days[t.Day] == 0 {
			order = append(order, t.Day)
		}
		days[t.Day] += t.Records
	}
	if len(order) == 0 {
		return s, false, false
	}
	slices.Sort(order)
	if !req.Newer {
		slices.Reverse(order)
	}
	var sum int64
	n := 0
	for n < len(order) && sum < records {
		// The day of the place may be nearly used up.
		if req.After == nil || order[n] != req.After.Time.Day() {
			sum += days[order[n]]
		}
		n++
	}
	s = span{order[0], order[n-1]}
	if !req.Newer {
		s = span{order[n-1], order[0]}
	}
	return s, n < len(order), true
}

// read reads the records of a table next to the place.
func (v *view) read(ctx context.Context, table string, s span, req *PageRequest, limit int) ([]entry, error) {
	p := v.part(table, s)
	t := p.table
	var b strings.Builder
	b.WriteString(p.rows)
	order := "desc"
	if req.Newer {
		order = "asc"
	}
	if req.After != nil {
		sign := "<"
		if req.Newer {
			sign = ">"
		}
		at := req.After.Time
		fmt.Fprintf(&b, "\n| where %[1]s %[2]s datetime(%[3]s) or %[1]s == datetime(%[3]s) and _RawId %[2]s %[4]d", t.Time, sign, at, req.After.Raw)
	}
	roles, opened := roleColumns(v.about(), t, p.assigned)
	columns := itemColumns(t)
	fmt.Fprintf(&b, "\n| sort by %s %s, _RawId %s", t.Time, order, order)
	postponed := v.req.Roles != 0 && roleCondition(v.about(), t, v.req.Roles) == ""
	if !postponed {
		fmt.Fprintf(&b, "\n| take %d", limit)
	}
	fmt.Fprintf(&b, "\n| project %s, _RawId, _SourceKind, _Site, _Outcome, %s = %s, %s = %s", t.Time, rolesColumn, roles, inboundColumn, opened)
	for _, c := range columns {
		b.WriteString(", " + bracketed(c) + " = " + itemColumn(t, c))
	}
	var found []entry
	err := v.KQL(ctx, b.String(), func(row []any) {
		if len(found) >= limit {
			return
		}
		if e := v.entry(t, columns, row); v.req.Roles == 0 || e.roles&v.req.Roles != 0 {
			found = append(found, e.entry)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the timeline in %s: %w", table, err)
	}
	return found, nil
}

type readEntry struct {
	entry
	roles entity.Roles
}

// fixed is how many columns stand before those of itemColumns.
const fixed = 7

func (v *view) entry(t *schema.Table, columns []string, row []any) readEntry {
	f := fields{}
	for i, name := range columns {
		f[name] = row[fixed+i]
	}
	at, _ := row[0].(schema.Ticks)
	raw, _ := row[1].(int64)
	said, _ := row[5].(int64)
	opened, _ := row[6].(bool)
	kind, site, outcome := text(row[2]), text(row[3]), text(row[4])
	c := Cursor{at, schema.RawID(raw)}
	device := entity.CanonicalDevice(f.text(deviceColumn(t)))
	r := v.reporter(t.Name, kind, site, device, at.Day(), outcomeOf(outcome))
	roles := v.roles(r, entity.Roles(said), opened)
	item := Item{
		RawID: strconv.FormatInt(raw, 10), Cursor: c.String(), Time: at.Time(), Table: t.Name, SourceKind: kind, Site: site, Device: device,
		Outcome: outcome, Roles: roleNames(roles), AlsoIn: []string{}, Alert: slices.Contains(alertTables, t.Name),
	}
	f.describe(&item, v.about(), opened)
	return readEntry{entry{c, item}, roles}
}

func roleNames(r entity.Roles) []string {
	if names := r.Names(); names != nil {
		return names
	}
	return []string{}
}

// finish looks up what a page says of its records beside their primary rows.
func (v *view) finish(ctx context.Context, found []entry) error {
	if len(found) == 0 {
		return nil
	}
	at := map[string]*Item{}
	first, last := found[0].at.Time, found[0].at.Time
	ids := make([]string, len(found))
	for i := range found {
		e := &found[i]
		first, last = min(first, e.at.Time), max(last, e.at.Time)
		ids[i] = e.item.RawID
		at[e.item.RawID] = &e.item
	}
	for _, table := range copyTables {
		t := schema.Default().MustTable(table)
		q := fmt.Sprintf("%s\n| where %s between (datetime(%s) .. datetime(%s)) and _RawId in (%s)\n| distinct _RawId", table, t.Time, first, last, strings.Join(ids, ", "))
		if err := v.KQL(ctx, q, func(row []any) {
			raw, _ := row[0].(int64)
			item := at[strconv.FormatInt(raw, 10)]
			if item == nil || item.Table == table {
				return
			}
			item.AlsoIn = append(item.AlsoIn, table)
			item.Alert = item.Alert || slices.Contains(alertTables, table)
		}); err != nil {
			return fmt.Errorf("look for copies in %s: %w", table, err)
		}
	}
	return nil
}

// query is the KQL of the whole timeline, and what it cannot say.
func (v *view) query() (kql, note string) {
	if len(v.tallies) == 0 {
		return "", ""
	}
	s := span{v.tallies[0].Day, v.tallies[0].Day}
	for i := range v.tallies {
		s.from, s.to = min(s.from, v.tallies[i].Day), max(s.to, v.tallies[i].Day)
	}
	tables := v.tables(s)
	var parts []string
	for _, name := range tables {
		p := v.part(name, s)
		t, part := p.table, p.rows
		if v.req.Roles != 0 && roleCondition(v.about(), t, v.req.Roles) == "" {
			note = "The query gives the rows of every role: which one a record has is known from the ledger."
		}
		if len(tables) > 1 {
			part = fmt.Sprintf("(%s\n| extend Time = %s)", part, t.Time)
		}
		parts = append(parts, part)
	}
	if len(parts) == 1 {
		return parts[0] + "\n| sort by " + schema.Default().MustTable(tables[0]).Time + " desc, _RawId desc", note
	}
	return "union withsource = Table\n" + strings.Join(parts, ",\n") + "\n| sort by Time desc, _RawId desc", note
}
