package generate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spoor/internal/enrich"
	"spoor/internal/entity"
	"spoor/internal/generate"
	"spoor/internal/network"
)

// small is an organisation that takes a moment to write: a Friday morning in the north
// is its end.
var small = generate.Config{
	Devices: 40, Days: 6, Events: 40_000, Seed: 7,
	End: time.Date(2024, 5, 31, 8, 20, 30, 0, time.UTC),
}

// shared is one run of small for all tests that only read it.
var shared struct {
	once    sync.Once
	dir     string
	done    generate.Summary
	records []record
	err     error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.dir != "" {
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// readSmall writes small, once, and reads all its records.
func readSmall(t *testing.T) (dir string, records []record) {
	t.Helper()
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "generate"); shared.err != nil {
			return
		}
		if shared.done, shared.err = generate.Write(t.Context(), small, shared.dir); shared.err == nil {
			shared.records = logsOf(t, shared.dir, small)
		}
	})
	if shared.err != nil || shared.records == nil {
		t.Fatalf("no run to read: %v", shared.err)
	}
	return shared.dir, shared.records
}

func write(t testing.TB, cfg generate.Config) (dir string, done generate.Summary) {
	t.Helper()
	dir = t.TempDir()
	done, err := generate.Write(t.Context(), cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, done
}

// digest is a hash over the names and contents of all files under a folder.
func digest(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	walk(t, dir, func(path string, data []byte) {
		_, _ = io.WriteString(h, path+"\x00")
		_, _ = h.Write(data)
	})
	return hex.EncodeToString(h.Sum(nil))
}

// walk hands over every file under a folder by its path there, gzip undone.
func walk(t testing.TB, dir string, each func(path string, data []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".gz") {
			z, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				return err
			}
			if data, err = io.ReadAll(z); err != nil {
				return err
			}
		}
		rel, err := filepath.Rel(dir, path)
		each(strings.TrimSuffix(filepath.ToSlash(rel), ".gz"), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSameConfigSameBytes(t *testing.T) {
	dir, _ := readSmall(t)
	want := digest(t, dir)
	again, _ := write(t, small)
	if got := digest(t, again); got != want {
		t.Error("the same configuration gave other bytes")
	}
	packed := small
	packed.Gzip = true
	if dir, _ := write(t, packed); digest(t, dir) != want {
		t.Error("compressed logs hold other bytes")
	}
	other := small
	other.Seed++
	if dir, _ := write(t, other); digest(t, dir) == want {
		t.Error("another seed gave the same bytes")
	}
}

func TestAmount(t *testing.T) {
	for _, cfg := range []generate.Config{
		small,
		{Devices: 16, Days: 1, Events: 5_000, Seed: 1, End: small.End},
		{Devices: 300, Days: 2, Events: 100_000, Seed: 2, End: small.End},
	} {
		_, done := write(t, cfg)
		// A run that ends while people come to work has their logons on top.
		if done.Records < cfg.Events-10 || done.Records > cfg.Events*102/100 {
			t.Errorf("%+v: %d records", cfg, done.Records)
		}
	}
}

// record is a line of a log.
type record struct {
	log    string // zeek/conn, windows/sysmon …
	fields map[string]any
	at     time.Time
}

func (r record) text(name string) string {
	s, _ := r.fields[name].(string)
	return s
}

func (r record) number(name string) float64 {
	n, _ := r.fields[name].(float64)
	return n
}

// kind is the source kind as data.md names it.
func (r record) kind() string {
	id, _ := json.Marshal(r.fields["EventID"])
	switch r.log {
	case "windows/sysmon":
		return "sysmon." + string(id)
	case "windows/security":
		return "security." + string(id)
	case "windows/system":
		return "system." + string(id)
	case "suricata/eve":
		return "suricata." + r.text("event_type")
	default:
		return strings.Replace(r.log, "/", ".", 1)
	}
}

func (r record) host() string { return strings.ToLower(r.text("Hostname")) }

// logsOf reads all records under a folder. It fails for a line that is no JSON, one
// without a time, and one that is not in order, in its day's file, or in the run.
func logsOf(t *testing.T, dir string, cfg generate.Config) []record {
	t.Helper()
	var all []record
	walk(t, filepath.Join(dir, generate.LogsDir), func(path string, data []byte) {
		parts := strings.Split(path, ".")
		log, day := parts[0], parts[1]
		var before time.Time
		for line := range bytes.Lines(data) {
			r := record{log: log}
			if err := json.Unmarshal(line, &r.fields); err != nil {
				t.Fatalf("%s: %v: %s", path, err, line)
			}
			r.at = timeOf(t, r, line)
			if r.at.Before(before) || r.at.Format(time.DateOnly) != day {
				t.Fatalf("%s: %s follows on %s: %s", path, r.at, before, line)
			}
			if r.at.Before(cfg.End.AddDate(0, 0, -cfg.Days).Add(-time.Millisecond)) || !r.at.Before(cfg.End) {
				t.Fatalf("%s: %s lies outside the run", path, r.at)
			}
			before = r.at
			all = append(all, r)
		}
	})
	return all
}

func timeOf(t *testing.T, r record, line []byte) time.Time {
	t.Helper()
	switch {
	case strings.HasPrefix(r.log, "zeek/"):
		var exact struct{ TS json.Number }
		if err := json.Unmarshal(line, &exact); err != nil {
			t.Fatal(err)
		}
		sec, frac, _ := strings.Cut(exact.TS.String(), ".")
		s, err1 := json.Number(sec).Int64()
		us, err2 := json.Number("1" + frac).Int64() // 1 keeps leading zeros
		if err1 != nil || err2 != nil || len(frac) != 6 {
			t.Fatalf("ts %s", exact.TS)
		}
		return time.UnixMicro(s*1e6 + us - 1e6).UTC()
	case r.log == "suricata/eve":
		return parse(t, "2006-01-02T15:04:05.000000-0700", r.text("timestamp"))
	default:
		return parse(t, "2006-01-02T15:04:05.000Z07:00", r.text("@timestamp"))
	}
}

func parse(t *testing.T, layout, s string) time.Time {
	t.Helper()
	tm, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return tm.UTC()
}

// truth is what truth.json says of one source kind of one address.
type truth struct {
	AsDestination int64               `json:"as_destination"`
	AsSource      int64               `json:"as_source"`
	ByDay         map[string][2]int64 `json:"by_day"`
	DistinctHosts int                 `json:"distinct_hosts"`
	Events        int64               `json:"events"`
	First, Last   time.Time
	Hosts         map[string]int64 `json:"hosts"`
}

type truthFile struct {
	IPs     map[string]map[string]json.RawMessage `json:"ips"`
	Records int64
	Totals  map[string]int64
}

func readTruth(t *testing.T, dir string) truthFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, generate.TruthFile))
	if err != nil {
		t.Fatal(err)
	}
	var f truthFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// ends are the addresses of a record that its kind is counted by, canonical, and the
