package duckdb

// The two functions below are part of DuckDB's C API and of the library that the Go
// driver links, but the driver does not wrap the first: without it a result is kept
// whole in memory, outside the memory limit, before its first row is seen.

// int duckdb_pending_prepared_streaming(void *prepared_statement, void **out_result);
// // No header of the driver declares it.
import "C"

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/store"
)

// database is an open DuckDB instance.
type database struct {
	ptr    mapping.Database
	inputs *inputs
}

// openDatabase opens the file, or an instance in memory for "". A pending write-ahead
// log is replayed.
func openDatabase(path string, settings map[string]string) (*database, error) {
	var config mapping.Config
	if mapping.CreateConfig(&config) == mapping.StateError {
		return nil, errors.New("create DuckDB's configuration")
	}
	defer mapping.DestroyConfig(&config)
	for name, value := range settings {
		if mapping.SetConfig(config, name, value) == mapping.StateError {
			return nil, fmt.Errorf("configure DuckDB: %s=%s is refused", name, value)
		}
	}
	db := &database{inputs: &inputs{byConn: map[mapping.IdxT]map[int64]*store.Input{}}}
	var message string
	if mapping.OpenExt(path, &db.ptr, config, &message) == mapping.StateError {
		return nil, openError(message)
	}
	return db, nil
}

// openError is DuckDB's message, or in plain words that someone else has the file.
func openError(message string) error {
	_, holder, locked := strings.Cut(message, "Conflicting lock is held in ")
	if !locked {
		return errors.New(message)
	}
	holder, _, _ = strings.Cut(holder, ". See also")
	return fmt.Errorf("another process works on it: %s", holder)
}

func (db *database) close() { mapping.Close(&db.ptr) }

func (db *database) connect() (*conn, error) {
	c := &conn{inputs: db.inputs}
	if mapping.Connect(db.ptr, &c.ptr) == mapping.StateError {
		return nil, errors.New("connect to DuckDB")
	}
	return c, nil
}

// conn is a connection. It runs one statement at a time and is not safe for
// concurrent use.
type conn struct {
	ptr    mapping.Connection
	inputs *inputs
}

func (c *conn) close() { mapping.Disconnect(&c.ptr) }

// interruptible makes the statement that c runs end early when ctx is done. The
// returned function ends that, and waits for an interrupt under way, which would
// otherwise hit the connection's next statement.
func (c *conn) interruptible(ctx context.Context) (stop func()) {
	ended := make(chan struct{})
	stopped := context.AfterFunc(ctx, func() {
		mapping.Interrupt(c.ptr)
		close(ended)
	})
	return func() {
		if !stopped() {
			<-ended
		}
	}
}

// exec runs one statement and returns the number of rows it changed.
func (c *conn) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	stmt, err := c.prepare(sql, args)
	if err != nil {
		return 0, err
	}
	defer mapping.DestroyPrepare(&stmt)
	defer c.interruptible(ctx)()
	var pending mapping.PendingResult
	defer mapping.DestroyPending(&pending)
	if mapping.PendingPrepared(stmt, &pending) == mapping.StateError {
		return 0, statementError(ctx, mapping.PendingError(pending))
	}
	var res mapping.Result
	defer mapping.DestroyResult(&res)
	if err := c.run(ctx, pending, &res); err != nil {
		return 0, err
	}
	return int64(mapping.RowsChanged(&res)), nil
}

// query runs one statement and streams its rows, which must be closed before the
// connection is used again. onClose, if any, runs when they are, or with an error.
func (c *conn) query(ctx context.Context, onClose func(), sql string, args ...any) (*rows, error) {
	stmt, err := c.prepare(planLate(sql, args))
	if err != nil {
		if onClose != nil {
			onClose()
		}
		return nil, err
	}
	r := &rows{ctx: ctx, stmt: stmt, stop: c.interruptible(ctx), onClose: onClose}
	var pending mapping.PendingResult
	defer mapping.DestroyPending(&pending)
	if mapping.State(C.duckdb_pending_prepared_streaming(stmt.Ptr, &pending.Ptr)) == mapping.StateError {
		err := statementError(ctx, mapping.PendingError(pending))
		r.release()
		return nil, err
	}
	if err := c.run(ctx, pending, &r.res); err != nil {
		r.release()
		return nil, err
	}
	r.describe()
	return r, nil
}

