package server

import (
	"context"
	"strconv"
	"time"

	"spoor/internal/audit"
	"spoor/internal/entity"
	"spoor/internal/note"
)

// Notes is what people write about entities; *note.Store says how.
type Notes interface {
	List(ctx context.Context, about note.Subject) ([]note.Note, error)
	History(ctx context.Context, id int64) ([]note.Note, error)
	Add(ctx context.Context, about note.Subject, text, by string) (note.Note, error)
	Change(ctx context.Context, id int64, text, by string) (note.Note, error)
	Remove(ctx context.Context, id int64, by string) (note.Note, error)
	Alias(ctx context.Context, about note.Subject) (note.Alias, error)
	Aliases(ctx context.Context, about note.Subject) ([]note.Alias, error)
	AllAliases(ctx context.Context) (map[note.Subject]string, error)
	SetAlias(ctx context.Context, about note.Subject, text, by string) error
}

// Note is a note about an entity.
type Note struct {
	ID      int64     `json:"id"`
	Text    string    `json:"text" doc:"plain text; empty: this version took the note away"`
	By      string    `json:"by" doc:"who wrote this version"`
	At      time.Time `json:"at" doc:"of this version"`
	Author  string    `json:"author" doc:"who wrote the first version"`
	Created time.Time `json:"created" doc:"of the first version"`
	Changes int       `json:"changes" doc:"versions before this one"`
}

// EntityNotes is what people wrote about an entity.
type EntityNotes struct {
	Alias   string        `json:"alias" doc:"what people here call it; empty: nothing"`
	Aliases []AliasChange `json:"aliases" doc:"what it was called, newest first"`
	Notes   []Note        `json:"notes" doc:"newest first"`
}

// AliasChange is a name that an entity was given.
type AliasChange struct {
	Alias string    `json:"alias" doc:"empty: the name was taken away"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

func noteOf(n note.Note) Note { return Note{n.ID, n.Text, n.By, n.At, n.Author, n.Created, n.Changes} }

func notesOf(list []note.Note) []Note {
	out := make([]Note, len(list))
	for i, n := range list {
		out[i] = noteOf(n)
	}
	return out
}

// Annotated is what people write about: an entity, a prefix or an autonomous system. It
// is exported because huma reads parameters of embedded structs only then.
type Annotated struct {
	Kind string `path:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
	ID   string `path:"id" maxLength:"4096" doc:"as it stands in logs; made canonical"`
}

// subject is what the request speaks of, in canonical text; it is the audit log's target.
func (in *Annotated) subject(ctx context.Context) (note.Subject, error) {
	x := exchangeOf(ctx)
	x.target = in.Kind + " " + in.ID
	id, err := canonical(in.Kind, in.ID)
	if err != nil {
		return note.Subject{}, err
	}
	x.target = in.Kind + " " + id
	return note.Subject{Kind: in.Kind, ID: id}, nil
}

// canonical is the text under which an entity is kept, or many addresses.
func canonical(kind, text string) (string, error) {
	id, err := entity.Parse(entity.Kind(kind), text)
	if err != nil {
		return "", &Error{Code: CodeInvalid, Detail: err.Error()}
	}
	return id.Value, nil
}

