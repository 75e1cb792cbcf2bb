package normalize_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// Each file of testdata/windows holds invented records and the events they become,
// worked out by hand, in the form of testdata/sensor; -- source -- knows "held", a
// device and an address it holds, too. An event's platform and the process whose
// context it asks for are printed behind its rows.
func TestWindowsFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/windows/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			src := windowsSource(t, "")
			var got strings.Builder
			want := ""
			for _, f := range archive.Files {
				switch f.Name {
				case "source":
					src = windowsSource(t, string(f.Data))
				case "events":
					want = string(f.Data)
				default:
					readRecords(t, f.Name, f.Data, func(r *decode.Record) { printWindows(t, &got, r, src) })
				}
			}
			compareLines(t, got.String(), want)
		})
	}
}

func windowsSource(t *testing.T, text string) *normalize.Source {
	t.Helper()
	type holder struct {
		device  string
		address netip.Addr
	}
	held := map[holder]bool{}
	var rest strings.Builder
	for line := range strings.Lines(text) {
		if pair, ok := strings.CutPrefix(strings.TrimSpace(line), "held: "); ok {
			device, address, _ := strings.Cut(pair, " ")
			held[holder{device, netip.MustParseAddr(address)}] = true
			continue
		}
		rest.WriteString(line)
	}
	src := parseSource(t, rest.String())
	src.DeviceID = func(name string) string { return "id of " + name }
	src.Held = func(device string, a netip.Addr, _ schema.Ticks) bool { return held[holder{device, a}] }
	return src
}

func printWindows(t *testing.T, w *strings.Builder, r *decode.Record, src *normalize.Source) {
	t.Helper()
	ev, ok, reason := normalize.Record(r, src)
	if !ok {
		fmt.Fprintf(w, "refused: %s\n", reason)
		return
	}
	printEvent(w, &ev)
	if head := normalize.ReadHeader(r); head.IsWindows() && (head.Kind() != ev.Kind || head.Device() != ev.Device) {
		t.Errorf("by itself the kind is %q and the device %q", head.Kind(), head.Device())
	}
	if p := ev.Process; p != nil {
		fmt.Fprintf(w, "  process %q %d %s\n", p.GUID, p.PID, p.Image)
	}
	if ev.Platform != "" && ev.Platform != "Windows" {
		fmt.Fprintf(w, "  platform %s\n", ev.Platform)
	}
}

// ClockSample is taken from Sysmon's records but those of events 3 and 22.
func TestClockSample(t *testing.T) {
	const head = `{"@timestamp":"2024-05-02T06:00:00Z","Hostname":"WS1","SourceName":"Microsoft-Windows-Sysmon",`
	for _, c := range []struct {
		record string
		want   schema.Ticks
		ok     bool
	}{
		{head + `"EventID":5,"UtcTime":"2024-05-02 09:59:58.500"}`, 4*schema.TicksPerHour - 1500*schema.TicksPerMillisecond, true},
		{head + `"EventID":5,"UtcTime":"2024-05-02 05:59:59.000"}`, -schema.TicksPerSecond, true},
		{head + `"EventID":3,"UtcTime":"2024-05-02 10:00:00.000"}`, 0, false},
		{head + `"EventID":22,"UtcTime":"2024-05-02 10:00:00.000"}`, 0, false},
		{head + `"EventID":5,"UtcTime":"-"}`, 0, false},
		{`{"@timestamp":"2024-05-02T06:00:00Z","SourceName":"Other","Channel":"X","EventID":5,"UtcTime":"2024-05-02 10:00:00.000"}`, 0, false},
		{`{"ts":1,"uid":"C1"}`, 0, false},
	} {
		head := normalize.ReadHeader(record(t, c.record))
		if got, ok := head.ClockSample(); got != c.want || ok != c.ok {
			t.Errorf("%s: %d, %v, want %d, %v", c.record, got, ok, c.want, c.ok)
		}
	}
}

