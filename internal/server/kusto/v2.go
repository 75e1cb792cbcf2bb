package kusto

import (
	"cmp"
	"strconv"
	"strings"

	"spoor/internal/query"
	"spoor/internal/schema"
)

// fragmentRows is how many rows one fragment of a table holds at most.
const fragmentRows = 1000

// The frames of version 2. Clients read the members in this order.
type (
	dataSetHeader struct {
		FrameType               string
		IsProgressive           bool
		Version                 string
		IsFragmented            bool
		ErrorReportingPlacement string
	}
	tableHeader struct {
		FrameType string
		TableID   int `json:"TableId"`
		TableKind string
		TableName string
		Columns   []column
	}
	tableProgress struct {
		FrameType     string
		TableID       int `json:"TableId"`
		TableProgress float64
	}
	tableCompletion struct {
		FrameType    string
		TableID      int `json:"TableId"`
		RowCount     int64
		OneAPIErrors []errorBody `json:"OneApiErrors,omitempty"`
	}
	dataSetCompletion struct {
		FrameType    string
		HasErrors    bool
		Cancelled    bool
		OneAPIErrors []errorBody `json:"OneApiErrors,omitempty"`
	}
	errorBody struct {
		Error oneAPIError `json:"error"`
	}
)

// v2Fragments writes the tables of the answer in fragments: every frame on a line of its
// own, errors at the end of the table.
func (w *writer) v2Fragments(a *answer, res *rows) error {
	w.text("[")
	w.json(dataSetHeader{"DataSetHeader", a.req.progressive, "v2.0", true, "EndOfTable"})
	w.text("\n,")
	w.propertiesFrame(res)
	w.text("\n,")
	errs := w.fragments(a, res, 1)
	id := 2
	for ; w.err == nil && res.nextTable(); id++ {
		w.text("\n,")
		errs = w.fragments(a, res, id)
	}
	if len(errs) == 0 { // a further table may not have begun
		errs = a.oneAPIErrors(res.err())
	}
	return w.v2Trailer(a, id, errs)
}

// fragments writes the current table.
func (w *writer) fragments(a *answer, res *rows, id int) []errorBody {
	w.json(tableHeader{"TableHeader", id, "PrimaryResult", cmp.Or(res.res.Name, "PrimaryResult"), columnsV2(res.res.Columns)})
	for res.more && w.err == nil {
		w.text("\n" + `,{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":` + strconv.Itoa(id) + `,"FieldCount":` +
			strconv.Itoa(len(res.res.Columns)) + `,"Rows":[`)
		w.rows(res, fragmentRows)
		w.text("]}")
		if a.req.progressive {
			w.text("\n,")
			w.json(tableProgress{"TableProgress", id, 50})
		}
	}
	errs := a.oneAPIErrors(res.err())
	w.text("\n,")
	w.json(tableCompletion{"TableCompletion", id, res.count, errs})
	return errs
}

// v2Table writes each table in one frame; an error among its rows.
func (w *writer) v2Table(a *answer, res *rows) error {
	placement := "InData"
	if a.req.errorsAtEnd {
		placement = "EndOfDataset"
	}
	w.text("[")
	w.json(dataSetHeader{"DataSetHeader", false, "v2.0", false, placement})
	w.text("\n,")
	w.propertiesFrame(res)
	errs := w.wholeTable(a, res, 1)
	id := 2
	for ; w.err == nil && res.nextTable(); id++ {
		errs = w.wholeTable(a, res, id)
	}
	if len(errs) == 0 { // a further table may not have begun
		errs = a.oneAPIErrors(res.err())
	}
	return w.v2Trailer(a, id, errs)
}

