package watchlist

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"spoor/internal/casedb"
)

// Store keeps the lists in the case store. It is safe for concurrent use.
type Store struct {
	db *casedb.DB
	// Now is the clock; tests may set it before the first use.
	Now func() time.Time
}

// New makes a Store on an open case store.
func New(db *casedb.DB) *Store { return &Store{db: db, Now: time.Now} }

// Mark is comparable.
type Mark struct{ lists, last int64 }

// Mark tells one state of the lists from every other.
func (s *Store) Mark(ctx context.Context) (m Mark, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT count(DISTINCT watchlist), coalesce(max(id), 0) FROM watchlist_version`).Scan(&m.lists, &m.last)
	if err != nil {
		return m, fmt.Errorf("read the watchlists: %w", err)
	}
	return m, nil
}

// Lists lists all lists by alias.
func (s *Store) Lists(ctx context.Context) ([]List, error) {
	lists, err := selectLists(ctx, s.db, "")
	if err != nil {
		return nil, fmt.Errorf("list the watchlists: %w", err)
	}
	return lists, nil
}

// List is one list, whatever the case of its alias. The error is ErrNotFound when there
// is none.
func (s *Store) List(ctx context.Context, alias string) (List, error) {
	lists, err := selectLists(ctx, s.db, alias)
	switch {
	case err != nil:
		return List{}, fmt.Errorf("read the watchlist %s: %w", clip(alias), err)
	case alias == "" || len(lists) == 0:
		return List{}, fmt.Errorf("%w: %q", ErrNotFound, clip(alias))
	}
	return lists[0], nil
}

// Versions lists the versions of a list that are kept, newest first.
func (s *Store) Versions(ctx context.Context, alias string) ([]Version, error) {
	l, err := s.List(ctx, alias)
	if err != nil {
		return nil, err
	}
	versions, err := selectVersions(ctx, s.db, l.Alias)
	if err != nil {
		return nil, fmt.Errorf("list the versions of the watchlist %s: %w", l.Alias, err)
	}
	return versions, nil
}

// Version finds a version of a list by its number; 0 is the current one.
func (s *Store) Version(ctx context.Context, alias string, number int) (Version, error) {
	l, err := s.List(ctx, alias)
	if err != nil || number == 0 || number == l.Number {
		return l.Version, err
	}
	versions, err := s.Versions(ctx, alias)
	if err != nil {
		return Version{}, err
	}
	return pick(l.Alias, versions, number)
}

func pick(alias string, versions []Version, number int) (Version, error) {
	for _, v := range versions {
		if v.Number == number {
			return v, nil
		}
	}
	return Version{}, fmt.Errorf("%w: %s has no version %d", ErrNotFound, alias, number)
}

// Items are the rows of a version, by its ID, in the order of the file.
func (s *Store) Items(ctx context.Context, versionID int64) ([]Item, error) {
	items, err := selectItems(ctx, s.db, versionID)
	if err != nil {
		return nil, fmt.Errorf("read version %d of a watchlist: %w", versionID, err)
	}
	return items, nil
}

// Import puts a table in as the next version of its list, or makes the list.
func (s *Store) Import(ctx context.Context, in Import) (List, error) {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		old, err := selectLists(ctx, tx, in.Alias)
		if err != nil {
			return err
		}
		l := List{Alias: in.Alias, Owner: in.By}
		if len(old) > 0 && in.Alias != "" {
			l = old[0]
			in.SearchKey = orElse(in.SearchKey, l.SearchKey)
		}
		if err := in.check(); err != nil {
			return err
		}
		l.Name, l.Description, l.Owner = orElse(in.Name, l.Name), orElse(in.Description, l.Description), orElse(in.Owner, l.Owner)
		if in.Expires != nil {
			l.Expires = *in.Expires
		}
		v := Version{By: in.By, Source: in.Source, SearchKey: in.SearchKey, Columns: in.Table.Columns}
		return s.put(ctx, tx, l, v, in.Table.Rows)
	})
	if err != nil {
		return List{}, fmt.Errorf("import the watchlist %s: %w", clip(in.Alias), err)
	}
	return s.List(ctx, in.Alias)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Restore makes the rows of an earlier version those of the next one.
func (s *Store) Restore(ctx context.Context, alias string, number int, by string) (List, error) {
	err := s.db.Tx(ctx, func(tx *sql.Tx) error {
		lists, err := selectLists(ctx, tx, alias)
		if err != nil {
			return err
		}
		if alias == "" || len(lists) == 0 {
			return ErrNotFound
		}
		versions, err := selectVersions(ctx, tx, lists[0].Alias)
		if err != nil {
			return err
		}
		v, err := pick(lists[0].Alias, versions, number)
		if err != nil {
			return err
		}
		return s.bringBack(ctx, tx, lists[0], v, by)
	})
	if err != nil {
		return List{}, fmt.Errorf("restore the watchlist %s: %w", clip(alias), err)
	}
	return s.List(ctx, alias)
}

func (s *Store) bringBack(ctx context.Context, tx *sql.Tx, l List, v Version, by string) error {
	items, err := selectItems(ctx, tx, v.ID)
	if err != nil {
		return err
	}
	rows := make([][]string, len(items))
	for i := range items {
		rows[i] = items[i].Values
	}
	v.Restore, v.By = v.Number, by
	return s.put(ctx, tx, l, v, rows)
}

// Remove takes a list out with all its versions.
func (s *Store) Remove(ctx context.Context, alias string) (List, error) {
	l, err := s.List(ctx, alias)
	if err != nil {
		return l, err
	}
	_, err = s.db.ExecContext(ctx, `DELETE FROM watchlist WHERE alias = ?`, l.Alias)
	if err != nil {
		return l, fmt.Errorf("remove the watchlist %s: %w", l.Alias, err)
	}
	return l, nil
}

// put writes the list and its next version. Rows that the current version has keep their
// time.
func (s *Store) put(ctx context.Context, tx *sql.Tx, l List, v Version, rows [][]string) error {
	now := casedb.Moment(casedb.Micros(s.Now()))
	var before []Item
	if l.Number > 0 {
		var err error
		if before, err = selectItems(ctx, tx, l.ID); err != nil {
			return err
		}
	}
	v.Number, v.At, v.Rows = l.Number+1, now, len(rows)
	id, err := upsertList(ctx, tx, &l, v.Number)
	if err != nil {
		return err
	}
	if err := insertVersion(ctx, tx, id, &v, makeItems(v.Columns, rows, before, now)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM watchlist_version WHERE watchlist = ? AND version <= ?`, id, v.Number-MaxVersions)
	return err
}

