package network

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"time"

	"spoor/internal/casedb"
)

// querier is the part of *casedb.DB and *sql.Tx that reading needs.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// mark tells one state of the stored catalogue from every later one: an addition moves
// lastID, a removal the count, a change the time.
type mark struct {
	count, lastID, changed int64
}

func selectMark(ctx context.Context, q querier) (m mark, err error) {
	err = q.QueryRowContext(ctx, `SELECT count(*), coalesce(max(id), 0), coalesce(max(changed), 0) FROM network_range`).
		Scan(&m.count, &m.lastID, &m.changed)
	return m, err
}

func selectRanges(ctx context.Context, q querier) (ranges []Range, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, cidr, name, role, site, owner, valid_from, valid_to, trusted_proxy
		FROM network_range ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for rows.Next() {
		var r Range
		var cidr string
		var from, to sql.NullInt64
		if err := rows.Scan(&r.ID, &cidr, &r.Name, &r.Role, &r.Site, &r.Owner, &from, &to, &r.TrustedProxy); err != nil {
			return nil, err
		}
		if r.Prefix, err = netip.ParsePrefix(cidr); err != nil {
			return nil, fmt.Errorf("range %d: %w", r.ID, err)
		}
		r.ValidFrom, r.ValidTo = casedb.NullMoment(from), casedb.NullMoment(to)
		ranges = append(ranges, r)
	}
	return ranges, rows.Err()
}

func insert(ctx context.Context, tx *sql.Tx, r *Range, now time.Time) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO network_range
		(cidr, name, role, site, owner, valid_from, valid_to, trusted_proxy, changed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Prefix.String(), r.Name, r.Role, r.Site, r.Owner,
		casedb.NullMicros(r.ValidFrom), casedb.NullMicros(r.ValidTo), r.TrustedProxy, casedb.Micros(now)).Scan(&id)
	return id, err
}

// update writes what does not belong to the range's identity.
func update(ctx context.Context, tx *sql.Tx, r *Range, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE network_range
		SET role = ?, owner = ?, valid_to = ?, trusted_proxy = ?, changed = ? WHERE id = ?`,
		r.Role, r.Owner, casedb.NullMicros(r.ValidTo), r.TrustedProxy, casedb.Micros(now), r.ID)
	return err
}

func remove(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM network_range WHERE id = ?`, id)
	return err
}
