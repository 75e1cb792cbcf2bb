package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Ingester takes logs in.
type Ingester interface {
	// Ingest reads one file or archive to its end and returns once all of it is
	// committed: what became of each log in it. With an error, what the answer lists is
	// committed and the rest may be sent again.
	Ingest(ctx context.Context, up Upload) ([]IngestedLog, error)
}

// Upload is one file, archive or stream that a client hands in.
type Upload struct {
	Name string // the client's name for it
	Site string
	// Format overrides what the content says; "" for its own word.
	Format string
	// Key is the same when the client sends the same again; may be empty.
	Key string
	// ClockOffset is what to add to the records' times, nil to find it out.
	ClockOffset *time.Duration
	// Progress, if not nil, is told now and then what the log being read came to so far.
	Progress func(IngestedLog)
	Body     io.Reader
}

// IngestedLog says what became of one log.
type IngestedLog struct {
	Name          string           `json:"name"`
	Site          string           `json:"site"`
	Format        string           `json:"format"`
	SourceID      int32            `json:"sourceId,omitempty"`
	Read          int64            `json:"read" doc:"records read: stored + unmapped + quarantined + known"`
	Stored        int64            `json:"stored"`
	Unmapped      int64            `json:"unmapped" doc:"in SpoorRaw"`
	Quarantined   int64            `json:"quarantined" doc:"in SpoorQuarantine"`
	Known         int64            `json:"known" doc:"already taken in before"`
	ByTable       map[string]int64 `json:"byTable" doc:"rows stored, copies too"`
	UnmappedTypes map[string]int64 `json:"unmappedTypes"`
	ClockOffset   string           `json:"clockOffset" doc:"timespan added to the records' own times"`
	Skipped       string           `json:"skipped,omitempty" doc:"why it, or the rest of it, was left out"`
}

// IngestAnswer is the answer to a hand-in.
type IngestAnswer struct {
	Logs []IngestedLog `json:"logs" doc:"every log of the request, those that were left out too"`
}

// IngestStream is the media type a client accepts to be told of progress: a line of JSON
// at a time, each an IngestLine.
const IngestStream = "application/x-ndjson"

// IngestLine is one line of a streamed answer: exactly one field is set. The last line
// is Done or Error.
type IngestLine struct {
	Progress *IngestedLog `json:"progress,omitempty"` // what the log being read came to so far
	Log      *IngestedLog `json:"log,omitempty"`      // what a log came to
	Error    string       `json:"error,omitempty"`
	Done     bool         `json:"done,omitempty"`
}

// ingestBody bounds what one request hands in.
const ingestBody = 64 << 30

// patience is how long a client that hands in logs may pause.
const patience = time.Minute

func (s *Server) registerIngest() {
	const pattern = "POST /api/ingest"
	s.routes.HandleFunc(pattern, s.ingest)
	op := operation(pattern, "ingest", "sources", "Hand in logs; answered once they are durable")
	op.Description += " The body is a log file or an archive, or multipart/form-data with any number of them. " +
		"The same file sent again adds nothing; with an Idempotency-Key neither does a stream."
	text := &huma.Schema{Type: "string"}
	op.Parameters = []*huma.Param{
		{Name: "name", In: "query", Description: "name of the source; absent: the file's own", Schema: text},
		{Name: "site", In: "query", Description: "site of the organisation the source belongs to", Schema: text},
		{Name: "format", In: "query", Description: "absent: found by content", Schema: text},
		{Name: "clockOffset", In: "query", Description: "duration to add to the records' times, for example 5h or 0; absent: found out", Schema: text},
		{Name: "clockOffset", In: "query", Description: "added to the records' times, for example 5h or -30m; absent: found in the records", Schema: text},
		{Name: "Idempotency-Key", In: "header", Description: "the same for a repetition of the same request", Schema: text},
	}
	binary := &huma.Schema{Type: "string", Format: "binary"}
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: binary},
		"multipart/form-data": {Schema: &huma.Schema{
			Type: "object", Properties: map[string]*huma.Schema{"file": {Type: "array", Items: binary}},
		}},
	}}
	answer := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[IngestAnswer](), true, "IngestAnswer")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "What became of each log",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: answer}},
	}}
	s.describe(op)
}

func (s *Server) ingest(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Accept") == IngestStream {
		s.ingestStream(w, r)
		return
	}
	answer, err := s.ingestAll(w, r, func(IngestLine) {})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // the client may be gone
}

