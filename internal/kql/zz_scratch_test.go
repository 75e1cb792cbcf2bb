package kql_test

import (
	"fmt"
	"testing"
	"time"

	"spoor/internal/kql"
	"spoor/internal/schema"
)

func TestZZ(t *testing.T) {
	for _, q := range []string{`search "a"`, `union * | count`, `union *`, `find where DeviceName == "x"`} {
		began := time.Now()
		c, d := kql.Compile(q, kql.Env{Catalog: schema.Default(), Exists: func(string) bool { return true }, Now: 1 << 59, MaxRows: 10})
		n := 0
		if c != nil {
			n = len(c.SQL)
		}
		fmt.Println(q, time.Since(began), n, len(d))
		began = time.Now()
		c, d = kql.Compile(q, kql.Env{Catalog: schema.Default(), Exists: func(s string) bool { return s[0] == 'D' }, Now: 1 << 59, MaxRows: 10})
		if c != nil {
			n = len(c.SQL)
		}
		fmt.Println("  D only", q, time.Since(began), n, len(d))
	}
}
