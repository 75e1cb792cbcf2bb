package duckdb

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/mapping"

	"spoor/internal/store"
)

// rows streams the chunks of a result. It implements store.Rows.
type rows struct {
	ctx     context.Context // of the query; read by Next alone
	stmt    mapping.PreparedStatement
	res     mapping.Result
	stop    func() // ends the watch on ctx
	onClose func() // may be nil

	columns []store.Column
	readers []vectorReader
	chunk   mapping.DataChunk
	vectors []vector
	size    int // rows in the chunk
	at      int // the next row of the chunk
	values  []any
	err     error
	closed  bool
}

// describe reads the columns of the result.
func (r *rows) describe() {
	n := int(mapping.ColumnCount(&r.res))
	r.columns = make([]store.Column, n)
	r.readers = make([]vectorReader, n)
	r.vectors = make([]vector, n)
	r.values = make([]any, n)
	for i := range n {
		typ := mapping.ColumnLogicalType(&r.res, mapping.IdxT(i))
		name := mapping.ColumnName(&r.res, mapping.IdxT(i))
		r.columns[i].Name = name
		r.columns[i].Type, r.readers[i] = readerOf(typ)
		mapping.DestroyLogicalType(&typ)
		if r.readers[i] == nil && r.err == nil {
			r.err = fmt.Errorf("column %s of the result has the type %s, which cannot be read", name, r.columns[i].Type)
		}
	}
}

// Columns describes the values of a row.
func (r *rows) Columns() []store.Column { return r.columns }

// Next goes to the next row.
func (r *rows) Next() bool {
	if r.closed || r.err != nil {
		return false
	}
	for r.at == r.size {
		if !r.fetch() {
			return false
		}
	}
	for i := range r.vectors {
		v := &r.vectors[i]
		if !v.valid(r.at) {
			r.values[i] = nil
			continue
		}
		if r.values[i], r.err = r.readers[i](v, r.at); r.err != nil {
			return false
		}
	}
	r.at++
	return true
}

// fetch goes to the next chunk.
func (r *rows) fetch() bool {
	mapping.DestroyDataChunk(&r.chunk)
	r.at, r.size = 0, 0
	if r.chunk = mapping.FetchChunk(r.res); r.chunk.Ptr == nil {
		if message := mapping.ResultError(&r.res); message != "" {
			r.err = statementError(r.ctx, message)
		} else {
			r.err = r.ctx.Err()
		}
		return false
	}
	r.size = int(mapping.DataChunkGetSize(r.chunk))
	for i := range r.vectors {
		ptr := mapping.DataChunkGetVector(r.chunk, mapping.IdxT(i))
		r.vectors[i] = vector{data: mapping.VectorGetData(ptr), validity: mapping.VectorGetValidity(ptr)}
	}
	return true
}

// Values is the row that Next went to. The slice is reused by the next call of Next;
// the texts in it are not.
func (r *rows) Values() []any { return r.values }

// Err is the error that ended the rows early.
func (r *rows) Err() error { return r.err }

// Close ends the query. It may be called twice.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.release()
	return nil
}

func (r *rows) release() {
	r.closed = true
	r.stop()
	mapping.DestroyDataChunk(&r.chunk)
	mapping.DestroyResult(&r.res)
	mapping.DestroyPrepare(&r.stmt)
	if r.onClose != nil {
		r.onClose()
	}
}

// vector is one column of a chunk, in DuckDB's memory.
type vector struct {
	data     unsafe.Pointer
	validity unsafe.Pointer // a bit for each row, 64 in a word; nil: all are valid
}

func (v *vector) valid(i int) bool {
	return v.validity == nil || *pointer[uint64](v.validity, i/64)&(1<<(i%64)) != 0
}

// vectorReader reads a valid value. Whole numbers of every width become int64.
type vectorReader func(v *vector, i int) (any, error)

