// Package entity names the things analysts investigate: what kinds there are, how
// text becomes the canonical identity of one, and which parts an address can play.
//
// It is pure, and imports nothing of ours. What is known about an entity (sightings,
// enrichment, verdicts) lives above.
package entity

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Kind says what an entity is. Its text is used in URLs, in the API and in KQL.
type Kind string

// The kinds that the sightings ledger keeps.
const (
	IP      Kind = "ip"
	Domain  Kind = "domain"
	URL     Kind = "url"
	Hash    Kind = "hash"
	Account Kind = "account"
	Device  Kind = "device"
)

// Kinds lists every kind.
var Kinds = []Kind{IP, Domain, URL, Hash, Account, Device}

// Kinds of many addresses. They have pages, and the ledger keeps none of them: what is
// known of them is what their addresses add up to.
const (
	CIDR  Kind = "cidr"
	Range Kind = "range"
	ASN   Kind = "asn"
)

// Many reports whether entities of the kind are many addresses.
func (k Kind) Many() bool { return k == CIDR || k == Range || k == ASN }

// ParseKind reads the text of a kind.
func ParseKind(s string) (Kind, bool) {
	for _, k := range Kinds {
		if string(k) == s {
			return k, true
		}
	}
	return "", false
}

// ID is one entity: a kind and the canonical text of the value. Two records speak of
// the same entity exactly when their IDs are equal.
type ID struct {
	Kind  Kind
	Value string
}

// Parse makes an ID of what a user or a log wrote. The error says what is wrong with
// the text, in words fit for the user.
func Parse(kind Kind, s string) (ID, error) {
	s = strings.TrimSpace(s)
	var v string
	switch kind {
	case IP:
		v = CanonicalAddress(s)
	case Domain:
		v = CanonicalDomain(s)
	case URL:
		v = CanonicalURL(s)
	case Hash:
		v = CanonicalHash(s)
	case Account:
		v = CanonicalAccount("", s)
	case Device:
		v = CanonicalDevice(s)
	case CIDR, Range, ASN:
		return parseMany(kind, s)
	default:
		return ID{}, fmt.Errorf("unknown kind of entity %q: one of ip, domain, url, hash, account, device, cidr, range, asn", kind)
	}
	if v == "" {
		return ID{}, fmt.Errorf("%q is not %s", clip(s), article[kind])
	}
	return ID{kind, v}, nil
}

// parseMany makes an ID of the text of many addresses.
func parseMany(kind Kind, s string) (ID, error) {
	o, ok := Recognize(s)
	switch {
	case ok && o.Form == FormIP && kind != ASN:
		return ID{}, fmt.Errorf("%q is a single address: ask for the ip %s", clip(s), o.Value)
	case !ok || o.Form != Form(kind):
		return ID{}, fmt.Errorf("%q is not %s", clip(s), article[kind])
	default:
		return ID{kind, o.Value}, nil
	}
}

var article = map[Kind]string{
	IP:      "an IPv4 or IPv6 address",
	Domain:  "a domain name",
	URL:     "a URL with a scheme",
	Hash:    "an MD5, SHA-1 or SHA-256 hash in hexadecimal",
	Account: "an account name",
	Device:  "a device name",
	CIDR:    "a prefix: write it as 192.0.2.0/24",
	Range:   "a range of addresses: write it as 192.0.2.1-192.0.2.9",
	ASN:     "the number of an autonomous system: write it as AS64500",
}

func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

// Key is the 128-bit key under which the ledger sorts the entity: the address itself
// for an IP (see AddressKey), two independent hashes of the text for the others.
func (id ID) Key() (hi, lo uint64) {
	if id.Kind == IP {
		if a, err := netip.ParseAddr(id.Value); err == nil {
			return AddressKey(a)
		}
	}
	return TextKey(string(id.Kind), id.Value)
}

// TextKey hashes a kind and a text to a 128-bit key.
func TextKey(kind, s string) (hi, lo uint64) {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(kind)
	_, _ = d.Write([]byte{0})
	_, _ = d.WriteString(s)
	hi = d.Sum64()
	_, _ = d.Write(binary.LittleEndian.AppendUint64(nil, hi))
	return hi, d.Sum64()
}

// CanonicalDomain is the name in lower case without the trailing dot, or "" when the
// text cannot be a host name: it has no dot, is an address, or holds characters that
// no log writes in a name.
func CanonicalDomain(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if s == "" || len(s) > 253 || !strings.Contains(s, ".") || s[0] == '.' {
		return ""
	}
	if _, ok := ParseAddress(s); ok {
		return ""
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return ""
		}
	}
	if strings.ContainsAny(s, " \t\r\n/\\:@\"'<>()[]{}|;,?#") {
		return ""
	}
	return s
}

// CanonicalURL is the URL with scheme and host in lower case, or "" when the text has
// no scheme or no host.
func CanonicalURL(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme == "" {
		return ""
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	return u.String()
}

// CanonicalHash is the hash in lower-case hexadecimal, or "" when the text is not an
// MD5, SHA-1 or SHA-256, or when all its digits are zero, as sensors write for "none".
func CanonicalHash(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if n := len(s); n != 32 && n != 40 && n != 64 {
		return ""
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return ""
		}
	}
	if strings.Trim(s, "0") == "" {
		return ""
	}
	return s
}

// CanonicalAccount is "domain\name", "name" where no domain is known, or the
// "name@domain" form as it stands, in lower case. "-" and blank are none. The name
// itself may hold the domain ("CORP\alice").
func CanonicalAccount(domain, name string) string {
	domain, name = strings.ToLower(strings.TrimSpace(domain)), strings.ToLower(strings.TrimSpace(name))
	if name == "" || name == "-" {
		return ""
	}
	if domain == "" || domain == "-" || strings.Contains(name, `\`) || strings.Contains(name, "@") {
		return strings.TrimPrefix(name, `\`)
	}
	return domain + `\` + name
}

// CanonicalDevice is the device name in lower case as it was reported: a fully
// qualified name stays one, and a short name is never completed by guess.
func CanonicalDevice(s string) string {
	s = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), "."))
	if s == "-" {
		return ""
	}
	return s
}
