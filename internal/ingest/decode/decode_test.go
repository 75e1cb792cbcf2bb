package decode_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"spoor/internal/ingest/decode"
)

// decoded is what became of a source.
type decoded struct {
	records []*decode.Record
	errs    []*decode.Error
	chunks  []*decode.Chunk
}

// decodeAll decodes a source from its beginning.
func decodeAll(tb testing.TB, src []byte, format string, o decode.Options) decoded {
	tb.Helper()
	s, err := decode.NewSplitter(bytes.NewReader(src), decode.ByName(format), o)
	if err != nil {
		tb.Fatal(err)
	}
	return drain(tb, s)
}

func drain(tb testing.TB, s *decode.Splitter) decoded {
	tb.Helper()
	var got decoded
	var d decode.Decoder
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			tb.Fatal(err)
		}
		got.chunks = append(got.chunks, c)
		d.Decode(c,
			func(r *decode.Record) { got.records = append(got.records, r.Clone()) },
			func(e *decode.Error) { got.errs = append(got.errs, e) })
	}
}

func kindName(k decode.Kind) string {
	return [...]string{"null", "string", "number", "bool", "object", "array"}[k]
}

// show prints records and errors in order, one a line, for comparison with what a test
// expects.
func (d decoded) show() string {
	var b bytes.Buffer
	records, errs := d.records, d.errs
	for len(records)+len(errs) > 0 {
		if len(errs) == 0 || len(records) > 0 && records[0].Ordinal < errs[0].Ordinal {
			r := records[0]
			records = records[1:]
			fmt.Fprintf(&b, "%d @%d +%d", r.Ordinal, r.Offset, len(r.Raw))
			if r.Stream != "" {
				fmt.Fprintf(&b, " stream=%s", r.Stream)
			}
			for _, f := range r.Fields {
				fmt.Fprintf(&b, " %s=%s", f.Name, kindName(f.Kind))
				if f.Kind != decode.Null {
					fmt.Fprintf(&b, ":%q", f.Text)
				}
			}
		} else {
			e := errs[0]
			errs = errs[1:]
			fmt.Fprintf(&b, "%d @%d +%d ! %s", e.Ordinal, e.Offset, len(e.Raw), e.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
