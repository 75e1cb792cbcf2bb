package receive

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
)

// blob is bytes that can be read from any place, as often as wanted.
type blob struct {
	at      io.ReaderAt
	size    int64
	release func()
}

func (b blob) reader() *io.SectionReader { return io.NewSectionReader(b.at, 0, b.size) }

// section is a part of b; releasing it does nothing.
func (b blob) section(off, n int64) blob {
	return blob{at: io.NewSectionReader(b.at, off, n), size: n, release: func() {}}
}

// budget is what one received file has used up.
type budget struct {
	packed   int64 // its size as received
	expanded int64
	members  int
}

// limitError says which limit was met.
type limitError string

func (e limitError) Error() string { return string(e) }

// spoolError is a temporary file that cannot be written.
type spoolError struct{ err error }

func (e *spoolError) Error() string { return "write a temporary file: " + e.err.Error() }
func (e *spoolError) Unwrap() error { return e.err }

// expand checks that n more unpacked bytes are within the limits, and charges them.
func (w *walk) expand(n int64) error {
	if err := w.mayExpand(n); err != nil {
		return err
	}
	w.spent.expanded += n
	return nil
}

func (w *walk) mayExpand(n int64) error {
	left := w.cfg.MaxExpanded - w.spent.expanded
	if n < 0 || n > left {
		return limitError(fmt.Sprintf("unpacks to more than %d bytes in all", w.cfg.MaxExpanded))
	}
	total := w.spent.expanded + n
	if total > ratioFloor && total/w.cfg.MaxRatio > w.spent.packed {
		return limitError(fmt.Sprintf("unpacks to more than %d times its size", w.cfg.MaxRatio))
	}
	return nil
}

// count charges members of an archive.
func (w *walk) count(n int) error {
	if n > w.cfg.MaxMembers-w.spent.members {
		return limitError(fmt.Sprintf("more than %d members", w.cfg.MaxMembers))
	}
	w.spent.members += n
	return nil
}

// streamLimit bounds a stream, which is not packed as far as we know.
func (w *walk) streamLimit() func(int64) error {
	left := w.cfg.MaxExpanded
	return func(n int64) error {
		if left -= n; left < 0 {
			return limitError(fmt.Sprintf("longer than %d bytes", w.cfg.MaxExpanded))
		}
		return nil
	}
}

// spool reads r to its end, asking limit before it keeps each piece. The blob must be
// released.
func (w *walk) spool(r io.Reader, limit func(int64) error) (blob, error) {
	s := spooler{cfg: w.cfg}
	buf := make([]byte, 256<<10)
	r = contextReader{w.ctx, r}
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if limitErr := limit(int64(n)); limitErr != nil {
				s.release()
				return blob{}, limitErr
			}
			if writeErr := s.write(buf[:n]); writeErr != nil {
				s.release()
				return blob{}, &spoolError{writeErr}
			}
		}
		if err == io.EOF { // bare; wrapped it is a fault
			return s.blob(), nil
		}
		if err != nil {
			s.release()
			return blob{}, err
		}
	}
}

// spooler collects bytes in memory, and in a file once there are too many.
type spooler struct {
	cfg  Config
	mem  bytes.Buffer
	size int64

	file    *os.File
	removed bool
}

func (s *spooler) write(p []byte) error {
	s.size += int64(len(p))
	if s.file == nil && s.size <= s.cfg.InMemory {
		s.mem.Write(p)
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp(s.cfg.TempDir, "spoor-unpack-*")
		if err != nil {
			return err
		}
		s.file = f
		if err := s.room(s.size - int64(len(p))); err != nil {
			return err
		}
		// Where an open file can be removed, it is gone even if we are killed.
		s.removed = os.Remove(f.Name()) == nil
		if _, err := f.Write(s.mem.Bytes()); err != nil {
			return err
		}
		s.mem = bytes.Buffer{}
	}
	if err := s.room(int64(len(p))); err != nil {
		return err
	}
	_, err := s.file.Write(p)
	return err
}

func (s *spooler) room(bytes int64) error {
	if s.cfg.Room == nil {
		return nil
	}
	return s.cfg.Room(bytes)
}

func (s *spooler) blob() blob {
	if s.file == nil {
		return blob{at: bytes.NewReader(s.mem.Bytes()), size: s.size, release: func() {}}
	}
	return blob{at: s.file, size: s.size, release: s.release}
}

// release removes the file. Neither error can be helped, and nothing depends on it.
func (s *spooler) release() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	if !s.removed {
		_ = os.Remove(s.file.Name())
	}
}

type contextReader struct {
	ctx context.Context //nolint:containedctx // it lives as long as one copy
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
