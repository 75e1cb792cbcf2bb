package bind

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
)

// Location is a place on the web that an administrator lets externaldata read:
// "https://host[:port]/path". A path that ends in a slash stands for all below it, any
// other for itself alone.
type Location string

// Allows reports whether the URL is at the location.
func (l Location) Allows(u *url.URL) bool {
	allowed, err := url.Parse(string(l))
	if err != nil || checkURL(u) != "" || !strings.EqualFold(u.Host, allowed.Host) {
		return false
	}
	if strings.HasSuffix(allowed.Path, "/") {
		return strings.HasPrefix(u.Path, allowed.Path)
	}
	return u.Path == allowed.Path
}

// ParseLocation reads a location as an administrator writes it, and puts it in its
// canonical form.
func ParseLocation(s string) (Location, error) {
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("%q is no URL", s)
	}
	if reason := checkURL(u); reason != "" {
		return "", fmt.Errorf("%q %s", s, reason)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("%q: a location has no query and no fragment", s)
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return Location("https://" + strings.ToLower(u.Host) + u.EscapedPath()), nil
}

// checkURL says why a URL is none that can be allowed, or nothing. Paths that servers
// read in different ways are none.
func checkURL(u *url.URL) string {
	switch p := u.Path; {
	case u.Scheme != "https":
		return "does not begin with https://"
	case u.User != nil:
		return "names a user"
	case u.Hostname() == "":
		return "names no host"
	case strings.Contains(p, `\`), strings.Contains(strings.ToLower(u.EscapedPath()), "%2f"):
		return "has a path with slashes in disguise"
	case p != "" && path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/":
		return "has a path with empty or dotted parts"
	default:
		return ""
	}
}

// ExternalSource stands for the rows of an externaldata.
type ExternalSource struct {
	// URLs are read one after the other; each was allowed when the query was bound.
	URLs []*url.URL
	// Format is csv, tsv, psv, scsv, sohsv, txt, raw, json or multijson.
	Format string
	// SkipFirst leaves out the first line of each file.
	SkipFirst bool
	Columns   []ExternalColumn
}

// ExternalColumn says where a column's values are in a record.
type ExternalColumn struct {
	Name string
	Type schema.Type
	// Path leads to the value in JSON, from the record; nil in other formats.
	Path []string
	// Ordinal is the field of a separated line, from 0.
	Ordinal int
	// Constant is every row's value, if it is not nil.
	Constant *string
}

func (s *ExternalSource) String() string { return "externaldata " + s.URLs[0].String() }

// externalData binds the table that externaldata declares. What is not allowed is right
// KQL all the same: it keeps the query from being run.
func (b *binder) externalData(x *syntax.ExternalData) Rel {
	s := &ExternalSource{}
	out := &Outside{Source: s}
	for i, c := range x.Columns {
		s.Columns = append(s.Columns, ExternalColumn{Name: c.Name.Text, Type: c.Type, Path: []string{c.Name.Text}, Ordinal: i})
		out.Cols = append(out.Cols, b.column(c.Name.Text, c.Type, true))
	}
	for _, uri := range x.URIs {
		b.externalURL(s, uri)
	}
	b.externalProperties(s, x)
	if len(b.refusals) > 0 {
		return &Values{Cols: out.Cols}
	}
	return out
}

func (b *binder) externalURL(s *ExternalSource, x syntax.Expr) {
	c, ok := b.expr(x).(*Const)
	if !ok || c.Type() != schema.String {
		b.fail(x.Span(), "SEM0036", "externaldata takes its addresses as constant texts")
	}
	u, err := url.Parse(strings.TrimSpace(c.Value.(string)))
	if err != nil {
		b.fail(x.Span(), "SEM0087", fmt.Sprintf("externaldata: %q is no URL", c.Value))
	}
	if reason := checkURL(u); reason != "" {
		b.refuse(x.Span(), fmt.Sprintf("externaldata may not read %s: it %s", u.Redacted(), reason))
		return
	}
	if !slices.ContainsFunc(b.env.library().locations, func(l Location) bool { return l.Allows(u) }) {
		b.refuse(x.Span(), fmt.Sprintf("externaldata may not read from %s: no administrator has allowed it. One does with: spoor external allow https://%s%s",
			u.Host, u.Host, u.EscapedPath()))
		return
	}
	u.Host = strings.ToLower(u.Host)
	s.URLs = append(s.URLs, u)
}

// refuse keeps the query from being run.
func (b *binder) refuse(span syntax.Span, message string) {
	b.refusals = append(b.refusals, b.locate(syntax.Diagnostic{Code: "SPR0002", Span: span, Message: message}))
}

// externalFormats are the formats that are read.
var externalFormats = []string{"csv", "tsv", "psv", "scsv", "sohsv", "txt", "raw", "json", "multijson"}

func (b *binder) externalProperties(s *ExternalSource, x *syntax.ExternalData) {
	s.Format = formatOf(s.URLs)
	for _, p := range x.Props {
		word := syntax.Params{p}.Word(p.Name.Text)
		switch strings.ToLower(p.Name.Text) {
		case "format":
			s.Format = strings.ToLower(word)
		case "ignorefirstrecord":
			s.SkipFirst = strings.EqualFold(word, "true")
		case "ingestionmapping":
			b.externalMapping(s, word, p.Value.Span())
		}
	}
	if !slices.Contains(externalFormats, s.Format) {
		b.refuse(x.Span(), fmt.Sprintf("externaldata: the format '%s' is not supported; there are %s", s.Format, strings.Join(externalFormats, ", ")))
	}
}

// formatOf is the format that the name of the first file says, csv when it says none.
func formatOf(urls []*url.URL) string {
	if len(urls) == 0 {
		return "csv"
	}
	name := strings.ToLower(urls[0].Path)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zip")
	if ext := strings.TrimPrefix(path.Ext(name), "."); slices.Contains(externalFormats, ext) {
		return ext
	}
	return "csv"
}

// mapping is one column of an ingestionMapping, in its present form and the older one.
type mapping struct {
	Column     string
	Path       string
	Ordinal    json.RawMessage
	Properties struct {
		Path          string
		Ordinal       json.RawMessage
		ConstValue    *string
		ConstantValue *string
	}
}

// externalMapping sets where the columns' values are. A column that the mapping leaves
// out is null.
func (b *binder) externalMapping(s *ExternalSource, text string, at syntax.Span) {
	var list []mapping
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		b.fail(at, "SEM0087", "externaldata: the ingestionMapping is not a JSON array of columns")
	}
	for i := range s.Columns {
		c := &s.Columns[i]
		n := slices.IndexFunc(list, func(m mapping) bool { return m.Column == c.Name })
		if n < 0 {
			c.Path, c.Ordinal = nil, -1
			continue
		}
		m := list[n]
		if p := orText(m.Properties.Path, m.Path); p != "" {
			c.Path = jsonPath(p)
		}
		if ordinal := strings.Trim(orText(string(m.Properties.Ordinal), string(m.Ordinal)), `"`); ordinal != "" {
			at, err := strconv.Atoi(ordinal)
			if err != nil || at < 0 {
				at = -1
			}
			c.Ordinal = at
		}
		if c.Constant = m.Properties.ConstantValue; c.Constant == nil {
			c.Constant = m.Properties.ConstValue
		}
	}
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// jsonPath takes a path such as $.a.b or $['a'].b apart.
func jsonPath(s string) []string {
	out := []string{}
	rest := strings.TrimPrefix(s, "$")
	for rest != "" {
		switch {
		case strings.HasPrefix(rest, "["):
			name, after, _ := strings.Cut(rest[1:], "]")
			out, rest = append(out, strings.Trim(name, `'"`)), after
		default:
			rest = strings.TrimPrefix(rest, ".")
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if end > 0 {
				out = append(out, rest[:end])
			}
			rest = rest[end:]
		}
	}
	return out
}
