package duckdb

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"spoor/internal/schema"
)

// SourceDevices lists the devices that report in a source: name as reported → DeviceId.
func (db *DB) SourceDevices(ctx context.Context, id int32) (map[string]string, error) {
	devices := map[string]string{}
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			devices[v[0].(string)] = v[1].(string)
			return nil
		}, `SELECT DISTINCT device, device_id FROM spoor.ledger JOIN spoor.context c ON context = c.id
			WHERE kind = ? AND source = ? AND device <> ''`, deviceCode, id)
	})
	if err != nil {
		return nil, fmt.Errorf("list the devices of source %d: %w", id, err)
	}
	return devices, nil
}

// RenameDevices gives what a source reported under some names other DeviceIds: rows,
// sightings and claims, in one transaction. ids is name as reported → DeviceId.
func (db *DB) RenameDevices(ctx context.Context, source int32, ids map[string]string) error {
	contexts := 0
	err := db.rewrite(ctx, func(c *conn) error {
		for _, name := range slices.Sorted(maps.Keys(ids)) {
			if err := db.renameRows(ctx, c, source, name, ids[name]); err != nil {
				return err
			}
			if _, err := c.exec(ctx, `UPDATE spoor.claim SET device_id = ? WHERE source = ? AND device = ?`, ids[name], source, name); err != nil {
				return fmt.Errorf("rename %s in the claims: %w", name, err)
			}
		}
		moved, err := db.renameContexts(ctx, c, source, ids)
		if err != nil {
			return err
		}
		if contexts, err = db.writeContexts(ctx); err != nil {
			return err
		}
		for _, old := range slices.Sorted(maps.Keys(moved)) {
			if _, err := c.exec(ctx, `UPDATE spoor.ledger SET context = ? WHERE source = ? AND context = ?`, moved[old], source, old); err != nil {
				return fmt.Errorf("rename devices in the ledger: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("rename %d devices of source %d: %w", len(ids), source, err)
	}
	db.contexts.commit(contexts)
	return nil
}

// renameRows changes the rows of all event tables that name devices.
func (db *DB) renameRows(ctx context.Context, c *conn, source int32, name, id string) error {
	first, last := schema.NewRawID(source, 0), schema.NewRawID(source, maxOrdinal)
	for _, table := range db.tables.names() {
		if has := db.tables.columnsOf(table); !has["DeviceId"] || !has["DeviceName"] {
			continue
		}
		_, err := c.exec(ctx, `UPDATE `+storedTable(table)+` SET "DeviceId" = ? WHERE "DeviceName" = ? AND `+quote(schema.ColRawID)+` BETWEEN ? AND ?`,
			id, name, int64(first), int64(last))
		if err != nil {
			return fmt.Errorf("rename %s in %s: %w", name, table, err)
		}
	}
	return nil
}

// renameContexts finds the contexts of a source whose device gets another id, and what
// they become: number → number.
func (db *DB) renameContexts(ctx context.Context, c *conn, source int32, ids map[string]string) (map[int32]int32, error) {
	var used []int32
	if err := c.each(ctx, func(v []any) error {
		used = append(used, int32(v[0].(int64)))
		return nil
	}, `SELECT DISTINCT context FROM spoor.ledger WHERE source = ?`, source); err != nil {
		return nil, fmt.Errorf("list the contexts of the source: %w", err)
	}
	moved := map[int32]int32{}
	intern := db.contexts.begin()
	defer intern.end()
	for _, number := range used {
		s := intern.list[number]
		if id, ok := ids[s.device]; ok && id != s.deviceID {
			s.deviceID = id
			moved[number] = intern.add(s)
		}
	}
	return moved, nil
}
