package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/casedb"
)

// command runs a command line and returns what it printed.
func command(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs(args)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// The token is printed alone, works for a server that has the store open all the while,
// and is void there once it is revoked.
func TestTokenCommandBesideServer(t *testing.T) {
	dir := t.TempDir()
	db, err := casedb.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	server := account.New(db, account.Config{})

	out, err := command(t, tokenCommand(), "create", "--data-dir", dir, "--name", "collector", "--role", "ingest")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.TrimSuffix(out, "\n")
	if strings.ContainsAny(text, " \n") || !strings.HasPrefix(text, account.TokenPrefix) {
		t.Fatalf("printed %q, want the token alone", out)
	}
	p, ok, err := server.Token(t.Context(), text)
	if err != nil || !ok || p.Role != account.Ingest {
		t.Fatalf("the server takes it as %+v, %v, %v", p, ok, err)
	}
	if out, err = command(t, tokenCommand(), "list", "--data-dir", dir); err != nil || !strings.Contains(out, "collector") {
		t.Errorf("list: %q %v", out, err)
	}
	if strings.Contains(out, text) {
		t.Error("the list shows the token")
	}
	if _, err := command(t, tokenCommand(), "revoke", "--data-dir", dir, "1"); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := server.Token(t.Context(), text); ok {
		t.Error("the server takes a revoked token")
	}
}

func TestTokenCommandRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"create", "--data-dir", dir, "--name", "a", "--role", "root"},
		{"create", "--data-dir", dir, "--name", "a"},
		{"create", "--data-dir", dir, "--role", "reader"},
		{"create", "--data-dir", dir, "--name", "a", "--role", "reader", "--expires-in", "-1h"},
		{"revoke", "--data-dir", dir, "7"},
		{"revoke", "--data-dir", dir, "x"},
	} {
		if out, err := command(t, tokenCommand(), args...); err == nil {
			t.Errorf("%v was accepted and printed %q", args, out)
		}
	}
}

func TestUserCommands(t *testing.T) {
	dir := t.TempDir()
	out, err := command(t, userCommand(), "add", "--data-dir", dir, "alice", "--role", "analyst")
	if err != nil {
		t.Fatal(err)
	}
	first := strings.TrimSpace(out)

	db, err := casedb.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	server := account.New(db, account.Config{})
	secret, _, err := server.SignIn(t.Context(), "alice", first, "")
	if err != nil {
		t.Fatalf("the printed password does not work: %v", err)
	}

	out, err = command(t, userCommand(), "reset", "--data-dir", dir, "alice")
	if err != nil || strings.TrimSpace(out) == first {
		t.Fatalf("reset printed %q: %v", out, err)
	}
	if _, ok, _ := server.Session(t.Context(), secret); ok {
		t.Error("the session goes on after a reset")
	}
	if _, err := command(t, userCommand(), "disable", "--data-dir", dir, "alice"); err != nil {
		t.Fatal(err)
	}
	if out, err = command(t, userCommand(), "list", "--data-dir", dir); err != nil || !strings.Contains(out, "disabled") {
		t.Errorf("list: %q %v", out, err)
	}
	if _, err := command(t, userCommand(), "enable", "--data-dir", dir, "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, userCommand(), "reset", "--data-dir", dir, "nobody"); err == nil {
		t.Error("reset of nobody was accepted")
	}

	entries, err := audit.New(db, time.Now).List(t.Context(), audit.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		outcome := "failed"
		if e.Succeeded {
			outcome = "done"
		}
		got = append(got, strings.Join([]string{e.Actor, e.Action, e.Target, outcome}, " "))
	}
	want := []string{
		"console user.reset nobody failed", "console user.enable alice done", "console user.disable alice done",
		"console user.reset alice done", "console user.add alice done",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("audit log, newest first:\n%s", strings.Join(got, "\n"))
	}
}
