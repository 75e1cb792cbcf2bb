package main

import (
	"fmt"
	"net/url"
	"slices"

	"spoor/internal/entity"
	"spoor/internal/store"
	"spoor/internal/timeline"
)

// checkTimelines compares timelines with the truth (of addresses, by source kind) and
// with the ledger (of a sample of entities of every kind, by kind, roles and outcome).
func (p *pack) checkTimelines(site string, want map[string]map[string]truthCount) {
	p.t.Helper()
	for ip, kinds := range want {
		for kind, count := range kinds {
			if count.Events > 3000 { // one by one they take minutes
				continue
			}
			path := fmt.Sprintf("/api/entities/ip/%s/timeline?site=%s&sourceKind=%s&roles=source&roles=destination&limit=1000", url.PathEscape(ip), site, kind)
			var events int64
			for next := path; next != ""; {
				var page timeline.Page
				p.get(next, &page)
				events += int64(len(page.Items))
				if next = ""; page.Older != "" {
					next = path + "&cursor=" + page.Older
				}
			}
			if events != count.Events {
				p.t.Errorf("the timeline of %s has %d records of %s, the truth %d", ip, events, kind, count.Events)
			}
		}
	}
	for _, kind := range entity.Kinds {
		rows := p.ask(fmt.Sprintf("SpoorSightings | where Kind == %q and Site == %q | summarize Records = sum(Records) by Entity | where Records < 500 | order by hash_md5(Entity) asc | take 12", kind, site))
		if len(rows) == 0 {
			p.t.Errorf("there are no entities of kind %s", kind)
		}
		for _, row := range rows {
			p.checkTimeline(site, entity.ID{Kind: kind, Value: row[0].(string)})
		}
	}
}

// checkTimeline compares the records of a timeline with the ledger.
func (p *pack) checkTimeline(site string, id entity.ID) {
	p.t.Helper()
	tallies, err := p.events.Tallies(p.t.Context(), store.TallyQuery{LedgerQuery: store.LedgerQuery{Kind: id.Kind, Entity: id.Value, Site: site}})
	if err != nil {
		p.t.Fatal(err)
	}
	want, got := map[string]int64{}, map[string]int64{}
	for _, t := range tallies {
		want[fmt.Sprintf("%s %v %s", t.SourceKind, t.Roles.Names(), t.Outcome)] += t.Records
	}
	timelines := &timeline.Timelines{Ledger: p.events, KQL: p.kql}
	page, err := timelines.Page(p.t.Context(), timeline.PageRequest{Request: timeline.Request{ID: id, Site: site}, Limit: 1000})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, it := range page.Items {
		got[fmt.Sprintf("%s %v %s", it.SourceKind, it.Roles, it.Outcome)]++
	}
	var wrong []string
	for key, n := range want {
		if got[key] != n {
			wrong = append(wrong, fmt.Sprintf("%s: %d, in the ledger %d", key, got[key], n))
		}
		delete(got, key)
	}
	for key, n := range got {
		wrong = append(wrong, fmt.Sprintf("%s: %d, in the ledger none", key, n))
	}
	if slices.Sort(wrong); len(wrong) > 0 {
		p.t.Errorf("the timeline of %s %s: %v", id.Kind, id.Value, wrong)
	}
}
