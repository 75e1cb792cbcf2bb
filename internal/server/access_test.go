package server

// The table of access is tested from inside, for outside there is no list of routes.

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"spoor/internal/account"
)

// want says who may use each route: a letter for each role (a admin, n analyst, r
// reader, i ingest), * for everybody without a sign-in.
var want = map[string]string{
	"GET /healthz":               "*",
	"/":                          "*",
	"POST /api/session":          "*",
	"GET /v1/rest/auth/metadata": "*",

	"GET /api/session":           "anri",
	"DELETE /api/session":        "anri",
	"POST /api/session/password": "anri",
	"GET /api/version":           "anri",
	"GET /api/openapi.json":      "anri",
	"/api/":                      "anri",
	"/v1/":                       "anri",
	"/v2/":                       "anri",

	"POST /api/query":                       "anr",
	"POST /api/kql/validate":                "anr",
	"POST /api/kql/explain":                 "anr",
	"POST /v1/rest/query":                   "anr",
	"GET /v1/rest/query":                    "anr",
	"POST /v2/rest/query":                   "anr",
	"GET /v2/rest/query":                    "anr",
	"POST /v1/rest/mgmt":                    "anr",
	"GET /api/entities/{kind}/{id}":         "anr",
	"GET /api/entities/{kind}/{id}/devices": "anr",
	"GET /api/entities/{kind}/{id}/peers":   "anr",
	"GET /api/entities/{kind}/{id}/alerts":  "anr",
	"GET /api/search":                       "anr",
	"GET /api/newcomers":                    "anr",
	"GET /api/recent":                       "anr",
	"POST /api/triage":                      "anr",
	"GET /api/raw/{rawId}":                  "anr",
	"GET /api/coverage":                     "anr",
	"GET /api/sources":                      "anr",
	"GET /api/sources/{id}":                 "anr",
	"GET /api/networks":                     "anr",
	"GET /api/watchlists":                   "anr",
	"GET /api/watchlists/{alias}":           "anr",
	"GET /api/watchlists/{alias}/items":     "anr",
	"GET /api/noise":                        "anr",
	"GET /api/transparency":                 "anr",
	"GET /api/functions":                    "anr",
	"GET /api/functions/{name}":             "anr",
	"GET /api/external":                     "anr",
	"GET /api/settings":                     "anr",
	"GET /metrics":                          "anr",

	"GET /api/entities/{kind}/{id}/contacts":         "anr",
	"GET /api/entities/{kind}/{id}/connections":      "anr",
	"GET /api/entities/{kind}/{id}/dns":              "anr",
	"GET /api/entities/{kind}/{id}/dns/cof":          "anr",
	"GET /api/entities/{kind}/{id}/insights":         "anr",
	"GET /api/entities/{kind}/{id}/names":            "anr",
	"GET /api/entities/{kind}/{id}/connections/flow": "anr",
	"GET /api/entities/{kind}/{id}/beacons":          "anr",
	"GET /api/entities/{kind}/{id}/beacons/detail":   "anr",
	"GET /api/entities/{kind}/{id}/own":              "anr",
	"GET /api/entities/{kind}/{id}/related/{by}":     "anr",
	"GET /api/entities/{kind}/{id}/compare":          "anr",
	"GET /api/entities/{kind}/{id}/compare/{part}":   "anr",
	"GET /api/devices/{id}/aftermath":                "anr",

	"GET /api/entities/{kind}/{id}/devices/export":   "anr",
	"GET /api/entities/{kind}/{id}/addresses":        "anr",
	"GET /api/entities/{kind}/{id}/addresses/export": "anr",
	"GET /api/entities/{kind}/{id}/peers/export":     "anr",
	"GET /api/entities/{kind}/{id}/timeline":         "anr",
	"GET /api/entities/{kind}/{id}/timeline/facets":  "anr",
	"GET /api/entities/{kind}/{id}/timeline/export":  "anr",
	"GET /api/events/{rawId}":                        "anr",

	"POST /api/dns/reverse": "an",

	"POST /api/ingest":          "ani",
	"POST /api/networks":        "an",
	"POST /api/networks/import": "an",
	"DELETE /api/networks/{id}": "an",

	"PUT /api/watchlists/{alias}":          "an",
	"POST /api/watchlists/{alias}/restore": "an",
	"DELETE /api/watchlists/{alias}":       "an",

	"GET /api/entities/{kind}/{id}/notes":  "anr",
	"GET /api/notes/{id}/history":          "anr",
	"GET /api/watches":                     "anr",
	"GET /api/notices":                     "anr",
	"GET /api/preferences":                 "anr",
	"GET /api/columnsets":                  "anr",
	"POST /api/entities/{kind}/{id}/notes": "an",
	"PUT /api/notes/{id}":                  "an",
	"DELETE /api/notes/{id}":               "an",
	"PUT /api/entities/{kind}/{id}/alias":  "an",
	"POST /api/watches":                    "an",
	"DELETE /api/watches/{id}":             "an",
	"POST /api/notices/read":               "anr",
	"PUT /api/preferences":                 "anr",
	"PUT /api/columnsets":                  "an",
	"DELETE /api/columnsets/{id}":          "an",
	"GET /api/entities/{kind}/{id}/audit":  "a",

	"POST /api/noise":          "an",
	"DELETE /api/noise/{slug}": "an",

	"POST /api/transparency":          "an",
	"DELETE /api/transparency/{name}": "an",

	"DELETE /api/sources/{id}":       "a",
	"GET /api/users":                 "a",
	"POST /api/users":                "a",
	"POST /api/users/{name}/reset":   "a",
	"POST /api/users/{name}/disable": "a",
	"POST /api/users/{name}/enable":  "a",
	"GET /api/tokens":                "a",
	"POST /api/tokens":               "a",
	"DELETE /api/tokens/{id}":        "a",
	"GET /api/audit":                 "a",
	"POST /api/external":             "a",
	"DELETE /api/external/{id}":      "a",
	"PUT /api/settings":              "a",
}

