package entity_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entity"
)

const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestRecognize(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.5.13":                         "ip 10.0.5.13",
		" 1[.]2[.]3[.]4 ":                   "ip 1.2.3.4",
		"1.2.3[.]4":                         "ip 1.2.3.4",
		"1[.2[.3[.4":                        "ip 1.2.3.4",
		"1.2(dot)3{.}4":                     "ip 1.2.3.4",
		"1.2.3[ . ]4":                       "ip 1.2.3.4",
		"1.2.3.4:443":                       "ip 1.2.3.4",
		"1.2.3.4[:]443":                     "ip 1.2.3.4",
		"[2001:db8::1]:443":                 "ip 2001:db8::1",
		"2001[:]db8[:][:]1":                 "ip 2001:db8::1",
		"::ffff:1.2.3.4":                    "ip 1.2.3.4",
		"10.1.2.3/8":                        "cidr 10.0.0.0/8",
		"10.1.2[.]0/24":                     "cidr 10.1.2.0/24",
		"10.1.2.3/32":                       "ip 10.1.2.3",
		"2001:DB8::/32":                     "cidr 2001:db8::/32",
		"::ffff:10.0.0.0/104":               "cidr 10.0.0.0/8",
		"10.0.0.0/33":                       "",
		"10.0.0.1-10.0.0.9":                 "range 10.0.0.1-10.0.0.9",
		"10.0.0.1 – 10.0.0.9":               "range 10.0.0.1-10.0.0.9",
		"10.0.0.1-9":                        "range 10.0.0.1-10.0.0.9",
		"10.0.0.9-10.0.0.1":                 "",
		"10.0.0.1-2001:db8::1":              "",
		"AS13335":                           "asn AS13335",
		"asn 13335":                         "asn AS13335",
		"AS0013335":                         "asn AS13335",
		"AS4294967296":                      "device as4294967296", // beyond 32 bits
		"WWW.Example.COM.":                  "domain www.example.com",
		"evil[.]example":                    "domain evil.example",
		"evil dot example":                  "",
		"*.evil.example":                    "domain evil.example",
		"host.theshire.local":               "domain host.theshire.local",
		"bücher.example":                    "domain bücher.example",
		"1.2.3":                             "",
		"hxxp://evil[.]example/a?b=c":       "url http://evil.example/a?b=c",
		"hXXps[:]//Evil.Example/A":          "url https://evil.example/A",
		"h**p://evil.example":               "url http://evil.example",
		"hxxps[://]evil[.]example[/]x":      "url https://evil.example/x",
		"evil.example/x.php":                "url http://evil.example/x.php",
		"ftp://1.2.3.4/x":                   "url ftp://1.2.3.4/x",
		"D41D8CD98F00B204E9800998ECF8427E":  "hash d41d8cd98f00b204e9800998ecf8427e",
		"sha256:" + sha256:                  "hash " + sha256,
		"SHA-256 " + sha256:                 "hash " + sha256,
		"alice@Corp.Example":                "account alice@corp.example",
		"alice[at]corp[.]example":           "account alice@corp.example",
		`CORP\Alice`:                        `account corp\alice`,
		`NT AUTHORITY\SYSTEM`:               `account nt authority\system`,
		`user was CORP\alice`:               "",
		`HKLM\Software`:                     "",
		`System32\cmd.exe`:                  "",
		`C:\Windows\System32`:               "",
		"ACCT01":                            "device acct01",
		"WORKSTATION$":                      "device workstation$",
		"two words":                         "",
		"":                                  "",
		"-":                                 "",
		strings.Repeat("a", 70):             "",
		"<script>alert(1)</script>":         "",
		"javascript:alert(1)":               "",
		"\u202e10.0.0.1":                    "",
		"1.2.3.4/etc/passwd":                "url http://1.2.3.4/etc/passwd",
		"https://user:pw@evil.example:81/":  "url https://user:pw@evil.example:81/",
		"00000000000000000000000000000000":  "device 00000000000000000000000000000000",
		"d41d8cd98f00b204e9800998ecf8427e0": "device d41d8cd98f00b204e9800998ecf8427e0",
		"\"10.0.5.13\",":                    "ip 10.0.5.13",
		"fe80::1%eth0":                      "ip fe80::1",
		"a.b@c":                             "",
		"2001:db8::1-2001:db8::ff":          "range 2001:db8::1-2001:db8::ff",
		"192.168.1.1-192.168.1.1":           "ip 192.168.1.1",
		"https://evil.example/a(b)":         "url https://evil.example/a(b)",
		"https://[2001:db8::1]/":            "url https://[2001:db8::1]/",
	} {
		o, ok := entity.Recognize(in)
		got := ""
		if ok {
			got = string(o.Form) + " " + o.Value
		}
		if got != want {
			t.Errorf("Recognize(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestExtract(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"one to a line", "10.0.0.1\r\n\n 10.0.0.2 \n10.0.0.1\n", []string{"ip 10.0.0.1", "ip 10.0.0.2"}},
		{"the same, written otherwise", "1[.]2[.]3[.]4, ::ffff:1.2.3.4", []string{"ip 1.2.3.4"}},
		{
			"a report",
			"The loader (hxxps://cdn[.]evil[.]example/stage2?id=7) beaconed to 203.0.113.9:4433, then to 203[.]0[.]113[.]10. " +
				"Its MD5 is d41d8cd98f00b204e9800998ecf8427e; see report.exe, e.g. on page 2. Contact: soc@corp.example.",
			[]string{
				"url https://cdn.evil.example/stage2?id=7", "ip 203.0.113.9", "ip 203.0.113.10",
				"hash d41d8cd98f00b204e9800998ecf8427e", "account soc@corp.example",
			},
		},
		{"separators", "10.0.0.1;10.0.0.2|10.0.0.3,10.0.0.4\t10.0.0.5", []string{"ip 10.0.0.1", "ip 10.0.0.2", "ip 10.0.0.3", "ip 10.0.0.4", "ip 10.0.0.5"}},
		{"JSON", `{"src_ip":"10.0.0.1","url":"https:\/\/a.example\/b","n":[10.5, "2001:db8::5"]}`, []string{"ip 10.0.0.1", "url https://a.example/b", "ip 2001:db8::5"}},
		{"key=value", `src=10.0.0.1 dst=[2001:db8::1]:443 user=CORP\bob sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709`, []string{
			"ip 10.0.0.1", "ip 2001:db8::1", `account corp\bob`, "hash da39a3ee5e6b4b0d3255bfef95601890afd80709",
		}},
		{"prefixes and numbers", "block 10.0.0.0/8, 192.0.2.1-192.0.2.9 and AS64500", []string{"cidr 10.0.0.0/8", "range 192.0.2.1-192.0.2.9", "asn AS64500"}},
		{"ranges with spaces stand alone", "192.0.2.1 - 192.0.2.9\nfrom 10.0.0.1 - 10.0.0.2", []string{"range 192.0.2.1-192.0.2.9", "ip 10.0.0.1", "ip 10.0.0.2"}},
		{"hosts", "ACCT01\nNASHUA\nweb-3\nthe\nlower\nacct01.pandalab.com", []string{"device acct01", "device nashua", "device web-3", "domain acct01.pandalab.com"}},
		{"no domains", "std::string foo.baz() v1.2.3 node.js README.md 12:30:45 C:\\a\\b.exe", nil},
		{"host and port", "evil.example:8080", []string{"domain evil.example"}},
		{"a URL behind a label", "URL:hxxp://evil[.]example/x.", []string{"url http://evil.example/x"}},
		{"parentheses", "(http://a.example/x_(y)) [1.2.3.4] <b.example>", []string{"url http://a.example/x_(y)", "ip 1.2.3.4", "domain b.example"}},
		{"nothing", "just words, and 42", nil},
	} {
		list, total := entity.Extract(c.text)
		var got []string
		for _, o := range list {
			got = append(got, string(o.Form)+" "+o.Value)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || total != len(list) {
			t.Errorf("%s: total %d, -want +got:\n%s", c.name, total, diff)
		}
	}
}

func TestExtractIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&b, "10.0.%d.%d ", i/256, i%256)
	}
	list, total := entity.Extract(b.String())
	if len(list) != entity.MaxObservables || total != 1200 {
		t.Errorf("%d of %d", len(list), total)
	}
	if list[0].Value != "10.0.0.0" || list[999].Value != "10.0.3.231" {
		t.Errorf("from %s to %s", list[0].Value, list[999].Value)
	}
}

