package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entitypage"
	"spoor/internal/generate"
)

// TestInventedOrganisation takes a small invented organisation in and finds the numbers
// that were counted while it was invented.
func TestInventedOrganisation(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	end := time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC)
	summary, err := generate.Write(t.Context(), generate.Config{Devices: 20, Days: 4, Events: 12_000, Seed: 3, End: end, Gzip: true}, dir)
	if err != nil {
		t.Fatal(err)
	}
	p := openPack(t)
	if err := p.importNetworks(t.Context(), filepath.Join(dir, generate.NetworksFile)); err != nil {
		t.Fatal(err)
	}
	sum := p.ingest("default", []string{filepath.Join(dir, generate.LogsDir)})
	if sum.Read != summary.Records || sum.Quarantined != 0 {
		t.Errorf("read %d records of %d, %d quarantined", sum.Read, summary.Records, sum.Quarantined)
	}
	p.checkTruth("default", readTruth(t, filepath.Join(dir, generate.TruthFile)))

	doc := p.page("default", generate.ControlAddress)
	if doc.Identity == nil || doc.Identity.Own || doc.Identity.Class != "documentation" {
		t.Errorf("the control address is %+v", doc.Identity)
	}
	if doc.Devices.Total == 0 || doc.Headline.Text == "" {
		t.Errorf("nobody talked to the control address: %q", doc.Headline.Text)
	}
	// The story: three devices were in contact; the firewall of a fourth stopped it, and a
	// fifth, which sends no host logs, was refused.
	var contacted []string
	for _, d := range doc.Devices.Items {
		if d.DeviceName == "" {
			t.Errorf("nobody held %s", d.Address)
		}
		if d.Contacted {
			name, _, _ := strings.Cut(d.DeviceName, ".")
			contacted = append(contacted, name)
		}
	}
	slices.Sort(contacted)
	if diff := cmp.Diff([]string{"af-fs01", "af-n-ws0003", "af-n-ws0004"}, contacted); diff != "" {
		t.Errorf("devices in contact (-want +got):\n%s", diff)
	}
	if doc.Devices.Total != 5 {
		t.Errorf("%d devices, want 5", doc.Devices.Total)
	}
	// However often it shows it, the control server has one certificate.
	var names entitypage.Footprint
	p.get("/api/entities/ip/"+generate.ControlAddress+"/dns?from=2000-01-01T00:00:00Z&to=2030-01-01T00:00:00Z", &names)
	if c := names.Certificates; c.Total != 1 || c.Items[0].Records < 10 || !c.Items[0].SelfSigned {
		t.Errorf("certificates of the control address: %+v", c)
	}
}
