package main

import "github.com/spf13/cobra"

// commands lists the subcommands in the order of help.
func commands() []*cobra.Command {
	return []*cobra.Command{
		serveCommand(),
		ingestCommand(),
		sourceCommand(),
		queryCommand(),
		ipCommand(),
		networkCommand(),
		watchlistCommand(),
		noiseCommand(),
		transparencyCommand(),
		externalCommand(),
		userCommand(),
		tokenCommand(),
		generateCommand(),
		demoCommand(),
	}
}
