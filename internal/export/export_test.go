package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"spoor/internal/export"
	"spoor/internal/schema"
)

var columns = []export.Column{
	{"Name", schema.String}, {"Records", schema.Long}, {"First", schema.DateTime}, {"Roles", schema.Dynamic}, {"Contacted", schema.Bool},
}

// hostile are names as an attacker may choose them. CSV shows each as the second text.
var hostile = [][2]string{
	{"=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"},
	{"+1+1", "'+1+1"},
	{"-2+3", "'-2+3"},
	{"@SUM(A1)", "'@SUM(A1)"},
	{"\t=1", "'\t=1"},
	{"\r=1", "'\r=1"},
	{`<script>alert("1")</script>`, `<script>alert("1")</script>`},
	{"a,b\r\nc", "a,b\r\nc"},
	{"\u202egnp.exe", "\u202egnp.exe"},
	{"nul\x00bell\x07", "nul\x00bell\x07"},
	{strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20)},
	{"", ""},
}

var first = schema.TicksOf(time.Date(2024, 5, 31, 12, 0, 0, 123456000, time.UTC))

func write(t *testing.T, f export.Format, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := export.New(f, &out, columns)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		name := fmt.Sprint("host-", i)
		if i < len(hostile) {
			name = hostile[i][0]
		}
		if err := w.Write([]any{name, int64(-i), first, []string{"=source", "local"}, i%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A spreadsheet shows every value and computes none; numbers stay numbers.
func TestCSV(t *testing.T) {
	data := write(t, export.CSV, len(hostile))
	r := csv.NewReader(bytes.NewReader(data))
	header, err := r.Read()
	if err != nil || fmt.Sprint(header) != "[Name Records First Roles Contacted]" {
		t.Fatalf("the header is %q, %v", header, err)
	}
	for i, h := range hostile {
		row, err := r.Read()
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(h[1], "\r\n", "\n") // as encoding/csv reads a line end
		if row[0] != want || row[1] != fmt.Sprint(-i) || row[2] != "2024-05-31T12:00:00.1234560Z" || row[3] != "'=source; local" {
			t.Errorf("row %d is %.60q, want %.60q", i, row, want)
		}
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		t.Error("there are more rows")
	}
}

func TestJSONL(t *testing.T) {
	dec := json.NewDecoder(bytes.NewReader(write(t, export.JSONL, len(hostile))))
	for i, h := range hostile {
		var row struct {
			Name      string
			Records   int64
			First     time.Time
			Roles     []string
			Contacted bool
		}
		if err := dec.Decode(&row); err != nil {
			t.Fatal(err)
		}
		if row.Name != h[0] || row.Records != int64(-i) || !row.First.Equal(first.Time()) || len(row.Roles) != 2 || row.Contacted != (i%2 == 0) {
			t.Errorf("row %d is %.80v", i, row)
		}
	}
}

// The file is read back over several row groups.
func TestParquet(t *testing.T) {
	const rows = 25_000
	r, err := file.NewParquetReader(bytes.NewReader(write(t, export.Parquet, rows)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != rows || r.NumRowGroups() != 3 {
		t.Fatalf("%d rows in %d groups", r.NumRows(), r.NumRowGroups())
	}
	names, lists := make([]parquet.ByteArray, len(hostile)), make([]parquet.ByteArray, len(hostile))
	records, times := make([]int64, len(hostile)), make([]int64, len(hostile))
	contacted := make([]bool, len(hostile))
	read(t, r, 0, func(c file.ColumnChunkReader) (int64, int, error) {
		return c.(*file.ByteArrayColumnChunkReader).ReadBatch(int64(len(hostile)), names, make([]int16, len(hostile)), nil)
	})
	read(t, r, 1, func(c file.ColumnChunkReader) (int64, int, error) {
		return c.(*file.Int64ColumnChunkReader).ReadBatch(int64(len(hostile)), records, make([]int16, len(hostile)), nil)
	})
	read(t, r, 2, func(c file.ColumnChunkReader) (int64, int, error) {
		return c.(*file.Int64ColumnChunkReader).ReadBatch(int64(len(hostile)), times, make([]int16, len(hostile)), nil)
	})
	read(t, r, 3, func(c file.ColumnChunkReader) (int64, int, error) {
		return c.(*file.ByteArrayColumnChunkReader).ReadBatch(int64(len(hostile)), lists, make([]int16, len(hostile)), nil)
	})
	read(t, r, 4, func(c file.ColumnChunkReader) (int64, int, error) {
		return c.(*file.BooleanColumnChunkReader).ReadBatch(int64(len(hostile)), contacted, make([]int16, len(hostile)), nil)
	})
	for i, h := range hostile {
		if string(names[i]) != h[0] || records[i] != int64(-i) || times[i] != first.Time().UnixMicro() || string(lists[i]) != "=source; local" || contacted[i] != (i%2 == 0) {
			t.Errorf("row %d is %.40q, %d, %d, %s, %t", i, names[i], records[i], times[i], lists[i], contacted[i])
		}
	}
}

// read reads the first values of a column.
func read(t *testing.T, r *file.Reader, column int, batch func(file.ColumnChunkReader) (int64, int, error)) {
	t.Helper()
	c, err := r.RowGroup(0).Column(column)
	if err != nil {
		t.Fatal(err)
	}
	if n, _, err := batch(c); err != nil || n != int64(len(hostile)) {
		t.Fatalf("column %d: %d values, %v", column, n, err)
	}
}

func TestFormatUnknown(t *testing.T) {
	if _, err := export.New("xlsx", io.Discard, columns); err == nil {
		t.Error("an unknown format is taken")
	}
}
