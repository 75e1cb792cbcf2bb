package entity_test

import (
	"net/netip"
	"testing"

	"spoor/internal/entity"
)

func TestCanonicalAddress(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.5.13":             "10.0.5.13",
		" 10.0.5.13 ":           "10.0.5.13",
		"10.0.5.13:4433":        "10.0.5.13",
		"::ffff:10.0.5.13":      "10.0.5.13",
		"0:0:0:0:0:0:0:1":       "::1",
		"2001:DB8:0:0:1::1":     "2001:db8::1:0:0:1",
		"[2001:db8::1]:443":     "2001:db8::1",
		"[2001:db8::1]":         "2001:db8::1",
		"fe80::1%eth0":          "fe80::1",
		"::":                    "::",
		"-":                     "",
		"":                      "",
		"LOCAL":                 "",
		"1.2.3":                 "",
		"1.2.3.4.5":             "",
		"256.1.1.1":             "",
		"10.0.5.13:http":        "",
		"10.0.5.13:99999":       "",
		"[10.0.5.13":            "",
		"2001:db8::g":           "",
		"dead:443":              "",
		"192.168.0.01":          "", // a leading zero is ambiguous (RFC 6943, 3.1.1)
		"1.2.3.4, 5.6.7.8":      "",
		"1.2.3.4/24":            "",
		"2001:db8::1]:443 junk": "",
	} {
		if got := entity.CanonicalAddress(in); got != want {
			t.Errorf("CanonicalAddress(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestClassOf(t *testing.T) {
	for in, want := range map[string]entity.Class{
		"8.8.8.8":         entity.ClassPublic,
		"172.32.0.1":      entity.ClassPublic,
		"2606:4700::1":    entity.ClassPublic,
		"172.31.255.255":  entity.ClassPrivate,
		"fd00::1":         entity.ClassPrivate,
		"100.64.0.1":      entity.ClassCGNAT,
		"100.128.0.1":     entity.ClassPublic,
		"127.8.8.8":       entity.ClassLoopback,
		"::1":             entity.ClassLoopback,
		"169.254.169.254": entity.ClassLinkLocal,
		"fe80::1":         entity.ClassLinkLocal,
		"224.0.0.251":     entity.ClassMulticast,
		"ff02::2":         entity.ClassMulticast,
		"255.255.255.255": entity.ClassBroadcast,
		"0.0.0.0":         entity.ClassUnspecified,
		"203.0.113.7":     entity.ClassDocumentation,
		"2001:db8::1":     entity.ClassDocumentation,
		"240.1.1.1":       entity.ClassReserved,
	} {
		if got := entity.ClassOf(netip.MustParseAddr(in)); got != want {
			t.Errorf("ClassOf(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		kind     entity.Kind
		in, want string
	}{
		{entity.IP, "::FFFF:1.2.3.4", "1.2.3.4"},
		{entity.Domain, "WWW.Example.COM.", "www.example.com"},
		{entity.Domain, "localhost", ""},
		{entity.Domain, "1.2.3.4", ""},
		{entity.Domain, "a..b", ""},
		{entity.URL, "HTTP://Example.COM/Path?q=1", "http://example.com/Path?q=1"},
		{entity.URL, "example.com/path", ""},
		{entity.Hash, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"},
		{entity.Hash, "00000000000000000000000000000000", ""},
		{entity.Hash, "xyz", ""},
		{entity.Account, `PANDALAB\Alice`, `pandalab\alice`},
		{entity.Account, "-", ""},
		{entity.Device, "ACCT01.pandalab.com", "acct01.pandalab.com"},
	} {
		id, err := entity.Parse(c.kind, c.in)
		if (err == nil) != (c.want != "") || id.Value != c.want {
			t.Errorf("Parse(%s, %q) = %q, %v; want %q", c.kind, c.in, id.Value, err, c.want)
		}
	}
	if got := entity.CanonicalAccount("Corp", "Alice"); got != `corp\alice` {
		t.Errorf("CanonicalAccount = %q", got)
	}
	if got := entity.CanonicalAccount("Corp", "alice@corp.example"); got != "alice@corp.example" {
		t.Errorf("CanonicalAccount of a UPN = %q", got)
	}
}

func TestAddressKeyKeepsOrder(t *testing.T) {
	addrs := []string{"::1", "0.0.0.0", "9.255.255.255", "10.0.0.0", "255.255.255.255", "2001:db8::", "ffff::"}
	var lastHi, lastLo uint64
	for i, s := range addrs {
		hi, lo := entity.AddressKey(netip.MustParseAddr(s))
		if i > 0 && (hi < lastHi || hi == lastHi && lo <= lastLo) {
			t.Errorf("%s does not sort after %s", s, addrs[i-1])
		}
		lastHi, lastLo = hi, lo
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"1.2.3.4:80", "[::1]:1", "::ffff:1.2.3.4", "fe80::1%x", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, ok := entity.ParseAddress(s)
		if !ok {
			return
		}
		if again, ok := entity.ParseAddress(a.String()); !ok || again != a {
			t.Errorf("%q reads as %s, which reads as %s, %v", s, a, again, ok)
		}
	})
}

// RFC 1035 §3.5 and RFC 3596 §2.5 give the form.
func TestReverseName(t *testing.T) {
	for address, want := range map[string]string{
		"10.2.0.52":               "52.0.2.10.in-addr.arpa",
		"4321:0:1:2:3:4:567:89ab": "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa",
	} {
		if got := entity.ReverseName(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
