package export

import (
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	pq "github.com/apache/arrow-go/v18/parquet/schema"

	"spoor/internal/schema"
)

// groupRows is how many rows a row group has: what the writer holds in memory.
const groupRows = 10_000

// parquetWriter writes moments as microseconds in UTC, the finest unit that holds the
// years 1 to 9999, and lists as text. It goes by the columns of Parquet itself: the
// package that makes them of Arrow's brings the whole of gRPC along.
type parquetWriter struct {
	file    *file.Writer
	columns []parquetColumn
	rows    int
}

// parquetColumn is a column of the row group at hand.
type parquetColumn struct {
	typ     schema.Type
	defined []int16 // for each row: 1 for a value, 0 for null
	texts   []parquet.ByteArray
	numbers []int64
	reals   []float64
	truths  []bool
}

func newParquet(to io.Writer, columns []Column) (*parquetWriter, error) {
	w := &parquetWriter{columns: make([]parquetColumn, len(columns))}
	fields := make(pq.FieldList, len(columns))
	for i, c := range columns {
		w.columns[i].typ = c.Type
		logical, physical := parquetType(c.Type)
		var err error
		if fields[i], err = pq.NewPrimitiveNodeLogical(c.Name, parquet.Repetitions.Optional, logical, physical, 0, -1); err != nil {
			return nil, err
		}
	}
	root, err := pq.NewGroupNode("schema", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	w.file = file.NewParquetWriter(onlyWriter{to}, root, file.WithWriterProps(parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd))))
	return w, nil
}

// onlyWriter hides that a writer could be closed, which Parquet's would do.
type onlyWriter struct{ io.Writer }

func parquetType(t schema.Type) (pq.LogicalType, parquet.Type) {
	switch t {
	case schema.Bool:
		return pq.NoLogicalType{}, parquet.Types.Boolean
	case schema.Int, schema.Long, schema.TimeSpan:
		return pq.NewIntLogicalType(64, true), parquet.Types.Int64
	case schema.Real:
		return pq.NoLogicalType{}, parquet.Types.Double
	case schema.DateTime:
		return pq.NewTimestampLogicalType(true, pq.TimeUnitMicros), parquet.Types.Int64
	default:
		return pq.StringLogicalType{}, parquet.Types.ByteArray
	}
}

func (w *parquetWriter) Write(row []any) error {
	for i, v := range row {
		w.columns[i].add(v)
	}
	if w.rows++; w.rows == groupRows {
		return w.flush()
	}
	return nil
}

// add appends a value; what is not of the column's type is null. Parquet's text is
// UTF-8: other bytes are replaced.
func (c *parquetColumn) add(v any) {
	before := len(c.texts) + len(c.numbers) + len(c.reals) + len(c.truths)
	_, physical := parquetType(c.typ)
	switch v := v.(type) {
	case nil:
	case bool:
		c.truths = append(c.truths, v)
	case float64:
		c.reals = append(c.reals, v)
	case int32:
		c.numbers = append(c.numbers, int64(v))
	case int64:
		c.numbers = append(c.numbers, v)
	case schema.Ticks:
		c.numbers = append(c.numbers, v.Time().UnixMicro())
	default:
		if physical == parquet.Types.ByteArray {
			c.texts = append(c.texts, parquet.ByteArray(strings.ToValidUTF8(plain(v), "\ufffd")))
		}
	}
	c.defined = append(c.defined, int16(len(c.texts)+len(c.numbers)+len(c.reals)+len(c.truths)-before))
}

// flush writes the row group at hand.
func (w *parquetWriter) flush() error {
	if w.rows == 0 {
		return nil
	}
	w.rows = 0
	group := w.file.AppendRowGroup()
	for i := range w.columns {
		chunk, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := w.columns[i].write(chunk); err != nil {
			return err
		}
		if err := chunk.Close(); err != nil {
			return err
		}
	}
	return group.Close()
}

// write writes the values and forgets them.
func (c *parquetColumn) write(chunk file.ColumnChunkWriter) (err error) {
	switch chunk := chunk.(type) {
	case *file.ByteArrayColumnChunkWriter:
		_, err = chunk.WriteBatch(c.texts, c.defined, nil)
	case *file.Int64ColumnChunkWriter:
		_, err = chunk.WriteBatch(c.numbers, c.defined, nil)
	case *file.Float64ColumnChunkWriter:
		_, err = chunk.WriteBatch(c.reals, c.defined, nil)
	case *file.BooleanColumnChunkWriter:
		_, err = chunk.WriteBatch(c.truths, c.defined, nil)
	}
	clear(c.texts)
	c.texts, c.numbers, c.reals, c.truths, c.defined = c.texts[:0], c.numbers[:0], c.reals[:0], c.truths[:0], c.defined[:0]
	return err
}

func (w *parquetWriter) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.file.Close()
}
