package ingest_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/store"
)

// slowStore tells of each batch that it is given and takes none until it is released.
type slowStore struct {
	ingest.Store
	given    chan string
	released chan struct{}
}

func (s *slowStore) Append(ctx context.Context, b *store.Batch) error {
	s.given <- b.Source.Name
	<-s.released
	return s.Store.Append(ctx, b)
}

// While a source is committed the next is read, but not one that could be the same.
func TestNextSourceIsReadDuringCommit(t *testing.T) {
	slow := &slowStore{given: make(chan string, 3), released: make(chan struct{})}
	b := newBench(t, func(c *ingest.Config) { slow.Store, c.Store = c.Store, slow })
	lines := func(from int) string {
		var text strings.Builder
		for i := range 50 {
			text.WriteString(conn(from + i))
		}
		return text.String()
	}
	reports := map[string]*ingest.Report{}
	var group errgroup.Group
	start := func(name, text string) {
		report := &ingest.Report{}
		reports[name] = report
		group.Go(func() error {
			return receive.Stream(t.Context(), name, strings.NewReader(text), receive.Config{}, receive.Visitor{
				Input: func(in *receive.Input) (err error) {
					*report, err = b.pipeline.Run(t.Context(), in, ingest.Options{})
					return err
				},
				Problem: func(p *receive.Problem) { t.Error(p) },
			})
		})
	}
	start("first", lines(0))
	if got := <-slow.given; got != "first" {
		t.Fatalf("the store was given %s", got)
	}
	start("second", lines(100)) // its Append is called while the first one's has not returned
	if got := <-slow.given; got != "second" {
		t.Fatalf("the store was given %s", got)
	}
	start("first again", lines(0))
	start("second again", lines(100))
	close(slow.released)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for name, known := range map[string]int64{"first": 0, "second": 0, "first again": 50, "second again": 50} {
		if r := reports[name]; r.Read != 50 || r.Known != known {
			t.Errorf("%s: read %d, known %d, want 50, %d", name, r.Read, r.Known, known)
		}
	}
	if len(slow.given) != 0 {
		t.Error("content that was known was given to the store")
	}
}
