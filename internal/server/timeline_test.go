package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/server"
	"spoor/internal/timeline"
)

// timelines keeps what it was asked and exports some rows, then fails if it should.
type timelines struct {
	page   timeline.PageRequest
	facets timeline.Request
	tables []string
	rows   int
	fail   error
}

func (f *timelines) Page(_ context.Context, req timeline.PageRequest) (*timeline.Page, error) {
	f.page = req
	return &timeline.Page{Items: []timeline.Item{{RawID: "7"}}}, f.fail
}

func (f *timelines) Facets(_ context.Context, req timeline.Request) (*timeline.Facets, error) {
	f.facets = req
	return &timeline.Facets{Total: 3}, f.fail
}

func (f *timelines) Export(_ context.Context, req timeline.Request, write func([]any) error) error {
	f.facets = req
	row := make([]any, len(timeline.ExportColumns))
	row[len(row)-1] = "=7"
	for range f.rows {
		if err := write(row); err != nil {
			return err
		}
	}
	return f.fail
}

func (f *timelines) Event(_ context.Context, raw schema.RawID, _ string, tables []string) (*timeline.Event, error) {
	f.tables = tables
	if raw != 7 {
		return nil, nil
	}
	return &timeline.Event{RawID: "7"}, nil
}

func TestTimeline(t *testing.T) {
	p := &timelines{}
	f := newFixture(t, func(c *server.Config) { c.Timelines = p })
	var page timeline.Page
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline", "").into(t, 200, &page)
	id := entity.ID{Kind: entity.IP, Value: "192.0.2.1"}
	if diff := cmp.Diff(timeline.PageRequest{Request: timeline.Request{ID: id}, Limit: 100}, p.page); diff != "" || len(page.Items) != 1 {
		t.Errorf("by default: %s, %+v", diff, page)
	}
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline?roles=source&roles=nat&outcome=none&sourceKind=zeek.conn&table=T&device=WS1&device=&alerts=true&q=x&in=file&cursor=12.7&order=newer&limit=5&from=2024-01-02&to=2024-01-03", "").into(t, 200, &page)
	want := timeline.PageRequest{
		Request: timeline.Request{
			ID: id, From: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), To: time.Date(2024, 1, 3, 0, 0, 0, 0, time.UTC),
			Filter: timeline.Filter{
				Roles: entity.RoleSource | entity.RoleNAT, Outcomes: []string{"none"}, SourceKinds: []string{"zeek.conn"}, Tables: []string{"T"},
				Devices: []string{"ws1", ""}, AlertsOnly: true, Text: "x", In: timeline.InFile,
			},
		},
		After: &timeline.Cursor{Time: 12, Raw: 7}, Newer: true, Limit: 5,
	}
	if diff := cmp.Diff(want, p.page); diff != "" {
		t.Error(diff)
	}
	// A time is the place before or behind all of its own records.
	noon := schema.TicksOf(time.Date(2024, 1, 2, 12, 0, 0, 0, time.UTC))
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline?at=2024-01-02T12:00:00Z", "").into(t, 200, &page)
	if *p.page.After != (timeline.Cursor{Time: noon + 1}) {
		t.Errorf("older than a time: %v", p.page.After)
	}
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline?at=2024-01-02T12:00:00Z&order=newer", "").into(t, 200, &page)
	if *p.page.After != (timeline.Cursor{Time: noon, Raw: -1}) {
		t.Errorf("newer than a time: %v", p.page.After)
	}
	for _, query := range []string{"cursor=x", "at=x", "role=king", "roles=king", "outcome=x", "order=x", "limit=0", "limit=1001", "in=x"} {
		if a := f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline?"+query, ""); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, a.status)
		}
	}
	var facets timeline.Facets
	f.call(account.Reader, "GET", "/api/entities/ip/192.0.2.1/timeline/facets?q=x", "").into(t, 200, &facets)
	if p.facets.Text != "x" || facets.Total != 3 {
		t.Errorf("%+v, %+v", p.facets, facets)
	}
}

func TestEvent(t *testing.T) {
	p := &timelines{}
	f := newFixture(t, func(c *server.Config) { c.Timelines = p })
	var ev timeline.Event
	f.call(account.Reader, "GET", "/api/events/7", "").into(t, 200, &ev)
	if ev.RawID != "7" || !slices.IsSorted(p.tables) {
		t.Errorf("%+v of %v", ev, p.tables)
	}
	for path, status := range map[string]int{"/api/events/8": http.StatusNotFound, "/api/events/x": http.StatusBadRequest, "/api/events/-1": http.StatusBadRequest} {
		if a := f.call(account.Reader, "GET", path, ""); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
}

// An export is a file to be saved; one that fails is never taken for whole.
func TestExport(t *testing.T) {
	p := &timelines{rows: 3}
	f := newFixture(t, func(c *server.Config) { c.Timelines = p })
	const path = "/api/entities/ip/192.0.2.1/timeline/export?format="
	a := f.call(account.Reader, "GET", path+"csv&q=x", "")
	if a.status != 200 || strings.Count(a.body, "\r\n") != 4 || !strings.Contains(a.body, ",'=7\r\n") || p.facets.Text != "x" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if e := f.lastAudit(); e.Action != "entity.export" || e.Rows != 3 || e.Target != "ip 192.0.2.1" {
		t.Errorf("audit: %+v", e)
	}
	if h := a.header.Get("Content-Disposition"); h != `attachment; filename="exportEntityTimeline.csv"` {
		t.Errorf("it is named by %q", h)
	}
	if a := f.call(account.Reader, "GET", path+"jsonl", ""); strings.Count(a.body, "\n") != 3 {
		t.Errorf("%s", a.body)
	}
	if a := f.call(account.Reader, "GET", path+"parquet", ""); !strings.HasPrefix(a.body, "PAR1") || !strings.HasSuffix(a.body, "PAR1") {
		t.Errorf("no Parquet: %.20q", a.body)
	}
	p.rows = 0
	if a := f.call(account.Reader, "GET", path+"csv", ""); a.status != 200 || strings.Count(a.body, "\r\n") != 1 {
		t.Errorf("of nothing: %d %s", a.status, a.body)
	}
	if a := f.call(account.Reader, "GET", path+"xlsx", ""); a.status != http.StatusBadRequest {
		t.Errorf("an unknown format: %d", a.status)
	}
	p.fail = errors.New("the store is gone")
	if a := f.call(account.Reader, "GET", path+"csv", ""); a.status != http.StatusInternalServerError || strings.Contains(a.body, "gone") {
		t.Errorf("failing at once: %d %s", a.status, a.body)
	}
	p.rows = 100_000
	req := f.request("GET", path+"csv", "", "Authorization", "Bearer "+f.token(account.Reader))
	res, err := f.http.Client().Do(req)
	if err == nil {
		_, err = io.Copy(io.Discard, res.Body)
		err = errors.Join(err, res.Body.Close())
	}
	if err == nil {
		t.Error("an export that was broken off looks whole")
	}
}