func (s *Server) registerNotes() {
	type newNote struct {
		Annotated
		Body struct {
			Text string `json:"text" maxLength:"65536"`
		}
	}
	type noteByID struct {
		ID int64 `path:"id"`
	}
	type changedNote struct {
		ID   int64 `path:"id"`
		Body struct {
			Text string `json:"text" maxLength:"65536"`
		}
	}
	type newAlias struct {
		Annotated
		Body struct {
			Alias string `json:"alias" maxLength:"100" doc:"empty takes the name away"`
		}
	}
	handle(s, "GET /api/entities/{kind}/{id}/notes", "entityNotes", "notes", "What people wrote about an entity", s.entityNotes)
	handle(s, "POST /api/entities/{kind}/{id}/notes", "addNote", "notes", "Write a note",
		func(ctx context.Context, in *newNote) (*reply[Note], error) {
			about, err := in.subject(ctx)
			if err != nil {
				return nil, err
			}
			n, err := s.cfg.Notes.Add(ctx, about, in.Body.Text, exchangeOf(ctx).principal.Actor())
			return &reply[Note]{noteOf(n)}, err
		})
	handle(s, "PUT /api/entities/{kind}/{id}/alias", "setAlias", "notes", "Say what people here call it",
		func(ctx context.Context, in *newAlias) (*struct{}, error) {
			about, err := in.subject(ctx)
			if err != nil {
				return nil, err
			}
			x := exchangeOf(ctx)
			x.detail = map[string]string{"alias": in.Body.Alias}
			return nil, s.cfg.Notes.SetAlias(ctx, about, in.Body.Alias, x.principal.Actor())
		})
	handle(s, "GET /api/notes/{id}/history", "noteHistory", "notes", "The versions of a note, newest first",
		func(ctx context.Context, in *noteByID) (*reply[List[Note]], error) {
			list, err := s.cfg.Notes.History(ctx, in.ID)
			return &reply[List[Note]]{List[Note]{Items: notesOf(list)}}, err
		})
	handle(s, "PUT /api/notes/{id}", "changeNote", "notes", "Give a note another text; the one before stays in its history",
		func(ctx context.Context, in *changedNote) (*reply[Note], error) {
			x := exchangeOf(ctx)
			x.target = "note " + strconv.FormatInt(in.ID, 10)
			n, err := s.cfg.Notes.Change(ctx, in.ID, in.Body.Text, x.principal.Actor())
			if err == nil {
				x.target, x.detail = n.Subject.Kind+" "+n.Subject.ID, map[string]string{"note": strconv.FormatInt(in.ID, 10)}
			}
			return &reply[Note]{noteOf(n)}, err
		})
	handle(s, "DELETE /api/notes/{id}", "removeNote", "notes", "Take a note away; its history stays",
		func(ctx context.Context, in *noteByID) (*struct{}, error) {
			x := exchangeOf(ctx)
			x.target = "note " + strconv.FormatInt(in.ID, 10)
			n, err := s.cfg.Notes.Remove(ctx, in.ID, x.principal.Actor())
			if err == nil {
				x.target, x.detail = n.Subject.Kind+" "+n.Subject.ID, map[string]string{"note": strconv.FormatInt(in.ID, 10)}
			}
			return nil, err
		})
	type auditPage struct {
		Annotated
		Before int64 `query:"before" minimum:"0" doc:"entries with a lower id: the id of the last one seen"`
		Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"50"`
	}
	handle(s, "GET /api/entities/{kind}/{id}/audit", "entityAudit", "audit", "Who looked at an entity or changed what is kept of it, newest first",
		func(ctx context.Context, in *auditPage) (*reply[AuditPage], error) {
			about, err := in.subject(ctx)
			if err != nil {
				return nil, err
			}
			return s.auditPage(ctx, audit.Filter{Target: about.Kind + " " + about.ID, Before: in.Before, Limit: in.Limit})
		})
}

func (s *Server) entityNotes(ctx context.Context, in *Annotated) (*reply[EntityNotes], error) {
	about, err := in.subject(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.cfg.Notes.List(ctx, about)
	if err != nil {
		return nil, err
	}
	aliases, err := s.cfg.Notes.Aliases(ctx, about)
	out := EntityNotes{Notes: notesOf(list), Aliases: []AliasChange{}}
	for _, a := range aliases {
		out.Aliases = append(out.Aliases, AliasChange{a.Text, a.By, a.At})
	}
	if len(aliases) > 0 {
		out.Alias = aliases[0].Text
	}
	return &reply[EntityNotes]{out}, err
}
