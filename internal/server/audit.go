package server

import (
	"context"
	"time"

	"spoor/internal/audit"
	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// AuditEntry is one thing that was done or asked.
type AuditEntry struct {
	ID        int64             `json:"id"`
	Time      time.Time         `json:"time"`
	Actor     string            `json:"actor"`
	Role      string            `json:"role"`
	Action    string            `json:"action"`
	Target    string            `json:"target"`
	ClientIP  string            `json:"clientIp"`
	Succeeded bool              `json:"succeeded"`
	Rows      int64             `json:"rows"`
	Duration  float64           `json:"durationMs"`
	Detail    map[string]string `json:"detail,omitempty"`
}

// AuditPage is a part of the audit log.
type AuditPage struct {
	Items []AuditEntry `json:"items"`
	Query string       `json:"query" doc:"KQL that gives all of it"`
}

func (s *Server) registerAudit() {
	type filter struct {
		Actor  string `query:"actor"`
		Action string `query:"action"`
		Before int64  `query:"before" minimum:"0" doc:"entries with a lower id: the id of the last one seen"`
		Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	handle(s, "GET /api/audit", "listAudit", "audit", "The newest entries of the audit log, newest first",
		func(ctx context.Context, in *filter) (*reply[AuditPage], error) {
			return s.auditPage(ctx, audit.Filter{Actor: in.Actor, Action: in.Action, Before: in.Before, Limit: in.Limit})
		})
}

func (s *Server) auditPage(ctx context.Context, f audit.Filter) (*reply[AuditPage], error) {
	entries, err := s.cfg.Audit.List(ctx, f)
	out := &reply[AuditPage]{}
	out.Body.Query = schema.SpoorAudit + " | sort by TimeGenerated desc"
	if f.Target != "" {
		out.Body.Query = schema.SpoorAudit + " | where Target == " + value.JSONString(f.Target) + " | sort by TimeGenerated desc"
	}
	out.Body.Items = make([]AuditEntry, 0, len(entries))
	for _, e := range entries {
		out.Body.Items = append(out.Body.Items, AuditEntry{
			e.ID, e.Time, e.Actor, e.Role, e.Action, e.Target, e.ClientIP, e.Succeeded, e.Rows,
			float64(e.Duration.Microseconds()) / 1000, e.Detail,
		})
	}
	return out, err
}
