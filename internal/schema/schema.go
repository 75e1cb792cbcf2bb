// Package schema is the catalogue of event tables: their names, columns and types as
// Microsoft Defender XDR and Sentinel define them, our own Spoor tables beside them,
// and which columns hold which observables.
//
// It is the one source of the DDL, the binder's types, the fold into the sightings
// ledger, the editor's completion and the API's documentation. It also defines what a
// value, a row and a moment in time are (Row, Ticks), because every layer above
// exchanges them. It does no I/O.
package schema

import (
	"fmt"
	"strings"

	"spoor/internal/entity"
)

// Type is a scalar type of KQL.
type Type uint8

// The scalar types.
const (
	Unknown  Type = iota
	Bool          // stored as BOOLEAN
	Int           // 32 bits
	Long          // 64 bits
	Real          // IEEE 754 binary64
	Decimal       // exact, 34 digits
	String        // never null
	DateTime      // Ticks
	TimeSpan      // a number of 100 ns ticks
	GUID          // text in lower case, or null
	Dynamic       // JSON text, or null
)

var typeNames = [...]string{
	"unknown", "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic",
}

// String is the name KQL gives the type.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// ParseType reads the KQL name of a type, with the older aliases.
func ParseType(s string) (Type, bool) {
	switch s {
	case "boolean":
		return Bool, true
	case "int32":
		return Int, true
	case "int64":
		return Long, true
	case "double":
		return Real, true
	case "date":
		return DateTime, true
	case "time":
		return TimeSpan, true
	case "uuid", "uniqueid":
		return GUID, true
	case "object":
		return Dynamic, true
	}
	for i, n := range typeNames[1:] {
		if n == s {
			return Type(i + 1), true
		}
	}
	return Unknown, false
}

// Column is one column of an event table.
type Column struct {
	Name string
	Type Type
	// Stored is the name of the physical column. It is unique in its table whatever
	// the case, as SQL engines need and KQL does not guarantee. Two columns with the
	// same Stored are two names of one value (TimeGenerated and Timestamp).
	Stored string
	// Hidden columns can be named in KQL but are left out of "*", search, getschema
	// and results without a projection.
	Hidden bool
	// Local columns are hidden names that exist in the table's own scan only and are
	// not carried through union: the other table family's name of the time column.
	Local bool
	// Constant is the value of a column that is the same in every row and therefore
	// not stored (Type holds the table's name); "" for a stored column.
	Constant string

	// Holds says which observable the column's values are, for the ledger.
	Holds Observable
	// Role is the part an address in this column plays.
	Role entity.Roles
	// Domain names the column with the domain of the account in this one.
	Domain string
	// Version columns hold version numbers, which look like addresses and are not
	// searched for mentioned ones.
	Version bool
	// Derived columns are filled after the record itself was read (the process
	// context), so the ledger does not fold them.
	Derived bool
	Doc     string
}

// MayMention reports whether the column is searched for literal addresses: any text that
// is not itself an observable, a version, or one of our own words.
func (c *Column) MayMention() bool {
	if c.Type != String && c.Type != Dynamic || c.Version || c.Derived || c.Hidden {
		return false
	}
	switch c.Name {
	case "ActionType", "Protocol", "LocalIPType", "RemoteIPType", "DeviceId", "LogonType", "Type", "Format", "RecordType":
		return false
	}
	return c.Holds == HoldsNothing
}

// Observable says what kind of value a column holds.
type Observable uint8

// What a column can hold.
const (
	HoldsNothing Observable = iota
	HoldsAddress            // an IP address, or a list of them in a dynamic
	HoldsURL                // a URL or a bare host name
	HoldsHash
	HoldsAccount // an account name; its domain is in Column.Domain, if that is set
	HoldsDevice
)

// Table is one event table.
type Table struct {
	Name    string
	Columns []Column // in the catalogue's order, hidden ones last
	// Time is the stored name of the event time column.
	Time string
	// Own tables (prefix Spoor) stay out of wildcards: union *, search, find.
	Own bool
	// View tables are computed by the store from its own structures and take no rows.
	View bool
	Doc  string

	byName map[string]int
}

// Column finds a column by its exact KQL name.
func (t *Table) Column(name string) (*Column, bool) {
	i, ok := t.byName[name]
	if !ok {
		return nil, false
	}
	return &t.Columns[i], true
}

// Index is the position of a column in Columns, or -1.
func (t *Table) Index(name string) int {
	if i, ok := t.byName[name]; ok {
		return i
	}
	return -1
}

// Stored lists the columns that exist physically, one for each stored name, in order.
func (t *Table) Stored() []*Column {
	var cols []*Column
	seen := map[string]bool{}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Constant == "" && !seen[c.Stored] {
			seen[c.Stored] = true
			cols = append(cols, c)
		}
	}
	return cols
}

// The hidden columns that every event table has.
const (
	ColSourceKind = "_SourceKind" // what wrote the record: zeek.conn, sysmon.3, …
	ColSourceName = "_SourceName" // file or listener
	ColSite       = "_Site"
	ColRawID      = "_RawId" // the record the row was made from; see RawID
	ColIngestedAt = "_IngestedAt"
	ColOutcome    = "_Outcome" // of a connection or logon; see Outcome
)

