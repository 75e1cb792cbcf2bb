package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"spoor/internal/generate"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/network"
)

func demoCommand() *cobra.Command {
	var s settings
	org := generate.Config{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve an invented organisation, for a look around",
		Long: "Invents an organisation whose logs end now, takes them in like real ones, and serves them from a\n" +
			"fresh folder that is removed at the end. One attack is in there, told end to end; start with the\n" +
			"address that is printed. All outside addresses come from the documentation ranges.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			dir, err := os.MkdirTemp("", "spoor-demo-")
			if err != nil {
				return fmt.Errorf("make the demo's folder: %w", err)
			}
			defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
			org.End = time.Now()
			return runDemo(cmd.Context(), s, org, dir, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.http.Listen, "listen", defaultListen, "HOST:PORT to listen on, loopback")
	f.IntVar(&org.Devices, "devices", 60, "hosts of the organisation")
	f.IntVar(&org.Days, "days", 30, "days up to now")
	f.Int64Var(&org.Events, "events", 400_000, "records, about")
	f.Uint64Var(&org.Seed, "seed", 1, "which organisation of this size")
	return cmd
}

func runDemo(ctx context.Context, s settings, org generate.Config, dir string, out, errOut io.Writer) error {
	made := filepath.Join(dir, "organisation")
	fmt.Fprintln(out, "inventing an organisation …")
	summary, err := generate.Write(ctx, org, made)
	if err != nil {
		return err
	}
	s.dataDir = filepath.Join(dir, "data")
	s.geo = []string{filepath.Join(made, generate.GeoFile)}
	s.reserve = 1
	svc, err := openService(ctx, s, errOut)
	if err != nil {
		return err
	}
	began := time.Now()
	fmt.Fprintf(out, "taking in %s records …\n", humanize.Comma(summary.Records))
	if err := svc.loadOrganisation(ctx, made); err != nil {
		return errors.Join(err, svc.Close())
	}
	took := time.Since(began)
	fmt.Fprintf(out, "done in %s, %s records/s\n\n", took.Round(time.Millisecond), humanize.Comma(int64(float64(summary.Records)/took.Seconds())))
	fmt.Fprintf(out, "  http://%s\n  account admin, one-time password %s\n  look for %s\n\n", s.http.Listen, svc.oneTime, generate.ControlAddress)
	fmt.Fprintf(out, "from another terminal: spoor ip %s --data-dir %s\nCtrl+C ends the demo and removes it.\n", generate.ControlAddress, s.dataDir)
	return errors.Join(svc.serve(ctx), svc.Close())
}

// loadOrganisation takes what generate wrote through the same door as real logs.
func (svc *service) loadOrganisation(ctx context.Context, dir string) error {
	if err := svc.importNetworks(ctx, filepath.Join(dir, generate.NetworksFile)); err != nil {
		return err
	}
	return receive.Walk(ctx, []string{filepath.Join(dir, generate.LogsDir)}, nil, receive.Config{TempDir: svc.settings.dataDir, Room: svc.events.Room}, receive.Visitor{
		Input: func(in *receive.Input) error {
			_, err := svc.pipeline.Run(ctx, in, ingest.Options{})
			return err
		},
		Problem: func(p *receive.Problem) {
			svc.log.Warn("log left out", slog.String("name", p.Name), slog.String("reason", p.Reason))
		},
	})
}

func (svc *service) importNetworks(ctx context.Context, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	ranges, err := network.Read(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	_, err = svc.networks.Import(ctx, ranges)
	return err
}
