package timeline

import (
	"context"

	"spoor/internal/export"
	"spoor/internal/schema"
)

// ExportColumns are the columns of an export.
var ExportColumns = []export.Column{
	{Name: "Time", Type: schema.DateTime},
	{Name: "Table", Type: schema.String},
	{Name: "SourceKind", Type: schema.String},
	{Name: "Site", Type: schema.String},
	{Name: "ActionType", Type: schema.String},
	{Name: "Summary", Type: schema.String},
	{Name: "Device", Type: schema.String},
	{Name: "Process", Type: schema.String},
	{Name: "CommandLine", Type: schema.String},
	{Name: "Account", Type: schema.String},
	{Name: "File", Type: schema.String},
	{Name: "Peer", Type: schema.String},
	{Name: "Port", Type: schema.Int},
	{Name: "Roles", Type: schema.Dynamic},
	{Name: "Outcome", Type: schema.String},
	{Name: "AlsoIn", Type: schema.Dynamic},
	{Name: "Alert", Type: schema.Bool},
	{Name: "RawId", Type: schema.String},
}

// exportPage is how many records an export reads at once.
const exportPage = 2000

// Export hands every record of a timeline to write, newest first, in the order of
// ExportColumns. The slice is used again.
func (t *Timelines) Export(ctx context.Context, req Request, write func(row []any) error) error {
	next := PageRequest{Request: req, Limit: exportPage}
	row := make([]any, len(ExportColumns))
	for {
		page, err := t.Page(ctx, next)
		if err != nil {
			return err
		}
		for i := range page.Items {
			it := &page.Items[i]
			copy(row, []any{
				schema.TicksOf(it.Time), it.Table, it.SourceKind, it.Site, it.ActionType, it.Summary, it.Device, it.Process, it.CommandLine,
				it.Account, it.File, it.Peer, it.Port, it.Roles, it.Outcome, it.AlsoIn, it.Alert, it.RawID,
			})
			if err := write(row); err != nil {
				return err
			}
		}
		if page.Older == "" {
			return nil
		}
		at, err := ParseCursor(page.Older)
		if err != nil {
			return err
		}
		next.After = &at
	}
}
