package duckdb

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// layoutVersion is the version of the tables below. A file with a higher one was
// written by a newer program and is refused.
//
// Version 2 added spoor.mark and spoor.gap, version 3 spoor.place.
const layoutVersion = 3

// Schemas of the file: event has a view for every event table, with all columns of the
// catalogue; stored has the rows, with the columns that were ever filled; spoor has
// the rest.
const (
	eventSchema  = "event"
	storedSchema = "stored"
	spoorSchema  = "spoor"
)

// quote writes a name for SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// eventView is the quoted name under which an event table is read.
func eventView(name string) string { return eventSchema + "." + quote(name) }

// storedTable is the quoted name under which it is written.
func storedTable(name string) string { return storedSchema + "." + quote(name) }

// internalTables are created with the file.
//
// None has an index: what is looked up often is kept sorted, and the others are small.
var internalTables = []string{
	`CREATE TABLE spoor.meta (version INTEGER NOT NULL, next_source INTEGER NOT NULL)`,
	`CREATE TABLE spoor.source (
		id INTEGER NOT NULL, name VARCHAR NOT NULL, site VARCHAR NOT NULL, format VARCHAR NOT NULL,
		ordinal BIGINT NOT NULL, "offset" BIGINT NOT NULL, hash BLOB NOT NULL, head BLOB NOT NULL, state BLOB NOT NULL,
		clock_offset BIGINT NOT NULL,
		stored BIGINT NOT NULL, unmapped BIGINT NOT NULL, quarantined BIGINT NOT NULL, counts VARCHAR NOT NULL,
		first_ingested BIGINT NOT NULL, last_ingested BIGINT NOT NULL)`,
	`CREATE TABLE spoor.applied (
		key VARCHAR NOT NULL, source INTEGER NOT NULL, counts VARCHAR NOT NULL, ingested BIGINT NOT NULL)`,
	`CREATE TABLE spoor.coverage (
		source INTEGER NOT NULL, source_kind VARCHAR NOT NULL, "table" VARCHAR NOT NULL,
		records BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL)`,
	`CREATE TABLE spoor.page (
		source INTEGER NOT NULL, first BIGINT NOT NULL, count INTEGER NOT NULL, ingested BIGINT NOT NULL, data BLOB NOT NULL)`,
	marksDDL,
	gapsDDL,
	`CREATE TABLE spoor.device_alias (from_id VARCHAR NOT NULL, to_id VARCHAR NOT NULL)`,
	contextsDDL,
	placesDDL,
	ledger.ddl(),
	claims.ddl(),
}

// internalViews show the structures above as the tables of the catalogue.
func internalViews() []string {
	return []string{
		`CREATE OR REPLACE VIEW ` + eventView(schema.SpoorSightings) + ` AS ` + sightingsView(),
		`CREATE OR REPLACE VIEW ` + eventView(schema.SpoorAddressHolders) + ` AS ` + holdersView(),
		`CREATE OR REPLACE VIEW ` + eventView(schema.SpoorPlaces) + ` AS ` + placesView,
		`CREATE OR REPLACE VIEW ` + eventView(schema.SpoorSources) + ` AS ` + sourcesView,
	}
}

const sourcesView = `
SELECT id::BIGINT AS "SourceId", name AS "SourceName", site AS "Site", format AS "Format",
	clock_offset AS "ClockOffset", "offset" AS "Bytes", stored + unmapped + quarantined AS "Records",
	stored AS "Stored", unmapped AS "Unmapped", quarantined AS "Quarantined",
	first_ingested AS "FirstIngestedAt", last_ingested AS "LastIngestedAt"
FROM spoor.source`

// sightingsView adds up the rows of different sources and different runs, so that a
// row is one ledger key and the sum over any selection is the truth.
func sightingsView() string {
	return `
SELECT ` + caseOf("kind", kindNames) + ` AS "Kind", entity AS "Entity", source_kind AS "SourceKind", site AS "Site",
	device AS "DeviceName", peer AS "Peer", "table" AS "TableName",
	day * ` + fmt.Sprint(int64(schema.TicksPerDay)) + ` AS "Day",
	` + rolesJSON("roles") + ` AS "Roles", ` + caseOf("outcome", outcomeNames()) + ` AS "Outcome",
	sum(records)::BIGINT AS "Records", min(first) AS "FirstSeen", max(last) AS "LastSeen",
	sum(bytes_out)::BIGINT AS "BytesOut", sum(bytes_in)::BIGINT AS "BytesIn",
	` + latest("last_raw") + ` AS "LastRawId", device_id AS "_DeviceId",
	` + latest("last_process") + ` AS "_LastProcess", ` + latest("last_account") + ` AS "_LastAccount",
	` + latest("last_port") + ` AS "_LastPort", ` + latest("last_action") + ` AS "_LastActionType"
FROM spoor.ledger JOIN spoor.context ON context = id
GROUP BY kind, hi, lo, entity, day, context, source_kind, site, device, device_id, "table", peer, roles, outcome`
}

func holdersView() string {
	return `
SELECT site AS "Site", address AS "Address", device AS "DeviceName", device_id AS "DeviceId", evidence AS "Evidence",
	min(first) AS "FirstSeen", max(last) AS "LastSeen", sum(records)::BIGINT AS "Records", ` + latest("last_raw") + ` AS "LastRawId"
FROM spoor.claim
GROUP BY hi, lo, site, address, device, device_id, evidence, hour`
}

// latest is the value of a column in the row with the latest event; of two at the same
// time the one with the higher record.
func latest(column string) string {
	return "arg_max(" + column + `, "last"::HUGEINT * 9223372036854775808 + last_raw)`
}

