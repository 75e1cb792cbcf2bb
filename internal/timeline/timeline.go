// Package timeline lists the records that name an entity, in the order of event time:
// the primary rows of every table, merged, page by page in both directions, and what
// they add up to by role, outcome, source kind, table, device and day.
//
// The sightings ledger says in which tables, of which kinds and on which days there are
// such records, so that only those are read. Counts are the ledger's, unless a text is
// searched for: then they are counted from the rows. The package keeps nothing.
package timeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Ledger tells how many records name an entity, and where they are.
type Ledger interface {
	Tallies(ctx context.Context, q store.TallyQuery) ([]store.Tally, error)
}

// KQL runs a query and hands every row of its result to yield, in order. The values
// are those of query.Result.
type KQL func(ctx context.Context, text string, yield func(row []any)) error

// Timelines answers questions about the records of entities. Its fields are set once; it
// is safe for concurrent use.
type Timelines struct {
	Ledger Ledger
	KQL    KQL
}

// Request says of which entity, when, and which of its records.
type Request struct {
	ID entity.ID
	// Among is the addresses, when ID is many.
	Among *Among
	Site  string // "" for all sites
	// From and To bound event time, To exclusive; the zero time is no bound.
	From, To time.Time
	Filter
}

// Filter keeps the records that meet each of its parts; an empty part keeps all.
type Filter struct {
	Roles       entity.Roles // at least one of them
	Outcomes    []string     // words of schema.Outcome; "none" for records without one
	SourceKinds []string
	Tables      []string
	Devices     []string // as reported; "" for sensors that name no host
	AlertsOnly  bool     // records that made an alert, or are one
	Text        string   // stands in a column, in any case
	In          Field    // which columns are searched for it
}

// Field is a group of columns that a text is searched in.
type Field string

// The fields.
const (
	InAny     Field = ""
	InDevice  Field = "device"
	InAccount Field = "account"
	InFile    Field = "file"
)

// NoOutcome stands in a filter for records without an outcome.
const NoOutcome = "none"

// Cursor is the place of a record in the order of a timeline.
type Cursor struct {
	Time schema.Ticks
	Raw  schema.RawID
}

// String is the cursor as ParseCursor reads it.
func (c Cursor) String() string { return fmt.Sprintf("%d.%d", c.Time, c.Raw) }

var errCursor = errors.New("this is no cursor of a timeline")

// ParseCursor reads a cursor.
func ParseCursor(s string) (Cursor, error) {
	at, raw, _ := strings.Cut(s, ".")
	t, err := strconv.ParseInt(at, 10, 64)
	r, err2 := strconv.ParseInt(raw, 10, 64)
	if err != nil || err2 != nil || t < 0 || t > int64(schema.MaxTicks) {
		return Cursor{}, errCursor
	}
	return Cursor{schema.Ticks(t), schema.RawID(r)}, nil
}

func (c Cursor) compare(d Cursor) int {
	if c.Time != d.Time {
		return int(max(-1, min(1, c.Time-d.Time)))
	}
	return int(max(-1, min(1, c.Raw-d.Raw)))
}

// alertTables hold alerts. A kind of records that has rows in one of them is a kind of
// alerts.
var alertTables = []string{"AlertInfo", "AlertEvidence", "SecurityAlert"}

// view is what one answer is made from.
type view struct {
	*Timelines
	req      Request
	from, to schema.Ticks // to exclusive
	// tallies are those that the filter keeps, of the devices that it keeps together; days
	// that are only in part in the period are in it whole.
	tallies []store.Tally
	known   knownRoles // of the days that learn has read
}

// view reads what the ledger knows.
func (t *Timelines) view(ctx context.Context, req Request) (*view, error) {
	v := &view{Timelines: t, req: req, to: schema.MaxTicks}
	if !req.From.IsZero() {
		v.from = schema.TicksOf(req.From)
	}
	if !req.To.IsZero() {
		v.to = schema.TicksOf(req.To)
	}
	keep, err := v.keeps(ctx)
	if err != nil {
		return nil, err
	}
	v.tallies, err = v.tally(ctx, store.TallyQuery{Devices: req.Devices, AnyDevice: true}, v.period())
	v.tallies = slices.DeleteFunc(v.tallies, func(t store.Tally) bool {
		return t.Last < v.from || t.First >= v.to || !keep(&t, facetNone)
	})
	return v, err
}

