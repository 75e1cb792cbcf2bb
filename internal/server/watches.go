package server

import (
	"context"
	"strconv"
	"time"

	"spoor/internal/account"
	"spoor/internal/entity"
	"spoor/internal/watch"
)

// Watches are the marks on entities; *watch.Store says how.
type Watches interface {
	Marks(ctx context.Context) ([]watch.Mark, error)
	Add(ctx context.Context, m watch.Mark, known watch.Count) (watch.Mark, error)
	End(ctx context.Context, id int64) (watch.Mark, error)
	Notices(ctx context.Context, owner string, limit int) (list []watch.Notice, unread int, err error)
	MarkRead(ctx context.Context, owner string, upTo int64) error
}

// Watch is a mark on an entity: its owner hears of the next records.
type Watch struct {
	ID      int64      `json:"id"`
	Kind    string     `json:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
	Entity  string     `json:"entity" doc:"canonical text"`
	Owner   string     `json:"owner"`
	Reason  string     `json:"reason"`
	Created time.Time  `json:"created"`
	Expires *time.Time `json:"expires" doc:"null: never"`
}

// Notice says that there are new records of a watched entity.
type Notice struct {
	ID       int64     `json:"id"`
	Watch    Watch     `json:"watch"`
	At       time.Time `json:"at" doc:"when it was found"`
	Records  int64     `json:"records" doc:"new records, of all source kinds"`
	Contacts int64     `json:"contacts" doc:"of them established or permitted connections"`
	Last     time.Time `json:"last" doc:"event time of the latest record"`
	Devices  int64     `json:"devices" doc:"own hosts in all its records"`
	Read     bool      `json:"read"`
}

// Notices are the newest notices of whoever asks.
type Notices struct {
	Items  []Notice `json:"items" doc:"newest first"`
	Unread int      `json:"unread" doc:"in all"`
}

func watchOf(m watch.Mark) Watch {
	return Watch{m.ID, string(m.Entity.Kind), m.Entity.Value, m.Owner, m.Reason, m.Created, orNull(m.Expires)}
}

func (s *Server) registerWatches() {
	type filter struct {
		Kind   string `query:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn" doc:"with entity: those on it"`
		Entity string `query:"entity" maxLength:"4096"`
	}
	handle(s, "GET /api/watches", "listWatches", "watches", "The marks that hold, newest first",
		func(ctx context.Context, in *filter) (*reply[List[Watch]], error) {
			var on string
			var err error
			if in.Entity != "" {
				if on, err = canonical(in.Kind, in.Entity); err != nil {
					return nil, err
				}
			}
			marks, err := s.cfg.Watches.Marks(ctx)
			out := &reply[List[Watch]]{List[Watch]{Items: []Watch{}}}
			for _, m := range marks {
				if on == "" || m.Entity.Value == on && string(m.Entity.Kind) == in.Kind {
					out.Body.Items = append(out.Body.Items, watchOf(m))
				}
			}
			return out, err
		})
	type newWatch struct {
		Body struct {
			Kind    string     `json:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
			Entity  string     `json:"entity" maxLength:"4096"`
			Reason  string     `json:"reason" maxLength:"2000"`
			Expires *time.Time `json:"expires,omitempty" doc:"absent: never"`
		}
	}
	handle(s, "POST /api/watches", "addWatch", "watches", "Hear of the next records of an entity; a mark of yours on it ends",
		func(ctx context.Context, in *newWatch) (*reply[Watch], error) {
			x := exchangeOf(ctx)
			x.target = in.Body.Kind + " " + in.Body.Entity
			id, err := entity.Parse(entity.Kind(in.Body.Kind), in.Body.Entity)
			if err != nil {
				return nil, &Error{Code: CodeInvalid, Detail: err.Error()}
			}
			x.target, x.detail = in.Body.Kind+" "+id.Value, map[string]string{"reason": in.Body.Reason}
			known, err := s.cfg.Entities.Watched(ctx, []entity.ID{id})
			if err != nil {
				return nil, err
			}
			m := watch.Mark{Entity: id, Owner: x.principal.Actor(), Reason: in.Body.Reason}
			if in.Body.Expires != nil {
				m.Expires = in.Body.Expires.UTC()
			}
			var count watch.Count
			if k := known[id]; k != nil {
				count = watch.Count{Records: k.AllRecords, Contacts: k.Contacts}
			}
			m, err = s.cfg.Watches.Add(ctx, m, count)
			return &reply[Watch]{watchOf(m)}, err
		})
	type byID struct {
		ID int64 `path:"id"`
	}
	handle(s, "DELETE /api/watches/{id}", "endWatch", "watches", "End a mark of yours; administrators end any",
		func(ctx context.Context, in *byID) (*struct{}, error) {
			x := exchangeOf(ctx)
			x.target = "watch " + strconv.FormatInt(in.ID, 10)
			marks, err := s.cfg.Watches.Marks(ctx)
			if err != nil {
				return nil, err
			}
			for _, m := range marks {
				if m.ID == in.ID && m.Owner != x.principal.Actor() && !x.principal.Role.Covers(account.Admin) {
					return nil, fault(CodeForbidden, "the mark is %s's", m.Owner)
				}
			}
			m, err := s.cfg.Watches.End(ctx, in.ID)
			if err == nil {
				x.target = string(m.Entity.Kind) + " " + m.Entity.Value
			}
			return nil, err
		})
	type latest struct {
		Limit int `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}
	handle(s, "GET /api/notices", "notices", "watches", "What there is new of the entities that you watch",
		func(ctx context.Context, in *latest) (*reply[Notices], error) {
			list, unread, err := s.cfg.Watches.Notices(ctx, exchangeOf(ctx).principal.Actor(), in.Limit)
			out := &reply[Notices]{Notices{Items: []Notice{}, Unread: unread}}
			for _, n := range list {
				out.Body.Items = append(out.Body.Items, Notice{n.ID, watchOf(n.Mark), n.At, n.Records, n.Contacts, n.Last, n.Devices, n.Read})
			}
			return out, err
		})
	type upTo struct {
		Body struct {
			UpTo int64 `json:"upTo" doc:"id of the newest notice that was read"`
		}
	}
	handle(s, "POST /api/notices/read", "readNotices", "watches", "Say that notices were read",
		func(ctx context.Context, in *upTo) (*struct{}, error) {
			return nil, s.cfg.Watches.MarkRead(ctx, exchangeOf(ctx).principal.Actor(), in.Body.UpTo)
		})
}
