package main

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"spoor/internal/generate"
)

// generateCommand writes the invented organisation's logs.
func generateCommand() *cobra.Command {
	var cfg generate.Config
	var end, out string
	cmd := &cobra.Command{
		Use:   "generate --out DIR",
		Short: "Write the logs of an invented organisation",
		Long: "Writes Zeek, Windows and Suricata logs of an organisation that does not exist, with one\n" +
			"intrusion in them: logs/ for ingest, networks.csv for spoor network import, a geo database\n" +
			"of the invented places, and truth.json with the numbers that must come out. The same flags\n" +
			"give the same bytes.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if cfg.End, err = parseEnd(end); err != nil {
				return err
			}
			began := time.Now()
			done, err := generate.Write(cmd.Context(), cfg, out)
			if err != nil {
				return err
			}
			took := time.Since(began)
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s records, %s in %d files under %s: %s, %s records/s\n",
				humanize.Comma(done.Records), humanize.Bytes(uint64(done.Bytes)), done.Files, out,
				took.Round(time.Millisecond), humanize.Comma(int64(float64(done.Records)/took.Seconds())))
			return err
		},
	}
	f := cmd.Flags()
	f.IntVar(&cfg.Devices, "devices", 200, fmt.Sprintf("hosts, at least %d", generate.MinDevices))
	f.IntVar(&cfg.Days, "days", 14, "days up to the end")
	f.Int64Var(&cfg.Events, "events", 500_000, "records to write, about")
	f.Uint64Var(&cfg.Seed, "seed", 1, "which organisation of this size")
	f.StringVar(&end, "end", "", "when the logs end, RFC 3339 (default: now)")
	f.BoolVar(&cfg.Gzip, "gzip", false, "compress the logs")
	f.StringVar(&out, "out", "", "folder to write to")
	_ = cmd.MarkFlagRequired("out") // it exists
	return cmd
}

func parseEnd(s string) (time.Time, error) {
	if s == "" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("--end %q is no time such as 2024-05-31T08:00:00Z", s)
	}
	return t, nil
}
