// Package watchlist keeps the tables that people import for queries to read with
// _GetWatchlist: admins, high-value hosts, known scanners. Each has an alias, an owner
// and a date after which it is no longer to be relied on. Every import is a version, and
// an earlier one can be brought back.
//
// CSV and JSON go in (Read, Store.Import), texts come out (Store.Items). It knows
// nothing of KQL: what the columns are called there is the binder's business.
package watchlist

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Errors that callers tell apart. They are wrapped; their text says what is wrong in
// words fit for the user.
var (
	ErrInvalid  = errors.New("invalid watchlist")
	ErrNotFound = errors.New("no such watchlist")
)

// Bounds on a list, so that no import can exhaust the server.
const (
	MaxFileSize = 32 << 20
	MaxRows     = 200_000
	MaxColumns  = 100
	MaxValue    = 8 << 10 // bytes of one value
	// MaxVersions is how many versions of a list are kept; the oldest go first.
	MaxVersions = 50

	maxNameLen        = 200
	maxDescriptionLen = 2000
)

// FixedColumns are the columns that every list has in KQL; a file cannot bring its own
// under these names.
var FixedColumns = []string{"_DTItemId", "LastUpdatedTimeUTC", "SearchKey", "WatchlistItem"}

// List is a watchlist with what its current version says.
type List struct {
	Alias       string // unique whatever the case
	Name        string
	Description string
	Owner       string
	Expires     time.Time // zero: never
	Version
}

// Expired reports whether the list is past its date.
func (l *List) Expired(now time.Time) bool { return !l.Expires.IsZero() && !now.Before(l.Expires) }

// Version is one state of a list's rows.
type Version struct {
	// ID is unique among the versions of all lists there ever were.
	ID      int64
	Number  int // from 1
	At      time.Time
	By      string
	Source  string // name of the file
	Restore int    // the version whose rows this one brought back; 0: none
	// SearchKey is the column that queries look up by.
	SearchKey string
	Columns   []string
	Rows      int
}

// Item is a row of a list.
type Item struct {
	// ID has the form of a GUID. It is the same as long as the row is.
	ID string `json:"id"`
	// Updated is when the row came into the list.
	Updated time.Time `json:"at"`
	// Values are in the order of the version's columns.
	Values []string `json:"v"`
}

// Import is a table on its way in. Of a list that is there already, fields that are nil
// or empty leave what stands there.
type Import struct {
	Alias       string
	SearchKey   string
	Name        string
	Description string
	Owner       string     // of a new list: By
	Expires     *time.Time // zero: never
	Source      string
	By          string
	Table       *Table
}

// aliasForm is Sentinel's: letters and digits, with blanks, hyphens and underscores
// inside.
var aliasForm = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9])?$`)

func (in *Import) check() error {
	if !aliasForm.MatchString(in.Alias) {
		return fmt.Errorf("%w: the alias %q is not made of 1 to 64 letters, digits, and . - _ or blanks inside", ErrInvalid, clip(in.Alias))
	}
	for _, f := range []struct {
		name string
		text *string
		most int
	}{
		{"name", &in.Name, maxNameLen},
		{"owner", &in.Owner, maxNameLen},
		{"source", &in.Source, maxNameLen},
		{"description", &in.Description, maxDescriptionLen},
	} {
		*f.text = strings.TrimSpace(*f.text)
		if err := checkText(f.name, *f.text, f.most); err != nil {
			return err
		}
	}
	if in.Table == nil || len(in.Table.Columns) == 0 {
		return fmt.Errorf("%w: it has no columns", ErrInvalid)
	}
	if !slices.Contains(in.Table.Columns, in.SearchKey) {
		return fmt.Errorf("%w: the search key %q is none of its columns, which are %s", ErrInvalid, clip(in.SearchKey), strings.Join(in.Table.Columns, ", "))
	}
	return nil
}

func checkText(field, s string, most int) error {
	switch {
	case len(s) > most:
		return fmt.Errorf("%w: the %s is longer than %d bytes", ErrInvalid, field, most)
	case !utf8.ValidString(s):
		return fmt.Errorf("%w: the %s is not UTF-8", ErrInvalid, field)
	case strings.ContainsFunc(s, unicode.IsControl):
		return fmt.Errorf("%w: the %s holds control characters", ErrInvalid, field)
	}
	return nil
}

func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// ParseExpiry reads the end of a list's life: a day (2026-05-31, its last), a moment with
// its zone (RFC 3339), or never. It is nil for nothing.
func ParseExpiry(s string) (*time.Time, error) {
	switch s {
	case "":
		return nil, nil
	case "never":
		return new(time.Time), nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		t = t.AddDate(0, 0, 1)
		return &t, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return nil, fmt.Errorf("%w: %q is neither a day such as 2026-05-31, a time such as 2026-05-31T08:00:00Z, nor never", ErrInvalid, clip(s))
	}
	t = t.UTC()
	return &t, nil
}
