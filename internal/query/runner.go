package query

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"spoor/internal/kql"
	"spoor/internal/kql/bind"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/vector"
	"spoor/internal/schema"
)

// Config says how a Runner works. Zero fields mean the defaults.
type Config struct {
	Engine  Engine
	Catalog *schema.Catalog  // nil: schema.Default()
	Now     func() time.Time // nil: time.Now
	// Concurrency is how many queries run at the same time; others wait. Default 4.
	Concurrency int
	// Library is what people keep for queries, as it is now; nil: nothing.
	Library func(ctx context.Context) (*bind.Library, error)
	// Sources fetches the rows of tables from outside; nil: there are none.
	Sources Sources
	// Memory is how many bytes all queries together may be estimated to hold in the
	// engine, and hold for operators in Go; others wait. One that is estimated at more
	// runs alone. Default 2 GiB.
	Memory int64
	// MaxWait is how long a query waits for its place and its memory. Default 30 s.
	MaxWait time.Duration
}

// Runner runs queries. It is safe for concurrent use.
type Runner struct {
	cfg     Config
	slots   chan struct{}
	memory  *semaphore.Weighted
	without sync.Map // denied names → *schema.Catalog; there are few sets of them
}

// New makes a runner.
func New(cfg Config) *Runner {
	if cfg.Catalog == nil {
		cfg.Catalog = schema.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = 4
	}
	if cfg.MaxWait <= 0 {
		cfg.MaxWait = 30 * time.Second
	}
	if cfg.Memory <= 0 {
		cfg.Memory = 2 << 30
	}
	return &Runner{cfg: cfg, slots: make(chan struct{}, cfg.Concurrency), memory: semaphore.NewWeighted(cfg.Memory)}
}

// Check binds a query without running it: the columns of its first table (nil when it has
// errors) and all diagnostics. The error is for what the text is not to blame for.
func (r *Runner) Check(ctx context.Context, req Request) ([]Column, []syntax.Diagnostic, error) {
	env, _, err := r.env(ctx, req, req.Options.limits())
	if err != nil {
		return nil, nil, failed(ctx, err)
	}
	cols, diags := kql.Validate(req.Text, env)
	if cols == nil {
		return nil, diags, nil
	}
	out := make([]Column, len(cols))
	for i, c := range cols {
		out[i] = Column{c.Name, c.Type}
	}
	return out, diags, nil
}

// CheckFunction binds a function that is to be stored under a name, "(parameters) {
// body }". Of the request it takes what its sender may read. A *CompileError says what is
// wrong with the text.
func (r *Runner) CheckFunction(ctx context.Context, name, text string, o Options) error {
	env, _, err := r.env(ctx, Request{}, o.limits())
	if err != nil {
		return failed(ctx, err)
	}
	_, diags := kql.CheckFunction(name, text, env)
	if slices.ContainsFunc(diags, func(d syntax.Diagnostic) bool { return d.Severity == syntax.Error }) {
		return &CompileError{Text: text, Diagnostics: diags}
	}
	return nil
}

