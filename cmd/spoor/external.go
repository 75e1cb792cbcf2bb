package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"spoor/internal/external"
)

// externalCommand edits the list in the data folder, also while a server works on it.
func externalCommand() *cobra.Command {
	var c cases
	cmd := &cobra.Command{
		Use:   "external",
		Short: "Say from where on the web queries may read with externaldata",
		Long: "Nothing is allowed until an administrator says so. Allowed places are read over HTTPS, at public\n" +
			"addresses only, and redirects are not followed; every request stands in the audit log.\n" +
			"Works on the data folder directly, also while a server runs on it: a change holds at once.",
	}
	c.flag(cmd)
	cmd.AddCommand(externalAllow(&c), externalList(&c), externalRemove(&c))
	return cmd
}

func externalAllow(c *cases) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     "allow URL",
		Short:   "Let queries read a file, or all below a path that ends in a slash",
		Example: "  spoor external allow https://feeds.example.org/lists/ --reason 'weekly indicators'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				a, err := external.New(c.db).Allow(ctx, args[0], reason, consoleActor)
				if err := c.record(ctx, "external.allow", args[0], map[string]string{"reason": reason}, err); err != nil {
					return err
				}
				return printLine(cmd, fmt.Sprintf("allowed %d: %s", a.ID, a.Location))
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "what it is needed for")
	return cmd
}

func externalList(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List what is allowed",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				list, err := external.New(c.db).List(ctx)
				if err != nil {
					return err
				}
				return table(cmd.OutOrStdout(), "ID\tLOCATION\tSINCE\tBY\tREASON", func(row func(cells ...any)) {
					for _, a := range list {
						row(a.ID, a.Location, moment(a.At), printable(a.By), orDash(printable(a.Reason)))
					}
				})
			})
		},
	}
}

func externalRemove(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID…",
		Short: "Allow places no longer; list shows the IDs",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				return c.each(ctx, args, "external", "external.remove", func(id int64) (string, error) {
					a, err := external.New(c.db).Remove(ctx, id)
					return string(a.Location), err
				})
			})
		},
	}
}
