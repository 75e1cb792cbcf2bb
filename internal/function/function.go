// Package function keeps the stored functions: KQL that people put under a name, so that
// queries can call it. Each change is kept, with who made it and when.
//
// Whether a text is a function that binds is for the caller to find out; what a name may
// be and how much may be kept is decided here.
package function

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"spoor/internal/casedb"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid function")
	ErrNotFound = errors.New("no such function")
	ErrExists   = errors.New("the function is there already")
)

// Bounds on what is kept.
const (
	MaxFunctions = 1000
	MaxText      = 256 << 10 // bytes of parameters and body
	maxWords     = 4 << 10   // bytes of folder or docstring
)

// Function is a stored function as one change left it.
type Function struct {
	ID         int64 // of the change
	Name       string
	Parameters string // as KQL declares them, with parentheses: (a:string, b:long = 5)
	Body       string // with its braces
	Folder     string
	DocString  string
	At         time.Time
	By         string
	Dropped    bool // the change took it away
}

// Text is the function as let defines it.
func (f *Function) Text() string { return f.Parameters + " " + f.Body }

var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)

func (f *Function) check() error {
	switch {
	case !nameForm.MatchString(f.Name):
		return fmt.Errorf("%w: a name is made of up to 128 letters, digits and underscores", ErrInvalid)
	case len(f.Parameters)+len(f.Body) > MaxText:
		return fmt.Errorf("%w: it is longer than %d KiB", ErrInvalid, MaxText>>10)
	case len(f.Folder) > maxWords || len(f.DocString) > maxWords:
		return fmt.Errorf("%w: its folder or docstring is longer than %d KiB", ErrInvalid, maxWords>>10)
	}
	return nil
}

// Mode says what Put does with a name.
type Mode int

// The modes.
const (
	CreateOrAlter Mode = iota
	Create             // ErrExists when there is one
	CreateIfMissing
	Alter // ErrNotFound when there is none
)

// Store keeps functions in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Mark is the same as long as no function was changed.
func (s *Store) Mark(ctx context.Context) (mark int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM stored_function`).Scan(&mark)
	if err != nil {
		return 0, fmt.Errorf("read the stored functions: %w", err)
	}
	return mark, nil
}

// List lists the functions there are, by name.
func (s *Store) List(ctx context.Context) ([]Function, error) {
	list, err := selectFunctions(ctx, s.db, `WHERE id IN (SELECT max(id) FROM stored_function GROUP BY name) AND NOT dropped ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list the stored functions: %w", err)
	}
	return list, nil
}

// Function is one function. The error is ErrNotFound when there is none of that name.
func (s *Store) Function(ctx context.Context, name string) (Function, error) {
	return find(ctx, s.db, name)
}

// History lists the changes of a name, newest first.
func (s *Store) History(ctx context.Context, name string) ([]Function, error) {
	list, err := selectFunctions(ctx, s.db, `WHERE name = ? ORDER BY id DESC`, name)
	if err != nil {
		return nil, fmt.Errorf("list the changes of the function %.100q: %w", name, err)
	}
	return list, nil
}

// Put keeps a function. Its ID, time and Dropped are set here. Folder and docstring that
// are empty leave what stands there.
func (s *Store) Put(ctx context.Context, f Function, mode Mode) (Function, error) {
	if err := f.check(); err != nil {
		return Function{}, fmt.Errorf("keep the function %.100q: %w", f.Name, err)
	}
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		old, err := find(ctx, tx, f.Name)
		there := err == nil
		switch {
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		case there && mode == Create:
			return fmt.Errorf("%w: %s", ErrExists, f.Name)
		case there && mode == CreateIfMissing:
			f = old
			return nil
		case !there && mode == Alter:
			return err
		case !there:
			if err := checkRoom(ctx, tx); err != nil {
				return err
			}
		}
		if f.Folder == "" {
			f.Folder = old.Folder
		}
		if f.DocString == "" {
			f.DocString = old.DocString
		}
		f.Dropped = false
		return s.insert(ctx, tx, &f)
	})
	if err != nil {
		return Function{}, fmt.Errorf("keep the function: %w", err)
	}
	return f, nil
}

// Drop takes functions away, all or none; their changes stay.
func (s *Store) Drop(ctx context.Context, names []string, ifExists bool, by string) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, name := range names {
			f, err := find(ctx, tx, name)
			if errors.Is(err, ErrNotFound) && ifExists {
				continue
			}
			if err != nil {
				return err
			}
			f.Dropped, f.By = true, by
			if err := s.insert(ctx, tx, &f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop functions: %w", err)
	}
	return nil
}

func checkRoom(ctx context.Context, tx *sql.Tx) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM stored_function
		WHERE id IN (SELECT max(id) FROM stored_function GROUP BY name) AND NOT dropped`).Scan(&n)
	if err == nil && n >= MaxFunctions {
		return fmt.Errorf("%w: there are %d already", ErrInvalid, n)
	}
	return err
}

// querier is a *casedb.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func find(ctx context.Context, q querier, name string) (Function, error) {
	list, err := selectFunctions(ctx, q, `WHERE name = ? ORDER BY id DESC LIMIT 1`, name)
	switch {
	case err != nil:
		return Function{}, fmt.Errorf("read the function %.100q: %w", name, err)
	case len(list) == 0 || list[0].Dropped:
		return Function{}, fmt.Errorf("%w: %.100q", ErrNotFound, name)
	}
	return list[0], nil
}

func selectFunctions(ctx context.Context, q querier, where string, args ...any) (list []Function, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, name, parameters, body, folder, docstring, at, by, dropped FROM stored_function `+where, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var f Function
		var at int64
		if err := rows.Scan(&f.ID, &f.Name, &f.Parameters, &f.Body, &f.Folder, &f.DocString, &at, &f.By, &f.Dropped); err != nil {
			return nil, err
		}
		f.At = casedb.Moment(at)
		list = append(list, f)
	}
	return list, rows.Err()
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, f *Function) error {
	f.At = casedb.Moment(casedb.Micros(s.Now()))
	return tx.QueryRowContext(ctx, `INSERT INTO stored_function (name, parameters, body, folder, docstring, at, by, dropped)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		f.Name, f.Parameters, f.Body, f.Folder, f.DocString, casedb.Micros(f.At), f.By, f.Dropped).Scan(&f.ID)
}
