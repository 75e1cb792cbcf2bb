package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"

	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/sharedtest"
)

// benchEnd is when the events of the benchmarks' store end, and what now() gives.
var benchEnd = time.Date(2026, 3, 20, 15, 0, 0, 0, time.UTC)

// hunting are the queries that BenchmarkHunting measures, by their id in the shared
// material: the literals that match nothing in a generated store, each before what stands
// in its place. The last are our own, which the ledger prunes.
var hunting = []struct {
	id      string
	text    string // of our own
	replace []string
	// any are the columns of which any value of a group is right.
	any []string
}{
	{id: "logons-from-unknown-addresses", replace: []string{`"Public"`, `"Private"`}},
	{id: "hq-d97576820d66", replace: []string{"POST", "GET", "Clickhappy", "", "1.2.3.4", "198.51.100.39"}},
	{id: "hq-2bdd6b6b9055", replace: []string{
		"98.176.196.89", "203.0.113.77", "68.235.178.32", "2001:db8:74:4::75",
		"208.113.35.58", "198.51.100.213", "144.34.179.162", "203.0.113.116", "97.77.97.58", "203.0.113.139",
	}},
	{id: "hq-c1f0c543fc47", replace: []string{
		"179.43.176.32", "198.51.100.251", "meeting.bulletmailer.net", "telemetry.brightpixel.example",
		"clawdbot.getintwopc.site", "vault.dropcrate.example", "getintwopc.site", "first.invalid", "darkgptprivate.com", "second.invalid",
	}},
	{id: "hq-41b8a93ef909", any: []string{"RemoteDeviceName"}},
	{id: "hq-43d76836a8f5", replace: []string{"powershell.exe", "finchtalk.exe", "-encodedcommand", "-minimized"}},
	{id: "hq-db097cf6f212"},
	{id: "hq-a6ae771d4ed0", replace: []string{"-password", "--profile", `"*"`, `'"'`}},
	{id: "hq-f3b4f1db6b9a", replace: []string{`"start"`, `"profile"`, `"webdav"`, `"directory"`}},
	{id: "hq-faabf0b59e87", replace: []string{"netscan.exe", "7za.exe", "SoftPerfect", "Igor Pavlov"}},
	{id: "hq-0fb070a63c64", replace: []string{
		"AcroRd32.exe", "msedge.exe", "Acrobat.exe", "svchost.exe", "ntdll.dll", "update.cab", "System32", "SoftwareDistribution",
	}},
	{id: "hq-6b3a9c0c3bbf", replace: []string{"SmartScreenUrlWarning", "DnsQueryResponse"}},
	{id: "address-never-seen", text: `DeviceNetworkEvents | where RemoteIP == "198.18.7.7"`},
	{id: "address-of-few-days", text: `DeviceNetworkEvents | where RemoteIP == "198.51.100.251"`},
}

