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
	"time"

	"spoor/internal/casedb"
)

// TokenPrefix begins every token, so that one that got out is found by a search.
const TokenPrefix = "spoor_"

// tokenSize is the random part of a token in bytes.
const tokenSize = 32

// Token is what is known of an API token; the token itself is not kept.
type Token struct {
	ID        int64
	Name      string
	Role      Role
	Created   time.Time
	CreatedBy string
	Expires   time.Time // zero: never
	LastUsed  time.Time // zero: never; to the minute
	Revoked   time.Time // zero: it is valid
}

// CreateToken makes a token. A zero expires means that it holds until it is revoked.
func (s *Store) CreateToken(ctx context.Context, name string, role Role, expires time.Time, by string) (string, Token, error) {
	if _, err := ParseRole(string(role)); err != nil {
		return "", Token{}, err
	}
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 100 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", Token{}, fmt.Errorf("%w token name: from 1 to 100 printable characters", ErrInvalid)
	}
	now := s.cfg.Now()
	if !expires.IsZero() && !expires.After(now) {
		return "", Token{}, fmt.Errorf("%w expiry: it lies in the past", ErrInvalid)
	}
	random := make([]byte, tokenSize)
	_, _ = rand.Read(random) // never fails, see crypto/rand
	text := TokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	t := Token{Name: name, Role: role, Created: now, CreatedBy: by, Expires: expires}
	res, err := s.db.ExecContext(ctx, `INSERT INTO token (name, hash, role, created, created_by, expires) VALUES (?, ?, ?, ?, ?, ?)`,
		name, digest(text), role, casedb.Micros(now), by, casedb.NullMicros(expires))
	if err != nil {
		return "", Token{}, fmt.Errorf("create token %s: %w", name, err)
	}
	t.ID, err = res.LastInsertId()
	return text, t, err
}

// Token finds who a token belongs to. ok is false when it is unknown, revoked or
// expired.
func (s *Store) Token(ctx context.Context, text string) (p Principal, ok bool, err error) {
	if !strings.HasPrefix(text, TokenPrefix) {
		return Principal{}, false, nil
	}
	var stored []byte
	var expires, used sql.NullInt64
	want := digest(text)
	err = s.db.QueryRowContext(ctx, `SELECT id, name, role, hash, expires, last_used FROM token WHERE hash = ? AND revoked IS NULL`, want).
		Scan(&p.Token, &p.Name, &p.Role, &stored, &expires, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, false, nil
	}
	if err != nil {
		return Principal{}, false, fmt.Errorf("look up a token: %w", err)
	}
	now := s.cfg.Now()
	if subtle.ConstantTimeCompare(stored, want) != 1 || expires.Valid && !now.Before(casedb.Moment(expires.Int64)) {
		return Principal{}, false, nil
	}
	if now.Sub(casedb.NullMoment(used)) > touchEvery {
		if _, err := s.db.ExecContext(ctx, `UPDATE token SET last_used = ? WHERE id = ?`, casedb.Micros(now), p.Token); err != nil {
			return Principal{}, false, fmt.Errorf("touch token %s: %w", p.Name, err)
		}
	}
	return p, true, nil
}

// Tokens lists all tokens, the revoked ones too, newest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, name, role, created, created_by, expires, last_used, revoked FROM token ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	defer rows.Close()
	var list []Token
	for rows.Next() {
		var t Token
		var created int64
		var expires, used, revoked sql.NullInt64
		if err := rows.Scan(&t.ID, &t.Name, &t.Role, &created, &t.CreatedBy, &expires, &used, &revoked); err != nil {
			return nil, fmt.Errorf("list tokens: %w", err)
		}
		t.Created, t.Expires = casedb.Moment(created), casedb.NullMoment(expires)
		t.LastUsed, t.Revoked = casedb.NullMoment(used), casedb.NullMoment(revoked)
		list = append(list, t)
	}
	return list, rows.Err()
}

// RevokeToken makes a token void at once. Revoking it again changes nothing.
func (s *Store) RevokeToken(ctx context.Context, id int64) (Token, error) {
	var t Token
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `UPDATE token SET revoked = coalesce(revoked, ?) WHERE id = ? RETURNING id, name, role`,
			casedb.Micros(s.cfg.Now()), id).Scan(&t.ID, &t.Name, &t.Role)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return Token{}, fmt.Errorf("revoke token %d: %w", id, err)
	}
	return t, nil
}
