package query

import (
	"context"
	"fmt"

	"golang.org/x/sync/semaphore"
)

const (
	// maxHeld bounds the rows that one query keeps in memory for operators in Go, in
	// bytes as sizeOf estimates them.
	maxHeld = 512 << 20
	// moreHeld is by how many bytes a query's share for such rows grows at least.
	moreHeld = 16 << 20
)

// share is what a query has of the memory of all queries. It is not safe for concurrent
// use.
type share struct {
	all   *semaphore.Weighted
	size  int64 // of all
	given int64 // bytes that are the query's
	rows  int64 // those of them that are for rows in Go
	held  int64 // by rows in Go
}

// admit waits until there is memory for what a query is estimated to hold in the engine
// and in Go. One that is estimated at more than there is has it all, and runs alone.
func (s *share) admit(ctx context.Context, engine, rows int64) error {
	need := min(engine+rows, s.size-s.given)
	if err := s.all.Acquire(ctx, need); err != nil {
		return err
	}
	s.given += need
	s.rows += min(rows, need)
	return nil
}

// hold counts rows that are kept in Go. When they are more than was estimated, the share
// grows if there is memory left: a query never waits with memory in its hands.
func (s *share) hold(bytes int64) error {
	if s.held += bytes; s.held > maxHeld {
		return &Error{
			Code:    CodeTooLarge,
			Message: fmt.Sprintf("An operator of the query needs all its rows in memory, and they are more than %d MiB. Filter more, or keep fewer columns.", maxHeld>>20),
		}
	}
	if s.held <= s.rows {
		return nil
	}
	if s.given == s.size {
		s.rows = s.size // it runs alone
	}
	more := min(max(moreHeld, s.held-s.rows), s.size-s.given)
	switch {
	case s.held <= s.rows:
		return nil
	case more <= 0:
		return &Error{Code: CodeTooLarge, Message: "An operator of the query needs all its rows in memory, and they are more than all queries may hold. Filter more, or keep fewer columns."}
	case !s.all.TryAcquire(more):
		return &Error{Code: CodeBusy, Message: "The queries that run leave too little memory for the rows that an operator of this one must keep; try again in a moment, or filter more."}
	}
	s.given, s.rows = s.given+more, s.rows+more
	return nil
}

// release gives all back.
func (s *share) release() {
	s.all.Release(s.given)
	s.given, s.rows = 0, 0
}

// sizeOf is about how much memory a row takes.
func sizeOf(row []any) int64 {
	n := int64(24 + 16*len(row))
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += int64(len(v)) + 16
		case nil, bool:
		default:
			n += 8
		}
	}
	return n
}
