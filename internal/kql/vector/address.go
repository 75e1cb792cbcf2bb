package vector

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"spoor/internal/schema"
)

func isTermRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// network reads an address with or without a prefix length; v4 says that it must be
// an IPv4 one.
func network(s string, v4 bool) (addr netip.Addr, bits int, ok bool) {
	ip, prefix, hasPrefix := strings.Cut(strings.TrimSpace(s), "/")
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return addr, 0, false
	}
	if !v4 && addr.Is4() {
		addr = netip.AddrFrom16(addr.As16())
	}
	if v4 && !addr.Is4() {
		if !addr.Is4In6() {
			return addr, 0, false
		}
		addr = addr.Unmap()
	}
	bits = addr.BitLen()
	if hasPrefix {
		n, err := strconv.Atoi(prefix)
		if err != nil || n < 0 || n > 128 {
			return addr, 0, false
		}
		if !v4 && strings.Contains(ip, ".") && !strings.Contains(ip, ":") {
			n += 96
		}
		if n > bits {
			return addr, 0, false
		}
		bits = n
	}
	return addr, bits, true
}

func masked(a netip.Addr, bits int) netip.Addr {
	p, err := a.Prefix(bits)
	if err != nil {
		return a
	}
	return p.Addr()
}

// compareNetworks compares two addresses by the shortest of the prefixes.
func compareNetworks(a []any, v4 bool) any {
	x, xb, ok := network(text(a, 0), v4)
	y, yb, ok2 := network(text(a, 1), v4)
	if !ok || !ok2 {
		return nil
	}
	bits := min(xb, yb)
	if n, given := number(a, 2); given {
		if n < 0 || n > int64(x.BitLen()) {
			return nil
		}
		bits = min(bits, int(n))
	}
	return int64(masked(x, bits).Compare(masked(y, bits)))
}

func comparison(name string, v4 bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr, tStr, tLong}, Variadic: true, Result: tLong, Eval: func(a []any) any { return compareNetworks(a, v4) }}
}

func match(name string, v4 bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr, tStr, tLong}, Variadic: true, Result: tBool, Eval: func(a []any) any {
		c := compareNetworks(a, v4)
		if c == nil {
			return nil
		}
		return c == int64(0)
	}}
}

func inRange(ip, cidr string, v4 bool) (in, ok bool) {
	x, xb, ok := network(ip, v4)
	n, bits, ok2 := network(cidr, v4)
	if !ok || !ok2 {
		return false, false
	}
	return xb >= bits && masked(x, bits) == masked(n, bits), true
}

func rangeTest(name string, v4 bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr, tStr}, Result: tBool, Eval: func(a []any) any {
		in, ok := inRange(text(a, 0), text(a, 1), v4)
		if !ok {
			return nil
		}
		return in
	}}
}

// anyRangeTest takes the networks as further arguments or as one array.
func anyRangeTest(name string, v4 bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr, tDyn}, Variadic: true, Result: tBool, Eval: func(a []any) any {
		if _, _, ok := network(text(a, 0), v4); !ok {
			return nil
		}
		for _, cidr := range texts(a[1:]) {
			if in, ok := inRange(text(a, 0), cidr, v4); ok && in {
				return true
			}
		}
		return false
	}}
}

// texts are the texts in dynamic arguments, those of arrays one by one.
func texts(args []any) []string {
	var out []string
	for i := range args {
		switch v := decode(args, i).(type) {
		case []any:
			for _, e := range v {
				out = append(out, plain(e))
			}
		case nil:
		default:
			out = append(out, plain(v))
		}
	}
	return out
}

func fromNumber(n uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	return netip.AddrFrom4(b)
}

// formatIPv4 takes an address as a number or text, and a prefix length.
func formatIPv4(a []any, withMask bool) any {
	s := text(a, 0)
	var addr netip.Addr
	bits := 32
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 0 || n > 1<<32-1 {
			return ""
		}
		addr = fromNumber(uint32(n))
	} else {
		var ok bool
		if addr, bits, ok = network(s, true); !ok {
			return ""
		}
	}
	if n, given := number(a, 1); given {
		if n < 0 || n > 32 {
			return ""
		}
		bits = min(bits, int(n))
	}
	out := masked(addr, bits).String()
	if withMask {
		out += "/" + strconv.Itoa(bits)
	}
	return out
}

// addressIn finds an address, or one that begins with a prefix, standing in a text
// with no letter, digit or dot beside it.
func addressIn(s, want string, prefix bool) bool {
	if !addressPart(want, prefix) {
		return false
	}
	for from := 0; ; {
		i := strings.Index(s[from:], want)
		if i < 0 {
			return false
		}
		i += from
		start, end := i, i+len(want)
		for end < len(s) && (s[end] == '.' || s[end] >= '0' && s[end] <= '9') && prefix {
			end++
		}
		if boundary(s, start, end) {
			if a, err := netip.ParseAddr(strings.TrimRight(s[start:end], ".")); err == nil && a.Is4() {
				return true
			}
		}
		from = i + 1
	}
}

