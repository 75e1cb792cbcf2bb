// Command spoor is the whole product in one binary: the server, and the command line
// that talks to it. Each subcommand is a file; this one only joins them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	root := newRoot()
	root.SetIn(&interruptible{ctx: ctx, in: os.Stdin})
	if err := root.ExecuteContext(ctx); err != nil {
		if !errors.Is(err, errSilent) {
			fmt.Fprintln(os.Stderr, "spoor: "+err.Error())
		}
		if errors.Is(err, errInterrupted) {
			os.Exit(interruptedStatus)
		}
		os.Exit(1)
	}
}

// errSilent ends the program with status 1 after a command has said itself what is
// wrong.
var errSilent = errors.New("silent")

// errInterrupted is that of a command that was ended by a signal. The program then ends
// with interruptedStatus, as shells expect it.
var errInterrupted = errors.New("interrupted")

const interruptedStatus = 130

// interruptible is an input of which a read ends with errInterrupted when its context
// does: what waits for a terminal or a pipe would not notice.
type interruptible struct {
	ctx   context.Context //nolint:containedctx // a reader is given none
	in    io.Reader
	begin sync.Once
	out   *io.PipeReader
}

func (r *interruptible) Read(p []byte) (int, error) {
	r.begin.Do(func() {
		out, in := io.Pipe()
		r.out = out
		go func() {
			_, err := io.Copy(in, r.in)
			in.CloseWithError(err)
		}()
		context.AfterFunc(r.ctx, func() { in.CloseWithError(errInterrupted) })
	})
	return r.out.Read(p)
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "spoor",
		Short: "Who here talked to this address, since when, how rare is that?",
		Long: "Spoor takes in endpoint, network and identity logs, keeps them under the table names of\n" +
			"Microsoft Defender and Sentinel, and answers questions about addresses, devices and users.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(commands()...)
	explainArgs(root)
	return root
}

// explainArgs lets a command that is given too few or too many arguments say how it is
// used.
func explainArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) != nil {
				return fmt.Errorf("too few or too many arguments; usage: %s", cmd.UseLine())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		explainArgs(sub)
	}
}