// period is all of the view's time.
func (v *view) period() span { return span{v.from, v.to - 1} }

// tally reads the tallies of the days that a span touches.
func (v *view) tally(ctx context.Context, q store.TallyQuery, s span) ([]store.Tally, error) {
	q.LedgerQuery = store.LedgerQuery{Kind: v.req.ID.Kind, Entity: v.req.ID.Value, Site: v.req.Site, FromDay: s.from.Day(), ToDay: s.to.Day()}
	if v.req.Among != nil {
		q.Kind, q.Entity, q.Among = entity.IP, "", &v.req.Among.Addresses
	}
	tallies, err := v.Ledger.Tallies(ctx, q)
	return slices.DeleteFunc(tallies, func(t store.Tally) bool {
		return t.Table == schema.SpoorAudit || v.req.Among != nil && t.Roles&byColumn == 0
	}), err
}

// learn reads from the ledger which parts the entity plays in the records of a span, by
// who reports them. What was learned before is forgotten.
func (v *view) learn(ctx context.Context, s span) error {
	tallies, err := v.tally(ctx, store.TallyQuery{}, s)
	v.known = knownRoles{}
	for i := range tallies {
		v.known.add(&tallies[i])
	}
	return err
}

// keeps is the filter on what the ledger tells records apart by, but for devices. It leaves
// out the part that a facet counts over.
func (v *view) keeps(ctx context.Context) (func(t *store.Tally, but facet) bool, error) {
	f := v.req.Filter
	var alerts map[string]bool
	if f.AlertsOnly {
		var err error
		if alerts, err = v.alertKinds(ctx); err != nil {
			return nil, err
		}
	}
	return func(t *store.Tally, but facet) bool {
		return (but == facetRole || f.Roles == 0 || t.Roles&f.Roles != 0) &&
			(but == facetOutcome || in(f.Outcomes, outcomeWord(t.Outcome))) &&
			(but == facetKind || in(f.SourceKinds, t.SourceKind)) &&
			(but == facetTable || in(f.Tables, t.Table)) &&
			(!f.AlertsOnly || alerts[t.SourceKind])
	}, nil
}

func in(list []string, s string) bool { return len(list) == 0 || slices.Contains(list, s) }

func outcomeWord(o schema.Outcome) string {
	if o == schema.OutcomeNone {
		return NoOutcome
	}
	return o.String()
}

// alertKinds are the source kinds with rows in a table of alerts.
func (t *Timelines) alertKinds(ctx context.Context) (map[string]bool, error) {
	kinds := map[string]bool{}
	for _, table := range alertTables {
		err := t.KQL(ctx, table+" | distinct _SourceKind", func(row []any) { kinds[text(row[0])] = true })
		if err != nil {
			return nil, fmt.Errorf("list the kinds of alerts: %w", err)
		}
	}
	return kinds, nil
}

// span is a part of time, both ends inclusive.
type span struct{ from, to schema.Ticks }

// and is what two spans have in common.
func (s span) and(other span) span { return span{max(s.from, other.from), min(s.to, other.to)} }

// length is the ticks of a span.
func (s span) length() float64 { return float64(s.to - s.from + 1) }

// touches reports whether records of a tally may lie in the span.
func (s span) touches(t *store.Tally) bool { return t.Last >= s.from && t.First <= s.to }

// tables lists the tables with tallies in a span.
func (v *view) tables(s span) []string {
	var names []string
	for i := range v.tallies {
		if t := &v.tallies[i]; s.touches(t) && !slices.Contains(names, t.Table) {
			names = append(names, t.Table)
		}
	}
	slices.Sort(names)
	return names
}

// part is the records in one table, in a span, that are found by one condition.
type part struct {
	table *schema.Table
	// rows is the KQL that gives them: only of the kinds and outcomes, and of the time, that
	// the ledger has there.
	rows string
	// assigned is the condition on the time of copies that say that the reporting device
	// holds the address; "" when there are none.
	assigned string
}

