package transparency

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"spoor/internal/casedb"
)

// Store keeps the files in the case store. It is safe for concurrent use, also by several
// processes.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New keeps files in a case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Version is the same as long as no file was imported or removed, and the number of files.
type Version struct{ Newest, Files int64 }

// Version tells whether something has changed.
func (s *Store) Version(ctx context.Context) (v Version, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT coalesce(max(id), 0), count(*) FROM transparency_file`).Scan(&v.Newest, &v.Files)
	if err != nil {
		err = fmt.Errorf("read the files of certificate transparency: %w", err)
	}
	return v, err
}

// Import keeps a file. One of the same name is replaced.
func (s *Store) Import(ctx context.Context, c *Content, by string) error {
	c.Imported, c.By = s.Now().UTC().Truncate(time.Microsecond), by
	if err := s.db.Tx(ctx, func(tx *sql.Tx) error { return keep(ctx, tx, c) }); err != nil {
		return fmt.Errorf("keep the names of %s: %w", c.Name, err)
	}
	return nil
}

func keep(ctx context.Context, tx *sql.Tx, c *Content) (err error) {
	// A new row with a new number, so that other processes see the change.
	if _, err := tx.ExecContext(ctx, `DELETE FROM transparency_file WHERE name = ?`, c.Name); err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `INSERT INTO transparency_file (name, entries, certificates, names, skipped, imported, by) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		c.Name, c.Entries, c.Certificates, c.Names, c.Skipped, casedb.Micros(c.Imported), c.By)
	if err != nil {
		return err
	}
	if c.ID, err = done.LastInsertId(); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO transparency_name (reversed, file, not_before, not_after, certificates, issuers) VALUES (?, ?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for i := range c.Found {
		n := &c.Found[i]
		issuers, err := json.Marshal(n.Issuers)
		if err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, reversed(n.Name), c.ID, casedb.Micros(n.NotBefore), casedb.Micros(n.NotAfter), n.Certificates, string(issuers)); err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
	}
	return nil
}

// Remove takes a file out. The error is ErrNotFound when there is none of that name.
func (s *Store) Remove(ctx context.Context, name string) error {
	result, err := s.db.ExecContext(ctx, `DELETE FROM transparency_file WHERE name = ?`, name)
	if err != nil {
		return fmt.Errorf("remove the file %.100q: %w", name, err)
	}
	if n, err := result.RowsAffected(); err == nil && n == 0 {
		return fmt.Errorf("%w: %.100q", ErrNotFound, name)
	}
	return nil
}

// Files lists the files by name.
func (s *Store) Files(ctx context.Context) (files []File, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, name, entries, certificates, names, skipped, imported, by FROM transparency_file ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list the files of certificate transparency: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var f File
		var imported int64
		if err := rows.Scan(&f.ID, &f.Name, &f.Entries, &f.Certificates, &f.Names, &f.Skipped, &imported, &f.By); err != nil {
			return nil, fmt.Errorf("list the files of certificate transparency: %w", err)
		}
		f.Imported = casedb.Moment(imported)
		files = append(files, f)
	}
	return files, rows.Err()
}

// Below lists the names below a domain, and not the domain itself: by name, one a file.
func (s *Store) Below(ctx context.Context, domain string) (found []Found, err error) {
	prefix := reversed(domain)
	// "/" follows "." in the order of the bytes.
	rows, err := s.db.QueryContext(ctx, `SELECT n.reversed, n.not_before, n.not_after, n.certificates, n.issuers, f.name, f.imported
		FROM transparency_name n JOIN transparency_file f ON f.id = n.file
		WHERE n.reversed > ? AND n.reversed < ? ORDER BY n.reversed, f.name`, prefix+".", prefix+"/")
	if err != nil {
		return nil, fmt.Errorf("list the names below %s: %w", domain, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Found
		var backwards, issuers string
		var notBefore, notAfter, imported int64
		if err := rows.Scan(&backwards, &notBefore, &notAfter, &n.Certificates, &issuers, &n.File, &imported); err != nil {
			return nil, fmt.Errorf("list the names below %s: %w", domain, err)
		}
		if err := json.Unmarshal([]byte(issuers), &n.Issuers); err != nil {
			return nil, fmt.Errorf("list the names below %s: issuers: %w", domain, err)
		}
		n.Name.Name = reversed(backwards)
		n.NotBefore, n.NotAfter, n.Imported = casedb.Moment(notBefore), casedb.Moment(notAfter), casedb.Moment(imported)
		found = append(found, n)
	}
	return found, rows.Err()
}
