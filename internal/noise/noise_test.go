package noise_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/entity"
	"spoor/internal/noise"
	"spoor/internal/sharedtest"
)

func open(tb testing.TB) *noise.Store {
	tb.Helper()
	db, err := casedb.Open(tb.Context(), tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	s, err := noise.Open(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func read(tb testing.TB, file, text string) *noise.Content {
	tb.Helper()
	c, err := noise.Read(strings.NewReader(text), file)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestLookup(t *testing.T) {
	s := open(t)
	lists := []*noise.Content{
		read(t, "shodan-scanning.json", `{"name":"Shodan","type":"cidr","version":20240102,"matching_attributes":["ip-src","ip-dst"],"list":["198.51.100.0/24","198.51.100.7","2001:DB8::/32"]}`),
		read(t, "vpn-ipv4.json", `{"name":"VPN","type":"cidr","version":3,"matching_attributes":["ip-src"],"list":["198.51.0.0/16"]}`),
		read(t, "lists/public-dns/list.json", `{"name":"List of known public DNS resolvers","type":"string","matching_attributes":["ip-dst","hostname"],"list":["192.0.2.53","DNS.example"]}`),
		read(t, "dynamic-dns.json", `{"name":"Dynamic","type":"hostname","matching_attributes":["domain","url"],"list":[".dyn.example","home.example"]}`),
		read(t, "microsoft-attack-simulator.json", `{"name":"Simulator","type":"substring","matching_attributes":["ip-src","domain","url"],"list":["192.0.2.5","phish"]}`),
		read(t, "empty-hashes.json", `{"name":"Empty","type":"string","matching_attributes":["md5"],"list":["D41D8CD98F00B204E9800998ECF8427E"]}`),
		read(t, "pages.json", `{"name":"Pages","type":"regex","matching_attributes":["url"],"list":["/login\\.php$/i"]}`),
		read(t, "phones.json", `{"name":"Phones","type":"regex","matching_attributes":["phone-number"],"list":["/./"]}`),
	}
	if err := s.Import(t.Context(), lists, "alice"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind        entity.Kind
		value, want string
	}{
		{entity.IP, "198.51.100.7", "shodan-scanning scanner 198.51.100.7/32, vpn-ipv4 vpn 198.51.0.0/16"},
		{entity.IP, "198.51.100.8", "shodan-scanning scanner 198.51.100.0/24, vpn-ipv4 vpn 198.51.0.0/16"},
		{entity.IP, "198.51.101.8", "vpn-ipv4 vpn 198.51.0.0/16"},
		{entity.IP, "198.52.0.0", ""},
		{entity.IP, "2001:db8::9", "shodan-scanning scanner 2001:db8::/32"},
		{entity.IP, "192.0.2.53", "public-dns resolver 192.0.2.53"}, // and not the simulator's 192.0.2.5
		{entity.IP, "192.0.2.5", "microsoft-attack-simulator security 192.0.2.5"},
		{entity.Domain, "dns.example", "public-dns resolver dns.example"},
		{entity.Domain, "a.b.dyn.example", "dynamic-dns shared dyn.example"},
		{entity.Domain, "notdyn.example", ""},
		{entity.Domain, "myphish.example", "microsoft-attack-simulator security phish"},
		{entity.URL, "https://x.home.example/LOGIN.php", "dynamic-dns shared home.example, pages other /login\\.php$/i"},
		{entity.Hash, "d41d8cd98f00b204e9800998ecf8427e", "empty-hashes known file d41d8cd98f00b204e9800998ecf8427e"},
		{entity.Account, "phish", ""},
	} {
		var got []string
		for _, m := range s.Index().Lookup(entity.ID{Kind: c.kind, Value: c.value}) {
			got = append(got, m.Slug+" "+string(m.Class)+" "+m.Entry)
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind, c.value, g, c.want)
		}
	}
	if m := s.Index().Lookup(entity.ID{Kind: entity.IP, Value: "198.51.101.8"}); len(m) != 1 || !m[0].Weak {
		t.Errorf("the VPN list is no weak signal: %+v", m)
	}
	if m := s.Index().Broad(netip.MustParsePrefix("198.51.100.0/25")); len(m) != 2 {
		t.Errorf("%d lists hold 198.51.100.0/25 whole, want 2", len(m))
	}
}

// The name of a list tells what line its addresses have, once for each list; a list of AS
// numbers answers for the AS.
func TestLines(t *testing.T) {
	s := open(t)
	lists := []*noise.Content{
		read(t, "amazon-aws.json", `{"name":"AWS","type":"cidr","matching_attributes":["ip-src"],"list":["192.0.2.0/24"]}`),
		read(t, "fastly.json", `{"name":"Fastly","type":"cidr","list":["192.0.2.0/25"]}`),
		read(t, "vpn-ipv4.json", `{"name":"VPN addresses and datacenters","type":"cidr","list":["192.0.0.0/16"]}`),
		read(t, "icloud-private-relay.json", `{"name":"Relay","type":"cidr","list":["198.51.100.1"]}`),
		read(t, "tor-exit-nodes.lst", "# exits\n198.51.100.2\n\n2001:DB8::2 \t seen twice\n"),
		read(t, "tor-nodes.lst.gz", "\ufeff198.51.100.2\n"),
		read(t, "zscaler.json", `{"name":"Zscaler","type":"cidr","list":["198.51.100.3"]}`),
		read(t, "mobile-asns.txt", "; carriers\nAS64500 Utopia Mobile\nas64501\n"),
		read(t, "residential.json", `{"name":"Households","type":"string","matching_attributes":["AS"],"list":["64500","AS64502"]}`),
		read(t, "hetzner/list.json", `{"name":"Hetzner","type":"cidr","list":["203.0.113.0/25"]}`),
		read(t, "bunny-net/list.json", `{"name":"Bunny","type":"cidr","list":["203.0.113.128/25"]}`),
		read(t, "shodan-scanning.json", `{"name":"Shodan","type":"cidr","list":["198.51.100.4"]}`),
		read(t, "cloud-names.json", `{"name":"Clouds","type":"hostname","matching_attributes":["domain"],"list":["cloud.example"]}`),
	}
	if err := s.Import(t.Context(), lists, "alice"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind        entity.Kind
		value, want string
	}{
		{entity.IP, "192.0.2.1", "amazon-aws hosting, fastly content network, vpn-ipv4 VPN weak"},
		{entity.IP, "192.0.2.200", "amazon-aws hosting, vpn-ipv4 VPN weak"},
		{entity.IP, "198.51.100.1", "icloud-private-relay private relay"},
		{entity.IP, "198.51.100.2", "tor-exit-nodes Tor exit, tor-nodes Tor node"},
		{entity.IP, "2001:db8::2", "tor-exit-nodes Tor exit"},
		{entity.IP, "198.51.100.3", "zscaler proxy"},
		{entity.IP, "198.51.100.4", "shodan-scanning "},
		{entity.IP, "203.0.113.1", "hetzner hosting"},
		{entity.IP, "203.0.113.200", "bunny-net content network"},
		{entity.ASN, "AS64500", "mobile-asns mobile, residential residential"},
		{entity.ASN, "AS64501", "mobile-asns mobile"},
		{entity.ASN, "AS64502", "residential residential"},
		{entity.ASN, "AS6450", ""},
	} {
		var got []string
		for _, m := range s.Index().Lookup(entity.ID{Kind: c.kind, Value: c.value}) {
			got = append(got, m.Slug+" "+string(m.Line)+map[bool]string{true: " weak"}[m.Weak])
		}
		if g := strings.Join(got, ", "); g != c.want {
			t.Errorf("%s %s: %q, want %q", c.kind, c.value, g, c.want)
		}
	}
	var tell []string
	for _, l := range s.Index().Lists() {
		if l.TellsLine() {
			tell = append(tell, l.Slug)
		}
	}
	want := []string{"amazon-aws", "bunny-net", "fastly", "hetzner", "icloud-private-relay", "mobile-asns", "residential", "tor-exit-nodes", "tor-nodes", "vpn-ipv4", "zscaler"}
	if diff := cmp.Diff(want, tell); diff != "" {
		t.Errorf("lists that tell a line, -want +got:\n%s", diff)
	}
}

// What is kept is read again by another process, replaced under its slug, and taken out.
func TestStore(t *testing.T) {
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	one, err := noise.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	one.Now = func() time.Time { return now }
	other, err := noise.Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	first := read(t, "aws.json", `{"name":"AWS cloud","description":"d","type":"cidr","version":20260811,"matching_attributes":["ip-src"],"list":["192.0.2.0/24"]}`)
	if err := one.Import(t.Context(), []*noise.Content{first}, "alice"); err != nil {
		t.Fatal(err)
	}
	if err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := noise.List{
		ID: 1, Slug: "aws", Name: "AWS cloud", Description: "d", Type: noise.CIDR, Version: 20260811, Attributes: []string{"ip-src"},
		Entries: 1, Class: noise.Cloud, Line: noise.Hosting, Source: "aws.json", Imported: now, By: "alice",
	}
	if diff := cmp.Diff([]*noise.List{&want}, other.Index().Lists()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := want.Dated().Format(time.DateOnly); got != "2026-08-11" {
		t.Errorf("dated %s", got)
	}
	second := read(t, "aws.json", `{"name":"AWS cloud","type":"cidr","version":26081010,"list":["198.51.100.0/24"]}`)
	if err := one.Import(t.Context(), []*noise.Content{second}, "bob"); err != nil {
		t.Fatal(err)
	}
	if err := other.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := other.Index().Lookup(entity.ID{Kind: entity.IP, Value: "192.0.2.1"}); len(m) != 0 {
		t.Errorf("the entry that was replaced matches: %v", m)
	}
	if m := other.Index().Lookup(entity.ID{Kind: entity.IP, Value: "198.51.100.1"}); len(m) != 1 || !m[0].Dated().Equal(now) {
		t.Errorf("the new entry gives %v", m) // 26081010 is no date of this century
	}
	if err := one.Remove(t.Context(), "aws"); err != nil {
		t.Fatal(err)
	}
	if err := one.Remove(t.Context(), "aws"); !errors.Is(err, noise.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if err := other.Refresh(t.Context()); err != nil || len(other.Index().Lists()) != 0 {
		t.Errorf("%d lists are left (%v)", len(other.Index().Lists()), err)
	}
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ file, text, says string }{
		{"a.json", `[]`, "not a MISP warninglist"},
		{"a.json", `{"name":"x","type":"cidr"}`, "has no list"},
		{"a.json", `{"type":"cidr","list":["10.0.0.0/8","nonsense"]}`, `"nonsense" is no address`},
		{"a.json", `{"type":"cidr","list":["10.0.0.0/33"]}`, "is no network"},
		{"a.json", `{"type":"regex","list":["/(/"]}`, "missing closing"},
		{"a.json", `{"type":"fuzzy","list":[]}`, "the types are"},
		{"a b.json", `{"type":"string","list":[]}`, "characters other than"},
		{"a.json.gz", "\x1f\x8bnonsense", "gzip"},
		{"a.json", `{"type":"cidr","list":["10.0.0.0/8"`, "unexpected end of JSON"},
		{"a.txt", "# nothing\n\n", "the file has no entry"},
		{"a.txt", "192.0.2.1\nwhere is it\n", `line 2: "where" is no address, network or AS number`},
		{"a.txt", "64500\n", `line 1: "64500" is no address`},
		{"a.txt", "AS0\n", `line 1: "AS0" is no address`},
		{"a.txt", "AS64500\n192.0.2.1\n", `line 2: "192.0.2.1" stands in a list of another kind`},
	} {
		_, err := noise.Read(strings.NewReader(c.text), c.file)
		if !errors.Is(err, noise.ErrInvalid) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v", c.file, c.text, err)
		}
	}
}

// The lists of the dev pack say of each address what the plain scripts found, and of the
// lists what docs/noise.md says.
func TestWarninglists(t *testing.T) {
	dir := filepath.Join(sharedtest.Dir(t), "data")
	var contents []*noise.Content
	files, err := filepath.Glob(filepath.Join(dir, "threatintel", "warninglists", "*"))
	if err != nil || len(files) < 70 {
		t.Fatalf("%d lists, %v", len(files), err)
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := noise.Read(f, file)
		_ = f.Close()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		contents = append(contents, c)
	}
	s := open(t)
	if err := s.Import(t.Context(), contents, "test"); err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Index().Lists() {
		if l.Class == noise.Other && l.Slug != "phone_numbers" {
			t.Errorf("%s has no class", l.Slug)
		}
		if l.Weak != (l.Slug == "vpn-ipv4") {
			t.Errorf("%s: weak is %v", l.Slug, l.Weak)
		}
	}
	for slug, want := range map[string]noise.Class{
		"censys-scanning": noise.Scanner, "palo-alto-networks-cortex-xpanse": noise.Scanner, "cloudflare": noise.CDN,
		"cloudflare-top1k": noise.Popular, "amazon-aws": noise.Cloud, "microsoft-azure": noise.Cloud, "public-dns-v4": noise.Resolver,
		"vpn-ipv4": noise.VPN, "googlebot": noise.Crawler, "google": noise.Platform, "rfc1918": noise.Special, "sinkholes": noise.Sinkhole,
		"ti-falsepositives": noise.KnownFile, "umbrella-blockpage-v4": noise.Sinkhole, "crl-ip": noise.PKI, "shadowserver": noise.Scanner,
	} {
		at := slices.IndexFunc(s.Index().Lists(), func(l *noise.List) bool { return l.Slug == slug })
		if at < 0 || s.Index().Lists()[at].Class != want {
			t.Errorf("%s is not of class %s", slug, want)
		}
	}

	// The lines, by hand from the lists that truth_enrichment.json finds the addresses in.
	for address, want := range map[string][]string{
		"54.245.228.191": {"amazon-aws hosting", "vpn-ipv4 VPN"}, "13.107.4.50": {"microsoft-azure hosting"}, "151.101.208.133": {"fastly content network"},
		"138.68.3.71": {"vpn-ipv4 VPN"}, "162.142.125.252": nil, "8.8.8.8": {"vpn-ipv4 VPN"}, "10.0.5.13": nil,
	} {
		var got []string
		for _, m := range s.Index().Lookup(entity.ID{Kind: entity.IP, Value: address}) {
			if m.Line != noise.None {
				got = append(got, m.Slug+" "+string(m.Line))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}

	var truth struct {
		IPs map[string]struct{ Benign []string }
	}
	text, err := os.ReadFile(filepath.Join(dir, "truth_enrichment.json"))
	if err == nil {
		err = json.Unmarshal(text, &truth)
	}
	if err != nil || len(truth.IPs) < 30 {
		t.Fatalf("%d addresses, %v", len(truth.IPs), err)
	}
	for address, want := range truth.IPs {
		var got []string
		for _, m := range s.Index().Lookup(entity.ID{Kind: entity.IP, Value: address}) {
			if m.Type == noise.CIDR || m.Type == noise.String { // those the scripts count
				got = append(got, m.Slug)
			}
		}
		slices.Sort(want.Benign)
		if !slices.Equal(got, want.Benign) {
			t.Errorf("%s: %v, want %v", address, got, want.Benign)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	var contents []*noise.Content
	files, _ := filepath.Glob(filepath.Join(sharedtest.Dir(b), "data", "threatintel", "warninglists", "*"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		c, err := noise.Read(bytes.NewReader(text), file)
		if err != nil {
			b.Fatal(err)
		}
		contents = append(contents, c)
	}
	s := open(b)
	if err := s.Import(b.Context(), contents, "bench"); err != nil {
		b.Fatal(err)
	}
	x := s.Index()
	b.ReportAllocs()
	for b.Loop() {
		x.Lookup(entity.ID{Kind: entity.IP, Value: "162.142.125.252"})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"type":"cidr","version":"1","list":["10.0.0.0/8"]}`))
	f.Add([]byte(`{"type":"regex","list":["/a/i"]}`))
	f.Add([]byte("AS64500 # a\n"))
	f.Add([]byte("192.0.2.1\n2001:db8::/32"))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"type":"string","list":["a"]}`))
	_ = w.Close()
	f.Add(packed.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := noise.Read(bytes.NewReader(text), "x.json")
		if err != nil && !errors.Is(err, noise.ErrInvalid) {
			t.Errorf("%v", err)
		}
		if err == nil && len(c.Values) != c.Entries {
			t.Errorf("%d values, %d entries", len(c.Values), c.Entries)
		}
	})
}
