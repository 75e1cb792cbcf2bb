package kusto

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"spoor/internal/kql/syntax"
	"spoor/internal/query"
)

// Error is an error as the protocol writes it.
type Error struct {
	Code    string // for example General_BadRequest
	Message string // the general sentence
	Type    string // the .NET exception that Kusto would name
	Detail  string // what exactly is wrong; Message when empty
	// Permanent says that the same request will fail again.
	Permanent bool
	// Text and Diagnostics are those of a query that does not compile.
	Text        string
	Diagnostics []syntax.Diagnostic
}

// oneAPIError is the shape of an error.
type oneAPIError struct {
	Code      string            `json:"code"`
	Message   string            `json:"message"`
	Type      string            `json:"@type"`
	Detail    string            `json:"@message"`
	Context   errorContext      `json:"@context"`
	Permanent bool              `json:"@permanent"`
	Inner     *innerError       `json:"innererror,omitempty"`
	Errors    []diagnosticError `json:"@errors,omitempty"`
}

type errorContext struct {
	Timestamp       string `json:"timestamp"`
	ServiceAlias    string `json:"serviceAlias"`
	ClientRequestID string `json:"clientRequestId"`
	ActivityID      string `json:"activityId"`
}

type innerError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Type    string `json:"@type"`
	Line    int    `json:"@line"`
	Column  int    `json:"@column"`
	Text    string `json:"@text"`
}

// diagnosticError is one remark of the compiler with its place; line and column count
// from 1, start and end in bytes.
type diagnosticError struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

// ErrorOf is the protocol's error for any error. code and message are used where the
// error is none of the protocol's own.
func ErrorOf(err error, code, message string) Error {
	if e, ok := errors.AsType[*BadRequest](err); ok {
		return Error{Code: "General_BadRequest", Message: badRequestMessage, Type: "Kusto.Data.Exceptions.KustoBadRequestException", Detail: e.Message, Permanent: true}
	}
	if e, ok := errors.AsType[*query.CompileError](err); ok {
		return compileError(e)
	}
	if e, ok := errors.AsType[*LimitError](err); ok {
		return Error{Code: "LimitsExceeded", Message: limitMessage, Type: "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException", Detail: e.Message, Permanent: true}
	}
	if e, ok := errors.AsType[*query.Error](err); ok {
		return queryError(e)
	}
	return Error{Code: code, Message: message}
}

const (
	badRequestMessage = "Request is invalid and cannot be executed."
	limitMessage      = "Query execution has exceeded the allowed limits"
)

func compileError(e *query.CompileError) Error {
	out := Error{
		Code: "General_BadRequest", Message: badRequestMessage, Type: "Kusto.Data.Exceptions.SemanticException",
		Detail: "Semantic error: " + e.Error(), Permanent: true, Text: e.Text, Diagnostics: e.Diagnostics,
	}
	if first := firstError(e.Diagnostics); first != nil && strings.HasPrefix(first.Code, "SYN") {
		out.Type, out.Detail = "Kusto.Data.Exceptions.SyntaxException", "Syntax error: "+e.Error()
	}
	return out
}

func queryError(e *query.Error) Error {
	switch e.Code {
	case query.CodeTimeout:
		return Error{Code: "General_Timeout", Message: "Request timed out.", Type: "Kusto.Data.Exceptions.KustoServiceTimeoutException", Detail: e.Message}
	case query.CodeCancelled:
		return Error{Code: "Request_Cancelled", Message: "Request was cancelled.", Type: "Kusto.Data.Exceptions.KustoRequestCanceledException", Detail: e.Message}
	case query.CodeBusy:
		return Error{Code: "General_ThrottledRequest", Message: "Request is throttled.", Type: "Kusto.Data.Exceptions.KustoRequestThrottledException", Detail: e.Message}
	case query.CodeTooLarge:
		return Error{Code: "LimitsExceeded", Message: limitMessage, Type: "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException", Detail: e.Message, Permanent: true}
	case query.CodeData:
		return Error{Code: "General_BadRequest", Message: badRequestMessage, Type: "Kusto.Data.Exceptions.KustoBadRequestException", Detail: e.Message, Permanent: true}
	default:
		return Error{Code: "General_InternalServerError", Message: "An error occurred while processing the request.", Type: "Kusto.Data.Exceptions.KustoInternalServiceException", Detail: e.Message}
	}
}

func firstError(list []syntax.Diagnostic) *syntax.Diagnostic {
	for i := range list {
		if list[i].Severity == syntax.Error {
			return &list[i]
		}
	}
	return nil
}

func (e Error) oneAPI(clientRequestID, activity string, at time.Time) oneAPIError {
	out := oneAPIError{
		Code: e.Code, Message: e.Message, Type: e.Type, Detail: e.Detail, Permanent: e.Permanent,
		Context: errorContext{formatTime(at), "SPOOR", clientRequestID, activity},
	}
	if out.Detail == "" {
		out.Detail = e.Message
	}
	if out.Type == "" {
		out.Type = "Kusto.Data.Exceptions.KustoServiceException"
	}
	for _, d := range e.Diagnostics {
		pos := syntax.PositionOf(e.Text, d.Span.Start)
		out.Errors = append(out.Errors, diagnosticError{d.Code, d.Severity.String(), d.Message, d.Span.Start, d.Span.End, pos.Line, pos.Column})
	}
	if first := firstError(e.Diagnostics); first != nil {
		pos := syntax.PositionOf(e.Text, first.Span.Start)
		out.Inner = &innerError{first.Code, first.Message, e.Type, pos.Line, pos.Column, e.Text}
	}
	return out
}

// WriteError answers a request of which nothing was answered yet.
func WriteError(w http.ResponseWriter, r *http.Request, status int, e Error) {
	if w.Header().Get("x-ms-activity-id") == "" {
		setIDs(w.Header(), r.Header.Get("x-ms-client-request-id"), newGUID())
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(map[string]oneAPIError{ // the client may be gone
		"error": e.oneAPI(w.Header().Get("x-ms-client-request-id"), w.Header().Get("x-ms-activity-id"), time.Now()),
	})
}
