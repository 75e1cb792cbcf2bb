package entitypage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Hunts are the queries that a hunt for an entity begins with.
type Hunts struct {
	Columns    string `json:"columns" doc:"KQL: every table and column that holds it in the range, with counts; empty: no column does"`
	Everything string `json:"everything" doc:"KQL: all rows of all tables in which it stands in the range, newest first"`
}

// hunts writes the queries over the tables that have rows.
func (v *view) hunts(ctx context.Context) (Hunts, error) {
	rows, err := v.ledger.Tables(ctx)
	if err != nil {
		return Hunts{}, err
	}
	var parts, whole []string
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		table, ok := schema.Default().Table(name)
		if !ok || strings.HasPrefix(name, "Spoor") {
			continue
		}
		if part := v.columnsQuery(table); part != "" {
			parts = append(parts, part)
			whole = append(whole, v.rowsQuery(table))
		}
	}
	var h Hunts
	if len(parts) > 0 {
		h.Columns = "union\n" + strings.Join(parts, ",\n") + `
| project TableName, ColumnName, Records, First, Last
| sort by Records desc`
	}
	if v.among != nil { // no text stands for them
		if len(whole) > 0 {
			h.Everything = "union withsource = TableName\n" + strings.Join(whole, ",\n") + "\n| sort by Time desc"
		}
		return h, nil
	}
	h.Everything = fmt.Sprintf(`search %s
| where TimeGenerated >= datetime(%s) and TimeGenerated < datetime(%s)
| sort by TimeGenerated desc`, quote(v.req.ID.Value), v.window.from, v.window.to)
	return h, nil
}

// rowsQuery gives the rows of a table in which the entity stands.
func (v *view) rowsQuery(table *schema.Table) string {
	var tests []string
	for i := range table.Columns {
		if test := v.holdsTest(&table.Columns[i]); test != "" {
			tests = append(tests, test)
		}
	}
	return fmt.Sprintf(`  (%[1]s
   | where %[2]s >= datetime(%[3]s) and %[2]s < datetime(%[4]s)
   | where %[5]s
   | extend Time = %[2]s)`, table.Name, table.Time, v.window.from, v.window.to, strings.Join(tests, " or "))
}

// columnsQuery counts by column the rows of a table in which the entity stands; "" when
// no column of the table holds such things.
func (v *view) columnsQuery(table *schema.Table) string {
	var tests, names []string
	for i := range table.Columns {
		c := &table.Columns[i]
		test := v.holdsTest(c)
		if test == "" {
			continue
		}
		tests = append(tests, test)
		names = append(names, fmt.Sprintf("iff(%s, %s, \"\")", test, quote(c.Name)))
	}
	if len(tests) == 0 {
		return ""
	}
	return fmt.Sprintf(`  (%[1]s
   | where %[2]s >= datetime(%[3]s) and %[2]s < datetime(%[4]s)
   | where %[5]s
   | mv-expand ColumnName = pack_array(%[6]s) to typeof(string)
   | where ColumnName != ""
   | summarize Records = count(), First = min(%[2]s), Last = max(%[2]s) by ColumnName
   | extend TableName = %[7]s)`,
		table.Name, table.Time, v.window.from, v.window.to, strings.Join(tests, " or "), strings.Join(names, ", "), quote(table.Name))
}

var observables = map[entity.Kind]schema.Observable{
	entity.IP: schema.HoldsAddress, entity.Domain: schema.HoldsURL, entity.URL: schema.HoldsURL,
	entity.Hash: schema.HoldsHash, entity.Account: schema.HoldsAccount, entity.Device: schema.HoldsDevice,
}

// holdsTest is the condition that a column holds the entity; "" for a column that holds
// other things.
func (v *view) holdsTest(c *schema.Column) string {
	if c.Holds == schema.HoldsNothing || c.Holds != observables[v.countedAs()] {
		return ""
	}
	id := quote(v.req.ID.Value)
	switch {
	case v.among != nil && c.Type == schema.Dynamic:
		return "" // a list of addresses, none of which is a whole text
	case v.among != nil:
		return v.is(c.Name)
	case c.Type == schema.Dynamic:
		return fmt.Sprintf("%s has %s", c.Name, id)
	case v.req.ID.Kind == entity.IP:
		return fmt.Sprintf("%s == %s", c.Name, id)
	case v.req.ID.Kind == entity.Domain:
		return fmt.Sprintf("%s has %s", c.Name, id)
	case v.req.ID.Kind == entity.Account:
		domain, name, ok := strings.Cut(v.req.ID.Value, `\`)
		if ok && c.Domain != "" {
			return fmt.Sprintf("%s =~ %s and %s =~ %s", c.Name, quote(name), c.Domain, quote(domain))
		}
	}
	return fmt.Sprintf("%s =~ %s", c.Name, id)
}
