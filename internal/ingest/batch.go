package ingest

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"unicode/utf8"

	"spoor/internal/ingest/normalize"
	"spoor/internal/ledger"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// batcher gathers records, in order, until there are enough for a commit.
type batcher struct {
	run       *run
	folder    *ledger.Folder
	snapshots *normalize.Snapshots
	claims    map[claimKey]*store.Claim

	events []event
	gaps   gaps
	bytes  int64
	offset int64        // where the batch begins
	next   store.Source // the position behind what was added
}

type claimKey struct {
	address, device, evidence string
	hour                      schema.Ticks
}

func newBatcher(r *run) *batcher {
	return &batcher{
		run: r, folder: ledger.NewFolder(), snapshots: normalize.NewSnapshots(),
		claims: map[claimKey]*store.Claim{}, offset: r.source.Offset, next: *r.source,
	}
}

// begin gives a new source its number, before the first record needs it.
func (b *batcher) begin(ctx context.Context) error {
	if b.run.source.ID != 0 {
		return nil
	}
	b.run.source.Format = b.run.in.Format.Name
	if err := b.run.cfg.Store.CreateSource(ctx, b.run.source); err != nil {
		return fmt.Errorf("begin %s: %w", b.run.in.Name, err)
	}
	b.next = *b.run.source
	return nil
}

func (b *batcher) add(p *part) {
	b.events = append(b.events, p.events...)
	b.bytes += int64(len(p.chunk.Data))
	b.gaps.add(p)
	_, _ = b.run.hash.Write(p.chunk.Data) // never fails
	b.next.Ordinal, b.next.Offset, b.next.State = p.chunk.NextOrdinal(), p.chunk.NextOffset(), p.chunk.State()
}

func (b *batcher) full() bool {
	return len(b.events) >= b.run.cfg.BatchRecords || b.bytes >= b.run.cfg.BatchBytes
}

// readyRecords make a batch worth its commit when the store has nothing else to do. A
// file smaller than a whole batch is then normalized while its first part is committed.
const readyRecords = 10_000

// ready reports whether there is enough for a batch, if the store is idle.
func (b *batcher) ready() bool { return len(b.events) >= readyRecords }

// flush makes a batch of what was gathered; nil when that is nothing.
func (b *batcher) flush(ctx context.Context) (*store.Batch, error) {
	if b.bytes == 0 {
		return nil, nil
	}
	if err := b.run.processes.fill(ctx, b.run, b.events); err != nil {
		return nil, err
	}
	now := schema.TicksOf(b.run.cfg.Now())
	from := b.next.Ordinal - int64(len(b.events))
	counts := &b.next.Counts
	counts.ByTable, counts.UnmappedTypes = maps.Clone(counts.ByTable), maps.Clone(counts.UnmappedTypes)
	batch := &store.Batch{
		From: from, Key: b.run.opt.Key, IngestedAt: now, Records: make([]store.Record, 0, len(b.events)),
		Gaps: b.gaps.take(), Marks: b.run.hash.since(b.offset),
	}
	for i := range b.events {
		ev := &b.events[i]
		batch.Records = append(batch.Records, b.record(ev, now, counts))
	}
	batch.Sightings = b.folder.Sightings()
	for _, c := range b.claims {
		batch.Claims = append(batch.Claims, *c)
	}
	clear(b.claims)
	source := b.next
	source.Hash = b.run.hash.sum()
	batch.Source, b.offset = &source, source.Offset
	b.events, b.bytes = nil, 0
	return batch, nil
}

// record makes the stored form of an event, folds it and counts it.
func (b *batcher) record(ev *event, now schema.Ticks, counts *store.Counts) store.Record {
	rec := store.Record{Ordinal: ev.ordinal, Offset: ev.offset, Raw: ev.raw, Kind: ev.Kind, Outcome: ev.Flow.Outcome}
	if ev.reason != "" {
		rec.Kind, rec.Rows = "spoor.quarantine", []schema.Row{quarantineRow(ev, now)}
		counts.Quarantined++
		counts.ByTable[schema.SpoorQuarantine]++
		return rec
	}
	if ev.Time == 0 {
		b.setTime(ev, now)
	}
	if ev.unresolved {
		counts.Unresolved++
	}
	ev.Rows = append(ev.Rows, b.snapshots.Add(&ev.Event)...)
	b.fold(ev)
	rec.Rows = ev.Rows
	for i := range ev.Rows {
		counts.ByTable[ev.Rows[i].Table.Name]++
	}
	if ev.Unmapped {
		counts.Unmapped++
		counts.UnmappedTypes[ev.Rows[0].Str("RecordType")]++
	} else {
		counts.Stored++
	}
	return rec
}

// setTime dates a record that names no time by when it was taken in.
func (b *batcher) setTime(ev *event, now schema.Ticks) {
	ev.Time = now
	for i := range ev.Rows {
		ev.Rows[i].SetTime(ev.Rows[i].Table.Time, now)
	}
}

func (b *batcher) fold(ev *event) {
	src := &b.next
	id := b.run.norm.DeviceID(ev.Device)
	raw := schema.NewRawID(src.ID, ev.ordinal)
	b.folder.Add(&ledger.Event{
		SourceKind: ev.Kind, Source: src.ID, Site: src.Site, RawID: raw, Time: ev.Time,
		Device: ev.Device, DeviceID: id, Rows: ev.Rows, Flow: ev.Flow, Observables: ev.Observables,
	})
	for _, c := range ev.Claims {
		name := c.Device
		if name == "" {
			name = ev.Device
		}
		if name != "" {
			b.claim(ev, c.Address.String(), name, raw)
		}
	}
}

// claim folds a claim with the others of the same hour.
func (b *batcher) claim(ev *event, address, name string, raw schema.RawID) {
	k := claimKey{address, name, ev.Kind, ev.Time / schema.TicksPerHour}
	c, ok := b.claims[k]
	if !ok {
		c = &store.Claim{
			Site: b.next.Site, Address: address, Device: name, DeviceID: b.run.norm.DeviceID(name), Evidence: ev.Kind,
			Source: b.next.ID, First: ev.Time, Last: ev.Time,
		}
		b.claims[k] = c
	}
	c.First, c.Last = min(c.First, ev.Time), max(c.Last, ev.Time)
	c.Records++
	c.LastRaw = raw
}

func quarantineRow(ev *event, now schema.Ticks) schema.Row {
	row := schema.NewRow(schema.Default().MustTable(schema.SpoorQuarantine))
	row.SetTime("TimeGenerated", now)
	row.SetInt("Ordinal", ev.ordinal)
	row.SetInt("ByteOffset", ev.offset)
	row.SetString("Reason", ev.reason)
	row.SetString("RawData", printable(ev.raw))
	return row
}

// maxPrintable bounds the copy of a quarantined record that KQL sees; the whole of it
// is in the raw store.
const maxPrintable = 32 << 10

// printable is the bytes as text; what is not UTF-8 becomes \xNN.
func printable(raw []byte) string {
	raw = raw[:min(len(raw), maxPrintable)]
	if utf8.Valid(raw) {
		return string(raw)
	}
	out := make([]byte, 0, len(raw)+16)
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			out = append(out, `\x`...)
			out = append(out, strconv.FormatUint(uint64(raw[0])|0x100, 16)[1:]...)
		} else {
			out = append(out, raw[:n]...)
		}
		raw = raw[n:]
	}
	return string(out)
}
