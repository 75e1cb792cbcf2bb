package duckdb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// placesDDL is what databases said of addresses. Rows come in the order of addresses, many at
// a time, so that a look-up reads few of them.
const placesDDL = `CREATE TABLE spoor.place (
	hi UBIGINT NOT NULL, lo UBIGINT NOT NULL, address VARCHAR NOT NULL, database VARCHAR NOT NULL,
	"first" BIGINT NOT NULL, "last" BIGINT NOT NULL, kept BIGINT NOT NULL,
	country VARCHAR NOT NULL, country_code VARCHAR NOT NULL, state VARCHAR NOT NULL, city VARCHAR NOT NULL,
	asn UINTEGER NOT NULL, org VARCHAR NOT NULL)`

// placesView shows them as the table of the catalogue.
const placesView = `
SELECT address AS "Address", database AS "Database", country_code AS "CountryCode", country AS "Country", state AS "State", city AS "City",
	asn::BIGINT AS "ASN", org AS "Organization", "first" AS "BuiltFrom", "last" AS "BuiltTo", kept AS "KeptAt"
FROM spoor.place`

// addPlaces brings a file of layout 2 to layout 3. It has no places yet.
func (db *DB) addPlaces(ctx context.Context) error {
	for _, sql := range []string{placesDDL, `UPDATE spoor.meta SET version = 3`} {
		if _, err := db.writer.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// Unplaced lists addresses of which something is to be asked. See store.Engine.
func (db *DB) Unplaced(ctx context.Context, builds []store.PlaceBuild, after string, limit int) ([]string, error) {
	if len(builds) == 0 {
		return nil, nil
	}
	var args []any
	for _, b := range builds {
		args = append(args, b.Database, int64(b.Built))
	}
	args = append(args, len(builds))
	behind := ""
	if after != "" {
		hi, lo := entity.ID{Kind: entity.IP, Value: after}.Key()
		behind = fmt.Sprintf(` AND (hi > %[1]d OR hi = %[1]d AND lo > %[2]d)`, hi, lo)
	}
	var addresses []string
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			addresses = append(addresses, strings.Clone(v[0].(string)))
			return nil
		}, fmt.Sprintf(`WITH builds (database, built) AS (VALUES %[1]s),
placed AS (
	SELECT hi, lo, address FROM spoor.place JOIN builds ON place.database = builds.database AND built BETWEEN "first" AND "last"%[2]s
	GROUP BY hi, lo, address HAVING count(*) = ?)
SELECT entity FROM (SELECT DISTINCT hi, lo, entity FROM spoor.ledger WHERE kind = %[3]d AND roles <> %[4]d%[2]s) AS seen
ANTI JOIN placed ON placed.hi = seen.hi AND placed.lo = seen.lo AND address = entity
ORDER BY seen.hi, seen.lo LIMIT %[5]d`, tuples(len(builds), 2), behind, kindCodes[entity.IP], entity.RoleMentioned, limit), args...)
	})
	if err != nil {
		return nil, fmt.Errorf("list addresses without a place: %w", err)
	}
	return addresses, nil
}

// placeRow is a place as PutPlaces hands it to the engine.
type placeRow struct {
	Hi       uint64 `json:"hi"`
	Lo       uint64 `json:"lo"`
	Address  string `json:"address"`
	Database string `json:"database"`
	First    int64  `json:"first"`
	Last     int64  `json:"last"`
	Kept     int64  `json:"kept"`
	Country  string `json:"country"`
	Code     string `json:"country_code"`
	State    string `json:"state"`
	City     string `json:"city"`
	ASN      uint32 `json:"asn"`
	Org      string `json:"org"`
}

// placeRows reads them, in the order of the table's columns.
const placeRows = `SELECT unnest(from_json(?, '[{"hi":"UBIGINT","lo":"UBIGINT","address":"VARCHAR","database":"VARCHAR","first":"BIGINT","last":"BIGINT","kept":"BIGINT",
	"country":"VARCHAR","country_code":"VARCHAR","state":"VARCHAR","city":"VARCHAR","asn":"UINTEGER","org":"VARCHAR"}]'), recursive := true)`

// PutPlaces replaces the places of addresses, in one commit. See store.Engine.
func (db *DB) PutPlaces(ctx context.Context, addresses []string, places []store.Place) error {
	rows := make([]placeRow, len(places))
	for i := range places {
		p := &places[i]
		hi, lo := entity.ID{Kind: entity.IP, Value: p.Address}.Key()
		rows[i] = placeRow{
			hi, lo, p.Address, plainText(p.Database), int64(p.First), int64(p.Last), int64(p.Kept),
			plainText(p.Country), plainText(p.CountryCode), plainText(p.State), plainText(p.City), p.ASN, plainText(p.Org),
		}
	}
	slices.SortStableFunc(rows, func(a, b placeRow) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) })
	text, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	if len(addresses) == 0 {
		return nil
	}
	db.write.Lock()
	defer db.write.Unlock()
	if db.closed {
		return errClosed
	}
	err = db.writer.inTx(ctx, func() error {
		where, args := placesOf(addresses)
		if _, err := db.writer.exec(ctx, `DELETE FROM spoor.place WHERE `+where, args...); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		_, err := db.writer.exec(ctx, `INSERT INTO spoor.place `+placeRows, string(text))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the places of %d addresses: %w", len(addresses), err)
	}
	return nil
}

// placesOf selects the rows of addresses. Those that are asked for together mostly follow one
// another, so that their bounds leave few rows to compare.
func placesOf(addresses []string) (where string, args []any) {
	type key struct{ hi, lo uint64 }
	first, last := key{^uint64(0), ^uint64(0)}, key{}
	for _, a := range addresses {
		var k key
		k.hi, k.lo = entity.ID{Kind: entity.IP, Value: a}.Key()
		first.hi, last.hi = min(first.hi, k.hi), max(last.hi, k.hi)
		first.lo, last.lo = min(first.lo, k.lo), max(last.lo, k.lo)
	}
	where = fmt.Sprintf(`hi BETWEEN %d AND %d AND lo BETWEEN %d AND %d AND `, first.hi, last.hi, first.lo, last.lo)
	if len(addresses) == 1 {
		return where + `address = ?`, []any{addresses[0]}
	}
	return where + `address IN (SELECT unnest(string_split(?, ',')))`, []any{strings.Join(addresses, ",")}
}

// plainText is valid text without the character that JSON in the engine cannot hold.
func plainText(s string) string { return strings.ReplaceAll(validText(s), "\x00", "\uFFFD") }

// Places lists what is kept of addresses. See store.Engine.
func (db *DB) Places(ctx context.Context, addresses []string) ([]store.Place, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	where, args := placesOf(addresses)
	var places []store.Place
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			text := func(i int) string { return strings.Clone(v[i].(string)) }
			places = append(places, store.Place{
				Address: text(0), Database: text(1), First: schema.Ticks(v[2].(int64)), Last: schema.Ticks(v[3].(int64)), Kept: schema.Ticks(v[4].(int64)),
				PlaceFacts: store.PlaceFacts{Country: text(5), CountryCode: text(6), State: text(7), City: text(8), ASN: uint32(v[9].(int64)), Org: text(10)},
			})
			return nil
		}, `SELECT address, database, "first", "last", kept, country, country_code, state, city, asn::BIGINT, org FROM spoor.place WHERE `+where+`
ORDER BY hi, lo, address, database, "first"`, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("look up the places of %d addresses: %w", len(addresses), err)
	}
	return places, nil
}

// forgetPlaces deletes the places of addresses that the ledger has no longer.
func forgetPlaces(ctx context.Context, c *conn) error {
	_, err := c.exec(ctx, `DELETE FROM spoor.place WHERE NOT EXISTS (
		SELECT 1 FROM spoor.ledger WHERE kind = ? AND ledger.hi = place.hi AND ledger.lo = place.lo AND entity = address)`, kindCodes[entity.IP])
	if err != nil {
		return fmt.Errorf("delete places: %w", err)
	}
	return nil
}
