package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveEnv makes the test binary the product: it runs main with its arguments.
const serveEnv = "SPOOR_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		main()
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"spoor": main})
}

// TestScripts runs the command line as its users do, against a server of their own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// waitfor FILE waits until the file is there.
			"waitfor": func(ts *testscript.TestScript, _ bool, args []string) {
				path := ts.MkAbs(filepath.Join(args...))
				for deadline := time.Now().Add(time.Minute); ; <-time.After(10 * time.Millisecond) {
					if _, err := os.Stat(path); err == nil {
						return
					}
					if time.Now().After(deadline) {
						ts.Fatalf("%s does not appear", path)
					}
				}
			},
		},
	})
}
