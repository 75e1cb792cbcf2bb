package network_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"spoor/internal/network"
)

func TestReadErrors(t *testing.T) {
	for _, tc := range []struct{ name, file, want string }{
		{"host bits", "cidr,name\n10.0.0.0/24,a\n10.0.1.7/24,b\n", "line 3, column cidr: invalid range: 10.0.1.7/24 has host bits set; the range is 10.0.1.0/24"},
		{"address", "cidr,name\n10.0.1.7,b\n", "line 2, column cidr: invalid range: 10.0.1.7 is an address; for it alone write 10.0.1.7/32"},
		{"not a CIDR", "cidr,name\nten,b\n", `line 2, column cidr: invalid range: "ten" is not a CIDR such as 10.1.0.0/16 or 2001:db8::/32`},
		{"everything", "cidr,name\n0.0.0.0/0,b\n", "line 2, column cidr: invalid range: 0.0.0.0/0 is every address there is"},
		{"no name", "cidr,name\n10.0.0.0/24,\n", "line 2: invalid range: 10.0.0.0/24 has no name"},
		{"quoted line break", "cidr,name\n\"10.0.0.0/24\",\"a\nb\"\n", "line 2: invalid range: name holds control characters"},
		{"line after a quoted break", "name,cidr,owner\na,10.0.0.0/24,\"\n\"\nb,x,\n", `line 4, column cidr: invalid range: "x" is not a CIDR such as 10.1.0.0/16 or 2001:db8::/32`},
		{"twice", "cidr,name\n10.0.0.0/24,a\n\n10.0.0.0/24, a\n", "line 4: invalid range: 10.0.0.0/24 a is already on line 2"},
		{"wrong count", "cidr,name\n10.0.0.0/24,a,b\n", "line 2: invalid range: wrong number of fields"},
		{"quote", "cidr,name\n10.0.0.0/24,a\"b\n", `line 2, character 14: invalid range: bare " in non-quoted-field`},
		{"column", "cidr,name,vlan\n", `line 1: invalid range: unknown column "vlan"; the columns are cidr,name,role,site,owner,valid_from,valid_to,trusted_proxy`},
		{"missing column", "cidr,role\n", "line 1: invalid range: column name is missing"},
		{"day", "cidr,name,valid_from\n10.0.0.0/24,a,31.05.2024\n", `line 2, column valid_from: invalid range: "31.05.2024" is neither a day such as 2024-05-31 nor a time such as 2024-05-31T08:00:00Z`},
		{"ends before", "cidr,name,valid_from,valid_to\n10.0.0.0/24,a,2024-02-02,2024-02-01\n", "line 2: invalid range: 10.0.0.0/24 ends (2024-02-02T00:00:00Z) before it begins (2024-02-02T00:00:00Z)"},
		{"proxy", "cidr,name,trusted_proxy\n10.0.0.0/24,a,maybe\n", `line 2, column trusted_proxy: invalid range: trusted_proxy is "maybe", not true or false`},
		{"empty", "", "line 1: invalid range: the file is empty; the header is cidr,name,role,site,owner,valid_from,valid_to,trusted_proxy"},
		{"JSON value", "[\n {\"cidr\":\"10.0.0.0/24\",\"name\":\"a\"},\n {\"cidr\":\"10.0.0.1/24\",\"name\":\"a\"}\n]", "line 3: invalid range: 10.0.0.1/24 has host bits set; the range is 10.0.0.0/24"},
		{"JSON field", "[\n\n{\"cidr\":\"10.0.0.0/24\",\"nom\":\"a\"}]", `line 3: invalid range: json: unknown field "nom"`},
		{"JSON cut", "[{\"cidr\":\"10.0.0.0/24\",\"name\":\"a\"}\n", "line 2: invalid range: the array is not closed"},
		{"JSON tail", "[]\n[]", "line 2: invalid range: text after the array"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := network.Read(strings.NewReader(tc.file))
			if err == nil || err.Error() != tc.want || !errors.Is(err, network.ErrInvalid) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
}

func TestReadForms(t *testing.T) {
	const want = `cidr,name,role,site,owner,valid_from,valid_to,trusted_proxy
10.0.0.0/24,a,dmz,north,IT,2024-01-01T00:00:00Z,2024-07-01T00:00:00Z,true
10.1.0.0/16,mapped,,,,,,false
`
	for name, file := range map[string]string{
		"CSV": "\xef\xbb\xbfName, CIDR ,trusted_proxy,valid_to,valid_from,owner,site,role\r\n" +
			"a,10.0.0.0/24,YES,2024-06-30,2024-01-01T01:00:00+01:00,IT,north,dmz\r\nmapped,::ffff:10.1.0.0/112,0,,,,,\r\n",
		"JSON array": `[{"cidr":"10.0.0.0/24","name":"a","role":"dmz","site":"north","owner":"IT","validFrom":"2024-01-01","validTo":"2024-06-30","trustedProxy":true},
			{"cidr":"::ffff:10.1.0.0/112","name":"mapped"}]`,
		"JSON lines": `{"cidr":"10.0.0.0/24","name":"a","role":"dmz","site":"north","owner":"IT","validFrom":"2024-01-01","validTo":"2024-06-30","trustedProxy":true}
			{"cidr":"::ffff:10.1.0.0/112","name":"mapped"}`,
		"own output": want,
	} {
		ranges, err := network.Read(strings.NewReader(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got bytes.Buffer
		if err := network.WriteCSV(&got, ranges); err != nil || got.String() != want {
			t.Errorf("%s: %v\n%s", name, err, got.String())
		}
	}
}

// FuzzRead: whatever is read is valid, and is read again as the same from what
// WriteCSV makes of it.
func FuzzRead(f *testing.F) {
	f.Add(catalogue)
	f.Add(`[{"cidr":"10.0.0.0/24","name":"a","validFrom":"2024-01-01T00:00:00.123456789Z"}]`)
	f.Add("cidr,name\n\"10.0.0.0/8\",\"a\"\"b\"\n")
	f.Fuzz(func(t *testing.T, file string) {
		ranges, err := network.Read(strings.NewReader(file))
		if err != nil {
			if !errors.Is(err, network.ErrInvalid) {
				t.Fatalf("error of another kind: %v", err)
			}
			return
		}
		var first, second bytes.Buffer
		if err := network.WriteCSV(&first, ranges); err != nil {
			t.Fatal(err)
		}
		again, err := network.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("own output is refused: %v\n%s", err, first.String())
		}
		if err := network.WriteCSV(&second, again); err != nil || first.String() != second.String() {
			t.Fatalf("%v\nfirst\n%s\nsecond\n%s", err, first.String(), second.String())
		}
	})
}
