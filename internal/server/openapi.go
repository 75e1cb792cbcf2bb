package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

func apiConfig(version string) huma.Config {
	cfg := huma.DefaultConfig("Spoor", version)
	cfg.Info.Description = "Who here talked to it, since when, how rare is that. " +
		"Numbers that JavaScript cannot hold (long, decimal) and moments of query results are strings beside their column's type."
	// The description is a route of the table like any other, and answers carry no links
	// to schemas.
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "an API token (spoor token create)"},
		"session": {Type: "apiKey", In: "cookie", Name: "spoor", Description: "a session of the web app; what changes something also needs the header " + csrfHeader},
	}
	return cfg
}

// reply is an answer with a body.
type reply[T any] struct{ Body T }

// body is a request with a body.
type body[T any] struct{ Body T }

// List is a list that is answered whole.
type List[T any] struct {
	Items []T `json:"items"`
}

// operation describes the route of a pattern as the table has it.
func operation(pattern, id, tag, summary string) huma.Operation {
	a, method, path := table[pattern], "", ""
	method, path, _ = strings.Cut(pattern, " ")
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: a.bodyLimit(), BodyReadTimeout: a.limit(),
	}
	switch {
	case a.public():
	case a.anyone:
		op.Description = "For every signed-in account and every token."
	default:
		op.Description = fmt.Sprintf("Least role: %s.", a.least)
	}
	if !a.public() {
		op.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	}
	return op
}

// handle registers a typed handler for a pattern of the table.
func handle[I, O any](s *Server, pattern, id, tag, summary string, handler func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, operation(pattern, id, tag, summary), func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err == nil {
			return out, nil
		}
		x := exchangeOf(ctx)
		x.err = err
		p := problemOf(err)
		p.RequestID = x.id
		if h := (http.Header{}); p.Code == CodeThrottled {
			retryAfter(h, err)
			return nil, huma.ErrorWithHeaders(p, h)
		}
		return nil, p
	})
}

// describe adds a route to the description whose handler huma does not run, because it
// streams.
func (s *Server) describe(op huma.Operation) {
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses["default"] = &huma.Response{
		Description: "Error",
		Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
		},
	}
	s.api.OpenAPI().AddOperation(&op)
}

// OpenAPI is the description of the API, indented.
func (s *Server) OpenAPI() ([]byte, error) {
	text, err := json.Marshal(s.api.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return nil, fmt.Errorf("describe the API: %w", err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func (s *Server) registerOpenAPI() {
	s.routes.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, r *http.Request) {
		text, err := s.OpenAPI()
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(text) // the client may be gone
	})
}
