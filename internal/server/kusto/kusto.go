// Package kusto speaks Azure Data Explorer's REST protocol, so that its clients connect:
// queries in versions 1 and 2, and the management commands that clients send by
// themselves. It translates and decides nothing: who may ask and what a query is worth
// stands in package server.
//
// Shapes: "Query/management HTTP request", "Query V2 HTTP response" and "Query V1 HTTP
// response" of the Kusto documentation, and what azkustodata's decoder insists on.
package kusto

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
)

// Database is the one database there is; a request may name any.
const Database = "Spoor"

// Handler answers the calls of the protocol. All fields are required.
type Handler struct {
	Run       func(ctx context.Context, req query.Request) (*query.Result, error)
	Catalog   *schema.Catalog
	Functions Functions
	RowCounts func(ctx context.Context) (map[string]int64, error)
	Version   string
	Now       func() time.Time

	// Finished is told how many rows an answer had and what ended it early.
	Finished func(ctx context.Context, rows int64, err error)
	// Failed answers a request of which nothing was answered yet.
	Failed func(w http.ResponseWriter, r *http.Request, err error)
	// Command is told the text of a management command.
	Command func(ctx context.Context, text string)
}

// NoMetadata answers the first call of clients, which ask where to sign in: nowhere but
// here. They take 404 without a body for that.
func NoMetadata(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }

// BadRequest is a request that is not of the protocol; its text is for the user.
type BadRequest struct{ Message string }

func (e *BadRequest) Error() string { return e.Message }

func badRequest(format string, args ...any) error {
	return &BadRequest{fmt.Sprintf(format, args...)}
}

// request is what a client asks.
type request struct {
	query.Request
	clientRequestID string
	// fragmented and progressive choose the form of a version 2 answer.
	fragmented, progressive, errorsAtEnd bool
	// takes says that the client itself asked for no more than so many rows, so that
	// fewer than there are is no error.
	takes bool
}

// body is the body of a request.
type body struct {
	DB         string          `json:"db"`
	CSL        string          `json:"csl"`
	Properties json.RawMessage `json:"properties"`
}

// properties are the request properties. Unknown options are ignored, as Kusto does.
type properties struct {
	Options         map[string]any `json:"Options"`
	Parameters      map[string]any `json:"Parameters"`
	ClientRequestID string         `json:"ClientRequestId"`
}

func read(r *http.Request) (*request, error) {
	b, err := readBody(r)
	if err != nil {
		return nil, err
	}
	props, err := readProperties(b.Properties)
	if err != nil {
		return nil, err
	}
	req := &request{clientRequestID: r.Header.Get("x-ms-client-request-id")}
	if req.clientRequestID == "" {
		req.clientRequestID = props.ClientRequestID
	}
	req.Text, req.Database = b.CSL, b.DB
	if req.Parameters, err = parameters(props.Parameters); err != nil {
		return nil, err
	}
	if strings.TrimSpace(req.Text) == "" {
		return nil, badRequest("the request has no query: csl is empty")
	}
	return req, req.setOptions(props.Options)
}

func readBody(r *http.Request) (body, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		q := r.URL.Query()
		return body{DB: q.Get("db"), CSL: q.Get("csl"), Properties: json.RawMessage(q.Get("properties"))}, nil
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return body{}, err
	}
	var b body
	if err := json.Unmarshal(text, &b); err != nil {
		return body{}, badRequest("the body must be a JSON object with db and csl: %v", err)
	}
	return b, nil
}

// readProperties reads the properties, which are an object or the text of one.
func readProperties(raw json.RawMessage) (properties, error) {
	var p properties
	if len(raw) == 0 || string(raw) == "null" {
		return p, nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == "" {
			return p, nil
		}
		raw = json.RawMessage(text)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&p); err != nil {
		return p, badRequest("properties must be a JSON object or the text of one: %v", err)
	}
	return p, nil
}

// parameters are KQL literals; clients also send bare JSON numbers and booleans.
func parameters(in map[string]any) (map[string]string, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(in))
	for name, v := range in {
		switch v := v.(type) {
		case string:
			out[name] = v
		case json.Number:
			out[name] = v.String()
		case bool:
			out[name] = strconv.FormatBool(v)
		default:
			return nil, badRequest("the parameter %.100q must be a KQL literal", name)
		}
	}
	return out, nil
}

// maxTimeout is the longest server timeout that Kusto takes.
const maxTimeout = time.Hour

func (req *request) setOptions(o map[string]any) error {
	req.fragmented = isTrue(o["results_v2_fragment_primary_tables"])
	req.progressive = isTrue(o["results_progressive_enabled"])
	placement, _ := o["results_error_reporting_placement"].(string)
	req.errorsAtEnd = strings.EqualFold(placement, "end_of_table") || strings.EqualFold(placement, "end_of_dataset")
	req.Options.NoTruncation = isTrue(o["notruncation"])
	req.Options.ReadOnly = isTrue(o["request_readonly"])
	for _, limit := range []struct {
		name string
		to   *int64
	}{
		{"truncationmaxrecords", &req.Options.MaxRows},
		{"truncationmaxsize", &req.Options.MaxBytes},
	} {
		if err := readCount(o, limit.name, limit.to); err != nil {
			return err
		}
	}
	var take int64
	if err := readCount(o, "query_take_max_records", &take); err != nil {
		return err
	}
	if take > 0 && (req.Options.MaxRows == 0 || take <= req.Options.MaxRows) {
		req.Options.MaxRows, req.takes = take, true
	}
	if err := req.setTimeout(o); err != nil {
		return err
	}
	if text, ok := o["query_now"].(string); ok {
		at, ok := value.ParseDateTime(text)
		if !ok {
			return badRequest("query_now is not a datetime: %.100q", text)
		}
		req.Options.Now = at.Time()
	}
	return refused(o)
}

