package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/watchlist"
)

// watchlistCommand works through the server, or on the data folder when no server is
// named and none runs on it.
func watchlistCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watchlist",
		Short: "Keep the lists that queries read with _GetWatchlist",
		Long: "A watchlist is a table of texts under an alias: crown jewels, admins, known scanners. Every import\n" +
			"is a version, and an earlier one can be brought back. A list past its date is still read, with a\n" +
			"warning.",
	}
	cmd.AddCommand(watchlistImport(), watchlistList(), watchlistShow(), watchlistRestore(), watchlistRemove())
	return cmd
}

// onLists makes a command's run function of one that works on the lists.
func onLists(c *client, run func(cmd *cobra.Command, args []string, lists watchlists) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		return withWatchlists(cmd.Context(), c, func(lists watchlists) error { return run(cmd, args, lists) })
	}
}

func watchlistImport() *cobra.Command {
	var c client
	var in watchlist.Import
	var expires string
	cmd := &cobra.Command{
		Use:   "import FILE --alias ALIAS --search-key COLUMN",
		Short: "Put all rows of a CSV or JSON file in as the next version of a list, or none",
		Long: fmt.Sprintf("The file is CSV with a header, a JSON array of objects, or one object a line; - reads standard\n"+
			"input. It may hold %d MiB, %d rows and %d columns. Of a list that is there already, what no flag\n"+
			"says stays as it is.", watchlist.MaxFileSize>>20, watchlist.MaxRows, watchlist.MaxColumns),
		Example: "  spoor watchlist import jewels.csv --alias CrownJewels --search-key Host --owner 'Blue team' --expires 2026-12-31",
		Args:    cobra.ExactArgs(1),
		RunE: onLists(&c, func(cmd *cobra.Command, args []string, lists watchlists) (err error) {
			if in.Expires, err = watchlist.ParseExpiry(expires); err != nil {
				return err
			}
			file, name, err := readWatchlist(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			in.Source = name
			l, err := lists.Import(cmd.Context(), in, file)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return printLine(cmd, fmt.Sprintf("%s: version %d, %d rows", l.Alias, l.Number, l.Rows))
		}),
	}
	c.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&in.Alias, "alias", "", "what queries call the list")
	f.StringVar(&in.SearchKey, "search-key", "", "the column that queries look up by")
	f.StringVar(&in.Name, "name", "", "its name for people")
	f.StringVar(&in.Description, "description", "", "what it is for")
	f.StringVar(&in.Owner, "owner", "", "who is responsible for it (default: who imports it first)")
	f.StringVar(&expires, "expires", "", "last day (2026-12-31) or moment (RFC 3339) it is to be relied on, or never")
	if err := cmd.MarkFlagRequired("alias"); err != nil {
		panic(err) // no such flag: a mistake in this function
	}
	return cmd
}

// readWatchlist reads a file within the limit, and gives the name it goes by.
func readWatchlist(path string, stdin io.Reader) (file []byte, name string, err error) {
	in, name := stdin, "stdin"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, "", err
		}
		defer f.Close()
		in, name = f, filepath.Base(path)
	}
	// One byte more than may be tells a file that is too large.
	file, err = io.ReadAll(io.LimitReader(in, watchlist.MaxFileSize+1))
	if err != nil {
		return nil, name, fmt.Errorf("read %s: %w", name, err)
	}
	return file, name, nil
}

func watchlistList() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the watchlists",
		Args:  cobra.NoArgs,
		RunE: onLists(&c, func(cmd *cobra.Command, _ []string, lists watchlists) error {
			all, err := lists.Lists(cmd.Context())
			if err != nil {
				return err
			}
			now := time.Now()
			return table(cmd.OutOrStdout(), "ALIAS\tNAME\tOWNER\tSEARCH KEY\tROWS\tVERSION\tCHANGED\tEXPIRES", func(row func(cells ...any)) {
				for _, l := range all {
					row(l.Alias, orDash(printable(l.Name)), orDash(printable(l.Owner)), printable(l.SearchKey), l.Rows, l.Number, moment(l.At), expiry(l, now))
				}
			})
		}),
	}
	c.flags(cmd)
	return cmd
}

func expiry(l watchlist.List, now time.Time) string {
	if l.Expired(now) {
		return moment(l.Expires) + " (expired)"
	}
	return moment(l.Expires)
}

func watchlistShow() *cobra.Command {
	var c client
	var version int
	var asCSV bool
	cmd := &cobra.Command{
		Use:   "show ALIAS",
		Short: "Show a list with its versions, or with --csv its rows",
		Args:  cobra.ExactArgs(1),
		RunE: onLists(&c, func(cmd *cobra.Command, args []string, lists watchlists) error {
			if asCSV {
				t, err := lists.Table(cmd.Context(), args[0], version)
				if err != nil {
					return err
				}
				return writeCSV(cmd.OutOrStdout(), t)
			}
			l, versions, err := lists.Show(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return printWatchlist(cmd.OutOrStdout(), l, versions)
		}),
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&asCSV, "csv", false, "write the rows in the form that import reads")
	cmd.Flags().IntVar(&version, "version", 0, "of which version (default: the current one)")
	return cmd
}

func printWatchlist(w io.Writer, l watchlist.List, versions []watchlist.Version) error {
	var b bytes.Buffer
	for _, f := range [][2]string{
		{"alias", l.Alias},
		{"name", l.Name},
		{"description", l.Description},
		{"owner", l.Owner},
		{"expires", expiry(l, time.Now())},
		{"search key", l.SearchKey},
		{"columns", strings.Join(l.Columns, ", ")},
	} {
		fmt.Fprintf(&b, "%-12s %s\n", f[0], orDash(printable(f[1])))
	}
	b.WriteByte('\n')
	if _, err := w.Write(b.Bytes()); err != nil {
		return err
	}
	return table(w, "VERSION\tROWS\tAT\tBY\tSOURCE", func(row func(cells ...any)) {
		for _, v := range versions {
			source := printable(v.Source)
			if v.Restore > 0 {
				source += fmt.Sprintf(" (version %d brought back)", v.Restore)
			}
			row(v.Number, v.Rows, moment(v.At), printable(v.By), source)
		}
	})
}

func writeCSV(w io.Writer, t *watchlist.Table) error {
	out := csv.NewWriter(w)
	if err := out.Write(t.Columns); err != nil {
		return err
	}
	return out.WriteAll(t.Rows)
}

func watchlistRestore() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "restore ALIAS VERSION",
		Short: "Bring the rows of an earlier version back, as the next one",
		Args:  cobra.ExactArgs(2),
		RunE: onLists(&c, func(cmd *cobra.Command, args []string, lists watchlists) error {
			number, err := strconv.Atoi(args[1])
			if err != nil || number < 1 {
				return fmt.Errorf("%q is no version; spoor watchlist show %s lists them", args[1], args[0])
			}
			l, err := lists.Restore(cmd.Context(), args[0], number)
			if err != nil {
				return err
			}
			return printLine(cmd, fmt.Sprintf("%s: version %d, %d rows", l.Alias, l.Number, l.Rows))
		}),
	}
	c.flags(cmd)
	return cmd
}

func watchlistRemove() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "remove ALIAS",
		Short: "Take a list out with all its versions",
		Args:  cobra.ExactArgs(1),
		RunE: onLists(&c, func(cmd *cobra.Command, args []string, lists watchlists) error {
			if err := lists.Remove(cmd.Context(), args[0]); err != nil {
				return err
			}
			return printLine(cmd, args[0]+" removed")
		}),
	}
	c.flags(cmd)
	return cmd
}
