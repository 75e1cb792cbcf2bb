package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/entitypage"
	"spoor/internal/kql/value"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// Events is what the server itself reads and removes in the event store.
type Events interface {
	Sources(ctx context.Context) ([]store.Source, error)
	RemoveSource(ctx context.Context, id int32) error
	Coverage(ctx context.Context) ([]store.Coverage, error)
	Raw(ctx context.Context, id schema.RawID) ([]byte, error)
	Named(ctx context.Context, prefix string, limit int) ([]store.Named, error)
	Span(ctx context.Context, first, last netip.Addr, site string) (store.Span, error)
	Tables(ctx context.Context) (map[string]int64, error)
}

// LogSource is one file, stream or listener that records came from.
type LogSource struct {
	ID            int32            `json:"id"`
	Name          string           `json:"name"`
	Site          string           `json:"site"`
	Format        string           `json:"format"`
	ClockOffset   string           `json:"clockOffset" doc:"timespan added to the records' own times"`
	Bytes         int64            `json:"bytes" doc:"decompressed bytes read so far"`
	Records       int64            `json:"records" doc:"stored, unmapped and quarantined ones together"`
	Stored        int64            `json:"stored"`
	Unmapped      int64            `json:"unmapped"`
	Quarantined   int64            `json:"quarantined"`
	ByTable       map[string]int64 `json:"byTable" doc:"rows stored, copies too"`
	UnmappedTypes map[string]int64 `json:"unmappedTypes"`
	Unresolved    int64            `json:"unresolved" doc:"records whose process was looked for and not found"`
	FirstIngested time.Time        `json:"firstIngested"`
	LastIngested  time.Time        `json:"lastIngested"`
}

func logSource(s store.Source) LogSource {
	return LogSource{
		ID: s.ID, Name: s.Name, Site: s.Site, Format: s.Format, ClockOffset: value.FormatTimeSpan(s.ClockOffset),
		Bytes: s.Offset, Records: s.Ordinal, Stored: s.Counts.Stored, Unmapped: s.Counts.Unmapped, Quarantined: s.Counts.Quarantined,
		ByTable: orEmpty(s.Counts.ByTable), UnmappedTypes: orEmpty(s.Counts.UnmappedTypes), Unresolved: s.Counts.Unresolved,
		FirstIngested: s.FirstIngested.Time(), LastIngested: s.LastIngested.Time(),
	}
}

func orEmpty(m map[string]int64) map[string]int64 {
	if m == nil {
		return map[string]int64{}
	}
	return m
}

func (s *Server) registerSources() {
	handle(s, "GET /api/sources", "listSources", "sources", "Where records came from",
		func(ctx context.Context, _ *struct{}) (*reply[List[LogSource]], error) {
			sources, err := s.cfg.Events.Sources(ctx)
			out := &reply[List[LogSource]]{}
			out.Body.Items = make([]LogSource, 0, len(sources))
			for _, src := range sources {
				if src.Format != audit.SourceKind {
					out.Body.Items = append(out.Body.Items, logSource(src))
				}
			}
			return out, err
		})
	type one struct {
		ID int32 `path:"id"`
	}
	handle(s, "GET /api/sources/{id}", "source", "sources", "One source",
		func(ctx context.Context, in *one) (*reply[LogSource], error) {
			src, err := s.source(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &reply[LogSource]{logSource(src)}, nil
		})
	handle(s, "DELETE /api/sources/{id}", "removeSource", "sources", "Take a source back out whole: its rows, raw records, sightings and holders",
		func(ctx context.Context, in *one) (*struct{}, error) { return nil, s.removeSource(ctx, in.ID) })
	handle(s, "GET /api/coverage", "coverage", "sources", "What there is of every source kind",
		func(ctx context.Context, _ *struct{}) (*reply[List[entitypage.Coverage]], error) {
			kinds, err := s.cfg.Events.Coverage(ctx)
			out := &reply[List[entitypage.Coverage]]{}
			out.Body.Items = make([]entitypage.Coverage, 0, len(kinds))
			for _, c := range kinds {
				out.Body.Items = append(out.Body.Items, entitypage.Coverage{
					SourceKind: c.SourceKind, Site: c.Site, Table: c.Table, Records: c.Records, First: c.First.Time(), Last: c.Last.Time(),
				})
			}
			return out, err
		})
	s.registerRaw()
}

func (s *Server) source(ctx context.Context, id int32) (store.Source, error) {
	sources, err := s.cfg.Events.Sources(ctx)
	if err != nil {
		return store.Source{}, err
	}
	for _, src := range sources {
		if src.ID == id {
			return src, nil
		}
	}
	return store.Source{}, &Error{CodeNotFound, fmt.Sprintf("there is no source %d", id), store.ErrNotFound}
}

func (s *Server) removeSource(ctx context.Context, id int32) error {
	x := exchangeOf(ctx)
	x.target = strconv.Itoa(int(id))
	src, err := s.source(ctx, id)
	if err != nil {
		return err
	}
	if src.Format == audit.SourceKind {
		return fault(CodeForbidden, "the audit log stays")
	}
	x.rows = src.Ordinal
	x.detail = map[string]string{"name": src.Name, "site": src.Site, "format": src.Format}
	return s.cfg.Events.RemoveSource(ctx, id)
}

// raw is the bytes of a record. Those of the audit log are for administrators, like the
// table made of them.
func (s *Server) raw(ctx context.Context, id schema.RawID) ([]byte, error) {
	if exchangeOf(ctx).principal.Role != account.Admin {
		src, err := s.source(ctx, id.Source())
		if err != nil {
			return nil, err
		}
		if src.Format == audit.SourceKind {
			return nil, store.ErrNotFound
		}
	}
	return s.cfg.Events.Raw(ctx, id)
}

// registerRaw serves raw records. An attacker wrote them: they are plain text to be
// saved, whatever they look like.
func (s *Server) registerRaw() {
	const pattern = "GET /api/raw/{rawId}"
	s.routes.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		text := r.PathValue("rawId")
		exchangeOf(r.Context()).target = text
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 0 {
			s.fail(w, r, fault(CodeInvalid, "a raw id is a whole number"))
			return
		}
		raw, err := s.raw(r.Context(), schema.RawID(id))
		if errors.Is(err, store.ErrNotFound) {
			err = fault(CodeNotFound, "there is no raw record %d; it may have expired", id)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="record-%d.txt"`, id))
		h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		h.Set("Content-Length", strconv.Itoa(len(raw)))
		_, _ = w.Write(raw) // the client may be gone
	})
	op := operation(pattern, "rawRecord", "sources", "The bytes of a record as its source wrote them")
	op.Parameters = []*huma.Param{{
		Name: "rawId", In: "path", Required: true, Description: "the _RawId of a row", Schema: &huma.Schema{Type: "string"},
	}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: "The record",
		Content:     map[string]*huma.MediaType{"text/plain": {Schema: &huma.Schema{Type: "string"}}},
	}}
	s.describe(op)
}
