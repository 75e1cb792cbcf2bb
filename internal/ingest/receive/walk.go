package receive

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Walk receives files and folders in the order given; the files of a folder in the
// order of their names, with all folders in it. "-" is stdin. A link is followed when
// it is a path given, or a file in a folder that links to a file in the same folder.
// Errors are those of Stream.
func Walk(ctx context.Context, paths []string, stdin io.Reader, cfg Config, v Visitor) error {
	w := newWalk(ctx, cfg, v)
	for _, p := range paths {
		if err := w.path(p, stdin); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) path(p string, stdin io.Reader) error {
	if p == "-" {
		return w.stream("stdin", stdin)
	}
	info, err := os.Stat(p)
	switch {
	case err != nil:
		return w.refuse(display(p), plain(err))
	case info.IsDir():
		return w.folder(p)
	}
	f, err := os.Open(p)
	if err != nil {
		return w.refuse(display(p), plain(err))
	}
	return w.open(display(p), f)
}

// folder walks a folder. All is opened through an os.Root, which links cannot leave.
func (w *walk) folder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return w.refuse(display(dir), plain(err))
	}
	defer func() { _ = root.Close() }() // it was only read
	return fs.WalkDir(root.FS(), ".", func(rel string, d fs.DirEntry, err error) error {
		name := display(filepath.Join(dir, filepath.FromSlash(rel)))
		switch {
		case err != nil:
			return w.refuse(name, plain(err))
		case d.IsDir():
			return nil
		}
		return w.entry(root, rel, name, d.Type())
	})
}

// entry receives one file of a folder.
func (w *walk) entry(root *os.Root, rel, name string, typ fs.FileMode) error {
	if typ&fs.ModeSymlink != 0 {
		info, err := root.Stat(rel)
		if err != nil {
			w.problem(Refused, name, "a link that leads nowhere or out of the folder")
			return nil
		}
		if info.IsDir() {
			w.problem(Skipped, name, "a link to a folder")
			return nil
		}
		typ = info.Mode().Type()
	}
	if typ != 0 {
		w.problem(Refused, name, "neither file nor folder")
		return nil
	}
	f, err := root.Open(rel)
	if err != nil {
		return w.refuse(name, plain(err))
	}
	return w.open(name, f)
}

// open receives an open file and closes it. What is no regular file, a pipe for
// example, is read as a stream.
func (w *walk) open(name string, f *os.File) error {
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return w.refuse(name, plain(err))
	case !info.Mode().IsRegular():
		return w.stream(name, f)
	}
	return w.file(name, blob{at: f, size: info.Size(), release: func() {}})
}

func display(p string) string { return printable(filepath.ToSlash(filepath.Clean(p))) }

// plain leaves the path out of an error: the Problem names it.
func plain(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}
