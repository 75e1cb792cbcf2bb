// Command spoor is the whole product in one binary: the server, and the command line
// that talks to it. Each subcommand is a file; this one only joins them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := newRoot().ExecuteContext(ctx); err != nil {
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
