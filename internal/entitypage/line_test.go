package entitypage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/enrich"
	"spoor/internal/noise"
	"spoor/internal/schema"
)

// What line an address has is told by each list of its own, by those of AS numbers for the
// AS that a database names; in no list is an answer, too, and no list is none.
func TestLine(t *testing.T) {
	b := newBench(t)
	b.saw("9.1.2.3", "zeek.conn", "", "10.0.0.1", at(1, 1), at(1, 2), 1, destination, schema.OutcomeEstablished)
	b.commit()
	if got := b.build("9.1.2.3", time.Time{}, time.Time{}).Identity.Line; len(got.Said) != 0 || len(got.Asked) != 0 {
		t.Errorf("without lists: %+v", got)
	}

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "asn-ipv4.csv"), []byte("9.1.0.0,9.1.255.255,64500,Utopia Mobile\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	geo, err := enrich.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b.pages.Geo = geo
	cases, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cases.Close() })
	if b.pages.Noise, err = noise.Open(t.Context(), cases); err != nil {
		t.Fatal(err)
	}
	imported := time.Date(2024, 5, 2, 0, 0, 0, 0, time.UTC)
	b.pages.Noise.Now = func() time.Time { return imported }
	var lists []*noise.Content
	for file, text := range map[string]string{
		"amazon-aws.json":      `{"name":"AWS","type":"cidr","version":20240430,"list":["9.1.2.0/24"]}`,
		"vpn-ipv4.json":        `{"name":"VPN","type":"cidr","version":20240429,"list":["9.0.0.0/8"]}`,
		"shodan-scanning.json": `{"name":"Shodan","type":"cidr","version":20240429,"list":["9.1.2.3"]}`,
		"mobile-asns.txt":      "AS64500\n",
	} {
		c, err := noise.Read(strings.NewReader(text), file)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, c)
	}
	if err := b.pages.Noise.Import(t.Context(), lists, "test"); err != nil {
		t.Fatal(err)
	}

	day := func(d int) time.Time { return time.Date(2024, 4, d, 0, 0, 0, 0, time.UTC) }
	asked := []LineList{
		{List: "amazon-aws", Name: "AWS", Type: "hosting", Dated: day(30)},
		{List: "mobile-asns", Name: "mobile-asns", Type: "mobile", Dated: imported},
		{List: "vpn-ipv4", Name: "VPN", Type: "VPN", Dated: day(29)},
	}
	want := &Line{Asked: asked, Said: []LineAnswer{
		{Noise: Noise{List: "amazon-aws", Name: "AWS", Class: "cloud", Entry: "9.1.2.0/24", Dated: day(30)}, Type: "hosting"},
		{Noise: Noise{List: "vpn-ipv4", Name: "VPN", Class: "vpn", Weak: true, Entry: "9.0.0.0/8", Dated: day(29)}, Type: "VPN"},
		{Noise: Noise{List: "mobile-asns", Name: "mobile-asns", Class: "mobile", Entry: "AS64500", Dated: imported}, Type: "mobile", ASN: 64500, By: "Route Views and DB-IP ASN"},
	}}
	if diff := cmp.Diff(want, b.build("9.1.2.3", time.Time{}, time.Time{}).Identity.Line); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(&Line{Asked: asked, Said: []LineAnswer{}}, b.build("8.1.2.3", time.Time{}, time.Time{}).Identity.Line); diff != "" {
		t.Errorf("in no list, -want +got:\n%s", diff)
	}
}
