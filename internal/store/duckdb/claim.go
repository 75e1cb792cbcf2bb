package duckdb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
// over the claims costs less than comparing with so many.
const claimKeys = 64

// Claims lists the claims on addresses that touch the span of time, folded by source,
// device, kind of evidence and hour, in the order of address and time; those that only
// tell the holders are folded further and in no order.
func (db *DB) Claims(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error) {
	if len(q.Addresses) == 0 {
		return nil, nil
	}
	var list []store.Claim
	err := db.read(ctx, func(c *conn) (err error) {
		if q.HoldersOnly {
			list, err = c.holders(ctx, q)
			return err
		}
		found, err := c.claims(ctx, q, `source, "first", "last", records, last_raw`, "")
		keys, folded := foldClaims(found)
		list = make([]store.Claim, len(keys))
		for i, key := range keys {
			list[i] = folded[key]
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up claims on %d addresses: %w", len(q.Addresses), err)
	}
	return list, nil
}

// holders folds claims by device and day, and by hour where devices contest an address.
func (c *conn) holders(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error) {
	const folded = `0, min("first"), max("last"), 0, 0`
	daily, err := c.claims(ctx, q, folded, ` GROUP BY site, address, device, device_id, hour // 24`)
	if err != nil {
		return nil, err
	}
	type siteAddress struct{ site, address string }
	holder := make(map[siteAddress]string, len(q.Addresses))
	contested := map[string]bool{}
	for i := range daily {
		d := &daily[i]
		switch device, ok := holder[siteAddress{d.Site, d.Address}]; {
		case !ok:
			holder[siteAddress{d.Site, d.Address}] = d.DeviceID
		case device != d.DeviceID:
			contested[d.Address] = true
		}
	}
	if len(contested) == 0 {
		return daily, nil
	}
	list := slices.DeleteFunc(daily, func(c store.Claim) bool { return contested[c.Address] })
	q.Addresses = slices.Collect(maps.Keys(contested))
	hourly, err := c.claims(ctx, q, folded, ` GROUP BY site, address, device, device_id, hour`)
	return append(list, hourly...), err
}

// claims lists claims with the columns that scanClaim reads: those of who claims what,
// evidence unless they are grouped, and the columns given.
func (c *conn) claims(ctx context.Context, q store.ClaimQuery, columns, groupBy string) ([]store.Claim, error) {
	where, args := claimWhere(q)
	evidence := "evidence"
	if groupBy != "" {
		evidence = "''"
	}
	var found []store.Claim
	err := c.each(ctx, func(v []any) error {
		found = append(found, scanClaim(v))
		return nil
	}, `SELECT site, address, device, device_id, `+evidence+`, `+columns+` FROM spoor.claim`+where+groupBy, args...)
	return found, err
}

func claimWhere(q store.ClaimQuery) (where string, args []any) {
	where = ` WHERE "last" >= ? AND "first" <= ?`
	args = append(args, int64(q.From), int64(q.To))
	if q.Site != "" {
		where += ` AND site = ?`
		args = append(args, q.Site)
	}
	if len(q.Addresses) > claimKeys {
		where += ` AND address IN (SELECT unnest(string_split(?, ',')))`
		return where, append(args, strings.Join(q.Addresses, ","))
	}
	var his, los []string
	for _, a := range q.Addresses {
		hi, lo := entity.ID{Kind: entity.IP, Value: a}.Key()
		his, los = append(his, strconv.FormatUint(hi, 10)), append(los, strconv.FormatUint(lo, 10))
		args = append(args, a)
	}
	where += ` AND hi IN (` + strings.Join(his, ", ") + `) AND lo IN (` + strings.Join(los, ", ") + `)`
	return where + ` AND address IN ` + tuples(1, len(q.Addresses)), args
}

func scanClaim(v []any) store.Claim {
	return store.Claim{
		Site: v[0].(string), Address: v[1].(string), Device: v[2].(string), DeviceID: v[3].(string),
		Evidence: v[4].(string), Source: int32(v[5].(int64)),
		First: schema.Ticks(v[6].(int64)), Last: schema.Ticks(v[7].(int64)),
		Records: v[8].(int64), LastRaw: schema.RawID(v[9].(int64)),
	}
}
