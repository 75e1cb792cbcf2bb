package server

import (
	"bytes"
	"context"
	"time"

	"spoor/internal/transparency"
)

// Transparency is the files of certificate transparency; *transparency.Store says how.
type Transparency interface {
	Files(ctx context.Context) ([]transparency.File, error)
	Import(ctx context.Context, c *transparency.Content, by string) error
	Remove(ctx context.Context, name string) error
}

// TransparencyFile is an imported file of certificate transparency.
type TransparencyFile struct {
	Name         string    `json:"name" doc:"of the file"`
	Entries      int       `json:"entries" doc:"what crt.sh lists"`
	Certificates int       `json:"certificates" doc:"distinct by issuer and serial number: a certificate and its precertificate are one"`
	Names        int       `json:"names" doc:"distinct, wildcards among them"`
	Skipped      int       `json:"skipped" doc:"texts that are no names of hosts: e-mail addresses, addresses, organisations"`
	Imported     time.Time `json:"imported"`
	By           string    `json:"by"`
}

// TransparencyFileOf is a file as the API gives it.
func TransparencyFileOf(f *transparency.File) TransparencyFile {
	return TransparencyFile{f.Name, f.Entries, f.Certificates, f.Names, f.Skipped, f.Imported, f.By}
}

func (s *Server) registerTransparency() {
	handle(s, "GET /api/transparency", "listTransparency", "transparency", "The imported files of certificate transparency",
		func(ctx context.Context, _ *struct{}) (*reply[List[TransparencyFile]], error) {
			files, err := s.cfg.Transparency.Files(ctx)
			out := &reply[List[TransparencyFile]]{List[TransparencyFile]{Items: []TransparencyFile{}}}
			for i := range files {
				out.Body.Items = append(out.Body.Items, TransparencyFileOf(&files[i]))
			}
			return out, err
		})
	type file struct {
		Name    string `query:"name" required:"true" maxLength:"150" doc:"of the file: example.com.json"`
		RawBody []byte `contentType:"application/octet-stream" doc:"what crt.sh answers with output=json, packed with gzip or not"`
	}
	handle(s, "POST /api/transparency", "importTransparency", "transparency", "Put a file in, in the place of one of the same name",
		func(ctx context.Context, in *file) (*reply[TransparencyFile], error) {
			x := exchangeOf(ctx)
			x.target = in.Name
			c, err := transparency.Read(bytes.NewReader(in.RawBody), in.Name)
			if err != nil {
				return nil, err
			}
			x.rows = int64(c.Names)
			if err := s.cfg.Transparency.Import(ctx, c, x.principal.Actor()); err != nil {
				return nil, err
			}
			return &reply[TransparencyFile]{TransparencyFileOf(&c.File)}, nil
		})
	type byName struct {
		Name string `path:"name" maxLength:"150"`
	}
	handle(s, "DELETE /api/transparency/{name}", "removeTransparency", "transparency", "Take a file out",
		func(ctx context.Context, in *byName) (*struct{}, error) {
			exchangeOf(ctx).target = in.Name
			return nil, s.cfg.Transparency.Remove(ctx, in.Name)
		})
}
