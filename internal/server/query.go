package server

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"spoor/internal/account"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server/kusto"
)

// Querier runs KQL.
type Querier interface {
	// Run starts a query. A *query.CompileError carries what is wrong with the text.
	Run(ctx context.Context, req query.Request) (*query.Result, error)
	// Check compiles a query and says which columns it would give, or what is wrong
	// with it. The error is for what the text is not to blame for.
	Check(ctx context.Context, req query.Request) ([]query.Column, []syntax.Diagnostic, error)
	// Explain plans a query.
	Explain(ctx context.Context, req query.Request) (query.Explanation, error)
	// CheckFunction binds a function that is to be stored under a name. A
	// *query.CompileError carries what is wrong with its text.
	CheckFunction(ctx context.Context, name, text string, o query.Options) error
}

// QueryRequest is a query to be run.
type QueryRequest struct {
	Query      string            `json:"query" doc:"KQL"`
	MaxRows    int64             `json:"maxRows,omitempty" minimum:"1" maximum:"100000" default:"10000"`
	Parameters map[string]string `json:"parameters,omitempty" doc:"values of declare query_parameters, as KQL literals"`
}

// QueryText is a query to be checked.
type QueryText struct {
	Query string `json:"query" doc:"KQL"`
}

// QueryResult is the answer to a query.
type QueryResult struct {
	Columns       []QueryColumn `json:"columns"`
	Rows          [][]any       `json:"rows" doc:"a value for each column: null, a boolean, a number (int, real), any JSON (dynamic), or a string; long, decimal, datetime and timespan are strings, as are NaN and the infinities"`
	Truncated     string        `json:"truncated,omitempty" doc:"which limit cut the result short"`
	Elapsed       float64       `json:"elapsedMs"`
	Warnings      []Diagnostic  `json:"warnings,omitempty"`
	Visualization *QueryVisual  `json:"visualization,omitempty" doc:"what render asked for"`
}

// QueryColumn is a column of a result.
type QueryColumn struct {
	Name   string `json:"name"`
	Type   string `json:"type" enum:"bool,int,long,real,decimal,string,datetime,timespan,guid,dynamic"`
	Entity string `json:"entity,omitempty" enum:"ip,url,hash,account,device" doc:"what its values name, told by its name as tables use it; url: a URL or a bare host name"`
	Domain string `json:"domain,omitempty" doc:"the column with the domains of the accounts in it"`
}

// QueryVisual is what a render operator asked for.
type QueryVisual struct {
	Kind       string            `json:"kind"`
	Properties map[string]string `json:"properties,omitempty"`
}

// Validation says what is wrong with a query, and what columns it gives.
type Validation struct {
	Columns     []QueryColumn `json:"columns"`
	Diagnostics []Diagnostic  `json:"diagnostics"`
}

// Explanation says how a query would be run.
type Explanation struct {
	Plan       string   `json:"plan" doc:"the operators as an indented tree"`
	Statements []string `json:"statements" doc:"the SQL, in the order in which it is run"`
}

// shownTimeout bounds a query of the web app, where somebody waits for it.
const shownTimeout = 4 * time.Minute

// restrict bounds a query to what its caller may read.
func restrict(p account.Principal, req query.Request) query.Request {
	if p.Role != account.Admin {
		req.Options.Denied = []string{schema.SpoorAudit}
	}
	return req
}

// run starts a query for whoever makes the request and puts it down for the audit log.
func (s *Server) run(ctx context.Context, req query.Request) (*query.Result, error) {
	x := exchangeOf(ctx)
	x.detail = map[string]string{"query": req.Text}
	return s.cfg.Querier.Run(ctx, restrict(x.principal, req))
}

