package noise

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"spoor/internal/casedb"
)

// Store keeps the lists in the case store, and an index of them in memory. It is safe for
// concurrent use: look-ups read an immutable index without a lock.
type Store struct {
	db       *casedb.DB
	changing sync.Mutex
	mark     mark
	current  atomic.Pointer[Index]
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// mark is the same as long as no list was changed.
type mark struct{ newest, lists int64 }

// Open reads the lists from the case store.
func Open(ctx context.Context, db *casedb.DB) (*Store, error) {
	s := &Store{db: db, Now: time.Now}
	s.current.Store(new(Index))
	return s, s.Refresh(ctx)
}

// Index is the lists as they are.
func (s *Store) Index() *Index { return s.current.Load() }

// Refresh reads the lists again if another process has changed them. It is cheap when
// none has.
func (s *Store) Refresh(ctx context.Context) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	var m mark
	err := s.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0), count(*) FROM noise_list`).Scan(&m.newest, &m.lists)
	if err != nil {
		return fmt.Errorf("read the noise lists: %w", err)
	}
	if m == s.mark {
		return nil
	}
	contents, err := s.read(ctx)
	if err != nil {
		return fmt.Errorf("read the noise lists: %w", err)
	}
	s.current.Store(newIndex(contents))
	s.mark = m
	return nil
}

func (s *Store) read(ctx context.Context) (contents []*Content, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, slug, name, description, type, version, attributes, entries, source, imported, by, content FROM noise_list`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c := &Content{}
		var attributes string
		var imported int64
		var content []byte
		if err := rows.Scan(&c.ID, &c.Slug, &c.Name, &c.Description, &c.Type, &c.Version, &attributes, &c.Entries, &c.Source, &imported, &c.By, &content); err != nil {
			return nil, err
		}
		c.Imported = casedb.Moment(imported)
		c.classify()
		if err := errors.Join(json.Unmarshal([]byte(attributes), &c.Attributes), unpack(content, &c.Values)); err != nil {
			return nil, fmt.Errorf("list %s: %w", c.Slug, err)
		}
		contents = append(contents, c)
	}
	return contents, rows.Err()
}

// Import keeps lists, all or none. One of the same slug is replaced.
func (s *Store) Import(ctx context.Context, contents []*Content, by string) error {
	at := s.Now()
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		for _, c := range contents {
			if err := keep(ctx, tx, c, at, by); err != nil {
				return fmt.Errorf("%s: %w", c.Slug, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the noise lists: %w", err)
	}
	return s.Refresh(ctx)
}

func keep(ctx context.Context, tx *sql.Tx, c *Content, at time.Time, by string) error {
	attributes, err := json.Marshal(c.Attributes)
	if err != nil {
		return err
	}
	content, err := pack(c.Values)
	if err != nil {
		return err
	}
	// A new row with a new number, so that other processes see the change.
	if _, err := tx.ExecContext(ctx, `DELETE FROM noise_list WHERE slug = ?`, c.Slug); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO noise_list (slug, name, description, type, version, attributes, entries, source, imported, by, content)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.Slug, c.Name, c.Description, c.Type, c.Version, string(attributes), c.Entries, c.Source, casedb.Micros(at), by, content)
	return err
}

// Remove takes a list out. The error is ErrNotFound when there is none of that name.
func (s *Store) Remove(ctx context.Context, slug string) error {
	result, err := s.db.ExecContext(ctx, `DELETE FROM noise_list WHERE slug = ?`, slug)
	if err != nil {
		return fmt.Errorf("remove the noise list %.100q: %w", slug, err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%w: %.100q", ErrNotFound, slug)
	}
	return s.Refresh(ctx)
}

func pack(values []string) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	err := errors.Join(json.NewEncoder(w).Encode(values), w.Close())
	return b.Bytes(), err
}

func unpack(content []byte, into *[]string) error {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return err
	}
	return json.NewDecoder(r).Decode(into)
}
