package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spoor/internal/generate"
)

func TestGenerateCommand(t *testing.T) {
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		cmd := generateCommand()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
	dir := t.TempDir()
	said, err := run("--devices", "16", "--days", "1", "--events", "2000", "--seed", "3", "--end", "2024-05-31T08:00:00Z", "--out", dir)
	if err != nil || !strings.Contains(said, "records, ") {
		t.Errorf("said %q, %v", said, err)
	}
	for _, name := range []string{"logs/zeek/conn.2024-05-31.log", generate.NetworksFile, generate.GeoFile, generate.TruthFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := run("--out", dir, "--end", "yesterday"); err == nil || !strings.Contains(err.Error(), `--end "yesterday" is no time`) {
		t.Errorf("a bad end: %v", err)
	}
	if _, err := run(); err == nil {
		t.Error("no --out is no error")
	}
}
