// Package sharedtest finds the shared measuring material (real telemetry, truth files,
// conformance cases) that stands beside a checkout and is not part of it.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir is the path of the shared folder. Without one the test is left out, and says so;
// in CI, where it must be there, the test fails.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		shared := filepath.Join(filepath.Dir(dir), "shared")
		if _, err := os.Stat(filepath.Join(shared, "data", "truth.json")); err == nil {
			return shared
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	if os.Getenv("CI") == "true" {
		tb.Fatal("the shared measuring material is missing beside the checkout")
	}
	tb.Skip("left out: the shared measuring material is not beside this checkout")
	return ""
}
