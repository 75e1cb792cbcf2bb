package external

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"spoor/internal/entity"
	"spoor/internal/kql/bind"
)

// The limits that hold when a Fetcher names none.
const (
	DefaultMaxBytes = 64 << 20
	DefaultMaxRows  = 1_000_000
	DefaultTimeout  = time.Minute
)

// ErrFetch is what could not be fetched or read. It is wrapped; its text says why in words
// fit for the user.
var ErrFetch = errors.New("externaldata")

// Fetch is one look at the web, for the audit log.
type Fetch struct {
	URL   string
	At    time.Time
	Took  time.Duration
	Bytes int64
	Err   error
}

// Fetcher reads what an externaldata names. The zero value works; it is safe for
// concurrent use.
type Fetcher struct {
	// MaxBytes bounds one file, as it is sent and unpacked; MaxRows the rows of all files.
	MaxBytes int64
	MaxRows  int
	// Timeout bounds one file.
	Timeout time.Duration
	// Log is told of every request that goes out, after it ended; when it fails, so does
	// the fetch.
	Log func(ctx context.Context, f Fetch) error
	// Admit decides whether an address that a host's name led to may be connected to;
	// nil is Public.
	Admit func(netip.Addr) bool
	// TLS is for servers with certificates of their own; nil trusts the system's.
	TLS *tls.Config
}

// Fetch reads all files of a source, and gives their rows with values as store.Input
// has them.
func (f *Fetcher) Fetch(ctx context.Context, s *bind.ExternalSource) ([][]any, error) {
	d := decoder{source: s, maxRows: f.MaxRows}
	if d.maxRows == 0 {
		d.maxRows = DefaultMaxRows
	}
	for _, u := range s.URLs {
		files, err := f.file(ctx, u)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if err := d.file(file); err != nil {
				return nil, fmt.Errorf("%w: %s: %w", ErrFetch, u.Redacted(), err)
			}
		}
	}
	return d.rows, nil
}

// file gets one file and unpacks it.
func (f *Fetcher) file(ctx context.Context, u *url.URL) ([][]byte, error) {
	began := time.Now()
	body, err := f.get(ctx, u)
	if f.Log != nil {
		logged := f.Log(context.WithoutCancel(ctx), Fetch{u.Redacted(), began, time.Since(began), int64(len(body)), err})
		if logged != nil {
			return nil, errors.Join(logged, err)
		}
	}
	if err == nil {
		var files [][]byte
		if files, err = unpack(u.Path, body, f.maxBytes()); err == nil {
			return files, nil
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w: %s: %w", ErrFetch, u.Redacted(), err)
}

func (f *Fetcher) maxBytes() int64 {
	if f.MaxBytes == 0 {
		return DefaultMaxBytes
	}
	return f.MaxBytes
}

func (f *Fetcher) get(ctx context.Context, u *url.URL) (body []byte, err error) {
	timeout := f.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "spoor")
	resp, err := f.client().Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, fmt.Errorf("the server sends elsewhere (%s), and redirects are not followed", resp.Status)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answered %s", resp.Status)
	}
	return readAll(resp.Body, f.maxBytes())
}

// client makes connections of its own for each fetch: none is kept that was admitted
// for another.
func (f *Fetcher) client() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: f.control}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: f.TLS, TLSHandshakeTimeout: 10 * time.Second,
			DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// control looks at the very address that is about to be connected to, so that no answer
// of DNS can differ from the one that was checked.
func (f *Fetcher) control(_, address string, _ syscall.RawConn) error {
	admit := f.Admit
	if admit == nil {
		admit = Public
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !admit(to.Addr().Unmap()) {
		return fmt.Errorf("its name leads to %s, which is not on the public internet", to.Addr())
	}
	return nil
}

// embedding are IPv6 ranges in which IPv4 addresses hide.
var embedding = []netip.Prefix{
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

// Public reports whether an address belongs to the internet at large, and to no private,
// local or special range.
func Public(a netip.Addr) bool {
	for _, p := range embedding {
		if p.Contains(a) {
			return false
		}
	}
	return entity.ClassOf(a.WithZone("")) == entity.ClassPublic
}

// cause is an error of the client without the request's own text around it.
func cause(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}

func readAll(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > most {
		return nil, fmt.Errorf("it is larger than %d bytes", most)
	}
	return body, nil
}

// unpack gives the files in a body that is packed as its name says.
func unpack(name string, body []byte, most int64) ([][]byte, error) {
	switch name := strings.ToLower(name); {
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		file, err := readAll(z, most)
		return [][]byte{file}, err
	case strings.HasSuffix(name, ".zip"):
		return unzip(body, most)
	default:
		return [][]byte{body}, nil
	}
}

func unzip(body []byte, most int64) ([][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	var files [][]byte
	for _, member := range z.File {
		if member.FileInfo().IsDir() {
			continue
		}
		file, err := readMember(member, most)
		if err != nil {
			return nil, err
		}
		most -= int64(len(file))
		files = append(files, file)
	}
	return files, nil
}

func readMember(member *zip.File, most int64) ([]byte, error) {
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	file, err := readAll(r, most)
	return file, errors.Join(err, r.Close())
}