// caseOf writes small numbers as their names.
func caseOf(column string, names map[uint8]string) string {
	var b strings.Builder
	b.WriteString("CASE " + column)
	for code := range uint8(len(names) + 1) {
		if name, ok := names[code]; ok {
			fmt.Fprintf(&b, " WHEN %d THEN '%s'", code, name)
		}
	}
	return b.String() + " ELSE '' END"
}

// rolesJSON writes a set of roles as a JSON array of their names.
func rolesJSON(column string) string {
	var parts []string
	for i := range 16 {
		if names := entity.Roles(1 << i).Names(); len(names) == 1 {
			parts = append(parts, fmt.Sprintf(`CASE WHEN %s & %d <> 0 THEN ',"%s"' ELSE '' END`, column, 1<<i, names[0]))
		}
	}
	return "'[' || ltrim(concat(" + strings.Join(parts, ", ") + "), ',') || ']'"
}

func outcomeNames() map[uint8]string {
	names := map[uint8]string{}
	for o := range schema.Outcome(schema.Outcomes) {
		names[uint8(o)] = o.String()
	}
	return names
}

// kindCodes are the numbers by which the ledger keeps and sorts kinds. They stand in
// every file and never change.
var kindCodes = map[entity.Kind]uint8{
	entity.IP: 1, entity.Domain: 2, entity.URL: 3, entity.Hash: 4, entity.Account: 5, entity.Device: 6,
}

var deviceCode = kindCodes[entity.Device]

var kindNames = func() map[uint8]string {
	names := map[uint8]string{}
	for kind, code := range kindCodes {
		names[code] = string(kind)
	}
	return names
}()

// layout is how an event table lies in the file.
type layout struct {
	table   *schema.Table
	stored  []*schema.Column
	indexOf []int // of a column of the table in stored, -1 when it is not stored
	time    int   // index of the event time in stored
	// indexes of the hidden columns in stored
	sourceKind, sourceName, site, rawID, ingestedAt, outcome int
}

func newLayout(t *schema.Table) *layout {
	l := &layout{table: t, stored: t.Stored(), indexOf: make([]int, len(t.Columns))}
	byName := map[string]int{}
	for i, c := range l.stored {
		byName[c.Stored] = i
	}
	for i := range t.Columns {
		l.indexOf[i] = -1
		if at, ok := byName[t.Columns[i].Stored]; ok && t.Columns[i].Constant == "" {
			l.indexOf[i] = at
		}
	}
	l.time = byName[t.Time]
	for name, at := range map[string]*int{
		schema.ColSourceKind: &l.sourceKind, schema.ColSourceName: &l.sourceName, schema.ColSite: &l.site,
		schema.ColRawID: &l.rawID, schema.ColIngestedAt: &l.ingestedAt, schema.ColOutcome: &l.outcome,
	} {
		*at = byName[name]
	}
	return l
}

// hidden lists the columns that every row fills, by their index in stored.
func (l *layout) hidden() []int {
	return []int{l.sourceKind, l.sourceName, l.site, l.rawID, l.ingestedAt, l.outcome}
}

// create makes the table with some of its columns. A column that no row fills would
// cost as much to write as one that is filled, and most rows fill a tenth of theirs.
func (l *layout) create(has map[string]bool) string {
	var columns []string
	for _, c := range l.stored {
		if has[c.Stored] {
			columns = append(columns, quote(c.Stored)+" "+sqlType(c.Type))
		}
	}
	return "CREATE TABLE " + storedTable(l.table.Name) + " (" + strings.Join(columns, ", ") + ")"
}

// addColumn adds a column, in which the rows that are there hold the default.
func (l *layout) addColumn(c *schema.Column) string {
	return "ALTER TABLE " + storedTable(l.table.Name) + " ADD COLUMN " + quote(c.Stored) + " " + sqlType(c.Type)
}

// view shows the table with all columns of the catalogue, in its order.
func (l *layout) view(has map[string]bool) string {
	return "CREATE OR REPLACE VIEW " + eventView(l.table.Name) + " AS " + l.selected(has, storedTable(l.table.Name))
}

// selected reads all columns of the catalogue from a table that has some of them.
func (l *layout) selected(has map[string]bool, from string) string {
	columns := make([]string, len(l.stored))
	for i, c := range l.stored {
		switch {
		case has[c.Stored]:
			columns[i] = quote(c.Stored)
		case c.Type == schema.String:
			columns[i] = "'' AS " + quote(c.Stored)
		default:
			columns[i] = "NULL::" + sqlType(c.Type) + " AS " + quote(c.Stored)
		}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + from
}

// sqlType is how values of a type are stored. Moments and spans are ticks, because
// DuckDB's own types reject the years 1, 1601 and 9999; decimals are text, because no
// fixed scale holds all of them.
func sqlType(t schema.Type) string {
	switch t {
	case schema.Bool:
		return "BOOLEAN"
	case schema.Int:
		return "INTEGER"
	case schema.Long, schema.DateTime, schema.TimeSpan:
		return "BIGINT"
	case schema.Real:
		return "DOUBLE"
	case schema.String:
		return "VARCHAR DEFAULT ''" // and never null: rows leave it out or fill it
	default:
		return "VARCHAR"
	}
}

// arrowType is the Arrow type of a stored type.
func arrowType(t schema.Type) arrow.DataType {
	switch t {
	case schema.Bool:
		return arrow.FixedWidthTypes.Boolean
	case schema.Int:
		return arrow.PrimitiveTypes.Int32
	case schema.Long, schema.DateTime, schema.TimeSpan:
		return arrow.PrimitiveTypes.Int64
	case schema.Real:
		return arrow.PrimitiveTypes.Float64
	default:
		return arrow.BinaryTypes.String
	}
}
