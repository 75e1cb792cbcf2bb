// Package noise keeps known-noise lists: addresses, networks, AS numbers, names and hashes
// of scanners, clouds, content networks, resolvers and the like, so that what is often seen
// and rarely means harm is named as such. Lists come in the form of the MISP warninglists,
// or plain.
//
// A match is context and nothing else: no row is hidden for it, no verdict follows.
package noise

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid list")
	ErrNotFound = errors.New("no such list")
)

// Type says how the entries of a list are compared, as MISP defines it.
type Type string

// The types.
const (
	CIDR      Type = "cidr"      // an address or network that holds the value
	String    Type = "string"    // equal, whatever the case
	Hostname  Type = "hostname"  // the name or one below it
	Substring Type = "substring" // stands somewhere in the value; addresses must be equal
	Regex     Type = "regex"     // an expression that finds something in the value
)

// List is a list without its entries.
type List struct {
	ID          int64
	Slug        string // names it: "amazon-aws"
	Name        string // for people: "List of known Amazon AWS IP address ranges"
	Description string
	Type        Type
	Version     int
	// Attributes are the MISP types that the list speaks of: ip-src, domain, md5 …; none
	// when it says nothing, and then it speaks of all.
	Attributes []string
	Entries    int
	Class      Class
	Weak       bool
	Line       Line   // None where its name says nothing of it
	Source     string // name of the file
	Imported   time.Time
	By         string
}

// Dated is the day of the list's content: of its version, where that is a date
// (20260811) not after the import, else the import.
func (l *List) Dated() time.Time {
	at, err := time.Parse("20060102", strconv.Itoa(l.Version))
	if err != nil || at.Year() < 2000 || at.After(l.Imported.AddDate(0, 0, 1)) {
		return l.Imported
	}
	return at
}

// Class is what kind of noise a list holds.
type Class string

// The classes.
const (
	Scanner      Class = "scanner"      // scans the internet and says so
	CDN          Class = "cdn"          // content networks: one address, many sites
	Cloud        Class = "cloud"        // rented machines: anybody's
	Resolver     Class = "resolver"     // public DNS
	Crawler      Class = "crawler"      // search engines and the like
	VPN          Class = "vpn"          // VPN and proxy exits, data centres at large
	Platform     Class = "platform"     // services of known companies
	Mail         Class = "mail"         // mail servers of large providers
	PKI          Class = "pki"          // certificate authorities, CRL, OCSP
	Popular      Class = "popular"      // sites that everybody visits
	Connectivity Class = "connectivity" // tells a device whether it is online, or its address
	Sinkhole     Class = "sinkhole"     // where blocked and seized names lead
	Security     Class = "security"     // companies and tools of security
	Shared       Class = "shared"       // hosts anybody's content: shorteners, dynamic DNS, parking
	KnownFile    Class = "known file"   // hashes that stand in indicator lists by mistake
	Special      Class = "special"      // ranges and names that standards set apart
	Mobile       Class = "mobile"       // lines of mobile carriers
	Residential  Class = "residential"  // lines of households
	Other        Class = "other"
)

// Line is the kind of line that a list says its addresses have.
type Line string

// The kinds of line.
const (
	None           Line = "" // the list says nothing of it
	Hosting        Line = "hosting"
	ContentNetwork Line = "content network"
	VPNExit        Line = "VPN"
	ProxyExit      Line = "proxy"
	RelayExit      Line = "private relay"
	TorExit        Line = "Tor exit"
	TorNode        Line = "Tor node"
	MobileLine     Line = "mobile"
	ResidentLine   Line = "residential"
)

// classes tell from a list's slug and name its class and the kind of line its addresses
// have: the first row of which a word stands in either decides. docs/noise.md
// shows the table.
var classes = []struct {
	class Class
	words []string
	weak  bool // says little: the list is very broad
	line  Line
}{
	{VPN, []string{"vpn"}, true, VPNExit},
	{VPN, []string{"private-relay", "private relay"}, false, RelayExit},
	{VPN, []string{"tor-exit"}, false, TorExit},
	{VPN, []string{"tor-"}, false, TorNode},
	{VPN, []string{"zscaler", "proxy"}, false, ProxyExit},
	{Scanner, []string{"scanning", "scanner", "shadowserver", "shodan", "censys", "xpanse", "tenable", "internet-census"}, false, None},
	{Sinkhole, []string{"sinkhole", "blockpage"}, false, None},
	{Resolver, []string{"public-dns", "dns resolver"}, false, None},
	{Popular, []string{"top1000", "top1k", "top500", "top 500", "top10k", "tranco", "majestic", "alexa", "umbrella", "dax30"}, false, None},
	{CDN, []string{"akamai", "cloudflare", "fastly", "stackpath", "cdn", "bunny-net", "cachefly", "gcore", "imperva"}, false, ContentNetwork},
	{Crawler, []string{"googlebot", "gptbot", "crawler", "bingbot"}, false, None},
	{Security, []string{"attack-simulator", "malware-analysis", "security-provider", "digitalside"}, false, None},
	{Mobile, []string{"mobile", "cellular"}, false, MobileLine},
	{Residential, []string{"residential", "broadband"}, false, ResidentLine},
	{Cloud, []string{
		"amazon-aws", "google-gcp", "microsoft-azure", "oracle-oci", "ovh", "hetzner", "digitalocean", "linode", "vultr", "coreweave", "godaddy",
		"cloud", "hosting", "datacenter",
	}, false, Hosting},
	{Mail, []string{"smtp"}, false, None},
	{PKI, []string{"crl", "ocsp", "mozilla-ca", "trusted ca"}, false, None},
	{Connectivity, []string{"captive-portal", "whats-my-ip", "connection-endpoints"}, false, None},
	{Shared, []string{"dynamic-dns", "url-shortener", "link-in-bio", "lots-project", "parking"}, false, None},
	{KnownFile, []string{"hash", "falsepositive", "false-positive", "eicar"}, false, None},
	{Special, []string{"rfc", "multicast", "linklocal", "tlds"}, false, None},
	{Platform, []string{"office365", "microsoft", "google", "apple", "github", "telegram", "wikimedia"}, false, None},
}

// classify tells the class of a list by its name, and what follows from that.
func (l *List) classify() {
	slug, name := strings.ToLower(l.Slug), strings.ToLower(l.Name)
	l.Class, l.Weak, l.Line = Other, false, None
	for _, c := range classes {
		for _, word := range c.words {
			if strings.Contains(slug, word) || strings.Contains(name, word) {
				l.Class, l.Weak, l.Line = c.class, c.weak, c.line
				return
			}
		}
	}
}

// TellsLine reports whether the list says of addresses, or of the networks that
// announce them, what kind of line they have.
func (l *List) TellsLine() bool {
	return l.Line != None && l.speaksOf([]string{"ip-src", "ip-dst", "AS"})
}

// Match is an entry of a list that an entity meets.
type Match struct {
	*List
	Entry string // as the list has it, in canonical form for networks
}
