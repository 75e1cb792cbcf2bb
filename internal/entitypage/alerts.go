package entitypage

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"spoor/internal/schema"
)

// Alerts is which alerts are listed, and in which order.
type Alerts struct {
	List
	// Severity keeps the alerts of one severity, as the source wrote it.
	Severity string
}

// Alerts gives a page of the alerts that name the entity. List.Sort is time (the
// default), severity, title or source, and List.Match is looked for in title, category,
// source, device and alert id.
func (p *Pages) Alerts(ctx context.Context, req Request, ask Alerts) (AlertList, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return AlertList{}, err
	}
	all, err := v.readAlerts(ctx)
	if err != nil {
		return AlertList{}, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(a Alert) bool {
		return !ask.keeps(a.Title, a.Category, a.Source, a.Device, a.AlertID)
	})
	list := AlertList{BySeverity: bySeverity(all), Query: v.alertsQuery()}
	if ask.Severity != "" {
		all = slices.DeleteFunc(all, func(a Alert) bool { return a.Severity != ask.Severity })
	}
	list.Total = int64(len(all))
	list.Items = pageOf(all, ask.List, alertOrder(ask.Sort))
	return list, nil
}

// alertList gives the latest alerts, if any may name the entity, and all of them.
func (v *view) alertList(ctx context.Context) (AlertList, []Alert, error) {
	all, err := v.readAlerts(ctx)
	return AlertList{
		Total: int64(len(all)), BySeverity: bySeverity(all), Items: pageOf(slices.Clone(all), List{Limit: PageSize}, alertOrder("")), Query: v.alertsQuery(),
	}, all, err
}

// readAlerts gives the alerts of ingested sources that name the entity, the latest first.
// They are read once, and not to be changed.
func (v *view) readAlerts(ctx context.Context) ([]Alert, error) {
	question := v.alertsQuery()
	if !v.named() || question == "" {
		return []Alert{}, nil
	}
	err := v.alerting.do(ctx, func() error {
		all := []Alert{}
		err := v.kql(ctx, question, func(row []any) { all = append(all, alertOf(row)) })
		v.alerts = all
		return err
	})
	if err != nil {
		return []Alert{}, err
	}
	return v.alerts, nil
}

// alertOf reads a row of alertsText.
func alertOf(row []any) Alert {
	a := Alert{
		AlertID: text(row[0]), Title: text(row[2]), Severity: text(row[3]), Category: listed(text(row[4])), Source: text(row[5]),
		Device: text(row[6]), Evidence: text(row[7]), Roles: []string{},
	}
	if at, ok := row[1].(schema.Ticks); ok {
		a.Time = at.Time()
	}
	for i, role := range []string{"source", "destination", "forwarded"} {
		if n, _ := row[8+i].(int64); n > 0 {
			a.Roles = append(a.Roles, role)
		}
	}
	if id, ok := row[11].(int64); ok {
		a.RawID = rawID(schema.RawID(id))
	}
	return a
}

// listed is a JSON list of names as people write it; other text is left as it is.
func listed(s string) string {
	var names []string
	if json.Unmarshal([]byte(s), &names) != nil {
		return s
	}
	return strings.Join(names, ", ")
}

func bySeverity(alerts []Alert) map[string]int64 {
	counts := map[string]int64{}
	for i := range alerts {
		counts[alerts[i].Severity]++
	}
	return counts
}

// severities are Microsoft's, the gravest first.
var severities = []string{"High", "Medium", "Low", "Informational"}

// alertOrder is the order that a sort asks for: times and severities sort downwards,
// texts upwards; "-" turns it round. What is equal is in the order of time.
func alertOrder(sort string) func(a, b Alert) int {
	field, reverse := strings.CutPrefix(sort, "-")
	return func(a, b Alert) int {
		var order int
		switch field {
		case "severity":
			order = cmp.Compare(gravity(a.Severity), gravity(b.Severity))
		case "title":
			order = cmp.Compare(a.Title, b.Title)
		case "source":
			order = cmp.Compare(a.Source, b.Source)
		default:
			order = b.Time.Compare(a.Time)
		}
		if reverse {
			order = -order
		}
		return cmp.Or(order, b.Time.Compare(a.Time), cmp.Compare(a.AlertID, b.AlertID))
	}
}

// gravity numbers a severity from the gravest; one that the scale lacks comes last.
func gravity(severity string) int {
	at := slices.Index(severities, severity)
	if at < 0 {
		return len(severities)
	}
	return at
}
