// Package enrich adds facts about an entity that its own records do not hold: where an
// address is registered and which network announces it (geo and ASN databases, read
// from local files), and, when an administrator has switched it on, what name it has
// in live DNS. Every fact comes with its source and that source's date.
//
// Nothing here touches the network but ReverseDNS.
package enrich

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
)

// Geo is what one database says of an address. Fields that the database does not have
// are empty; Found is false when it has no record of the address at all.
type Geo struct {
	Database    string
	BuiltAt     time.Time
	License     string
	Attribution string // text that must be shown with the data
	AttribURL   string // link that must be shown with the data

	Found       bool
	Country     string // English name
	CountryCode string // ISO 3166-1 alpha-2
	State       string
	City        string
	PostalCode  string
	Latitude    *float64 // degrees
	Longitude   *float64
	ASN         uint32
	Org         string // who announces the ASN
	// RadiusKM is how far around the coordinates the place may be; 0: not said.
	RadiusKM uint64
	// What is known of the line behind it, in the database's words; most databases do not
	// say.
	ISP            string
	MobileNetwork  string       // mobile country and network code, "310-260"
	ConnectionType string       // "Cellular", "Cable/DSL", "Corporate" …
	UserType       string       // "residential", "hosting", "business" …
	Anonymizers    []string     // "VPN", "hosting provider", "public proxy", "residential proxy", "Tor exit"
	Network        netip.Prefix // what the record covers; the zero prefix when the database does not say
}

// Source describes one open database.
type Source struct {
	Name        string
	BuiltAt     time.Time
	License     string
	Attribution string
	AttribURL   string
	Files       []string
}

// Databases answers for all geo and ASN databases that were found. It is safe for
// concurrent use, but for Close.
type Databases struct{ open []*database }

// database is one source in one or two files: some publish IPv4 and IPv6 apart.
type database struct {
	Source
	// everyAddress: the database may speak of addresses that are not public. Published
	// ones may not: what a registry says of 203.0.113.0/24 or 10.0.0.0/8 is no fact
	// about the host behind it.
	everyAddress bool
	// noASN: it is of a published kind that has no AS numbers.
	noASN  bool
	v4, v6 lookuper
	close  func() error
}

// lookuper finds the record of an address and puts it into g. found is false when
// there is none.
type lookuper interface {
	lookup(a netip.Addr, g *Geo) (found bool, err error)
}

// Open opens every database under the given files and folders, in that order: *.mmdb
// files in MaxMind's layout or the flat one of ip-location-db, and the ASN ranges
// asn-ipv4.csv and asn-ipv6.csv. A path that does not exist holds no databases, and a file
// that several of them name is opened once.
//
// The result is usable also when the error is not nil: it names the files that could
// not be opened.
func Open(paths ...string) (*Databases, error) {
	d := &Databases{}
	var errs []error
	var files []string
	for _, p := range paths {
		found, err := databaseFiles(p)
		if err != nil {
			errs = append(errs, fmt.Errorf("look for geo databases: %w", err))
		}
		for _, f := range found {
			if !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	for _, group := range groups(files) {
		db, err := openGroup(group)
		if err != nil {
			errs = append(errs, fmt.Errorf("open geo database: %w", err))
			continue
		}
		d.open = append(d.open, db)
	}
	return d, errors.Join(errs...)
}

// databaseFiles lists the database files at or under a path, in order of their names, by
// the one path that each of them has without links.
func databaseFiles(path string) ([]string, error) {
	var files []string
	path, err := realPath(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	err = filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return nil
		}
		switch name := filepath.Base(p); {
		case filepath.Ext(name) == ".mmdb", name == "asn-ipv4.csv", name == "asn-ipv6.csv":
			if target, err := realPath(p); err == nil {
				p = target // else opening it says what is wrong
			}
			files = append(files, p)
		}
		return nil
	})
	return files, err
}

// realPath is a path without links.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// group is the files of one database; v4 and v6 may be the same.
type group struct{ stem, v4, v6 string }