// A fact is shown once a day, and an address that is neither end of a flow is not shown
// beside it.
func TestSnapshots(t *testing.T) {
	s := normalize.NewSnapshots()
	day := schema.TicksOf(time.Date(2024, 5, 2, 0, 0, 0, 0, time.UTC))
	host, other := netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("10.0.0.6")
	event := func(at schema.Ticks, flow normalize.Flow, claims ...netip.Addr) *normalize.Event {
		ev := &normalize.Event{Time: at, Device: "ws1", DeviceID: "d1", Platform: "Windows", Flow: flow}
		for _, a := range claims {
			ev.Claims = append(ev.Claims, normalize.Claim{Address: a})
		}
		return ev
	}
	for i, c := range []struct {
		ev   *normalize.Event
		want string
	}{
		{event(day, normalize.Flow{}, host), `DeviceInfo Windows; DeviceNetworkInfo [{"IPAddress":"10.0.0.5","AddressType":"Private"}]; `},
		{event(day+1, normalize.Flow{}, host), ``},
		{event(day+2, normalize.Flow{Source: host, Destination: host}, other), ``},
		{event(day+3, normalize.Flow{Source: other, Destination: host}, other), `DeviceNetworkInfo [{"IPAddress":"10.0.0.6","AddressType":"Private"}]; `},
		{event(day+schema.TicksPerDay, normalize.Flow{}), `DeviceInfo Windows; `},
		{event(day-1, normalize.Flow{}), `DeviceInfo Windows; `},
		{&normalize.Event{Time: day, Device: "sensor"}, ``},
	} {
		got := ""
		for _, row := range s.Add(c.ev) {
			at, _ := row.Get("Timestamp")
			if row.Str("DeviceName") != "ws1" || row.Str("DeviceId") != "d1" || at.Int() != int64(c.ev.Time) {
				t.Errorf("%d: row %v", i, row.Cells)
			}
			text := ""
			if row.Table.Name == "DeviceInfo" {
				text = row.Str("OSPlatform")
			} else {
				text = row.Str("IPAddresses")
			}
			got += row.Table.Name + " " + text + "; "
		}
		if got != c.want {
			t.Errorf("%d: %q, want %q", i, got, c.want)
		}
	}
}

// Whatever a record holds, normalizing it ends, and an event keeps its promises.
func FuzzWindows(f *testing.F) {
	files, err := filepath.Glob("testdata/windows/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range archive.Files {
			if strings.HasSuffix(section.Name, ".json") {
				for line := range strings.Lines(string(section.Data)) {
					f.Add([]byte(line))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decode.NewSplitter(bytes.NewReader(data), decode.ByName("json"), decode.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var d decode.Decoder
		src := &normalize.Source{}
		snapshots := normalize.NewSnapshots()
		for {
			c, err := s.Next()
			if err != nil {
				return
			}
			d.Decode(c, func(r *decode.Record) {
				head := normalize.ReadHeader(r)
				head.ClockSample()
				ev, ok, reason := normalize.Windows(r, src)
				if !ok {
					if reason == "" && normalize.IsWindows(r) {
						t.Fatal("a Windows event was refused without a reason")
					}
					return
				}
				ev.Rows = append(ev.Rows, snapshots.Add(&ev)...)
				checkEvent(t, &ev)
			}, func(*decode.Error) {})
		}
	})
}

func BenchmarkWindows(b *testing.B) {
	for _, name := range []string{"sysmon_connection", "sysmon_process", "sysmon_events", "security_logon", "shapes"} {
		archive, err := txtar.ParseFile("testdata/windows/" + name + ".txtar")
		if err != nil {
			b.Fatal(err)
		}
		for _, section := range archive.Files {
			if !strings.HasSuffix(section.Name, ".json") {
				continue
			}
			r := record(b, string(section.Data))
			b.Run(name+"/"+section.Name, func(b *testing.B) {
				src := &normalize.Source{DeviceID: func(string) string { return "d" }}
				b.SetBytes(int64(len(r.Raw)))
				b.ReportAllocs()
				for b.Loop() {
					if _, ok, reason := normalize.Windows(r, src); !ok {
						b.Fatal(reason)
					}
				}
			})
		}
	}
}

// The first pass over a source asks this of every record.
func BenchmarkReadHeader(b *testing.B) {
	r := record(b, `{"@timestamp":"2024-05-02T06:00:01.250Z","EventTime":"2024-05-02 02:00:00","Hostname":"WS1.corp.example","SourceName":"Microsoft-Windows-Sysmon","Channel":"Microsoft-Windows-Sysmon/Operational","EventID":10,"SourceModuleType":"im_msvistalog","ExecutionProcessID":3312,"ThreadID":11,"RecordNumber":713650,"UserID":"S-1-5-18","AccountName":"SYSTEM","AccountType":"User","Domain":"NT AUTHORITY","EventType":"INFO","RuleName":"-","UtcTime":"2024-05-02 10:00:00.125","SourceImage":"C:\\a.exe","TargetImage":"C:\\b.exe","GrantedAccess":"0x1000"}`)
	b.ReportAllocs()
	for b.Loop() {
		head := normalize.ReadHeader(r)
		if _, ok := head.ClockSample(); !ok {
			b.Fatal("no sample")
		}
	}
}