// ingestStream answers line by line while the logs are read. What fails before the first
// line still has a status of its own.
func (s *Server) ingestStream(w http.ResponseWriter, r *http.Request) {
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex() // lines go out while the body comes in
	x := exchangeOf(r.Context())
	x.late = true
	begun, sent := false, 0
	send := func(line IngestLine) {
		if line.Log != nil {
			sent++
		}
		if !begun {
			w.Header().Set("Content-Type", IngestStream)
			begun = true
		}
		// A client that does not read must not hold up what it hands in.
		_ = rc.SetWriteDeadline(time.Now().Add(patience))
		_ = json.NewEncoder(w).Encode(line) // the client may be gone; its logs are taken in all the same
		_ = rc.Flush()
	}
	answer, err := s.ingestAll(w, r, send)
	switch {
	case err == nil:
		send(IngestLine{Done: true})
	case begun:
		x.err = err
		for i := sent; i < len(answer.Logs); i++ {
			send(IngestLine{Log: &answer.Logs[i]})
		}
		send(IngestLine{Error: problemOf(err).Detail})
	default:
		s.fail(w, r, err)
	}
}

// ingestAll takes in every upload of the request, tells send of each log, and notes the
// sum for the audit log.
func (s *Server) ingestAll(w http.ResponseWriter, r *http.Request, send func(IngestLine)) (IngestAnswer, error) {
	answer := IngestAnswer{Logs: []IngestedLog{}}
	err := eachUpload(w, r, func(up Upload) error {
		up.Progress = func(log IngestedLog) { send(IngestLine{Progress: &log}) }
		logs, err := s.cfg.Ingester.Ingest(r.Context(), up)
		answer.Logs = append(answer.Logs, logs...)
		if err != nil {
			return err
		}
		for i := range logs {
			send(IngestLine{Log: &logs[i]})
		}
		return nil
	})
	s.noteIngest(r.Context(), answer)
	return answer, err
}

func (s *Server) noteIngest(ctx context.Context, answer IngestAnswer) {
	x := exchangeOf(ctx)
	for _, l := range answer.Logs {
		x.rows += l.Stored + l.Unmapped + l.Quarantined
	}
	if len(answer.Logs) > 0 {
		x.target = answer.Logs[0].Name
	}
	x.detail = map[string]string{"logs": strconv.Itoa(len(answer.Logs))}
}

// eachUpload hands every file of the request to take, in order, until one fails.
func eachUpload(w http.ResponseWriter, r *http.Request, take func(Upload) error) error {
	rc := http.NewResponseController(w)
	r.Body = &patientBody{r.Body, rc}
	q := r.URL.Query()
	up := Upload{Name: q.Get("name"), Site: q.Get("site"), Format: q.Get("format"), Key: r.Header.Get("Idempotency-Key")}
	if text := q.Get("clockOffset"); text != "" {
		offset, err := time.ParseDuration(text)
		if err != nil {
			return fault(CodeInvalid, "clockOffset is a duration such as 5h, -30m or 0")
		}
		up.ClockOffset = &offset
	}
	if len(up.Name) > 1024 || len(up.Site) > 100 || len(up.Key) > 200 {
		return fault(CodeInvalid, "name, site or Idempotency-Key is too long")
	}
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "multipart/form-data" {
		up.Body = r.Body
		if up.Name == "" {
			up.Name = "upload"
		}
		return take(up)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return &Error{CodeInvalid, "the multipart body cannot be read", err}
	}
	key := up.Key
	for i := 0; ; i++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return malformed(err)
		}
		file := up
		file.Body = partBody{part}
		if name := part.FileName(); file.Name == "" && name != "" {
			file.Name = name
		}
		if file.Name == "" {
			file.Name = "upload"
		}
		if key != "" {
			file.Key = key + "/" + strconv.Itoa(i)
		}
		if err := take(file); err != nil {
			return err
		}
	}
}

// partBody is the body of one file of a multipart request.
type partBody struct{ io.Reader }

func (b partBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = malformed(err)
	}
	return n, err
}

// malformed is the error of a body that breaks off or is no multipart body; one that is
// too large says so itself.
func malformed(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return &Error{CodeInvalid, "the multipart body breaks off or is malformed", err}
}

// patientBody gives the client a new deadline with every piece it sends: a large hand-in
// may take hours, a silent one may not.
type patientBody struct {
	io.ReadCloser
	rc *http.ResponseController
}

func (b *patientBody) Read(p []byte) (int, error) {
	_ = b.rc.SetReadDeadline(time.Now().Add(patience))
	n, err := b.ReadCloser.Read(p)
	// While the piece is worked on, nothing is due from the client.
	_ = b.rc.SetReadDeadline(time.Time{})
	return n, err
}
