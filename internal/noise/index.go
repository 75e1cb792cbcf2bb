package noise

import (
	"cmp"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"spoor/internal/entity"
)

// Index finds the lists that an entity stands in. It is immutable; the zero value holds
// nothing.
type Index struct {
	lists []*List // by slug

	networks map[netip.Prefix][]*List
	bits4    []int // lengths of networks there are, longest first
	bits6    []int

	systems   map[uint32][]*List // AS numbers, of lists that speak of them
	texts     map[string][]*List // type string, lower case
	hostnames map[string][]*List // lower case, without a leading dot
	parts     []part
	forms     []form
}

type part struct {
	text string
	list *List
}

type form struct {
	text string
	re   *regexp.Regexp
	list *List
}

func newIndex(contents []*Content) *Index {
	x := &Index{networks: map[netip.Prefix][]*List{}, systems: map[uint32][]*List{}, texts: map[string][]*List{}, hostnames: map[string][]*List{}}
	var four, six [129]bool
	for _, c := range contents {
		l := &c.List
		x.lists = append(x.lists, l)
		for _, v := range c.Values {
			switch c.Type {
			case CIDR:
				p, err := prefix(v)
				if err != nil {
					continue // Read refuses such a list
				}
				if p.Addr().Is4() {
					four[p.Bits()] = true
				} else {
					six[p.Bits()] = true
				}
				put(x.networks, p, l)
			case String:
				put(x.texts, strings.ToLower(strings.TrimSpace(v)), l)
				if n := system(v); n != 0 && slices.Contains(l.Attributes, "AS") {
					put(x.systems, n, l)
				}
			case Hostname:
				put(x.hostnames, strings.Trim(strings.ToLower(strings.TrimSpace(v)), "."), l)
			case Substring:
				x.parts = append(x.parts, part{strings.ToLower(strings.TrimSpace(v)), l})
			case Regex:
				if re, err := expression(v); err == nil {
					x.forms = append(x.forms, form{v, re, l})
				}
			}
		}
	}
	for bits := 128; bits >= 0; bits-- {
		if four[bits] {
			x.bits4 = append(x.bits4, bits)
		}
		if six[bits] {
			x.bits6 = append(x.bits6, bits)
		}
	}
	slices.SortFunc(x.lists, func(a, b *List) int { return cmp.Compare(a.Slug, b.Slug) })
	return x
}

// put adds a list to those of a key, once.
func put[K comparable](to map[K][]*List, key K, l *List) {
	if !slices.Contains(to[key], l) {
		to[key] = append(to[key], l)
	}
}

// Lists are all lists, by slug. They must not be changed.
func (x *Index) Lists() []*List { return x.lists }

// Lookup lists what an entity meets: a match for each list, by slug, with the narrowest
// entry that holds an address.
func (x *Index) Lookup(id entity.ID) []Match {
	found := matches{byList: map[*List]int{}}
	switch id.Kind {
	case entity.IP:
		if a, err := netip.ParseAddr(id.Value); err == nil {
			x.address(&found, a)
		}
	case entity.Domain:
		x.name(&found, id.Value, "domain", "hostname")
	case entity.URL:
		x.text(&found, id.Value, "url", "uri")
		if u, err := url.Parse(id.Value); err == nil {
			x.name(&found, strings.ToLower(u.Hostname()), "url", "uri")
			if a, err := netip.ParseAddr(u.Hostname()); err == nil {
				x.address(&found, a)
			}
		}
	case entity.Hash:
		x.text(&found, id.Value, hashTypes[len(id.Value)])
	case entity.ASN:
		for _, l := range x.systems[system(id.Value)] {
			found.add(l, id.Value, "AS")
		}
	case entity.Account, entity.Device, entity.CIDR, entity.Range:
	}
	slices.SortFunc(found.list, func(a, b Match) int { return cmp.Compare(a.Slug, b.Slug) })
	return found.list
}

// Broad reports the networks of the lists that hold a whole prefix, as Lookup does for an
// address.
func (x *Index) Broad(p netip.Prefix) []Match {
	found := matches{byList: map[*List]int{}}
	x.prefixes(&found, p.Addr(), p.Bits())
	slices.SortFunc(found.list, func(a, b Match) int { return cmp.Compare(a.Slug, b.Slug) })
	return found.list
}

var hashTypes = map[int]string{32: "md5", 40: "sha1", 64: "sha256"}

func (x *Index) address(found *matches, a netip.Addr) {
	a = a.Unmap().WithZone("")
	x.prefixes(found, a, a.BitLen())
	for _, l := range x.texts[a.String()] {
		found.add(l, a.String(), "ip-src", "ip-dst")
	}
	for _, p := range x.parts {
		if p.text == a.String() {
			found.add(p.list, p.text, "ip-src", "ip-dst")
		}
	}
}

// prefixes finds the networks no longer than so many bits that hold an address.
func (x *Index) prefixes(found *matches, a netip.Addr, longest int) {
	lengths := x.bits6
	if a.Is4() {
		lengths = x.bits4
	}
	for _, bits := range lengths {
		if bits > longest {
			continue
		}
		p, err := a.Prefix(bits)
		if err != nil {
			continue
		}
		for _, l := range x.networks[p] {
			found.add(l, p.String(), "ip-src", "ip-dst")
		}
	}
}

// name finds a host name and the names above it.
func (x *Index) name(found *matches, name string, attributes ...string) {
	x.text(found, name, attributes...)
	for above := name; above != ""; {
		for _, l := range x.hostnames[above] {
			found.add(l, above, attributes...)
		}
		_, above, _ = strings.Cut(above, ".")
	}
}

func (x *Index) text(found *matches, text string, attributes ...string) {
	text = strings.ToLower(text)
	for _, l := range x.texts[text] {
		found.add(l, text, attributes...)
	}
	for _, p := range x.parts {
		if p.text != "" && strings.Contains(text, p.text) {
			found.add(p.list, p.text, attributes...)
		}
	}
	for _, f := range x.forms {
		if f.list.speaksOf(attributes) && f.re.MatchString(text) {
			found.add(f.list, f.text, attributes...)
		}
	}
}

// speaksOf reports whether the list is meant for one of the attributes.
func (l *List) speaksOf(attributes []string) bool {
	return len(l.Attributes) == 0 || slices.ContainsFunc(attributes, func(a string) bool { return slices.Contains(l.Attributes, a) })
}

// matches keeps the first match of each list.
type matches struct {
	list   []Match
	byList map[*List]int
}

func (m *matches) add(l *List, entry string, attributes ...string) {
	if _, ok := m.byList[l]; ok || !l.speaksOf(attributes) {
		return
	}
	m.byList[l] = len(m.list)
	m.list = append(m.list, Match{l, entry})
}
