package entity

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
)

// Form says what a text that somebody pasted looks like. The forms that are kinds of
// entities have their names; a prefix, a range and an autonomous system hold many
// addresses.
type Form string

// The forms.
const (
	FormIP      = Form(IP)
	FormCIDR    = Form(CIDR)
	FormRange   = Form(Range)
	FormASN     = Form(ASN)
	FormDomain  = Form(Domain)
	FormURL     = Form(URL)
	FormHash    = Form(Hash)
	FormAccount = Form(Account)
	FormDevice  = Form(Device)
)

// Observable is a value as it was recognized in a text.
type Observable struct {
	Form  Form
	Value string // canonical: two that mean the same are equal
	Text  string // as it was written, with defanging
}

// Entities are what the observable may name, the likeliest first: a name with dots is a
// domain, a device or an account, a URL stands for its host too. Prefixes, ranges and autonomous
// systems are no entities of the ledger and give none.
func (o Observable) Entities() []ID {
	switch o.Form {
	case FormDomain:
		return []ID{{Domain, o.Value}, {Device, o.Value}, {Account, o.Value}}
	case FormDevice:
		return []ID{{Device, o.Value}, {Account, o.Value}}
	case FormURL:
		list := []ID{{URL, o.Value}}
		host := urlHost(o.Value)
		if a := CanonicalAddress(host); a != "" {
			return append(list, ID{IP, a})
		}
		if d := CanonicalDomain(host); d != "" {
			list = append(list, ID{Domain, d})
		}
		return list
	case FormIP, FormHash, FormAccount:
		return []ID{{Kind(o.Form), o.Value}}
	default:
		return nil
	}
}

// Span is the first and last address of a prefix, a range or an address; ok is false for
// the other forms.
func (o Observable) Span() (first, last netip.Addr, ok bool) {
	switch o.Form {
	case FormIP:
		a, err := netip.ParseAddr(o.Value)
		return a, a, err == nil
	case FormCIDR:
		p, err := netip.ParsePrefix(o.Value)
		return p.Addr(), LastAddress(p), err == nil
	case FormRange:
		from, to, _ := strings.Cut(o.Value, "-")
		a, errA := netip.ParseAddr(from)
		b, errB := netip.ParseAddr(to)
		return a, b, errA == nil && errB == nil
	default:
		return netip.Addr{}, netip.Addr{}, false
	}
}

