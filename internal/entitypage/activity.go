package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// sources is the log activity by source kind: of the caller's period, or, without one,
// of all time. A record that only mentions the entity is counted apart.
func (v *view) sources() []Source { return v.activity.get(v.tallySources) }

func (v *view) tallySources() []Source {
	rows := v.all
	if v.window.explicit {
		rows = v.rows
	}
	kinds := map[string]*activity{}
	stretches := map[string]int{}
	for i := range rows {
		stretches[rows[i].SourceKind]++
	}
	for i := range rows {
		r := &rows[i]
		a, ok := kinds[r.SourceKind]
		if !ok {
			a = newActivity(r, stretches[r.SourceKind])
			kinds[r.SourceKind] = a
		}
		a.add(r)
	}
	if v.among != nil {
		inside := v.among.insideEver
		if v.window.explicit {
			inside = v.among.inside
		}
		for kind, roles := range inside {
			kinds[kind].addRoles(roles)
		}
	}
	for i := range v.all {
		if a, ok := kinds[v.all[i].SourceKind]; ok {
			a.addEver(&v.all[i])
		}
	}
	out := make([]Source, 0, len(kinds))
	for _, a := range kinds {
		out = append(out, a.source(v))
	}
	slices.SortFunc(out, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.SourceKind, b.SourceKind))
	})
	return out
}

// takenIn fills when the logs of the latest records had something taken in.
func (v *view) takenIn(ctx context.Context, sources []Source) error {
	ids := map[string]bool{}
	for i := range sources {
		if raw := sources[i].LastRaw; raw != 0 {
			ids[strconv.Itoa(int(raw.Source()))] = true
		}
	}
	if len(ids) == 0 {
		return nil
	}
	at := map[int64]time.Time{}
	query := fmt.Sprintf("%s\n| where SourceId in (%s)\n| project SourceId, LastIngestedAt", schema.SpoorSources, strings.Join(slices.Sorted(maps.Keys(ids)), ", "))
	err := v.kql(ctx, query, func(row []any) { at[number(row[0])] = ticks(row[1]).Time() })
	for i := range sources {
		if t, ok := at[int64(sources[i].LastRaw.Source())]; ok {
			sources[i].TakenIn = &t
		}
	}
	return err
}

// activity adds up the rows of one source kind.
type activity struct {
	Source
	hosts map[string]int // index in days
	days  []days         // of each host
	first, last,
	firstEver, lastEver schema.Ticks
}

func newActivity(r *store.Stretch, stretches int) *activity {
	return &activity{
		Source: Source{
			SourceKind: r.SourceKind, Table: r.Table,
			Roles: map[string]int64{}, Outcomes: map[string]int64{},
		},
		hosts: make(map[string]int, stretches), first: schema.MaxTicks, firstEver: schema.MaxTicks,
	}
}

func (a *activity) add(r *store.Stretch) {
	if r.Roles == entity.RoleMentioned {
		a.Mentioned += r.Records
		return
	}
	a.Records += r.Records
	if r.Roles.Has(entity.RoleSource) {
		a.AsSource += r.Records
	}
	if r.Roles.Has(entity.RoleDestination) {
		a.AsDestination += r.Records
	}
	for _, role := range r.Roles.Names() {
		a.Roles[role] += r.Records
	}
	if r.Outcome != schema.OutcomeNone {
		a.Outcomes[r.Outcome.String()] += r.Records
	}
	a.BytesOut += r.BytesOut
	a.BytesIn += r.BytesIn
	if r.Last > a.last {
		a.LastRaw = r.LastRaw
	}
	a.first, a.last = min(a.first, r.First), max(a.last, r.Last)
	if r.Device == "" && r.Entity == "" {
		return // added up over all addresses, whoever was at the other end
	}
	at, ok := a.hosts[host(r)]
	if !ok {
		at = len(a.days)
		a.hosts[host(r)] = at
		a.days = append(a.days, days{})
	}
	a.days[at].add(r)
}

