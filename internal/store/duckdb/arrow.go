package duckdb

/*
#include <stdlib.h>
*/
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/duckdb/duckdb-go/arrowmapping"
	"github.com/duckdb/duckdb-go/mapping"
)

// arrowColumn collects the values of one column for an insert. Values are set in the
// order of their rows; rows that are passed over hold null, or the empty text in a
// column that cannot be null. It is reused from batch to batch.
type arrowColumn struct {
	typ      arrow.DataType
	nullable bool
	n        int // rows filled so far

	ends  []int32 // of the texts in bytes; ends[0] = 0
	bytes []byte
	wide  []uint64 // the bits of 64-bit values
	ints  []int32
	bits  []byte // truth values
	valid []byte // a bit for each row
	nulls int
}

func (c *arrowColumn) reset() {
	c.n, c.nulls = 0, 0
	c.ends = append(c.ends[:0], 0)
	c.bytes, c.wide, c.ints, c.bits, c.valid = c.bytes[:0], c.wide[:0], c.ints[:0], c.bits[:0], c.valid[:0]
}

// has reports whether the row is set already.
func (c *arrowColumn) has(row int) bool { return c.n > row }

// fill passes over the rows before row.
func (c *arrowColumn) fill(row int) {
	for ; c.n < row; c.n++ {
		switch c.typ.ID() {
		case arrow.STRING, arrow.BINARY:
			c.ends = push(c.ends, int32(len(c.bytes)))
		case arrow.INT32:
			c.ints = push(c.ints, 0)
		case arrow.BOOL:
			c.bits = setBit(c.bits, c.n, false)
		default:
			c.wide = push(c.wide, 0)
		}
		if c.nullable {
			c.valid = setBit(c.valid, c.n, false)
			c.nulls++
		}
	}
}

// set marks the row as filled; the value was appended by the caller.
func (c *arrowColumn) set() {
	if c.nullable {
		c.valid = setBit(c.valid, c.n, true)
	}
	c.n++
}

func (c *arrowColumn) setText(row int, s string) {
	c.fill(row)
	s = validText(s)
	c.bytes = append(withRoom(c.bytes, len(s)), s...)
	c.ends = push(c.ends, int32(len(c.bytes)))
	c.set()
}

func (c *arrowColumn) setBytes(row int, b []byte) {
	c.fill(row)
	c.bytes = append(withRoom(c.bytes, len(b)), b...)
	c.ends = push(c.ends, int32(len(c.bytes)))
	c.set()
}

// setWide sets a 64-bit value by its bits.
func (c *arrowColumn) setWide(row int, v uint64) {
	c.fill(row)
	c.wide = push(c.wide, v)
	c.set()
}

func (c *arrowColumn) setInt(row int, v int32) {
	c.fill(row)
	c.ints = push(c.ints, v)
	c.set()
}

func (c *arrowColumn) setBool(row int, v bool) {
	c.fill(row)
	c.bits = setBit(c.bits, c.n, v)
	c.set()
}

// withRoom makes room for n more elements by doubling: append's own growth copies columns
// of megabytes several times more.
func withRoom[T any](s []T, n int) []T {
	if cap(s)-len(s) < n {
		s = slices.Grow(s, max(n, len(s)))
	}
	return s
}

func push[T any](s []T, v T) []T { return append(withRoom(s, 1), v) }

func setBit(bitmap []byte, i int, v bool) []byte {
	if i%8 == 0 {
		bitmap = append(bitmap, 0)
	}
	if v {
		bitmap[i/8] |= 1 << (i % 8)
	}
	return bitmap
}

// array is the column as Arrow data, which borrows the column's slices.
func (c *arrowColumn) array() arrow.ArrayData {
	var buffers []*memory.Buffer
	switch c.typ.ID() {
	case arrow.STRING, arrow.BINARY:
		buffers = []*memory.Buffer{nil, buffer(c.ends), buffer(c.bytes)}
	case arrow.INT32:
		buffers = []*memory.Buffer{nil, buffer(c.ints)}
	case arrow.BOOL:
		buffers = []*memory.Buffer{nil, buffer(c.bits)}
	default:
		buffers = []*memory.Buffer{nil, buffer(c.wide)}
	}
	if c.nulls > 0 {
		buffers[0] = buffer(c.valid)
	}
	return array.NewData(c.typ, c.n, buffers, nil, c.nulls, 0)
}