// LastAddress is the highest address of a prefix.
func LastAddress(p netip.Prefix) netip.Addr {
	if !p.IsValid() {
		return netip.Addr{}
	}
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// Recognize reads a text as one observable, as a search box does: it may be of any form,
// defanged or not. Names of which the dots alone make a domain are taken for one; a word
// without dots is taken for a device. It reports false for text that is neither, blank
// text and sentences among it.
func Recognize(text string) (Observable, bool) {
	text = strings.TrimSpace(text)
	plain := strings.Trim(strings.TrimSpace(Refang(text)), "\"'`<>,;")
	o, ok := recognize(plain, true)
	o.Text = text
	return o, ok
}

// maxText is the longest text that is looked at as one observable.
const maxText = 4096

// recognize reads refanged text. loose takes every name for a domain and every word for a
// device, as one may who sees the whole text.
func recognize(s string, loose bool) (Observable, bool) {
	if s == "" || len(s) > maxText {
		return Observable{}, false
	}
	for _, read := range []func(string) (Form, string){
		readAddress, readCIDR, readRange, readASN, readHash, readURL, readAccount,
	} {
		if form, value := read(s); value != "" {
			return Observable{Form: form, Value: value}, true
		}
	}
	if d := CanonicalDomain(strings.TrimPrefix(s, "*.")); d != "" && nameLike(d) && (loose || knownTop(d)) {
		return Observable{Form: FormDomain, Value: d}, true
	}
	if loose && word.MatchString(s) {
		return Observable{Form: FormDevice, Value: CanonicalDevice(s)}, true
	}
	return Observable{}, false
}

func readAddress(s string) (Form, string) { return FormIP, CanonicalAddress(s) }

// readCIDR reads a prefix; bits beyond its length are cleared. One that holds a single
// address is that address.
func readCIDR(s string) (Form, string) {
	addr, bits, ok := strings.Cut(s, "/")
	if !ok {
		return "", ""
	}
	n, err := strconv.ParseUint(bits, 10, 8)
	a, errA := netip.ParseAddr(addr)
	if err != nil || errA != nil || bits != strconv.FormatUint(n, 10) {
		return "", ""
	}
	if a.Is4In6() && n >= 96 {
		a, n = a.Unmap(), n-96
	}
	p, err := a.WithZone("").Prefix(int(n))
	switch {
	case err != nil:
		return "", ""
	case p.IsSingleIP():
		return FormIP, canonical(p.Addr()).String()
	default:
		return FormCIDR, p.String()
	}
}

var rangeForm = regexp.MustCompile(`^([0-9a-fA-F.:]+)\s*[-–—]\s*([0-9a-fA-F.:]+)$`)

// readRange reads FIRST-LAST, and FIRST-N for the last part of an IPv4 address.
func readRange(s string) (Form, string) {
	m := rangeForm.FindStringSubmatch(s)
	if m == nil {
		return "", ""
	}
	first, err := netip.ParseAddr(m[1])
	if err != nil {
		return "", ""
	}
	first = canonical(first)
	last, err := netip.ParseAddr(m[2])
	if err != nil && first.Is4() {
		if n, tooHigh := strconv.ParseUint(m[2], 10, 8); tooHigh == nil {
			b := first.As4()
			b[3] = byte(n)
			last, err = netip.AddrFrom4(b), nil
		}
	}
	last = canonical(last)
	switch {
	case err != nil || first.Is4() != last.Is4() || last.Less(first):
		return "", ""
	case first == last:
		return FormIP, first.String()
	default:
		return FormRange, first.String() + "-" + last.String()
	}
}

var asnForm = regexp.MustCompile(`^(?i:ASN?)[ :]?([0-9]{1,10})$`)

func readASN(s string) (Form, string) {
	m := asnForm.FindStringSubmatch(s)
	if m == nil {
		return "", ""
	}
	n, err := strconv.ParseUint(m[1], 10, 32)
	if err != nil || n == 0 {
		return "", ""
	}
	return FormASN, "AS" + strconv.FormatUint(n, 10)
}

// hashPrefix is how reports name the kind of a hash.
var hashPrefix = regexp.MustCompile(`^(?i:md5|sha-?1|sha-?256)[:=\s]\s*`)

func readHash(s string) (Form, string) {
	return FormHash, CanonicalHash(hashPrefix.ReplaceAllString(s, ""))
}

var schemeForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]{1,31}://[^\s"'<>` + "`" + `\\]+$`)

func readURL(s string) (Form, string) {
	if schemeForm.MatchString(s) {
		return FormURL, CanonicalURL(s)
	}
	// Reports leave the scheme out: host/path.
	host, path, ok := strings.Cut(s, "/")
	if !ok || !strings.ContainsFunc(path, unicode.IsLetter) || strings.ContainsAny(s, " \t\\\"'<>`@") {
		return "", ""
	}
	if _, isAddress := ParseAddress(host); !isAddress && (!nameLike(host) || !knownTop(strings.ToLower(host))) {
		return "", ""
	}
	return FormURL, CanonicalURL("http://" + s)
}

