package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"spoor/internal/entity"
	"spoor/internal/ingest"
	"spoor/internal/ingest/receive"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/store"
	"spoor/internal/store/duckdb"
)

// bench is a pipeline on a real store in memory.
type bench struct {
	*testing.T
	db       *duckdb.DB
	pipeline *ingest.Pipeline
}

func newBench(t *testing.T, change ...func(*ingest.Config)) *bench {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Config{Functions: query.Functions(nil)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	cfg := ingest.Config{Store: db, Workers: 2}
	for _, f := range change {
		f(&cfg)
	}
	return &bench{T: t, db: db, pipeline: ingest.New(cfg)}
}

// take takes text in under a name and checks the books.
func (b *bench) take(name, text string, o ingest.Options) ingest.Report {
	b.Helper()
	var reports []ingest.Report
	err := receive.Stream(b.Context(), name, strings.NewReader(text), receive.Config{TempDir: b.TempDir()}, receive.Visitor{
		Input: func(in *receive.Input) error {
			r, err := b.pipeline.Run(b.Context(), in, o)
			reports = append(reports, r)
			return err
		},
		Problem: func(p *receive.Problem) { b.Errorf("problem: %v", p) },
	})
	if err != nil || len(reports) != 1 {
		b.Fatalf("%s: %d reports, %v", name, len(reports), err)
	}
	if r := reports[0]; r.Read != r.Stored+r.Unmapped+r.Quarantined+r.Known {
		b.Errorf("the books of %s do not balance: %+v", name, r)
	}
	return reports[0]
}

// rows runs SQL and gives the rows as text.
func (b *bench) rows(sql string) []string {
	b.Helper()
	rows, err := b.db.Query(b.Context(), sql, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line []string
		for _, v := range rows.Values() {
			line = append(line, fmt.Sprint(v))
		}
		out = append(out, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return out
}

// records is how often an address was seen, by source kind, at a site.
func (b *bench) records(site, ip string) map[string]int64 {
	b.Helper()
	sightings, err := b.db.Ledger(b.Context(), store.LedgerQuery{Kind: entity.IP, Entity: ip, Site: site})
	if err != nil {
		b.Fatal(err)
	}
	out := map[string]int64{}
	for _, s := range sightings {
		out[s.SourceKind] += s.Records
	}
	return out
}

// conn is a line of Zeek's conn log: 10.1.1.1 speaks to 203.0.113.1 in the n-th second of
// 2024-05-01.
func conn(n int) string {
	return fmt.Sprintf(`{"_path":"conn","ts":%d.5,"uid":"C%d","id.orig_h":"10.1.1.1","id.orig_p":5%04d,"id.resp_h":"203.0.113.1","id.resp_p":443,"proto":"tcp","conn_state":"SF","history":"ShADadFf","orig_bytes":100,"resp_bytes":200}`+"\n",
		1714521600+n, n, n)
}

// sysmon is a Sysmon event as NXLog writes it.
func sysmon(id int, host, at string, fields map[string]any) string {
	event := map[string]any{
		"EventID": id, "Channel": "Microsoft-Windows-Sysmon/Operational", "SourceName": "Microsoft-Windows-Sysmon",
		"Hostname": host, "@timestamp": at,
	}
	maps.Copy(event, fields)
	line, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

func TestEveryRecordIsAccountedFor(t *testing.T) {
	registry := prometheus.NewRegistry()
	b := newBench(t, func(c *ingest.Config) { c.Metrics = registry })
	text := conn(1) +
		"{\"_path\":\"conn\",\"ts\":17145\n" + // broken off
		`{"_path":"ntp","ts":1714521700.0,"id.orig_h":"10.1.1.1","id.resp_h":"203.0.113.123"}` + "\n" +
		conn(2)
	r := b.take("conn.log", text, ingest.Options{})
	want := ingest.Report{
		Name: "conn.log", Site: "default", Format: "json", SourceID: r.SourceID, Bytes: int64(len(text)),
		Read: 4, Stored: 2, Unmapped: 1, Quarantined: 1,
		Tables:        map[string]int64{"DeviceNetworkEvents": 2, "SpoorRaw": 1, "SpoorQuarantine": 1},
		UnmappedTypes: map[string]int64{"zeek.ntp": 1},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	b.take("conn.log", text, ingest.Options{})
	const counted = `
# HELP spoor_ingest_records_total Records read, by what became of them.
# TYPE spoor_ingest_records_total counter
spoor_ingest_records_total{result="known"} 4
spoor_ingest_records_total{result="quarantined"} 1
spoor_ingest_records_total{result="stored"} 2
spoor_ingest_records_total{result="unmapped"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(counted), "spoor_ingest_records_total"); err != nil {
		t.Error(err)
	}
	first := len(conn(1))
	got := b.rows(`SELECT "Ordinal", "ByteOffset", "RawData", "_RawId" FROM event."SpoorQuarantine"`)
	id := schema.NewRawID(r.SourceID, 1)
	if diff := cmp.Diff([]string{fmt.Sprintf(`1 %d {"_path":"conn","ts":17145 %d`, first, id)}, got); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
	raw, err := b.db.Raw(t.Context(), id)
	if err != nil || string(raw) != `{"_path":"conn","ts":17145` {
		t.Errorf("raw record of the quarantined line: %q, %v", raw, err)
	}
	if diff := cmp.Diff(map[string]int64{"zeek.conn": 2, "zeek.ntp": 1}, b.records("default", "10.1.1.1")); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

// A source is its content: the same again adds nothing, under any name; a grown one
// goes on; a rewritten one starts anew; another site has its own.
func TestIdentityIsTheContent(t *testing.T) {
	b := newBench(t)
	lines := make([]string, 200)
	for i := range lines {
		lines[i] = conn(i)
	}
	part, whole := strings.Join(lines[:120], ""), strings.Join(lines, "")
	for _, step := range []struct {
		name, site, text   string
		known, read, total int64
	}{
		{"conn.log", "", part, 0, 120, 120},
		{"conn.log", "", part, 120, 120, 120},
		{"conn.1.log", "", part, 120, 120, 120},
		{"conn.log", "", whole, 120, 200, 200},
		{"conn.log", "", whole, 200, 200, 200},
		{"conn.log", "branch", whole, 0, 200, 200},
		{"conn.log", "", strings.Join(lines[50:60], ""), 0, 10, 210},
	} {
		r := b.take(step.name, step.text, ingest.Options{Site: step.site})
		if r.Known != step.known || r.Read != step.read {
			t.Errorf("%+v: known %d, read %d", step.name, r.Known, r.Read)
		}
		site := step.site
		if site == "" {
			site = ingest.DefaultSite
		}
		if got := b.records(site, "203.0.113.1")["zeek.conn"]; got != step.total {
			t.Errorf("%s with %d bytes: the ledger has %d records, want %d", step.name, len(step.text), got, step.total)
		}
	}
}

// A key goes with one content: the same again is known, other content is refused.
func TestKeyGoesWithOneContent(t *testing.T) {
	b := newBench(t)
	one, two := conn(1), conn(2)
	b.take("a", one, ingest.Options{Key: "k"})
	if r := b.take("a", one, ingest.Options{Key: "k"}); r.Known != 1 {
		t.Errorf("the same again: %+v", r)
	}
	err := receive.Stream(t.Context(), "a", strings.NewReader(two), receive.Config{TempDir: t.TempDir()}, receive.Visitor{
		Input: func(in *receive.Input) error {
			_, err := b.pipeline.Run(t.Context(), in, ingest.Options{Key: "k"})
			return err
		},
		Problem: func(*receive.Problem) {},
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("other content under the same key: %v", err)
	}
	if got := b.records("default", "203.0.113.1")["zeek.conn"]; got != 1 {
		t.Errorf("%d records", got)
	}
}

// The last line of a file that is being written is left until it is whole, unless it is;
// what came packed is finished.
func TestUnfinishedLastLine(t *testing.T) {
	b := newBench(t)
	third := conn(3)
	text := conn(1) + conn(2)
	r := b.take("conn.log", text+third[:20], ingest.Options{})
	if r.Read != 2 || r.Stored != 2 || r.Bytes != int64(len(text)) || !strings.Contains(r.Problem, "20 bytes") {
		t.Errorf("in the middle of a line: %+v", r)
	}
	r = b.take("conn.log", text+third[:30], ingest.Options{})
	if r.Read != 2 || r.Known != 2 || !strings.Contains(r.Problem, "30 bytes") {
		t.Errorf("a little later: %+v", r)
	}
	r = b.take("conn.log", text+strings.TrimSuffix(third, "\n"), ingest.Options{})
	if r.Read != 3 || r.Stored != 1 || r.Problem != "" {
		t.Errorf("whole, but for the line end: %+v", r)
	}
	r = b.take("conn.log", text+third+conn(4), ingest.Options{})
	if r.Read != 4 || r.Stored != 1 || r.Quarantined != 0 {
		t.Errorf("another line: %+v", r)
	}
	r = b.take("stub.log", conn(5)[:20], ingest.Options{Site: "branch"})
	if r.Read != 0 || r.Problem == "" {
		t.Errorf("nothing but the start of a line: %+v", r)
	}
	if r = b.take("stub.log", conn(5), ingest.Options{Site: "branch"}); r.Stored != 1 || r.Known != 0 {
		t.Errorf("the line in full: %+v", r)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(conn(6) + conn(7)[:20])); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r = b.take("conn.log.gz", packed.String(), ingest.Options{}); r.Stored != 1 || r.Quarantined != 1 {
		t.Errorf("packed: %+v", r)
	}
}

// A short source that grows beyond the bytes its head covers is still known.
func TestShortSourceGrows(t *testing.T) {
	b := newBench(t)
	one := conn(1)
	b.take("a", one, ingest.Options{})
	r := b.take("a", one+strings.Repeat(conn(2), 50), ingest.Options{})
	if r.Known != 1 || r.Read != 51 {
		t.Errorf("known %d of %d", r.Known, r.Read)
	}
	if r := b.take("a", one+strings.Repeat(conn(2), 50), ingest.Options{}); r.Known != 51 {
		t.Errorf("the grown source again: known %d of %d", r.Known, r.Read)
	}
}

// An older state of a known source adds nothing, wherever it ends: at a record, in one,
// at a power of two, within the first bytes.
func TestOlderStateIsKnown(t *testing.T) {
	var text strings.Builder
	for i := range 3000 {
		text.WriteString(conn(i))
		if i%7 == 0 {
			text.WriteString("\r\n \n")
		}
		if i%1000 == 999 {
			text.WriteString("{broken\n")
		}
	}
	whole := text.String()
	b := newBench(t, func(c *ingest.Config) { c.BatchRecords = 500 })
	b.take("conn.log", whole[:len(whole)/3], ingest.Options{})
	first := b.take("conn.log", whole, ingest.Options{})
	stored := b.records("default", "203.0.113.1")["zeek.conn"]
	for _, size := range []int{1, 2, 40, 64, len(conn(0)), 300, 1000, 4095, 4096, 4097, 65536, 100_000, len(whole) / 3, len(whole) / 2, len(whole) - 1} {
		r := b.take("conn.1.log", whole[:size], ingest.Options{})
		if r.Read != r.Known || r.SourceID != first.SourceID || r.Bytes != int64(size) {
			t.Errorf("the first %d bytes: %+v", size, r)
		}
	}
	if r := b.take("conn.1.log", conn(0), ingest.Options{}); r.Known != 1 || r.Read != 1 {
		t.Errorf("the first record: %+v", r)
	}
	if got := b.records("default", "203.0.113.1")["zeek.conn"]; got != stored {
		t.Errorf("%d records, want %d", got, stored)
	}
	// What differs anywhere is new, and so is the same at another site.
	for _, at := range []int{10, 5000, 99_000} {
		other := whole[:at] + "x" + whole[at+1:100_000]
		if r := b.take("conn.2.log", other, ingest.Options{}); r.Known != 0 || r.SourceID == first.SourceID {
			t.Errorf("another byte %d: %+v", at, r)
		}
	}
	if r := b.take("conn.log", whole[:1000], ingest.Options{Site: "branch"}); r.Known != 0 {
		t.Errorf("at another site: %+v", r)
	}
	if r := b.take("conn.log", conn(0), ingest.Options{Site: "third"}); r.Known != 0 {
		t.Errorf("at another site: %+v", r)
	}
}

// A source that was removed is no longer known, nor is what began like it.
func TestRemovedIsNotKnown(t *testing.T) {
	b := newBench(t)
	whole := b.take("conn.log", conn(1)+conn(2), ingest.Options{})
	if err := b.db.RemoveSource(t.Context(), whole.SourceID); err != nil {
		t.Fatal(err)
	}
	if r := b.take("conn.log", conn(1), ingest.Options{}); r.Known != 0 || r.Stored != 1 {
		t.Errorf("after the removal: %+v", r)
	}
}

// Header lines, brackets and records beyond all limits do not keep an older state from
// being known.
func TestOlderStateInOtherFormats(t *testing.T) {
	tsv := "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.resp_h\n#types\ttime\tstring\taddr\taddr\n" +
		strings.Repeat("1714521600.5\tC1\t10.1.1.1\t203.0.113.1\n", 300) + "#close\t2024-05-01-00-00-00\n"
	array := "[\n  " + strings.TrimSuffix(strings.Repeat(strings.TrimSuffix(conn(1), "\n")+",\n  ", 200), ",\n  ") + "\n]\n"
	utf16 := "\xff\xfe" + strings.Join(strings.Split("a line of text\nanother\n", ""), "\x00") + "\x00"
	for name, text := range map[string]string{"tsv": tsv, "array": array, "utf16": utf16} {
		b := newBench(t)
		first := b.take(name, text, ingest.Options{})
		for _, size := range []int{2 * len(text) / 3 / 2 * 2, len(text) - 2} {
			if r := b.take(name, text[:size], ingest.Options{}); r.SourceID != first.SourceID || r.Read != r.Known {
				t.Errorf("%s, the first %d of %d bytes: %+v", name, size, len(text), r)
			}
		}
	}
}

// Exact duplicates in one source are separate events.
func TestDuplicateLinesAreEvents(t *testing.T) {
	b := newBench(t)
	b.take("conn.log", strings.Repeat(conn(1), 3), ingest.Options{})
	if got := b.records("default", "203.0.113.1")["zeek.conn"]; got != 3 {
		t.Errorf("%d records, want 3", got)
	}
}

func TestBatchesFollowOneAnother(t *testing.T) {
	b := newBench(t, func(c *ingest.Config) { c.BatchRecords = 1 })
	var text strings.Builder
	for i := range 5000 {
		text.WriteString(conn(i))
	}
	var steps int
	last := int64(-1)
	r := b.take("conn.log", text.String(), ingest.Options{Progress: func(r ingest.Report) {
		if r.Read <= last {
			t.Errorf("progress went from %d to %d", last, r.Read)
		}
		last = r.Read
		steps++
	}})
	if r.Stored != 5000 || steps < 2 {
		t.Errorf("%d stored in %d steps", r.Stored, steps)
	}
	if got := b.rows(`SELECT count(*), count(DISTINCT "_RawId") FROM event."DeviceNetworkEvents"`); got[0] != "5000 5000" {
		t.Errorf("rows and raw ids: %s", got)
	}
}

func TestClockOffset(t *testing.T) {
	process := func(n int, at, utc string) string {
		return sysmon(1, "WS1.corp.example", at, map[string]any{"UtcTime": utc, "ProcessId": n, "Image": `C:\a.exe`})
	}
	// The exporter printed local time, five hours early, with a Z; the clock of event 3
	// is days off and says nothing.
	text := process(1, "2024-05-01T03:00:00.500Z", "2024-05-01 08:00:00.100") +
		process(2, "2024-05-01T03:00:01.000Z", "2024-05-01 08:00:01.000") +
		process(3, "2024-05-01T03:00:02.000Z", "2024-05-01 03:00:02.000") +
		sysmon(3, "WS1.corp.example", "2024-05-01T03:10:00.000Z", map[string]any{
			"UtcTime": "2024-04-21 01:00:00.000", "Protocol": "tcp", "Initiated": "true",
			"SourceIp": "10.1.1.1", "SourcePort": "50000", "DestinationIp": "203.0.113.1", "DestinationPort": "443",
		})
	b := newBench(t)
	r := b.take("ws1.json", text, ingest.Options{})
	if r.ClockOffset != 5*schema.TicksPerHour {
		t.Errorf("offset %v, want 5 hours", time.Duration(r.ClockOffset)*100)
	}
	want := schema.TicksOf(time.Date(2024, 5, 1, 8, 10, 0, 0, time.UTC))
	if got := b.rows(`SELECT "Timestamp" FROM event."DeviceNetworkEvents"`); got[0] != fmt.Sprint(int64(want)) {
		t.Errorf("event time %s, want %d", got[0], want)
	}
	// The user knows better.
	none := schema.Ticks(0)
	if r := newBench(t).take("ws1.json", text, ingest.Options{ClockOffset: &none}); r.ClockOffset != 0 {
		t.Errorf("a forbidden offset was applied: %v", r.ClockOffset)
	}
}

// A short name is the device of the one qualified name of the same source, and a
// device of its own elsewhere.
func TestShortNames(t *testing.T) {
	b := newBench(t)
	event := func(host string) string {
		return sysmon(5, host, "2024-05-01T03:00:00.000Z", map[string]any{"UtcTime": "2024-05-01 03:00:00.000", "ProcessId": 5, "Image": `C:\a.exe`})
	}
	b.take("both", event("WS1")+event("WS1.corp.example"), ingest.Options{})
	b.take("alone", event("WS1")+event("WS1"), ingest.Options{})
	got := b.rows(`SELECT count(DISTINCT "DeviceId"), count(DISTINCT "DeviceName") FROM event."DeviceInfo" WHERE "_SourceName" = 'both'`)
	if got[0] != "1 2" && got[0] != "1 1" {
		t.Errorf("devices and names of the source with both: %s", got)
	}
	got = b.rows(`SELECT count(DISTINCT "DeviceId") FROM event."DeviceInfo"`)
	if got[0] != "2" {
		t.Errorf("%s devices in all, want 2", got[0])
	}
}

// A source that grew is one device where one that came at once would be, and two where
// that would be two; sources beside it keep their own.
func TestNamesOfGrownSource(t *testing.T) {
	n := 0
	event := func(host string) string {
		n++
		return sysmon(3, host, fmt.Sprintf("2024-05-01T03:00:%02d.000Z", n), map[string]any{
			"Protocol": "tcp", "Initiated": "true", "SourceIp": "10.1.1.1", "SourcePort": "50000",
			"DestinationIp": "203.0.113.1", "DestinationPort": "443",
		})
	}
	alone, short, long, again, other := event("WS1"), event("WS1"), event("WS1.corp.example"), event("WS1"), event("WS1.lab.example")
	devices := func(b *bench) []string {
		out := b.rows(`SELECT "DeviceName", "DeviceId" FROM event."DeviceNetworkEvents" WHERE "_SourceName" = 'grown' ORDER BY "_RawId"`)
		return append(out, b.rows(`SELECT DISTINCT "DeviceName", "DeviceId" FROM event."DeviceInfo" WHERE "_SourceName" = 'grown' ORDER BY ALL`)...)
	}
	ledger := func(b *bench) []string {
		return append(b.rows(`SELECT "DeviceName", "_DeviceId", sum("Records") FROM event."SpoorSightings" GROUP BY ALL ORDER BY ALL`),
			b.rows(`SELECT "DeviceName", "DeviceId", sum("Records") FROM event."SpoorAddressHolders" GROUP BY ALL ORDER BY ALL`)...)
	}
	grown, whole := newBench(t), newBench(t)
	for _, b := range []*bench{grown, whole} {
		b.take("alone", alone, ingest.Options{})
	}
	lonely := ledger(grown)
	for step, c := range []struct {
		text   string
		active int64
	}{
		{short, 1},                        // the name of the source beside it
		{short + long, 2},                 // joined with the long one, no longer with that source
		{short + long + again, 2},         // the new part has the short name alone
		{short + long + again + other, 3}, // whose device it is can no longer be said
	} {
		grown.take("grown", c.text, ingest.Options{})
		r := whole.take("grown", c.text, ingest.Options{})
		if diff := cmp.Diff(devices(whole), devices(grown)); diff != "" {
			t.Errorf("step %d (-at once +grown):\n%s", step, diff)
		}
		if diff := cmp.Diff(ledger(whole), ledger(grown)); diff != "" {
			t.Errorf("step %d, ledger and holders (-at once +grown):\n%s", step, diff)
		}
		n, err := grown.db.ActiveDevices(t.Context(), "", 0, 0)
		if err != nil || n != c.active {
			t.Errorf("step %d: %d devices, %v, want %d", step, n, err, c.active)
		}
		if err := whole.db.RemoveSource(t.Context(), r.SourceID); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := grown.db.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := grown.db.RemoveSource(t.Context(), sources[1].ID); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lonely, ledger(grown)); diff != "" {
		t.Errorf("after the removal (-want +got):\n%s", diff)
	}
}

// What a process does carries its creation's command line, in one source and across
// sources; the zero GUID joins nothing; a process id joins only the same image.
func TestProcessContext(t *testing.T) {
	const guid, zero = "{11111111-2222-3333-4444-555555555555}", "{00000000-0000-0000-0000-000000000000}"
	create := func(guid string, pid int, image, line, at string) string {
		return sysmon(1, "ws1.corp.example", at, map[string]any{
			"UtcTime":     strings.Replace(strings.TrimSuffix(at, "Z"), "T", " ", 1),
			"ProcessGuid": guid, "ProcessId": pid, "Image": image, "CommandLine": line, "User": `CORP\alice`,
		})
	}
	connect := func(guid string, pid int, image, at string) string {
		return sysmon(3, "ws1.corp.example", at, map[string]any{
			"ProcessGuid": guid, "ProcessId": pid, "Image": image, "Protocol": "tcp", "Initiated": "true",
			"SourceIp": "10.1.1.1", "SourcePort": "50000", "DestinationIp": "203.0.113.1", "DestinationPort": "443",
		})
	}
	commandLines := func(b *bench) []string {
		return b.rows(`SELECT "InitiatingProcessCommandLine" FROM event."DeviceNetworkEvents" ORDER BY "_RawId"`)
	}
	created := create(guid, 40, `C:\bin\curl.exe`, "curl -s evil", "2024-05-01T03:00:00.000Z") +
		create(zero, 41, `C:\bin\nc.exe`, "nc -l", "2024-05-01T03:00:01.000Z")
	used := connect(guid, 40, `C:\bin\curl.exe`, "2024-05-01T03:01:00.000Z") +
		connect(zero, 99, `C:\bin\nc.exe`, "2024-05-01T03:01:01.000Z") + // unknown process id, zero GUID
		connect(zero, 41, `C:\bin\NC.EXE`, "2024-05-01T03:01:02.000Z") + // same id and image
		connect(zero, 41, `C:\bin\other.exe`, "2024-05-01T03:01:03.000Z") + // the id was used again
		connect(zero, 41, `C:\bin\nc.exe`, "2024-05-01T02:00:00.000Z") // before the creation
	want := []string{"curl -s evil", "", "nc -l", "", ""}

	b := newBench(t)
	r := b.take("one", created+used, ingest.Options{})
	if diff := cmp.Diff(want, commandLines(b)); diff != "" {
		t.Errorf("in one source (-want +got):\n%s", diff)
	}
	if r.Unresolved != 3 {
		t.Errorf("%d unresolved, want 3", r.Unresolved)
	}
	b = newBench(t)
	b.take("first", created, ingest.Options{})
	b.take("second", used, ingest.Options{})
	if diff := cmp.Diff(want, commandLines(b)); diff != "" {
		t.Errorf("across sources (-want +got):\n%s", diff)
	}
	// After a restart the creations are found in the store.
	b = newBench(t)
	b.take("first", created, ingest.Options{})
	b.pipeline = ingest.New(ingest.Config{Store: b.db, KQL: b.kql})
	b.take("second", used, ingest.Options{})
	if diff := cmp.Diff(want, commandLines(b)); diff != "" {
		t.Errorf("across a restart (-want +got):\n%s", diff)
	}
}

// kql runs a query on the store.
func (b *bench) kql(ctx context.Context, text string, yield func([]any)) (err error) {
	res, err := query.New(query.Config{Engine: b.db}).Run(ctx, query.Request{Text: text})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for res.Next() {
		yield(res.Row())
	}
	return res.Err()
}

// A reader that fails in the middle leaves what was read before it stored, and the rest
// can be taken in later.
func TestCancelledRunGoesOnLater(t *testing.T) {
	b := newBench(t, func(c *ingest.Config) { c.BatchRecords = 1 })
	var text strings.Builder
	for i := range 20000 {
		text.WriteString(conn(i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stored int64
	err := receive.Stream(t.Context(), "conn.log", strings.NewReader(text.String()), receive.Config{TempDir: t.TempDir()}, receive.Visitor{
		Input: func(in *receive.Input) error {
			r, err := b.pipeline.Run(ctx, in, ingest.Options{Progress: func(ingest.Report) { cancel() }})
			stored = r.Stored
			return err
		},
		Problem: func(*receive.Problem) {},
	})
	if err == nil || stored == 0 || stored == 20000 {
		t.Fatalf("cancelled after the first batch: %d stored, %v", stored, err)
	}
	r := b.take("conn.log", text.String(), ingest.Options{})
	if r.Known < stored || r.Known+r.Stored != 20000 {
		t.Errorf("known %d (%d were reported), stored %d", r.Known, stored, r.Stored)
	}
	if got := b.records("default", "203.0.113.1")["zeek.conn"]; got != 20000 {
		t.Errorf("the ledger has %d records", got)
	}
}
