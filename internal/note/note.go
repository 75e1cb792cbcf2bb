// Package note keeps what people write about entities: notes, of which every version
// stays, and the alias by which an entity is known here.
package note

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"spoor/internal/casedb"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid note")
	ErrNotFound = errors.New("no such note")
)

// Bounds on what is kept, in bytes.
const (
	MaxText  = 64 << 10
	MaxAlias = 100
)

// Subject is what a note is about. Kind is a kind of entity, cidr or asn; ID its canonical
// text.
type Subject struct{ Kind, ID string }

// Note is a note as one change left it.
type Note struct {
	ID      int64 // of the note
	Version int64 // of the change; rising
	Subject Subject
	Text    string // empty: the change took it away
	At      time.Time
	By      string
	// Created and Author are of the first version; Changes how many followed it.
	Created time.Time
	Author  string
	Changes int
}

// Alias is the name by which people here know an entity, as one change left it.
type Alias struct {
	Subject Subject
	Text    string // empty: none
	At      time.Time
	By      string
}

// Store keeps notes in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

const selectNotes = `SELECT v.note, v.id, v.kind, v.entity, v.text, v.at, v.by, first.at, first.by,
	(SELECT count(*) - 1 FROM note_version c WHERE c.note = v.note AND c.id <= v.id)
	FROM note_version v JOIN note_version first ON first.id = v.note `

// List lists the notes about a subject, the one written first at the end.
func (s *Store) List(ctx context.Context, about Subject) ([]Note, error) {
	return s.notes(ctx, selectNotes+`WHERE v.kind = ? AND v.entity = ? AND v.text <> ''
		AND v.id = (SELECT max(id) FROM note_version n WHERE n.note = v.note) ORDER BY v.note DESC`, about.Kind, about.ID)
}

// History lists the versions of a note, newest first.
func (s *Store) History(ctx context.Context, id int64) ([]Note, error) {
	list, err := s.notes(ctx, selectNotes+`WHERE v.note = ? ORDER BY v.id DESC`, id)
	if err == nil && len(list) == 0 {
		return nil, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	return list, err
}

// Add writes a note.
func (s *Store) Add(ctx context.Context, about Subject, text, by string) (Note, error) {
	text, err := checkText(text)
	if err != nil {
		return Note{}, err
	}
	var id int64
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		if id, err = s.insert(ctx, tx, 0, about, text, by); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE note_version SET note = id WHERE id = ?`, id)
		return err
	})
	if err != nil {
		return Note{}, fmt.Errorf("keep the note: %w", err)
	}
	return s.current(ctx, id)
}

// Change gives a note another text.
func (s *Store) Change(ctx context.Context, id int64, text, by string) (Note, error) {
	text, err := checkText(text)
	if err != nil {
		return Note{}, err
	}
	if err := s.supersede(ctx, id, text, by); err != nil {
		return Note{}, err
	}
	return s.current(ctx, id)
}

// Remove takes a note away; its history stays. It gives the note as it was.
func (s *Store) Remove(ctx context.Context, id int64, by string) (Note, error) {
	n, err := s.current(ctx, id)
	if err != nil {
		return n, err
	}
	return n, s.supersede(ctx, id, "", by)
}

func (s *Store) supersede(ctx context.Context, id int64, text, by string) error {
	n, err := s.current(ctx, id)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *sql.Tx) error {
		_, err := s.insert(ctx, tx, id, n.Subject, text, by)
		return err
	})
	if err != nil {
		return fmt.Errorf("change note %d: %w", id, err)
	}
	return nil
}

func (s *Store) insert(ctx context.Context, tx *sql.Tx, note int64, about Subject, text, by string) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO note_version (note, kind, entity, text, at, by) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		note, about.Kind, about.ID, text, casedb.Micros(s.Now()), by).Scan(&id)
	return id, err
}

// current is the newest version of a note that was not taken away.
func (s *Store) current(ctx context.Context, id int64) (Note, error) {
	list, err := s.notes(ctx, selectNotes+`WHERE v.note = ? ORDER BY v.id DESC LIMIT 1`, id)
	if err != nil {
		return Note{}, err
	}
	if len(list) == 0 || list[0].Text == "" {
		return Note{}, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	return list[0], nil
}

func (s *Store) notes(ctx context.Context, query string, args ...any) (list []Note, err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Note
		var at, created int64
		if err := rows.Scan(&n.ID, &n.Version, &n.Subject.Kind, &n.Subject.ID, &n.Text, &at, &n.By, &created, &n.Author, &n.Changes); err != nil {
			return nil, fmt.Errorf("read notes: %w", err)
		}
		n.At, n.Created = casedb.Moment(at), casedb.Moment(created)
		list = append(list, n)
	}
	return list, rows.Err()
}

func checkText(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", fmt.Errorf("%w: it says nothing", ErrInvalid)
	case len(text) > MaxText:
		return "", fmt.Errorf("%w: it is longer than %d KiB", ErrInvalid, MaxText>>10)
	case !utf8.ValidString(text):
		return "", fmt.Errorf("%w: it is not UTF-8", ErrInvalid)
	}
	return text, nil
}

// Alias is the newest alias of a subject; the zero Alias when it never had one.
func (s *Store) Alias(ctx context.Context, about Subject) (Alias, error) {
	history, err := s.Aliases(ctx, about)
	if err != nil || len(history) == 0 {
		return Alias{Subject: about}, err
	}
	return history[0], nil
}

// Aliases lists the aliases that a subject had, newest first.
func (s *Store) Aliases(ctx context.Context, about Subject) ([]Alias, error) {
	return s.aliases(ctx, `WHERE kind = ? AND entity = ? ORDER BY id DESC`, about.Kind, about.ID)
}

// AllAliases lists the aliases that hold.
func (s *Store) AllAliases(ctx context.Context) (map[Subject]string, error) {
	list, err := s.aliases(ctx, `WHERE alias <> '' AND id IN (SELECT max(id) FROM entity_alias GROUP BY kind, entity)`)
	all := make(map[Subject]string, len(list))
	for _, a := range list {
		all[a.Subject] = a.Text
	}
	return all, err
}

// SetAlias names a subject; the empty text takes the name away.
func (s *Store) SetAlias(ctx context.Context, about Subject, text, by string) error {
	text = strings.TrimSpace(text)
	if len(text) > MaxAlias || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return fmt.Errorf("%w: an alias is a line of up to %d bytes", ErrInvalid, MaxAlias)
	}
	_, err := s.db.ExecContext(ctx, `INSERT INTO entity_alias (kind, entity, alias, at, by) VALUES (?, ?, ?, ?, ?)`,
		about.Kind, about.ID, text, casedb.Micros(s.Now()), by)
	if err != nil {
		return fmt.Errorf("keep the alias: %w", err)
	}
	return nil
}

func (s *Store) aliases(ctx context.Context, where string, args ...any) (list []Alias, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT kind, entity, alias, at, by FROM entity_alias `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("read aliases: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var a Alias
		var at int64
		if err := rows.Scan(&a.Subject.Kind, &a.Subject.ID, &a.Text, &at, &a.By); err != nil {
			return nil, fmt.Errorf("read aliases: %w", err)
		}
		a.At = casedb.Moment(at)
		list = append(list, a)
	}
	return list, rows.Err()
}