// idleWait is how long a statement sleeps while other threads hold all of its tasks.
// DuckDB's own loop spins there, and takes the processor from those very threads.
const idleWait = 100 * time.Microsecond

// run works on the tasks of a pending statement until its result is ready. An interrupt that
// came before the statement began is forgotten by the engine, so that it is repeated.
func (c *conn) run(ctx context.Context, pending mapping.PendingResult, res *mapping.Result) error {
	for {
		if ctx.Err() != nil {
			mapping.Interrupt(c.ptr)
		}
		state := mapping.PendingExecuteTask(pending)
		if mapping.PendingExecutionIsFinished(state) {
			break
		}
		if state == mapping.PendingStateNoTasksAvailable {
			time.Sleep(idleWait)
		}
	}
	if mapping.ExecutePending(pending, res) == mapping.StateError {
		return statementError(ctx, mapping.ResultError(res))
	}
	return nil
}

// each runs a query and calls f with every row. The values are valid during the call.
func (c *conn) each(ctx context.Context, f func(values []any) error, sql string, args ...any) error {
	r, err := c.query(ctx, nil, sql, args...)
	if err != nil {
		return err
	}
	for r.Next() {
		if err := f(r.Values()); err != nil {
			return errors.Join(err, r.Close())
		}
	}
	return errors.Join(r.Err(), r.Close())
}

// inTx runs f in a transaction: committed when f returns nil, rolled back otherwise.
func (c *conn) inTx(ctx context.Context, f func() error) error {
	if _, err := c.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		// A commit is never interrupted: its outcome would be unknown.
		if _, err = c.exec(context.WithoutCancel(ctx), "COMMIT"); err == nil {
			return nil
		}
		err = fmt.Errorf("commit: %w", err)
	}
	c.rollback()
	return err
}

// rollback ends the transaction, if there is one: after a failed commit, or an error
// that has ended it, there is nothing left to roll back and the error says nothing new.
func (c *conn) rollback() { _, _ = c.exec(context.Background(), "ROLLBACK") }

// number runs a query that gives one whole number.
func (c *conn) number(ctx context.Context, sql string, args ...any) (int64, error) {
	var n int64
	err := c.each(ctx, func(values []any) error {
		n = values[0].(int64)
		return nil
	}, sql, args...)
	return n, err
}

// tuples is the parameters of n rows of width values, for VALUES.
func tuples(n, width int) string {
	row := "(?" + strings.Repeat(", ?", width-1) + ")"
	return row + strings.Repeat(", "+row, n-1)
}

// planLate keeps DuckDB from planning a SELECT with arguments twice. It plans what it
// prepares, without the arguments, and throws that away to plan again with them. A
// parameter whose type it cannot tell ends the first planning, and stands where it is met
// first: in front.
//
//	SELECT a FROM t WHERE b = ?  →  WITH late AS (SELECT list_value(?)) SELECT a FROM t WHERE b = ?
//
// Nothing reads the table late, and no plan has it.
func planLate(sql string, args []any) (string, []any) {
	if len(args) == 0 || !isSelect(sql) {
		return sql, args
	}
	rest, with := strings.CutPrefix(sql, "WITH ")
	if with && strings.HasPrefix(rest, "RECURSIVE ") || !with && !strings.HasPrefix(sql, "SELECT ") {
		return sql, args
	}
	separator := " "
	if with {
		separator = ", "
	}
	parameter := "?"
	if last := "$" + strconv.Itoa(len(args)); strings.Contains(sql, last) { // they are numbered
		parameter, args = "$"+strconv.Itoa(len(args)+1), append(slices.Clip(args), true)
	} else {
		args = append([]any{true}, args...)
	}
	return "WITH late AS (SELECT list_value(" + parameter + "))" + separator + rest, args
}

