package generate

import (
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// logs is all log files of a run.
type logs struct {
	dir     string
	gzip    bool
	all     []*stream
	base    moment // no waiting line is before it; sort keys count from it
	records int64
	bytes   int64
	files   int
}

// stream is one log, written in order of time into a file a UTC day. Lines are added
// in any order and wait until flush.
type stream struct {
	logs *logs
	path string // with a verb for the day
	ext  string

	waiting
	spare waiting // what waiting was before the last flush, to be used again
	day   moment  // of the open file
	close func() error
	w     *bufio.Writer
}

// waiting is lines that are not written yet.
type waiting struct {
	buf   []byte   // one after the other
	ends  []int    // where each ends in buf
	order []uint64 // time and number of each
}

func newLogs(dir string, gzip bool, start moment) *logs {
	return &logs{dir: dir, gzip: gzip, base: start}
}

// stream adds a log. name is its folder and the file's name before the date.
func (l *logs) stream(name, ext string) *stream {
	s := &stream{logs: l, path: filepath.Join(l.dir, filepath.FromSlash(name)), ext: ext, day: -1}
	l.all = append(l.all, s)
	return s
}

// lineBits is how many bits of a sort key number the line; the rest hold its time, in
// microseconds since logs.base: 25 days ahead, and more lines a slot than fit in memory.
const lineBits = 23

// add appends a line, which b must be: s.buf with the line behind it.
func (s *stream) add(b []byte, at moment) {
	s.buf = append(b, '\n')
	s.order = append(s.order, uint64(at-s.logs.base)<<lineBits|uint64(len(s.ends)))
	s.ends = append(s.ends, len(s.buf))
	s.logs.records++
}

// flush writes the lines before a moment, in every log.
func (l *logs) flush(before moment) error {
	for _, s := range l.all {
		if err := s.flush(before); err != nil {
			return err
		}
	}
	l.base = before
	return nil
}

func (s *stream) flush(before moment) error {
	slices.Sort(s.order)
	due := 0
	for ; due < len(s.order); due++ {
		at := s.logs.base + moment(s.order[due]>>lineBits)
		if at >= before {
			break
		}
		if err := s.write(at, s.line(s.order[due])); err != nil {
			return err
		}
	}
	s.keep(s.order[due:], before)
	return nil
}

func (l *waiting) line(key uint64) []byte {
	n := int(key & (1<<lineBits - 1))
	from := 0
	if n > 0 {
		from = l.ends[n-1]
	}
	return l.buf[from:l.ends[n]]
}

// keep drops all lines but the given ones, whose times from now on count from base.
func (s *stream) keep(rest []uint64, base moment) {
	old := s.waiting
	s.waiting = waiting{s.spare.buf[:0], s.spare.ends[:0], s.spare.order[:0]}
	for _, key := range rest {
		at := s.logs.base + moment(key>>lineBits)
		s.buf = append(s.buf, old.line(key)...)
		s.order = append(s.order, uint64(at-base)<<lineBits|uint64(len(s.ends)))
		s.ends = append(s.ends, len(s.buf))
	}
	s.spare = old
}

func (s *stream) write(at moment, line []byte) error {
	if today := at / day * day; today != s.day {
		if err := s.open(today); err != nil {
			return err
		}
	}
	s.logs.bytes += int64(len(line))
	_, err := s.w.Write(line)
	return err
}

func (s *stream) open(today moment) error {
	if err := s.closeFile(); err != nil {
		return err
	}
	path := s.path + "." + time.UnixMicro(today).UTC().Format(time.DateOnly) + s.ext
	if s.logs.gzip {
		path += ".gz"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	s.logs.files++
	s.day = today
	s.w = bufio.NewWriterSize(f, 1<<18)
	s.close = func() error { return errors.Join(s.w.Flush(), f.Close()) }
	if s.logs.gzip {
		z := gzip.NewWriter(f)
		s.w.Reset(io.Writer(z))
		s.close = func() error { return errors.Join(s.w.Flush(), z.Close(), f.Close()) }
	}
	return nil
}

func (s *stream) closeFile() error {
	if s.close == nil {
		return nil
	}
	err := s.close()
	s.close = nil
	return err
}

// close ends all files. It may be called twice.
func (l *logs) close() error {
	var errs []error
	for _, s := range l.all {
		errs = append(errs, s.closeFile())
	}
	return errors.Join(errs...)
}
