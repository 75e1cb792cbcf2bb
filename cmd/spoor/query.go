package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func queryCommand() *cobra.Command {
	var c client
	var format string
	cmd := &cobra.Command{
		Use:   "query 'KQL'",
		Short: "Run a KQL query",
		Long: "Runs a query and prints its first table. \"-\" reads the query from standard input.\n" +
			"JSON is one array of objects with the values of Kusto's v1 answer; CSV has a header line.",
		Example: "  spoor query 'DeviceNetworkEvents | summarize count() by ActionType'\n" +
			"  spoor query --format csv - < hunt.kql > result.csv",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			print, ok := map[string]func(io.Writer, *kustoTable) error{"table": printTable, "json": printJSON, "csv": printCSV}[format]
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
			if err := c.connect(); err != nil {
				return err
			}
			table, err := c.query(cmd, text)
			if err != nil {
				return err
			}
			return print(cmd.OutOrStdout(), table)
		},
	}
	c.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "table", "table, json or csv")
	return cmd
}

// kustoTable is a table of Kusto's v1 answer, with the values as the server wrote them.
type kustoTable struct {
	Columns []struct {
		ColumnName, ColumnType string
	}
	Rows []json.RawMessage
}

// query asks over Kusto's own REST call, as any of its clients would.
func (c *client) query(cmd *cobra.Command, text string) (*kustoTable, error) {
	body, err := json.Marshal(map[string]string{"db": "Spoor", "csl": text})
	if err != nil {
		return nil, err
	}
	var answer struct{ Tables []kustoTable }
	if err := c.doJSON(cmd.Context(), http.MethodPost, "/v1/rest/query", nil, bytes.NewReader(body), &answer); err != nil {
		return nil, err
	}
	if len(answer.Tables) == 0 {
		return nil, errors.New("the server's answer holds no table")
	}
	table := answer.Tables[0]
	return &table, table.failed()
}

// failed is the error that ends a table whose query broke off after its first rows:
// Kusto puts an object in the place of a row.
func (t *kustoTable) failed() error {
	for _, row := range t.Rows {
		if len(row) > 0 && row[0] == '{' {
			var end struct {
				Exceptions []string
			}
			if err := json.Unmarshal(row, &end); err == nil && len(end.Exceptions) > 0 {
				return errors.New(printable(strings.Join(end.Exceptions, "; ")))
			}
			return errors.New("the result is incomplete")
		}
	}
	return nil
}

// cells splits a row into its values.
func cells(row json.RawMessage) ([]json.RawMessage, error) {
	var values []json.RawMessage
	if err := json.Unmarshal(row, &values); err != nil {
		return nil, fmt.Errorf("read a row: %w", err)
	}
	return values, nil
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

func printJSON(w io.Writer, t *kustoTable) error {
	names := make([][]byte, len(t.Columns))
	for i, c := range t.Columns {
		name, err := json.Marshal(c.ColumnName)
		if err != nil {
			return err
		}
		names[i] = name
	}
	var b bytes.Buffer
	b.WriteString("[")
	for n, row := range t.Rows {
		values, err := cells(row)
		if err != nil {
			return err
		}
		if n > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n{")
		for i, v := range values[:min(len(values), len(names))] {
			if i > 0 {
				b.WriteString(",")
			}
			b.Write(names[i])
			b.WriteString(":")
			b.Write(v)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	_, err := w.Write(b.Bytes())
	return err
}

func printCSV(w io.Writer, t *kustoTable) error {
	out := csv.NewWriter(w)
	line := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		line[i] = c.ColumnName
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range t.Rows {
		values, err := cells(row)
		if err != nil {
			return err
		}
		line = line[:0]
		for i, v := range values {
			line = append(line, csvCell(plain(v), t.Columns[i].ColumnType))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvCell keeps a spreadsheet from taking text out of an event for a formula.
func csvCell(s, columnType string) string {
	if s != "" && (columnType == "string" || columnType == "dynamic") && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// widest is how many characters of a value a terminal table shows.
const widest = 80

func printTable(w io.Writer, t *kustoTable) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range t.Columns {
		if i > 0 {
			fmt.Fprint(out, "\t")
		}
		fmt.Fprint(out, printable(c.ColumnName))
	}
	fmt.Fprintln(out)
	for _, row := range t.Rows {
		values, err := cells(row)
		if err != nil {
			return err
		}
		for i, v := range values {
			if i > 0 {
				fmt.Fprint(out, "\t")
			}
			text := []rune(printable(plain(v)))
			if len(text) > widest {
				text = append(text[:widest-1], '…')
			}
			fmt.Fprint(out, string(text))
		}
		fmt.Fprintln(out)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if isTerminal(os.Stdout) {
		_, err := fmt.Fprintf(w, "%d rows\n", len(t.Rows))
		return err
	}
	return nil
}
