package timeline

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/kql/syntax"
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

// A first read reaches over window times the records of the page, as the ledger counts
// them, and each further one over growth times as many: a text that is searched for may
// stand in none of them.
const (
	window = 2
	growth = 8
)

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
	for reach := float64(window * want); len(found) < want; reach *= growth {
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
		// All that is in the span was read: go on behind it.
		req.After = &Cursor{s.from - 1, math.MaxInt64}
		if req.Newer {
			req.After = &Cursor{s.to + 1, -1}
		}
	}
	return found, v.finish(ctx, found)
}

// readSpan reads the records of a span next to the place, from all tables.
func (v *view) readSpan(ctx context.Context, s span, req *PageRequest, limit int) ([]entry, error) {
	if err := v.learn(ctx, s); err != nil {
		return nil, err
	}
	var found []entry
	for _, table := range v.tables(s) {
		for _, p := range v.parts(table, s) {
			part, err := v.read(ctx, p, req, limit)
			if err != nil {
				return nil, fmt.Errorf("read the timeline in %s: %w", table, err)
			}
			found = append(found, part...)
		}
	}
	slices.SortFunc(found, func(a, b entry) int {
		if req.Newer {
			return a.at.compare(b.at)
		}
		return b.at.compare(a.at)
	})
	return found[:min(len(found), limit)], nil
}

// reach is the time from the place on in which the ledger lets expect so many records: whole
// days, and of the last one a part, as if its records came evenly. rest reports whether
// there are records behind it; ok is false when there are none from the place on.
func (v *view) reach(req *PageRequest, records float64) (s span, rest, ok bool) {
	s = v.period()
	switch {
	case req.After == nil:
	case req.Newer:
		s.from = max(s.from, req.After.Time)
	default:
		s.to = min(s.to, req.After.Time)
	}
	days := v.daysIn(s)
	if !req.Newer {
		slices.Reverse(days)
	}
	for _, d := range days {
		part := d.and(s)
		expected := float64(d.records) * part.length() / d.length()
		if expected > records {
			length := schema.Ticks(part.length() * records / expected)
			if req.Newer {
				s.to = part.from + length
			} else {
				s.from = part.to - length
			}
			return s, true, true
		}
		records -= expected
	}
	return s, false, len(days) > 0
}

// day is the records of a day.
type day struct {
	span    // from the first of them to the last
	records int64
}

// daysIn lists the days with records in a span, upwards.
func (v *view) daysIn(s span) []day {
	days := map[int32]day{}
	for i := range v.tallies {
		t := &v.tallies[i]
		d, ok := days[t.Day]
		if !ok {
			d.span = span{t.First, t.Last}
		}
		days[t.Day] = day{span{min(d.from, t.First), max(d.to, t.Last)}, d.records + t.Records}
	}
	out := slices.SortedFunc(maps.Values(days), func(a, b day) int { return cmp.Compare(a.from, b.from) })
	return slices.DeleteFunc(out, func(d day) bool { return d.to < s.from || d.from > s.to })
}

// read reads the records of a part next to the place.
func (v *view) read(ctx context.Context, p part, req *PageRequest, limit int) ([]entry, error) {
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
	return found, err
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
	var parts []string
	for _, table := range copyTables {
		if !slices.ContainsFunc(found, func(e entry) bool { return copied(e.item.SourceKind, table) }) {
			continue
		}
		t := schema.Default().MustTable(table)
		parts = append(parts, fmt.Sprintf("(%s\n| where %s between (datetime(%s) .. datetime(%s)) and _RawId in (%s)\n| project _RawId, Table = %s)",
			table, t.Time, first, last, strings.Join(ids, ", "), syntax.Quote(table)))
	}
	if len(parts) == 0 {
		return nil
	}
	err := v.KQL(ctx, "union "+strings.Join(parts, ",\n")+"\n| distinct _RawId, Table", func(row []any) {
		raw, _ := row[0].(int64)
		item, table := at[strconv.FormatInt(raw, 10)], text(row[1])
		if item == nil || item.Table == table {
			return
		}
		item.AlsoIn = append(item.AlsoIn, table)
		item.Alert = item.Alert || slices.Contains(alertTables, table)
	})
	if err != nil {
		return fmt.Errorf("look for copies: %w", err)
	}
	for i := range found {
		slices.SortFunc(found[i].item.AlsoIn, func(a, b string) int { return slices.Index(copyTables, a) - slices.Index(copyTables, b) })
	}
	return nil
}

// query is the KQL of the whole timeline, and what it cannot say.
func (v *view) query() (kql, note string) {
	if len(v.tallies) == 0 {
		return "", ""
	}
	var parts []part
	for _, table := range v.tables(v.period()) {
		parts = append(parts, v.parts(table, v.period())...)
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		if v.req.Roles != 0 && roleCondition(v.about(), p.table, v.req.Roles) == "" {
			note = "The query gives the rows of every role: which one a record has is known from the ledger."
		}
		texts[i] = fmt.Sprintf("(%s\n| extend Time = %s)", p.rows, p.table.Time)
	}
	if len(parts) == 1 {
		return parts[0].rows + "\n| sort by " + parts[0].table.Time + " desc, _RawId desc", note
	}
	return "union withsource = Table\n" + strings.Join(texts, ",\n") + "\n| sort by Time desc, _RawId desc", note
}
