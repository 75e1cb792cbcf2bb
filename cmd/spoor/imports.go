package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"spoor/internal/server"
)

// imports are things that are put in as files, as the commands work on them: those of a
// server, or of a data folder that no server works on.
type imports[T any] interface {
	list(ctx context.Context) ([]T, error)
	put(ctx context.Context, path string, content []byte) (T, error)
	remove(ctx context.Context, name string) error
}

// importKind is one sort of imports.
type importKind[T any] struct {
	route  string                       // of the API: "/api/noise"
	naming func(path string) url.Values // tells the API what a file is called
	folder func(ctx context.Context, c *cases) (imports[T], error)
	most   int64 // bytes of a file
}

// on makes a command's run function of one that works on the imports: through the server,
// or on the data folder when no server is named and none runs on it.
func (k *importKind[T]) on(c *client, run func(cmd *cobra.Command, args []string, in imports[T]) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if c.reaches(cmd.Context()) {
			if err := c.connect(); err != nil {
				return err
			}
			return run(cmd, args, serverImports[T]{k, c})
		}
		folder := cases{dataDir: c.dataDir}
		return folder.run(cmd.Context(), func(ctx context.Context) error {
			in, err := k.folder(ctx, &folder)
			if err != nil {
				return err
			}
			return run(cmd, args, in)
		})
	}
}

// importing puts the files and folders named in and prints a line for each, and the sum. A
// file that is refused is named, the others are put in.
func (k *importKind[T]) importing(c *client, line func(T) string, sum func([]T) string) func(*cobra.Command, []string) error {
	return k.on(c, func(cmd *cobra.Command, args []string, in imports[T]) error {
		files, err := jsonFiles(args)
		if err != nil {
			return err
		}
		if len(files) == 0 {
			return errors.New("there is no file ending in .json or .json.gz")
		}
		var put []T
		var failed []error
		for _, path := range files {
			content, err := readWithin(path, k.most)
			var one T
			if err == nil {
				one, err = in.put(cmd.Context(), path, content)
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", path, err))
				continue
			}
			put = append(put, one)
			if err := printLine(cmd, line(one)); err != nil {
				return err
			}
		}
		if err := printLine(cmd, sum(put)); err != nil {
			return err
		}
		return errors.Join(failed...)
	})
}

// removing takes out what is named.
func (k *importKind[T]) removing(c *client) func(*cobra.Command, []string) error {
	return k.on(c, func(cmd *cobra.Command, args []string, in imports[T]) error {
		for _, name := range args {
			if err := in.remove(cmd.Context(), name); err != nil {
				return err
			}
			if err := printLine(cmd, name+" removed"); err != nil {
				return err
			}
		}
		return nil
	})
}

// serverImports are those of a server.
type serverImports[T any] struct {
	*importKind[T]
	c *client
}

func (s serverImports[T]) list(ctx context.Context) ([]T, error) {
	var answer server.List[T]
	err := s.c.getJSON(ctx, s.route, nil, &answer)
	return answer.Items, err
}

func (s serverImports[T]) put(ctx context.Context, path string, content []byte) (one T, err error) {
	err = s.c.doJSON(ctx, http.MethodPost, s.route, s.naming(path), bytes.NewReader(content), &one)
	return one, err
}

func (s serverImports[T]) remove(ctx context.Context, name string) error {
	resp, err := s.c.do(ctx, http.MethodDelete, s.route+"/"+url.PathEscape(name), nil, nil, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
