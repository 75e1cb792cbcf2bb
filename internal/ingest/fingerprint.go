package ingest

import (
	"crypto/sha256"
	"hash"

	"spoor/internal/store"
)

// fingerprint is the running hash over a source, with a mark at every power of two.
type fingerprint struct {
	hash  hash.Hash
	size  int64
	marks []store.Mark
}

func newFingerprint() *fingerprint { return &fingerprint{hash: sha256.New()} }

// Write adds the next bytes. It never fails.
func (f *fingerprint) Write(p []byte) (int, error) {
	n := len(p)
	for {
		next := f.next()
		if f.size+int64(len(p)) < next {
			break
		}
		head := p[:next-f.size]
		f.hash.Write(head)
		f.size, p = next, p[len(head):]
		f.marks = append(f.marks, store.Mark{Offset: next, Hash: f.hash.Sum(nil)})
	}
	f.hash.Write(p)
	f.size += int64(len(p))
	return n, nil
}

// next is where the next mark stands.
func (f *fingerprint) next() int64 {
	if len(f.marks) == 0 {
		return 1
	}
	return 2 * f.marks[len(f.marks)-1].Offset
}

func (f *fingerprint) sum() []byte { return f.hash.Sum(nil) }

// last is the mark nearest to the end; there is one unless nothing was written.
func (f *fingerprint) last() store.Mark { return f.marks[len(f.marks)-1] }

// since lists the marks behind an offset.
func (f *fingerprint) since(offset int64) []store.Mark {
	for i := range f.marks {
		if f.marks[i].Offset > offset {
			return f.marks[i:len(f.marks):len(f.marks)]
		}
	}
	return nil
}
