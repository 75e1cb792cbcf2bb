package duckdb

import (
	"context"
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/store"
)

// errNotSelect refuses everything that is not one SELECT.
var errNotSelect = errors.New("only a SELECT can be run")

// Query runs one SELECT in a read-only transaction of its own and streams the rows.
// Cancelling ctx ends it, also while rows are being read. The transaction ends with
// Close: an open one keeps the log from being folded into the file.
func (db *DB) Query(ctx context.Context, sql string, args []any) (store.Rows, error) {
	if !isSelect(sql) {
		return nil, errNotSelect
	}
	c, end, err := db.begin(ctx)
	if err != nil {
		return nil, err
	}
	r, err := c.query(ctx, end, sql, args...)
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
