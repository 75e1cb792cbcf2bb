// Package network is the catalogue of the organisation's own address ranges: what each
// is called, what it is for, who owns it, at which site and when it holds, and whether
// its hosts are proxies whose X-Forwarded-For is believed.
//
// People edit the catalogue (Add, Import, Remove, kept in the case store); ingest and
// pages ask it millions of times (Own, Broadcast, TrustedProxy, Lookup, answered from
// memory). It says nothing of which device holds an address: that is package device.
package network

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"spoor/internal/casedb"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid range")
	ErrNotFound = errors.New("no such range")
	ErrConflict = errors.New("range is already in the catalogue")
)

// Bounds on what the catalogue takes, so that no import can exhaust the server.
const (
	MaxRanges  = 200_000
	maxTextLen = 200
)

// Range is one named range. Two ranges are the same when Site, Prefix, Name and
// ValidFrom agree; ranges may overlap and nest as they like.
type Range struct {
	ID     int64        `json:"id,omitempty" doc:"given by the catalogue"`
	Prefix netip.Prefix `json:"cidr" doc:"the range, for example 10.1.0.0/16"`
	Name   string       `json:"name"`
	Role   string       `json:"role,omitempty" doc:"what it is for: clients, servers, guest, vpn …"`
	// Site is where the range holds; empty: at every site.
	Site  string `json:"site,omitempty" doc:"empty: at every site"`
	Owner string `json:"owner,omitempty"`
	// The range holds from ValidFrom up to, not including, ValidTo. Zero is open.
	ValidFrom    time.Time `json:"validFrom,omitzero"`
	ValidTo      time.Time `json:"validTo,omitzero" doc:"the first moment after it"`
	TrustedProxy bool      `json:"trustedProxy" doc:"X-Forwarded-For of its hosts is believed"`
}

// identity is what makes two ranges the same.
type identity struct {
	prefix netip.Prefix
	name   string
	site   string
	from   time.Time
}

func (r *Range) identity() identity {
	return identity{r.Prefix, r.Name, r.Site, r.ValidFrom}
}

func (r *Range) String() string {
	s := r.Prefix.String() + " " + r.Name
	if r.Site != "" {
		s += " at " + r.Site
	}
	return s
}

// ParsePrefix reads a range in CIDR form. Host bits must be zero; the error names the
// CIDR that was probably meant. An IPv4-mapped IPv6 range becomes IPv4.
func ParsePrefix(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			return netip.Prefix{}, fmt.Errorf("%w: %s is an address; for it alone write %s/%d", ErrInvalid, a, a, a.BitLen())
		}
		return netip.Prefix{}, fmt.Errorf("%w: %q is not a CIDR such as 10.1.0.0/16 or 2001:db8::/32", ErrInvalid, clip(s))
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	if p.Bits() == 0 {
		return netip.Prefix{}, fmt.Errorf("%w: %s is every address there is", ErrInvalid, p)
	}
	if p != p.Masked() {
		return netip.Prefix{}, fmt.Errorf("%w: %s has host bits set; the range is %s", ErrInvalid, p, p.Masked())
	}
	return p, nil
}

// check reports what is wrong with a range, and trims its texts.
func (r *Range) check() error {
	if !r.Prefix.IsValid() {
		return fmt.Errorf("%w: it has no CIDR", ErrInvalid)
	}
	p, err := ParsePrefix(r.Prefix.String())
	if err != nil {
		return err
	}
	r.Prefix = p
	for _, f := range []struct {
		name string
		text *string
	}{{"name", &r.Name}, {"role", &r.Role}, {"site", &r.Site}, {"owner", &r.Owner}} {
		*f.text = strings.TrimSpace(*f.text)
		if err := checkText(f.name, *f.text); err != nil {
			return err
		}
	}
	if r.Name == "" {
		return fmt.Errorf("%w: %s has no name", ErrInvalid, p)
	}
	r.ValidFrom, r.ValidTo = utc(r.ValidFrom), utc(r.ValidTo)
	if !r.ValidTo.IsZero() && !r.ValidFrom.Before(r.ValidTo) {
		return fmt.Errorf("%w: %s ends (%s) before it begins (%s)", ErrInvalid, p,
			r.ValidTo.Format(time.RFC3339), r.ValidFrom.Format(time.RFC3339))
	}
	return nil
}

func checkText(field, s string) error {
	switch {
	case len(s) > maxTextLen:
		return fmt.Errorf("%w: %s is longer than %d bytes", ErrInvalid, field, maxTextLen)
	case !utf8.ValidString(s):
		return fmt.Errorf("%w: %s is not UTF-8", ErrInvalid, field)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%w: %s holds control characters", ErrInvalid, field)
	}
	return nil
}

// utc is the moment in UTC, cut to the microseconds in which the case store keeps it, so
// that what was stored compares equal to what is read back.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return casedb.Moment(casedb.Micros(t))
}

func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
