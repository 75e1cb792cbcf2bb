package server

import (
	"context"
	"strings"
	"time"

	"spoor/internal/account"
	"spoor/internal/audit"
	"spoor/internal/entity"
	"spoor/internal/entitypage"
	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// RecentPage is an entity whose page someone looked at.
type RecentPage struct {
	Kind string    `json:"kind" enum:"ip,domain,url,hash,account,device,cidr,range,asn"`
	ID   string    `json:"id"`
	At   time.Time `json:"at" doc:"when it was last looked at"`
}

// RecentPages are the pages that someone looked at lately.
type RecentPages struct {
	Items []RecentPage `json:"items"`
	Query string       `json:"query" doc:"KQL of the audit log that gives them; empty for who may not read it"`
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
		func(ctx context.Context, _ *struct{}) (*reply[RecentPages], error) {
			p := exchangeOf(ctx).principal
			entries, err := s.cfg.Audit.List(ctx, audit.Filter{Actor: p.Actor(), Action: "entity.read", Limit: recentEntries})
			return &reply[RecentPages]{RecentPages{pagesOf(entries), recentQuery(p)}}, err
		})
}

// recentQuery is what gives the entries of the audit log that pages come from.
func recentQuery(p account.Principal) string {
	if p.Role != account.Admin {
		return ""
	}
	return schema.SpoorAudit + "\n| where Action == \"entity.read\" and Succeeded and Actor == " + value.JSONString(p.Actor()) +
		"\n| summarize Looked = max(TimeGenerated) by Target\n| sort by Looked desc"
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