func TestObservableEntities(t *testing.T) {
	for in, want := range map[string][]entity.ID{
		"a.example":              {{Kind: entity.Domain, Value: "a.example"}, {Kind: entity.Device, Value: "a.example"}, {Kind: entity.Account, Value: "a.example"}},
		"ACCT01":                 {{Kind: entity.Device, Value: "acct01"}, {Kind: entity.Account, Value: "acct01"}},
		"https://a.example/x":    {{Kind: entity.URL, Value: "https://a.example/x"}, {Kind: entity.Domain, Value: "a.example"}},
		"http://[2001:db8::1]/x": {{Kind: entity.URL, Value: "http://[2001:db8::1]/x"}, {Kind: entity.IP, Value: "2001:db8::1"}},
		"10.0.0.0/8":             nil,
		"AS1":                    nil,
	} {
		o, _ := entity.Recognize(in)
		if diff := cmp.Diff(want, o.Entities()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", in, diff)
		}
	}
}

func TestObservableSpan(t *testing.T) {
	for in, want := range map[string]string{
		"10.1.0.0/16":         "10.1.0.0 10.1.255.255",
		"2001:db8::/126":      "2001:db8:: 2001:db8::3",
		"192.0.2.5-192.0.2.9": "192.0.2.5 192.0.2.9",
		"192.0.2.5":           "192.0.2.5 192.0.2.5",
		"0.0.0.0/0":           "0.0.0.0 255.255.255.255",
	} {
		o, _ := entity.Recognize(in)
		first, last, ok := o.Span()
		if got := first.String() + " " + last.String(); !ok || got != want {
			t.Errorf("%s spans %s, %v; want %s", in, got, ok, want)
		}
	}
	if _, _, ok := (entity.Observable{Form: entity.FormDomain, Value: "a.example"}).Span(); ok {
		t.Error("a domain has a span")
	}
	if got := entity.LastAddress(netip.Prefix{}); got.IsValid() {
		t.Errorf("the invalid prefix ends with %s", got)
	}
}

