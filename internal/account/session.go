package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"spoor/internal/casedb"
)

// Principal is who makes a request.
type Principal struct {
	Name string // of the account or the token
	Role Role
	// Account is the account's ID, 0 for a token.
	Account int64
	// Token is the token's ID, 0 for a session.
	Token int64
	// MustChange says that the account still has its one-time password: nothing but
	// setting another is allowed.
	MustChange bool
	// CSRF is what requests of the session that change something must carry; "" for a
	// token, which no browser sends by itself.
	CSRF string

	session []byte // hash of the session's secret
}

// ValidCSRF reports whether the value is the session's.
func (p Principal) ValidCSRF(value string) bool {
	return p.CSRF != "" && subtle.ConstantTimeCompare([]byte(p.CSRF), []byte(value)) == 1
}

// Actor is how audit rows name the principal.
func (p Principal) Actor() string {
	if p.Token != 0 {
		return "token:" + p.Name
	}
	return p.Name
}

// SignIn starts a session for who knows the account's password. The secret goes into
// the cookie and is not kept. Wrong name, wrong password and a disabled account are all
// ErrBadCredentials; one who has failed too often gets a *ThrottledError.
func (s *Store) SignIn(ctx context.Context, name, password, address string) (secret string, p Principal, err error) {
	if err := s.throttle.wait(name, address); err != nil {
		return "", Principal{}, err
	}
	a, hash, err := accountByName(ctx, s.db, name)
	known := err == nil
	if errors.Is(err, ErrNotFound) {
		hash, err = s.decoy(), nil
	}
	if err != nil {
		return "", Principal{}, fmt.Errorf("sign in: %w", err)
	}
	if len(password) > 4*MaxPassword {
		password = ""
	}
	ok, err := s.check(ctx, hash, password)
	if err != nil {
		return "", Principal{}, fmt.Errorf("sign in: %w", err)
	}
	if !ok || !known || a.Disabled {
		s.throttle.failed(name, address)
		return "", Principal{}, ErrBadCredentials
	}
	s.throttle.forgive(name)
	secret, p, err = s.startSession(ctx, a, hash)
	if err != nil && !errors.Is(err, ErrBadCredentials) {
		return "", Principal{}, fmt.Errorf("sign in: %w", err)
	}
	return secret, p, err
}

func (s *Store) startSession(ctx context.Context, a Account, hash string) (string, Principal, error) {
	secret := rand.Text() + rand.Text()
	p := Principal{Name: a.Name, Role: a.Role, Account: a.ID, MustChange: a.MustChange, CSRF: rand.Text(), session: digest(secret)}
	now := casedb.Micros(s.cfg.Now())
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		// The hash is named again: the account may have been disabled or reset meanwhile.
		res, err := tx.ExecContext(ctx, `UPDATE account SET last_signin = ? WHERE id = ? AND password = ? AND disabled = 0`, now, a.ID, hash)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrBadCredentials, err)
		}
		if err := s.dropExpired(ctx, tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO session (hash, account, csrf, created, seen) VALUES (?, ?, ?, ?, ?)`,
			p.session, a.ID, p.CSRF, now, now)
		return err
	})
	return secret, p, err
}

func (s *Store) dropExpired(ctx context.Context, tx *sql.Tx) error {
	now := s.cfg.Now()
	_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE seen < ? OR created < ?`,
		casedb.Micros(now.Add(-s.cfg.Idle)), casedb.Micros(now.Add(-s.cfg.Absolute)))
	return err
}

// Session finds who a session's secret belongs to. ok is false when it is unknown,
// ended or expired.
func (s *Store) Session(ctx context.Context, secret string) (p Principal, ok bool, err error) {
	p.session = digest(secret)
	var created, seen int64
	err = s.db.QueryRowContext(ctx, `SELECT a.id, a.name, a.role, a.must_change, s.csrf, s.created, s.seen
		FROM session s JOIN account a ON a.id = s.account WHERE s.hash = ? AND a.disabled = 0`, p.session).
		Scan(&p.Account, &p.Name, &p.Role, &p.MustChange, &p.CSRF, &created, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, false, nil
	}
	if err != nil {
		return Principal{}, false, fmt.Errorf("look up a session: %w", err)
	}
	now := s.cfg.Now()
	if now.Sub(casedb.Moment(seen)) > s.cfg.Idle || now.Sub(casedb.Moment(created)) > s.cfg.Absolute {
		return Principal{}, false, nil
	}
	if now.Sub(casedb.Moment(seen)) > touchEvery {
		if _, err := s.db.ExecContext(ctx, `UPDATE session SET seen = ? WHERE hash = ?`, casedb.Micros(now), p.session); err != nil {
			return Principal{}, false, fmt.Errorf("touch a session: %w", err)
		}
	}
	return p, true, nil
}

// touchEvery is how exactly the last use of a session or token is kept: one write a
// minute, not one a request.
const touchEvery = time.Minute

// SignOut ends the session of p; for a token it does nothing.
func (s *Store) SignOut(ctx context.Context, p Principal) error {
	if _, err := s.db.ExecContext(ctx, `DELETE FROM session WHERE hash = ?`, p.session); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// endSessions ends the sessions of an account but for the one with the hash keep.
func endSessions(ctx context.Context, tx *sql.Tx, id int64, keep []byte) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE account = ? AND hash <> ?`, id, append([]byte{}, keep...))
	return err
}

func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
