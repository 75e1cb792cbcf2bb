// Package external reads tables from the web for externaldata. An administrator says
// from where: nothing is allowed until then (Store). Fetcher goes there over HTTPS alone,
// to public addresses alone, follows no redirect, and keeps to limits of size and time;
// Decode makes rows of what it finds.
package external

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/kql/bind"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid location")
	ErrNotFound = errors.New("no such location")
)

// MaxLocations bounds the list.
const MaxLocations = 1000

// Allowed is a place that externaldata may read from.
type Allowed struct {
	ID       int64
	Location bind.Location
	Reason   string
	At       time.Time
	By       string
}

// Store keeps the list in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Mark is comparable.
type Mark struct{ count, last int64 }

// Mark tells one state of the list from every other.
func (s *Store) Mark(ctx context.Context) (m Mark, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*), coalesce(max(id), 0) FROM external_location`).Scan(&m.count, &m.last)
	if err != nil {
		return m, fmt.Errorf("read the allowed locations: %w", err)
	}
	return m, nil
}

// List lists what is allowed, by location.
func (s *Store) List(ctx context.Context) (list []Allowed, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, location, reason, at, by FROM external_location ORDER BY location`)
	if err != nil {
		return nil, fmt.Errorf("list the allowed locations: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a Allowed
		var at int64
		if err := rows.Scan(&a.ID, &a.Location, &a.Reason, &at, &a.By); err != nil {
			return nil, fmt.Errorf("list the allowed locations: %w", err)
		}
		a.At = casedb.Moment(at)
		list = append(list, a)
	}
	return list, rows.Err()
}

// Allow adds a place, as bind.ParseLocation reads it. One that is there already takes over
// the reason.
func (s *Store) Allow(ctx context.Context, location, reason, by string) (Allowed, error) {
	l, err := bind.ParseLocation(location)
	if err != nil {
		return Allowed{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if len(l) > 2000 || len(reason) > 1000 || strings.ContainsAny(reason, "\r\n\x00\x1b") {
		return Allowed{}, fmt.Errorf("%w: its location or reason is too long, or the reason has several lines", ErrInvalid)
	}
	a := Allowed{Location: l, Reason: reason, At: casedb.Moment(casedb.Micros(s.Now())), By: by}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM external_location WHERE location <> ?`, string(l)).Scan(&n); err != nil {
			return err
		}
		if n >= MaxLocations {
			return fmt.Errorf("%w: there are %d already", ErrInvalid, n)
		}
		return tx.QueryRowContext(ctx, `INSERT INTO external_location (location, reason, at, by) VALUES (?, ?, ?, ?)
			ON CONFLICT (location) DO UPDATE SET reason = excluded.reason, at = excluded.at, by = excluded.by RETURNING id`,
			string(l), reason, casedb.Micros(a.At), by).Scan(&a.ID)
	})
	if err != nil {
		return Allowed{}, fmt.Errorf("allow %s: %w", l, err)
	}
	return a, nil
}

// Remove takes a place out by its ID.
func (s *Store) Remove(ctx context.Context, id int64) (Allowed, error) {
	a := Allowed{ID: id}
	var at int64
	err := s.db.QueryRowContext(ctx, `DELETE FROM external_location WHERE id = ? RETURNING location, reason, at, by`, id).
		Scan(&a.Location, &a.Reason, &at, &a.By)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	if err != nil {
		return a, fmt.Errorf("remove the location %d: %w", id, err)
	}
	a.At = casedb.Moment(at)
	return a, nil
}