func (s *Server) registerQuery() {
	handle(s, "POST /api/query", "query", "query", "Run KQL",
		func(ctx context.Context, in *body[QueryRequest]) (*reply[QueryResult], error) {
			req := query.Request{Text: in.Body.Query, Parameters: in.Body.Parameters}
			req.Options.MaxRows, req.Options.MaxBytes, req.Options.Timeout = in.Body.MaxRows, query.DefaultMaxBytes, shownTimeout
			res, err := s.run(ctx, req)
			if err != nil {
				return nil, err
			}
			defer res.Close()
			out, err := s.collect(res, req.Text)
			exchangeOf(ctx).rows = res.Stats().Rows
			return &reply[QueryResult]{out}, err
		})
	handle(s, "POST /api/kql/validate", "validate", "query", "Check KQL without running it",
		func(ctx context.Context, in *body[QueryText]) (*reply[Validation], error) {
			req := restrict(exchangeOf(ctx).principal, query.Request{Text: in.Body.Query})
			columns, found, err := s.cfg.Querier.Check(ctx, req)
			return &reply[Validation]{Validation{s.queryColumns(columns), diagnostics(req.Text, found)}}, err
		})
	handle(s, "POST /api/kql/explain", "explain", "query", "Plan KQL without running it",
		func(ctx context.Context, in *body[QueryRequest]) (*reply[Explanation], error) {
			req := restrict(exchangeOf(ctx).principal, query.Request{Text: in.Body.Query, Parameters: in.Body.Parameters})
			out, err := s.cfg.Querier.Explain(ctx, req)
			if err != nil {
				return nil, err
			}
			return &reply[Explanation]{Explanation(out)}, nil
		})
}

func (s *Server) registerKusto() {
	k := &kusto.Handler{
		Run: s.run, Catalog: s.cfg.Catalog, Functions: commandedFunctions{s}, RowCounts: s.cfg.Events.Tables, Version: s.cfg.Version, Now: s.cfg.Now,
		Finished: func(ctx context.Context, rows int64, err error) {
			x := exchangeOf(ctx)
			x.rows, x.err = rows, err
		},
		Failed: func(w http.ResponseWriter, r *http.Request, err error) {
			p := problemOf(err)
			exchangeOf(r.Context()).err = err
			kusto.WriteError(w, r, p.Status, kusto.ErrorOf(err, title(p.Status), p.Detail))
		},
		Command: func(ctx context.Context, text string) {
			exchangeOf(ctx).detail = map[string]string{"command": text}
		},
	}
	s.routes.HandleFunc("POST /v1/rest/query", k.QueryV1)
	s.routes.HandleFunc("GET /v1/rest/query", k.QueryV1)
	s.routes.HandleFunc("POST /v2/rest/query", k.QueryV2)
	s.routes.HandleFunc("GET /v2/rest/query", k.QueryV2)
	s.routes.HandleFunc("POST /v1/rest/mgmt", k.Manage)
	s.routes.HandleFunc("GET /v1/rest/auth/metadata", kusto.NoMetadata)
}

// collect reads the rows of a result into an answer.
func (s *Server) collect(res *query.Result, text string) (QueryResult, error) {
	out := QueryResult{Columns: s.queryColumns(res.Columns), Rows: [][]any{}, Warnings: diagnostics(text, res.Warnings)}
	for res.Next() {
		row := make([]any, len(res.Columns))
		for i, v := range res.Row() {
			row[i] = webValue(res.Columns[i].Type, v)
		}
		out.Rows = append(out.Rows, row)
	}
	if err := res.Err(); err != nil {
		return QueryResult{}, err
	}
	out.Truncated = res.Truncated()
	out.Elapsed = float64(res.Stats().Elapsed.Microseconds()) / 1000
	if v := res.Visualization; v.Kind != "" {
		out.Visualization = &QueryVisual{v.Kind, v.Properties}
	}
	return out, nil
}

var entityNames = map[schema.Observable]string{
	schema.HoldsAddress: "ip", schema.HoldsURL: "url", schema.HoldsHash: "hash", schema.HoldsAccount: "account", schema.HoldsDevice: "device",
}

func (s *Server) queryColumns(columns []query.Column) []QueryColumn {
	out := make([]QueryColumn, 0, len(columns))
	for _, c := range columns {
		col := QueryColumn{Name: c.Name, Type: c.Type.String()}
		holds, domain := s.cfg.Catalog.Observed(c.Name)
		// An account is its domain and name: half of it names nobody.
		whole := domain == "" || slices.ContainsFunc(columns, func(o query.Column) bool { return o.Name == domain })
		if c.Type == schema.String && holds != schema.HoldsNothing && whole {
			col.Entity, col.Domain = entityNames[holds], domain
		}
		out = append(out, col)
	}
	return out
}

// webValue is a value of a result as our own API writes it; see query.Result.Row.
func webValue(t schema.Type, v any) any {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return kusto.SpecialReal(v)
		}
		return v
	case schema.Ticks:
		if t == schema.TimeSpan {
			return value.FormatTimeSpan(v)
		}
		return v.String()
	case json.RawMessage:
		if !json.Valid(v) {
			return string(v)
		}
		return append(json.RawMessage(nil), v...) // the row's slices end with the next one
	default:
		return v
	}
}
