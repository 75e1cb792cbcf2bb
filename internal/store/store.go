// Package store is what the product and an event store exchange: the batch that one
// commit takes, and the rows that one query gives. The engines (duckdb) live below it,
// the suite that states their promises in storetest.
//
// An engine promises: a batch is committed whole or not at all; once Append has
// returned nil, no crash loses it; a batch appended again (same source, same first
// ordinal) changes nothing; rows, raw records, sightings, claims and the source's
// position are of one commit; RemoveSource takes all of that back out, in one commit.
package store

import (
	"context"
	"errors"
	"net/netip"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Errors that callers tell apart.
var (
	// ErrNotFound: no such source, raw record or batch.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the batch does not follow on the source's position.
	ErrConflict = errors.New("the source is not at this position")
	// ErrDiskFull: less free space than the engine's reserve; nothing was written.
	ErrDiskFull = errors.New("not enough free disk space")
)

// Source is one file, stream or listener that records came from, and how far it has
// been read. Its identity is the content: (Site, the bytes up to Offset).
type Source struct {
	ID     int32 // given by OpenSource, never used again
	Name   string
	Site   string
	Format string // wire format, for example "zeek.tsv"

	// Position: records and decompressed bytes read and committed, and the running
	// hash of those bytes.
	Ordinal int64
	Offset  int64
	Hash    []byte
	// Head is the hash of the first HeadSize bytes (or all, when fewer), by which
	// OpenSources finds candidates.
	Head []byte
	// State is what the decoder needs to go on in the middle of the source (the
	// header of a Zeek TSV file, say). Opaque to the store.
	State []byte

	ClockOffset schema.Ticks // added to the records' own times
	Counts      Counts

	FirstIngested, LastIngested schema.Ticks
}

// HeadSize is how many leading bytes Source.Head covers.
const HeadSize = 4096

// Counts says what became of a source's records: Read = Stored + Unmapped +
// Quarantined (+ those already known, which a run counts for itself).
type Counts struct {
	Stored      int64
	Unmapped    int64
	Quarantined int64
	// ByTable counts the rows stored, copies too.
	ByTable map[string]int64
	// UnmappedTypes counts unmapped records by their type.
	UnmappedTypes map[string]int64
	// Unresolved counts records whose process was looked for and not found.
	Unresolved int64
}

// Batch is what one commit takes. All its records follow one another in one source.
type Batch struct {
	// Source is the position after the batch; From the ordinal of its first record.
	Source *Source
	From   int64
	// Key makes a client's repetition harmless (HTTP Idempotency-Key); may be empty.
	Key string

	IngestedAt schema.Ticks
	Records    []Record
	// Gaps are the bytes of the batch that belong to no record, in order: with the raw
	// records they give the content of the source back. nil: they are not kept.
	Gaps []Gap
	// Marks are those that lie in the batch.
	Marks     []Mark
	Sightings []Sighting
	Claims    []Claim
}

// Record is one record of the batch with the rows made of it.
type Record struct {
	Ordinal int64
	Offset  int64
	Raw     []byte // the record's bytes; the engine does not keep the slice
	Kind    string // source kind
	Rows    []schema.Row
	Outcome schema.Outcome
}

// Gap is bytes of a source that belong to no record: line ends, header lines, the
// punctuation of an array.
type Gap struct {
	// Records is before how many records in a row they stand; 0: behind the last one.
	Records int64
	Bytes   []byte
}

// Mark is the hash of the bytes of a source before Offset, by which the beginning of a
// source is recognised. Sources have one at every power of two.
type Mark struct {
	Offset int64
	Hash   []byte
}

// Sighting is one row of the ledger: what one source's records of one day said of one
// entity in one constellation.
type Sighting struct {
	SightingKey
	Records           int64
	First, Last       schema.Ticks
	BytesOut, BytesIn int64
	LastEvent         LastEvent
}

// SightingKey is what sightings are folded by. Rows of different sources are kept
// apart, so that a source can be removed; look-ups add them up.
type SightingKey struct {
	Kind       entity.Kind
	Entity     string // canonical text
	SourceKind string
	Source     int32
	Site       string
	Device     string // as reported, lower case; empty for sensors that name no host
	DeviceID   string // empty with Device
	Peer       string // canonical address of the other end; empty when there is none
	Table      string // primary table
	Day        int32  // schema.Ticks.Day of event time
	Roles      entity.Roles
	Outcome    schema.Outcome
}

// LastEvent is enough of the latest record for a device list without a look at raw
// events. Its time is Sighting.Last.
type LastEvent struct {
	RawID   schema.RawID
	Process string
	Account string
	Port    int32
	Action  string
}

// Claim says that a device held an address between First and Last, both within one
// hour of event time, by Records records of one source kind.
type Claim struct {
	Site     string
	Address  string
	Device   string // as reported
	DeviceID string
	Evidence string // source kind
	Source   int32
	First    schema.Ticks
	Last     schema.Ticks
	Records  int64
	LastRaw  schema.RawID
}

// Place is what a geo or ASN database said of an address: the same in all of its builds that
// were asked from the First to the Last.
type Place struct {
	Address  string // canonical
	Database string // name, the same for every build
	// First and Last are when those builds were made.
	First, Last schema.Ticks
	Kept        schema.Ticks // when the first of them was asked that said it
	PlaceFacts
}

// PlaceFacts are what a database says; all are empty when it has no record of the address.
type PlaceFacts struct {
	Country, CountryCode, State, City string
	ASN                               uint32
	Org                               string
}

// PlaceBuild is a build of a database.
type PlaceBuild struct {
	Database string
	Built    schema.Ticks
}

// DeviceAlias says that two DeviceIds are one device: From is shown as To.
type DeviceAlias struct{ From, To string }

// LedgerQuery selects ledger rows of one entity, or of many addresses.
type LedgerQuery struct {
	Kind   entity.Kind
	Entity string
	// Among asks, in place of Entity, for the rows of each of these addresses; Kind is IP.
	Among *Addresses
	Site  string // empty: all sites
	// FromDay and ToDay bound the day, both inclusive; zero ToDay means no bound.
	FromDay, ToDay int32
	// Roles are those that a sighting's set must hold, all of them; 0 for any.
	Roles entity.Roles
}

// Addresses is many addresses.
type Addresses struct {
	// First and Last are the outermost, of one family unless there is a list.
	First, Last netip.Addr
	// List is which of those in between, as canonical text; nil: all.
	List []string
}

// Stretch is what the ledger says of one entity in one constellation over StretchDays
// at most: its sightings that differ by source and day alone, added up.
type Stretch struct {
	SightingKey // Source is 0, Day the first day of the stretch, whether seen on it or not
	// Days are the days with records: bit i is Day+i.
	Days              uint32
	Records           int64
	First, Last       schema.Ticks
	BytesOut, BytesIn int64
	// Earliest and Latest bound the time of day: on none of the days is there a record
	// before the one or after the other.
	Earliest, Latest schema.Ticks
	// LastRaw is the latest record, LastNamed whether it names a process. LastEvents
	// tells the rest of it.
	LastRaw   schema.RawID
	LastNamed bool
}

// StretchDays is how many days a stretch spans at most.
const StretchDays = 32

// StretchQuery selects stretches of one entity.
type StretchQuery struct {
	LedgerQuery
	// Cuts are days, ascending, before which a stretch ends, so that none lies on both
	// sides of them.
	Cuts []int32
	// Peers are those at the other end, each with further days before which its stretches
	// end; nil for all.
	Peers map[string][]int32
	// Sensors leaves out what devices reported.
	Sensors bool
	// Together adds the addresses that are asked for up, whoever was at the other end: the
	// stretches name neither. A record of which two of them are the ends counts once,
	// unless it is a role that is asked for.
	Together bool
}

// Named is an entity with sightings that are more than mentions.
type Named struct {
	entity.ID
	First, Last schema.Ticks
}

// Span is what was seen of a run of addresses, mere mentions left out.
type Span struct {
	Addresses   int64
	First, Last schema.Ticks // zero without addresses
}

// TimeSpan is from a first to a last record.
type TimeSpan struct{ First, Last schema.Ticks }

// Extent is how much the ledger has of what a query selects, mere mentions left out.
type Extent struct {
	Rows        int64 // sightings
	Addresses   int64 // entities
	First, Last schema.Ticks
}

// AddressQuery selects addresses and puts them in order.
type AddressQuery struct {
	LedgerQuery
	Order   AddressOrder
	Reverse bool
	// Counting are the source kinds whose records decide the order by records; those of
	// other kinds do for addresses that have none of them.
	Counting      []string
	Limit, Offset int // Limit 0 is none
	// From and To bound the time, To exclusive: of the days in which they lie, what a device
	// and a peer had to do with each other counts whole when it reaches into the period, as
	// it does in stretches that are cut there. To 0: nothing but the days bounds it.
	From, To schema.Ticks
}

// AddressOrder is an order of addresses that the ledger can be read in.
type AddressOrder string

// The orders.
const (
	ByAddress AddressOrder = "address" // upwards
	ByLast    AddressOrder = "last"    // the latest first
	ByFirst   AddressOrder = "first"   // the latest first seen first
	ByRecords AddressOrder = "records" // of the source kind that has most of each, most first
)

// DayCount is the records of one source kind and outcome on one day, without mere mentions.
type DayCount struct {
	SourceKind string
	Day        int32
	Outcome    schema.Outcome
	Records    int64
}

// TallyQuery selects the sightings that tallies add up, and how far.
type TallyQuery struct {
	LedgerQuery
	// Devices are those whose records are added up, as reported, "" for sensors that name
	// no host; nil: all devices.
	Devices []string
	// AnyDevice and AnyDay add up the records of all devices, and of all days: the
	// tallies name none. An entity can have a hundred times as many tallies without.
	AnyDevice, AnyDay bool
}

// Tally is the records of one kind, reported by one device, that name an entity on one
// day in the same parts and with the same outcome, whoever was at the other end.
type Tally struct {
	SourceKind string
	Site       string
	Device     string // as reported; empty for sensors that name no host, and of AnyDevice
	Table      string // primary table
	Day        int32  // 0 of AnyDay
	Roles      entity.Roles
	Outcome    schema.Outcome
	// Inside marks records that are counted in another tally of the same query too: of
	// two addresses that the query asks for, which are both ends, this is the destination.
	Inside      bool
	Records     int64
	First, Last schema.Ticks
}

// ClaimQuery selects claims on addresses near a span of time.
type ClaimQuery struct {
	Addresses []string
	Site      string // empty: all sites
	From, To  schema.Ticks
	// HoldersOnly asks for no more than tells who held an address when: the claims come
	// without evidence, source and records, and where one device alone claims the
	// address in the span, its claims of a day are one.
	HoldersOnly bool
}

// Coverage says what of one source kind there is in the ledger.
type Coverage struct {
	SourceKind  string
	Site        string
	Table       string
	Records     int64
	First, Last schema.Ticks
}

// Column is a column of a result as the engine gives it.
type Column struct {
	Name string
	Type string // the engine's own word
}

// Rows streams the result of a query. It must be closed. The values of a row are nil,
// bool, int64, float64, string or []byte, valid until the next call of Next.
type Rows interface {
	Columns() []Column
	Next() bool
	Values() []any
	Err() error
	Close() error
}

// Input is a table that a query brings along: rows that no event table holds. SQL reads
// it as spoor_input(ID), with the columns i0, i1 …; a null string is empty. Values
// are nil, bool (Bool), int64 (Int, Long, DateTime, TimeSpan), float64 (Real) or string
// (all else).
type Input struct {
	ID    int // by which the query's SQL reads it
	Types []schema.Type
	Rows  [][]any
}

// Sighted says that records of a source between two moments name an entity.
type Sighted struct {
	Source      int32
	First, Last schema.Ticks
}

// MaxSighted is how many places Snapshot.Sighted names at most. Whoever looks for what is
// seen in more need not know where.
const MaxSighted = 4096

// Sightings tell where the records are that name some entities.
type Sightings struct {
	Of map[entity.ID][]Sighted // an entity that no record names is missing
	// Sources is a number above that of every source there is.
	Sources int32
}

// Snapshot is what the store held at one moment, for the queries that one answer is
// made of. It must be closed. It is not safe for concurrent use, and the rows of a
// query must be closed before the next one starts.
type Snapshot interface {
	// Query runs SQL that kql wrote, read-only, with no access to files or settings.
	// The rows of the inputs must not change until the result is closed.
	Query(ctx context.Context, sql string, args []any, inputs ...Input) (Rows, error)
	// Sighted tells, from the ledger, where the records are that name some entities; nil
	// when that is in more than MaxSighted places.
	Sighted(ctx context.Context, ids []entity.ID) (*Sightings, error)
	// Excerpt gives the name, as SQL, of a table that holds the rows of an event table in one
	// of whose address columns stands the text of an address, as of the snapshot, with the
	// columns that the event table is read with. It is kept for those who ask next, and
	// there until the snapshot is closed. "": there is none to be had, because the rows are
	// too many, or not to be told from the ledger, or something is being committed.
	Excerpt(ctx context.Context, table, address string) (name string, err error)
	Close() error
}

// Engine is everything an event store does. Callers declare the part they need; the
// whole is written down here once, for storetest and for those who add an engine.
type Engine interface {
	// OpenSources lists the candidates for "the same content, perhaps grown": the
	// sources of a site whose Head equals head, and all those shorter than HeadSize,
	// whose Head covers less.
	OpenSources(ctx context.Context, site string, head []byte) ([]Source, error)
	// LongerSources lists the sources of a site that are longer than size and that begin
	// as the mark says, oldest first.
	LongerSources(ctx context.Context, site string, m Mark, size int64) ([]Source, error)
	// Content hands the bytes of a source between two offsets to yield, piece by piece,
	// each valid until yield returns. ErrNotFound when they are not all kept: their raw
	// records have expired, or a batch came without its gaps. An error of yield ends it.
	Content(ctx context.Context, id int32, from, to int64, yield func(piece []byte) error) error
	// CreateSource gives a new source its ID. It takes part in nothing until its first
	// batch is committed.
	CreateSource(ctx context.Context, s *Source) error
	// Append commits a batch. Source.Ordinal, Offset and Hash become the position. The
	// ordinals of the records have no gaps: the first is From, and the one after the
	// last is Source.Ordinal.
	//
	// A batch that lies wholly before the stored position is known and changes nothing,
	// nor does one whose Key a batch of another source had; neither is an error. One
	// that begins elsewhere than at the position is ErrConflict. A source that was not
	// created, or was removed, is ErrNotFound.
	Append(ctx context.Context, b *Batch) error
	// AppliedKey reports whether a batch with that key was committed, with the counts
	// its source then had.
	AppliedKey(ctx context.Context, key string) (Counts, bool, error)
	Sources(ctx context.Context) ([]Source, error)
	RemoveSource(ctx context.Context, id int32) error
	// SourceDevices lists the devices that report in a source: name as reported → DeviceId.
	SourceDevices(ctx context.Context, id int32) (map[string]string, error)
	// RenameDevices gives what a source reported under some names other DeviceIds, in one
	// commit. ids is name as reported → DeviceId.
	RenameDevices(ctx context.Context, source int32, ids map[string]string) error
	// Expire removes events and raw records ingested before the moment, never the ledger.
	Expire(ctx context.Context, before schema.Ticks) (rows int64, err error)

	// Raw is a record's bytes.
	Raw(ctx context.Context, id schema.RawID) ([]byte, error)

	Ledger(ctx context.Context, q LedgerQuery) ([]Sighting, error)
	// Stretches adds up what Ledger lists, in no order: an entity has far fewer of them
	// than sightings.
	Stretches(ctx context.Context, q StretchQuery) ([]Stretch, error)
	// StretchesOf adds up the sightings of many entities of all time, in one look. Those
	// without any have no stretch.
	StretchesOf(ctx context.Context, ids []entity.ID, site string) ([]Stretch, error)
	// Named lists entities by the beginning of their text, those seen last first.
	Named(ctx context.Context, prefix string, limit int) ([]Named, error)
	// Span adds up the addresses from first to last that have sightings at a site; an empty
	// one is all sites.
	Span(ctx context.Context, first, last netip.Addr, site string) (Span, error)
	// Extent tells how much a query selects.
	Extent(ctx context.Context, q LedgerQuery) (Extent, error)
	// AddressesBy lists the addresses of a query with sightings that are more than
	// mentions. Equal ones are in the order of addresses.
	AddressesBy(ctx context.Context, q AddressQuery) ([]string, error)
	// AddressSpans tells, by site, from when to when a source kind has records that name any
	// address, on the days between two, both inclusive.
	AddressSpans(ctx context.Context, sourceKind string, fromDay, toDay int32) (map[string]TimeSpan, error)
	// Activity is Stretches and, of the same state of the store, what Ledger lists for another
	// query added up by source kind, day and outcome, mentions left out. Of many addresses
	// a record of which two are the ends counts once, unless it is a role that is asked for.
	Activity(ctx context.Context, q StretchQuery, days LedgerQuery) ([]Stretch, []DayCount, error)
	// Tallies adds up what Ledger lists by what a record itself says, in order of days.
	Tallies(ctx context.Context, q TallyQuery) ([]Tally, error)
	// LastEvents tells more of records that the ledger keeps as the latest of what a query
	// asks for; days, site and roles do not matter.
	LastEvents(ctx context.Context, q LedgerQuery, records []schema.RawID) (map[schema.RawID]LastEvent, error)
	Claims(ctx context.Context, q ClaimQuery) ([]Claim, error)
	Coverage(ctx context.Context) ([]Coverage, error)
	// ActiveDevices counts the devices with a primary row on the days: those that report
	// themselves, aliases counted once.
	ActiveDevices(ctx context.Context, site string, fromDay, toDay int32) (int64, error)

	// Unplaced lists addresses with sightings that are more than mentions, of which no place
	// tells what each of the builds says: in the order of addresses, limit at most, those
	// behind after ("": from the first).
	Unplaced(ctx context.Context, builds []PlaceBuild, after string, limit int) ([]string, error)
	// PutPlaces keeps places of addresses, in place of all that are kept of them.
	PutPlaces(ctx context.Context, addresses []string, places []Place) error
	// Places lists what is kept of addresses, in the order of address, database and First.
	// RemoveSource takes out those of addresses that have no sighting left.
	Places(ctx context.Context, addresses []string) ([]Place, error)

	PutAliases(ctx context.Context, aliases []DeviceAlias) error
	Aliases(ctx context.Context) ([]DeviceAlias, error)

	// Version changes whenever what the store holds may have changed, so that what was
	// computed from it can be kept until then.
	Version() int64

	// Tables lists the event tables that have rows, with their row counts.
	Tables(ctx context.Context) (map[string]int64, error)
	// Snapshot is the store as it is now. Cancelling ctx ends the wait for it.
	Snapshot(ctx context.Context) (Snapshot, error)
	// Query runs one query on a snapshot of its own.
	Query(ctx context.Context, sql string, args []any) (Rows, error)
	// Merge does the background work on the ledger until there is none left.
	Merge(ctx context.Context) error
	Close() error
}

// Function is a scalar function written in Go that an engine makes callable from SQL,
// for the SQL that kql writes. Values are nil, bool (Bool), int32 (Int), int64 (Long,
// DateTime, TimeSpan), float64 (Real) or string (all else). Eval gives nil for null, and
// always the same for the same arguments: an engine need not ask twice. It is safe for
// concurrent use and does not keep its arguments.
type Function struct {
	Name     string
	Params   []schema.Type
	Variadic bool // the last parameter may be repeated or left out
	Result   schema.Type
	Eval     func(args []any) any
}
