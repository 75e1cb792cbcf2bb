package account

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// ThrottledError says that too many sign-ins failed.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many failed attempts: try again in %s", e.RetryAfter.Round(time.Second))
}

// How sign-in is slowed down. After the free failures each further one doubles the
// wait, up to the longest. An account is not locked for longer than that, or anyone
// could lock out its owner; who guesses gets some 1,400 tries a day.
const (
	freeForAccount = 5
	freeForAddress = 20 // many people may share one
	longestWait    = time.Minute
	forgetAfter    = 15 * time.Minute // without a failure
	// maxTracked bounds the memory that made-up names can take.
	maxTracked = 10_000
)

type throttle struct {
	now func() time.Time

	mu       sync.Mutex
	failures map[string]*failures // by "account:…" and "address:…"
}

type failures struct {
	count int
	last  time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, failures: map[string]*failures{}}
}

func accountKey(name string) string { return "account:" + strings.ToLower(strings.TrimSpace(name)) }

// wait returns a *ThrottledError while the account or the address has to wait.
func (t *throttle) wait(name, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := max(t.left(accountKey(name), freeForAccount), t.left("address:"+address, freeForAddress))
	if left > 0 {
		return &ThrottledError{RetryAfter: left}
	}
	return nil
}

func (t *throttle) left(key string, free int) time.Duration {
	f, ok := t.failures[key]
	if !ok || f.count < free || t.old(f) {
		return 0
	}
	wait := min(time.Second<<min(f.count-free, 10), longestWait)
	return wait - t.now().Sub(f.last)
}

func (t *throttle) old(f *failures) bool { return t.now().Sub(f.last) > forgetAfter }

// failed counts a failure for the account and, if there is one, the address.
func (t *throttle) failed(name, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.makeRoom()
	t.count(accountKey(name))
	if address != "" {
		t.count("address:" + address)
	}
}

func (t *throttle) count(key string) {
	f := t.failures[key]
	if f == nil || t.old(f) {
		f = &failures{}
		t.failures[key] = f
	}
	f.count++
	f.last = t.now()
}

// makeRoom drops what is old once there is too much; if that is not enough, everything.
func (t *throttle) makeRoom() {
	if len(t.failures) < maxTracked {
		return
	}
	maps.DeleteFunc(t.failures, func(_ string, f *failures) bool { return t.old(f) })
	if len(t.failures) >= maxTracked {
		clear(t.failures)
	}
}

// forgive clears the failures of an account: its owner has signed in.
func (t *throttle) forgive(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.failures, accountKey(name))
}
