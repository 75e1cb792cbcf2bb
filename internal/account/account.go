// Package account knows who may use the product: people with a password, programs with
// a token, and what role each has. It keeps password hashes, sessions and tokens in
// the case store, and slows down those who guess.
//
// It decides who someone is, never what they may do: which role a route needs stands
// in the server's table. It logs nothing; passwords and tokens leave it once, to the
// caller that made them.
package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"spoor/internal/casedb"
)

// Errors that callers tell apart. Their text is fit for the user.
var (
	ErrNotFound       = errors.New("there is no such account or token")
	ErrExists         = errors.New("an account of that name exists already")
	ErrInvalid        = errors.New("invalid")
	ErrBadCredentials = errors.New("the name or the password is wrong")
	ErrLastAdmin      = errors.New("this is the last administrator who can sign in")
)

// Role is what an account or token may do, in one word.
type Role string

// The roles.
const (
	Admin   Role = "admin"   // everything
	Analyst Role = "analyst" // ask, investigate, take in logs, edit what investigations need
	Reader  Role = "reader"  // ask
	Ingest  Role = "ingest"  // hand in logs, nothing else
)

// Roles lists the roles.
var Roles = []Role{Admin, Analyst, Reader, Ingest}

// ParseRole reads the name of a role.
func ParseRole(s string) (Role, error) {
	for _, r := range Roles {
		if string(r) == s {
			return r, nil
		}
	}
	return "", fmt.Errorf("%w role %q: one of admin, analyst, reader, ingest", ErrInvalid, s)
}

// Covers reports whether r may do what least is required for. Reader, analyst and admin
// are a ladder; handing in logs is for all but readers.
func (r Role) Covers(least Role) bool {
	switch least {
	case Reader:
		return r == Reader || r == Analyst || r == Admin
	case Ingest:
		return r == Ingest || r == Analyst || r == Admin
	case Analyst:
		return r == Analyst || r == Admin
	case Admin:
		return r == Admin
	default:
		return false
	}
}

// Account is a person who can sign in.
type Account struct {
	ID         int64
	Name       string
	Role       Role
	Disabled   bool
	MustChange bool // the password is a one-time one
	Created    time.Time
	LastSignIn time.Time // zero: never
}

// Config has working defaults for every zero field.
type Config struct {
	// Idle and Absolute end a session: after so long without a request, and after so
	// long altogether. 12 hours and 7 days.
	Idle, Absolute time.Duration
	// Hashing is the cost of a password check. See DefaultHashing.
	Hashing Hashing
	Now     func() time.Time
}

// Store is the accounts, sessions and tokens of one case store. It is safe for
// concurrent use.
type Store struct {
	db       *casedb.DB
	cfg      Config
	throttle *throttle
	// hashing holds a place for each password check at work: one takes 64 MiB, and
	// sign-in needs no account.
	hashing chan struct{}
	// decoy is compared against when there is no such account, so that the answer
	// takes as long. It is made when it is first needed.
	decoy func() string
}

// concurrentHashes bounds the memory that sign-ins take together.
const concurrentHashes = 2

// New makes a Store on an open case store.
func New(db *casedb.DB, cfg Config) *Store {
	if cfg.Idle == 0 {
		cfg.Idle = 12 * time.Hour
	}
	if cfg.Absolute == 0 {
		cfg.Absolute = 7 * 24 * time.Hour
	}
	if cfg.Hashing == (Hashing{}) {
		cfg.Hashing = DefaultHashing
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Store{
		db:       db,
		cfg:      cfg,
		throttle: newThrottle(cfg.Now),
		hashing:  make(chan struct{}, concurrentHashes),
		decoy:    sync.OnceValue(func() string { return cfg.Hashing.hash(rand.Text()) }),
	}
}

// EnsureAdmin makes the account "admin" when the store has no account at all, and
// returns its one-time password; "" when there are accounts.
func (s *Store) EnsureAdmin(ctx context.Context) (oneTime string, err error) {
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM account`).Scan(&n); err != nil || n > 0 {
			return err
		}
		var hash string
		oneTime, hash = s.newOneTime()
		return s.insert(ctx, tx, "admin", Admin, hash)
	})
	if err != nil {
		return "", fmt.Errorf("create the first account: %w", err)
	}
	return oneTime, nil
}

// Add makes an account with a one-time password.
func (s *Store) Add(ctx context.Context, name string, role Role) (oneTime string, err error) {
	name, err = canonicalName(name)
	if err != nil {
		return "", err
	}
	if _, err := ParseRole(string(role)); err != nil {
		return "", err
	}
	if role == Ingest {
		return "", fmt.Errorf("%w role for a person: ingest is for tokens", ErrInvalid)
	}
	oneTime, hash := s.newOneTime()
	err = s.db.Tx(ctx, func(tx *sql.Tx) error { return s.insert(ctx, tx, name, role, hash) })
	var dbErr sqlite3.Error
	if errors.As(err, &dbErr) && dbErr.ExtendedCode == sqlite3.ErrConstraintUnique {
		return "", ErrExists
	}
	if err != nil {
		return "", fmt.Errorf("add account %s: %w", name, err)
	}
	return oneTime, nil
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, name string, role Role, hash string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO account (name, role, password, must_change, created) VALUES (?, ?, ?, 1, ?)`,
		name, role, hash, casedb.Micros(s.cfg.Now()))
	return err
}

