package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// layers is the diagram of ARCHITECTURE.md: a package may import those of lower layers
// and, within its own, only what sideways names.
var layers = map[string]int{
	"entity": 0, "schema": 0, "casedb": 0,
	"kql": 1, "store": 1, "export": 1,
	"query": 2, "ledger": 2, "enrich": 2, "device": 2, "network": 2, "audit": 2, "account": 2, "watchlist": 2, "noise": 2, "function": 2, "external": 2,
	"beacon": 2, "insight": 2, "communityid": 2, "note": 2, "watch": 2, "preference": 2, "transparency": 2,
	"ingest": 3, "entitypage": 3, "timeline": 3, "generate": 3,
	"server": 4,
}

// sideways are the imports within a layer.
var sideways = map[string][]string{
	"schema":  {"entity"},
	"network": {"enrich"},
	"enrich":  {"query", "ledger"},
}

const module = "spoor/internal/"

func TestImportsPointDown(t *testing.T) {
	for _, pkg := range listPackages(t) {
		if !strings.HasPrefix(pkg.ImportPath, module) || strings.HasSuffix(pkg.ImportPath, "test") {
			continue // sharedtest, storetest, querytest are tests
		}
		from := room(pkg.ImportPath)
		level, known := layers[from]
		if !known {
			t.Errorf("%s stands in no layer: add it to layers and to ARCHITECTURE.md", pkg.ImportPath)
			continue
		}
		for _, imported := range pkg.Imports {
			to := room(imported)
			if !strings.HasPrefix(imported, module) || to == from {
				continue
			}
			if layers[to] > level || layers[to] == level && !slices.Contains(sideways[from], to) {
				t.Errorf("%s (layer %d) imports %s (layer %d)", pkg.ImportPath, level, imported, layers[to])
			}
		}
	}
}

// room is the folder below internal that a package stands in.
func room(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
	return name
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) []listedPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var packages []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// ARCHITECTURE.md names no file or folder that is not there.
func TestArchitectureNamesWhatExists(t *testing.T) {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	paths := regexp.MustCompile("`((?:cmd|api|internal|web|e2e|docs|tools|geo|\\.ci)/[\\w./-]*)`").FindAllSubmatch(text, -1)
	if len(paths) < 10 {
		t.Fatalf("only %d paths found", len(paths))
	}
	for _, p := range paths {
		if _, err := os.Stat("../../" + string(p[1])); err != nil {
			t.Errorf("ARCHITECTURE.md names %s: %v", p[1], err)
		}
	}
}
