package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"spoor/internal/store"
)

// PutAliases adds aliases; a device has at most one, the latest. The table holds the
// last device of every chain, so that one join finds it, and no cycles: an alias that
// would close one is refused.
func (db *DB) PutAliases(ctx context.Context, aliases []store.DeviceAlias) error {
	if len(aliases) == 0 {
		return nil
	}
	db.write.Lock()
	defer db.write.Unlock()
	if db.closed {
		return errClosed
	}
	defer db.version.Add(1)
	var to map[string]string
	err := db.writer.inTx(ctx, func() (err error) {
		if to, err = db.aliases(ctx, db.writer); err != nil {
			return err
		}
		for _, a := range aliases {
			if err := putAlias(to, a); err != nil {
				return err
			}
		}
		return db.writeAliases(ctx, to)
	})
	if err != nil {
		return fmt.Errorf("put %d device aliases: %w", len(aliases), err)
	}
	db.keepAliases(to)
	return nil
}

// keepAliases keeps the list for Aliases, which every query asks for.
func (db *DB) keepAliases(to map[string]string) {
	list := make([]store.DeviceAlias, 0, len(to))
	for _, from := range slices.Sorted(maps.Keys(to)) {
		list = append(list, store.DeviceAlias{From: from, To: to[from]})
	}
	db.aliasList.Store(&list)
}

// loadAliases reads the list.
func (db *DB) loadAliases(ctx context.Context) error {
	to, err := db.aliases(ctx, db.writer)
	if err != nil {
		return fmt.Errorf("list device aliases: %w", err)
	}
	db.keepAliases(to)
	return nil
}

// putAlias adds an alias to a map of last devices.
func putAlias(to map[string]string, a store.DeviceAlias) error {
	last := a.To
	if next, ok := to[last]; ok {
		last = next
	}
	if last == a.From {
		return fmt.Errorf("the alias of %s to %s closes a circle", a.From, a.To)
	}
	to[a.From] = last
	for from, t := range to {
		if t == a.From {
			to[from] = last
		}
	}
	return nil
}

func (db *DB) writeAliases(ctx context.Context, to map[string]string) error {
	if _, err := db.writer.exec(ctx, `DELETE FROM spoor.device_alias`); err != nil {
		return err
	}
	for from := range slices.Chunk(slices.Sorted(maps.Keys(to)), 1000) {
		var args []any
		for _, f := range from {
			args = append(args, f, to[f])
		}
		if _, err := db.writer.exec(ctx, `INSERT INTO spoor.device_alias VALUES `+tuples(len(from), 2), args...); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) aliases(ctx context.Context, c *conn) (map[string]string, error) {
	to := map[string]string{}
	err := c.each(ctx, func(v []any) error {
		to[v[0].(string)] = v[1].(string)
		return nil
	}, `SELECT from_id, to_id FROM spoor.device_alias`)
	return to, err
}

// Aliases lists the aliases by From. To is never itself an alias.
func (db *DB) Aliases(context.Context) ([]store.DeviceAlias, error) {
	return slices.Clone(*db.aliasList.Load()), nil
}
