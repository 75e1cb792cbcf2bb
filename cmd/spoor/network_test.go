package main

import (
	"bytes"
	"strings"
	"testing"
)

// networkRun runs "spoor network" on a data folder and gives what it prints.
func networkRun(t *testing.T, dir, stdin string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := networkCommand()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append(args, "--data-dir", dir))
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestNetworkCommand(t *testing.T) {
	dir := t.TempDir()
	for _, step := range []struct {
		stdin string
		args  []string
		want  string // the output, or the error
	}{
		{args: []string{"add", "10.1.0.0/16", "Head office", "--site", "north", "--valid-to", "2024-05-31"}, want: "added 1: 10.1.0.0/16 Head office at north\n"},
		{args: []string{"add", "10.1.0.1/16", "x"}, want: "invalid range: 10.1.0.1/16 has host bits set; the range is 10.1.0.0/16"},
		{args: []string{"import", "-"}, stdin: "cidr,name,trusted_proxy\n10.2.0.0/16,b,yes\n10.3.0.0/33,c,\n", want: `-: line 3, column cidr: invalid range: "10.3.0.0/33" is not a CIDR such as 10.1.0.0/16 or 2001:db8::/32`},
		{args: []string{"import", "-"}, stdin: "cidr,name,trusted_proxy\n10.2.0.0/16,b,yes\n", want: "1 added, 0 changed, 0 as they were\n"},
		{args: []string{"list", "--csv"}, want: "cidr,name,role,site,owner,valid_from,valid_to,trusted_proxy\n" +
			"10.2.0.0/16,b,,,,,,true\n10.1.0.0/16,Head office,,north,,,2024-06-01T00:00:00Z,false\n"},
		{args: []string{"list"}, want: "ID  CIDR         NAME         ROLE  SITE   OWNER  VALID FROM  VALID TO           PROXY\n" +
			"2   10.2.0.0/16  b            -     -      -      -           -                  trusted\n" +
			"1   10.1.0.0/16  Head office  -     north  -      -           2024-06-01T00:00Z  -\n"},
		{args: []string{"remove", "2"}, want: "removed 2: 10.2.0.0/16 b\n"},
		{args: []string{"remove", "2"}, want: "remove network range: no such range: 2"},
	} {
		got, err := networkRun(t, dir, step.stdin, step.args...)
		if err != nil {
			got = err.Error()
		}
		if got != step.want {
			t.Errorf("network %q\ngot  %s\nwant %s", step.args, got, step.want)
		}
	}
}
