package duckdb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/entity"
	"spoor/internal/store"
)

// errNotSelect refuses everything that is not one SELECT; errEnded what comes after the
// end of a snapshot.
var (
	errNotSelect = errors.New("only a SELECT can be run")
	errEnded     = errors.New("the snapshot is closed")
)

// Query runs one SELECT on a snapshot of its own and streams the rows. Cancelling ctx
// ends it, also while rows are being read. The snapshot ends with Close: an open one
// keeps the log from being folded into the file.
func (db *DB) Query(ctx context.Context, sql string, args []any) (store.Rows, error) {
	s, err := db.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.conn.selectRows(ctx, s.end, sql, args)
	if err != nil {
		return nil, err // and s has ended
	}
	return r, nil
}

// Snapshot lends a connection with a read-only transaction.
func (db *DB) Snapshot(ctx context.Context) (store.Snapshot, error) {
	s, err := db.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (db *DB) snapshot(ctx context.Context) (*snapshot, error) {
	rewrites := db.excerpts.rewrites.Load() // before the transaction begins
	c, end, err := db.begin(ctx)
	if err != nil {
		return nil, err
	}
	return &snapshot{conn: c, end: end, sources: &db.nextSources, excerpts: db.excerpts, rewrites: rewrites}, nil
}

// snapshot is a read-only transaction. It implements store.Snapshot.
type snapshot struct {
	conn *conn
	end  func() // gives the connection back; nil: that is done
	// sources is a number above those of all sources.
	sources *atomic.Int32

	excerpts *excerpts
	rewrites int64      // when the snapshot was taken
	state    *state     // nil: not asked for
	uses     []*excerpt // until the snapshot is closed
}

// Query runs one SELECT and streams the rows.
func (s *snapshot) Query(ctx context.Context, sql string, args []any, inputs ...store.Input) (store.Rows, error) {
	if s.end == nil {
		return nil, errEnded
	}
	r, err := s.conn.selectRows(ctx, s.conn.offer(inputs), sql, args)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Sighted tells where the records are that name some entities.
func (s *snapshot) Sighted(ctx context.Context, ids []entity.ID) (*store.Sightings, error) {
	if s.end == nil {
		return nil, errEnded
	}
	of, err := s.conn.sighted(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up where %d entities were seen: %w", len(ids), err)
	}
	if of == nil {
		return nil, nil
	}
	return &store.Sightings{Of: of, Sources: s.sources.Load()}, nil
}

// Close ends the transaction. It may be called twice.
func (s *snapshot) Close() error {
	if s.end != nil {
		s.end()
		s.end = nil
		s.excerpts.release(s.uses)
	}
	return nil
}

// selectRows runs one SELECT. onClose runs when its rows are closed, or with an error.
func (c *conn) selectRows(ctx context.Context, onClose func(), sql string, args []any) (*rows, error) {
	if !isSelect(sql) {
		onClose()
		return nil, errNotSelect
	}
	r, err := c.query(ctx, onClose, sql, args...)
	if err != nil {
		return nil, err
	}
	if mapping.PreparedStatementType(r.stmt) != mapping.StatementTypeSelect {
		return nil, errors.Join(errNotSelect, r.Close())
	}
	return r, nil
}

// read lends f a connection in a read-only transaction.
func (db *DB) read(ctx context.Context, f func(*conn) error) error {
	c, end, err := db.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	return f(c)
}

// begin lends a connection with a read-only transaction; end gives both back.
func (db *DB) begin(ctx context.Context) (c *conn, end func(), err error) {
	c, err = db.readers.take(ctx)
	if err != nil {
		return nil, nil, err
	}
	end = func() {
		c.rollback()
		db.readers.give(c)
	}
	if _, err := c.exec(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		end()
		return nil, nil, err
	}
	return c, end, nil
}

// isSelect reports whether a statement begins as a SELECT does. Statements such as
// PRAGMA pass for one after parsing.
func isSelect(sql string) bool {
	word := strings.TrimLeft(sql, " \t\r\n(")
	for _, start := range []string{"SELECT", "WITH", "FROM", "VALUES"} {
		if len(word) >= len(start) && strings.EqualFold(word[:len(start)], start) {
			return true
		}
	}
	return false
}