func urlHost(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

var (
	upnForm    = regexp.MustCompile(`^[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@([A-Za-z0-9.-]+)$`)
	domainUser = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]{0,63}|\.|(?i:NT AUTHORITY|NT SERVICE|NT VIRTUAL MACHINE|IIS APPPOOL|WINDOW MANAGER|FONT DRIVER HOST))\\` +
		`([^\\/:*?"<>|@\s][^\\/:*?"<>|@]{0,103})$`)
	// noDomain begins paths of the registry; fileName ends those of files.
	noDomain = regexp.MustCompile(`^(?i:HKLM|HKCU|HKCR|HKU|HKCC|HKEY_[A-Z_]+)$`)
	fileName = regexp.MustCompile(`\.(?i:exe|dll|sys|ps1|psm1|bat|cmd|com|vbs|js|tmp|log|txt|dat|lnk|ini)$`)
)

// readAccount reads name@domain and DOMAIN\name.
func readAccount(s string) (Form, string) {
	if m := upnForm.FindStringSubmatch(s); m != nil && nameLike(m[1]) && !strings.HasSuffix(s, ".") {
		return FormAccount, CanonicalAccount("", s)
	}
	if m := domainUser.FindStringSubmatch(s); m != nil && !noDomain.MatchString(m[1]) && !fileName.MatchString(m[2]) {
		return FormAccount, CanonicalAccount("", s)
	}
	return "", ""
}

var (
	labelForm = regexp.MustCompile(`^[A-Za-z0-9_\x{80}-\x{10FFFF}]([A-Za-z0-9_\x{80}-\x{10FFFF}-]*[A-Za-z0-9_\x{80}-\x{10FFFF}])?$`)
	digits    = regexp.MustCompile(`^[0-9]+$`)
	word      = regexp.MustCompile(`^[A-Za-z0-9_\x{80}-\x{10FFFF}][A-Za-z0-9_$\x{80}-\x{10FFFF}-]{0,62}$`)
)

// nameLike reports whether a name with dots has the shape of a host name. Its top label
// is no number: 1.2.3 and versions are none.
func nameLike(name string) bool {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	for _, l := range labels {
		if !labelForm.MatchString(l) {
			return false
		}
	}
	return len(labels) > 1 && !digits.MatchString(labels[len(labels)-1])
}

// ownTops are top labels that no registry has and that organisations name their hosts
// with (RFC 6761, RFC 6762 appendix G, RFC 9476), and onion services.
var ownTops = map[string]bool{
	"local": true, "localdomain": true, "lan": true, "corp": true, "home": true, "internal": true, "intranet": true, "private": true,
	"test": true, "example": true, "invalid": true, "onion": true, "alt": true,
}

// fileTops are top-level domains that in running text are mostly the ends of file names.
var fileTops = map[string]bool{"zip": true, "sh": true, "py": true, "pl": true, "md": true, "rs": true, "so": true, "cab": true, "mov": true}

// knownTop reports whether the top label of a lower-case name is one that exists, so that
// names of files and of methods in running text are no domains.
func knownTop(name string) bool {
	top := name[strings.LastIndexByte(name, '.')+1:]
	if fileTops[top] && strings.Count(name, ".") == 1 {
		return false
	}
	if ownTops[top] {
		return true
	}
	_, icann := publicsuffix.PublicSuffix(name)
	return icann && top != ""
}

// MaxObservables is how many observables one text may give.
const MaxObservables = 1000

// Extract finds the observables in any text: one to a line, separated by anything, or in
// the sentences of a report, defanged or not. Each comes once, in the order of its first
// appearance; total counts those beyond MaxObservables too.
//
// A line that is a single observable is read with Recognize's patience for spaces
// (a - b, NT AUTHORITY\SYSTEM); a line that is a single word is a device when it has a
// digit, a hyphen or an underscore, or is in capitals.
func Extract(text string) (list []Observable, total int) {
	seen := map[Observable]bool{}
	add := func(o Observable, written string) {
		key := Observable{Form: o.Form, Value: o.Value}
		if seen[key] {
			return
		}
		seen[key] = true
		if total++; len(list) < MaxObservables {
			o.Text = written
			list = append(list, o)
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		plain := strings.Trim(Refang(line), " \t\"'`<>,;")
		if o, ok := recognize(plain, false); ok {
			add(o, line)
			continue
		}
		if word.MatchString(plain) && hostWord(plain) {
			add(Observable{Form: FormDevice, Value: CanonicalDevice(plain)}, line)
			continue
		}
		for _, token := range tokens(line) {
			if o, ok := recognizeToken(Refang(token)); ok {
				add(o, token)
			}
		}
	}
	return list, total
}

func hostWord(s string) bool {
	return !digits.MatchString(s) && (strings.ContainsAny(s, "0123456789-_") || len(s) > 3 && strings.ToUpper(s) == s)
}

