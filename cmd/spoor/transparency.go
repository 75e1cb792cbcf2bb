package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/spf13/cobra"

	"spoor/internal/server"
	"spoor/internal/transparency"
)

// transparencyCommand works through the server, or on the data folder when no server is
// named and none runs on it.
func transparencyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "transparency",
		Short: "Keep names from certificate transparency, as crt.sh lists them",
		Long: "Names in certificates that were issued below a domain stand on the pages of the domain and of the\n" +
			"addresses with names below it, apart from those that own logs have seen.",
	}
	cmd.AddCommand(transparencyImport(), transparencyList(), transparencyRemove())
	return cmd
}

// transparencyFiles are the files as the commands work on them.
type transparencyFiles interface {
	list(ctx context.Context) ([]server.TransparencyFile, error)
	put(ctx context.Context, name string, content []byte) (server.TransparencyFile, error)
	remove(ctx context.Context, name string) error
}

func onTransparency(c *client, run func(cmd *cobra.Command, args []string, files transparencyFiles) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if c.reaches(cmd.Context()) {
			if err := c.connect(); err != nil {
				return err
			}
			return run(cmd, args, serverTransparency{c})
		}
		folder := cases{dataDir: c.dataDir}
		return folder.run(cmd.Context(), func(context.Context) error {
			return run(cmd, args, folderTransparency{&folder, transparency.New(folder.db)})
		})
	}
}

func transparencyImport() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "import FILE|DIR…",
		Short: "Put files in, in the place of those of the same names",
		Long: fmt.Sprintf("A file is what crt.sh answers with output=json, packed with gzip or not, of %d MiB and %d names at\n"+
			"most; of a folder all files ending in .json or .json.gz are read. Files that are no such answers, or are\n"+
			"cut off, are named, the others are put in.", transparency.MaxSize>>20, transparency.MaxNames),
		Example: "  curl -o example.com.json 'https://crt.sh/?q=%25.example.com&output=json'\n  spoor transparency import example.com.json",
		Args:    cobra.MinimumNArgs(1),
		RunE: onTransparency(&c, func(cmd *cobra.Command, args []string, files transparencyFiles) error {
			paths, err := jsonFiles(args)
			if err != nil {
				return err
			}
			if len(paths) == 0 {
				return errors.New("there is no file ending in .json or .json.gz")
			}
			var failed []error
			for _, path := range paths {
				f, err := importTransparency(cmd.Context(), files, path)
				if err != nil {
					failed = append(failed, fmt.Errorf("%s: %w", path, err))
					continue
				}
				line := fmt.Sprintf("%s: %d names in %d certificates (%d entries)", f.Name, f.Names, f.Certificates, f.Entries)
				if f.Skipped > 0 {
					line += fmt.Sprintf("; left out as no names of hosts: %d", f.Skipped)
				}
				if err := printLine(cmd, line); err != nil {
					return err
				}
			}
			if err := printLine(cmd, fmt.Sprintf("%d files", len(paths)-len(failed))); err != nil {
				return err
			}
			return errors.Join(failed...)
		}),
	}
	c.flags(cmd)
	return cmd
}

func importTransparency(ctx context.Context, files transparencyFiles, path string) (server.TransparencyFile, error) {
	content, err := readWithin(path, transparency.MaxSize)
	if err != nil {
		return server.TransparencyFile{}, err
	}
	return files.put(ctx, filepath.Base(path), content)
}

func transparencyList() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the files",
		Args:  cobra.NoArgs,
		RunE: onTransparency(&c, func(cmd *cobra.Command, _ []string, files transparencyFiles) error {
			all, err := files.list(cmd.Context())
			if err != nil {
				return err
			}
			return table(cmd.OutOrStdout(), "FILE\tNAMES\tCERTIFICATES\tENTRIES\tIMPORTED\tBY", func(row func(cells ...any)) {
				for _, f := range all {
					row(printable(f.Name), f.Names, f.Certificates, f.Entries, moment(f.Imported), printable(f.By))
				}
			})
		}),
	}
	c.flags(cmd)
	return cmd
}

func transparencyRemove() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "remove FILE…",
		Short: "Take files out",
		Args:  cobra.MinimumNArgs(1),
		RunE: onTransparency(&c, func(cmd *cobra.Command, args []string, files transparencyFiles) error {
			for _, name := range args {
				if err := files.remove(cmd.Context(), name); err != nil {
					return err
				}
				if err := printLine(cmd, name+" removed"); err != nil {
					return err
				}
			}
			return nil
		}),
	}
	c.flags(cmd)
	return cmd
}

// serverTransparency is the files of a server.
type serverTransparency struct{ c *client }

func (s serverTransparency) list(ctx context.Context) ([]server.TransparencyFile, error) {
	var answer server.List[server.TransparencyFile]
	err := s.c.getJSON(ctx, "/api/transparency", nil, &answer)
	return answer.Items, err
}

func (s serverTransparency) put(ctx context.Context, name string, content []byte) (f server.TransparencyFile, err error) {
	err = s.c.doJSON(ctx, http.MethodPost, "/api/transparency", url.Values{"name": {name}}, bytes.NewReader(content), &f)
	return f, err
}

func (s serverTransparency) remove(ctx context.Context, name string) error {
	resp, err := s.c.do(ctx, http.MethodDelete, "/api/transparency/"+url.PathEscape(name), nil, nil, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// folderTransparency is the files of a data folder that no server works on.
type folderTransparency struct {
	*cases
	store *transparency.Store
}

func (f folderTransparency) list(ctx context.Context) ([]server.TransparencyFile, error) {
	kept, err := f.store.Files(ctx)
	files := make([]server.TransparencyFile, len(kept))
	for i := range kept {
		files[i] = server.TransparencyFileOf(&kept[i])
	}
	return files, err
}

func (f folderTransparency) put(ctx context.Context, name string, content []byte) (server.TransparencyFile, error) {
	c, err := transparency.Read(bytes.NewReader(content), name)
	if err == nil {
		err = f.store.Import(ctx, c, consoleActor)
	}
	if err := f.record(ctx, "transparency.import", name, nil, err); err != nil {
		return server.TransparencyFile{}, err
	}
	return server.TransparencyFileOf(&c.File), nil
}

func (f folderTransparency) remove(ctx context.Context, name string) error {
	return f.record(ctx, "transparency.remove", name, nil, f.store.Remove(ctx, name))
}
