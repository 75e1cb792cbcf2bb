package duckdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// excerpts are views in memory of the rows of event tables in one of whose address columns
// an address stands. The sections of an address's page read the same few rows of millions;
// what it takes to find them, and to unpack the vectors that they lie in, is paid once.
//
// An excerpt is of one state of the store and never changes. Those of one table and address
// stand on the same copy of the rows, to which the next adds what was committed since, as
// long as nothing is deleted or changed.
type excerpts struct {
	db *DB
	// rewrites is odd while rows are deleted or changed, and another number after each time.
	rewrites atomic.Int64

	turn chan struct{} // of capacity 1: full while one is made; guards conn
	conn *conn         // nil: closed

	mu   sync.Mutex
	kept []*excerpt // the latest used last
	made int
}

// excerptsDatabase is the in-memory database that holds them.
const excerptsDatabase = "excerpts"

// What is kept. A row of a wide table takes about a kilobyte.
const (
	maxExcerptRows  = 100_000 // of one excerpt
	maxExcerptsRows = 300_000 // of all that no one is using
	maxExcerpts     = 32
)

// excerptKey is what an excerpt is of.
type excerptKey struct {
	table, address string
	state
}

// state tells what the event tables hold: what has come from each source, and how often
// something was taken away.
type state struct {
	rewrites, sources, records int64
	positions                  string // of the sources, as a digest
}

// before reports whether a state was the store's some time before another, and nothing but
// commits came between.
func (s state) before(later state) bool {
	return s.rewrites == later.rewrites && s.sources <= later.sources && s.records <= later.records
}

// positions is the ordinal behind the last record of each source.
type positions map[int32]int64

// excerpt is one of them.
type excerpt struct {
	excerptKey
	name  string      // of the view; "": it would have too many rows
	on    *copiedRows // nil without a view
	users int         // guarded by excerpts.mu
}

// copiedRows is the table that excerpts of different states stand on. It is guarded by the
// turn.
type copiedRows struct {
	name     string
	columns  map[string]bool // those of the event table
	state    state           // that the last addition made it reach
	upTo     positions       // in that state
	added    int             // how often rows were added; in the column addition from 0 on
	rows     int64
	excerpts int // how many stand on it
}

// additionColumn says with which addition a row came.
const additionColumn = `spoor_addition`

func (db *DB) newExcerpts(ctx context.Context) (*excerpts, error) {
	x := &excerpts{db: db, turn: make(chan struct{}, 1)}
	var err error
	if x.conn, err = db.db.connect(); err != nil {
		return nil, err
	}
	_, err = x.conn.exec(ctx, "ATTACH ':memory:' AS "+excerptsDatabase)
	return x, err
}

// close ends what is being made.
func (x *excerpts) close() {
	mapping.Interrupt(x.conn.ptr)
	x.turn <- struct{}{}
	defer func() { <-x.turn }()
	x.conn.close()
	x.conn = nil
}

// rewriting notes that rows are deleted or changed until the returned function is called.
func (x *excerpts) rewriting() (done func()) {
	x.rewrites.Add(1)
	return func() { x.rewrites.Add(1) }
}

// Excerpt gives the name of a table with the rows that name an address.
func (s *snapshot) Excerpt(ctx context.Context, table, address string) (string, error) {
	if s.end == nil {
		return "", errEnded
	}
	columns := s.excerpts.columns(table)
	if len(columns) == 0 || entity.CanonicalAddress(address) == "" {
		return "", nil
	}
	if s.state == nil {
		now, err := s.conn.state(ctx, s.rewrites)
		if err != nil {
			return "", fmt.Errorf("ask for the state of the store: %w", err)
		}
		s.state = &now
	}
	// The transaction has begun by now: nothing was rewritten before it did.
	if s.rewrites%2 != 0 || s.excerpts.rewrites.Load() != s.rewrites {
		return "", nil
	}
	key := excerptKey{table, address, *s.state}
	e := s.excerpts.use(key)
	if e == nil {
		sources, few, err := s.conn.sourcesNaming(ctx, address)
		if err != nil || !few {
			return "", err
		}
		upTo, err := s.conn.positions(ctx)
		if err != nil {
			return "", fmt.Errorf("ask how far the sources are: %w", err)
		}
		if e, err = s.excerpts.make(ctx, key, rowsNaming{columns, address, sources, upTo}); e == nil {
			return "", err
		}
	}
	s.uses = append(s.uses, e)
	return e.name, nil
}