// committedWhole is a SELECT of so many columns from which an INSERT may take any number of
// rows: others see them with the commit and not before.
//
// What several threads insert, the engine (1.4.3) collects in row groups without the number
// of the transaction, 122,880 rows and up. It hangs them into the table when the commit
// begins to be written to the log, and a query that begins to read before that has ended
// sees them, beside rows that the same transaction deletes. What one thread inserts has the
// number from the start. One source of rows that cannot number them, also an empty one, is
// enough for the engine to insert with one thread, in the same order.
func committedWhole(selected string, columns int) string {
	return `SELECT * FROM (` + selected + `) UNION ALL SELECT ` + strings.TrimPrefix(strings.Repeat(", NULL", columns), ", ") + ` FROM range(0)`
}

func (c *conn) prepare(sql string, args []any) (mapping.PreparedStatement, error) {
	var stmt mapping.PreparedStatement
	var extracted mapping.ExtractedStatements
	n := mapping.ExtractStatements(c.ptr, sql, &extracted)
	defer mapping.DestroyExtracted(&extracted)
	if n != 1 {
		if message := mapping.ExtractStatementsError(extracted); message != "" {
			return stmt, errors.New(message)
		}
		return stmt, fmt.Errorf("%d statements where one is expected", n)
	}
	if mapping.PrepareExtractedStatement(c.ptr, extracted, 0, &stmt) == mapping.StateError {
		err := errors.New(mapping.PrepareError(stmt))
		mapping.DestroyPrepare(&stmt)
		return stmt, err
	}
	if err := bind(stmt, args); err != nil {
		mapping.DestroyPrepare(&stmt)
		return stmt, err
	}
	return stmt, nil
}

func bind(stmt mapping.PreparedStatement, args []any) error {
	if n := int(mapping.NParams(stmt)); n != len(args) {
		return fmt.Errorf("%d arguments for %d parameters", len(args), n)
	}
	for i, arg := range args {
		at := mapping.IdxT(i + 1)
		var state mapping.State
		switch v := arg.(type) {
		case nil:
			state = mapping.BindNull(stmt, at)
		case bool:
			state = mapping.BindBoolean(stmt, at, v)
		case int:
			state = mapping.BindInt64(stmt, at, int64(v))
		case int32:
			state = mapping.BindInt32(stmt, at, v)
		case int64:
			state = mapping.BindInt64(stmt, at, v)
		case uint8:
			state = mapping.BindUInt8(stmt, at, v)
		case uint64:
			state = mapping.BindUInt64(stmt, at, v)
		case float64:
			state = mapping.BindDouble(stmt, at, v)
		case string:
			v = validText(v)
			state = mapping.BindVarcharLength(stmt, at, v, mapping.IdxT(len(v)))
		case []byte:
			state = bindBlob(stmt, at, v)
		default:
			return fmt.Errorf("argument %d: a %T cannot be one", i+1, arg)
		}
		if state == mapping.StateError {
			return fmt.Errorf("argument %d: %s", i+1, mapping.PrepareError(stmt))
		}
	}
	return nil
}

// bindBlob binds nil as an empty blob: no column of ours tells the two apart.
func bindBlob(stmt mapping.PreparedStatement, at mapping.IdxT, v []byte) mapping.State {
	if len(v) == 0 {
		v = []byte{}
	}
	return mapping.BindBlob(stmt, at, v)
}

// statementError is the error of a statement; that of the context first, when it is
// the cause.
func statementError(ctx context.Context, message string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.New(message)
}

// pointer reads the element at index i of a C array.
func pointer[T any](array unsafe.Pointer, i int) *T {
	return (*T)(unsafe.Add(array, uintptr(i)*unsafe.Sizeof(*new(T))))
}
