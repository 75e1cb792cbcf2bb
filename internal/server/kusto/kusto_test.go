package kusto_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/function"
	"spoor/internal/kql/syntax"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server/kusto"
)

var start = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// caller makes requests to a handler whose queries give what the test puts in.
type caller struct {
	t      *testing.T
	result func() (*query.Result, error)
	last   query.Request
	rows   int64
	err    error
}

func (c *caller) handler() *kusto.Handler {
	return &kusto.Handler{
		Run: func(_ context.Context, req query.Request) (*query.Result, error) {
			c.last = req
			return c.result()
		},
		Catalog:   schema.NewCatalog(table()),
		RowCounts: func(context.Context) (map[string]int64, error) { return map[string]int64{"T": 7}, nil },
		Functions: stored(c.t),
		Version:   "1.2.3", Now: func() time.Time { return start },
		Finished: func(_ context.Context, rows int64, err error) { c.rows, c.err = rows, err },
		Failed: func(w http.ResponseWriter, r *http.Request, err error) {
			kusto.WriteError(w, r, http.StatusBadRequest, kusto.ErrorOf(err, "Internal", "something went wrong"))
		},
		Command: func(context.Context, string) {},
	}
}

// functions are stored functions without the check that a body binds, which is the server's.
type functions struct{ *function.Store }

func stored(t *testing.T) functions {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return functions{function.New(db)}
}

func (f functions) Put(ctx context.Context, fn function.Function, mode function.Mode, _ string) (function.Function, error) {
	return f.Store.Put(ctx, fn, mode)
}

func (f functions) Drop(ctx context.Context, names []string, ifExists bool) error {
	return f.Store.Drop(ctx, names, ifExists, "ann")
}

func table() *schema.Table {
	return &schema.Table{Name: "T", Time: "At", Doc: "a table", Columns: []schema.Column{
		{Name: "At", Type: schema.DateTime, Doc: "when"},
		{Name: "N", Type: schema.Long},
		{Name: "D", Type: schema.Decimal},
		{Name: "B", Type: schema.Bool},
		{Name: "_RawId", Type: schema.Long, Hidden: true},
	}}
}

var guid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// post sends a body and returns the answer with random GUIDs written as GUID.
func (c *caller) post(serve func(*kusto.Handler) http.HandlerFunc, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	req := httptest.NewRequestWithContext(c.t.Context(), http.MethodPost, "/", strings.NewReader(body))
	req.Header.Set("x-ms-client-request-id", "KGC.execute;1")
	return c.serve(serve, req)
}

func (c *caller) serve(serve func(*kusto.Handler) http.HandlerFunc, req *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	serve(c.handler())(rec, req)
	text := guid.ReplaceAllString(rec.Body.String(), "GUID")
	rec.Body.Reset()
	rec.Body.WriteString(text)
	return rec
}

func v1(h *kusto.Handler) http.HandlerFunc     { return h.QueryV1 }
func v2(h *kusto.Handler) http.HandlerFunc     { return h.QueryV2 }
func manage(h *kusto.Handler) http.HandlerFunc { return h.Manage }

var numbers = []query.Column{{Name: "n", Type: schema.Long}, {Name: "s", Type: schema.String}}

func ok(rows ...[]any) func() (*query.Result, error) {
	return func() (*query.Result, error) { return query.Fixed(numbers, rows), nil }
}

const noVisualization = `{\"Accumulate\":null,\"AnomalyColumns\":null,\"IsQuerySorted\":null,\"Kind\":null,\"Legend\":null,\"Series\":null,\"Title\":null,` +
	`\"Visualization\":null,\"XAxis\":null,\"XColumn\":null,\"XTitle\":null,\"Xmax\":null,\"Xmin\":null,\"YAxis\":null,\"YColumns\":null,\"YSplit\":null,\"YTitle\":null,\"Ymax\":null,\"Ymin\":null}`

