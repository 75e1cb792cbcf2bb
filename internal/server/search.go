package server

import (
	"context"
	"net/url"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/store"
)

// Suggestion is one thing a text may name.
type Suggestion struct {
	Kind string `json:"kind" enum:"ip,domain,url,hash,account,device"`
	ID   string `json:"id" doc:"canonical text"`
	Seen bool   `json:"seen" doc:"there is a record of it"`
	Note string `json:"note,omitempty" doc:"how the text was read, where it was changed"`
}

// Suggestions are what a text may name, the seen ones first.
type Suggestions struct {
	Items []Suggestion `json:"suggestions"`
}

func (s *Server) registerSearch() {
	type text struct {
		Q string `query:"q" required:"true" maxLength:"4096"`
	}
	handle(s, "GET /api/search", "search", "entities", "What a text may name: an address, a domain, a hash …",
		func(ctx context.Context, in *text) (*reply[Suggestions], error) {
			exchangeOf(ctx).target = in.Q
			out := Suggestions{Items: []Suggestion{}}
			var unseen []Suggestion
			for _, c := range candidates(in.Q) {
				found, err := s.cfg.Events.Stretches(ctx, store.StretchQuery{LedgerQuery: store.LedgerQuery{Kind: entity.Kind(c.Kind), Entity: c.ID}})
				if err != nil {
					return nil, err
				}
				if c.Seen = len(found) > 0; c.Seen {
					out.Items = append(out.Items, c)
				} else {
					unseen = append(unseen, c)
				}
			}
			out.Items = append(out.Items, unseen...)
			return &reply[Suggestions]{out}, nil
		})
}

// defanged are the ways in which reports write what must not be clicked.
var defanged = strings.NewReplacer("[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "[:]", ":", "[://]", "://", "[@]", "@",
	"hxxps://", "https://", "hxxp://", "http://", "hXXps://", "https://", "hXXp://", "http://")

// candidates lists what a text may name, the likeliest first.
func candidates(text string) []Suggestion {
	text = strings.TrimSpace(text)
	plain := defanged.Replace(text)
	var list []Suggestion
	add := func(kind entity.Kind, s string) bool {
		id, err := entity.Parse(kind, s)
		if err != nil {
			return false
		}
		c := Suggestion{Kind: string(kind), ID: id.Value}
		if id.Value != text {
			c.Note = "read as " + id.Value
		}
		list = append(list, c)
		return true
	}
	if add(entity.IP, plain) || add(entity.Hash, plain) {
		return list
	}
	if add(entity.URL, plain) {
		if u, err := url.Parse(plain); err == nil && !add(entity.IP, u.Hostname()) {
			add(entity.Domain, u.Hostname())
		}
		return list
	}
	if strings.ContainsAny(plain, `\@`) {
		add(entity.Account, plain)
		return list
	}
	if !strings.ContainsAny(plain, " \t\r\n/:") {
		add(entity.Domain, plain)
		add(entity.Device, plain)
		add(entity.Account, plain)
	}
	return list
}
