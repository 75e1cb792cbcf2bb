package duckdb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"spoor/internal/store"
)

// The content of a source is kept as its raw records and, a row for each batch, what
// stands between them. Gaps hardly differ, so a row has a few bytes.
const (
	gapsDDL = `CREATE TABLE spoor.gap (
		source INTEGER NOT NULL, "offset" BIGINT NOT NULL, size BIGINT NOT NULL, "first" BIGINT NOT NULL, records BIGINT NOT NULL,
		ingested BIGINT NOT NULL, data BLOB NOT NULL)`
	marksDDL = `CREATE TABLE spoor.mark (source INTEGER NOT NULL, "offset" BIGINT NOT NULL, hash BLOB NOT NULL)`
)

// addContent brings a file of layout 1 to layout 2. What is in it has no gaps and marks.
func (db *DB) addContent(ctx context.Context) error {
	for _, sql := range []string{gapsDDL, marksDDL, `UPDATE spoor.meta SET version = 2`} {
		if _, err := db.writer.exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// writeContent stores the gaps and marks of a batch. A batch without records may come
// again, and has nothing new then.
func (db *DB) writeContent(ctx context.Context, b *store.Batch, at position) error {
	if b.Source.Offset <= at.offset {
		return nil
	}
	if len(b.Marks) > 0 {
		var args []any
		for _, m := range b.Marks {
			args = append(args, b.Source.ID, m.Offset, m.Hash)
		}
		if _, err := db.writer.exec(ctx, `INSERT INTO spoor.mark VALUES `+tuples(len(b.Marks), 3), args...); err != nil {
			return err
		}
	}
	if b.Gaps == nil {
		return nil
	}
	var size int64
	for i := range b.Records {
		size += int64(len(b.Records[i].Raw))
	}
	for _, g := range b.Gaps {
		size += max(g.Records, 1) * int64(len(g.Bytes))
	}
	_, err := db.writer.exec(ctx, `INSERT INTO spoor.gap VALUES (?, ?, ?, ?, ?, ?, ?)`,
		b.Source.ID, b.Source.Offset-size, size, b.From, int64(len(b.Records)), int64(b.IngestedAt), packGaps(b.Gaps))
	return err
}

// packGaps writes each gap as the number of its records, its length and its bytes, all
// of it compressed.
func packGaps(gaps []store.Gap) []byte {
	var data []byte
	for _, g := range gaps {
		data = binary.AppendUvarint(data, uint64(g.Records))
		data = binary.AppendUvarint(data, uint64(len(g.Bytes)))
		data = append(data, g.Bytes...)
	}
	return gapEncoder.EncodeAll(data, nil)
}

// gapEncoder compresses gaps; it is safe for concurrent use.
var gapEncoder = newPageEncoder()

func unpackGaps(packed []byte) ([]store.Gap, error) {
	data, err := pageDecoder.DecodeAll(packed, nil)
	if err != nil {
		return nil, errors.Join(errPage, err)
	}
	var gaps []store.Gap
	for len(data) > 0 {
		records, n := binary.Uvarint(data)
		length, m := binary.Uvarint(data[max(n, 0):])
		if n <= 0 || m <= 0 || length > uint64(len(data)-n-m) {
			return nil, errPage
		}
		data = data[n+m:]
		gaps = append(gaps, store.Gap{Records: int64(records), Bytes: data[:length:length]})
		data = data[length:]
	}
	return gaps, nil
}

// gapRow is a row of spoor.gap.
type gapRow struct {
	offset, size, first, records int64
	data                         []byte
}

// Content hands the bytes [from, to) of a source to yield. See store.Engine.
func (db *DB) Content(ctx context.Context, id int32, from, to int64, yield func(piece []byte) error) error {
	err := db.read(ctx, func(c *conn) error {
		rows, err := gapRows(ctx, c, id, from, to)
		if err != nil {
			return err
		}
		at := from
		for i := range rows {
			if rows[i].offset > at {
				break
			}
			out := clip{at: rows[i].offset, from: from, to: to, yield: yield}
			if err := batchContent(ctx, c, id, &rows[i], &out); err != nil {
				return err
			}
			at = rows[i].offset + rows[i].size
		}
		if at < to {
			return store.ErrNotFound
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read bytes %d to %d of source %d: %w", from, to, id, err)
	}
	return nil
}

// gapRows lists the rows of the batches between the offsets, in order.
func gapRows(ctx context.Context, c *conn, id int32, from, to int64) (rows []gapRow, err error) {
	err = c.each(ctx, func(v []any) error {
		rows = append(rows, gapRow{v[0].(int64), v[1].(int64), v[2].(int64), v[3].(int64), v[4].([]byte)})
		return nil
	}, `SELECT "offset", size, "first", records, data FROM spoor.gap
		WHERE source = ? AND "offset" < ? AND "offset" + size > ? ORDER BY "offset"`, id, to, from)
	return rows, err
}

// batchContent writes the content of one batch to out.
func batchContent(ctx context.Context, c *conn, id int32, row *gapRow, out *clip) error {
	gaps, err := unpackGaps(row.data)
	if err != nil {
		return err
	}
	var piece []byte
	next := row.first
	err = c.each(ctx, func(v []any) error {
		if first := v[0].(int64); first != next {
			return store.ErrNotFound
		}
		next += v[1].(int64)
		piece = piece[:0]
		err := eachOfPage(v[2].([]byte), v[1].(int64), func(raw []byte) {
			for len(gaps) > 0 && gaps[0].Records == 0 {
				gaps = gaps[1:]
			}
			if len(gaps) > 0 {
				piece = append(piece, gaps[0].Bytes...)
				gaps[0].Records--
			}
			piece = append(piece, raw...)
		})
		if err != nil {
			return err
		}
		return out.write(piece)
	}, `SELECT "first", count, data FROM spoor.page WHERE source = ? AND "first" >= ? AND "first" < ? ORDER BY "first"`,
		id, row.first, row.first+row.records)
	if err != nil {
		return err
	}
	if next != row.first+row.records {
		return store.ErrNotFound
	}
	if n := len(gaps); n > 0 && out.at < row.offset+row.size {
		return out.write(gaps[n-1].Bytes)
	}
	return nil
}

// clip hands on the part of what is written to it that lies between two offsets.
type clip struct {
	at       int64 // offset of what is written next
	from, to int64
	yield    func([]byte) error
}

func (c *clip) write(piece []byte) error {
	begin, end := max(c.from-c.at, 0), min(c.to-c.at, int64(len(piece)))
	c.at += int64(len(piece))
	if begin >= end {
		return nil
	}
	return c.yield(piece[begin:end])
}