// pin keeps the column's memory where it is while DuckDB holds pointers to it.
func (c *arrowColumn) pin(p *runtime.Pinner) {
	for _, at := range []unsafe.Pointer{
		unsafe.Pointer(unsafe.SliceData(c.ends)), unsafe.Pointer(unsafe.SliceData(c.bytes)),
		unsafe.Pointer(unsafe.SliceData(c.wide)), unsafe.Pointer(unsafe.SliceData(c.ints)),
		unsafe.Pointer(unsafe.SliceData(c.bits)), unsafe.Pointer(unsafe.SliceData(c.valid)),
	} {
		if at != nil {
			p.Pin(at)
		}
	}
}

func buffer[T any](s []T) *memory.Buffer {
	size := len(s) * int(unsafe.Sizeof(*new(T)))
	return memory.NewBufferBytes(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), size))
}

// incoming is the in-memory database that holds the views of columns to be inserted. A
// view made in the events' own database would be written to its log, and a transaction
// may write to one database only: views are made before it, by a connection apart.
const incoming = "incoming"

// arrowView is columns of the same length that an INSERT … SELECT can read from the
// view with that name, until it is released.
type arrowView struct {
	name    string
	conn    *conn
	pinner  runtime.Pinner
	reader  array.RecordReader
	stream  *cdata.CArrowArrayStream
	columns []namedColumn
}

// namedColumn is a column of the view, under a name that needs no quotes in SQL.
type namedColumn struct {
	name string
	*arrowColumn
}

// view offers columns under a name. c must use the database incoming.
func (c *conn) view(name string, columns []namedColumn) (*arrowView, error) {
	v := &arrowView{name: name, conn: c, columns: columns}
	fields := make([]arrow.Field, len(columns))
	for i, col := range columns {
		fields[i] = arrow.Field{Name: col.name, Type: col.typ, Nullable: col.nullable}
		col.pin(&v.pinner)
	}
	schema := arrow.NewSchema(fields, nil)
	reader, err := array.NewRecordReader(schema, recordBatches(schema, columns))
	if err != nil {
		v.pinner.Unpin()
		return nil, fmt.Errorf("offer Arrow columns: %w", err)
	}
	v.reader = reader
	stream := C.calloc(1, C.size_t(unsafe.Sizeof(cdata.CArrowArrayStream{})))
	v.stream = (*cdata.CArrowArrayStream)(stream)
	cdata.ExportRecordReader(reader, v.stream)
	if arrowmapping.ArrowScan(c.ptr, name, arrowmapping.ArrowStream{Ptr: stream}) == mapping.StateError {
		return nil, errors.Join(errors.New("offer Arrow columns: DuckDB refuses the view"), v.release())
	}
	return v, nil
}

// release ends the view; the columns can be reused.
func (v *arrowView) release() error {
	_, err := v.conn.exec(context.Background(), "DROP VIEW IF EXISTS "+quote(v.name))
	cdata.ReleaseCArrowArrayStream(v.stream)
	C.free(unsafe.Pointer(v.stream))
	v.reader.Release()
	v.pinner.Unpin()
	return err
}

// batchRows is how many rows one Arrow batch has: DuckDB's unit of parallel work.
const batchRows = 122_880

func recordBatches(schema *arrow.Schema, columns []namedColumn) []arrow.RecordBatch {
	n := columns[0].n
	arrays := make([]arrow.Array, len(columns))
	for i, col := range columns {
		arrays[i] = array.MakeFromData(col.array())
	}
	whole := array.NewRecordBatch(schema, arrays, int64(n))
	var batches []arrow.RecordBatch
	for from := 0; from < n; from += batchRows {
		batches = append(batches, whole.NewSlice(int64(from), int64(min(from+batchRows, n))))
	}
	return batches
}

// validText is s with every byte that is not UTF-8 replaced by U+FFFD: DuckDB's text
// functions rely on valid text, and the record's bytes stay readable as they were.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
