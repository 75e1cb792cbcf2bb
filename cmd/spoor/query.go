package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

func queryCommand() *cobra.Command {
	var c client
	var format string
	var options queryOptions
	var explain bool
	cmd := &cobra.Command{
		Use:   "query 'KQL'",
		Short: "Run a KQL query",
		Long: "Runs a query and prints its tables as their rows come. \"-\" reads the query from standard input.\n" +
			"JSON is an array of objects a table, with the values of Kusto's answers; CSV has a header line.\n" +
			"Of several tables (fork, facet, several statements) JSON prints one array after another, CSV an empty line between them.",
		Example: "  spoor query 'DeviceNetworkEvents | summarize count() by ActionType'\n" +
			"  spoor query --format csv --no-truncation - < hunt.kql > result.csv\n" +
			"  spoor query --param since=7d 'declare query_parameters(since:timespan); DeviceInfo | where Timestamp > ago(since)'",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			newPrinter, ok := printers[format]
			if !ok {
				return fmt.Errorf("no format %q: one of table, json, csv", format)
			}
			text := args[0]
			if text == "-" {
				in, err := io.ReadAll(cmd.InOrStdin())
				if err != nil {
					return fmt.Errorf("read the query: %w", err)
				}
				text = string(in)
			}
			if strings.TrimSpace(text) == "" {
				return errors.New("the query is empty")
			}
			if err := c.connect(); err != nil {
				return err
			}
			if explain {
				return c.explain(cmd, text, options)
			}
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 64<<10)
			err := c.query(cmd.Context(), text, options, newPrinter(out))
			return errors.Join(err, out.Flush())
		},
	}
	c.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&format, "format", "table", "table, json or csv")
	f.BoolVar(&explain, "explain", false, "print the plan and the SQL of every statement instead of running the query")
	f.Int64Var(&options.maxRows, "max-rows", 0, "stop with an error beyond this many rows (default: the server's limit)")
	f.BoolVar(&options.noTruncation, "no-truncation", false, "lift the server's limits on rows and bytes")
	f.StringToStringVar(&options.parameters, "param", nil, "value of a declared query parameter, name=value; may be repeated")
	return cmd
}

// queryOptions are what a query may be asked with.
type queryOptions struct {
	maxRows      int64
	noTruncation bool
	parameters   map[string]string
}

// explain prints how the server would run a query.
func (c *client) explain(cmd *cobra.Command, text string, options queryOptions) error {
	body, err := json.Marshal(map[string]any{"query": text, "parameters": options.parameters})
	if err != nil {
		return err
	}
	var answer struct {
		Plan       string
		Statements []string
	}
	if err := c.doJSON(cmd.Context(), http.MethodPost, "/api/kql/explain", nil, bytes.NewReader(body), &answer); err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	fmt.Fprintf(w, "%s", answer.Plan)
	for _, sql := range answer.Statements {
		fmt.Fprintf(w, "\n%s\n", printable(sql))
	}
	return nil
}

// request is the body of the REST call.
func (o queryOptions) request(text string) ([]byte, error) {
	options := map[string]any{"results_v2_fragment_primary_tables": true, "results_error_reporting_placement": "end_of_table"}
	if o.noTruncation {
		options["notruncation"] = true
	}
	if o.maxRows > 0 {
		options["truncationmaxrecords"] = o.maxRows
	}
	return json.Marshal(map[string]any{
		"db": "Spoor", "csl": text, "properties": map[string]any{"Options": options, "Parameters": o.parameters},
	})
}

