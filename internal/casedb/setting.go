package casedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Setting is the value an administrator gave a setting, "" when none was given.
func (db *DB) Setting(ctx context.Context, name string) (string, error) {
	var value string
	err := db.QueryRowContext(ctx, `SELECT value FROM setting WHERE key = ?`, name).Scan(&value)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the setting %s: %w", name, err)
	}
	return value, nil
}

// SetSetting keeps the value of a setting.
func (db *DB) SetSetting(ctx context.Context, name, value string) error {
	_, err := db.ExecContext(ctx, `INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("keep the setting %s: %w", name, err)
	}
	return nil
}
