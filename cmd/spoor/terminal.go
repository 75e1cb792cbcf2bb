package main

import (
	"os"

	"golang.org/x/term"
)

// Where the server is when nothing says otherwise.
const (
	defaultListen  = "127.0.0.1:8080"
	defaultDataDir = "data"
)

// isTerminal reports whether a person is looking.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
