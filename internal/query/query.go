// Package query runs KQL for a caller. Text goes in with its limits, typed rows come out
// one by one. It brings the compiler (kql) and an event store together, admits queries
// within a bound, keeps their limits and cancels them; it knows nothing of HTTP and
// keeps no history.
package query

import (
	"context"
	"fmt"
	"time"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// The limits that hold when a request names none. They are Kusto's own.
const (
	DefaultMaxRows  = 500_000
	DefaultMaxBytes = 64 << 20
	DefaultTimeout  = 4 * time.Minute
)

// Engine is what the runner needs of an event store.
type Engine interface {
	// Snapshot is the store at one moment, for the statements of a query.
	Snapshot(ctx context.Context) (store.Snapshot, error)
	// Tables lists the event tables that have rows.
	Tables(ctx context.Context) (map[string]int64, error)
	// Aliases lists the devices that are shown under another's id.
	Aliases(ctx context.Context) ([]store.DeviceAlias, error)
}

// Request is one query.
type Request struct {
	Text string
	// Database is what the client called the database. There is one; any name is taken.
	Database string
	// Parameters are the values for declare query_parameters, as KQL literals.
	Parameters map[string]string
	Options    Options
}

// Options bound one query. A zero field means the default.
type Options struct {
	MaxRows  int64
	MaxBytes int64
	Timeout  time.Duration
	// NoTruncation lifts the row and byte limits.
	NoTruncation bool
	// ReadOnly is accepted for the protocols that send it; every query is read-only.
	ReadOnly bool
	// Now is what now() gives; the zero time means the clock.
	Now time.Time
	// WholeScans reads tables whole where the sightings ledger could tell which part of
	// them is enough. The answer is the same.
	WholeScans bool
	// Excerpts keeps the rows that name the addresses which the query looks for, where they
	// are few, for the queries that come next: the sections of a page all read the same. The
	// answer is the same.
	Excerpts bool
	// Denied names tables that this caller may not read. A query that names one, by
	// whatever way, is refused by the binder as if the table did not exist.
	Denied []string
}

// Column is a column of a result.
type Column struct {
	Name string
	Type schema.Type
}

// Visualization is what a render operator asked for. Kind is "" without one.
type Visualization struct {
	Kind       string
	Properties map[string]string
}

// Stats says what a query cost.
type Stats struct {
	Rows    int64
	Bytes   int64 // estimated size of the values handed out
	Elapsed time.Duration
}

// CompileError carries what is wrong with the text; at least one diagnostic is an error.
type CompileError struct {
	Text        string
	Diagnostics []syntax.Diagnostic
}

// Error is the first error with its line and column.
func (e *CompileError) Error() string {
	for _, d := range e.Diagnostics {
		if d.Severity == syntax.Error {
			pos := syntax.PositionOf(e.Text, d.Span.Start)
			return fmt.Sprintf("%d:%d: %s: %s", pos.Line, pos.Column, d.Code, d.Message)
		}
	}
	return "the query has errors"
}

// Code tells the runner's domain errors apart.
type Code string

// The codes.
const (
	CodeTimeout   Code = "timeout"   // the query took longer than it may
	CodeCancelled Code = "cancelled" // the caller went away
	CodeBusy      Code = "busy"      // no place became free in time
	CodeTooLarge  Code = "too_large" // it needs more memory than it may have
	CodeData      Code = "data"      // a value in the data has no answer (a bad pattern, an overflow)
	CodeInternal  Code = "internal"  // the fault is ours; Message is safe to show, the cause is not
)

// Error is a query that could not be run to its end. Message is for the user, Err for
// the log.
type Error struct {
	Code    Code
	Message string
	Err     error
}

func (e *Error) Error() string { return e.Message }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }
