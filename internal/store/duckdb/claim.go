package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// claims says which device held which address. A row is what the records of one source
// and source kind say of one hour.
var claims = &runTable{
	name: "spoor.claim",
	columns: []runColumn{
		{name: "hi", typ: "UBIGINT"},
		{name: "lo", typ: "UBIGINT"},
		{name: "address", typ: "VARCHAR"},
		{name: "site", typ: "VARCHAR"},
		{name: "hour", typ: "INTEGER"},
		{name: "device", typ: "VARCHAR"},
		{name: "device_id", typ: "VARCHAR"},
		{name: "evidence", typ: "VARCHAR"},
		{name: "source", typ: "INTEGER"},
		{name: "first", typ: "BIGINT", fold: `min("first")`},
		{name: "last", typ: "BIGINT", fold: `max("last")`},
		{name: "records", typ: "BIGINT", fold: `sum(records)::BIGINT`},
		{name: "last_raw", typ: "BIGINT", fold: latest("last_raw")},
	},
	order: `hi, lo, address, site, hour, device, device_id, evidence, source`,
}

// claimKey is what claims are folded by.
type claimKey struct {
	hi, lo                                    uint64
	address, site, device, deviceID, evidence string
	source                                    int32
	hour                                      int32
}

func keyOfClaim(c *store.Claim) claimKey {
	hi, lo := entity.ID{Kind: entity.IP, Value: c.Address}.Key()
	return claimKey{
		hi: hi, lo: lo, address: c.Address, site: c.Site, device: c.Device, deviceID: c.DeviceID,
		evidence: c.Evidence, source: c.Source, hour: int32(c.First / schema.TicksPerHour),
	}
}

func compareClaims(a, b claimKey) int {
	return cmp.Or(
		cmp.Compare(a.hi, b.hi), cmp.Compare(a.lo, b.lo), cmp.Compare(a.address, b.address),
		cmp.Compare(a.site, b.site), cmp.Compare(a.hour, b.hour), cmp.Compare(a.device, b.device),
		cmp.Compare(a.deviceID, b.deviceID), cmp.Compare(a.evidence, b.evidence), cmp.Compare(a.source, b.source),
	)
}

// foldClaims folds claims with the same key and sorts them as the table is sorted.
func foldClaims(claims []store.Claim) ([]claimKey, map[claimKey]store.Claim) {
	folded := make(map[claimKey]store.Claim, len(claims))
	for i := range claims {
		b := &claims[i]
		key := keyOfClaim(b)
		a, ok := folded[key]
		if !ok {
			folded[key] = *b
			continue
		}
		a.Records += b.Records
		if b.Last > a.Last || b.Last == a.Last && b.LastRaw > a.LastRaw {
			a.LastRaw = b.LastRaw
		}
		a.First, a.Last = min(a.First, b.First), max(a.Last, b.Last)
		folded[key] = a
	}
	keys := make([]claimKey, 0, len(folded))
	for key := range folded {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareClaims)
	return keys, folded
}

// fillClaims sets the columns of a run, in the order of claims.columns.
func fillClaims(columns []namedColumn, batch []store.Claim) int {
	keys, folded := foldClaims(batch)
	for row, key := range keys {
		c := folded[key]
		next := cells{columns: columns, row: row}
		next.wide(key.hi)
		next.wide(key.lo)
		next.text(key.address)
		next.text(key.site)
		next.number(key.hour)
		next.text(key.device)
		next.text(key.deviceID)
		next.text(key.evidence)
		next.number(key.source)
		next.wide(uint64(c.First))
		next.wide(uint64(c.Last))
		next.wide(uint64(c.Records))
		next.wide(uint64(c.LastRaw))
	}
	return len(keys)
}

// claimKeys is up to how many addresses are looked up by their keys. For more, one pass
// over the claims costs less than binding and joining so many keys.
const claimKeys = 64

// Claims lists the claims on addresses that touch the span of time, folded by source,
// device, kind of evidence and hour, in the order of address and time; those that only
// tell the holders are folded further and in no order.
func (db *DB) Claims(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error) {
	if len(q.Addresses) == 0 {
		return nil, nil
	}
	var found []store.Claim
	err := db.read(ctx, func(c *conn) error {
		sql, args := claimSelect(q)
		return c.each(ctx, func(v []any) error {
			found = append(found, scanClaim(v))
			return nil
		}, sql, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("look up claims on %d addresses: %w", len(q.Addresses), err)
	}
	if q.HoldersOnly {
		return found, nil
	}
	keys, folded := foldClaims(found)
	list := make([]store.Claim, len(keys))
	for i, key := range keys {
		list[i] = folded[key]
	}
	return list, nil
}

func claimSelect(q store.ClaimQuery) (sql string, args []any) {
	wanted := `(SELECT unnest(string_split(?, ',')) AS address) AS wanted USING (address)`
	if len(q.Addresses) <= claimKeys {
		rows := make([]string, len(q.Addresses))
		for i, a := range q.Addresses {
			hi, lo := entity.ID{Kind: entity.IP, Value: a}.Key()
			rows[i] = "(?::UBIGINT, ?::UBIGINT, ?::VARCHAR)"
			args = append(args, hi, lo, a)
		}
		wanted = `(VALUES ` + strings.Join(rows, ", ") + `) AS wanted(hi, lo, address) USING (hi, lo, address)`
	} else {
		args = append(args, strings.Join(q.Addresses, ","))
	}
	from := ` FROM spoor.claim JOIN ` + wanted + ` WHERE "last" >= ? AND "first" <= ?`
	args = append(args, int64(q.From), int64(q.To))
	if q.Site != "" {
		from += ` AND site = ?`
		args = append(args, q.Site)
	}
	if q.HoldersOnly {
		return holdersSelect(from), args
	}
	return `SELECT site, address, device, device_id, evidence, source, "first", "last", records, last_raw` + from, args
}

// holdersSelect folds claims by device and hour, or day where one device alone claims
// an address.
func holdersSelect(from string) string {
	return `WITH held AS (SELECT site, address, device, device_id, hour, "first", "last"` + from + `),
		sole AS (SELECT site, address, min(device_id) = max(device_id) AS sole FROM held GROUP BY site, address)
	SELECT site, address, device, device_id, '', 0, min("first"), max("last"), 0, 0 FROM held JOIN sole USING (site, address)
	GROUP BY site, address, device, device_id, CASE WHEN sole THEN hour // 24 ELSE hour END`
}

func scanClaim(v []any) store.Claim {
	return store.Claim{
		Site: v[0].(string), Address: v[1].(string), Device: v[2].(string), DeviceID: v[3].(string),
		Evidence: v[4].(string), Source: int32(v[5].(int64)),
		First: schema.Ticks(v[6].(int64)), Last: schema.Ticks(v[7].(int64)),
		Records: v[8].(int64), LastRaw: schema.RawID(v[9].(int64)),
	}
}
