package ingest

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/errgroup"

	"spoor/internal/ingest/decode"
)

// inOrder works on the chunks of a source side by side and hands the results to yield
// in the order of the source. It ends with the source's end, the first error of yield,
// or ctx. An error from reading comes back as readErr: what was read before it has
// been yielded.
func inOrder[T any](ctx context.Context, s *decode.Splitter, workers int, work func(*decode.Chunk) T, yield func(T) error) (readErr, err error) {
	group, ctx := errgroup.WithContext(ctx)
	order := make(chan chan T, 2*workers)
	group.Go(func() error {
		defer close(order)
		var err error
		readErr, err = distribute(ctx, s, workers, work, order)
		return err
	})
	group.Go(func() error {
		for result := range order {
			select {
			case v := <-result:
				if err := yield(v); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return ctx.Err()
	})
	err = group.Wait()
	return readErr, err
}

// distribute starts work on every chunk and sends the places of the results in order.
func distribute[T any](ctx context.Context, s *decode.Splitter, workers int, work func(*decode.Chunk) T, order chan<- chan T) (readErr, err error) {
	var pool errgroup.Group
	pool.SetLimit(workers)
	defer func() { _ = pool.Wait() }() // the workers return no errors
	for {
		chunk, err := s.Next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return err, nil
		}
		result := make(chan T, 1)
		select {
		case order <- result:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pool.Go(func() error {
			result <- work(chunk)
			return nil
		})
	}
}