// tokenForm finds what may be an observable: a URL, an address in brackets, or what has
// no delimiters in it. Defanging brackets belong to it.
var tokenForm = regexp.MustCompile(`(?i)[a-z][a-z0-9+.*-]{1,31}(?::|\[:\]?|\[)(?://|\[//?\]/?|:?//\])[^\s"'<>` + "`" + `]+` +
	`|\[[0-9a-f:.]{2,}\](?::[0-9]+)?` +
	`|(?:` + mark + `|[^\s"'<>` + "`" + `|;,(){}\[\]=]|\[\.|\.\])+`)

// mark is a dot, colon, slash or at sign as reports disarm them.
const mark = `[\[({]\s*(\.|:|/|//|://|@|dot|punkt|at)\s*[\])}]`

// tokens splits a line of running text. JSON's escaped slashes are plain ones.
func tokens(line string) []string {
	return tokenForm.FindAllString(strings.ReplaceAll(line, `\/`, "/"), -1)
}

var schemeStart = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]{1,31}://`)

// recognizeToken reads a token of running text, without the punctuation around it.
func recognizeToken(s string) (Observable, bool) {
	s = strings.TrimLeft(s, ".,;:!?*_~&#-")
	if at := schemeStart.FindStringIndex(s); at != nil {
		s = s[at[0]:] // label:http://…
	}
	s = trimEnd(s)
	if o, ok := recognize(s, false); ok {
		return o, o.Value != "::" // which is C++ more often than an address
	}
	name, rest, ok := strings.Cut(s, ":")
	switch {
	case !ok || strings.Contains(rest, ":"):
		return Observable{}, false
	case digits.MatchString(rest): // host:port
		return recognize(name, false)
	case word.MatchString(name): // md5:…, ip:…
		return recognize(rest, false)
	default:
		return Observable{}, false
	}
}

// trimEnd cuts off the end of a sentence or of a parenthesis. A URL keeps those that it
// opened itself.
func trimEnd(s string) string {
	for s != "" {
		switch end := s[len(s)-1]; {
		case strings.IndexByte(".,;:!?*_~-'", end) >= 0:
		case end == ')' && strings.Count(s, ")") > strings.Count(s, "("):
		case end == ']' && strings.Count(s, "]") > strings.Count(s, "["):
		case end == '}' && strings.Count(s, "}") > strings.Count(s, "{"):
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

var (
	fangMark   = regexp.MustCompile(`(?i)` + mark)
	fangScheme = regexp.MustCompile(`(?i)\bh(?:xx|\*\*)p(s?)://`)
	fangHalf   = regexp.MustCompile(`([A-Za-z0-9_-])(?:\[\.|\.\])([A-Za-z0-9_-])`)
)

// Refang undoes the ways in which reports write what must not be clicked: hxxp and h**p,
// [.] (.) {.} [dot] (dot), [:] [/] [://] [@] [at], and half brackets. Other text stays.
func Refang(s string) string {
	if !strings.ContainsAny(s, "[](){}*xX") {
		return s
	}
	s = fangMark.ReplaceAllStringFunc(s, func(m string) string {
		switch plain := strings.ToLower(strings.Trim(m, "[](){} \t")); plain {
		case "dot", "punkt":
			return "."
		case "at":
			return "@"
		default:
			return plain
		}
	})
	s = fangScheme.ReplaceAllString(s, "http$1://")
	return fangHalf.ReplaceAllString(fangHalf.ReplaceAllString(s, "$1.$2"), "$1.$2")
}

// Defang is the text of an entity as it may stand in a report without being clicked:
// dots in brackets and hxxp.
func Defang(s string) string {
	if rest, ok := strings.CutPrefix(s, "http"); ok && (strings.HasPrefix(rest, "://") || strings.HasPrefix(rest, "s://")) {
		s = "hxxp" + rest
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); ok && i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	host = strings.ReplaceAll(host, ".", "[.]")
	if !ok && strings.Count(host, ":") > 1 {
		host = strings.ReplaceAll(host, ":", "[:]")
	}
	if !ok {
		return host
	}
	return scheme + "://" + host + path
}