// BenchmarkHunting measures published hunting queries beside SQL written by hand, in turn
// on the same store: the median of each, and what one is to the other, by the clock and
// by processor time, and the most memory that this process has resident while the query
// runs, the engine's buffers included. Both must give the same rows. One query alone:
// -bench 'Hunting/hq-db097'.
func BenchmarkHunting(b *testing.B) {
	texts := huntingTexts(b)
	svc := openBench(b, benchStore(b))
	for _, h := range hunting {
		text := h.text
		if text == "" {
			text = strings.NewReplacer(h.replace...).Replace(texts[h.id])
		}
		sql := handWritten(b, h.id)
		b.Run(h.id, func(b *testing.B) {
			forgetPeak(b)
			byKQL := rowsOfKQL(b, svc, text)
			peak := peakSince(b)
			bySQL := rowsOfSQL(b, svc, sql)
			if err := same(byKQL, bySQL, h.any); err != nil {
				b.Fatalf("%v\n%s\n%s", err, text, sql)
			}
			var kql, hand timings
			for b.Loop() {
				kql.add(func() { readKQL(b, svc, text, func(*query.Result) {}) })
				hand.add(func() { readSQL(b, svc, sql, func([]string, []any) {}) })
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(len(byKQL)), "rows")
			b.ReportMetric(milliseconds(median(kql.clock)), "ms-kql")
			b.ReportMetric(milliseconds(median(hand.clock)), "ms-sql")
			b.ReportMetric(float64(median(kql.clock))/float64(median(hand.clock)), "ratio")
			b.ReportMetric(float64(median(kql.cpu))/float64(median(hand.cpu)), "cpu-ratio")
			b.ReportMetric(float64(peak>>20), "MiB-peak")
		})
	}
	b.Logf("%d MiB resident at most", peakRSS()>>20)
	if err := svc.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSearch looks for an address in all tables: to the first row, and to the last.
func BenchmarkSearch(b *testing.B) {
	svc := openBench(b, benchStore(b))
	for _, address := range []string{"198.51.100.251", "198.51.100.39", "192.0.2.1"} {
		b.Run(address, func(b *testing.B) {
			var first, last, cpu []time.Duration
			rows := 0
			forgetPeak(b)
			for b.Loop() {
				began, before, at := time.Now(), cpuTime(), time.Duration(0)
				rows = 0
				readKQL(b, svc, fmt.Sprintf("search %q", address), func(*query.Result) {
					if rows++; at == 0 {
						at = time.Since(began)
					}
				})
				first, last, cpu = append(first, at), append(last, time.Since(began)), append(cpu, cpuTime()-before)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(rows), "rows")
			b.ReportMetric(milliseconds(median(first)), "ms-first")
			b.ReportMetric(milliseconds(median(last)), "ms-last")
			b.ReportMetric(milliseconds(median(cpu)), "cpu-ms")
			b.ReportMetric(float64(peakSince(b)>>20), "MiB-peak")
		})
	}
	b.Logf("%d MiB resident at most", peakRSS()>>20)
	if err := svc.Close(); err != nil {
		b.Fatal(err)
	}
}

// timings are how long something took each time, by the clock and of the processors.
type timings struct{ clock, cpu []time.Duration }

func (t *timings) add(f func()) {
	began, before := time.Now(), cpuTime()
	f()
	t.clock, t.cpu = append(t.clock, time.Since(began)), append(t.cpu, cpuTime()-before)
}

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// huntingTexts reads the queries from the shared material.
func huntingTexts(b *testing.B) map[string]string {
	b.Helper()
	dir := sharedtest.Dir(b)
	f, err := os.Open(filepath.Join(dir, "conformance", "hunting.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	texts := map[string]string{"logons-from-unknown-addresses": seedRule(b, dir)}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var c struct{ ID, Query string }
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			b.Fatal(err)
		}
		texts[c.ID] = c.Query
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	return texts
}

// seedRule is the rule in the seed document S4.
func seedRule(b *testing.B, dir string) string {
	b.Helper()
	matches, err := filepath.Glob(filepath.Join(dir, "spec", "seeds", "004_*.txt"))
	if err != nil || len(matches) != 1 {
		b.Fatalf("seed S4: %v, %v", matches, err)
	}
	text, err := os.ReadFile(matches[0])
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "KQL Query\n")
	rule, _, found := strings.Cut(rest, "\nid: ")
	if !found {
		b.Fatal("seed S4 holds no rule")
	}
	return rule
}

// handWritten is the SQL for a query.
func handWritten(b *testing.B, id string) string {
	b.Helper()
	t, err := template.New(id + ".sql").Funcs(template.FuncMap{"columns": visibleColumns, "ago": func(days int) string {
		return strconv.FormatInt(int64(schema.TicksOf(benchEnd.AddDate(0, 0, -days))), 10)
	}}).ParseFiles(filepath.Join("testdata", "hunting", id+".sql"))
	if err != nil {
		b.Fatal(err)
	}
	var sql strings.Builder
	if err := t.Execute(&sql, nil); err != nil {
		b.Fatal(err)
	}
	return sql.String()
}

// visibleColumns are the columns of a table that are stored and that "*" gives, under the
// names of the store: they differ from KQL's where two of those differ by their case.
func visibleColumns(table string) string {
	var list []string
	for _, c := range schema.Default().MustTable(table).Columns {
		name := strconv.Quote(c.Stored)
		if !c.Hidden && c.Constant == "" && !slices.Contains(list, name) { // the time has two names
			list = append(list, name)
		}
	}
	return strings.Join(list, ", ")
}

// record is a row by its columns' names, as text.
type record map[string]string

func readKQL(b *testing.B, svc *service, text string, yield func(*query.Result)) {
	b.Helper()
	res, err := svc.runner.Run(b.Context(), query.Request{Text: text, Options: query.Options{NoTruncation: true, Now: benchEnd}})
	if err != nil {
		b.Fatal(err)
	}
	for res.Next() {
		yield(res)
	}
	if err := errors.Join(res.Err(), res.Close()); err != nil {
		b.Fatal(err)
	}
}

func readSQL(b *testing.B, svc *service, sql string, yield func(names []string, row []any)) {
	b.Helper()
	rows, err := svc.events.Query(b.Context(), sql, nil)
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for _, c := range rows.Columns() {
		names = append(names, c.Name)
	}
	for rows.Next() {
		yield(names, rows.Values())
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.Fatal(err)
	}
}

func rowsOfKQL(b *testing.B, svc *service, text string) (out []record) {
	b.Helper()
	readKQL(b, svc, text, func(res *query.Result) {
		r := record{}
		for i, v := range res.Row() {
			r[res.Columns[i].Name] = plainText(v)
		}
		out = append(out, r)
	})
	return out
}

func rowsOfSQL(b *testing.B, svc *service, sql string) (out []record) {
	b.Helper()
	readSQL(b, svc, sql, func(names []string, row []any) {
		r := record{}
		for i, v := range row {
			r[names[i]] = plainText(v)
		}
		out = append(out, r)
	})
	return out
}

// plainText is a value as text; null and empty are one, and the elements of an array are
// in order, for a set has none.
func plainText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case schema.Ticks:
		return strconv.FormatInt(int64(v), 10)
	case []byte:
		return plainText(json.RawMessage(v))
	case json.RawMessage:
		var list []string
		if json.Unmarshal(v, &list) == nil {
			slices.Sort(list)
			return fmt.Sprintf("%q", list)
		}
		return string(v)
	case string:
		if strings.HasPrefix(v, `["`) {
			return plainText(json.RawMessage(v))
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// same compares rows by the columns that both have, whatever the order of the rows.
func same(byKQL, bySQL []record, ignored []string) error {
	if len(byKQL) != len(bySQL) {
		return fmt.Errorf("%d rows by KQL, %d by SQL", len(byKQL), len(bySQL))
	}
	if len(byKQL) == 0 {
		return nil
	}
	var common []string
	for name := range maps.Keys(byKQL[0]) {
		if _, ok := bySQL[0][name]; ok && !slices.Contains(ignored, name) {
			common = append(common, name)
		}
	}
	if len(common) < 5 && len(common) < len(bySQL[0]) {
		return fmt.Errorf("only the columns %q can be compared", common)
	}
	slices.Sort(common)
	lines := func(rows []record) []string {
		var out []string
		for _, r := range rows {
			var cells []string
			for _, name := range common {
				cells = append(cells, name+"="+r[name])
			}
			out = append(out, strings.Join(cells, " "))
		}
		slices.Sort(out)
		return out
	}
	kql, sql := lines(byKQL), lines(bySQL)
	for i := range kql {
		if kql[i] != sql[i] {
			return fmt.Errorf("the rows differ:\n%s\n%s", kql[i], sql[i])
		}
	}
	return nil
}
