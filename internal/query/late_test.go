package query_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"spoor/internal/query"
	"spoor/internal/store"
)

// planning is an engine that heeds nothing while it plans, as long as the channel is open.
type planning struct {
	engine
	snapshot
	end     chan struct{}
	planned chan struct{}
}

func (e *planning) Snapshot(context.Context) (store.Snapshot, error) { return e, nil }

func (e *planning) Query(context.Context, string, []any, ...store.Input) (store.Rows, error) {
	e.planned <- struct{}{}
	<-e.end
	return nil, errAsked
}

// Who waits for a query is answered in time though the engine goes on planning it; the
// query keeps its place until the engine has ended.
func TestAnsweredWhileTheEnginePlans(t *testing.T) {
	e := &planning{end: make(chan struct{}), planned: make(chan struct{}, 2)}
	r := query.New(query.Config{Engine: e, Concurrency: 1})
	code := func(ctx context.Context) query.Code {
		_, err := r.Run(ctx, query.Request{Text: "print 1"})
		q, ok := errors.AsType[*query.Error](err)
		if !ok {
			return ""
		}
		return q.Code
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan query.Code)
	go func() { first <- code(ctx) }()
	<-e.planned
	cancel()
	if got := <-first; got != query.CodeCancelled {
		t.Errorf("a query that is cancelled while it is being planned: %q", got)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if got := code(ctx); got != query.CodeTimeout {
		t.Errorf("a second query beside the only place: %q", got)
	}
	if len(e.planned) > 0 {
		t.Error("the place was given away while the engine was planning")
	}
	close(e.end)
	if _, err := r.Run(t.Context(), query.Request{Text: "print 1"}); !errors.Is(err, errAsked) {
		t.Errorf("after the engine had ended: %v", err)
	}
}
