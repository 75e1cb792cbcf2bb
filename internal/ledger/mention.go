package ledger

import (
	"net/netip"
	"strings"

	"spoor/internal/entity"
)

// eachAddress calls yield for every literal IP address in a text. Names under
// in-addr.arpa and ip6.arpa stand for the address they spell backwards. A literal must
// stand by itself: "1.2.3.4.5", "v1.2.3.4x" and "a1.2.3.4" hold none. An unspecified
// address is never a literal of interest.
func eachAddress(text string, yield func(netip.Addr)) {
	for i := 0; i < len(text); {
		if !isLiteralByte(text[i]) {
			i++
			continue
		}
		end, dots, colons := i, 0, 0
		for end < len(text) && isLiteralByte(text[end]) {
			switch text[end] {
			case '.':
				dots++
			case ':':
				colons++
			}
			end++
		}
		if dots >= 3 || colons >= 2 {
			literal(text, i, end, colons, yield)
		}
		i = end
	}
}

// literal reads the run text[from:to] of digits, dots and colons: one IPv6 address, or
// IPv4 ones with colons before ("addr:1.2.3.4") and behind ("1.2.3.4:80").
func literal(text string, from, to, colons int, yield func(netip.Addr)) {
	run, rest := text[from:to], text[to:]
	if strings.HasPrefix(rest, "in-addr.arpa") || strings.HasPrefix(rest, "ip6.arpa") {
		if a, ok := reversed(run, rest); ok {
			yield(a)
		}
		return
	}
	// A letter or digit on either side makes the nearest piece part of a longer word.
	begins := from == 0 || !isWordByte(text[from-1])
	ends := rest == "" || !isWordByte(rest[0])
	if colons >= 2 && begins && ends {
		whole := strings.TrimRight(run, ".")
		if strings.HasSuffix(whole, ":") && !strings.HasSuffix(whole, "::") {
			whole = whole[:len(whole)-1]
		}
		if a, ok := entity.ParseAddress(whole); ok {
			if !a.IsUnspecified() {
				yield(a)
			}
			return
		}
	}
	pieces := strings.Split(run, ":")
	for i, piece := range pieces {
		if i == 0 && !begins || i == len(pieces)-1 && !ends {
			continue
		}
		piece = strings.TrimRight(piece, ".")
		if strings.Count(piece, ".") != 3 {
			continue
		}
		if a, ok := entity.ParseAddress(piece); ok && !a.IsUnspecified() {
			yield(a)
		}
	}
}

// reversed reads the labels in front of in-addr.arpa (four numbers) or ip6.arpa (32
// hexadecimal digits), last one first (RFC 1035 §3.5, RFC 3596 §2.5).
func reversed(labels, zone string) (netip.Addr, bool) {
	parts := strings.Split(strings.TrimSuffix(labels, "."), ".")
	if strings.HasPrefix(zone, "in-addr.arpa") {
		if len(parts) != 4 {
			return netip.Addr{}, false
		}
		return entity.ParseAddress(parts[3] + "." + parts[2] + "." + parts[1] + "." + parts[0])
	}
	if len(parts) != 32 {
		return netip.Addr{}, false
	}
	var b strings.Builder
	for i := 31; i >= 0; i-- {
		if len(parts[i]) != 1 {
			return netip.Addr{}, false
		}
		b.WriteString(parts[i])
		if i%4 == 0 && i > 0 {
			b.WriteByte(':')
		}
	}
	return entity.ParseAddress(b.String())
}

// isLiteralByte knows the characters an address is written with.
func isLiteralByte(c byte) bool {
	return '0' <= c && c <= '9' || c == '.' || c == ':' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// isWordByte knows the characters that join a neighbouring literal into a longer word.
func isWordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}