// columns are those of a table in which addresses stand, as far as a row ever filled them.
func (x *excerpts) columns(table string) []string {
	t, ok := x.db.catalog.Table(table)
	if !ok {
		return nil
	}
	has := x.db.tables.columnsOf(table)
	var out []string
	for _, c := range t.Stored() {
		if c.Holds == schema.HoldsAddress && c.Type == schema.String && has[c.Stored] {
			out = append(out, quote(c.Stored))
		}
	}
	return out
}

// state tells what the event tables hold in the transaction of the connection.
func (c *conn) state(ctx context.Context, rewrites int64) (state, error) {
	now := state{rewrites: rewrites}
	err := c.each(ctx, func(v []any) error {
		now.sources, now.records, now.positions = v[0].(int64), v[1].(int64), v[2].(string)
		return nil
	}, `SELECT count(*), coalesce(sum(ordinal), 0)::BIGINT, coalesce(bit_xor(hash(id, ordinal)), 0)::VARCHAR FROM spoor.source`)
	return now, err
}

// positions tells how far the sources are in the transaction of the connection.
func (c *conn) positions(ctx context.Context) (positions, error) {
	p := positions{}
	err := c.each(ctx, func(v []any) error {
		p[int32(v[0].(int64))] = v[1].(int64)
		return nil
	}, `SELECT id, ordinal FROM spoor.source`)
	return p, err
}

// sourcesNaming lists the sources that name an address, from the ledger, upwards, and
// reports whether the records are few enough for an excerpt, but some.
func (c *conn) sourcesNaming(ctx context.Context, address string) (sources []int32, few bool, err error) {
	hi, lo := entity.ID{Kind: entity.IP, Value: entity.CanonicalAddress(address)}.Key()
	var records int64
	err = c.each(ctx, func(v []any) error {
		sources = append(sources, int32(v[0].(int64)))
		records += v[1].(int64)
		return nil
	}, `SELECT source, sum(records)::BIGINT FROM spoor.ledger WHERE kind = ? AND hi = ? AND lo = ? GROUP BY source ORDER BY source`,
		kindCodes[entity.IP], hi, lo)
	return sources, records > 0 && records <= maxExcerptRows, err
}

// use gives the excerpt that is kept, which must be released; nil when there is none.
func (x *excerpts) use(key excerptKey) *excerpt {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := slices.IndexFunc(x.kept, func(e *excerpt) bool { return e.excerptKey == key })
	if at < 0 {
		return nil
	}
	e := x.kept[at]
	e.users++
	x.kept = append(slices.Delete(x.kept, at, at+1), e)
	return e
}

func (x *excerpts) release(uses []*excerpt) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range uses {
		e.users--
	}
}

