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

// excerpts are tables in memory that hold the rows of event tables in one of whose address
// columns an address stands. The sections of an address's page read the same few rows of
// millions; what it takes to find them, and to unpack the vectors that they lie in, is paid
// once. An excerpt is of one state of the store and never changes.
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

// excerpt is one of them.
type excerpt struct {
	excerptKey
	name  string // "": it would have too many rows
	rows  int64
	users int // guarded by excerpts.mu
}

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
		where, few, err := s.conn.whereNamed(ctx, address)
		if err != nil || !few {
			return "", err
		}
		if e, err = s.excerpts.make(ctx, key, columns, where); e == nil {
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

// whereNamed tells from the ledger within which bounds the rows are that name an address,
// and whether they are few enough for an excerpt, but some.
func (c *conn) whereNamed(ctx context.Context, address string) (where string, few bool, err error) {
	hi, lo := entity.ID{Kind: entity.IP, Value: entity.CanonicalAddress(address)}.Key()
	err = c.each(ctx, func(v []any) error {
		records := v[0].(int64)
		if few = records > 0 && records <= maxExcerptRows; few {
			from, to := schema.NewRawID(int32(v[1].(int64)), 0), schema.NewRawID(int32(v[2].(int64)), math.MaxUint32)
			where = fmt.Sprintf(`%s BETWEEN %d AND %d`, quote(schema.ColRawID), from, to)
		}
		return nil
	}, `SELECT coalesce(sum(records), 0)::BIGINT, coalesce(min(source), 0), coalesce(max(source), 0) FROM spoor.ledger WHERE kind = ? AND hi = ? AND lo = ?`,
		kindCodes[entity.IP], hi, lo)
	return where, few, err
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
func (x *excerpts) make(ctx context.Context, key excerptKey, columns []string, where string) (*excerpt, error) {
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
	err := x.forget(ctx, key.state)
	if err == nil {
		err = x.conn.inTx(ctx, func() error { return x.fill(ctx, e, columns, where) })
	}
	switch {
	case errors.Is(err, errManyRows):
		e.name, e.rows = "", 0 // so that no one tries again
	case errors.Is(err, errOtherState):
		return nil, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // the rows are there to be read without it
		x.db.logger.Warn("the rows of an address are not kept", slog.Any("error", fmt.Errorf("copy them from %s: %w", key.table, err)))
		return nil, nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.kept = append(x.kept, e)
	return e, nil
}

// errOtherState ends the making of an excerpt: the store has gone on. errManyRows: there
// are more rows than the ledger let expect.
var (
	errOtherState = errors.New("the store is in another state")
	errManyRows   = errors.New("too many rows")
)

// fill copies the rows. It reads each column for itself: the engine skips what a condition
// on one column leaves out, and reads all columns of all rows for one on several.
func (x *excerpts) fill(ctx context.Context, e *excerpt, columns []string, where string) error {
	now, err := x.conn.state(ctx, x.rewrites.Load())
	if err != nil {
		return err
	}
	if now != e.state {
		return errOtherState
	}
	var parts []string
	var args []any
	for i, c := range columns {
		conds := []string{where, c + ` = ?`}
		args = append(args, e.address)
		for _, earlier := range columns[:i] {
			conds = append(conds, earlier+` <> ?`)
			args = append(args, e.address)
		}
		parts = append(parts, `SELECT * FROM `+storedTable(e.table)+` WHERE `+strings.Join(conds, ` AND `))
	}
	copied := e.name + "_stored"
	rows, args := planLate(fmt.Sprintf(`SELECT * FROM (%s) LIMIT %d`, strings.Join(parts, " UNION ALL "), maxExcerptRows+1), args)
	if _, err := x.conn.exec(ctx, `CREATE TABLE `+copied+` AS `+rows, args...); err != nil {
		return err
	}
	if e.rows, err = x.conn.number(ctx, `SELECT count(*) FROM `+copied); err != nil {
		return err
	}
	if e.rows > maxExcerptRows {
		return errManyRows
	}
	// What rows never filled stands in the view alone, as in that of the event table.
	has := map[string]bool{}
	if err := x.conn.each(ctx, func(v []any) error { has[v[0].(string)] = true; return nil },
		`SELECT column_name FROM duckdb_columns() WHERE database_name = ? AND table_name = ?`, excerptsDatabase, strings.TrimPrefix(copied, excerptsDatabase+".main.")); err != nil {
		return err
	}
	t, _ := x.db.catalog.Table(e.table)
	if _, err := x.conn.exec(ctx, `CREATE VIEW `+e.name+` AS `+newLayout(t).selected(has, copied)); err != nil {
		return err
	}
	if x.rewrites.Load() != e.rewrites {
		return errOtherState
	}
	return nil
}

// forget drops excerpts that no one uses: those of other states, and those used longest ago
// beyond the bounds. The caller has the turn.
func (x *excerpts) forget(ctx context.Context, now state) error {
	x.mu.Lock()
	var dropped []*excerpt
	total, n := int64(0), 0
	for _, e := range slices.Backward(x.kept) {
		total, n = total+e.rows, n+1
		if e.users == 0 && (e.state != now || total > maxExcerptsRows || n >= maxExcerpts) {
			dropped = append(dropped, e)
		}
	}
	x.kept = slices.DeleteFunc(x.kept, func(e *excerpt) bool { return slices.Contains(dropped, e) })
	x.mu.Unlock()
	var errs []error
	for _, e := range dropped {
		if e.name == "" {
			continue
		}
		for _, sql := range []string{`DROP VIEW ` + e.name, `DROP TABLE ` + e.name + `_stored`} {
			_, err := x.conn.exec(ctx, sql)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
