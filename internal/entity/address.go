package entity

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ParseAddress reads an IP address as logs print it and returns its canonical
// form: IPv4-mapped IPv6 becomes IPv4, a zone is cut off, and a port ("1.2.3.4:80",
// "[2001:db8::1]:443") is split off. It reports false for everything else, also for
// the placeholders "-", "" and "LOCAL" that stand for "no address" in real logs.
//
// The string form of the result, netip.Addr.String, is the only text under which
// the product stores, compares and shows an address.
func ParseAddress(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 2 || len(s) > 80 { // the shortest is "::"
		return netip.Addr{}, false
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return canonical(a), true
	}
	if s[0] == '[' {
		host, _, ok := strings.Cut(s[1:], "]")
		if !ok {
			return netip.Addr{}, false
		}
		a, err := netip.ParseAddr(host)
		return canonical(a), err == nil
	}
	// One colon is IPv4 with a port; more are IPv6, which ParseAddr has refused.
	if host, port, ok := strings.Cut(s, ":"); ok && !strings.Contains(port, ":") {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil {
			return netip.Addr{}, false
		}
		a, err := netip.ParseAddr(host)
		return canonical(a), err == nil && a.Is4()
	}
	return netip.Addr{}, false
}

func canonical(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// CanonicalAddress is ParseAddress for text: the canonical text, or "" for none.
func CanonicalAddress(s string) string {
	a, ok := ParseAddress(s)
	if !ok {
		return ""
	}
	return a.String()
}

// AddressKey is the 128-bit key under which an address is sorted and looked up:
// the address itself, IPv4 as its IPv4-mapped IPv6 form, so that one order holds
// both and a prefix is a range of keys.
func AddressKey(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	for i := range 8 {
		hi = hi<<8 | uint64(b[i])
		lo = lo<<8 | uint64(b[i+8])
	}
	return hi, lo
}

// Class names the special-purpose range an address belongs to, after the IANA
// special-purpose address registries (RFC 6890 and its updates).
type Class string

// The classes, from the most specific purpose to the general one.
const (
	ClassUnspecified   Class = "unspecified"
	ClassLoopback      Class = "loopback"
	ClassBroadcast     Class = "broadcast"
	ClassMulticast     Class = "multicast"
	ClassLinkLocal     Class = "link-local"
	ClassPrivate       Class = "private"       // RFC 1918, RFC 4193
	ClassCGNAT         Class = "carrier NAT"   // RFC 6598
	ClassDocumentation Class = "documentation" // RFC 5737, RFC 3849, RFC 9637
	ClassReserved      Class = "reserved"      // RFC 1112 class E, benchmarking, protocol assignments
	ClassPublic        Class = "public"
)

var specialRanges = []struct {
	prefix netip.Prefix
	class  Class
}{
	{netip.MustParsePrefix("255.255.255.255/32"), ClassBroadcast},
	{netip.MustParsePrefix("100.64.0.0/10"), ClassCGNAT},
	{netip.MustParsePrefix("192.0.2.0/24"), ClassDocumentation},
	{netip.MustParsePrefix("198.51.100.0/24"), ClassDocumentation},
	{netip.MustParsePrefix("203.0.113.0/24"), ClassDocumentation},
	{netip.MustParsePrefix("2001:db8::/32"), ClassDocumentation},
	{netip.MustParsePrefix("3fff::/20"), ClassDocumentation},
	{netip.MustParsePrefix("198.18.0.0/15"), ClassReserved},
	{netip.MustParsePrefix("192.0.0.0/24"), ClassReserved},
	{netip.MustParsePrefix("240.0.0.0/4"), ClassReserved},
	{netip.MustParsePrefix("0.0.0.0/8"), ClassReserved},
	{netip.MustParsePrefix("100::/64"), ClassReserved},
}

// ClassOf classifies a canonical address.
func ClassOf(a netip.Addr) Class {
	switch {
	case a.IsUnspecified():
		return ClassUnspecified
	case a.IsLoopback():
		return ClassLoopback
	case a.IsMulticast():
		return ClassMulticast
	case a.IsLinkLocalUnicast():
		return ClassLinkLocal
	case a.IsPrivate():
		return ClassPrivate
	}
	for _, r := range specialRanges {
		if r.prefix.Contains(a) {
			return r.class
		}
	}
	return ClassPublic
}

// IsPublic reports whether an address can belong to the internet at large. Together
// with the organisation's own ranges it decides which end of a flow is outside.
func IsPublic(a netip.Addr) bool {
	switch ClassOf(a) {
	case ClassPublic, ClassDocumentation:
		// Documentation ranges stand in for public addresses in examples and in the
		// demo organisation, so orientation treats them alike.
		return true
	default:
		return false
	}
}

// IsGroup reports whether an address names a group of hosts, none at all, or the
// host itself. Such an address is never a peer and never holds a device.
func IsGroup(a netip.Addr) bool {
	switch ClassOf(a) {
	case ClassUnspecified, ClassLoopback, ClassBroadcast, ClassMulticast:
		return true
	default:
		return false
	}
}

// IPType is the word Microsoft's LocalIPType and RemoteIPType columns use.
func IPType(a netip.Addr) string {
	switch ClassOf(a) {
	case ClassPublic, ClassDocumentation:
		return "Public"
	case ClassPrivate:
		return "Private"
	case ClassLoopback:
		return "Loopback"
	case ClassLinkLocal:
		return "LinkLocal"
	case ClassMulticast:
		return "Multicast"
	case ClassBroadcast:
		return "Broadcast"
	default:
		return "Reserved"
	}
}

// ReverseName is the name under which DNS keeps the names of an address, in the reverse
// zones (RFC 1035 §3.5, RFC 3596 §2.5), without the trailing dot.
func ReverseName(a netip.Addr) string {
	zone, digits := "in-addr.arpa", []string{}
	if a.Is4() {
		for _, b := range a.AsSlice() {
			digits = append(digits, strconv.Itoa(int(b)))
		}
	} else {
		zone = "ip6.arpa"
		digits = strings.Split(strings.ReplaceAll(a.StringExpanded(), ":", ""), "")
	}
	slices.Reverse(digits)
	return strings.Join(digits, ".") + "." + zone
}
