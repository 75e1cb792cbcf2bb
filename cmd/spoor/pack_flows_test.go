package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/entitypage"
)

// flowTruth are addresses of the shared pack of which it is known on which side they
// are: true for one of the organisation's own.
var flowTruth = map[string]bool{
	"10.0.5.13": false, "192.168.0.4": false, "192.168.0.5": false, "141.98.10.96": false, "73.54.23.243": false,
	"80.82.77.33": false, "64.225.56.201": true,
}

// flowCount is what the connections of an address come to: of all, or of those with one
// address at the other end.
type flowCount struct {
	Records           int64
	BytesOut, BytesIn int64 // sent and received by the organisation's side
	Outcomes          map[string]int64
}

func (c *flowCount) add(outcome string, out, in int64) {
	if c.Outcomes == nil {
		c.Outcomes = map[string]int64{}
	}
	c.Records++
	c.BytesOut += out
	c.BytesIn += in
	if outcome != "" {
		c.Outcomes[outcome]++
	}
}

// flowCounts is, by address, the count by the address at the other end; "" is all.
type flowCounts map[string]map[string]*flowCount

// countFlows reads the Zeek conn logs of the pack, with the standard library alone.
func countFlows(t *testing.T, data string) flowCounts {
	t.Helper()
	counts := flowCounts{}
	for address := range flowTruth {
		counts[address] = map[string]*flowCount{"": {}}
	}
	for _, dir := range []string{"zeek", "mordor"} {
		err := filepath.WalkDir(filepath.Join(data, dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return eachLog(path, func(name string, log io.Reader) error { return counts.read(name, log) })
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return counts
}

// eachLog opens a file, and the logs in it where it is packed.
func eachLog(path string, read func(name string, log io.Reader) error) error {
	switch {
	case strings.HasSuffix(path, ".zip"):
		archive, err := zip.OpenReader(path)
		if err != nil {
			return err
		}
		defer archive.Close()
		for _, member := range archive.File {
			if !strings.HasSuffix(member.Name, ".log") {
				continue
			}
			log, err := member.Open()
			if err != nil {
				return err
			}
			if err := read(filepath.Base(member.Name), log); err != nil {
				return err
			}
		}
		return nil
	case strings.HasSuffix(path, ".log.gz"):
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		log, err := gzip.NewReader(file)
		if err != nil {
			return err
		}
		return read(strings.TrimSuffix(filepath.Base(path), ".gz"), log)
	default:
		return nil
	}
}

// read counts the connections of a log: of its own if it has no others, else of the
// lines that say that they are some.
func (c flowCounts) read(name string, log io.Reader) error {
	connections := strings.HasPrefix(name, "conn.")
	var fields []string
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Bytes()
		values := map[string]string{}
		switch {
		case bytes.HasPrefix(line, []byte("#fields\t")):
			fields = strings.Split(string(line), "\t")[1:]
			continue
		case bytes.HasPrefix(line, []byte("#")) || len(line) == 0:
			continue
		case line[0] == '{':
			var record map[string]any
			if err := json.Unmarshal(line, &record); err != nil {
				return err
			}
			for field, value := range record {
				switch value := value.(type) {
				case string:
					values[strings.Replace(field, "id_", "id.", 1)] = value
				case float64:
					values[strings.Replace(field, "id_", "id.", 1)] = strconv.FormatFloat(value, 'f', -1, 64)
				}
			}
			if stream, ok := values["@stream"]; ok && stream != "conn" || !ok && !connections {
				continue
			}
		case connections:
			for i, value := range strings.Split(string(line), "\t") {
				if i < len(fields) && value != "-" {
					values[fields[i]] = value
				}
			}
		default:
			return nil
		}
		c.connection(values)
	}
	return lines.Err()
}

func (c flowCounts) connection(values map[string]string) {
	from, to := values["id.orig_h"], values["id.resp_h"]
	sent, received := wholeText(values["orig_bytes"]), wholeText(values["resp_bytes"])
	outcome := outcomeByHand(values)
	count := func(address, other string, sent, received int64) {
		byOther, ok := c[address]
		if !ok {
			return
		}
		if !flowTruth[address] { // the organisation is at the other end
			sent, received = received, sent
		}
		if byOther[other] == nil {
			byOther[other] = &flowCount{}
		}
		byOther[other].add(outcome, sent, received)
		byOther[""].add(outcome, sent, received)
	}
	count(from, to, sent, received)
	if from != to {
		count(to, from, received, sent)
	}
}

// outcomeByHand is the table of the definition: conn_state, and the history where that
// does not decide. Where Zeek took the ends the other way round ("^"), no log of the pack
// has letters before that mark.
func outcomeByHand(values map[string]string) string {
	history := values["history"]
	switch state := values["conn_state"]; {
	case values["proto"] == "icmp":
		return "icmp" // "a class of its own"
	case strings.Contains(" SF S1 S2 S3 ", " "+state+" "):
		return "established"
	case state == "RSTO" || state == "RSTR":
		if strings.ContainsAny(history, "AD") {
			return "established"
		}
		return "unanswered"
	case state == "REJ":
		return "refused"
	case strings.Contains(" S0 SH RSTOS0 ", " "+state+" "):
		return "unanswered"
	case strings.ContainsAny(history, "hd"):
		return "established"
	default:
		return "unknown"
	}
}

func wholeText(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// checkFlows compares outcomes and bytes of every address in want with its page, its
// peers and its connections.
func (p *pack) checkFlows(site string, want flowCounts) {
	p.t.Helper()
	for address, byOther := range want {
		all := byOther[""]
		doc := p.page(site, address)
		for i := range doc.Sources {
			s := &doc.Sources[i]
			if s.SourceKind != "zeek.conn" {
				continue
			}
			if diff := cmp.Diff(all, &flowCount{s.Records, s.BytesOut, s.BytesIn, s.Outcomes}); diff != "" {
				p.t.Errorf("site %s, connections of %s (-counted +got):\n%s", site, address, diff)
			}
		}
		p.checkPeers(site, address, byOther)
	}
}

// checkPeers compares every peer of an address, whichever page of the list it is on.
func (p *pack) checkPeers(site, address string, want map[string]*flowCount) {
	p.t.Helper()
	type peer struct {
		BytesOut, BytesIn int64
		Contacted         bool
	}
	wanted, got := map[string]peer{}, map[string]peer{}
	for other, c := range want {
		wanted[other] = peer{c.BytesOut, c.BytesIn, c.Outcomes["established"] > 0}
	}
	delete(wanted, "")
	for {
		var page struct {
			Total int64                 `json:"total"`
			Items []entitypage.PeerItem `json:"items"`
		}
		p.get("/api/entities/ip/"+address+"/peers?"+url.Values{
			"site": {site}, "from": {"2000-01-01T00:00:00Z"}, "to": {"2030-01-01T00:00:00Z"},
			"limit": {"10000"}, "offset": {strconv.Itoa(len(got))},
		}.Encode(), &page)
		for _, item := range page.Items {
			got[item.Address] = peer{item.BytesOut, item.BytesIn, item.Contacted}
		}
		if len(page.Items) == 0 || int64(len(got)) >= page.Total {
			break
		}
	}
	maps.DeleteFunc(got, func(other string, _ peer) bool { return wanted[other] == got[other] })
	maps.DeleteFunc(wanted, func(other string, _ peer) bool { _, ok := got[other]; return !ok })
	if len(got) > 0 {
		p.t.Errorf("site %s, %d peers of %s (-counted +got):\n%s", site, len(got), address, cmp.Diff(wanted, got))
	}
}
