package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"spoor/internal/store"
)

func sourceFoundByMark(t *testing.T, h *harness) {
	mark := store.Mark{Offset: 8, Hash: []byte("hash of 8 bytes")}
	var south *store.Source
	for _, site := range []string{"north", "south"} {
		s := h.source("a.log", site)
		b := newMaker(1, s).batch(3)
		b.Marks = []store.Mark{{Offset: 4, Hash: []byte("hash of 4 bytes")}, mark}
		h.append(b)
		south = b.Source
	}
	h.reopen()
	for _, c := range []struct {
		mark  store.Mark
		size  int64
		found int
	}{
		{mark, 8, 1},
		{mark, south.Offset - 1, 1},
		{mark, south.Offset, 0},
		{store.Mark{Offset: 8, Hash: []byte("hash of 4 bytes")}, 8, 0},
		{store.Mark{Offset: 4, Hash: mark.Hash}, 8, 0},
	} {
		got, err := h.LongerSources(h.ctx(), "south", c.mark, c.size)
		if err != nil || len(got) != c.found {
			t.Errorf("longer than %d with %v: %d sources, %v, want %d", c.size, c.mark, len(got), err, c.found)
		}
	}
	if err := h.RemoveSource(h.ctx(), south.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := h.LongerSources(h.ctx(), "south", mark, 8); err != nil || len(got) != 0 {
		t.Errorf("after the removal: %v, %v", got, err)
	}
}

// content puts batches with gaps together: a header, line ends and the end of the file.
func content(m *maker) (batches []*store.Batch, text string) {
	var all strings.Builder
	for i, records := range []int{300, 4000, 0} {
		b := m.batch(records)
		gap := "\n"
		for j := range b.Records {
			b.Gaps = append(b.Gaps, store.Gap{Records: 1, Bytes: []byte(gap)})
			all.WriteString(gap)
			all.Write(b.Records[j].Raw)
			gap = strings.Repeat(" ", j%3) + "\n"
		}
		end := fmt.Sprintf("\nend %d", i)
		b.Gaps = append(b.Gaps, store.Gap{Bytes: []byte(end)})
		all.WriteString(end)
		m.source.Offset = int64(all.Len())
		b.Source.Offset = m.source.Offset
		batches = append(batches, b)
	}
	return batches, all.String()
}

func contentComesBack(t *testing.T, h *harness) {
	s := h.source("a.log", "north")
	batches, text := content(newMaker(1, s))
	h.append(batches...)
	h.append(batches...)
	h.reopen()
	size := int64(len(text))
	read := func(from, to int64) (string, error) {
		var got strings.Builder
		err := h.Content(h.ctx(), s.ID, from, to, func(piece []byte) error {
			got.Write(piece)
			return nil
		})
		return got.String(), err
	}
	for _, r := range [][2]int64{{0, size}, {0, 1}, {3, 50}, {size / 3, size / 2}, {size - 1, size}} {
		if got, err := read(r[0], r[1]); err != nil || got != text[r[0]:r[1]] {
			t.Errorf("bytes %d to %d: %d bytes, %v", r[0], r[1], len(got), err)
		}
	}
	if _, err := read(0, size+1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("beyond the end: got %v, want ErrNotFound", err)
	}
	stop := errors.New("stop")
	if err := h.Content(h.ctx(), s.ID, 0, size, func([]byte) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of yield", err)
	}
	if _, err := h.Expire(h.ctx(), batches[1].IngestedAt+1); err != nil {
		t.Fatal(err)
	}
	if _, err := read(0, size); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("expired in part: got %v, want ErrNotFound", err)
	}
	from := batches[1].Source.Offset
	if got, err := read(from, size); err != nil || got != text[from:] {
		t.Errorf("what has not expired: %d bytes, %v", len(got), err)
	}
	bad := newMaker(2, s).batch(1)
	bad.Gaps = []store.Gap{{Records: 2, Bytes: []byte("\n")}}
	if err := h.Append(h.ctx(), bad); err == nil {
		t.Error("gaps of two records were taken for a batch of one")
	}
}
