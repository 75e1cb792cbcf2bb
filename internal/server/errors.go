package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"spoor/internal/account"
	"spoor/internal/entitypage"
	"spoor/internal/external"
	"spoor/internal/function"
	"spoor/internal/kql/syntax"
	"spoor/internal/network"
	"spoor/internal/noise"
	"spoor/internal/note"
	"spoor/internal/preference"
	"spoor/internal/query"
	"spoor/internal/server/kusto"
	"spoor/internal/store"
	"spoor/internal/transparency"
	"spoor/internal/watch"
	"spoor/internal/watchlist"
)

// Code is the kind of a domain error, for programs.
type Code string

// The codes.
const (
	CodeInvalid         Code = "invalid"
	CodeUnauthenticated Code = "unauthenticated"
	CodeForbidden       Code = "forbidden"
	CodeNotFound        Code = "not_found"
	CodeConflict        Code = "conflict"
	CodeTooLarge        Code = "too_large"
	CodeThrottled       Code = "throttled"
	CodeTimeout         Code = "timeout"
	CodeCancelled       Code = "cancelled"
	CodeUnavailable     Code = "unavailable"
	CodeDiskFull        Code = "disk_full"
	CodeInternal        Code = "internal"
)

// statuses is the one table from code to HTTP status.
var statuses = map[Code]int{
	CodeInvalid:         http.StatusBadRequest,
	CodeUnauthenticated: http.StatusUnauthorized,
	CodeForbidden:       http.StatusForbidden,
	CodeNotFound:        http.StatusNotFound,
	CodeConflict:        http.StatusConflict,
	CodeTooLarge:        http.StatusRequestEntityTooLarge,
	CodeThrottled:       http.StatusTooManyRequests,
	CodeTimeout:         http.StatusGatewayTimeout,
	CodeCancelled:       499, // the client went away; nobody reads it but the log
	CodeUnavailable:     http.StatusServiceUnavailable,
	CodeDiskFull:        http.StatusInsufficientStorage,
	CodeInternal:        http.StatusInternalServerError,
}

// Error is an error with a code and a sentence for the user. Err, if any, is for the
// log.
type Error struct {
	Code   Code
	Detail string
	Err    error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Detail
	}
	return e.Detail + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

func fault(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// known are the errors of the packages below whose own text is fit for the user.
var known = []struct {
	err  error
	code Code
}{
	{entitypage.ErrNotMany, CodeInvalid},
	{entitypage.ErrWide, CodeTooLarge},
	{account.ErrInvalid, CodeInvalid},
	{account.ErrExists, CodeConflict},
	{account.ErrLastAdmin, CodeConflict},
	{account.ErrNotFound, CodeNotFound},
	{account.ErrBadCredentials, CodeUnauthenticated},
	{network.ErrInvalid, CodeInvalid},
	{network.ErrConflict, CodeConflict},
	{network.ErrNotFound, CodeNotFound},
	{watchlist.ErrInvalid, CodeInvalid},
	{watchlist.ErrNotFound, CodeNotFound},
	{note.ErrInvalid, CodeInvalid},
	{note.ErrNotFound, CodeNotFound},
	{watch.ErrInvalid, CodeInvalid},
	{watch.ErrNotFound, CodeNotFound},
	{preference.ErrInvalid, CodeInvalid},
	{preference.ErrNotFound, CodeNotFound},
	{noise.ErrInvalid, CodeInvalid},
	{noise.ErrNotFound, CodeNotFound},
	{transparency.ErrInvalid, CodeInvalid},
	{transparency.ErrNotFound, CodeNotFound},
	{function.ErrInvalid, CodeInvalid},
	{function.ErrNotFound, CodeNotFound},
	{function.ErrExists, CodeConflict},
	{external.ErrInvalid, CodeInvalid},
	{external.ErrNotFound, CodeNotFound},
	{store.ErrConflict, CodeConflict},
	{store.ErrDiskFull, CodeDiskFull},
	{syscall.ENOSPC, CodeDiskFull},
}

var queryCodes = map[query.Code]Code{
	query.CodeTimeout:   CodeTimeout,
	query.CodeCancelled: CodeCancelled,
	query.CodeBusy:      CodeUnavailable,
	query.CodeTooLarge:  CodeTooLarge,
	query.CodeData:      CodeInvalid,
	query.CodeInternal:  CodeInternal,
}

// classify gives any error its code and its sentence. What is not known is internal and
// tells the user nothing.
func classify(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*account.ThrottledError](err); ok {
		return &Error{CodeThrottled, e.Error(), err}
	}
	if e, ok := errors.AsType[*query.CompileError](err); ok {
		return &Error{CodeInvalid, e.Error(), err}
	}
	if e, ok := errors.AsType[*query.Error](err); ok {
		return &Error{queryCodes[e.Code], e.Message, err}
	}
	if e, ok := errors.AsType[*kusto.BadRequest](err); ok {
		return &Error{CodeInvalid, e.Message, nil}
	}
	if e, ok := errors.AsType[*kusto.LimitError](err); ok {
		return &Error{CodeTooLarge, e.Message, nil}
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{CodeTooLarge, fmt.Sprintf("the request is larger than %d bytes", e.Limit), err}
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			return &Error{k.code, err.Error(), nil}
		}
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &Error{CodeNotFound, "there is no such thing", err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{CodeTimeout, "it took longer than it may", err}
	case errors.Is(err, context.Canceled):
		return &Error{CodeCancelled, "the request was given up", err}
	default:
		return &Error{CodeInternal, "something went wrong inside; the log has it under this request's id", err}
	}
}