// make makes an excerpt, unless someone else has made it meanwhile. It must be released; nil:
// it cannot be had.
func (x *excerpts) make(ctx context.Context, key excerptKey, rows rowsNaming) (*excerpt, error) {
	select {
	case x.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-x.turn }()
	if e := x.use(key); e != nil || x.conn == nil {
		return e, nil
	}
	x.made++
	e := &excerpt{excerptKey: key, name: excerptsDatabase + ".main.rows" + strconv.Itoa(x.made), users: 1}
	earlier := x.earlier(key)
	err := x.forget(ctx, key.state, earlier)
	if err == nil {
		err = x.conn.inTx(ctx, func() (err error) {
			e.on, err = x.copy(ctx, e, earlier, rows)
			return err
		})
	}
	switch {
	case errors.Is(err, errManyRows):
		e.name, e.on = "", nil // so that no one tries again
	case errors.Is(err, errRewritten):
		return nil, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // the rows are there to be read without it
		x.db.logger.Warn("the rows of an address are not kept", slog.Any("error", fmt.Errorf("copy them from %s: %w", key.table, err)))
		return nil, nil
	case earlier != nil && earlier.on != nil && earlier.on.name == e.on.name:
		*earlier.on = *e.on
		e.on = earlier.on
	}
	if e.on != nil {
		e.on.excerpts++
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kept = append(x.kept, e)
	return e, nil
}

// earlier is an excerpt of the same rows in an earlier state, whose copy can be added to;
// nil: none.
func (x *excerpts) earlier(key excerptKey) *excerpt {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := slices.IndexFunc(x.kept, func(e *excerpt) bool {
		reached := e.state
		if e.on != nil {
			reached = e.on.state
		}
		return e.table == key.table && e.address == key.address && reached.before(key.state)
	})
	if at < 0 {
		return nil
	}
	return x.kept[at]
}

// errRewritten ends the making of an excerpt: rows were deleted or changed. errManyRows:
// there are more rows than the ledger let expect.
var (
	errRewritten = errors.New("rows were deleted or changed")
	errManyRows  = errors.New("too many rows")
)

// maxStretches bounds how many sources are read one by one, to add what came from them.
const maxStretches = 8

// copy copies the rows and makes the view: to the copy of an earlier excerpt those that came
// since, or all of them.
func (x *excerpts) copy(ctx context.Context, e, earlier *excerpt, rows rowsNaming) (*copiedRows, error) {
	columns := map[string]bool{}
	if err := x.conn.each(ctx, func(v []any) error { columns[v[0].(string)] = true; return nil },
		`SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() AND schema_name = ? AND table_name = ?`, storedSchema, e.table); err != nil {
		return nil, err
	}
	now, err := x.conn.positions(ctx)
	if err != nil {
		return nil, err
	}
	on, stretches := copiedRows{name: e.name + "_stored", columns: columns}, []string{rows.whole(now)}
	switch {
	case earlier == nil:
	case earlier.on == nil:
		return nil, errManyRows
	case len(earlier.on.columns) == len(columns): // which only become more
		if since := rows.since(earlier.on.upTo); len(since) <= maxStretches {
			on, stretches = *earlier.on, since
		}
	}
	on.state, on.upTo = e.state, rows.upTo
	if err := x.add(ctx, &on, e.table, rows, stretches); err != nil {
		return nil, err
	}
	// What rows never filled stands in the view alone, as in that of the event table.
	t, _ := x.db.catalog.Table(e.table)
	view := fmt.Sprintf(`CREATE VIEW %s AS %s WHERE %s < %d`, e.name, newLayout(t).selected(columns, on.name), additionColumn, on.added)
	if _, err := x.conn.exec(ctx, view); err != nil {
		return nil, err
	}
	if x.rewrites.Load() != e.rewrites {
		return nil, errRewritten
	}
	return &on, nil
}

// add copies the rows in some stretches.
func (x *excerpts) add(ctx context.Context, on *copiedRows, table string, rows rowsNaming, stretches []string) error {
	if len(stretches) == 0 {
		return nil
	}
	into := `INSERT INTO ` + on.name
	if on.added == 0 {
		into = `CREATE TABLE ` + on.name + ` AS`
	}
	found, args := rows.in(storedTable(table), stretches)
	sql, args := planLate(fmt.Sprintf(`SELECT *, %d AS %s FROM (%s) LIMIT %d`, on.added, additionColumn, found, maxExcerptRows+1), args)
	if _, err := x.conn.exec(ctx, into+` `+sql, args...); err != nil {
		return err
	}
	on.added++
	var err error
	if on.rows, err = x.conn.number(ctx, `SELECT count(*) FROM `+on.name); err == nil && on.rows > maxExcerptRows {
		return errManyRows
	}
	return err
}

// rowsNaming is the rows of a state of the store that name an address.
type rowsNaming struct {
	columns []string // in which addresses stand
	address string
	sources []int32 // that name it, upwards
	upTo    positions
}

// whole is the condition that a record may be one of theirs, when the sources have come to
// other positions by now.
func (r *rowsNaming) whole(now positions) string {
	var b strings.Builder
	fmt.Fprintf(&b, `%s BETWEEN %d AND %d`, quote(schema.ColRawID), schema.NewRawID(r.sources[0], 0), schema.NewRawID(r.sources[len(r.sources)-1], math.MaxUint32))
	for source, ordinal := range now {
		if r.upTo[source] < ordinal {
			fmt.Fprintf(&b, ` AND %s NOT BETWEEN %d AND %d`, quote(schema.ColRawID), schema.NewRawID(source, r.upTo[source]), schema.NewRawID(source, math.MaxUint32))
		}
	}
	return b.String()
}

// since lists, for each source that has come further since, the condition that a record is
// one of those that came.
func (r *rowsNaming) since(earlier positions) (stretches []string) {
	for _, source := range r.sources {
		if from, to := earlier[source], r.upTo[source]; from < to {
			stretches = append(stretches, fmt.Sprintf(`%s BETWEEN %d AND %d`, quote(schema.ColRawID), schema.NewRawID(source, from), schema.NewRawID(source, to-1)))
		}
	}
	return stretches
}

// in selects the rows in some stretches of a table. It reads each column for itself: the
// engine skips what a condition on one column leaves out, and reads all columns of all rows
// for one on several.
func (r *rowsNaming) in(table string, stretches []string) (sql string, args []any) {
	var parts []string
	for _, where := range stretches {
		for i, c := range r.columns {
			conds := []string{where, c + ` = ?`}
			args = append(args, r.address)
			for _, earlier := range r.columns[:i] {
				conds = append(conds, earlier+` <> ?`)
				args = append(args, r.address)
			}
			parts = append(parts, `SELECT * FROM `+table+` WHERE `+strings.Join(conds, ` AND `))
		}
	}
	return strings.Join(parts, " UNION ALL "), args
}

// forget drops excerpts that no one uses but one: those of states before the last rewrite,
// those that a later one has taken the place of, and those used longest ago beyond the
// bounds. The caller has the turn.
func (x *excerpts) forget(ctx context.Context, now state, but *excerpt) error {
	x.mu.Lock()
	var dropped []*excerpt
	total, n, counted := int64(0), 0, map[*copiedRows]bool{}
	for _, e := range slices.Backward(x.kept) {
		n++
		if e.on != nil && !counted[e.on] {
			counted[e.on] = true
			total += e.on.rows
		}
		replaced := slices.ContainsFunc(x.kept, func(o *excerpt) bool {
			return o.table == e.table && o.address == e.address && o.state != e.state && e.before(o.state)
		})
		if e.users == 0 && e != but && (replaced || e.rewrites != now.rewrites || total > maxExcerptsRows || n >= maxExcerpts) {
			dropped = append(dropped, e)
		}
	}
	x.kept = slices.DeleteFunc(x.kept, func(e *excerpt) bool { return slices.Contains(dropped, e) })
	x.mu.Unlock()
	var errs []error
	for _, e := range dropped {
		if e.on == nil {
			continue
		}
		_, err := x.conn.exec(ctx, `DROP VIEW `+e.name)
		errs = append(errs, err)
		if e.on.excerpts--; e.on.excerpts == 0 {
			_, err := x.conn.exec(ctx, `DROP TABLE `+e.on.name)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