func TestV1(t *testing.T) {
	c := &caller{t: t, result: ok([]any{int64(1), "a"}, []any{int64(2), "b"})}
	rec := c.post(v1, `{"db":"Spoor","csl":"T"}`)
	want := `{"Tables":[` +
		`{"TableName":"Table_0","Columns":[{"ColumnName":"n","DataType":"Int64","ColumnType":"long"},{"ColumnName":"s","DataType":"String","ColumnType":"string"}],"Rows":[[1,"a"],[2,"b"]]},` +
		`{"TableName":"Table_1","Columns":[{"ColumnName":"Value","DataType":"String","ColumnType":"string"}],"Rows":[["` + noVisualization + `"]]},` +
		`{"TableName":"Table_2","Columns":[{"ColumnName":"Timestamp","DataType":"DateTime","ColumnType":"datetime"},{"ColumnName":"Severity","DataType":"Int32","ColumnType":"int"},` +
		`{"ColumnName":"SeverityName","DataType":"String","ColumnType":"string"},{"ColumnName":"StatusCode","DataType":"Int32","ColumnType":"int"},` +
		`{"ColumnName":"StatusDescription","DataType":"String","ColumnType":"string"},{"ColumnName":"Count","DataType":"Int32","ColumnType":"int"},` +
		`{"ColumnName":"RequestId","DataType":"Guid","ColumnType":"guid"},{"ColumnName":"ActivityId","DataType":"Guid","ColumnType":"guid"},` +
		`{"ColumnName":"SubActivityId","DataType":"Guid","ColumnType":"guid"},{"ColumnName":"ClientActivityId","DataType":"String","ColumnType":"string"}],` +
		`"Rows":[["2026-11-22T08:00:00.0000000Z",4,"Info",0,"Query completed successfully",1,"GUID","GUID","GUID","KGC.execute;1"]]},` +
		`{"TableName":"Table_3","Columns":[{"ColumnName":"Ordinal","DataType":"Int64","ColumnType":"long"},{"ColumnName":"Kind","DataType":"String","ColumnType":"string"},` +
		`{"ColumnName":"Name","DataType":"String","ColumnType":"string"},{"ColumnName":"Id","DataType":"String","ColumnType":"string"},{"ColumnName":"PrettyName","DataType":"String","ColumnType":"string"}],` +
		`"Rows":[[0,"QueryResult","PrimaryResult","GUID",""],[1,"QueryProperties","@ExtendedProperties","GUID",""],[2,"QueryStatus","QueryStatus","GUID",""]]}]}` + "\n"
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Error(diff)
	}
	if rec.Code != 200 || rec.Header().Get("x-ms-client-request-id") != "KGC.execute;1" || !guid.MatchString(rec.Header().Get("x-ms-activity-id")) {
		t.Errorf("%d %v", rec.Code, rec.Header())
	}
	if c.rows != 2 || c.err != nil {
		t.Errorf("finished with %d rows, %v", c.rows, c.err)
	}
}

