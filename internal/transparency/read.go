package transparency

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
)

// Bounds on one file.
const (
	MaxSize    = 64 << 20 // bytes of JSON
	MaxNames   = 200_000
	MaxIssuers = 20 // of one name
)

// Content is a file with its names.
type Content struct {
	File
	Found []Name // in the order of their names
}

// Read reads what crt.sh answers with output=json, packed with gzip or not: an array of
// objects, one for each certificate and precertificate, of which issuer_ca_id, issuer_name,
// common_name, name_value (names, one a line), not_before, not_after and serial_number are
// read. A file that is not whole, or has an entry without names or validity, is refused with
// the place; texts that are no names of hosts are counted and left out.
func Read(r io.Reader, file string) (*Content, error) {
	c := &Content{File: File{Name: filepath.Base(file)}}
	if !fileForm.MatchString(c.Name) {
		return nil, fmt.Errorf("%w: the name %.100q has characters other than letters, digits, dots, hyphens, underscores, %% and =", ErrInvalid, c.Name)
	}
	text, err := unpacked(r)
	if err == nil {
		err = c.read(text)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c, nil
}

var fileForm = regexp.MustCompile(`^[A-Za-z0-9%][A-Za-z0-9._%=-]{0,149}$`)

// unpacked reads a file whole. (A decoder that gets much white space in small portions looks
// at it again with each.)
func unpacked(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err == nil && bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		var packed *gzip.Reader
		if packed, err = gzip.NewReader(bytes.NewReader(text)); err == nil {
			text, err = io.ReadAll(io.LimitReader(packed, MaxSize+1))
		}
	}
	if err == nil && len(text) > MaxSize {
		err = fmt.Errorf("it is larger than %d MiB", MaxSize>>20)
	}
	return text, err
}

// entry is what is read of an element of the array.
type entry struct {
	ID        json.Number `json:"id"`
	IssuerID  json.Number `json:"issuer_ca_id"`
	Issuer    string      `json:"issuer_name"`
	Common    string      `json:"common_name"`
	Names     string      `json:"name_value"` // one a line
	NotBefore string      `json:"not_before"` // without a zone, in UTC
	NotAfter  string      `json:"not_after"`
	Serial    string      `json:"serial_number"`
}

func (c *Content) read(text []byte) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	first, err := dec.Token()
	if err != nil || first != json.Delim('[') {
		return notAnArray(text, first, err)
	}
	names := gathered{at: map[string]int{}, certificates: map[certificate]int32{}, shown: map[[2]int32]bool{}}
	for dec.More() {
		var e entry
		begin := dec.InputOffset()
		err := dec.Decode(&e)
		if err == nil {
			err = names.add(&e, c.Entries)
		}
		if err != nil {
			return fmt.Errorf("entry %d, which begins after byte %d: %w", c.Entries+1, begin, wholly(err))
		}
		c.Entries++
	}
	if _, err := dec.Token(); err != nil {
		return fmt.Errorf("after entry %d, byte %d: %w", c.Entries, dec.InputOffset(), wholly(err))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("byte %d: something follows the array", dec.InputOffset())
	}
	c.Certificates, c.Names, c.Skipped, c.Found = len(names.certificates), len(names.list), names.skipped, names.list
	slices.SortFunc(c.Found, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// notAnArray says what the file is instead of crt.sh's array.
func notAnArray(text []byte, first json.Token, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "'<'"):
		return errors.New("it begins with <, as a web page does; crt.sh gives JSON when the address ends in &output=json")
	case syntax != nil:
		begin := len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
		return fmt.Errorf("what begins at byte %d is no JSON: %w", begin+1, err)
	case err != nil:
		return wholly(err)
	default:
		return fmt.Errorf("it begins with %v, but crt.sh answers with an array of objects", first)
	}
}

// wholly says of an end where none may be that the file was cut off.
func wholly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the file ends in the middle of it: it was cut off")
	}
	return err
}

// certificate tells certificates apart. A precertificate has the issuer and the serial
// number of the certificate that follows it.
type certificate struct{ issuer, serial string }

// gathered is the names of a file while it is read.
type gathered struct {
	list         []Name
	at           map[string]int // in list
	certificates map[certificate]int32
	shown        map[[2]int32]bool // name and certificate
	skipped      int
}

func (g *gathered) add(e *entry, number int) error {
	notBefore, err := moment(e.NotBefore)
	if err != nil {
		return fmt.Errorf("not_before: %w", err)
	}
	notAfter, err := moment(e.NotAfter)
	if err != nil {
		return fmt.Errorf("not_after: %w", err)
	}
	if strings.TrimSpace(e.Names) == "" {
		return errors.New("it has no name_value")
	}
	key := certificate{e.IssuerID.String() + " " + e.Issuer, strings.ToLower(e.Serial)}
	if e.Serial == "" {
		key.serial = fmt.Sprint("id ", e.ID, " entry ", number)
	}
	of, known := g.certificates[key]
	if !known {
		of = int32(len(g.certificates))
		g.certificates[key] = of
	}
	for text := range strings.SplitSeq(e.Names+"\n"+e.Common, "\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		name := entity.CanonicalDomain(text)
		if name == "" || strings.Contains(strings.TrimPrefix(name, "*."), "*") {
			g.skipped++
			continue
		}
		if err := g.name(name, of, notBefore, notAfter, e.Issuer); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathered) name(name string, of int32, notBefore, notAfter time.Time, issuer string) error {
	at, ok := g.at[name]
	if !ok {
		if len(g.list) == MaxNames {
			return fmt.Errorf("the file has more than %d names", MaxNames)
		}
		at = len(g.list)
		g.at[name] = at
		g.list = append(g.list, Name{Name: name, NotBefore: notBefore, NotAfter: notAfter})
	}
	n := &g.list[at]
	if notBefore.Before(n.NotBefore) {
		n.NotBefore = notBefore
	}
	if notAfter.After(n.NotAfter) {
		n.NotAfter = notAfter
	}
	if pair := [2]int32{int32(at), of}; !g.shown[pair] {
		g.shown[pair] = true
		n.Certificates++
	}
	if issuer = clip(issuer, 300); issuer != "" && len(n.Issuers) < MaxIssuers && !slices.Contains(n.Issuers, issuer) {
		n.Issuers = append(n.Issuers, issuer)
	}
	return nil
}

// moment reads a time as crt.sh writes it, without a zone and with or without a fraction.
func moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, errors.New("it is missing")
	}
	at, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, "Z"))
	if err != nil {
		return time.Time{}, fmt.Errorf("%.60q is no time like 2024-05-31T08:30:00", s)
	}
	return at, nil
}

func clip(s string, size int) string {
	if len(s) <= size {
		return s
	}
	return strings.ToValidUTF8(s[:size], "") + "…"
}
