package server

import (
	"context"
	"strings"
	"time"

	"spoor/internal/audit"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
)

// RecentPage is an entity whose page someone looked at.
type RecentPage struct {
	Kind string    `json:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
	ID   string    `json:"id"`
	At   time.Time `json:"at" doc:"when it was last looked at"`
}

// Bounds of the pages looked at lately: how many are listed, and in how many of the latest
// entries of the audit log they are looked for. A page makes some fifteen.
const (
	recentPages   = 12
	recentEntries = 1000
)

// registerHome registers what the first page shows.
func (s *Server) registerHome() {
	handle(s, "GET /api/newcomers", "newcomers", "entities", "External addresses first seen in the latest seven days, the rarest first",
		func(ctx context.Context, _ *struct{}) (*reply[entitypage.Newcomers], error) {
			found, err := s.cfg.Entities.Newcomers(ctx)
			return &reply[entitypage.Newcomers]{found}, err
		})
	handle(s, "GET /api/recent", "recentPages", "entities", "The entities whose pages you looked at lately, the latest first",
		func(ctx context.Context, _ *struct{}) (*reply[List[RecentPage]], error) {
			entries, err := s.cfg.Audit.List(ctx, audit.Filter{Actor: exchangeOf(ctx).principal.Actor(), Action: "entity.read", Limit: recentEntries})
			return &reply[List[RecentPage]]{List[RecentPage]{Items: pagesOf(entries)}}, err
		})
}

// pagesOf are the entities that entries of the audit log name, each once.
func pagesOf(entries []audit.Entry) []RecentPage {
	pages := []RecentPage{}
	seen := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		kind, id, _ := strings.Cut(e.Target, " ")
		if _, err := entity.Parse(entity.Kind(kind), id); err != nil || !e.Succeeded || seen[e.Target] {
			continue
		}
		seen[e.Target] = true
		if pages = append(pages, RecentPage{kind, id, e.Time}); len(pages) == recentPages {
			break
		}
	}
	return pages
}
