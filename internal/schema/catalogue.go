package schema

import (
	"bufio"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:generate go run catalogue_gen.go ../../../shared/schema/tables.json tables.txt

// tablesText lists the tables of Defender XDR and Azure Monitor: a line each, "name
// column:type …", in the vendor's order. Written by catalogue_gen.go.
//
//go:embed tables.txt
var tablesText string

// Default is the catalogue of all event tables. It is built once.
var Default = sync.OnceValue(func() *Catalog {
	tables := parseTables(tablesText)
	for _, t := range tables {
		finish(t)
	}
	return NewCatalog(append(tables, ownTables()...)...)
})

func parseTables(text string) []*Table {
	var tables []*Table
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		t := &Table{Name: words[0]}
		for _, w := range words[1:] {
			name, typ, _ := strings.Cut(w, ":")
			kind, ok := ParseType(typ)
			if !ok {
				panic(fmt.Sprintf("schema: tables.txt: %s.%s has the unknown type %q", t.Name, name, typ))
			}
			t.Columns = append(t.Columns, Column{Name: name, Type: kind})
		}
		tables = append(tables, t)
	}
	return tables
}

// finish gives a catalogue table what every event table has: one stored event time
// under both names, the constant Type column, the hidden columns, the annotations.
func finish(t *Table) {
	const timestamp, generated = "Timestamp", "TimeGenerated"
	names := map[string]bool{}
	for _, c := range t.Columns {
		names[c.Name] = true
	}
	t.Time = generated
	if names[timestamp] && t.typeOf(timestamp) == DateTime {
		t.Time = timestamp
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case c.Name == generated && c.Type == DateTime:
			c.Stored = t.Time
		case c.Name == "Type" && c.Type == String:
			c.Constant = t.Name
		}
		annotate(t.Name, c, names)
	}
	t.addHidden()
}

func (t *Table) typeOf(name string) Type {
	for _, c := range t.Columns {
		if c.Name == name {
			return c.Type
		}
	}
	return Unknown
}

// addHidden appends the hidden columns: the other names of the event time, and what
// every row says of its origin.
func (t *Table) addHidden() {
	for _, name := range []string{"Timestamp", "TimeGenerated"} {
		if t.typeOf(name) == Unknown {
			t.Columns = append(t.Columns, Column{Name: name, Type: DateTime, Stored: t.Time, Hidden: true, Local: true})
		}
	}
	for _, c := range hiddenColumns {
		c.Hidden = true
		t.Columns = append(t.Columns, c)
	}
}

func sortTables(tables []*Table) {
	slices.SortFunc(tables, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
}
