package ingest

import (
	"bytes"
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
// source with the longest committed part that is how this content begins.
//
// Identity is the content, never the name: a rotated file under its new name is known,
// a rewritten one under its old name is new.
func (r *run) identify(ctx context.Context) error {
	first, err := head(r.in)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(first)
	candidates, err := r.cfg.Store.OpenSources(ctx, r.opt.Site, sum[:])
	if err != nil {
		return fmt.Errorf("look for earlier parts of %s: %w", r.in.Name, err)
	}
	known, err := longestPrefix(r.in, candidates)
	if err != nil {
		return err
	}
	r.hash = sha256.New()
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
	r.base.ByTable = maps.Clone(known.Counts.ByTable)
	r.base.UnmappedTypes = maps.Clone(known.Counts.UnmappedTypes)
	return nil
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
// one whose hash agrees, or nil.
func longestPrefix(in *receive.Input, candidates []store.Source) (known *store.Source, err error) {
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(s store.Source) bool { return s.Offset == 0 })
	if len(candidates) == 0 {
		return nil, nil
	}
	slices.SortFunc(candidates, func(a, b store.Source) int { return int(min(max(a.Offset-b.Offset, -1), 1)) })
	r, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	var at int64
	for i := range candidates {
		c := &candidates[i]
		n, err := io.CopyN(h, r, c.Offset-at)
		at += n
		if errors.Is(err, io.EOF) {
			break // shorter than this candidate, and so than all the others
		}
		if err != nil {
			return nil, fmt.Errorf("read %s at byte %d: %w", in.Name, at, err)
		}
		if bytes.Equal(h.Sum(nil), c.Hash) {
			known = c
		}
	}
	return known, nil
}
