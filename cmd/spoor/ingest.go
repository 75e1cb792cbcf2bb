package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"spoor/internal/ingest/decode"
	"spoor/internal/server"
)

func ingestCommand() *cobra.Command {
	var c client
	var o ingestOptions
	cmd := &cobra.Command{
		Use:   "ingest PATH…",
		Short: "Take logs in",
		Long: "Sends files, folders, archives (.gz, .zip, .tar.gz) or standard input (\"-\") to the server, which\n" +
			"finds the format by content. The same content again adds nothing; a file that has grown goes on\n" +
			"where it ended. Ends with a table of what became of every log:\n" +
			"read = stored + unmapped + quarantined + already known.",
		Example: "  spoor ingest /var/log/zeek\n  zcat big.json.gz | spoor ingest -",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.format != "" && decode.ByName(o.format) == nil {
				return noFormat(o.format)
			}
			if err := c.connect(); err != nil {
				return err
			}
			return ingestPaths(cmd, &c, o, args)
		},
	}
	c.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.site, "site", "", "site of the organisation the logs belong to")
	f.StringVar(&o.format, "format", "", "format of the logs, when content is not to decide: "+strings.Join(decode.FormatNames(), ", "))
	f.StringVar(&o.clockOffset, "clock-offset", "", "add this to the records' times (for example 5h or -30m; 0 for none) instead of finding it out")
	f.BoolVar(&o.quiet, "quiet", false, "print problems only")
	return cmd
}

type ingestOptions struct {
	site, format, clockOffset string
	quiet                     bool
}

// filesUnderWay is how many files are sent at once: while the server commits the end of
// one, it reads the next. The next is sent when the server has begun with the one before,
// so that sources get their numbers in the order of the files.
const filesUnderWay = 2

// ingestPaths sends what the paths name and prints what became of it. Failing files do
// not stop the others.
func ingestPaths(cmd *cobra.Command, c *client, o ingestOptions, paths []string) error {
	files, skipped, unread, err := listFiles(paths)
	if err != nil {
		return err
	}
	p := &progress{
		out: cmd.ErrOrStderr(), files: len(files), began: time.Now(), current: map[string]int64{},
		live: isTerminal(os.Stderr) && !o.quiet, quiet: o.quiet,
	}
	logs, failed := make([][]server.IngestedLog, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(filesUnderWay)
	for i, file := range files {
		began := make(chan struct{})
		begin := sync.OnceFunc(func() { close(began) })
		group.Go(func() error {
			defer begin()
			if err := cmd.Context().Err(); err != nil {
				return nil // the files that were being sent say so
			}
			p.begin(file)
			logs[i], failed[i] = sendFile(cmd.Context(), c, o, file, cmd.InOrStdin(), p, begin)
			p.finish(file, logs[i])
			return nil
		})
		<-began
	}
	_ = group.Wait() // each file keeps its own error
	p.clear()
	if !o.quiet {
		printIngested(cmd.OutOrStdout(), append(slices.Concat(logs...), skipped...))
	}
	if cmd.Context().Err() != nil {
		return fmt.Errorf("%w: what the table lists is stored; the same command takes in the rest", errInterrupted)
	}
	return errors.Join(append(unread, failures(files, failed)...)...)
}

// failures names the files that failed. Those that failed for the same reason, as all do
// when the server is gone, are one line.
func failures(files []string, failed []error) (told []error) {
	same := map[string]int{}
	for _, err := range failed {
		if err != nil {
			same[err.Error()]++
		}
	}
	for i, err := range failed {
		if err == nil || same[err.Error()] == 0 {
			continue
		}
		name := printable(files[i])
		if n := same[err.Error()] - 1; n > 0 {
			name = fmt.Sprintf("%s and %d more", name, n)
		}
		same[err.Error()] = 0
		told = append(told, fmt.Errorf("%s: %w", name, err))
	}
	return told
}

// listFiles is the files that paths name, those of folders in the order of their names.
// What lies in a folder and is no file, a named pipe for example, is skipped: reading it
// could wait for ever. A folder in a folder that cannot be read is one of unread.
func listFiles(paths []string) (files []string, skipped []server.IngestedLog, unread []error, err error) {
	for _, path := range paths {
		if path == "-" {
			files = append(files, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, nil, nil, err
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		// With the separator a link to a folder is walked too.
		err = filepath.WalkDir(path+string(filepath.Separator), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				unread = append(unread, err)
				return nil // the rest of the folder is taken in
			}
			if d.IsDir() {
				return nil
			}
			if reason := notFile(p, d.Type()); reason != "" {
				skipped = append(skipped, server.IngestedLog{Name: p, Skipped: reason})
			} else {
				files = append(files, p)
			}
			return nil
		})
		if err != nil {
			return nil, nil, nil, err
		}
	}
	return files, skipped, unread, nil
}

// notFile says why an entry of a folder is not sent; "" for a file or a link to one.
func notFile(path string, typ fs.FileMode) string {
	if typ&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err != nil {
			return "a link that leads nowhere"
		}
		if info.IsDir() {
			return "a link to a folder"
		}
		typ = info.Mode().Type()
	}
	if typ != 0 {
		return "neither file nor folder"
	}
	return ""
}