// query asks over Kusto's own REST call, as any of its clients would, and prints the
// rows as they come: no more than a fragment of them is held.
func (c *client) query(ctx context.Context, text string, options queryOptions, p printer) (err error) {
	body, err := options.request(text)
	if err != nil {
		return err
	}
	resp, err := c.do(ctx, http.MethodPost, "/v2/rest/query", nil, bytes.NewReader(body), http.Header{"Content-Type": {"application/json"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	dec := json.NewDecoder(resp.Body)
	if _, err := dec.Token(); err != nil { // the array of frames
		return fmt.Errorf("read the server's answer: %w", err)
	}
	for dec.More() {
		var f kustoFrame
		if err := dec.Decode(&f); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		if err := f.print(p); err != nil {
			return err
		}
	}
	return nil
}

// kustoFrame is a frame of Kusto's v2 answer, of whatever type.
type kustoFrame struct {
	FrameType    string
	TableKind    string
	TableName    string
	Columns      []kustoColumn
	Rows         [][]json.RawMessage
	OneAPIErrors []struct {
		Error struct {
			Message string `json:"@message"`
		} `json:"error"`
	} `json:"OneApiErrors"`
}

type kustoColumn struct{ ColumnName, ColumnType string }

// print prints what a frame says of a table. The error may be the query's.
func (f *kustoFrame) print(p printer) error {
	switch f.FrameType {
	case "TableHeader":
		return p.begin(f.TableName, f.Columns)
	case "TableFragment":
		for _, row := range f.Rows {
			if err := p.row(row); err != nil {
				return err
			}
		}
		return nil
	case "TableCompletion":
		return errors.Join(p.end(), f.failed())
	case "DataSetCompletion":
		return f.failed()
	default:
		return nil
	}
}

func (f *kustoFrame) failed() error {
	if len(f.OneAPIErrors) == 0 {
		return nil
	}
	return errors.New(printable(f.OneAPIErrors[0].Error.Message))
}

// printer writes tables, one after another.
type printer interface {
	begin(name string, columns []kustoColumn) error
	row(values []json.RawMessage) error
	end() error
}

var printers = map[string]func(io.Writer) printer{
	"json":  func(w io.Writer) printer { return &jsonPrinter{w: w} },
	"csv":   func(w io.Writer) printer { return &csvPrinter{w: w} },
	"table": func(w io.Writer) printer { return &tablePrinter{w: w} },
}

// plain is a value as text: a string without its quotes, null as nothing.
func plain(v json.RawMessage) string {
	var s string
	switch {
	case string(v) == "null":
		return ""
	case json.Unmarshal(v, &s) == nil:
		return s
	default:
		return string(v)
	}
}

// jsonPrinter writes an array of objects a table.
type jsonPrinter struct {
	w     io.Writer
	names [][]byte
	line  []byte
	rows  int
}

func (p *jsonPrinter) begin(_ string, columns []kustoColumn) error {
	p.names, p.rows = p.names[:0], 0
	for _, c := range columns {
		name, err := json.Marshal(c.ColumnName)
		if err != nil {
			return err
		}
		p.names = append(p.names, name)
	}
	_, err := io.WriteString(p.w, "[")
	return err
}

func (p *jsonPrinter) row(values []json.RawMessage) error {
	p.line = p.line[:0]
	if p.rows > 0 {
		p.line = append(p.line, ',')
	}
	p.rows++
	p.line = append(p.line, "\n{"...)
	for i, v := range values[:min(len(values), len(p.names))] {
		if i > 0 {
			p.line = append(p.line, ',')
		}
		p.line = append(append(append(p.line, p.names[i]...), ':'), v...)
	}
	_, err := p.w.Write(append(p.line, '}'))
	return err
}

func (p *jsonPrinter) end() error {
	_, err := io.WriteString(p.w, "\n]\n")
	return err
}

// csvPrinter writes a header line and the rows.
type csvPrinter struct {
	w       io.Writer
	csv     *csv.Writer
	columns []kustoColumn
	line    []string
}

func (p *csvPrinter) begin(_ string, columns []kustoColumn) error {
	if p.csv != nil { // a table before this one
		if _, err := io.WriteString(p.w, "\n"); err != nil {
			return err
		}
	}
	p.csv, p.columns, p.line = csv.NewWriter(p.w), columns, p.line[:0]
	for _, c := range columns {
		p.line = append(p.line, c.ColumnName)
	}
	return p.csv.Write(p.line)
}

func (p *csvPrinter) row(values []json.RawMessage) error {
	p.line = p.line[:0]
	for i, v := range values[:min(len(values), len(p.columns))] {
		p.line = append(p.line, csvCell(plain(v), p.columns[i].ColumnType))
	}
	return p.csv.Write(p.line)
}

func (p *csvPrinter) end() error {
	p.csv.Flush()
	return p.csv.Error()
}

// csvCell keeps a spreadsheet from taking text out of an event for a formula.
func csvCell(s, columnType string) string {
	if s != "" && (columnType == "string" || columnType == "dynamic") && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

const (
	// widest is how many characters of a value a terminal table shows.
	widest = 80
	// measured is how many rows are held back to find the widths of the columns.
	measured = 1000
)

// tablePrinter writes aligned columns. Widths are those of the first rows; a wider value
// further down moves its line's rest to the right.
type tablePrinter struct {
	w      io.Writer
	tables int
	lines  [][]string // held back, the header first; nil once the widths are known
	widths []int
	rows   int
}

func (p *tablePrinter) begin(name string, columns []kustoColumn) error {
	if p.tables++; p.tables > 1 {
		if _, err := fmt.Fprintf(p.w, "\n# %s\n", printable(name)); err != nil {
			return err
		}
	}
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = printable(c.ColumnName)
	}
	p.lines, p.rows = [][]string{header}, 0
	return nil
}

func (p *tablePrinter) row(values []json.RawMessage) error {
	p.rows++
	line := make([]string, len(values))
	for i, v := range values {
		text := []rune(printable(plain(v)))
		if len(text) > widest {
			text = append(text[:widest-1], '…')
		}
		line[i] = string(text)
	}
	if p.lines == nil {
		return p.write(line)
	}
	p.lines = append(p.lines, line)
	if len(p.lines) > measured {
		return p.flush()
	}
	return nil
}

// flush writes the lines held back, under widths that suit them.
func (p *tablePrinter) flush() error {
	p.widths = make([]int, len(p.lines[0]))
	for _, line := range p.lines {
		for i, text := range line[:min(len(line), len(p.widths))] {
			p.widths[i] = max(p.widths[i], utf8.RuneCountInString(text))
		}
	}
	for _, line := range p.lines {
		if err := p.write(line); err != nil {
			return err
		}
	}
	p.lines = nil
	return nil
}

func (p *tablePrinter) write(line []string) error {
	var b strings.Builder
	for i, text := range line {
		b.WriteString(text)
		if i < len(line)-1 && i < len(p.widths) {
			b.WriteString(strings.Repeat(" ", max(p.widths[i]-utf8.RuneCountInString(text), 0)+2))
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(p.w, b.String())
	return err
}

func (p *tablePrinter) end() error {
	if p.lines != nil {
		if err := p.flush(); err != nil {
			return err
		}
	}
	if isTerminal(os.Stdout) {
		_, err := fmt.Fprintf(p.w, "%d rows\n", p.rows)
		return err
	}
	return nil
}