// addRoles adds roles of records that are counted already.
func (a *activity) addRoles(roles map[string]int64) {
	for role, n := range roles {
		a.Roles[role] += n
	}
	a.AsSource, a.AsDestination = a.Roles[entity.RoleSource.String()], a.Roles[entity.RoleDestination.String()]
}

// host is what a record says was at the other end or reported it: the device as
// reported or, for a sensor that names none, the address at the other end; "" where a
// record tells neither.
func host(r *store.Stretch) string {
	if r.Device != "" {
		return r.Device
	}
	return r.Peer
}

func (a *activity) addEver(r *store.Stretch) {
	if r.Roles != entity.RoleMentioned {
		a.firstEver, a.lastEver = min(a.firstEver, r.First), max(a.lastEver, r.Last)
	}
}

func (a *activity) source(v *view) Source {
	s := a.Source
	s.Hosts = int64(len(a.hosts))
	nobody, unnamed := a.hosts[""]
	if unnamed {
		s.Hosts--
	}
	s.First, s.Last = timesOf(a.first, a.last)
	s.FirstEver, s.LastEver = timesOf(a.firstEver, a.lastEver)
	hosts := map[int32]int64{}
	for i := range a.days {
		n := int64(1)
		if unnamed && i == nobody {
			n = 0
		}
		a.days[i].each(func(d int32) { hosts[d] += n })
	}
	records := v.recordsPerDay(s.SourceKind)
	s.ByDay = make([]Day, 0, len(hosts))
	for _, d := range slices.Sorted(maps.Keys(hosts)) {
		s.ByDay = append(s.ByDay, Day{Day: day(d), Records: records[d], Hosts: hosts[d]})
	}
	s.Query = v.sourceQuery(s.SourceKind)
	return s
}

// recordsPerDay counts the records of a source kind on each day.
func (v *view) recordsPerDay(kind string) map[int32]int64 {
	records := map[int32]int64{}
	for d, counts := range v.outcomesPerDay(kind) {
		for _, n := range counts {
			records[d] += n
		}
	}
	return records
}

// outcomes counts records by outcome.
type outcomes [schema.Outcomes]int64

// outcomesPerDay counts the records of a source kind on each day by outcome: of the days
// that are only in part in the window, those in it.
func (v *view) outcomesPerDay(kind string) map[int32]*outcomes {
	byDay := map[int32]*outcomes{}
	at := func(d int32) *outcomes {
		if byDay[d] == nil {
			byDay[d] = &outcomes{}
		}
		return byDay[d]
	}
	for _, c := range v.perDay {
		if c.SourceKind == kind {
			at(c.Day)[c.Outcome] += c.Records
		}
	}
	for _, d := range v.window.edgeDays() {
		*at(d) = outcomes{}
		for i := range v.rows {
			if r := &v.rows[i]; r.SourceKind == kind && r.Roles != entity.RoleMentioned && seenOn(r, d) {
				at(d)[r.Outcome] += r.Records
			}
		}
	}
	return byDay
}

// timesOf is a first and a last, or nothing when no record set them.
func timesOf(first, last schema.Ticks) (*time.Time, *time.Time) {
	if first > last {
		return nil, nil
	}
	a, b := first.Time(), last.Time()
	return &a, &b
}

// sites lists the sites that have records of anything.
func sites(all []store.Coverage) []string {
	names := map[string]bool{}
	for _, c := range all {
		names[c.Site] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func coverage(all []store.Coverage) []Coverage {
	byKind := map[string]*Coverage{}
	for _, c := range all {
		at, ok := byKind[c.SourceKind]
		if !ok {
			byKind[c.SourceKind] = &Coverage{
				SourceKind: c.SourceKind, Table: c.Table, Records: c.Records, First: c.First.Time(), Last: c.Last.Time(),
			}
			continue
		}
		at.Records += c.Records
		if t := c.First.Time(); t.Before(at.First) {
			at.First = t
		}
		if t := c.Last.Time(); t.After(at.Last) {
			at.Last = t
		}
	}
	out := make([]Coverage, 0, len(byKind))
	for _, c := range byKind {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.SourceKind, b.SourceKind))
	})
	return out
}