// host each stands with.
func (r record) ends() (kind, src, dst, srcHost, dstHost string) {
	a := func(name string) string { return entity.CanonicalAddress(r.text(name)) }
	switch r.kind() {
	case "zeek.conn":
		src, dst = a("id.orig_h"), a("id.resp_h")
		return "zeek_conn", src, dst, dst, src
	case "sysmon.3":
		return "sysmon3", a("SourceIp"), a("DestinationIp"), r.host(), r.host()
	case "security.5156":
		return "sec5156", a("SourceAddress"), a("DestAddress"), r.host(), r.host()
	case "security.4624":
		return "sec4624", a("IpAddress"), "", r.host(), ""
	case "security.4625":
		return "sec4625", a("IpAddress"), "", r.host(), ""
	}
	return "", "", "", "", ""
}

// TestTruth counts anew from the files what truth.json says.
func TestTruth(t *testing.T) {
	dir, records := readSmall(t)
	done, file := shared.done, readTruth(t, dir)
	totals := map[string]int64{}
	got := map[string]*truth{} // by address and kind
	dayHosts := map[string]map[string]bool{}
	count := func(kind, addr, host string, at time.Time, source bool) {
		if file.IPs[addr] == nil {
			return
		}
		key := addr + " " + kind
		if got[key] == nil {
			got[key] = &truth{First: at, ByDay: map[string][2]int64{}, Hosts: map[string]int64{}}
		}
		k, day := got[key], at.Format(time.DateOnly)
		k.Events++
		k.Hosts[host]++
		k.DistinctHosts = len(k.Hosts)
		if source {
			k.AsSource++
		} else {
			k.AsDestination++
		}
		if at.Before(k.First) {
			k.First = at
		}
		if at.After(k.Last) {
			k.Last = at
		}
		if dayHosts[key+day] == nil {
			dayHosts[key+day] = map[string]bool{}
		}
		dayHosts[key+day][host] = true
		k.ByDay[day] = [2]int64{k.ByDay[day][0] + 1, int64(len(dayHosts[key+day]))}
	}
	for _, r := range records {
		totals[r.kind()]++
		kind, src, dst, srcHost, dstHost := r.ends()
		if src != "" {
			count(kind, src, srcHost, r.at, true)
		}
		if dst != "" {
			count(kind, dst, dstHost, r.at, false)
		}
	}
	if int64(len(records)) != done.Records || file.Records != done.Records {
		t.Errorf("%d records in the files, truth says %d, Write %d", len(records), file.Records, done.Records)
	}
	for kind, n := range totals {
		if file.Totals[kind] != n {
			t.Errorf("%s: %d records, truth says %d", kind, n, file.Totals[kind])
		}
	}
	if len(file.Totals) != len(totals) {
		t.Errorf("truth has %d kinds, the files %d", len(file.Totals), len(totals))
	}
	compared := 0
	for addr, kinds := range file.IPs {
		for _, kind := range []string{"zeek_conn", "sysmon3", "sec5156", "sec4624", "sec4625"} {
			want, have := got[addr+" "+kind], kinds[kind]
			if (want == nil) != (have == nil) {
				t.Errorf("%s %s: in the files %t, in truth %t", addr, kind, want != nil, have != nil)
				continue
			}
			if want == nil {
				continue
			}
			wantJSON, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var says truth
			if err := json.Unmarshal(have, &says); err != nil {
				t.Fatal(err)
			}
			if saysJSON, err := json.Marshal(says); err != nil || !bytes.Equal(saysJSON, wantJSON) {
				t.Errorf("%s %s:\ntruth %s\nfiles %s", addr, kind, saysJSON, wantJSON)
			}
			compared++
		}
	}
	if compared < 20 {
		t.Errorf("only %d counts of truth.json were compared", compared)
	}
}

