package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"golang.org/x/sync/errgroup"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/ingest/receive"
	"spoor/internal/store"
)

// run is the taking in of one source.
type run struct {
	*Pipeline
	*tail
	before *tail // the source read before
	passed sync.Once
	in     *receive.Input
	opt    Options
	report Report

	source  *store.Source
	base    store.Counts // of the source before this run
	resumed bool         // part of the content was known
	within  bool         // the source holds all of the content, and more
	hash    *fingerprint // over what was read so far
	norm    normalize.Source
	left    int // bytes of an unfinished last line
}

func (r *run) do(ctx context.Context) error {
	if err := r.identify(ctx); err != nil {
		return err
	}
	if r.within {
		return r.countKnown(ctx)
	}
	r.report.Known, r.report.Read, r.report.Bytes = r.source.Ordinal, r.source.Ordinal, r.source.Offset
	r.metrics.known(r.report.Known)
	if err := r.survey(ctx); err != nil {
		return err
	}
	r.report.ClockOffset = r.source.ClockOffset
	err := r.read(ctx)
	r.report.SourceID = r.source.ID
	return err
}

// each works on the chunks behind the known part; see inOrder.
func each[T any](ctx context.Context, r *run, work func(*decode.Chunk) T, yield func(T) error) (readErr, err error) {
	f, err := r.in.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	splitter, err := r.splitter(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", r.in.Name, err)
	}
	return inOrder(ctx, splitter, r.cfg.Workers, work, yield)
}

// splitter begins at the first byte, or behind the known part.
func (r *run) splitter(f io.Reader) (*decode.Splitter, error) {
	o := decode.Options{Name: r.in.Name, Grows: r.in.Plain}
	if !r.resumed {
		return decode.NewSplitter(f, r.in.Format, o)
	}
	r.hash = newFingerprint()
	if _, err := io.CopyN(r.hash, f, r.source.Offset); err != nil {
		return nil, fmt.Errorf("read the known part: %w", err)
	}
	return decode.Resume(f, r.source.State, o)
}

// countKnown reports content that is the beginning of a source: its records are known.
func (r *run) countKnown(ctx context.Context) error {
	r.report.SourceID, r.report.ClockOffset = r.source.ID, r.source.ClockOffset
	readErr, err := each(ctx, r, (*decode.Chunk).Records, func(records int) error {
		r.report.Known += int64(records)
		return nil
	})
	r.report.Read, r.report.Bytes = r.report.Known, r.hash.size
	r.metrics.known(r.report.Known)
	return errors.Join(err, readErr)
}

// read takes in what is behind the known part.
func (r *run) read(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan *store.Batch, 1)
	var readErr error
	group.Go(func() (err error) {
		defer close(batches)
		readErr, err = r.collect(ctx, batches)
		return err
	})
	group.Go(func() error { return r.commit(ctx, batches) })
	if err := group.Wait(); err != nil {
		return err
	}
	switch {
	case readErr != nil:
		r.report.Problem = readErr.Error()
	case r.left > 0:
		r.report.Problem = fmt.Sprintf("the last line is not finished: its %d bytes are left until the file has grown", r.left)
	}
	return nil
}

// collect joins the records, in order, into batches.
func (r *run) collect(ctx context.Context, batches chan<- *store.Batch) (readErr, err error) {
	b := newBatcher(r)
	send := func() error {
		batch, err := b.flush(ctx)
		if err != nil || batch == nil {
			return err
		}
		select {
		case batches <- batch:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	// What is left is up to the store, and the next source can be read.
	defer r.passTurn()
	readErr, err = each(ctx, r, r.normalize, func(p *part) error {
		if p.unfinished() {
			r.left = len(p.chunk.Data)
			return nil
		}
		if err := b.begin(ctx); err != nil {
			return err
		}
		b.add(p)
		if b.full() || b.ready() && r.committing.Load() == 0 {
			return send()
		}
		return nil
	})
	if err != nil {
		return readErr, err
	}
	return readErr, send()
}

// part is a chunk with what became of its records.
type part struct {
	chunk  *decode.Chunk
	events []event
}

// unfinished reports whether the part is the last line of a source that may grow, which
// has no end yet and does not parse.
func (p *part) unfinished() bool {
	return p.chunk.Open() && len(p.events) == 1 && p.events[0].unparsed
}

// event is a normalized record, or a quarantined one, which has a reason and no rows.
type event struct {
	normalize.Event
	ordinal, offset int64
	raw             []byte
	reason          string
	unparsed        bool // the decoder could not read it
	unresolved      bool // the creation of its process is not known
}

// normalize decodes and normalizes a chunk. It runs on several goroutines.
func (r *run) normalize(chunk *decode.Chunk) *part {
	p := &part{chunk: chunk, events: make([]event, 0, chunk.Records())}
	var decoder decode.Decoder
	decoder.Decode(chunk, func(rec *decode.Record) {
		ev := event{ordinal: rec.Ordinal, offset: rec.Offset, raw: rec.Raw}
		var ok bool
		if ev.Event, ok, ev.reason = normalize.Record(rec, &r.norm); !ok && ev.reason == "" {
			ev.reason = "no mapping takes it"
		}
		p.events = append(p.events, ev)
	}, func(e *decode.Error) {
		p.events = append(p.events, event{ordinal: e.Ordinal, offset: e.Offset, raw: e.Raw, reason: e.Reason, unparsed: true})
	})
	return p
}

// commit stores the batches in order.
func (r *run) commit(ctx context.Context, batches <-chan *store.Batch) error {
	for batch := range batches {
		r.committing.Add(1)
		err := r.cfg.Store.Append(ctx, batch)
		r.committing.Add(-1)
		if err != nil {
			return fmt.Errorf("store records %d to %d of %s: %w", batch.From, batch.Source.Ordinal, r.in.Name, err)
		}
		r.committed(batch.Source)
	}
	return nil
}

// committed brings the report up to what is stored.
func (r *run) committed(s *store.Source) {
	r.cfg.Log.Debug("batch committed", slog.String("source", r.in.Name), slog.Int64("records", s.Ordinal-r.report.Read))
	before := r.report
	r.report.Read, r.report.Bytes = s.Ordinal, s.Offset
	r.report.Stored = s.Counts.Stored - r.base.Stored
	r.report.Unmapped = s.Counts.Unmapped - r.base.Unmapped
	r.report.Quarantined = s.Counts.Quarantined - r.base.Quarantined
	r.report.Unresolved = s.Counts.Unresolved - r.base.Unresolved
	r.report.Tables = minus(s.Counts.ByTable, r.base.ByTable)
	r.report.UnmappedTypes = minus(s.Counts.UnmappedTypes, r.base.UnmappedTypes)
	r.metrics.add(&before, &r.report)
	if r.opt.Progress != nil {
		r.opt.Progress(r.report)
	}
}

// minus is what a counts beyond b; zeros are left out.
func minus(a, b map[string]int64) map[string]int64 {
	out := map[string]int64{}
	for k, n := range a {
		if d := n - b[k]; d != 0 {
			out[k] = d
		}
	}
	return out
}
