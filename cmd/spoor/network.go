package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/network"
)

// networkCommand edits the network catalogue.
func networkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "network",
		Short: "Name the organisation's own address ranges",
		Long: "The network catalogue tells own addresses from outside ones: a CIDR with its name, role,\n" +
			"site, owner and the time it holds. X-Forwarded-For is believed from trusted proxies alone.\n" +
			"Works through the server when one runs, on the data folder otherwise; changes are audited.",
	}
	cmd.AddCommand(networkAdd(), networkImport(), networkList(), networkRemove())
	return cmd
}

// withRanges gives a command the catalogue: of the server when one is named or runs on
// the data folder, else of the folder.
func withRanges(cmd *cobra.Command, run func(cmd *cobra.Command, args []string, in ranges) error) *cobra.Command {
	var c client
	c.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if c.reaches(cmd.Context()) {
			if err := c.connect(); err != nil {
				return err
			}
			return run(cmd, args, serverRanges{&c})
		}
		folder := cases{dataDir: c.dataDir}
		return folder.run(cmd.Context(), func(ctx context.Context) error {
			catalog, err := network.Open(ctx, folder.db)
			if err != nil {
				return err
			}
			return run(cmd, args, folderRanges{&folder, catalog})
		})
	}
	return cmd
}

func networkAdd() *cobra.Command {
	var r network.Range
	var from, to string
	cmd := &cobra.Command{
		Use:     "add CIDR NAME",
		Short:   "Add one range",
		Example: "  spoor network add 10.1.0.0/16 'Head office' --site north --role clients --owner IT",
		Args:    cobra.ExactArgs(2),
	}
	f := cmd.Flags()
	f.StringVar(&r.Role, "role", "", "what the range is for: clients, servers, guest, vpn …")
	f.StringVar(&r.Site, "site", "", "where it holds (default: at every site)")
	f.StringVar(&r.Owner, "owner", "", "who is responsible for it")
	f.StringVar(&from, "valid-from", "", "first day (2024-05-31) or moment (RFC 3339) it holds")
	f.StringVar(&to, "valid-to", "", "last day it holds, or the first moment it no longer does")
	f.BoolVar(&r.TrustedProxy, "trusted-proxy", false, "believe X-Forwarded-For of its hosts")
	return withRanges(cmd, func(cmd *cobra.Command, args []string, in ranges) (err error) {
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
		added, err := in.add(cmd.Context(), r)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "added %d: %s\n", added.ID, &added)
		return err
	})
}

func networkImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Add or change all ranges of a CSV or JSON file, or none",
		Long: "The file is CSV with a header (cidr, name; role, site, owner, valid_from, valid_to and\n" +
			"trusted_proxy may be left out), or JSON with the API's field names. - reads standard input.\n" +
			"A range that is already there (same CIDR, name, site and valid_from) is changed; ranges the\n" +
			"file does not name stay.",
		Args: cobra.ExactArgs(1),
	}
	return withRanges(cmd, func(cmd *cobra.Command, args []string, in ranges) error {
		list, err := readRanges(args[0], cmd.InOrStdin())
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		done, err := in.put(cmd.Context(), args[0], list)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d added, %d changed, %d as they were\n", done.Added, done.Changed, done.Same)
		return err
	})
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

func networkList() *cobra.Command {
	var asCSV bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the ranges",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asCSV, "csv", false, "write the form that import reads")
	return withRanges(cmd, func(cmd *cobra.Command, _ []string, in ranges) error {
		list, err := in.list(cmd.Context())
		if err != nil {
			return err
		}
		if asCSV {
			return network.WriteCSV(cmd.OutOrStdout(), list)
		}
		return printRanges(cmd.OutOrStdout(), list)
	})
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

func networkRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "remove ID",
		Short: "Remove a range; list shows the IDs",
		Args:  cobra.ExactArgs(1),
	}
	return withRanges(cmd, func(cmd *cobra.Command, args []string, in ranges) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not the ID of a range; spoor network list shows them", args[0])
		}
		removed, err := in.remove(cmd.Context(), id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(cmd.OutOrStdout(), "removed %d: %s\n", removed.ID, &removed)
		return err
	})
}
