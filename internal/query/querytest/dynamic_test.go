package querytest_test

import (
	"fmt"
	"slices"
	"testing"
)

// A text that is sought in a dynamic value is sought in what tostring prints, however the
// value is stored: with blanks, escapes, other forms of numbers. strcat keeps the engine
// from looking at what is stored.
func TestDynamicIsSoughtAsPrinted(t *testing.T) {
	r, db := openRunner(t)
	for i, stored := range []string{
		`{"answers": ["192.0.2.1", "Alias.Example"], "n": 1.50}`,
		`{"answers":["192\u002e0.2.1"],"path":"C:\\Temp\\alias.example"}`,
		`{"a" : 1, "b" : [ 1 , 2 ], "url": "http:\/\/example.test\/x"}`,
		`{"n":1e3,"big":12345678901234567890,"alias":true}`,
		`"192.0.2.1"`, `"\u0061lias.example"`, `["2001:db8::1", {"::1": 443}]`, `[ ]`, `true`, `1e3`,
		`{"k":"x\ty","ü":"Ü.example"}`,
	} {
		insert(t, db, "DeviceNetworkEvents", map[string]any{"AdditionalFields": stored, "RemotePort": int64(i)})
	}
	insert(t, db, "DeviceNetworkEvents", map[string]any{"RemotePort": int64(99)})
	found := 0
	for _, op := range []string{"has", "has_cs", "contains", "contains_cs", "hasprefix", "!has", "!contains"} {
		for _, term := range []string{
			"192.0.2.1", "alias.example", "Alias", "1000", "1000.0", "1.5", "1,2", `"b":[1`, "a", ":1", "::1", "2001:db8::1", "db8::1", "443", "true",
			"http://example.test/x", "example.test", `C:\Temp`, "Temp", "ü.example", "x\ty", "12345678901234567890", "1e3", "e3", "[]", "",
		} {
			query := func(text string) string {
				return fmt.Sprintf("DeviceNetworkEvents | where %s %s @'%s' | project RemotePort | sort by RemotePort asc", text, op, term)
			}
			got, err := run(t, r, query("tostring(AdditionalFields)"))
			if err != nil {
				t.Fatal(err)
			}
			want, err := run(t, r, query(`strcat(tostring(AdditionalFields), "")`))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(got.Rows, want.Rows, func(a, b []any) bool { return a[0] == b[0] }) {
				t.Errorf("%s %q: got %v, want %v", op, term, got.Rows, want.Rows)
			}
			found += len(want.Rows)
		}
	}
	if found < 100 {
		t.Errorf("only %d rows were found", found)
	}
}
