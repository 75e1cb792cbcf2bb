package bind

import (
	"fmt"
	"slices"

	"spoor/internal/kql/syntax"
)

// charts are the kinds of render, chartProperties what can be said about each of them:
// those of the render operator's page, and those that Microsoft's own tools take.
var (
	charts = []string{
		"3Dchart", "anomalychart", "areachart", "barchart", "card", "columnchart", "graph", "ladderchart", "linechart", "list", "piechart", "pivotchart", "plotly",
		"sankey", "scatterchart", "stackedareachart", "table", "timechart", "timeline", "timepivot", "treemap",
	}
	chartProperties = []string{
		"accumulate", "anomalycolumns", "by", "kind", "legend", "series", "title", "xaxis", "xcolumn", "xmax", "xmin", "xtitle", "yaxis", "ycolumns", "ymax", "ymin",
		"ysplit", "ytitle",
	}
)

// checkRender refuses charts that there are none of: a tool would draw a table, or nothing.
func (b *binder) checkRender(op *syntax.Render) {
	if !slices.Contains(charts, op.Kind.Text) {
		b.report(op.Kind.Span(), "SEM0048", fmt.Sprintf("There is no chart '%s'%s", op.Kind.Text, syntax.Suggest(op.Kind.Text, charts)))
	}
	for _, p := range op.Params {
		if !slices.Contains(chartProperties, p.Name.Text) {
			b.report(p.Name.Span(), "SEM0048", fmt.Sprintf("render has no property '%s'%s", p.Name.Text, syntax.Suggest(p.Name.Text, chartProperties)))
		}
	}
}
