package external_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/external"
	"spoor/internal/kql/bind"
	"spoor/internal/schema"
)

// serve answers each path with its body, and gives a fetcher that reaches the server.
func serve(t *testing.T, bodies map[string]string) (*external.Fetcher, func(path string) *url.URL) {
	t.Helper()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/a.csv", http.StatusFound)
			return
		}
		body, ok := bodies[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body)) // the client may have had enough
	}))
	t.Cleanup(srv.Close)
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())
	f := &external.Fetcher{Admit: netip.Addr.IsLoopback, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	return f, func(path string) *url.URL {
		u, err := url.Parse(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
}

// columns declares columns "name:type", read by name and in their order.
func columns(decls ...string) []bind.ExternalColumn {
	var out []bind.ExternalColumn
	for i, d := range decls {
		name, word, _ := strings.Cut(d, ":")
		typ, _ := schema.ParseType(word)
		out = append(out, bind.ExternalColumn{Name: name, Type: typ, Path: []string{name}, Ordinal: i})
	}
	return out
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s)) // a buffer takes all
	_ = z.Close()
	return b.String()
}

func zipped(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(names); i += 2 {
		w, err := z.Create(names[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(names[i+1])) // a buffer takes all
	}
	_ = z.Close()
	return b.String()
}

func TestFetch(t *testing.T) {
	typed := columns("b:bool", "i:int", "l:long", "r:real", "t:datetime", "s:timespan", "g:guid", "d:dynamic", "x:string")
	mapped := make([]bind.ExternalColumn, 4)
	mapped[0] = bind.ExternalColumn{Name: "Host", Type: schema.String, Path: []string{"host", "name"}}
	mapped[1] = bind.ExternalColumn{Name: "Level", Type: schema.Long, Ordinal: -1}
	kind := "fixed"
	mapped[2] = bind.ExternalColumn{Name: "Kind", Type: schema.String, Constant: &kind}
	mapped[3] = bind.ExternalColumn{Name: "Rest", Type: schema.Dynamic, Path: []string{}}
	day := int64(schema.TicksOf(time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)))
	for name, c := range map[string]struct {
		path, body string
		source     bind.ExternalSource
		want       [][]any
	}{
		"CSV with quotes, a short line and a long one": {
			"/a.csv", "\xef\xbb\xbfa,b\r\n\"x, \"\"y\"\"\",2\r\nz\r\n1,2,3\r\n",
			bind.ExternalSource{Format: "csv", SkipFirst: true, Columns: columns("a:string", "b:long")},
			[][]any{{`x, "y"`, int64(2)}, {"z", nil}, {"1", int64(2)}},
		},
		"tabs":       {"/a.tsv", "x\ty\n", bind.ExternalSource{Format: "tsv", Columns: columns("a:string", "b:string")}, [][]any{{"x", "y"}}},
		"bars":       {"/a", "x|y\n", bind.ExternalSource{Format: "psv", Columns: columns("a:string", "b:string")}, [][]any{{"x", "y"}}},
		"plain text": {"/a.txt", "# head\n\none, two\n", bind.ExternalSource{Format: "txt", SkipFirst: true, Columns: columns("a:string", "b:long")}, [][]any{{"one, two", nil}}},
		"raw":        {"/a", "one\ntwo\n", bind.ExternalSource{Format: "raw", Columns: columns("a:string")}, [][]any{{"one\ntwo\n"}}},
		"every type": {
			"/a.csv", "true,7,8,1.5,2024-05-01,1.00:00:00,74be27de-1e4e-49d9-b579-fe0b331d3642,{\"a\":1},x\nno,9999999999,x,x,x,x,x,word,\n",
			bind.ExternalSource{Format: "csv", Columns: typed},
			[][]any{
				{true, int64(7), int64(8), 1.5, day, int64(schema.TicksPerDay), "74be27de-1e4e-49d9-b579-fe0b331d3642", `{"a":1}`, "x"},
				{nil, nil, nil, nil, nil, nil, nil, `"word"`, ""},
			},
		},
		"JSON lines": {
			"/a.json", "{\"a\":\"x\",\"n\":5,\"d\":{\"z\":1,\"y\":2}}\n{\"a\":null,\"n\":\"6\",\"d\":\"w\"}\n",
			bind.ExternalSource{Format: "json", Columns: columns("a:string", "n:long", "d:dynamic")},
			[][]any{{"x", int64(5), `{"z":1,"y":2}`}, {"", int64(6), `"w"`}},
		},
		"a JSON array with a mapping": {
			"/a", `[{"host":{"name":"h"}},{"host":3}]`,
			bind.ExternalSource{Format: "multijson", Columns: mapped},
			[][]any{{"h", nil, "fixed", `{"host":{"name":"h"}}`}, {"", nil, "fixed", `{"host":3}`}},
		},
		"gzip": {"/a.csv.gz", gzipped("x\n"), bind.ExternalSource{Format: "csv", Columns: columns("a:string")}, [][]any{{"x"}}},
		"zip":  {"/a.zip", zipped(t, "1.csv", "x\n", "2.csv", "y\n"), bind.ExternalSource{Format: "csv", Columns: columns("a:string")}, [][]any{{"x"}, {"y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			f, at := serve(t, map[string]string{c.path: c.body})
			c.source.URLs = []*url.URL{at(c.path)}
			got, err := f.Fetch(t.Context(), &c.source)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFetchRefuses(t *testing.T) {
	f, at := serve(t, map[string]string{"/a.csv": "x\ny\n", "/big": strings.Repeat("x", 2000), "/bomb.gz": gzipped(strings.Repeat("x", 2000)), "/bad.json": "{\"a\":1}\n{"})
	f.MaxBytes, f.MaxRows = 1000, 1
	for name, c := range map[string]struct{ path, format, reason string }{
		"a redirect":           {"/away", "csv", "redirects are not followed"},
		"what is not there":    {"/none", "csv", "404"},
		"a large file":         {"/big", "csv", "larger than 1000 bytes"},
		"a file that grows":    {"/bomb.gz", "csv", "larger than 1000 bytes"},
		"too many rows":        {"/a.csv", "csv", "more than 1 rows"},
		"JSON that breaks off": {"/bad.json", "json", "line 2"},
	} {
		_, err := f.Fetch(t.Context(), &bind.ExternalSource{URLs: []*url.URL{at(c.path)}, Format: c.format, Columns: columns("a:string")})
		if !errors.Is(err, external.ErrFetch) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A name that leads to an address of this machine is not followed there, and the attempt
// is written down.
func TestFetchKeepsToThePublicInternet(t *testing.T) {
	f, at := serve(t, map[string]string{"/a.csv": "x\n"})
	f.Admit = nil
	var log []external.Fetch
	f.Log = func(_ context.Context, l external.Fetch) error { log = append(log, l); return nil }
	_, err := f.Fetch(t.Context(), &bind.ExternalSource{URLs: []*url.URL{at("/a.csv")}, Format: "csv", Columns: columns("a:string")})
	if err == nil || !strings.Contains(err.Error(), "not on the public internet") {
		t.Errorf("fetched from this machine: %v", err)
	}
	if len(log) != 1 || log[0].Err == nil || log[0].URL != at("/a.csv").String() {
		t.Errorf("log %+v", log)
	}
}

func TestFetchIsNotDoneInSecret(t *testing.T) {
	f, at := serve(t, map[string]string{"/a.csv": "x\n"})
	full := errors.New("the disk is full")
	f.Log = func(context.Context, external.Fetch) error { return full }
	if _, err := f.Fetch(t.Context(), &bind.ExternalSource{URLs: []*url.URL{at("/a.csv")}, Format: "csv", Columns: columns("a:string")}); !errors.Is(err, full) {
		t.Errorf("rows without an entry in the log: %v", err)
	}
}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true,
		"10.0.0.1": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "192.0.2.1": false,
		"::1": false, "fe80::1%eth0": false, "fd00::1": false, "ff02::1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false,
	} {
		if got := external.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %t", address, got)
		}
	}
}

func TestStore(t *testing.T) {
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := external.New(db)
	before, _ := s.Mark(t.Context())
	a, err := s.Allow(t.Context(), "https://Raw.Example.com/lists/", "feeds", "ann")
	if err != nil || a.Location != "https://raw.example.com/lists/" {
		t.Fatalf("%+v, %v", a, err)
	}
	if after, _ := s.Mark(t.Context()); after == before {
		t.Error("the mark stayed")
	}
	for _, bad := range []string{"http://a.example/", "https://", "a.example", "https://u@a.example/", "https://a.example/?q", "https://a.example/../b", "https://a.example/x%2fy"} {
		if _, err := s.Allow(t.Context(), bad, "", "ann"); !errors.Is(err, external.ErrInvalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if list, err := s.List(t.Context()); err != nil || len(list) != 1 || list[0].Reason != "feeds" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := s.Remove(t.Context(), a.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Remove(t.Context(), a.ID); !errors.Is(err, external.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}
