package normalize_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"spoor/internal/ingest/decode"
)

// readRecords decodes a source. Everything in it must parse.
func readRecords(tb testing.TB, name string, data []byte, each func(*decode.Record)) {
	tb.Helper()
	format := decode.Detect(data[:min(len(data), decode.HeadSize)], name)
	s, err := decode.NewSplitter(bytes.NewReader(data), format, decode.Options{Name: name})
	if err != nil {
		tb.Fatal(err)
	}
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			tb.Fatal(err)
		}
		d.Decode(c, each, func(e *decode.Error) { tb.Fatalf("%s: %v", name, e) })
	}
}

// record decodes one record.
func record(tb testing.TB, text string) *decode.Record {
	tb.Helper()
	var r *decode.Record
	readRecords(tb, "", []byte(text), func(got *decode.Record) { r = got.Clone() })
	if r == nil {
		tb.Fatalf("no record in %s", text)
	}
	return r
}
