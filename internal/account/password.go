package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// Bounds of a password in characters. The upper one bounds the work of hashing.
const (
	MinPassword = 12
	MaxPassword = 1024
)

// Hashing is the cost of argon2id. It is stored with each hash, so it can change.
type Hashing struct {
	MemoryKiB uint32
	Passes    uint32
	Threads   uint8
}

// DefaultHashing is the second recommended choice of RFC 9106, section 4, with the
// threads of a small machine.
var DefaultHashing = Hashing{MemoryKiB: 64 << 10, Passes: 3, Threads: 2}

const (
	saltSize = 16
	hashSize = 32
)

// hash gives the password's hash in the PHC string format:
// $argon2id$v=19$m=65536,t=3,p=2$salt$hash.
func (h Hashing) hash(password string) string {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, see crypto/rand
	key := argon2.IDKey([]byte(password), salt, h.Passes, h.MemoryKiB, h.Threads, hashSize)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.MemoryKiB, h.Passes, h.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// matches reports whether a password is the one that was hashed.
func matches(encoded, password string) (bool, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false, fmt.Errorf("the stored password hash is not argon2id version %d", argon2.Version)
	}
	var h Hashing
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.MemoryKiB, &h.Passes, &h.Threads); err != nil {
		return false, fmt.Errorf("read the cost of a stored password hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("read the salt of a stored password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("read a stored password hash: %w", err)
	}
	got := argon2.IDKey([]byte(password), salt, h.Passes, h.MemoryKiB, h.Threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// check is matches within the bound on concurrent hashes.
func (s *Store) check(ctx context.Context, encoded, password string) (ok bool, err error) {
	waitErr := s.bounded(ctx, func() { ok, err = matches(encoded, password) })
	return ok, errors.Join(waitErr, err)
}

// bounded hashes when there is a place for it.
func (s *Store) bounded(ctx context.Context, hash func()) error {
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
		hash()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newOneTime makes a one-time password and its hash: 26 letters and digits, 128 bits.
func (s *Store) newOneTime() (password, hash string) {
	password = rand.Text()
	return password, s.cfg.Hashing.hash(password)
}

// SetPassword replaces the password of the account that p is signed in to. The current
// one, one-time or not, is void afterwards and every other session of the account
// ends.
func (s *Store) SetPassword(ctx context.Context, p Principal, current, next string) error {
	if p.Account == 0 {
		return fmt.Errorf("%w: a token has no password", ErrInvalid)
	}
	if err := s.throttle.wait(p.Name, ""); err != nil {
		return err
	}
	_, hash, err := accountByName(ctx, s.db, p.Name)
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", p.Name, err)
	}
	ok, err := s.check(ctx, hash, current)
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", p.Name, err)
	}
	if !ok {
		s.throttle.failed(p.Name, "")
		return ErrBadCredentials
	}
	if err := acceptable(p.Name, current, next); err != nil {
		return err
	}
	var newHash string
	if err := s.bounded(ctx, func() { newHash = s.cfg.Hashing.hash(next) }); err != nil {
		return fmt.Errorf("set the password of %s: %w", p.Name, err)
	}
	err = s.change(ctx, p.Name, func(tx *sql.Tx, a Account) error {
		// The hash is named again: a reset in between has made current void.
		res, err := tx.ExecContext(ctx, `UPDATE account SET password = ?, must_change = 0 WHERE id = ? AND password = ?`, newHash, a.ID, hash)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrBadCredentials, err)
		}
		return endSessions(ctx, tx, a.ID, p.session)
	})
	if err == nil {
		s.throttle.forgive(p.Name)
	}
	return err
}

func acceptable(name, current, next string) error {
	switch n := utf8.RuneCountInString(next); {
	case n < MinPassword || n > MaxPassword:
		return fmt.Errorf("%w password: from %d to %d characters", ErrInvalid, MinPassword, MaxPassword)
	case next == current:
		return fmt.Errorf("%w password: it is the one you have", ErrInvalid)
	case strings.Contains(strings.ToLower(next), strings.ToLower(name)) && len(name) > 3:
		return fmt.Errorf("%w password: it holds the account's name", ErrInvalid)
	default:
		return nil
	}
}
