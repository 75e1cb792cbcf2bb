package kusto

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"spoor/internal/query"
	"spoor/internal/schema"
)

// writer writes an answer piece by piece.
type writer struct {
	w   http.ResponseWriter
	buf []byte
	err error // of the connection
}

// pieceSize is how much is gathered before it is sent.
const pieceSize = 64 << 10

func newWriter(w http.ResponseWriter) *writer { return &writer{w: w} }

func (w *writer) text(s string) { w.buf = append(w.buf, s...) }

func (w *writer) json(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		w.err = errors.Join(w.err, err)
	}
	w.buf = append(w.buf, text...)
}

// piece sends what was gathered, when it is enough or the answer ends.
func (w *writer) piece(end bool) {
	if len(w.buf) < pieceSize && !end {
		return
	}
	if w.err == nil {
		if _, err := w.w.Write(w.buf); err != nil {
			w.err = fmt.Errorf("%w: %w", errWrite, err)
		}
	}
	w.buf = w.buf[:0]
}

// rows writes the rows of a result without their brackets, up to limit of them.
func (w *writer) rows(res *rows, limit int) {
	for n := 0; res.more && n < limit && w.err == nil; n++ {
		if n > 0 {
			w.text(",")
		}
		w.buf = appendRow(w.buf, res.res.Columns, res.res.Row())
		w.piece(false)
		res.next()
	}
}

const allRows = int(^uint(0) >> 1)

// column of an answer. Version 1 has both types, version 2 the second.
type column struct {
	Name     string `json:"ColumnName"`
	DataType string `json:"DataType,omitempty"`
	Type     string `json:"ColumnType"`
}

func columnsV1(columns []query.Column) []column {
	out := make([]column, len(columns))
	for i, c := range columns {
		out[i] = column{c.Name, dataTypes[c.Type], c.Type.String()}
	}
	return out
}

func columnsV2(columns []query.Column) []column {
	out := make([]column, len(columns))
	for i, c := range columns {
		out[i] = column{Name: c.Name, Type: c.Type.String()}
	}
	return out
}

// v1 writes {"Tables":[…]}: the tables of the answer, the visualisation, the status, and
// a table of contents.
func (w *writer) v1(a *answer, res *rows) error {
	w.text(`{"Tables":[`)
	shown := res.res.Visualization
	names := []string{cmp.Or(res.res.Name, "PrimaryResult")}
	w.tableOfV1(res, 0)
	for w.err == nil && res.nextTable() {
		w.text(",")
		w.tableOfV1(res, len(names))
		names = append(names, cmp.Or(res.res.Name, "PrimaryResult"))
	}
	failed := res.err()
	if a.req != nil { // commands have none
		w.v1Trailer(a, names, shown, failed)
	}
	w.text("]")
	if failed != nil {
		w.text(`,"Exceptions":`)
		w.json([]string{exception(failed)})
	}
	w.text("}\n")
	w.piece(true)
	return w.err
}

// tableOfV1 writes the current table; an error ends its rows.
func (w *writer) tableOfV1(res *rows, ordinal int) {
	w.text(`{"TableName":"Table_` + strconv.Itoa(ordinal) + `","Columns":`)
	w.json(columnsV1(res.res.Columns))
	w.text(`,"Rows":[`)
	w.rows(res, allRows)
	if failed := res.err(); failed != nil {
		if res.count > 0 {
			w.text(",")
		}
		w.json(map[string][]string{"Exceptions": {exception(failed)}})
	}
	w.text("]}")
}

func exception(err error) string {
	e := ErrorOf(err, "General_InternalServerError", "An error occurred while processing the request.")
	if e.Detail == "" {
		return e.Message
	}
	return e.Message + ": " + e.Detail
}

var (
	propertiesColumns = []query.Column{{Name: "Value", Type: schema.String}}
	statusColumns     = []query.Column{
		{Name: "Timestamp", Type: schema.DateTime},
		{Name: "Severity", Type: schema.Int},
		{Name: "SeverityName", Type: schema.String},
		{Name: "StatusCode", Type: schema.Int},
		{Name: "StatusDescription", Type: schema.String},
		{Name: "Count", Type: schema.Int},
		{Name: "RequestId", Type: schema.GUID},
		{Name: "ActivityId", Type: schema.GUID},
		{Name: "SubActivityId", Type: schema.GUID},
		{Name: "ClientActivityId", Type: schema.String},
	}
	contentsColumns = []query.Column{
		{Name: "Ordinal", Type: schema.Long},
		{Name: "Kind", Type: schema.String},
		{Name: "Name", Type: schema.String},
		{Name: "Id", Type: schema.String},
		{Name: "PrettyName", Type: schema.String},
	}
)

func (w *writer) v1Trailer(a *answer, names []string, shown query.Visualization, failed error) {
	severity, name, code, text := int32(4), "Info", int32(0), "Query completed successfully"
	if failed != nil {
		severity, name, code, text = 2, "Error", -1, exception(failed)
	}
	table := func(i int) string { return "Table_" + strconv.Itoa(len(names)+i) }
	w.tableV1(table(0), propertiesColumns, [][]any{{visualization(shown)}})
	w.tableV1(table(1), statusColumns, [][]any{{
		schema.TicksOf(a.now()), severity, name, code, text, int32(1), a.activity, a.activity, a.activity, a.req.clientRequestID,
	}})
	var contents [][]any
	add := func(kind, name string) {
		contents = append(contents, []any{int64(len(contents)), kind, name, newGUID(), ""})
	}
	for _, name := range names {
		add("QueryResult", name)
	}
	add("QueryProperties", "@ExtendedProperties")
	add("QueryStatus", "QueryStatus")
	w.tableV1(table(2), contentsColumns, contents)
}

func (w *writer) tableV1(name string, columns []query.Column, rows [][]any) {
	w.text(`,{"TableName":` + strconv.Quote(name) + `,"Columns":`)
	w.json(columnsV1(columns))
	w.text(`,"Rows":`)
	w.fixed(columns, rows)
	w.text("}")
}

func (w *writer) fixed(columns []query.Column, rows [][]any) {
	w.text("[")
	for i, row := range rows {
		if i > 0 {
			w.text(",")
		}
		w.buf = appendRow(w.buf, columns, row)
	}
	w.text("]")
}

// visualization is the text that says how to draw the result, with null for what the
// query leaves open.
func visualization(v query.Visualization) string {
	out := map[string]any{"Visualization": nil}
	if v.Kind != "" {
		out["Visualization"] = v.Kind
	}
	for _, name := range []string{
		"Title", "XColumn", "Series", "YColumns", "AnomalyColumns", "XTitle", "YTitle", "XAxis", "YAxis", "Legend", "YSplit",
		"Accumulate", "IsQuerySorted", "Kind", "Ymin", "Ymax", "Xmin", "Xmax",
	} {
		out[name] = nil
	}
	for name, value := range v.Properties {
		out[canonicalProperty(name)] = value
	}
	text, _ := json.Marshal(out) // plain values only
	return string(text)
}