// TestHostsAgreeWithSensor: whatever a host reports of a flow that it opened or took,
// the sensor has with the same ends, within a second.
func TestHostsAgreeWithSensor(t *testing.T) {
	_, records := readSmall(t)
	type fiveTuple struct {
		src, dst         string
		srcPort, dstPort string
	}
	seen := map[fiveTuple][]time.Time{}
	port := func(r record, name string) string {
		b, _ := json.Marshal(r.fields[name])
		return strings.Trim(string(b), `"`)
	}
	for _, r := range records {
		if r.log == "zeek/conn" {
			key := fiveTuple{r.text("id.orig_h"), r.text("id.resp_h"), port(r, "id.orig_p"), port(r, "id.resp_p")}
			seen[key] = append(seen[key], r.at)
		}
	}
	checked, answered := 0, 0
	for _, r := range records {
		kind, src, dst, _, _ := r.ends()
		var key fiveTuple
		switch kind {
		case "sysmon3":
			key = fiveTuple{src, dst, r.text("SourcePort"), r.text("DestinationPort")}
			if r.text("Protocol") == "udp" && r.text("Initiated") == "false" { // the reporting host stands first
				key = fiveTuple{dst, src, key.dstPort, key.srcPort}
				answered++
			}
		case "sec5156":
			key = fiveTuple{src, dst, r.text("SourcePort"), r.text("DestPort")}
		default:
			continue
		}
		checked++
		near := false
		for _, at := range seen[key] {
			near = near || r.at.Sub(at).Abs() <= time.Second
		}
		if !near {
			t.Fatalf("%s at %s: the sensor saw %+v at %v", kind, r.at, key, seen[key])
		}
	}
	if checked < 5000 || answered == 0 {
		t.Errorf("only %d host records of flows, %d of answers over UDP", checked, answered)
	}
}

