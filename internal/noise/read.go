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

// Read reads a list in MISP's form, packed with gzip or not. file names it: "aws.json.gz"
// is the list aws, and lists/aws/list.json too.
func Read(r io.Reader, file string) (*Content, error) {
	text, err := readAll(r)
	if err != nil {
		return nil, err
	}
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
	c := &Content{
		List: List{
			Slug: slugOf(file), Name: clip(in.Name, 200), Description: clip(in.Description, 2000), Type: in.Type,
			Version: int(version), Attributes: in.Attributes, Entries: len(*in.List), Source: filepath.Base(file),
		},
		Values: *in.List,
	}
	if c.Name == "" {
		c.Name = c.Slug
	}
	c.Class, c.Weak = classify(c.Slug, c.Name)
	return c, c.check()
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
	slug := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file), ".gz"), ".json")
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