// groups puts NAME-ipv4 and NAME-ipv6 together. Where NAME alone is there too, it holds
// both, and the halves are left out.
func groups(files []string) []group {
	var found []group
	index := map[string]int{} // by stem
	for _, path := range files {
		full := strings.TrimSuffix(path, filepath.Ext(path))
		stem := strings.TrimSuffix(strings.TrimSuffix(full, "-ipv4"), "-ipv6")
		i, ok := index[stem]
		if !ok {
			i = len(found)
			index[stem] = i
			found = append(found, group{stem: stem})
		}
		switch g := &found[i]; full {
		case stem:
			g.v4, g.v6 = path, path
		case stem + "-ipv4":
			if g.v4 == "" {
				g.v4 = path
			}
		case stem + "-ipv6":
			if g.v6 == "" {
				g.v6 = path
			}
		}
	}
	return found
}

func openGroup(g group) (*database, error) {
	if strings.HasSuffix(g.v4+g.v6, ".csv") {
		return openCSV(g)
	}
	return openMMDB(g)
}

func (g group) files() []string {
	files := []string{g.v4, g.v6}
	return slices.Compact(slices.DeleteFunc(files, func(f string) bool { return f == "" }))
}

// Sources lists the open databases in the order in which Lookup answers.
func (d *Databases) Sources() []Source {
	sources := make([]Source, len(d.open))
	for i, db := range d.open {
		sources[i] = db.Source
	}
	return sources
}

// Lookup gives one entry a database. An error names databases that could not be read;
// their entries say Found false, the others stand.
func (d *Databases) Lookup(a netip.Addr) ([]Geo, error) {
	a = a.Unmap().WithZone("")
	answers := make([]Geo, len(d.open))
	var errs []error
	for i, db := range d.open {
		g, err := db.lookup(a)
		if err != nil {
			errs = append(errs, fmt.Errorf("look up %s in %s: %w", a, db.Name, err))
		}
		answers[i] = g
	}
	return answers, errors.Join(errs...)
}

func (db *database) lookup(a netip.Addr) (Geo, error) {
	missing := Geo{
		Database: db.Name, BuiltAt: db.BuiltAt, License: db.License,
		Attribution: db.Attribution, AttribURL: db.AttribURL,
	}
	l := db.v6
	if a.Is4() {
		l = db.v4
	}
	if l == nil || !a.IsValid() || !db.everyAddress && entity.ClassOf(a) != entity.ClassPublic {
		return missing, nil
	}
	g := missing
	found, err := l.lookup(a, &g)
	if err != nil || !found {
		return missing, err
	}
	g.Found = true
	return g, nil
}

// Close closes the files. No look-up may be under way.
func (d *Databases) Close() error {
	var errs []error
	for _, db := range d.open {
		errs = append(errs, db.close())
	}
	d.open = nil
	return errors.Join(errs...)
}

// published is what is known of databases that carry no licence in themselves.
type published struct {
	prefix                    string // of the database type, or of the file's name
	name                      string
	license, attribution, url string
}

var publishedDatabases = []published{
	{"geo-whois-asn-country", "Geofeed, whois and ASN by country", "CC0-1.0; registry data CC BY 4.0", "Registry data by the Number Resource Organization (NRO)", "https://www.nro.net/"},
	{"dbip-city", "DB-IP City Lite", "CC BY 4.0", "IP Geolocation by DB-IP", "https://db-ip.com"},
	{"asn", "Route Views and DB-IP ASN", "CC BY 4.0", "ASN data by Route Views and DB-IP", "https://db-ip.com"},
	{"DBIP-", "DB-IP", "CC BY 4.0", "IP Geolocation by DB-IP", "https://db-ip.com"},
	{"GeoLite2-", "GeoLite2", "GeoLite2 End User License Agreement", "This product includes GeoLite data created by MaxMind", "https://www.maxmind.com"},
	{"GeoIP2-", "GeoIP2", "MaxMind End User License Agreement", "", "https://www.maxmind.com"},
}

// describe fills what is published of a database, and reports whether anything is.
func (s *Source) describe(databaseType, stem string) bool {
	file := filepath.Base(stem)
	for _, p := range publishedDatabases {
		byType := strings.HasPrefix(databaseType, p.prefix)
		if !byType && !strings.HasPrefix(file, p.prefix) {
			continue
		}
		s.Name, s.License, s.Attribution, s.AttribURL = p.name, p.license, p.attribution, p.url
		if strings.HasSuffix(p.prefix, "-") { // a family: the type tells which
			s.Name = databaseType
		}
		return true
	}
	return false
}
