// Package watch keeps marks on entities: "tell me of the next contact". A mark has an
// owner, a reason and an end; when the ledger has new records of its entity, the owner
// gets a notice in the app. Who looks at the ledger, and when, is the caller's.
package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/entity"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid mark")
	ErrNotFound = errors.New("no such mark")
)

// maxReason is the length of a reason, in bytes.
const maxReason = 2000

// Count is how much the ledger has of an entity, mere mentions left out.
type Count struct {
	Records  int64 // of all source kinds: tells whether there are new ones, and is not shown
	Contacts int64 // established or permitted connections among them
	Last     time.Time
	Devices  int64
}

// Mark is a mark on an entity.
type Mark struct {
	ID      int64
	Entity  entity.ID
	Owner   string
	Reason  string
	Created time.Time
	Expires time.Time // zero: never
	Ended   time.Time // zero: it holds

	told Count // as far as the owner was told; Records and Contacts alone
}

// Holds reports whether the mark is in force at that moment.
func (m *Mark) Holds(at time.Time) bool {
	return m.Ended.IsZero() && (m.Expires.IsZero() || at.Before(m.Expires))
}

// Notice says that there are new records of a marked entity.
type Notice struct {
	ID       int64
	Mark     Mark
	At       time.Time
	Records  int64 // new ones, of all source kinds
	Contacts int64 // new established or permitted connections
	Last     time.Time
	Devices  int64 // in all its records
	Read     bool
}

// Store keeps marks in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Add marks an entity. known is what the ledger has now: the owner hears of what comes
// after it. A mark of the same owner on it ends.
func (s *Store) Add(ctx context.Context, m Mark, known Count) (Mark, error) {
	m.Reason = strings.TrimSpace(m.Reason)
	m.Created = casedb.Moment(casedb.Micros(s.Now()))
	switch {
	case m.Reason == "":
		return m, fmt.Errorf("%w: say why, so that the notice can", ErrInvalid)
	case len(m.Reason) > maxReason:
		return m, fmt.Errorf("%w: the reason is longer than %d bytes", ErrInvalid, maxReason)
	case !m.Expires.IsZero() && !m.Expires.After(m.Created):
		return m, fmt.Errorf("%w: it would end before it begins", ErrInvalid)
	}
	m.told = known
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE watch_mark SET ended = ? WHERE kind = ? AND entity = ? AND owner = ? AND ended IS NULL`,
			casedb.Micros(m.Created), string(m.Entity.Kind), m.Entity.Value, m.Owner); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `INSERT INTO watch_mark (kind, entity, owner, reason, created, expires, records, contacts)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			string(m.Entity.Kind), m.Entity.Value, m.Owner, m.Reason, casedb.Micros(m.Created), casedb.NullMicros(m.Expires),
			known.Records, known.Contacts).Scan(&m.ID)
	})
	if err != nil {
		return m, fmt.Errorf("mark %s %.100q: %w", m.Entity.Kind, m.Entity.Value, err)
	}
	return m, nil
}

// Marks lists the marks that hold, newest first.
func (s *Store) Marks(ctx context.Context) ([]Mark, error) {
	return s.marks(ctx, `WHERE ended IS NULL AND (expires IS NULL OR expires > ?) ORDER BY id DESC`, casedb.Micros(s.Now()))
}

