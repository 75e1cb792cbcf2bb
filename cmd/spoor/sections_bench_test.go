package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"spoor/internal/account"
	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/store"
)

// overviewSections are the questions with which an address's page fills its first
// screen; tabSections those of the other tabs. They stand behind /api/entities/ip/ADDRESS.
var (
	overviewSections = []string{"", "/contacts", "/names", "/related/process", "/related/shown", "/related/neighbours", "/alerts"}
	tabSections      = []string{
		"/own", "/compare", "/devices?limit=200", "/peers?limit=200", "/timeline", "/timeline/facets", "/connections", "/connections/flow",
		"/beacons", "/dns", "/insights",
	}
)

// BenchmarkSections measures each section of an address's page as the web app asks for
// it, by HTTP, one after the other, and then the questions of the first screen all
// together: asked again, and asked anew after a commit that changes no event, so that
// nothing but the excerpts of the address is kept. Reported are medians, in milliseconds,
// and of what is asked anew the processor time, too.
func BenchmarkSections(b *testing.B) {
	svc := openBench(b, benchStore(b))
	defer func() {
		if err := svc.Close(); err != nil {
			b.Error(err)
		}
	}()
	token, _, err := svc.accounts.CreateToken(b.Context(), fmt.Sprint("bench ", time.Now()), account.Reader, time.Time{}, "bench")
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(svc.server.Handler())
	defer web.Close()
	get := func(path string) error {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, web.URL+path, nil)
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		answer, err := web.Client().Do(req)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(answer.Body)
		if answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s %.300s", path, answer.Status, body)
		}
		return errors.Join(err, answer.Body.Close())
	}
	scope := url.Values{"from": {benchEnd.AddDate(0, 0, -30).Format(time.RFC3339)}, "to": {benchEnd.Format(time.RFC3339)}}
	for _, address := range benchAddresses() {
		waitForRarity(b, svc, entitypage.Request{ID: entity.ID{Kind: entity.IP, Value: address}})
		path := func(section string) string {
			u, err := url.Parse("/api/entities/ip/" + address + section)
			if err != nil {
				b.Fatal(err)
			}
			q := u.Query()
			maps.Copy(q, scope)
			u.RawQuery = q.Encode()
			return u.String()
		}
		commit := func() {
			alias := []store.DeviceAlias{{From: device.ID("bench", "one"), To: device.ID("bench", "two")}}
			if err := svc.events.PutAliases(b.Context(), alias); err != nil {
				b.Fatal(err)
			}
		}
		both := func(name string, ask func() error) {
			b.Run(address+name, func(b *testing.B) {
				reportMedian(b, ask)
				reportAnew(b, commit, ask)
			})
		}
		for _, section := range append(slices.Clone(overviewSections), tabSections...) {
			both("/page"+section, func() error { return get(path(section)) })
		}
		both("/first-screen", func() error {
			if err := get(path("")); err != nil { // the others are asked for when it is there
				return err
			}
			answered := make(chan error)
			for _, section := range overviewSections[1:] {
				go func() { answered <- get(path(section)) }()
			}
			var err error
			for range overviewSections[1:] {
				err = errors.Join(err, <-answered)
			}
			return err
		})
	}
	for _, prefix := range []string{"203.0", "af-", "10.1.10.1", "zzzz"} {
		b.Run("search/"+prefix, func(b *testing.B) {
			reportMedian(b, func() error { return get("/api/search?q=" + prefix) })
		})
	}
}

// reportMedian asks once to warm up, and reports the median of the times after that.
func reportMedian(b *testing.B, ask func() error) {
	b.Helper()
	if err := ask(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	b.ReportMetric(milliseconds(median(took)), "ms-median")
}

// anew is how often a benchmark asks anew.
const anew = 3

// reportAnew reports the median of the times after something was committed.
func reportAnew(b *testing.B, commit func(), ask func() error) {
	b.Helper()
	var took, cpu []time.Duration
	for range anew {
		commit()
		began, before := time.Now(), cpuTime()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took, cpu = append(took, time.Since(began)), append(cpu, cpuTime()-before)
	}
	b.ReportMetric(milliseconds(median(took)), "ms-anew")
	b.ReportMetric(milliseconds(median(cpu)), "cpu-ms-anew")
}