// parts tells where the records of a table are: those that columns for the entity name it
// in and, apart from them, those that are found in other text or by copies. To look there
// costs much more, and is for fewer kinds and less time.
func (v *view) parts(table string, s span) []part {
	t := schema.Default().MustTable(table)
	var all, others []*store.Tally
	for i := range v.tallies {
		c := &v.tallies[i]
		if c.Table != table || !s.touches(c) {
			continue
		}
		if all = append(all, c); !covered(v.about(), t, c.SourceKind, c.Roles) {
			others = append(others, c)
		}
	}
	columns := columnConditions(v.about(), t)
	elsewhere := otherConditions(v.about(), t, others, s.within(others))
	switch {
	case len(others) == 0 || len(elsewhere) == 0:
		return []part{v.part(t, s, all, anyOf(columns))}
	case len(others) == len(all) || len(columns) == 0:
		return []part{v.part(t, s, others, anyOf(append(columns, elsewhere...)))}
	default:
		return []part{
			v.part(t, s, all, anyOf(columns)),
			v.part(t, s, others, "not("+anyOf(columns)+")\n| where "+anyOf(elsewhere)),
		}
	}
}

// anyOf is the condition that one of some conditions is met.
func anyOf(conds []string) string {
	if len(conds) == 0 {
		return "false"
	}
	return strings.Join(conds, "\n    or ")
}

// within is the condition that a time lies in the span and where some tallies are.
func (s span) within(tallies []*store.Tally) string {
	hull := span{schema.MaxTicks, 0}
	for _, t := range tallies {
		hull = span{min(hull.from, t.First), max(hull.to, t.Last)}
	}
	s = s.and(hull)
	return fmt.Sprintf("between (datetime(%s) .. datetime(%s))", s.from, s.to)
}

// part is the records of some tallies that meet a condition.
func (v *view) part(t *schema.Table, s span, tallies []*store.Tally, cond string) part {
	var roles entity.Roles
	kinds, outcomes := map[string]bool{}, map[string]bool{}
	for _, c := range tallies {
		roles |= c.Roles
		kinds[c.SourceKind], outcomes[c.Outcome.String()] = true, true
	}
	within := s.within(tallies)
	p := part{table: t}
	if roles.Has(entity.RoleAssigned) && v.req.Among == nil {
		p.assigned = t.Time + " " + within
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n| where %s %s", t.Name, t.Time, within)
	fmt.Fprintf(&b, "\n| where _SourceKind in (%s)", quoteAll(sorted(kinds)))
	if v.req.Site != "" {
		fmt.Fprintf(&b, " and _Site == %s", syntax.Quote(v.req.Site))
	}
	if len(v.req.Outcomes) > 0 {
		fmt.Fprintf(&b, " and _Outcome in (%s)", quoteAll(sorted(outcomes)))
	}
	if len(v.req.Devices) > 0 {
		if c := deviceColumn(t); c != "" {
			fmt.Fprintf(&b, " and %s in~ (%s)", c, quoteAll(v.req.Devices))
		}
	}
	b.WriteString("\n| where " + cond)
	if v.req.Roles != 0 {
		if cond := roleCondition(v.about(), t, v.req.Roles); cond != "" {
			fmt.Fprintf(&b, "\n| where %s", cond)
		}
	}
	if v.req.Text != "" {
		fmt.Fprintf(&b, "\n| where %s", v.search(t))
	}
	p.rows = b.String()
	return p
}

// search is the condition that the text searched for stands in a row.
func (v *view) search(t *schema.Table) string {
	quoted := syntax.Quote(v.req.Text)
	if v.req.In == InAny {
		return "* contains " + quoted
	}
	var conds []string
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Type == schema.String && !c.Hidden && searched(c, v.req.In) {
			conds = append(conds, c.Name+" contains "+quoted)
		}
	}
	if len(conds) == 0 {
		return "false"
	}
	return strings.Join(conds, " or ")
}

func searched(c *schema.Column, f Field) bool {
	switch f {
	case InDevice:
		return c.Holds == schema.HoldsDevice
	case InAccount:
		return c.Holds == schema.HoldsAccount || strings.HasSuffix(c.Name, "AccountUpn") || strings.HasSuffix(c.Name, "AccountDomain")
	case InFile:
		name := strings.TrimPrefix(c.Name, "InitiatingProcess")
		return slices.Contains([]string{"FileName", "FolderPath", "ProcessCommandLine", "CommandLine", "ParentFileName", "PreviousFileName", "NewProcessName"}, name)
	default:
		return false
	}
}

// deviceColumn is the column with the reporting device; "" when a table has none.
func deviceColumn(t *schema.Table) string {
	for _, name := range []string{"DeviceName", "Computer"} {
		if t.Index(name) >= 0 {
			return name
		}
	}
	return ""
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

func text(v any) string {
	s, _ := v.(string)
	return s
}