// End ends a mark, and gives it.
func (s *Store) End(ctx context.Context, id int64) (Mark, error) {
	list, err := s.marks(ctx, `WHERE id = ? AND ended IS NULL`, id)
	if err != nil {
		return Mark{}, err
	}
	if len(list) == 0 {
		return Mark{}, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	_, err = s.db.ExecContext(ctx, `UPDATE watch_mark SET ended = ? WHERE id = ?`, casedb.Micros(s.Now()), id)
	if err != nil {
		return list[0], fmt.Errorf("end mark %d: %w", id, err)
	}
	return list[0], nil
}

// Check compares what the ledger has now with what the owners of the marks were told, and
// writes a notice where there is more. Fewer records, as when a source was removed, are no
// news. It reports how many notices it wrote.
func (s *Store) Check(ctx context.Context, marks []Mark, now map[entity.ID]Count) (notices int, err error) {
	for i := range marks {
		m := &marks[i]
		c := now[m.Entity]
		if c.Records == m.told.Records && c.Contacts == m.told.Contacts {
			continue
		}
		more := c.Records > m.told.Records
		err := s.db.Tx(ctx, func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, `UPDATE watch_mark SET records = ?, contacts = ? WHERE id = ?`, c.Records, c.Contacts, m.ID); err != nil || !more {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO watch_notice (mark, at, records, contacts, last, devices) VALUES (?, ?, ?, ?, ?, ?)`,
				m.ID, casedb.Micros(s.Now()), c.Records-m.told.Records, max(c.Contacts-m.told.Contacts, 0), casedb.Micros(c.Last), c.Devices)
			return err
		})
		if err != nil {
			return notices, fmt.Errorf("tell of mark %d: %w", m.ID, err)
		}
		if more {
			notices++
		}
	}
	return notices, nil
}

// Notices lists the newest notices of an owner, newest first, and counts the unread ones.
func (s *Store) Notices(ctx context.Context, owner string, limit int) (list []Notice, unread int, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(*) FROM watch_notice JOIN watch_mark m ON m.id = mark WHERE owner = ? AND read IS NULL`, owner).Scan(&unread)
	if err != nil {
		return nil, 0, fmt.Errorf("count the notices: %w", err)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT n.id, n.at, n.records, n.contacts, n.last, n.devices, n.read IS NOT NULL, `+markColumns+`
		FROM watch_notice n JOIN watch_mark m ON m.id = n.mark WHERE m.owner = ? ORDER BY n.id DESC LIMIT ?`, owner, limit)
	if err != nil {
		return nil, 0, fmt.Errorf("read the notices: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Notice
		var at, last int64
		var m scannedMark
		if err := rows.Scan(append([]any{&n.ID, &at, &n.Records, &n.Contacts, &last, &n.Devices, &n.Read}, m.fields()...)...); err != nil {
			return nil, 0, fmt.Errorf("read the notices: %w", err)
		}
		n.At, n.Last, n.Mark = casedb.Moment(at), casedb.Moment(last), m.mark()
		list = append(list, n)
	}
	return list, unread, rows.Err()
}

// MarkRead notes that an owner has read the notices up to an id.
func (s *Store) MarkRead(ctx context.Context, owner string, upTo int64) error {
	_, err := s.db.ExecContext(ctx, `UPDATE watch_notice SET read = ? WHERE id <= ? AND read IS NULL AND mark IN (SELECT id FROM watch_mark WHERE owner = ?)`,
		casedb.Micros(s.Now()), upTo, owner)
	if err != nil {
		return fmt.Errorf("note that notices were read: %w", err)
	}
	return nil
}

const markColumns = `m.id, m.kind, m.entity, m.owner, m.reason, m.created, m.expires, m.ended, m.records, m.contacts`

type scannedMark struct {
	m              Mark
	kind           string
	created        int64
	expires, ended sql.NullInt64
}

func (s *scannedMark) fields() []any {
	return []any{
		&s.m.ID, &s.kind, &s.m.Entity.Value, &s.m.Owner, &s.m.Reason, &s.created, &s.expires, &s.ended, &s.m.told.Records, &s.m.told.Contacts,
	}
}

func (s *scannedMark) mark() Mark {
	s.m.Entity.Kind = entity.Kind(s.kind)
	s.m.Created, s.m.Expires, s.m.Ended = casedb.Moment(s.created), casedb.NullMoment(s.expires), casedb.NullMoment(s.ended)
	return s.m
}

func (s *Store) marks(ctx context.Context, where string, args ...any) (list []Mark, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+markColumns+` FROM watch_mark m `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read the marks: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m scannedMark
		if err := rows.Scan(m.fields()...); err != nil {
			return nil, fmt.Errorf("read the marks: %w", err)
		}
		list = append(list, m.mark())
	}
	return list, rows.Err()
}
