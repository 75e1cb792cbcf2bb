package server

import (
	"bytes"
	"context"
	"time"

	"spoor/internal/noise"
)

// Noise is the known-noise lists; *noise.Store says how.
type Noise interface {
	Index() *noise.Index
	Import(ctx context.Context, lists []*noise.Content, by string) error
	Remove(ctx context.Context, slug string) error
}

// NoiseList is a known-noise list.
type NoiseList struct {
	Slug        string    `json:"slug" doc:"names it"`
	Name        string    `json:"name" doc:"for people"`
	Description string    `json:"description,omitempty"`
	Type        string    `json:"type" enum:"cidr,string,hostname,substring,regex" doc:"how its entries are compared"`
	Class       string    `json:"class" doc:"scanner, cdn, cloud, resolver, crawler, vpn, platform, mail, pki, popular, connectivity, sinkhole, security, shared, known file, special, mobile, residential or other"`
	Weak        bool      `json:"weak" doc:"very broad: that something stands in it says little"`
	Line        string    `json:"line,omitempty" doc:"the kind of line that it says its addresses have: hosting, content network, VPN, proxy, private relay, Tor exit, Tor node, mobile or residential"`
	Version     int       `json:"version"`
	Dated       time.Time `json:"dated" doc:"day of its content: of its version, where that is a date, else of the import"`
	Entries     int       `json:"entries"`
	Source      string    `json:"source" doc:"name of the file"`
	Imported    time.Time `json:"imported"`
	By          string    `json:"by"`
}

// NoiseListOf is a list as the API gives it.
func NoiseListOf(l *noise.List) NoiseList {
	return NoiseList{
		l.Slug, l.Name, l.Description, string(l.Type), string(l.Class), l.Weak, string(l.Line), l.Version, l.Dated(), l.Entries, l.Source, l.Imported, l.By,
	}
}

func (s *Server) registerNoise() {
	handle(s, "GET /api/noise", "listNoise", "noise", "The known-noise lists",
		func(context.Context, *struct{}) (*reply[List[NoiseList]], error) {
			out := &reply[List[NoiseList]]{List[NoiseList]{Items: []NoiseList{}}}
			for _, l := range s.cfg.Noise.Index().Lists() {
				out.Body.Items = append(out.Body.Items, NoiseListOf(l))
			}
			return out, nil
		})
	type file struct {
		Source  string `query:"source" required:"true" maxLength:"256" doc:"name of the file, after which the list is called: amazon-aws.json"`
		RawBody []byte `contentType:"application/octet-stream" doc:"a MISP warninglist, or a plain list of addresses and networks or of AS numbers, packed with gzip or not"`
	}
	handle(s, "POST /api/noise", "importNoise", "noise", "Put a list in, in the place of one of the same name",
		func(ctx context.Context, in *file) (*reply[NoiseList], error) {
			x := exchangeOf(ctx)
			x.target = in.Source
			c, err := noise.Read(bytes.NewReader(in.RawBody), in.Source)
			if err != nil {
				return nil, err
			}
			c.Imported, c.By = s.cfg.Now().UTC(), x.principal.Actor()
			x.rows = int64(c.Entries)
			return &reply[NoiseList]{NoiseListOf(&c.List)}, s.cfg.Noise.Import(ctx, []*noise.Content{c}, c.By)
		})
	type bySlug struct {
		Slug string `path:"slug" maxLength:"128"`
	}
	handle(s, "DELETE /api/noise/{slug}", "removeNoise", "noise", "Take a list out",
		func(ctx context.Context, in *bySlug) (*struct{}, error) {
			exchangeOf(ctx).target = in.Slug
			return nil, s.cfg.Noise.Remove(ctx, in.Slug)
		})
}