func TestDefang(t *testing.T) {
	for in, want := range map[string]string{
		"1.2.3.4":                  "1[.]2[.]3[.]4",
		"2001:db8::1":              "2001[:]db8[:][:]1",
		"evil.example":             "evil[.]example",
		"https://evil.example/a.b": "hxxps://evil[.]example/a.b",
		"alice@corp.example":       "alice@corp[.]example",
		`corp\alice`:               `corp\alice`,
	} {
		got := entity.Defang(in)
		if got != want {
			t.Errorf("Defang(%q) = %q, want %q", in, got, want)
		}
		if back := entity.Refang(got); back != in {
			t.Errorf("Refang(%q) = %q, want %q", got, back, in)
		}
	}
}

// What is recognized is canonical: it is recognized again as itself, and its defanged text
// too. Everything that Extract finds stands in the text.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{
		"1[.]2[.]3[.]4", "hxxp://a[.]example/x", "10.0.0.0/8 10.0.0.1-9 AS5", `CORP\a b@c.example`, "[::1]:80 (http://x.example)", "*.a.b",
		"ACCT01", "http://%zz", "md5:d41d8cd98f00b204e9800998ecf8427e",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		list, total := entity.Extract(s)
		if len(list) > total || len(list) > entity.MaxObservables {
			t.Fatalf("%d of %d", len(list), total)
		}
		for _, o := range list {
			if o.Value == "" || !utf8.ValidString(s) {
				continue
			}
			again, ok := entity.Recognize(o.Value)
			if !ok || again.Form != o.Form || again.Value != o.Value {
				t.Errorf("%q gives %s %q, which reads as %s %q, %v", s, o.Form, o.Value, again.Form, again.Value, ok)
			}
		}
	})
}