// TestStory looks for every step of the intrusion, in its order.
func TestStory(t *testing.T) {
	const control, delivery, drop = "203.0.113.77", "203.0.113.58", "198.51.100.251"
	_, records := readSmall(t)
	first := func(what string, is func(r record) bool) time.Time {
		t.Helper()
		var at time.Time
		for _, r := range records {
			if is(r) && (at.IsZero() || r.at.Before(at)) {
				at = r.at
			}
		}
		if at.IsZero() {
			t.Fatalf("nowhere: %s", what)
		}
		return at
	}
	has := func(r record, kind, field, part string) bool {
		return r.kind() == kind && strings.Contains(r.text(field), part)
	}
	steps := []struct {
		what string
		is   func(r record) bool
	}{
		{"the payload is downloaded", func(r record) bool {
			return r.kind() == "zeek.http" && r.text("id.resp_h") == delivery && strings.HasSuffix(r.text("uri"), ".exe")
		}},
		{"it lands on disk", func(r record) bool { return has(r, "sysmon.11", "TargetFilename", `\Downloads\Invoice_4471.exe`) }},
		{"it is run", func(r record) bool { return has(r, "sysmon.1", "Image", `\Downloads\Invoice_4471.exe`) }},
		{"it stays", func(r record) bool { return has(r, "sysmon.13", "TargetObject", `\CurrentVersion\Run\`) }},
		{"it asks for the control server", func(r record) bool { return has(r, "sysmon.22", "QueryName", "telemetry.brightpixel.example") }},
		{"it calls home", func(r record) bool { return r.kind() == "sysmon.3" && r.text("DestinationIp") == control }},
		{"the IDS sees it", func(r record) bool { return r.kind() == "suricata.alert" && r.text("dest_ip") == control }},
		{"the intruder looks around", func(r record) bool { return has(r, "sysmon.1", "CommandLine", "whoami") }},
		{"another host's firewall blocks it", func(r record) bool { return r.kind() == "security.5157" && r.text("DestAddress") == control }},
		{"another is refused", func(r record) bool {
			return r.kind() == "zeek.conn" && r.text("id.resp_h") == control && r.text("conn_state") == "REJ"
		}},
		{"LSASS is opened", func(r record) bool {
			return has(r, "sysmon.10", "TargetImage", "lsass.exe") && r.text("GrantedAccess") == "0x1fffff"
		}},
		{"other credentials are used", func(r record) bool { return has(r, "security.4648", "TargetUserName", "helpdesk.adm") }},
		{"they log on to the file server", func(r record) bool {
			return has(r, "security.4624", "TargetUserName", "helpdesk.adm") && r.text("LogonType") == "3"
		}},
		{"a service is installed", func(r record) bool { return r.kind() == "system.7045" }},
		{"they log on by remote desktop", func(r record) bool { return r.kind() == "security.4624" && r.text("LogonType") == "10" }},
		{"files are packed", func(r record) bool { return has(r, "sysmon.1", "Image", "7za.exe") }},
		{"files are sent out", func(r record) bool {
			return r.kind() == "zeek.conn" && r.text("id.resp_h") == drop && r.number("orig_bytes") > 100e6
		}},
		{"the log is cleared", func(r record) bool { return r.kind() == "security.1102" }},
	}
	before := time.Time{}
	for _, s := range steps {
		at := first(s.what, s.is)
		if at.Before(before) {
			t.Errorf("%s at %s, before the step above it at %s", s.what, at, before)
		}
		before = at
	}
	contacted := map[string]bool{}
	created := map[string]bool{}
	for _, r := range records {
		if r.kind() == "sysmon.1" {
			created[r.text("ProcessGuid")] = true
		}
		if r.kind() == "sysmon.3" && r.text("DestinationIp") == control {
			contacted[r.host()] = true
			if !created[r.text("ProcessGuid")] && !r.at.Before(before) {
				t.Errorf("process %s called home and was never created", r.text("ProcessGuid"))
			}
		}
	}
	if len(contacted) != 3 {
		t.Errorf("%d hosts reached the control server, want 3: %v", len(contacted), contacted)
	}
}

// TestNobodyReal: every address is private or kept for documentation, every name too,
// and every outside address has an invented place.
func TestNobodyReal(t *testing.T) {
	dir, records := readSmall(t)
	geo, err := enrich.Open(filepath.Join(dir, generate.GeoFile))
	if err != nil {
		t.Fatal(err)
	}
	defer geo.Close()
	seen := map[string]bool{}
	for _, r := range records {
		_, src, dst, _, _ := r.ends()
		for _, addr := range []string{src, dst} {
			if addr == "" || seen[addr] {
				continue
			}
			seen[addr] = true
			a := netip.MustParseAddr(addr)
			switch entity.ClassOf(a) {
			case entity.ClassPrivate, entity.ClassLoopback:
			case entity.ClassDocumentation:
				if got, err := geo.Lookup(a); err != nil || len(got) != 1 || !got[0].Found || got[0].ASN < 64496 || got[0].ASN > 64511 || got[0].City == "" {
					t.Errorf("%s: %+v, %v", addr, got, err)
				}
			default:
				t.Errorf("%s is %s", addr, entity.ClassOf(a))
			}
		}
		for _, field := range []string{"query", "host", "server_name", "QueryName", "Hostname"} {
			name := strings.ToLower(r.text(field))
			if name == "" || strings.HasSuffix(name, ".example") {
				continue
			}
			if !strings.HasSuffix(name, ".example.com") && !strings.HasSuffix(name, ".example.net") && !strings.HasSuffix(name, ".example.org") {
				t.Fatalf("%s: name %q", r.kind(), name)
			}
		}
	}
	if got := geo.Sources(); len(got) != 1 || got[0].Name != "Spoor demo (invented places)" || !got[0].BuiltAt.Equal(small.End.AddDate(0, 0, -small.Days)) {
		t.Errorf("geo database: %+v", got)
	}
}

func TestNetworks(t *testing.T) {
	dir, records := readSmall(t)
	f, err := os.Open(filepath.Join(dir, generate.NetworksFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ranges, err := network.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		own, in := r.fields["local_orig"], false
		if r.log != "zeek/conn" {
			continue
		}
		for _, n := range ranges {
			in = in || n.Prefix.Contains(netip.MustParseAddr(r.text("id.orig_h")))
		}
		if own != in {
			t.Fatalf("%s: local_orig %v, in the catalogue %t", r.text("id.orig_h"), own, in)
		}
	}
}

// TestAnyEnd writes runs of all lengths that end at any hour: the story must fit.
func TestAnyEnd(t *testing.T) {
	for i := range 24 {
		cfg := generate.Config{
			Devices: generate.MinDevices + i, Days: 1 + i%5, Events: 2_000, Seed: uint64(i),
			End: small.End.Add(time.Duration(i) * 7 * time.Hour),
		}
		dir, _ := write(t, cfg)
		totals := readTruth(t, dir).Totals
		for _, kind := range []string{"sysmon.10", "system.7045", "security.4648", "security.1102", "security.5157", "zeek.rdp"} {
			if totals[kind] == 0 {
				t.Errorf("%+v: no %s", cfg, kind)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	for what, change := range map[string]func(*generate.Config){
		"devices": func(c *generate.Config) { c.Devices = generate.MinDevices - 1 },
		"days":    func(c *generate.Config) { c.Days = 0 },
		"events":  func(c *generate.Config) { c.Events = 0 },
		"end":     func(c *generate.Config) { c.End = time.Time{} },
	} {
		cfg := small
		change(&cfg)
		if _, err := generate.Write(t.Context(), cfg, t.TempDir()); err == nil || !strings.HasPrefix(err.Error(), what+":") {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := generate.Write(ctx, small, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	cfg := generate.Config{Devices: 500, Days: 7, Events: 300_000, Seed: 1, End: small.End}
	var records, size int64
	for b.Loop() {
		_, done := write(b, cfg)
		records, size = records+done.Records, done.Bytes
	}
	b.SetBytes(size)
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