// Problem is every error answer of the API (RFC 9457, with a code).
type Problem struct {
	Title       string          `json:"title" doc:"the HTTP status in words"`
	Status      int             `json:"status" doc:"the HTTP status"`
	Code        Code            `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,conflict,too_large,throttled,timeout,cancelled,unavailable,disk_full,internal" doc:"the kind of the error, for programs"`
	Detail      string          `json:"detail" doc:"what is wrong, in a sentence"`
	RequestID   string          `json:"requestId,omitempty" doc:"under which the server's log has it"`
	Errors      []ProblemDetail `json:"errors,omitempty" doc:"what is wrong with which part of the request"`
	Diagnostics []Diagnostic    `json:"diagnostics,omitempty" doc:"what is wrong with the text of a query"`

	err error
}

// ProblemDetail is what is wrong with one part of a request.
type ProblemDetail struct {
	Message  string `json:"message"`
	Location string `json:"location,omitempty" doc:"for example body.name or query.limit"`
}

// Diagnostic is a remark on one place in the text of a query.
type Diagnostic struct {
	Code      string `json:"code" doc:"Kusto's code, for example SEM0100"`
	Severity  string `json:"severity" enum:"error,warning"`
	Message   string `json:"message"`
	Start     int    `json:"start" doc:"in bytes from the start of the text"`
	End       int    `json:"end" doc:"the byte after the place"`
	Line      int    `json:"line" doc:"from 1"`
	Column    int    `json:"column" doc:"in characters, from 1"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn" doc:"the column after the place"`
}

func diagnostics(text string, list []syntax.Diagnostic) []Diagnostic {
	out := make([]Diagnostic, 0, len(list))
	for _, d := range list {
		start, end := syntax.PositionOf(text, d.Span.Start), syntax.PositionOf(text, d.Span.End)
		out = append(out, Diagnostic{
			Code: d.Code, Severity: d.Severity.String(), Message: d.Message,
			Start: d.Span.Start, End: d.Span.End,
			Line: start.Line, Column: start.Column, EndLine: end.Line, EndColumn: end.Column,
		})
	}
	return out
}

func (p *Problem) Error() string { return p.Detail }

// Unwrap is the error behind the problem, for the log.
func (p *Problem) Unwrap() error { return p.err }

// GetStatus makes a Problem an answer of huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	e := classify(err)
	p := &Problem{Status: statuses[e.Code], Title: title(statuses[e.Code]), Code: e.Code, Detail: e.Detail, err: err}
	if c, ok := errors.AsType[*query.CompileError](err); ok {
		p.Diagnostics = diagnostics(c.Text, c.Diagnostics)
	}
	return p
}

func title(status int) string {
	if t := http.StatusText(status); t != "" {
		return t
	}
	return "Client Closed Request"
}

// The errors that huma finds itself (a missing field, a wrong type) are Problems too.
// Values are left out: they may be passwords.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &Problem{Status: status, Code: CodeInvalid, Detail: message}
		for code, s := range statuses {
			if s == status {
				p.Code = code
			}
		}
		switch status {
		case http.StatusRequestTimeout:
			p.Code = CodeTimeout
		case http.StatusUnprocessableEntity:
			p.Status = http.StatusBadRequest
		case http.StatusInternalServerError:
			p.Detail = classify(nil).Detail
		}
		p.Title = title(p.Status)
		for _, err := range errs {
			if d, ok := err.(huma.ErrorDetailer); ok {
				p.Errors = append(p.Errors, ProblemDetail{d.ErrorDetail().Message, d.ErrorDetail().Location})
			} else if err != nil && status < http.StatusInternalServerError {
				p.Errors = append(p.Errors, ProblemDetail{Message: err.Error()})
			}
		}
		if len(p.Errors) > 0 {
			p.Detail = message + ": " + p.Errors[0].text()
		}
		return p
	}
}

func (d ProblemDetail) text() string {
	if d.Location == "" {
		return d.Message
	}
	return d.Location + ": " + d.Message
}

// retryAfter sets the header that goes with 429.
func retryAfter(h http.Header, err error) {
	if t, ok := errors.AsType[*account.ThrottledError](err); ok {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(t.RetryAfter.Seconds()))))
	}
}
