package main

import (
	"context"
	"fmt"
	"strings"

	"spoor/internal/ingest"
	"spoor/internal/ingest/decode"
	"spoor/internal/ingest/receive"
	"spoor/internal/kql/syntax"
	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
	"spoor/internal/server"
)

// uploads takes what the server receives through the pipeline.
type uploads struct{ svc *service }

// Ingest implements server.Ingester.
func (u uploads) Ingest(ctx context.Context, up server.Upload) ([]server.IngestedLog, error) {
	cfg := u.svc.settings.receive
	cfg.TempDir, cfg.Room = u.svc.settings.dataDir, u.svc.events.Room
	if up.Format != "" {
		if cfg.Format = decode.ByName(up.Format); cfg.Format == nil {
			return nil, &server.Error{Code: server.CodeInvalid, Detail: noFormat(up.Format).Error()}
		}
	}
	o := ingest.Options{Site: up.Site}
	if up.ClockOffset != nil {
		offset := schema.DurationTicks(*up.ClockOffset)
		o.ClockOffset = &offset
	}
	if up.Progress != nil {
		o.Progress = func(r ingest.Report) { up.Progress(ingestedLog(r)) }
	}
	var logs []server.IngestedLog
	err := receive.Stream(ctx, up.Name, up.Body, cfg, receive.Visitor{
		Input: func(in *receive.Input) error {
			if up.Key != "" {
				o.Key = up.Key + "/" + in.Name // an archive holds several
			}
			report, err := u.svc.pipeline.Run(ctx, in, o)
			logs = append(logs, ingestedLog(report))
			return err
		},
		Problem: func(p *receive.Problem) {
			logs = append(logs, server.IngestedLog{Name: p.Name, Site: up.Site, Skipped: p.Reason})
		},
	})
	return logs, err
}

// noFormat says that logs cannot be read as something.
func noFormat(name string) error {
	return fmt.Errorf("there is no format %q: one of %s", name, strings.Join(decode.FormatNames(), ", "))
}

func ingestedLog(r ingest.Report) server.IngestedLog {
	return server.IngestedLog{
		Name: r.Name, Site: r.Site, Format: r.Format, SourceID: r.SourceID,
		Read: r.Read, Stored: r.Stored, Unmapped: r.Unmapped, Quarantined: r.Quarantined, Known: r.Known,
		ByTable: r.Tables, UnmappedTypes: r.UnmappedTypes,
		ClockOffset: value.FormatTimeSpan(r.ClockOffset), Skipped: r.Problem,
	}
}

// auditedRunner folds the audit log into its event table before a query reads it, so
// that KQL sees what was done a moment ago.
type auditedRunner struct{ svc *service }

// Run implements server.Querier.
func (a auditedRunner) Run(ctx context.Context, req query.Request) (*query.Result, error) {
	reads := strings.Contains(req.Text, schema.SpoorAudit)
	if !reads {
		var err error
		if reads, err = a.svc.library.mention(ctx, schema.SpoorAudit); err != nil {
			return nil, err
		}
	}
	if reads {
		if _, err := a.svc.fold.Fold(ctx); err != nil {
			return nil, err
		}
	}
	return a.svc.runner.Run(ctx, req)
}

// Explain implements server.Querier.
func (a auditedRunner) Explain(ctx context.Context, req query.Request) (query.Explanation, error) {
	return a.svc.runner.Explain(ctx, req)
}

// CheckFunction implements server.Querier.
func (a auditedRunner) CheckFunction(ctx context.Context, name, text string, o query.Options) error {
	return a.svc.runner.CheckFunction(ctx, name, text, o)
}

// Check implements server.Querier.
func (a auditedRunner) Check(ctx context.Context, req query.Request) ([]query.Column, []syntax.Diagnostic, error) {
	return a.svc.runner.Check(ctx, req)
}