// addressPart reports whether s is an IPv4 address or, where a prefix will do, the first
// numbers of one, the last followed by a dot.
func addressPart(s string, prefix bool) bool {
	if rest, ok := strings.CutSuffix(s, "."); ok && prefix {
		s = rest + strings.Repeat(".0", max(0, 3-strings.Count(rest, ".")))
	}
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

func boundary(s string, start, end int) bool {
	alnum := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	if start > 0 && (alnum(s[start-1]) || s[start-1] == '.' && start > 1 && alnum(s[start-2])) {
		return false
	}
	if end < len(s) && (alnum(s[end]) || s[end] == '.' && end+1 < len(s) && alnum(s[end+1])) {
		return false
	}
	return true
}

func addressTest(name string, prefix bool) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr, tDyn}, Variadic: true, Result: tBool, Eval: func(a []any) any {
		for _, want := range texts(a[1:]) {
			if addressIn(text(a, 0), want, prefix) {
				return true
			}
		}
		return false
	}}
}

// private4 are the private networks of RFC 1918.
var private4 = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}

var addressFunctions = []*Function{
	comparison("ipv4_compare", true), comparison("ipv6_compare", false), match("ipv4_is_match", true), match("ipv6_is_match", false),
	rangeTest("ipv4_is_in_range", true), rangeTest("ipv6_is_in_range", false),
	anyRangeTest("ipv4_is_in_any_range", true), anyRangeTest("ipv6_is_in_any_range", false),
	addressTest("has_ipv4", false), addressTest("has_any_ipv4", false), addressTest("has_ipv4_prefix", true), addressTest("has_any_ipv4_prefix", true),
	{Name: "ipv4_is_private", Params: []schema.Type{tStr}, Result: tBool, Eval: func(a []any) any {
		addr, bits, ok := network(text(a, 0), true)
		if !ok {
			return nil
		}
		return slices.ContainsFunc(private4, func(p netip.Prefix) bool { return p.Contains(addr) && bits >= p.Bits() })
	}},
	{Name: "ipv4_netmask_suffix", Params: []schema.Type{tStr}, Result: tLong, Eval: func(a []any) any {
		_, bits, ok := network(text(a, 0), true)
		if !ok {
			return nil
		}
		return int64(bits)
	}},
	{Name: "parse_ipv4", Params: []schema.Type{tStr}, Result: tLong, Eval: func(a []any) any {
		addr, bits, ok := network(text(a, 0), true)
		if !ok {
			return nil
		}
		return int64(asUint32(masked(addr, bits)))
	}},
	{Name: "parse_ipv4_mask", Params: []schema.Type{tStr, tLong}, Result: tLong, Eval: func(a []any) any {
		addr, _, ok := network(text(a, 0), true)
		n, given := number(a, 1)
		if !ok || !given || n < 0 || n > 32 {
			return nil
		}
		return int64(asUint32(masked(addr, int(n))))
	}},
	{Name: "parse_ipv6", Params: []schema.Type{tStr}, Result: tStr, Eval: func(a []any) any {
		addr, bits, ok := network(text(a, 0), false)
		if !ok {
			return ""
		}
		return masked(addr, bits).StringExpanded()
	}},
	{Name: "parse_ipv6_mask", Params: []schema.Type{tStr, tLong}, Result: tStr, Eval: func(a []any) any {
		addr, bits, ok := network(text(a, 0), false)
		n, given := number(a, 1)
		if !ok || !given || n < 0 || n > 128 {
			return ""
		}
		return masked(addr, min(bits, int(n))).StringExpanded()
	}},
	{Name: "ipv4_range_to_cidr_list", Params: []schema.Type{tStr, tStr}, Result: tDyn, Eval: rangeToNetworks},
	{Name: "format_ipv4", Params: []schema.Type{tStr, tLong}, Variadic: true, Result: tStr, Eval: func(a []any) any { return formatIPv4(a, false) }},
	{Name: "format_ipv4_mask", Params: []schema.Type{tStr, tLong}, Variadic: true, Result: tStr, Eval: func(a []any) any { return formatIPv4(a, true) }},
}

// rangeToNetworks covers the addresses from one to another with as few networks as can
// be.
func rangeToNetworks(a []any) any {
	from, bits, ok := network(text(a, 0), true)
	to, bits2, ok2 := network(text(a, 1), true)
	if !ok || !ok2 || bits != 32 || bits2 != 32 || to.Less(from) {
		return nil
	}
	lo, hi := uint64(asUint32(from)), uint64(asUint32(to))
	out := []any{}
	for lo <= hi {
		size := 0
		for size < 32 && lo&(1<<(size+1)-1) == 0 && lo+1<<(size+1)-1 <= hi {
			size++
		}
		out = append(out, fromNumber(uint32(lo)).String()+"/"+strconv.Itoa(32-size))
		lo += 1 << size
	}
	return encode(out)
}

func asUint32(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}
