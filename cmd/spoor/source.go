package main

import (
	"fmt"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"spoor/internal/server"
)

func sourceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "source",
		Short: "See what was taken in, and take it back out",
	}
	cmd.AddCommand(sourceList(), sourceRemove())
	return cmd
}

func sourceList() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sources",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.connect(); err != nil {
				return err
			}
			var answer struct{ Items []server.LogSource }
			if err := c.getJSON(cmd.Context(), "/api/sources", nil, &answer); err != nil {
				return err
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(out, "id\tsite\tformat\trecords\tstored\tunmapped\tquarantined\tclock\ttaken in\tname")
			for _, s := range answer.Items {
				fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, printable(s.Site), s.Format,
					humanize.Comma(s.Records), humanize.Comma(s.Stored), humanize.Comma(s.Unmapped), humanize.Comma(s.Quarantined),
					s.ClockOffset, s.LastIngested.UTC().Format(time.DateTime), printable(s.Name))
			}
			return out.Flush()
		},
	}
	c.flags(cmd)
	return cmd
}

func sourceRemove() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use:   "remove ID…",
		Short: "Take sources back out whole: rows, raw records, sightings and holders",
		Long: "Takes sources back out whole, each in one transaction. They can be taken in again, for example\n" +
			"with another site or clock offset.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.connect(); err != nil {
				return err
			}
			for _, arg := range args {
				id, err := strconv.ParseInt(arg, 10, 32)
				if err != nil {
					return fmt.Errorf("%q is no id of a source; `spoor source list` shows them", arg)
				}
				resp, err := c.do(cmd.Context(), http.MethodDelete, fmt.Sprintf("/api/sources/%d", id), nil, nil, nil)
				if err != nil {
					return err
				}
				if err := resp.Body.Close(); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(cmd.OutOrStdout(), "source %d removed\n", id); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.flags(cmd)
	return cmd
}
