//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What lies in a folder beside files is left out and named: a named pipe would be waited
// for, a link to a folder above would go round. A path given may itself be a link.
func TestListFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(at("a.log"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(at("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	given := dir + ".link"
	for link, to := range map[string]string{at("b.log"): "a.log", at("loop"): "..", at("nowhere"): "missing", given: dir} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	files, skipped, err := listFiles([]string{given})
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(given, name) }
	if diff := cmp.Diff([]string{in("a.log"), in("b.log")}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	reasons := map[string]string{}
	for _, s := range skipped {
		reasons[s.Name] = s.Skipped
	}
	want := map[string]string{in("loop"): "a link to a folder", in("nowhere"): "a link that leads nowhere", in("pipe"): "neither file nor folder"}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}
