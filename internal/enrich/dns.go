package enrich

import (
	"container/list"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// ErrOff says that live reverse DNS is switched off.
var ErrOff = errors.New("live reverse DNS is switched off")

// ReverseDNS asks for the names of an address in live DNS. A look-up can tell whoever
// runs the address's zone that someone is looking, so it is off until an administrator
// switches it on, and each one that goes out is logged. The zero value is off; it is
// safe for concurrent use once its fields are set.
type ReverseDNS struct {
	// Enabled is asked before every look-up. nil: off.
	Enabled func() bool
	// Log is told of every look-up that went out. Answers from the cache are none.
	Log func(DNSLookup)
	// Server is the "host:port" to ask, empty for the system's own.
	Server  string
	Timeout time.Duration    // 0: DefaultDNSTimeout
	Now     func() time.Time // nil: time.Now

	mu    sync.Mutex
	cache map[netip.Addr]*list.Element // of *cached
	used  list.List                    // latest first
}

// DefaultDNSTimeout bounds one look-up.
const DefaultDNSTimeout = 3 * time.Second

// How long and how much is remembered. Failures are asked again sooner.
const (
	dnsKeep      = time.Hour
	dnsKeepError = 5 * time.Minute
	dnsCacheSize = 10_000
	dnsMaxNames  = 32
)

// DNSLookup is one look-up that went out.
type DNSLookup struct {
	Address netip.Addr
	At      time.Time
	Took    time.Duration
	Names   []string
	Err     error
}

type cached struct {
	addr  netip.Addr
	until time.Time
	names []string
	err   error
}

// Names are the names that DNS gives for the address, in lower case without the
// trailing dot; none when it has none. They are whatever the owner of the address
// chose to write. ErrOff: nothing was asked.
func (r *ReverseDNS) Names(ctx context.Context, a netip.Addr) ([]string, error) {
	if r.Enabled == nil || !r.Enabled() {
		return nil, ErrOff
	}
	a = a.Unmap().WithZone("")
	at := r.now()
	if c := r.recall(a, at); c != nil {
		return c.names, c.err
	}
	names, err := r.ask(ctx, a)
	if r.Log != nil {
		r.Log(DNSLookup{Address: a, At: at, Took: r.now().Sub(at), Names: names, Err: err})
	}
	if ctx.Err() == nil { // a caller who went away says nothing about the address
		r.keep(&cached{addr: a, names: names, err: err}, at)
	}
	return names, err
}

func (r *ReverseDNS) ask(ctx context.Context, a netip.Addr) ([]string, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = DefaultDNSTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resolver := &net.Resolver{PreferGo: true}
	if r.Server != "" {
		resolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, r.Server)
		}
	}
	found, err := resolver.LookupAddr(ctx, a.String())
	var dnsErr *net.DNSError
	if errors.As(err, &dnsErr) && (dnsErr.IsNotFound || len(found) > 0) {
		err = nil // no name, or beside good names some that are no host names
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, min(len(found), dnsMaxNames))
	for _, name := range found[:min(len(found), dnsMaxNames)] {
		names = append(names, strings.ToLower(strings.TrimSuffix(name, ".")))
	}
	return names, nil
}

func (r *ReverseDNS) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

func (r *ReverseDNS) recall(a netip.Addr, now time.Time) *cached {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.cache[a]
	if !ok {
		return nil
	}
	c := e.Value.(*cached)
	if !now.Before(c.until) {
		return nil
	}
	r.used.MoveToFront(e)
	return c
}

func (r *ReverseDNS) keep(c *cached, now time.Time) {
	c.until = now.Add(dnsKeep)
	if c.err != nil {
		c.until = now.Add(dnsKeepError)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cache == nil {
		r.cache = map[netip.Addr]*list.Element{}
	}
	if old, ok := r.cache[c.addr]; ok {
		r.used.Remove(old)
	}
	r.cache[c.addr] = r.used.PushFront(c)
	if oldest := r.used.Back(); r.used.Len() > dnsCacheSize {
		r.used.Remove(oldest)
		delete(r.cache, oldest.Value.(*cached).addr)
	}
}
