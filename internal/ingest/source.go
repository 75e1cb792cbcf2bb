package ingest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"spoor/internal/ingest/receive"
	"spoor/internal/store"
)

// head is the first store.HeadSize bytes of a source, or all.
func head(in *receive.Input) (data []byte, err error) {
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	data, err = io.ReadAll(io.LimitReader(r, store.HeadSize))
	if err != nil {
		return data, fmt.Errorf("read %s: %w", in.Name, err)
	}
	return data, nil
}

// identify finds out whether the content was taken in before, whole or in part: the
// source that begins with all of this content, or else the one with the longest
// committed part that is how this content begins.
//
// Identity is the content, never the name: a rotated file under its new name is known,
// a rewritten one under its old name is new.
func (r *run) identify(ctx context.Context) error {
	first, err := head(r.in)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(first)
	r.head, r.short = sum[:], len(first) < store.HeadSize
	if err := r.follow(ctx); err != nil {
		return err
	}
	candidates, err := r.cfg.Store.OpenSources(ctx, r.opt.Site, sum[:])
	if err != nil {
		return fmt.Errorf("look for earlier parts of %s: %w", r.in.Name, err)
	}
	known, whole, err := longestPrefix(r.in, candidates)
	if err != nil {
		return err
	}
	if whole == nil && r.short {
		whole = newFingerprint()
		_, _ = whole.Write(first) // never fails
	}
	if whole != nil && whole.size > 0 && (known == nil || known.Offset < whole.size) {
		longer, err := r.longer(ctx, whole)
		if err != nil {
			return err
		}
		if longer != nil {
			r.source, r.within, r.hash = longer, true, whole
			return nil
		}
	}
	r.hash = newFingerprint()
	if known == nil {
		if err := r.checkKey(ctx); err != nil {
			return err
		}
		r.source = &store.Source{
			Name: r.in.Name, Site: r.opt.Site, Head: sum[:],
			Counts: store.Counts{ByTable: map[string]int64{}, UnmappedTypes: map[string]int64{}},
		}
		return nil
	}
	r.source, r.resumed, r.base = known, true, known.Counts
	r.source.Head = sum[:] // it covered less while the source was shorter
	r.base.ByTable = maps.Clone(known.Counts.ByTable)
	r.base.UnmappedTypes = maps.Clone(known.Counts.UnmappedTypes)
	return nil
}

// longer finds a source that begins with the whole of the content and goes on behind it:
// the content is an older state of that source. nil when there is none, or none of
// which that can be proved because its raw records have expired.
func (r *run) longer(ctx context.Context, whole *fingerprint) (*store.Source, error) {
	candidates, err := r.cfg.Store.LongerSources(ctx, r.opt.Site, whole.last(), whole.size)
	if err != nil {
		return nil, fmt.Errorf("look for longer states of %s: %w", r.in.Name, err)
	}
	for i := range candidates {
		begins, err := r.begins(ctx, &candidates[i], whole)
		if err != nil {
			return nil, err
		}
		if begins {
			return &candidates[i], nil
		}
	}
	return nil, nil
}

// errDiffers ends the comparison of two contents.
var errDiffers = errors.New("the contents differ")

// begins reports whether a source begins with the content, which agree up to the last
// mark: what is behind it is compared byte for byte.
func (r *run) begins(ctx context.Context, s *store.Source, whole *fingerprint) (same bool, err error) {
	from := whole.last().Offset
	if from == whole.size {
		return true, nil
	}
	f, err := r.in.Open()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := io.CopyN(io.Discard, f, from); err != nil {
		return false, fmt.Errorf("read %s: %w", r.in.Name, err)
	}
	var buf []byte
	err = r.cfg.Store.Content(ctx, s.ID, from, whole.size, func(piece []byte) error {
		buf = slices.Grow(buf[:0], len(piece))[:len(piece)]
		if _, err := io.ReadFull(f, buf); err != nil {
			return fmt.Errorf("read %s: %w", r.in.Name, err)
		}
		if !bytes.Equal(buf, piece) {
			return errDiffers
		}
		return nil
	})
	if errors.Is(err, errDiffers) || errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// checkKey refuses a key that was used for other content: to store it would break the
// client's promise, and to leave it out would lose it.
func (r *run) checkKey(ctx context.Context) error {
	if r.opt.Key == "" {
		return nil
	}
	_, used, err := r.cfg.Store.AppliedKey(ctx, r.opt.Key)
	if err != nil {
		return fmt.Errorf("look the key of %s up: %w", r.in.Name, err)
	}
	if used {
		return fmt.Errorf("%w: the Idempotency-Key of %s was used for other content", store.ErrConflict, r.in.Name)
	}
	return nil
}

// longestPrefix reads the input as far as the longest candidate and gives the longest
// one whose hash agrees, or nil. whole is the fingerprint of an input that ends before
// that, nil for a longer one.
func longestPrefix(in *receive.Input, candidates []store.Source) (known *store.Source, whole *fingerprint, err error) {
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(s store.Source) bool { return s.Offset == 0 })
	if len(candidates) == 0 {
		return nil, nil, nil
	}
	slices.SortFunc(candidates, func(a, b store.Source) int { return cmp.Compare(a.Offset, b.Offset) })
	r, err := in.Open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	f := newFingerprint()
	for i := range candidates {
		c := &candidates[i]
		_, err := io.CopyN(f, r, c.Offset-f.size)
		if errors.Is(err, io.EOF) {
			return known, f, nil // shorter than this candidate, and so than all the others
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read %s at byte %d: %w", in.Name, f.size, err)
		}
		if bytes.Equal(f.sum(), c.Hash) {
			known = c
		}
	}
	return known, nil, nil
}
