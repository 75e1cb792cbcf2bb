//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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
	files, skipped, unread, err := listFiles([]string{given})
	if err != nil || len(unread) > 0 {
		t.Fatal(err, unread)
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

// A folder that cannot be read is told, and does not keep the others from being read. Its
// path is too long here, which holds for the administrator too.
func TestListFilesGoesOn(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "z.log"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Repeat("d", 250)
	for range 4096/len(name) + 1 {
		if err := at.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		next, err := at.OpenRoot(name)
		if err := errors.Join(err, at.Close()); err != nil {
			t.Fatal(err)
		}
		at = next
	}
	if err := at.Close(); err != nil {
		t.Fatal(err)
	}
	files, _, unread, err := listFiles([]string{dir})
	if err != nil || len(files) != 1 || filepath.Base(files[0]) != "z.log" {
		t.Errorf("files %q, %v", files, err)
	}
	if len(unread) != 1 || !errors.Is(unread[0], syscall.ENAMETOOLONG) {
		t.Errorf("unread: %v", unread)
	}
}
