package duckdb

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// The sizes by which runs are merged. A look-up reads one or two blocks of rows of
// every run, so runs must be few; a merge copies rows, so each row must be copied
// rarely. Runs are therefore sorted into levels by size, each mergeFactor times the one
// below, and the background merges the runs of a level when there are mergeFactor of
// them. Runs of live sources are merged when together they fill a block. A step makes
// runs of up to maxRun rows, which takes some seconds, and runs of half that size stay
// as they are.
const (
	smallRun    = 16 << 10
	smallRows   = 128 << 10 // of all small runs together
	smallRuns   = 512
	mergeFactor = 16
	maxRun      = 4 << 20
)

// merger merges runs in the background.
type merger struct {
	conn *conn // nil when the store is closed
	// next gives the number of a new run.
	next func() int64

	mu     sync.Mutex // held while a step runs
	tables map[*runTable]map[int64]int64
	state  sync.Mutex // guards tables and cancel
	cancel context.CancelFunc
}

// load counts the rows of all runs.
func (m *merger) load(ctx context.Context, c *conn) error {
	tables := map[*runTable]map[int64]int64{}
	for _, t := range []*runTable{ledger, claims} {
		tables[t] = map[int64]int64{}
		if err := c.each(ctx, func(v []any) error {
			tables[t][v[0].(int64)] = v[1].(int64)
			return nil
		}, `SELECT run, count(*) FROM `+t.name+` GROUP BY run`); err != nil {
			return fmt.Errorf("count the runs of %s: %w", t.name, err)
		}
	}
	m.state.Lock()
	defer m.state.Unlock()
	m.tables = tables
	return nil
}

// add notes a new run.
func (m *merger) add(t *runTable, run, rows int64) {
	m.state.Lock()
	defer m.state.Unlock()
	m.tables[t][run] = rows
}

// pause gives up the step that runs and lets none begin until resume is called.
func (m *merger) pause() (resume func()) {
	m.state.Lock()
	if m.cancel != nil {
		m.cancel()
	}
	m.state.Unlock()
	m.mu.Lock()
	return m.mu.Unlock
}

// step merges some runs of one table into one; false when there are none to merge.
func (m *merger) step(ctx context.Context, pick picker) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conn == nil {
		return false, errClosed
	}
	stepCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	t, runs := m.begin(cancel, pick)
	defer m.end()
	if t == nil {
		return false, nil
	}
	run := m.next()
	rows, err := m.merge(stepCtx, t, runs, run)
	if stepCtx.Err() != nil && ctx.Err() == nil {
		return true, nil // given up for a removal, see pause
	}
	if err != nil {
		return false, fmt.Errorf("merge %d runs of %s: %w", len(runs), t.name, err)
	}
	m.state.Lock()
	defer m.state.Unlock()
	for _, r := range runs {
		delete(m.tables[t], r)
	}
	m.tables[t][run] = rows
	return true, nil
}

func (m *merger) begin(cancel context.CancelFunc, pick picker) (*runTable, []int64) {
	m.state.Lock()
	defer m.state.Unlock()
	m.cancel = cancel
	for _, t := range []*runTable{ledger, claims} {
		if runs := pick(m.tables[t]); runs != nil {
			return t, runs
		}
	}
	return nil, nil
}

func (m *merger) end() {
	m.state.Lock()
	defer m.state.Unlock()
	m.cancel = nil
}

// picker chooses the runs to be merged next, nil for none, by their numbers and rows.
type picker func(rows map[int64]int64) []int64

// fullLevel chooses the runs of the lowest level that is full.
func fullLevel(rows map[int64]int64) []int64 {
	return pickLevel(rows, func(level int, runs []int64) bool {
		if level > 0 {
			return len(runs) >= mergeFactor
		}
		var small int64
		for _, run := range runs {
			small += rows[run]
		}
		return small >= smallRows || len(runs) >= smallRuns
	})
}

// anyLevel chooses the runs of the lowest level that has several.
func anyLevel(rows map[int64]int64) []int64 {
	return pickLevel(rows, func(int, []int64) bool { return true })
}

func pickLevel(rows map[int64]int64, full func(level int, runs []int64) bool) []int64 {
	levels := map[int][]int64{}
	for run, n := range rows {
		if n < maxRun/2 {
			levels[levelOf(n)] = append(levels[levelOf(n)], run)
		}
	}
	for _, level := range slices.Sorted(maps.Keys(levels)) {
		if runs := levels[level]; len(runs) > 1 && full(level, runs) {
			return oneStep(runs, rows)
		}
	}
	return nil
}

// oneStep chooses the oldest of the runs, as many as one step takes, and at least two.
func oneStep(runs []int64, rows map[int64]int64) []int64 {
	slices.Sort(runs)
	var total int64
	for i, run := range runs {
		if total += rows[run]; i > 1 && (total > maxRun || i >= smallRuns) {
			return runs[:i]
		}
	}
	return runs
}

func levelOf(rows int64) int {
	level := 0
	for size := int64(smallRun); rows >= size; size *= mergeFactor {
		level++
	}
	return level
}

// merge writes the runs as one, in one transaction.
func (m *merger) merge(ctx context.Context, t *runTable, runs []int64, into int64) (rows int64, err error) {
	where := ` WHERE run IN (` + strings.TrimPrefix(strings.Repeat(", ?", len(runs)), ", ") + `)`
	args := make([]any, len(runs))
	for i, run := range runs {
		args[i] = run
	}
	err = m.conn.inTx(ctx, func() error {
		if rows, err = m.conn.exec(ctx, t.mergeSQL(where), append([]any{into}, args...)...); err != nil {
			return err
		}
		_, err := m.conn.exec(ctx, `DELETE FROM `+t.name+where, args...)
		return err
	})
	return rows, err
}

// mergeSQL folds the runs that where selects into one sorted run, whose number is the
// first argument.
func (t *runTable) mergeSQL(where string) string {
	var values, keys []string
	for _, c := range t.columns {
		if c.fold == "" {
			keys = append(keys, quote(c.name))
			values = append(values, quote(c.name))
		} else {
			values = append(values, c.fold)
		}
	}
	return `INSERT INTO ` + t.name + ` ` + committedWhole(`SELECT `+strings.Join(values, ", ")+`, ?::BIGINT FROM `+t.name+where+
		` GROUP BY `+strings.Join(keys, ", ")+` ORDER BY `+t.order, len(values)+1)
}

// Merge merges all that can be merged. Reads see the same ledger before, meanwhile and
// after.
func (db *DB) Merge(ctx context.Context) error { return db.mergeAll(ctx, anyLevel) }

func (db *DB) mergeAll(ctx context.Context, pick picker) error {
	for {
		more, err := db.merger.step(ctx, pick)
		if err != nil || !more {
			return err
		}
	}
}

// mergePause is how long no batch must have come before the background merges, so that
// bulk loads have the machine to themselves.
const mergePause = time.Second

// background merges when batches have come and the store is idle.
func (db *DB) background(ctx context.Context) {
	defer close(db.done)
	idle := time.NewTimer(mergePause)
	defer idle.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-db.appended:
			idle.Reset(mergePause)
		case <-idle.C:
			for range idleBuilders {
				db.takeBuilder() // its memory is freed
			}
			if err := db.mergeAll(ctx, fullLevel); err != nil && ctx.Err() == nil {
				db.logger.Error("merge the ledger", slog.Any("error", err))
			}
		}
	}
}
