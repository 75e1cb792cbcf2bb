package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"spoor/internal/entitypage"
	"spoor/internal/export"
)

// ExportFormat says as what a list is exported. It is exported, as EntityScope is.
type ExportFormat struct {
	Format string `query:"format" required:"true" enum:"csv,jsonl,parquet"`
}

func (f *ExportFormat) exportFormat() export.Format { return export.Format(f.Format) }

// download registers a route that streams a list as a file. write takes a row in the
// order of the columns. An error before the first row is answered as any other; after
// it, the connection is broken off, so that nobody takes a part for the whole.
func download[I any, P interface {
	*I
	exportFormat() export.Format
}](s *Server, pattern, id, tag, summary string, columns []export.Column, rows func(ctx context.Context, in P, write func([]any) error) error) {
	op := operation(pattern, id, tag, summary)
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The file",
		Content: map[string]*huma.MediaType{
			export.CSV.ContentType():     {Schema: &huma.Schema{Type: "string"}},
			export.JSONL.ContentType():   {Schema: &huma.Schema{Type: "string"}},
			export.Parquet.ContentType(): {Schema: &huma.Schema{Type: "string", Format: "binary"}},
		},
	}}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(out huma.Context) {
			s.stream(ctx, out, id, P(in).exportFormat(), columns, func(write func([]any) error) error { return rows(ctx, P(in), write) })
		}}, nil
	})
}

// stream writes a file as the answer.
func (s *Server) stream(ctx context.Context, out huma.Context, name string, f export.Format, columns []export.Column, rows func(write func([]any) error) error) {
	x := exchangeOf(ctx)
	var file export.Writer
	begin := func() (err error) {
		if file != nil {
			return nil
		}
		out.SetHeader("Content-Type", f.ContentType())
		out.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.%s"`, name, f))
		out.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		out.SetStatus(http.StatusOK)
		file, err = export.New(f, out.BodyWriter(), columns)
		return err
	}
	err := rows(func(row []any) error {
		if err := begin(); err != nil {
			return err
		}
		x.rows++
		return file.Write(row)
	})
	if err == nil {
		if err = begin(); err == nil {
			err = file.Close()
		}
	}
	if err == nil {
		return
	}
	x.err = err
	if file != nil {
		panic(http.ErrAbortHandler)
	}
	p := problemOf(err)
	p.RequestID = x.id
	out.SetHeader("Content-Type", p.ContentType(""))
	out.SetStatus(p.Status)
	_ = json.NewEncoder(out.BodyWriter()).Encode(p) // the client may be gone
}

// registerExports registers the lists of an entity page as files.
func (s *Server) registerExports() {
	type exported struct {
		EntityScope
		ListOrder
		ExportFormat
	}
	download(s, "GET /api/entities/{kind}/{id}/devices/export", "exportEntityDevices", "entities", "Those hosts as a file",
		entitypage.DeviceColumns, func(ctx context.Context, in *exported, write func([]any) error) error {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return err
			}
			list, err := s.cfg.Entities.Devices(ctx, req, in.list())
			for i := 0; i < len(list.Items) && err == nil; i++ {
				err = write(list.Items[i].Row())
			}
			return err
		})
	type addresses struct {
		EntityScope
		AddressOrder
		ExportFormat
	}
	download(s, "GET /api/entities/{kind}/{id}/addresses/export", "exportEntityAddresses", "entities", "Those addresses of many as a file",
		entitypage.AddressColumns, func(ctx context.Context, in *addresses, write func([]any) error) error {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return err
			}
			return s.cfg.Entities.EachAddress(ctx, req, in.list(), func(a *entitypage.AddressItem) error { return write(a.Row()) })
		})
	download(s, "GET /api/entities/{kind}/{id}/peers/export", "exportEntityPeers", "entities", "Those addresses as a file",
		entitypage.PeerColumns, func(ctx context.Context, in *exported, write func([]any) error) error {
			req, err := in.request(ctx, s.cfg.Now)
			if err != nil {
				return err
			}
			list, err := s.cfg.Entities.Peers(ctx, req, in.list())
			for i := 0; i < len(list.Items) && err == nil; i++ {
				err = write(list.Items[i].Row())
			}
			return err
		})
}
