package duckdb

import (
	"context"
	"errors"
	"sync"
)

// maxReaders bounds the queries that run at the same time; others wait.
const maxReaders = 16

var errClosed = errors.New("the event store is closed")

// pool lends connections for reading.
type pool struct {
	db    *database
	slots chan struct{}
	mu    sync.Mutex
	idle  []*conn
}

func newPool(db *database) *pool { return &pool{db: db, slots: make(chan struct{}, maxReaders)} }

// take lends a connection, which must be given back.
func (p *pool) take(ctx context.Context) (*conn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	c, err := p.db.connect()
	if err != nil {
		<-p.slots
	}
	return c, err
}

func (p *pool) give(c *conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	<-p.slots
}

// close waits for all connections to come back and closes them.
func (p *pool) close() {
	for range maxReaders {
		p.slots <- struct{}{}
	}
	for _, c := range p.idle {
		c.close()
	}
}
