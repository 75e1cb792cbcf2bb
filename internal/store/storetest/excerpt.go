package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// excerptOfAddress: an excerpt has the rows of its snapshot, however the store goes on, and
// there is another one for a later one: after more rows, also in a column that none has
// filled before, after some have expired, and after their source has gone.
func excerptOfAddress(t *testing.T, h *harness) {
	m, other := newMaker(1, h.source("a.log", "north")), newMaker(2, h.source("b.log", "south"))
	first, second := m.batch(200), other.batch(100)
	h.append(first)
	early := h.snapshot()
	h.wantExcerpt(early, first)
	h.append(second)
	late := h.snapshot()
	h.wantExcerpt(late, first, second)
	h.wantExcerpt(early, first)
	h.wantExcerpt(h.snapshot(), first, second)

	session := other.batch(10)
	for i := range session.Records {
		session.Records[i].Rows[0].SetString(sessionColumn, excerptAddress)
	}
	h.append(session)
	h.wantExcerpt(h.snapshot(), first, second, session)

	third := m.batch(50) // ingested later than the others
	h.append(third)
	if _, err := h.Expire(h.ctx(), third.IngestedAt); err != nil {
		t.Fatal(err)
	}
	h.wantExcerpt(h.snapshot(), third)
	h.wantNoExcerpt(late, primaryTable, excerptAddress) // what has expired is not to be copied any more
	if err := h.RemoveSource(h.ctx(), first.Source.ID); err != nil {
		t.Fatal(err)
	}
	now := h.snapshot()
	h.wantNoExcerpt(now, primaryTable, "10.0.0.1") // which no sighting names
	h.wantNoExcerpt(now, primaryTable, "no address")
	h.wantNoExcerpt(now, copyTable, excerptAddress)
	h.wantNoExcerpt(now, "DeviceEvents", excerptAddress)
}

const (
	excerptAddress = "203.0.113.5"
	sessionColumn  = "InitiatingProcessRemoteSessionIP"
)

func (h *harness) wantNoExcerpt(s store.Snapshot, table, address string) {
	h.t.Helper()
	if name, err := s.Excerpt(h.ctx(), table, address); name != "" || err != nil {
		h.t.Errorf("an excerpt of %s for %q: got %q, %v, want none", table, address, name, err)
	}
}

// wantExcerpt compares the rows of an excerpt with those of batches.
func (h *harness) wantExcerpt(s store.Snapshot, batches ...*store.Batch) {
	h.t.Helper()
	name, err := s.Excerpt(h.ctx(), primaryTable, excerptAddress)
	if err != nil {
		h.t.Fatal(err)
	}
	if name == "" {
		h.t.Fatalf("no excerpt for %s", excerptAddress)
	}
	var want []string
	for _, b := range batches {
		for _, r := range b.Records {
			if row := r.Rows[0]; row.Str("RemoteIP") == excerptAddress || row.Str(sessionColumn) == excerptAddress {
				want = append(want, fmt.Sprintf("%s|%s||%s", row.Str("LocalIP"), row.Str("DeviceName"), b.Source.Name))
			}
		}
	}
	slices.Sort(want)
	h.wantFrom(s, `SELECT "LocalIP", "DeviceName", "RemoteUrl", "_SourceName" FROM `+name+` AS e ORDER BY ALL`, nil, want...)
}

// excerptsWhileGrowing: whoever asks while batches come in and rows expire has an excerpt of
// its own snapshot, or none.
func excerptsWhileGrowing(t *testing.T, h *harness) {
	m := newMaker(1, h.source("a.log", "north"))
	h.append(m.batch(100))
	done := make(chan error, 1)
	go func() {
		var err error
		for n := range 30 {
			err = errors.Join(err, h.Append(h.ctx(), m.batch(50)))
			if n%7 == 6 {
				_, expired := h.Expire(h.ctx(), ingested+schema.Ticks(20*n))
				err = errors.Join(err, expired)
			}
		}
		done <- err
	}()
	var had atomic.Int64
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for n := range 40 {
				if err := h.compareExcerpt(fmt.Sprintf("203.0.113.%d", n%8), &had); err != nil {
					t.Error(err)
				}
			}
		})
	}
	asking.Wait()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := h.compareExcerpt(excerptAddress, &had); err != nil || had.Load() == 0 {
		t.Errorf("%d excerpts were had, %v", had.Load(), err)
	}
}

// compareExcerpt compares an excerpt with the table that it is of.
func (h *harness) compareExcerpt(address string, had *atomic.Int64) error {
	s, err := h.Snapshot(h.ctx())
	if err != nil {
		return err
	}
	count := func(from string) ([]string, error) {
		r, err := s.Query(h.ctx(), `SELECT count(*), coalesce(sum("_RawId"), 0)::BIGINT FROM `+from+` WHERE "RemoteIP" = ? OR "LocalIP" = ?`, []any{address, address})
		if err != nil {
			return nil, err
		}
		return readRows(r)
	}
	name, err := s.Excerpt(h.ctx(), primaryTable, address)
	if err == nil && name != "" {
		var got, want []string
		had.Add(1)
		if got, err = count(name); err == nil {
			want, err = count(`event."` + primaryTable + `"`)
		}
		if !slices.Equal(got, want) {
			err = errors.Join(err, fmt.Errorf("the excerpt for %s has %v, its snapshot %v", address, got, want))
		}
	}
	return errors.Join(err, s.Close())
}
