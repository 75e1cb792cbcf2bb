package kql_test

import (
	"context"
	"testing"

	"spoor/internal/kql"
	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// everyTable has rows in all tables.
func everyTable() kql.Env {
	return kql.Env{Catalog: schema.Default(), Exists: func(string) bool { return true }, Now: 1 << 59, MaxRows: func(bind.Limits) int64 { return 500_001 }}
}

// An engine plans a statement in one go, which cannot be cancelled: none may be big,
// however many tables a query names.
func TestWideStatementsAreSmall(t *testing.T) {
	for text, parts := range map[string]int{
		"union *":                    943,
		"union * | take 10":          943,
		`search "x"`:                 943,
		`find "x"`:                   943,
		"union Sign* | take 10":      1,
		"union DeviceEvents | count": 1,
		`union * | extend y = tolower(Name) | where y == "b" | project-away Name`: 943,
		`union (union *), (union withsource=S *) | where TimeGenerated > ago(1d)`: 2 * 943,
	} {
		c, diags := kql.Compile(text, everyTable())
		if c == nil {
			t.Errorf("%s: %v", text, diags)
			continue
		}
		if got := len(c.Tables[0].Parts); got != parts {
			t.Errorf("%s: %d parts, want %d", text, got, parts)
		}
		for i := range c.Tables[0].Parts {
			if sql := c.Tables[0].Parts[i].SQL; len(sql) > 64<<10 {
				t.Errorf("%s: a statement of %d bytes: %.200s", text, len(sql), sql)
			}
		}
	}
}

// Compiling ends soon after no one waits for it any longer.
func TestCompileIsCancelled(t *testing.T) {
	for _, text := range []string{"union *", `search "x"`, `find "x"`} {
		env, asked := everyTable(), 0
		env.Err = func() error {
			if asked++; asked > 3 {
				return context.Canceled
			}
			return nil
		}
		if c, _ := kql.Compile(text, env); c != nil || asked > 5 {
			t.Errorf("%s: compiled %v, asked %d times", text, c != nil, asked)
		}
	}
}

// BenchmarkWide compiles queries over all tables when each has rows.
func BenchmarkWide(b *testing.B) {
	for _, text := range []string{"union *", `search "192.0.2.1"`, `find "192.0.2.1"`} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if c, diags := kql.Compile(text, everyTable()); c == nil {
					b.Fatal(diags)
				}
			}
		})
	}
}