// canonicalName is the name in lower case. Names stand in logs and audit rows, so they
// keep to what reads the same everywhere.
func canonicalName(name string) (string, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || len(name) > 64 {
		return "", fmt.Errorf("%w name: from 1 to 64 characters", ErrInvalid)
	}
	for _, c := range name {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-@", c) {
			return "", fmt.Errorf("%w name: letters, digits and . _ - @ only", ErrInvalid)
		}
	}
	return name, nil
}

// Reset gives an account a new one-time password in place of the one it has and ends
// its sessions.
func (s *Store) Reset(ctx context.Context, name string) (oneTime string, err error) {
	oneTime, hash := s.newOneTime()
	err = s.change(ctx, name, func(tx *sql.Tx, a Account) error {
		if _, err := tx.ExecContext(ctx, `UPDATE account SET password = ?, must_change = 1 WHERE id = ?`, hash, a.ID); err != nil {
			return err
		}
		return endSessions(ctx, tx, a.ID, nil)
	})
	if err != nil {
		return "", err
	}
	s.throttle.forgive(name)
	return oneTime, nil
}

// SetDisabled disables an account, which ends its sessions, or enables it again. The
// last administrator who can sign in stays.
func (s *Store) SetDisabled(ctx context.Context, name string, disabled bool) error {
	return s.change(ctx, name, func(tx *sql.Tx, a Account) error {
		if disabled && a.Role == Admin {
			var others int
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM account WHERE role = 'admin' AND disabled = 0 AND id <> ?`, a.ID).
				Scan(&others); err != nil {
				return err
			}
			if others == 0 {
				return ErrLastAdmin
			}
		}
		if _, err := tx.ExecContext(ctx, `UPDATE account SET disabled = ? WHERE id = ?`, disabled, a.ID); err != nil {
			return err
		}
		if !disabled {
			return nil
		}
		return endSessions(ctx, tx, a.ID, nil)
	})
}

// change runs fn on the named account in one transaction.
func (s *Store) change(ctx context.Context, name string, fn func(tx *sql.Tx, a Account) error) error {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		a, _, err := accountByName(ctx, tx, name)
		if err != nil {
			return err
		}
		return fn(tx, a)
	})
	if err != nil {
		return fmt.Errorf("change account %s: %w", name, err)
	}
	return nil
}

// List lists the accounts in name order.
func (s *Store) List(ctx context.Context) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+accountColumns+` FROM account ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	defer rows.Close()
	var list []Account
	for rows.Next() {
		a, _, err := scanAccount(rows)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// Known reports whether there is an account of that name.
func (s *Store) Known(ctx context.Context, name string) bool {
	_, _, err := accountByName(ctx, s.db, name)
	return err == nil
}

const accountColumns = `id, name, role, disabled, must_change, created, last_signin, password`

type scanner interface{ Scan(dest ...any) error }

func scanAccount(row scanner) (a Account, hash string, err error) {
	var created int64
	var last sql.NullInt64
	err = row.Scan(&a.ID, &a.Name, &a.Role, &a.Disabled, &a.MustChange, &created, &last, &hash)
	a.Created, a.LastSignIn = casedb.Moment(created), casedb.NullMoment(last)
	return a, hash, err
}

type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func accountByName(ctx context.Context, q queryer, name string) (Account, string, error) {
	row := q.QueryRowContext(ctx, `SELECT `+accountColumns+` FROM account WHERE name = ?`, strings.ToLower(strings.TrimSpace(name)))
	a, hash, err := scanAccount(row)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, "", ErrNotFound
	}
	return a, hash, err
}
