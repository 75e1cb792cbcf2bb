package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/account"
)

func tokenCommand() *cobra.Command {
	var c cases
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Manage API tokens",
		Long:  "Works on the data folder directly, also while a server runs on it: a change holds at once.",
	}
	c.flag(cmd)
	cmd.AddCommand(tokenCreate(&c), tokenList(&c), tokenRevoke(&c))
	return cmd
}

func tokenCreate(c *cases) *cobra.Command {
	var name, role string
	var life time.Duration
	cmd := &cobra.Command{
		Use:   "create --name NAME --role ROLE",
		Short: "Make an API token and print it; it is not shown again",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				var expires time.Time
				if life != 0 {
					expires = time.Now().Add(life)
				}
				text, _, err := c.accounts.CreateToken(ctx, name, account.Role(role), expires, "console")
				if err := c.record(ctx, "token.create", name, map[string]string{"role": role}, err); err != nil {
					return err
				}
				return printLine(cmd, text)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&name, "name", "", "what the token is for")
	f.StringVar(&role, "role", "", "admin, analyst, reader or ingest")
	f.DurationVar(&life, "expires-in", 0, "how long it holds, for example 720h; 0: until it is revoked")
	for _, required := range []string{"name", "role"} {
		if err := cmd.MarkFlagRequired(required); err != nil {
			panic(err) // no such flag: a mistake in this function
		}
	}
	return cmd
}

func tokenList(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the API tokens",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				tokens, err := c.accounts.Tokens(ctx)
				if err != nil {
					return err
				}
				now := time.Now()
				return table(cmd.OutOrStdout(), "ID\tNAME\tROLE\tSTATE\tCREATED\tLAST USED", func(row func(cells ...any)) {
					for _, t := range tokens {
						row(t.ID, printable(t.Name), t.Role, tokenState(t, now), t.Created.Format(time.DateTime), orNever(t.LastUsed))
					}
				})
			})
		},
	}
}

func tokenState(t account.Token, now time.Time) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked"
	case t.Expires.IsZero():
		return "valid"
	case !now.Before(t.Expires):
		return "expired"
	default:
		return "valid until " + t.Expires.Format(time.DateTime)
	}
}

func tokenRevoke(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID…",
		Short: "Make API tokens void at once",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				return c.each(ctx, args, "token", "token.revoke", func(id int64) (string, error) {
					t, err := c.accounts.RevokeToken(ctx, id)
					return t.Name, err
				})
			})
		},
	}
}
