package duckdb

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// StretchesOf adds up the sightings of many entities in one pass over the ledger's keys:
// a look-up for each would cost a thousand entities a thousand times the planning.
func (db *DB) StretchesOf(ctx context.Context, ids []entity.ID, site string) ([]store.Stretch, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	kinds, his, los := make([]string, len(ids)), make([]string, len(ids)), make([]string, len(ids))
	wanted := make(map[entity.ID]bool, len(ids))
	for i, id := range ids {
		code, ok := kindCodes[id.Kind]
		if !ok {
			return nil, fmt.Errorf("add up %q in the ledger: unknown kind of entity %q", id.Value, id.Kind)
		}
		hi, lo := id.Key()
		kinds[i], his[i], los[i] = strconv.Itoa(int(code)), strconv.FormatUint(hi, 10), strconv.FormatUint(lo, 10)
		wanted[id] = true
	}
	byCode := map[int64]entity.Kind{}
	for kind, code := range kindCodes {
		byCode[int64(code)] = kind
	}
	site = validText(site) // as it is stored
	cut := cutting(store.StretchQuery{})
	var found []store.Stretch
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			q := store.StretchQuery{LedgerQuery: store.LedgerQuery{Kind: byCode[v[0].(int64)], Entity: v[1].(string)}}
			s, err := db.scanStretch(q, cut, v[2:])
			if wanted[entity.ID{Kind: q.Kind, Value: q.Entity}] && (site == "" || site == s.Site) {
				found = append(found, s)
			}
			return err
		}, cut.sqlOf(`kind, entity, `, ` JOIN (SELECT DISTINCT unnest(string_split(?, ','))::UTINYINT AS kind, unnest(string_split(?, ','))::UBIGINT AS hi,
			unnest(string_split(?, ','))::UBIGINT AS lo) USING (kind, hi, lo)`),
			strings.Join(kinds, ","), strings.Join(his, ","), strings.Join(los, ","))
	})
	if err != nil {
		return nil, fmt.Errorf("add up %d entities in the ledger: %w", len(ids), err)
	}
	return found, nil
}

// Named lists entities by the beginning of their text; of accounts, by that of the name
// behind the domain too. The texts that begin so are asked for as a range, by which the
// engine skips blocks of the ledger.
func (db *DB) Named(ctx context.Context, prefix string, limit int) ([]store.Named, error) {
	prefix = strings.ToLower(validText(prefix))
	within, args := `entity >= ?`, []any{prefix}
	if next, ok := afterPrefix(prefix); ok {
		within, args = within+` AND entity < ?`, append(args, next)
	}
	rows := fmt.Sprintf(`SELECT kind, entity, "first", "last" FROM spoor.ledger WHERE roles <> %d AND `, entity.RoleMentioned)
	var found []store.Named
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			found = append(found, store.Named{
				ID:    entity.ID{Kind: entity.Kind(kindNames[uint8(v[0].(int64))]), Value: v[1].(string)},
				First: schema.Ticks(v[2].(int64)), Last: schema.Ticks(v[3].(int64)),
			})
			return nil
		}, fmt.Sprintf(`SELECT kind, entity, min("first"), max("last") FROM (%s%s UNION ALL %[1]skind = %[3]d AND contains(entity, ?))
			GROUP BY kind, entity ORDER BY 4 DESC, 1, 2 LIMIT %[4]d`, rows, within, kindCodes[entity.Account], limit), append(args, `\`+prefix)...)
	})
	if err != nil {
		return nil, fmt.Errorf("look up the entities that begin with %q: %w", prefix, err)
	}
	return found, nil
}

// afterPrefix is the least text that comes after all those that begin with a prefix, by the
// order of their bytes; not ok when there is none.
func afterPrefix(prefix string) (next string, ok bool) {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch last {
		case utf8.MaxRune: // of the texts before it there is one after
		case 0xD7FF: // the next ones are no characters
			return prefix + "\uE000", true
		default:
			return prefix + string(last+1), true
		}
	}
	return "", false
}