// wholeTable writes the current table.
func (w *writer) wholeTable(a *answer, res *rows, id int) []errorBody {
	w.text("\n" + `,{"FrameType":"DataTable","TableId":` + strconv.Itoa(id) + `,"TableKind":"PrimaryResult","TableName":`)
	w.json(cmp.Or(res.res.Name, "PrimaryResult"))
	w.text(`,"Columns":`)
	w.json(columnsV2(res.res.Columns))
	w.text(`,"Rows":[`)
	w.rows(res, allRows)
	errs := a.oneAPIErrors(res.err())
	if len(errs) > 0 && !a.req.errorsAtEnd {
		if res.count > 0 {
			w.text(",")
		}
		w.json(map[string][]errorBody{"OneApiErrors": errs})
	}
	w.text("]}")
	return errs
}

func (a *answer) oneAPIErrors(err error) []errorBody {
	if err == nil {
		return nil
	}
	e := ErrorOf(err, "General_InternalServerError", "An error occurred while processing the request.")
	return []errorBody{{e.oneAPI(a.req.clientRequestID, a.activity, a.now())}}
}

var (
	extendedColumns = []query.Column{{Name: "TableId", Type: schema.Int}, {Name: "Key", Type: schema.String}, {Name: "Value", Type: schema.Dynamic}}
	finishedColumns = []query.Column{
		{Name: "Timestamp", Type: schema.DateTime},
		{Name: "ClientRequestId", Type: schema.String},
		{Name: "ActivityId", Type: schema.GUID},
		{Name: "SubActivityId", Type: schema.GUID},
		{Name: "ParentActivityId", Type: schema.GUID},
		{Name: "Level", Type: schema.Int},
		{Name: "LevelName", Type: schema.String},
		{Name: "StatusCode", Type: schema.Int},
		{Name: "StatusCodeName", Type: schema.String},
		{Name: "EventType", Type: schema.Int},
		{Name: "EventTypeName", Type: schema.String},
		{Name: "Payload", Type: schema.String},
	}
)

func (w *writer) propertiesFrame(res *rows) {
	w.dataTable(0, "QueryProperties", "@ExtendedProperties", extendedColumns, [][]any{
		{int32(1), "Visualization", visualization(res.res.Visualization)},
	})
}

// v2Trailer ends the data set: how the query went, and whether there were errors.
func (w *writer) v2Trailer(a *answer, id int, errs []errorBody) error {
	level, levelName, status, statusName := int32(4), "Info", int32(0), "S_OK (0)"
	payload := `{"Count":1,"Text":"Query completed successfully"}`
	if len(errs) > 0 {
		level, levelName, status, statusName = 2, "Error", -2147467259, "E_FAIL (-2147467259)"
		payload = string(appendString([]byte(`{"Count":1,"Text":`), errs[0].Error.Detail)) + "}"
	}
	w.text("\n,")
	w.dataTable(id, "QueryCompletionInformation", "QueryCompletionInformation", finishedColumns, [][]any{{
		schema.TicksOf(a.now()), a.req.clientRequestID, a.activity, a.activity, a.activity,
		level, levelName, status, statusName, int32(4), "QueryInfo", payload,
	}})
	w.text("\n,")
	w.json(dataSetCompletion{"DataSetCompletion", len(errs) > 0, false, errs})
	w.text("\n]\n")
	w.piece(true)
	return w.err
}

func (w *writer) dataTable(id int, kind, name string, columns []query.Column, rows [][]any) {
	w.text(`{"FrameType":"DataTable","TableId":` + strconv.Itoa(id) + `,"TableKind":"` + kind + `","TableName":"` + name + `","Columns":`)
	w.json(columnsV2(columns))
	w.text(`,"Rows":`)
	w.fixed(columns, rows)
	w.text("}")
}

// canonicalProperty is the name that answers give a property of render.
func canonicalProperty(name string) string {
	switch name := strings.ToLower(name); name {
	case "xcolumn":
		return "XColumn"
	case "ycolumns":
		return "YColumns"
	case "anomalycolumns":
		return "AnomalyColumns"
	case "xtitle", "ytitle", "xaxis", "yaxis", "ysplit":
		return strings.ToUpper(name[:2]) + name[2:]
	default:
		return strings.ToUpper(name[:1]) + name[1:]
	}
}