// Every type as both versions write it; the names of the types are those of the
// documentation's table of scalar types.
func TestValues(t *testing.T) {
	at := schema.TicksOf(time.Date(2026, 11, 22, 8, 0, 0, 123456700, time.UTC))
	for _, v := range []struct {
		typ      schema.Type
		dataType string
		value    any
		want     string
	}{
		{schema.Bool, "SByte", true, `true`},
		{schema.Bool, "SByte", nil, `null`},
		{schema.Int, "Int32", int32(math.MinInt32), `-2147483648`},
		{schema.Long, "Int64", int64(math.MaxInt64), `9223372036854775807`},
		{schema.Real, "Double", 0.1, `0.1`},
		{schema.Real, "Double", 2.0, `2.0`},
		{schema.Real, "Double", -0.0000001, `-1e-07`},
		{schema.Real, "Double", 1e300, `1e+300`},
		{schema.Real, "Double", math.NaN(), `"NaN"`},
		{schema.Real, "Double", math.Inf(1), `"Infinity"`},
		{schema.Real, "Double", math.Inf(-1), `"-Infinity"`},
		{schema.Decimal, "SqlDecimal", "12345678901234567890.5", `"12345678901234567890.5"`},
		{schema.String, "String", "", `""`},
		{schema.String, "String", "a\"\\\n\t\u2028é<&>", `"a\"\\\n\t\u2028é<&>"`},
		{schema.String, "String", "\xff", `"\ufffd"`},
		{schema.DateTime, "DateTime", at, `"2026-11-22T08:00:00.1234567Z"`},
		{schema.DateTime, "DateTime", schema.Ticks(0), `"0001-01-01T00:00:00.0000000Z"`},
		{schema.DateTime, "DateTime", schema.MaxTicks, `"9999-12-31T23:59:59.9999999Z"`},
		{schema.TimeSpan, "TimeSpan", -(schema.TicksPerDay + 1), `"-1.00:00:00.0000001"`},
		{schema.TimeSpan, "TimeSpan", schema.TicksPerHour, `"01:00:00"`},
		{schema.GUID, "Guid", "74be27de-1e4e-39d9-b579-fe0b331d3642", `"74be27de-1e4e-39d9-b579-fe0b331d3642"`},
		{schema.Dynamic, "Object", json.RawMessage("{\"a\":\n [1, null, \"x\"]}"), `{"a":[1,null,"x"]}`},
		{schema.Dynamic, "Object", json.RawMessage(`"text"`), `"text"`},
		{schema.Dynamic, "Object", json.RawMessage(`broken {`), `"broken {"`},
		{schema.Dynamic, "Object", nil, `null`},
	} {
		c := &caller{t: t, result: func() (*query.Result, error) {
			return query.Fixed([]query.Column{{Name: "c", Type: v.typ}}, [][]any{{v.value}}), nil
		}}
		want := `{"TableName":"Table_0","Columns":[{"ColumnName":"c","DataType":"` + v.dataType + `","ColumnType":"` + v.typ.String() + `"}],"Rows":[[` + v.want + `]]}`
		if got := c.post(v1, `{"csl":"T"}`).Body.String(); !strings.Contains(got, want) {
			t.Errorf("version 1: %.300s\nlacks %s", got, want)
		}
		want = `{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":[{"ColumnName":"c","ColumnType":"` +
			v.typ.String() + `"}],"Rows":[[` + v.want + `]]}`
		if got := c.post(v2, `{"csl":"T"}`).Body.String(); !strings.Contains(got, want) {
			t.Errorf("version 2: %s\nlacks %s", got, want)
		}
	}
}

const completionColumns = `[{"ColumnName":"Timestamp","ColumnType":"datetime"},{"ColumnName":"ClientRequestId","ColumnType":"string"},{"ColumnName":"ActivityId","ColumnType":"guid"},` +
	`{"ColumnName":"SubActivityId","ColumnType":"guid"},{"ColumnName":"ParentActivityId","ColumnType":"guid"},{"ColumnName":"Level","ColumnType":"int"},{"ColumnName":"LevelName","ColumnType":"string"},` +
	`{"ColumnName":"StatusCode","ColumnType":"int"},{"ColumnName":"StatusCodeName","ColumnType":"string"},{"ColumnName":"EventType","ColumnType":"int"},{"ColumnName":"EventTypeName","ColumnType":"string"},` +
	`{"ColumnName":"Payload","ColumnType":"string"}]`

