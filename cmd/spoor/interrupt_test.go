package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestIngestInterrupted: a signal ends the command while more is to come, with the status
// that shells know, and the same command takes in what is missing, and nothing twice.
func TestIngestInterrupted(t *testing.T) {
	t.Parallel()
	v := &victim{t: t, dir: t.TempDir()}
	v.start()
	defer v.kill()
	ingest := func(in io.Reader) (*exec.Cmd, *bytes.Buffer) {
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], "ingest", "--data-dir", v.dir, "-")
		cmd.Env = append(os.Environ(), serveEnv+"=1")
		errs := &bytes.Buffer{}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, io.Discard, errs
		return cmd, errs
	}
	log := connFile(0)

	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd, errs := ingest(in)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A pipe holds 64 KiB: that half of the log is written says that the command reads.
	if _, err := io.WriteString(out, log[:len(log)/2]); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("the command ended with %v, want status 130", err)
	}
	if !strings.Contains(errs.String(), "interrupted") {
		t.Errorf("it says %q", errs)
	}
	if err := errors.Join(in.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}

	cmd, errs = ingest(strings.NewReader(log))
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs)
	}
	if got := whole(v.query("DeviceNetworkEvents | count")[0][0]); got != fileLines {
		t.Errorf("%d records are stored, want %d", got, fileLines)
	}
}
