package transparency_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/transparency"
)

// A certificate and its precertificate, one that follows it, and one of another name with
// an e-mail address, an organisation for a common name and a serial number of its own.
const answer = `[
 {"issuer_ca_id":7,"issuer_name":"C=UT, O=Utopia Trust, CN=UT1","common_name":"www.utopia.example","name_value":"*.Dev.utopia.example\nwww.utopia.example","id":11,"entry_timestamp":"2024-03-01T10:20:30.456","not_before":"2024-03-01T09:20:30","not_after":"2024-05-30T09:20:29","serial_number":"03AF","result_count":3},
 {"issuer_ca_id":7,"issuer_name":"C=UT, O=Utopia Trust, CN=UT1","common_name":"www.utopia.example","name_value":"*.dev.utopia.example\nwww.utopia.example","id":12,"entry_timestamp":null,"not_before":"2024-03-01T09:20:30","not_after":"2024-05-30T09:20:29","serial_number":"03af","result_count":3},
 {"issuer_ca_id":8,"issuer_name":"CN=Other","common_name":null,"name_value":"WWW.utopia.example.","id":13,"entry_timestamp":"2023-01-01T00:00:00","not_before":"2022-12-31T23:59:59.5","not_after":"2023-03-31T00:00:00","serial_number":"01","result_count":2},
 {"issuer_ca_id":8,"issuer_name":"CN=Other","common_name":"Utopia Ltd","name_value":"mail.utopia.example\nhostmaster@utopia.example\n203.0.113.9","id":14,"entry_timestamp":"2023-01-01T00:00:00","not_before":"2023-01-01T00:00:00","not_after":"2023-04-01T00:00:00","serial_number":"","result_count":2}
]`

func read(tb testing.TB, file, text string) *transparency.Content {
	tb.Helper()
	c, err := transparency.Read(strings.NewReader(text), file)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func at(tb testing.TB, text string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestRead(t *testing.T) {
	want := &transparency.Content{
		File: transparency.File{Name: "utopia.json", Entries: 4, Certificates: 3, Names: 3, Skipped: 3},
		Found: []transparency.Name{
			{Name: "*.dev.utopia.example", NotBefore: at(t, "2024-03-01T09:20:30Z"), NotAfter: at(t, "2024-05-30T09:20:29Z"), Certificates: 1, Issuers: []string{"C=UT, O=Utopia Trust, CN=UT1"}},
			{Name: "mail.utopia.example", NotBefore: at(t, "2023-01-01T00:00:00Z"), NotAfter: at(t, "2023-04-01T00:00:00Z"), Certificates: 1, Issuers: []string{"CN=Other"}},
			{Name: "www.utopia.example", NotBefore: at(t, "2022-12-31T23:59:59.5Z"), NotAfter: at(t, "2024-05-30T09:20:29Z"), Certificates: 2, Issuers: []string{"C=UT, O=Utopia Trust, CN=UT1", "CN=Other"}},
		},
	}
	if diff := cmp.Diff(want, read(t, "downloads/utopia.json", answer)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, answer); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want.Name = "utopia.json.gz"
	if diff := cmp.Diff(want, read(t, "utopia.json.gz", packed.String())); diff != "" {
		t.Errorf("packed, -want +got:\n%s", diff)
	}
	if c := read(t, "none.json", "[]\n"); c.Entries != 0 || c.Names != 0 {
		t.Errorf("nothing found: %+v", c)
	}
}

// entries is an array of so many certificates, each with a name of its own.
func entries(n int) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name_value":"n%d.example.com","not_before":"2024-01-01T00:00:00","not_after":"2024-02-01T00:00:00","serial_number":"%d"}`, i, i)
	}
	b.WriteByte(']')
	return b.String()
}

