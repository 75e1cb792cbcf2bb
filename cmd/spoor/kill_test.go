package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// victim is a server process on a data folder.
type victim struct {
	t   *testing.T
	dir string
	cmd *exec.Cmd
	con console
	log bytes.Buffer
}

// start starts the server and waits until it answers.
func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.CommandContext(context.WithoutCancel(v.t.Context()), os.Args[0], "serve", "--listen", "127.0.0.1:0", "--data-dir", v.dir, "--reserve", "1")
	v.cmd.Env = append(os.Environ(), serveEnv+"=1")
	v.cmd.Stdout, v.cmd.Stderr = io.Discard, &v.log
	path := filepath.Join(v.dir, consoleFile)
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		v.t.Fatal(err)
	}
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	deadline := time.Now().Add(60 * time.Second)
	for {
		if data, err := os.ReadFile(path); err == nil && json.Unmarshal(data, &v.con) == nil {
			if resp, err := http.Get(v.con.Server + "/healthz"); err == nil { //nolint:noctx // bounded by the deadline of the loop
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return
				}
			}
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("the server does not answer:\n%s", v.log.String())
		}
		<-time.After(5 * time.Millisecond)
	}
}

// kill ends the process as a power cut would.
func (v *victim) kill() {
	v.t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		v.t.Fatal(err)
	}
	_ = v.cmd.Wait() // it was killed
}

func (v *victim) post(ctx context.Context, path string, header http.Header, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.con.Server+path, body)
	if err != nil {
		return nil, err
	}
	req.Header = header
	req.Header.Set("Authorization", "Bearer "+v.con.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, data)
	}
	return data, err
}

// query gives the rows of a KQL query.
func (v *victim) query(text string) [][]any {
	v.t.Helper()
	body, err := json.Marshal(map[string]string{"db": "Spoor", "csl": text})
	if err != nil {
		v.t.Fatal(err)
	}
	data, err := v.post(v.t.Context(), "/v1/rest/query", http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	var answer struct{ Tables []struct{ Rows [][]any } }
	if err := json.Unmarshal(data, &answer); err != nil {
		v.t.Fatal(err)
	}
	return answer.Tables[0].Rows
}

// counts is a table of two columns as a map.
func counts(rows [][]any) map[string]int64 {
	out := map[string]int64{}
	for _, r := range rows {
		out[fmt.Sprint(r[0])] = whole(r[1])
	}
	return out
}

// fileLines is how many records one file of the kill test holds.
const fileLines = 3000

// connFile is the n-th file: flows of the n-th client to three servers.
func connFile(n int) string {
	var b strings.Builder
	for i := range fileLines {
		fmt.Fprintf(&b, `{"_path":"conn","ts":%d.25,"uid":"C%d-%d","id.orig_h":"10.9.%d.%d","id.orig_p":%d,"id.resp_h":"203.0.113.%d","id.resp_p":443,"proto":"tcp","conn_state":"SF","history":"ShADadFf","orig_bytes":10,"resp_bytes":20}`+"\n",
			1714521600+i, n, i, n/200, n%200, 20000+i, i%3+1)
	}
	return b.String()
}

// TestServerSurvivesSIGKILL kills the server again and again while logs come in: no
// acknowledged record is lost, none is there twice, and the ledger is what a count of
// the events gives.
func TestServerSurvivesSIGKILL(t *testing.T) {
	t.Parallel()
	rounds := 50
	if testing.Short() {
		rounds = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	v := &victim{t: t, dir: t.TempDir()}
	acknowledged, next := 0, 0 // files
	v.start()
	for round := range rounds {
		// Files go in one after the other until the kill; the one that was under way is
		// sent again after the restart.
		stop := time.After(time.Duration(20+random.IntN(300)) * time.Millisecond)
		results := make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for {
				_, err := v.post(ctx, fmt.Sprintf("/api/ingest?name=conn-%d.log", next), http.Header{}, strings.NewReader(connFile(next)))
				if err != nil {
					results <- err
					return
				}
				next++
			}
		}()
		<-stop
		v.kill()
		if err := <-results; err == nil {
			t.Error("a request to a killed server succeeded")
		}
		cancel()
		acknowledged = next
		v.start()
		v.check(round, acknowledged)
	}
	if acknowledged == 0 {
		t.Error("no file was ever acknowledged")
	}
	t.Logf("%d files acknowledged over %d kills", acknowledged, rounds)
	v.kill()
}

// check counts the events of every client and compares the ledger with them.
func (v *victim) check(round, acknowledged int) {
	v.t.Helper()
	events := counts(v.query(`DeviceNetworkEvents | summarize count() by LocalIP`))
	for n := range acknowledged {
		if got := events[fmt.Sprintf("10.9.%d.%d", n/200, n%200)]; got != fileLines {
			v.t.Fatalf("round %d: acknowledged file %d has %d events, want %d", round, n, got, fileLines)
		}
	}
	if len(events) > acknowledged+1 {
		v.t.Fatalf("round %d: events of %d files, though %d were sent", round, len(events), acknowledged+1)
	}
	unique := v.query(`DeviceNetworkEvents | summarize count(), dcount(_RawId)`)
	if len(unique) == 1 && whole(unique[0][0]) != whole(unique[0][1]) {
		v.t.Fatalf("round %d: %v events have %v raw ids", round, unique[0][0], unique[0][1])
	}
	for column, side := range map[string]string{"LocalIP": "local", "RemoteIP": "remote"} {
		recount := counts(v.query(`DeviceNetworkEvents | summarize count() by ` + column))
		ledger := counts(v.query(`SpoorSightings | where Kind == "ip" and Roles has "` + side + `" | summarize sum(Records) by Entity`))
		if diff := cmp.Diff(recount, ledger); diff != "" {
			v.t.Fatalf("round %d: the ledger is not the events' count by %s (-events +ledger):\n%s", round, column, diff)
		}
	}
}