var hiddenColumns = []Column{
	{Name: ColSourceKind, Type: String, Doc: "what wrote the record, for example zeek.conn or sysmon.3"},
	{Name: ColSourceName, Type: String, Doc: "the file or listener the record came from"},
	{Name: ColSite, Type: String, Doc: "the site of the organisation the source belongs to"},
	{Name: ColRawID, Type: Long, Doc: "the record this row was made from; copies in other tables have the same"},
	{Name: ColIngestedAt, Type: DateTime, Doc: "when the row was stored; ingestion_time()"},
	{Name: ColOutcome, Type: String, Doc: "what became of the connection or logon: established, permitted, refused, unanswered, blocked, unknown, icmp; empty where that is no question"},
}

// RawID identifies a record for ever: the source's number in the upper 31 bits, the
// record's ordinal in its source in the lower 32.
type RawID int64

// NewRawID joins a source's number and an ordinal.
func NewRawID(source int32, ordinal int64) RawID {
	return RawID(int64(source)<<32 | ordinal&0xffffffff)
}

// Source is the number of the source.
func (id RawID) Source() int32 { return int32(id >> 32) }

// Ordinal is the position of the record in its source, from 0.
func (id RawID) Ordinal() int64 { return int64(id & 0xffffffff) }

// Outcome says what became of a connection.
type Outcome uint8

// The outcomes. Established and Permitted are a contact, the others are not.
const (
	OutcomeNone        Outcome = iota // not a connection
	OutcomeEstablished                // data or a completed handshake was seen
	OutcomePermitted                  // a firewall let it pass
	OutcomeRefused                    // failed: the other side said no
	OutcomeUnanswered                 // failed: nothing came back
	OutcomeBlocked                    // a firewall stopped it
	OutcomeUnknown                    // the sensor could not tell
	OutcomeICMP                       // an ICMP message, answered or not: it opens no connection

	// Outcomes is how many there are. Their numbers stand in every file and never change.
	Outcomes = iota
)

var outcomeNames = [Outcomes]string{"", "established", "permitted", "refused", "unanswered", "blocked", "unknown", "icmp"}

// String is the word shown to users and stored in the _Outcome column.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// ParseOutcome reads the word of an outcome.
func ParseOutcome(s string) Outcome {
	for i, n := range outcomeNames {
		if n == s {
			return Outcome(i)
		}
	}
	return OutcomeUnknown
}

// Contact reports whether the two ends were in contact.
func (o Outcome) Contact() bool { return o == OutcomeEstablished || o == OutcomePermitted }

// Catalog is a set of tables, in name order. It is immutable once built.
type Catalog struct {
	tables   []*Table
	byName   map[string]*Table
	observed map[string]Column
}

// NewCatalog builds a catalogue from tables; later ones replace earlier ones of the
// same name.
func NewCatalog(tables ...*Table) *Catalog {
	c := &Catalog{byName: make(map[string]*Table, len(tables))}
	for _, t := range tables {
		t.index()
		c.byName[t.Name] = t
	}
	for _, t := range tables {
		if c.byName[t.Name] == t {
			c.tables = append(c.tables, t)
		}
	}
	sortTables(c.tables)
	c.observed = observed(c.tables)
	return c
}

// observed finds the names of text columns that mean the same observable in every table
// that reads one from them.
func observed(tables []*Table) map[string]Column {
	found := map[string]Column{}
	var torn []string
	for _, t := range tables {
		for i := range t.Columns {
			c := Column{Name: t.Columns[i].Name, Type: t.Columns[i].Type, Holds: t.Columns[i].Holds, Domain: t.Columns[i].Domain}
			if t.Columns[i].Derived {
				c.Holds = HoldsHash
			}
			// What one table alone calls Name is a name of anything elsewhere.
			_, alone := exceptions[t.Name+"."+c.Name]
			if c.Type != String || c.Holds == HoldsNothing || alone && c.Holds == HoldsURL {
				continue
			}
			if before, ok := found[c.Name]; ok && before != c {
				torn = append(torn, c.Name)
			}
			found[c.Name] = c
		}
	}
	for _, name := range torn {
		delete(found, name)
	}
	return found
}

// Observed says what a text column of a result holds that has the name of catalogue
// columns, and the name of the column with the domain of the account in it, "" for none.
// HoldsNothing is the answer where tables mean different things by the name.
func (c *Catalog) Observed(name string) (holds Observable, domain string) {
	column := c.observed[name]
	return column.Holds, column.Domain
}

// Table finds a table by its exact name.
func (c *Catalog) Table(name string) (*Table, bool) {
	t, ok := c.byName[name]
	return t, ok
}

// MustTable is Table for names written in code; it panics on an unknown one.
func (c *Catalog) MustTable(name string) *Table {
	t, ok := c.byName[name]
	if !ok {
		panic("schema: no table " + name)
	}
	return t
}

// Tables lists all tables in name order. The slice must not be changed.
func (c *Catalog) Tables() []*Table { return c.tables }

// index fills what can be derived from the columns: the map of names and the stored
// names, which must differ in more than case.
func (t *Table) index() {
	if t.byName != nil {
		return
	}
	t.byName = make(map[string]int, len(t.Columns))
	taken := map[string]bool{}
	for i := range t.Columns {
		c := &t.Columns[i]
		t.byName[c.Name] = i
		if c.Stored == "" && c.Constant == "" {
			c.Stored = c.Name
			for n := 2; taken[strings.ToLower(c.Stored)]; n++ {
				c.Stored = fmt.Sprintf("%s_%d", c.Name, n)
			}
		}
		taken[strings.ToLower(c.Stored)] = true
	}
}