// Run starts a query. The error is a *CompileError or an *Error. The result must be
// closed; cancelling ctx ends it.
func (r *Runner) Run(ctx context.Context, req Request) (*Result, error) {
	began := r.cfg.Now()
	limits := req.Options.limits()
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	leave, err := r.acquire(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	ready := make(chan started, 1)
	go func() {
		s := started{}
		if s.res, s.err = r.start(ctx, req, limits, began); s.err != nil {
			cancel()
			leave()
		} else {
			s.res.rows.(*rowStream).release = func() { cancel(); leave() }
		}
		ready <- s
	}()
	return inTime(ctx, ready)
}

// started is what comes of the start of a query.
type started struct {
	res *Result
	err error
}

// plannedAnyway is how long a query that was cancelled, or whose time is over, is waited
// for: most have ended by then.
const plannedAnyway = 200 * time.Millisecond

// inTime waits for a query to start as long as anyone waits for the query. An engine
// plans a statement in one go and heeds no interrupt meanwhile: the caller has its answer
// then, and the query keeps its place and its memory until the engine has noticed.
func inTime(ctx context.Context, ready <-chan started) (*Result, error) {
	select {
	case s := <-ready:
		return s.res, s.err
	case <-ctx.Done():
	}
	late := time.NewTimer(plannedAnyway)
	defer late.Stop()
	select {
	case s := <-ready:
		return s.res, s.err
	case <-late.C:
	}
	go func() {
		if s := <-ready; s.res != nil {
			_ = s.res.Close() // no one is left to be told
		}
	}()
	return nil, contextError(ctx)
}

// limits are the options with the defaults put in.
func (o Options) limits() Options {
	if o.MaxRows <= 0 {
		o.MaxRows = DefaultMaxRows
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return o
}

// with are the limits when the query sets some itself. What the request asks for bounds
// what its text may: the text lifts the defaults only.
func (o Options) with(set bind.Limits) Options {
	l := o.limits()
	if set.NoTruncation {
		set.MaxRows, set.MaxBytes = math.MaxInt64, math.MaxInt64
	}
	bound := func(limit *int64, asked, set int64) {
		if set > 0 && (asked <= 0 || set < asked) {
			*limit = set
		}
	}
	bound(&l.MaxRows, o.MaxRows, set.MaxRows)
	bound(&l.MaxBytes, o.MaxBytes, set.MaxBytes)
	return l
}

// acquire waits for a place, which release gives back.
func (r *Runner) acquire(ctx context.Context) (release func(), err error) {
	release = func() { <-r.slots }
	select {
	case r.slots <- struct{}{}:
		return release, nil
	default:
	}
	wait := time.NewTimer(r.cfg.MaxWait)
	defer wait.Stop()
	select {
	case r.slots <- struct{}{}:
		return release, nil
	case <-wait.C:
		return nil, &Error{Code: CodeBusy, Message: "Too many queries are running; try again in a moment."}
	case <-ctx.Done():
		return nil, contextError(ctx)
	}
}

func (r *Runner) start(ctx context.Context, req Request, limits Options, began time.Time) (*Result, error) {
	x, c, diags, err := r.prepare(ctx, req, limits)
	if err != nil {
		return nil, err
	}
	if err := r.admit(ctx, x, c); err != nil {
		return nil, errors.Join(err, x.close())
	}
	s := &rowStream{execution: x, tables: c.Tables, limits: req.Options.with(c.Limits), take: c.Limits.Take, now: r.cfg.Now, began: began}
	res := &Result{Warnings: diags, rows: s}
	if !res.NextTable() {
		return nil, errors.Join(s.failed, x.close())
	}
	return res, nil
}

// admit waits until there is memory for a query.
func (r *Runner) admit(ctx context.Context, x *execution, c *kql.Compiled) error {
	waiting, cancel := context.WithTimeout(ctx, r.cfg.MaxWait)
	defer cancel()
	if err := x.memory.admit(waiting, c.Memory(x.rowsOf), c.Held(x.rowsOf)); err != nil {
		if ctx.Err() != nil {
			return contextError(ctx)
		}
		return &Error{Code: CodeBusy, Message: "The queries that run leave too little memory for this one; try again in a moment, or filter more."}
	}
	return nil
}

// prepare compiles a query on a snapshot of the store.
func (r *Runner) prepare(ctx context.Context, req Request, limits Options) (*execution, *kql.Compiled, []syntax.Diagnostic, error) {
	env, tables, err := r.env(ctx, req, limits)
	if err != nil {
		return nil, nil, nil, failed(ctx, err)
	}
	snap, err := r.cfg.Engine.Snapshot(ctx)
	if err != nil {
		return nil, nil, nil, failed(ctx, err)
	}
	x := &execution{
		ctx: ctx, snap: snap, sources: r.cfg.Sources, tables: tables, wholeScans: limits.WholeScans, excerpts: limits.Excerpts,
		memory: share{all: r.memory, size: r.cfg.Memory},
	}
	c, diags, err := x.compile(req.Text, env)
	if err != nil {
		return nil, nil, nil, errors.Join(failed(ctx, err), x.close())
	}
	return x, c, diags, nil
}

// env asks the engine what the compiler must know; tables are the rows of each table.
func (r *Runner) env(ctx context.Context, req Request, limits Options) (env kql.Env, tables map[string]int64, err error) {
	tables, err = r.cfg.Engine.Tables(ctx)
	if err != nil {
		return env, nil, fmt.Errorf("list the tables: %w", err)
	}
	aliases, err := r.cfg.Engine.Aliases(ctx)
	if err != nil {
		return env, nil, fmt.Errorf("list the device aliases: %w", err)
	}
	env = kql.Env{
		Catalog: r.catalog(limits.Denied), Now: schema.TicksOf(r.now(limits)), Parameters: req.Parameters, DeviceAliases: len(aliases) > 0,
		Exists: func(table string) bool { return tables[table] > 0 }, Err: ctx.Err,
	}
	if r.cfg.Library != nil {
		if env.Library, err = r.cfg.Library(ctx); err != nil {
			return kql.Env{}, nil, fmt.Errorf("read what is kept for queries: %w", err)
		}
	}
	env.MaxRows = func(set bind.Limits) int64 {
		l := req.Options.with(set)
		switch {
		case set.Take > 0 && (l.NoTruncation || set.Take <= l.MaxRows):
			return set.Take
		case l.NoTruncation || l.MaxRows == math.MaxInt64:
			return 0
		}
		return l.MaxRows + 1 // one more tells that there is more
	}
	return env, tables, nil
}

// catalog is the catalogue without the denied tables: to the binder they do not exist,
// by whatever way a query names them.
func (r *Runner) catalog(denied []string) *schema.Catalog {
	if len(denied) == 0 {
		return r.cfg.Catalog
	}
	key := strings.Join(denied, "\x00")
	if c, ok := r.without.Load(key); ok {
		return c.(*schema.Catalog)
	}
	var left []*schema.Table
	for _, t := range r.cfg.Catalog.Tables() {
		if !slices.Contains(denied, t.Name) {
			left = append(left, t)
		}
	}
	c := schema.NewCatalog(left...)
	r.without.Store(key, c)
	return c
}

func (r *Runner) now(limits Options) time.Time {
	if limits.Now.IsZero() {
		return r.cfg.Now()
	}
	return limits.Now
}

func visualization(r *syntax.Render) Visualization {
	if r == nil {
		return Visualization{}
	}
	v := Visualization{Kind: r.Kind.Text, Properties: map[string]string{}}
	for _, p := range r.Params {
		s := r.Params.Word(p.Name.Text)
		if s == "" {
			s = syntax.PrintExpr(p.Value)
		}
		v.Properties[p.Name.Text] = s
	}
	return v
}

// rowStream hands out the rows of an answer's tables as typed values.
type rowStream struct {
	*execution
	tables  []kql.Table // the current one first
	limits  Options
	take    int64 // how many rows are asked for; 0: all
	now     func() time.Time
	began   time.Time
	release func()

	in     *tableRows // of the current table
	cols   []kql.Column
	values []any
	rows   int64 // of all tables
	bytes  int64
	limit  string
	failed error
	closed bool
	took   time.Duration
}

// nextTable ends the current table and starts the next one.
func (s *rowStream) nextTable() (Table, bool) {
	if s.closed || s.limit != "" || s.failed != nil || len(s.tables) == 0 {
		return Table{}, false
	}
	if s.in != nil {
		if err := s.in.Close(); err != nil {
			s.failed = failed(s.ctx, err)
			return Table{}, false
		}
	}
	t := s.tables[0]
	s.tables = s.tables[1:]
	in := s.read(&t)
	if in.start(); in.err != nil {
		s.failed = failed(s.ctx, in.err)
		return Table{}, false
	}
	s.in, s.cols, s.values = in, t.Columns, make([]any, len(t.Columns))
	out := Table{Name: t.Name, Visualization: visualization(t.Render), parts: t.Parts}
	for _, c := range t.Columns {
		out.Columns = append(out.Columns, Column{c.Name, c.Type})
	}
	return out, true
}

func (s *rowStream) next() bool {
	if s.closed || s.limit != "" || s.failed != nil {
		return false
	}
	if !s.in.Next() {
		if err := s.in.Err(); err != nil {
			s.failed = failed(s.ctx, err)
		}
		s.took = s.now().Sub(s.began)
		return false
	}
	if s.full() {
		s.took = s.now().Sub(s.began)
		return false
	}
	s.rows++
	for i, v := range s.in.Values() {
		s.values[i] = s.value(v, s.cols[i].Type)
	}
	return true
}

// full reports whether there is no next row, and sets the limit that it would break, in
// Kusto's words.
func (s *rowStream) full() bool {
	switch {
	case s.take > 0 && s.rows >= s.take:
		return true // without a word
	case s.limits.NoTruncation:
	case s.rows >= s.limits.MaxRows:
		s.limit = fmt.Sprintf("The results of this query exceed the set limit of %d records", s.limits.MaxRows)
	case s.bytes >= s.limits.MaxBytes:
		s.limit = fmt.Sprintf("The results of this query exceed the set limit of %d bytes", s.limits.MaxBytes)
	}
	return s.limit != ""
}

// value gives an engine's value the Go type of its column, and counts its size.
func (s *rowStream) value(v any, t schema.Type) any {
	s.bytes += 8
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	switch x := v.(type) {
	case nil:
		if t == schema.String {
			return ""
		}
	case string:
		s.bytes += int64(len(x))
		if t == schema.Dynamic {
			return json.RawMessage(x)
		}
	case int32:
		return whole(int64(x), t)
	case int64:
		if t != schema.Long { // which is not put into another interface
			return whole(x, t)
		}
	}
	return v
}

// whole gives a whole number the Go type of its column.
func whole(n int64, t schema.Type) any {
	switch t {
	case schema.Int:
		return int32(n)
	case schema.DateTime, schema.TimeSpan:
		return schema.Ticks(n)
	case schema.Real:
		return float64(n)
	default:
		return n
	}
}

func (s *rowStream) row() []any        { return s.values }
func (s *rowStream) err() error        { return s.failed }
func (s *rowStream) truncated() string { return s.limit }

func (s *rowStream) stats() Stats {
	took := s.took
	if took == 0 {
		took = s.now().Sub(s.began)
	}
	return Stats{Rows: s.rows, Bytes: s.bytes, Elapsed: took}
}

func (s *rowStream) close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	var err error
	if s.in != nil {
		err = s.in.Close()
	}
	err = errors.Join(err, s.execution.close())
	s.release()
	return err
}

// failed makes an engine's error one of the domain's.
func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*CompileError](err); ok {
		return err
	}
	text := err.Error()
	if i := strings.Index(text, vector.AssertFailed); i >= 0 {
		message, _, _ := strings.Cut(text[i:], "\n")
		return &Error{Code: CodeData, Message: message, Err: err}
	}
	for _, k := range engineErrors {
		if strings.Contains(text, k.sign) {
			return &Error{Code: k.code, Message: k.message, Err: err}
		}
	}
	return &Error{Code: CodeInternal, Message: "The query could not be run; the fault is ours.", Err: err}
}

// engineErrors are the errors of an engine that the data or the query's size explain.
var engineErrors = []struct {
	sign    string
	code    Code
	message string
}{
	{"Out of Memory", CodeTooLarge, "The query needs more memory than it may have. Filter more, or keep fewer columns."},
	{"expression depth", CodeTooLarge, "The query is nested too deeply."},
	{"Out of Range Error", CodeData, "A value in the data goes beyond the range of its type."},
	{"Conversion Error", CodeData, "A value in the data cannot be converted to the type the query asks for."},
	{"Invalid Input Error", CodeData, "A value that the query computes with has no answer, for example a regular expression that is not valid."},
	{"INTERRUPT", CodeCancelled, "The query was cancelled."},
}

func contextError(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &Error{Code: CodeTimeout, Message: "The query took longer than it may.", Err: ctx.Err()}
	}
	return &Error{Code: CodeCancelled, Message: "The query was cancelled.", Err: ctx.Err()}
}