func TestTableOfAccess(t *testing.T) {
	letters := map[account.Role]string{account.Admin: "a", account.Analyst: "n", account.Reader: "r", account.Ingest: "i"}
	for pattern, a := range table {
		expected, ok := want[pattern]
		if !ok {
			t.Errorf("%s is not in this test", pattern)
			continue
		}
		if a.public() {
			if expected != "*" {
				t.Errorf("%s is open to everybody", pattern)
			}
			continue
		}
		var got strings.Builder
		for _, r := range account.Roles {
			if a.admits(account.Principal{Role: r}) == nil {
				got.WriteString(letters[r])
			}
		}
		if got.String() != expected {
			t.Errorf("%s is for %q, want %q", pattern, got.String(), expected)
		}
	}
	for pattern := range want {
		if _, ok := table[pattern]; !ok {
			t.Errorf("%s is gone", pattern)
		}
	}
}

// Every route that may change something says so and is audited; those that only look
// never need a CSRF token.
func TestTableMarksChanges(t *testing.T) {
	asking := map[string]bool{ // POST, but nothing is changed
		"POST /api/query": true, "POST /api/kql/validate": true, "POST /api/kql/explain": true, "POST /v1/rest/query": true, "POST /v2/rest/query": true, "POST /v1/rest/mgmt": true,
		"POST /api/triage": true,
	}
	for pattern, a := range table {
		method, _, found := strings.Cut(pattern, " ")
		unsafe := found && method != http.MethodGet
		if unsafe != a.changes && !asking[pattern] {
			t.Errorf("%s: changes is %v", pattern, a.changes)
		}
		if a.changes && a.action == "" {
			t.Errorf("%s changes something and is not audited", pattern)
		}
	}
}

// With a one-time password nothing is open but the way to another.
func TestTableFirstSignIn(t *testing.T) {
	open := map[string]bool{"GET /api/session": true, "DELETE /api/session": true, "POST /api/session/password": true, "GET /api/version": true}
	for pattern, a := range table {
		if a.public() {
			continue
		}
		got := a.admits(account.Principal{Role: account.Admin, MustChange: true}) == nil
		if got != open[pattern] {
			t.Errorf("%s is open with a one-time password: %v", pattern, got)
		}
	}
}

func TestUnlistedRouteCannotBeRegistered(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a route outside of the table was registered")
		}
	}()
	newRoutes().HandleFunc("GET /api/secret", func(http.ResponseWriter, *http.Request) {})
}

func TestHostsOfListenAddress(t *testing.T) {
	for listen, want := range map[string][]string{
		"0.0.0.0:80": {"x.example"}, "[::]:80": {"x.example"}, ":80": {"x.example"}, "192.0.2.1:80": {"192.0.2.1", "x.example"}, "Spoor.Example:80": {"spoor.example", "x.example"},
	} {
		cfg := Config{Listen: listen, AllowedHosts: []string{"X.example."}}
		if got := cfg.hosts(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", listen, got, want)
		}
	}
}

// What a route does not say itself is bounded all the same.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		access  access
		body    int64
		timeout time.Duration
	}{
		"usual":       {access{}, 64 << 10, 30 * time.Second},
		"its own":     {access{body: 5, timeout: time.Hour}, 5, time.Hour},
		"no time-out": {access{timeout: noTimeout}, 64 << 10, 0},
	} {
		body := strings.NewReader(strings.Repeat("x", 1<<20))
		began := time.Now()
		r, cancel := limit(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "/", body), c.access)
		deadline, bounded := r.Context().Deadline()
		if bounded != (c.timeout > 0) {
			t.Errorf("%s: bounded in time: %v", name, bounded)
		} else if left := deadline.Sub(began); bounded && (left < c.timeout || left > c.timeout+time.Minute) {
			t.Errorf("%s: %s of time", name, left)
		}
		if n, err := io.Copy(io.Discard, r.Body); err == nil || n != c.body {
			t.Errorf("%s: %d bytes were read (%v), want %d", name, n, err, c.body)
		}
		cancel()
	}
}
