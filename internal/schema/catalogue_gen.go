//go:build ignore

// Command catalogue_gen writes tables.txt from the vendor's table reference in JSON:
// names and types only, a table a line.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	in, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var tables map[string]struct {
		Columns []struct{ Name, Type string }
	}
	if err := json.Unmarshal(in, &tables); err != nil {
		log.Fatal(err)
	}
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		out.WriteString(name)
		for _, c := range tables[name].Columns {
			fmt.Fprintf(&out, " %s:%s", c.Name, c.Type)
		}
		out.WriteByte('\n')
	}
	if err := os.WriteFile(os.Args[2], []byte(out.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}
