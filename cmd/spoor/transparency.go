package main

import (
	"bytes"
	"context"
	"fmt"
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
var transparencyFiles = importKind[server.TransparencyFile]{
	route:  "/api/transparency",
	naming: func(path string) url.Values { return url.Values{"name": {filepath.Base(path)}} },
	folder: func(_ context.Context, c *cases) (imports[server.TransparencyFile], error) {
		return folderTransparency{c, transparency.New(c.db)}, nil
	},
	most: transparency.MaxSize,
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
		RunE: transparencyFiles.importing(&c, func(f server.TransparencyFile) string {
			line := fmt.Sprintf("%s: %d names in %d certificates (%d entries)", f.Name, f.Names, f.Certificates, f.Entries)
			if f.Skipped > 0 {
				line += fmt.Sprintf("; left out as no names of hosts: %d", f.Skipped)
			}
			return line
		}, func(put []server.TransparencyFile) string { return fmt.Sprintf("%d files", len(put)) }),
	}
	c.flags(cmd)
	return cmd
}

func transparencyList() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the files",
		Args:  cobra.NoArgs,
		RunE: transparencyFiles.on(&c, func(cmd *cobra.Command, _ []string, files imports[server.TransparencyFile]) error {
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
		RunE:  transparencyFiles.removing(&c),
	}
	c.flags(cmd)
	return cmd
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

func (f folderTransparency) put(ctx context.Context, path string, content []byte) (server.TransparencyFile, error) {
	name := filepath.Base(path)
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
