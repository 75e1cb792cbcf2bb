package main

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"spoor/internal/entitypage"
	"spoor/internal/sharedtest"
)

// TestQuestions asks of the command and control server of four campaigns what an analyst
// asks next: who was in contact with it first, by which process, which file came down,
// what happened then; the answers are those that the pack's description tells.
func TestQuestions(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out by -short: takes in four campaigns")
	}
	shared := sharedtest.Dir(t)
	p := openPack(t)
	var files []string
	for _, campaign := range []string{"lsass01", "lsass02", "lsass03", "lsass04"} {
		files = append(files, filepath.Join(shared, "data", "mordor", "compound", campaign))
	}
	p.ingest("lab", files)
	p.checkLadder()
	p.checkAftermath()
	p.checkRoles(readTruth(t, filepath.Join(shared, "data", "truth.json"))["10.0.5.13"])
}

const allTime = "from=2000-01-01&to=2030-01-01"

// checkLadder compares the first contacts with those of the description.
func (p *pack) checkLadder() {
	p.t.Helper()
	var got entitypage.ContactList
	p.get("/api/entities/ip/10.0.5.13/contacts?"+allTime, &got)
	want := []struct {
		device, first   string
		fetched, called int64 // ports
	}{
		{"acct01.pandalab.com", "2023-08-16 00:34", 80, 4433},
		{"mkt01.pandalab.com", "2023-08-16 04:54", 80, 8080},
		{"prd01.pandalab.com", "2023-08-18 15:56", 80, 5678},
		{"it01.pandalab.com", "2023-08-27 22:04", 8080, 1234},
	}
	if got.Total != 4 || len(got.Items) != 4 || got.Tried != 0 {
		p.t.Fatalf("%d contacts, %d tried: %+v", got.Total, got.Tried, got.Items)
	}
	for i, w := range want {
		c := got.Items[i]
		if c.DeviceName != w.device || c.FirstContact.Format("2006-01-02 15:04") != w.first || !c.HostSensor {
			p.t.Errorf("contact %d is %s at %s (host sensor: %t), want %s at %s", i, c.DeviceName, c.FirstContact, c.HostSensor, w.device, w.first)
		}
		if len(c.Processes) < 2 {
			p.t.Fatalf("%s: processes %+v", w.device, c.Processes)
		}
		browser, called := c.Processes[0], c.Processes[1]
		if browser.Name != "msedge.exe" || !slices.Contains(browser.Ports, w.fetched) || browser.CommandLine == "" || browser.Account == "" {
			p.t.Errorf("%s: what fetched it is %+v, want msedge.exe on port %d", w.device, browser, w.fetched)
		}
		if !slices.Contains(called.Ports, w.called) || called.Parent == "" {
			p.t.Errorf("%s: what called back is %+v, want port %d", w.device, called, w.called)
		}
		if len(c.Files) == 0 || !strings.Contains(c.Files[0].Path, `\Downloads\`) || !strings.HasPrefix(c.Files[0].URL, "http://10.0.5.13") ||
			!strings.HasSuffix(c.Files[0].Name, ".exe") {
			p.t.Errorf("%s: the file that came down is %+v", w.device, c.Files)
		}
	}
}

// checkAftermath looks for what was run on ACCT01 in the quarter of an hour after its
// first contact: discovery, and procdump in the end.
func (p *pack) checkAftermath() {
	p.t.Helper()
	var got entitypage.Aftermath
	p.get("/api/devices/acct01.pandalab.com/aftermath?at=2023-08-16T00:34:24Z&minutes=15", &got)
	ran := map[string]bool{}
	for _, item := range got.Items {
		if item.Sort == "process" {
			ran[strings.ToLower(item.What)] = true
		}
	}
	for _, program := range []string{"systeminfo.exe", "whoami.exe", "tasklist.exe"} {
		if !ran[program] {
			p.t.Errorf("%s is not among what was run on ACCT01: %v", program, ran)
		}
	}
}

// checkRoles compares the page in one role with what the truth file counts in it.
func (p *pack) checkRoles(want map[string]truthCount) {
	p.t.Helper()
	for role, of := range map[string]func(truthCount) int64{
		"source":      func(c truthCount) int64 { return c.AsSource },
		"destination": func(c truthCount) int64 { return c.AsDestination },
	} {
		var doc entitypage.Document
		p.get("/api/entities/ip/10.0.5.13?"+allTime+"&"+url.Values{"role": {role}}.Encode(), &doc)
		got := map[string]int64{}
		for _, s := range doc.Sources {
			got[s.SourceKind] = s.Records
		}
		for kind, c := range want {
			if got[kind] != of(c) {
				p.t.Errorf("as %s: %d %s records, the truth has %d", role, got[kind], kind, of(c))
			}
		}
	}
}
