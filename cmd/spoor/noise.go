package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/noise"
	"spoor/internal/server"
)

// noiseCommand works through the server, or on the data folder when no server is named
// and none runs on it.
func noiseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "noise",
		Short: "Keep the lists of known noise: scanners, clouds, content networks, resolvers",
		Long: "Lists in the form of the MISP warninglists name what is often seen and rarely means harm. What\n" +
			"stands in one is marked so on its page and in triage; nothing is hidden for it.",
	}
	cmd.AddCommand(noiseImport(), noiseListing(), noiseRemove())
	return cmd
}

// noiseLists are the lists as the commands work on them.
var noiseLists = importKind[server.NoiseList]{
	route: "/api/noise",
	naming: func(path string) url.Values {
		return url.Values{"source": {filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path))}}
	},
	folder: func(ctx context.Context, c *cases) (imports[server.NoiseList], error) {
		store, err := noise.Open(ctx, c.db)
		return folderNoise{c, store}, err
	},
	most: noise.MaxSize,
}

func noiseImport() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "import FILE|DIR…",
		Short: "Put lists in, in the place of those of the same names",
		Long: "A file is one list, packed with gzip or not: JSON in the form of the MISP warninglists, or plain text with\n" +
			"an address, a network or an AS number (AS64500) a line. Of a folder all files ending in .json or .json.gz\n" +
			"are read. A list is called after its file, or after its folder when the file is list.json; its name tells\n" +
			"its class and kind of line. Files that are no lists are named, the others are put in.",
		Example: "  spoor noise import misp-warninglists/lists\n  spoor noise import mobile-asns.txt tor-exit-nodes.lst",
		Args:    cobra.MinimumNArgs(1),
		RunE: noiseLists.importing(&c, func(l server.NoiseList) string {
			return fmt.Sprintf("%s: %s, %d entries of %s", l.Slug, l.Class, l.Entries, l.Dated.Format(time.DateOnly))
		}, func(put []server.NoiseList) string {
			entries := 0
			for i := range put {
				entries += put[i].Entries
			}
			return fmt.Sprintf("%d lists, %d entries", len(put), entries)
		}),
	}
	c.flags(cmd)
	return cmd
}

func noiseListing() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lists",
		Args:  cobra.NoArgs,
		RunE: noiseLists.on(&c, func(cmd *cobra.Command, _ []string, lists imports[server.NoiseList]) error {
			all, err := lists.list(cmd.Context())
			if err != nil {
				return err
			}
			return table(cmd.OutOrStdout(), "LIST\tCLASS\tSIGNAL\tLINE\tTYPE\tENTRIES\tDATED\tIMPORTED\tBY\tNAME", func(row func(cells ...any)) {
				for _, l := range all {
					signal := map[bool]string{true: "weak", false: "-"}[l.Weak]
					row(printable(l.Slug), l.Class, signal, cmp.Or(l.Line, "-"), l.Type, l.Entries, l.Dated.Format(time.DateOnly), moment(l.Imported), printable(l.By), printable(l.Name))
				}
			})
		}),
	}
	c.flags(cmd)
	return cmd
}

func noiseRemove() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "remove LIST…",
		Short: "Take lists out",
		Args:  cobra.MinimumNArgs(1),
		RunE:  noiseLists.removing(&c),
	}
	c.flags(cmd)
	return cmd
}

// folderNoise are the lists of a data folder that no server works on.
type folderNoise struct {
	*cases
	store *noise.Store
}

func (f folderNoise) list(context.Context) ([]server.NoiseList, error) {
	lists := []server.NoiseList{}
	for _, l := range f.store.Index().Lists() {
		lists = append(lists, server.NoiseListOf(l))
	}
	return lists, nil
}

func (f folderNoise) put(ctx context.Context, path string, content []byte) (server.NoiseList, error) {
	c, err := noise.Read(bytes.NewReader(content), path)
	if err == nil {
		c.Imported, c.By = time.Now().UTC(), consoleActor
		err = f.store.Import(ctx, []*noise.Content{c}, consoleActor)
	}
	if err := f.record(ctx, "noise.import", filepath.Base(path), nil, err); err != nil {
		return server.NoiseList{}, err
	}
	return server.NoiseListOf(&c.List), nil
}

func (f folderNoise) remove(ctx context.Context, slug string) error {
	return f.record(ctx, "noise.remove", slug, nil, f.store.Remove(ctx, slug))
}