// refused are options that would change the answer and that we cannot follow.
func refused(o map[string]any) error {
	for _, name := range []string{"query_datetimescope_column", "query_datetimescope_from", "query_datetimescope_to"} {
		if v := o[name]; v != nil && v != "" {
			return badRequest("the option %s is not supported; put the time range into the query", name)
		}
	}
	if lang, ok := o["query_language"].(string); ok && !strings.EqualFold(lang, "kql") && !strings.EqualFold(lang, "csl") {
		return badRequest("the query language %.100q is not supported; there is kql", lang)
	}
	return nil
}

func (req *request) setTimeout(o map[string]any) error {
	if isTrue(o["norequesttimeout"]) {
		req.Options.Timeout = maxTimeout
		return nil
	}
	var ticks schema.Ticks
	switch v := o["servertimeout"].(type) {
	case nil:
		return nil
	case json.Number: // ticks
		n, err := v.Int64()
		if err != nil {
			return badRequest("servertimeout is not a timespan: %s", v)
		}
		ticks = schema.Ticks(n)
	case string:
		t, ok := value.ParseTimeSpan(v)
		if !ok {
			return badRequest("servertimeout is not a timespan: %.100q", v)
		}
		ticks = t
	default:
		return badRequest("servertimeout is not a timespan")
	}
	if ticks <= 0 {
		return badRequest("servertimeout must be more than nothing")
	}
	req.Options.Timeout = maxTimeout
	if ticks < schema.DurationTicks(maxTimeout) {
		req.Options.Timeout = time.Duration(ticks) * 100
	}
	return nil
}

func isTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	case json.Number:
		return v == "1"
	default:
		return false
	}
}

func readCount(o map[string]any, name string, to *int64) error {
	var text string
	switch v := o[name].(type) {
	case nil:
		return nil
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return badRequest("the option %s must be a whole number above 0", name)
	}
	*to = n
	return nil
}

// answer is the state of one answer.
type answer struct {
	req      *request
	started  time.Time
	activity string
	now      func() time.Time
}

// begin sets the headers of an answer.
func (h *Handler) begin(w http.ResponseWriter, req *request) *answer {
	a := &answer{req: req, started: h.Now().UTC(), activity: newGUID(), now: h.Now}
	setIDs(w.Header(), req.clientRequestID, a.activity)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	return a
}

func setIDs(h http.Header, clientRequestID, activity string) {
	if clientRequestID != "" && len(clientRequestID) <= 512 {
		h.Set("x-ms-client-request-id", clientRequestID)
	}
	h.Set("x-ms-activity-id", activity)
}

// newGUID is a random version 4 GUID (RFC 9562).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// QueryV1 answers /v1/rest/query.
func (h *Handler) QueryV1(w http.ResponseWriter, r *http.Request) {
	h.query(w, r, func(out *writer, a *answer, res *rows) error { return out.v1(a, res) })
}

// QueryV2 answers /v2/rest/query.
func (h *Handler) QueryV2(w http.ResponseWriter, r *http.Request) {
	h.query(w, r, func(out *writer, a *answer, res *rows) error {
		if a.req.fragmented || a.req.progressive {
			return out.v2Fragments(a, res)
		}
		return out.v2Table(a, res)
	})
}

func (h *Handler) query(w http.ResponseWriter, r *http.Request, write func(*writer, *answer, *rows) error) {
	req, err := read(r)
	if err != nil {
		h.Failed(w, r, err)
		return
	}
	res, err := h.Run(r.Context(), req.Request)
	if err != nil {
		h.Failed(w, r, err)
		return
	}
	defer res.Close()
	rows := newRows(res, req.takes)
	if rows.err() != nil && !rows.more {
		// Nothing has been sent yet: the status can still say what happened.
		h.Failed(w, r, rows.err())
		return
	}
	a := h.begin(w, req)
	out := newWriter(w)
	if err := write(out, a, rows); err != nil {
		h.Finished(r.Context(), rows.total, err)
		return
	}
	h.Finished(r.Context(), rows.total, rows.err())
}

// rows reads a result one row ahead, so that an error before the first row is known
// before the answer begins.
type rows struct {
	res   *query.Result
	takes bool
	more  bool  // there is a current row
	count int64 // of the current table
	total int64
}

func newRows(res *query.Result, takes bool) *rows {
	return &rows{res: res, takes: takes, more: res.Next()}
}

// next moves on from the current row.
func (r *rows) next() {
	r.count++
	r.total++
	r.more = r.res.Next()
}

// nextTable moves on to the next table of the answer, if there is one.
func (r *rows) nextTable() bool {
	if !r.res.NextTable() {
		return false
	}
	r.count, r.more = 0, r.res.Next()
	return true
}

// err is what ended the rows early: an error, or a limit the client did not ask for.
func (r *rows) err() error {
	if err := r.res.Err(); err != nil {
		return err
	}
	if limit := r.res.Truncated(); limit != "" && !r.takes {
		return &LimitError{limit}
	}
	return nil
}

// LimitError is a result cut short by a limit.
type LimitError struct{ Message string }

func (e *LimitError) Error() string { return e.Message }

var errWrite = errors.New("the client went away")
