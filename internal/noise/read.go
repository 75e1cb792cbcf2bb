package noise

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Bounds on one list.
const (
	MaxSize    = 64 << 20 // bytes of JSON
	MaxEntries = 1_000_000
)

// Content is a list with its entries.
type Content struct {
	List
	Values []string
}

// Read reads a list in MISP's form or a plain one, packed with gzip or not. file names it:
// "aws.json.gz" is the list aws, and lists/aws/list.json too.
func Read(r io.Reader, file string) (*Content, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, err
	}
	var c *Content
	if first := bytes.TrimSpace(text); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		c, err = readMISP(text)
	} else {
		c, err = readPlain(text)
	}
	if err != nil {
		return nil, err
	}
	c.Slug, c.Entries, c.Source = slugOf(file), len(c.Values), filepath.Base(file)
	if c.Name == "" {
		c.Name = c.Slug
	}
	c.classify()
	return c, c.check()
}

func readMISP(text []byte) (*Content, error) {
	var in struct {
		Name        string      `json:"name"`
		Description string      `json:"description"`
		Type        Type        `json:"type"`
		Version     json.Number `json:"version"`
		Attributes  []string    `json:"matching_attributes"`
		List        *[]string   `json:"list"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("%w: it is not a MISP warninglist: %w", ErrInvalid, err)
	}
	if in.List == nil {
		return nil, fmt.Errorf("%w: it is not a MISP warninglist: it has no list", ErrInvalid)
	}
	version, _ := in.Version.Int64() // absent or beyond all numbers: 0
	return &Content{
		List: List{
			Name: clip(in.Name, 200), Description: clip(in.Description, 2000), Type: in.Type, Version: int(version), Attributes: in.Attributes,
		},
		Values: *in.List,
	}, nil
}

// readPlain reads a list of addresses and networks, or one of AS numbers ("AS64500"): the
// first word of each line. What follows it, blank lines and those that begin with # or ;
// are left out.
func readPlain(text []byte) (*Content, error) {
	c := &Content{}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(text, []byte("\ufeff"))) {
		number++
		words := bytes.Fields(line)
		if len(words) == 0 || words[0][0] == '#' || words[0][0] == ';' {
			continue
		}
		entry := string(words[0])
		kind := String
		if _, err := prefix(entry); err == nil {
			kind = CIDR
		} else if len(entry) < 3 || !strings.EqualFold(entry[:2], "AS") || system(entry) == 0 {
			return nil, fmt.Errorf("%w: line %d: %.100q is no address, network or AS number, and the file no MISP warninglist either", ErrInvalid, number, entry)
		}
		if c.Type != "" && c.Type != kind {
			return nil, fmt.Errorf("%w: line %d: %.100q stands in a list of another kind: addresses and AS numbers go into lists of their own", ErrInvalid, number, entry)
		}
		c.Type = kind
		c.Values = append(c.Values, entry)
	}
	switch c.Type {
	case CIDR:
		c.Attributes = []string{"ip-src", "ip-dst"}
	case String:
		c.Attributes = []string{"AS"}
	default:
		return nil, fmt.Errorf("%w: the file has no entry", ErrInvalid)
	}
	return c, nil
}

func readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err == nil && bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		var packed *gzip.Reader
		if packed, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(io.LimitReader(packed, MaxSize+1))
		}
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	case len(text) > MaxSize:
		return nil, fmt.Errorf("%w: it is larger than %d MiB", ErrInvalid, MaxSize>>20)
	}
	return text, nil
}

var slugForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// slugOf is the name of a list in MISP's repository: the folder's, or the file's without
// its endings.
func slugOf(file string) string {
	slug := strings.TrimSuffix(filepath.Base(file), ".gz")
	for _, ending := range []string{".json", ".txt", ".lst"} {
		slug = strings.TrimSuffix(slug, ending)
	}
	if dir := filepath.Base(filepath.Dir(file)); slug == "list" && slugForm.MatchString(dir) {
		return dir
	}
	return slug
}

func (c *Content) check() error {
	switch {
	case !slugForm.MatchString(c.Slug):
		return fmt.Errorf("%w: the name %.100q has characters other than letters, digits, dots, hyphens and underscores", ErrInvalid, c.Slug)
	case len(c.Values) > MaxEntries:
		return fmt.Errorf("%w: %s has more than %d entries", ErrInvalid, c.Slug, MaxEntries)
	}
	switch c.Type {
	case CIDR:
		for _, v := range c.Values {
			if _, err := prefix(v); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrInvalid, c.Slug, err)
			}
		}
	case Regex:
		for _, v := range c.Values {
			if _, err := expression(v); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrInvalid, c.Slug, err)
			}
		}
	case String, Hostname, Substring:
	default:
		return fmt.Errorf("%w: %s has the type %.40q; the types are cidr, string, hostname, substring and regex", ErrInvalid, c.Slug, c.Type)
	}
	return nil
}

// prefix reads an address or a network. Bits beyond its length are cleared.
func prefix(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, fmt.Errorf("%.100q is no address", s)
		}
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%.100q is no network", s)
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}

// system reads the number of an autonomous system, with AS before it or not; 0: it is none.
func system(s string) uint32 {
	s = strings.TrimSpace(s)
	if len(s) > 2 && strings.EqualFold(s[:2], "AS") {
		s = s[2:]
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

// expression compiles /…/flags, as PHP writes expressions, or a plain one.
func expression(s string) (*regexp.Regexp, error) {
	if end := strings.LastIndexByte(s, '/'); len(s) > 1 && s[0] == '/' && end > 0 {
		flags := s[end+1:]
		s = s[1:end]
		if strings.Contains(flags, "i") {
			s = "(?i)" + s
		}
	}
	if len(s) > 1000 {
		return nil, errors.New("an expression is longer than 1000 bytes")
	}
	return regexp.Compile(s)
}

func clip(s string, size int) string {
	if len(s) <= size {
		return s
	}
	return strings.ToValidUTF8(s[:size], "") + "…"
}