// makeItems gives rows their identity, and the time of those that were there before.
func makeItems(columns []string, rows [][]string, before []Item, now time.Time) []Item {
	since := make(map[string]time.Time, len(before))
	for i := range before {
		since[before[i].ID] = before[i].Updated
	}
	items := make([]Item, len(rows))
	times := map[string]int{} // how often a row has come so far
	for i, row := range rows {
		key := rowKey(columns, row)
		id := itemID(key, times[key])
		times[key]++
		at, known := since[id]
		if !known {
			at = now
		}
		items[i] = Item{id, at, row}
	}
	return items
}

// rowKey is the same for rows that say the same.
func rowKey(columns, row []string) string {
	var b strings.Builder
	for i, v := range row {
		if v != "" {
			fmt.Fprintf(&b, "%d:%s%d:%s", len(columns[i]), columns[i], len(v), v)
		}
	}
	return b.String()
}

// itemID makes a GUID (RFC 9562, version 8) of a row and how often it has come before.
func itemID(key string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s", n, key))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// querier is a *casedb.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// selectLists reads the list of an alias, or all for "".
func selectLists(ctx context.Context, q querier, alias string) (lists []List, err error) {
	rows, err := q.QueryContext(ctx, `SELECT l.alias, l.name, l.description, l.owner, l.expires,
			v.id, v.version, v.at, v.by, v.source, v.restored, v.search_key, v.columns, v.rows
		FROM watchlist l JOIN watchlist_version v ON v.watchlist = l.id AND v.version = l.version
		WHERE ? = '' OR l.alias = ? ORDER BY l.alias`, alias, alias)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var l List
		var expires sql.NullInt64
		if err := scanVersion(rows, &l.Version, &l.Alias, &l.Name, &l.Description, &l.Owner, &expires); err != nil {
			return nil, err
		}
		l.Expires = casedb.NullMoment(expires)
		lists = append(lists, l)
	}
	return lists, rows.Err()
}

func selectVersions(ctx context.Context, q querier, alias string) (versions []Version, err error) {
	rows, err := q.QueryContext(ctx, `SELECT v.id, v.version, v.at, v.by, v.source, v.restored, v.search_key, v.columns, v.rows
		FROM watchlist l JOIN watchlist_version v ON v.watchlist = l.id WHERE l.alias = ? ORDER BY v.version DESC`, alias)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v Version
		if err := scanVersion(rows, &v); err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	return versions, rows.Err()
}

// scanVersion reads the columns of a version, behind those for before.
func scanVersion(rows *sql.Rows, v *Version, before ...any) error {
	var at int64
	var columns string
	err := rows.Scan(append(before, &v.ID, &v.Number, &at, &v.By, &v.Source, &v.Restore, &v.SearchKey, &columns, &v.Rows)...)
	if err != nil {
		return err
	}
	v.At = casedb.Moment(at)
	return json.Unmarshal([]byte(columns), &v.Columns)
}

func selectItems(ctx context.Context, q querier, versionID int64) ([]Item, error) {
	var packed []byte
	err := q.QueryRowContext(ctx, `SELECT items FROM watchlist_version WHERE id = ?`, versionID).Scan(&packed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var items []Item
	return items, errors.Join(json.NewDecoder(z).Decode(&items), z.Close())
}

func upsertList(ctx context.Context, tx *sql.Tx, l *List, version int) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO watchlist (alias, name, description, owner, expires, version) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (alias) DO UPDATE SET name = excluded.name, description = excluded.description, owner = excluded.owner,
			expires = excluded.expires, version = excluded.version RETURNING id`,
		l.Alias, l.Name, l.Description, l.Owner, casedb.NullMicros(l.Expires), version).Scan(&id)
	return id, err
}

func insertVersion(ctx context.Context, tx *sql.Tx, list int64, v *Version, items []Item) error {
	columns, err := json.Marshal(v.Columns)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(z).Encode(items), z.Close()); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO watchlist_version
		(watchlist, version, at, by, source, restored, search_key, columns, rows, items) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		list, v.Number, casedb.Micros(v.At), v.By, v.Source, v.Restore, v.SearchKey, string(columns), v.Rows, packed.Bytes())
	return err
}
