package main

import (
	"bufio"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"

	"spoor/internal/entitypage"
	"spoor/internal/sharedtest"
)

// TestBeaconsOfTheHoneypot holds the beacon scores of every pair of a real sensor against
// a calculation of its own, straight from the log files: nothing of ours is in it.
func TestBeaconsOfTheHoneypot(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("left out by -short: takes in three days of connections")
	}
	const honeypot = "64.225.56.201"
	logs, err := filepath.Glob(filepath.Join(sharedtest.Dir(t), "data", "zeek", "honeypot-tsv", "*", "conn.*.log.gz"))
	if err != nil || len(logs) < 72 {
		t.Fatalf("%d logs of connections, %v", len(logs), err)
	}
	want := scoreLogs(t, logs, honeypot)
	p := openPack(t)
	p.ingest("dmz", logs)

	var got entitypage.BeaconList
	p.get("/api/entities/ip/"+honeypot+"/beacons?limit=10000", &got)
	// 648 pairs have 30 records or more. 80.66.66.145 sent all of its 612 within a second, so
	// that there is no interval; data.md counts the others.
	if got.Total != 647 || len(want) != 647 || got.NotScored != 0 {
		t.Errorf("%d pairs are scored and %d not, %d by the logs; want 647", got.Total, got.NotScored, len(want))
	}
	for _, b := range got.Items {
		if w := want[b.Remote]; math.Abs(b.Score-w) > 1e-7 || b.Local != honeypot {
			t.Errorf("%s and %s score %v, want %v", b.Local, b.Remote, b.Score, w)
		}
	}
	// What the material says: the HTTP beacon first, a time server fourth.
	if got.Items[0].Remote != "73.54.23.243" || got.Items[3].Remote != "91.189.91.157" {
		t.Errorf("first is %s, fourth %s", got.Items[0].Remote, got.Items[3].Remote)
	}

	// The page of the other end has the same score.
	var other entitypage.BeaconList
	p.get("/api/entities/ip/73.54.23.243/beacons", &other)
	if other.Total != 1 || math.Abs(other.Items[0].Score-want["73.54.23.243"]) > 1e-7 {
		t.Errorf("the beacon's own page: %+v", other.Items)
	}
	var detail entitypage.BeaconDetail
	p.get("/api/entities/ip/73.54.23.243/beacons/detail?local="+honeypot+"&remote=73.54.23.243&pairSite=dmz", &detail)
	var gaps, records int64
	for _, bin := range detail.Histogram {
		gaps += bin.Gaps
	}
	for _, h := range detail.ActiveHour {
		records += h.Records
	}
	if gaps != 950 || records != 951 || len(detail.ActiveHour) != 72 {
		t.Errorf("the histogram has %d gaps, the hours %d records in %d hours; want 950, 951 in 72", gaps, records, len(detail.ActiveHour))
	}
}

// connection is what the score of a pair needs of a log line.
type connection struct {
	at   int64 // microseconds
	sent float64
}

// scoreLogs reads Zeek's logs and scores every peer of an address with 30 records.
func scoreLogs(t *testing.T, logs []string, own string) map[string]float64 {
	t.Helper()
	pairs := map[string][]connection{}
	first, last := int64(math.MaxInt64), int64(0)
	for _, path := range logs {
		readZeek(t, path, func(get func(string) string) {
			seconds, part, _ := strings.Cut(get("ts"), ".") // together they are more than a float64 holds
			micros, err := strconv.ParseInt(seconds+part+strings.Repeat("0", 6-len(part)), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			at := micros
			first, last = min(first, at), max(last, at)
			peer, sent := get("id.resp_h"), "orig_bytes"
			if peer == own {
				peer, sent = get("id.orig_h"), "resp_bytes"
			} else if get("id.orig_h") != own {
				return
			}
			bytes, _ := strconv.ParseFloat(get(sent), 64) // "-" is none
			pairs[peer] = append(pairs[peer], connection{at, bytes})
		})
	}
	const hour = 3600e6
	scores := map[string]float64{}
	for peer, list := range pairs {
		if len(list) < 30 || peer == own {
			continue
		}
		sort.Slice(list, func(i, j int) bool { return list[i].at < list[j].at })
		var gaps, sizes []float64
		hours := map[int64]bool{}
		for i, c := range list {
			if i > 0 {
				gaps = append(gaps, float64(c.at-list[i-1].at))
			}
			sizes = append(sizes, c.sent)
			hours[c.at/hour] = true
		}
		if quartiles(gaps)[1] == 0 {
			continue // there is no interval
		}
		span := float64(list[len(list)-1].at-list[0].at) / float64(last-first)
		active := float64(len(hours)) / float64(last/hour-first/hour+1)
		scores[peer] = (steadiness(gaps) + steadiness(sizes) + span + active) / 4
	}
	return scores
}

// steadiness is the mean of 1-|quartile skew| and 1-median deviation/median, at least 0.
func steadiness(numbers []float64) float64 {
	q := quartiles(numbers)
	var distances []float64
	for _, n := range numbers {
		distances = append(distances, math.Abs(n-q[1]))
	}
	skew, spread := 0.0, quartiles(distances)[1]
	if q[0] != q[2] {
		skew = (q[2] - q[1] - (q[1] - q[0])) / (q[2] - q[0])
	}
	close := 1.0
	if spread > 0 && q[1] == 0 {
		close = 0
	} else if spread > 0 {
		close = math.Max(0, 1-spread/q[1])
	}
	return (1 - math.Abs(skew) + close) / 2
}

// quartiles are the three, as spreadsheets give them.
func quartiles(numbers []float64) (q [3]float64) {
	sorted := slices.Sorted(slices.Values(numbers))
	for i := range q {
		whole, part := math.Modf(float64((i+1)*(len(sorted)-1)) / 4)
		at := int(whole)
		q[i] = sorted[at]
		if part > 0 {
			q[i] = sorted[at]*(1-part) + sorted[at+1]*part
		}
	}
	return q
}

// readZeek hands the lines of a compressed TSV log to visit, by the names of its header.
func readZeek(t *testing.T, path string, visit func(get func(string) string)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "\t")
		if cells[0] == "#fields" {
			names = cells[1:]
		}
		if !strings.HasPrefix(cells[0], "#") {
			visit(func(name string) string { return cells[slices.Index(names, name)] })
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}