func TestV2Fragments(t *testing.T) {
	c := &caller{t: t, result: ok([]any{int64(1), "a"}, []any{int64(2), "b"})}
	rec := c.post(v2, `{"db":"any","csl":"T","properties":{"Options":{"results_v2_fragment_primary_tables":true,"results_v2_newlines_between_frames":true,"results_error_reporting_placement":"end_of_table"}}}`)
	want := []string{
		`[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0","IsFragmented":true,"ErrorReportingPlacement":"EndOfTable"}`,
		`,{"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","TableName":"@ExtendedProperties","Columns":[{"ColumnName":"TableId","ColumnType":"int"},{"ColumnName":"Key","ColumnType":"string"},{"ColumnName":"Value","ColumnType":"dynamic"}],"Rows":[[1,"Visualization","` + noVisualization + `"]]}`,
		`,{"FrameType":"TableHeader","TableId":1,"TableKind":"PrimaryResult","TableName":"PrimaryResult","Columns":[{"ColumnName":"n","ColumnType":"long"},{"ColumnName":"s","ColumnType":"string"}]}`,
		`,{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":1,"FieldCount":2,"Rows":[[1,"a"],[2,"b"]]}`,
		`,{"FrameType":"TableCompletion","TableId":1,"RowCount":2}`,
		`,{"FrameType":"DataTable","TableId":2,"TableKind":"QueryCompletionInformation","TableName":"QueryCompletionInformation","Columns":` + completionColumns +
			`,"Rows":[["2026-11-22T08:00:00.0000000Z","KGC.execute;1","GUID","GUID","GUID",4,"Info",0,"S_OK (0)",4,"QueryInfo","{\"Count\":1,\"Text\":\"Query completed successfully\"}"]]}`,
		`,{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}`,
		`]`, ``,
	}
	if diff := cmp.Diff(want, strings.Split(rec.Body.String(), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestV2Whole(t *testing.T) {
	c := &caller{t: t, result: ok([]any{int64(1), "a"})}
	rec := c.post(v2, `{"csl":"T"}`)
	var frames []map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &frames); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, f := range frames {
		types = append(types, f["FrameType"].(string))
	}
	if diff := cmp.Diff([]string{"DataSetHeader", "DataTable", "DataTable", "DataTable", "DataSetCompletion"}, types); diff != "" {
		t.Error(diff)
	}
	if frames[0]["IsFragmented"] != false || frames[0]["IsProgressive"] != false || frames[0]["ErrorReportingPlacement"] != "InData" {
		t.Errorf("%v", frames[0])
	}
}

func TestV2Progressive(t *testing.T) {
	c := &caller{t: t, result: ok([]any{int64(1), "a"})}
	rec := c.post(v2, `{"csl":"T","properties":{"Options":{"results_progressive_enabled":true}}}`)
	text := rec.Body.String()
	for _, want := range []string{`"IsProgressive":true`, `"FrameType":"TableFragment"`, `"FrameType":"TableProgress"`, `"FrameType":"TableCompletion"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}

// Fragments hold at most a thousand rows, and none is sent without rows.
func TestV2FragmentSizes(t *testing.T) {
	for rows, want := range map[int]int{0: 0, 1: 1, 1000: 1, 1001: 2, 2500: 3} {
		all := make([][]any, rows)
		for i := range all {
			all[i] = []any{int64(i), "x"}
		}
		c := &caller{t: t, result: ok(all...)}
		text := c.post(v2, `{"csl":"T","properties":{"Options":{"results_v2_fragment_primary_tables":true}}}`).Body.String()
		if got := strings.Count(text, `"FrameType":"TableFragment"`); got != want {
			t.Errorf("%d rows in %d fragments, want %d", rows, got, want)
		}
		if c.rows != int64(rows) || !json.Valid([]byte(text)) {
			t.Errorf("%d rows: finished with %d, valid %v", rows, c.rows, json.Valid([]byte(text)))
		}
	}
}

// What a client must be able to read of an error.
type errorAnswer struct {
	Error struct {
		Code, Message string
		Type          string `json:"@type"`
		Detail        string `json:"@message"`
		Permanent     bool   `json:"@permanent"`
		Context       struct {
			Timestamp       string
			ClientRequestID string `json:"clientRequestId"`
			ActivityID      string `json:"activityId"`
		} `json:"@context"`
		Inner struct {
			Code, Message string
			Line          int `json:"@line"`
			Column        int `json:"@column"`
		} `json:"innererror"`
		Errors []struct {
			Code, Severity, Message  string
			Start, End, Line, Column int
		} `json:"@errors"`
	}
}

func TestCompileError(t *testing.T) {
	c := &caller{t: t, result: func() (*query.Result, error) {
		return nil, &query.CompileError{Text: "T\n| where a == b", Diagnostics: []syntax.Diagnostic{
			{Code: "KS001", Message: "careful", Span: syntax.Span{Start: 0, End: 1}, Severity: syntax.Warning},
			{Code: "SEM0100", Message: "no a", Span: syntax.Span{Start: 10, End: 11}, Severity: syntax.Error},
			{Code: "SEM0100", Message: "no b", Span: syntax.Span{Start: 15, End: 16}, Severity: syntax.Error},
		}}
	}}
	for name, serve := range map[string]func(*kusto.Handler) http.HandlerFunc{"v1": v1, "v2": v2} {
		rec := c.post(serve, `{"csl":"x"}`)
		var a errorAnswer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		e := a.Error
		if rec.Code != 400 || e.Code != "General_BadRequest" || e.Type != "Kusto.Data.Exceptions.SemanticException" || !e.Permanent ||
			!strings.Contains(e.Detail, "SEM0100") || !strings.Contains(e.Detail, "no a") {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		if e.Inner.Code != "SEM0100" || e.Inner.Message != "no a" || e.Inner.Line != 2 || e.Inner.Column != 9 {
			t.Errorf("%s: inner %+v", name, e.Inner)
		}
		if len(e.Errors) != 3 || e.Errors[2].Start != 15 || e.Errors[2].End != 16 || e.Errors[2].Line != 2 || e.Errors[2].Column != 14 || e.Errors[0].Severity != "warning" {
			t.Errorf("%s: errors %+v", name, e.Errors)
		}
		if e.Context.ClientRequestID != "KGC.execute;1" || rec.Header().Get("x-ms-client-request-id") != "KGC.execute;1" || e.Context.ActivityID == "" {
			t.Errorf("%s: context %+v", name, e.Context)
		}
	}
}

// A query that fails before its first row has a status of its own; later the error
// stands at the end of what was sent.
func TestErrorAfterRows(t *testing.T) {
	broken := &query.Error{Code: query.CodeData, Message: "a bad pattern", Err: errors.New("secret")}
	at := func(rows ...[]any) func() (*query.Result, error) {
		return func() (*query.Result, error) { return query.FixedUntil(numbers, rows, "", broken), nil }
	}
	for name, serve := range map[string]func(*kusto.Handler) http.HandlerFunc{"v1": v1, "v2": v2} {
		c := &caller{t: t, result: at()}
		if rec := c.post(serve, `{"csl":"T"}`); rec.Code != 400 || !strings.Contains(rec.Body.String(), "a bad pattern") {
			t.Errorf("%s before the first row: %d %s", name, rec.Code, rec.Body)
		}
	}

	c := &caller{t: t, result: at([]any{int64(1), "a"})}
	rec := c.post(v1, `{"csl":"T"}`)
	var first struct {
		Tables     []struct{ Rows []json.RawMessage }
		Exceptions []string
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &first); err != nil {
		t.Fatalf("%v: %s", err, rec.Body)
	}
	if rec.Code != 200 || len(first.Exceptions) != 1 || !strings.Contains(first.Exceptions[0], "a bad pattern") || len(first.Tables[0].Rows) != 2 ||
		!strings.HasPrefix(string(first.Tables[0].Rows[1]), `{"Exceptions":["`) {
		t.Errorf("version 1: %d %s", rec.Code, rec.Body)
	}
	if !errors.Is(c.err, broken) || c.rows != 1 {
		t.Errorf("finished with %d rows, %v", c.rows, c.err)
	}

	type frame struct {
		FrameType    string
		Rows         []json.RawMessage
		HasErrors    bool
		OneApiErrors []errorAnswer
	}
	for name, properties := range map[string]string{
		"whole": `{}`, "whole, errors at the end": `{"Options":{"results_error_reporting_placement":"end_of_dataset"}}`,
		"fragments": `{"Options":{"results_v2_fragment_primary_tables":true,"results_error_reporting_placement":"end_of_table"}}`,
	} {
		rec := c.post(v2, `{"csl":"T","properties":`+properties+`}`)
		var frames []frame
		if err := json.Unmarshal(rec.Body.Bytes(), &frames); err != nil {
			t.Fatalf("%s: %v: %s", name, err, rec.Body)
		}
		last := frames[len(frames)-1]
		if !last.HasErrors || len(last.OneApiErrors) != 1 || last.OneApiErrors[0].Error.Detail != "a bad pattern" || strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%s: %s", name, rec.Body)
		}
		for _, f := range frames {
			inData := f.FrameType == "DataTable" && len(f.Rows) == 2 && strings.HasPrefix(string(f.Rows[1]), `{"OneApiErrors":[`)
			if inData && name != "whole" {
				t.Errorf("%s: an error among the rows: %s", name, rec.Body)
			}
			if f.FrameType == "TableCompletion" && len(f.OneApiErrors) != 1 {
				t.Errorf("%s: no error at the end of the table: %s", name, rec.Body)
			}
		}
	}
}

// A limit of the server cuts with an error; one the client asked for does not.
func TestTruncation(t *testing.T) {
	c := &caller{t: t, result: func() (*query.Result, error) {
		return query.FixedUntil(numbers, [][]any{{int64(1), "a"}}, "Query result set has exceeded the internal record count limit 1", nil), nil
	}}
	if text := c.post(v1, `{"csl":"T"}`).Body.String(); !strings.Contains(text, `"Exceptions":["Query execution has exceeded the allowed limits: Query result set`) {
		t.Errorf("%s", text)
	}
	if text := c.post(v2, `{"csl":"T"}`).Body.String(); !strings.Contains(text, `"HasErrors":true`) || !strings.Contains(text, `"code":"LimitsExceeded"`) {
		t.Errorf("%s", text)
	}
	text := c.post(v1, `{"csl":"T","properties":{"Options":{"query_take_max_records":1}}}`).Body.String()
	if strings.Contains(text, "Exceptions") || c.last.Options.MaxRows != 1 {
		t.Errorf("%+v %s", c.last.Options, text)
	}
}

func TestRequests(t *testing.T) {
	hour := time.Hour
	for name, c := range map[string]struct {
		body string
		want query.Request
	}{
		"bare":              {`{"csl":"T"}`, query.Request{Text: "T"}},
		"database and null": {`{"db":"Other","csl":"T","properties":null}`, query.Request{Text: "T", Database: "Other"}},
		"text of properties": {
			`{"csl":"T","properties":"{\"Options\":{\"servertimeout\":\"00:04:00\"},\"Parameters\":{\"p\":\"dynamic([1])\",\"n\":7,\"b\":true}}"}`,
			query.Request{Text: "T", Parameters: map[string]string{"p": "dynamic([1])", "n": "7", "b": "true"}, Options: query.Options{Timeout: 4 * time.Minute}},
		},
		"empty text": {`{"csl":"T","properties":""}`, query.Request{Text: "T"}},
		"all options": {
			`{"csl":"T","properties":{"Options":{"notruncation":true,"request_readonly":"true","truncationmaxrecords":10,"truncationmaxsize":"2000","query_now":"2026-01-02","unknown":{},"query_language":"csl","best_effort":true}}}`,
			query.Request{Text: "T", Options: query.Options{NoTruncation: true, ReadOnly: true, MaxRows: 10, MaxBytes: 2000, Now: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}},
		},
		"the lower limit holds": {`{"csl":"T","properties":{"Options":{"truncationmaxrecords":10,"query_take_max_records":20}}}`, query.Request{Text: "T", Options: query.Options{MaxRows: 10}}},
		"time-out in ticks":     {`{"csl":"T","properties":{"Options":{"servertimeout":600000000}}}`, query.Request{Text: "T", Options: query.Options{Timeout: time.Minute}}},
		"time-out beyond":       {`{"csl":"T","properties":{"Options":{"servertimeout":"2.00:00:00"}}}`, query.Request{Text: "T", Options: query.Options{Timeout: hour}}},
		"no time-out":           {`{"csl":"T","properties":{"Options":{"norequesttimeout":true}}}`, query.Request{Text: "T", Options: query.Options{Timeout: hour}}},
	} {
		caller := &caller{t: t, result: ok()}
		if rec := caller.post(v1, c.body); rec.Code != 200 {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		if diff := cmp.Diff(c.want, caller.last); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestGet(t *testing.T) {
	c := &caller{t: t, result: ok()}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/rest/query?db=X&csl=T+%7C+take+1&properties=%7B%22Options%22%3A%7B%22notruncation%22%3Atrue%7D%7D", nil)
	if rec := c.serve(v2, req); rec.Code != 200 || c.last.Text != "T | take 1" || c.last.Database != "X" || !c.last.Options.NoTruncation {
		t.Errorf("%d %+v", rec.Code, c.last)
	}
}

func TestBadRequests(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON": `print 1`, "no query": `{"db":"x"}`, "blank query": `{"csl":" \n"}`, "properties of another kind": `{"csl":"T","properties":7}`,
		"broken properties": `{"csl":"T","properties":"{"}`, "time-out": `{"csl":"T","properties":{"Options":{"servertimeout":"soon"}}}`,
		"time-out of nothing": `{"csl":"T","properties":{"Options":{"servertimeout":"00:00:00"}}}`, "time-out of another kind": `{"csl":"T","properties":{"Options":{"servertimeout":[]}}}`,
		"rows": `{"csl":"T","properties":{"Options":{"query_take_max_records":-1}}}`, "now": `{"csl":"T","properties":{"Options":{"query_now":"then"}}}`,
		"scope":    `{"csl":"T","properties":{"Options":{"query_datetimescope_from":"2026-01-01"}}}`,
		"language": `{"csl":"select 1","properties":{"Options":{"query_language":"sql"}}}`, "parameter": `{"csl":"T","properties":{"Parameters":{"p":{}}}}`,
	} {
		c := &caller{t: t, result: func() (*query.Result, error) {
			t.Errorf("%s was run", name)
			return nil, errors.New("run")
		}}
		rec := c.post(v1, body)
		var a errorAnswer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != 400 || a.Error.Code != "General_BadRequest" || a.Error.Detail == "" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// command runs a management command and returns its rows.
func command(t *testing.T, text string) (columns []string, rows [][]any) {
	t.Helper()
	c := &caller{t: t}
	body, _ := json.Marshal(map[string]string{"db": "Spoor", "csl": text})
	rec := c.post(manage, string(body))
	var a struct {
		Tables []struct {
			Columns []struct{ ColumnName string }
			Rows    [][]any
		}
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != 200 || len(a.Tables) != 1 {
		t.Fatalf("%s: %d %s", text, rec.Code, rec.Body)
	}
	for _, col := range a.Tables[0].Columns {
		columns = append(columns, col.ColumnName)
	}
	return columns, a.Tables[0].Rows
}

func TestCommands(t *testing.T) {
	for text, want := range map[string][][]any{
		".show tables":                  {{"T", "Spoor", "", "a table"}},
		"  .SHOW\n tables ; ":           {{"T", "Spoor", "", "a table"}},
		".show tables details":          {{"T", "Spoor", "", "a table", nil, nil, nil, 7.0, nil, nil, nil, 7.0}},
		".show table T details":         {{"T", "Spoor", "", "a table", nil, nil, nil, 7.0, nil, nil, nil, 7.0}},
		".show table T cslschema":       {{"T", "At:datetime,N:long,D:decimal,B:bool", "Spoor", "", "a table"}},
		".show table ['T'] cslschema":   {{"T", "At:datetime,N:long,D:decimal,B:bool", "Spoor", "", "a table"}},
		`.show table [ "T" ] cslschema`: {{"T", "At:datetime,N:long,D:decimal,B:bool", "Spoor", "", "a table"}},
		".show databases":               {{"Spoor", "", "v1.0", true, "ReadOnly", "Spoor", nil, "GUID", ""}},
		".show functions":               nil,
		".show operations":              nil,
		".show materialized-views":      nil,
		".show external tables":         nil,
		".show table T schema as json": {{
			"T", `{"Name":"T","OrderedColumns":[{"Name":"At","Type":"System.DateTime","CslType":"datetime","DocString":"when"},{"Name":"N","Type":"System.Int64","CslType":"long"},` +
				`{"Name":"D","Type":"System.Data.SqlTypes.SqlDecimal","CslType":"decimal"},{"Name":"B","Type":"System.SByte","CslType":"bool"}]}`, "Spoor", "", "a table",
		}},
		".show database schema": {
			{"Spoor", "", "", "", false, false, "", "v1.0", "", ""},
			{"Spoor", "T", "", "", false, false, "", "", "", "a table"},
			{"Spoor", "T", "At", "System.DateTime", false, false, "", "", "", "when"},
			{"Spoor", "T", "N", "System.Int64", false, false, "", "", "", ""},
			{"Spoor", "T", "D", "System.Data.SqlTypes.SqlDecimal", false, false, "", "", "", ""},
			{"Spoor", "T", "B", "System.SByte", false, false, "", "", "", ""},
		},
	} {
		if _, rows := command(t, text); cmp.Diff(want, nonEmpty(rows)) != "" {
			t.Errorf("%s: %s", text, cmp.Diff(want, nonEmpty(rows)))
		}
	}
}

func nonEmpty(rows [][]any) [][]any {
	if len(rows) == 0 {
		return nil
	}
	return rows
}

func TestShowVersion(t *testing.T) {
	columns, rows := command(t, ".show version")
	if diff := cmp.Diff([]string{"BuildVersion", "BuildTime", "ServiceType", "ProductVersion"}, columns); diff != "" {
		t.Error(diff)
	}
	if len(rows) != 1 || rows[0][0] != "1.2.3" || rows[0][2] != "Engine" {
		t.Errorf("%v", rows)
	}
}

func TestShowSchemaAsJSON(t *testing.T) {
	for _, text := range []string{
		".show database schema as json", ".show databases schema as json", ".show schema as json", ".show database Spoor schema as json", ".show database ['Any name'] schema as json",
	} {
		_, rows := command(t, text)
		var got struct {
			Databases map[string]struct {
				Name   string
				Tables map[string]struct {
					OrderedColumns []struct{ Name, CslType string }
				}
			}
		}
		if err := json.Unmarshal([]byte(rows[0][0].(string)), &got); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		columns := got.Databases["Spoor"].Tables["T"].OrderedColumns
		if len(columns) != 4 || columns[2].Name != "D" || columns[2].CslType != "decimal" {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// What is not supported is said by name; nothing is guessed.
func TestUnsupportedCommands(t *testing.T) {
	for text, word := range map[string]string{
		".drop table T": ".drop table T", ".create table X (a:string)": ".create table X", ".show table Nope cslschema": "Nope", ".show tables | count": ".show tables | count",
		"T | take 1": "dot", ".set-or-append X <| T": ".set-or-append",
	} {
		body, _ := json.Marshal(map[string]string{"csl": text})
		rec := (&caller{t: t}).post(manage, string(body))
		var a errorAnswer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil || rec.Code != 400 || !strings.Contains(a.Error.Detail, word) {
			t.Errorf("%s: %d %s", text, rec.Code, rec.Body)
		}
	}
}

func TestRenderProperties(t *testing.T) {
	c := &caller{t: t, result: func() (*query.Result, error) {
		res := query.Fixed(numbers, nil)
		res.Visualization = query.Visualization{Kind: "timechart", Properties: map[string]string{"title": "Days", "xcolumn": "n"}}
		return res, nil
	}}
	text := c.post(v2, `{"csl":"T"}`).Body.String()
	for _, want := range []string{`\"Visualization\":\"timechart\"`, `\"Title\":\"Days\"`, `\"XColumn\":\"n\"`, `\"YColumns\":null`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
}

// brokenWriter is a client that goes away after the first piece.
type brokenWriter struct {
	*httptest.ResponseRecorder
	writes int
}

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.writes++; b.writes > 1 {
		return 0, errors.New("connection reset")
	}
	return b.ResponseRecorder.Write(p)
}

// A client that goes away ends the reading of the result.
func TestClientGone(t *testing.T) {
	all := make([][]any, 100_000)
	for i := range all {
		all[i] = []any{int64(i), strings.Repeat("x", 100)}
	}
	c := &caller{t: t, result: ok(all...)}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(`{"csl":"T"}`))
	c.handler().QueryV1(&brokenWriter{ResponseRecorder: httptest.NewRecorder()}, req)
	if c.err == nil || c.rows > 5_000 {
		t.Errorf("finished with %d rows, %v", c.rows, c.err)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add(`{"db":"x","csl":"T","properties":{"Options":{"servertimeout":"00:01:00"},"Parameters":{"p":1}}}`)
	f.Add(`{"csl":"T","properties":"{\"Options\":null}"}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, body string) {
		c := &caller{t: t, result: ok([]any{int64(1), body})}
		for _, serve := range []func(*kusto.Handler) http.HandlerFunc{v1, v2, manage} {
			if rec := c.post(serve, body); !json.Valid(rec.Body.Bytes()) {
				t.Errorf("the answer is no JSON: %s", rec.Body)
			}
		}
	})
}
