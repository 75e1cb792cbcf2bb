package entitypage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"spoor/internal/insight"
	"spoor/internal/schema"
)

// InsightList is the curated queries about an entity, with their answers.
type InsightList struct {
	Range Range         `json:"range"`
	Items []InsightItem `json:"items" doc:"those with rows first"`
}

// InsightItem is one curated query and what it answered.
type InsightItem struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Question string        `json:"question"`
	State    string        `json:"state" enum:"rows,empty,missing,role,failed" doc:"missing: its tables hold nothing at all; role: they never name the entity in the role asked for"`
	Tables   []string      `json:"tables"`
	Needs    string        `json:"needs" doc:"what fills the tables"`
	Error    string        `json:"error,omitempty"`
	Columns  []string      `json:"columns"`
	Rows     [][]string    `json:"rows" doc:"the first of them, as texts; times in RFC 3339"`
	Total    int64         `json:"total"`
	Chart    *InsightChart `json:"chart,omitempty"`
	Query    string        `json:"query"`

	CompareAs []string `json:"compareAs" doc:"what a comparison calls each of the rows"`
}

// InsightChart is the columns that make a bar each.
type InsightChart struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// insightRows is how many rows of an insight are shown.
const insightRows = 50

// RunInsights answers the insights of an entity's kind, all or those of the first tab. One
// that fails carries its error.
func (p *Pages) RunInsights(ctx context.Context, req Request, overview bool) (InsightList, error) {
	v, err := p.view(ctx, req)
	if err != nil {
		return InsightList{}, err
	}
	section := "insights"
	if overview {
		section = "insights of the overview"
	}
	return keepSection(p, v, section, func() (InsightList, error) { return p.runInsights(ctx, v, overview) })
}

// incomplete: an insight failed.
func (l InsightList) incomplete() bool {
	return slices.ContainsFunc(l.Items, func(i InsightItem) bool { return i.State == "failed" })
}

func (p *Pages) runInsights(ctx context.Context, v *view, overview bool) (InsightList, error) {
	filled, err := p.Tables(ctx)
	if err != nil {
		return InsightList{}, fmt.Errorf("list the tables with rows: %w", err)
	}
	list := InsightList{Range: v.window.document(), Items: []InsightItem{}}
	var of []*insight.Insight
	var asks []func() error
	for i := range p.Insights {
		if in := &p.Insights[i]; slices.Contains(in.Kinds, v.req.ID.Kind) && (in.Overview || !overview) {
			of = append(of, in)
			list.Items = append(list.Items, v.insightItem(in, filled))
		}
	}
	for i, in := range of {
		if item := &list.Items[i]; item.State == "" {
			asks = append(asks, func() error { v.answer(ctx, in, item); return nil })
		}
	}
	err = together(asks...)
	rank := map[string]int{"rows": 0, "failed": 1, "empty": 2, "role": 3, "missing": 4}
	slices.SortStableFunc(list.Items, func(a, b InsightItem) int { return rank[a.State] - rank[b.State] })
	return list, err
}

// insightItem is an insight before it is asked; its state is set when there is nothing
// to ask.
func (v *view) insightItem(in *insight.Insight, filled map[string]int64) InsightItem {
	role := v.req.Role.String()
	item := InsightItem{
		ID: in.ID, Title: in.Title, Question: in.Question, Tables: in.Tables, Needs: in.Needs, Columns: in.Columns, Rows: [][]string{}, CompareAs: []string{},
		Query: in.Text(insight.Scope{
			Entity: v.req.ID.Value, Role: role, Site: v.req.Site, From: v.window.from.Time(), To: v.window.to.Time(), Quote: quote,
		}),
	}
	if in.Chart != nil {
		item.Chart = &InsightChart{in.Chart.Name, in.Chart.Value}
	}
	switch {
	case !slices.ContainsFunc(in.Tables, func(t string) bool { return filled[t] > 0 || isView(t) }):
		item.State = "missing"
	case !in.Fits(role):
		item.State = "role"
	}
	return item
}

// isView reports whether a table is computed from what others hold.
func isView(table string) bool {
	t, ok := schema.Default().Table(table)
	return ok && t.View
}

func (v *view) answer(ctx context.Context, in *insight.Insight, item *InsightItem) {
	err := v.kql(ctx, item.Query, func(row []any) {
		item.Total++
		if len(item.Rows) < insightRows {
			texts := make([]string, len(row))
			for i, value := range row {
				texts[i] = cellText(value)
			}
			item.Rows, item.CompareAs = append(item.Rows, texts), append(item.CompareAs, rowName(in, row))
		}
	})
	switch {
	case err != nil:
		item.State, item.Error = "failed", err.Error()
	case item.Total == 0:
		item.State = "empty"
	default:
		item.State = "rows"
	}
}

// cellText is a value of a result as text; null is empty.
func cellText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case schema.Ticks:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case json.RawMessage:
		return string(v)
	default:
		return fmt.Sprint(v)
	}
}