// readerOf is DuckDB's word for a type, and how its vectors are read; a nil reader for
// types that no SQL of ours gives.
func readerOf(typ mapping.LogicalType) (string, vectorReader) {
	switch id := mapping.GetTypeId(typ); id {
	case mapping.TypeBoolean:
		return "BOOLEAN", func(v *vector, i int) (any, error) { return *pointer[bool](v.data, i), nil }
	case mapping.TypeTinyInt:
		return "TINYINT", readInteger[int8]
	case mapping.TypeSmallInt:
		return "SMALLINT", readInteger[int16]
	case mapping.TypeInteger:
		return "INTEGER", readInteger[int32]
	case mapping.TypeBigInt:
		return "BIGINT", readInteger[int64]
	case mapping.TypeUTinyInt:
		return "UTINYINT", readInteger[uint8]
	case mapping.TypeUSmallInt:
		return "USMALLINT", readInteger[uint16]
	case mapping.TypeUInteger:
		return "UINTEGER", readInteger[uint32]
	case mapping.TypeUBigInt:
		return "UBIGINT", readUBigInt
	case mapping.TypeHugeInt:
		return "HUGEINT", readHugeInt
	case mapping.TypeFloat:
		return "FLOAT", func(v *vector, i int) (any, error) { return float64(*pointer[float32](v.data, i)), nil }
	case mapping.TypeDouble:
		return "DOUBLE", func(v *vector, i int) (any, error) { return *pointer[float64](v.data, i), nil }
	case mapping.TypeDecimal:
		return "DECIMAL", decimalReader(typ)
	case mapping.TypeVarchar:
		return "VARCHAR", func(v *vector, i int) (any, error) { return pointer[text](v.data, i).String(), nil }
	case mapping.TypeBlob:
		return "BLOB", func(v *vector, i int) (any, error) { return []byte(pointer[text](v.data, i).String()), nil }
	case mapping.TypeUUID:
		return "UUID", readUUID
	case mapping.TypeSQLNull:
		return "NULL", func(*vector, int) (any, error) { return nil, nil }
	default:
		return fmt.Sprintf("number %d", id), nil
	}
}

func readInteger[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](v *vector, i int) (any, error) {
	return int64(*pointer[T](v.data, i)), nil
}

func readUBigInt(v *vector, i int) (any, error) {
	n := *pointer[uint64](v.data, i)
	if int64(n) < 0 {
		return nil, fmt.Errorf("the number %d does not fit into 64 bits with sign", n)
	}
	return int64(n), nil
}

// hugeint is DuckDB's 128-bit number.
type hugeint struct {
	lower uint64
	upper int64
}

// fits reports whether the number is one of 64 bits with sign.
func (h *hugeint) fits() bool { return h.upper == int64(h.lower)>>63 }

func (h *hugeint) big() *big.Int {
	n := big.NewInt(h.upper)
	return n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(h.lower))
}

func readHugeInt(v *vector, i int) (any, error) {
	h := pointer[hugeint](v.data, i)
	if !h.fits() {
		return nil, fmt.Errorf("the number %d does not fit into 64 bits with sign", h.big())
	}
	return int64(h.lower), nil
}

// decimalReader reads decimals as text, with all digits of the scale.
func decimalReader(typ mapping.LogicalType) vectorReader {
	scale := int(mapping.DecimalScale(typ))
	whole := func(n int64) string { return decimalText(big.NewInt(n), scale) }
	switch mapping.DecimalInternalType(typ) {
	case mapping.TypeSmallInt:
		return func(v *vector, i int) (any, error) { return whole(int64(*pointer[int16](v.data, i))), nil }
	case mapping.TypeInteger:
		return func(v *vector, i int) (any, error) { return whole(int64(*pointer[int32](v.data, i))), nil }
	case mapping.TypeBigInt:
		return func(v *vector, i int) (any, error) { return whole(*pointer[int64](v.data, i)), nil }
	default:
		return func(v *vector, i int) (any, error) { return decimalText(pointer[hugeint](v.data, i).big(), scale), nil }
	}
}

// decimalText writes n / 10^scale.
func decimalText(n *big.Int, scale int) string {
	if scale == 0 {
		return n.String()
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	digits := new(big.Int).Abs(n).String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - scale
	return sign + digits[:point] + "." + digits[point:]
}

// readUUID reads a UUID, which DuckDB keeps as a number with the first bit flipped so
// that it sorts, as text in lower case.
func readUUID(v *vector, i int) (any, error) {
	h := pointer[hugeint](v.data, i)
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(h.upper)^1<<63)
	binary.BigEndian.PutUint64(b[8:], h.lower)
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:], nil
}

// text is DuckDB's string: up to 12 bytes in place, longer ones behind a pointer that
// follows a prefix of four.
type text struct {
	length uint32
	prefix [4]byte
	_      [8]byte // the rest of a short text, or the pointer to a long one
}

// textInPlace is the length up to which a text stands in the structure itself.
const textInPlace = 12

// String copies the text out of DuckDB's memory.
func (t *text) String() string { return string(t.bytes()) }

// bytes is the text in DuckDB's memory.
func (t *text) bytes() []byte {
	if t.length <= textInPlace {
		return unsafe.Slice(&t.prefix[0], t.length)
	}
	ptr := *(**byte)(unsafe.Add(unsafe.Pointer(t), 8))
	return unsafe.Slice(ptr, t.length)
}
