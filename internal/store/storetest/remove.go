package storetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"spoor/internal/device"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// removeSource removes sources from among others, with and without merges between.
func removeSource(t *testing.T, h *harness) {
	batches := h.randomBatches(21)
	h.append(batches...)
	before := h.contents()
	for i := range 2 {
		s := h.source("wrong.log", "north")
		m := newMaker(99, s)
		h.append(m.batch(200), m.batch(200))
		alone := newRow("AlertInfo") // a table that no other source has rows of
		h.append(single(s, []schema.Row{alone}))
		if i == 1 {
			if err := h.Merge(h.ctx()); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.RemoveSource(h.ctx(), s.ID); err != nil {
			t.Fatal(err)
		}
		h.wantContents(h.contents(), before)
		if _, err := h.Raw(h.ctx(), schema.NewRawID(s.ID, 0)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("raw record of a removed source: got %v, want ErrNotFound", err)
		}
		h.reopen()
		h.wantContents(h.contents(), before)
	}
	h.wantLedger(count(batches...))
}

func removeAndReturn(t *testing.T, h *harness) {
	h.append(h.randomBatches(22)...)
	sightings, holders := h.rows(viewSQL), h.rows(`SELECT * EXCLUDE "LastRawId" FROM event."SpoorAddressHolders" ORDER BY ALL`)
	sources, err := h.Sources(h.ctx())
	if err != nil {
		t.Fatal(err)
	}
	// The batches are made from seeds, so the same ones can be made again.
	for _, s := range sources {
		if err := h.RemoveSource(h.ctx(), s.ID); err != nil {
			t.Fatal(err)
		}
	}
	for name, lines := range h.contents() {
		if len(lines) > 0 {
			t.Errorf("%s has %d rows after all sources are removed", name, len(lines))
		}
	}
	h.append(h.randomBatches(22)...)
	h.want("sightings", sorted(h.rows(viewSQL)), sorted(sightings)...)
	h.want("holders", h.rows(`SELECT * EXCLUDE "LastRawId" FROM event."SpoorAddressHolders" ORDER BY ALL`), holders...)
}

func removeUnknown(t *testing.T, h *harness) {
	if err := h.RemoveSource(h.ctx(), 12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func expireKeepsLedger(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	m := newMaker(1, s)
	old, fresh := m.batch(100), m.batch(50) // ingested at ingested and ingested + 100
	old.Key, fresh.Key = "old", "fresh"
	h.append(old, fresh)
	all, kept := count(old, fresh), count(fresh)
	gone, err := h.Expire(h.ctx(), ingested+100)
	if err != nil {
		t.Fatal(err)
	}
	rows := count(old).rows
	if want := rows[primaryTable] + rows[copyTable]; gone != want {
		t.Errorf("%d rows expired, want %d", gone, want)
	}
	tables, err := h.Tables(h.ctx())
	if err != nil || tables[primaryTable] != kept.rows[primaryTable] || tables[copyTable] != kept.rows[copyTable] {
		t.Errorf("got the tables %v, %v, want %v", tables, err, kept.rows)
	}
	h.wantLedger(all)
	if _, err := h.Raw(h.ctx(), schema.NewRawID(s.ID, 99)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired raw record: got %v, want ErrNotFound", err)
	}
	if _, err := h.Raw(h.ctx(), schema.NewRawID(s.ID, 100)); err != nil {
		t.Errorf("a raw record ingested at the moment: %v", err)
	}
	if _, ok, err := h.AppliedKey(h.ctx(), "fresh"); !ok || err != nil {
		t.Errorf("the key of a batch that is kept: got %v, %v, want true", ok, err)
	}
	if err := h.Append(h.ctx(), old); err != nil {
		t.Errorf("an expired batch again: %v", err)
	}
	h.wantRows(`SELECT count(*) FROM event."`+primaryTable+`"`, "50")
	if gone, err := h.Expire(h.ctx(), ingested+100); gone != 0 || err != nil {
		t.Errorf("expiring again: %d rows, %v, want 0", gone, err)
	}
}

// renameDevices renames one device of one source; a store that took the batches under the
// new id from the start says the same.
func renameDevices(t *testing.T, h *harness) {
	const name, id = "host1.example", "another id"
	var batches []*store.Batch
	var source int32
	for i, file := range []string{"a.log", "b.log"} {
		b := newMaker(uint64(i), h.source(file, "north")).batch(300)
		for j := range b.Records {
			row := &b.Records[j].Rows[0]
			row.SetString("DeviceId", device.ID("north", row.Str("DeviceName")))
		}
		batches = append(batches, b)
		source = b.Source.ID
	}
	h.append(batches...)
	want := map[string]string{}
	for i := range 4 {
		host := fmt.Sprintf("host%d.example", i)
		want[host] = device.ID("north", host)
	}
	got, err := h.SourceDevices(h.ctx(), source)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("devices: %v, %v, want %v", got, err, want)
	}
	if err := h.RenameDevices(h.ctx(), source, map[string]string{name: id, "nobody": id}); err != nil {
		t.Fatal(err)
	}
	renamed := *batches[1]
	renamed.Sightings, renamed.Claims = slices.Clone(renamed.Sightings), slices.Clone(renamed.Claims)
	for i := range renamed.Sightings {
		if s := &renamed.Sightings[i]; s.Device == name {
			s.DeviceID = id
		}
	}
	for i := range renamed.Claims {
		if c := &renamed.Claims[i]; c.Device == name {
			c.DeviceID = id
		}
	}
	check := func() {
		t.Helper()
		h.wantLedger(count(batches[0], &renamed))
		h.wantRows(`SELECT DISTINCT "DeviceName", "_SourceName" FROM event."`+primaryTable+`" WHERE "DeviceId" = 'another id'`, name+"|b.log")
		h.wantRows(`SELECT count(*) FROM event."`+primaryTable+`" WHERE "DeviceName" = 'host1.example' AND "_SourceName" = 'b.log' AND "DeviceId" <> 'another id'`, "0")
		if got, err := h.SourceDevices(h.ctx(), source); err != nil || got[name] != id {
			t.Errorf("devices after renaming: %v, %v", got, err)
		}
	}
	check()
	if err := h.Merge(h.ctx()); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	check()
}
