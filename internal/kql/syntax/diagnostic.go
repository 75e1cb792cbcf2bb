package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range of bytes in the query's text.
type Span struct{ Start, End int }

// Len is the number of bytes.
func (s Span) Len() int { return s.End - s.Start }

// To is the span from the start of s to the end of t.
func (s Span) To(t Span) Span { return Span{s.Start, t.End} }

// Severity says how bad a diagnostic is.
type Severity uint8

// The severities. A query with an Error does not run.
const (
	Error Severity = iota
	Warning
)

// String is the word for the severity.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is something to tell the author of a query about one place in it. The
// code is Kusto's (SYN0002, SEM0100 …).
type Diagnostic struct {
	Code     string
	Span     Span
	Message  string
	Severity Severity
}

// Error makes a Diagnostic usable as an error; it has no position, for that needs the text.
func (d Diagnostic) Error() string { return d.Code + ": " + d.Message }

// Position is a place in a text as people count it, line and column from 1; columns
// count characters.
type Position struct{ Line, Column int }

// PositionOf finds the line and column of a byte offset. Offsets outside the text are
// moved to its ends.
func PositionOf(text string, offset int) Position {
	offset = max(0, min(offset, len(text)))
	before := text[:offset]
	line := strings.Count(before, "\n")
	return Position{line + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1}
}

// Underline shows the line of the diagnostic's place with the span marked below it.
func (d Diagnostic) Underline(text string) string {
	at := max(0, min(d.Span.Start, len(text)))
	start := strings.LastIndexByte(text[:at], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		end = at + i
	}
	pos := PositionOf(text, at)
	marked := utf8.RuneCountInString(text[at:max(at, min(d.Span.End, end))])
	return fmt.Sprintf("%d:%d: %s: %s\n  %s\n  %s%s", pos.Line, pos.Column, d.Code, d.Message,
		strings.ReplaceAll(text[start:end], "\t", " "), strings.Repeat(" ", pos.Column-1), strings.Repeat("^", max(1, marked)))
}
