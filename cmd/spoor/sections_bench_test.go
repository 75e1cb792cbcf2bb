package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spoor/internal/account"
	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
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

// sectionBench asks for the sections of addresses' pages by HTTP, as the web app does.
type sectionBench struct {
	*testing.B
	svc   *service
	web   *httptest.Server
	token string
}

func openSections(b *testing.B, dataDir string) *sectionBench {
	b.Helper()
	svc := openBench(b, dataDir)
	token, _, err := svc.accounts.CreateToken(b.Context(), fmt.Sprint("bench ", time.Now()), account.Reader, time.Time{}, "bench")
	if err != nil {
		b.Fatal(err)
	}
	s := &sectionBench{b, svc, httptest.NewServer(svc.server.Handler()), token}
	b.Cleanup(func() {
		s.web.Close()
		if err := svc.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func (s *sectionBench) get(path string) error {
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, s.web.URL+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := s.web.Client().Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s %.300s", path, answer.Status, body)
	}
	return errors.Join(err, answer.Body.Close())
}

// request is what the sections of an address are asked of: the last thirty days.
func (*sectionBench) request(address string) entitypage.Request {
	return entitypage.Request{ID: entity.ID{Kind: entity.IP, Value: address}, From: benchEnd.AddDate(0, 0, -30), To: benchEnd}
}

// section asks for a section of an address's page.
func (s *sectionBench) section(address, section string) error {
	u, err := url.Parse("/api/entities/ip/" + address + section)
	if err != nil {
		return err
	}
	q, asked := u.Query(), s.request(address)
	q.Set("from", asked.From.Format(time.RFC3339))
	q.Set("to", asked.To.Format(time.RFC3339))
	u.RawQuery = q.Encode()
	return s.get(u.String())
}

// firstScreen asks for the document and, when it is there, for all other sections of the
// first screen together.
func (s *sectionBench) firstScreen(address string) error {
	if err := s.section(address, ""); err != nil {
		return err
	}
	answered := make(chan error)
	for _, section := range overviewSections[1:] {
		go func() { answered <- s.section(address, section) }()
	}
	var err error
	for range overviewSections[1:] {
		err = errors.Join(err, <-answered)
	}
	return err
}

// BenchmarkSections measures each section of an address's page as the web app asks for
// it, by HTTP, one after the other, and then the questions of the first screen all
// together: asked again, and asked anew after a commit that changes no event, so that
// nothing but the excerpts of the address is kept. Reported are medians, in milliseconds,
// and of what is asked anew the processor time, too.
func BenchmarkSections(b *testing.B) {
	s := openSections(b, benchStore(b))
	commit := func() {
		alias := []store.DeviceAlias{{From: device.ID("bench", "one"), To: device.ID("bench", "two")}}
		if err := s.svc.events.PutAliases(b.Context(), alias); err != nil {
			b.Fatal(err)
		}
	}
	for _, address := range benchAddresses() {
		waitForRarity(b, s.svc, s.request(address))
		both := func(name string, ask func() error) {
			b.Run(address+name, func(b *testing.B) {
				reportMedian(b, ask)
				reportAnew(b, commit, ask)
			})
		}
		for _, section := range append(slices.Clone(overviewSections), tabSections...) {
			both("/page"+section, func() error { return s.section(address, section) })
		}
		both("/first-screen", func() error { return s.firstScreen(address) })
	}
	for _, prefix := range []string{"203.0", "af-", "10.1.10.1", "zzzz"} {
		b.Run("search/"+prefix, func(b *testing.B) {
			reportMedian(b, func() error { return s.get("/api/search?q=" + prefix) })
		})
	}
}

// BenchmarkSectionsAfterEvents measures the first screen and the timeline of an address
// after each of a few small logs that name it was taken in, into a copy of the store.
func BenchmarkSectionsAfterEvents(b *testing.B) {
	dataDir := filepath.Join(b.TempDir(), "data")
	if err := os.CopyFS(dataDir, os.DirFS(benchStore(b))); err != nil {
		b.Fatal(err)
	}
	s := openSections(b, dataDir)
	taken := 0
	for _, address := range benchAddresses() {
		commit := func() {
			taken++
			at := float64(benchEnd.Add(-time.Hour).Unix())
			var log strings.Builder
			for i := range 20 {
				fmt.Fprintf(&log, `{"ts":%f,"uid":"C%d-%d","id.orig_h":"10.10.1.%d","id.orig_p":%d,"id.resp_h":%q,"id.resp_p":443,"proto":"tcp","conn_state":"SF","history":"ShADadFf","orig_bytes":100,"resp_bytes":200}`+"\n",
					at+float64(i), taken, i, 1+i, 40000+i, address)
			}
			err := receive.Stream(b.Context(), fmt.Sprintf("conn%d.log", taken), strings.NewReader(log.String()), receive.Config{TempDir: b.TempDir()}, receive.Visitor{
				Input: func(in *receive.Input) error {
					_, err := s.svc.pipeline.Run(b.Context(), in, ingest.Options{Site: "default"})
					return err
				},
				Problem: func(p *receive.Problem) { b.Errorf("%v", p) },
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		waitForRarity(b, s.svc, s.request(address))
		for name, ask := range map[string]func() error{
			"/first-screen": func() error { return s.firstScreen(address) },
			"/timeline":     func() error { return s.section(address, "/timeline") },
		} {
			b.Run(address+name, func(b *testing.B) {
				reportMedian(b, ask)
				reportAnew(b, commit, ask)
			})
		}
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
