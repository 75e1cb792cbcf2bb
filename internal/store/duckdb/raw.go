package duckdb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/klauspost/compress/zstd"

	"spoor/internal/schema"
	"spoor/internal/store"
)

// Raw records are kept in pages: the lengths of consecutive records of one source as
// varints, then their bytes, compressed together. A page has at least one record and
// ends when it has pageSize bytes.
const pageSize = 256 << 10

// pageWriter packs the records of a batch into pages. It is reused.
type pageWriter struct {
	columns []namedColumn // source, first, count, ingested, data
	encoder *zstd.Encoder
	lengths []byte
	bytes   []byte
	packed  []byte
	first   int64
	count   int32
	pages   int
}

func newPageEncoder() *zstd.Encoder {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		panic("duckdb: " + err.Error()) // the options are constants
	}
	return encoder
}

func newPageWriter() *pageWriter {
	return &pageWriter{encoder: newPageEncoder(), columns: []namedColumn{
		{"source", &arrowColumn{typ: arrow.PrimitiveTypes.Int32}},
		{"first", &arrowColumn{typ: arrow.PrimitiveTypes.Int64}},
		{"count", &arrowColumn{typ: arrow.PrimitiveTypes.Int32}},
		{"ingested", &arrowColumn{typ: arrow.PrimitiveTypes.Int64}},
		{"data", &arrowColumn{typ: arrow.BinaryTypes.Binary}},
	}}
}

const pageInsert = `INSERT INTO spoor.page SELECT * FROM ` + incoming + `.main.pages`

// fill packs all records of a batch.
func (w *pageWriter) fill(b *store.Batch) {
	w.pages = 0
	for i := range b.Records {
		r := &b.Records[i]
		if w.count == 0 {
			w.first = r.Ordinal
		}
		w.lengths = binary.AppendUvarint(w.lengths, uint64(len(r.Raw)))
		w.bytes = append(w.bytes, r.Raw...)
		w.count++
		if len(w.bytes) >= pageSize {
			w.end(b)
		}
	}
	if w.count > 0 {
		w.end(b)
	}
}

// end compresses the page begun and adds it as a row.
func (w *pageWriter) end(b *store.Batch) {
	w.lengths = append(w.lengths, w.bytes...)
	w.packed = w.encoder.EncodeAll(w.lengths, w.packed[:0])
	w.columns[0].setInt(w.pages, b.Source.ID)
	w.columns[1].setWide(w.pages, uint64(w.first))
	w.columns[2].setInt(w.pages, w.count)
	w.columns[3].setWide(w.pages, uint64(b.IngestedAt))
	w.columns[4].setBytes(w.pages, w.packed)
	w.pages++
	w.lengths, w.bytes, w.count = w.lengths[:0], w.bytes[:0], 0
}

// pageDecoder decompresses pages; it is safe for concurrent use.
var pageDecoder = func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0))
	if err != nil {
		panic("duckdb: " + err.Error()) // the options are constants
	}
	return d
}()

// Raw is a record's bytes as they were received, or store.ErrNotFound.
func (db *DB) Raw(ctx context.Context, id schema.RawID) ([]byte, error) {
	var page []byte
	var first, count int64
	err := db.read(ctx, func(c *conn) error {
		return c.each(ctx, func(v []any) error {
			first, count, page = v[0].(int64), v[1].(int64), v[2].([]byte)
			return nil
		}, `SELECT "first", count, data FROM spoor.page WHERE source = ? AND "first" <= ? AND "first" + count > ?`,
			id.Source(), id.Ordinal(), id.Ordinal())
	})
	if err != nil {
		return nil, fmt.Errorf("read raw record %d: %w", id, err)
	}
	if page == nil {
		return nil, fmt.Errorf("raw record %d: %w", id, store.ErrNotFound)
	}
	raw, err := recordOfPage(page, count, id.Ordinal()-first)
	if err != nil {
		return nil, fmt.Errorf("read raw record %d: %w", id, err)
	}
	return raw, nil
}

var errPage = errors.New("the page is damaged")

// recordOfPage unpacks the record at index of a page that holds count records.
func recordOfPage(page []byte, count, index int64) (raw []byte, err error) {
	err = eachOfPage(page, count, func(r []byte) {
		if index == 0 {
			raw = r
		}
		index--
	})
	return raw, err
}

// eachOfPage unpacks a page and hands its records to yield. The page has a checksum, but
// its form is verified all the same.
func eachOfPage(page []byte, count int64, yield func(raw []byte)) error {
	lengths, err := pageDecoder.DecodeAll(page, nil)
	if err != nil {
		return errors.Join(errPage, err)
	}
	data := lengths
	for range count {
		_, n := binary.Uvarint(data)
		if n <= 0 {
			return errPage
		}
		data = data[n:]
	}
	for range count {
		length, n := binary.Uvarint(lengths)
		if length > uint64(len(data)) {
			return errPage
		}
		yield(data[:length:length])
		lengths, data = lengths[n:], data[length:]
	}
	return nil
}