func TestReadRefuses(t *testing.T) {
	one := entries(1)
	cut := strings.TrimSuffix(one, "\"}]")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(bytes.Repeat([]byte(" "), transparency.MaxSize+2)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, text, says string }{
		{"a.json", "", "it is empty"},
		{"a.json", "  \xce\x81", "what begins at byte 3 is no JSON: invalid character"},
		{"a.json", "<html>busy</html>", "as a web page does"},
		{"a.json", one[1 : len(one)-1], "it begins with {, but crt.sh answers with an array"},
		{"a.json", cut, "entry 1, which begins after byte 1: the file ends in the middle of it: it was cut off"},
		{"a.json", strings.TrimSuffix(one, "]"), "after entry 1, byte "},
		{"a.json", one + one, "something follows the array"},
		{"a.json", `[{"name_value":"a.example","not_before":"yesterday","not_after":"2024-01-01T00:00:00"}]`, `entry 1, which begins after byte 1: not_before: "yesterday" is no time like`},
		{"a.json", `[{"name_value":"a.example","not_before":"2024-01-01T00:00:00"}]`, "not_after: it is missing"},
		{"a.json", `[{"not_before":"2024-01-01T00:00:00","not_after":"2024-01-01T00:00:00"}]`, "it has no name_value"},
		{"a.json", `[{"name_value":5}]`, "entry 1, which begins after byte 1: json: cannot unmarshal number"},
		{"a.json", "[1]", "entry 1, which begins after byte 1: json: cannot unmarshal number"},
		{"a.json", one[:len(one)-1] + ",{]", "entry 2, which begins after byte "},
		{"a.json.gz", "\x1f\x8bnonsense", "gzip"},
		{"a.json.gz", packed.String(), "it is larger than 64 MiB"},
		{"a.json", entries(transparency.MaxNames + 1), "the file has more than 200000 names"},
		{"a b.json", one, "characters other than"},
	} {
		_, err := transparency.Read(strings.NewReader(c.text), c.file)
		if !errors.Is(err, transparency.ErrInvalid) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%.60q: %v, want %q", c.text, err, c.says)
		}
	}
}

// What is kept is found below its domain and by no other, replaced under the name of its
// file, and taken out.
func TestStore(t *testing.T) {
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	s := transparency.New(db)
	s.Now = func() time.Time { return now }
	before, err := s.Version(t.Context())
	if err != nil || before.Files != 0 {
		t.Fatal(before, err)
	}
	put := func(file, text string) {
		t.Helper()
		if err := s.Import(t.Context(), read(t, file, text), "alice"); err != nil {
			t.Fatal(err)
		}
	}
	put("utopia.json", answer)
	put("other.json", `[{"name_value":"www.utopia.example\nutopia.example\nmyutopia.example\nutopia-example.org","not_before":"2020-01-01T00:00:00","not_after":"2020-04-01T00:00:00","serial_number":"1"}]`)
	below := func(domain string) (list []string) {
		t.Helper()
		found, err := s.Below(t.Context(), domain)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range found {
			list = append(list, n.Name.Name+" "+n.File)
		}
		return list
	}
	want := []string{"*.dev.utopia.example utopia.json", "mail.utopia.example utopia.json", "www.utopia.example other.json", "www.utopia.example utopia.json"}
	if diff := cmp.Diff(want, below("utopia.example")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := below("www.utopia.example"); got != nil {
		t.Errorf("below a name without any: %v", got)
	}
	files, err := s.Files(t.Context())
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	file := transparency.File{ID: files[1].ID, Name: "utopia.json", Entries: 4, Certificates: 3, Names: 3, Skipped: 3, Imported: now, By: "alice"}
	if diff := cmp.Diff(file, files[1]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	found, err := s.Below(t.Context(), "utopia.example")
	if err != nil {
		t.Fatal(err)
	}
	name := transparency.Found{Name: read(t, "utopia.json", answer).Found[2], File: "utopia.json", Imported: now}
	if diff := cmp.Diff(name, found[3]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	after, err := s.Version(t.Context())
	if err != nil || after == before {
		t.Errorf("the version after two imports is %v, before %v, %v", after, before, err)
	}
	put("utopia.json", `[]`)
	if v, err := s.Version(t.Context()); err != nil || v == after {
		t.Errorf("the version after one was replaced is %v, before %v, %v", v, after, err)
	}
	if diff := cmp.Diff([]string{"www.utopia.example other.json"}, below("utopia.example")); diff != "" {
		t.Errorf("replaced, -want +got:\n%s", diff)
	}
	if err := s.Remove(t.Context(), "other.json"); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(t.Context(), "other.json"); !errors.Is(err, transparency.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if got := below("utopia.example"); got != nil {
		t.Errorf("removed: %v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(answer))
	f.Add([]byte(entries(2)))
	f.Add([]byte("[]"))
	f.Add([]byte("<html>"))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(entries(1)))
	_ = w.Close()
	f.Add(packed.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := transparency.Read(bytes.NewReader(text), "x.json")
		if err != nil {
			if !errors.Is(err, transparency.ErrInvalid) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(c.Found) != c.Names || c.Certificates > c.Entries {
			t.Errorf("%d names, %+v", len(c.Found), c.File)
		}
		for _, n := range c.Found {
			if n.Certificates < 1 || n.NotAfter.IsZero() && n.NotBefore.IsZero() && n.Name == "" || len(n.Issuers) > transparency.MaxIssuers {
				t.Errorf("%+v", n)
			}
		}
	})
}
