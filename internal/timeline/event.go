package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Event is a record with all that its rows say.
type Event struct {
	RawID      string        `json:"rawId"`
	Time       time.Time     `json:"time"`
	SourceKind string        `json:"sourceKind"`
	SourceName string        `json:"sourceName" doc:"file or listener"`
	Site       string        `json:"site"`
	Outcome    string        `json:"outcome,omitempty"`
	Ingested   time.Time     `json:"ingested"`
	Rows       []EventRow    `json:"rows" doc:"its rows, the primary one first"`
	Related    []NamedEntity `json:"related" doc:"the entities that its columns name"`
	Graph      Graph         `json:"graph" doc:"who did what to what, as its rows say"`
	Query      string        `json:"query" doc:"KQL that gives the primary row"`
}

// EventRow is a row of a record.
type EventRow struct {
	Table  string       `json:"table"`
	Fields []EventField `json:"fields" doc:"columns with values, in the table's order"`
}

// EventField is the value of a column.
type EventField struct {
	Name  string `json:"name"`
	Type  string `json:"type" enum:"bool,int,long,real,decimal,string,datetime,timespan,guid,dynamic"`
	Value string `json:"value" doc:"as text; dynamic values are JSON"`
}

// NamedEntity is an entity that a record names in a column.
type NamedEntity struct {
	Kind   string   `json:"kind" enum:"ip,domain,url,hash,account,device"`
	ID     string   `json:"id"`
	Column string   `json:"column" doc:"the first column that names it"`
	Roles  []string `json:"roles"`
}

// Event reads a record by its raw id from the tables given, those that have rows. hint is
// the table to look in first, "" for none. The answer is nil when no table has rows of it.
func (t *Timelines) Event(ctx context.Context, raw schema.RawID, hint string, tables []string) (*Event, error) {
	slices.SortFunc(tables, func(a, b string) int { return rank(a, hint) - rank(b, hint) })
	var ev *Event
	for _, name := range tables {
		table, ok := schema.Default().Table(name)
		if !ok || table.View || name == schema.SpoorAudit {
			continue
		}
		// The first row tells the time, by which the others are found fast.
		within := ""
		if ev != nil {
			within = fmt.Sprintf(" and %s == datetime(%s)", table.Time, schema.TicksOf(ev.Time))
		}
		if err := t.eventRows(ctx, table, raw, within, &ev); err != nil {
			return nil, err
		}
	}
	if ev != nil {
		ev.Related = related(ev.Rows)
		ev.Graph = graphOf(ev.Rows, ev.Outcome)
		first := schema.Default().MustTable(ev.Rows[0].Table)
		ev.Query = fmt.Sprintf("%s\n| where %s == datetime(%s) and _RawId == %d", first.Name, first.Time, schema.TicksOf(ev.Time), raw)
	}
	return ev, nil
}

// rank orders the tables: the hint, then others, then those that take copies.
func rank(table, hint string) int {
	if table == hint {
		return 0
	}
	return 1 + slices.Index(copyTables, table) + 1
}

func (t *Timelines) eventRows(ctx context.Context, table *schema.Table, raw schema.RawID, within string, ev **Event) error {
	var columns []*schema.Column
	var project strings.Builder
	for i := range table.Columns {
		if c := &table.Columns[i]; !c.Hidden && c.Constant == "" {
			columns = append(columns, c)
			project.WriteString(", " + bracketed(c.Name))
		}
	}
	q := fmt.Sprintf("%s\n| where _RawId == %d%s\n| project _Time = %s, _SourceKind, _SourceName, _Site, _Outcome, _IngestedAt%s", table.Name, raw, within, table.Time, project.String())
	err := t.KQL(ctx, q, func(row []any) {
		if *ev == nil {
			at, _ := row[0].(schema.Ticks)
			ingested, _ := row[5].(schema.Ticks)
			*ev = &Event{
				RawID: strconv.FormatInt(int64(raw), 10), Time: at.Time(), SourceKind: text(row[1]), SourceName: text(row[2]),
				Site: text(row[3]), Outcome: text(row[4]), Ingested: ingested.Time(),
			}
		}
		out := EventRow{Table: table.Name, Fields: []EventField{}}
		for i, c := range columns {
			if s := fieldText(row[6+i], c.Type); s != "" {
				out.Fields = append(out.Fields, EventField{c.Name, c.Type.String(), s})
			}
		}
		(*ev).Rows = append((*ev).Rows, out)
	})
	if err != nil {
		return fmt.Errorf("read record %d in %s: %w", raw, table.Name, err)
	}
	return nil
}

// bracketed names a column in KQL whatever its name is.
func bracketed(name string) string { return "['" + name + "']" }

func fieldText(v any, t schema.Type) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.RawMessage:
		return string(v)
	case schema.Ticks:
		if t == schema.DateTime {
			return v.String()
		}
		return strconv.FormatInt(int64(v), 10)
	default:
		return fmt.Sprint(v)
	}
}

// related lists the entities in the annotated columns of some rows.
func related(rows []EventRow) []NamedEntity {
	out := []NamedEntity{}
	for _, row := range rows {
		table := schema.Default().MustTable(row.Table)
		values := map[string]string{}
		for _, f := range row.Fields {
			values[f.Name] = f.Value
		}
		for _, f := range row.Fields {
			c, _ := table.Column(f.Name)
			for _, id := range held(c, f.Value, values[c.Domain]) {
				if !slices.ContainsFunc(out, func(r NamedEntity) bool { return r.Kind == string(id.Kind) && r.ID == id.Value }) {
					out = append(out, NamedEntity{string(id.Kind), id.Value, f.Name, roleNames(c.Role)})
				}
			}
		}
	}
	return out
}

// held is the entities that a value of a column is.
func held(c *schema.Column, value, domain string) []entity.ID {
	var ids []entity.ID
	add := func(kind entity.Kind, value string) {
		if value != "" {
			ids = append(ids, entity.ID{Kind: kind, Value: value})
		}
	}
	switch c.Holds {
	case schema.HoldsNothing:
		if c.Derived {
			add(entity.Hash, entity.CanonicalHash(value))
		}
	case schema.HoldsAddress:
		if a, err := netip.ParseAddr(entity.CanonicalAddress(value)); err == nil && !entity.IsGroup(a) {
			add(entity.IP, a.String())
		}
	case schema.HoldsHash:
		add(entity.Hash, entity.CanonicalHash(value))
	case schema.HoldsDevice:
		add(entity.Device, entity.CanonicalDevice(value))
	case schema.HoldsAccount:
		add(entity.Account, entity.CanonicalAccount(domain, value))
	case schema.HoldsURL:
		if url := entity.CanonicalURL(value); url != "" {
			add(entity.URL, url)
		} else {
			add(entity.Domain, entity.CanonicalDomain(value))
		}
	}
	return ids
}
