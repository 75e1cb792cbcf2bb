// Package preference keeps how people want to see things: their time zone and theme, and
// named sets of columns, which they may share.
package preference

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that names of time zones are known everywhere

	"spoor/internal/casedb"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid preference")
	ErrNotFound = errors.New("no such set of columns")
)

// Preferences are those of one person. Empty fields were not chosen.
type Preferences struct {
	TimeZone string // an IANA name, "local" for the browser's, or "UTC"
	Theme    string // light, dark or system
}

// Set is a named set of columns for a table.
type Set struct {
	ID      int64
	View    string // names the table: devices, timeline …
	Name    string
	Owner   string
	Shared  bool // others may use it
	Columns []string
	At      time.Time
}

// Bounds on sets.
const (
	maxColumns = 200
	maxName    = 100
)

// Store keeps preferences in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Preferences are those of an owner.
func (s *Store) Preferences(ctx context.Context, owner string) (p Preferences, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT name, value FROM preference WHERE owner = ?`, owner)
	if err != nil {
		return p, fmt.Errorf("read the preferences: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return p, fmt.Errorf("read the preferences: %w", err)
		}
		switch name {
		case "timezone":
			p.TimeZone = value
		case "theme":
			p.Theme = value
		}
	}
	return p, rows.Err()
}

// SetPreferences keeps those of an owner; empty fields leave what was chosen.
func (s *Store) SetPreferences(ctx context.Context, owner string, p Preferences) error {
	if p.Theme != "" && !slices.Contains([]string{"light", "dark", "system"}, p.Theme) {
		return fmt.Errorf("%w: a theme is light, dark or system", ErrInvalid)
	}
	if p.TimeZone != "" && p.TimeZone != "local" {
		if _, err := time.LoadLocation(p.TimeZone); err != nil || len(p.TimeZone) > 64 {
			return fmt.Errorf("%w: %.64q is no time zone", ErrInvalid, p.TimeZone)
		}
	}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		for name, value := range map[string]string{"timezone": p.TimeZone, "theme": p.Theme} {
			if value == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO preference (owner, name, value) VALUES (?, ?, ?)
				ON CONFLICT (owner, name) DO UPDATE SET value = excluded.value`, owner, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the preferences: %w", err)
	}
	return nil
}

// Sets lists the sets for a table that an owner may use: their own and shared ones, by
// name. view "" asks for those of all tables.
func (s *Store) Sets(ctx context.Context, owner, view string) ([]Set, error) {
	return s.sets(ctx, `WHERE (owner = ? OR shared) AND (? = '' OR view = ?) ORDER BY view, name, owner`, owner, view, view)
}

// PutSet keeps a set; one of the same owner, table and name is replaced.
func (s *Store) PutSet(ctx context.Context, set Set) (Set, error) {
	set.Name, set.View = strings.TrimSpace(set.Name), strings.TrimSpace(set.View)
	switch {
	case set.Name == "" || len(set.Name) > maxName || set.View == "" || len(set.View) > maxName:
		return set, fmt.Errorf("%w: a set has a name of up to %d bytes and a table", ErrInvalid, maxName)
	case len(set.Columns) == 0 || len(set.Columns) > maxColumns:
		return set, fmt.Errorf("%w: a set has 1 to %d columns", ErrInvalid, maxColumns)
	case slices.ContainsFunc(set.Columns, func(c string) bool { return c == "" || len(c) > 256 }):
		return set, fmt.Errorf("%w: a column has no name, or one of more than 256 bytes", ErrInvalid)
	}
	columns, err := json.Marshal(set.Columns)
	if err != nil {
		return set, err
	}
	set.At = casedb.Moment(casedb.Micros(s.Now()))
	err = s.db.QueryRowContext(ctx, `INSERT INTO column_set (view, name, owner, shared, columns, at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (view, owner, name) DO UPDATE SET shared = excluded.shared, columns = excluded.columns, at = excluded.at RETURNING id`,
		set.View, set.Name, set.Owner, set.Shared, string(columns), casedb.Micros(set.At)).Scan(&set.ID)
	if err != nil {
		return set, fmt.Errorf("keep the columns %.100q: %w", set.Name, err)
	}
	return set, nil
}

// RemoveSet takes a set of an owner out, and gives it.
func (s *Store) RemoveSet(ctx context.Context, owner string, id int64) (Set, error) {
	list, err := s.sets(ctx, `WHERE id = ? AND owner = ?`, id, owner)
	if err != nil {
		return Set{}, err
	}
	if len(list) == 0 {
		return Set{}, fmt.Errorf("%w of yours: %d", ErrNotFound, id)
	}
	if _, err := s.db.ExecContext(ctx, `DELETE FROM column_set WHERE id = ?`, id); err != nil {
		return Set{}, fmt.Errorf("remove the columns %d: %w", id, err)
	}
	return list[0], nil
}

func (s *Store) sets(ctx context.Context, where string, args ...any) (list []Set, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, view, name, owner, shared, columns, at FROM column_set `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the sets of columns: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var set Set
		var columns string
		var at int64
		if err := rows.Scan(&set.ID, &set.View, &set.Name, &set.Owner, &set.Shared, &columns, &at); err != nil {
			return nil, fmt.Errorf("read the sets of columns: %w", err)
		}
		if err := json.Unmarshal([]byte(columns), &set.Columns); err != nil {
			return nil, fmt.Errorf("read the columns %q: %w", set.Name, err)
		}
		set.At = casedb.Moment(at)
		list = append(list, set)
	}
	return list, rows.Err()
}
