package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/casedb"
	"spoor/internal/network"
)

// networkCommand edits the network catalogue in the data folder, also while a server
// works on it.
func networkCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Name the organisation's own address ranges",
		Long: "The network catalogue tells own addresses from outside ones: a CIDR with its name, role,\n" +
			"site, owner and the time it holds. X-Forwarded-For is believed from trusted proxies alone.",
	}
	cmd.PersistentFlags().StringVar(&dir, "data-dir", defaultDataDir, "data folder; a server may be running on it")
	with := func(run func(cmd *cobra.Command, args []string, c *network.Catalog) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			return withCatalog(cmd.Context(), dir, func(c *network.Catalog) error { return run(cmd, args, c) })
		}
	}
	cmd.AddCommand(networkAdd(with), networkImport(with), networkList(with), networkRemove(with))
	return cmd
}

// catalogRun makes a cobra run function of one that works on the catalogue.
type catalogRun func(run func(*cobra.Command, []string, *network.Catalog) error) func(*cobra.Command, []string) error

func withCatalog(ctx context.Context, dir string, run func(*network.Catalog) error) (err error) {
	db, err := casedb.Open(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c, err := network.Open(ctx, db)
	if err != nil {
		return err
	}
	return run(c)
}

func networkAdd(with catalogRun) *cobra.Command {
	var r network.Range
	var from, to string
	cmd := &cobra.Command{
		Use:     "add CIDR NAME",
		Short:   "Add one range",
		Example: "  spoor network add 10.1.0.0/16 'Head office' --site north --role clients --owner IT",
		Args:    cobra.ExactArgs(2),
		RunE: with(func(cmd *cobra.Command, args []string, c *network.Catalog) (err error) {
			r.Name = args[1]
			if r.Prefix, err = network.ParsePrefix(args[0]); err != nil {
				return err
			}
			if r.ValidFrom, err = network.ParseTime(from, false); err != nil {
				return err
			}
			if r.ValidTo, err = network.ParseTime(to, true); err != nil {
				return err
			}
			added, err := c.Add(cmd.Context(), r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %d: %s\n", added.ID, &added)
			return err
		}),
	}
	f := cmd.Flags()
	f.StringVar(&r.Role, "role", "", "what the range is for: clients, servers, guest, vpn …")
	f.StringVar(&r.Site, "site", "", "where it holds (default: at every site)")
	f.StringVar(&r.Owner, "owner", "", "who is responsible for it")
	f.StringVar(&from, "valid-from", "", "first day (2024-05-31) or moment (RFC 3339) it holds")
	f.StringVar(&to, "valid-to", "", "last day it holds, or the first moment it no longer does")
	f.BoolVar(&r.TrustedProxy, "trusted-proxy", false, "believe X-Forwarded-For of its hosts")
	return cmd
}

func networkImport(with catalogRun) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Add or change all ranges of a CSV or JSON file, or none",
		Long: "The file is CSV with a header (cidr, name; role, site, owner, valid_from, valid_to and\n" +
			"trusted_proxy may be left out), or JSON with the API's field names. - reads standard input.\n" +
			"A range that is already there (same CIDR, name, site and valid_from) is changed; ranges the\n" +
			"file does not name stay.",
		Args: cobra.ExactArgs(1),
		RunE: with(func(cmd *cobra.Command, args []string, c *network.Catalog) error {
			ranges, err := readRanges(args[0], cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			done, err := c.Import(cmd.Context(), ranges)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d added, %d changed, %d as they were\n", done.Added, done.Changed, done.Same)
			return err
		}),
	}
}

func readRanges(path string, stdin io.Reader) ([]network.Range, error) {
	if path == "-" {
		return network.Read(stdin)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return network.Read(f)
}

func networkList(with catalogRun) *cobra.Command {
	var asCSV bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the ranges",
		Args:  cobra.NoArgs,
		RunE: with(func(cmd *cobra.Command, _ []string, c *network.Catalog) error {
			if asCSV {
				return network.WriteCSV(cmd.OutOrStdout(), c.List())
			}
			return printRanges(cmd.OutOrStdout(), c.List())
		}),
	}
	cmd.Flags().BoolVar(&asCSV, "csv", false, "write the form that import reads")
	return cmd
}

func printRanges(w io.Writer, ranges []network.Range) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "ID\tCIDR\tNAME\tROLE\tSITE\tOWNER\tVALID FROM\tVALID TO\tPROXY")
	for i := range ranges {
		r := &ranges[i]
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Prefix, r.Name, orDash(r.Role), orDash(r.Site),
			orDash(r.Owner), moment(r.ValidFrom), moment(r.ValidTo), map[bool]string{true: "trusted", false: "-"}[r.TrustedProxy])
	}
	return tw.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Format("2006-01-02T15:04Z")
}

func networkRemove(with catalogRun) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a range; list shows the IDs",
		Args:  cobra.ExactArgs(1),
		RunE: with(func(cmd *cobra.Command, args []string, c *network.Catalog) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the ID of a range; spoor network list shows them", args[0])
			}
			removed, err := c.Remove(cmd.Context(), id)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %d: %s\n", removed.ID, &removed)
			return err
		}),
	}
}
