package builtin_test

import (
	"testing"

	"spoor/internal/kql/builtin"
)

func TestTableReads(t *testing.T) {
	if n := len(builtin.Names()); n < 400 {
		t.Errorf("the table holds %d functions, want at least 400", n)
	}
	f, ok := builtin.Scalar("iif")
	if !ok || f.Canonical != "iff" {
		t.Errorf("iif = %+v, want the older spelling of iff", f)
	}
}