// sendFile sends one file and reads the server's reports while it works. It calls began
// when the server has begun with it.
func sendFile(ctx context.Context, c *client, o ingestOptions, path string, stdin io.Reader, p *progress, began func()) (logs []server.IngestedLog, err error) {
	body, name := stdin, "stdin"
	if path != "-" {
		name = path
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		info, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if info.Size() == 0 {
			return []server.IngestedLog{{Name: name, Skipped: "empty"}}, nil
		}
		body = f
	}
	query := url.Values{"name": {filepath.ToSlash(name)}}
	for k, v := range map[string]string{"site": o.site, "format": o.format, "clockOffset": o.clockOffset} {
		if v != "" {
			query.Set(k, v)
		}
	}
	resp, err := c.do(ctx, http.MethodPost, "/api/ingest", query, body, http.Header{
		"Content-Type": {"application/octet-stream"}, "Accept": {server.IngestStream},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if logs, err = readReports(resp.Body, p, began); ctx.Err() != nil {
		err = errInterrupted
	}
	return logs, err
}

// readReports reads the server's lines: what a log came to so far, what it came to in
// the end, or what went wrong.
func readReports(r io.Reader, p *progress, began func()) (logs []server.IngestedLog, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line server.IngestLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return logs, fmt.Errorf("read the server's report: %w", err)
		}
		began()
		switch {
		case line.Error != "":
			return logs, errors.New(printable(line.Error))
		case line.Log != nil:
			logs = append(logs, *line.Log)
			p.log(line.Log)
		case line.Progress != nil:
			p.update(line.Progress)
		case line.Done:
			return logs, nil
		}
	}
	if err := lines.Err(); err != nil {
		return logs, fmt.Errorf("read the server's report: %w", err)
	}
	return logs, errors.New("the server broke off; what it reported is stored, the rest can be sent again")
}

// progress shows how far things are: a line that is written over on a terminal, and a
// plain line a file elsewhere. It is safe for concurrent use.
type progress struct {
	mu          sync.Mutex
	out         io.Writer
	files, done int
	began       time.Time
	records     int64            // of finished logs
	current     map[string]int64 // records so far of those under way
	live, quiet bool
	shown       int // width of the line on the terminal
}

func (p *progress) begin(file string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show(fmt.Sprintf("[%d/%d] %s", p.done+1, p.files, file))
}

func (p *progress) update(log *server.IngestedLog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current[log.Name] = log.Read - log.Known
	records := p.records
	for _, n := range p.current {
		records += n
	}
	p.show(fmt.Sprintf("[%d/%d] %s  %s records  %s/s", p.done+1, p.files, log.Name, humanize.Comma(records), p.rate(records)))
}

func (p *progress) rate(records int64) string {
	return humanize.Comma(int64(float64(records) / max(time.Since(p.began).Seconds(), 0.001)))
}

func (p *progress) log(log *server.IngestedLog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.current, log.Name)
	p.records += log.Read - log.Known
}

func (p *progress) finish(file string, logs []server.IngestedLog) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.live || p.quiet {
		return
	}
	var read int64
	for _, l := range logs {
		read += l.Read
	}
	fmt.Fprintf(p.out, "%s: %s records\n", printable(file), humanize.Comma(read))
}

func (p *progress) show(line string) {
	if !p.live {
		return
	}
	runes := []rune(printable(line))
	runes = runes[:min(len(runes), 110)]
	fmt.Fprintf(p.out, "\r%s%s", string(runes), strings.Repeat(" ", max(p.shown-len(runes), 0)))
	p.shown = len(runes)
}

func (p *progress) clear() {
	if p.live {
		fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.shown))
	}
}

// printIngested prints the closing table: a line a log, and the sums.
func printIngested(w io.Writer, logs []server.IngestedLog) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "log\tread\tstored\tunmapped\tquarantined\tknown\tclock\ttables")
	var sum server.IngestedLog
	for i := range logs {
		l := &logs[i]
		note := tables(l.ByTable)
		if l.Skipped != "" {
			note = strings.TrimPrefix(note+"; "+l.Skipped, "; ")
		}
		clock := l.ClockOffset
		if clock == "00:00:00" {
			clock = ""
		}
		fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", printable(l.Name), l.Read, l.Stored, l.Unmapped, l.Quarantined, l.Known, clock, printable(note))
		sum.Read += l.Read
		sum.Stored += l.Stored
		sum.Unmapped += l.Unmapped
		sum.Quarantined += l.Quarantined
		sum.Known += l.Known
	}
	fmt.Fprintf(out, "%d logs\t%d\t%d\t%d\t%d\t%d\t\t\n", len(logs), sum.Read, sum.Stored, sum.Unmapped, sum.Quarantined, sum.Known)
	_ = out.Flush() // there is nowhere to report it
}

// tables lists how many rows went where, most first.
func tables(byTable map[string]int64) string {
	names := slices.SortedFunc(maps.Keys(byTable), func(a, b string) int {
		return int(max(min(byTable[b]-byTable[a], 1), -1))
	})
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%s %d", name, byTable[name]))
	}
	return strings.Join(parts, ", ")
}
