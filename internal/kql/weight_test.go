package kql_test

import (
	"fmt"
	"strings"
	"testing"

	"spoor/internal/kql"
)

// repeated is a step of a query n times, each of which uses its own result twice.
func repeated(n int, step string) string { return strings.Repeat(" | "+step, n) }

// What the engine's optimizer makes of a statement by putting definitions in the place of
// names stays small however long a query builds on its own results: it plans before it
// looks at limits.
func TestWeightIsBounded(t *testing.T) {
	const (
		table  = `DeviceEvents | extend r = ""`
		step   = `extend r = iff(ActionType == "a", strcat(r, "x"), r)`
		parsed = `extend r = tostring(parse_json(r).a)`
	)
	for name, text := range map[string]string{
		"extend":            table + repeated(40, step) + ` | where r != ""`,
		"functions":         `DeviceEvents | extend r = AdditionalFields` + repeated(40, parsed) + ` | where r != ""`,
		"union":             `union (` + table + repeated(20, step) + `), (` + table + repeated(20, step) + `)` + repeated(20, step) + ` | where r != ""`,
		"join":              table + repeated(20, step) + ` | join kind=leftouter (DeviceInfo) on DeviceId` + repeated(20, step) + ` | where r != ""`,
		"summarize":         table + repeated(10, step) + ` | summarize n = count() by r, ActionType` + repeated(20, step) + ` | where r != ""`,
		"a shared part":     `let t = materialize(` + table + repeated(10, step) + `); union t, t` + repeated(20, step) + ` | where r != ""`,
		"an inner query":    `DeviceInfo | where DeviceName in ((` + table + repeated(40, step) + ` | where r != "" | project r))`,
		"many columns":      table + `, s = "", t = ""` + repeated(15, `extend r = strcat(s, t), s = strcat(r, t), t = strcat(r, s)`) + ` | where r != s and s != t`,
		"several in a step": table + repeated(20, step+` | where r != "y"`),
	} {
		env := everyTable()
		c, diags := kql.Compile(text, env)
		if c == nil {
			t.Errorf("%s: %v", name, diags)
			continue
		}
		for _, s := range c.Tables[0].Parts[0].Statements() {
			if s.Weight < len(s.SQL) || s.Weight > len(s.SQL)+200_000 {
				t.Errorf("%s: a statement of %d bytes weighs %d", name, len(s.SQL), s.Weight)
			}
		}
	}
}

// What is light stays open to the optimizer: a condition on it reaches the table.
func TestLightColumnsAreNotHeld(t *testing.T) {
	c, diags := kql.Compile(`DeviceEvents | extend r = tolower(ActionType) | where r == "a"`, everyTable())
	if c == nil {
		t.Fatal(diags)
	}
	if sql := c.Tables[0].Parts[0].SQL; strings.Contains(sql, "random()") {
		t.Errorf("a light column is held: %s", sql)
	}
}

// A query can name a part of itself twice at each of its levels. It is refused before
// that has become a tree, and a statement.
func TestTooLargeIsRefused(t *testing.T) {
	const levels = 100
	variables := `let a0 = tostring(rand());`
	for i := range levels {
		variables += fmt.Sprintf(" let a%d = strcat(a%d, a%d);", i+1, i, i)
	}
	for name, text := range map[string]string{
		"variables":  variables + ` print a100`,
		"a function": `let f = (x:string) { strcat(x, x) }; DeviceEvents | project y = ` + strings.Repeat("f(", levels) + "ActionType" + strings.Repeat(")", levels),
		"a table":    `let f = (T:(ActionType:string)) { T | where ActionType in ((T | project ActionType)) }; DeviceEvents` + repeated(levels, "invoke f()"),
		"windows":    `DeviceEvents | sort by Timestamp asc` + repeated(30, `extend s = row_window_session(Timestamp, 1d, 1h) | sort by s asc`),
	} {
		c, diags := kql.Compile(text, everyTable())
		if c != nil {
			t.Errorf("%s: compiled to %d bytes", name, len(c.Tables[0].Parts[0].SQL))
		} else if diags[0].Code != "SEM0081" {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

// What reads all columns of all tables at once is too much for a statement: the tables
// are read one by one, and only what a group or a top needs of each.
func TestTooWideIsReadTableByTable(t *testing.T) {
	for text, want := range map[string]string{
		`union * | sort by TimeGenerated asc | extend n = row_number()`:                                "",
		`union withsource=T * | summarize arg_min(TimeGenerated, *) by T`:                              "",
		`search * | top 10 by TimeGenerated`:                                                           " LIMIT 10",
		`search "x" | summarize n = count(), last = max(TimeGenerated) by $table`:                      " GROUP BY ",
		`let t = search "x" | distinct $table; DeviceEvents | where Type in ((t))`:                     " GROUP BY ",
		`search "x" | summarize n = count() by $table | join (search "y" | distinct $table) on $table`: " GROUP BY ",
	} {
		c, diags := kql.Compile(text, everyTable())
		if c == nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		statements := c.Tables[0].Parts[0].Statements()
		if len(statements) < 900 {
			t.Errorf("%s: only %d statements", text, len(statements))
		}
		for _, s := range statements[:len(statements)-1] {
			if len(s.SQL) > 64<<10 || !strings.Contains(s.SQL, want) {
				t.Errorf("%s: a statement of %d bytes: %.200s", text, len(s.SQL), s.SQL)
				break
			}
		}
	}
}
