package audit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// SourceKind is the kind of the rows of SpoorAudit and the format of their source,
// which is never removed.
const SourceKind = "spoor.audit"

// Engine is what Fold needs of an event store.
type Engine interface {
	Sources(ctx context.Context) ([]store.Source, error)
	CreateSource(ctx context.Context, s *store.Source) error
	Append(ctx context.Context, b *store.Batch) error
}

// kept is how long entries stay in the case store once they are in the event store.
const kept = 90 * 24 * time.Hour

// foldAtOnce bounds one batch.
const foldAtOnce = 5000

// Folder moves entries into the event table. It is safe for concurrent use.
type Folder struct {
	log    *Log
	engine Engine
	table  *schema.Table

	mu     sync.Mutex
	source *store.Source // nil until the first fold
}

// NewFolder makes a Folder; table is the catalogue's SpoorAudit.
func NewFolder(log *Log, engine Engine, table *schema.Table) *Folder {
	return &Folder{log: log, engine: engine, table: table}
}

// Fold appends every entry that is not yet in the event table and returns how many
// there were. The last one's ID is committed with the rows, as the state of their
// source, so that no crash folds an entry twice.
func (f *Folder) Fold(ctx context.Context) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.fold(ctx)
	if err != nil {
		f.source = nil // what was committed is read again
		return n, fmt.Errorf("fold the audit log into %s: %w", f.table.Name, err)
	}
	return n, nil
}

func (f *Folder) fold(ctx context.Context) (int, error) {
	if err := f.openSource(ctx); err != nil {
		return 0, err
	}
	total := 0
	for {
		done := lastFolded(f.source)
		entries, err := f.log.list(ctx, `WHERE id > ? ORDER BY id LIMIT ?`, done, foldAtOnce)
		if err != nil {
			return total, err
		}
		if len(entries) == 0 {
			return total, f.log.forget(ctx, done)
		}
		batch, err := f.batch(entries)
		if err != nil {
			return total, err
		}
		if err := f.engine.Append(ctx, batch); err != nil {
			return total, err
		}
		f.source = batch.Source
		total += len(entries)
	}
}

func (f *Folder) openSource(ctx context.Context) error {
	if f.source != nil {
		return nil
	}
	sources, err := f.engine.Sources(ctx)
	if err != nil {
		return err
	}
	for _, s := range sources {
		if s.Format == SourceKind {
			f.source = &s
			return nil
		}
	}
	s := &store.Source{Name: "audit", Format: SourceKind}
	if err := f.engine.CreateSource(ctx, s); err != nil {
		return err
	}
	f.source = s
	return nil
}

func lastFolded(s *store.Source) int64 {
	if len(s.State) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(s.State))
}

func (f *Folder) batch(entries []Entry) (*store.Batch, error) {
	next := *f.source
	batch := &store.Batch{Source: &next, From: next.Ordinal, IngestedAt: schema.TicksOf(f.log.now())}
	for _, e := range entries {
		record, err := f.record(e)
		if err != nil {
			return nil, err
		}
		record.Ordinal, record.Offset = next.Ordinal, next.Offset
		batch.Records = append(batch.Records, record)
		next.Ordinal++
		next.Offset += int64(len(record.Raw))
	}
	next.State = binary.BigEndian.AppendUint64(nil, uint64(entries[len(entries)-1].ID))
	next.Counts.Stored += int64(len(entries))
	byTable := map[string]int64{}
	maps.Copy(byTable, next.Counts.ByTable)
	byTable[f.table.Name] += int64(len(entries))
	next.Counts.ByTable = byTable
	if next.FirstIngested == 0 {
		next.FirstIngested = batch.IngestedAt
	}
	next.LastIngested = batch.IngestedAt
	return batch, nil
}

func (f *Folder) record(e Entry) (store.Record, error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return store.Record{}, err
	}
	row := schema.NewRow(f.table)
	row.SetTime("TimeGenerated", schema.TicksOf(e.Time))
	row.SetString("Actor", e.Actor)
	row.SetString("Role", e.Role)
	row.SetString("Action", e.Action)
	row.SetString("Target", e.Target)
	row.SetString("ClientIP", e.ClientIP)
	row.SetBool("Succeeded", e.Succeeded)
	row.SetInt("Rows", e.Rows)
	row.SetTime("Duration", schema.DurationTicks(e.Duration))
	if len(e.Detail) > 0 {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return store.Record{}, err
		}
		row.SetString("Detail", string(detail))
	}
	return store.Record{Raw: raw, Kind: SourceKind, Rows: []schema.Row{row}}, nil
}

// forget drops old entries that are in the event table.
func (l *Log) forget(ctx context.Context, folded int64) error {
	_, err := l.db.ExecContext(ctx, `DELETE FROM audit WHERE id <= ? AND at < ?`, folded, casedb.Micros(l.now().Add(-kept)))
	return err
}
