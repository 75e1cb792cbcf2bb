package duckdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/duckdb/duckdb-go/mapping"
)

// maxReaders bounds the queries that run at the same time; others wait.
const maxReaders = 16

var errClosed = errors.New("the event store is closed")

// pool lends connections for reading.
type pool struct {
	db     *database
	slots  chan struct{}
	closed chan struct{}

	mu   sync.Mutex
	idle []*conn
	lent map[*conn]bool
}

func newPool(db *database) *pool {
	return &pool{db: db, slots: make(chan struct{}, maxReaders), closed: make(chan struct{}), lent: map[*conn]bool{}}
}

// take lends a connection, which must be given back.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case p.slots <- struct{}{}:
	}
	c, err := p.lend()
	if err != nil {
		<-p.slots
	}
	return c, err
}

func (p *pool) lend() (c *conn, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.closed: // while this one waited
		return nil, errClosed
	default:
	}
	if n := len(p.idle); n > 0 {
		c, p.idle = p.idle[n-1], p.idle[:n-1]
	} else if c, err = p.db.connect(); err != nil {
		return nil, err
	}
	p.lent[c] = true
	return c, nil
}

func (p *pool) give(c *conn) {
	p.mu.Lock()
	delete(p.lent, c)
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.slots
}

// close interrupts the queries that run, waits for all connections to come back, and
// closes them. It gives up after the time given, with the connections still open. It is
// called once.
func (p *pool) close(within time.Duration) error {
	p.mu.Lock()
	close(p.closed)
	for c := range p.lent {
		mapping.Interrupt(c.ptr)
	}
	p.mu.Unlock()
	timeout := time.After(within)
	for n := range maxReaders {
		select {
		case p.slots <- struct{}{}:
		case <-timeout:
			return fmt.Errorf("%d queries are still open", maxReaders-n)
		}
	}
	for _, c := range p.idle {
		c.close()
	}
	return nil
}
