package normalize_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"spoor/internal/ingest/decode"
)

// readRecords reads the two line formats of network sensors: JSON lines and Zeek TSV.
func readRecords(tb testing.TB, data []byte, each func(*decode.Record)) {
	tb.Helper()
	var stream string
	var fields []string
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 16<<20)
	var ordinal int64
	for lines.Scan() {
		line := lines.Text()
		r := &decode.Record{Format: "zeek.tsv", Raw: []byte(line), Ordinal: ordinal}
		switch {
		case strings.HasPrefix(line, "#path\t"):
			stream = line[len("#path\t"):]
			continue
		case strings.HasPrefix(line, "#fields\t"):
			fields = strings.Split(line, "\t")[1:]
			continue
		case strings.TrimSpace(line) == "" || line[0] == '#':
			continue
		case line[0] == '{':
			r.Format = "json"
			r.Fields = jsonFields(tb, line)
		default:
			r.Stream = stream
			for i, text := range strings.Split(line, "\t") {
				v := decode.Value{Kind: decode.String, Text: text}
				if text == "-" {
					v = decode.Value{}
				}
				r.Fields = append(r.Fields, decode.Field{Name: fields[i], Value: v})
			}
		}
		ordinal++
		each(r)
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
}

func jsonFields(tb testing.TB, line string) []decode.Field {
	tb.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		tb.Fatalf("%v in %s", err, line)
	}
	var fields []decode.Field
	for d.More() {
		name, err := d.Token()
		if err != nil {
			tb.Fatalf("%v in %s", err, line)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			tb.Fatalf("%v in %s", err, line)
		}
		fields = append(fields, decode.Field{Name: name.(string), Value: jsonValue(tb, raw)})
	}
	return fields
}

func jsonValue(tb testing.TB, raw json.RawMessage) decode.Value {
	tb.Helper()
	switch text := string(raw); {
	case text == "null":
		return decode.Value{}
	case text[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			tb.Fatal(err)
		}
		return decode.Value{Kind: decode.String, Text: s}
	case text == "true" || text == "false":
		return decode.Value{Kind: decode.Bool, Text: text}
	case text[0] == '{':
		return decode.Value{Kind: decode.Object, Text: text}
	case text[0] == '[':
		return decode.Value{Kind: decode.Array, Text: text}
	default:
		return decode.Value{Kind: decode.Number, Text: text}
	}
}
