package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/casedb"
)

// cases is the case store as the command line works on it: directly, whether a server
// runs on it or not. What is changed stands in the audit log like any change.
type cases struct {
	dataDir string

	db       *casedb.DB
	accounts *account.Store
	audit    *audit.Log
}

// run opens the store for one act.
func (c *cases) run(ctx context.Context, act func(ctx context.Context) error) (err error) {
	if c.db, err = casedb.Open(ctx, c.dataDir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.db.Close()) }()
	c.accounts = account.New(c.db, account.Config{})
	c.audit = audit.New(c.db, time.Now)
	return act(ctx)
}

// record puts an act down in the audit log, whether it succeeded or not, and returns its
// error.
func (c *cases) record(ctx context.Context, action, target string, detail map[string]string, err error) error {
	if err != nil {
		if detail == nil {
			detail = map[string]string{}
		}
		detail["error"] = err.Error()
	}
	return errors.Join(err, c.audit.Record(ctx, audit.Entry{
		Actor: "console", Role: string(account.Admin), Action: action, Target: target, Succeeded: err == nil, Detail: detail,
	}))
}

// each acts on what every ID of a command names and puts that down in the audit log. One
// that fails does not keep the others from being tried. list is the command whose list
// shows the IDs; act returns what stands as the target.
func (c *cases) each(ctx context.Context, ids []string, list, action string, act func(id int64) (target string, err error)) error {
	var failed []error
	for _, text := range ids {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			failed = append(failed, fmt.Errorf("%q is no ID; spoor %s list shows them", text, list))
			continue
		}
		target, err := act(id)
		failed = append(failed, c.record(ctx, action, target, map[string]string{"id": text}, err))
	}
	return errors.Join(failed...)
}

func (c *cases) flag(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&c.dataDir, "data-dir", defaultDataDir, "data folder; a server may be running on it")
}

func userCommand() *cobra.Command {
	var c cases
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Manage who can sign in",
		Long:  "Works on the data folder directly, also while a server runs on it: a change holds at once.",
	}
	c.flag(cmd)
	cmd.AddCommand(userAdd(&c), userList(&c), userReset(&c),
		userSwitch(&c, "disable", "Keep an account from signing in and end its sessions", true),
		userSwitch(&c, "enable", "Let a disabled account sign in again", false))
	return cmd
}

func userAdd(c *cases) *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add an account and print its one-time password",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				password, err := c.accounts.Add(ctx, args[0], account.Role(role))
				if err := c.record(ctx, "user.add", args[0], map[string]string{"role": role}, err); err != nil {
					return err
				}
				return printLine(cmd, password)
			})
		},
	}
	cmd.Flags().StringVar(&role, "role", string(account.Analyst), "admin, analyst or reader")
	return cmd
}

func userReset(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "reset NAME",
		Short: "Replace an account's password by a one-time one, which is printed, and end its sessions",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				password, err := c.accounts.Reset(ctx, args[0])
				if err := c.record(ctx, "user.reset", args[0], nil, err); err != nil {
					return err
				}
				return printLine(cmd, password)
			})
		},
	}
}

func userSwitch(c *cases, word, short string, disabled bool) *cobra.Command {
	return &cobra.Command{
		Use:   word + " NAME",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				return c.record(ctx, "user."+word, args[0], nil, c.accounts.SetDisabled(ctx, args[0], disabled))
			})
		},
	}
}

func userList(c *cases) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.run(cmd.Context(), func(ctx context.Context) error {
				accounts, err := c.accounts.List(ctx)
				if err != nil {
					return err
				}
				return table(cmd.OutOrStdout(), "NAME\tROLE\tSTATE\tLAST SIGN-IN", func(row func(cells ...any)) {
					for _, a := range accounts {
						row(a.Name, a.Role, userState(a), orNever(a.LastSignIn))
					}
				})
			})
		},
	}
}

func userState(a account.Account) string {
	switch {
	case a.Disabled:
		return "disabled"
	case a.MustChange:
		return "one-time password"
	default:
		return "active"
	}
}

func orNever(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.DateTime)
}

func printLine(cmd *cobra.Command, text string) error {
	_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}

// table writes rows in columns under a header.
func table(w io.Writer, header string, fill func(row func(cells ...any))) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, header)
	fill(func(cells ...any) {
		for i, cell := range cells {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			fmt.Fprint(out, cell)
		}
		fmt.Fprintln(out)
	})
	return out.Flush()
}
