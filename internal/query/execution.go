package query

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spoor/internal/entity"
	"spoor/internal/kql"
	"spoor/internal/kql/bind"
	"spoor/internal/kql/dialect"
	"spoor/internal/kql/plan"
	"spoor/internal/kql/syntax"
	"spoor/internal/store"
)

// Sources fetches the rows of tables that no event table holds. Their values are as
// store.Input says, in the order of the columns that the source was bound with.
type Sources interface {
	Fetch(ctx context.Context, source bind.Source) ([][]any, error)
}

// maxProbes bounds how often a query is compiled anew because of what its data hold.
const maxProbes = 32

// execution runs the statements of one query on one snapshot.
type execution struct {
	ctx     context.Context // of the query
	snap    store.Snapshot
	sources Sources
	tables  map[string]int64 // the rows of each table
	memory  share
	// wholeScans: the ledger is not asked where rows are.
	wholeScans bool
	// excerpts: what names an address is read from excerpts.
	excerpts bool
}

func (x *execution) rowsOf(table string) int64 { return x.tables[table] }

// close ends the snapshot and gives the memory back.
func (x *execution) close() error {
	x.memory.release()
	return x.snap.Close()
}

// compile compiles a query, and runs the probes that this takes. The error is a
// *CompileError when the text is wrong.
func (x *execution) compile(text string, env kql.Env) (*kql.Compiled, []syntax.Diagnostic, error) {
	for range maxProbes {
		c, diags := kql.Compile(text, env)
		if err := x.ctx.Err(); err != nil {
			return nil, nil, err
		}
		if c == nil {
			return nil, nil, &CompileError{Text: text, Diagnostics: diags}
		}
		if c.Probe == nil {
			return c, diags, x.prune(c)
		}
		rows, err := x.probe(c.Probe)
		if err != nil {
			return nil, nil, err
		}
		env.Probes = append(env.Probes, rows)
	}
	return nil, nil, &Error{Code: CodeTooLarge, Message: fmt.Sprintf("More than %d operators of the query depend on the data for their columns.", maxProbes)}
}

// maxPruned bounds for how many entities the ledger is asked.
const maxPruned = 256

// excerptedRows is the size of a table of which an excerpt is worth its while.
const excerptedRows = 100_000

// prune lets a query read only where the ledger has seen what it looks for.
func (x *execution) prune(c *kql.Compiled) error {
	if x.wholeScans {
		return nil
	}
	if x.excerpts {
		if err := c.Excerpted(func(table, address string) (string, error) {
			if x.rowsOf(table) < excerptedRows {
				return "", nil
			}
			return x.snap.Excerpt(x.ctx, table, address)
		}); err != nil {
			return err
		}
	}
	wanted := c.Wanted()
	if len(wanted) == 0 || len(wanted) > maxPruned {
		return nil
	}
	found, err := x.snap.Sighted(x.ctx, wanted)
	if err != nil || found == nil {
		return err
	}
	seen := plan.Sightings{Of: make(map[entity.ID][]plan.Span, len(found.Of)), Sources: found.Sources}
	for id, spans := range found.Of {
		for _, s := range spans {
			seen.Of[id] = append(seen.Of[id], plan.Span(s))
		}
	}
	return c.Pruned(seen, x.rowsOf)
}

// probe runs a probe.
func (x *execution) probe(p *kql.Probe) (bind.ProbeAnswer, error) {
	rows, err := x.collect(x.read(&p.Table))
	if err == nil && len(rows) > p.Most {
		return nil, &Error{Code: CodeTooLarge, Message: fmt.Sprintf("The data would give the result more than %d columns.", p.Most)}
	}
	return rows, err
}

// run makes the inputs of a program and starts its statement.
func (x *execution) run(p *kql.Program) (store.Rows, error) {
	var inputs []store.Input
	for _, s := range p.Steps {
		rows, err := x.step(&s, inputs)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, store.Input{ID: s.ID, Types: s.Types, Rows: rows})
	}
	return x.snap.Query(x.ctx, p.SQL, p.Args, inputs...)
}

// step makes one input.
func (x *execution) step(s *kql.Step, inputs []store.Input) ([][]any, error) {
	if s.Source != nil {
		return x.fetch(s.Source)
	}
	tables := make([][][]any, len(s.Ins))
	for i, stmt := range s.Ins {
		rows, err := x.rows(stmt, inputs)
		if err != nil {
			return nil, err
		}
		tables[i] = rows
	}
	return s.Op.Run(x.ctx, tables)
}

func (x *execution) fetch(source bind.Source) ([][]any, error) {
	if x.sources == nil {
		return nil, fmt.Errorf("fetch %s: there is nothing to fetch it with", source)
	}
	rows, err := x.sources.Fetch(x.ctx, source)
	for _, row := range rows {
		if err == nil {
			err = x.memory.hold(sizeOf(row))
		}
	}
	return rows, err
}

// rows runs a statement and keeps its rows.
func (x *execution) rows(stmt dialect.Statement, inputs []store.Input) ([][]any, error) {
	in, err := x.snap.Query(x.ctx, stmt.SQL, stmt.Args, inputs...)
	if err != nil {
		return nil, err
	}
	return x.collect(in)
}

// valueRows is what collect needs of store.Rows.
type valueRows interface {
	Next() bool
	Values() []any
	Err() error
	Close() error
}

// collect reads rows to their end and closes them.
func (x *execution) collect(in valueRows) ([][]any, error) {
	rows := [][]any{}
	for in.Next() {
		row := slices.Clone(in.Values())
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = string(b)
			}
		}
		if err := x.memory.hold(sizeOf(row)); err != nil {
			return nil, errors.Join(err, in.Close())
		}
		rows = append(rows, row)
	}
	return rows, errors.Join(in.Err(), in.Close())
}
