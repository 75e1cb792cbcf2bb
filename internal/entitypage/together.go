package entitypage

import (
	"errors"
	"sync"
)

// together runs functions side by side and waits for all of them.
func together(run ...func() error) error {
	errs := make([]error, len(run))
	var running sync.WaitGroup
	for i, f := range run {
		running.Go(func() { errs[i] = f() })
	}
	running.Wait()
	return errors.Join(errs...)
}
