package network

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"spoor/internal/schema"
)

// querier is the part of *sql.DB and *sql.Tx that reading needs.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func selectRanges(ctx context.Context, q querier) (ranges []Range, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, cidr, name, role, site, owner, valid_from, valid_to, trusted_proxy
		FROM network_ranges ORDER BY id`)
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
		var from, to schema.Ticks
		if err := rows.Scan(&r.ID, &cidr, &r.Name, &r.Role, &r.Site, &r.Owner, &from, &to, &r.TrustedProxy); err != nil {
			return nil, err
		}
		if r.Prefix, err = netip.ParsePrefix(cidr); err != nil {
			return nil, fmt.Errorf("range %d: %w", r.ID, err)
		}
		r.ValidFrom, r.ValidTo = fromTicks(from), fromTicks(to)
		ranges = append(ranges, r)
	}
	return ranges, rows.Err()
}

func insert(ctx context.Context, tx *sql.Tx, r *Range) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `INSERT INTO network_ranges
		(cidr, name, role, site, owner, valid_from, valid_to, trusted_proxy) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		RETURNING id`,
		r.Prefix.String(), r.Name, r.Role, r.Site, r.Owner, ticks(r.ValidFrom), ticks(r.ValidTo), r.TrustedProxy).Scan(&id)
	return id, err
}

// update writes what does not belong to the range's identity.
func update(ctx context.Context, tx *sql.Tx, r *Range) error {
	_, err := tx.ExecContext(ctx, `UPDATE network_ranges SET role = $1, owner = $2, valid_to = $3, trusted_proxy = $4 WHERE id = $5`,
		r.Role, r.Owner, ticks(r.ValidTo), r.TrustedProxy, r.ID)
	return err
}

func remove(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM network_ranges WHERE id = $1`, id)
	return err
}
